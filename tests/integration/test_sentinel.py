"""No name, address or credential of anybody is where others can read it: every one that a home knows is a word that is
found nowhere else, and the words are looked for everywhere.
"""

import json
import logging
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
from homeassistant.config_entries import SOURCE_USER, ConfigSubentryData
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    RecorderInstanceContextManager,
    WebSocketGenerator,
)

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.services import ACTIONS
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from virtual_camera import Motor, Settings, VirtualCamera

from .home import ABSENCES, EVENT, LAST_LOOK, PAUSE, PRIVACY, Setup, camera_data, entry_data
from .peers import Municipality, ScriptedBridge

LOOKING = "binary_sensor.bedroom_camera_looking"
OPERATOR = "Operatora Vaktelsdotter"
CLIENT = "Klientina Lomsdotter"
PERSON = "Personella Tranesdotter"
ABSENCE = "Sjukhusina Starsdotter"
NIGHTMARE = "Mardromma Nattskarredotter"
CONTACT = "Kontaktina Svansdotter 0701-740605"
HOST = "127.83.17.5"
USER = "anvandare-falk"
PASSWORD = "losenord-uggla"
PATH = "/strom-orre/sub"
_WIRE = ("camera port", "host", "path", "stream port", "user")
OTHERS: dict[str, tuple[str, ...]] = {
    "asyncio": _WIRE,
    # Whole states, before what is not to be kept is left out: who looks is shown to those who live there.
    "homeassistant.components.recorder": ("operator",),
    "homeassistant.core": ("operator",),
    # What a browser asks, and is answered: the log at home names people.
    "homeassistant.components.websocket_api": (
        "operator", "client", "person", "contact", "absence", "what was said about the night",
    ),
    "onvif": _WIRE,
    "zeep": _WIRE,
}  # fmt: skip
"""Loggers that stay as they are when debug logging is enabled for this integration, and what each writes when somebody
turns it up all the same: that is not ours to prevent, and no more than this.
"""
NOT_READ = "pytest_homeassistant_custom_component"
"""Writes what it keeps instead of the disk."""


@pytest.fixture
async def mock_recorder_before_hass(async_test_recorder: RecorderInstanceContextManager) -> None:
    """The recorder has to be prepared before Home Assistant is."""


@pytest.fixture
def persistent_database() -> bool:
    """In a file."""
    return True


@pytest.fixture
async def database(
    hass: HomeAssistant, recorder_db_url: str, async_test_recorder: RecorderInstanceContextManager
) -> AsyncIterator[Path]:
    """The file that the recorder writes, and writes to at once."""
    async with async_test_recorder(hass, {"commit_interval": 0}):
        yield Path(recorder_db_url.removeprefix("sqlite:///"))


@pytest.fixture
async def camera() -> AsyncIterator[VirtualCamera]:
    """At an address of its own."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", HOST])
    async with VirtualCamera(Settings(host=HOST, user=USER, password=PASSWORD, motor_speed=20)) as found:
        yield found


@pytest.fixture
def entry(hass: HomeAssistant, bridge: ScriptedBridge, camera: VirtualCamera) -> MockConfigEntry:
    """A home in which everything has a name."""
    data = camera_data(camera, rtsp_path=PATH) | {"host": HOST, "username": USER, "password": PASSWORD}
    subentry = ConfigSubentryData(data=data, subentry_type="camera", title="Camera", unique_id=None)
    found = MockConfigEntry(
        domain=DOMAIN,
        title="Hemmet",
        data=entry_data(bridge, CLIENT),
        subentries_data=[subentry],
    )
    found.add_to_hass(hass)
    return found


async def start(setup: Setup) -> None:
    """As the others start it, with a plan that names the care contact."""
    assert await setup.hass.config_entries.async_setup(setup.entry.entry_id)
    await setup.bridge.heard(frames.Configure)
    await setup.bridge.send(setup.bridge.municipality.plan(contact=CONTACT))
    await setup.until(lambda: setup.home.plans.waiting is not None)
    await setup.home.plans.answer(1, accepted=True, by="admin")
    await setup.until_place(Place.CLOSED)
    await setup.until(lambda: setup.home.link.is_connected)


async def whole_night(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that is seen, one that is refused, and one after which the camera does not look away."""
    person = Context(user_id=(await home.hass.auth.async_create_user(PERSON, group_ids=["system-admin"])).id)
    for switch in (PAUSE, PRIVACY):
        for action in ("turn_on", "turn_off"):
            await home.hass.services.async_call("switch", action, {"entity_id": switch}, blocking=True, context=person)

    operator = home.bridge.municipality.operator(OPERATOR)
    await home.bridge.ask(operator, home.occurrence, plan=2)
    await home.bridge.heard(frames.Refuse)

    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.05)
    home.camera.faults.motor = Motor.STUCK
    await home.bridge.close_look(operator, connected.look)
    await home.until_place(Place.FAULT)
    home.camera.faults.motor = Motor.HEALTHY
    await home.until_place(Place.CLOSED)
    await home.bridge.receipt(connected.look)
    await home.bridge.stop()
    await home.until(lambda: not home.home.connection.is_up)
    await home.hass.async_block_till_done()


