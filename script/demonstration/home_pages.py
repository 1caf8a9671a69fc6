"""The dashboard as client and relative see it, in both languages, light and dark, on tablet and phone: pictures of it,
and what is wrong with our part by WCAG 2.2 AA (axe-core) and by our own rules.
"""

from itertools import product
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Browser, Page

from .browser import Screen, home_page
from .dashboard import CLIENT, RELATIVE
from .home_assistant import HomeAssistant

_AXE: Final = Path(__file__).parents[2] / "addon/operator/console/node_modules/axe-core/axe.min.js"
_LEVELS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# Of the whole page, because colours and headings depend on what is around; only our card's faults are ours to mend.
_AXE_FAULTS: Final = """async (levels) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: levels } });
  const isOurs = (node) => node.target.flat().some((part) => part.includes("trygghetskamera-card"));
  if (!found.passes.flatMap((rule) => rule.nodes).some(isOurs)) return ["our card was not checked"];
  return found.violations.flatMap((rule) => rule.nodes
    .filter(isOurs)
    .map((node) => `${rule.id}: ${node.target.flat().at(-1)}`));
}"""
# What axe does not see: what is too small to hit, what hides where the keyboard is, what moves though asked not to, and
# what does not fit beside the rest.
_OWN_FAULTS: Final = """(card) => {
  const faults = [];
  const name = (one) => `${one.tagName.toLowerCase()}.${one.className} "${one.textContent.slice(0, 30)}"`;
  const controls = [...card.shadowRoot.querySelectorAll("button, a, summary, input, select, textarea")];
  for (const one of controls.filter((each) => each.checkVisibility() && !each.disabled)) {
    const { width, height } = one.getBoundingClientRect();
    if (width < 44 || height < 44) faults.push(`smaller than 44 px: ${name(one)} ${width}x${height}`);
    one.focus({ focusVisible: true, preventScroll: true });
    const { outlineStyle, outlineWidth, transitionDuration } = getComputedStyle(one);
    const mayMove = !matchMedia("(prefers-reduced-motion)").matches;
    if (outlineStyle !== "solid" || parseFloat(outlineWidth) < 2) faults.push(`focus cannot be seen: ${name(one)}`);
    if (!mayMove && parseFloat(transitionDuration)) faults.push(`moves: ${name(one)}`);
    one.blur();
  }
  if (!controls.length) faults.push("nothing to press");
  for (const one of [card, ...card.shadowRoot.querySelectorAll("*")]) {
    if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth) faults.push(`wider than its place: ${name(one)}`);
  }
  return faults;
}"""

_VIEWS: Final = {"client": CLIENT, "relative": RELATIVE}
_LANGUAGES: Final = {"sv": "sv-SE", "en": "en-GB"}
_SIZES: Final = {"tablet": (1024, 768), "phone": (390, 844)}
_SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


async def home_pictures(browser: Browser, home: HomeAssistant, folder: Path) -> list[str]:
    """Take the pictures of both views on every screen; gives what is wrong."""
    faults: list[str] = []
    for view, language in product(_VIEWS, _LANGUAGES):
        page = await shown(browser, home, _VIEWS[view], Screen(*_SIZES["tablet"], _LANGUAGES[language], "light"))
        for size, scheme in product(_SIZES, _SCHEMES):
            await _turn(page, _SIZES[size], scheme)
            faults += await judged(page, folder, f"{view}-{language}-{size}-{scheme}")
        await page.context.close()
    return faults


async def _turn(page: Page, size: tuple[int, int], scheme: Literal["light", "dark"]) -> None:
    """Another screen for the same page: Home Assistant follows both. Who likes dark here dislikes movement."""
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce" if scheme == "dark" else "no-preference")
    is_dark = "light" if scheme == "dark" else "dark"
    await page.wait_for_function(
        "(other) => !getComputedStyle(document.documentElement).colorScheme.includes(other)", arg=is_dark
    )


async def judged(page: Page, folder: Path, name: str) -> list[str]:
    """A picture of the page as it is; gives what is wrong with it."""
    await page.screenshot(path=folder / f"{name}.png", animations="disabled")
    await page.evaluate(_AXE.read_text())
    card = page.locator("trygghetskamera-card")
    found = [*await page.evaluate(_AXE_FAULTS, list(_LEVELS)), *await card.evaluate(_OWN_FAULTS)]
    return [f"{name}: {fault}" for fault in found]


async def shown(browser: Browser, home: HomeAssistant, path: str, screen: Screen) -> Page:
    """A view of the dashboard, with all that it shows."""
    page = await home_page(browser, home, path, screen)
    await page.locator("trygghetskamera-card .situation").wait_for(timeout=60_000)
    if path == RELATIVE:
        await page.locator("trygghetskamera-card .problems .well, trygghetskamera-card .problems li").first.wait_for()
    await page.wait_for_load_state("networkidle")
    return page
