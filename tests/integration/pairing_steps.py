"""What the tests share about pairing as a browser does it: over HTTP, with a page of ours beside the dialog."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientResponse
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.scan_view import async_register_scan

from .peers import ScriptedBridge

ORIGIN = "http://home.test:8123"
FLOWS = "/api/config/config_entries/flow"


@dataclass
class Dialog:
    """A flow in an administrator's browser, which says where it has Home Assistant."""

    client: Any
    page: Any
    """Another client, which has not signed in."""
    origin: str
    flow: dict[str, Any]

    async def answer(self, answers: dict[str, Any]) -> dict[str, Any]:
        """Press the button."""
        return await self._took("post", json=answers)

    async def look(self) -> dict[str, Any]:
        """Ask again, as the dialog does when it is told that the flow has gone on."""
        return await self._took("get")

    async def _took(self, method: str, **more: Any) -> dict[str, Any]:
        headers = {"HA-Frontend-Base": self.origin}
        async with self.client.request(method, f"{FLOWS}/{self.flow['flow_id']}", headers=headers, **more) as answer:
            assert answer.status == 200, await answer.text()
            self.flow = await answer.json()
        return self.flow

    async def scan(self) -> str:
        """Choose to scan; the path of the page."""
        assert (self.flow["step_id"], self.flow["menu_options"]) == ("pairing", ["pairing_scan", "pairing_code"])
        await self.answer({"next_step_id": "pairing_scan"})
        assert self.flow["type"] == "external"
        assert self.flow["url"].startswith(self.origin + "/api/trygghetskamera/scan/")
        return urlsplit(self.flow["url"]).path

    async def sent(self, path: str, code: str) -> int:
        """What the page is answered."""
        async with self.page.post(path, data=code.encode()) as answer:
            return int(answer.status)

    async def shown(self, path: str, **headers: str) -> ClientResponse:
        """The page."""
        return await self.page.get(path, headers=headers)  # type: ignore[no-any-return]


async def prepare_pages(hass: HomeAssistant) -> None:
    """What a browser needs. The test's server takes no more pages once it runs, which Home Assistant's own does."""
    for component in ("http", "config"):
        assert await async_setup_component(hass, component, {})
    async_register_scan(hass)


async def open_dialog(
    hass: HomeAssistant,
    signed_in: ClientSessionGenerator,
    anybody: ClientSessionGenerator,
    bridge: ScriptedBridge,
    origin: str = ORIGIN,
) -> Dialog:
    """A new home whose bridge is known."""
    client, page = await signed_in(), await anybody()
    headers = {"HA-Frontend-Base": origin}
    async with client.post(FLOWS, json={"handler": DOMAIN}, headers=headers) as answer:
        dialog = Dialog(client, page, origin, await answer.json())
    await dialog.answer({"access_key": bridge.access_key, "host": "127.0.0.1", "port": bridge.port})
    return dialog


@pytest.fixture
async def dialog(
    hass: HomeAssistant,
    bridge: ScriptedBridge,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> Dialog:
    """A new home, at the question how the code is to be entered."""
    bridge.is_paired = False
    await prepare_pages(hass)
    return await open_dialog(hass, hass_client, hass_client_no_auth, bridge)
