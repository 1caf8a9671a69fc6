"""Switches: privacy of each camera and pause of the home. On is for everybody and at once; off is for those who may.
Whether the municipality is told how the client slept is the other way round.

Always available: Home Assistant drops actions on entities that are not, and these must work whatever else is down.
"""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import TrygghetskameraConfigEntry
from .entity import CameraDeviceEntity, TillsynEntity
from .faults import journal_needed, refusal
from .permissions import require_client, require_trusted, user_of
from .tillsyn.entries import Privacy

PARALLEL_UPDATES = 0
"""No limit: going private must never wait for anything."""


_PAUSE = SwitchEntityDescription(key="pause", translation_key="pause")
_SHARE_SLEEP = SwitchEntityDescription(
    key="share_sleep", translation_key="share_sleep", entity_category=EntityCategory.CONFIG
)
_PRIVACY = SwitchEntityDescription(key="privacy", translation_key="privacy")


async def async_setup_entry(
    _hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's and the cameras'."""
    home = entry.runtime_data
    async_add_entities([PauseSwitch(home, _PAUSE), ShareSleepSwitch(home, _SHARE_SLEEP)])
    for camera_id, side in home.shown.items():
        async_add_entities([PrivacySwitch(side, _PRIVACY)], config_subentry_id=camera_id)


class PauseSwitch(TillsynEntity, SwitchEntity):
    """Pause of the home, on also during an absence; off ends both. No automation may end it."""

    @property
    @override
    def is_on(self) -> bool:
        return self.home.gate.paused

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.home.pauses.begin(None, user_of(self._context))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        by = await require_trusted(self.home.hass, self.home.entry, self._context)
        with journal_needed():
            await self.home.pauses.resume(by)


class ShareSleepSwitch(TillsynEntity, SwitchEntity):
    """Whether the municipality is told how the client slept: the client's own consent, which everybody may withdraw."""

    @property
    @override
    def is_on(self) -> bool:
        return self.home.sleep.is_shared

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        by = await require_client(self.home, self._context)
        with journal_needed():
            await self.home.sleep.share(by)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self.home.sleep.keep_to_oneself(user_of(self._context))


class PrivacySwitch(CameraDeviceEntity, SwitchEntity):
    """Privacy of a camera. An automation may end it where the option allows that."""

    @property
    @override
    def is_on(self) -> bool:
        return self.side.gate.private

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Whose wish it is: what automations may end is only what they have begun."""
        return {"wished_by": "person" if self._wished_by else "automation"} if self.is_on else {}

    @property
    def _wished_by(self) -> str:
        heard = self.home.memory.heard
        return "" if heard is None else heard.privacy_by(self.side.id)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.home.memory.away(Privacy(True, user_of(self._context), self.side.id))
        # That it is a person's wish too may be all that is new.
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        by = await require_trusted(self.home.hass, self.home.entry, self._context, automations=True)
        if not by and self._wished_by:
            raise refusal("privacy_of_a_person")
        with journal_needed():
            await self.home.memory.add(Privacy(False, by, self.side.id))
