"""What every repair flow of a home shares."""

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigEntryState

from .coordinator import Home, TrygghetskameraConfigEntry


class HomeRepair(RepairsFlow):
    """An issue of one home that a person answers. Home Assistant lets administrators alone do so."""

    def __init__(self, entry_id: str) -> None:
        """The home may be gone, or not run, at any step."""
        self._entry_id = entry_id

    def _home(self) -> Home | None:
        entry: TrygghetskameraConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        return entry.runtime_data
