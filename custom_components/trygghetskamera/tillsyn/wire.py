"""The signed statements, field by field. What is signed is the JSON of one of these, as a compact JWS (identity.py).

Times are whole seconds since 1970 UTC except where a name ends in ``_ms`` (milliseconds). A hash is the base64url
SHA-256 of the whole token it names. Every field is required and no other is allowed, except that what an earlier
version did not have may be missing in what a home has kept since: a tk-plan of protocol 1, a tk-hubcert of protocol 2.

Here are those of plan and look; who may do what is in wire_people.py, the client's wishes in wire_wishes.py,
what the municipality's service answers for in wire_service.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from .errors import CloseReason, Refusal
from .model import Fallback, Limits, Outcome, Plan, Role, Room, Window
from .strict import Shape, bad, day, local_time, many, matching, one_of, text, whole
from .wire_fields import (
    HASH,
    IDENTIFIER,
    LOOK_ID,
    MILLISECONDS,
    NAME,
    NUMBER,
    OCCURRENCE,
    SECONDS,
    Statement,
)
from .wire_people import Credential, Delegation, HubCertificate, Login, Passkey, Policy, Revocations
from .wire_service import CONSOLE_LIST, Checkpoint, ConsoleFile, ConsoleFiles, Included, ServiceKey, included
from .wire_wishes import Away, Moved, Sleep, VisitAsked, Wishes

__all__ = [
    "CONSOLE_LIST", "HASH", "IDENTIFIER", "LOOK_ID", "NAME", "OCCURRENCE", "STATEMENTS", "Answer", "Away",
    "Checkpoint", "Close", "Connection", "ConsoleFile", "ConsoleFiles", "Credential", "Delegation", "HubCertificate",
    "Included", "Log", "Login", "Look", "Moved", "Offer", "Opened", "Passkey", "PlanAck", "PlanStatement", "Policy",
    "Prepare", "Receipt", "ReceiptAck", "Refuse", "Revocations", "ServiceKey", "Sleep", "Statement", "Turn",
    "VisitAsked", "Wishes", "connection", "included",
]  # fmt: skip

VERSION = 4
"""Protocol version spoken by this code; the first message on every link carries it and the oldest it accepts."""
MINIMUM_VERSION = 4

_FINGERPRINT = matching(r"[0-9A-F]{2}(:[0-9A-F]{2}){31}")
_CANDIDATE = matching(
    r"candidate:[A-Za-z0-9+/]{1,32} 1 (udp|UDP|tcp|TCP) [0-9]{1,10} [0-9A-Za-z.:-]{1,64} [0-9]{1,5}"
    r" typ (host|srflx|relay)"
    r"( raddr [0-9A-Za-z.:-]{1,64} rport [0-9]{1,5})?( tcptype (active|passive|so))?"
    r"( generation [0-9]{1,3})?( ufrag [A-Za-z0-9+/]{4,32})?( network-id [0-9]{1,4})?( network-cost [0-9]{1,5})?"
)


@dataclass(frozen=True, slots=True)
class Connection:
    """All that a peer tells about its end of the media path; each side builds the SDP itself and takes no peer's.

    ``fingerprint``: SHA-256 of the DTLS certificate, 'AA:BB:...'. ``candidates``: candidate-attribute values (RFC
    8839 section 5.1) without 'a='. ``setup``: DTLS role (RFC 5763 section 5).
    """

    fingerprint: str
    ufrag: str
    password: str
    candidates: tuple[str, ...]
    setup: str


_CONNECTION_SHAPE = Shape(
    {
        "fingerprint": _FINGERPRINT,
        "ufrag": matching(r"[A-Za-z0-9+/]{4,32}"),
        "password": matching(r"[A-Za-z0-9+/]{22,64}"),
        "candidates": many(_CANDIDATE, 1, 8),
        "setup": matching(r"actpass|active|passive"),
    }
)


def connection(value: object) -> Connection:
    """Check the connection fields."""
    return Connection(**_CONNECTION_SHAPE.read(value))  # type: ignore[arg-type]


_WINDOW_SHAPE = Shape({"id": IDENTIFIER, "start": local_time, "end": local_time, "days": many(whole(1, 7), 1, 7)})


def _window(value: object) -> Window:
    found = Window(**_WINDOW_SHAPE.read(value))  # type: ignore[arg-type]
    if found.start == found.end:
        raise bad("empty window")
    return found


@dataclass(frozen=True, slots=True)
class PlanStatement(Statement):
    """The agreed plan, as proposed by a planner; it counts only when accepted at home."""

    TYP: ClassVar[str] = "tk-plan"
    LIMIT: ClassVar[int] = 8192
    SHAPE: ClassVar[Shape] = Shape(
        {
            "hub": HASH,
            "number": NUMBER,
            "unit": IDENTIFIER,
            "windows": many(_window, 1, 24),
            "look_seconds": whole(10, 120),
            "grace_seconds": whole(0, 120),
            "retry_within_minutes": whole(0, 60),
            "max_retries": whole(0, 3),
            "roles": many(one_of(Role), 1, 6),
            "fallback": many(one_of(Fallback), 1, 3),
            "review": day,
            "iat": SECONDS,
            "rooms": many(one_of(Room), 1, 5),
            "contact": text(0, 120),
            "keep_days": whole(30, 3650),
            "move_minutes": whole(0, 240),
        },
        absent={"rooms": ["bedroom"], "contact": "", "keep_days": 365, "move_minutes": 0},
    )
    hub: str
    number: int
    unit: str
    windows: tuple[Window, ...]
    look_seconds: int
    grace_seconds: int
    retry_within_minutes: int
    max_retries: int
    roles: tuple[Role, ...]
    fallback: tuple[Fallback, ...]
    review: date
    iat: int
    rooms: tuple[Room, ...] = (Room.BEDROOM,)
    contact: str = ""
    keep_days: int = 365
    move_minutes: int = 0

    def plan(self) -> Plan:
        """The plan it states. Raises Refused where two windows share an id."""
        if len({one.id for one in self.windows}) != len(self.windows):
            raise bad("window id repeats")
        limits = Limits(self.look_seconds, self.grace_seconds, self.retry_within_minutes, self.max_retries)
        return Plan(
            self.hub, self.number, self.unit, self.windows, limits, self.roles, self.fallback, self.review,
            self.rooms, self.contact, self.keep_days, self.move_minutes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanAck(Statement):
    """The home's answer to a plan. ``plan``: hash of the tk-plan. ``decision``: 'accepted' or 'declined'."""

    TYP: ClassVar[str] = "tk-plan-ack"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "hub": HASH,
            "number": NUMBER,
            "plan": HASH,
            "decision": matching("accepted|declined"),
            "iat": SECONDS,
        }
    )
    hub: str
    number: int
    plan: str
    decision: str
    iat: int


