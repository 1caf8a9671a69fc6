"""Never can an automation do more than a person: whatever it calls, as often as it likes, nothing opens, and nothing
that a person has wished is undone.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from probatio import Invalid
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.trygghetskamera.const import CONF_AUTOMATIONS_MAY_END_PRIVACY, DOMAIN
from custom_components.trygghetskamera.tillsyn import entries as e

from .blueprints import FILES, automate, load
from .harmless import SERVICES, Watch, data_for, given_to_entities, record_of
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
    home, given = left_alone, given_to_entities()
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
