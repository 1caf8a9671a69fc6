"""The log is kept as long as the plan says and then purged; whatever happens meanwhile, there is one whole journal."""

import asyncio
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.trygghetskamera import journal_store
from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.journal_store import Journal, JournalError
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn.errors import CloseReason, Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.journal import replay
from custom_components.trygghetskamera.tillsyn.model import Role
from custom_components.trygghetskamera.tillsyn.record import Record

from .home import PAUSE, Setup
from .peers import closed_window, random_id
from .test_log import look

MIDDAY = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
"""The hour is that of the clock at home."""
LATER = "9" * 13


class PowerCut(BaseException):
    """Nothing more happens."""


@pytest.fixture
async def journal(hass: HomeAssistant, tmp_path: Path) -> Journal:
    """A journal in which a look is over, and consent and a pause hold."""
    found = Journal(tmp_path / "folder" / "a.journal", hass.async_add_executor_job)
    await found.load()
    who = random_id()
    for entry in (
        e.Consent(True, "u"),
        e.AimingStarted("u"),
        e.AimingEnded(CloseReason.AIMING_ENDED),
        e.LookRefused("Nilla Natt", Refusal.BUSY),
        e.Pause(True, "u"),
        e.LookRefused(who[:20], Refusal.BUSY),
    ):
        await found.add(entry)
    return found


def agreed(record: Record) -> tuple[Any, ...]:
    return record.lines, record.last, record.consent, record.is_paused(0), record.head


def again(hass: HomeAssistant, journal: Journal) -> Journal:
    """The same file after a restart."""
    return Journal(journal.path, hass.async_add_executor_job)


async def test_what_is_too_old_is_gone_and_all_that_is_agreed_holds(hass: HomeAssistant, journal: Journal) -> None:
    assert journal.record is not None
    before = agreed(journal.record)
    assert await journal.purge(int(LATER))
    assert "Nilla" not in journal.path.read_text()
    assert agreed(journal.record) == before
    assert journal.record == replay(journal.path.read_bytes())
    assert journal.path.stat().st_mode & 0o077 == 0
    assert not await journal.purge(0)
    await journal.add(e.Pause(False, "u"))
    assert journal.record == await again(hass, journal).load()


async def test_nothing_that_is_new_is_touched(journal: Journal) -> None:
    inode = journal.path.stat().st_ino
    assert not await journal.purge(0)
    assert journal.path.stat().st_ino == inode


async def test_what_is_written_meanwhile_waits_and_is_kept(hass: HomeAssistant, journal: Journal) -> None:
    purging, adding = journal.purge(int(LATER)), journal.add(e.GoOn("meanwhile"))
    await asyncio.gather(purging, adding)
    assert "meanwhile" in journal.path.read_text()
    assert "Nilla" not in journal.path.read_text()
    assert journal.record == await again(hass, journal).load()


async def test_somebody_who_reads_meanwhile_reads_on_in_the_old_one(journal: Journal) -> None:
    snapshot = await journal.snapshot()
    await journal.purge(int(LATER))
    assert b"Nilla" in b"".join(snapshot.lines())
    snapshot.close()


async def test_a_file_that_is_another_than_was_read_is_left_alone(hass: HomeAssistant, journal: Journal) -> None:
    whole = journal.path.read_bytes()
    for changed in (whole[:-1], whole.replace(b"Nilla", b"Malla")):
        journal.path.write_bytes(changed)
        with pytest.raises(JournalError):
            await journal.purge(int(LATER))
        assert journal.path.read_bytes() == changed
    await journal.close()
    with pytest.raises(JournalError):
        await journal.purge(int(LATER))


# ---- at any point ---------------------------------------------------------------------------------------------------

STEPS = ("open", "write", "fsync", "replace", "open the folder", "fsync the folder")


@pytest.fixture
def stop_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, type[BaseException]], None]]:
    """Lets the next purge go no further than before this step."""
    real_open, real_fsync, real_replace, real_fdopen = os.open, os.fsync, Path.replace, os.fdopen

    def set_up(step: str, error: type[BaseException]) -> None:
        folders = set[int]()

        def may(name: str) -> None:
            if name == step:
                raise error

        def fake_open(path: Any, flags: int, mode: int = 0o777) -> int:
            is_folder = Path(path).is_dir()
            may("open the folder" if is_folder else "open")
            found = real_open(path, flags, mode)
            if is_folder:
                folders.add(found)
            return found

        def fake_fsync(file: int) -> None:
            may("fsync the folder" if file in folders else "fsync")
            real_fsync(file)

        def fake_fdopen(*arguments: Any) -> Any:
            file = real_fdopen(*arguments)
            if step == "write":
                file.write(b'{"summary":{"half')
                file.flush()
            may("write")
            return file

        def fake_replace(path: Path, target: Path) -> Path:
            may("replace")
            return real_replace(path, target)

        monkeypatch.setattr(journal_store.os, "open", fake_open)
        monkeypatch.setattr(journal_store.os, "fsync", fake_fsync)
        monkeypatch.setattr(journal_store.os, "fdopen", fake_fdopen)
        monkeypatch.setattr(Path, "replace", fake_replace)

    yield set_up
    monkeypatch.undo()


