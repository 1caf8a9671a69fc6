"""A camera with more than one way to look away: an entity of its own integration, and one that feeds it."""

import asyncio
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from virtual_camera import BED, Motor, VirtualCamera

from .home import GATE, Setup, camera_data, entry_data
from .peers import Connected, Operator, ScriptedBridge

LENS_COVER = "input_boolean.lens_cover"
PLUG = "input_boolean.plug"
QUICK = 0.05


@pytest.fixture
def layers(request: pytest.FixtureRequest) -> dict[str, str]:
    """What the camera has beside its motors."""
    found: dict[str, str] = getattr(request, "param", {"privacy_entity": LENS_COVER, "power_switch": PLUG})
    return found


@pytest.fixture
async def entry(
    hass: HomeAssistant, bridge: ScriptedBridge, camera: VirtualCamera, layers: dict[str, str]
) -> MockConfigEntry:
    assert await async_setup_component(hass, "homeassistant", {})
    helpers = {"lens_cover": {"initial": False}, "plug": {"initial": True}}
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": helpers})
    subentry = ConfigSubentryData(
        data=camera_data(camera) | layers, subentry_type="camera", title="Camera", unique_id=None
    )
    found = MockConfigEntry(domain=DOMAIN, title="Hemmet", data=entry_data(bridge), subentries_data=[subentry])
    found.add_to_hass(hass)
    return found


async def turn(home: Setup, entity: str, *, on: bool) -> None:
    action = "turn_on" if on else "turn_off"
    await home.hass.services.async_call("input_boolean", action, {"entity_id": entity}, blocking=True)


async def click(home: Setup) -> tuple[Operator, Connected]:
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    return operator, connected


def is_at_the_bed(camera: VirtualCamera) -> bool:
    return abs(camera.position.tilt - BED.tilt) < 0.02


# ---- the privacy entity ---------------------------------------------------------------------------------------------


async def test_the_lens_is_covered_from_the_start_and_uncovered_only_for_the_look(home: Setup) -> None:
    assert home.state(LENS_COVER) == "on"
    operator, connected = await click(home)
    await home.until_place(Place.OPEN)
    assert home.state(LENS_COVER) == "off"
    assert is_at_the_bed(home.camera)
    await home.bridge.close_look(operator, connected.look)
    await home.until_place(Place.CLOSED)
    assert home.state(LENS_COVER) == "on"
    assert home.is_looking_away()


