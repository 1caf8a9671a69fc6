"""What a proposed plan changes in the accepted one, and whether it lets anything more be seen. Pure.

A plan that only narrows what may be seen applies at once. One that changes anything else waits for an answer at home,
and waits whole.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from .model import Plan, Window
from .schedule import Moved, occurrence

_DAY_MINUTES: Final = 24 * 60
_NEAR_MINUTES: Final = 180
"""A window that is gone and one that is new are one that was moved if they begin within this of each other."""
_NIGHTS: Final = (
    date(2027, 1, 15), date(2026, 10, 24), date(2026, 10, 25), date(2027, 3, 27), date(2027, 3, 28),
)  # fmt: skip
"""An ordinary day, and those where a window within another by the clock may reach beyond it."""


class Reach(StrEnum):
    """What a change does to what may be seen."""

    WIDER = "wider"
    NARROWER = "narrower"
    AGREED = "agreed"
    """Neither, but not without the home's leave: it takes something else from what was agreed."""
    TOLD = "told"
    """Neither, and it is enough that the home is told."""


class Topic(StrEnum):
    """What may differ beside the windows."""

    LOOK_SECONDS = "look_seconds"
    GRACE_SECONDS = "grace_seconds"
    MAX_RETRIES = "max_retries"
    RETRY_MINUTES = "retry_minutes"
    ROLES = "roles"
    UNIT = "unit"
    ROOMS = "rooms"
    FALLBACK = "fallback"
    MOVE_MINUTES = "move_minutes"
    KEEP_DAYS = "keep_days"
    REVIEW = "review"
    CONTACT = "contact"


type Value = int | str | date | tuple[StrEnum, ...]


@dataclass(frozen=True, slots=True)
class WindowAdded:
    """A look more."""

    window: Window
    reach: Reach = Reach.WIDER


@dataclass(frozen=True, slots=True)
class WindowRemoved:
    """A look less."""

    window: Window
    reach: Reach = Reach.NARROWER


@dataclass(frozen=True, slots=True)
class WindowChanged:
    """A look at another time, or on other days; where only its name differs, people notice nothing."""

    before: Window
    after: Window
    reach: Reach

    @property
    def is_moved(self) -> bool:
        """Whether it is as long as before, on the same days."""
        return (_length(self.before), set(self.before.days)) == (_length(self.after), set(self.after.days))

    @property
    def is_noticed(self) -> bool:
        """Whether anything but its name differs."""
        return _hours(self.before) != _hours(self.after)


@dataclass(frozen=True, slots=True)
class Changed:
    """Something else is otherwise."""

    topic: Topic
    before: Value
    after: Value
    reach: Reach


