"""The assurance class of an installation: what holds if something fails. The classes are those of docs/limits."""

from enum import StrEnum

from .config import CameraConfig


class Assurance(StrEnum):
    """From the weakest to the strongest; the value is the class' name and, in small letters, a translation key.

    D: a lease, and looking away is repeated until it is read back. E: D, and the bridge drives the camera away by
    itself. F: E, and the power can be cut.
    """

    D = "D"
    E = "E"
    F = "F"


def assurance_of(config: CameraConfig, *, has_bridge: bool) -> Assurance:
    """The class of this camera's installation. ``has_bridge``: the bridge is there and knows where to drive it."""
    if not has_bridge:
        return Assurance.D
    return Assurance.F if config.power_switch else Assurance.E
