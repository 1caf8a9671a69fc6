"""A page that reads the pairing code as a QR code, and gives it to the flow that waits for it.

The page is opened by a navigation, which carries no sign-in: what lets somebody see it is a ticket in its address, 192
random bits, for one flow, for ten minutes. A ticket opens nothing else: whoever has it can offer a pairing code, and
somebody who is signed in must still say yes to the municipality of that code.
"""

import asyncio
import hmac
import secrets
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from aiohttp import web
from homeassistant.components.http import KEY_HASS, HomeAssistantView, current_request
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import UnknownFlow
from homeassistant.helpers.config_entry_oauth2_flow import HEADER_FRONTEND_BASE
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey
from yarl import URL

from .camera_words import Words
from .const import DOMAIN
from .scan_page import STYLE_HASH, gone_page, scan_page
from .tillsyn.errors import Refused
from .tillsyn.identity import PairingCode

SCAN_SECONDS: Final = 600.0
LONGEST_CODE: Final = 2048
"""Bytes that are read of what a page sends."""
_FOLDER: Final = Path(__file__).parent / "scan"
_FILES: Final = frozenset({"scan.js", "qr/decode.js", "qr/index.js"})
_LANGUAGES: Final = ("sv", "en")
_SCANS: HassKey[dict[str, Scan]] = HassKey(f"{DOMAIN}_scans")
_HEADERS: Final = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def frontend_origin() -> str | None:
    """Where the browser that asks has Home Assistant; None where nobody asks, or it does not say.

    Home Assistant's pages open whole addresses only, and say in each request of a flow how they are reached.
    """
    request = current_request.get()
    if request is None:
        return None
    try:
        url = URL(request.headers.get(HEADER_FRONTEND_BASE, ""))
        return str(url.origin()) if url.scheme in ("http", "https") else None
    except ValueError:
        return None


class Scan:
    """One flow's wait for a code. ``is_over``: read, given up, or too late; ``code``: what was read;
    ``is_given_up``: somebody would rather type it.
    """

    def __init__(self, hass: HomeAssistant, flow_id: str, origin: str) -> None:
        """Serve the page from now on."""
        self._hass = hass
        self._flow_id = flow_id
        self._ticket = secrets.token_urlsafe(24)
        self.url = origin + ScanView.url.format(ticket=self._ticket)
        self.code: PairingCode | None = None
        self.is_given_up = False
        self.is_over = False
        async_register_scan(hass)
        hass.data[_SCANS][self._ticket] = self
        self._stop = async_call_later(hass, SCAN_SECONDS, self._too_late)

    @callback
    def end(self) -> None:
        """The ticket is good for nothing from now on."""
        self.is_over = True
        self._hass.data[_SCANS].pop(self._ticket, None)
        self._stop()

    async def hear(self, code: PairingCode | None) -> None:
        """Go on with this code; None: without one."""
        self.code = code
        self.is_given_up = code is None
        await self._go_on()

    async def _too_late(self, _now: datetime) -> None:
        await self._go_on()

    async def _go_on(self) -> None:
        self.end()
        with suppress(UnknownFlow):
            await self._hass.config_entries.flow.async_configure(self._flow_id)


@callback
def async_register_scan(hass: HomeAssistant) -> None:
    """Serve pages to those who have a ticket. A flow runs before anything else of the integration is set up."""
    if _SCANS not in hass.data:
        hass.data[_SCANS] = {}
        hass.http.register_view(ScanView)
        hass.http.register_view(ScanFileView)


def _found(hass: HomeAssistant, ticket: str) -> Scan | None:
    """All are compared, in constant time: how long it takes says nothing about how much was right."""
    found = None
    for known, scan in hass.data[_SCANS].items():
        if hmac.compare_digest(known.encode(), ticket.encode("utf-8", "replace")):
            found = scan
    return found


async def _words(request: web.Request) -> tuple[Words, str]:
    """In the browser's language, Home Assistant's own where it wants neither of ours."""
    hass = request.app[KEY_HASS]
    wanted = [one.strip()[:2].lower() for one in request.headers.get("Accept-Language", "").split(",")]
    language = next((one for one in wanted if one in _LANGUAGES), hass.config.language)
    return await Words.load(hass, language), language


class ScanView(HomeAssistantView):
    """The page, and where it sends what it has read."""

    url = f"/api/{DOMAIN}/scan/{{ticket}}"
    name = f"api:{DOMAIN}:scan"
    requires_auth = False

    async def get(self, request: web.Request, ticket: str) -> web.Response:
        """The page of this ticket."""
        is_known = _found(request.app[KEY_HASS], ticket) is not None
        words, language = await _words(request)
        nonce = secrets.token_urlsafe(18)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'sha256-{STYLE_HASH}'; connect-src 'self'; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        headers = {**_HEADERS, "Content-Security-Policy": policy, "Permissions-Policy": "camera=(self), microphone=()"}
        text = scan_page(words, language, ticket, nonce) if is_known else gone_page(words, language)
        status = HTTPStatus.OK if is_known else HTTPStatus.NOT_FOUND
        return web.Response(text=text, content_type="text/html", headers=headers, status=status)

    async def post(self, request: web.Request, ticket: str) -> web.Response:
        """What was read; nothing: somebody would rather type it."""
        scan = _found(request.app[KEY_HASS], ticket)
        if scan is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, headers=_HEADERS)
        sent = await _body(request)
        if sent is None:
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers=_HEADERS)
        try:
            code = PairingCode.decode(sent) if sent else None
        except Refused:
            return web.Response(status=HTTPStatus.UNPROCESSABLE_ENTITY, headers=_HEADERS)
        # Not hindered by a browser that goes away at once.
        await asyncio.shield(scan.hear(code))
        return web.Response(status=HTTPStatus.NO_CONTENT, headers=_HEADERS)


async def _body(request: web.Request) -> str | None:
    """What was sent, None where it is longer than any code."""
    read = bytearray()
    while part := await request.content.read(LONGEST_CODE):
        read += part
        if len(read) > LONGEST_CODE:
            return None
    return read.decode("utf-8", "replace")


class ScanFileView(HomeAssistantView):
    """The scripts of the page: these files and no others."""

    url = f"{ScanView.url}/{{name:.+}}"
    name = f"api:{DOMAIN}:scan_file"
    requires_auth = False

    async def get(self, request: web.Request, ticket: str, name: str) -> web.Response:
        """One of them."""
        hass = request.app[KEY_HASS]
        if name not in _FILES or _found(hass, ticket) is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, headers=_HEADERS)
        body = await hass.async_add_executor_job((_FOLDER / name).read_bytes)
        return web.Response(body=body, content_type="text/javascript", charset="utf-8", headers=_HEADERS)