async def test_a_motor_that_is_stuck_is_no_reason_to_leave_the_lens_uncovered(
    home: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", QUICK)
    operator, connected = await click(home)
    await home.until_place(Place.OPEN)
    home.camera.faults.motor = Motor.STUCK
    await home.bridge.close_look(operator, connected.look)
    await home.until(lambda: home.state(LENS_COVER) == "on")


async def test_a_lens_that_somebody_uncovers_is_covered_again(home: Setup) -> None:
    await turn(home, LENS_COVER, on=False)
    (side,) = home.home.cameras.values()
    await side.check_position()
    await home.until_place(Place.CLOSED)
    assert home.state(LENS_COVER) == "on"


async def test_a_lens_that_somebody_covers_in_the_middle_of_a_look_ends_it(home: Setup) -> None:
    await click(home)
    await home.until_place(Place.OPEN)
    await turn(home, LENS_COVER, on=True)
    (side,) = home.home.cameras.values()
    await side.check_position()
    await home.bridge.heard(frames.StopPicture)
    await home.until_place(Place.CLOSED)


async def test_a_camera_that_answers_nothing_while_its_lens_is_covered_is_private(home: Setup) -> None:
    await home.camera.__aexit__(None, None, None)
    (side,) = home.home.cameras.values()
    await side.check_position()
    assert home.home.gate.place is Place.CLOSED


@pytest.mark.parametrize("layers", [{"privacy_entity": "light.unheard"}], indirect=True)
async def test_a_cover_that_does_not_do_as_it_is_told_opens_nothing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    bridge: ScriptedBridge,
    camera: VirtualCamera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says that it is off, and goes on saying so."""
    monkeypatch.setattr("custom_components.trygghetskamera.camera_layers.ENTITY_SECONDS", QUICK)
    monkeypatch.setattr("custom_components.trygghetskamera.camera_side._WAITS", (0.0,))
    hass.states.async_set("light.unheard", "off")
    asked = async_mock_service(hass, "light", "turn_on")
    assert await hass.config_entries.async_setup(entry.entry_id)
    setup = Setup(hass, entry, bridge, camera)
    await setup.until_place(Place.FAULT)
    assert asked
    assert any("cannot_look_away" in key for domain, key in ir.async_get(hass).issues if domain == DOMAIN)
    hass.states.async_set("light.unheard", "on")
    await setup.until_place(Place.CLOSED)
    assert setup.is_looking_away()
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest.mark.parametrize("layers", [{"privacy_entity": "light.slow"}], indirect=True)
async def test_a_cover_that_is_slow_is_waited_for(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera
) -> None:
    hass.states.async_set("light.slow", "off")
    asked = asyncio.Event()

    async def turn_on(_call: Any) -> None:
        asked.set()

    hass.services.async_register("light", "turn_on", turn_on)
    assert await hass.config_entries.async_setup(entry.entry_id)
    setup = Setup(hass, entry, bridge, camera)
    await asyncio.wait_for(asked.wait(), 5)
    assert setup.home.gate.place is not Place.CLOSED
    hass.states.async_set("light.slow", "unavailable")
    hass.states.async_set("light.slow", "on")
    await setup.until_place(Place.CLOSED)
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


# ---- the power entity -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", [{"power_switch": PLUG}], indirect=True)
async def test_a_camera_that_is_switched_off_is_dark_and_no_problem_and_looks_away_when_it_is_back(
    home: Setup,
) -> None:
    await turn(home, PLUG, on=False)
    await home.until_place(Place.DARK)
    assert home.state(GATE) == "dark"
    assert home.state("binary_sensor.bedroom_camera_problem") == "off"
    operator = home.bridge.municipality.operator()
    await home.bridge.ask(operator, home.occurrence)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.CAMERA_NOT_READY

    moves = home.moves
    await turn(home, PLUG, on=True)
    await home.until_place(Place.CLOSED)
    assert home.moves > moves
    assert home.is_looking_away()


@pytest.mark.parametrize("layers", [{"power_switch": PLUG}], indirect=True)
async def test_a_camera_that_answers_though_its_plug_is_off_is_watched_like_any_other(home: Setup) -> None:
    """The plug feeds something else, or says what is not so."""
    await turn(home, PLUG, on=False)
    await home.until_place(Place.DARK)
    moves = home.moves
    await home.home.check_positions()
    await home.until_place(Place.CLOSED)
    assert home.moves > moves
    assert home.is_looking_away()


@pytest.mark.parametrize("layers", [{"power_switch": PLUG}], indirect=True)
async def test_a_camera_that_answers_nothing_without_power_stays_dark(home: Setup) -> None:
    await turn(home, PLUG, on=False)
    await home.until_place(Place.DARK)
    await home.camera.__aexit__(None, None, None)
    await home.home.check_positions()
    assert home.home.gate.place is Place.DARK


@pytest.mark.parametrize("layers", [{"power_switch": PLUG}], indirect=True)
async def test_a_camera_that_does_not_look_away_loses_its_power(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", QUICK)
    monkeypatch.setattr("custom_components.trygghetskamera.camera_side._WAITS", (0.0,))
    operator, connected = await click(home)
    await home.until_place(Place.OPEN)
    home.camera.faults.motor = Motor.STUCK
    await home.bridge.close_look(operator, connected.look)
    await home.until(lambda: home.state(PLUG) == "off")
    # What the home itself has cut is a fault, and not somebody's wish.
    assert home.home.gate.place is Place.FAULT
    home.camera.faults.motor = Motor.HEALTHY
    await home.until_place(Place.CLOSED)
