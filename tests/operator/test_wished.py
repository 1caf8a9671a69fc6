"""What the client wants, as facts of the looks to come; without a clock, a store or a socket."""

from dataclasses import replace
from datetime import date, time

import pytest

from operator_service import queue
from operator_service.planner import planned_rows
from operator_service.queue import Planned, State
from operator_service.wished import NO_WISHES, as_wished, is_moved, last_call, next_change
from tests.operator.peers import OCCURRENCE, START
from tillsyn.model import Fallback, Outcome, Role, Window
from tillsyn.wire import Away, Moved, PlanStatement, Wishes

PLAN = PlanStatement(
    "hub", 1, "nord", (Window("natt", time(22, 0), time(23, 0)),), 30, 30, 20, 1, (Role.OPERATOR,), (Fallback.VISIT,),
    date(2027, 5, 1), START, move_minutes=60,
)  # fmt: skip
HOUR = 3600
END = START + HOUR
ROW = Planned("hub", OCCURRENCE, 1, "nord", START, END, 1200, 1)
CLAIMED = queue.claim(ROW, False, START, "anna")
OPEN = queue.opened(queue.prepare(CLAIMED, False, START, "anna", "L1"), "L1", START, 30)
UNSEEN = queue.outcome(OPEN, "L1", Outcome.NOT_SEEN, START + 20)
SKIPPED = replace(NO_WISHES, skipped=(OCCURRENCE,))
LATER = replace(NO_WISHES, moved=(Moved(OCCURRENCE, START + HOUR, END + HOUR),))


def _away(start: int, end: int) -> Wishes:
    return replace(NO_WISHES, away=(Away(START + start, START + end),))


def test_a_skipped_look_is_declined_until_it_is_kept_again() -> None:
    skipped = as_wished(ROW, PLAN, SKIPPED, START)
    assert queue.state(skipped, False, START) is State.DECLINED
    assert as_wished(skipped, PLAN, NO_WISHES, START) == ROW


def test_a_skipped_look_ends_as_declined_when_its_time_is_over() -> None:
    skipped = as_wished(ROW, PLAN, SKIPPED, START)
    assert queue.due(skipped, False, END - 1) == skipped
    ended = queue.due(skipped, False, END)
    assert ended.ended == "declined"
    assert as_wished(ended, PLAN, NO_WISHES, END) == ended


@pytest.mark.parametrize("paused", [True, False])
def test_what_is_skipped_is_declined_also_in_a_paused_home(paused: bool) -> None:
    assert queue.state(as_wished(ROW, PLAN, SKIPPED, START), paused, START) is State.DECLINED


def test_a_moved_look_is_due_where_it_was_put_and_comes_back() -> None:
    moved = as_wished(ROW, PLAN, LATER, START)
    assert (moved.start, queue.deadline(moved), is_moved(moved, PLAN)) == (START + HOUR, END + HOUR, True)
    assert queue.due(moved, False, END) == moved
    assert as_wished(moved, PLAN, NO_WISHES, START) == ROW
    assert not is_moved(ROW, PLAN)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(HOUR + 1, 2 * HOUR, id="begins too late"),
        pytest.param(HOUR, 2 * HOUR + 1, id="ends too late"),
        pytest.param(-HOUR - 1, HOUR, id="begins too early"),
        pytest.param(30 * 86400, 30 * 86400 + HOUR, id="a month away, where nobody would miss it"),
    ],
)
def test_a_look_moved_further_than_the_plan_allows_stays(start: int, end: int) -> None:
    far = replace(NO_WISHES, moved=(Moved(OCCURRENCE, START + start, START + end),))
    assert as_wished(ROW, PLAN, far, START) == ROW


def test_a_move_of_a_window_that_the_plan_does_not_have_changes_nothing() -> None:
    other = replace(ROW, occurrence="annan/2026-11-22")
    wishes = replace(NO_WISHES, moved=(Moved(other.occurrence, START + 60, END + 60),))
    assert as_wished(other, PLAN, wishes, START).start == START + 60  # near where it was
    assert as_wished(other, replace(PLAN, move_minutes=0), wishes, START) == other


@pytest.mark.parametrize("row", [OPEN, queue.due(ROW, False, END), replace(ROW, ended="seen")])
@pytest.mark.parametrize("wishes", [SKIPPED, LATER, _away(0, HOUR)])
def test_a_look_that_runs_or_is_a_visit_or_is_over_is_left_as_it_is(row: Planned, wishes: Wishes) -> None:
    assert as_wished(row, PLAN, wishes, START + 20) == row


@pytest.mark.parametrize("wishes", [SKIPPED, LATER, _away(0, 2 * HOUR)])
def test_no_wish_hides_somebody_who_was_not_seen(wishes: Wishes) -> None:
    wished = as_wished(UNSEEN, PLAN, wishes, START + 20)
    assert (wished.start, wished.end) == (UNSEEN.start, UNSEEN.end)
    assert queue.state(wished, False, START + 20) is State.RETRY_AT
    assert queue.due(wished, False, START + 1200).cause == "not_seen"


def test_a_claim_stays_while_the_look_is_skipped_so_that_a_click_under_way_is_followed() -> None:
    assert as_wished(CLAIMED, PLAN, SKIPPED, START).claimed_by == "anna"


