"""A look that nobody made is noticed at home: on time, after being off, and never by a clock that jumped."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera import missed
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.coordinator import Home
from custom_components.trygghetskamera.tillsyn.entries import LookEnded, LookStarted, Privacy
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.missed import STEADY
from custom_components.trygghetskamera.tillsyn.model import Instant, Outcome, Window
from custom_components.trygghetskamera.tillsyn.schedule import STOCKHOLM, find
from virtual_camera import VirtualCamera

from .home import EVENT, NEXT_LOOK, Setup, set_up
from .peers import ScriptedBridge, closed_window, occurrence_of, random_id

TONIGHT = "sensor.night_supervision_looks_tonight"
CONTACT = "Karin Kontakt 0300-12345"
SOON = STEADY + timedelta(seconds=10)


class Clocks:
    """Both clocks of a home, moved by the test; they also go on by themselves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.mono = timedelta()
        real = Home.now

        def now(home: Home) -> Instant:
            at = real(home)
            return Instant(at.wall + self.wall, at.mono + self.mono.total_seconds())

        monkeypatch.setattr(Home, "now", now)
        monkeypatch.setattr(missed, "EACH_SECONDS", 0.0)

    def pass_by(self, home: Setup, by: timedelta) -> None:
        """Time goes by, on both clocks."""
        self.wall, self.mono = self.wall + by, self.mono + by
        home.home.missed.tick()

    def jump(self, home: Setup, by: timedelta) -> None:
        """The wall clock jumps."""
        self.wall += by
        home.home.missed.tick()


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


@pytest.fixture
async def watched(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera, clocks: Clocks
) -> AsyncIterator[Setup]:
    """A home whose clock has gone steadily, with a window that is open."""
    setup = await set_up(hass, entry, bridge, camera, bridge.municipality.plan(contact=CONTACT))
    clocks.pass_by(setup, SOON)
    yield setup
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
async def later(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera, clocks: Clocks
) -> AsyncIterator[Setup]:
    """The same, with a window that opens in some hours."""
    setup = await set_up(hass, entry, bridge, camera, bridge.municipality.plan(windows=(closed_window(),)))
    clocks.pass_by(setup, SOON)
    yield setup
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


def events(home: Setup) -> list[tuple[str, Any]]:
    """What the event entity tells from now on."""
    heard: list[tuple[str, Any]] = []
    home.home.hear(lambda one: heard.append((one.kind, dict(one.details))))
    return heard


async def settled(home: Setup) -> None:
    await home.hass.async_block_till_done()
    await home.home.journal.settle()


def is_told(home: Setup) -> bool:
    return home.has_issue("look_missed")


PAST_ITS_END = timedelta(hours=3, minutes=2)


async def test_a_look_that_nobody_made_is_told_once(watched: Setup, clocks: Clocks) -> None:
    heard, occurrence = events(watched), watched.occurrence
    clocks.pass_by(watched, timedelta(hours=2))
    await settled(watched)
    assert heard == []
    clocks.pass_by(watched, timedelta(hours=1, minutes=2))
    clocks.pass_by(watched, timedelta(minutes=1))
    await settled(watched)
    assert heard == [("look_missed", {"occurrence": occurrence})]
    assert watched.entry_journal().count('"kind":"look_missed"') == 1
    assert is_told(watched)
    issue = ir.async_get(watched.hass).async_get_issue(DOMAIN, f"look_missed_{watched.entry.entry_id}")
    assert issue is not None
    assert issue.is_persistent
    assert CONTACT not in repr(issue)
    event = watched.hass.states.get(EVENT)
    assert event is not None
    assert (event.attributes["event_type"], event.attributes["occurrence"]) == ("look_missed", occurrence)


async def test_the_care_contact_is_named_to_who_sees_to_it_and_then_it_is_seen_to(
    watched: Setup, clocks: Clocks, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(watched.hass, "repairs", {})
    clocks.pass_by(watched, PAST_ITS_END)
    await settled(watched)
    client = await hass_client()
    issue = f"look_missed_{watched.entry.entry_id}"
    answer = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue})
    flow = await answer.json()
    assert flow["type"] == "form"
    assert flow["description_placeholders"]["contact"] == CONTACT
    assert {"start", "end"} < flow["description_placeholders"].keys()
    answer = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={})
    assert (await answer.json())["type"] == "create_entry"
    assert not is_told(watched)


