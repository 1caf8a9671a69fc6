"""The actions to aim a camera and to read the record: aiming begins for an administrator in person, at home, or not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient
from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera import aiming_view
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn import gate_rules
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from virtual_camera import BED, Motor, VirtualCamera

from .blueprints import end_automations
from .home import GATE, PAUSE, PRIVACY, Setup
from .test_aiming import AWAY, Picture


@dataclass
class Person:
    """Somebody who is signed in over WebSocket, as every page of Home Assistant is."""

    home: Setup
    client: TestClient[Any, Any]
    socket: ClientWebSocketResponse
    number: int = 0

    async def call(self, domain: str, service: str, data: dict[str, Any], *, answer: bool = False) -> dict[str, Any]:
        """Press something; what the page is told."""
        self.number += 1
        await self.socket.send_json(
            {
                "id": self.number,
                "type": "call_service",
                "domain": domain,
                "service": service,
                "service_data": data,
                "return_response": answer,
            }
        )
        told: dict[str, Any] = await self.socket.receive_json()
        await self.home.hass.async_block_till_done()
        return told

    async def aim(self, **data: Any) -> dict[str, Any]:
        """Start aiming, and see the picture."""
        return await self.call(DOMAIN, "start_aiming", {**aimed(self.home), **data}, answer=True)


def aimed(home: Setup) -> dict[str, Any]:
    """The home and its camera."""
    entry = er.async_get(home.hass).async_get(GATE)
    assert entry is not None
    return {"config_entry_id": home.entry.entry_id, "camera": entry.device_id}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiming_view, "PICTURE_EVERY", 0.02)


@pytest.fixture
def entry(hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera) -> MockConfigEntry:
    """A home whose camera gives stills."""
    (subentry,) = entry.subentries.values()
    still = f"http://127.0.0.1:{camera.http_port}/onvif/snapshot/profile_720p15"
    hass.config_entries.async_update_subentry(entry, subentry, data={**subentry.data, "snapshot": still})
    return entry


@pytest.fixture
async def served(hass: HomeAssistant) -> None:
    """Home Assistant behind a proxy on this machine, which says where people are."""
    settings = {"use_x_forwarded_for": True, "trusted_proxies": ["127.0.0.1"]}
    assert await async_setup_component(hass, "http", {"http": settings})
    for domain in ("api", "websocket_api", "homeassistant"):
        assert await async_setup_component(hass, domain, {})


async def signed_in(
    home: Setup, hass_client_no_auth: ClientSessionGenerator, user: User, headers: dict[str, str] | None = None
) -> Person:
    hass = home.hass
    token = hass.auth.async_create_access_token(await hass.auth.async_create_refresh_token(user, "http://localhost/"))
    client = await hass_client_no_auth()
    client.session.headers.update({"Authorization": f"Bearer {token}", **(headers or {})})
    socket = await client.ws_connect("/api/websocket", headers=headers)
    await socket.receive_json()
    await socket.send_json({"type": "auth", "access_token": token})
    assert (await socket.receive_json())["type"] == "auth_ok"
    return Person(home, client, socket)


@pytest.fixture
async def installer(
    served: None, home: Setup, hass_client_no_auth: ClientSessionGenerator, hass_admin_user: User
) -> AsyncIterator[Person]:
    """An administrator at home."""
    person = await signed_in(home, hass_client_no_auth, hass_admin_user)
    yield person
    await end_automations(home.hass)
    await person.socket.close()


def refused(told: dict[str, Any]) -> str:
    """With which words."""
    assert not told["success"]
    found: str = told["error"]["translation_key"]
    return found


def unmoved(home: Setup, moves: int) -> None:
    assert home.moves == moves
    assert home.home.gate.place is Place.CLOSED
    assert "aiming_started" not in home.entry_journal()


async def test_an_administrator_at_home_sees_the_room_and_it_is_written_down(
    installer: Person, home: Setup, hass_admin_user: User
) -> None:
    told = await installer.aim()
    assert told["success"]
    assert home.state(GATE) == "aiming"
    assert home.state("binary_sensor.bedroom_camera_looking") == "on"
    assert f'"kind":"aiming_started","entry":{{"by":"{hass_admin_user.id}"' in home.entry_journal()
    async with installer.client.get(told["result"]["response"]["picture"]) as answer:
        picture = Picture(answer)
        assert (await picture.marks()).position.tilt == pytest.approx(BED.tilt, abs=0.01)
        # Anybody ends it: here an automation.
        await home.hass.services.async_call(
            DOMAIN, "stop_aiming", {"config_entry_id": home.entry.entry_id}, blocking=True, context=Context()
        )
        assert await picture.last() == "image/png"
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()


async def test_over_rest_too(installer: Person, home: Setup) -> None:
    url = f"/api/services/{DOMAIN}/start_aiming"
    async with installer.client.post(f"{url}?return_response", json=aimed(home)) as answer:
        assert answer.status == 200
        assert (await answer.json())["service_response"]["until"]
    assert home.state(GATE) == "aiming"


async def test_it_ends_by_itself(installer: Person, home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_rules, "AIM_SECONDS", 1.0)
    assert (await installer.aim())["success"]
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()


async def test_a_camera_without_stills_shows_nothing_here(installer: Person, home: Setup) -> None:
    (subentry,) = home.entry.subentries.values()
    home.hass.config_entries.async_update_subentry(home.entry, subentry, data={**subentry.data, "snapshot": ""})
    await home.hass.async_block_till_done()
    told = await installer.aim()
    assert told["result"]["response"]["picture"] is None


# ---- who may not ----------------------------------------------------------------------------------------------------


async def test_away_from_home_nobody_aims(
    installer: Person, home: Setup, hass_client_no_auth: ClientSessionGenerator, hass_admin_user: User
) -> None:
    moves = home.moves
    away = await signed_in(home, hass_client_no_auth, hass_admin_user, AWAY)
    assert refused(await away.aim()) == "not_at_home"
    async with away.client.post(f"/api/services/{DOMAIN}/start_aiming", json=aimed(home)) as answer:
        assert answer.status == 400
    await away.socket.close()
    unmoved(home, moves)


async def test_a_relative_at_home_does_not_aim(
    installer: Person, home: Setup, hass_client_no_auth: ClientSessionGenerator
) -> None:
    moves = home.moves
    relative = await home.hass.auth.async_create_user("Kajsa", group_ids=["system-users"])
    person = await signed_in(home, hass_client_no_auth, relative)
    for told in (await person.aim(), await person.call(DOMAIN, "installation_record", entry_of(home), answer=True)):
        assert told["error"]["message"] == "Unauthorized"
    await person.socket.close()
    unmoved(home, moves)


def entry_of(home: Setup) -> dict[str, Any]:
    return {"config_entry_id": home.entry.entry_id}


async def test_an_automation_that_an_administrator_sets_off_does_not_aim(installer: Person, home: Setup) -> None:
    """It goes on within the administrator's own connection."""
    moves, hass = home.moves, home.hass
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"lamp": {}}})
    automation = {
        "alias": "aim",
        "triggers": {"trigger": "state", "entity_id": "input_boolean.lamp"},
        "actions": {"action": f"{DOMAIN}.start_aiming", "data": aimed(home)},
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    assert (await installer.call("input_boolean", "turn_on", {"entity_id": "input_boolean.lamp"}))["success"]
    state = hass.states.get("automation.aim")
    assert state is not None
    assert state.attributes["last_triggered"] is not None
    unmoved(home, moves)


@pytest.mark.parametrize("way", ["script.aim", "execute_script"])
async def test_a_script_that_an_administrator_starts_at_home_does_not_aim(
    installer: Person, home: Setup, way: str
) -> None:
    """It may have waited for hours, and goes on in the administrator's name."""
    moves = home.moves
    step = {"action": f"{DOMAIN}.start_aiming", "data": aimed(home)}
    assert await async_setup_component(home.hass, "script", {"script": {"aim": {"sequence": [step]}}})
    if way == "execute_script":
        await installer.socket.send_json({"id": 99, "type": "execute_script", "sequence": [step]})
        told = await installer.socket.receive_json()
    else:
        told = await installer.call("script", "aim", {})
    assert refused(told) == "person_required"
    unmoved(home, moves)


async def test_a_user_who_is_not_there_does_not_aim(installer: Person, home: Setup, hass_admin_user: User) -> None:
    """As when another integration acts in somebody's name."""
    moves = home.moves
    for context in (Context(), Context(user_id=hass_admin_user.id)):
        with pytest.raises(ServiceValidationError) as caught:
            await home.hass.services.async_call(DOMAIN, "start_aiming", aimed(home), blocking=True, context=context)
        assert caught.value.translation_key == "person_required"
    unmoved(home, moves)


# ---- what may not be ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("switch", "key"), [(PAUSE, "aiming_paused"), (PRIVACY, "aiming_private")])
async def test_who_wants_to_be_left_alone_is(installer: Person, home: Setup, switch: str, key: str) -> None:
    moves = home.moves
    await installer.call("switch", "turn_on", {"entity_id": switch})
    assert refused(await installer.aim()) == key
    unmoved(home, moves)


async def test_one_at_a_time(installer: Person, home: Setup) -> None:
    assert (await installer.aim())["success"]
    assert refused(await installer.aim()) == "aiming_busy"


async def test_only_a_camera_of_the_home_is_aimed(installer: Person, home: Setup) -> None:
    moves = home.moves
    other = dr.async_get(home.hass).async_get_or_create(
        config_entry_id=home.entry.entry_id, identifiers={("other", "device")}
    )
    for device in (home.home.device_id, other.id, "none"):
        assert refused(await installer.aim(camera=device)) == "no_such_camera"
    unmoved(home, moves)


async def test_a_camera_that_does_not_turn_is_told_of(
    installer: Person, home: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.05)
    home.camera.faults.motor = Motor.STUCK
    told = await installer.aim()
    assert told["error"]["translation_key"] == "aiming_not_reached"
    home.camera.faults.motor = Motor.HEALTHY
    await home.until_place(Place.CLOSED)


async def test_what_takes_too_long_is_given_up(installer: Person, home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.aiming_actions.OPEN_SECONDS", 0.1)
    home.camera.faults.motor = Motor.STUCK
    told = await installer.aim()
    assert told["error"]["translation_key"] == "aiming_not_reached"
    home.camera.faults.motor = Motor.HEALTHY
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()


# ---- the record -----------------------------------------------------------------------------------------------------


async def test_an_administrator_reads_the_record_from_anywhere(
    installer: Person, home: Setup, hass_client_no_auth: ClientSessionGenerator, hass_admin_user: User
) -> None:
    away = await signed_in(home, hass_client_no_auth, hass_admin_user, AWAY)
    told = await away.call(DOMAIN, "installation_record", entry_of(home), answer=True)
    record = told["result"]["response"]
    assert record["home"] == "Hemmet"
    assert record["cameras"][0]["room"] == "bedroom"
    await away.socket.close()


async def test_no_automation_reads_the_record(home: Setup, hass_admin_user: User) -> None:
    action = (DOMAIN, "installation_record", entry_of(home))
    with pytest.raises(HomeAssistantError) as caught:
        await home.hass.services.async_call(*action, blocking=True, return_response=True, context=Context())
    assert caught.value.translation_key == "person_required"
    relative = await home.hass.auth.async_create_user("Kajsa", group_ids=["system-users"])
    with pytest.raises(Unauthorized):
        await home.hass.services.async_call(
            *action, blocking=True, return_response=True, context=Context(user_id=relative.id)
        )
