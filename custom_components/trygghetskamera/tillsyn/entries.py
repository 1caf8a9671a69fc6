"""What can happen in a home, as entries of its journal: one class a kind, with the exact fields of its line.

``by`` is the id of the Home Assistant user who did it, '' where none. Times that end in ``_ms`` are milliseconds UTC.
Fields that an earlier version did not have are listed under ``absent`` with what their absence means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from .entries_looks import (
    AimingEnded,
    AimingStarted,
    CheckpointsDiffer,
    LookEnded,
    LookMissed,
    LookRefused,
    LookStarted,
    LookTurned,
    ReceiptAcknowledged,
    ReceiptSigned,
    ReceiptsKept,
)  # fmt: skip
from .entry import BY, CAMERA, ID, MS, NUMBER, TOKEN, Entry
from .frame import CHAIN
from .model import AwayKind, How, Relation
from .strict import Shape, boolean, day, matching, one_of, text, whole
from .wire import HASH, LOOK_ID, NAME, OCCURRENCE, Revocations

__all__ = [
    "CAMERA", "ID", "KINDS", "MS", "TOKEN", "AimingEnded", "AimingStarted", "AwayAdded", "AwayRemoved", "CameraLost",
    "CheckpointsDiffer", "Consent", "ConsentGiven", "ConsentWithdrawn", "Entry", "GoOn", "HomeSetUp",
    "JournalRestored", "LookEnded", "LookKept", "LookMissed", "LookMoved", "LookRefused", "LookSkipped",
    "LookStarted", "LookTurned", "Paired", "Pause", "PauseShortened", "PersonAdded", "PersonChanged",
    "PersonRemoved", "PlanAnswered", "PlanProposed", "PolicyAdopted", "Privacy", "ReceiptAcknowledged",
    "ReceiptSigned", "ReceiptsKept", "RevocationsAdopted", "SleepRated", "SleepSharing", "SleepTold", "VisitAsked",
]  # fmt: skip


# ---- trust ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paired(Entry):
    """The home is with this municipality, through this hub: public keys, and the hub's certificate with the chain of
    whoever signed it. ``by`` is '' where it only says what was so already.
    """

    KIND: ClassVar[str] = "paired"
    SHAPE: ClassVar[Shape] = Shape({"root": HASH, "hub": HASH, "certificate": TOKEN, "chain": CHAIN, "by": BY})
    root: str
    hub: str
    certificate: str
    chain: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class PolicyAdopted(Entry):
    """The root allows something else in all homes than before; the token is a tk-policy, its signature checked."""

    KIND: ClassVar[str] = "policy"
    SHAPE: ClassVar[Shape] = Shape({"token": TOKEN})
    token: str


@dataclass(frozen=True, slots=True)
class RevocationsAdopted(Entry):
    """Other keys than before no longer count. Written when the keys change; a list that says the same is not."""

    KIND: ClassVar[str] = "revocations"
    SHAPE: ClassVar[Shape] = Revocations.SHAPE
    number: int
    revoked: tuple[str, ...]
    iat: int


# ---- consent --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HomeSetUp(Entry):
    """All that was said when the home was set up is in the journal: it is no news any more, wherever else it stands."""

    KIND: ClassVar[str] = "home_set_up"
    SHAPE: ClassVar[Shape] = Shape({"by": BY})
    by: str


@dataclass(frozen=True, slots=True)
class Consent(Entry):
    """Consent of everyone concerned as version 1 wrote it, without saying who they are."""

    KIND: ClassVar[str] = "consent"
    SHAPE: ClassVar[Shape] = Shape({"given": boolean, "by": BY})
    given: bool
    by: str


@dataclass(frozen=True, slots=True)
class PersonAdded(Entry):
    """Someone whose consent is needed. ``user``: their own Home Assistant user, '' where they have none."""

    KIND: ClassVar[str] = "person_added"
    SHAPE: ClassVar[Shape] = Shape({"person": ID, "name": NAME, "relation": one_of(Relation), "user": BY, "by": BY})
    person: str
    name: str
    relation: Relation
    user: str
    by: str


@dataclass(frozen=True, slots=True)
class PersonChanged(Entry):
    """The same person: the name was wrong, or another Home Assistant user is theirs. What they have said holds."""

    KIND: ClassVar[str] = "person_changed"
    SHAPE: ClassVar[Shape] = Shape({"person": ID, "name": NAME, "user": BY, "by": BY})
    person: str
    name: str
    user: str
    by: str


@dataclass(frozen=True, slots=True)
class PersonRemoved(Entry):
    """Someone does not live here any more."""

    KIND: ClassVar[str] = "person_removed"
    SHAPE: ClassVar[Shape] = Shape({"person": ID, "by": BY})
    person: str
    by: str


@dataclass(frozen=True, slots=True)
class ConsentGiven(Entry):
    """One person has consented. ``review``: local date when it is to be asked about again."""

    KIND: ClassVar[str] = "consent_given"
    SHAPE: ClassVar[Shape] = Shape({"person": ID, "how": one_of(How), "review": day, "by": BY})
    person: str
    how: How
    review: date
    by: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(Entry):
    """One person has withdrawn, or ('') somebody here has, and then everyone must be asked again."""

    KIND: ClassVar[str] = "consent_withdrawn"
    SHAPE: ClassVar[Shape] = Shape({"person": matching(r"([a-z0-9]{8})?"), "by": BY})
    person: str
    by: str


@dataclass(frozen=True, slots=True)
class SleepSharing(Entry):
    """Whether how the client slept may be told to the municipality."""

    KIND: ClassVar[str] = "sleep_sharing"
    SHAPE: ClassVar[Shape] = Shape({"shared": boolean, "by": BY})
    shared: bool
    by: str


# ---- being left alone -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pause(Entry):
    """The home was paused or resumed. ``until_ms``: when a pause ends by itself, 0 where it does not."""

    KIND: ClassVar[str] = "pause"
    SHAPE: ClassVar[Shape] = Shape({"paused": boolean, "by": BY, "until_ms": MS}, absent={"until_ms": 0})
    paused: bool
    by: str
    until_ms: int = 0


@dataclass(frozen=True, slots=True)
class JournalRestored(Entry):
    """An older journal has taken the place of one that had come to ``lines``: what happened in between is not known.

    ``shown_plan`` and ``agreed_plan``: numbers of the newest plan that had been shown and accepted by then; 0: none.
    """

    KIND: ClassVar[str] = "journal_restored"
    SHAPE: ClassVar[Shape] = Shape(
        {"lines": whole(1, 2**40), "shown_plan": whole(0, 2**31), "agreed_plan": whole(0, 2**31)},
        absent={"shown_plan": 0, "agreed_plan": 0},
    )
    lines: int
    shown_plan: int = 0
    agreed_plan: int = 0


@dataclass(frozen=True, slots=True)
class PauseShortened(Entry):
    """Someone who may has given the pause an end, or an earlier one. A pause itself never shortens another."""

    KIND: ClassVar[str] = "pause_shortened"
    SHAPE: ClassVar[Shape] = Shape({"until_ms": whole(1, 9_999_999_999_999), "by": BY})
    until_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class AwayAdded(Entry):
    """A time when nobody is to look."""

    KIND: ClassVar[str] = "away_added"
    SHAPE: ClassVar[Shape] = Shape({"away": ID, "kind": one_of(AwayKind), "start_ms": MS, "end_ms": MS, "by": BY})
    away: str
    kind: AwayKind
    start_ms: int
    end_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class AwayRemoved(Entry):
    """It is over, or was a mistake."""

    KIND: ClassVar[str] = "away_removed"
    SHAPE: ClassVar[Shape] = Shape({"away": ID, "by": BY})
    away: str
    by: str


@dataclass(frozen=True, slots=True)
class Privacy(Entry):
    """A camera's privacy switch was turned. ``camera`` '' is every camera (version 1 had one)."""

    KIND: ClassVar[str] = "privacy"
    SHAPE: ClassVar[Shape] = Shape({"private": boolean, "by": BY, "camera": CAMERA}, absent={"camera": ""})
    private: bool
    by: str
    camera: str = ""


