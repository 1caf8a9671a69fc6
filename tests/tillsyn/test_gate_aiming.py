"""Aiming at the gate, one rule by one."""

from typing import Any

import pytest

from tests.tillsyn.gates import (
    AIM,
    LOOK,
    START,
    after,
    aim_moving,
    aim_opening,
    aiming,
    closed,
    effects,
    ends,
    moving,
    opened,
    opening,
)
from tests.tillsyn.made import instant
from tillsyn.errors import CloseReason, Refusal
from tillsyn.gate import step
from tillsyn.gate_rules import AIM_SECONDS
from tillsyn.gate_values import (
    AimEnded,
    AimRequested,
    Gate,
    GrantLease,
    LeaseHeld,
    Move,
    Opened,
    OperatorClosed,
    Place,
    PositionConfirmed,
    Refuse,
    Stored,
    StoreFailed,
    StoreStart,
    Target,
    Tick,
    Warm,
)
from tillsyn.model import Outcome


def test_aiming_is_stored_moved_shown_and_ended() -> None:
    gate, asked = step(closed(), AimRequested(AIM), START)
    assert asked == (StoreStart(AIM),)
    gate, asked = step(gate, Stored(AIM), START)
    assert asked == (Move(Target.VIEW, gate.serial, 0),)
    gate, asked = step(gate, PositionConfirmed(gate.serial), START)
    assert (gate.place, asked) == (Place.AIMING, (Opened(AIM, START, int(AIM_SECONDS), ""),))
    assert after(gate, Tick(), now=instant(AIM_SECONDS - 1)) == gate
    ends(gate, AimEnded(), CloseReason.AIMING_ENDED)
    ends(gate, Tick(), CloseReason.AIMING_ENDED, instant(AIM_SECONDS))


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        pytest.param(Refusal.PAUSED, {"paused": True}, id="while paused"),
        pytest.param(Refusal.PRIVATE, {"private": True}, id="while the camera is private"),
    ],
)
def test_aiming_is_refused(code: Refusal, changes: dict[str, Any]) -> None:
    gate = closed(**changes)
    assert step(gate, AimRequested(AIM), START) == (gate, (Refuse(AIM, code),))


def test_aiming_without_a_journal_is_refused() -> None:
    assert effects(after(closed(), StoreFailed()), AimRequested(AIM)) == (Refuse(AIM, Refusal.JOURNAL_FAILED),)


def test_aiming_needs_no_plan_and_no_consent_yet() -> None:
    assert effects(closed(plan=None, consent=False), AimRequested(AIM)) == (StoreStart(AIM),)


def test_aiming_never_lets_a_picture_leave_the_home() -> None:
    for gate in (aim_opening(), aim_moving(), aiming()):
        for event in (Tick(), LeaseHeld(LOOK, 0), LeaseHeld(LOOK, 1), OperatorClosed(LOOK, Outcome.SEEN)):
            assert not any(isinstance(one, GrantLease | Warm) for one in effects(gate, event))


@pytest.mark.parametrize("gate", [opening(), moving(), opened()], ids=["opening", "moving", "open"])
def test_a_late_end_of_aiming_does_not_end_a_look(gate: Gate) -> None:
    assert step(gate, AimEnded(), START) == (gate, ())
