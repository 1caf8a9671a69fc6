"""The browser of somebody who pairs homes, and what their camera would see."""

import io
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Request

from tests.operator.console.conftest import WAIT_MS, Screen
from tests.operator.console.test_shift import authenticator, certify, log_in, root_says
from tests.operator.peers import Home, World
from tillsyn import frames
from tillsyn.identity import PairingCode
from tillsyn.model import Role

LABEL = "Elsa, Storgatan 4"
PICTURES = os.environ.get("TILLSYN_PICTURES")
"""A folder for pictures of the pages, for whoever wants to look at them."""

type Open = Callable[..., Awaitable[Installer]]


class Installer(Screen):
    """An installer's browser, and everything that it has ever sent."""

    sent: list[str]
    kid = ""
    """Of the passkey."""

    def watch(self) -> None:
        self.sent = []

        def note(request: Request) -> None:
            self.sent.append(f"{request.method} {request.url} {request.headers} {request.post_data}")

        self.page.on("request", note)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda one: self.faults.append(one.text) if "Refused" in one.text else None)

    async def make_code(self, label: str = LABEL) -> PairingCode:
        """Ask for a code, and read it as text."""
        await self.page.get_by_label("Vad hemmet ska heta").fill(label)
        await self.press("Enter")
        return await self.code()

    async def code(self) -> PairingCode:
        return PairingCode.decode(await self.page.locator("textarea").input_value())

    async def read(self) -> str:
        """What a camera sees in the picture of the page."""
        await self.page.locator("svg.qr").wait_for()
        shot = await self.page.screenshot(full_page=True)
        found = zxingcpp.read_barcodes(Image.open(io.BytesIO(shot)))
        return "".join(one.text for one in found)

    async def words(self) -> list[str]:
        """As they are shown, the large ones."""
        await self.page.get_by_role("button", name="Samma ord", exact=True).wait_for()
        return await self.page.locator("ol.five b").all_inner_texts()

    async def keep(self, name: str) -> None:
        if PICTURES:
            await self.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def opener(chromium: Browser, stack: AsyncExitStack, world: World) -> Open:
    """Opens browsers of people in their shift."""

    async def make(
        login: str = "ines", *roles: Role, at: str = "pair", where: World = world, theme: str = "dark"
    ) -> Installer:
        roles = roles or (Role.INSTALLER,)
        await where.person(login, *(role.value for role in roles))
        context = await chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        stack.push_async_callback(context.close)
        page = await context.new_page()
        await page.add_init_script(f"localStorage.setItem('tillsyn-theme', '{theme}')")
        page.set_default_timeout(WAIT_MS)
        await authenticator(page)
        screen = Installer(page, where)
        screen.watch()
        if not where.service.will.policy:
            await root_says(where)
        await page.goto(f"{where.url}/#{at}")
        await log_in(screen, login)
        await page.get_by_role("button", name="Lägg till passnyckel").click()
        await screen.sees("Läs upp koden för administratören")
        screen.kid = await certify(where, login, *roles)
        await page.get_by_role("button", name="Börja passet").click()
        await page.get_by_role("button", name="Börja passet").wait_for(state="detached")
        return screen

    return make


async def ask(hub: Home, code: PairingCode, mac: str = "") -> None:
    """The code has been entered at home."""
    await hub.dial()
    await hub.send(frames.Pair(code.rendezvous, hub.key.public.x, mac or code.mac(hub.key.public)))
