"""What the client may want otherwise, and how it is told: within the plan, and no look into another."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tillsyn.gates import closed
from tests.tillsyn.made import HUB, OCCURRENCE, instant, look_id, plan
from tillsyn import wire
from tillsyn.agreement import Away, Paused
from tillsyn.applied import applied
from tillsyn.entries import LookKept, LookMoved, LookSkipped, VisitAsked
from tillsyn.gate_values import Gate
from tillsyn.model import AwayKind, Spent, Window
from tillsyn.record import Record, Visit, moment
from tillsyn.schedule import STOCKHOLM, as_wished, occurrences
from tillsyn.strict import load
from tillsyn.terms import refusal
from tillsyn.wishes import (
    SKIP_AHEAD,
    NotFulfilled,
    WishFault,
    at_clock,
    is_occurrence,
    keep,
    move,
    skip,
    statement,
    visit_asked,
)

NOON = instant(-13 * 3600).wall
EVENING, EARLY, LATE = (
    Window("evening", time(22), time(23)),
    Window("early", time(2), time(3)),
    Window("late", time(5), time(6)),
)
WINDOWS = (EVENING, EARLY, LATE)
FIRST, SECOND, THIRD = "evening/2026-11-22", "early/2026-11-23", "late/2026-11-23"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


def agreed(**changes: Any) -> Gate:
    """Three looks a night that may be moved two hours, unless told."""
    terms = {"windows": WINDOWS, "move_minutes": 120} | changes.pop("terms", {})
    return closed(**({"plan": plan(**terms)} | changes))


def moved(name: str, start: str, end: str) -> Mapping[str, tuple[datetime, datetime]]:
    return {name: (utc(start), utc(end))}


def fault(wish: Any, *arguments: Any) -> WishFault:
    with pytest.raises(NotFulfilled) as raised:
        wish(*arguments)
    return raised.value.fault


# ---- to do without --------------------------------------------------------------------------------------------------


def test_a_look_is_done_without_before_in_and_during_it() -> None:
    for now in (NOON, utc("22 21:30"), utc("22 22:00:29")):
        assert skip(agreed(), FIRST, now, "anna") == LookSkipped(FIRST, "anna")
    looking = agreed(spent={FIRST: Spent(utc("22 21:30"), 1, seen=False)})
    assert skip(looking, FIRST, utc("22 21:30:10"), "") == LookSkipped(FIRST, "")


def test_a_look_done_without_already_needs_no_other_entry() -> None:
    assert skip(agreed(skipped=frozenset({FIRST})), FIRST, NOON, "anna") is None


def test_a_wish_to_be_left_alone_is_taken_though_the_journal_is_not_read() -> None:
    unread = replace(Gate(), plan=None)
    assert skip(unread, FIRST, NOON, "anna") == LookSkipped(FIRST, "anna")
    assert fault(skip, unread, "no look", NOON, "anna") is WishFault.NO_PLAN


@pytest.mark.parametrize(
    ("gate", "occurrence", "now", "expected"),
    [
        pytest.param(agreed(plan=None), FIRST, NOON, WishFault.NO_PLAN, id="without a plan"),
        pytest.param(agreed(), OCCURRENCE, NOON, WishFault.NO_SUCH_LOOK, id="one that is not agreed"),
        pytest.param(agreed(), FIRST, utc("22 22:00:30"), WishFault.LOOK_OVER, id="when its grace is over"),
        pytest.param(
            agreed(spent={FIRST: Spent(utc("22 21:59"), 1, seen=True)}), FIRST, utc("22 21:59:30"), WishFault.LOOK_OVER,
            id="when the client has been seen",
        ),
        pytest.param(agreed(), "evening/2026-12-01", NOON, WishFault.TOO_FAR_AHEAD, id="next week but one"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_without(gate: Gate, occurrence: str, now: datetime, expected: WishFault) -> None:
    assert fault(skip, gate, occurrence, now, "anna") is expected


def test_a_retry_can_be_done_without_for_as_long_as_it_may_come() -> None:
    gate = agreed(spent={FIRST: Spent(utc("22 21:50"), 1, seen=False)})
    assert skip(gate, FIRST, utc("22 22:10:29"), "") is not None
    assert fault(skip, gate, FIRST, utc("22 22:10:30"), "") is WishFault.LOOK_OVER


def test_a_look_that_has_been_moved_is_done_without_where_it_is() -> None:
    gate = agreed(moved=moved(FIRST, "22 22:30", "22 23:30"))
    assert skip(gate, FIRST, utc("22 23:00"), "") is not None


def test_skipping_reaches_a_week_ahead() -> None:
    start = utc("30 21:00")
    assert skip(agreed(), "evening/2026-11-30", start - SKIP_AHEAD, "") is not None
    too_early = start - SKIP_AHEAD - timedelta(seconds=1)
    assert fault(skip, agreed(), "evening/2026-11-30", too_early, "") is WishFault.TOO_FAR_AHEAD


# ---- to have it after all -------------------------------------------------------------------------------------------


def test_a_look_is_kept_after_all_while_it_may_begin() -> None:
    gate = agreed(skipped=frozenset({FIRST}))
    assert keep(gate, FIRST, utc("22 21:59:59"), "anna") == LookKept(FIRST, "anna")
    assert fault(keep, gate, FIRST, utc("22 22:00"), "anna") is WishFault.LOOK_OVER


def test_a_moved_look_goes_back() -> None:
    gate = agreed(moved=moved(FIRST, "22 22:30", "22 23:30"))
    assert keep(gate, FIRST, NOON, "anna") == LookKept(FIRST, "anna")


@pytest.mark.parametrize(
    ("gate", "occurrence", "expected"),
    [
        pytest.param(agreed(plan=None), FIRST, WishFault.NO_PLAN, id="without a plan"),
        pytest.param(agreed(), "x/2026-11-22", WishFault.NO_SUCH_LOOK, id="one that is not agreed"),
        pytest.param(agreed(), FIRST, WishFault.NOT_WISHED, id="one that is as agreed"),
        pytest.param(
            agreed(
                moved=moved(FIRST, "22 20:30", "22 21:30"), spent={FIRST: Spent(utc("22 20:40"), 1, seen=False)}
            ),
            FIRST, WishFault.LOOK_BEGUN, id="one that somebody has looked in where it was moved",
        ),
        pytest.param(
            agreed(
                terms={"windows": (EVENING, Window("night", time(23), time(0)))},
                moved=moved(FIRST, "22 20:00", "22 21:00") | moved("night/2026-11-22", "22 21:30", "22 22:30"),
            ),
            FIRST, WishFault.OVERLAPS, id="one whose place another has been moved into",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_kept(gate: Gate, occurrence: str, expected: WishFault) -> None:
    assert fault(keep, gate, occurrence, NOON, "anna") is expected


def test_a_look_that_was_missed_where_it_had_been_moved_does_not_come_back() -> None:
    gate = agreed(moved=moved(FIRST, "22 19:30", "22 20:30"))
    assert keep(gate, FIRST, utc("22 20:29"), "") == LookKept(FIRST, "")
    assert fault(keep, gate, FIRST, utc("22 20:30"), "") is WishFault.LOOK_OVER


def test_windows_that_overlap_in_the_plan_do_not_keep_each_other_away() -> None:
    windows = (EVENING, Window("more", time(22, 30), time(23, 30)))
    gate = agreed(terms={"windows": windows}, moved=moved(FIRST, "22 20:00", "22 21:00"))
    assert keep(gate, FIRST, NOON, "") == LookKept(FIRST, "")


# ---- to have it at another time -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "start",
    [
        pytest.param("22 19:00", id="as far as allowed, earlier"),
        pytest.param("22 23:00", id="as far as allowed, later"),
        pytest.param("22 21:01", id="over its own place"),
    ],
)
def test_a_window_is_moved_and_keeps_its_length(start: str) -> None:
    found = move(agreed(), FIRST, utc(start), NOON, "anna")
    assert found is not None
    assert (moment(found.start_ms), moment(found.end_ms)) == (utc(start), utc(start) + timedelta(hours=1))
    assert (found.occurrence, found.by) == (FIRST, "anna")


def test_where_it_is_already_needs_no_other_entry() -> None:
    assert move(agreed(), FIRST, utc("22 21:00"), NOON, "anna") is None
    there = agreed(moved=moved(FIRST, "22 22:30", "22 23:30"))
    assert move(there, FIRST, utc("22 22:30:00.9"), NOON, "anna") is None
    assert move(there, FIRST, utc("22 21:00"), NOON, "anna") is not None


@pytest.mark.parametrize(
    ("gate", "start", "now", "expected"),
    [
        pytest.param(agreed(plan=None), "22 20:00", NOON, WishFault.NO_PLAN, id="without a plan"),
        pytest.param(
            agreed(terms={"windows": (EARLY,)}), "22 20:00", NOON, WishFault.NO_SUCH_LOOK, id="one that is not agreed"
        ),
        pytest.param(agreed(terms={"move_minutes": 0}), "22 21:10", NOON, WishFault.NOT_MOVABLE, id="where none may"),
        pytest.param(
            agreed(skipped=frozenset({FIRST})), "22 21:10", NOON, WishFault.LOOK_SKIPPED, id="one done without"
        ),
        pytest.param(
            agreed(spent={FIRST: Spent(utc("22 21:00"), 1, seen=False)}), "22 22:30", utc("22 21:05"),
            WishFault.LOOK_BEGUN, id="one that somebody has looked in",
        ),
        pytest.param(agreed(), "22 23:00", utc("22 22:00"), WishFault.LOOK_OVER, id="one that is over"),
        pytest.param(agreed(), "22 18:59:59", NOON, WishFault.MOVED_TOO_FAR, id="too much earlier"),
        pytest.param(agreed(), "22 23:00:01", NOON, WishFault.MOVED_TOO_FAR, id="too much later"),
        pytest.param(agreed(), "22 20:00", utc("22 20:00:01"), WishFault.IN_THE_PAST, id="into the past"),
        pytest.param(
            agreed(moved=moved(SECOND, "22 23:30", "23 00:30")), "22 22:45", NOON, WishFault.OVERLAPS,
            id="into another look where that has been moved",
        ),
        pytest.param(
            agreed(moved=moved(SECOND, "22 23:30", "23 00:30"), skipped=frozenset({SECOND})), "22 22:45", NOON,
            WishFault.OVERLAPS, id="into one that may still be wanted after all",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_moved(gate: Gate, start: str, now: datetime, expected: WishFault) -> None:
    assert fault(move, gate, FIRST, utc(start), now, "anna") is expected


def test_how_far_is_counted_from_the_plan_and_not_from_where_it_was_last_put() -> None:
    there = agreed(moved=moved(FIRST, "22 22:30", "22 23:30"))
    assert fault(move, there, FIRST, utc("22 23:30"), NOON, "") is WishFault.MOVED_TOO_FAR


@pytest.mark.parametrize(
    ("occurrence", "clock", "expected"),
    [
        pytest.param(FIRST, time(23, 30), "2026-11-22 22:30", id="the same evening"),
        pytest.param(FIRST, time(0, 30), "2026-11-22 23:30", id="after midnight"),
        pytest.param(SECOND, time(23, 30), "2026-11-22 22:30", id="before midnight"),
        pytest.param("early/2027-03-28", time(2, 30), "2027-03-28 01:00", id="in the hour that the clock jumps over"),
        pytest.param("early/2026-10-25", time(2, 30), "2026-10-25 00:30", id="in the hour that comes twice"),
    ],
)
def test_a_time_of_day_means_the_nearest_one(occurrence: str, clock: time, expected: str) -> None:
    assert at_clock(agreed(), occurrence, clock) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_time_of_day_for_no_look_is_no_moment() -> None:
    assert fault(at_clock, agreed(), "x/2026-11-22", time(2)) is WishFault.NO_SUCH_LOOK


NIGHTS = st.sampled_from(
    [utc("22 11:00"), datetime(2026, 10, 24, 11, tzinfo=UTC), datetime(2027, 3, 27, 11, tzinfo=UTC)]
)
QUARTERS = st.integers(-24, 24).map(lambda one: timedelta(minutes=10 * one))


@given(NIGHTS, st.lists(st.tuples(st.integers(0, 2), QUARTERS, st.booleans()), max_size=8))
def test_whatever_is_wished_each_look_keeps_its_length_its_distance_and_its_peace(
    noon: datetime, wishes: list[tuple[int, timedelta, bool]]
) -> None:
    """On ordinary nights and both clock changes: no sequence of wishes brings two windows together."""
    gate, night = agreed(), (noon, noon + timedelta(hours=24))
    plans = occurrences(WINDOWS, *night)
    record = Record()
    for which, by, back in wishes:
        one = plans[which]
        try:
            entry = keep(gate, one.id, noon, "") if back else move(gate, one.id, one.start + by, noon, "")
        except NotFulfilled:
            continue
        if entry is not None:
            record = applied(record, entry, 0)
            gate = replace(gate, moved=record.moved)
    found = as_wished(WINDOWS, (noon - timedelta(hours=6), night[1] + timedelta(hours=6)), (), gate.moved)
    there = {one.id: one for one in found}
    for one in plans:
        assert there[one.id].end - there[one.id].start == one.end - one.start
        assert abs(there[one.id].start - one.start) <= timedelta(minutes=120)
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_what_is_moved_may_be_looked_at_there_and_nowhere_else() -> None:
    entry = move(agreed(), FIRST, utc("22 22:30"), NOON, "anna")
    assert isinstance(entry, LookMoved)
    gate = agreed(moved=applied(Record(), entry, 0).moved)
    assert refusal(gate, 3, FIRST, utc("22 21:30")) is not None
    assert refusal(gate, 3, FIRST, utc("22 23:15")) is None


# ---- a visit --------------------------------------------------------------------------------------------------------


def test_a_second_press_within_a_quarter_means_the_same_visit() -> None:
    asked = applied(Record(), VisitAsked(look_id("visit"), "anna"), 1_000_000_000)
    assert visit_asked(Record(), 1_000_000_000) is None
    assert visit_asked(asked, 1_000_000_000 + 899_999) == Visit(look_id("visit"), 1_000_000_000)
    assert visit_asked(asked, 1_000_000_000 + 900_000) is None
    assert visit_asked(asked, 1_000_000_000 - 900_000) is None  # the clock has been set back: ask again


# ---- what is told ---------------------------------------------------------------------------------------------------


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def wished(**changes: Any) -> Record:
    values: dict[str, Any] = {"moved": MappingProxyType({})}
    return Record(**(values | changes))


def told(record: Record, now: datetime = NOON, **terms: Any) -> wire.Wishes:
    return statement(record, plan(**({"windows": WINDOWS} | terms)), HUB.public.kid, now, 1_700_000_000)


def test_nothing_wished_is_told_as_that() -> None:
    assert told(Record()) == wire.Wishes(HUB.public.kid, (), (), (), (), 1_700_000_000)


def test_what_is_wished_from_now_on_is_told() -> None:
    record = wished(
        skipped=frozenset({SECOND, "early/2026-11-20", "gone/2026-11-23"}),
        moved=moved(FIRST, "22 22:30", "22 23:30") | moved("evening/2026-11-20", "20 22:30", "20 23:30"),
        away=(
            Away("aaaaaaaa", AwayKind.TRAVEL, ms(utc("24 08:00")), ms(utc("26 08:00")), ""),
            Away("bbbbbbbb", AwayKind.OTHER, ms(utc("20 08:00")), ms(utc("22 08:00")), ""),
        ),
        pause=Paused(ms(utc("22 10:00")), ms(utc("22 12:00")) + 1, ""),
        visits=(Visit(look_id("old"), ms(utc("21 10:59"))), Visit(look_id("new"), ms(utc("22 10:30")))),
    )
    found = told(record)
    assert found.skipped == (SECOND,)
    assert found.moved == (wire.Moved(FIRST, int(utc("22 22:30").timestamp()), int(utc("22 23:30").timestamp())),)
    assert found.away == (
        wire.Away(int(utc("22 10:00").timestamp()), int(utc("22 12:00").timestamp()) + 1),
        wire.Away(int(utc("24 08:00").timestamp()), int(utc("26 08:00").timestamp())),
    )
    assert found.visits == (wire.VisitAsked(look_id("new"), int(utc("22 10:30").timestamp())),)


def test_a_pause_without_end_is_told_by_the_status_of_the_home_alone() -> None:
    assert told(wished(pause=Paused(ms(NOON), 0, ""))).away == ()


def test_a_wish_is_told_until_well_after_its_look() -> None:
    record = wished(skipped=frozenset({FIRST}))
    assert told(record, utc("23 09:59")).skipped == (FIRST,)
    assert told(record, utc("23 10:00")).skipped == ()


def test_without_a_plan_no_look_is_told_of() -> None:
    assert statement(wished(skipped=frozenset({FIRST})), None, HUB.public.kid, NOON, 1_700_000_000).skipped == ()


@pytest.mark.parametrize("now", [NOON, utc("23 08:00")], ids=["before the night", "after it"])
def test_more_than_can_be_told_is_told_from_the_first_on_and_fits(now: datetime) -> None:
    names = [f"a-window-with-quite-a-long-name{number % 10}"[:32] for number in range(24)]
    windows = tuple(
        Window(f"{name[:29]}{number:02}", time(number), time(number, 30)) for number, name in enumerate(names)
    )
    nights = occurrences(windows, now - timedelta(hours=13), now + timedelta(days=8))
    there = MappingProxyType({one.id: (one.start, one.end) for one in nights})
    away = tuple(
        Away("aaaaaaaa", AwayKind.OTHER, ms(now + timedelta(days=30 - day)), ms(now + timedelta(days=31 - day)), "")
        for day in range(20)
    )
    visits = tuple(Visit(look_id(str(number)), ms(now)) for number in range(8))
    record = wished(skipped=frozenset(there), moved=there, away=away, visits=visits)
    found = told(record, now, windows=windows)
    coming = [one.id for one in nights if one.end > now]
    assert found.skipped == tuple(coming[:48])
    assert [one.occurrence for one in found.moved] == coming[:48]
    assert (len(found.away), len(found.visits)) == (16, 8)
    assert found.away[0].start == ms(now + timedelta(days=11)) // 1000
    payload = found.payload()
    assert len(payload) <= wire.Wishes.LIMIT
    assert wire.Wishes.parse(payload) == found
    assert load(payload, wire.Wishes.LIMIT)


def test_times_that_cannot_be_told_are_cut_to_those_that_can() -> None:
    away = (
        Away("aaaaaaaa", AwayKind.OTHER, 0, 9_999_999_999_999, ""),
        Away("bbbbbbbb", AwayKind.OTHER, ms(NOON) + 9000, ms(NOON) + 8000, ""),
    )
    found = told(wished(away=away))
    assert found.away == (wire.Away(1_600_000_000, 9_999_999_999),)
    assert wire.Wishes.parse(found.payload()) == found


def test_an_id_is_a_window_and_a_date() -> None:
    assert is_occurrence(FIRST)
    assert not is_occurrence("Evening/2026-11-22")


def test_the_clock_at_home_is_that_of_stockholm() -> None:
    assert at_clock(agreed(), FIRST, time(22)).astimezone(STOCKHOLM).time() == time(22)
