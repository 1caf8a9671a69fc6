"""A user of this Home Assistant who is no administrator, and evil: somebody in the house with a token of their own.
They make more private whatever they like, and make nothing less private, see no picture and read no key.

Everything goes through the real HTTP and WebSocket interfaces. What there is to try is what is registered while it
runs, of Home Assistant's and of ours: a new action, command or page is tried without being named here, and one of ours
that is not in the tables below fails.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.trygghetskamera import shield
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn.entries import PersonAdded
from custom_components.trygghetskamera.tillsyn.model import Relation

from .harmless import SERVICES, Watch, data_for, given_to_entities
from .home import CALENDAR, CAMERA, GATE, PASSWORD, PAUSE, PRIVACY, Setup

COMPONENTS = (
    "api", "auth", "automation", "calendar", "camera", "config", "diagnostics", "homeassistant",
    "media_source", "repairs", "script", "stream", "system_log", "websocket_api",
)  # fmt: skip
"""What stands between anybody and us in a Home Assistant as it is installed."""
COMMANDS = {f"{DOMAIN}/log", f"{DOMAIN}/rate_sleep"}
"""Ours over WebSocket; both are for everybody."""
VIEWS = {
    f"GET /api/{DOMAIN}/aiming/{{token}}": HTTPStatus.NOT_FOUND,
    f"GET /api/{DOMAIN}/installation/{{entry_id}}": HTTPStatus.FORBIDDEN,
    f"GET /api/{DOMAIN}/log/{{entry_id}}": HTTPStatus.OK,
    f"GET /api/{DOMAIN}/log_search/{{entry_id}}": HTTPStatus.FORBIDDEN,
}
"""Our pages, and what they answer somebody who is no administrator."""
OWN_SESSION = {"auth/delete_all_refresh_tokens", "auth/delete_refresh_token"}
"""Ends only their own login, and with it the test."""
SECONDS = 3.0


@dataclass
class Evil:
    """The user, signed in."""

    home: Setup
    user: User
    token: str
    client: TestClient[Any, Any]
    sockets: WebSocketGenerator
    heard: list[str]
    """All that has been answered, to be searched for what they may not know."""

    async def command(self, kind: str, **fields: Any) -> dict[str, Any]:
        """One WebSocket command on a connection of its own."""
        socket = await self.sockets(self.home.hass, self.token)
        await socket.send_json({"id": 1, "type": kind, **fields})
        try:
            async with asyncio.timeout(SECONDS):
                answer: dict[str, Any] = await socket.receive_json()
        except TimeoutError, TypeError:
            answer = {"success": False, "error": {"code": "no_answer"}}
        await socket.close()
        self.heard.append(json.dumps(answer))
        return answer

    async def act(self, domain: str, service: str, data: dict[str, Any]) -> bool:
        """Call an action; whether it was done."""
        returns = self.home.hass.services.supports_response(domain, service) in ("only", "optional")
        answer = await self.command(
            "call_service", domain=domain, service=service, service_data=data, return_response=returns
        )
        await self.home.hass.async_block_till_done()
        return bool(answer["success"])

    async def fetch(self, method: str, path: str, body: Any = None) -> ClientResponse:
        """One request to Home Assistant."""
        async with asyncio.timeout(SECONDS):
            response: ClientResponse = await self.client.request(
                method, path, json=body, headers={"Authorization": f"Bearer {self.token}"}, allow_redirects=False
            )
        return response

    def knows(self) -> list[str]:
        """Which secrets have been told."""
        data = self.home.entry.data
        secrets = {"the camera's password": PASSWORD, "the bridge's key": data["access_key"].split(".")[1]}
        return [name for name, secret in secrets.items() if any(secret in one for one in self.heard)]


@pytest.fixture
async def http(hass: HomeAssistant) -> None:
    """Before the integration, as in every Home Assistant that serves anything."""
    assert await async_setup_component(hass, "http", {})


@pytest.fixture
async def evil(
    http: None,
    left_alone: Setup,
    relative: User,
    hass_client_no_auth: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> Evil:
    """In a home where everything that can be wished is wished, and a wider plan waits."""
    hass = left_alone.hass
    for component in COMPONENTS:
        assert await async_setup_component(hass, component, {}), component
    refresh = await hass.auth.async_create_refresh_token(relative, "https://evil.example/")
    token = hass.auth.async_create_access_token(refresh)
    await left_alone.home.memory.add(PersonAdded("bo000001", "Bo", Relation.COHABITANT, "", "admin"))
    await left_alone.bridge.send(left_alone.bridge.municipality.plan(2, look_seconds=60))
    await left_alone.until(lambda: left_alone.home.plans.waiting is not None)
    return Evil(left_alone, relative, token, await hass_client_no_auth(), hass_ws_client, [])


def nothing_is_less_private(evil: Evil, watch: Watch) -> None:
    """What was wished is wished, nobody has seen anything, nothing that they may not know was told."""
    watch.all_is_as_it_was(but=("whose privacy",))
    assert evil.home.home.plans.waiting is not None
    assert evil.home.camera.state.counters.plays == 0
    assert evil.knows() == []


# ---- actions --------------------------------------------------------------------------------------------------------


async def test_no_action_makes_anything_less_private(evil: Evil) -> None:
    watch, hass = Watch(evil.home), evil.home.hass
    ours = hass.services.async_services_for_domain(DOMAIN)
    assert ours.keys() == SERVICES.keys()
    done = set()
    for action in sorted(ours):
        for everything in (False, True):
            if await evil.act(DOMAIN, action, data_for(evil.home, action, everything=everything)):
                done.add(action)
        nothing_is_less_private(evil, watch)
    # What makes more private, and what is only told.
    assert done >= {"pause", "add_absence", "withdraw_consent", "skip_look", "get_log"}
    assert not done & {"accept_plan", "resume", "remove_absence", "keep_look", "start_aiming", "installation_record"}


async def test_no_action_of_home_assistant_does_either(evil: Evil) -> None:
    """All of every domain, on each of our entities."""
    watch, hass, given = Watch(evil.home), evil.home.hass, given_to_entities()
    entities = er.async_entries_for_config_entry(er.async_get(hass), evil.home.entry.entry_id)
    tried = set()
    for domain, services in sorted(hass.services.async_services().items()):
        reach = [one.entity_id for one in entities if domain in (one.domain, "homeassistant")]
        for service in services if domain != DOMAIN else ():
            for entity in reach or [PAUSE]:
                await evil.act(domain, service, {"entity_id": entity, **given.get((domain, service), {})})
                tried.add((domain, service, entity))
    assert {("switch", "turn_off", PRIVACY), ("homeassistant", "toggle", PAUSE), ("camera", "turn_on", CAMERA)} <= tried
    nothing_is_less_private(evil, watch)


LOWERING = {
    "end_pause": ("switch.turn_off", {"entity_id": PAUSE}),
    "end_privacy": ("switch.turn_off", {"entity_id": PRIVACY}),
    "both": ("homeassistant.toggle", {"entity_id": [PAUSE, PRIVACY]}),
    "resume": (f"{DOMAIN}.resume", {}),
    "accept": (f"{DOMAIN}.accept_plan", {"number": 2}),
    "keep": (f"{DOMAIN}.keep_look", {"occurrence": "{{ states }}"}),
    "aim": (f"{DOMAIN}.start_aiming", {}),
}


async def test_no_script_of_an_administrator_does_it_for_them(evil: Evil) -> None:
    """A script that an administrator has made and may run, run by the evil user."""
    watch, home = Watch(evil.home), evil.home
    scripts = {}
    for name, (action, data) in LOWERING.items():
        whose = {"config_entry_id": home.entry.entry_id} if action.startswith(DOMAIN) else {}
        asked = data | whose | ({"occurrence": home.occurrence} if name == "keep" else {})
        asked |= {"camera": _camera_device(home.hass)} if name == "aim" else {}
        scripts[name] = {"sequence": [{"action": action, "data": asked}]}
    assert await async_setup_component(home.hass, "script", {"script": {}})
    await _load_scripts(home.hass, scripts)
    for name in LOWERING:
        assert not await evil.act("script", name, {})
        nothing_is_less_private(evil, watch)


async def _load_scripts(hass: HomeAssistant, scripts: dict[str, Any]) -> None:
    with patch("homeassistant.config.load_yaml_config_file", return_value={"script": scripts}):
        await hass.services.async_call("script", "reload", blocking=True)
    assert {f"script.{name}" for name in scripts} <= set(hass.states.async_entity_ids("script"))


def _camera_device(hass: HomeAssistant) -> str:
    found = er.async_get(hass).async_get(GATE)
    assert found is not None and found.device_id is not None
    return found.device_id


# ---- WebSocket ------------------------------------------------------------------------------------------------------


def filled(evil: Evil, kind: str, name: str) -> Any:
    """Something fitting for a field of this name; a guess where nobody knows."""
    home, hass = evil.home, evil.home.hass
    issue = next(iter(ir.async_get(hass).issues.values()), None)
    (device, *_) = dr.async_entries_for_config_entry(dr.async_get(hass), home.entry.entry_id)
    known = {
        "entity_id": CAMERA if kind.startswith("camera") else CALENDAR if kind.startswith("calendar") else PAUSE,
        "entry_id": home.entry.entry_id,
        "config_entry_id": home.entry.entry_id,
        "config_entry": home.entry.entry_id,
        "subentry_id": next(iter(home.entry.subentries)),
        "device_id": device.id,
        "domain": DOMAIN,
        "handler": DOMAIN,
        "integration": DOMAIN,
        "user_id": evil.user.id,
        "issue_id": "x" if issue is None else issue.issue_id,
        "media_content_id": f"media-source://camera/{CAMERA}",
        "disabled_by": "user",
        "hidden_by": "user",
        "event_type": "state_changed",
        "group_ids": ["system-admin"],
        "is_active": True,
        "template": f"{{{{ config_entry_attr('{home.entry.entry_id}', 'data') }}}}",
        "offer": "v=0",
        "format": "hls",
        "start_time": "2026-11-25T00:00:00+00:00",
        "path": f"/api/camera_proxy/{CAMERA}",
        "limit": 10,
        "rating": 1,
    }
    return known.get(name, "x")


def asked_by(evil: Evil, kind: str, schema: Any, *, everything: bool) -> dict[str, Any]:
    """What a command takes."""
    fields = getattr(schema, "schema", None)
    found = {}
    for marker in fields if isinstance(fields, dict) else ():
        name, needed = str(getattr(marker, "schema", marker)), type(marker).__name__ == "Required"
        if name not in ("id", "type") and (needed or everything):
            found[name] = filled(evil, kind, name)
    return found


async def test_no_command_makes_anything_less_private_or_tells_a_key(evil: Evil) -> None:
    watch, commands = Watch(evil.home), evil.home.hass.data["websocket_api"]
    assert {one for one in commands if one.startswith(f"{DOMAIN}/")} == COMMANDS
    done = set()
    for kind, (_handler, schema) in sorted(commands.items()):
        if kind in OWN_SESSION:
            continue
        for everything in (False, True):
            asked = asked_by(evil, kind, schema, everything=everything)
            if (await evil.command(kind, **asked)).get("success"):
                done.add(kind)
    await evil.home.hass.async_block_till_done()
    assert {"get_states", "auth/current_user", *COMMANDS} <= done
    assert not [one for one in done if one.startswith(("config_entries/flow", "config/auth", "config_entries/disable"))]
    nothing_is_less_private(evil, watch)


# ---- HTTP -----------------------------------------------------------------------------------------------------------


def requests(evil: Evil) -> Iterator[tuple[str, str, str]]:
    """Method, pattern, and path of every page that there is."""
    home, hass = evil.home, evil.home.hass
    issue = next(iter(ir.async_get(hass).issues.values()))
    known = {
        "entity_id": CAMERA, "entry_id": home.entry.entry_id, "domain": DOMAIN, "d_type": "config_entry",
        "d_id": home.entry.entry_id, "service": "resume", "event_type": "x", "config_key": "x",
        "issue_id": issue.issue_id, "source": "camera", "sub_type": "device", "sub_id": _camera_device(hass),
    }  # fmt: skip
    for route in hass.http.app.router.routes():
        pattern = "" if route.resource is None else route.resource.canonical
        if pattern.startswith("/api/") and route.method not in ("OPTIONS", "HEAD") and pattern != "/api/websocket":
            fill = re.sub(r"\{(\w+)\}", lambda found: str(known.get(found[1], "x")), pattern)
            yield route.method, pattern, fill


async def test_no_page_makes_anything_less_private_tells_a_key_or_shows_a_picture(evil: Evil) -> None:
    watch, home = Watch(evil.home), evil.home
    body = {
        "handler": DOMAIN, "config_entry_id": home.entry.entry_id, "entry_id": home.entry.entry_id,
        "entity_id": CAMERA,
    }  # fmt: skip
    ours: dict[str, int] = {}
    for method, pattern, path in list(requests(evil)):
        try:
            response = await evil.fetch(method, path, None if method == "GET" else body)
        except TimeoutError:
            continue
        async with response:
            content_type = response.content_type
            content = await asyncio.wait_for(response.content.read(500_000), SECONDS)
        evil.heard.append(content.decode(errors="replace"))
        if content_type.startswith(("image/", "video/", "multipart/")) and CAMERA in path:
            assert shield.png() in content, path
        if pattern.startswith(f"/api/{DOMAIN}/"):
            ours[f"{method} {pattern}"] = response.status
    assert ours == VIEWS
    nothing_is_less_private(evil, watch)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/config/config_entries/flow", {"handler": DOMAIN}),
        ("/api/config/config_entries/options/flow", {"handler": "ENTRY"}),
        ("/api/config/config_entries/subentries/flow", {"handler": ["ENTRY", "camera"]}),
        ("/api/config/config_entries/flow", {"handler": DOMAIN, "entry_id": "ENTRY"}),
        ("/api/repairs/issues/fix", {"handler": DOMAIN, "issue_id": "plan_waiting_ENTRY"}),
        ("/api/config/automation/config/1", {"alias": "x", "triggers": [], "actions": []}),
        ("/api/config/script/config/x", {"sequence": []}),
    ],
    ids=["set-up", "options", "camera", "reconfigure", "repair", "automation", "script"],
)
async def test_no_flow_begins(evil: Evil, path: str, body: dict[str, Any]) -> None:
    """All that asks a person something is for administrators: consent, cameras, choices, plans."""
    told = json.loads(json.dumps(body).replace("ENTRY", evil.home.entry.entry_id))
    response = await evil.fetch("POST", path, told)
    assert response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    flows = evil.home.hass.config_entries
    assert not [*flows.flow.async_progress(), *flows.options.async_progress(), *flows.subentries.async_progress()]
    assert not ir.async_get(evil.home.hass).async_get_issue(DOMAIN, "x")


async def test_a_deletion_is_refused(evil: Evil) -> None:
    """The home, with its journal and what was wished."""
    path = f"/api/config/config_entries/entry/{evil.home.entry.entry_id}"
    assert (await evil.fetch("DELETE", path)).status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    assert (await evil.fetch("POST", f"{path}/reload")).status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


async def test_what_makes_more_private_is_theirs(evil: Evil) -> None:
    """So that what is refused above is not refused for want of a token."""
    assert await evil.act("switch", "turn_on", {"entity_id": PAUSE})
    assert await evil.act("switch", "turn_on", {"entity_id": PRIVACY})
    assert await evil.act(DOMAIN, "withdraw_consent", {"config_entry_id": evil.home.entry.entry_id})
    assert not evil.home.home.gate.consent
