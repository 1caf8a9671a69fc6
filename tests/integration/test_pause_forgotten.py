"""A pause that may have been forgotten is asked about. Whatever is answered, or not, it is never ended silently."""

import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.tillsyn.entries import Entry, Pause, PauseShortened
from custom_components.trygghetskamera.tillsyn.journal import apply, encode
from custom_components.trygghetskamera.tillsyn.record import Record
from custom_components.trygghetskamera.tillsyn.schedule import STOCKHOLM
from virtual_camera import VirtualCamera

from .home import PAUSE, Setup, set_up
from .peers import ScriptedBridge

DAY = 86_400_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def home_with(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    bridge: ScriptedBridge,
    camera: VirtualCamera,
    *entries: tuple[int, Entry],
) -> Setup:
    """A home in which this happened, so many milliseconds ago."""
    path, record, now = journal_path(hass, entry.entry_id), Record(), now_ms()
    path.parent.mkdir(exist_ok=True)
    lines = []
    for ago, one in entries:
        line = encode(record, one, now - ago)
        record = apply(record, line[:-1])
        lines.append(line)
    path.write_bytes(b"".join(lines))
    path.with_suffix(".settled").touch()
    return await set_up(hass, entry, bridge, camera)


@pytest.fixture
async def paused(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera
) -> AsyncIterator[Setup]:
    """A home that was paused four days ago."""
    yield await home_with(hass, entry, bridge, camera, (4 * DAY, Pause(True, "anna")))
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


async def asked(home: Setup) -> bool:
    """Whether the question is there, once time has passed."""
    home.home.pauses.tick()
    return home.has_issue("pause_forgotten")


async def dialog(home: Setup, hass_client: ClientSessionGenerator) -> tuple[Any, dict[str, Any]]:
    """The question as an administrator opens it."""
    await home.until(lambda: home.has_issue("pause_forgotten"))
    assert await async_setup_component(home.hass, "repairs", {})
    client = await hass_client()
    issue = f"pause_forgotten_{home.entry.entry_id}"
    answer = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue})
    return client, await answer.json()


async def choose(client: Any, flow: dict[str, Any], option: str) -> dict[str, Any]:
    answer = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={"next_step_id": option})
    return await answer.json()  # type: ignore[no-any-return]


async def test_a_pause_of_four_days_is_asked_about_and_goes_on(
    paused: Setup, hass_client: ClientSessionGenerator
) -> None:
    _, flow = await dialog(paused, hass_client)
    since = (datetime.now(UTC) - timedelta(days=4)).astimezone(STOCKHOLM).date().isoformat()
    assert (flow["type"], flow["menu_options"]) == ("menu", ["still", "resume"])
    assert flow["description_placeholders"] == {"since": since}
    assert paused.home.gate.paused
    assert paused.state(PAUSE) == "on"


async def test_still_is_written_and_asked_again_only_later(
    paused: Setup, hass_client: ClientSessionGenerator, clock: Callable[[str], datetime]
) -> None:
    client, flow = await dialog(paused, hass_client)
    assert (await choose(client, flow, "still"))["type"] == "create_entry"
    assert not paused.has_issue("pause_forgotten")
    assert paused.home.gate.paused
    last = paused.entry_journal().splitlines()[-1]
    assert '"kind":"pause"' in last
    assert '"by":""' not in last

    assert await paused.hass.config_entries.async_reload(paused.entry.entry_id)
    assert not await asked(paused)
    assert paused.home.gate.paused
    clock((datetime.now(UTC) + timedelta(days=2, hours=23)).isoformat())
    assert not await asked(paused)
    clock((datetime.now(UTC) + timedelta(days=3, minutes=1)).isoformat())
    assert await asked(paused)
    assert paused.home.gate.paused


async def test_it_is_ended_by_an_answer(
    paused: Setup, hass_client: ClientSessionGenerator, hass_admin_user: MockUser
) -> None:
    client, flow = await dialog(paused, hass_client)
    assert (await choose(client, flow, "resume"))["type"] == "create_entry"
    assert not paused.home.gate.paused
    assert not paused.has_issue("pause_forgotten")
    last = paused.entry_journal().splitlines()[-1]
    assert '"paused":false' in last
    assert '"by":""' not in last