def test_a_claimed_look_that_is_moved_away_is_nobodys() -> None:
    moved = as_wished(CLAIMED, PLAN, LATER, START)
    assert (moved.claimed_by, moved.claim_until, moved.start) == ("", 0, START + HOUR)
    near = replace(NO_WISHES, moved=(Moved(OCCURRENCE, START + 300, END + 300),))
    assert as_wished(CLAIMED, PLAN, near, START).claimed_by == "anna"


@pytest.mark.parametrize(
    ("away", "now", "until"),
    [
        pytest.param((-HOUR, 2 * HOUR), -9 * HOUR, 2 * HOUR, id="shown ahead of time"),
        pytest.param((-HOUR, 2 * HOUR), 0, 2 * HOUR, id="away the whole time"),
        pytest.param((-HOUR, 2 * HOUR), 5 * HOUR, 2 * HOUR, id="away still counts after the window"),
        pytest.param((-9 * HOUR, -HOUR), -2 * HOUR, 0, id="home again before it begins"),
        pytest.param((0, 600), -60, 600, id="home again while it lasts, seen before"),
        pytest.param((0, 600), 600, 0, id="home again while it lasts, seen then"),
        pytest.param((600, 2 * HOUR), 599, 0, id="goes away while it lasts, seen before"),
        pytest.param((600, 2 * HOUR), 600, 2 * HOUR, id="goes away while it lasts, seen then"),
        pytest.param((HOUR, 2 * HOUR), 0, 0, id="goes away when it is over"),
    ],
)
def test_away(away: tuple[int, int], now: int, until: int) -> None:
    wished = as_wished(ROW, PLAN, _away(*away), START + now)
    assert wished.away == (START + until if until else 0)
    before_end = State.PAUSED if until else State.PLANNED
    assert queue.state(wished, False, START + min(now, HOUR - 1)) is before_end


def test_absences_that_follow_one_another_are_one() -> None:
    two = replace(NO_WISHES, away=(Away(START + 600, END + 600), Away(START - 60, START + 600)))
    assert as_wished(ROW, PLAN, two, START).away == END + 600


def test_a_look_ends_as_paused_when_the_client_was_away_to_its_end() -> None:
    wished = as_wished(ROW, PLAN, _away(-HOUR, 2 * HOUR), END)
    assert queue.due(wished, False, END).ended == "paused"


@pytest.mark.parametrize("wishes", [SKIPPED, _away(-HOUR, 2 * HOUR)])
def test_what_was_not_to_be_done_is_not_missed_though_the_home_no_longer_tells_of_it(wishes: Wishes) -> None:
    wished = as_wished(ROW, PLAN, wishes, START)
    assert as_wished(wished, PLAN, NO_WISHES, END) == wished
    assert as_wished(wished, PLAN, NO_WISHES, END - 1) == ROW


def test_a_client_who_came_home_while_the_look_was_due_was_missed() -> None:
    wished = as_wished(ROW, PLAN, _away(-HOUR, 600), START)
    assert queue.due(as_wished(wished, PLAN, NO_WISHES, END), False, END).cause == "missed"


def test_the_next_change_is_when_the_client_goes_or_comes_while_the_look_is_due() -> None:
    wishes = replace(NO_WISHES, away=(Away(START - HOUR, START + 600), Away(START + 1200, END + HOUR)))
    moments = [next_change(ROW, wishes, START + now) for now in (-HOUR, 600, 1199, 1200)]
    assert moments == [START + 600, START + 1200, START + 1200, None]


@pytest.mark.parametrize(
    ("away", "now", "expected"),
    [
        pytest.param((), 0, HOUR, id="at home"),
        pytest.param(((600, 2 * HOUR),), 0, 600, id="goes away while it lasts"),
        pytest.param(((600, 1200), (1200, 2 * HOUR)), 0, 600, id="in two absences"),
        pytest.param(((600, 1200),), 0, HOUR, id="is back before it ends"),
        pytest.param(((600, 2 * HOUR),), 600, HOUR, id="has gone"),
        pytest.param(((-HOUR, 2 * HOUR),), -HOUR, HOUR, id="is away the whole time"),
    ],
)
def test_the_queue_shows_the_last_moment_before_the_client_goes(
    away: tuple[tuple[int, int], ...], now: int, expected: int
) -> None:
    times = [Away(START + start, START + end) for start, end in away]
    assert last_call(ROW, times, START + now) == START + expected


def test_a_look_moved_into_the_time_that_is_planned_is_made_and_one_moved_out_is_not() -> None:
    late = planned_rows(PLAN, LATER, (END + 60, END + 3600), END + 60)
    assert [(one.occurrence, one.start) for one in late] == [(OCCURRENCE, START + HOUR)]
    assert [one.occurrence for one in planned_rows(PLAN, LATER, (START - 60, END - 60), START - 60)] == []


@pytest.mark.parametrize("row", [ROW, CLAIMED, OPEN, UNSEEN])
@pytest.mark.parametrize(
    "wishes", [NO_WISHES, SKIPPED, LATER, _away(0, 900), _away(900, 9 * HOUR), _away(-9, 9 * HOUR)]
)
def test_no_look_is_lost_whatever_is_wished(row: Planned, wishes: Wishes) -> None:
    now = START
    for _ in range(20):
        row = queue.due(as_wished(row, PLAN, wishes, now), False, now)
        moment = queue.wake(row)
        if moment is None:
            break
        now = max(now, min(moment, next_change(row, wishes, now) or moment))
    assert row.cause or row.ended in ("paused", "declined")
