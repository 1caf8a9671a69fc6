"""``script/demo --check``: one look in Chromium, judged from outside: the picture, the camera, the home, the
receipt.
"""

import asyncio
import json
import secrets
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page
from playwright.async_api import TimeoutError as Late

from tillsyn.identity import PublicKey
from tillsyn.journal import replay
from tillsyn.receipts import Head, verify
from virtual_camera import BED, CEILING, Look, Person, Position

from .browser import ShownFrame, chromium, console_page, shown_frames
from .home_assistant import add_person
from .home_pages import home_pictures
from .home_steps import client_steps, relative_steps
from .processes import DemoError, say
from .system import System
from .timeline import Step, show, steps

_NEAR = 0.02


@dataclass
class Verdict:
    """What held and what did not."""

    failures: list[str] = field(default_factory=list)

    def hold(self, what: str, is_so: bool, found: object = "") -> None:
        """Note one thing that must hold."""
        print(f"  {'ok ' if is_so else 'NOT'}  {what}{'' if is_so else f'   (found: {found})'}", flush=True)
        if not is_so:
            self.failures.append(what)


async def check(system: System, folder: Path) -> int:
    """Perform the look and print what held; 0 only if all of it did."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    verdict = Verdict()
    async with chromium() as browser:
        say("Operator: signing in and taking the look")
        page = await sign_in(browser, system)
        await page.screenshot(path=folder / "1-queue.png")
        frames, marks = await _look(page, folder)
        _judge_picture(verdict, frames)
        await _judge_camera(verdict, system)
        await _judge_home(verdict, system)
        await _judge_receipt(verdict, system)
        await _judge_keeping(verdict, system)
        await page.screenshot(path=folder / "4-done.png")
        await _judge_dashboard(verdict, browser, system, folder)
        timeline = await steps(system, marks)
    _print(timeline, verdict, folder)
    return 1 if verdict.failures else 0


async def _judge_dashboard(verdict: Verdict, browser: Browser, system: System, folder: Path) -> None:
    say("Home Assistant: client and relative, on every screen")
    faults = await home_pictures(browser, system.home, folder)
    faults += await client_steps(verdict.hold, browser, system.home, folder)
    relative = await add_person(system.home, "Karin", "karin", secrets.token_urlsafe(12))
    faults += await relative_steps(verdict.hold, browser, relative, folder)
    verdict.hold("the dashboard can be read and used by everybody (WCAG 2.2 AA)", not faults, faults)


async def sign_in(browser: Browser, system: System) -> Page:
    """The operator signs in and waits until the administrator has approved this browser."""
    page = await console_page(browser)
    await page.goto(system.municipality.url)
    operator = system.municipality.staff["operator"]
    await page.locator("input[autocomplete=username]").fill(operator.login)
    await page.locator("input[type=password]").fill(operator.password)
    await page.keyboard.press("Enter")
    await ready(page)
    return page


async def ready(page: Page) -> None:
    """The queue is there and its next look can be taken."""
    await page.locator("tk-queue button.go:enabled").wait_for(timeout=30_000)


async def open_next(page: Page) -> None:
    """Take the next look and wait until its first frame is shown."""
    before = await page.evaluate("window.shownFrames.length")
    await page.keyboard.press("Enter")
    try:
        await page.wait_for_function("(before) => window.shownFrames.length > before", arg=before, timeout=30_000)
    except Late as err:
        picture = Path(tempfile.mkdtemp()) / "no-picture.png"
        await page.screenshot(path=picture)
        lines = json.dumps(await page.evaluate("() => window.tillsynTimeline.slice(-2)"))
        raise DemoError(f"no picture came; what the console showed is in {picture}\n{lines}") from err


async def last_marks(page: Page) -> dict[str, float]:
    """When each step of the newest look that got a receipt happened, ms since 1970."""
    lines = await page.evaluate("window.tillsynTimeline")
    done = [line["marks"] for line in lines if "receipt" in line["marks"]]
    return dict(done[-1]) if done else {}


async def until[T](make: Callable[[], Coroutine[Any, Any, T]], good: Callable[[T], bool], seconds: float = 10) -> T:
    """Ask again until the answer is good or the time is out; gives the last answer."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        found = await make()
        if good(found) or loop.time() > end:
            return found
        await asyncio.sleep(0.1)


