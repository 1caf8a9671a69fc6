"""What may be made ready, and when. What may begin is tested with the gate."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tillsyn.gates import closed
from tests.tillsyn.made import HOME, NOW, OCCURRENCE, instant, plan, talk
from tillsyn.admission import check_prepare
from tillsyn.errors import Refusal
from tillsyn.gate_values import Gate, Place
from tillsyn.terms import PREPARE_AHEAD, prepare_refusal

PREPARED = check_prepare(HOME, plan(), talk().prepare, talk().chain, NOW)
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
