"""The log for dashboards and automations: a WebSocket command and an action. Both only read."""

from datetime import datetime
from typing import Any, Final

import probatio as vol
from homeassistant.components import websocket_api
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .actions import CONF_ENTRY, Action, running_home
from .const import DOMAIN
from .coordinator import Home
from .journal_store import JournalError
from .log import LIMIT, LONGEST_QUERY, MOST, Wanted, async_log_page

_LIMIT: Final = vol.All(vol.Coerce(int), vol.Range(min=1, max=MOST))
_QUERY: Final = vol.All(cv.string, vol.Length(max=LONGEST_QUERY))


def _ms(at: datetime | None) -> int | None:
    """Milliseconds UTC; a time without a zone is by the clock at home."""
    return None if at is None else int(dt_util.as_utc(at).timestamp() * 1000)


async def _page(home: Home, wanted: Wanted, limit: int, language: str | None = None) -> dict[str, Any]:
    try:
        page = await async_log_page(home, wanted, limit, language)
    except JournalError as err:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="journal_unreadable") from err
    return {"entries": [one.plain() for one in page.rows], "more": page.more}


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/log",
        vol.Required(CONF_ENTRY): str,
        vol.Optional("limit", default=LIMIT): _LIMIT,
        vol.Optional("before"): vol.Any(vol.All(int, vol.Range(min=0)), cv.datetime),
        vol.Optional("query", default=""): _QUERY,
        vol.Optional("language"): vol.In(["sv", "en"]),
    }
)
@websocket_api.async_response
async def _log(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """For everybody who is signed in. ``before``: the id of a row, or a time."""
    before = msg.get("before")
    is_time = isinstance(before, datetime)
    wanted = Wanted(msg["query"], None if is_time else before, end_ms=_ms(before) if is_time else None)
    home = running_home(hass, msg[CONF_ENTRY])
    connection.send_result(msg["id"], await _page(home, wanted, msg["limit"], msg.get("language")))


@callback
def async_setup_log(hass: HomeAssistant) -> None:
    """Let it be asked for over WebSocket."""
    websocket_api.async_register_command(hass, _log)


async def _get_log(home: Home, call: ServiceCall) -> ServiceResponse:
    data = call.data
    wanted = Wanted(data["query"], start_ms=_ms(data.get("start")), end_ms=_ms(data.get("end")))
    return await _page(home, wanted, data["limit"])


ACTIONS: Final = (
    Action(
        "get_log",
        _get_log,
        {
            vol.Optional("start"): cv.datetime,
            vol.Optional("end"): cv.datetime,
            vol.Optional("query", default=""): _QUERY,
            vol.Optional("limit", default=LIMIT): _LIMIT,
        },
        SupportsResponse.ONLY,
    ),
)
