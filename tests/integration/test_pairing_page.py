"""The page that scans, in Chromium beside a real Home Assistant: a picture of a code leads the flow on, and nothing of
the page hinders anybody by WCAG 2.2 AA: both languages, light and dark, on a phone.
"""

import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from PIL import Image, ImageFilter
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.words import SWEDISH

from .judged_pages import AXE, FAULTS, FLAGS, LEVELS, WIDER
from .pairing_steps import Dialog, prepare_pages
from .peers import ScriptedBridge

playwright = pytest.importorskip("playwright.async_api", reason="only where Chromium is driven")
pyqrcode = pytest.importorskip("pyqrcode", reason="makes the codes, with nothing of what reads them")

SMALL = """[...document.querySelectorAll("button, input")].filter((one) => one.checkVisibility())
  .map((one) => one.getBoundingClientRect()).filter((one) => one.width < 44 || one.height < 44).length"""


def qr(text: str) -> Image.Image:
    """A code as a screen shows it."""
    modules = np.array(pyqrcode.create(text, error="M").code, dtype=np.uint8)
    bright = np.pad(255 * (1 - modules), 4, constant_values=255).astype(np.uint8)
    return Image.fromarray(bright).resize((bright.shape[0] * 8,) * 2, Image.Resampling.NEAREST)


def photo(text: str) -> bytes:
    """The same as somebody's hand holds the phone: askew, on a table, in bad light, a little blurred and large."""
    table = Image.new("L", (3000, 2200), 96)
    table.paste(qr(text).resize((1100, 1100)), (1000, 500))
    turned = table.rotate(11, Image.Resampling.BICUBIC, fillcolor=80)
    light = np.linspace(0.5, 0.9, 3000)[np.newaxis, :]
    noise = np.random.default_rng(1).normal(0, 7, (2200, 3000))
    grey = np.clip(np.asarray(turned) * light + noise + 12, 0, 255).astype(np.uint8)
    return saved(Image.fromarray(grey).filter(ImageFilter.GaussianBlur(1.5)))