@dataclass(frozen=True, slots=True)
class Prepare(Statement):
    """The operator asks the home to make a connection ready. Nothing moves and no picture flows."""

    TYP: ClassVar[str] = "tk-prepare"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "look": LOOK_ID,
            "hub": HASH,
            "plan": NUMBER,
            "occurrence": OCCURRENCE,
            "iat": SECONDS,
            "exp": SECONDS,
        }
    )
    look: str
    hub: str
    plan: int
    occurrence: str
    iat: int
    exp: int


@dataclass(frozen=True, slots=True)
class Offer(Statement):
    """The home's end of the connection and a one-time challenge. ``prepare``: hash of the tk-prepare."""

    TYP: ClassVar[str] = "tk-offer"
    LIMIT: ClassVar[int] = 4096
    SHAPE: ClassVar[Shape] = Shape(
        {"look": LOOK_ID, "prepare": HASH, "challenge": HASH, "connection": connection, "iat": SECONDS}
    )
    look: str
    prepare: str
    challenge: str
    connection: Connection
    iat: int


@dataclass(frozen=True, slots=True)
class Answer(Statement):
    """The browser's end of the connection. ``offer``: hash of the tk-offer."""

    TYP: ClassVar[str] = "tk-answer"
    LIMIT: ClassVar[int] = 4096
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "offer": HASH, "connection": connection, "iat": SECONDS})
    look: str
    offer: str
    connection: Connection
    iat: int


@dataclass(frozen=True, slots=True)
class Look(Statement):
    """The click: open now. Bound to one prepared connection by challenge and by the hashes of offer and answer."""

    TYP: ClassVar[str] = "tk-look"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "look": LOOK_ID,
            "hub": HASH,
            "plan": NUMBER,
            "occurrence": OCCURRENCE,
            "challenge": HASH,
            "offer": HASH,
            "answer": HASH,
            "iat": SECONDS,
            "exp": SECONDS,
        }
    )
    look: str
    hub: str
    plan: int
    occurrence: str
    challenge: str
    offer: str
    answer: str
    iat: int
    exp: int


