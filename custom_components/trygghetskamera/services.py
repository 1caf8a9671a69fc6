"""The actions: accept a plan, and withdraw consent."""

from typing import Final

import probatio as vol
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import service

from .const import DOMAIN
from .coordinator import Home, TrygghetskameraConfigEntry
from .journal_store import JournalError
from .plans import PlanGone
from .tillsyn import entries as e

ACCEPT_PLAN: Final = "accept_plan"
WITHDRAW_CONSENT: Final = "withdraw_consent"

CONF_ENTRY: Final = "config_entry_id"
CONF_NUMBER: Final = "number"

_ACCEPT_PLAN = vol.Schema(
    {vol.Required(CONF_ENTRY): cv.string, vol.Required(CONF_NUMBER): vol.All(vol.Coerce(int), vol.Range(min=1))}
)
_WITHDRAW_CONSENT = vol.Schema({vol.Required(CONF_ENTRY): cv.string})


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register them."""
    service.async_register_admin_service(hass, DOMAIN, ACCEPT_PLAN, _accept_plan, _ACCEPT_PLAN)
    hass.services.async_register(DOMAIN, WITHDRAW_CONSENT, _withdraw_consent, _WITHDRAW_CONSENT)


def _home(call: ServiceCall) -> Home:
    entry: TrygghetskameraConfigEntry | None = call.hass.config_entries.async_get_entry(call.data[CONF_ENTRY])
    if entry is None or entry.domain != DOMAIN:
        raise _refusal("no_such_home")
    if entry.state is not ConfigEntryState.LOADED:
        raise _refusal("home_not_loaded")
    return entry.runtime_data


def _refusal(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


async def _accept_plan(call: ServiceCall) -> None:
    # What no person asked for is let through by the check for administrators; a plan is accepted by a person.
    if call.context.user_id is None:
        raise _refusal("person_required")
    home = _home(call)
    try:
        await home.plans.answer(call.data[CONF_NUMBER], accepted=True, by=call.context.user_id)
    except PlanGone as err:
        raise _refusal("no_such_plan") from err
    except JournalError as err:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="journal_failed") from err


async def _withdraw_consent(call: ServiceCall) -> None:
    """For everybody: to look less needs nobody's leave."""
    await _home(call).memory.away(e.ConsentWithdrawn("", call.context.user_id or ""))
