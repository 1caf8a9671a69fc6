"""The installer's picture while a camera is aimed: stills in a row, to one administrator at home, never kept.

It exists for as long as the gate says that aiming goes on, and before each picture that is sent the gate is asked.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from typing import Final

from aiohttp import web
from homeassistant.auth.models import User
from homeassistant.components.http import KEY_HASS, KEY_HASS_USER, HomeAssistantView
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import is_cloud_connection
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.network import is_local

from . import shield
from .camera_audit import StillSource
from .camera_control import CameraError
from .const import DOMAIN

SESSION_SECONDS: Final = 600.0
PICTURE_EVERY: Final = 0.5
WRITE_SECONDS: Final = 5.0
"""A viewer that takes longer over a picture is let go."""
_FAILURES: Final = 10
_BOUNDARY: Final = "picture"
_HEADERS: Final = {
    "Content-Type": f"multipart/x-mixed-replace; boundary={_BOUNDARY}",
    "Cache-Control": "no-store, private",
    "Pragma": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_SESSIONS: HassKey[dict[str, AimingPicture]] = HassKey(f"{DOMAIN}_aiming_pictures")


def is_at_home(hass: HomeAssistant, request: web.Request | None, user: User | None = None) -> bool:
    """Whether an administrator asks, from the home's own network and not through the cloud.

    ``user``: who it is, where the request does not know (a WebSocket is signed in to once it is open).
    """
    if request is None or is_cloud_connection(hass):
        return False
    user = user or request.get(KEY_HASS_USER)
    if user is None or not user.is_admin:
        return False
    try:
        return is_local(ip_address(request.remote or ""))
    except ValueError:
        return False


class AimingPicture:
    """One aiming's picture. ``may_show`` asks the gate; nothing is sent when it says no."""

    def __init__(self, hass: HomeAssistant, source: StillSource, user_id: str, may_show: Callable[[], bool]) -> None:
        """Nothing is asked of the camera before somebody watches."""
        self._hass = hass
        self._source = source
        self._user_id = user_id
        self._may_show = may_show
        self._ends_at = time.monotonic() + SESSION_SECONDS
        self._over = asyncio.Event()
        self._viewer: object = None
        token = secrets.token_urlsafe(24)
        self._token = token
        hass.data.setdefault(_SESSIONS, {})[token] = self

    @property
    def path(self) -> str:
        """Where the picture is, signed for whoever makes the present request."""
        return async_sign_path(self._hass, AimingView.url.format(token=self._token), timedelta(seconds=SESSION_SECONDS))

    def is_on(self) -> bool:
        """Whether pictures may be sent now."""
        return not self._over.is_set() and time.monotonic() < self._ends_at and self._may_show()

    @callback
    def end(self) -> None:
        """Nothing more is sent, from now on."""
        if not self._over.is_set():
            self._over.set()
            self._hass.data[_SESSIONS].pop(self._token, None)
            self._source.close()

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Send pictures until it is over, or somebody else watches; then a picture of nothing."""
        if request[KEY_HASS_USER].id != self._user_id or not self.is_on():
            raise web.HTTPNotFound
        viewer = self._viewer = object()
        response = web.StreamResponse(headers=_HEADERS)
        await response.prepare(request)
        nothing = await self._hass.async_add_executor_job(shield.png)
        with suppress(ConnectionError, TimeoutError, asyncio.CancelledError):
            await self._send_all(response, viewer)
            # Browsers keep the last picture on the screen: let that be none of the room.
            await self._send(response, nothing, shield.CONTENT_TYPE)
            await self._send(response, nothing, shield.CONTENT_TYPE)
        return response

    async def _send_all(self, response: web.StreamResponse, viewer: object) -> None:
        failures = 0
        while self.is_on() and self._viewer is viewer and failures < _FAILURES:
            try:
                picture = await self._source.still()
            except CameraError:
                failures += 1
            else:
                failures = 0
                # It may be over since the camera was asked.
                if not self.is_on() or self._viewer is not viewer:
                    return
                await self._send(response, picture, "image/jpeg")
            with suppress(TimeoutError):
                async with asyncio.timeout(PICTURE_EVERY):
                    await self._over.wait()

    async def _send(self, response: web.StreamResponse, picture: bytes, content_type: str) -> None:
        head = f"--{_BOUNDARY}\r\nContent-Type: {content_type}\r\nContent-Length: {len(picture)}\r\n\r\n"
        async with asyncio.timeout(WRITE_SECONDS):
            await response.write(head.encode() + picture + b"\r\n")


class AimingView(HomeAssistantView):
    """Serves it to the administrator who aims, at home."""

    url = f"/api/{DOMAIN}/aiming/{{token}}"
    name = f"api:{DOMAIN}:aiming"

    async def get(self, request: web.Request, token: str) -> web.StreamResponse:
        """The picture that this token stands for."""
        hass = request.app[KEY_HASS]
        picture = hass.data.get(_SESSIONS, {}).get(token)
        if picture is None or not is_at_home(hass, request):
            raise web.HTTPNotFound
        shown: web.StreamResponse = await picture.show(request)
        return shown
