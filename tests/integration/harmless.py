"""A home where persons have wished all that can be wished, and how it shows that something undid that or looked in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service

from custom_components.trygghetskamera.const import CONF_AUTOMATIONS_MAY_END_PRIVACY, DOMAIN
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import AwayKind
from custom_components.trygghetskamera.tillsyn.receipts import milliseconds
from custom_components.trygghetskamera.tillsyn.record import Record

from .blueprints import FOLDER, end_automations
from .home import GATE, Setup

AWAY_FROM = (Place.CLOSED, Place.CLOSING, Place.DARK)
SERVICES = load_yaml_dict(str(FOLDER.parents[2] / "custom_components" / DOMAIN / "services.yaml"))


@pytest.fixture
async def left_alone(home: Setup, hass_admin_user: MockUser) -> AsyncIterator[Setup]:
    """A home where persons have wished all that can be wished, and automations may end privacy."""
    hass = home.hass
    hass.config_entries.async_update_entry(home.entry, options={CONF_AUTOMATIONS_MAY_END_PRIVACY: True})
    for domain, service in (("light", "turn_on"), ("light", "turn_off"), ("persistent_notification", "create")):
        async_mock_service(hass, domain, service)
    now = milliseconds(home.home.now())
    by = hass_admin_user.id
    for entry in (
        e.Pause(True, by),
        e.Privacy(True, by, home.home.camera_id),
        e.AwayAdded("hospital", AwayKind.HOSPITAL, now, now + 864_000_000, by),
        e.LookSkipped(home.occurrence, by),
    ):
        await home.home.memory.add(entry)
    await hass.async_block_till_done()
    yield home
    await end_automations(hass)


def record_of(home: Setup) -> Record:
    found = home.home.memory.heard
    assert found is not None
    return found


def lowered(home: Setup, before: Record) -> list[str]:
    """What has become less private than it was."""
    after, now = record_of(home), milliseconds(home.home.now())
    camera = home.home.camera_id
    cases = {
        "consent": after.consent and not before.consent,
        "pause": before.is_paused(now) and not after.is_paused(now),
        "end of the pause": before.pause is not None and (after.pause is None or after.pause.until_ms != 0),
        "absence": not {one.id for one in before.away} <= {one.id for one in after.away},
        "privacy": before.is_private(camera) and not after.is_private(camera),
        "whose privacy": before.privacy_by(camera) != after.privacy_by(camera),
        "plan": before.accepted != after.accepted,
        "skipped look": not before.skipped <= after.skipped,
        "moved look": before.moved != after.moved,
        "sharing of sleep": after.shares_sleep and not before.shares_sleep,
        "aiming": after.aiming is not None,
    }
    return [name for name, is_lower in cases.items() if is_lower]


class Watch:
    """Where the gate has been, and how often the camera was turned to the view."""

    def __init__(self, home: Setup) -> None:
        self._home = home
        self.before = record_of(home)
        self.moves = home.moves
        self.places: set[Place] = set()
        home.home.listen(self._look)

    def _look(self) -> None:
        self.places |= {gate.place for gate in self._home.home.house.gates.values()}

    def all_is_as_it_was(self, but: tuple[str, ...] = ()) -> None:
        """Nothing is seen, and nothing is less private; ``but``: what may be otherwise."""
        self._look()
        assert self.places <= set(AWAY_FROM)
        assert [one for one in lowered(self._home, self.before) if one not in but] == []
        assert self._home.is_looking_away()
        assert self._home.moves == self.moves


def sample(home: Setup, name: str, selector: dict[str, Any]) -> Any:
    """Something that the selector would give."""
    (kind,) = selector
    now = dt_util.now()
    device = er.async_get(home.hass).async_get(GATE)
    assert device is not None
    return {
        "config_entry": home.entry.entry_id,
        "device": device.device_id,
        "number": ((selector[kind] or {}).get("min", 1)),
        "text": home.occurrence if name == "occurrence" else "hospital",
        "datetime": (now + timedelta(minutes=1)).isoformat(),
        "time": "01:30:00",
        "date": now.date().isoformat(),
        "boolean": True,
        "select": ((selector[kind] or {}).get("options") or [""])[0],
    }.get(kind, "away")


def fields(description: dict[str, Any]) -> dict[str, Any]:
    """The fields of an action, also those in sections."""
    found: dict[str, Any] = {}
    for name, one in (description.get("fields") or {}).items():
        found |= fields(one) if "fields" in one else {name: one}
    return found


def data_for(home: Setup, action: str, *, everything: bool) -> dict[str, Any]:
    """What it needs, or all that it takes."""
    return {
        name: 2 if name == "number" else sample(home, name, one["selector"])
        for name, one in fields(SERVICES[action] or {}).items()
        if everything or one.get("required")
    }


def given_to_entities() -> dict[tuple[str, str], dict[str, Any]]:
    """What actions on entities take beside the entity."""
    now = dt_util.now()
    later = now + timedelta(hours=1)
    return {
        ("datetime", "set_value"): {"datetime": later.isoformat()},
        ("select", "select_option"): {"option": "1"},
        ("calendar", "create_event"): {
            "summary": "guests", "start_date_time": now.isoformat(), "end_date_time": later.isoformat(),
        },
        ("calendar", "get_events"): {"duration": {"hours": 1}},
        ("camera", "snapshot"): {"filename": "/tmp/picture"},
        ("camera", "record"): {"filename": "/tmp/film"},
        ("camera", "play_stream"): {"media_player": "media_player.tv"},
    }  # fmt: skip
