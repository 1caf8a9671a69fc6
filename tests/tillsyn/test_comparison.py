"""What a plan changes in another; and that one which applies at once lets nothing happen that the other did not."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tillsyn.gates import closed
from tests.tillsyn.made import MIDNIGHT, plan
from tillsyn.comparison import (
    Change,
    Changed,
    Comparison,
    Reach,
    Topic,
    WindowAdded,
    WindowChanged,
    WindowRemoved,
    applies_at_once,
    compare,
)
from tillsyn.model import Fallback, Limits, Plan, Role, Room, Spent, Window
from tillsyn.schedule import occurrences
from tillsyn.terms import closes, refusal

WEEKEND = (5, 6, 7)


def window(start: str, end: str, name: str = "night", days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)) -> Window:
    return Window(name, time.fromisoformat(start), time.fromisoformat(end), days)


TWO, FIVE = window("02:00", "03:00", "two"), window("05:00", "06:00", "five")


def changes(before: tuple[Window, ...], after: tuple[Window, ...]) -> tuple[Change, ...]:
    return compare(plan(windows=before), plan(windows=after)).changes


# ---- windows --------------------------------------------------------------------------------------------------------


def test_a_plan_is_like_itself_whatever_its_number() -> None:
    assert compare(plan(), plan(number=9)) == Comparison(1, 1, ())


def test_looks_are_counted_and_come_in_the_order_of_the_night() -> None:
    evening = window("22:00", "23:00", "evening")
    found = compare(plan(windows=(TWO,)), plan(windows=(FIVE, evening)))
    assert (found.looks_before, found.looks_after) == (1, 2)
    assert found.changes == (WindowAdded(evening), WindowChanged(TWO, FIVE, Reach.WIDER))
    gone = compare(plan(windows=(FIVE, evening)), plan(windows=(evening,)))
    assert gone.changes == (WindowRemoved(FIVE),)
    assert (gone.is_wider, gone.is_narrower, gone.needs_answer) == (False, True, False)


@pytest.mark.parametrize(
    ("before", "after", "is_moved", "reach"),
    [
        pytest.param(TWO, window("01:30", "02:30", "two"), True, Reach.WIDER, id="earlier"),
        pytest.param(TWO, window("02:00", "03:30", "two"), False, Reach.WIDER, id="longer"),
        pytest.param(TWO, window("02:00", "02:30", "two"), False, Reach.NARROWER, id="shorter"),
        pytest.param(TWO, window("02:15", "02:30", "two"), False, Reach.NARROWER, id="within an hour that is jumped"),
        pytest.param(
            window("01:30", "02:30"), window("02:10", "02:20"), False, Reach.WIDER, id="within, but not when it jumps"
        ),
        pytest.param(FIVE, window("05:15", "05:30", "five"), False, Reach.NARROWER, id="within"),
        pytest.param(TWO, window("02:00", "03:00", "two", WEEKEND), False, Reach.NARROWER, id="on fewer days"),
        pytest.param(
            window("02:00", "03:00", "two", WEEKEND), window("02:00", "03:00", "two", (1,)), False, Reach.WIDER,
            id="on another day",
        ),
        pytest.param(window("22:00", "07:00"), window("23:00", "06:00"), False, Reach.NARROWER, id="within the night"),
        pytest.param(window("22:00", "07:00"), window("06:00", "23:00"), False, Reach.WIDER, id="the day instead"),
    ],
)  # fmt: skip
def test_a_window_that_is_otherwise(before: Window, after: Window, is_moved: bool, reach: Reach) -> None:
    (found,) = changes((before,), (after,))
    assert found == WindowChanged(before, after, reach)
    assert isinstance(found, WindowChanged)
    assert (found.is_moved, found.is_noticed) == (is_moved, True)


def test_a_window_with_another_name_may_be_looked_in_once_more_though_nobody_notices() -> None:
    (found,) = changes((TWO,), (replace(TWO, id="other"),))
    assert isinstance(found, WindowChanged)
    assert (found.is_noticed, found.reach) == (False, Reach.WIDER)


def test_a_window_that_moved_under_another_name_is_found_by_the_clock() -> None:
    other, far = window("23:30", "00:30", "other"), window("12:00", "13:00", "far")
    late = window("00:30", "01:30", "late")
    assert changes((late,), (other,)) == (WindowChanged(late, other, Reach.WIDER),)
    assert changes((late,), (far,)) == (WindowRemoved(late), WindowAdded(far)) or changes((late,), (far,)) == (
        WindowAdded(far), WindowRemoved(late),
    )  # fmt: skip
    weekend = replace(other, days=WEEKEND)
    assert {type(one) for one in changes((late,), (weekend,))} == {WindowRemoved, WindowAdded}


def test_the_nearest_is_the_one_that_moved() -> None:
    near, far = window("01:30", "02:30", "near"), window("03:30", "04:30", "far")
    assert changes((TWO,), (far, near)) == (
        WindowChanged(TWO, near, Reach.WIDER), WindowAdded(far),
    )  # fmt: skip


# ---- the rest -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "topic", "values", "reach"),
    [
        pytest.param({"look_seconds": 60}, Topic.LOOK_SECONDS, (30, 60), Reach.WIDER, id="longer looks"),
        pytest.param({"look_seconds": 20}, Topic.LOOK_SECONDS, (30, 20), Reach.NARROWER, id="shorter looks"),
        pytest.param({"grace_seconds": 31}, Topic.GRACE_SECONDS, (30, 31), Reach.WIDER, id="more grace"),
        pytest.param({"max_retries": 0}, Topic.MAX_RETRIES, (1, 0), Reach.NARROWER, id="no retry"),
        pytest.param({"retry_within_minutes": 30}, Topic.RETRY_MINUTES, (20, 30), Reach.WIDER, id="later retries"),
        pytest.param({"keep_days": 30}, Topic.KEEP_DAYS, (365, 30), Reach.NARROWER, id="a shorter log"),
        pytest.param({"keep_days": 366}, Topic.KEEP_DAYS, (365, 366), Reach.WIDER, id="a longer log"),
        pytest.param(
            {"roles": (Role.PATROL, Role.OPERATOR)}, Topic.ROLES, ((Role.OPERATOR,), (Role.PATROL, Role.OPERATOR)),
            Reach.WIDER, id="the patrol looks too",
        ),
        pytest.param(
            {"roles": (Role.PATROL,)}, Topic.ROLES, ((Role.OPERATOR,), (Role.PATROL,)), Reach.WIDER,
            id="the patrol looks instead",
        ),
        pytest.param({"unit": "syd"}, Topic.UNIT, ("natt", "syd"), Reach.WIDER, id="another unit"),
        pytest.param(
            {"rooms": (Room.BEDROOM, Room.HALL)}, Topic.ROOMS, ((Room.BEDROOM,), (Room.BEDROOM, Room.HALL)),
            Reach.WIDER, id="another room",
        ),
        pytest.param(
            {"fallback": (Fallback.VISIT,)}, Topic.FALLBACK,
            ((Fallback.CALL_CLIENT, Fallback.VISIT), (Fallback.VISIT,)), Reach.AGREED, id="other help",
        ),
        pytest.param({"move_minutes": 60}, Topic.MOVE_MINUTES, (0, 60), Reach.TOLD, id="more freedom"),
        pytest.param(
            {"review": date(2027, 1, 1)}, Topic.REVIEW, (date(2027, 2, 1), date(2027, 1, 1)), Reach.TOLD,
            id="an earlier review",
        ),
        pytest.param(
            {"review": date(2027, 3, 1)}, Topic.REVIEW, (date(2027, 2, 1), date(2027, 3, 1)), Reach.AGREED,
            id="a later review",
        ),
        pytest.param({"contact": "Karin"}, Topic.CONTACT, ("", "Karin"), Reach.TOLD, id="another contact"),
    ],
)  # fmt: skip
def test_something_else_that_is_otherwise(
    terms: dict[str, Any], topic: Topic, values: tuple[Any, Any], reach: Reach
) -> None:
    found = compare(plan(), plan(**terms))
    assert found.changes == (Changed(topic, *values, reach),)
    assert found.needs_answer is (reach in (Reach.WIDER, Reach.AGREED))
    assert (found.is_wider, found.is_narrower) == (reach is Reach.WIDER, reach is Reach.NARROWER)


def test_what_is_taken_away_is_narrower_and_what_the_client_may_less_is_asked_about() -> None:
    three = (Room.BEDROOM, Room.HALL, Room.KITCHEN)
    assert compare(plan(rooms=three), plan(rooms=(Room.BEDROOM, Room.KITCHEN))).changes[0].reach is Reach.NARROWER
    assert compare(plan(rooms=three), plan(rooms=(Room.KITCHEN, Room.BEDROOM))).changes[0].reach is Reach.WIDER
    both = (Role.OPERATOR, Role.PATROL)
    assert compare(plan(roles=both), plan(roles=(Role.PATROL,))).changes[0].reach is Reach.NARROWER
    assert compare(plan(roles=both), plan(roles=both[::-1])).changes == ()
    assert compare(plan(move_minutes=60), plan(move_minutes=30)).changes[0].reach is Reach.AGREED


# ---- at once or not -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        pytest.param({"look_seconds": 20}, True, id="narrower"),
        pytest.param({"look_seconds": 20, "contact": "Karin"}, True, id="narrower, and told"),
        pytest.param({"look_seconds": 20, "max_retries": 2}, False, id="narrower in one respect and wider in another"),
        pytest.param({"look_seconds": 20, "fallback": (Fallback.VISIT,)}, False, id="narrower, with other help"),
        pytest.param({"contact": "Karin"}, True, id="only told"),
        pytest.param({}, False, id="nothing: it asks anew"),
        pytest.param({"look_seconds": 20, "hub": "B" * 43}, False, id="for another home"),
    ],
)
def test_a_plan_that_only_narrows_applies_at_once(terms: dict[str, Any], expected: bool) -> None:
    assert applies_at_once(plan(), plan(number=4, **terms), {}, MIDNIGHT) is expected


def test_the_first_plan_and_one_that_would_take_back_what_the_client_moved_wait() -> None:
    narrower = plan(number=4, look_seconds=20)
    assert not applies_at_once(None, narrower, {}, MIDNIGHT)
    moved = {"night/2026-11-22": (MIDNIGHT, MIDNIGHT + timedelta(hours=1))}
    assert not applies_at_once(plan(), narrower, moved, MIDNIGHT)
    assert applies_at_once(plan(), narrower, moved, MIDNIGHT + timedelta(hours=1))


TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
NAMES = st.sampled_from(["a", "b", "c"])
DAYS = st.sets(st.integers(1, 7), min_size=1).map(lambda one: tuple(sorted(one)))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    names = draw(st.sets(NAMES, min_size=1, max_size=3))
    windows = []
    for name in sorted(names):
        start, end = draw(TIMES), draw(TIMES)
        if start != end:
            windows.append(Window(name, start, end, draw(DAYS)))
    return replace(
        plan(windows=tuple(windows) or (TWO,)),
        limits=Limits(
            draw(st.integers(10, 12)), draw(st.integers(0, 2)), draw(st.integers(0, 2)), draw(st.integers(0, 1))
        ),
        roles=tuple(sorted(draw(st.sets(st.sampled_from([Role.OPERATOR, Role.PATROL]), min_size=1)))),
        rooms=draw(st.permutations([Room.BEDROOM, Room.KITCHEN, Room.HALL]).map(lambda one: tuple(one[:2]))),
    )


@st.composite
def narrowed(draw: st.DrawFn) -> tuple[Plan, Plan]:
    """Two plans, the second mostly cut from the first, so that it often applies at once."""
    before, other = draw(plans()), draw(plans())
    windows = []
    for one in before.windows[: draw(st.integers(1, 3))]:
        changed = replace(
            one,
            start=draw(st.sampled_from([one.start, draw(TIMES)])),
            end=draw(st.sampled_from([one.end, draw(TIMES)])),
            days=draw(st.sampled_from([one.days, one.days[:1]])),
        )
        windows.append(changed if changed.start != changed.end else one)
    after = replace(before, windows=tuple(windows))
    for name in draw(st.sets(st.sampled_from(["limits", "roles", "rooms"]), max_size=1)):
        after = replace(after, **{name: getattr(other, name)})  # type: ignore[arg-type]
    return before, after


FIRSTS = st.sampled_from(
    [datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC), datetime(2027, 3, 26, tzinfo=UTC)]
)


@given(narrowed(), FIRSTS)
def test_a_plan_that_applies_at_once_lets_nothing_happen_that_was_not_agreed(
    both: tuple[Plan, Plan], first: datetime
) -> None:
    """Asked of the gate, at each quarter of some days around both clock changes: also for a retry."""
    before, after = both
    if not applies_at_once(before, replace(after, number=before.number), {}, first):
        return
    assert set(after.roles) <= set(before.roles)
    assert after.limits.look_seconds <= before.limits.look_seconds
    assert set(after.rooms) <= set(before.rooms)
    agreed, proposed = (closed(plan=one) for one in both)
    for one in occurrences(after.windows, first, first + timedelta(days=4)):
        spent = Spent(one.start, 1, seen=False)
        known = {
            find.id: find for find in occurrences(before.windows, first - timedelta(days=2), first + timedelta(days=6))
        }
        assert closes(after, one, None) <= closes(before, known[one.id], None)
        assert closes(after, one, spent) <= closes(before, known[one.id], spent)
        at = one.start - timedelta(minutes=15)
        while at < one.end + timedelta(minutes=15):
            for used in ({}, {one.id: spent}):
                if refusal(replace(proposed, spent=used), 3, one.id, at) is None:
                    assert refusal(replace(agreed, spent=used), 3, one.id, at) is None
            at += timedelta(minutes=15)


@given(plans(), plans())
def test_each_look_is_told_of_once(before: Plan, after: Plan) -> None:
    found = compare(before, after).changes
    old = [one.before for one in found if isinstance(one, WindowChanged)]
    old += [one.window for one in found if isinstance(one, WindowRemoved)]
    new = [one.after for one in found if isinstance(one, WindowChanged)]
    new += [one.window for one in found if isinstance(one, WindowAdded)]
    assert sorted(one.id for one in old) == sorted({one.id for one in old})
    assert sorted(one.id for one in new) == sorted({one.id for one in new})
    assert set(before.windows) - set(old) == set(after.windows) - set(new)
