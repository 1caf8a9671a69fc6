"""The signed statements, field by field. What is signed is the JSON of one of these, as a compact JWS (identity.py).

Times are whole seconds since 1970 UTC except where a name ends in ``_ms`` (milliseconds). A hash is the base64url
SHA-256 of the whole compact JWS it names. Every field is required and no other is allowed; a tk-plan of protocol 1,
which may still be in a home's journal, lacks the fields after ``iat``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import ClassVar

from .errors import CloseReason, Refusal
from .model import Fallback, Limits, Outcome, Plan, Role, Room, Window
from .strict import Check, Shape, bad, day, dump, load, local_time, many, matching, one_of, plain, text, whole

VERSION = 2
"""Protocol version spoken by this code; the first message on every link carries it and the oldest it accepts."""
MINIMUM_VERSION = 2

_SECONDS: Check[int] = whole(1_600_000_000, 9_999_999_999)
_MILLISECONDS: Check[int] = whole(1_600_000_000_000, 9_999_999_999_999)
_NUMBER: Check[int] = whole(1, 2**31)
HASH: Check[str] = matching(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 or a key thumbprint or a 32-byte key, base64url."""
LOOK_ID: Check[str] = matching(r"[A-Za-z0-9_-]{22}")
"""128 random bits, base64url, made by the operator's browser."""
NAME: Check[str] = text(1, 80)
IDENTIFIER: Check[str] = matching(r"[a-z0-9][a-z0-9_-]{0,31}")
OCCURRENCE: Check[str] = matching(r"[a-z0-9][a-z0-9_-]{0,31}/[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FINGERPRINT = matching(r"[0-9A-F]{2}(:[0-9A-F]{2}){31}")
_CANDIDATE = matching(
    r"candidate:[A-Za-z0-9+/]{1,32} 1 (udp|UDP|tcp|TCP) [0-9]{1,10} [0-9A-Za-z.:-]{1,64} [0-9]{1,5}"
    r" typ (host|srflx|relay)"
    r"( raddr [0-9A-Za-z.:-]{1,64} rport [0-9]{1,5})?( tcptype (active|passive|so))?"
    r"( generation [0-9]{1,3})?( ufrag [A-Za-z0-9+/]{4,32})?( network-id [0-9]{1,4})?( network-cost [0-9]{1,5})?"
)


class Statement:
    """A signed message: ``TYP`` is its fixed JWS type, ``LIMIT`` the largest payload in bytes, ``SHAPE`` its fields."""

    TYP: ClassVar[str]
    LIMIT: ClassVar[int] = 2048
    SHAPE: ClassVar[Shape]

    def payload(self) -> bytes:
        """The JSON that is signed."""
        return dump({one.name: plain(getattr(self, one.name)) for one in fields(self)})  # type: ignore[arg-type]

    @classmethod
    def parse(cls, payload: bytes) -> Statement:
        """Read a payload strictly. Raises Refused(BAD_MESSAGE)."""
        return cls(**cls.SHAPE.read(load(payload, cls.LIMIT)))


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


@dataclass(frozen=True, slots=True)
class Credential(Statement):
    """The root certifies a key: whose it is (the name the home shows), what it may do and where, and until when."""

    TYP: ClassVar[str] = "tk-credential"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "key": HASH,
            "name": NAME,
            "roles": many(one_of(Role), 1, 6),
            "units": many(IDENTIFIER, 1, 20),
            "iat": _SECONDS,
            "exp": _SECONDS,
        }
    )
    key: str
    name: str
    roles: tuple[Role, ...]
    units: tuple[str, ...]
    iat: int
    exp: int


@dataclass(frozen=True, slots=True)
class HubCertificate(Statement):
    """The municipality recognises a hub's key after pairing. ``municipality`` and ``label`` are shown to people."""

    TYP: ClassVar[str] = "tk-hubcert"
    SHAPE: ClassVar[Shape] = Shape({"key": HASH, "label": NAME, "municipality": NAME, "iat": _SECONDS, "exp": _SECONDS})
    key: str
    label: str
    municipality: str
    iat: int
    exp: int