@pytest.mark.parametrize("step", STEPS)
async def test_a_power_cut_leaves_one_whole_journal(
    hass: HomeAssistant,
    journal: Journal,
    stop_at: Callable[[str, type[BaseException]], None],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    assert journal.record is not None
    before, whole = agreed(journal.record), journal.path.read_bytes()
    journal._is_placed = True
    stop_at(step, PowerCut)
    with pytest.raises(PowerCut):
        journal._leave_out(int(LATER))
    monkeypatch.undo()
    after = again(hass, journal)
    assert agreed(await after.load()) == before
    is_old = journal.path.read_bytes() == whole
    assert is_old is (step not in STEPS[4:])
    assert sorted(path.name for path in journal.path.parent.iterdir()) == ["a.journal"]
    await after.add(e.GoOn("u"))
    assert await after.purge(int(LATER))
    assert after.record == await again(hass, journal).load()


@pytest.mark.parametrize("step", STEPS)
async def test_a_disk_that_refuses_leaves_one_whole_journal_to_write_on(
    hass: HomeAssistant,
    journal: Journal,
    stop_at: Callable[[str, type[BaseException]], None],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    assert journal.record is not None
    before = agreed(journal.record)
    stop_at(step, OSError)
    if step in STEPS[4:]:
        assert await journal.purge(int(LATER))
        # A folder that may be another after a power cut is nothing to build on.
        with pytest.raises(JournalError):
            await journal.add(e.GoOn("u"))
    else:
        with pytest.raises(JournalError):
            await journal.purge(int(LATER))
    assert agreed(journal.record) == before
    monkeypatch.undo()
    await journal.add(e.GoOn("u"))
    assert journal.record == await again(hass, journal).load()


# ---- when -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Turns the clock that says when to purge."""

    def turn(local: datetime) -> None:
        moment = local.replace(tzinfo=dt_util.get_default_time_zone())
        monkeypatch.setattr("custom_components.trygghetskamera.purging.dt_util.now", lambda: moment)

    turn(MIDDAY - timedelta(hours=1))
    return turn


async def accept(home: Setup, **changes: Any) -> None:
    """Another plan holds, whose window is not open."""
    await home.bridge.send(home.bridge.municipality.plan(2, (closed_window(),), **changes))
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(2, accepted=True, by="admin")


def grow_old(home: Setup, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """So many days pass for the home."""
    monkeypatch.setattr(
        "custom_components.trygghetskamera.purging.milliseconds",
        lambda instant: int((instant.wall + timedelta(days=days)).timestamp() * 1000),
    )


@pytest.mark.parametrize(
    ("days", "is_kept"), [(29, True), (31, False)], ids=["not as old as the plan says", "older than the plan says"]
)
async def test_the_plan_says_how_long_it_is_kept(
    home: Setup, at: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch, days: int, is_kept: bool
) -> None:
    await look(home)
    await accept(home, keep_days=30)
    grow_old(home, monkeypatch, days)
    home.home.purging.tick()
    await home.hass.async_block_till_done()
    assert "Alva Natt" in home.entry_journal()
    at(MIDDAY)
    home.home.purging.tick()
    await home.hass.async_block_till_done()
    assert ('"Alva Natt"' in home.entry_journal()) is is_kept
    assert home.home.journal.record == replay(home.entry_journal().encode())
    assert (home.home.gate.consent, home.home.gate.plan is not None) == (True, True)
    # The chain of receipts goes on from where it was.
    assert home.home.journal.record.head.sequence == 1


async def test_it_waits_until_no_look_is_near(
    home: Setup, at: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.purging.QUIET_SECONDS", 0.0)
    grow_old(home, monkeypatch, 400)
    at(MIDDAY)
    home.home.purging.tick()
    await home.hass.async_block_till_done()
    assert '"summary"' not in home.entry_journal()
    await accept(home)
    home.home.purging.tick()
    await home.hass.async_block_till_done()
    assert home.entry_journal().startswith('{"summary"')


async def test_it_waits_until_nobody_looks_or_aims(
    home: Setup, at: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    grow_old(home, monkeypatch, 400)
    operator = home.bridge.municipality.operator(role=Role.OPERATOR)
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    monkeypatch.setattr("custom_components.trygghetskamera.purging.is_look_near", lambda *_: False)
    at(MIDDAY)
    home.home.purging.tick()
    await home.hass.async_block_till_done()
    assert '"summary"' not in home.entry_journal()


async def test_it_is_done_once_a_day_and_tried_again_where_it_could_not_be(
    home: Setup, at: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    grow_old(home, monkeypatch, 400)
    await accept(home)
    at(MIDDAY)
    path = journal_path(home.hass, home.entry.entry_id)
    path.with_suffix(".new").mkdir()
    monkeypatch.setattr("custom_components.trygghetskamera.purging.AGAIN_SECONDS", 0.0)
    home.home.purging.tick()
    await home.hass.async_block_till_done()
    assert "could not be removed" in caplog.text
    path.with_suffix(".new").rmdir()
    home.home.purging.tick()
    await home.hass.async_block_till_done()
    first = home.entry_journal()
    assert first.startswith('{"summary"')
    await home.hass.services.async_call("switch", "turn_on", {"entity_id": PAUSE}, blocking=True)
    home.home.purging.tick()
    await home.hass.async_block_till_done()
    assert home.entry_journal().startswith(first)
    at(MIDDAY + timedelta(days=1))
    home.home.purging.tick()
    await home.hass.async_block_till_done()
    assert home.entry_journal().count("\n") == 1
    assert home.state(PAUSE) == "on"


async def test_a_home_without_a_journal_has_nothing_to_purge(home: Setup, at: Callable[[datetime], None]) -> None:
    at(MIDDAY)
    home.home.journal.record = None
    home.home.purging.tick()
    await home.hass.async_block_till_done()
