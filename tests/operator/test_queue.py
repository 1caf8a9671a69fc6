"""The rules of the queue, without a clock, a store or a socket."""

from dataclasses import replace

import pytest

from operator_service import queue
from operator_service.problems import Failed
from operator_service.queue import Planned, State
from tillsyn.errors import CloseReason, Refusal
from tillsyn.model import Outcome

NOW = 1_800_000_000
PLANNED = Planned("hub", "natt/2026-11-22", 1, "nord", NOW - 60, NOW + 3600, 1200, 1)
CLAIMED = queue.claim(PLANNED, False, NOW, "anna")
PREPARED = queue.prepare(CLAIMED, False, NOW, "anna", "L1")
OPEN = queue.opened(PREPARED, "L1", NOW, 30)
UNSEEN = queue.outcome(OPEN, "L1", Outcome.NOT_SEEN, NOW + 20)
VISIT = queue.outcome(OPEN, "L1", Outcome.NEEDS_HELP, NOW + 20)
SEEN = queue.outcome(OPEN, "L1", Outcome.SEEN, NOW + 20)


@pytest.mark.parametrize(
    ("row", "paused", "now", "expected"),
    [
        pytest.param(PLANNED, False, NOW, State.PLANNED, id="nobody has done anything"),
        pytest.param(PLANNED, True, NOW, State.PAUSED, id="a paused home is paused"),
        pytest.param(PLANNED, False, NOW + 3600, State.MISSED, id="the window's end is too late"),
        pytest.param(CLAIMED, False, NOW + 29, State.CLAIMED, id="held by a living operator"),
        pytest.param(CLAIMED, False, NOW + 30, State.PLANNED, id="a dead operator holds nothing"),
        pytest.param(CLAIMED, False, NOW + 3600, State.MISSED, id="a claim does not stop the deadline"),
        pytest.param(OPEN, False, NOW + 1, State.LOOKING, id="the picture flows"),
        pytest.param(OPEN, False, NOW + 3600, State.LOOKING, id="an open look is not missed"),
        pytest.param(UNSEEN, False, NOW + 20, State.RETRY_AT, id="not seen waits for its retry"),
        pytest.param(UNSEEN, False, NOW + 620, State.PLANNED, id="the retry comes back by itself"),
        pytest.param(UNSEEN, True, NOW + 620, State.PLANNED, id="a pause does not hide an unseen person"),
        pytest.param(UNSEEN, False, NOW + 1200, State.MISSED, id="the retry has a deadline"),
        pytest.param(VISIT, False, NOW, State.VISIT, id="needs help is a visit"),
        pytest.param(VISIT, True, NOW + 9999, State.VISIT, id="a visit stays a visit"),
        pytest.param(SEEN, True, NOW + 9999, State.SEEN, id="seen stays seen"),
    ],
)
def test_state(row: Planned, paused: bool, now: int, expected: State) -> None:
    assert queue.state(row, paused, now) is expected


@pytest.mark.parametrize("row", [VISIT, SEEN, replace(PLANNED, ended="paused")])
def test_what_has_ended_cannot_be_taken(row: Planned) -> None:
    with pytest.raises(Failed, match="wrong_state"):
        queue.claim(row, False, NOW, "anna")


def test_an_open_look_cannot_be_taken_by_another() -> None:
    with pytest.raises(Failed, match="taken"):
        queue.claim(OPEN, False, NOW, "bo")


def test_a_look_far_ahead_cannot_be_taken() -> None:
    with pytest.raises(Failed, match="wrong_state"):
        queue.claim(PLANNED, False, PLANNED.start - 301, "anna")


def test_what_a_dead_operator_prepared_is_not_the_next_ones() -> None:
    assert queue.claim(PREPARED, False, NOW + 30, "bo").look == ""
    assert queue.claim(PREPARED, False, NOW + 10, "anna").look == "L1"


def test_an_open_look_cannot_be_released() -> None:
    with pytest.raises(Failed, match="wrong_state"):
        queue.release(OPEN, NOW, "anna")


