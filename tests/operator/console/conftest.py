"""The real service, a scripted home or two, and one Chromium for all tests of a module."""

import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Request, async_playwright

from tests.bridge.media.scripted_camera import Script, ScriptedCamera
from tests.operator.console.household import Household, approve, serve_console, window_now
from tests.operator.peers import PASSWORD, World
from tillsyn.model import Room

AXE = Path(__file__).parents[3] / "addon/operator/console/node_modules/axe-core/axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-loopback-in-peer-connection",
]
LOOP = "module"
WAIT_MS = 10_000
TOLERATED = ("Failed to load resource", "pubKeyCredParams is missing")
"""What Chromium says of a refused request, and of passkeys that are ES256 only, as ours are meant to be."""
KITCHEN_SHADE = 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """One browser; every desk gets a profile of its own."""
    binary = shutil.which("chromium")
    if binary is None:
        pytest.skip("chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The service with an operator who is also patrol, and an administrator's signature when a test asks for it."""
    found = await serve_console(tmp_path)
    await found.person("anna", "operator", "patrol")
    yield found
    await found.stop()


type Build = Callable[..., Awaitable[Household]]


@pytest_asyncio.fixture(loop_scope="module")
async def build(world: World) -> AsyncIterator[Build]:
    """Makes homes whose window is open and ends in so many minutes, with a camera in each of the rooms."""
    homes: list[Household] = []
    async with ScriptedCamera() as bedroom, ScriptedCamera(Script(shade=KITCHEN_SHADE)) as kitchen:
        cameras = {Room.BEDROOM: bedroom, Room.KITCHEN: kitchen}

        async def make(
            label: str = "Elsa, Storgatan 4", minutes: int = 30, rooms: tuple[Room, ...] = (Room.BEDROOM,)
        ) -> Household:
            home = Household(world, {room: cameras[room] for room in rooms}, label)
            homes.append(home)
            await home.move_in(window_now(minutes))
            return home

        yield make
        for home in homes:
            await home.move_out()


@dataclass
class Screen:
    """A person's browser at the service."""

    page: Page
    world: World
    faults: list[str] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)

    async def login(self, password: str = PASSWORD) -> None:
        """Fill in the form and press Enter."""
        await self.page.goto(self.world.url)
        await self.page.get_by_label("Användarnamn").fill("anna")
        await self.page.get_by_label("Lösenord").fill(password)
        await self.page.keyboard.press("Enter")

    async def ready(self) -> None:
        """Logged in and approved by the root."""
        await self.login()
        await self.sees("Väntar på godkännande")
        await approve(self.world, "anna")
        await self.page.get_by_role("heading", name="Väntar på godkännande").wait_for(state="detached", timeout=WAIT_MS)

    async def sees(self, text: str) -> Locator:
        """Wait until this is on the screen."""
        found = self.page.get_by_text(text).first
        await found.wait_for(timeout=WAIT_MS)
        return found

    async def prepared(self) -> None:
        """The next look is connected."""
        await self.page.get_by_text("Förberedd", exact=True).wait_for(timeout=WAIT_MS)

    async def press(self, key: str) -> None:
        await self.page.keyboard.press(key)

    async def picture(self) -> None:
        """Wait until frames of the camera are on the screen."""
        await self.page.locator(".frame.live video").wait_for(timeout=WAIT_MS)
        await self.page.locator(".curtain").wait_for(state="detached", timeout=WAIT_MS)

    async def shade(self) -> int:
        """How light the picture is that is on the screen, where the cameras' pictures differ."""
        return int(
            await self.page.locator("video").evaluate(
                "(video) => { const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);"
                " const drawn = canvas.getContext('2d'); drawn.drawImage(video, 0, 0);"
                " return drawn.getImageData(video.videoWidth / 2, video.videoHeight - 20, 1, 1).data[1]; }"
            )
        )

    async def no_picture(self) -> None:
        """Neither a padlock nor a video with anything in it, in no part of the page."""
        assert await self.page.locator("[data-secure]").count() == 0
        assert await self.page.locator(".frame.live").count() == 0
        assert await self.page.locator("video:visible").count() == 0

    async def marks(self, at: int = 0) -> dict[str, float]:
        """The timeline of a look."""
        found: dict[str, float] = await self.page.evaluate(f"window.tillsynTimeline[{at}].marks")
        return found

    async def axe(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 A and AA."""
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = await self.page.evaluate(
            "(tags) => axe.run(document, {runOnly: tags, preload: false}).then((r) => r.violations.map((one) =>"
            " `${one.id}: ${one.nodes.map((node) => node.target.join(' ') + ' ' + node.failureSummary).join(' | ')}`))",
            tags,
        )
        return list(found)

    async def overflows(self) -> int:
        """How far the page is wider than the screen."""
        return int(await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest_asyncio.fixture(loop_scope="module")
async def screen(chromium: Browser, world: World) -> AsyncIterator[Screen]:
    """A new browser profile. A script error or anything that the content security policy stops fails the test."""
    context = await chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = await context.new_page()
    page.set_default_timeout(WAIT_MS)
    found = Screen(page, world)

    def posted(request: Request) -> None:
        if request.method == "POST":
            found.posted.append(request.url.removeprefix(world.url))

    page.on("pageerror", lambda error: found.faults.append(str(error)))
    page.on(
        "console",
        lambda one: found.faults.append(one.text) if not any(told in one.text for told in TOLERATED) else None,
    )
    page.on("request", posted)
    yield found
    await context.close()
    assert found.faults == []


def payload(token: str) -> dict[str, Any]:
    """The statement in a token, unchecked."""
    from tillsyn.strict import b64u_decode

    found: dict[str, Any] = json.loads(b64u_decode(token.split(".")[1]))
    return found
