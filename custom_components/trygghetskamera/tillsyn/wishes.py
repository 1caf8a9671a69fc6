"""What the client may want otherwise than the plan: do without a look, have it at another time, have a visit. Pure.

A wish is checked here and becomes an entry of the journal, or None where it is so already. To do without a look is for
everybody; what makes it happen after all, or at another time, is for those who may make the camera less private.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from . import wire
from .entries import LookKept, LookMoved, LookSkipped
from .errors import Refused
from .gate_values import Gate
from .model import Plan
from .record import VISITS_KEPT, Record, Visit, moment
from .schedule import STOCKHOLM, Moved, Occurrence, as_moved, as_wished, find, local_moment
from .terms import closes, latest

SKIP_AHEAD: Final = timedelta(days=8)
"""How far ahead a look may be done without; for longer there are absences."""
VISIT_AGAIN: Final = timedelta(minutes=15)
"""Asked again within this, it is the same visit."""
_TOLD_AFTER: Final = timedelta(hours=12)
"""How long after its window a wish about a look is still told, so that it is not taken back before it is accounted."""
_VISITS_TOLD: Final = timedelta(hours=24)
_MOST_LOOKS: Final = 48
_MOST_AWAY: Final = 16
_FIRST_SECOND, _LAST_SECOND = 1_600_000_000, 9_999_999_999


class WishFault(StrEnum):
    """Why a wish cannot be fulfilled."""

    NO_PLAN = "no_plan"
    NO_SUCH_LOOK = "no_such_look"
    LOOK_OVER = "look_over"
    TOO_FAR_AHEAD = "too_far_ahead"
    NOT_WISHED = "not_wished"
    NOT_MOVABLE = "not_movable"
    LOOK_BEGUN = "look_begun"
    LOOK_SKIPPED = "look_skipped"
    MOVED_TOO_FAR = "moved_too_far"
    IN_THE_PAST = "in_the_past"
    OVERLAPS = "overlaps"


class NotFulfilled(Exception):
    """It cannot be; ``fault`` says why."""

    def __init__(self, fault: WishFault) -> None:
        """Keep why."""
        super().__init__(fault)
        self.fault = fault


def is_occurrence(text: str) -> bool:
    """Whether this could be the id of an occurrence."""
    try:
        wire.OCCURRENCE(text)
    except Refused:
        return False
    return True


def _agreed(gate: Gate, occurrence: str) -> tuple[Plan, Occurrence]:
    if gate.plan is None:
        raise NotFulfilled(WishFault.NO_PLAN)
    found = find(gate.plan.windows, occurrence)
    if found is None:
        raise NotFulfilled(WishFault.NO_SUCH_LOOK)
    return gate.plan, found


def skip(gate: Gate, occurrence: str, now: datetime, by: str) -> LookSkipped | None:
    """Do without this look, also while somebody looks in it. Raises NotFulfilled."""
    if gate.plan is None and not gate.journal and is_occurrence(occurrence):
        return LookSkipped(occurrence, by)  # the journal has not been read: nobody can say that it is not agreed
    plan, found = _agreed(gate, occurrence)
    if occurrence in gate.skipped:
        return None
    window, spent = as_moved(found, gate.moved), gate.spent.get(occurrence)
    if (spent is not None and spent.seen) or now >= closes(plan, window, spent):
        raise NotFulfilled(WishFault.LOOK_OVER)
    if window.start > now + SKIP_AHEAD:
        raise NotFulfilled(WishFault.TOO_FAR_AHEAD)
    return LookSkipped(occurrence, by)


def keep(gate: Gate, occurrence: str, now: datetime, by: str) -> LookKept:
    """Have this look after all, as the plan says. Raises NotFulfilled."""
    plan, found = _agreed(gate, occurrence)
    if occurrence not in gate.skipped and occurrence not in gate.moved:
        raise NotFulfilled(WishFault.NOT_WISHED)
    if now >= latest(plan, found, gate.spent.get(occurrence)):
        raise NotFulfilled(WishFault.LOOK_OVER)
    if occurrence in gate.moved:
        _not_begun(gate, occurrence)
        if now >= as_moved(found, gate.moved).end:
            raise NotFulfilled(WishFault.LOOK_OVER)
        # Where windows overlap in the plan itself, that is agreed; what was moved into its place is not.
        if any(one.id in gate.moved for one in _others(plan, found, gate.moved)):
            raise NotFulfilled(WishFault.OVERLAPS)
    return LookKept(occurrence, by)


def move(gate: Gate, occurrence: str, start: datetime, now: datetime, by: str) -> LookMoved | None:
    """Have this look's window, with its length, begin at another moment. Raises NotFulfilled."""
    plan, found = _agreed(gate, occurrence)
    if plan.move_minutes == 0:
        raise NotFulfilled(WishFault.NOT_MOVABLE)
    if occurrence in gate.skipped:
        raise NotFulfilled(WishFault.LOOK_SKIPPED)
    _not_begun(gate, occurrence)
    window = as_moved(found, gate.moved)
    if now >= window.end:
        raise NotFulfilled(WishFault.LOOK_OVER)
    start = start.astimezone(UTC).replace(microsecond=0)
    there = Occurrence(occurrence, start, start + (found.end - found.start))
    if there == window:
        return None
    if abs(start - found.start) > timedelta(minutes=plan.move_minutes):
        raise NotFulfilled(WishFault.MOVED_TOO_FAR)
    if start < now:
        raise NotFulfilled(WishFault.IN_THE_PAST)
    if _others(plan, there, gate.moved):
        raise NotFulfilled(WishFault.OVERLAPS)
    return LookMoved(occurrence, _ms(there.start), _ms(there.end), by)


