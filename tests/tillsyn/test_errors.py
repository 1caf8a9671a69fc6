"""Reasons are codes, and what a peer sent never comes back in them."""

import re

import pytest

from tillsyn.errors import CloseReason, Problem, Refusal, Refused
from tillsyn.model import Outcome


@pytest.mark.parametrize("code", [*Refusal, *CloseReason, *Problem])
def test_codes_fit_every_edge(code: str) -> None:
    assert re.fullmatch(r"[a-z_]{1,40}", code)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_a_reason_to_close(outcome: Outcome) -> None:
    assert CloseReason(outcome.value).value == outcome.value


def test_a_refusal_carries_its_code() -> None:
    assert Refused(Refusal.PAUSED).code is Refusal.PAUSED
    assert str(Refused(Refusal.PAUSED)) == "paused"
    assert str(Refused(Refusal.BAD_MESSAGE, "fields")) == "bad_message: fields"
