"""An ONVIF night camera without hardware: a drawn bedroom that pans, tilts, zooms and fails on demand."""

from .camera import VirtualCamera
from .faults import Faults, Motor, PresetFault, StatusFault, StreamFault
from .marks import Look, Marks, Person, read_marks
from .motor import Position
from .settings import BED, CEILING, CENTRE, Codec, Preset, Profile, Settings, profile_720p15, profile_1080p25

__all__ = [
    "BED",
    "CEILING",
    "CENTRE",
    "Codec",
    "Faults",
    "Look",
    "Marks",
    "Motor",
    "Person",
    "Position",
    "Preset",
    "PresetFault",
    "Profile",
    "Settings",
    "StatusFault",
    "StreamFault",
    "VirtualCamera",
    "profile_720p15",
    "profile_1080p25",
    "read_marks",
]
