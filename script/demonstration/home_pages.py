"""The dashboard as client and relative see it: pictures of it, and what axe-core finds wrong with our part."""

from collections.abc import Iterable
from pathlib import Path

from playwright.async_api import Browser, Page

from .browser import Screen, home_page
from .dashboard import CLIENT, RELATIVE
from .home_assistant import HomeAssistant

_AXE = Path(__file__).parents[2] / "addon/operator/console/node_modules/axe-core/axe.min.js"
_LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# Of the whole page, because colours and headings depend on what is around; only our card's faults are ours to mend.
_FAULTS = """async (levels) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: levels } });
  const isOurs = (node) => node.target.flat().some((part) => part.includes("trygghetskamera-card"));
  if (!found.passes.flatMap((rule) => rule.nodes).some(isOurs)) return ["our card was not checked"];
  return found.violations.flatMap((rule) => rule.nodes
    .filter(isOurs)
    .map((node) => `${rule.id}: ${node.target.flat().at(-1)}`));
}"""
_TABLET, _PHONE = (1280, 800), (390, 844)

PICTURES = {
    "5-home": (CLIENT, Screen(*_TABLET, "sv-SE", "dark")),
    "6-home-phone": (CLIENT, Screen(*_PHONE, "en-GB", "light")),
    "7-relative": (RELATIVE, Screen(*_TABLET, "en-GB", "light")),
    "8-relative-phone": (RELATIVE, Screen(*_PHONE, "sv-SE", "dark")),
}


async def home_pictures(
    browser: Browser, home: HomeAssistant, folder: Path, pictures: Iterable[tuple[str, tuple[str, Screen]]]
) -> list[str]:
    """Take the pictures; gives what is wrong by WCAG 2.2 AA."""
    faults = []
    for name, (path, screen) in pictures:
        page = await _shown(browser, home, path, screen)
        await page.screenshot(path=folder / f"{name}.png")
        await page.evaluate(_AXE.read_text())
        faults += [f"{name}: {fault}" for fault in await page.evaluate(_FAULTS, list(_LEVELS))]
        await page.context.close()
    return faults


async def _shown(browser: Browser, home: HomeAssistant, path: str, screen: Screen) -> Page:
    page = await home_page(browser, home, path, screen)
    await page.locator("trygghetskamera-card .situation").wait_for(timeout=60_000)
    if path == RELATIVE:
        await page.locator("hui-tile-card").nth(3).wait_for(timeout=60_000)
    await page.wait_for_load_state("networkidle")
    return page


async def press_pause(browser: Browser, home: HomeAssistant) -> list[str]:
    """Press the client's pause button twice from the keyboard; gives what Home Assistant then says of pause."""
    page = await _shown(browser, home, CLIENT, PICTURES["6-home-phone"][1])
    pause, said = await home.entity("pause", "switch"), []
    for shown in (".pause.on", ".pause:not(.on)"):
        await page.locator("trygghetskamera-card .pause").press("Enter")
        await page.locator(f"trygghetskamera-card {shown}").wait_for(timeout=10_000)
        said.append(str((await home.states())[pause]["state"]))
    await page.context.close()
    return said
