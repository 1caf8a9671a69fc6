"""The event entity: what has happened, without names."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import Happening, TrygghetskameraConfigEntry
from .entity import TillsynEntity

PARALLEL_UPDATES = 0

_LOOK = EventEntityDescription(
    key="look",
    translation_key="look",
    event_types=[
        "look_started",
        "look_ended",
        "look_refused",
        "look_missed",
        "plan_proposed",
        "plan_narrowed",
        "visit_asked",
        "camera_tested",
    ],
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's."""
    async_add_entities([LookEvent(entry.runtime_data, _LOOK)])


class LookEvent(TillsynEntity, EventEntity):
    """Looks and plans as they happen."""

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(self.home.hear(self._happened))

    @callback
    def _happened(self, happening: Happening) -> None:
        self._trigger_event(happening.kind, dict(happening.details))
        self.async_write_ha_state()