@dataclass(frozen=True, slots=True)
class Login(Statement):
    """The hub proves its key to the service on each connection by signing the service's nonce."""

    TYP: ClassVar[str] = "tk-login"
    SHAPE: ClassVar[Shape] = Shape({"hub": HASH, "nonce": HASH, "iat": _SECONDS})
    hub: str
    nonce: str
    iat: int


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
            "number": _NUMBER,
            "unit": IDENTIFIER,
            "windows": many(_window, 1, 24),
            "look_seconds": whole(10, 120),
            "grace_seconds": whole(0, 120),
            "retry_within_minutes": whole(0, 60),
            "max_retries": whole(0, 3),
            "roles": many(one_of(Role), 1, 6),
            "fallback": many(one_of(Fallback), 1, 3),
            "review": day,
            "iat": _SECONDS,
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
            "number": _NUMBER,
            "plan": HASH,
            "decision": matching("accepted|declined"),
            "iat": _SECONDS,
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
            "plan": _NUMBER,
            "occurrence": OCCURRENCE,
            "iat": _SECONDS,
            "exp": _SECONDS,
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
        {"look": LOOK_ID, "prepare": HASH, "challenge": HASH, "connection": connection, "iat": _SECONDS}
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
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "offer": HASH, "connection": connection, "iat": _SECONDS})
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
            "plan": _NUMBER,
            "occurrence": OCCURRENCE,
            "challenge": HASH,
            "offer": HASH,
            "answer": HASH,
            "iat": _SECONDS,
            "exp": _SECONDS,
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
        {"look": LOOK_ID, "request": HASH, "opened_ms": _MILLISECONDS, "seconds": whole(1, 120)}
    )
    look: str
    request: str
    opened_ms: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Refuse(Statement):
    """The home says no. ``request``: hash of the tk-prepare or tk-look it answers."""

    TYP: ClassVar[str] = "tk-refuse"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "request": HASH, "code": one_of(Refusal), "iat": _SECONDS})
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
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "room": one_of(Room), "number": whole(1, 32), "iat": _SECONDS})
    look: str
    room: Room
    number: int
    iat: int


@dataclass(frozen=True, slots=True)
class Close(Statement):
    """The operator is done. ``look``: the look that ends; one prepared and never opened is let go the same way."""

    TYP: ClassVar[str] = "tk-close"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "outcome": one_of(Outcome), "iat": _SECONDS})
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
            "sequence": _NUMBER,
            "previous": HASH,
            "look": LOOK_ID,
            "occurrence": OCCURRENCE,
            "operator": HASH,
            "name": NAME,
            "opened_ms": _MILLISECONDS,
            "closed_ms": _MILLISECONDS,
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
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "receipt": HASH, "iat": _SECONDS})
    look: str
    receipt: str
    iat: int


@dataclass(frozen=True, slots=True)
class Moved:
    """An agreed window that the client has moved within what the plan allows; ``start`` and ``end`` are seconds UTC."""

    occurrence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Away:
    """A time (seconds UTC) when nobody is to look because the client is away or has guests; why is not told."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class VisitAsked:
    """The client asks for a visit. ``id``: 128 random bits, base64url; ``at``: seconds UTC."""

    id: str
    at: int


_MOVED_SHAPE = Shape({"occurrence": OCCURRENCE, "start": _SECONDS, "end": _SECONDS})
_AWAY_SHAPE = Shape({"start": _SECONDS, "end": _SECONDS})
_VISIT_SHAPE = Shape({"id": LOOK_ID, "at": _SECONDS})


def _span[T: Moved | Away](kind: type[T], shape: Shape) -> Check[T]:
    def check(value: object) -> T:
        found = kind(**shape.read(value))  # type: ignore[arg-type]
        if found.end <= found.start:
            raise bad("empty time")
        return found

    return check


def _visit(value: object) -> VisitAsked:
    return VisitAsked(**_VISIT_SHAPE.read(value))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Wishes(Statement):
    """All that the client wants otherwise than the plan from now on. Each replaces the one before (by ``iat``), so one
    that is lost is made good by the next; sent at each change and each time the link comes up.
    """

    TYP: ClassVar[str] = "tk-wishes"
    LIMIT: ClassVar[int] = 8192
    SHAPE: ClassVar[Shape] = Shape(
        {
            "hub": HASH,
            "skipped": many(OCCURRENCE, 0, 48),
            "moved": many(_span(Moved, _MOVED_SHAPE), 0, 48),
            "away": many(_span(Away, _AWAY_SHAPE), 0, 16),
            "visits": many(_visit, 0, 8),
            "iat": _SECONDS,
        }
    )
    hub: str
    skipped: tuple[str, ...]
    moved: tuple[Moved, ...]
    away: tuple[Away, ...]
    visits: tuple[VisitAsked, ...]
    iat: int


@dataclass(frozen=True, slots=True)
class Sleep(Statement):
    """How the client slept, told because the client wants to. ``night``: local date of its evening; 5 is best."""

    TYP: ClassVar[str] = "tk-sleep"
    SHAPE: ClassVar[Shape] = Shape(
        {"hub": HASH, "night": day, "rating": whole(1, 5), "comment": text(0, 300), "iat": _SECONDS}
    )
    hub: str
    night: date
    rating: int
    comment: str
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
            "iat": _SECONDS,
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
        Credential, HubCertificate, Login, PlanStatement, PlanAck, Prepare, Offer, Answer, Look, Opened, Refuse, Close,
        Receipt, ReceiptAck, Turn, Wishes, Sleep, Log,
    )
}  # fmt: skip