type Change = WindowAdded | WindowRemoved | WindowChanged | Changed


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs: windows first, in the order of the clock."""

    looks_before: int
    looks_after: int
    changes: tuple[Change, ...]

    @property
    def is_wider(self) -> bool:
        """Whether anything more may be seen, by anybody, anywhere, at any time."""
        return any(one.reach is Reach.WIDER for one in self.changes)

    @property
    def is_narrower(self) -> bool:
        """Whether anything less may be seen."""
        return any(one.reach is Reach.NARROWER for one in self.changes)

    @property
    def needs_answer(self) -> bool:
        """Whether the home must be asked."""
        return any(one.reach in (Reach.WIDER, Reach.AGREED) for one in self.changes)


def compare(before: Plan, after: Plan) -> Comparison:
    """What ``after`` changes in ``before``, plans for the same hub."""
    changes = (*_windows(before.windows, after.windows), *_others(before, after))
    return Comparison(len(before.windows), len(after.windows), changes)


def applies_at_once(before: Plan | None, after: Plan, moved: Moved, now: datetime) -> bool:
    """Whether this plan needs no answer at home.

    The first one does, and one that changes nothing: it asks anew. So does any while a look to come has been moved, for
    another plan takes that back to its agreed time.
    """
    if before is None or before.hub != after.hub or any(end > now for _, end in moved.values()):
        return False
    found = compare(before, after)
    return bool(found.changes) and not found.needs_answer


# ---- windows --------------------------------------------------------------------------------------------------------


def _windows(before: Sequence[Window], after: Sequence[Window]) -> Iterator[Change]:
    pairs = list(_pairs(before, after))
    gone = [one for one in before if one not in [old for old, _ in pairs]]
    new = [one for one in after if one not in [fresh for _, fresh in pairs]]
    found: list[tuple[Window, Change]] = [(one, WindowRemoved(one)) for one in gone]
    found += [(one, WindowAdded(one)) for one in new]
    for old, fresh in pairs:
        if old.id != fresh.id or _hours(old) != _hours(fresh):
            reach = Reach.NARROWER if _is_within(fresh, old) else Reach.WIDER
            found.append((old, WindowChanged(old, fresh, reach)))
    yield from (change for _, change in sorted(found, key=lambda one: (_evening(one[0]), one[0].id)))


def _pairs(before: Sequence[Window], after: Sequence[Window]) -> Iterator[tuple[Window, Window]]:
    """Which windows are the same look: by name, else by hours, else the nearest on the same days."""
    left, right = list(before), list(after)
    rules: tuple[Callable[[Window, Window], int | None], ...] = (
        lambda old, new: 0 if old.id == new.id else None,
        lambda old, new: 0 if _hours(old) == _hours(new) else None,
        _nearness,
    )
    for rule in rules:
        found = [(apart, old, new) for old in left for new in right if (apart := rule(old, new)) is not None]
        for _, old, new in sorted(found, key=lambda one: (one[0], one[1].id, one[2].id)):
            if old in left and new in right:
                left.remove(old)
                right.remove(new)
                yield old, new


def _nearness(old: Window, new: Window) -> int | None:
    apart = (_minute(new) - _minute(old)) % _DAY_MINUTES
    apart = min(apart, _DAY_MINUTES - apart)
    return apart if set(old.days) == set(new.days) and apart <= _NEAR_MINUTES else None


def _is_within(new: Window, old: Window) -> bool:
    """Whether a look in ``new`` would have been one in ``old``, on every night; another name is another look."""
    if new.id != old.id or not set(new.days) <= set(old.days):
        return False
    both = ((occurrence(new, day), occurrence(old, day)) for day in _NIGHTS)
    return all(outer.start <= inner.start and inner.end <= outer.end for inner, outer in both)


def _hours(window: Window) -> tuple[object, ...]:
    return window.start, window.end, tuple(sorted(set(window.days)))


def _minute(window: Window) -> int:
    return window.start.hour * 60 + window.start.minute


def _evening(window: Window) -> int:
    """Minutes from noon to its beginning: the order in which a night's looks come."""
    return (_minute(window) - _DAY_MINUTES // 2) % _DAY_MINUTES


def _length(window: Window) -> int:
    minutes = (window.end.hour - window.start.hour) * 60 + window.end.minute - window.start.minute
    return minutes % _DAY_MINUTES


# ---- the rest -------------------------------------------------------------------------------------------------------


def _by_size(before: int, after: int) -> Reach:
    return Reach.WIDER if after > before else Reach.NARROWER


def _by_members(before: Collection[object], after: Collection[object]) -> Reach:
    return Reach.NARROWER if set(after) <= set(before) else Reach.WIDER


def _by_order(before: Sequence[object], after: Sequence[object]) -> Reach:
    """Fewer rooms, in the order that they were in: a look begins in the first."""
    return Reach.NARROWER if [one for one in before if one in after] == list(after) else Reach.WIDER


def _others(before: Plan, after: Plan) -> Iterator[Changed]:
    sizes: Mapping[Topic, Callable[[Plan], int]] = {
        Topic.LOOK_SECONDS: lambda plan: plan.limits.look_seconds,
        Topic.GRACE_SECONDS: lambda plan: plan.limits.grace_seconds,
        Topic.MAX_RETRIES: lambda plan: plan.limits.max_retries,
        Topic.RETRY_MINUTES: lambda plan: plan.limits.retry_within_minutes,
        Topic.KEEP_DAYS: lambda plan: plan.keep_days,
    }
    for topic, read in sizes.items():
        if read(before) != read(after):
            yield Changed(topic, read(before), read(after), _by_size(read(before), read(after)))
    if set(before.roles) != set(after.roles):
        yield Changed(Topic.ROLES, before.roles, after.roles, _by_members(before.roles, after.roles))
    if before.unit != after.unit:
        yield Changed(Topic.UNIT, before.unit, after.unit, Reach.WIDER)
    if before.rooms != after.rooms:
        yield Changed(Topic.ROOMS, before.rooms, after.rooms, _by_order(before.rooms, after.rooms))
    if before.fallback != after.fallback:
        yield Changed(Topic.FALLBACK, before.fallback, after.fallback, Reach.AGREED)
    if before.move_minutes != after.move_minutes:
        # That the client may move less is taken from the client.
        reach = Reach.TOLD if after.move_minutes > before.move_minutes else Reach.AGREED
        yield Changed(Topic.MOVE_MINUTES, before.move_minutes, after.move_minutes, reach)
    if before.review != after.review:
        reach = Reach.TOLD if after.review < before.review else Reach.AGREED
        yield Changed(Topic.REVIEW, before.review, after.review, reach)
    if before.contact != after.contact:
        yield Changed(Topic.CONTACT, before.contact, after.contact, Reach.TOLD)
