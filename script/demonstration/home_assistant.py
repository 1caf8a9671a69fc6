"""A fresh Home Assistant for the demo, driven through the same HTTP and WebSocket interfaces that its own pages use."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp

from .processes import DemoError, Processes, say

_CONFIGURATION = """\
# Made by script/demo. A small Home Assistant: pages, history and the integration, nothing that looks for devices.
homeassistant:
  name: {name}
  latitude: 57.49
  longitude: 12.07
  elevation: 10
  unit_system: metric
  currency: SEK
  country: SE
  language: sv
  time_zone: Europe/Stockholm
recorder:
history:
logbook:
my:
sun:
media_source:
webhook:
stream:
logger:
  default: warning
  logs:
    custom_components.trygghetskamera: info
"""
TITLE = "Hemma hos Astrid"

type Answer = Mapping[str, Any]
type Steps = Mapping[str, Answer | list[Answer]]


def _answer(given: Answer | list[Answer]) -> Answer:
    return given.pop(0) if isinstance(given, list) else given


@dataclass
class HomeAssistant:
    """A running Home Assistant and a signed-in administrator's token."""

    url: str
    session: aiohttp.ClientSession
    tokens: dict[str, Any]
    folder: Path

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    async def get(self, path: str) -> Any:
        """GET an API path."""
        return json.loads(await self.download(path))

    async def download(self, path: str) -> bytes:
        """GET a file."""
        async with self.session.get(self.url + path, headers=self._headers) as answer:
            if answer.status != 200:
                raise DemoError(f"Home Assistant answered {answer.status} to {path}")
            return await answer.read()

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST an API path."""
        async with self.session.post(self.url + path, json=body, headers=self._headers) as answer:
            if answer.status not in (200, 201):
                raise DemoError(f"Home Assistant answered {answer.status} to {path}: {(await answer.text())[:300]}")
            return await answer.json()

    async def flow(self, handler: str | list[str], steps: Steps, kind: str = "flow", end: str = "") -> Any:
        """Walk a configuration flow: ``steps`` says what to answer each step by its id (a list: in turn, from the
        front); gives the final result. ``end``: the reason that a flow without an entry of its own ends with.
        """
        base = f"/api/config/config_entries/{kind}"
        result = await self.post(base, {"handler": handler, "show_advanced_options": False})
        seen: list[str] = []
        async with asyncio.timeout(150):
            while result["type"] not in ("create_entry", "abort"):
                seen.append(f"{result.get('step_id')}{result.get('errors') or ''}")
                if result.get("errors") or len(seen) > 60:
                    raise DemoError(f"the configuration flow stopped: {seen[-3:]}")
                result = await self._next(base, result, steps)
        if result["type"] == "abort" and result["reason"] != end:
            raise DemoError(f"the configuration flow was aborted: {result['reason']}")
        return result

    async def _next(self, base: str, result: Mapping[str, Any], steps: Steps) -> Any:
        path = f"{base}/{result['flow_id']}"
        match result["type"]:
            case "form":
                return await self.post(path, _answer(steps.get(result["step_id"], {})))
            case "menu":
                return await self.post(path, _answer(steps[result["step_id"]]))
            case _:  # progress: ask again until it has moved on
                await asyncio.sleep(0.3)
                return await self.get(path)

    async def command(self, kind: str, **fields: Any) -> Any:
        """One WebSocket command as the administrator."""
        async with self.session.ws_connect(self.url.replace("http", "ws") + "/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self.tokens["access_token"]})
            await socket.receive_json()
            await socket.send_json({"id": 1, "type": kind, **fields})
            answer = await socket.receive_json()
            if not answer.get("success"):
                raise DemoError(f"Home Assistant refused {kind}: {answer.get('error')}")
            return answer["result"]

    async def call(self, domain: str, service: str, data: Mapping[str, Any]) -> None:
        """Call an action."""
        await self.post(f"/api/services/{domain}/{service}", data)

    async def states(self) -> dict[str, dict[str, Any]]:
        """All entity states by id."""
        return {one["entity_id"]: one for one in await self.get("/api/states")}

    def journal(self) -> Path:
        """The home's journal file."""
        return next((self.folder / ".storage").glob("trygghetskamera.*.journal"))

    async def signed_log(self) -> bytes:
        """The whole log as the hub signs it."""
        entry_id = self.journal().name.split(".")[1]
        return await self.download(f"/api/trygghetskamera/log/{entry_id}?kind=signed")

    async def entry_data(self) -> dict[str, str]:
        """What the home has pinned, as Home Assistant keeps it."""
        stored = json.loads(await asyncio.to_thread((self.folder / ".storage/core.config_entries").read_text))
        entries = stored["data"]["entries"]
        return dict(next(one["data"] for one in entries if one["domain"] == "trygghetskamera"))

    async def entity(self, translation_key: str, domain: str) -> str:
        """The entity id of the integration's entity with this translation key."""
        for one in await self.command("config/entity_registry/list"):
            same = one["platform"] == "trygghetskamera" and one["entity_id"].startswith(f"{domain}.")
            if same and one.get("translation_key") == translation_key:
                return str(one["entity_id"])
        raise DemoError(f"the integration made no {domain} {translation_key}")


