"""From agreed windows in local time to moments in UTC, right on both clock-change nights.

A local time that the clock jumps over means the moment of the jump; one that comes twice means the first. A window that
the jump swallows whole keeps its length from the jump on, so no agreed look disappears.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from .model import Window

STOCKHOLM = ZoneInfo("Europe/Stockholm")
_DAY = timedelta(days=1)
_MORNING: Final = time(6)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One agreed window on one night. ``id`` is '<window>/<local date of the start>'; start and end are UTC, end not
    included.
    """

    id: str
    start: datetime
    end: datetime

    def contains(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in the window."""
        return self.start <= moment < self.end


def local_moment(day: date, clock: time) -> datetime:
    """The first moment when local clocks show this time, or the jump that skips it."""
    moment = datetime.combine(day, clock, tzinfo=STOCKHOLM).astimezone(UTC)
    if moment.astimezone(STOCKHOLM).time() == clock:
        return moment
    return moment.replace(minute=0, second=0)  # skipped: European clocks jump at a whole hour of UTC (2000/84/EC)


def occurrence(window: Window, day: date) -> Occurrence:
    """The window that starts on local date ``day`` (its weekday is not looked at)."""
    last_day = day if window.end > window.start else day + _DAY
    start, end = local_moment(day, window.start), local_moment(last_day, window.end)
    if end <= start:
        nominal = datetime.combine(last_day, window.end) - datetime.combine(day, window.start)
        end = start + nominal
    return Occurrence(f"{window.id}/{day.isoformat()}", start, end)


def occurrences(windows: Iterable[Window], after: datetime, until: datetime) -> list[Occurrence]:
    """All occurrences that touch [after, until), by start."""

    def each() -> Iterator[Occurrence]:
        for window in windows:
            day = local_day(after) - 2 * _DAY
            last = local_day(until) + _DAY
            while day <= last:
                if day.isoweekday() in window.days:
                    found = occurrence(window, day)
                    if found.end > after and found.start < until:
                        yield found
                day += _DAY

    return sorted(each(), key=lambda one: (one.start, one.id))


def find(windows: Iterable[Window], occurrence_id: str) -> Occurrence | None:
    """The occurrence with exactly this id, or None where no agreed window has it."""
    window_id, _, day_text = occurrence_id.partition("/")
    try:
        day = date.fromisoformat(day_text)
        for window in windows:
            if window.id == window_id and day.isoweekday() in window.days:
                found = occurrence(window, day)
                return found if found.id == occurrence_id else None
    except ValueError, OverflowError:  # no such date, or at the very ends of the calendar
        return None
    return None


type Moved = Mapping[str, tuple[datetime, datetime]]
"""Windows that the client has moved, by occurrence: from when until when (UTC)."""


def as_moved(window: Occurrence, moved: Moved) -> Occurrence:
    """The window where the client has put it."""
    return Occurrence(window.id, *moved[window.id]) if window.id in moved else window


def as_wished(
    windows: Iterable[Window], between: tuple[datetime, datetime], skipped: Collection[str], moved: Moved
) -> list[Occurrence]:
    """The occurrences that touch these moments (the second not included) where the client has put them, without those
    that the client does without; by start.
    """
    after, until = between
    windows = tuple(windows)
    agreed = {one.id: one for one in occurrences(windows, after, until) if one.id not in moved}
    for name in moved:
        found = find(windows, name)
        there = None if found is None else as_moved(found, moved)
        if there is not None and there.end > after and there.start < until:
            agreed[name] = there
    return sorted((one for name, one in agreed.items() if name not in skipped), key=lambda one: (one.start, one.id))


def night_of(now: datetime) -> tuple[datetime, datetime]:
    """The night that is, or that comes: from noon to noon by the clock at home."""
    local = now.astimezone(STOCKHOLM)
    noon = local.replace(hour=12, minute=0, second=0, microsecond=0, fold=0)
    start = noon if local >= noon else noon - _DAY
    return start, start + _DAY


def until_tomorrow(now: datetime) -> datetime:
    """When a pause until tomorrow ends: with the night that is, or from six in the morning with the one that comes."""
    end = night_of(now)[1]
    return end + _DAY if _MORNING <= now.astimezone(STOCKHOLM).time() < end.time() else end


def local_day(moment: datetime) -> date:
    """The date by the clock at home."""
    return moment.astimezone(STOCKHOLM).date()


def midnight(day: date) -> datetime:
    """When this local date begins."""
    return local_moment(day, time())
