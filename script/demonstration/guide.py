"""``script/demo --pictures``: the pictures of README.md and docs/guide-sv.md, from the running system."""

import asyncio
import io
from datetime import datetime
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Browser, Locator, Page

from tillsyn.schedule import STOCKHOLM

from .browser import Screen, chromium
from .check import last_marks, open_next, sign_in, until
from .dashboard import CLIENT, RELATIVE
from .home_assistant import HomeAssistant
from .home_pages import shown
from .processes import say
from .system import System

_NIGHT: Final = ("23:00-23:30", "03:00-03:30")
_HALL: Final = Screen(1024, 768, "sv-SE", "dark")
_TABLET: Final = Screen(860, 900, "sv-SE", "light")
"""Without Home Assistant's side bar."""
_HEADER: Final = 56
"""Home Assistant's own, in pixels."""
_LOOK_MS: Final = 12_000
_COLOURS: Final = 64


async def guide_pictures(system: System, folder: Path) -> int:
    """One look, then what client and relative see and do."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with chromium() as browser:
        await _looked(browser, system, folder)
        await system.renew_plan(0, _NIGHT)
        await _client(browser, system.home, folder)
        await _relative(browser, system.home, folder)
    return 0


def _part(page: Page, selector: str) -> Locator:
    return page.locator(f"trygghetskamera-card {selector}")


async def _save(what: Page | Locator, folder: Path, name: str, top: int = 0) -> None:
    """A small file: few colours are enough for a screen. ``top``: how much is left out there, in pixels."""
    await (what if isinstance(what, Page) else what.page).mouse.move(0, 0)
    taken = await what.screenshot(animations="disabled")
    whole = Image.open(io.BytesIO(taken)).convert("RGB")
    picture = whole.crop((0, top, *whole.size)).quantize(_COLOURS, dither=Image.Dither.NONE)
    picture.save(folder / f"{name}.png", optimize=True)
    say(f"{name}.png")


async def _looked(browser: Browser, system: System, folder: Path) -> None:
    """What the client's screen says while somebody looks."""
    operator = await sign_in(browser, system)
    page = await shown(browser, system.home, CLIENT, _TABLET)
    await open_next(operator)
    await _part(page, ".situation[data-tone=seen]").wait_for()
    await _save(_part(page, ".situation"), folder, "guide-looking")
    await page.wait_for_timeout(_LOOK_MS)
    await operator.keyboard.press("1")
    await until(lambda: last_marks(operator), bool)
    await operator.context.close()
    await page.context.close()


async def _client(browser: Browser, home: HomeAssistant, folder: Path) -> None:
    page = await shown(browser, home, CLIENT, _HALL)
    await _save(page, folder, "home")
    await page.context.close()
    page = await shown(browser, home, CLIENT, _TABLET)
    await _save(page, folder, "guide-home", _HEADER)
    await page.set_viewport_size({"width": 420, "height": 1300})
    await _part(page, ".looks .small").last.click()
    await _part(page, ".looks li[data-mark=skipped]").wait_for()
    await _save(_part(page, ".tonight"), folder, "guide-skip")
    await _part(page, ".visit .quiet").click()
    await _save(_part(page, ".visit"), folder, "guide-visit")
    await _part(page, ".choices .choice").nth(1).click()
    await _part(page, ".pause.on").wait_for()
    await _save(_part(page, ".pausing"), folder, "guide-pause")
    await _part(page, ".pause").click()
    await _part(page, ".pause:not(.on)").wait_for()
    await page.set_viewport_size({"width": _TABLET.width, "height": _TABLET.height})
    await page.clock.set_fixed_time(datetime.now(STOCKHOLM).replace(hour=7, minute=30))
    await page.reload()
    await _part(page, ".sleep").wait_for()
    await _save(_part(page, ".sleep"), folder, "guide-sleep")
    await page.context.close()


async def _relative(browser: Browser, home: HomeAssistant, folder: Path) -> None:
    page = await shown(browser, home, RELATIVE, _TABLET)
    await _part(page, ".log .day").first.wait_for()
    await page.set_viewport_size({"width": _TABLET.width, "height": 1500})
    await _save(page, folder, "guide-relative", _HEADER)
    await page.context.close()
