"""The demonstration: every part of the system as a real process on this machine, set up as its users would do it."""
