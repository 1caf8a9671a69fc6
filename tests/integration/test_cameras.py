"""A home with several cameras: at most one of them looks, and what is wrong with one is not wrong with the others."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.migration import VERSION
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.entries import Privacy
from custom_components.trygghetskamera.tillsyn.errors import CloseReason, Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Room
from custom_components.trygghetskamera.tillsyn.wire import Opened
from virtual_camera import BED, CEILING, Motor, Settings, VirtualCamera

from .home import PASSWORD, USER, Setup, camera_data, entry_data, set_up
from .peers import Connected, Operator, ScriptedBridge


@dataclass(frozen=True)
class Two(Setup):
    """A home with a camera in the bedroom and one in the hall."""

    hall: VirtualCamera

    def place(self, camera: str) -> Place:
        """Where this camera's gate is."""
        return self.home.house.gates[camera].place

    async def until_at(self, camera: str, place: Place) -> None:
        """Wait until this camera's gate is there."""
        await self.until(lambda: self.place(camera) is place)

    async def click(self) -> tuple[Operator, Connected]:
        """A click that nobody has answered yet."""
        operator = self.bridge.municipality.operator()
        connected = await self.bridge.prepare(operator, self.occurrence)
        await self.bridge.send(self.bridge.click(operator, connected))
        return operator, connected

    async def look(self) -> tuple[Operator, Connected]:
        """A look in progress in the bedroom."""
        operator, connected = await self.click()
        await self.until_at("bed", Place.OPEN)
        return operator, connected

    async def until_away(self) -> None:
        """Wait until both cameras have looked away, and see that they have."""
        await self.until(lambda: all(side.gate.place is Place.CLOSED for side in self.home.sides.values()))
        assert is_away(self.camera)
        assert is_away(self.hall)


def is_away(camera: VirtualCamera) -> bool:
    """Whether the camera itself, asked past its network, aims at the ceiling and stands still."""
    at = camera.position
    return abs(at.tilt - CEILING.tilt) < 0.02 and abs(at.pan - CEILING.pan) < 0.02 and not camera.is_moving


def home_with(bridge: ScriptedBridge, cameras: dict[str, tuple[VirtualCamera, Room]]) -> MockConfigEntry:
    """A home with these cameras, by subentry, not started yet."""
    subentries = [
        ConfigSubentryDataWithId(
            data=camera_data(camera) | {"room": room},
            subentry_id=name,
            subentry_type="camera",
            title=name,
            unique_id=None,
        )
        for name, (camera, room) in cameras.items()
    ]
    return MockConfigEntry(domain=DOMAIN, title="Hemmet", data=entry_data(bridge), subentries_data=subentries)


@pytest.fixture
async def hall() -> AsyncIterator[VirtualCamera]:
    """The second camera."""
    async with VirtualCamera(Settings(user=USER, password=PASSWORD, motor_speed=20)) as found:
        yield found


@pytest.fixture
async def two(
    hass: HomeAssistant, bridge: ScriptedBridge, camera: VirtualCamera, hall: VirtualCamera
) -> AsyncIterator[Two]:
    """Both look away, and the plan names the bedroom first."""
    entry = home_with(bridge, {"bed": (camera, Room.BEDROOM), "hall": (hall, Room.HALL)})
    entry.add_to_hass(hass)
    plan = bridge.municipality.plan(rooms=(Room.BEDROOM, Room.HALL))
    await set_up(hass, entry, bridge, camera, plan)
    yield Two(hass, entry, bridge, camera, hall)
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


async def test_a_look_is_in_the_plans_first_room_and_the_other_camera_stays_away(two: Two) -> None:
    moves = two.hall.state.counters.move_commands
    operator, connected = await two.look()
    assert (await two.bridge.heard(frames.Warm)).camera == "bed"
    assert (await two.bridge.heard(frames.Lease)).camera == "bed"
    assert is_away(two.hall)
    await two.bridge.close_look(operator, connected.look)
    await two.until_away()
    assert two.hall.state.counters.move_commands == moves


async def test_a_look_turns_to_another_room_and_is_one_look(two: Two) -> None:
    operator, connected = await two.look()
    await two.bridge.heard(frames.Sign, lambda one: one.typ == "tk-opened")
    await two.bridge.turn_look(operator, connected.look, Room.HALL)
    assert (await two.bridge.heard(frames.Hold)).camera == "bed"
    await two.until_at("hall", Place.OPEN)
    assert two.hall.position.tilt < 0
    assert (await two.bridge.heard(frames.Warm, lambda one: one.camera == "hall")).look == connected.look
    await two.bridge.heard(frames.Lease, lambda one: one.camera == "hall")
    await two.bridge.heard(frames.Sign, lambda one: one.typ == "tk-opened")
    await two.until_at("bed", Place.CLOSED)
    assert is_away(two.camera)
    first, second = two.bridge.signed_as(Opened)
    assert second.seconds <= first.seconds
    await two.bridge.close_look(operator, connected.look)
    receipt = await two.bridge.receipt(connected.look)
    await two.until_away()
    assert (receipt.look, receipt.reason, receipt.sequence) == (connected.look, CloseReason.SEEN, 1)
    assert two.entry_journal().count('"kind":"look_turned"') == 1


