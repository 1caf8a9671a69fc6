"""Sensors: the gate, the next agreed look and the last one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.typing import StateType

from .camera_side import CameraSide
from .coordinator import Home, TrygghetskameraConfigEntry
from .entity import CameraDeviceEntity, TillsynEntity
from .tillsyn.entries import LookEnded
from .tillsyn.gate_values import Place
from .tillsyn.missed import Ending, Look, looks_of
from .tillsyn.record import Past
from .tillsyn.schedule import Occurrence, night_of
from .tillsyn.terms import coming_looks

PARALLEL_UPDATES = 0

_AHEAD = timedelta(days=8)
_TIME_PASSES = timedelta(seconds=30)


def next_look(home: Home, now: datetime) -> Occurrence | None:
    """The next agreed window, or the one that has begun; None where no look can happen as things are."""
    return next(coming_looks(home.gate, now, now + _AHEAD), None)


def _next_look_at(home: Home) -> datetime | None:
    found = next_look(home, home.now().wall)
    return None if found is None else found.start


def _next_look_details(home: Home) -> Mapping[str, Any]:
    now = home.now().wall
    found = next_look(home, now)
    tonight = [
        {"start": one.start.isoformat(), "until": one.end.isoformat()}
        for one in coming_looks(home.gate, now, night_of(now)[1])
    ]
    until: dict[str, Any] = {} if found is None else {"until": found.end.isoformat()}
    return until | {"tonight": tonight}


def past_looks(home: Home) -> Iterator[tuple[Past, LookEnded]]:
    """The looks that are over, last to first."""
    record = home.journal.record
    for past in reversed(record.past if record is not None else ()):
        if past.ended is not None:
            yield past, past.ended


def _looks_tonight(home: Home) -> list[Look]:
    """The looks of the night that is, or that comes."""
    record, now = home.memory.heard, home.now().wall
    return [] if record is None else looks_of(record, home.gate.plan, home.rooms, night_of(now), now)


def _looks_tonight_count(home: Home) -> int:
    return sum(one.state is not Ending.SKIPPED for one in _looks_tonight(home))


def _looks_tonight_details(home: Home) -> Mapping[str, Any]:
    looks = [
        {
            "id": one.window.id,
            "start": one.window.start.isoformat(),
            "until": one.window.end.isoformat(),
            "state": one.state.value,
        }
        for one in _looks_tonight(home)
    ]
    return {"looks": looks}


def _last_look_at(home: Home) -> datetime | None:
    found = next(past_looks(home), None)
    return None if found is None else _opened(found[1])


def _last_look_details(home: Home) -> Mapping[str, Any]:
    start = night_of(home.now().wall)[0]
    tonight: list[dict[str, Any]] = [
        {"at": _opened(ended).isoformat(), **_look(past, ended)}
        for past, ended in takewhile(lambda one: _opened(one[1]) >= start, past_looks(home))
    ]
    found = next(past_looks(home), None)
    last = {} if found is None else _look(*found)
    return last | {"tonight": tonight[::-1]}


def _opened(ended: LookEnded) -> datetime:
    return datetime.fromtimestamp(ended.opened_ms / 1000, UTC)


def _look(past: Past, ended: LookEnded) -> dict[str, Any]:
    seconds = round((ended.closed_ms - ended.opened_ms) / 1000)
    return {"who": past.started.name, "seconds": seconds, "reason": ended.reason.value}


@dataclass(frozen=True, kw_only=True)
class CameraDescription(SensorEntityDescription):
    """A sensor of a camera and how to read it."""

    read: Callable[[CameraSide], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class Description(SensorEntityDescription):
    """A sensor of the home and how to read it."""

    read: Callable[[Home], StateType | date | datetime]
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
        key="looks_tonight",
        translation_key="looks_tonight",
        read=_looks_tonight_count,
        details=_looks_tonight_details,
    ),
    Description(
        key="plan_review",
        translation_key="plan_review",
        device_class=SensorDeviceClass.DATE,
        entity_category=EntityCategory.DIAGNOSTIC,
        read=lambda home: None if home.gate.plan is None else home.gate.plan.review,
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
    CameraDescription(
        key="gate",
        translation_key="gate",
        device_class=SensorDeviceClass.ENUM,
        options=[place.value for place in Place],
        read=lambda side: side.gate.place.value,
    ),
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's and the cameras'."""
    home = entry.runtime_data
    async_add_entities(HomeSensor(home, one) for one in _HOME)
    for camera_id, side in home.shown.items():
        async_add_entities((CameraSensor(side, one) for one in _CAMERA), config_subentry_id=camera_id)


class HomeSensor(TillsynEntity, SensorEntity):
    """A sensor of the home. Who looked is in the journal and on the screen, not in the recorder's database."""

    entity_description: Description
    _unrecorded_attributes = frozenset({"looks", "tonight", "who"})

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
    def native_value(self) -> StateType | date | datetime:
        return self.entity_description.read(self.home)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        details = self.entity_description.details
        return None if details is None else details(self.home)


class CameraSensor(CameraDeviceEntity, SensorEntity):
    """A sensor of a camera."""

    entity_description: CameraDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        return self.entity_description.read(self.side)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Which switch the home knows to feed the camera: without it, no power is a fault."""
        return {"power_switch": self.side.power_switch} if self.side.power_switch else {}
