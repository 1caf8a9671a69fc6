"""Chromium for the check: signs in where people sign in, and reads the marks that the virtual camera burns into its
picture.
"""

import base64
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from virtual_camera import Marks, read_marks

from .home_assistant import HomeAssistant
from .processes import DemoError

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=sv",
    "--allow-loopback-in-peer-connection",  # without a TURN server the picture goes directly, on this machine
)
_WIDTH, _HEIGHT = 640, 16

# Every frame that a video element shows: its time and the two rows of marks at its bottom, as grey bytes.
_RECORD_FRAMES = f"""
(() => {{
  const frames = [];
  Object.defineProperty(window, "shownFrames", {{ value: frames }});
  const canvas = new OffscreenCanvas({_WIDTH}, {_HEIGHT});
  const paper = canvas.getContext("2d", {{ willReadFrequently: true }});
  const property = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  const watched = new WeakSet();
  const watch = (video) => {{
    const shown = (_now, about) => {{
      const top = video.videoHeight * 43 / 45, part = video.videoHeight * 2 / 45;
      paper.drawImage(video, 0, top, video.videoWidth, part, 0, 0, {_WIDTH}, {_HEIGHT});
      const pixels = paper.getImageData(0, 0, {_WIDTH}, {_HEIGHT}).data;
      let grey = "";
      for (let i = 0; i < pixels.length; i += 4) grey += String.fromCharCode(pixels[i + 1]);
      frames.push({{ at: performance.timeOrigin + about.expectedDisplayTime, width: video.videoWidth, grey: btoa(grey)
      }});
      video.requestVideoFrameCallback(shown);
    }};
    video.requestVideoFrameCallback(shown);
  }};
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {{
    ...property,
    set(stream) {{
      if (stream && !watched.has(this)) {{ watched.add(this); watch(this); }}
      property.set.call(this, stream);
    }},
  }});
}})();
"""


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """A frame as shown to the operator: when (ms since 1970), picture width in pixels, and its marks if they could be
    read.
    """

    at: float
    width: int
    marks: Marks | None


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A headless Chromium with nothing of anyone's in it."""
    program = shutil.which("chromium")
    if program is None:
        raise DemoError("Chromium is missing: install it (Debian: apt-get install chromium) and run again")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


async def console_page(browser: Browser) -> Page:
    """A page for the console in which every shown video frame is recorded."""
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="sv-SE", timezone_id="Europe/Stockholm", color_scheme="dark"
    )
    await context.add_init_script(_RECORD_FRAMES)
    return await context.new_page()


async def shown_frames(page: Page) -> list[ShownFrame]:
    """All frames that this page has shown."""
    return [_frame(one) for one in await page.evaluate("window.shownFrames")]


def _frame(raw: dict[str, object]) -> ShownFrame:
    grey = np.frombuffer(base64.b64decode(str(raw["grey"])), dtype=np.uint8).reshape(_HEIGHT, _WIDTH)
    # The reader wants a whole picture: 45 rows of cells, of which the two lowest are the marks.
    picture = np.zeros((_HEIGHT * 45 // 2, _WIDTH, 3), dtype=np.uint8)
    picture[-_HEIGHT:] = grey[:, :, np.newaxis]
    return ShownFrame(float(str(raw["at"])), int(str(raw["width"])), read_marks(picture))


@dataclass(frozen=True, slots=True)
class Screen:
    """Where somebody reads Home Assistant: size in pixels, language, light or dark."""

    width: int
    height: int
    locale: str
    scheme: Literal["light", "dark"]


async def home_page(browser: Browser, home: HomeAssistant, path: str, screen: Screen) -> Page:
    """Home Assistant's pages as its owner."""
    context: BrowserContext = await browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        locale=screen.locale,
        timezone_id="Europe/Stockholm",
        color_scheme=screen.scheme,
    )
    tokens = {
        "access_token": home.tokens["access_token"],
        "refresh_token": home.tokens["refresh_token"],
        "token_type": "Bearer",
        "expires_in": home.tokens["expires_in"],
        "expires": 4102444800000,
        "hassUrl": home.url,
        "clientId": home.tokens["clientId"],
    }
    await context.add_init_script(f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(tokens))})")
    page = await context.new_page()
    await page.goto(home.url + path)
    return page
