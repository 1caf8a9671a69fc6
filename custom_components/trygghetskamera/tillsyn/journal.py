"""The home's journal as text: one JSON line an entry, each naming the hash of the line before. Pure; the shell keeps
the file.

What the home has agreed to (consent, pause, privacy, plan) and what has happened (looks, receipts, refusals) is what
the journal says, and nothing else. A line that is cut off at the end was never acted on and is dropped; any other
damage is ``Corrupt``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import ClassVar, Final

from .errors import CloseReason, Refusal, Refused
from .identity import digest, parse
from .model import Plan, Spent
from .receipts import FIRST, Head
from .strict import Check, Shape, boolean, dump, load, matching, one_of, plain, text, whole
from .wire import HASH, LOOK_ID, NAME, OCCURRENCE, PlanStatement, Receipt

_NO_RECEIPT: Final = Head()
LIMIT: Final = 32_768
_BY: Check[str] = text(0, 100)
_MS: Check[int] = whole(0, 9_999_999_999_999)
_TOKEN: Check[str] = matching(r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,20000}\.[A-Za-z0-9_-]{86}")


class Corrupt(Exception):
    """The journal cannot be trusted; ``line`` counts from 1. Nothing may open."""

    def __init__(self, line: int) -> None:
        """Keep the line number."""
        super().__init__(f"journal line {line}")
        self.line = line


class Entry:
    """One thing that happened. ``by`` is the id of the Home Assistant user, '' where none."""

    KIND: ClassVar[str]
    SHAPE: ClassVar[Shape]


@dataclass(frozen=True, slots=True)
class Consent(Entry):
    """Consent of everyone concerned was recorded, or withdrawn by someone."""

    KIND: ClassVar[str] = "consent"
    SHAPE: ClassVar[Shape] = Shape({"given": boolean, "by": _BY})
    given: bool
    by: str


@dataclass(frozen=True, slots=True)
class Pause(Entry):
    """The home was paused or resumed."""

    KIND: ClassVar[str] = "pause"
    SHAPE: ClassVar[Shape] = Shape({"paused": boolean, "by": _BY})
    paused: bool
    by: str


@dataclass(frozen=True, slots=True)
class Privacy(Entry):
    """The camera's privacy switch was turned."""

    KIND: ClassVar[str] = "privacy"
    SHAPE: ClassVar[Shape] = Shape({"private": boolean, "by": _BY})
    private: bool
    by: str


@dataclass(frozen=True, slots=True)
class PlanProposed(Entry):
    """A verified plan arrived and waits for an answer at home."""

    KIND: ClassVar[str] = "plan_proposed"
    SHAPE: ClassVar[Shape] = Shape({"token": _TOKEN})
    token: str


@dataclass(frozen=True, slots=True)
class PlanAnswered(Entry):
    """The proposed plan with this number was accepted or declined at home."""

    KIND: ClassVar[str] = "plan_answered"
    SHAPE: ClassVar[Shape] = Shape({"number": whole(1, 2**31), "accepted": boolean, "by": _BY})
    number: int
    accepted: bool
    by: str


@dataclass(frozen=True, slots=True)
class LookStarted(Entry):
    """Stored before the camera moves."""

    KIND: ClassVar[str] = "look_started"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "occurrence": OCCURRENCE, "operator": HASH, "name": NAME})
    look: str
    occurrence: str
    operator: str
    name: str


@dataclass(frozen=True, slots=True)
class LookEnded(Entry):
    """The look is over; the times are those of the receipt (milliseconds UTC)."""

    KIND: ClassVar[str] = "look_ended"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "opened_ms": _MS, "closed_ms": _MS, "reason": one_of(CloseReason)})
    look: str
    opened_ms: int
    closed_ms: int
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class ReceiptSigned(Entry):
    """The hub-signed receipt of the look that ended."""

    KIND: ClassVar[str] = "receipt"
    SHAPE: ClassVar[Shape] = Shape({"token": _TOKEN})
    token: str


@dataclass(frozen=True, slots=True)
class LookRefused(Entry):
    """Someone asked to look and was refused. ``name`` is '' where the signer could not be verified."""

    KIND: ClassVar[str] = "refused"
    SHAPE: ClassVar[Shape] = Shape({"name": text(0, 80), "code": one_of(Refusal)})
    name: str
    code: Refusal


@dataclass(frozen=True, slots=True)
class AimingStarted(Entry):
    """An administrator at home aims the camera; stored before it moves."""

    KIND: ClassVar[str] = "aiming_started"
    SHAPE: ClassVar[Shape] = Shape({"by": _BY})
    by: str


@dataclass(frozen=True, slots=True)
class AimingEnded(Entry):
    """Aiming is over."""

    KIND: ClassVar[str] = "aiming_ended"
    SHAPE: ClassVar[Shape] = Shape({"reason": one_of(CloseReason)})
    reason: CloseReason


