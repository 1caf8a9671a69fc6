"""What the gate knows (``Gate``), hears (events) and asks for (effects): plain values, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from .admission import Grant
from .errors import CloseReason, Problem, Refusal
from .model import Instant, Outcome, Plan, Spent
from .schedule import Moved


class Place(StrEnum):
    """Where the gate is. Only OPEN lets pictures flow to an operator, only AIMING to the installer."""

    CLOSED = "closed"
    CLOSING = "closing"
    OPENING = "opening"
    OPEN = "open"
    AIMING = "aiming"
    FAULT = "fault"
    DARK = "dark"
    """Without power, as somebody wished: it cannot see, and needs no reading back until it has power again."""


class Target(StrEnum):
    """The two agreed positions of the camera."""

    VIEW = "view"
    PRIVACY = "privacy"


@dataclass(frozen=True, slots=True)
class Aim:
    """An installer, administrator at home, who aims the camera; ``by`` is the Home Assistant user's id."""

    by: str


@dataclass(frozen=True, slots=True)
class Running:
    """The look or aiming in progress. ``stored``: its start is on disk. ``opened``: when the view was read back.

    ``held``: monotonic second of the last held lease. ``request``: hash of what the operator is answered to. After a
    turn to this camera, ``first`` is when the look's first view was read back and ``until`` (monotonic second) when
    the look must be over, whatever the camera.
    """

    reason: Grant | Aim
    began: Instant
    request: str = ""
    first: Instant | None = None
    until: float | None = None
    opened: Instant | None = None
    counter: int = 0
    held: float = 0.0
    stored: bool = False


_NOTHING_SPENT: Mapping[str, Spent] = MappingProxyType({})
_NOTHING_MOVED: Moved = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Gate:
    """All that the gate of one camera knows. A new one knows nothing: it is closing and refuses all until ``Loaded``.

    ``used``: looks that have begun, ever. ``skipped``, ``moved``: occurrences the client does without, or has moved.
    ``refused``: the latest clicks refused, so that none can be played again. ``move_began`` and
    ``boots_until``, until when a camera that was given power may be starting: monotonic seconds.
    """

    place: Place = Place.CLOSING
    journal: bool = False
    consent: bool = False
    paused: bool = True
    private: bool = True
    stopping: bool = False
    power: bool = True
    plan: Plan | None = None
    spent: Mapping[str, Spent] = field(default_factory=lambda: _NOTHING_SPENT)
    used: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    moved: Moved = field(default_factory=lambda: _NOTHING_MOVED)
    running: Running | None = None
    serial: int = 0
    move_began: float = 0.0
    attempts: int = 0
    boots_until: float = 0.0
    refused: tuple[str, ...] = ()


# ---- events ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The shell runs: look away first, whatever else is up."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The journal has been read whole: consent, pause, privacy, plan and what the journal says is used.

    What it leaves without an end (``journal.Record.interrupted``, ``aiming``) has been ended there first.
    """

    consent: bool
    paused: bool
    private: bool
    plan: Plan | None
    spent: Mapping[str, Spent]
    used: frozenset[str]
    skipped: frozenset[str] = frozenset()
    moved: Moved = field(default_factory=lambda: _NOTHING_MOVED)


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """Consent of client and every cohabitant is complete, or is not."""

    given: bool


@dataclass(frozen=True, slots=True)
class PauseChanged:
    """The home is paused, or is not."""

    paused: bool


@dataclass(frozen=True, slots=True)
class PrivacyChanged:
    """The camera's privacy switch."""

    private: bool


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """Another plan has been accepted at home, or none is left."""

    plan: Plan | None


@dataclass(frozen=True, slots=True)
class WishesChanged:
    """What the client does without, and what the client has moved."""

    skipped: frozenset[str]
    moved: Moved


@dataclass(frozen=True, slots=True)
class LookRequested:
    """A verified click."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The look that is open here goes on in another room."""


@dataclass(frozen=True, slots=True)
class TurnedHere:
    """The open look ``grant`` goes on here. ``request``: hash of the tk-turn; the rest as in ``Running``."""

    grant: Grant
    request: str
    first: Instant
    until: float
    counter: int


@dataclass(frozen=True, slots=True)
class PowerChanged:
    """The switch that feeds the camera is on, or is off."""

    on: bool


