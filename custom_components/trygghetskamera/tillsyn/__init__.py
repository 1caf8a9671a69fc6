"""The pure core of Trygghetskamera: who may look, when, for how long, and the proof of it.

No I/O, no clock, no Home Assistant. Home Assistant imports it as ``.tillsyn``, the apps as ``tillsyn``.
"""
