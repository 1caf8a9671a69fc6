"""Plans by a planner: judged by when they were made, and by what is known of keys and policy when they come."""

from dataclasses import replace
from typing import Any

import pytest

from tests.tillsyn.made import (
    ADMIN,
    ADMIN_PHONE,
    COLLEAGUE,
    HOME,
    HUB,
    NOW,
    PHONE,
    POLICY,
    ROOT,
    STRANGER,
    TRUST,
    admin_shift,
    by_passkey,
    delegation,
    plan_statement,
    revoked,
    shift,
)
from tillsyn.admission import check_plan
from tillsyn.chain import LIST_SECONDS, MAX_SKEW, PLAN_SECONDS, Trust, plan_signer
from tillsyn.errors import Refusal, Refused
from tillsyn.model import Role
from tillsyn.wire import Revocations
from tillsyn.wire_people import NUMBERS_BEGIN

STRICT = Trust(replace(POLICY, browser_keys=False), TRUST.revocations)
DAY = 86_400
LATER = NOW + 3 * DAY
"""When the home comes back; the planner's shift ended two hours after NOW, the credential a day after."""
MADE = plan_statement(number=4)
PLANNER = shift(key=COLLEAGUE, name="Pia Plan", roles=(Role.PLANNER,))


def refuses(code: Refusal, call: Any, *arguments: Any) -> None:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    assert caught.value.code is code


def then(*kids: str) -> Trust:
    """What a home knows that comes back LATER, with the list of that day."""
    return replace(STRICT, revocations=Revocations(9, kids, LATER - 3600))


def test_plan_of_an_evening_is_shown_when_the_home_comes_back_days_later() -> None:
    signed = COLLEAGUE.sign(MADE)
    assert check_plan(HOME, STRICT, 3, signed, PLANNER, NOW) == MADE
    assert check_plan(HOME, then(), 3, signed, PLANNER, LATER) == MADE


def test_plan_by_a_planner_whom_an_administrator_certified_outlives_both_their_shifts() -> None:
    chain = (*admin_shift(), *shift(PHONE, COLLEAGUE, ADMIN, roles=(Role.PLANNER,)))
    assert check_plan(HOME, then(), 3, COLLEAGUE.sign(MADE), chain, LATER) == MADE
    who = plan_signer(ROOT.public, then(), chain, MADE, LATER)
    assert {PHONE.kid, COLLEAGUE.public.kid, ADMIN_PHONE.kid, ADMIN.public.kid} == who.kids
    refuses(Refusal.REVOKED, check_plan, HOME, then(ADMIN_PHONE.kid), 3, COLLEAGUE.sign(MADE), chain, LATER)


@pytest.mark.parametrize("kid", [PHONE.kid, COLLEAGUE.public.kid, HUB.public.kid])
def test_plan_is_refused_when_its_planner_was_revoked_meanwhile(kid: str) -> None:
    signed = COLLEAGUE.sign(MADE)
    refuses(Refusal.REVOKED, check_plan, HOME, then(kid), 3, signed, PLANNER, LATER)
    refuses(Refusal.REVOKED, check_plan, HOME, replace(STRICT, revocations=revoked(kid)), 3, signed, PLANNER, NOW)


@pytest.mark.parametrize(
    ("code", "made"),
    [
        pytest.param(Refusal.DELEGATION_EXPIRED, NOW + 7200, id="after the shift"),
        pytest.param(Refusal.CREDENTIAL_EXPIRED, NOW + DAY, id="after the credential"),
        pytest.param(Refusal.DELEGATION_EXPIRED, NOW - 4000 - MAX_SKEW - 1, id="dated before the shift"),
        pytest.param(Refusal.CREDENTIAL_EXPIRED, NOW - DAY - MAX_SKEW - 1, id="dated before the credential"),
        pytest.param(Refusal.CLOCK_SKEW, LATER + MAX_SKEW + 1, id="from the future"),
        pytest.param(Refusal.EXPIRED, LATER - PLAN_SECONDS - 1, id="of more than a month ago"),
    ],
)
def test_plan_made_when_nobody_might_is_refused(code: Refusal, made: int) -> None:
    signed = COLLEAGUE.sign(replace(MADE, iat=made))
    credential = by_passkey(roles=(Role.PLANNER,), iat=NOW - DAY)
    early = (credential, delegation(credential, COLLEAGUE))
    refuses(code, check_plan, HOME, then(), 3, signed, early, LATER)


