"""Switches: privacy of the camera and pause of the home. On is for everybody and at once; off is for those who may.

Always available: Home Assistant drops actions on entities that are not, and these must work whatever else is down.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import Home, TrygghetskameraConfigEntry
from .entity import CameraDeviceEntity, TillsynEntity
from .journal_store import JournalError
from .permissions import require_trusted

PARALLEL_UPDATES = 0
"""No limit: going private must never wait for anything."""


@dataclass(frozen=True, kw_only=True)
class Description(SwitchEntityDescription):
    """A switch, how to read and set it, and whether an automation may be allowed to turn it off."""

    read: Callable[[Home], bool]
    write: Callable[[Home, bool, str], Awaitable[None]]
    automations: bool


_PAUSE = Description(
    key="pause",
    translation_key="pause",
    read=lambda home: home.gate.paused,
    write=lambda home, on, by: home.memory.set_paused(paused=on, by=by),
    automations=False,
)
_PRIVACY = Description(
    key="privacy",
    translation_key="privacy",
    read=lambda home: home.gate.private,
    write=lambda home, on, by: home.memory.set_private(private=on, by=by),
    automations=True,
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's and the camera's."""
    home = entry.runtime_data
    async_add_entities([PauseSwitch(home, _PAUSE)])
    if (camera_id := home.camera_id) is not None:
        async_add_entities([PrivacySwitch(home, _PRIVACY, camera_id)], config_subentry_id=camera_id)


async def _turn_off(home: Home, description: Description, context: Context | None) -> None:
    by = await require_trusted(home.hass, home.entry, context, automations=description.automations)
    try:
        await description.write(home, False, by)
    except JournalError as err:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="journal_failed") from err


async def _turn_on(home: Home, description: Description, context: Context | None) -> None:
    user_id = None if context is None else context.user_id
    await description.write(home, True, user_id or "")


class PauseSwitch(TillsynEntity, SwitchEntity):
    """Pause of the home."""

    entity_description: Description

    @property
    @override
    def is_on(self) -> bool:
        return self.entity_description.read(self.home)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await _turn_on(self.home, self.entity_description, self._context)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await _turn_off(self.home, self.entity_description, self._context)


class PrivacySwitch(CameraDeviceEntity, SwitchEntity):
    """Privacy of the camera."""

    entity_description: Description

    @property
    @override
    def is_on(self) -> bool:
        return self.entity_description.read(self.home)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await _turn_on(self.home, self.entity_description, self._context)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await _turn_off(self.home, self.entity_description, self._context)
