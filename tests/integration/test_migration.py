"""A home of version 1, with its entry and journal as that version wrote them, goes on as it was.

version_1/ was written by the commit before people had names in the journal; ports and secrets of the day are left out.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.const import CONF_SET_UP, DOMAIN
from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.identity import SigningKey
from custom_components.trygghetskamera.tillsyn.journal import encode, replay
from custom_components.trygghetskamera.tillsyn.schedule import occurrences
from virtual_camera import BED, VirtualCamera

from .consent_steps import Options, leave, person, record, withdraw
from .home import PASSWORD, Setup
from .peers import Municipality, ScriptedBridge

FOLDER = Path(__file__).parent / "version_1"
STORED = json.loads((FOLDER / "home.json").read_text())
JOURNAL = (FOLDER / "home.journal").read_bytes()


@pytest.fixture
def municipality() -> Municipality:
    """The one that the home of then was paired with."""
    found = Municipality()
    found.root, found.hub = (SigningKey.from_seed(bytes.fromhex(STORED["keys"][name])) for name in ("root", "hub"))
    return found


@pytest.fixture
def entry(hass: HomeAssistant, bridge: ScriptedBridge, camera: VirtualCamera) -> MockConfigEntry:
    """The entry of then."""
    stored: dict[str, Any] = STORED["entry"]
    there = {"port": camera.http_port, "rtsp_port": camera.rtsp_port, "password": PASSWORD}
    found = MockConfigEntry(
        domain=DOMAIN,
        title=stored["title"],
        data=stored["data"] | {"port": bridge.port, "access_key": bridge.access_key},
        subentries_data=[
            ConfigSubentryData(
                data=one["data"] | there, subentry_type="camera", title=one["title"], unique_id=one["unique_id"]
            )
            for one in stored["subentries"]
        ],
        version=stored["version"],
        minor_version=stored["minor_version"],
    )
    found.add_to_hass(hass)
    return found


@pytest.fixture
def journal(hass: HomeAssistant, entry: MockConfigEntry) -> Path:
    """The journal of then, in its place."""
    path = journal_path(hass, entry.entry_id)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(JOURNAL)
    path.with_suffix(".settled").touch()
    return path


@pytest.fixture
def home(hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera) -> Setup:
    """Not started yet."""
    return Setup(hass, entry, bridge, camera)


def add(journal: Path, entry: e.Entry) -> None:
    """As the version of then did."""
    journal.write_bytes(JOURNAL + encode(replay(JOURNAL), entry, 1))


async def start(home: Setup) -> None:
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    assert home.entry.version == 2
    await home.bridge.heard(frames.Configure)
    await home.until_place(Place.CLOSED)


async def test_a_home_of_version_1_is_as_it_was_and_is_looked_with(home: Setup, journal: Path) -> None:
    home.camera.move_by_hand(BED)
    await start(home)
    gate = home.home.gate
    assert home.is_looking_away()
    assert (gate.consent, gate.paused, gate.private, gate.journal) == (True, False, False, True)
    assert gate.plan is not None
    assert (gate.plan.number, home.home.plans.waiting and home.home.plans.waiting.number) == (1, 2)
    assert [one.ended.reason for one in record(home).past if one.ended] == ["not_seen", "seen"]

    now = datetime.now(UTC)
    occurrence = occurrences(gate.plan.windows, now, now + timedelta(seconds=1))[0].id
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await home.bridge.close_look(operator, connected.look)
    receipt = await home.bridge.receipt(connected.look)
    assert receipt.sequence == 3
    await home.until(lambda: record(home).head.sequence == 3)
    assert home.entry_journal().startswith(JOURNAL.decode())
    await leave(home)


async def test_consent_without_names_holds_while_everybody_is_named(home: Setup, journal: Path) -> None:
    await start(home)
    assert home.entry.data["consent_given_by"] == "Kajsa A"
    options = Options(home)
    await options.open()
    form = await options.choose("person_add")
    assert next(iter(form["data_schema"].schema)).description == {"suggested_value": "Kajsa A"}
    await options.answer({"person_name": "Kajsa Anka", "how": "written"})
    assert home.home.gate.consent
    assert person(home, "Kajsa Anka").given_ms > 0
    assert "consent_given_by" not in home.entry.data
    await leave(home)


async def test_consent_without_names_is_withdrawn_with_the_names(home: Setup, journal: Path) -> None:
    await start(home)
    await withdraw(home)
    assert not home.home.gate.consent
    assert "consent_given_by" not in home.entry.data
    await leave(home)


@pytest.mark.parametrize("is_withdrawn", [False, True])
async def test_consent_of_a_home_that_never_ran_is_written_unless_it_is_withdrawn(
    home: Setup, is_withdrawn: bool, disk: Any
) -> None:
    data = {**home.entry.data, "consent_user": "anna", "consent_given_by": ""}
    home.hass.config_entries.async_update_entry(home.entry, data=data)
    disk(True)
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    assert CONF_SET_UP in home.entry.data
    if is_withdrawn:
        await withdraw(home)
    disk(False)
    await home.home.memory.open()
    assert home.home.gate.consent is not is_withdrawn
    assert not home.entry.data.keys() & {"consent_user", "consent_given_by", CONF_SET_UP}
    await leave(home)


async def test_consent_that_was_withdrawn_does_not_come_back_with_a_stale_entry(home: Setup, journal: Path) -> None:
    """Version 1 died before it had saved that the journal has it."""
    add(journal, e.Consent(False, "anna"))
    data = {**home.entry.data, "consent_user": "anna"}
    home.hass.config_entries.async_update_entry(home.entry, data=data)
    await start(home)
    assert not home.home.gate.consent
    assert "consent_user" not in home.entry.data
    await leave(home)