@dataclass(frozen=True, slots=True)
class CameraLost(Entry):
    """A camera that had been there was taken down or unplugged."""

    KIND: ClassVar[str] = "camera_lost"
    SHAPE: ClassVar[Shape] = Shape({"camera": CAMERA})
    camera: str


@dataclass(frozen=True, slots=True)
class GoOn(Entry):
    """Asked whether the client wants to stop, someone has answered: no, go on."""

    KIND: ClassVar[str] = "go_on"
    SHAPE: ClassVar[Shape] = Shape({"by": BY})
    by: str


# ---- plan and wishes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanProposed(Entry):
    """A verified plan arrived and waits for an answer at home."""

    KIND: ClassVar[str] = "plan_proposed"
    SHAPE: ClassVar[Shape] = Shape({"token": TOKEN})
    token: str


@dataclass(frozen=True, slots=True)
class PlanAnswered(Entry):
    """The proposed plan with this number was accepted or declined at home."""

    KIND: ClassVar[str] = "plan_answered"
    SHAPE: ClassVar[Shape] = Shape({"number": NUMBER, "accepted": boolean, "by": BY})
    number: int
    accepted: bool
    by: str


@dataclass(frozen=True, slots=True)
class LookSkipped(Entry):
    """The client does without this look."""

    KIND: ClassVar[str] = "look_skipped"
    SHAPE: ClassVar[Shape] = Shape({"occurrence": OCCURRENCE, "by": BY})
    occurrence: str
    by: str


