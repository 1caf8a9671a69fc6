"""What client and relative do with the dashboard, done in Chromium against the running home, and what came of it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Locator, Page, expect

from tillsyn.journal import replay
from tillsyn.schedule import STOCKHOLM

from .browser import Screen
from .dashboard import CLIENT, RELATIVE
from .home_assistant import HomeAssistant
from .home_pages import judged, shown

type Hold = Callable[[str, bool, object], None]

_PHONE: Final = Screen(390, 844, "sv-SE", "light")
_TABLET: Final = Screen(1024, 768, "sv-SE", "light")


def _part(page: Page, selector: str) -> Locator:
    return page.locator(f"trygghetskamera-card {selector}")


async def client_steps(hold: Hold, browser: Browser, home: HomeAssistant, folder: Path) -> list[str]:
    """The client pauses, for good and until tomorrow, and asks for a visit. Gives what is wrong on the screens."""
    page = await shown(browser, home, CLIENT, _PHONE)
    pause, said = await home.entity("pause", "switch"), []
    for state in (".pause.on", ".pause:not(.on)"):
        await _part(page, ".pause").press("Enter")
        await _part(page, state).wait_for(timeout=10_000)
        said.append(str((await home.states())[pause]["state"]))
    hold("one press on the large button pauses, one more resumes", said == ["on", "off"], said)

    await _part(page, ".choices .choice").nth(1).press("Enter")
    await _part(page, ".pause.on").wait_for(timeout=10_000)
    until = (await home.states())[await home.entity("pause_until", "datetime")]["state"]
    shown_until = await _part(page, ".pause .name").inner_text()
    hold("a pause until tomorrow ends by itself, and says when", "12:00" in shown_until, (shown_until, until))
    faults = await judged(page, folder, "client-paused")
    await _part(page, ".pause").press("Enter")
    await _part(page, ".pause:not(.on)").wait_for(timeout=10_000)
    faults += await _skips(hold, page, folder)
    faults += await _asks_for_visit(hold, page, home, folder)
    faults += await _tells_of_sleep(hold, page, home, folder)
    await page.context.close()
    return faults


async def _skips(hold: Hold, page: Page, folder: Path) -> list[str]:
    planned, skipped = _part(page, ".looks li[data-mark=planned]"), _part(page, ".looks li[data-mark=skipped]")
    await planned.first.locator("button").press("Enter")
    await skipped.wait_for(timeout=10_000)
    said = await skipped.inner_text()
    hold("a look can be skipped by the client", "Ingen tittar in" in said, said)
    faults = await judged(page, folder, "client-skipped")
    await skipped.locator("button").press("Enter")
    await skipped.wait_for(state="detached", timeout=10_000)
    hold("and that be undone by one who may", await planned.count() > 0, await planned.count())
    return faults


async def _asks_for_visit(hold: Hold, page: Page, home: HomeAssistant, folder: Path) -> list[str]:
    button = await home.entity("request_visit", "button")
    await _part(page, ".visit .quiet").press("Enter")
    faults = await judged(page, folder, "client-visit")
    await _part(page, ".sure .choice:not(.yes)").press("Enter")
    before = (await home.states())[button]["state"]
    await _part(page, ".visit .quiet").press("Enter")
    await _part(page, ".sure .yes").press("Enter")
    await _part(page, ".visit .said:not(:empty)").wait_for(timeout=10_000)
    after = (await home.states())[button]["state"]
    hold("a visit is asked for only when the client is sure", before == "unknown" != after, (before, after))
    trouble = await _part(page, ".visit .trouble").inner_text()
    hold("and the municipality is told", not trouble, trouble)
    return faults


async def _tells_of_sleep(hold: Hold, page: Page, home: HomeAssistant, folder: Path) -> list[str]:
    hour = datetime.now(STOCKHOLM).hour
    is_asked = await _part(page, ".sleep").is_visible()
    hold("how the client slept is asked from six to twelve only", is_asked is (6 <= hour < 12), (hour, is_asked))
    await page.clock.set_fixed_time(datetime.now(STOCKHOLM).replace(hour=7, minute=30))
    await page.reload()
    await _part(page, ".answer").first.wait_for(timeout=30_000)
    faults = await judged(page, folder, "client-morning")
    await _part(page, ".answer").nth(1).press("Enter")
    await _part(page, ".sleep .said:not(:empty)").wait_for(timeout=10_000)
    await _part(page, ".sleep .buttons .choice").first.press("Enter")
    await _part(page, ".sleep textarea").fill("Vaknade en gång.")
    faults += await judged(page, folder, "client-comment")
    await _part(page, ".comment .yes").press("Enter")
    await _part(page, ".comment").wait_for(state="hidden", timeout=10_000)
    rating = (await home.states())[await home.entity("sleep_rating", "select")]["state"]
    said = replay(await asyncio.to_thread(home.journal().read_bytes)).sleep
    comment = said.comment if said is not None else ""
    hold("and the answer is kept, with what more was told", (rating, comment) == ("4", "Vaknade en gång."), rating)
    return faults


async def relative_steps(hold: Hold, browser: Browser, home: HomeAssistant, folder: Path) -> list[str]:
    """A relative who may not make the camera less private: pauses, adds an absence, and is told what is not theirs."""
    page = await shown(browser, home, RELATIVE, _TABLET)
    await _part(page, ".looks li[data-mark=planned] button").first.press("Enter")
    undo = _part(page, ".looks li[data-mark=skipped] button")
    await undo.press("Enter")
    await _part(page, ".tonight > .trouble:not(:empty)").wait_for(timeout=10_000)
    hold("who may not undo a skipped look is told so, and not asked again", not await undo.is_visible(), "")
    await _part(page, ".choices .choice").first.click()
    await _part(page, ".pause.on").wait_for(timeout=10_000)
    await _part(page, ".pause").click()
    await _part(page, ".pausing .trouble:not(:empty)").wait_for(timeout=10_000)
    refused = await _part(page, ".pausing .trouble").inner_text()
    hold("a relative may pause but not resume, and reads whom to ask", "Be den som sköter" in refused, refused)

    form = _part(page, ".absences details")
    await form.locator("summary").press("Enter")
    start, end = (datetime.now(STOCKHOLM) + timedelta(days=days) for days in (2, 4))
    await form.locator("select").select_option("guests")
    await form.locator("input").nth(0).fill(f"{start:%Y-%m-%d}T18:00")
    await form.locator("input").nth(1).fill(f"{start:%Y-%m-%d}T12:00")
    faults = await judged(page, folder, "relative-absence")
    await form.locator("button").press("Enter")
    wrong = await form.locator(".trouble").inner_text()
    await form.locator("input").nth(1).fill(f"{end:%Y-%m-%d}T12:00")
    await form.locator("button").press("Enter")
    added = _part(page, ".absences .lines li")
    await added.wait_for(timeout=10_000)
    hold("an absence that ends before it begins is not added", bool(wrong), wrong)
    hold("an absence can be added", "Gäster" in await added.inner_text(), await added.inner_text())
    await added.locator("button").press("Enter")
    await _part(page, ".absences > .trouble:not(:empty)").wait_for(timeout=10_000)
    hold("and is not removed by one who may not", await added.count() == 1, await added.count())
    faults += await judged(page, folder, "relative-refused")
    await _reads_log(hold, page, home)
    faults += await _stops(hold, page, home, folder)
    await page.context.close()
    return faults


async def _reads_log(hold: Hold, page: Page, home: HomeAssistant) -> None:
    entries = _part(page, ".log .day li")
    await entries.first.wait_for(timeout=10_000)
    many = await entries.count()
    await _part(page, ".log > .quiet").press("Enter")
    await entries.nth(many).wait_for(timeout=10_000)
    await _part(page, ".log input").fill("gäster")
    await expect(entries).to_have_count(1, timeout=10_000)
    found = await entries.first.inner_text()
    hold("the log is read and searched", "Karin antecknade frånvaro (gäster)" in found, found)
    link = await _part(page, ".log .files a").last.get_attribute("href")
    async with home.session.get(link or "") as answer:  # as the browser does: without anybody's token
        text = await answer.text()
    hold("and taken home as a table", answer.status == 200 and "gäster" in text, (answer.status, text[:200]))


async def _stops(hold: Hold, page: Page, home: HomeAssistant, folder: Path) -> list[str]:
    await _part(page, ".stop summary").press("Enter")
    await _part(page, ".stop .quiet").press("Enter")
    faults = await judged(page, folder, "relative-stop")
    await _part(page, ".stop .yes").press("Enter")
    await _part(page, ".stop .said:not(:empty)").wait_for(timeout=10_000)
    record = replay(await asyncio.to_thread(home.journal().read_bytes))
    hold("anybody in the home can withdraw consent", not record.consent, record.people)
    return faults