def saved(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


@pytest.fixture
def dialog(dialog: Dialog) -> Dialog:
    """The same; its address is one that Chromium reaches."""
    dialog.origin = str(dialog.page.make_url("/").origin())
    return dialog


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    async with playwright.async_playwright() as driver:
        camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        found = await driver.chromium.launch(executable_path=program, args=[*FLAGS, *camera])
        yield found
        await found.close()


class Phone:
    """The page on somebody's phone, and all that its browser says of it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.faults: list[str] = []
        self.sent: list[bytes] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda one: self.faults.append(one.text))
        page.on("request", lambda one: self.sent.append(one.post_data_buffer or b""))

    async def choose(self, picture: bytes, kind: str = "image/jpeg") -> None:
        """A picture from the phone."""
        await self.page.set_input_files("#photo", {"name": "p.jpg", "mimeType": kind, "buffer": picture})

    async def says(self, word: str) -> None:
        """Wait for these words."""
        status = self.page.locator("#status")
        text = await status.get_attribute("data-" + re.sub("[A-Z]", lambda one: f"-{one[0].lower()}", word))
        await playwright.expect(status).to_have_text(text, timeout=20_000)

    async def judged(self, name: str) -> list[str]:
        """What is wrong with the page as it is now."""
        if folder := os.environ.get("PICTURES"):
            await self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
        faults = list(self.faults)
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        faults += await self.page.evaluate(FAULTS, LEVELS)
        if await self.page.evaluate(WIDER) > 0:
            faults.append("too wide")
        if await self.page.evaluate(SMALL):
            faults.append("too small to hit")
        return faults


async def opened(browser: Any, dialog: Dialog, scheme: str = "light", language: str = "sv-SE") -> Phone:
    """Choose to scan; the page is opened."""
    await dialog.scan()
    page = await browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, locale=language)
    phone = Phone(page)
    await page.goto(dialog.flow["url"])
    return phone


@pytest.mark.parametrize(("scheme", "language"), [("light", "sv-SE"), ("dark", "en-GB"), ("dark", "sv-SE")])
async def test_a_photo_of_the_code_leads_the_flow_on(
    hass: HomeAssistant, dialog: Dialog, bridge: ScriptedBridge, browser: Any, scheme: str, language: str
) -> None:
    phone = await opened(browser, dialog, scheme, language)
    name = f"scan-{language[:2]}-{scheme}"
    assert await phone.judged(name) == []
    code = bridge.municipality.code().encode()
    picture = photo(code)
    await phone.choose(picture)
    await phone.says("done")
    assert await phone.judged(f"{name}-done") == []
    assert [one for one in phone.sent if one] == [code.encode()], "no picture leaves the browser"
    assert (await dialog.look())["step_id"] == "sign"


async def test_a_picture_without_the_code_says_so_and_another_may_be_chosen(
    dialog: Dialog, bridge: ScriptedBridge, browser: Any
) -> None:
    phone = await opened(browser, dialog)
    await phone.choose(saved(Image.new("L", (900, 700), 128)))
    await phone.says("noCode")
    assert await phone.judged("scan-no-code") == []
    await phone.choose(saved(qr("https://www.example.com/")))
    await phone.says("otherCode")
    await phone.choose(b"not a picture")
    await phone.says("noPicture")
    assert not any(phone.sent)
    await phone.choose(saved(qr("TK1.hej")))
    await phone.says("otherCode")
    assert (await dialog.look())["type"] == "external"
    await phone.choose(saved(qr(bridge.municipality.code().encode())))
    await phone.says("done")


async def test_a_page_whose_ticket_is_over_says_so(hass: HomeAssistant, dialog: Dialog, browser: Any) -> None:
    phone = await opened(browser, dialog)
    hass.config_entries.flow.async_abort(dialog.flow["flow_id"])
    await phone.page.click("#type")
    await phone.says("gone")
    answer = await phone.page.goto(dialog.flow["url"])
    assert answer.status == 404
    phone.faults.clear()
    assert await phone.judged("scan-gone") == []


async def test_the_code_can_be_typed_instead(dialog: Dialog, browser: Any) -> None:
    phone = await opened(browser, dialog)
    await phone.page.press("#type", "Enter")
    await phone.says("typing")
    assert (await dialog.look())["step_id"] == "pairing_code"


PICTURE_COMES = """new Promise((done) => {
    const video = document.getElementById("video");
    if (video.videoWidth > 0) done();
    else video.addEventListener("loadeddata", () => done(), { once: true });
})"""


async def test_where_the_browser_lets_it_the_camera_is_used_and_let_go(dialog: Dialog, browser: Any) -> None:
    phone = await opened(browser, dialog, "dark")
    await phone.page.click("#live")
    await phone.says("looking")
    await phone.page.evaluate(PICTURE_COMES)
    assert await phone.judged("scan-camera") == []
    tracks = await phone.page.evaluate_handle("document.getElementById('video').srcObject.getTracks()")
    await phone.page.click("#stop")
    assert await tracks.evaluate("(all) => all.map((one) => [one.kind, one.readyState])") == [["video", "ended"]]


# ---- Home Assistant's own dialog ----------------------------------------------------------------------------------


async def signed_in(hass: HomeAssistant, browser: Any, client: Any, token: str) -> Any:
    """Home Assistant's pages as its administrator has them, at the question whether to set this up."""
    url = str(client.make_url("/").origin())
    tokens = {"access_token": token, "refresh_token": "", "token_type": "Bearer", "expires_in": 1800}
    tokens |= {"expires": 4102444800000, "hassUrl": url, "clientId": f"{url}/"}
    context = await browser.new_context(viewport={"width": 700, "height": 800}, color_scheme="dark", locale="sv-SE")
    await context.add_init_script(f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(tokens))})")
    page = await context.new_page()
    await page.goto(f"{url}/config/integrations/dashboard/add?domain=trygghetskamera")
    return page


async def kept(page: Any, name: str) -> None:
    """A picture to look at."""
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


async def test_home_assistants_dialog_opens_the_page_and_goes_on_by_itself(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    bridge: ScriptedBridge,
    hass_client: ClientSessionGenerator,
    hass_access_token: str,
    browser: Any,
) -> None:
    """What only its own pages can tell: that they open this address, and show the words."""
    done = {"done": ["user", "core_config", "analytics", "integration"]}
    hass_storage["onboarding"] = {"version": 4, "minor_version": 1, "key": "onboarding", "data": done}
    bridge.is_paired = False
    await prepare_pages(hass)
    assert await async_setup_component(hass, "frontend", {})
    page = await signed_in(hass, browser, await hass_client(), hass_access_token)
    await page.get_by_text("Trygghetskamera?").wait_for()
    await page.get_by_text("OK", exact=True).click()
    fields = page.locator("step-flow-form input")
    for number, value in enumerate((bridge.access_key, "127.0.0.1", str(bridge.port))):
        await fields.nth(number).fill(value)
    await fields.last.press("Enter")
    await page.get_by_text("Skanna koden").wait_for()
    await kept(page, "scan-dialog-choice")
    async with page.expect_popup() as opened:
        await page.get_by_text("Skanna koden").click()
    phone = Phone(await opened.value)
    code = bridge.municipality.code()
    await phone.choose(photo(code.encode()))
    await bridge.heard(frames.StartPairing)
    words = [SWEDISH[place] for place in code.words(bridge.municipality.hub.public)]
    for word in words:
        await page.get_by_text(word, exact=True).wait_for()
    await kept(page, "scan-dialog-words")
    await bridge.send(frames.PairingResult(bridge.municipality.root.public.x, bridge.municipality.certificate()))
    await page.get_by_text("Ankeborg", exact=True).wait_for()
    await kept(page, "scan-dialog-municipality")