async def sleep_badly(home: Setup, hass_ws_client: WebSocketGenerator) -> None:
    """Somebody says more about the night than how it was, and reads it in the log."""
    client = await hass_ws_client(home.hass)
    where = {"config_entry_id": home.entry.entry_id}
    await client.send_json_auto_id({"type": "trygghetskamera/rate_sleep", "rating": 1, "comment": NIGHTMARE, **where})
    assert (await client.receive_json())["success"]
    await client.send_json_auto_id({"type": "trygghetskamera/log", **where})
    assert NIGHTMARE in repr(await client.receive_json())


async def go_to_hospital(home: Setup, hass_ws_client: WebSocketGenerator) -> None:
    """Somebody writes more in the calendar than anybody needs to know."""
    client = await hass_ws_client(home.hass)
    now = dt_util.utcnow()
    times = {"dtstart": now.isoformat(), "dtend": (now + timedelta(days=1)).isoformat()}
    written = {"summary": ABSENCE, "description": ABSENCE, "location": ABSENCE}
    await client.send_json_auto_id({"type": "calendar/event/create", "entity_id": ABSENCES, "event": times | written})
    assert (await client.receive_json())["success"]
    await home.hass.async_block_till_done()
    assert "Hospital" in repr(home.hass.states.get(ABSENCES))


async def busy_evening(home: Setup, hass_ws_client: WebSocketGenerator) -> None:
    """Everything that people may ask for, asked for by somebody with a name who is at home."""
    hass = home.hass
    installer = await hass.auth.async_create_user(PERSON, group_ids=["system-admin"])
    token = await hass.auth.async_create_refresh_token(installer, "http://localhost:8123/")
    client = await hass_ws_client(hass, hass.auth.async_create_access_token(token))
    entity = er.async_get(hass).async_get(LOOKING)
    assert entity is not None
    later = dt_util.utcnow() + timedelta(hours=1)
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("start_aiming", {"camera": entity.device_id}),
        ("stop_aiming", {}),
        ("installation_record", {}),
        ("skip_look", {"occurrence": home.occurrence}),
        ("keep_look", {"occurrence": home.occurrence}),
        ("request_visit", {}),
        ("rate_sleep", {"rating": 4}),
        (
            "add_absence",
            {"kind": "hospital", "start": later.isoformat(), "end": (later + timedelta(hours=1)).isoformat()},
        ),
        ("pause", {"until": later.isoformat()}),
        ("resume", {}),
        ("get_log", {"limit": 50}),
    )
    for action, data in asked:
        answers = hass.services.supports_response(DOMAIN, action) != "none"
        command = {"type": "call_service", "domain": DOMAIN, "service": action, "return_response": answers}
        await client.send_json_auto_id(command | {"service_data": {"config_entry_id": home.entry.entry_id, **data}})
        told = await client.receive_json()
        assert told["success"], (action, told)
    assert PERSON in repr(told)
    assert {action for action, _ in asked} >= {one.name for one in ACTIONS} - {
        "accept_plan",
        "move_look",
        "remove_absence",
        "withdraw_consent",
    }
    await home.until_place(Place.CLOSED)


async def cleaner_unplugs_the_camera(home: Setup) -> None:
    """What goes wrong holds the camera's address."""
    await home.camera.unplug()
    await home.home.check_positions()
    await home.until(lambda: home.home.gate.place is Place.FAULT)
    await home.camera.plug_in()
    await home.until_place(Place.CLOSED)


def words(home: Setup, *more: str) -> dict[str, re.Pattern[str]]:
    """What is looked for: each as a word, in any case."""
    data = home.entry.data
    # The token and the fingerprint are secret together and apart.
    key = str(data["access_key"]).split(".")[1:]
    found = {name: str(data[name]) for name in ("access_key", "root", "hub", "certificate")}
    found |= {"token": key[0], "fingerprint": key[1], "bridge port": str(home.bridge.port)}
    found |= {"camera port": str(home.camera.http_port), "stream port": str(home.camera.rtsp_port)}
    found |= {
        "operator": OPERATOR,
        "client": CLIENT,
        "person": PERSON,
        "contact": CONTACT,
        "host": HOST,
        "absence": ABSENCE,
        "what was said about the night": NIGHTMARE,
    }
    found |= {"host": HOST, "user": USER, "password": PASSWORD, "path": PATH} | {one: one for one in more}
    return {name: re.compile(rf"(?<![\w.]){re.escape(word)}(?!\w|\.\d)", re.IGNORECASE) for name, word in found.items()}


