"""A planner gone bad, one who was and is no longer, and whoever has found the session key of an evening long ago.

The worst that a plan can do is to wait at home for an answer: what it changes is told there in plain words, and only
what narrows applies by itself. The fields one by one: tests/tillsyn/test_planners.py.
"""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from tests.attacks.besieged import CHAIN, PASSKEYS, PLAN, Besieged, opens_nothing, right
from tests.authenticator import Authenticator
from tests.tillsyn.made import (
    ADMIN,
    ADMIN_PHONE,
    COLLEAGUE,
    HUB,
    NOW,
    OPERATOR,
    ROOT,
    STRANGER,
    admin_shift,
    credential,
    delegation,
    shift,
)
from tillsyn.chain import MAX_SKEW, PLAN_SECONDS
from tillsyn.errors import Refusal
from tillsyn.model import Role, Window
from tillsyn.wire import Revocations
from tillsyn.wire_people import NUMBERS_BEGIN

DAY = 86_400
KIM = Authenticator("kim")
PLANNER = shift(KIM, COLLEAGUE, name="Kim Plan", roles=(Role.PLANNER,))
WIDER = replace(PLAN, number=4, windows=(*PLAN.windows, Window("day", time(0, 30), time(12))))
LOOK = right("wide", "day/2026-11-23", 4)
"""What would be seen if the wider plan held."""


def away(days: float, *kids: str) -> Besieged:
    """A home that comes back after so many days, and is told at once who is revoked."""
    home = Besieged()
    home.wall += days * DAY
    assert home.adopt(ROOT.sign(Revocations(9, kids, home.at))) is None
    return home


def refused(code: Refusal, token: str, chain: tuple[str, ...], home: Besieged) -> None:
    """Nobody at home is even shown it, and what was agreed holds."""
    assert home.propose(token, chain) is code
    assert (home.record.proposed, home.record.plan) == (None, PLAN.plan())


def test_plan_of_an_evening_waits_for_an_answer_when_the_home_comes_back() -> None:
    home = away(3)
    assert home.propose(COLLEAGUE.sign(WIDER), PLANNER) is None
    assert (home.record.proposed, home.record.plan) == (COLLEAGUE.sign(WIDER), PLAN.plan())


def test_plan_signed_by_an_operator_is_refused() -> None:
    def attack(home: Besieged) -> Refusal | None:
        refused(Refusal.ROLE_NOT_ALLOWED, OPERATOR.sign(WIDER), CHAIN, home)
        return home.look(LOOK)

    opens_nothing(Refusal.WRONG_PLAN, attack)


def test_plan_of_another_unit_is_refused() -> None:
    elsewhere = shift(KIM, COLLEAGUE, roles=(Role.PLANNER,), units=("dag",))
    refused(Refusal.UNIT_NOT_ALLOWED, COLLEAGUE.sign(WIDER), elsewhere, away(0))
    refused(Refusal.UNIT_NOT_ALLOWED, COLLEAGUE.sign(replace(WIDER, unit="dag")), PLANNER, away(0))


@pytest.mark.parametrize(
    ("code", "made"),
    [
        pytest.param(Refusal.DELEGATION_EXPIRED, NOW + 7200, id="after the shift"),
        pytest.param(Refusal.CREDENTIAL_EXPIRED, NOW + 2 * DAY, id="after the credential"),
        pytest.param(Refusal.CREDENTIAL_EXPIRED, NOW - 30 * DAY + 3 * DAY, id="backdated to before all that"),
        pytest.param(Refusal.EXPIRED, NOW - PLAN_SECONDS, id="backdated beyond a month"),
        pytest.param(Refusal.CLOCK_SKEW, NOW + 3 * DAY + MAX_SKEW + 1, id="dated ahead"),
    ],
)
def test_plan_dated_when_its_planner_might_not_is_refused(code: Refusal, made: int) -> None:
    refused(code, COLLEAGUE.sign(replace(WIDER, iat=made)), PLANNER, away(3))


@pytest.mark.parametrize("number", [2**31, NOW - NUMBERS_BEGIN + 1])
def test_plan_that_uses_up_the_numbers_is_refused(number: int) -> None:
    """Else nobody could ever change the plan again, nor could its planner's revocation mend it."""
    refused(Refusal.BAD_MESSAGE, COLLEAGUE.sign(replace(WIDER, number=number)), PLANNER, away(0))


