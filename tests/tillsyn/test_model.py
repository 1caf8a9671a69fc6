"""The words of the trade are plain values that cannot be changed afterwards."""

from dataclasses import FrozenInstanceError
from datetime import time

import pytest

from tests.tillsyn.made import plan
from tillsyn.model import Limits, Role, Window


def test_an_agreed_plan_cannot_be_changed() -> None:
    agreed = plan()
    with pytest.raises(FrozenInstanceError):
        agreed.number = 4  # type: ignore[misc]


def test_a_window_is_every_night_unless_told() -> None:
    assert Window("night", time(22), time(7)).days == (1, 2, 3, 4, 5, 6, 7)


def test_the_usual_look_is_half_a_minute_with_one_retry_in_twenty_minutes() -> None:
    assert Limits() == Limits(look_seconds=30, grace_seconds=30, retry_within_minutes=20, max_retries=1)


def test_roles_are_those_that_the_municipality_certifies() -> None:
    assert {role.value for role in Role} == {"operator", "patrol", "planner", "installer", "admin", "auditor"}