@dataclass(frozen=True, slots=True)
class AimRequested:
    """An administrator at home wants to aim the camera."""

    aim: Aim


@dataclass(frozen=True, slots=True)
class AimEnded:
    """The administrator is done aiming."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The record of this look's or aiming's start is on disk."""

    reason: Grant | Aim


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """The journal could not be written."""


@dataclass(frozen=True, slots=True)
class PositionConfirmed:
    """The camera was read back at the target of move ``serial``, standing still."""

    serial: int


@dataclass(frozen=True, slots=True)
class MoveFailed:
    """Move ``serial`` did not end in its position."""

    serial: int


@dataclass(frozen=True, slots=True)
class PositionLost:
    """A read-back outside a move found the camera elsewhere, or could not be made."""


@dataclass(frozen=True, slots=True)
class LeaseHeld:
    """The bridge confirms that it holds lease ``counter``."""

    look: str
    counter: int


@dataclass(frozen=True, slots=True)
class OperatorClosed:
    """A verified tk-close from the person who looks."""

    look: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class SessionLost:
    """It cannot go on: operator gone, picture lost, link lost. ``look``: which look, None whatever runs."""

    look: str | None
    why: CloseReason


@dataclass(frozen=True, slots=True)
class Tick:
    """A second has passed."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """Home Assistant stops, or the camera is being unloaded."""


type Event = (
    Started | Loaded | ConsentChanged | PauseChanged | PrivacyChanged | PlanChanged | WishesChanged | LookRequested
    | TurnedAway | TurnedHere | PowerChanged | AimRequested | AimEnded | Stored | StoreFailed | PositionConfirmed
    | MoveFailed | PositionLost | LeaseHeld | OperatorClosed | SessionLost | Tick | Stopping
)  # fmt: skip

# ---- effects --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoreStart:
    """Write the start of this look or aiming to the journal and to disk; answer Stored or StoreFailed."""

    reason: Grant | Aim


@dataclass(frozen=True, slots=True)
class StoreTurn:
    """Write that the look goes on at this camera, to disk; answer Stored or StoreFailed."""

    reason: Grant


@dataclass(frozen=True, slots=True)
class StoreEnd:
    """Write the end, and for a look its receipt; ``opened`` None means that the view was never reached.

    Nothing is written where the start is not in the journal.
    """

    reason: Grant | Aim
    opened: Instant | None
    closed: Instant
    why: CloseReason


@dataclass(frozen=True, slots=True)
class Move:
    """Move and read back; answer PositionConfirmed or MoveFailed. A newer move replaces an older.

    ``attempt`` from 0 sets the wait before it, which with the move itself is less than gate_away.MOVE_SECONDS.
    """

    target: Target
    serial: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Warm:
    """Let the bridge start the camera's stream without forwarding it."""

    look: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing more of this camera may leave, from now on; the operator stays connected for another."""

    look: str


@dataclass(frozen=True, slots=True)
class GrantLease:
    """Let pictures flow for another LEASE_SECONDS."""

    look: str
    counter: int


@dataclass(frozen=True, slots=True)
class Opened:
    """Tell the operator or the installer that the view is reached; ``seconds`` are allowed from ``at``.

    ``request``: what it answers, the hash of the tk-look or tk-turn.
    """

    reason: Grant | Aim
    at: Instant
    seconds: int
    request: str


@dataclass(frozen=True, slots=True)
class StopPicture:
    """Nothing more may leave, from now on."""

    reason: Grant | Aim
    why: CloseReason


@dataclass(frozen=True, slots=True)
class Refuse:
    """Say no to this look or aiming."""

    reason: Grant | Aim
    code: Refusal


@dataclass(frozen=True, slots=True)
class RaiseProblem:
    """Show and report a lasting fault."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class ClearProblem:
    """The fault is gone."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class CutPower:
    """The last privacy layer: cut the camera's power, where the installation can."""


type Effect = (
    StoreStart
    | StoreTurn
    | StoreEnd
    | Hold
    | Move
    | Warm
    | GrantLease
    | Opened
    | StopPicture
    | Refuse
    | RaiseProblem
    | ClearProblem
    | CutPower
)
type Step = tuple[Gate, tuple[Effect, ...]]
