"""When the pause ends. A later end is for everybody; an earlier one for those who may end it.

Always available: Home Assistant drops actions on entities that are not.
"""

from datetime import datetime
from typing import override

from homeassistant.components.datetime import DateTimeEntity, DateTimeEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TrygghetskameraConfigEntry
from .entity import TillsynEntity
from .faults import journal_needed
from .pauses import latest
from .permissions import require_trusted, user_of

PARALLEL_UPDATES = 0
"""No limit: going private must never wait for anything."""

_PAUSE_UNTIL = DateTimeEntityDescription(key="pause_until", translation_key="pause_until")


async def async_setup_entry(
    _hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's."""
    async_add_entities([PauseUntil(entry.runtime_data, _PAUSE_UNTIL)])


class PauseUntil(TillsynEntity, DateTimeEntity):
    """When the pause ends by itself; unknown where it does not, or where there is none."""

    @property
    @override
    def native_value(self) -> datetime | None:
        return self.home.pauses.until

    @override
    async def async_set_value(self, value: datetime) -> None:
        pauses, value = self.home.pauses, latest(value)
        pauses.check_end(value)
        if not pauses.shortens(value):
            await pauses.begin(value, user_of(self._context))
            return
        by = await require_trusted(self.home.hass, self.home.entry, self._context)
        with journal_needed():
            await pauses.shorten(value, by)
