"""The rules of a look, one by one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.tillsyn.gates import (
    AIM,
    GRANT,
    LOOK,
    SPENT_ONCE,
    START,
    after,
    aiming,
    at_all_places,
    closed,
    closing,
    effects,
    ends,
    loaded,
    moving,
    opened,
    opening,
)
from tests.tillsyn.made import NIGHT, NOW, OCCURRENCE, grant, instant, look_id, plan, talk
from tillsyn.errors import CloseReason, Problem, Refusal
from tillsyn.gate import step
from tillsyn.gate_rules import REFUSED_KEPT
from tillsyn.gate_values import (
    AimRequested,
    ClearProblem,
    ConsentChanged,
    Event,
    Gate,
    GrantLease,
    LeaseHeld,
    LookRequested,
    Move,
    Opened,
    OperatorClosed,
    PauseChanged,
    Place,
    PlanChanged,
    PositionConfirmed,
    PositionLost,
    PrivacyChanged,
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
    Warm,
)
from tillsyn.model import Outcome, Spent
from tillsyn.terms import PREPARE_AHEAD, refusal

# ---- a look from start to end ---------------------------------------------------------------------------------------


def test_a_look_is_stored_then_moved_then_opened_then_closed() -> None:
    gate, asked = step(closed(), LookRequested(GRANT), START)
    assert (gate.place, asked) == (Place.OPENING, (StoreStart(GRANT),))
    gate, asked = step(gate, Stored(GRANT), START)
    assert (gate.place, asked) == (Place.OPENING, (Move(Target.VIEW, gate.serial, 0), Warm(LOOK)))
    gate, asked = step(gate, PositionConfirmed(gate.serial), instant(2))
    assert (gate.place, asked) == (Place.OPEN, (GrantLease(LOOK, 1), Opened(GRANT, instant(2), 30, GRANT.request)))
    gate, asked = step(gate, LeaseHeld(LOOK, 1), instant(2.1))
    assert asked == ()
    gate, asked = step(gate, Tick(), instant(3))
    assert (gate.place, asked) == (Place.OPEN, (GrantLease(LOOK, 2),))
    gate, asked = step(gate, OperatorClosed(LOOK, Outcome.SEEN), instant(4))
    assert asked == (
        StopPicture(GRANT, CloseReason.SEEN),
        Move(Target.PRIVACY, gate.serial, 0),
        StoreEnd(GRANT, instant(2), instant(4), CloseReason.SEEN),
    )
    gate, asked = step(gate, PositionConfirmed(gate.serial), instant(5))
    assert (gate.place, asked) == (Place.CLOSED, ())
    assert effects(gate, LookRequested(grant("second")), instant(6)) == (Refuse(grant("second"), Refusal.BUDGET_USED),)


def test_the_picture_flows_only_when_the_camera_is_read_back_at_its_view() -> None:
    opens = (GrantLease, Opened)
    for gate in (closed(), opening(), moving()):
        for event in (Tick(), Stored(GRANT), LeaseHeld(LOOK, 1), PositionConfirmed(gate.serial + 1)):
            assert not [one for one in effects(gate, event) if isinstance(one, opens)]


def test_the_view_is_not_reached_before_the_start_is_on_disk() -> None:
    gate = opening()
    assert step(gate, PositionConfirmed(gate.serial), START) == (gate, ())


def test_the_start_of_another_look_does_not_move_the_camera() -> None:
    assert step(opening(), Stored(grant("other")), START) == (opening(), ())


def test_a_start_stored_twice_moves_once() -> None:
    assert step(moving(), Stored(GRANT), START) == (moving(), ())


# ---- a new and a restarted home -------------------------------------------------------------------------------------


def test_start_looks_away_first() -> None:
    gate, asked = step(Gate(), Started(), START)
    assert (gate.place, asked) == (Place.CLOSING, (Move(Target.PRIVACY, 1, 0),))


def test_nothing_is_confirmed_by_an_answer_from_before_the_start() -> None:
    assert after(closing(), PositionConfirmed(0)).place is Place.CLOSING


def test_before_the_journal_is_read_every_look_is_refused() -> None:
    gate = after(Gate(), Started(), PositionConfirmed(1), PauseChanged(paused=False), PrivacyChanged(private=False))
    gate = after(gate, ConsentChanged(given=True), PlanChanged(plan()))
    assert gate.place is Place.CLOSED
    assert effects(gate, LookRequested(GRANT)) == (Refuse(GRANT, Refusal.JOURNAL_FAILED),)


def test_a_start_in_the_middle_of_a_look_ends_it() -> None:
    ends(opened(), Started(), CloseReason.INTERRUPTED)


def test_a_journal_that_is_read_again_clears_the_problem() -> None:
    gate = after(closed(), StoreFailed())
    gate, asked = step(gate, loaded(), START)
    assert (gate.journal, asked) == (True, (ClearProblem(Problem.JOURNAL_FAILED),))


def test_a_journal_that_is_read_again_in_the_middle_of_a_look_ends_it() -> None:
    ends(opened(), loaded(), CloseReason.UNEXPECTED)


def test_what_the_gate_knows_is_used_stays_used_when_the_journal_is_read_again() -> None:
    gate = after(opening(), StoreFailed(), loaded(used=frozenset({"x"})))
    assert gate.used == {LOOK, "x"}


# ---- what may happen now --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        pytest.param(Refusal.NO_CONSENT, {"consent": False}, id="no consent beats an agreed window"),
        pytest.param(Refusal.PAUSED, {"paused": True}, id="paused beats scheduled window"),
        pytest.param(Refusal.PRIVATE, {"private": True}, id="the privacy switch beats scheduled window"),
        pytest.param(Refusal.NO_PLAN, {"plan": None}, id="without a plan nothing is agreed"),
        pytest.param(Refusal.WRONG_PLAN, {"plan": plan(number=4)}, id="another plan has been accepted"),
        pytest.param(
            Refusal.WRONG_WINDOW,
            {"plan": plan(windows=(replace(NIGHT, id="evening"),))},
            id="the window is not in the plan",
        ),
        pytest.param(
            Refusal.WRONG_WINDOW,
            {"plan": plan(windows=(replace(NIGHT, days=(1,)),))},
            id="the window is not that weekday",
        ),
        pytest.param(Refusal.BUDGET_USED, {"spent": {OCCURRENCE: Spent(START.wall, 1, seen=True)}}, id="seen is seen"),
        pytest.param(
            Refusal.BUDGET_USED, {"spent": {OCCURRENCE: Spent(START.wall, 2, seen=False)}}, id="the retry is used"
        ),
        pytest.param(
            Refusal.BUDGET_USED,
            {"spent": {OCCURRENCE: Spent(START.wall - timedelta(minutes=20), 1, seen=False)}},
            id="the time for a retry has passed, though the window is open",
        ),
        pytest.param(Refusal.REPLAYED, {"used": frozenset({LOOK})}, id="this look has been used"),
        pytest.param(Refusal.REPLAYED, {"used": frozenset({LOOK}), "paused": True}, id="replayed beats paused"),
    ],
)
def test_look_is_refused(code: Refusal, changes: dict[str, Any]) -> None:
    gate = closed(**changes)
    found, asked = step(gate, LookRequested(GRANT), START)
    assert asked == (Refuse(GRANT, code),)
    assert replace(found, refused=()) == gate


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        pytest.param(-4 * 3600 + 60 * 60 - 1, Refusal.OUTSIDE_WINDOW, id="a second before"),
        pytest.param(-4 * 3600 + 60 * 60, None, id="as it opens"),
        pytest.param(6 * 3600 - 1, None, id="the last second"),
        pytest.param(6 * 3600, Refusal.OUTSIDE_WINDOW, id="as it shuts"),
    ],
)
def test_outside_the_window_is_refused(seconds: float, code: Refusal | None) -> None:
    found = refusal(closed(), 3, OCCURRENCE, instant(seconds).wall)
    assert found is code


def test_a_prepare_may_come_ten_minutes_early() -> None:
    opens = instant(-3 * 3600).wall
    early = opens - PREPARE_AHEAD
    assert refusal(closed(), 3, OCCURRENCE, early, PREPARE_AHEAD) is None
    assert refusal(closed(), 3, OCCURRENCE, early - timedelta(seconds=1), PREPARE_AHEAD) is Refusal.OUTSIDE_WINDOW
    assert refusal(closed(), 3, OCCURRENCE, early) is Refusal.OUTSIDE_WINDOW


def test_one_retry_within_twenty_minutes_even_past_the_windows_end() -> None:
    shuts = instant(6 * 3600)
    gate = closed(spent={OCCURRENCE: Spent(shuts.wall - timedelta(minutes=1), 1, seen=False)})
    at = {minutes: refusal(gate, 3, OCCURRENCE, shuts.wall + timedelta(minutes=minutes)) for minutes in (0, 18, 19)}
    assert at == {0: None, 18: None, 19: Refusal.BUDGET_USED}


def test_a_plan_without_retries_gives_one_look() -> None:
    gate = closed(plan=plan(max_retries=0), spent=SPENT_ONCE)
    assert refusal(gate, 3, OCCURRENCE, START.wall) is Refusal.BUDGET_USED


def test_every_look_that_begins_is_counted_even_if_the_camera_never_moved() -> None:
    gate = opening()
    assert gate.spent[OCCURRENCE] == Spent(START.wall, 1, seen=False)
    gate = after(gate, PauseChanged(paused=True), PositionConfirmed(gate.serial + 1), PauseChanged(paused=False))
    gate = after(gate, LookRequested(grant("retry")), now=instant(60))
    assert gate.spent[OCCURRENCE] == Spent(START.wall, 2, seen=False)


@pytest.mark.parametrize("place", ["closing", "fault", "new"])
def test_a_camera_that_is_not_read_back_is_not_ready(place: str) -> None:
    gate = after(at_all_places()[place], loaded())
    assert effects(gate, LookRequested(GRANT)) == (Refuse(GRANT, Refusal.CAMERA_NOT_READY),)
    assert effects(gate, AimRequested(AIM)) == (Refuse(AIM, Refusal.CAMERA_NOT_READY),)


@pytest.mark.parametrize("gate", [opening(), moving(), opened(), aiming()], ids=["opening", "moving", "open", "aiming"])
def test_a_second_look_does_not_disturb_the_first(gate: Gate) -> None:
    other = grant("other")
    found, asked = step(gate, LookRequested(other), START)
    assert (asked, replace(found, refused=())) == ((Refuse(other, Refusal.BUSY),), gate)
    assert step(gate, AimRequested(AIM), START) == (gate, (Refuse(AIM, Refusal.BUSY),))


def test_nothing_opens_while_home_assistant_stops() -> None:
    gate = after(closed(), Stopping())
    gate = after(gate, PositionConfirmed(gate.serial))
    assert gate.place is Place.CLOSED
    assert effects(gate, LookRequested(GRANT)) == (Refuse(GRANT, Refusal.CAMERA_NOT_READY),)
    assert effects(gate, AimRequested(AIM)) == (Refuse(AIM, Refusal.CAMERA_NOT_READY),)


# ---- replay ---------------------------------------------------------------------------------------------------------


def test_replayed_look_is_refused() -> None:
    gate = opened()
    assert effects(gate, LookRequested(GRANT)) == (Refuse(GRANT, Refusal.REPLAYED),)
    gate = after(gate, OperatorClosed(LOOK, Outcome.NOT_SEEN))
    gate = after(gate, PositionConfirmed(gate.serial))
    assert effects(gate, LookRequested(GRANT)) == (Refuse(GRANT, Refusal.REPLAYED),)


def test_replayed_look_after_a_restart_is_refused() -> None:
    gate = closed(used=frozenset({LOOK}), spent=SPENT_ONCE)
    assert effects(gate, LookRequested(GRANT)) == (Refuse(GRANT, Refusal.REPLAYED),)


def test_replayed_click_that_was_refused_stays_refused() -> None:
    """The service keeps a click that was refused while the home was paused, and plays it again when it is not."""
    gate = after(closed(paused=True), LookRequested(GRANT), PauseChanged(paused=False))
    assert effects(gate, LookRequested(GRANT)) == (Refuse(GRANT, Refusal.REPLAYED),)


def test_a_new_click_after_a_refusal_is_a_new_question() -> None:
    gate = after(closed(paused=True), LookRequested(GRANT), PauseChanged(paused=False))
    again = talk().asking(iat=NOW + 5, exp=NOW + 20).grant()
    assert effects(gate, LookRequested(again)) == (StoreStart(again),)


def test_a_refused_click_cannot_be_pushed_out_by_repeating_another() -> None:
    gate = after(closed(paused=True), LookRequested(GRANT), *[LookRequested(grant("x"))] * REFUSED_KEPT * 2)
    assert gate.refused == (GRANT.request, grant("x").request)


def test_refused_clicks_do_not_fill_the_memory() -> None:
    many = [LookRequested(grant(str(number))) for number in range(REFUSED_KEPT + 3)]
    assert len(after(closed(paused=True), *many).refused) == REFUSED_KEPT


# ---- what ends a look -----------------------------------------------------------------------------------------------

ENDINGS = [
    pytest.param(PauseChanged(paused=True), CloseReason.PAUSED, id="pause"),
    pytest.param(PrivacyChanged(private=True), CloseReason.PRIVACY, id="the privacy switch"),
    pytest.param(ConsentChanged(given=False), CloseReason.CONSENT_WITHDRAWN, id="consent withdrawn"),
    pytest.param(PlanChanged(plan(number=4)), CloseReason.PLAN_CHANGED, id="another plan"),
    pytest.param(PlanChanged(plan()), CloseReason.PLAN_CHANGED, id="the same plan accepted again"),
    pytest.param(PlanChanged(None), CloseReason.PLAN_CHANGED, id="no plan any more"),
    pytest.param(PositionLost(), CloseReason.CAMERA_MOVED, id="the camera is elsewhere"),
    pytest.param(Stopping(), CloseReason.STOPPED, id="Home Assistant stops"),
    pytest.param(Started(), CloseReason.INTERRUPTED, id="a second start"),
    pytest.param(loaded(), CloseReason.UNEXPECTED, id="a journal read again"),
    pytest.param(SessionLost(None, CloseReason.LINK_LOST), CloseReason.LINK_LOST, id="the link is lost"),
]


@pytest.mark.parametrize(("event", "why"), ENDINGS)
@pytest.mark.parametrize("place", ["opening", "moving", "open", "aim opening", "aim moving", "aiming"])
def test_this_ends_it_wherever_it_is(place: str, event: Event, why: CloseReason) -> None:
    ends(at_all_places()[place], event, why)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_operators_outcome_ends_an_open_look(outcome: Outcome) -> None:
    ends(opened(), OperatorClosed(LOOK, outcome), CloseReason(outcome.value))
    seen = after(opened(), OperatorClosed(LOOK, outcome)).spent[OCCURRENCE].seen
    assert seen is (outcome is Outcome.SEEN)


@pytest.mark.parametrize("place", ["opening", "moving"])
def test_seen_before_the_view_was_reached_is_not_believed(place: str) -> None:
    gate = at_all_places()[place]
    ends(gate, OperatorClosed(LOOK, Outcome.SEEN), CloseReason.NOT_SEEN)
    assert not after(gate, OperatorClosed(LOOK, Outcome.SEEN)).spent[OCCURRENCE].seen
    ends(gate, OperatorClosed(LOOK, Outcome.NEEDS_HELP), CloseReason.NEEDS_HELP)


@pytest.mark.parametrize("place", ["opening", "moving", "open", "aiming"])
@pytest.mark.parametrize(
    "event",
    [
        pytest.param(OperatorClosed(look_id("other"), Outcome.SEEN), id="the close of another look"),
        pytest.param(SessionLost(look_id("other"), CloseReason.OPERATOR_GONE), id="the end of another session"),
        pytest.param(LeaseHeld(look_id("other"), 1), id="the lease of another look"),
    ],
)
def test_what_is_said_of_another_look_changes_nothing(place: str, event: Event) -> None:
    gate = at_all_places()[place]
    assert step(gate, event, START) == (gate, ())


def test_the_end_of_the_looks_own_session_ends_it() -> None:
    ends(opened(), SessionLost(LOOK, CloseReason.PICTURE_LOST), CloseReason.PICTURE_LOST)


@pytest.mark.parametrize("event", [ConsentChanged(True), PauseChanged(False), PrivacyChanged(False)], ids=repr)
def test_terms_that_get_wider_never_open_and_never_close(event: Event) -> None:
    for gate in at_all_places().values():
        found, asked = step(gate, event, START)
        assert (found.place, found.running, asked) == (gate.place, gate.running, ())


def test_terms_that_change_while_closed_move_nothing() -> None:
    for event in (
        ConsentChanged(given=False),
        PauseChanged(paused=True),
        PrivacyChanged(private=True),
        PlanChanged(None),
    ):
        assert effects(closed(), event) == ()