def test_numbers_of_plans_cannot_be_used_up_by_a_planner() -> None:
    last = replace(MADE, number=NOW - NUMBERS_BEGIN)
    assert check_plan(HOME, STRICT, 3, COLLEAGUE.sign(last), PLANNER, NOW) == last
    ahead = COLLEAGUE.sign(replace(last, number=last.number + 1))
    refuses(Refusal.BAD_MESSAGE, check_plan, HOME, STRICT, 3, ahead, PLANNER, NOW)


def test_plan_may_be_on_its_way_for_a_month_and_no_longer() -> None:
    signed, end = COLLEAGUE.sign(MADE), NOW + PLAN_SECONDS
    known = replace(STRICT, revocations=Revocations(9, (), end - 60))
    assert check_plan(HOME, known, 3, signed, PLANNER, end) == MADE
    refuses(Refusal.EXPIRED, check_plan, HOME, known, 3, signed, PLANNER, end + 1)


def test_clocks_of_planner_and_home_may_differ_by_two_minutes() -> None:
    ahead = replace(MADE, iat=NOW + MAX_SKEW)
    assert check_plan(HOME, STRICT, 3, COLLEAGUE.sign(ahead), PLANNER, NOW) == ahead


def test_plan_is_judged_by_the_policy_of_today() -> None:
    signed = COLLEAGUE.sign(MADE)
    tighter = replace(then(), policy=replace(STRICT.policy, number=2, delegation_seconds=3600))
    refuses(Refusal.DELEGATION_EXPIRED, check_plan, HOME, tighter, 3, signed, PLANNER, LATER)
    shorter = replace(then(), policy=replace(STRICT.policy, number=2, look_seconds=10))
    refuses(Refusal.POLICY, check_plan, HOME, shorter, 3, signed, PLANNER, LATER)


def test_plan_waits_for_a_list_of_today() -> None:
    signed = COLLEAGUE.sign(MADE)
    refuses(Refusal.REVOCATIONS_STALE, check_plan, HOME, STRICT, 3, signed, PLANNER, NOW + LIST_SECONDS)
    refuses(Refusal.REVOCATIONS_STALE, check_plan, HOME, Trust(STRICT.policy), 3, signed, PLANNER, NOW)
    refuses(Refusal.CLOCK_SKEW, check_plan, HOME, replace(then(), seen=LATER), 3, signed, PLANNER, NOW)
    refuses(Refusal.CLOCK_SKEW, plan_signer, ROOT.public, replace(then(), seen=LATER), PLANNER, MADE, NOW)


def test_plan_of_the_root_is_as_old_as_it_is() -> None:
    old = replace(MADE, iat=NOW - 2 * PLAN_SECONDS)
    assert check_plan(HOME, Trust(POLICY), 3, ROOT.sign(old), (), NOW) == old


@pytest.mark.parametrize(
    ("code", "changes", "roles"),
    [
        pytest.param(Refusal.ROLE_NOT_ALLOWED, {}, (Role.OPERATOR,), id="by an operator"),
        pytest.param(Refusal.ROLE_NOT_ALLOWED, {}, (Role.INSTALLER, Role.AUDITOR), id="by an installer"),
        pytest.param(Refusal.UNIT_NOT_ALLOWED, {"unit": "dag"}, (Role.PLANNER,), id="for another unit"),
        pytest.param(Refusal.WRONG_PLAN, {"number": 3}, (Role.PLANNER,), id="with the number of the one before"),
        pytest.param(Refusal.WRONG_HUB, {"hub": STRANGER.public.kid}, (Role.PLANNER,), id="for another home"),
    ],
)
def test_days_later_it_is_asked_who_signed_for_what_all_the_same(
    code: Refusal, changes: dict[str, Any], roles: tuple[Role, ...]
) -> None:
    chain = shift(key=COLLEAGUE, roles=roles)
    refuses(code, check_plan, HOME, then(), 3, COLLEAGUE.sign(replace(MADE, **changes)), chain, LATER)
