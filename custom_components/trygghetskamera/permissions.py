"""Who may do what makes the camera less private. What makes it more private is for everybody, always."""

from homeassistant.core import Context, HomeAssistant

from .const import CONF_AUTOMATIONS_MAY_END_PRIVACY, CONF_MAY_END_PRIVACY
from .coordinator import Home, TrygghetskameraConfigEntry
from .faults import refusal
from .tillsyn.model import Relation


def user_of(context: Context | None) -> str:
    """The id of the user who asks, '' where no person does."""
    return (None if context is None else context.user_id) or ""


async def require_client(home: Home, context: Context | None) -> str:
    """The id of the user who may consent to what concerns the client alone: the client, or whoever may lower privacy.
    Raises ServiceValidationError.
    """
    heard, user_id = home.memory.heard, user_of(context)
    people = () if heard is None else heard.people
    if user_id and any(one.user == user_id for one in people if one.relation is Relation.CLIENT):
        return user_id
    return await require_trusted(home.hass, home.entry, context)


async def require_trusted(
    hass: HomeAssistant, entry: TrygghetskameraConfigEntry, context: Context | None, *, automations: bool = False
) -> str:
    """The id of the user who may lower privacy, '' for an automation that may. Raises ServiceValidationError.

    An administrator may, and whoever is named in the options. What no person asked for (an automation or a script)
    may only where ``automations`` is true and the option allows it: see docs/decisions/003-automations-and-privacy.md.
    """
    user_id = None if context is None else context.user_id
    if user_id is None:
        if automations and entry.options.get(CONF_AUTOMATIONS_MAY_END_PRIVACY, False):
            return ""
        raise refusal("automation_not_allowed" if automations else "person_required")
    user = await hass.auth.async_get_user(user_id)
    if user is None or not (user.is_admin or user.id in entry.options.get(CONF_MAY_END_PRIVACY, [])):
        raise refusal("user_not_allowed")
    return user.id
