"""Time and faults at the gate, one rule by one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tillsyn.gates import (
    AIM,
    GRANT,
    LIVE,
    LOOK,
    START,
    after,
    at_all_places,
    closed,
    closing,
    effects,
    ends,
    fault,
    move,
    moving,
    opened,
    opening,
)
from tests.tillsyn.made import NIGHT, OCCURRENCE, OPERATOR, instant, plan
from tillsyn.errors import CloseReason, Problem, Refusal
from tillsyn.gate import CLOCK_TOLERANCE, TABLE, step
from tillsyn.gate_away import BOOT_SECONDS, FAULT_AFTER, MOVE_SECONDS
from tillsyn.gate_rules import LEASE_SECONDS
from tillsyn.gate_values import (
    AimEnded,
    ClearProblem,
    CutPower,
    Effect,
    Event,
    Gate,
    GrantLease,
    LeaseHeld,
    LookRequested,
    Move,
    MoveFailed,
    Opened,
    OperatorClosed,
    PauseChanged,
    Place,
    PositionConfirmed,
    PositionLost,
    PowerChanged,
    RaiseProblem,
    Refuse,
    SessionLost,
    Started,
    StopPicture,
    Stopping,
    Stored,
    StoreEnd,
    StoreFailed,
    StoreStart,
    Target,
    Tick,
)
from tillsyn.model import Instant, Outcome, Spent, Window

# ---- time -----------------------------------------------------------------------------------------------------------


def held(gate: Gate, now: Instant) -> Gate:
    """The bridge has just confirmed its lease."""
    assert gate.running is not None
    return after(gate, LeaseHeld(LOOK, gate.running.counter), now=now)


def test_a_look_ends_at_its_time_limit() -> None:
    gate = held(opened(), instant(29))
    assert after(gate, Tick(), now=instant(29.9)).place is Place.OPEN
    ends(gate, Tick(), CloseReason.TIME_LIMIT, instant(30))


@pytest.mark.parametrize(
    ("grace", "left", "seconds"),
    [
        pytest.param(30, 60, 30, id="the window lasts longer than the look"),
        pytest.param(30, 10, 30, id="the grace reaches"),
        pytest.param(10, 5, 15, id="the window ends, then the grace"),
        pytest.param(0, 5, 5, id="no grace"),
        pytest.param(0, 5.9, 5, id="never a part of a second more"),
    ],
)
def test_a_look_is_cut_by_the_windows_end_and_grace(grace: int, left: float, seconds: int) -> None:
    now = instant(6 * 3600 - left)
    gate = opened(now=now, plan=plan(grace_seconds=grace))
    asked = effects(moving(now=now, plan=plan(grace_seconds=grace)), PositionConfirmed(gate.serial), now)
    assert asked == (GrantLease(LOOK, 1), Opened(GRANT, now, seconds, GRANT.request))
    why = CloseReason.TIME_LIMIT if seconds == 30 else CloseReason.WINDOW_ENDED
    last = instant(6 * 3600 - left + seconds)
    ends(held(gate, instant(6 * 3600 - left + seconds - 1)), Tick(), why, last)


@pytest.mark.parametrize("late", [0, 0.1, 7])
def test_a_view_reached_after_the_window_and_its_grace_does_not_open(late: float) -> None:
    now = instant(6 * 3600 + late)
    gate = moving(now=instant(6 * 3600 - 5), plan=plan(grace_seconds=0))
    ends(gate, PositionConfirmed(gate.serial), CloseReason.WINDOW_ENDED, now)


def test_a_retry_past_the_windows_end_is_cut_by_the_retry_time_and_grace() -> None:
    first = instant(6 * 3600 - 60)
    terms = {"plan": plan(grace_seconds=10), "spent": {OCCURRENCE: Spent(first.wall, 1, seen=False)}}
    now = instant(6 * 3600 - 60 + 20 * 60 - 5)
    gate = moving(now=now, **terms)
    assert effects(gate, PositionConfirmed(gate.serial), now)[1] == Opened(GRANT, now, 15, GRANT.request)


def test_a_retry_in_the_window_may_use_the_window() -> None:
    gate = moving(spent={OCCURRENCE: Spent(START.wall - timedelta(seconds=20 * 60 - 1), 1, seen=False)})
    assert effects(gate, PositionConfirmed(gate.serial))[1] == Opened(GRANT, START, 30, GRANT.request)


def test_a_look_without_ground_gets_no_time() -> None:
    """Cannot be reached by events; a state that cannot be must not open."""
    for hollow in (
        replace(moving(), plan=None),
        replace(moving(), plan=plan(windows=(Window("other", NIGHT.start, NIGHT.end),))),
        replace(moving(), spent={}),
    ):
        ends(hollow, PositionConfirmed(hollow.serial), CloseReason.WINDOW_ENDED)


def test_an_open_look_that_loses_its_ground_ends() -> None:
    ends(replace(opened(), plan=None), Tick(), CloseReason.WINDOW_ENDED)


def test_unconfirmed_lease_ends_the_look() -> None:
    gate = after(opened(), Tick(), now=instant(LEASE_SECONDS - 0.1))
    ends(gate, Tick(), CloseReason.LEASE_LOST, instant(LEASE_SECONDS))


def test_late_or_invented_lease_confirmations_keep_nothing_open() -> None:
    gate = after(opened(), Tick(), now=instant(1))
    for counter in (0, 1, 3):
        assert step(gate, LeaseHeld(LOOK, counter), instant(2)) == (gate, ())


def test_a_confirmed_lease_keeps_it_open() -> None:
    gate = held(after(opened(), Tick(), now=instant(2)), instant(2.2))
    assert after(gate, Tick(), now=instant(5.1)).place is Place.OPEN


@pytest.mark.parametrize("jump", [CLOCK_TOLERANCE + 0.1, -CLOCK_TOLERANCE - 0.1, 3600, -3600, 86400 * 365])
@pytest.mark.parametrize("place", ["opening", "moving", "open", "aiming"])
def test_clock_that_jumps_ends_the_look(place: str, jump: float) -> None:
    gate = at_all_places()[place]
    found, asked = step(gate, Tick(), instant(1 + jump, mono=1))
    assert found.place is Place.CLOSING
    assert [type(one) for one in asked] == [StopPicture, Move, StoreEnd]
    assert isinstance(asked[2], StoreEnd) and asked[2].why is CloseReason.CLOCK_JUMPED


def test_the_record_of_a_look_keeps_to_the_clock_it_began_by() -> None:
    asked = effects(opened(), Tick(), instant(86400 * 365, mono=7))
    assert isinstance(asked[2], StoreEnd) and asked[2].closed == instant(7)


def test_clock_that_jumps_at_the_very_click_opens_nothing() -> None:
    """The jump and the event that would open come in one step."""
    gate = moving()
    found, asked = step(gate, PositionConfirmed(gate.serial), instant(60, mono=1))
    assert found.place is Place.CLOSING and not any(isinstance(one, GrantLease | Opened) for one in asked)
    gate = opening()
    found, asked = step(gate, Stored(GRANT), instant(-60, mono=1))
    assert found.place is Place.CLOSING and Move(Target.VIEW, gate.serial + 1, 0) not in asked


@pytest.mark.parametrize("drift", [CLOCK_TOLERANCE, -CLOCK_TOLERANCE])
def test_a_clock_that_is_set_gently_does_not(drift: float) -> None:
    assert after(opened(), Tick(), now=instant(1 + drift, mono=1)).place is Place.OPEN


# ---- moves that fail ------------------------------------------------------------------------------------------------


def test_view_that_is_not_reached_ends_the_look() -> None:
    gate = moving()
    ends(gate, MoveFailed(gate.serial), CloseReason.MOVE_FAILED)


@pytest.mark.parametrize("place", ["opening", "moving", "aim moving"])
def test_shell_that_never_answers_is_a_failed_move(place: str) -> None:
    gate = at_all_places()[place]
    assert step(gate, Tick(), instant(MOVE_SECONDS)) == (gate, ())
    ends(gate, Tick(), CloseReason.MOVE_FAILED, instant(MOVE_SECONDS + 0.1))


@pytest.mark.parametrize("event", [PositionConfirmed, MoveFailed])
@pytest.mark.parametrize("place", ["closing", "fault", "moving"])
@pytest.mark.parametrize("stale", [-1, 1])
def test_late_answer_to_another_move_changes_nothing(place: str, event: type, stale: int) -> None:
    gate = at_all_places()[place]
    assert step(gate, event(gate.serial + stale), START) == (gate, ())


def test_late_answer_from_the_privacy_move_does_not_pass_for_the_view() -> None:
    gate = closed()
    late = PositionConfirmed(gate.serial)
    assert after(gate, LookRequested(GRANT), late).place is Place.OPENING
    assert after(gate, LookRequested(GRANT), Stored(GRANT), late).place is Place.OPENING


def test_late_failure_of_the_privacy_move_does_not_end_the_look_that_follows() -> None:
    gate = closed()
    late = MoveFailed(gate.serial)
    assert after(gate, LookRequested(GRANT), late).place is Place.OPENING


def test_late_answer_from_the_view_move_does_not_pass_for_privacy() -> None:
    gate = moving()
    late = PositionConfirmed(gate.serial)
    assert after(gate, PauseChanged(paused=True), late).place is Place.CLOSING


def test_looking_away_is_tried_for_ever_and_told_after_three_failures() -> None:
    gate = closing()
    for attempt in range(1, FAULT_AFTER):
        assert effects(gate, MoveFailed(gate.serial)) == (move(gate, attempt=attempt),)
        gate = after(gate, MoveFailed(gate.serial))
    asked = effects(gate, MoveFailed(gate.serial))
    assert asked == (RaiseProblem(Problem.CANNOT_LOOK_AWAY), CutPower(), move(gate, attempt=FAULT_AFTER))
    gate = after(gate, MoveFailed(gate.serial))
    for attempt in range(FAULT_AFTER + 1, 20):
        assert (gate.place, effects(gate, MoveFailed(gate.serial))) == (Place.FAULT, (move(gate, attempt=attempt),))
        gate = after(gate, MoveFailed(gate.serial))
    gate, asked = step(gate, PositionConfirmed(gate.serial), START)
    assert (gate.place, gate.attempts, asked) == (Place.CLOSED, 0, (ClearProblem(Problem.CANNOT_LOOK_AWAY),))


def started_again() -> Gate:
    """A camera that was without power on purpose and has just been given it."""
    gate = after(closed(), PowerChanged(on=False), PowerChanged(on=True))
    assert gate.place is Place.CLOSING
    return gate


def test_a_camera_that_is_starting_keeps_its_power_until_it_should_have_started() -> None:
    """Without this it would lose the power that it has just been given, again and again."""
    gate = started_again()
    for attempt in range(1, 30):
        now = instant(BOOT_SECONDS - 30 + attempt)
        assert effects(gate, MoveFailed(gate.serial), now) == (move(gate, attempt=attempt),)
        gate = after(gate, MoveFailed(gate.serial), now=now)
    asked = effects(gate, MoveFailed(gate.serial), instant(BOOT_SECONDS))
    assert asked[:2] == (RaiseProblem(Problem.CANNOT_LOOK_AWAY), CutPower())


def test_a_camera_that_has_started_is_given_no_time_to_start() -> None:
    gate = started_again()
    gate = after(gate, PositionConfirmed(gate.serial), PowerChanged(on=True), PositionLost())
    for _ in range(FAULT_AFTER):
        gate = after(gate, MoveFailed(gate.serial))
    assert gate.place is Place.FAULT


@pytest.mark.parametrize("gate", [closing(), fault()], ids=["closing", "fault"])
def test_looking_away_without_an_answer_is_tried_again(gate: Gate) -> None:
    assert step(gate, Tick(), instant(MOVE_SECONDS)) == (gate, ())
    asked = effects(gate, Tick(), instant(MOVE_SECONDS + 0.1))
    assert asked[-1] == move(gate, attempt=gate.attempts + 1)


@pytest.mark.parametrize("gate", [closing(), fault()], ids=["closing", "fault"])
@pytest.mark.parametrize("event", [Started(), PositionLost(), Stopping()], ids=repr)
def test_a_camera_on_its_way_is_not_told_twice(gate: Gate, event: Event) -> None:
    found, asked = step(gate, event, START)
    assert (found.place, found.serial, asked) == (gate.place, gate.serial, ())


def test_camera_that_is_moved_by_someone_is_moved_back() -> None:
    gate = closed()
    assert step(gate, PositionLost(), START)[1] == (move(gate),)
    assert after(gate, PositionLost()).place is Place.CLOSING


# ---- the journal fails ----------------------------------------------------------------------------------------------


def test_start_that_cannot_be_stored_moves_nothing_to_the_view() -> None:
    gate = opening()
    found, asked = step(gate, StoreFailed(), START)
    assert asked == (
        RaiseProblem(Problem.JOURNAL_FAILED),
        Refuse(GRANT, Refusal.JOURNAL_FAILED),
        StopPicture(GRANT, CloseReason.JOURNAL_FAILED),
        move(gate),
    )
    assert (found.place, found.running, found.journal) == (Place.CLOSING, None, False)
    assert after(found, Stored(GRANT)).place is Place.CLOSING


@pytest.mark.parametrize("place", ["moving", "open", "aim moving", "aiming"])
def test_journal_that_fails_ends_what_it_has_stored(place: str) -> None:
    gate = at_all_places()[place]
    assert gate.running is not None
    asked = effects(gate, StoreFailed())
    why = CloseReason.JOURNAL_FAILED
    reason = gate.running.reason
    end = StoreEnd(reason, gate.running.opened, START, why)
    assert asked == (RaiseProblem(Problem.JOURNAL_FAILED), StopPicture(reason, why), move(gate), end)


@pytest.mark.parametrize("place", ["closed", "closing", "fault"])
def test_journal_that_fails_while_nothing_runs_refuses_the_next(place: str) -> None:
    gate = at_all_places()[place]
    found, asked = step(gate, StoreFailed(), START)
    assert (found, asked) == (replace(gate, journal=False), (RaiseProblem(Problem.JOURNAL_FAILED),))
    if place == "closed":
        assert effects(found, LookRequested(GRANT)) == (Refuse(GRANT, Refusal.JOURNAL_FAILED),)


# ---- late answers, and what is not in the table ---------------------------------------------------------------------


@pytest.mark.parametrize("place", ["closed", "closing", "fault"])
@pytest.mark.parametrize(
    "event",
    [
        Stored(GRANT),
        Stored(AIM),
        LeaseHeld(LOOK, 1),
        OperatorClosed(LOOK, Outcome.SEEN),
        SessionLost(None, CloseReason.LINK_LOST),
        AimEnded(),
        Tick(),
    ],
    ids=repr,
)
def test_late_words_about_what_has_ended_change_nothing(place: str, event: Event) -> None:
    gate = at_all_places()[place]
    assert step(gate, event, START) == (gate, ())


@pytest.mark.parametrize("event", [PositionConfirmed(1), MoveFailed(1)], ids=repr)
def test_late_answers_of_the_camera_change_nothing_when_closed(event: Event) -> None:
    assert step(closed(), event, START) == (closed(), ())


@pytest.mark.parametrize("event", [Stored(GRANT), PositionConfirmed(2), MoveFailed(2)], ids=repr)
def test_answer_that_nobody_waits_for_ends_an_open_look(event: Event) -> None:
    ends(opened(), event, CloseReason.UNEXPECTED)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TABLE[Place.CLOSED, Tick] = TABLE[Place.OPENING, Stored]  # type: ignore[index]


def test_effects_carry_the_verified_grant_and_no_key_but_the_operators() -> None:
    asked: tuple[Effect, ...] = effects(closed(), LookRequested(GRANT))
    assert asked == (StoreStart(GRANT),) and GRANT.key == OPERATOR.public
    assert all(gate.running is None for gate in at_all_places().values() if gate.place not in LIVE)
