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

from .camera_side import CameraSide
from .coordinator import Home, TrygghetskameraConfigEntry
from .entity import CameraDeviceEntity, TillsynEntity
from .tillsyn.gate_values import Place

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class HomeDescription(BinarySensorEntityDescription):
    """A binary sensor of the home and how to read it."""

    read: Callable[[Home], bool]


@dataclass(frozen=True, kw_only=True)
class CameraDescription(BinarySensorEntityDescription):
    """A binary sensor of a camera and how to read it."""

    read: Callable[[CameraSide], bool | None]
    details: Callable[[CameraSide], Mapping[str, Any]] | None = None


def _who_looks(side: CameraSide) -> Mapping[str, Any]:
    return {"who": side.home.looker} if side.gate.running is not None and side.home.looker else {}


_HOME = (
    HomeDescription(
        key="link",
        translation_key="link",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        read=lambda home: home.link.is_connected,
    ),
)
_CAMERA = (
    CameraDescription(
        key="looking",
        translation_key="looking",
        read=lambda side: side.gate.place in (Place.OPEN, Place.AIMING),
        details=_who_looks,
    ),
    CameraDescription(
        key="problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        read=lambda side: bool(side.problems),
    ),
    CameraDescription(
        key="connectivity",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        # One without power, as somebody wished, is not to answer: that is neither well nor a fault.
        read=lambda side: None if side.gate.place is Place.DARK else side.camera.is_reachable,
    ),
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's and the cameras'."""
    home = entry.runtime_data
    async_add_entities(HomeBinarySensor(home, one) for one in _HOME)
    for camera_id, side in home.shown.items():
        async_add_entities((CameraBinarySensor(side, one) for one in _CAMERA), config_subentry_id=camera_id)


class HomeBinarySensor(TillsynEntity, BinarySensorEntity):
    """A binary sensor of the home."""

    entity_description: HomeDescription

    @property
    @override
    def is_on(self) -> bool:
        return self.entity_description.read(self.home)


class CameraBinarySensor(CameraDeviceEntity, BinarySensorEntity):
    """A binary sensor of a camera. Who looks is on the screen, not in the recorder's database."""

    entity_description: CameraDescription
    _unrecorded_attributes = frozenset({"who"})

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.read(self.side)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        details = self.entity_description.details
        return None if details is None else details(self.side)
