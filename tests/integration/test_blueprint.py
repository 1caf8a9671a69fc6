"""The blueprint, run by Home Assistant's own automations."""

import shutil
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint import Blueprint
from homeassistant.const import EVENT_HOMEASSISTANT_START
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.trygghetskamera.const import CONF_AUTOMATIONS_MAY_END_PRIVACY
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Outcome, Window
from custom_components.trygghetskamera.tillsyn.schedule import STOCKHOLM

from .home import NEXT_LOOK, PAUSE, PRIVACY, Setup
from .peers import closed_window

FILE = Path(__file__).parents[2] / "blueprints" / "automation" / "trygghetskamera" / "private_outside_windows.yaml"


async def run(home: Setup, **inputs: Any) -> None:
    """Import the blueprint and make an automation of it, as an administrator does."""
    hass = home.hass
    hass.config_entries.async_update_entry(home.entry, options={CONF_AUTOMATIONS_MAY_END_PRIVACY: True})
    await hass.async_block_till_done()
    await home.until(lambda: home.home.link.is_connected and home.home.gate.place is Place.CLOSED)
    folder = Path(hass.config.path("blueprints/automation/trygghetskamera"))
    await hass.async_add_executor_job(_copy, folder)
    chosen = {"privacy": PRIVACY, "next_look": NEXT_LOOK, **inputs}
    automation = {"id": "b", "use_blueprint": {"path": f"trygghetskamera/{FILE.name}", "input": chosen}}
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()


def _copy(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(FILE, folder)


async def turn(home: Setup, switch: str, service: str, user: MockUser | None) -> None:
    context = Context(user_id=None if user is None else user.id)
    await home.hass.services.async_call("switch", service, {"entity_id": switch}, blocking=True, context=context)
    await home.hass.async_block_till_done()


async def later_plan(home: Setup, number: int = 2) -> None:
    """A plan whose only window is hours away."""
    await home.bridge.send(home.bridge.municipality.plan(number, (closed_window(),)))
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(number, accepted=True, by="u")
    await home.hass.async_block_till_done()


async def open_plan(home: Setup, number: int = 3) -> None:
    """A plan whose window is open."""
    await home.bridge.send(home.bridge.municipality.plan(number))
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(number, accepted=True, by="u")
    await home.hass.async_block_till_done()


async def test_it_is_a_valid_blueprint_and_declares_its_inputs(hass: HomeAssistant) -> None:
    data = await hass.async_add_executor_job(load_yaml_dict, str(FILE))
    blueprint = Blueprint(data, expected_domain="automation", path=FILE.name, schema=AUTOMATION_BLUEPRINT_SCHEMA)
    assert blueprint.validate() is None
    assert set(blueprint.inputs) == {"privacy", "next_look", "ahead"}


async def test_the_camera_goes_private_outside_and_is_prepared_inside(home: Setup) -> None:
    await run(home)
    assert home.state(PRIVACY) == "off"
    await later_plan(home)
    assert home.state(PRIVACY) == "on"
    await open_plan(home)
    assert home.state(PRIVACY) == "off"
    assert home.state(PAUSE) == "off"


async def test_it_is_prepared_some_minutes_before(home: Setup) -> None:
    soon = dt_util.utcnow().astimezone(STOCKHOLM) + timedelta(minutes=20)
    window = Window("soon", soon.time().replace(second=0, microsecond=0), time(hour=(soon.hour + 2) % 24))
    await run(home, ahead=30)
    await later_plan(home)
    assert home.state(PRIVACY) == "on"
    await home.bridge.send(home.bridge.municipality.plan(3, (window,)))
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(3, accepted=True, by="u")
    await home.hass.async_block_till_done()
    assert home.state(PRIVACY) == "off"


async def test_once_the_client_was_seen_it_is_private_again(home: Setup) -> None:
    await run(home)
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await home.bridge.close_look(operator, connected.look, Outcome.SEEN)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    assert home.state(PRIVACY) == "on"


async def test_pause_is_left_alone_and_makes_it_private(home: Setup, hass_admin_user: MockUser) -> None:
    await run(home)
    await turn(home, PAUSE, "turn_on", hass_admin_user)
    assert (home.state(PAUSE), home.state(PRIVACY)) == ("on", "on")
    await turn(home, PAUSE, "turn_off", hass_admin_user)
    assert (home.state(PAUSE), home.state(PRIVACY)) == ("off", "off")


async def test_what_a_person_made_private_stays_so(home: Setup, hass_admin_user: MockUser) -> None:
    await run(home)
    await turn(home, PRIVACY, "turn_on", hass_admin_user)
    await later_plan(home)
    await open_plan(home)
    assert home.state(PRIVACY) == "on"


async def test_at_a_start_it_only_makes_it_more_private(home: Setup, hass_admin_user: MockUser) -> None:
    await turn(home, PRIVACY, "turn_on", hass_admin_user)
    await run(home)
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_START)
    await home.hass.async_block_till_done()
    assert home.state(PRIVACY) == "on"


@pytest.mark.parametrize("option", [True, False])
async def test_it_cannot_end_privacy_where_that_is_not_allowed(home: Setup, option: bool) -> None:
    await run(home)
    home.hass.config_entries.async_update_entry(home.entry, options={CONF_AUTOMATIONS_MAY_END_PRIVACY: option})
    await home.hass.async_block_till_done()
    await home.until(lambda: home.home.link.is_connected)
    await later_plan(home)
    assert home.state(PRIVACY) == "on"
    await open_plan(home)
    assert home.state(PRIVACY) == ("off" if option else "on")


async def test_the_sensor_tells_until_when(home: Setup) -> None:
    state = home.hass.states.get(NEXT_LOOK)
    assert state is not None
    start, until = dt_util.parse_datetime(state.state), dt_util.parse_datetime(state.attributes["until"])
    assert start is not None
    assert until is not None
    assert start <= dt_util.utcnow() < until
    assert until - start == timedelta(hours=5)
