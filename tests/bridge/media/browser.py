"""A page in a real Chromium that answers an offer with the console's own peer.js and reads the frame counter."""

import base64
import io
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from PIL import Image
from playwright.async_api import Page, async_playwright

from bridge.media import ConnectionFields, IceConfig
from virtual_camera import Marks, read_marks

from . import clip

CONSOLE_PEER = Path(__file__).parents[3] / "addon/operator/operator_service/static/peer.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-loopback-in-peer-connection",
]
PAGE = """<!doctype html><meta charset="utf-8"><title>viewer</title><video autoplay muted playsinline></video>
<script type="module">
import { answer, remoteOfferSdp } from "/peer.js";
const [WIDTH, HEIGHT, BITS, BLOCK] = SIZES;
const video = document.querySelector("video");
const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
const context = canvas.getContext("2d", { willReadFrequently: true });
window.seen = [];
const read = () => {
  context.drawImage(video, 0, 0);
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const [red] = context.getImageData(bit * BLOCK + BLOCK / 2, BLOCK / 2, 1, 1).data;
    if (red > 128) number |= 1 << bit;
  }
  window.seen.push({ number, at: performance.now(), width: video.videoWidth });
  video.requestVideoFrameCallback(read);
};
window.look = async (offer, iceServers, options) => {
  const made = await answer(offer, iceServers, options);
  window.made = made;
  made.ended.then(() => { window.ended = true; });
  made.verified.then((same) => {
    if (!same) return;
    video.srcObject = made.stream;
    video.requestVideoFrameCallback(read);
  });
  return made.fields;
};
window.shot = async () => {
  const whole = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  whole.getContext("2d").drawImage(video, 0, 0);
  const bytes = new Uint8Array(await (await whole.convertToBlob({ type: "image/png" })).arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};
window.refuses = (fields) => { try { remoteOfferSdp(fields); return false; } catch { return true; } };
window.ready = true;
</script>""".replace("SIZES", str([clip.WIDTH, clip.HEIGHT, clip.COUNTER_BITS, clip.BLOCK]))


class Browser:
    """One page; `look` gives the fields to connect to."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def look(self, offer: ConnectionFields, config: IceConfig, **options: bool) -> ConnectionFields:
        servers = [{"urls": list(config.turn_urls), "username": config.username, "credential": config.credential}]
        fields: dict[str, Any] = await self.page.evaluate(
            "([offer, servers, options]) => window.look(offer, servers, options)",
            [asdict(offer), servers if config.turn_urls else [], options],
        )
        return ConnectionFields(**{**fields, "candidates": tuple(fields["candidates"])})

    async def verified(self) -> bool:
        return bool(await self.page.evaluate("() => window.made.verified"))

    async def frames(self, count: int) -> list[int]:
        """Wait for `count` frames on the screen; their counters."""
        await self.page.wait_for_function("(count) => window.seen.length >= count", arg=count, timeout=10_000)
        return [frame["number"] for frame in await self.page.evaluate("() => window.seen")]

    async def marks(self) -> Marks:
        """What the picture on the screen says about itself."""
        data: str = await self.page.evaluate("() => window.shot()")
        with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
            found = read_marks(np.asarray(picture.convert("RGB")))
        assert found is not None, "no marks in the picture"
        return found

    async def stats(self, kind: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = await self.page.evaluate(
            "async (kind) => [...(await window.made.pc.getStats()).values()].filter((s) => s.type === kind)", kind
        )
        return found


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Chromium on a page served from loopback."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    script = CONSOLE_PEER.read_text()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def module(_: web.Request) -> web.Response:
        return web.Response(text=script, content_type="text/javascript")

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/peer.js", module)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
            try:
                tab = await browser.new_page()
                await tab.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
                await tab.wait_for_function("() => window.ready")
                yield Browser(tab)
            finally:
                await browser.close()
    finally:
        await runner.cleanup()
