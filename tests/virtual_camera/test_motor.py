"""The motor as a pure function of time."""

import math

import pytest

from virtual_camera.motor import Mechanism, Position, Speed

START = Position(0.0, 0.0, 0.0)


def mechanism(position: Position = START) -> Mechanism:
    return Mechanism(position, now=100.0, speed=0.5, zoom_speed=0.25)


def test_it_arrives_when_distance_over_speed_has_passed() -> None:
    motor = mechanism()
    motor.move_to(100.0, Position(1.0, -0.5, 0.5), Speed())
    assert motor.motion.at(101.0) == Position(0.5, -0.5, 0.25)
    assert motor.motion.is_moving(101.999)
    assert motor.motion.at(102.0) == Position(1.0, -0.5, 0.5)
    assert not motor.motion.is_moving(102.0)


def test_speed_is_a_share_of_full_speed() -> None:
    motor = mechanism()
    motor.move_to(100.0, Position(1.0, 0.0, 0.0), Speed(0.5, 1.0, 1.0))
    assert motor.motion.at(102.0).pan == 0.5


def test_a_new_command_starts_from_where_it_is() -> None:
    motor = mechanism()
    motor.move_to(100.0, Position(1.0, 0.0, 0.0), Speed())
    motor.move_to(101.0, Position(-1.0, 0.0, 0.0), Speed())
    assert motor.motion.at(102.0).pan == 0.0


def test_a_continuous_move_ends_at_its_timeout_or_at_the_limit() -> None:
    motor = mechanism()
    motor.move_on(100.0, Speed(1.0, -0.5, 0.0), timeout=1.0)
    assert motor.motion.at(109.0) == Position(0.5, -0.25, 0.0)
    motor.move_on(109.0, Speed(1.0, 0.0, 0.0), timeout=60.0)
    assert motor.motion.at(120.0) == Position(1.0, -0.25, 0.0)


def test_stop_stops_the_axes_named() -> None:
    motor = mechanism()
    motor.move_to(100.0, Position(1.0, 0.0, 1.0), Speed())
    motor.stop(101.0, pan_tilt=True, zoom=False)
    assert motor.motion.at(200.0) == Position(0.5, 0.0, 1.0)
    assert motor.target == Position(0.5, 0.0, 1.0)


def test_a_motor_that_gets_stuck_halfway_stays_there_and_hears_nothing() -> None:
    motor = mechanism()
    motor.move_to(100.0, Position(1.0, 0.0, 0.0), Speed())
    motor.set_factor(101.0, 0.0)
    motor.move_to(102.0, Position(-1.0, 0.0, 0.0), Speed())
    assert motor.motion.at(200.0).pan == 0.5
    assert motor.target.pan == -1.0
    motor.set_factor(200.0, 1.0)
    assert motor.motion.at(300.0).pan == 0.5


def test_a_slow_motor_takes_longer_also_in_the_middle_of_a_move() -> None:
    motor = mechanism()
    motor.move_to(100.0, Position(1.0, 0.0, 0.0), Speed())
    motor.set_factor(101.0, 0.1)
    assert motor.motion.at(102.0).pan == pytest.approx(0.55)
    motor.set_factor(102.0, 1.0)
    assert motor.motion.at(103.0).pan == 1.0


def test_turned_by_hand_it_does_not_know() -> None:
    motor = mechanism()
    motor.turn_by_hand(100.0, Position(0.3, 0.3, 0.0))
    assert motor.motion.at(100.0) == Position(0.3, 0.3, 0.0)
    assert motor.target == START


@pytest.mark.parametrize("factor", [-1.0, math.nan, math.inf])
def test_an_impossible_factor_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="factor"):
        mechanism().set_factor(100.0, factor)


@pytest.mark.parametrize(
    "position", [Position(1.1, 0, 0), Position(0, -1.1, 0), Position(0, 0, -0.1), Position(math.nan, 0, 0)]
)
def test_outside_is_outside(position: Position) -> None:
    assert not position.is_within_limits()