@dataclass(frozen=True, slots=True)
class LookKept(Entry):
    """The look happens after all, as the plan says."""

    KIND: ClassVar[str] = "look_kept"
    SHAPE: ClassVar[Shape] = Shape({"occurrence": OCCURRENCE, "by": BY})
    occurrence: str
    by: str


@dataclass(frozen=True, slots=True)
class LookMoved(Entry):
    """The client has moved this look, within what the plan allows."""

    KIND: ClassVar[str] = "look_moved"
    SHAPE: ClassVar[Shape] = Shape({"occurrence": OCCURRENCE, "start_ms": MS, "end_ms": MS, "by": BY})
    occurrence: str
    start_ms: int
    end_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class VisitAsked(Entry):
    """The client asks for a visit. ``visit``: 128 random bits, base64url."""

    KIND: ClassVar[str] = "visit_asked"
    SHAPE: ClassVar[Shape] = Shape({"visit": LOOK_ID, "by": BY})
    visit: str
    by: str


@dataclass(frozen=True, slots=True)
class SleepRated(Entry):
    """How the client slept: 1-5, 5 is best. ``night``: local date of its evening."""

    KIND: ClassVar[str] = "sleep_rated"
    SHAPE: ClassVar[Shape] = Shape({"night": day, "rating": whole(1, 5), "comment": text(0, 300), "by": BY})
    night: date
    rating: int
    comment: str
    by: str


@dataclass(frozen=True, slots=True)
class SleepTold(Entry):
    """The municipality has been told how the client slept that night, as it was rated last."""

    KIND: ClassVar[str] = "sleep_told"
    SHAPE: ClassVar[Shape] = Shape({"night": day})
    night: date


KINDS: Final[Mapping[str, type[Entry]]] = {
    one.KIND: one
    for one in (
        Paired, PolicyAdopted, RevocationsAdopted, HomeSetUp, Consent, PersonAdded, PersonChanged, PersonRemoved,
        ConsentGiven, ConsentWithdrawn, SleepSharing, Pause, PauseShortened, JournalRestored, AwayAdded, AwayRemoved,
        Privacy, CameraLost, GoOn, PlanProposed, PlanAnswered, LookSkipped, LookKept, LookMoved, VisitAsked,
        SleepRated, SleepTold, LookStarted, LookTurned, LookEnded, ReceiptSigned, ReceiptAcknowledged, ReceiptsKept,
        CheckpointsDiffer, LookRefused, LookMissed, AimingStarted, AimingEnded,
    )
}  # fmt: skip