async def _look(page: Page, folder: Path) -> tuple[list[ShownFrame], dict[str, float]]:
    await open_next(page)
    await page.wait_for_function("() => window.shownFrames.length >= 45", timeout=20_000)  # three seconds of picture
    await page.screenshot(path=folder / "2-look.png")
    await page.keyboard.press("1")
    marks = await until(lambda: last_marks(page), bool)
    await page.screenshot(path=folder / "3-seen.png")
    return await shown_frames(page), marks


def _judge_picture(verdict: Verdict, frames: list[ShownFrame]) -> None:
    read = [one.marks for one in frames if one.marks is not None]
    verdict.hold("every frame's marks can be read", len(read) == len(frames) > 0, f"{len(read)} of {len(frames)}")
    counters = [one.counter for one in read]
    verdict.hold("the frame counter advances", len(counters) > 1 and sorted(set(counters)) == counters, counters[:20])
    verdict.hold("it is the bed", all(_at(one.position, BED) for one in read), {one.position for one in read})
    verdict.hold("no frame was taken while the camera moved", not any(one.is_moving for one in read))
    scene = {(one.person, one.look) for one in read}
    verdict.hold("the client lies in bed, in infrared", scene == {(Person.IN_BED, Look.INFRARED)}, scene)


def _at(position: Position, wanted: Position) -> bool:
    pairs = ((position.pan, wanted.pan), (position.tilt, wanted.tilt), (position.zoom, wanted.zoom))
    return all(abs(one - other) <= _NEAR for one, other in pairs)


async def _judge_camera(verdict: Verdict, system: System) -> None:
    def away(state: dict[str, Any]) -> bool:
        where = state["position"]
        return _at(Position(where["pan"], where["tilt"], where["zoom"]), CEILING) and not state["playing"]

    state = await until(system.camera_state, away)
    verdict.hold("the camera is back at its privacy position and nobody plays its stream", away(state), state)


async def _judge_home(verdict: Verdict, system: System) -> None:
    last_look, gate = await system.home.entity("last_look", "sensor"), await system.home.entity("gate", "sensor")
    states = await until(system.home.states, lambda found: found[gate]["state"] == "closed")
    details = states[last_look]["attributes"]
    operator = system.municipality.staff["operator"].name
    verdict.hold("Home Assistant says who looked", details.get("who") == operator, details)
    verdict.hold("and when", states[last_look]["state"] not in ("unknown", "unavailable"), states[last_look]["state"])
    verdict.hold("and for how many seconds", 1 <= details.get("seconds", 0) <= 30, details)
    verdict.hold("and the gate is closed", states[gate]["state"] == "closed", states[gate]["state"])


async def _judge_receipt(verdict: Verdict, system: System) -> None:
    record = replay(await asyncio.to_thread(system.home.journal().read_bytes))
    entry = await system.home.entry_data()
    _, receipts = verify(Head(), PublicKey(entry["hub"]), record.receipts)
    verdict.hold("the receipt verifies", len(receipts) == 1 and receipts[0].reason == "seen", receipts)
    log = (await system.municipality.as_admin("/api/log?limit=100"))["entries"]
    verdict.hold("the municipality's log has the receipt", any(one["event"] == "receipt" for one in log), log[:5])


async def _judge_keeping(verdict: Verdict, system: System) -> None:
    """The service stands for the receipts that it has taken in; the signed log shows it without a network."""
    await system.municipality.stand_for_receipts()

    async def verified() -> dict[str, Any]:
        return await system.municipality.verify_log(await system.home.signed_log())

    found = await until(verified, lambda log: log["kept"] == 1, 30)
    verdict.hold("the home's signed log verifies", (found["looks"], found["receipts"]) == (1, 1), found)
    verdict.hold("the operator has acknowledged the receipt", found["acknowledged"] == 1, found)
    verdict.hold("and the service has shown that it keeps it", found["kept"] == 1, found)


def _print(timeline: list[Step], verdict: Verdict, folder: Path) -> None:
    show(timeline)
    (folder / "timeline.json").write_text(json.dumps([(one.name, round(one.at, 1)) for one in timeline], indent=1))
    missing = [one.name for one in timeline if one.at == 0]
    verdict.hold("the timeline is whole", not missing, missing)
    print(
        f"\n{'All of it held' if not verdict.failures else 'NOT: ' + '; '.join(verdict.failures)}. Pictures: {folder}"
    )
