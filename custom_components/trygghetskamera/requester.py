"""Who is behind a request, where Home Assistant does not say so: what drives a flow, or a calendar."""

from homeassistant.components.http import KEY_HASS_USER, current_request
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import Context


def requester_id() -> str:
    """The id of the signed-in user behind an HTTP request, '' outside one."""
    request = current_request.get()
    user = None if request is None else request.get(KEY_HASS_USER)
    return "" if user is None else str(user.id)


def connected() -> Context | None:
    """The signed-in user whose WebSocket command this is; None outside one."""
    connection = current_connection.get()
    return None if connection is None else Context(user_id=connection.user.id)
