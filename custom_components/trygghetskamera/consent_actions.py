"""The action that withdraws consent."""

from typing import Final

import probatio as vol
from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv

from .actions import Action, asker
from .consent import person_meant, withdraw
from .coordinator import Home

CONF_PERSON: Final = "person"


async def _withdraw_consent(home: Home, call: ServiceCall) -> None:
    """For everybody: to look less needs nobody's leave."""
    by = asker(call)
    await withdraw(home, person_meant(home.memory.heard, call.data.get(CONF_PERSON), by), by)


ACTIONS: Final = (Action("withdraw_consent", _withdraw_consent, {vol.Optional(CONF_PERSON): cv.string}),)