@pytest.mark.parametrize("room", [Room.BEDROOM, Room.KITCHEN])
async def test_a_turn_to_a_room_that_cannot_be_is_refused_and_the_look_goes_on(two: Two, room: Room) -> None:
    operator, connected = await two.look()
    await two.bridge.turn_look(operator, connected.look, room)
    assert (await two.bridge.heard(frames.Refuse)).code is Refusal.WRONG_ROOM
    assert two.place("bed") is Place.OPEN
    assert not two.bridge.has_heard(frames.Hold)


async def test_a_turn_that_is_played_again_is_refused(two: Two) -> None:
    operator, connected = await two.look()
    await two.bridge.turn_look(operator, connected.look, Room.HALL)
    await two.until_at("hall", Place.OPEN)
    await two.until_at("bed", Place.CLOSED)
    await two.bridge.turn_look(operator, connected.look, Room.BEDROOM)
    assert (await two.bridge.heard(frames.Refuse)).code is Refusal.REPLAYED
    assert two.place("hall") is Place.OPEN


async def test_a_turn_by_somebody_else_is_refused(two: Two) -> None:
    _, connected = await two.look()
    await two.bridge.turn_look(two.bridge.municipality.operator("Annan"), connected.look, Room.HALL)
    await two.bridge.heard(frames.Refuse)
    assert (two.place("bed"), two.place("hall")) == (Place.OPEN, Place.CLOSED)


async def test_a_private_camera_is_not_turned_to_and_the_other_serves(two: Two) -> None:
    await two.home.memory.away(Privacy(True, "user", "hall"))
    operator, connected = await two.look()
    await two.bridge.turn_look(operator, connected.look, Room.HALL)
    assert (await two.bridge.heard(frames.Refuse)).code is Refusal.PRIVATE
    assert (two.place("bed"), is_away(two.hall)) == (Place.OPEN, True)


async def test_privacy_of_the_camera_that_looks_ends_the_look(two: Two) -> None:
    await two.look()
    await two.home.memory.away(Privacy(True, "user", "bed"))
    await two.bridge.heard(frames.StopPicture)
    await two.until_away()


async def test_a_camera_in_fault_does_not_keep_the_other_from_looks(two: Two) -> None:
    two.hall.faults.motor = Motor.STUCK
    two.hall.move_by_hand(BED)
    await two.home.check_positions()
    await two.until(lambda: two.place("hall") is not Place.CLOSED)
    operator, connected = await two.look()
    await two.bridge.turn_look(operator, connected.look, Room.HALL)
    assert (await two.bridge.heard(frames.Refuse)).code is Refusal.CAMERA_NOT_READY
    assert two.place("bed") is Place.OPEN
    two.hall.faults.motor = Motor.HEALTHY
    await two.bridge.close_look(operator, connected.look)
    await two.until_away()


@pytest.mark.parametrize("is_turned", [False, True])
async def test_pause_ends_the_look_wherever_it_is_and_both_look_away(two: Two, is_turned: bool) -> None:
    operator, connected = await two.look()
    if is_turned:
        await two.bridge.turn_look(operator, connected.look, Room.HALL)
        await two.until_at("hall", Place.OPEN)
    await two.pause(True, by="user")
    assert (await two.bridge.heard(frames.StopPicture)).reason is CloseReason.PAUSED
    await two.until_away()


async def test_a_turn_in_the_middle_of_which_the_link_goes_ends_with_both_away(two: Two) -> None:
    operator, connected = await two.look()
    await two.bridge.turn_look(operator, connected.look, Room.HALL)
    await two.bridge.heard(frames.Hold)
    await two.bridge.stop()
    await two.until(lambda: two.home.house.busy is None)
    await two.until_away()


async def test_a_lease_that_is_not_held_after_a_turn_ends_the_look(two: Two) -> None:
    operator, connected = await two.look()
    two.bridge.holds_leases = False
    await two.bridge.turn_look(operator, connected.look, Room.HALL)
    assert (await two.bridge.heard(frames.StopPicture)).reason is CloseReason.LEASE_LOST
    await two.until_away()


