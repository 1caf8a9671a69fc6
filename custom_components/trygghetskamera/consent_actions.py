"""The action that withdraws consent."""

from typing import Final

from homeassistant.core import ServiceCall

from .actions import Action, asker
from .coordinator import Home
from .tillsyn import entries as e


async def _withdraw_consent(home: Home, call: ServiceCall) -> None:
    """For everybody: to look less needs nobody's leave."""
    await home.memory.away(e.ConsentWithdrawn("", asker(call)))


ACTIONS: Final = (Action("withdraw_consent", _withdraw_consent),)
