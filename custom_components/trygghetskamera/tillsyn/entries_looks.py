"""Entries of the journal about looks, their receipts, and aiming."""

from dataclasses import dataclass
from typing import ClassVar

from .entry import BY, CAMERA, MS, TOKEN, Entry
from .errors import CloseReason, Refusal
from .frame import CHAIN
from .frames import KEPT_AT_ONCE
from .model import Room
from .strict import Shape, many, one_of, text
from .wire import HASH, LOOK_ID, NAME, OCCURRENCE, Included, included


@dataclass(frozen=True, slots=True)
class LookStarted(Entry):
    """Stored before the camera moves."""

    KIND: ClassVar[str] = "look_started"
    SHAPE: ClassVar[Shape] = Shape(
        {"look": LOOK_ID, "occurrence": OCCURRENCE, "operator": HASH, "name": NAME, "room": one_of(Room)},
        absent={"room": "bedroom"},
    )
    look: str
    occurrence: str
    operator: str
    name: str
    room: Room = Room.BEDROOM


@dataclass(frozen=True, slots=True)
class LookTurned(Entry):
    """The operator turned to another room; stored before its camera moves."""

    KIND: ClassVar[str] = "look_turned"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "room": one_of(Room)})
    look: str
    room: Room


@dataclass(frozen=True, slots=True)
class LookEnded(Entry):
    """The look is over; the times are those of the receipt (milliseconds UTC)."""

    KIND: ClassVar[str] = "look_ended"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "opened_ms": MS, "closed_ms": MS, "reason": one_of(CloseReason)})
    look: str
    opened_ms: int
    closed_ms: int
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class ReceiptSigned(Entry):
    """The hub-signed receipt of the look that ended."""

    KIND: ClassVar[str] = "receipt"
    SHAPE: ClassVar[Shape] = Shape({"token": TOKEN})
    token: str


@dataclass(frozen=True, slots=True)
class ReceiptAcknowledged(Entry):
    """Whoever looked has seen the receipt: their tk-receipt-ack, and who vouches for its key (chain.py)."""

    KIND: ClassVar[str] = "receipt_ack"
    SHAPE: ClassVar[Shape] = Shape({"token": TOKEN, "chain": CHAIN})
    token: str
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReceiptsKept(Entry):
    """The municipality's service has shown that it has kept these receipts, and the proofs hold. As in frames.Kept."""

    KIND: ClassVar[str] = "receipts_kept"
    SHAPE: ClassVar[Shape] = Shape({"key": TOKEN, "checkpoint": TOKEN, "receipts": many(included, 1, KEPT_AT_ONCE)})
    key: str
    checkpoint: str
    receipts: tuple[Included, ...]


@dataclass(frozen=True, slots=True)
class CheckpointsDiffer(Entry):
    """The municipality's service has said two different things of one night: both checkpoints, each with its key."""

    KIND: ClassVar[str] = "checkpoints_differ"
    SHAPE: ClassVar[Shape] = Shape({"first_key": TOKEN, "first": TOKEN, "second_key": TOKEN, "second": TOKEN})
    first_key: str
    first: str
    second_key: str
    second: str


@dataclass(frozen=True, slots=True)
class LookRefused(Entry):
    """Someone asked to look and was refused. ``name`` is '' where the signer could not be verified."""

    KIND: ClassVar[str] = "refused"
    SHAPE: ClassVar[Shape] = Shape({"name": text(0, 80), "code": one_of(Refusal)})
    name: str
    code: Refusal


@dataclass(frozen=True, slots=True)
class LookMissed(Entry):
    """An agreed window has passed and nobody was seen, nor had anyone asked to be left alone."""

    KIND: ClassVar[str] = "look_missed"
    SHAPE: ClassVar[Shape] = Shape({"occurrence": OCCURRENCE})
    occurrence: str


@dataclass(frozen=True, slots=True)
class AimingStarted(Entry):
    """An administrator at home aims the camera; stored before it moves."""

    KIND: ClassVar[str] = "aiming_started"
    SHAPE: ClassVar[Shape] = Shape({"by": BY, "camera": CAMERA}, absent={"camera": ""})
    by: str
    camera: str = ""


@dataclass(frozen=True, slots=True)
class AimingEnded(Entry):
    """Aiming is over."""

    KIND: ClassVar[str] = "aiming_ended"
    SHAPE: ClassVar[Shape] = Shape({"reason": one_of(CloseReason), "camera": CAMERA}, absent={"camera": ""})
    reason: CloseReason
    camera: str = ""
