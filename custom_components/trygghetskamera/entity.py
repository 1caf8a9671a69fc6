"""What all entities share: they belong to the home or to one of its cameras, and show what the coordinator knows."""

from typing import override

from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription

from .camera_side import CameraSide
from .const import DOMAIN
from .coordinator import Home


def home_device(home: Home) -> DeviceInfo:
    """The home as a device."""
    return DeviceInfo(
        identifiers={(DOMAIN, home.entry.entry_id)}, translation_key="home", manufacturer="Trygghetskamera"
    )


def register_home(home: Home) -> str:
    """The home's device before any entity has come: the cameras' devices hang on it. Its id."""
    found = dr.async_get(home.hass).async_get_or_create(
        config_entry_id=home.entry.entry_id, identifiers={(DOMAIN, home.entry.entry_id)}, translation_key="home"
    )
    return found.id


def camera_device(side: CameraSide) -> DeviceInfo:
    """A camera as a device of the home, named after its room."""
    services = None if side.known is None else side.known.services
    mac = "" if services is None else services.mac
    return DeviceInfo(
        identifiers={(DOMAIN, side.id)},
        connections={(dr.CONNECTION_NETWORK_MAC, mac)} if mac else set(),
        translation_key=f"camera_{side.room}",
        model=None if services is None else services.model,
        via_device_id=side.home.device_id,
    )


class TillsynEntity(Entity):
    """An entity of the home."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, home: Home, description: EntityDescription) -> None:
        self.home = home
        self.entity_description = description
        self._attr_unique_id = f"{home.entry.entry_id}-{description.key}"
        self._attr_device_info = home_device(home)

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(self.home.listen(self._home_changed))

    def _home_changed(self) -> None:
        self.async_write_ha_state()


class CameraDeviceEntity(TillsynEntity):
    """An entity of a camera."""

    def __init__(self, side: CameraSide, description: EntityDescription) -> None:
        super().__init__(side.home, description)
        self.side = side
        self._attr_unique_id = f"{side.id}-{description.key}"
        self._attr_device_info = camera_device(side)
