"""The camera looks away first: at start, reload, unload, failed set-up and stop, whether or not the rest is up."""

from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.journal_store import Journal
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.entries import LookStarted, Privacy
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place, Target
from virtual_camera import BED, VirtualCamera

from .home import Setup
from .peers import ScriptedBridge, occurrence_of, open_window, random_id


async def start(hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera) -> Setup:
    """Set the entry up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    return Setup(hass, entry, bridge, camera)


async def test_the_camera_looks_away_at_start_while_the_bridge_is_gone(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera
) -> None:
    await bridge.stop()
    camera.move_by_hand(BED)
    setup = await start(hass, entry, bridge, camera)
    await setup.until_place(Place.CLOSED)
    assert setup.is_looking_away()
    await hass.config_entries.async_unload(entry.entry_id)


async def test_set_up_waits_for_neither_camera_nor_bridge_and_the_camera_is_driven_away_when_it_comes(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera
) -> None:
    await bridge.stop()
    camera.move_by_hand(BED)
    camera.start_reboot(4)
    await camera.state.wait_for(lambda state: not state.is_up)
    setup = await start(hass, entry, bridge, camera)
    assert entry.state is ConfigEntryState.LOADED
    assert not camera.state.is_up
    assert setup.home.gate.place is Place.CLOSING
    assert setup.state("binary_sensor.bedroom_camera_connectivity") == "off"
    await setup.until_place(Place.CLOSED)
    assert setup.is_looking_away()
    await hass.async_block_till_done()
    assert setup.state("binary_sensor.bedroom_camera_connectivity") == "on"
    await hass.config_entries.async_unload(entry.entry_id)


async def test_reload_looks_away(home: Setup) -> None:
    home.camera.move_by_hand(BED)
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()
    await home.bridge.heard(frames.HomeStatus, lambda one: one.plan == 1)


async def test_a_set_up_that_fails_looks_away(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera
) -> None:
    camera.move_by_hand(BED)
    failing = patch.object(hass.config_entries, "async_forward_entry_setups", side_effect=RuntimeError("no platforms"))
    with failing:
        assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    setup = Setup(hass, entry, bridge, camera)
    assert setup.is_looking_away()


async def test_a_stop_drives_the_camera_away_even_when_its_tasks_are_gone(home: Setup) -> None:
    home.camera.move_by_hand(BED)
    await home.home.check_positions()
    assert home.home.gate.place is Place.CLOSING
    await home.home.close()
    home.hass.bus.async_fire_internal(EVENT_HOMEASSISTANT_STOP)
    await home.hass.async_block_till_done()
    assert home.is_looking_away()


async def test_a_look_that_was_interrupted_gets_an_end_and_a_receipt(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera
) -> None:
    look = random_id(16)
    journal = Journal(journal_path(hass, entry.entry_id), hass.async_add_executor_job)
    await journal.load()
    await journal.add(LookStarted(look, occurrence_of(open_window()), "A" * 43, "Alva Natt"))
    camera.move_by_hand(BED)
    setup = await start(hass, entry, bridge, camera)
    receipt = await bridge.receipt(look)
    assert (receipt.reason, receipt.name) == (CloseReason.INTERRUPTED, "Alva Natt")
    assert receipt.closed_ms >= receipt.opened_ms
    await setup.until_place(Place.CLOSED)
    assert setup.is_looking_away()
    # What it used of the window stays used.
    assert look in setup.home.gate.used
    assert setup.home.gate.spent[receipt.occurrence].looks == 1
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_home_is_as_it_was_after_a_restart(home: Setup) -> None:
    await home.pause(True, by="u")
    await home.home.memory.away(Privacy(True, "u"))
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    gate = home.home.gate
    assert (gate.paused, gate.private, gate.consent) == (True, True, True)
    assert gate.plan is not None
    assert gate.plan.number == 1
    await home.bridge.heard(frames.HomeStatus, lambda one: one.paused)


@pytest.mark.parametrize("target", [Target.VIEW, Target.PRIVACY])
async def test_a_home_without_a_camera_opens_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera, target: Target
) -> None:
    (subentry_id,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, subentry_id)
    setup = await start(hass, entry, bridge, camera)
    await setup.until_place(Place.CLOSED)
    assert await setup.home.sides[""].camera.is_at(target) is (target is Target.PRIVACY)
    status = await bridge.heard(frames.HomeStatus)
    assert not status.ready
    assert (await bridge.heard(frames.Configure)).cameras == ()
    await hass.config_entries.async_unload(entry.entry_id)