async def test_it_cannot_be_seen_to_in_a_home_that_does_not_run(
    watched: Setup, clocks: Clocks, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(watched.hass, "repairs", {})
    clocks.pass_by(watched, PAST_ITS_END)
    await settled(watched)
    await watched.hass.config_entries.async_unload(watched.entry.entry_id)
    client = await hass_client()
    issue = f"look_missed_{watched.entry.entry_id}"
    answer = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue})
    assert (await answer.json())["reason"] == "gone"


async def test_a_look_that_was_made_is_not_missed_and_one_that_is_seen_makes_it_good(
    watched: Setup, clocks: Clocks
) -> None:
    heard = events(watched)
    operator = watched.bridge.municipality.operator()
    clocks_now = clocks.wall
    clocks.wall = clocks.mono = timedelta()  # the operator's clock is the real one
    connected = await watched.bridge.prepare(operator, watched.occurrence)
    await watched.bridge.send(watched.bridge.click(operator, connected))
    await watched.until_place(Place.OPEN)
    missed.raise_issue(
        watched.hass, watched.entry.entry_id, missed.Issue.LOOK_MISSED, start="2026-11-22 22:00", end="23:00"
    )
    assert is_told(watched)
    await watched.bridge.close_look(operator, connected.look, Outcome.SEEN)
    await watched.until_place(Place.CLOSED)
    await settled(watched)
    assert not is_told(watched)
    clocks.wall = clocks.mono = clocks_now
    watched.home.missed.tick()
    clocks.pass_by(watched, SOON)
    clocks.pass_by(watched, PAST_ITS_END)
    await settled(watched)
    assert "look_missed" not in [kind for kind, _ in heard]
    assert not is_told(watched)


@pytest.mark.parametrize("wish", ["paused", "skipped", "private", "neither"])
async def test_who_asked_to_be_left_alone_has_missed_nothing(later: Setup, clocks: Clocks, wish: str) -> None:
    heard, plan = events(later), later.home.gate.plan
    assert plan is not None
    if wish == "paused":
        await later.pause(True, "u")
    elif wish == "private":
        await later.home.memory.away(Privacy(True, "u", later.home.camera_id))
    elif wish == "skipped":
        await later.home.wishes.skip(occurrence_of(plan.windows[0]), "u")
    clocks.pass_by(later, timedelta(hours=5, minutes=2))
    await settled(later)
    assert [kind for kind, _ in heard] == (["look_missed"] if wish == "neither" else [])


async def test_a_clock_that_jumps_ahead_and_back_makes_no_alarm(watched: Setup, clocks: Clocks) -> None:
    heard = events(watched)
    clocks.jump(watched, timedelta(hours=12))
    clocks.pass_by(watched, timedelta(seconds=100))
    clocks.jump(watched, timedelta(hours=-12))
    clocks.pass_by(watched, SOON)
    await settled(watched)
    assert heard == []
    clocks.pass_by(watched, PAST_ITS_END)
    await settled(watched)
    assert [kind for kind, _ in heard] == ["look_missed"]


async def test_a_clock_that_jumps_ahead_and_stays_there_has_its_looks_judged(watched: Setup, clocks: Clocks) -> None:
    heard = events(watched)
    clocks.jump(watched, PAST_ITS_END)
    await settled(watched)
    assert heard == []
    clocks.pass_by(watched, SOON)
    await settled(watched)
    assert [kind for kind, _ in heard] == ["look_missed"]


