"""The action that notes how the client slept."""

from typing import Final

import probatio as vol
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from .actions import Action, asker
from .coordinator import Home
from .tillsyn.sleep import LONGEST_COMMENT


async def _rate_sleep(home: Home, call: ServiceCall) -> ServiceResponse:
    """For everybody, automations too: a button in a message is pressed by nobody that Home Assistant knows."""
    night = await home.sleep.rate(call.data["rating"], call.data.get("comment"), asker(call))
    return {"night": night.isoformat()}


ACTIONS: Final = (
    Action(
        "rate_sleep",
        _rate_sleep,
        {
            vol.Required("rating"): vol.All(vol.Coerce(int), vol.Range(min=1, max=5)),
            vol.Optional("comment"): vol.All(cv.string, vol.Length(max=LONGEST_COMMENT)),
        },
        SupportsResponse.OPTIONAL,
    ),
)