async def test_a_camera_that_is_removed_looks_away_first_and_the_other_serves(two: Two) -> None:
    await two.look()
    two.hass.config_entries.async_remove_subentry(two.entry, "bed")
    await two.hass.async_block_till_done()
    assert two.entry.state is ConfigEntryState.LOADED
    assert set(two.home.cameras) == {"hall"}
    assert is_away(two.camera)
    await two.until(lambda: two.home.link.is_connected)
    await two.until_at("hall", Place.CLOSED)


async def stuck(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """The camera in the bedroom does not look away, and it is shown."""
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.05)
    two.camera.faults.motor = Motor.STUCK
    two.camera.move_by_hand(BED)
    await two.home.check_positions()
    await two.until_at("bed", Place.FAULT)
    assert two.has_issue("cannot_look_away")


async def test_that_a_camera_does_not_look_away_is_shown_no_longer_when_it_does_after_a_restart(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stuck(two, monkeypatch)
    assert await two.hass.config_entries.async_unload(two.entry.entry_id)
    assert two.has_issue("cannot_look_away")
    two.camera.faults.motor = Motor.HEALTHY
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 3.0)
    assert await two.hass.config_entries.async_setup(two.entry.entry_id)
    await two.until_away()
    assert not two.has_issue("cannot_look_away")


async def test_a_camera_that_is_removed_is_no_problem_of_the_homes(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    await stuck(two, monkeypatch)
    two.hass.config_entries.async_remove_subentry(two.entry, "bed")
    await two.hass.async_block_till_done()
    assert shown(two) == []


async def test_a_home_that_is_removed_leaves_nothing_to_be_seen_to(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    await stuck(two, monkeypatch)
    await two.hass.config_entries.async_remove(two.entry.entry_id)
    await two.hass.async_block_till_done()
    assert shown(two) == []


def shown(two: Two) -> list[str]:
    """All repair issues of ours."""
    return [name for domain, name in ir.async_get(two.hass).issues if domain == DOMAIN]


async def test_no_room_of_the_plan_has_a_camera(
    hass: HomeAssistant, bridge: ScriptedBridge, hall: VirtualCamera
) -> None:
    entry = home_with(bridge, {"hall": (hall, Room.HALL)})
    entry.add_to_hass(hass)
    setup = await set_up(hass, entry, bridge, hall)
    operator = bridge.municipality.operator()
    connected = await bridge.prepare(operator, setup.occurrence)
    await bridge.send(bridge.click(operator, connected))
    assert (await bridge.heard(frames.Refuse)).code is Refusal.WRONG_ROOM
    assert is_away(hall)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_eight_cameras_are_set_up_and_all_look_away(hass: HomeAssistant, bridge: ScriptedBridge) -> None:
    async with AsyncExitStack() as stack:
        settings = Settings(user=USER, password=PASSWORD, motor_speed=20)
        cameras = [await stack.enter_async_context(VirtualCamera(settings)) for _ in range(8)]
        entry = home_with(bridge, {f"camera{n}": (one, Room.OTHER) for n, one in enumerate(cameras)})
        entry.add_to_hass(hass)
        setup = await set_up(hass, entry, bridge, cameras[0])
        assert len(setup.home.cameras) == 8
        assert all(is_away(one) for one in cameras)
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()


async def test_a_camera_that_an_earlier_version_stored_looks_away_and_serves_the_bedroom(
    hass: HomeAssistant, bridge: ScriptedBridge, camera: VirtualCamera
) -> None:
    """As the first version stored it: without room, layers and what cameras are asked for since."""
    since = {"room", "privacy_entity", "relative", "keeps_presets", "firmware", "mac", "snapshot"}
    data = {name: value for name, value in camera_data(camera).items() if name not in since}
    subentry = ConfigSubentryData(data=data, subentry_type="camera", title="Camera", unique_id=None)
    entry = MockConfigEntry(domain=DOMAIN, title="Hemmet", data=entry_data(bridge), subentries_data=[subentry])
    entry.add_to_hass(hass)
    camera.move_by_hand(BED)
    setup = await set_up(hass, entry, bridge, camera)
    assert is_away(camera)
    (side,) = setup.home.cameras.values()
    assert side.room is Room.BEDROOM
    operator = bridge.municipality.operator()
    connected = await bridge.prepare(operator, setup.occurrence)
    await bridge.send(bridge.click(operator, connected))
    await setup.until_place(Place.OPEN)
    await hass.config_entries.async_unload(entry.entry_id)
    assert is_away(camera)


async def test_a_home_that_a_newer_major_version_stored_is_not_run(hass: HomeAssistant, bridge: ScriptedBridge) -> None:
    entry = MockConfigEntry(domain=DOMAIN, title="Hemmet", data=entry_data(bridge), version=VERSION + 1)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
