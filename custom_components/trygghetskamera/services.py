"""The actions of all themes, registered."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback
from homeassistant.helpers import service

from . import aiming_actions, consent_actions, log_actions, look_actions, pause_actions, plan_actions, sleep_actions
from .actions import Action, home_of
from .const import DOMAIN
from .faults import journal_needed

ACTIONS: Final[tuple[Action, ...]] = (
    *aiming_actions.ACTIONS,
    *consent_actions.ACTIONS,
    *log_actions.ACTIONS,
    *look_actions.ACTIONS,
    *pause_actions.ACTIONS,
    *plan_actions.ACTIONS,
    *sleep_actions.ACTIONS,
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register them."""
    for action in ACTIONS:
        handler = _handler(action)
        if action.admin:
            service.async_register_admin_service(
                hass, DOMAIN, action.name, handler, action.schema, supports_response=action.response
            )
        else:
            hass.services.async_register(DOMAIN, action.name, handler, action.schema, action.response)


def _handler(action: Action) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    async def handle(call: ServiceCall) -> ServiceResponse:
        with journal_needed():
            return await action.handler(home_of(call), call)

    return handle