def at_clock(gate: Gate, occurrence: str, clock: time) -> datetime:
    """The moment nearest this look's agreed beginning when clocks at home show ``clock``. Raises NotFulfilled."""
    _, found = _agreed(gate, occurrence)
    day = found.start.astimezone(STOCKHOLM).date()
    near = (local_moment(day + timedelta(days=days), clock) for days in (-1, 0, 1))
    return min(near, key=lambda one: abs(one - found.start))


def _not_begun(gate: Gate, occurrence: str) -> None:
    if occurrence in gate.spent:
        raise NotFulfilled(WishFault.LOOK_BEGUN)


def _others(plan: Plan, there: Occurrence, moved: Moved) -> list[Occurrence]:
    """The other agreed windows, done without or not, that touch this time."""
    found = as_wished(plan.windows, (there.start, there.end), (), moved)
    return [one for one in found if one.id != there.id]


def visit_asked(record: Record, now_ms: int) -> Visit | None:
    """A visit that was asked for so lately that asking again means the same one."""
    last = record.visits[-1] if record.visits else None
    is_recent = last is not None and abs(now_ms - last.at_ms) < VISIT_AGAIN / timedelta(milliseconds=1)
    return last if is_recent else None


# ---- what the municipality is told ----------------------------------------------------------------------------------


def statement(record: Record, plan: Plan | None, hub: str, now: datetime, iat: int) -> wire.Wishes:
    """All that is wished otherwise than ``plan`` from ``now`` on. Where there is more than the statement holds, what
    comes first is told, and the rest when its time comes.
    """
    moved = [
        wire.Moved(one.id, int(one.start.timestamp()), int(one.end.timestamp()))
        for one in _told(plan, record.moved, record.moved, now)
    ]
    away = sorted(_away(record, now), key=lambda one: (one.start, one.end))
    since = _ms(now - _VISITS_TOLD)
    visits = [wire.VisitAsked(one.id, one.at_ms // 1000) for one in record.visits if one.at_ms >= since]
    return wire.Wishes(
        hub,
        tuple(one.id for one in _told(plan, record.skipped, record.moved, now)),
        tuple(moved),
        tuple(away[:_MOST_AWAY]),
        tuple(visits[-VISITS_KEPT:]),
        iat,
    )


def _told(plan: Plan | None, names: Iterable[str], moved: Moved, now: datetime) -> list[Occurrence]:
    """Those of these looks that are worth telling of: the coming ones first."""
    if plan is None:
        return []
    agreed = (found for name in names if (found := find(plan.windows, name)) is not None)
    told = (one for one in (as_moved(found, moved) for found in agreed) if one.end > now - _TOLD_AFTER)
    return sorted(told, key=lambda one: (one.end <= now, one.start, one.id))[:_MOST_LOOKS]


def _away(record: Record, now: datetime) -> Iterable[wire.Away]:
    """Absences, and a pause that ends by itself; one that does not is told by the status of the home."""
    times = [(one.start_ms, one.end_ms) for one in record.away]
    if record.pause is not None and record.pause.until_ms:
        times.append((record.pause.since_ms, record.pause.until_ms))
    for start_ms, end_ms in times:
        start, end = max(_FIRST_SECOND, start_ms // 1000), min(_LAST_SECOND, ceil(end_ms / 1000))
        if moment(end_ms) > now and start < end:
            yield wire.Away(start, end)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
