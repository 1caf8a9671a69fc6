"""Without a journal nothing opens, and nothing that has happened is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.journal_store import Journal, JournalError
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.entries import Consent, Pause
from custom_components.trygghetskamera.tillsyn.errors import CloseReason, Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Event, LookRequested, PauseChanged, Place
from custom_components.trygghetskamera.tillsyn.journal import replay
from virtual_camera import VirtualCamera

from .home import PAUSE, Setup
from .peers import ScriptedBridge


async def test_a_look_is_refused_while_the_disk_is_full(home: Setup, disk: Callable[[bool], None]) -> None:
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    moves = home.moves
    disk(True)
    await home.bridge.send(home.bridge.click(operator, connected))
    refuse = await home.bridge.heard(frames.Refuse)
    assert refuse.code is Refusal.JOURNAL_FAILED
    assert not home.bridge.has_heard(frames.Lease, frames.Warm)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    assert home.has_issue("journal_failed")
    assert home.state("binary_sensor.bedroom_camera_problem") == "on"
    assert home.moves == moves + 1  # sent to look away, to be sure

    disk(False)
    await home.home.memory.open()
    assert not home.has_issue("journal_failed")
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)


async def test_the_end_of_a_look_is_written_when_the_disk_has_room_again(
    home: Setup, disk: Callable[[bool], None]
) -> None:
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    disk(True)
    await home.bridge.close_look(operator, connected.look)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    assert home.has_issue("journal_failed")
    # Pause works even now, and is not forgotten.
    await home.pause(True, by="u")
    assert home.home.gate.paused

    disk(False)
    await home.home.memory.open()
    receipt = await home.bridge.receipt(connected.look)
    assert receipt.reason is CloseReason.SEEN
    record = replay(home.entry_journal().encode())
    assert record.is_paused(0)
    assert record.past[-1].ended is not None


async def test_a_look_whose_start_could_not_be_written_has_no_end_either(
    home: Setup, disk: Callable[[bool], None]
) -> None:
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    disk(True)
    feed = home.home.feed
    seen: list[Event] = []

    def pause_meanwhile(event: Event, camera: str | None = None) -> None:
        """The home pauses while the start is still being written."""
        feed(event, camera)
        if isinstance(event, LookRequested):
            seen.append(event)
            feed(PauseChanged(paused=True))

    home.home.feed = pause_meanwhile  # type: ignore[method-assign]
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.bridge.heard(frames.StopPicture)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    assert seen
    disk(False)
    await home.home.memory.open()
    record = replay(home.entry_journal().encode())
    assert record.past == ()
    assert not home.has_issue("journal_failed")


async def test_pause_cannot_be_ended_while_the_disk_is_full(home: Setup, disk: Callable[[bool], None]) -> None:
    await home.pause(True, by="u")
    disk(True)
    with pytest.raises(JournalError):
        await home.pause(False, by="u")
    assert home.home.gate.paused
    disk(False)


async def test_a_pause_on_a_full_disk_outlives_a_restart(home: Setup, disk: Callable[[bool], None]) -> None:
    disk(True)
    await home.pause(True, by="u")
    assert home.home.gate.paused
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    disk(False)
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.hass.async_block_till_done()
    assert home.home.gate.paused
    assert home.state(PAUSE) == "on"
    await home.pause(False, by="u")
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_block_till_done()
    assert not home.home.gate.paused


async def test_somebody_who_pauses_while_another_resumes_is_heard(home: Setup) -> None:
    await home.pause(True, by="u")
    resume = home.hass.async_create_task(home.pause(False, by="u"))
    await home.pause(True, by="v")
    await resume
    assert home.home.gate.paused
    assert home.home.journal.record is not None
    assert home.home.journal.record.is_paused(0)


@pytest.mark.parametrize("damage", [b"hello\n", b'{"n":1}\n', b"\x00" * 50 + b"\n"])
async def test_a_corrupt_journal_is_left_alone_and_opens_nothing(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    entry: MockConfigEntry,
    bridge: ScriptedBridge,
    camera: VirtualCamera,
    damage: bytes,
) -> None:
    path = journal_path(hass, entry.entry_id)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(damage)
    assert await hass.config_entries.async_setup(entry.entry_id)
    setup = Setup(hass, entry, bridge, camera)
    await setup.until_place(Place.CLOSED)
    assert setup.is_looking_away()
    assert setup.has_issue("journal_corrupt")
    await bridge.heard(frames.HomeStatus, lambda one: one.problem == "journal_failed" and not one.ready)
    moves = setup.moves
    await bridge.ask(bridge.municipality.operator(), setup.occurrence)
    assert (await bridge.heard(frames.Refuse)).code in (Refusal.NO_PLAN, Refusal.JOURNAL_FAILED)
    assert setup.moves == moves
    # Pausing is always possible; resuming is not.
    await hass.services.async_call("switch", "turn_on", {"entity_id": PAUSE}, blocking=True)
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            "switch", "turn_off", {"entity_id": PAUSE}, blocking=True, context=Context(user_id=hass_admin_user.id)
        )
    assert path.read_bytes() == damage
    await hass.config_entries.async_unload(entry.entry_id)


# ---- the file ---------------------------------------------------------------------------------------------------


@pytest.fixture
def journal(hass: HomeAssistant, tmp_path: Path) -> Journal:
    return Journal(tmp_path / "folder" / "a.journal", hass.async_add_executor_job)


async def test_a_torn_last_line_is_cut_off(hass: HomeAssistant, journal: Journal) -> None:
    await journal.load()
    await journal.add(Consent(True, "u"))
    with journal.path.open("ab") as file:
        file.write(b'{"n":2,"prev":"')
    again = Journal(journal.path, hass.async_add_executor_job)
    assert (await again.load()).consent
    await again.add(Pause(True, "u"))
    assert replay(journal.path.read_bytes()).is_paused(0)
    assert journal.path.read_bytes().count(b"\n") == 2


async def test_a_failed_write_leaves_no_trace(journal: Journal, disk: Callable[[bool], None]) -> None:
    await journal.load()
    await journal.add(Consent(True, "u"))
    disk(True)
    with pytest.raises(JournalError):
        await journal.add(Consent(False, "u"))
    disk(False)
    await journal.add(Pause(True, "u"))
    record = replay(journal.path.read_bytes())
    assert (record.consent, record.is_paused(0), record.lines) == (True, True, 2)


async def test_a_journal_that_has_been_cut_is_not_written_to(journal: Journal) -> None:
    await journal.load()
    await journal.add(Consent(True, "u"))
    journal.path.write_bytes(b"")
    with pytest.raises(JournalError):
        await journal.add(Pause(True, "u"))


async def test_it_is_for_its_owner_only(journal: Journal) -> None:
    await journal.load()
    await journal.add(Consent(True, "u"))
    assert journal.path.stat().st_mode & 0o077 == 0


async def test_what_is_no_file_cannot_be_read(journal: Journal) -> None:
    journal.path.mkdir(parents=True)
    with pytest.raises(JournalError):
        await journal.load()
    assert not journal.is_corrupt
