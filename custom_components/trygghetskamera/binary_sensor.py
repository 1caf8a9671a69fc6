"""Binary sensors: looking, problem, and whether camera and operator service can be reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import Home, TrygghetskameraConfigEntry
from .entity import CameraDeviceEntity, TillsynEntity
from .tillsyn.gate_values import Place

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class Description(BinarySensorEntityDescription):
    """A binary sensor and how to read it."""

    read: Callable[[Home], bool]
    details: Callable[[Home], Mapping[str, Any]] | None = None


def _who_looks(home: Home) -> Mapping[str, Any]:
    return {} if home.looker is None else {"who": home.looker}


_HOME = (
    Description(
        key="link",
        translation_key="link",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        read=lambda home: home.link.is_connected,
    ),
)
_CAMERA = (
    Description(
        key="looking",
        translation_key="looking",
        read=lambda home: home.gate.place in (Place.OPEN, Place.AIMING),
        details=_who_looks,
    ),
    Description(
        key="problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        read=lambda home: bool(home.problems),
    ),
    Description(
        key="connectivity",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        read=lambda home: home.camera.is_reachable,
    ),
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's and the camera's."""
    home = entry.runtime_data
    async_add_entities(HomeBinarySensor(home, one) for one in _HOME)
    if (camera_id := home.camera_id) is not None:
        async_add_entities(
            (CameraBinarySensor(home, one, camera_id) for one in _CAMERA),
            config_subentry_id=camera_id,
        )


class HomeBinarySensor(TillsynEntity, BinarySensorEntity):
    """A binary sensor of the home."""

    entity_description: Description

    @property
    @override
    def is_on(self) -> bool:
        return self.entity_description.read(self.home)


class CameraBinarySensor(CameraDeviceEntity, BinarySensorEntity):
    """A binary sensor of the camera. Who looks is on the screen, not in the recorder's database."""

    entity_description: Description
    _unrecorded_attributes = frozenset({"who"})

    @property
    @override
    def is_on(self) -> bool:
        return self.entity_description.read(self.home)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        details = self.entity_description.details
        return None if details is None else details(self.home)
