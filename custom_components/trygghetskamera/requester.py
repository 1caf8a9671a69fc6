"""Who is behind a request, where Home Assistant does not say so: what drives a flow, or a calendar."""

from homeassistant.auth.models import User
from homeassistant.components.http import KEY_HASS_USER, current_request
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import Context
from homeassistant.helpers.script import script_stack_cv


def requester_id() -> str:
    """The id of the signed-in user behind an HTTP request, '' outside one."""
    request = current_request.get()
    user = None if request is None else request.get(KEY_HASS_USER)
    return "" if user is None else str(user.id)


def connected() -> Context | None:
    """The signed-in user whose WebSocket command this is; None outside one."""
    connection = current_connection.get()
    return None if connection is None else Context(user_id=connection.user.id)


def present_user(context: Context) -> User | None:
    """The signed-in user who asks for an action here and now; None where something else does, or may.

    What a person sets off (an automation that hears a light go on, a script with a delay) goes on in the same request
    or connection. It has another context, or is in the middle of a script.
    """
    if context.user_id is None or context.parent_id is not None or script_stack_cv.get():
        return None
    connection, request = current_connection.get(), current_request.get()
    asks: User | None = None if request is None else request.get(KEY_HASS_USER)
    user = asks if connection is None else connection.user
    return user if user is not None and user.id == context.user_id else None