@pytest.mark.parametrize(
    ("reason", "state", "cause"),
    [
        (CloseReason.TIME_LIMIT, State.PLANNED, ""),
        (CloseReason.OPERATOR_GONE, State.PLANNED, ""),
        (CloseReason.LINK_LOST, State.PLANNED, ""),
        (CloseReason.MOVE_FAILED, State.VISIT, "failed"),
        (CloseReason.PICTURE_LOST, State.VISIT, "failed"),
        (CloseReason.PRIVACY, State.VISIT, "failed"),
        (CloseReason.CONSENT_WITHDRAWN, State.VISIT, "failed"),
    ],
)
def test_a_look_that_ends_by_itself_waits_for_the_operators_word(reason: CloseReason, state: State, cause: str) -> None:
    ended = queue.closed(OPEN, "L1", reason, NOW, NOW + 10)
    assert queue.state(ended, False, NOW + 20) is State.LOOKING
    silent = queue.due(ended, False, NOW + 30)
    assert (queue.state(silent, False, NOW + 30), silent.cause) == (state, cause)


@pytest.mark.parametrize("reason", [CloseReason.PAUSED, CloseReason.SKIPPED])
def test_a_look_that_the_home_breaks_off_waits_for_the_operators_word_and_then_as_the_home_wants(
    reason: CloseReason,
) -> None:
    ended = queue.closed(OPEN, "L1", reason, NOW, NOW + 10)
    assert queue.state(ended, True, NOW + 10) is State.LOOKING
    silent = queue.due(ended, True, NOW + 30)
    assert queue.state(silent, True, NOW + 30) is State.PAUSED
    assert queue.due(silent, True, NOW + 1200).ended == "paused"
    assert queue.state(silent, False, NOW + 30) is State.PLANNED


@pytest.mark.parametrize("reason", [CloseReason.PAUSED, CloseReason.SKIPPED])
def test_help_that_was_seen_to_be_needed_is_sent_though_the_home_broke_the_look_off(reason: CloseReason) -> None:
    ended = queue.closed(OPEN, "L1", reason, NOW, NOW + 10)
    assert queue.outcome(ended, "L1", Outcome.NEEDS_HELP, NOW + 15).cause == "needs_help"
    assert queue.outcome(ended, "L1", Outcome.SEEN, NOW + 15).ended == "seen"
    unsure = queue.outcome(ended, "L1", Outcome.NOT_SEEN, NOW + 15)
    assert (queue.state(unsure, True, NOW + 15), unsure.outcome) == (State.PAUSED, "")


def test_a_look_without_any_receipt_is_settled_in_the_end() -> None:
    kept = replace(OPEN, claim_until=NOW + 9999)
    assert queue.due(kept, False, NOW + 149) == kept
    assert queue.state(queue.due(kept, False, NOW + 150), False, NOW + 150) is State.PLANNED


def test_after_the_last_retry_an_unknown_end_is_a_visit() -> None:
    second = queue.opened(replace(PREPARED, looks=1, first=NOW - 600), "L1", NOW, 30)
    ended = queue.closed(second, "L1", CloseReason.TIME_LIMIT, NOW, NOW + 30)
    assert queue.due(ended, False, NOW + 60).cause == "failed"


def test_an_outcome_of_an_older_look_changes_nothing() -> None:
    assert queue.outcome(OPEN, "L0", Outcome.SEEN, NOW) == OPEN


def test_a_look_that_the_row_no_longer_follows_counts_as_used() -> None:
    stray = queue.opened(PLANNED, "L1", NOW, 30)
    assert (stray.looks, stray.opened, queue.deadline(stray)) == (1, 0, NOW + 1200)


def test_a_receipt_alone_tells_what_a_lost_opened_would_have() -> None:
    assert queue.closed(PREPARED, "L1", CloseReason.SEEN, NOW, NOW + 30).ended == "seen"


@pytest.mark.parametrize("code", Refusal)
def test_every_refusal_leaves_the_claim_or_makes_a_visit(code: Refusal) -> None:
    after = queue.refused(PREPARED, "L1", code)
    expected = (code.value, "") if code in queue.ABOUT_THE_HOME else ("", "anna")
    assert (after.cause, after.claimed_by) == expected


def test_a_look_missed_long_ago_stays_missed() -> None:
    late = PLANNED.end + queue.VISIT_USEFUL + 1
    assert queue.due(PLANNED, False, late).ended == "missed"
    assert queue.due(PLANNED, False, late - 2).cause == "missed"


@pytest.mark.parametrize("row", [PLANNED, CLAIMED, PREPARED, OPEN, UNSEEN])
@pytest.mark.parametrize("paused", [True, False])
def test_time_alone_ends_every_row_as_visit_or_pause(row: Planned, paused: bool) -> None:
    now = NOW
    for _ in range(10):
        moment = queue.wake(row)
        if moment is None:
            break
        now = max(now, moment)
        row = queue.due(row, paused, now)
    assert row.cause or row.ended == "paused"
