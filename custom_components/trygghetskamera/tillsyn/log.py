"""The journal as the home's log: each entry with what it refers to and does not say itself. Pure; the words are the
shell's.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field

from . import entries as e
from .agreement import Away
from .chain import last_credential
from .identity import digest, parse
from .journal import history
from .model import Window
from .record import Record
from .wire import PlanStatement


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened. ``at_ms``: milliseconds UTC.

    ``name``: of the person whose consent it is about, or of the operator whose look it is, '' where that is not known
    any more. ``away``: the absence it is about. ``window``: the agreed window it is about, as the plan then had it.
    ``acknowledged``: of a receipt, whether whoever looked has seen it.
    ``before``: the pairing that a pairing takes the place of, None for the first.
    """

    number: int
    at_ms: int
    entry: e.Entry
    name: str = ""
    away: Away | None = None
    window: Window | None = None
    acknowledged: bool = False
    before: e.Paired | None = None


@dataclass(slots=True)
class _Known:
    """What earlier lines have said. Grows with the people and absences of the home, not with its looks."""

    people: dict[str, str] = field(default_factory=dict)
    away: dict[str, Away] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    proposed: str | None = None
    paired: e.Paired | None = None
    looker: str = ""

    def restore(self, record: Record) -> None:
        self.people = {one.id: one.name for one in record.people}
        self.away = {one.id: one for one in record.away}
        self.proposed = record.proposed
        self.paired = record.paired
        if record.accepted is not None:
            self.windows = _windows(parse(PlanStatement, record.accepted).statement)

    def learn(self, entry: e.Entry) -> None:
        match entry:
            case e.PersonAdded(person, name) | e.PersonChanged(person, name):
                self.people[person] = name
            case e.AwayAdded(away, kind, start_ms, end_ms, by):
                self.away.setdefault(away, Away(away, kind, start_ms, end_ms, by))
            case e.PlanProposed(token):
                self.proposed = token
            case e.PlanAnswered():
                self._answered(entry)
            case e.LookStarted():
                self.looker = entry.name
            case e.Paired():
                self.paired = entry
            case _:
                pass

    def _answered(self, answer: e.PlanAnswered) -> None:
        plan = None if self.proposed is None else parse(PlanStatement, self.proposed).statement
        if plan is not None and plan.number == answer.number:
            self.proposed = None
            self.windows = _windows(plan) if answer.accepted else self.windows

    def name(self, entry: e.Entry) -> str:
        match entry:
            case (
                e.PersonChanged(person) | e.PersonRemoved(person) | e.ConsentGiven(person) | e.ConsentWithdrawn(person)
            ):
                return self.people.get(person, "")
            case e.LookTurned() | e.LookEnded() | e.ReceiptSigned():
                return self.looker
            case e.ReceiptAcknowledged(_, chain):
                # Another may be looking when an acknowledgement comes.
                said = last_credential(chain)
                return "" if said is None else said.name
            case _:
                return ""

    def window(self, entry: e.Entry) -> Window | None:
        match entry:
            case (
                e.LookSkipped(occurrence)
                | e.LookKept(occurrence)
                | e.LookMoved(occurrence)
                | e.LookMissed(occurrence)
                | e.LookStarted(_, occurrence)
            ):
                return self.windows.get(occurrence.partition("/")[0])
            case _:
                return None


def _windows(plan: PlanStatement) -> dict[str, Window]:
    return {one.id: one for one in plan.windows}


def rows(lines: Iterable[bytes], acknowledged: Container[str] = ()) -> Iterator[Row]:
    """The log, oldest first, of a journal's lines from its first on. ``acknowledged``: hashes of receipts. Raises
    Corrupt, as ``history`` does.
    """
    known = _Known()
    for found in history(lines):
        if isinstance(found, Record):
            known.restore(found)
            continue
        entry = found.entry
        away = known.away.get(entry.away) if isinstance(entry, e.AwayRemoved) else None
        is_seen = isinstance(entry, e.ReceiptSigned) and digest(entry.token) in acknowledged
        before = known.paired if isinstance(entry, e.Paired) else None
        yield Row(found.number, found.at_ms, entry, known.name(entry), away, known.window(entry), is_seen, before)
        known.learn(entry)
