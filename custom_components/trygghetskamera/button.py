"""Buttons: ask for a visit, for everybody; and try that a camera finds its view and looks away again."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .camera_trial import TrialFailed, async_move
from .const import DOMAIN
from .coordinator import TrygghetskameraConfigEntry
from .entity import CameraDeviceEntity, TillsynEntity
from .faults import refusal
from .look_actions import ask_visit, visit_waits
from .permissions import require_trusted
from .tillsyn.terms import is_look_near

PARALLEL_UPDATES = 0
"""No limit: who asks for a visit waits for nothing."""

_VISIT = ButtonEntityDescription(key="request_visit", translation_key="request_visit")
_TEST = ButtonEntityDescription(key="test_move", translation_key="test_move", entity_category=EntityCategory.DIAGNOSTIC)
_FAILURES: Final = {
    "home_not_loaded": "home_not_loaded",
    "aiming_paused": "test_paused",
    "aiming_private": "test_private",
    "aiming_busy": "test_busy",
    "aiming_camera_not_ready": "test_not_ready",
    "aiming_journal_failed": "journal_failed",
}


async def async_setup_entry(
    _hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's and the installed cameras'."""
    home = entry.runtime_data
    async_add_entities([VisitButton(home, _VISIT)])
    for camera_id, side in home.cameras.items():
        async_add_entities([MoveButton(side, _TEST)], config_subentry_id=camera_id)


class VisitButton(TillsynEntity, ButtonEntity):
    """Ask for a visit. It says so where the municipality cannot be told at once."""

    @override
    async def async_press(self) -> None:
        context = self._context
        if not await ask_visit(self.home, (None if context is None else context.user_id) or ""):
            raise visit_waits()


class MoveButton(CameraDeviceEntity, ButtonEntity):
    """To the view and back through the gate, as when a camera is aimed: written down, and seen by nobody.

    It makes the camera less private for some seconds, so it is for those who may do that, and never near a look.
    """

    @override
    async def async_press(self) -> None:
        home = self.home
        by = await require_trusted(home.hass, home.entry, self._context)
        if is_look_near(home.gate, dt_util.utcnow()):
            raise refusal("test_near_look")
        try:
            there, back = await async_move(home.entry, self.side.id, by)
        except TrialFailed as err:
            key = _FAILURES.get(err.code, "test_not_reached")
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key=key) from err
        home.tell("camera_tested", room=self.side.room, there=round(there), back=round(back))
