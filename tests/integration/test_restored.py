"""A backup of Home Assistant that is put back: the journal in it is whole, and what it lacks opens nothing."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import Context
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.trygghetskamera import journal_store
from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.identity import digest

from .home import PAUSE, Setup
from .test_log import get_log, look


def files(home: Setup) -> list[Path]:
    """All that the home keeps in Home Assistant's folder, as a backup has it."""
    path = journal_path(home.hass, home.entry.entry_id)
    return sorted(path.parent.glob(f"{path.stem}.*"))


def backup(home: Setup) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in files(home)}


async def told(home: Setup) -> None:
    """The bridge knows how far the journal has come."""
    home.home.restored.tick()
    record = home.home.journal.record
    assert record is not None
    await home.bridge.heard(frames.Reached, lambda one: (one.lines, one.last) == (record.lines, record.last))


async def put_back(home: Setup, kept: dict[Path, bytes]) -> None:
    """Home Assistant stops, its folder is what it was, and it starts again."""
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    for path in files(home):
        path.unlink()
    for path, content in kept.items():
        path.write_bytes(content)
    await start(home)


async def start(home: Setup) -> None:
    home.bridge.received.clear()
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.until(lambda: home.home.link.is_connected)
    await home.hass.async_block_till_done()
    await home.until_place(Place.CLOSED)
    home.home.restored.tick()


async def resume(home: Setup, user: MockUser) -> None:
    context = Context(user_id=user.id)
    await home.hass.services.async_call("switch", "turn_off", {"entity_id": PAUSE}, blocking=True, context=context)
    home.home.restored.tick()


async def test_a_restart_is_no_restore(home: Setup) -> None:
    await told(home)
    await home.home.memory.add(e.GoOn("u"))
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    await start(home)
    assert (home.state(PAUSE), home.has_issue("journal_restored")) == ("off", False)
    await told(home)


async def test_a_backup_that_lacks_nothing_is_no_older_journal(home: Setup) -> None:
    await told(home)
    await put_back(home, backup(home))
    assert (home.state(PAUSE), home.has_issue("journal_restored")) == ("off", False)


async def test_an_older_journal_is_read_and_the_home_is_paused_until_a_person_has_looked_it_over(
    home: Setup, hass_admin_user: MockUser
) -> None:
    kept = backup(home)
    await look(home)
    await told(home)
    await put_back(home, kept)
    assert home.home.gate.journal
    assert (home.state(PAUSE), home.has_issue("journal_restored")) == ("on", True)
    assert (await get_log(home))[0]["text"].startswith("A backup was put back")
    await home.bridge.ask(home.bridge.municipality.operator(), home.occurrence)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.PAUSED

    # It is still so after another start, though the bridge has by then seen the older one.
    await told(home)
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    await start(home)
    assert (home.state(PAUSE), home.has_issue("journal_restored")) == ("on", True)

    await resume(home, hass_admin_user)
    assert (home.state(PAUSE), home.has_issue("journal_restored")) == ("off", False)
    # Nobody knows any more whether somebody has looked in this window.
    await home.bridge.ask(home.bridge.municipality.operator(), home.occurrence)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.BUDGET_USED


async def test_consent_that_was_withdrawn_since_opens_nothing_by_itself(home: Setup) -> None:
    kept = backup(home)
    await home.home.memory.away(e.ConsentWithdrawn("", "u"))
    await told(home)
    await put_back(home, kept)
    assert home.home.gate.consent
    assert home.home.gate.paused


async def test_an_older_plan_than_the_newest_that_was_accepted_does_not_come_back(
    home: Setup, hass_admin_user: MockUser
) -> None:
    town = home.bridge.municipality
    kept, old = backup(home), town.plan(2, look_seconds=40)
    newest = town.plan(3, look_seconds=50)
    for number, plan in ((2, old), (3, newest)):
        await home.bridge.send(plan)
        await home.until(lambda: home.home.plans.waiting is not None)
        await home.home.plans.answer(number, accepted=number == 3, by="admin")
    await told(home)
    assert (home.bridge.reached.shown_plan, home.bridge.reached.agreed_plan) == (3, 3)
    await put_back(home, kept)
    await told(home)
    await resume(home, hass_admin_user)
    # The first plan is what the backup holds; the second was seen and replaced.
    await home.bridge.ask(town.operator(), home.occurrence)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.NO_PLAN
    await home.bridge.send(old)
    await home.bridge.ask(town.operator(), home.occurrence)
    await home.bridge.heard(frames.Refuse)
    assert home.home.plans.waiting is None

    # Nor after yet another restore.
    await put_back(home, kept)
    await told(home)
    await resume(home, hass_admin_user)
    assert home.home.gate.plan is None
    await home.bridge.send(newest)
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(3, accepted=True, by="admin")
    assert home.home.gate.plan is not None
    assert home.home.gate.plan.number == 3


