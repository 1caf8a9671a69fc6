"""Sensors: the gate, the next agreed look and the last one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .coordinator import Home, TrygghetskameraConfigEntry
from .entity import CameraDeviceEntity, TillsynEntity
from .tillsyn.gate import latest
from .tillsyn.gate_values import Place
from .tillsyn.journal import LookEnded, Past
from .tillsyn.schedule import occurrences

PARALLEL_UPDATES = 0

_AHEAD = timedelta(days=8)
_TIME_PASSES = timedelta(seconds=30)


def next_look(home: Home, now: datetime) -> tuple[datetime, datetime] | None:
    """When the next agreed window begins or has begun, and until when; None where no look can happen as things are."""
    gate = home.gate
    if gate.plan is None or not gate.consent or gate.paused:
        return None
    for window in occurrences(gate.plan.windows, now, now + _AHEAD):
        spent = gate.spent.get(window.id)
        is_used = spent is not None and (spent.seen or spent.looks > gate.plan.limits.max_retries)
        if not is_used and now < latest(gate.plan, window, spent):
            return window.start, max(window.end, latest(gate.plan, window, spent))
    return None


def _next_look_at(home: Home) -> datetime | None:
    found = next_look(home, dt_util.utcnow())
    return None if found is None else found[0]


def _next_look_details(home: Home) -> Mapping[str, Any]:
    found = next_look(home, dt_util.utcnow())
    return {} if found is None else {"until": found[1].isoformat()}


def last_look(home: Home) -> tuple[Past, LookEnded] | None:
    """The last look that is over."""
    record = home.journal.record
    for past in reversed(record.past if record is not None else ()):
        if past.ended is not None:
            return past, past.ended
    return None


def _last_look_at(home: Home) -> datetime | None:
    found = last_look(home)
    return None if found is None else datetime.fromtimestamp(found[1].opened_ms / 1000, UTC)


def _last_look_details(home: Home) -> Mapping[str, Any]:
    found = last_look(home)
    if found is None:
        return {}
    past, ended = found
    return {
        "who": past.started.name,
        "seconds": round((ended.closed_ms - ended.opened_ms) / 1000),
        "reason": ended.reason.value,
    }


@dataclass(frozen=True, kw_only=True)
class Description(SensorEntityDescription):
    """A sensor and how to read it."""

    read: Callable[[Home], StateType | datetime]
    details: Callable[[Home], Mapping[str, Any]] | None = None


_HOME = (
    Description(
        key="next_look",
        translation_key="next_look",
        device_class=SensorDeviceClass.TIMESTAMP,
        read=_next_look_at,
        details=_next_look_details,
    ),
    Description(
        key="last_look",
        translation_key="last_look",
        device_class=SensorDeviceClass.TIMESTAMP,
        read=_last_look_at,
        details=_last_look_details,
    ),
)
_CAMERA = (
    Description(
        key="gate",
        translation_key="gate",
        device_class=SensorDeviceClass.ENUM,
        options=[place.value for place in Place],
        read=lambda home: home.gate.place.value,
    ),
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's and the camera's."""
    home = entry.runtime_data
    async_add_entities(HomeSensor(home, one) for one in _HOME)
    if (camera_id := home.camera_id) is not None:
        async_add_entities(
            (CameraSensor(home, one, camera_id) for one in _CAMERA),
            config_subentry_id=camera_id,
        )


class HomeSensor(TillsynEntity, SensorEntity):
    """A sensor of the home. Who looked is in the journal and on the screen, not in the recorder's database."""

    entity_description: Description
    _unrecorded_attributes = frozenset({"who"})

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            async_track_time_interval(self.hass, self._time_passed, _TIME_PASSES, cancel_on_shutdown=True)
        )

    async def _time_passed(self, _now: datetime) -> None:
        self.async_write_ha_state()

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.read(self.home)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        details = self.entity_description.details
        return None if details is None else details(self.home)


class CameraSensor(CameraDeviceEntity, SensorEntity):
    """A sensor of the camera."""

    entity_description: Description

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.read(self.home)
