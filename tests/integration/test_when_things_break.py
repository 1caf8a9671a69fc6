"""Faults in the home's own machinery: clock, disk, entities, link and camera library. None leaves a camera open."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import NoReturn

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera import coordinator, memory, signing
from custom_components.trygghetskamera.camera_control import OnvifCamera
from custom_components.trygghetskamera.journal_store import Journal, JournalError
from custom_components.trygghetskamera.tillsyn import frames, gate_rules
from custom_components.trygghetskamera.tillsyn import gate_values as g
from custom_components.trygghetskamera.tillsyn.entries import LookEnded, Pause
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place, Target
from custom_components.trygghetskamera.tillsyn.journal import replay
from virtual_camera import BED, VirtualCamera

from .home import PAUSE, Setup, set_up
from .peers import Connected, Operator, ScriptedBridge


async def open_look(home: Setup) -> tuple[Operator, Connected]:
    """A look in progress."""
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    return operator, connected


def last_end(home: Setup) -> LookEnded:
    """How the last look ended, by the file."""
    found = replay(home.entry_journal().encode()).past[-1].ended
    assert found is not None
    return found


@pytest.fixture
async def home_without_ticks(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    bridge: ScriptedBridge,
    camera: VirtualCamera,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Setup]:
    """A home whose tick each second never comes."""

    async def _never(_home: coordinator.Home) -> None:
        return

    monkeypatch.setattr(coordinator.Home, "_tick", _never)
    yield await set_up(hass, entry, bridge, camera)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_look_ends_when_its_time_is_out_and_not_at_the_next_tick(
    home_without_ticks: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_without_ticks
    monkeypatch.setattr(gate_rules, "seconds_left", lambda *_: 1)
    await open_look(home)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    end = last_end(home)
    assert end.reason is CloseReason.WINDOW_ENDED
    assert 1000 <= end.closed_ms - end.opened_ms < 1300


async def test_a_reload_during_a_slow_write_leaves_one_whole_journal(
    home: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_look(home)
    room, real = threading.Event(), Journal._append

    def slow(journal: Journal, line: bytes) -> None:
        room.wait(5)
        real(journal, line)

    monkeypatch.setattr(Journal, "_append", slow)
    old = home.home
    reload = home.hass.async_create_task(home.hass.config_entries.async_reload(home.entry.entry_id))
    async with asyncio.timeout(5):
        await old._closed.wait()
    await asyncio.wait([reload], timeout=0.25)
    room.set()
    assert await reload
    assert last_end(home).reason is CloseReason.STOPPED
    await home.pause(True, by="u")
    assert replay(home.entry_journal().encode()).is_paused(0)
    with pytest.raises(JournalError):
        await old.journal.add(Pause(False, "u"))
    await home.hass.async_block_till_done()
    assert not home.has_issue("journal_failed")


async def test_pausing_while_the_journal_is_being_read_is_not_forgotten(
    home: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, real = threading.Event(), Journal._load

    def slow(journal: Journal) -> None:
        room.wait(5)
        real(journal)

    home.home.journal.record = None  # as after a start when the disk was away
    home.home.memory._failed()
    monkeypatch.setattr(Journal, "_load", slow)
    opening = home.hass.async_create_task(home.home.memory.open())
    await asyncio.sleep(0)
    pausing = home.hass.async_create_task(
        home.hass.services.async_call("switch", "turn_on", {"entity_id": PAUSE}, blocking=True)
    )
    await home.until(lambda: home.home.gate.paused)
    room.set()
    await opening
    await pausing
    assert home.home.gate.journal
    assert home.home.gate.paused
    assert replay(home.entry_journal().encode()).is_paused(0)


async def test_a_journal_that_opens_slowly_is_opened_once(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or what waits to be written could be counted as written twice, and the entry after it lost."""
    entries = [Pause(True, "u"), Pause(False, "u"), Pause(True, "v")]
    home.home.memory._failed()
    home.home.memory._unwritten.extend(map(home.home.memory._hear, entries))
    await asyncio.gather(home.home.memory.open(), home.home.memory.open())
    assert [line.count('"kind":"pause"') for line in home.entry_journal().splitlines()[-3:]] == [1, 1, 1]
    assert home.home.gate.paused


