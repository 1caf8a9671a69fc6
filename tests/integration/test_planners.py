"""Plans by planners in a home that was away: by when they were signed, and never by one who is revoked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.util import dt as dt_util

from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.identity import SigningKey, digest, parse
from custom_components.trygghetskamera.tillsyn.model import Role
from custom_components.trygghetskamera.tillsyn.wire import Credential, Delegation, Passkey, PlanAck, PlanStatement
from tests.authenticator import Authenticator

from .home import Setup
from .peers import UNIT, Operator, closed_window, now
from .test_plans import numbers
from .test_trust import heard

DAY = 86_400
AGO = 3 * DAY
"""How long ago (s) the planner's shift ended."""


def planner(home: Setup, phone: Authenticator, role: Role = Role.PLANNER) -> Operator:
    """Somebody whose shift of twelve hours ended days ago, and whose credential has run out since."""
    key, end = SigningKey.generate(), now() - AGO
    passkey = Passkey(**phone.passkey)
    said = Credential("", "Pia Plan", (role,), (UNIT,), end - 9 * DAY, end + DAY, passkey)
    credential = home.bridge.municipality.root.sign(said)
    delegation = Delegation(digest(credential), key.public.x, end - 12 * 3600, end)
    return Operator(key, credential, phone.token(delegation.payload()))


def planned(home: Setup, who: Operator, ago: int = AGO + 3600, number: int = 2, **changes: Any) -> frames.Signed:
    """What they signed so long (s) ago: looks at other times than those that were agreed."""
    plan = home.bridge.municipality.plan(number, (closed_window(),), **changes)
    return who.sign("", replace(parse(PlanStatement, plan.token).statement, iat=now() - ago))


async def test_plan_of_an_evening_is_accepted_days_later_when_the_home_comes_back(home: Setup) -> None:
    plan = planned(home, planner(home, Authenticator("Pia")))
    await home.bridge.send(plan)
    await home.until(lambda: numbers(home) == (1, 2))
    assert home.has_issue("plan_waiting")
    await home.home.plans.answer(2, accepted=True, by="u")
    await home.bridge.heard(frames.Sign, lambda one: one.typ == PlanAck.TYP)
    assert home.bridge.signed_as(PlanAck)[-1].plan == digest(plan.token)
    assert numbers(home) == (2, None)


async def test_plan_by_whom_is_no_planner_or_was_none_then_is_not_shown(home: Setup) -> None:
    phone = Authenticator("Pia")
    who = planner(home, phone)
    for number, said in enumerate(
        (
            planned(home, planner(home, phone, Role.OPERATOR)),
            planned(home, who, ago=AGO - 60),  # after the shift
            planned(home, who, ago=AGO + 13 * 3600),  # dated before it
            planned(home, who, ago=31 * DAY),
            planned(home, who, ago=-300),
            planned(home, who, unit="dag"),
            replace(planned(home, who), chain=()),
        )
    ):
        await heard(home, said)
        assert numbers(home) == (1, None), number


async def test_planner_who_was_revoked_on_the_way_is_not_shown_and_what_was_accepted_stays(home: Setup) -> None:
    phone = Authenticator("Pia")
    who = planner(home, phone)
    await heard(home, planned(home, who))
    await home.home.plans.answer(2, accepted=True, by="u")
    await heard(home, home.bridge.municipality.revocations(phone.kid))
    await heard(home, planned(home, who, number=3))
    assert numbers(home) == (2, None)
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert numbers(home) == (2, None)


@pytest.mark.parametrize("since", ["the planner is revoked", "the plan is too old", "the policy is stricter"])
async def test_plan_in_force_is_answered_again_whatever_has_happened_since(
    home: Setup, since: str, clock: Callable[[str], datetime]
) -> None:
    """The service never heard the answer. A new one of the same kind would not even be shown."""

    async def answer() -> PlanAck:
        def is_answer(one: frames.Sign) -> bool:
            return one.typ == PlanAck.TYP and PlanAck.parse(one.payload.encode()).number == 2

        return PlanAck.parse((await home.bridge.heard(frames.Sign, is_answer)).payload.encode())

    phone = Authenticator("Pia")
    plan = planned(home, planner(home, phone))
    await heard(home, plan)
    await home.home.plans.answer(2, accepted=True, by="u")
    await answer()
    match since:
        case "the planner is revoked":
            await heard(home, home.bridge.municipality.revocations(phone.kid))
        case "the plan is too old":
            clock((dt_util.utcnow() + timedelta(days=40)).isoformat())
        case _:
            await heard(home, home.bridge.municipality.policy(2, look_seconds=10))
    await home.bridge.send(plan)
    assert ((again := await answer()).plan, again.decision) == (digest(plan.token), "accepted")
