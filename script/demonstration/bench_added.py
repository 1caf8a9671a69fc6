"""``script/bench trust``: what signing and checking add to the first frame in the whole system.

The demo's parts, each a process of its own, with a person who signs by passkey: root > person > the session key of the
shift. What is signed and checked is noted where it happens: in every Python part by ``timed/sitecustomize.py``, around
the core's functions; in the browser around WebCrypto. Times are on one clock, as all parts run on one machine.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from .bench_looks import connected, one_look, until_closed
from .browser import chromium, console_page
from .check import ready
from .processes import say
from .system import System, demo_system

_TIMED: Final = Path(__file__).parent / "timed"
_LOOKS: Final = 12
PARTS: Final = ("console", "bridge", "home", "service")
_NOT_OF_A_LOOK: Final = ("tk-plan", "tk-policy", "tk-revocations", "tk-hubcert")
"""What was agreed on before, read again for what Home Assistant shows."""
_AUTHENTICATOR: Final = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

# WebCrypto answers later; what runs meanwhile counts as well, for the page waits for it.
_NOTE_CRYPTO = """
(() => {
  const spans = [];
  Object.defineProperty(window, "cryptoSpans", { value: spans });
  for (const name of ["sign", "verify", "digest", "importKey", "exportKey"]) {
    const act = SubtleCrypto.prototype[name];
    SubtleCrypto.prototype[name] = async function (...given) {
      const at = performance.timeOrigin + performance.now();
      try { return await act.apply(this, given); }
      finally { spans.push([at, performance.timeOrigin + performance.now()]); }
    };
  }
})();
"""


@dataclass(frozen=True, slots=True)
class Added:
    """Of one look: ms between two of its marks, and how many of them each part signed or checked."""

    whole: float
    parts: Mapping[str, float]

    @property
    def all(self) -> float:
        """As if nothing of it were done beside anything else."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Looks:
    """Clicks on a look that was prepared, and looks on a page just loaded, from prepare to first frame."""

    prepared: list[Added]
    cold: list[Added]


async def added(folder: Path) -> Looks:
    """Perform the looks. Raises DemoError."""
    times = folder / "times"
    times.mkdir()
    with _timed(times):
        async with (
            demo_system(folder, folder / "logs", fixed_ports=False, windows=24, browser_keys=False) as system,
            chromium() as browser,
        ):
            page = await console_page(browser)
            await page.context.add_init_script(_NOTE_CRYPTO)
            await _begin_shift(page, system)
            await one_look(page, settle=0.5)
            return Looks(await _prepared(page, system, times), await _cold(page, system, times))


@contextmanager
def _timed(times: Path) -> Iterator[None]:
    """Parts that start meanwhile note their times."""
    before = dict(os.environ)
    os.environ["TILLSYN_TIMES"] = str(times)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_TIMED), before.get("PYTHONPATH"))))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


async def _begin_shift(page: Page, system: System) -> None:
    """The operator registers a passkey, which the root approves, and begins a shift with it."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})
    operator = system.municipality.staff["operator"]
    await page.goto(system.municipality.url.replace("127.0.0.1", "localhost"))  # a passkey is for a name
    await page.locator("input[autocomplete=username]").fill(operator.login)
    await page.locator("input[type=password]").fill(operator.password)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Lägg till passnyckel").click()
    await page.get_by_role("button", name="Börja passet").click(timeout=30_000)
    await ready(page)


async def _prepared(page: Page, system: System, times: Path) -> list[Added]:
    say(f"{_LOOKS} prepared clicks")
    found = []
    for _ in range(_LOOKS):
        await connected(page)
        await until_closed(system)
        marks = await one_look(page, settle=0.5)
        found.append(await _between(page, system, times, marks["click"], marks["first_frame"]))
    return found


async def _cold(page: Page, system: System, times: Path) -> list[Added]:
    say("10 cold clicks")
    found = []
    for _ in range(10):
        await page.reload()
        await ready(page)
        await until_closed(system)
        marks = await one_look(page, settle=0.5)
        found.append(await _between(page, system, times, marks["prepare"], marks["first_frame"]))
    return found


async def _between(page: Page, system: System, times: Path, begin: float, end: float) -> Added:
    """What was signed and checked between these two moments (ms since 1970)."""
    parts = dict.fromkeys(PARTS, 0.0)
    spans = await page.evaluate("window.cryptoSpans")
    parts["console"] = _covered([(max(one, begin), min(other, end)) for one, other in spans])
    for name, process in (("bridge", "bridge"), ("home", "home-assistant"), ("service", "service")):
        for file in times.glob(f"*-{system.processes.pid(process)}.times"):
            lines = [json.loads(line) for line in file.read_text().splitlines()]
            ours = [one for one in lines if begin <= one["at"] * 1000 < end and one["what"] not in _NOT_OF_A_LOOK]
            parts[name] += sum(one["took"] * 1000 for one in ours)
    return Added(end - begin, parts)


def _covered(spans: list[tuple[float, float]]) -> float:
    """How many of these ms are covered by at least one."""
    covered, reached = 0.0, 0.0
    for begin, end in sorted(spans):
        covered += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return covered
