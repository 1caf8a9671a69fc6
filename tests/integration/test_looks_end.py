"""Whatever ends a look, the picture stops first, the camera looks away, and a receipt says why."""

from collections.abc import Awaitable, Callable

import pytest
from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_ON
from homeassistant.core import CoreState
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.record import Past
from virtual_camera import BED, Motor
from virtual_camera import Position as Aim

from .home import PAUSE, PRIVACY, Setup
from .peers import Connected, Operator


@pytest.fixture
async def look(home: Setup) -> tuple[Operator, Connected]:
    """A look in progress."""
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await home.bridge.heard(frames.Lease)
    return operator, connected


def last(home: Setup) -> Past:
    assert home.home.journal.record is not None
    return home.home.journal.record.past[-1]


async def ended(home: Setup, why: CloseReason) -> None:
    """The camera looks away, and the journal says why."""
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    assert home.is_looking_away()
    found = last(home).ended
    assert found is not None
    assert found.reason is why


async def _turn_on(home: Setup, switch: str) -> None:
    await home.hass.services.async_call("switch", SERVICE_TURN_ON, {ATTR_ENTITY_ID: switch}, blocking=True)


async def _pause(home: Setup, _look: str) -> None:
    await _turn_on(home, PAUSE)


async def _privacy(home: Setup, _look: str) -> None:
    await _turn_on(home, PRIVACY)


async def _withdraw(home: Setup, _look: str) -> None:
    data = {"config_entry_id": home.entry.entry_id}
    await home.hass.services.async_call("trygghetskamera", "withdraw_consent", data, blocking=True)


async def _picture_lost(home: Setup, look: str) -> None:
    await home.bridge.send(frames.Session(look, "picture_lost"))


async def _operator_gone(home: Setup, look: str) -> None:
    await home.bridge.send(frames.Session(look, "operator_gone"))


async def _moved_by_hand(home: Setup, _look: str) -> None:
    home.camera.move_by_hand(Aim(0.5, 0.0, 0.0))
    await home.home.check_positions()


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        pytest.param(_pause, CloseReason.PAUSED, id="the home pauses"),
        pytest.param(_privacy, CloseReason.PRIVACY, id="the camera is made private"),
        pytest.param(_withdraw, CloseReason.CONSENT_WITHDRAWN, id="consent is withdrawn"),
        pytest.param(_picture_lost, CloseReason.PICTURE_LOST, id="the picture is lost"),
        pytest.param(_operator_gone, CloseReason.OPERATOR_GONE, id="the operator leaves"),
        pytest.param(_moved_by_hand, CloseReason.CAMERA_MOVED, id="somebody turns the camera"),
    ],
)
async def test_a_look_ends_at_once(
    home: Setup,
    look: tuple[Operator, Connected],
    happens: Callable[[Setup, str], Awaitable[None]],
    why: CloseReason,
) -> None:
    connected = look[1]
    await happens(home, connected.look)
    stop = await home.bridge.heard(frames.StopPicture)
    assert (stop.look, stop.reason) == (connected.look, why)
    await ended(home, why)
    assert (await home.bridge.receipt(connected.look)).reason is why


async def test_pause_works_while_the_network_is_gone(home: Setup, look: tuple[Operator, Connected]) -> None:
    await home.bridge.stop()
    await ended(home, CloseReason.LINK_LOST)
    await _turn_on(home, PAUSE)
    assert home.state(PAUSE) == "on"
    assert home.home.gate.paused
    # The receipt waits, and is signed when the bridge is back.
    assert home.home.journal.record is not None
    assert len(home.home.journal.record.waiting) == 1
    await home.bridge.start()
    receipt = await home.bridge.receipt(look[1].look)
    assert receipt.reason is CloseReason.LINK_LOST
    status = await home.bridge.heard(frames.HomeStatus)
    assert status.paused


async def test_the_link_is_lost_and_the_camera_looks_away(home: Setup, look: tuple[Operator, Connected]) -> None:
    await home.bridge.stop()
    await ended(home, CloseReason.LINK_LOST)


async def test_a_lease_that_is_not_held_ends_the_look(home: Setup, look: tuple[Operator, Connected]) -> None:
    home.bridge.holds_leases = False
    await ended(home, CloseReason.LEASE_LOST)


async def test_leases_are_renewed_each_second_and_keep_it_open(home: Setup, look: tuple[Operator, Connected]) -> None:
    second, third = [await home.bridge.heard(frames.Lease) for _ in range(2)]
    assert (second.counter, third.counter) == (2, 3)
    assert home.home.gate.place is Place.OPEN


