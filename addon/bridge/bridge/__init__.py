"""Relays one look from the camera to the operator, only while the gate is open."""