async def test_it_is_not_ended_while_that_cannot_be_written(
    paused: Setup, hass_client: ClientSessionGenerator, disk: Callable[[bool], None]
) -> None:
    client, flow = await dialog(paused, hass_client)
    disk(True)
    answer = await choose(client, flow, "resume")
    assert (answer["type"], answer["reason"]) == ("abort", "journal_failed")
    assert paused.home.gate.paused


async def test_still_counts_while_it_cannot_be_written(
    paused: Setup, hass_client: ClientSessionGenerator, disk: Callable[[bool], None]
) -> None:
    client, flow = await dialog(paused, hass_client)
    disk(True)
    assert (await choose(client, flow, "still"))["type"] == "create_entry"
    assert not await asked(paused)
    assert paused.home.gate.paused


async def test_nobody_resumes_through_the_question_without_being_somebody(
    paused: Setup, hass_admin_user: MockUser
) -> None:
    """Home Assistant lets administrators alone answer; that is not relied on."""
    await paused.until(lambda: paused.has_issue("pause_forgotten"))
    assert await async_setup_component(paused.hass, "repairs", {})
    manager = paused.hass.data["repairs"]["flow_manager"]
    flow = await manager.async_init(DOMAIN, data={"issue_id": f"pause_forgotten_{paused.entry.entry_id}"})
    answer = await manager.async_configure(flow["flow_id"], {"next_step_id": "resume"})
    assert (answer["type"], answer["reason"]) == ("abort", "user_not_allowed")
    assert paused.home.gate.paused


@pytest.mark.parametrize("option", ["still", "resume"])
async def test_the_home_may_be_gone_when_it_is_answered(
    paused: Setup, hass_client: ClientSessionGenerator, option: str
) -> None:
    client, flow = await dialog(paused, hass_client)
    await paused.hass.config_entries.async_unload(paused.entry.entry_id)
    assert (await choose(client, flow, option))["reason"] == "no_pause"


async def test_a_pause_that_has_been_ended_is_not_asked_about(
    paused: Setup, hass_client: ClientSessionGenerator
) -> None:
    client, flow = await dialog(paused, hass_client)
    issue = f"pause_forgotten_{paused.entry.entry_id}"
    await paused.pause(False, by="anna")
    # Before the second in which the question goes away.
    answer = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue})
    assert (await answer.json())["reason"] == "no_pause"
    assert (await choose(client, flow, "still"))["type"] == "create_entry"
    assert not paused.home.gate.paused
    assert not await asked(paused)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([(2 * DAY, Pause(True, "anna"))], False, id="for two days"),
        pytest.param([(4 * DAY, Pause(True, ""))], True, id="an automation has paused"),
        pytest.param([(4 * DAY, Pause(True, "")), (DAY, Pause(True, ""))], True, id="and does so each day"),
        pytest.param([(4 * DAY, Pause(True, "anna", now_ms() + 20 * DAY))], True, id="it ends in three weeks"),
        pytest.param([(4 * DAY, Pause(True, "anna", now_ms() + 7 * DAY))], False, id="it ends in a week"),
        pytest.param([(4 * DAY, Pause(True, "anna", now_ms() - DAY))], False, id="it is over"),
        pytest.param(
            [(4 * DAY, Pause(True, "anna")), (DAY, PauseShortened(now_ms() + 20 * DAY, "bo"))],
            False,
            id="it was given an end yesterday",
        ),
    ],
)
async def test_which_pauses_are_asked_about(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    bridge: ScriptedBridge,
    camera: VirtualCamera,
    entries: list[tuple[int, Entry]],
    expected: bool,
) -> None:
    home = await home_with(hass, entry, bridge, camera, *entries)
    assert await asked(home) is expected
    await hass.config_entries.async_unload(entry.entry_id)
