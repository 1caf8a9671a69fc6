"""What may be made ready, and when. What may begin is tested with the gate."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.tillsyn.gates import closed
from tests.tillsyn.made import HOME, NOW, OCCURRENCE, TRUST, instant, plan, talk
from tillsyn.admission import check_prepare
from tillsyn.errors import Refusal
from tillsyn.gate_values import Gate, Place
from tillsyn.model import Spent
from tillsyn.schedule import Occurrence
from tillsyn.terms import PREPARE_AHEAD, closes, coming_looks, is_look_near, is_review_due, prepare_refusal

PREPARED = check_prepare(HOME, TRUST, plan(), talk().prepare, talk().chain, NOW)
OPENS = instant(-3 * 3600).wall


def test_a_connection_is_made_ready_ten_minutes_ahead_and_not_before() -> None:
    assert prepare_refusal(closed(), PREPARED, OPENS - PREPARE_AHEAD) is None
    early = OPENS - PREPARE_AHEAD - timedelta(seconds=1)
    assert prepare_refusal(closed(), PREPARED, early) is Refusal.OUTSIDE_WINDOW


@pytest.mark.parametrize(
    ("gate", "code"),
    [
        pytest.param(replace(closed(), place=Place.OPEN), None, id="the next is prepared while one runs"),
        pytest.param(replace(closed(), paused=True), Refusal.PAUSED, id="not in a paused home"),
        pytest.param(replace(closed(), used=frozenset({PREPARED.look})), Refusal.REPLAYED, id="not twice"),
        pytest.param(replace(closed(), skipped=frozenset({OCCURRENCE})), Refusal.SKIPPED, id="not one done without"),
        pytest.param(replace(closed(), stopping=True), Refusal.CAMERA_NOT_READY, id="not while stopping"),
        pytest.param(replace(closed(), attempts=1), Refusal.CAMERA_NOT_READY, id="not while the camera does not obey"),
        pytest.param(replace(closed(), place=Place.FAULT), Refusal.CAMERA_NOT_READY, id="not with a fault"),
        pytest.param(replace(closed(), place=Place.AIMING), Refusal.CAMERA_NOT_READY, id="not while it is aimed"),
    ],
)
def test_what_else_must_hold(gate: Gate, code: Refusal | None) -> None:
    assert prepare_refusal(gate, PREPARED, instant(0).wall) is code


def test_it_is_for_the_occurrence_that_was_asked_for() -> None:
    other = replace(PREPARED, occurrence=OCCURRENCE.replace("/2026", "/2027"))
    assert prepare_refusal(closed(), other, instant(0).wall) is Refusal.OUTSIDE_WINDOW


NOON = instant(-13 * 3600).wall
CLOSES = instant(6 * 3600).wall
NEXT = "night/2026-11-23"


def coming(gate: Gate, now: datetime, hours: int = 24) -> list[Occurrence]:
    return list(coming_looks(gate, now, now + timedelta(hours=hours)))


def test_the_looks_to_come_are_those_agreed_where_the_client_has_put_them() -> None:
    assert coming(closed(), NOON) == [Occurrence(OCCURRENCE, OPENS, CLOSES)]
    there = (OPENS + timedelta(hours=1), CLOSES + timedelta(hours=1))
    assert coming(closed(moved={OCCURRENCE: there}), NOON) == [Occurrence(OCCURRENCE, *there)]
    skipping = closed(skipped=frozenset({OCCURRENCE}))
    assert [one.id for one in coming(skipping, NOON, 48)] == [NEXT]


@pytest.mark.parametrize(
    "gate",
    [
        pytest.param(closed(consent=False), id="without consent"),
        pytest.param(closed(paused=True), id="while paused"),
        pytest.param(closed(plan=None), id="without a plan"),
    ],
)
def test_no_look_is_to_come_where_none_may_happen(gate: Gate) -> None:
    assert coming(gate, NOON) == []


def test_a_window_is_to_come_until_its_look_can_no_longer_begin() -> None:
    assert [one.id for one in coming(closed(), CLOSES - timedelta(seconds=1), 1)] == [OCCURRENCE]
    assert coming(closed(), CLOSES, 1) == []


def test_a_retry_is_to_come_for_as_long_as_it_may_begin_past_the_windows_end_too() -> None:
    first = CLOSES - timedelta(minutes=5)
    gate = closed(spent={OCCURRENCE: Spent(first, 1, seen=False)})
    retry_until = first + timedelta(minutes=20)
    assert coming(gate, CLOSES + timedelta(minutes=14), 1) == [Occurrence(OCCURRENCE, OPENS, retry_until)]
    assert coming(gate, retry_until, 1) == []
    early = closed(spent={OCCURRENCE: Spent(OPENS, 1, seen=False)})
    assert coming(early, OPENS + timedelta(minutes=19), 1) == [Occurrence(OCCURRENCE, OPENS, CLOSES)]
    assert coming(early, OPENS + timedelta(minutes=20), 1) == []


@pytest.mark.parametrize(
    "spent",
    [pytest.param(Spent(OPENS, 1, seen=True), id="seen"), pytest.param(Spent(OPENS, 2, seen=False), id="looks used")],
)
def test_a_window_that_is_used_is_not_to_come(spent: Spent) -> None:
    assert coming(closed(spent={OCCURRENCE: spent}), OPENS + timedelta(minutes=1), 1) == []


def test_a_look_is_near_from_when_it_may_be_made_ready() -> None:
    assert is_look_near(closed(), OPENS - PREPARE_AHEAD + timedelta(seconds=1))
    assert is_look_near(closed(), CLOSES - timedelta(seconds=1))
    assert not is_look_near(closed(), OPENS - PREPARE_AHEAD)
    assert not is_look_near(closed(), CLOSES)


def test_a_window_allows_looks_until_its_end_or_its_retry_and_its_grace() -> None:
    window, grace = Occurrence(OCCURRENCE, OPENS, CLOSES), timedelta(seconds=30)
    assert closes(plan(), window, None) == CLOSES + grace
    late = Spent(CLOSES - timedelta(minutes=5), 1, seen=False)
    assert closes(plan(), window, late) == CLOSES + timedelta(minutes=15) + grace
    assert closes(plan(), window, Spent(OPENS, 1, seen=False)) == CLOSES + grace


def test_a_plan_is_to_be_reviewed_from_the_first_minute_of_the_day_at_home() -> None:
    day = plan(review=date(2027, 2, 1))
    midnight = datetime(2027, 1, 31, 23, 0, tzinfo=UTC)
    assert is_review_due(day, midnight)
    assert not is_review_due(day, midnight - timedelta(seconds=1))