_KINDS: Final[Mapping[str, type[Entry]]] = {
    one.KIND: one
    for one in (
        Consent, Pause, Privacy, PlanProposed, PlanAnswered, LookStarted, LookEnded, ReceiptSigned, LookRefused,
        AimingStarted, AimingEnded,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """A look as the journal tells it, for the log at home. Times are milliseconds UTC; ``ended`` None while it runs."""

    started_ms: int
    started: LookStarted
    ended: LookEnded | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What the journal says. A new home has no consent and no plan. ``lines`` and ``last`` (hash) are where the file
    ends.

    ``proposed``/``accepted``: tk-plan tokens. ``waiting``: looks ended whose receipt is not signed yet, oldest first.
    """

    lines: int = 0
    last: str = FIRST
    consent: bool = False
    paused: bool = False
    private: bool = False
    proposed: str | None = None
    accepted: str | None = None
    highest_plan: int = 0
    spent: Mapping[str, Spent] = field(default_factory=lambda: MappingProxyType({}))
    used: frozenset[str] = frozenset()
    past: tuple[Past, ...] = ()
    receipts: tuple[str, ...] = ()
    head: Head = _NO_RECEIPT
    aiming: bool = False

    @property
    def plan(self) -> Plan | None:
        """The accepted plan."""
        return None if self.accepted is None else parse(PlanStatement, self.accepted).statement.plan()

    @property
    def waiting(self) -> tuple[Past, ...]:
        """Looks that have ended without a signed receipt, in order."""
        done = [one for one in self.past if one.ended is not None]
        return tuple(done[len(self.receipts) :])

    @property
    def interrupted(self) -> Past | None:
        """A look that started and never ended: Home Assistant died in the middle of it. End it before anything else."""
        return self.past[-1] if self.past and self.past[-1].ended is None else None


def encode(record: Record, entry: Entry, at_ms: int) -> bytes:
    """The line that adds ``entry`` after ``record``, with its newline."""
    body = {one.name: plain(getattr(entry, one.name)) for one in fields(entry)}  # type: ignore[arg-type]
    return dump({"n": record.lines + 1, "prev": record.last, "at": at_ms, "kind": entry.KIND, "entry": body}) + b"\n"


def apply(record: Record, line: bytes) -> Record:
    """The record after this line (without newline). Raises Corrupt."""
    number = record.lines + 1
    try:
        outer = _LINE.read(load(line, LIMIT))
        kind = _KINDS.get(str(outer["kind"]))
        if kind is None or (outer["n"], outer["prev"]) != (number, record.last):
            raise Corrupt(number)
        entry, at_ms = kind(**kind.SHAPE.read(outer["entry"])), _MS(outer["at"])
        return replace(_applied(record, entry, at_ms), lines=number, last=digest(line))
    except Refused as err:
        raise Corrupt(number) from err


def _nested(value: object) -> object:
    return value


_LINE: Final = Shape(
    {"n": whole(1, 2**40), "prev": HASH, "at": _MS, "kind": matching(r"[a-z_]{1,20}"), "entry": _nested}
)


def _applied(record: Record, entry: Entry, at_ms: int) -> Record:
    match entry:
        case LookStarted():
            return _look_started(record, entry, at_ms)
        case LookEnded():
            return _look_ended(record, entry)
        case ReceiptSigned(token):
            return _receipt_signed(record, token)
        case AimingStarted():
            return replace(record, aiming=True)
        case AimingEnded():
            return replace(record, aiming=False)
        case _:
            return _agreed(record, entry)


def _agreed(record: Record, entry: Entry) -> Record:
    """What the home has agreed to, after this entry."""
    match entry:
        case Consent(given):
            return replace(record, consent=given)
        case Pause(paused):
            return replace(record, paused=paused)
        case Privacy(private):
            return replace(record, private=private)
        case PlanProposed(token):
            number = parse(PlanStatement, token).statement.plan().number
            return replace(record, proposed=token, highest_plan=max(record.highest_plan, number))
        case PlanAnswered(number, accepted):
            proposed = record.proposed
            # An answer to a plan that is no longer the proposed one says nothing about this one.
            if proposed is None or parse(PlanStatement, proposed).statement.number != number:
                return record
            return replace(record, accepted=proposed if accepted else record.accepted, proposed=None)
        case _:
            return record


def _receipt_signed(record: Record, token: str) -> Record:
    """The chain with one receipt more: that of the oldest look without one. Raises Corrupt."""
    parsed = parse(Receipt, token)
    receipt = parsed.statement
    follows = (receipt.sequence, receipt.previous) == (record.head.sequence + 1, record.head.hash)
    if not follows or not record.waiting or record.waiting[0].started.look != receipt.look:
        raise Corrupt(record.lines + 1)
    return replace(record, receipts=(*record.receipts, token), head=Head(receipt.sequence, parsed.hash))


def _look_started(record: Record, entry: LookStarted, at_ms: int) -> Record:
    if record.interrupted is not None or entry.look in record.used:
        raise Corrupt(record.lines + 1)
    before = record.spent.get(entry.occurrence)
    first = datetime.fromtimestamp(at_ms / 1000, UTC)
    after = Spent(first, 1, seen=False) if before is None else replace(before, looks=before.looks + 1)
    return replace(
        record,
        spent=MappingProxyType({**record.spent, entry.occurrence: after}),
        used=record.used | {entry.look},
        past=(*record.past, Past(at_ms, entry)),
    )


def _look_ended(record: Record, entry: LookEnded) -> Record:
    running = record.interrupted
    if running is None or running.started.look != entry.look:
        raise Corrupt(record.lines + 1)
    spent = record.spent
    if entry.reason is CloseReason.SEEN:
        occurrence = running.started.occurrence
        spent = MappingProxyType({**spent, occurrence: replace(spent[occurrence], seen=True)})
    return replace(record, spent=spent, past=(*record.past[:-1], replace(running, ended=entry)))


def _whole_lines(data: bytes) -> Iterator[bytes]:
    yield from data.split(b"\n")[:-1]


def replay(data: bytes) -> Record:
    """The record that a journal file's bytes tell; an unfinished last line is left out. Raises Corrupt."""
    record = Record()
    for line in _whole_lines(data):
        record = apply(record, line)
    return record