def leaks(text: str, sought: dict[str, re.Pattern[str]], *allowed: str) -> list[str]:
    return [name for name, pattern in sought.items() if name not in allowed and pattern.search(text)]


def recorded(file: Path) -> dict[str, str]:
    """Every row of every table of the database, as text."""
    with closing(sqlite3.connect(file)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {f"table {name}": repr(connection.execute(f"SELECT * FROM {name}").fetchall()) for name in tables}


def shown(hass: HomeAssistant) -> dict[str, str]:
    """Every entity's state without what it keeps from the recorder; and with it, where only who looked may be named."""
    found = dict[str, str]()
    for state in hass.states.async_all():
        unrecorded = (state.state_info or {}).get("unrecorded_attributes", frozenset())
        kept = {name: value for name, value in state.attributes.items() if name not in unrecorded}
        found[state.entity_id] = f"{state.state} {kept}"
        found[f"unrecorded of {state.entity_id}"] = repr(dict(state.attributes)).replace(OPERATOR, "")
    return found


def logged(records: list[logging.LogRecord]) -> dict[str, str]:
    """Every line of every logger, with what was raised; but the details of others, which nobody has asked for."""
    assert any(record.levelno == logging.DEBUG for record in records if record.name.startswith("custom_components"))
    found = dict[str, str]()
    for record in records:
        # That a socket is served is said of the camera, which runs in this process too.
        if not record.name.startswith(NOT_READ) and not record.getMessage().endswith("is serving"):
            where = f"{'details' if record.levelno == logging.DEBUG else 'log'} of {record.name}"
            found[where] = f"{found.get(where, '')}{record.getMessage()} {record.exc_text or ''}\n"
    return found


def allowed(place: str) -> tuple[str, ...]:
    """What this place may say: only the details of others may say anything."""
    name = place.removeprefix("details of ")
    return next((words for other, words in OTHERS.items() if name != place and name.startswith(other)), ())


def test_debug_logging_of_the_integration_does_not_turn_on_that_of_its_library() -> None:
    """The library writes addresses, the user's name and the digest of the password."""
    manifest = Path(__file__).parents[2] / "custom_components" / DOMAIN / "manifest.json"
    assert "loggers" not in json.loads(manifest.read_text())


async def test_nobody_is_named_where_others_can_read_it(
    hass: HomeAssistant,
    database: Path,
    entry: MockConfigEntry,
    bridge: ScriptedBridge,
    camera: VirtualCamera,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    assert await async_setup_component(hass, "diagnostics", {})
    home = Setup(hass, entry, bridge, camera)
    await start(home)
    await busy_evening(home, hass_ws_client)
    await cleaner_unplugs_the_camera(home)
    await whole_night(home, monkeypatch)
    await sleep_badly(home, hass_ws_client)
    await go_to_hospital(home, hass_ws_client)
    await get_instance(hass).async_block_till_done()

    assert OPERATOR in repr(hass.states.get(LAST_LOOK))
    places = shown(hass) | recorded(database)
    assert "look_ended" in places["table state_attributes"]
    assert "Hospital" not in repr(recorded(database))
    places["diagnostics"] = json.dumps(
        await get_diagnostics_for_config_entry(hass, hass_client, entry), ensure_ascii=False
    )
    places["repair issues"] = repr(list(ir.async_get(hass).issues.values()))
    places["event entity"] = repr(hass.states.get(EVENT))
    places["registry"] = repr(list(er.async_get(hass).entities.values()))
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    places |= logged(caplog.records)

    sought = words(home)
    found = {place: named for place, text in places.items() if (named := leaks(text, sought, *allowed(place)))}
    assert found == {}


async def test_pairing_logs_nothing_of_the_code(
    hass: HomeAssistant, database: Path, municipality: Municipality, bridge: ScriptedBridge, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    bridge.is_paired = False
    bridge.answers_pairing = lambda _frame: frames.Rejected("unknown_pairing")
    code = municipality.code()
    flow: Any = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"access_key": bridge.access_key, "host": "127.0.0.1", "port": bridge.port}
    )
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"pairing_code": code.encode()})
    await hass.async_block_till_done(wait_background_tasks=True)
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert flow["errors"] == {"base": "pairing_unknown_pairing"}
    log = "\n".join(record.getMessage() for record in caplog.records)
    assert [word for word in (code.secret, code.encode(), bridge.access_key) if word in log] == []
