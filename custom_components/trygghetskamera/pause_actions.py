"""The actions that pause and resume, and that add and remove absences."""

from typing import Final

import probatio as vol
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .actions import Action, asker
from .coordinator import Home
from .pauses import earliest, latest
from .permissions import require_trusted
from .tillsyn.model import AwayKind
from .tillsyn.schedule import until_tomorrow

CONF_UNTIL: Final = "until"
CONF_UNTIL_TOMORROW: Final = "until_tomorrow"
CONF_ABSENCE: Final = "absence"
CONF_KIND: Final = "kind"
CONF_START: Final = "start"
CONF_END: Final = "end"


async def _pause(home: Home, call: ServiceCall) -> ServiceResponse:
    ends = [latest(call.data[CONF_UNTIL])] if CONF_UNTIL in call.data else []
    if call.data.get(CONF_UNTIL_TOMORROW):
        ends.append(until_tomorrow(home.now().wall))
    await home.pauses.begin(max(ends, default=None), asker(call))
    until = home.pauses.until  # of the pause that is now: somebody may have asked for a longer one
    return {CONF_UNTIL: None if until is None else dt_util.as_local(until).isoformat()}


async def _resume(home: Home, call: ServiceCall) -> None:
    await home.pauses.resume(await require_trusted(home.hass, home.entry, call.context))


async def _add_absence(home: Home, call: ServiceCall) -> ServiceResponse:
    start, end = earliest(call.data[CONF_START]), latest(call.data[CONF_END])
    return {CONF_ABSENCE: await home.pauses.add_absence(call.data[CONF_KIND], start, end, asker(call))}


async def _remove_absence(home: Home, call: ServiceCall) -> None:
    by = await require_trusted(home.hass, home.entry, call.context)
    await home.pauses.remove_absence(call.data[CONF_ABSENCE], by)


ACTIONS: Final = (
    Action(
        "pause",
        _pause,
        {vol.Optional(CONF_UNTIL): cv.datetime, vol.Optional(CONF_UNTIL_TOMORROW): cv.boolean},
        SupportsResponse.OPTIONAL,
    ),
    Action("resume", _resume),
    Action(
        "add_absence",
        _add_absence,
        {
            vol.Required(CONF_KIND): vol.Coerce(AwayKind),
            vol.Required(CONF_START): cv.datetime,
            vol.Required(CONF_END): cv.datetime,
        },
        SupportsResponse.OPTIONAL,
    ),
    Action("remove_absence", _remove_absence, {vol.Required(CONF_ABSENCE): cv.string}),
)