async def start_home_assistant(
    processes: Processes, folder: Path, port: int, password: str, session: aiohttp.ClientSession
) -> HomeAssistant:
    """Write a configuration, start Home Assistant, make its owner."""
    folder.mkdir(parents=True)
    root = Path(__file__).parent.parent.parent
    (folder / "configuration.yaml").write_text(_CONFIGURATION.format(name=TITLE))
    (folder / "custom_components").mkdir()
    (folder / "custom_components" / "trygghetskamera").symlink_to(root / "custom_components" / "trygghetskamera")
    (folder / ".storage").mkdir()
    # Only the owner is made by hand; the later steps would look for radio stations and weather on the internet.
    _store(folder, "onboarding", 4, {"done": ["core_config", "analytics", "integration"]})
    _store(folder, "http", 3, {"stable": _server(port), "pending": None, "yaml_migration_done": True})
    say("Home Assistant: first start (takes 10-30 seconds)")
    await processes.start(
        "home-assistant", [sys.executable, "-m", "homeassistant", "-c", folder, "--skip-pip"], ready=False
    )
    url = f"http://127.0.0.1:{port}"
    await _until_up(processes, session, url)
    return HomeAssistant(url, session, await _onboard(session, url, password), folder)


def _store(folder: Path, key: str, version: int, data: dict[str, Any]) -> None:
    """What Home Assistant would have kept itself, had somebody chosen it in its pages."""
    stored = {"version": version, "minor_version": 1, "key": key, "data": data}
    (folder / ".storage" / key).write_text(json.dumps(stored))


def _server(port: int) -> dict[str, Any]:
    """Where its pages are: on this machine only."""
    return {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }


async def _until_up(processes: Processes, session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(180):
        while True:
            if dead := processes.dead():
                raise DemoError(f"{dead} stopped; its log is {processes.folder / dead}.log")
            try:
                async with session.get(url + "/api/onboarding") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.3)


async def _onboard(session: aiohttp.ClientSession, url: str, password: str) -> dict[str, Any]:
    client = url + "/"
    owner = {"client_id": client, "name": "Astrid", "username": "hemma", "password": password, "language": "sv"}
    async with session.post(url + "/api/onboarding/users", json=owner) as answer:
        if answer.status != 200:
            raise DemoError(f"Home Assistant did not make its first user ({answer.status})")
        code = (await answer.json())["auth_code"]
    return await _tokens(session, url, code)


async def _tokens(session: aiohttp.ClientSession, url: str, code: str) -> dict[str, Any]:
    client = url + "/"
    form = {"grant_type": "authorization_code", "code": code, "client_id": client}
    async with session.post(url + "/auth/token", data=form) as answer:
        tokens: dict[str, Any] = await answer.json()
    return {**tokens, "hassUrl": url, "clientId": client}


async def add_person(home: HomeAssistant, name: str, login: str, password: str) -> HomeAssistant:
    """A new user who is no administrator, signed in as from a page of their own."""
    user = (await home.command("config/auth/create", name=name, group_ids=["system-users"]))["user"]
    login_data = {"username": login, "password": password}
    await home.command("config/auth_provider/homeassistant/create", user_id=user["id"], **login_data)
    await home.command("person/create", name=name, user_id=user["id"], device_trackers=[])
    client = home.url + "/"
    begin = {"client_id": client, "redirect_uri": client, "handler": ["homeassistant", None]}
    async with home.session.post(home.url + "/auth/login_flow", json=begin) as answer:
        flow = (await answer.json())["flow_id"]
    async with home.session.post(
        f"{home.url}/auth/login_flow/{flow}", json={"client_id": client, **login_data}
    ) as answer:
        code = (await answer.json())["result"]
    return replace(home, tokens=await _tokens(home.session, home.url, code))