async def test_somebody_elses_close_changes_nothing(home: Setup, look: tuple[Operator, Connected]) -> None:
    other = home.bridge.municipality.operator()
    await home.bridge.close_look(other, look[1].look)
    await home.bridge.heard(frames.Lease)
    assert home.home.gate.place is Place.OPEN


async def test_a_frame_that_is_none_ends_the_link_and_the_look(home: Setup, look: tuple[Operator, Connected]) -> None:
    class Nonsense(frames.Frame):
        TYPE = "nonsense"

        def encode(self) -> str:
            return '{"type":"nonsense"}'

    await home.bridge.send(Nonsense())
    await ended(home, CloseReason.LINK_LOST)


async def test_the_camera_is_gone_mid_look(home: Setup, look: tuple[Operator, Connected]) -> None:
    home.camera.start_reboot(0.2)
    await home.home.check_positions()
    stop = await home.bridge.heard(frames.StopPicture)
    assert stop.reason is CloseReason.CAMERA_MOVED
    # It comes back aimed at the room, and is sent away.
    await ended(home, CloseReason.CAMERA_MOVED)


async def test_a_close_that_comes_before_the_start_is_on_disk_still_gets_its_receipt(home: Setup) -> None:
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.bridge.close_look(operator, connected.look)
    receipt = await home.bridge.receipt(connected.look)
    assert receipt.opened_ms == receipt.closed_ms
    # What was never seen cannot have been found well.
    await ended(home, CloseReason.NOT_SEEN)


async def test_a_view_that_is_not_reached_never_opens(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.1)
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    home.camera.faults.motor = Motor.STUCK
    await home.bridge.send(home.bridge.click(operator, connected))
    stop = await home.bridge.heard(frames.StopPicture)
    assert stop.reason is CloseReason.MOVE_FAILED
    assert not home.bridge.has_heard(frames.Lease)
    home.camera.faults.motor = Motor.HEALTHY
    await ended(home, CloseReason.MOVE_FAILED)
    receipt = await home.bridge.receipt(connected.look)
    assert receipt.opened_ms == receipt.closed_ms


async def test_unload_ends_the_look_and_looks_away(home: Setup, look: tuple[Operator, Connected]) -> None:
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert home.is_looking_away()
    await home.hass.async_block_till_done()
    assert '"reason":"stopped"' in home.entry_journal()


async def test_home_assistant_stops_mid_look_and_the_camera_looks_away(
    home: Setup, look: tuple[Operator, Connected]
) -> None:
    await home.hass.async_stop(force=True)
    assert home.hass.state is CoreState.stopped
    assert home.is_looking_away()
    assert '"reason":"stopped"' in home.entry_journal()


async def test_a_camera_that_does_not_look_away_is_a_problem_until_it_does(
    home: Setup, look: tuple[Operator, Connected], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.05)
    home.camera.faults.motor = Motor.STUCK
    await home.bridge.close_look(*[look[0], look[1].look])
    await home.until_place(Place.FAULT)
    await home.hass.async_block_till_done()
    assert home.state("binary_sensor.bedroom_camera_problem") == "on"
    assert home.has_issue("cannot_look_away")
    assert (await home.bridge.heard(frames.HomeStatus, lambda one: bool(one.problem))).problem == "cannot_look_away"
    home.camera.faults.motor = Motor.HEALTHY
    await home.until_place(Place.CLOSED)
    assert not home.has_issue("cannot_look_away")
    assert home.state("binary_sensor.bedroom_camera_problem") == "off"


async def test_a_camera_turned_while_nobody_looks_is_turned_back(home: Setup) -> None:
    home.camera.move_by_hand(BED)
    await home.home.check_positions()
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()


async def test_a_camera_that_does_not_look_away_is_cut_off(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.05)
    cut = async_mock_service(home.hass, "homeassistant", "turn_off")
    (subentry,) = home.entry.subentries.values()
    home.hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "power_switch": "switch.plug"}
    )
    await home.hass.async_block_till_done()
    await home.until_place(Place.CLOSED)
    home.camera.faults.motor = Motor.STUCK
    home.camera.move_by_hand(BED)
    await home.home.check_positions()
    await home.until_place(Place.FAULT)
    await home.hass.async_block_till_done()
    assert [call.data for call in cut] == [{"entity_id": "switch.plug"}]
    home.camera.faults.motor = Motor.HEALTHY
    await home.until_place(Place.CLOSED)
    await home.until(lambda: home.home.link.is_connected)
