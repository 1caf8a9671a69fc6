"""Never can an automation do more than a person: whatever it calls, as often as it likes, nothing opens, and nothing
that a person has wished is undone.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
from probatio import Invalid
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service

from custom_components.trygghetskamera.const import CONF_AUTOMATIONS_MAY_END_PRIVACY, DOMAIN
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import AwayKind
from custom_components.trygghetskamera.tillsyn.receipts import milliseconds
from custom_components.trygghetskamera.tillsyn.record import Record

from .blueprints import FILES, FOLDER, automate, end_automations, load
from .home import CALENDAR, EVENT, GATE, LAST_LOOK, NEXT_LOOK, PAUSE, PRIVACY, Setup

SLEEP = "select.night_supervision_sleep_last_night"
LOOKING = "binary_sensor.bedroom_camera_looking"
PROBLEM = "binary_sensor.bedroom_camera_problem"
REACHABLE = "binary_sensor.bedroom_camera_connectivity"
INPUTS: dict[str, dict[str, Any]] = {
    "lamp_while_looking": {"looking": LOOKING, "lamp": "light.hall"},
    "morning_summary": {
        "looks": CALENDAR, "last_look": LAST_LOOK, "pause": PAUSE, "rating": SLEEP, "phone": "switch.turn_off",
    },
    "pause_when_away": {
        "pause": PAUSE, "people": ["person.kajsa"], "away_minutes": 0, "visits": ["input_boolean.guests"],
    },
    "power_around_windows": {"power": "switch.plug", "gates": [GATE], "next_look": NEXT_LOOK, "rest": 0, "patience": 0},
    "prepare_for_the_window": {
        "privacy": [PRIVACY], "next_look": NEXT_LOOK, "connections": [REACHABLE], "problems": [PROBLEM], "patience": 0,
    },
    "private_outside_windows": {"privacy": [PRIVACY], "next_look": NEXT_LOOK},
    "tell_after_a_look": {"look": EVENT},
    "warn_when_down": {"problems": [PROBLEM], "connections": [REACHABLE], "minutes": 0, "look": EVENT},
}  # fmt: skip
"""What an administrator chooses in each blueprint."""
SWITCHES = ("pause", "privacy", "power")
"""Inputs for which a switch may be chosen by mistake that is another than was meant."""
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

    def all_is_as_it_was(self) -> None:
        """Nothing is seen, and nothing is less private."""
        self._look()
        assert self.places <= set(AWAY_FROM)
        assert lowered(self._home, self.before) == []
        assert self._home.is_looking_away()
        assert self._home.moves == self.moves


async def call(hass: HomeAssistant, domain: str, service: str, data: dict[str, Any]) -> None:
    """As an automation: nobody is behind it. What is refused is refused."""
    returns = hass.services.supports_response(domain, service) in ("only", "optional")
    with suppress(HomeAssistantError, Invalid, NotImplementedError):
        await hass.services.async_call(domain, service, data, blocking=True, context=Context(), return_response=returns)
    await hass.async_block_till_done()


# ---- blueprints -----------------------------------------------------------------------------------------------------


def choices(name: str) -> Iterator[dict[str, Any]]:
    """What is meant to be chosen, and the switches of the home where a switch is asked for."""
    meant = INPUTS[name]
    yield meant
    for wrong in (PAUSE, PRIVACY):
        chosen = {key: [wrong] if isinstance(meant[key], list) else wrong for key in SWITCHES if key in meant}
        if chosen:
            yield meant | chosen


ALL = [(file.stem, chosen) for file in FILES for chosen in choices(file.stem)]


def test_every_blueprint_is_in_the_table_with_every_switch_that_it_asks_for() -> None:
    assert INPUTS.keys() == {file.stem for file in FILES}
    for file in FILES:
        asked = {
            name
            for name, one in load(file).inputs.items()
            for chosen in (one.get("selector") or {}).get("entity", {}).get("filter", [])
            if "switch" in chosen.get("domain", [])
        }
        assert asked <= set(SWITCHES), file.stem


async def provoke(home: Setup, name: str) -> None:
    """All that may set the automation off, and it itself."""
    hass = home.hass
    for entity in ("person.kajsa", "input_boolean.guests", "switch.plug", "light.hall"):
        for state in ("on", "home", "off", "not_home"):
            hass.states.async_set(entity, state)
            await hass.async_block_till_done()
    now = dt_util.utcnow()
    for start in (now - timedelta(hours=1), now + timedelta(days=2)):
        until = (start + timedelta(hours=2)).isoformat()
        hass.states.async_set(NEXT_LOOK, start.isoformat(), {"until": until})
        await hass.async_block_till_done()
        for kind, details in (("look_started", {"seconds": 30}), ("look_ended", {"seconds": 30, "reason": "seen"})):
            home.home.tell(kind, **details)
            await hass.async_block_till_done()
        hass.bus.async_fire("automation_reloaded")
        data = {"entity_id": f"automation.{name}", "skip_condition": True}
        await hass.services.async_call("automation", "trigger", data, blocking=True)
        await hass.async_block_till_done()


@pytest.mark.parametrize(("name", "chosen"), ALL, ids=lambda one: one if isinstance(one, str) else "")
async def test_no_blueprint_opens_or_undoes_what_a_person_wished(
    left_alone: Setup, name: str, chosen: dict[str, Any]
) -> None:
    await automate(left_alone.hass, name, **chosen)
    watch = Watch(left_alone)
    await provoke(left_alone, name)
    watch.all_is_as_it_was()


# ---- actions --------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("action", SERVICES)
async def test_no_action_opens_or_undoes_what_a_person_wished(left_alone: Setup, action: str) -> None:
    home = left_alone
    await home.bridge.send(home.bridge.municipality.plan(2))
    await home.until(lambda: home.home.plans.waiting is not None)
    watch = Watch(home)
    for everything in (False, True):
        await call(home.hass, DOMAIN, action, data_for(home, action, everything=everything))
        watch.all_is_as_it_was()


async def test_no_action_on_any_entity_opens_or_undoes_what_a_person_wished(left_alone: Setup) -> None:
    home, now = left_alone, dt_util.now()
    later = now + timedelta(hours=1)
    given: dict[tuple[str, str], dict[str, Any]] = {
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
    watch = Watch(home)
    entities = er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)
    called = set()
    for entity in entities:
        for service in home.hass.services.async_services_for_domain(entity.domain):
            data = {"entity_id": entity.entity_id, **given.get((entity.domain, service), {})}
            await call(home.hass, entity.domain, service, data)
            called.add((entity.domain, service))
    assert {("switch", "turn_off"), ("switch", "toggle"), ("camera", "turn_on")} <= called
    watch.all_is_as_it_was()


# ---- without consent ------------------------------------------------------------------------------------------------


async def test_no_action_of_an_automation_gives_consent(left_alone: Setup) -> None:
    await left_alone.home.memory.away(e.ConsentWithdrawn("", "anna"))
    for action in SERVICES:
        await call(left_alone.hass, DOMAIN, action, data_for(left_alone, action, everything=True))
        assert not record_of(left_alone).consent, action


async def test_automations_end_only_privacy_that_they_have_begun(home: Setup, hass_admin_user: MockUser) -> None:
    """The one thing that they may where it is allowed, and a person may always."""
    hass = home.hass
    hass.config_entries.async_update_entry(home.entry, options={CONF_AUTOMATIONS_MAY_END_PRIVACY: True})
    person = Context(user_id=hass_admin_user.id)
    for wished_by, after in ((Context(), "off"), (person, "on")):
        await hass.services.async_call("switch", "turn_on", {"entity_id": PRIVACY}, blocking=True, context=wished_by)
        await call(hass, "switch", "turn_off", {"entity_id": PRIVACY})
        assert home.state(PRIVACY) == after
    await call(hass, "switch", "turn_on", {"entity_id": PRIVACY})
    await call(hass, "switch", "turn_off", {"entity_id": PRIVACY})
    assert home.state(PRIVACY) == "on"
    await hass.services.async_call("switch", "turn_off", {"entity_id": PRIVACY}, blocking=True, context=person)
    assert home.state(PRIVACY) == "off"
