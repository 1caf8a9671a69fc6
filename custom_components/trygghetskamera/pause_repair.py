"""A pause that may have been forgotten: it is asked whether it is still wanted."""

from typing import Any

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError

from .home_repair import HomeRepair
from .journal_store import JournalError
from .pauses import since
from .permissions import require_trusted
from .requester import requester_id


class PauseRepair(HomeRepair):
    """Go on as it is, to be asked again after the same time, or resume."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        home = self._home()
        pause = None if home is None else home.pauses.pause
        if pause is None:
            return self.async_abort(reason="no_pause")
        return self.async_show_menu(
            step_id="init",
            menu_options=["still", "resume"],
            description_placeholders={"since": since(pause)},
        )

    async def async_step_still(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """It is still wanted."""
        home = self._home()
        if home is None:
            return self.async_abort(reason="no_pause")
        await home.pauses.still(requester_id())
        return self.async_create_entry(data={})

    async def async_step_resume(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """It is not."""
        home = self._home()
        if home is None:
            return self.async_abort(reason="no_pause")
        try:
            await home.pauses.resume(
                await require_trusted(self.hass, home.entry, Context(user_id=requester_id() or None))
            )
        except ServiceValidationError:
            return self.async_abort(reason="user_not_allowed")
        except JournalError:
            return self.async_abort(reason="journal_failed")
        return self.async_create_entry(data={})