@dataclass(frozen=True, slots=True)
class Opened(Statement):
    """The camera has been read back at its view and the picture flows. ``request``: hash of the tk-look."""

    TYP: ClassVar[str] = "tk-opened"
    SHAPE: ClassVar[Shape] = Shape(
        {"look": LOOK_ID, "request": HASH, "opened_ms": MILLISECONDS, "seconds": whole(1, 120)}
    )
    look: str
    request: str
    opened_ms: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Refuse(Statement):
    """The home says no. ``request``: hash of the tk-prepare or tk-look it answers."""

    TYP: ClassVar[str] = "tk-refuse"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "request": HASH, "code": one_of(Refusal), "iat": SECONDS})
    look: str
    request: str
    code: Refusal
    iat: int


@dataclass(frozen=True, slots=True)
class Turn(Statement):
    """The operator asks for another room of the plan within the look that is open; its time limit stays.

    ``number`` grows within a look, so that none can be played again. Answered by tk-opened or tk-refuse.
    """

    TYP: ClassVar[str] = "tk-turn"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "room": one_of(Room), "number": whole(1, 32), "iat": SECONDS})
    look: str
    room: Room
    number: int
    iat: int


@dataclass(frozen=True, slots=True)
class Close(Statement):
    """The operator is done. ``look``: the look that ends; one prepared and never opened is let go the same way."""

    TYP: ClassVar[str] = "tk-close"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "outcome": one_of(Outcome), "iat": SECONDS})
    look: str
    outcome: Outcome
    iat: int


@dataclass(frozen=True, slots=True)
class Receipt(Statement):
    """What happened, chained: ``previous`` is the hash of the receipt before, or 43 'A' for the first (sequence 1).

    ``opened_ms`` and ``closed_ms`` bound the time the picture could flow; equal where the camera never reached its
    view.
    """

    TYP: ClassVar[str] = "tk-receipt"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "hub": HASH,
            "sequence": NUMBER,
            "previous": HASH,
            "look": LOOK_ID,
            "occurrence": OCCURRENCE,
            "operator": HASH,
            "name": NAME,
            "opened_ms": MILLISECONDS,
            "closed_ms": MILLISECONDS,
            "reason": one_of(CloseReason),
        }
    )
    hub: str
    sequence: int
    previous: str
    look: str
    occurrence: str
    operator: str
    name: str
    opened_ms: int
    closed_ms: int
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class ReceiptAck(Statement):
    """The operator's session key has seen the receipt. ``receipt``: hash of the tk-receipt."""

    TYP: ClassVar[str] = "tk-receipt-ack"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "receipt": HASH, "iat": SECONDS})
    look: str
    receipt: str
    iat: int


@dataclass(frozen=True, slots=True)
class Log(Statement):
    """The home stands for a part of its log that somebody has taken out; shown to whomever they like, sent to nobody.

    ``first``: number of the first line, or of the last that it stands for where it is a summary; 0 where there is no
    line. ``hash``: of all ``lines`` lines, each with its newline. ``receipts``: how many of the chain are with it;
    ``head``: hash of the last receipt in the journal, 43 'A' where there has been none.
    """

    TYP: ClassVar[str] = "tk-log"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "hub": HASH,
            "first": whole(0, 2**40),
            "lines": whole(0, 2**40),
            "hash": HASH,
            "receipts": whole(0, 2**31),
            "head": HASH,
            "iat": SECONDS,
        }
    )
    hub: str
    first: int
    lines: int
    hash: str
    receipts: int
    head: str
    iat: int


STATEMENTS: Mapping[str, type[Statement]] = {
    one.TYP: one
    for one in (
        Policy, Credential, Revocations, HubCertificate, Login, PlanStatement, PlanAck, Prepare, Offer, Answer, Look,
        Opened, Refuse, Close, Receipt, ReceiptAck, Turn, Wishes, Sleep, Log, ServiceKey, Checkpoint, ConsoleFiles,
    )
}  # fmt: skip
"""Those that are a JWS: all but the delegation."""
