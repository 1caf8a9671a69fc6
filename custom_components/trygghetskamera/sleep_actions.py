"""Noting how the client slept: an action for automations, and a WebSocket command for dashboards.

Home Assistant's recorder keeps what actions are told, and what was said about the night is to be kept in the log alone.
"""

from typing import Any, Final

import probatio as vol
from homeassistant.components import websocket_api
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv

from .actions import CONF_ENTRY, Action, asker, running_home
from .const import DOMAIN
from .coordinator import Home
from .faults import journal_needed
from .tillsyn.sleep import LONGEST_COMMENT

_FIELDS: Final[dict[Any, Any]] = {
    vol.Required("rating"): vol.All(vol.Coerce(int), vol.Range(min=1, max=5)),
    vol.Optional("comment"): vol.All(cv.string, vol.Length(max=LONGEST_COMMENT)),
}


async def _rate_sleep(home: Home, call: ServiceCall) -> ServiceResponse:
    """For everybody, automations too: a button in a message is pressed by nobody that Home Assistant knows."""
    night = await home.sleep.rate(call.data["rating"], call.data.get("comment"), asker(call))
    return {"night": night.isoformat()}


@websocket_api.websocket_command(
    {vol.Required("type"): f"{DOMAIN}/rate_sleep", vol.Required(CONF_ENTRY): str, **_FIELDS}
)
@websocket_api.async_response
async def _rate(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    home = running_home(hass, msg[CONF_ENTRY])
    with journal_needed():
        night = await home.sleep.rate(msg["rating"], msg.get("comment"), connection.user.id)
    connection.send_result(msg["id"], {"night": night.isoformat()})


@callback
def async_setup_sleep(hass: HomeAssistant) -> None:
    """Let it be said over WebSocket."""
    websocket_api.async_register_command(hass, _rate)


ACTIONS: Final = (Action("rate_sleep", _rate_sleep, _FIELDS, SupportsResponse.OPTIONAL),)
