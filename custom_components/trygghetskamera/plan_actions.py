"""The action that accepts a plan."""

from typing import Final

import probatio as vol
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse

from .actions import Action
from .coordinator import Home
from .faults import refusal
from .plan_words import PlanWords
from .plans import PlanGone

CONF_NUMBER: Final = "number"


async def _accept_plan(home: Home, call: ServiceCall) -> ServiceResponse:
    # What no person asked for is let through by the check for administrators; a plan is accepted by a person.
    if call.context.user_id is None:
        raise refusal("person_required")
    before, waiting = home.gate.plan, home.plans.waiting
    try:
        await home.plans.answer(call.data[CONF_NUMBER], accepted=True, by=call.context.user_id)
    except PlanGone as err:
        raise refusal("no_such_plan") from err
    if waiting is None or not call.return_response:
        return None
    changes, effect = (await PlanWords.load(home.hass)).changes(before, waiting.plan())
    return {"number": waiting.number, "changes": list(changes), "effect": effect}


ACTIONS: Final = (
    Action(
        "accept_plan",
        _accept_plan,
        {vol.Required(CONF_NUMBER): vol.All(vol.Coerce(int), vol.Range(min=1))},
        SupportsResponse.OPTIONAL,
        admin=True,
    ),
)