async def test_revoked_keys_and_policy_do_not_go_back(home: Setup, hass_admin_user: MockUser) -> None:
    kept, town = backup(home), home.bridge.municipality
    leaver = town.operator()
    home.bridge.said = [town.policy(2, look_seconds=20, browser_keys=False), town.revocations(leaver.key.public.kid)]
    for one in home.bridge.said:
        await home.bridge.send(one)
    await home.until(lambda: home.home.trust.revoked == {leaver.key.public.kid})
    await told(home)
    await put_back(home, kept)
    await resume(home, hass_admin_user)
    known = home.home.trust
    assert (known.policy.number, known.policy.look_seconds, known.policy.browser_keys) == (2, 20, False)
    assert known.revoked == {leaver.key.public.kid}
    # What the municipality's service says again is older.
    await home.bridge.send(town.policy())
    await home.bridge.ask(leaver, home.occurrence)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.BROWSER_KEY_NOT_ALLOWED
    assert home.home.trust.policy.number == 2


async def test_a_journal_that_went_another_way_shows_too(home: Setup) -> None:
    kept = backup(home)
    await home.home.memory.add(e.GoOn("one"))
    await told(home)
    seen = home.bridge.reached
    await home.bridge.stop()
    await put_back_without_the_bridge(home, kept)
    for who in ("two", "three", "four"):
        await home.home.memory.add(e.GoOn(who))
    assert home.home.journal.record is not None
    assert home.home.journal.record.lines > seen.lines
    await home.bridge.start()
    await home.until(lambda: home.home.link.is_connected)
    await home.hass.async_block_till_done()
    assert home.state(PAUSE) == "on"


async def put_back_without_the_bridge(home: Setup, kept: dict[Path, bytes]) -> None:
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    for path, content in kept.items():
        path.write_bytes(content)
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.hass.async_block_till_done()


async def test_another_home_at_the_same_bridge_is_no_older_journal(home: Setup) -> None:
    home.bridge.reached = frames.Reached("another", 10_000, digest("another"))
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    await start(home)
    assert home.state(PAUSE) == "off"
    await told(home)
    assert home.bridge.reached.home == home.entry.entry_id


async def test_the_bridge_forgets_nothing_before_the_pause_is_on_disk(
    home: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = backup(home)
    await home.home.memory.add(e.GoOn("u"))
    await told(home)
    seen = home.bridge.reached
    real: Any = os.fsync

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(journal_store.os, "fsync", full)
    await put_back(home, kept)
    assert home.home.gate.paused
    # What has been sent before the answer has come before it.
    await home.bridge.ask(home.bridge.municipality.operator(), home.occurrence)
    await home.bridge.heard(frames.Refuse)
    assert home.bridge.reached == seen
    monkeypatch.setattr(journal_store.os, "fsync", real)
    await home.home.memory.open()
    await told(home)
    assert home.state(PAUSE) == "on"
    assert home.home.journal.record is not None
    assert home.home.journal.record.is_restored


async def test_a_journal_that_is_read_late_is_compared_then(home: Setup) -> None:
    kept = backup(home)
    await home.home.memory.add(e.GoOn("u"))
    await told(home)
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    path = journal_path(home.hass, home.entry.entry_id)
    path.unlink()
    path.mkdir()
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.until(lambda: home.home.link.is_connected)
    assert home.home.journal.record is None
    home.home.restored.tick()
    path.rmdir()
    path.write_bytes(kept[path])
    await home.home.memory.open()
    assert home.home.gate.paused
    await home.hass.async_block_till_done()
    assert home.state(PAUSE) == "on"
