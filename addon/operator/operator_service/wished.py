"""What the client wants otherwise than the plan, as facts of the looks that it is about. Pure; times are seconds UTC.

A look that runs, has become a visit or has ended is left as it is, and one that has been begun keeps its deadline:
wishes are for what is to come, and nobody who was looked for is forgotten over them.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from tillsyn.schedule import find
from tillsyn.wire import Away, PlanStatement, Wishes

from .queue import CLAIM_AHEAD, Planned, deadline, freed

NO_WISHES: Final = Wishes("", (), (), (), (), 0)


def as_wished(row: Planned, plan: PlanStatement, wishes: Wishes, now: int) -> Planned:
    """The row where the client has put it, skipped or not, away or not at the moment when it could first be done."""
    if row.ended or row.cause or row.opened or _left_alone_to_its_end(row, now):
        return row
    if not row.looks:
        start, end = _times(row, plan, wishes)
        row = replace(row, start=start, end=end)
    row = replace(row, skipped=row.occurrence in wishes.skipped, away=_away(wishes, _looked_at(row, now)))
    if row.claimed_by and now < row.start - CLAIM_AHEAD:  # it was moved away from under whoever held it
        return freed(row)
    return row


def _left_alone_to_its_end(row: Planned, now: int) -> bool:
    """What was not to be done is over, and not to be asked for afterwards: a home tells no more of what is past."""
    return now >= deadline(row) and (row.skipped or row.away >= deadline(row))


def agreed(row: Planned, plan: PlanStatement) -> tuple[int, int]:
    """From when until when the plan has it."""
    found = find(plan.windows, row.occurrence)
    return (row.start, row.end) if found is None else (int(found.start.timestamp()), int(found.end.timestamp()))


def is_moved(row: Planned, plan: PlanStatement) -> bool:
    """Whether the client has moved it."""
    return (row.start, row.end) != agreed(row, plan)


def next_change(row: Planned, wishes: Wishes, now: int) -> int | None:
    """When the client next goes away or comes home while the look is to be done; None where that does not happen."""
    moments = [moment for one in wishes.away for moment in (one.start, one.end)]
    return min((one for one in moments if _looked_at(row, now) < one < deadline(row)), default=None)


def last_call(row: Planned, away: Collection[Away], now: int) -> int:
    """When it must have been begun: its deadline, or earlier where the client goes away and is not back by then."""
    moment = deadline(row)
    for one in sorted(away, key=lambda each: each.start, reverse=True):
        if one.start < moment <= one.end:
            moment = one.start
    return moment if moment > max(row.start, now) else deadline(row)


def _times(row: Planned, plan: PlanStatement, wishes: Wishes) -> tuple[int, int]:
    """A move further than the plan lets the client move is not followed: the look would be out of sight."""
    start, end = agreed(row, plan)
    for one in wishes.moved:
        far = max(abs(one.start - start), abs(one.end - end))
        if one.occurrence == row.occurrence and far <= plan.move_minutes * 60:
            return one.start, one.end
    return start, end


def _looked_at(row: Planned, now: int) -> int:
    """The moment that counts: now; before the look's time its start, after it its last second."""
    return max(row.start, min(now, deadline(row) - 1))


def _away(wishes: Wishes, moment: int) -> int:
    """Until when the client is away at this moment, over absences that follow one another; 0 where at home."""
    until = moment
    for one in sorted(wishes.away, key=lambda away: away.start):
        if one.start <= until < one.end:
            until = one.end
    return until if until > moment else 0
