"""Going through the camera's flow as the installer's browser does: over HTTP, as an administrator at home."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from virtual_camera import Settings, VirtualCamera

from .home import PASSWORD, USER

FLOW = "/api/config/config_entries/subentries/flow"


@asynccontextmanager
async def virtual(**settings: Any) -> AsyncIterator[VirtualCamera]:
    async with VirtualCamera(Settings(**{"user": USER, "password": PASSWORD, "motor_speed": 20, **settings})) as camera:
        yield camera


def login(camera: VirtualCamera, **changes: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": camera.http_port, "username": USER, "password": PASSWORD, **changes}


class Installer:
    """One browser with one flow."""

    def __init__(self, hass: HomeAssistant, client: TestClient[Any, Any], entry: ConfigEntry) -> None:
        self.hass = hass
        self.client = client
        self.entry = entry
        self.step: dict[str, Any] = {}

    async def _take(self, answer: ClientResponse) -> Self:
        assert answer.status == 200, await answer.text()
        self.step = await answer.json()
        while self.step["type"] == "progress":
            await self.hass.async_block_till_done()
            async with self.client.get(f"{FLOW}/{self.step['flow_id']}") as again:
                self.step = await again.json()
        return self

    async def begin(self, subentry_id: str | None = None) -> Self:
        """Add a camera, or take one up."""
        body: dict[str, Any] = {"handler": [self.entry.entry_id, "camera"]}
        if subentry_id is not None:
            body["subentry_id"] = subentry_id
        async with self.client.post(FLOW, json=body) as answer:
            return await self._take(answer)

    async def answer(self, **fields: Any) -> Self:
        """Fill in a form."""
        async with self.client.post(f"{FLOW}/{self.step['flow_id']}", json=fields) as answer:
            return await self._take(answer)

    async def choose(self, option: str) -> Self:
        """Choose in a menu."""
        assert option in self.step["menu_options"], (self.step["step_id"], self.step["menu_options"])
        return await self.answer(next_step_id=option)

    async def sign_in(self, camera: VirtualCamera, **changes: Any) -> Self:
        """From the beginning to signing in."""
        await (await self.begin()).choose("sign_in")
        return await self.answer(**login(camera, **changes))

    async def leave(self) -> None:
        """Close the dialog, where there is one."""
        if "flow_id" not in self.step:
            return
        async with self.client.delete(f"{FLOW}/{self.step['flow_id']}"):
            pass

    @property
    def at(self) -> str:
        """The step that is shown, or why it is over."""
        found: str = self.step.get("step_id") or self.step["reason"]
        return found

    @property
    def says(self) -> dict[str, str]:
        """What the step's text is filled in with."""
        found: dict[str, str] = self.step["description_placeholders"]
        return found
