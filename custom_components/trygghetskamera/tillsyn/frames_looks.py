"""What integration and bridge say to each other about a look: whether it may be, how its media is, and its lease."""

from dataclasses import dataclass
from typing import ClassVar

from .errors import CloseReason, Refusal
from .frame import CAMERA_ID, CHAIN, TOKEN, Frame
from .strict import Shape, boolean, matching, one_of, whole
from .wire import HASH, LOOK_ID


@dataclass(frozen=True, slots=True)
class Allow(Frame):
    """Yes to a Prepare: make the connection ready for this look and answer the operator with a tk-offer."""

    TYPE: ClassVar[str] = "allow"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID})
    look: str


@dataclass(frozen=True, slots=True)
class Warm(Frame):
    """The gate is opening: connect and PLAY this camera's stream; forward nothing yet."""

    TYPE: ClassVar[str] = "warm"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "camera": CAMERA_ID})
    look: str
    camera: str


@dataclass(frozen=True, slots=True)
class Hold(Frame):
    """The operator turns to another room: nothing more of this camera leaves and its stream is let go. The connection
    to the operator stays, until the next lease (for another camera) or StopPicture.
    """

    TYPE: ClassVar[str] = "hold"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "camera": CAMERA_ID})
    look: str
    camera: str


@dataclass(frozen=True, slots=True)
class Lease(Frame):
    """Picture of this camera may flow for ``ttl_ms`` from receipt, by the bridge's monotonic clock. ``counter`` only
    grows within a look.

    The bridge answers each with LeaseHeld. Unrenewed: nothing more leaves and the bridge drives the camera private.
    """

    TYPE: ClassVar[str] = "lease"
    SHAPE: ClassVar[Shape] = Shape(
        {"look": LOOK_ID, "camera": CAMERA_ID, "counter": whole(1, 2**31), "ttl_ms": whole(1, 3000)}
    )
    look: str
    camera: str
    counter: int
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class StopPicture(Frame):
    """The look is over (or was only prepared): nothing more leaves, close all. Answered by Stopped."""

    TYPE: ClassVar[str] = "stop_picture"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "reason": one_of(CloseReason)})
    look: str
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class LookRequest(Frame):
    """A tk-look for a connected peer, with the tk-offer and tk-answer it is bound to, for the integration to judge."""

    TYPE: ClassVar[str] = "look_request"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "token": TOKEN, "chain": CHAIN, "offer": TOKEN, "answer": TOKEN})
    look: str
    token: str
    chain: tuple[str, ...]
    offer: str
    answer: str


@dataclass(frozen=True, slots=True)
class Session(Frame):
    """How the media of a look is: 'connected' (peer ready), 'playing' (camera stream runs), 'first_packet' (sent),
    'picture_lost' or 'operator_gone'.
    """

    TYPE: ClassVar[str] = "session"
    SHAPE: ClassVar[Shape] = Shape(
        {"look": LOOK_ID, "state": matching("connected|playing|first_packet|picture_lost|operator_gone")}
    )
    look: str
    state: str


@dataclass(frozen=True, slots=True)
class LeaseHeld(Frame):
    """The bridge holds lease ``counter`` of this look."""

    TYPE: ClassVar[str] = "lease_held"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "counter": whole(1, 2**31)})
    look: str
    counter: int


@dataclass(frozen=True, slots=True)
class Stopped(Frame):
    """Nothing leaves any more. ``packets`` sent in this look; ``last_ms``: UTC milliseconds of the last one, 0 if
    none.
    """

    TYPE: ClassVar[str] = "stopped"
    SHAPE: ClassVar[Shape] = Shape(
        {"look": LOOK_ID, "packets": whole(0, 2**40), "last_ms": whole(0, 9_999_999_999_999)}
    )
    look: str
    packets: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class DroveAway(Frame):
    """The bridge drove this camera to its privacy position by itself, because a lease ran out."""

    TYPE: ClassVar[str] = "drove_away"
    SHAPE: ClassVar[Shape] = Shape({"camera": CAMERA_ID, "done": boolean})
    camera: str
    done: bool


@dataclass(frozen=True, slots=True)
class Refuse(Frame):
    """Integration -> bridge: no to a Signed prepare or LookRequest, by its hash; the bridge signs tk-refuse."""

    TYPE: ClassVar[str] = "refuse"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "request": HASH, "code": one_of(Refusal)})
    look: str
    request: str
    code: Refusal