async def test_an_entity_that_fails_stops_neither_clock_nor_link(home: Setup) -> None:
    def fails() -> NoReturn:
        raise ValueError("no such state")

    stop = home.home.listen(fails)
    await home.bridge.stop()
    await home.until(lambda: not home.home.connection.is_up)
    await home.bridge.start()
    await home.until(lambda: home.home.link.is_connected)
    await open_look(home)
    await home.bridge.heard(frames.Lease, lambda one: one.counter >= 3)
    home.home.feed(g.PauseChanged(True))
    await home.until_place(Place.CLOSED)
    stop()


async def test_a_receipt_that_was_not_signed_is_signed_later_without_a_new_link(
    home: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "SIGN_SECONDS", 0.05)
    monkeypatch.setattr(memory, "SIGN_AGAIN_SECONDS", 0.1)
    operator, connected = await open_look(home)
    home.bridge.signs = False
    await home.bridge.close_look(operator, connected.look)
    await home.bridge.heard(frames.Sign, lambda one: one.typ == "tk-receipt")
    home.bridge.signs = True
    assert (await home.bridge.receipt(connected.look)).reason is CloseReason.SEEN


async def test_a_bridge_that_says_it_has_stopped_ends_the_look_at_once(home: Setup) -> None:
    _, connected = await open_look(home)
    await home.bridge.send(frames.Stopped(connected.look, 10, 1))
    assert (await home.bridge.heard(frames.StopPicture)).reason is CloseReason.LEASE_LOST
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()


async def test_a_link_that_takes_no_more_frames_is_ended_and_not_trusted(home: Setup) -> None:
    _, connected = await open_look(home)
    for number in range(150):
        home.home.send(frames.Lease(connected.look, "camera", 100 + number, 3000))
    assert not home.home.connection.is_up
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    assert last_end(home).reason is CloseReason.LINK_LOST
    await home.until(lambda: home.home.link.is_connected)


async def test_a_move_that_fails_unforeseen_is_tried_again_at_once(
    home: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator, connected = await open_look(home)
    real, failed = OnvifCamera.move, []

    async def fails_once(camera: OnvifCamera, target: Target, attempt: int) -> None:
        if not failed:
            failed.append(target)
            raise RuntimeError("the library has a fault")
        await real(camera, target, attempt)

    monkeypatch.setattr(OnvifCamera, "move", fails_once)
    await home.bridge.close_look(operator, connected.look)
    async with asyncio.timeout(3):
        await home.until_place(Place.CLOSED)
    assert failed == [Target.PRIVACY]
    assert home.is_looking_away()


async def test_a_gate_that_fails_stops_the_picture_and_looks_away(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    _, connected = await open_look(home)

    def fails(*_: object) -> NoReturn:
        raise KeyError("a fault in the rules")

    with monkeypatch.context() as broken:
        broken.setattr(coordinator, "step", fails)
        home.home.feed(g.Tick())
        stop = await home.bridge.heard(frames.StopPicture)
    assert (stop.look, stop.reason) == (connected.look, CloseReason.UNEXPECTED)
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()


@pytest.mark.parametrize("what", ["async_serve_dashboard", "async_offer_dashboard"])
async def test_a_dashboard_that_fails_does_not_keep_the_camera_from_looking_away(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    bridge: ScriptedBridge,
    camera: VirtualCamera,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    async def fails(*_: object) -> NoReturn:
        raise RuntimeError("no pages here")

    monkeypatch.setattr(f"custom_components.trygghetskamera.{what}", fails)
    camera.move_by_hand(BED)
    assert await hass.config_entries.async_setup(entry.entry_id)
    setup = Setup(hass, entry, bridge, camera)
    await setup.until_place(Place.CLOSED)
    assert setup.is_looking_away()
    await hass.config_entries.async_unload(entry.entry_id)
