"""What every repair flow of a home shares."""

from dataclasses import replace

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError

from .coordinator import Home, TrygghetskameraConfigEntry
from .journal_store import JournalError
from .permissions import require_trusted
from .requester import requester_id
from .tillsyn import entries as e


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

    async def say(self, home: Home, entry: e.ConsentGiven | e.GoOn) -> str | None:
        """Write what makes it less private, with who says so; why it is not written, as a reason to abort, or None."""
        context = Context(user_id=requester_id() or None)
        try:
            by = await require_trusted(self.hass, home.entry, context)
            await home.memory.add(replace(entry, by=by))
        except ServiceValidationError:
            return "user_not_allowed"
        except JournalError:
            return "journal_failed"
        return None
