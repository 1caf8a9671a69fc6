"""What an action is. Each theme has its own in a table, ``ACTIONS`` of its module; services.py registers them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import probatio as vol
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from .const import DOMAIN
from .coordinator import Home, TrygghetskameraConfigEntry
from .faults import refusal
from .permissions import user_of

CONF_ENTRY: Final = "config_entry_id"

type Handler = Callable[[Home, ServiceCall], Awaitable[ServiceResponse]]


@dataclass(frozen=True, slots=True)
class Action:
    """One action: its name, what it does to a home, and what it takes beside which home it is."""

    name: str
    handler: Handler
    """May raise JournalError: the caller is then told that it could not be written."""
    fields: Mapping[vol.Marker, Any] = field(default_factory=dict)
    response: SupportsResponse = SupportsResponse.NONE
    admin: bool = False
    """For administrators only. Lets through what no person asked for; see ``asker``."""

    @property
    def schema(self) -> vol.Schema:
        """With the home, that all of them take."""
        return vol.Schema({vol.Required(CONF_ENTRY): cv.string, **self.fields})


def home_of(call: ServiceCall) -> Home:
    """The home that an action is for. Raises ServiceValidationError where there is none."""
    return running_home(call.hass, call.data[CONF_ENTRY])


def running_home(hass: HomeAssistant, entry_id: str) -> Home:
    """The home with this entry. Raises ServiceValidationError where there is none, or it does not run."""
    entry: TrygghetskameraConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.domain != DOMAIN:
        raise refusal("no_such_home")
    if entry.state is not ConfigEntryState.LOADED:
        raise refusal("home_not_loaded")
    return entry.runtime_data


def asker(call: ServiceCall) -> str:
    """The id of the user who asks, '' for an automation."""
    return user_of(call.context)