async def test_what_was_missed_while_home_assistant_was_off_is_noticed_at_the_next_start(
    watched: Setup, clocks: Clocks
) -> None:
    occurrence = watched.occurrence
    await watched.hass.config_entries.async_unload(watched.entry.entry_id)
    clocks.wall += timedelta(hours=20)
    assert await watched.hass.config_entries.async_setup(watched.entry.entry_id)
    heard = events(watched)
    watched.home.missed.tick()
    await settled(watched)
    assert heard == []
    clocks.pass_by(watched, SOON)
    await settled(watched)
    assert heard == [("look_missed", {"occurrence": occurrence})]
    await watched.hass.config_entries.async_reload(watched.entry.entry_id)
    heard = events(watched)
    clocks.pass_by(watched, SOON)
    await settled(watched)
    assert heard == []  # it has been told
    assert is_told(watched)


async def test_a_look_that_goes_on_is_not_judged(watched: Setup, clocks: Clocks) -> None:
    heard, name = events(watched), random_id(16)
    hash_ = "A" * 43
    await watched.home.journal.add(LookStarted(name, watched.occurrence, hash_, "Alva Natt"))
    clocks.pass_by(watched, PAST_ITS_END)
    await settled(watched)
    assert heard == []
    await watched.home.journal.add(LookEnded(name, 1_700_000_000_000, 1_700_000_000_000, CloseReason.SEEN))
    clocks.pass_by(watched, timedelta(seconds=10))
    await settled(watched)
    assert heard == []


async def test_without_a_journal_nothing_is_judged_and_nothing_forgotten(watched: Setup, clocks: Clocks) -> None:
    heard, record = events(watched), watched.home.journal.record
    watched.home.journal.record = None
    clocks.pass_by(watched, PAST_ITS_END)
    assert heard == []
    watched.home.journal.record = record
    clocks.pass_by(watched, timedelta(seconds=10))
    await settled(watched)
    assert [kind for kind, _ in heard] == ["look_missed"]


# ---- tonight --------------------------------------------------------------------------------------------------------


def tonight(home: Setup) -> tuple[str, list[dict[str, Any]]]:
    state = home.hass.states.get(TONIGHT)
    assert state is not None
    assert state.state_info is not None
    assert "looks" in state.state_info["unrecorded_attributes"]
    return state.state, state.attributes["looks"]


EVENING, EARLY = Window("evening", time(22), time(23)), Window("early", time(2), time(3))


async def test_the_looks_of_the_night_and_what_becomes_of_them(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera, clocks: Clocks
) -> None:
    plan = bridge.municipality.plan(windows=(EARLY, EVENING), move_minutes=120)
    home = await set_up(hass, entry, bridge, camera, plan)
    evening = datetime.now(STOCKHOLM).replace(hour=20, minute=0, second=0, microsecond=0) + timedelta(days=1)
    clocks.wall = evening - dt_util.utcnow()
    home.home.changed()
    first, second = f"evening/{evening:%Y-%m-%d}", f"early/{evening + timedelta(days=1):%Y-%m-%d}"
    window = find((EVENING,), first)
    assert window is not None
    assert tonight(home)[1][0] == {
        "id": first, "start": window.start.isoformat(), "until": window.end.isoformat(), "state": "planned",
    }  # fmt: skip
    assert states(home) == ("2", [(first, "planned"), (second, "planned")])

    await home.home.wishes.move(second, evening + timedelta(hours=4), "u")
    await home.home.wishes.skip(first, "u")
    assert states(home) == ("1", [(first, "skipped"), (second, "moved")])
    assert home.state(NEXT_LOOK) == (evening + timedelta(hours=4)).astimezone(UTC).isoformat()

    clocks.wall += timedelta(hours=6)
    home.home.changed()
    assert states(home) == ("1", [(first, "skipped"), (second, "missed")])
    clocks.wall += timedelta(hours=12)
    home.home.changed()
    assert [state for _, state in states(home)[1]] == ["planned", "planned"]
    await hass.config_entries.async_unload(entry.entry_id)


def states(home: Setup) -> tuple[str, list[tuple[str, str]]]:
    """How many, and how it stands with each."""
    count, looks = tonight(home)
    return count, [(one["id"], one["state"]) for one in looks]


async def test_without_a_journal_there_are_no_looks_tonight(home: Setup) -> None:
    record, home.home.journal.record = home.home.journal.record, None
    home.home.changed()
    assert tonight(home) == ("0", [])
    home.home.journal.record = record
