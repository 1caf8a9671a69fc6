"""Looks in Chromium, one after the other, for whoever measures them."""

import asyncio

from playwright.async_api import Page

from .check import last_marks, open_next, until
from .system import System


async def one_look(page: Page, *, settle: float) -> dict[str, float]:
    """Click, see the first frame, wait, say seen; when each step happened (ms since 1970)."""
    await open_next(page)
    await asyncio.sleep(settle)
    before = await page.evaluate("window.tillsynTimeline.filter((line) => line.marks.receipt).length")
    await page.keyboard.press("1")
    await page.wait_for_function(
        "(before) => window.tillsynTimeline.filter((line) => line.marks.receipt).length > before",
        arg=before,
        timeout=20_000,
    )
    return await last_marks(page)


async def connected(page: Page) -> None:
    """Wait until the next look is connected."""
    await page.wait_for_function("() => window.tillsynTimeline.at(-1)?.marks.connected !== undefined", timeout=20_000)


async def gate(system: System) -> str:
    """What the gate's sensor says."""
    entity = await system.home.entity("gate", "sensor")
    return str((await system.home.states())[entity]["state"])


async def until_closed(system: System) -> None:
    """Wait until the camera is away again."""
    await until(lambda: gate(system), lambda state: state == "closed")
