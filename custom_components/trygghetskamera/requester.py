"""Who is behind the HTTP request that drives a flow; flows themselves do not say."""

from homeassistant.components.http import KEY_HASS_USER, current_request


def requester_id() -> str:
    """The id of the signed-in user, '' outside a request."""
    request = current_request.get()
    user = None if request is None else request.get(KEY_HASS_USER)
    return "" if user is None else str(user.id)
