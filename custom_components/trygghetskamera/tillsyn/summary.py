"""What a journal says up to a line, as one line: it stands for all that is too old to be kept. Pure.

Who looked and when is gone with the old lines; what is agreed, the end of the receipt chain and the place in the chain
of lines stay, so that the next line still proves that it follows.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from .agreement import Away, Paused
from .entries import CAMERA, ID, MS, TOKEN, Paired
from .keeping import Began, Keeping
from .model import AwayKind, How, Relation, Spent
from .people import LOST_KEPT, MOST, Lost, Person
from .receipts import Head
from .record import AWAY_KEPT, Record, Visit, moment
from .strict import Check, Shape, boolean, day, dump, load, many, one_of, plain, text, whole
from .wire import HASH, LOOK_ID, NAME, OCCURRENCE, Revocations

LIMIT: Final = 131_072
_START: Final = b'{"summary":'
_SPENT_KEPT: Final = timedelta(days=3)
_BY: Check[str] = text(0, 100)


def _maybe[T](check: Check[T]) -> Check[T | None]:
    return lambda value: None if value is None else check(value)


def _shaped[T](kind: type[T], shape: Shape) -> Check[T]:
    return lambda value: kind(**shape.read(value))


@dataclass(frozen=True, slots=True)
class _Private:
    camera: str
    private: bool
    by: str


@dataclass(frozen=True, slots=True)
class _Moved:
    occurrence: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class _Spent:
    occurrence: str
    first_ms: int
    looks: int
    seen: bool


_PERSON: Final = Shape(
    {
        "id": ID, "name": NAME, "relation": one_of(Relation), "user": _BY, "given_ms": MS,
        "how": _maybe(one_of(How)), "review": _maybe(day),
    }
)  # fmt: skip
_PAUSED: Final = Shape({"since_ms": MS, "until_ms": MS, "by": _BY, "asked_ms": MS}, absent={"asked_ms": 0})
_PRIVATE: Final = Shape({"camera": CAMERA, "private": boolean, "by": _BY}, absent={"by": ""})
_AWAY: Final = Shape({"id": ID, "kind": one_of(AwayKind), "start_ms": MS, "end_ms": MS, "by": _BY})
_BODY: Final = Shape(
    {
        "lines": whole(1, 2**40),
        "last": HASH,
        "set_up": boolean,
        "people": many(_shaped(Person, _PERSON), 0, MOST),
        "old_consent": boolean,
        "pause": _maybe(_shaped(Paused, _PAUSED)),
        "is_restored": boolean,
        "away": many(_shaped(Away, _AWAY), 0, AWAY_KEPT),
        "private": many(_shaped(_Private, _PRIVATE), 0, 32),
        "proposed": _maybe(TOKEN),
        "accepted": _maybe(TOKEN),
        "highest_plan": whole(0, 2**31),
        "lost_shown": whole(0, 2**31),
        "lost_agreed": whole(0, 2**31),
        "skipped": many(OCCURRENCE, 0, 64),
        "moved": many(_shaped(_Moved, Shape({"occurrence": OCCURRENCE, "start_ms": MS, "end_ms": MS})), 0, 64),
        "visits": many(_shaped(Visit, Shape({"id": LOOK_ID, "at_ms": MS})), 0, 8),
        "shares_sleep": boolean,
        "spent": many(
            _shaped(_Spent, Shape({"occurrence": OCCURRENCE, "first_ms": MS, "looks": whole(1, 100), "seen": boolean})),
            0,
            96,
        ),
        "head": _shaped(Head, Shape({"sequence": whole(0, 2**31), "hash": HASH})),
        "missed": many(OCCURRENCE, 0, 96),
        "lost": many(_shaped(Lost, Shape({"camera": CAMERA, "at_ms": MS})), 0, LOST_KEPT),
        "until_ms": MS,
        "paired": _maybe(_shaped(Paired, Paired.SHAPE)),
        "policy": _maybe(TOKEN),
        "revocations": _maybe(_shaped(Revocations, Revocations.SHAPE)),
        "at_ms": MS,
        "began": _maybe(_shaped(Began, Shape({"from_ms": MS, "shown_ms": MS}))),
    },
    absent={
        "is_restored": False, "lost_shown": 0, "lost_agreed": 0, "paired": None, "policy": None, "revocations": None,
        "at_ms": 0, "began": None,
    },
)  # fmt: skip


def is_summary(line: bytes) -> bool:
    """Whether this line is a summary rather than an entry."""
    return line.startswith(_START)


def encode(record: Record, until_ms: int) -> bytes:
    """The line (without newline) that stands for everything up to ``record``, and before ``until_ms``."""
    body = {
        "lines": record.lines,
        "last": record.last,
        **_agreed(record, until_ms),
        **_nights(record, moment(until_ms) - _SPENT_KEPT),
        "visits": [plain(one) for one in record.visits],
        "shares_sleep": record.shares_sleep,
        "head": plain(record.head),
        "lost": [plain(one) for one in record.lost],
        "until_ms": until_ms,
        "paired": plain(record.paired),
        "policy": record.policy,
        "revocations": plain(record.revocations),
        "at_ms": record.at_ms,
        "began": plain(record.keeping.began),
    }
    return dump({"summary": body})


def _agreed(record: Record, until_ms: int) -> dict[str, object]:
    """What the people at home have said: consent, rest from looks, plan."""
    return {
        "set_up": record.set_up,
        "people": [plain(one) for one in record.people],
        "old_consent": record.old_consent,
        "pause": plain(record.pause),
        "is_restored": record.is_restored,
        "away": [plain(one) for one in _to_come(record, until_ms)],
        "private": [
            {"camera": camera, "private": private, "by": record.private_by.get(camera, "")}
            for camera, private in record.private.items()
        ],
        "proposed": record.proposed,
        "accepted": record.accepted,
        "highest_plan": record.highest_plan,
        "lost_shown": record.lost_shown,
        "lost_agreed": record.lost_agreed,
    }


def _nights(record: Record, since: datetime) -> dict[str, object]:
    """What is known of single windows, from the day of ``since`` on."""
    first = since.date().isoformat()

    def is_recent(occurrence: str) -> bool:
        return occurrence.rpartition("/")[2] >= first

    return {
        "skipped": sorted(filter(is_recent, record.skipped))[-64:],
        "moved": [
            {"occurrence": name, "start_ms": _ms(start), "end_ms": _ms(end)}
            for name, (start, end) in record.moved.items()
            if is_recent(name)
        ][-64:],
        "spent": [
            {"occurrence": name, "first_ms": _ms(one.first), "looks": one.looks, "seen": one.seen}
            for name, one in record.spent.items()
            if is_recent(name)
        ][-96:],
        "missed": sorted(filter(is_recent, record.missed))[-96:],
    }


def _to_come(record: Record, until_ms: int) -> list[Away]:
    """The absences that are not over; were there more than can be kept, those that end last."""
    return sorted((one for one in record.away if one.end_ms > until_ms), key=lambda one: one.end_ms)[-AWAY_KEPT:]


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def restore(line: bytes) -> Record:
    """The record that a summary stands for. Raises Refused."""
    found: dict[str, Any] = _BODY.read(load(line, LIMIT).get("summary"))
    until_ms = found.pop("until_ms")
    found["private_by"] = MappingProxyType({one.camera: one.by for one in found["private"]})
    found["private"] = MappingProxyType({one.camera: one.private for one in found["private"]})
    found["moved"] = MappingProxyType(
        {one.occurrence: (moment(one.start_ms), moment(one.end_ms)) for one in found["moved"]}
    )
    found["spent"] = MappingProxyType(
        {one.occurrence: Spent(moment(one.first_ms), one.looks, one.seen) for one in found["spent"]}
    )
    found["skipped"], found["missed"] = frozenset(found["skipped"]), frozenset(found["missed"])
    found["keeping"] = Keeping(began=found.pop("began"))
    record = Record(**found)
    return replace(record, agreements=(record.agreement(until_ms),))
