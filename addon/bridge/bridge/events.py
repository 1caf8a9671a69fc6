"""What can happen to the looks of this home, and what is to be done about it: the two vocabularies of session.py."""

from dataclasses import dataclass

from tillsyn.errors import Refusal
from tillsyn.frames import Frame, Signed
from tillsyn.wire import Connection

from .trust import Said

# ---- events ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HomeUp:
    """An integration is connected, and has said which cameras there are."""


@dataclass(frozen=True, slots=True)
class HomeDown:
    """The integration is gone, or another takes its place."""


@dataclass(frozen=True, slots=True)
class FromHome:
    """A frame of the integration: Allow, Refuse, Warm, Hold, Lease, StopPicture or Sign."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class FromService:
    """A signed statement that a person sent through the service."""

    frame: Signed


@dataclass(frozen=True, slots=True)
class Gathered:
    """This end of the connection is ready to be offered. ``challenge``: 32 fresh random bytes, base64url."""

    look: str
    connection: Connection
    challenge: str


@dataclass(frozen=True, slots=True)
class NoPath:
    """No relay, no connection to the operator, or not the operator at its other end."""

    look: str
    code: Refusal = Refusal.NO_RELAY


@dataclass(frozen=True, slots=True)
class Connected:
    """The operator's end is connected, and its certificate is the signed one."""

    look: str


@dataclass(frozen=True, slots=True)
class MediaState:
    """'playing', 'first_packet', 'picture_lost' or 'operator_gone', as in frames.Session."""

    look: str
    state: str


@dataclass(frozen=True, slots=True)
class LookedAway:
    """This camera has been read back at its privacy position, by the bridge itself."""

    camera: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A deadline may have passed."""


type Event = HomeUp | HomeDown | FromHome | FromService | Gathered | NoPath | Connected | MediaState | LookedAway | Tick

# ---- effects --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToHome:
    """Send to the integration."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class ToService:
    """Send to the service. ``keep``: hold it while the service is away."""

    frame: Signed
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Gather:
    """Make a peer and gather candidates; answered by Gathered or NoPath."""

    look: str


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect with exactly the operator's signed end; answered by Connected or NoPath."""

    look: str
    connection: Connection


@dataclass(frozen=True, slots=True)
class StartCamera:
    """Connect to this camera's stream and play it; nothing is forwarded."""

    look: str
    camera: str


@dataclass(frozen=True, slots=True)
class HoldPicture:
    """Nothing leaves from now on; let go of the camera's stream, and stay connected to the operator."""

    look: str


@dataclass(frozen=True, slots=True)
class OpenPicture:
    """The first lease for this camera is held: forward, from the first key frame asked for now."""

    look: str
    camera: str


@dataclass(frozen=True, slots=True)
class EndPicture:
    """Nothing leaves from now on; close stream and connection, and tell the integration how much was sent."""

    look: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection of a look that never opened."""

    look: str


@dataclass(frozen=True, slots=True)
class WatchCamera:
    """The integration drives this camera private now: read back that it does."""

    camera: str


@dataclass(frozen=True, slots=True)
class DriveAway:
    """Drive this camera private, until it is read back there."""

    camera: str


@dataclass(frozen=True, slots=True)
class LeaveCamera:
    """The integration opens this camera's gate, so the bridge must not drive or watch it any more."""

    camera: str


@dataclass(frozen=True, slots=True)
class KeepSaid:
    """Keep what the root has said."""

    said: Said


type LookEffect = Gather | Connect | StartCamera | HoldPicture | OpenPicture | EndPicture | Drop
type Effect = ToHome | ToService | LookEffect | WatchCamera | DriveAway | LeaveCamera | KeepSaid
