"""The log's page in Chromium: nothing to hinder anybody by WCAG 2.2 AA: both languages, light and dark, on a phone."""

import shutil
from typing import Any, Literal

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn.errors import Refusal

from .home import Setup
from .judged_pages import AXE, FAULTS, FLAGS, LEVELS, WIDER
from .test_log import add

playwright = pytest.importorskip("playwright.async_api", reason="only where Chromium is driven")
ADDRESS = "http://home.test/log"


@pytest.fixture(autouse=True)
async def _http(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "http", {})


async def seen(page: str, headers: dict[str, str], scheme: Literal["light", "dark"], width: int) -> list[str]:
    """What is wrong with it."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=FLAGS)
        try:
            screen = await browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            faults: list[str] = []
            screen.on("pageerror", lambda error: faults.append(str(error)))
            screen.on("console", lambda one: faults.append(one.text))

            async def serve(route: Any) -> None:
                await route.fulfill(body=page, headers=headers)

            await screen.route("**/*", serve)
            await screen.goto(ADDRESS)
            await screen.evaluate(AXE.read_text(encoding="utf-8"))
            faults += await screen.evaluate(FAULTS, LEVELS)
            if await screen.evaluate(WIDER) > 0:
                faults.append("too wide")
            if await screen.evaluate("getComputedStyle(document.body).maxWidth") == "none":
                faults.append("the style was not applied")
            return faults
        finally:
            await browser.close()


@pytest.mark.parametrize(
    ("scheme", "width", "query"),
    [
        pytest.param("light", 1280, {"language": "sv"}, id="light, wide"),
        pytest.param("dark", 390, {"language": "en", "q": "nummer"}, id="dark, on a phone, searched"),
        pytest.param("dark", 1280, {"language": "sv", "kind": "signed"}, id="dark, cannot be signed"),
    ],
)
async def test_nothing_hinders_anybody(
    home: Setup,
    hass_client: ClientSessionGenerator,
    scheme: Literal["light", "dark"],
    width: int,
    query: dict[str, str],
) -> None:
    await add(home, 60)
    await home.home.journal.add(e.LookRefused("Ett" + "långtnamn" * 8, Refusal.BUSY))
    await home.bridge.stop()
    await home.until(lambda: not home.home.connection.is_up)
    client: Any = await hass_client()
    async with client.get(f"/api/trygghetskamera/log/{home.entry.entry_id}", params=query) as answer:
        page = await answer.text()
        kept = ("Content-Security-Policy", "Content-Type")
        headers = {name: answer.headers[name] for name in kept}
    assert await seen(page, headers, scheme, width) == []