def test_session_key_that_is_found_a_month_later_is_refused() -> None:
    """Within the month it can backdate: that is what revoking the shift is for."""
    refused(Refusal.EXPIRED, COLLEAGUE.sign(WIDER), PLANNER, away(31))
    refused(Refusal.REVOKED, COLLEAGUE.sign(WIDER), PLANNER, away(1, COLLEAGUE.public.kid))


@pytest.mark.parametrize("kid", [KIM.kid, COLLEAGUE.public.kid])
def test_plan_of_a_planner_who_was_revoked_on_its_way_is_refused(kid: str) -> None:
    home = away(3, kid)
    refused(Refusal.REVOKED, COLLEAGUE.sign(WIDER), PLANNER, home)
    narrower = replace(PLAN, number=4, look_seconds=PLAN.look_seconds - 5)
    refused(Refusal.REVOKED, COLLEAGUE.sign(narrower), PLANNER, home)


def test_plan_of_a_revoked_administrators_planner_is_refused() -> None:
    chain = (*admin_shift(), *shift(KIM, COLLEAGUE, ADMIN, roles=(Role.PLANNER,)))
    refused(Refusal.REVOKED, COLLEAGUE.sign(WIDER), chain, away(3, ADMIN_PHONE.kid))
    assert away(3).propose(COLLEAGUE.sign(WIDER), chain) is None


def test_plan_is_not_shown_by_a_service_that_holds_the_list_back() -> None:
    home = Besieged()
    home.wall += 2 * DAY
    refused(Refusal.REVOCATIONS_STALE, COLLEAGUE.sign(WIDER), PLANNER, home)


def test_plan_that_was_accepted_stays_when_its_planner_is_revoked() -> None:
    """The people at home have said yes to it, and theirs is the word that counts."""
    home = Besieged()
    assert home.propose(COLLEAGUE.sign(WIDER), PLANNER) is None
    home.accept(4)
    assert home.adopt(ROOT.sign(Revocations(9, (KIM.kid, COLLEAGUE.public.kid), NOW))) is None
    home.start()
    assert home.plan == WIDER.plan()
    assert home.look(LOOK) is None


def test_plan_that_waits_when_its_planner_is_revoked_is_still_the_homes_to_answer() -> None:
    """It was right when it came; people are told of the revocation, and a newer plan takes its place."""
    home = Besieged()
    assert home.propose(COLLEAGUE.sign(WIDER), PLANNER) is None
    assert home.adopt(ROOT.sign(Revocations(9, (KIM.kid,), NOW))) is None
    assert home.record.proposed == COLLEAGUE.sign(WIDER)
    assert home.look(LOOK) is Refusal.WRONG_PLAN


@pytest.mark.parametrize("number", [1, 2, 3])
def test_older_number_is_refused(number: int) -> None:
    refused(Refusal.WRONG_PLAN, COLLEAGUE.sign(replace(WIDER, number=number)), PLANNER, away(0))


@pytest.mark.parametrize("changes", [{"look_seconds": 61}, {"max_retries": 3}])
def test_plan_beyond_the_roots_policy_is_refused(changes: dict[str, Any]) -> None:
    refused(Refusal.POLICY, COLLEAGUE.sign(replace(WIDER, **changes)), PLANNER, away(0))


def test_chain_of_a_foreign_root_is_refused() -> None:
    foreign = shift(KIM, COLLEAGUE, STRANGER, roles=(Role.PLANNER,))
    refused(Refusal.UNKNOWN_SIGNER, COLLEAGUE.sign(WIDER), foreign, away(0))
    refused(Refusal.UNKNOWN_SIGNER, STRANGER.sign(WIDER), PLANNER, away(0))


def test_shift_of_another_passkey_is_refused() -> None:
    other = (PLANNER[0], delegation(PLANNER[0], STRANGER, Authenticator("mallory")))
    refused(Refusal.BAD_SIGNATURE, STRANGER.sign(WIDER), other, away(0))


def test_plan_for_another_home_is_refused() -> None:
    refused(Refusal.WRONG_HUB, COLLEAGUE.sign(replace(WIDER, hub=STRANGER.public.kid)), PLANNER, away(0))
    refused(Refusal.REVOKED, COLLEAGUE.sign(WIDER), PLANNER, away(0, HUB.public.kid))


def test_browser_key_where_passkeys_are_asked_for_is_refused() -> None:
    chain = (credential(COLLEAGUE, roles=(Role.PLANNER,)),)
    refused(Refusal.BROWSER_KEY_NOT_ALLOWED, COLLEAGUE.sign(WIDER), chain, Besieged(policy=PASSKEYS))
