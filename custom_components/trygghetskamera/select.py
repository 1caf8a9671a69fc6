"""How the client slept last night, to see and to say. For everybody."""

from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_interval

from .coordinator import TrygghetskameraConfigEntry
from .entity import TillsynEntity
from .faults import journal_needed
from .permissions import user_of

PARALLEL_UPDATES = 0

_TIME_PASSES: Final = timedelta(seconds=30)
_SLEEP_RATING = SelectEntityDescription(
    key="sleep_rating", translation_key="sleep_rating", options=[str(rating) for rating in range(1, 6)]
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's."""
    async_add_entities([SleepRating(entry.runtime_data, _SLEEP_RATING)])


class SleepRating(TillsynEntity, SelectEntity):
    """Unknown from four in the morning until somebody has said. What was said about it is in the log alone."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            async_track_time_interval(self.hass, self._time_passed, _TIME_PASSES, cancel_on_shutdown=True)
        )

    @callback
    def _time_passed(self, _now: datetime) -> None:
        self.async_write_ha_state()

    @property
    @override
    def current_option(self) -> str | None:
        last = self.home.sleep.last
        return None if last is None else str(last.rating)

    @override
    async def async_select_option(self, option: str) -> None:
        with journal_needed():
            await self.home.sleep.rate(int(option), None, user_of(self._context))
