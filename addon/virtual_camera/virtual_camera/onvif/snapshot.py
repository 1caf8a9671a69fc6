"""Stills over HTTP: one small JPEG of what the camera sees now, for those who know the password."""

import asyncio
import io
from collections.abc import Mapping

from aiohttp import web
from PIL import Image

from virtual_camera.digest import DigestGuard, parse_digest
from virtual_camera.scene import View
from virtual_camera.state import CameraState
from virtual_camera.stream import Stream

SNAPSHOT_ROOT = "/onvif/snapshot/"
"""The path of a still is this and its profile's token."""
_SIZE = 640, 360


class SnapshotService:
    """Makes a still of the same scene as the stream's, each time it is asked."""

    def __init__(self, state: CameraState, streams: Mapping[str, Stream]) -> None:
        """Show what this camera sees."""
        self._state = state
        self._streams = streams
        settings = state.settings
        self._guard = DigestGuard(settings.user, settings.password, has_qop=settings.has_digest_qop)
        self._view = View(*_SIZE)
        self._drawing = asyncio.Lock()

    async def serve(self, request: web.Request) -> web.Response:
        """Answer with a still, or ask who it is."""
        if request.match_info["token"] not in self._streams or not self._state.settings.has_snapshots:
            raise web.HTTPNotFound
        if not self._is_allowed(request):
            self._state.counters.refused_logins += "Authorization" in request.headers
            return web.Response(status=401, headers={"WWW-Authenticate": self._guard.challenge()})
        async with self._drawing:
            body = await asyncio.to_thread(self._picture)
        self._state.counters.stills += 1
        self._state.notify()
        return web.Response(body=body, content_type="image/jpeg")

    def _is_allowed(self, request: web.Request) -> bool:
        fields = parse_digest(request.headers.get("Authorization", ""))
        if fields is None or self._state.faults.password_changed or fields.get("uri") != request.path_qs:
            return False
        return self._guard.accepts(request.method, request.path_qs, fields)

    def _picture(self) -> bytes:
        marks = self._state.marks(self._state.counters.stills)
        out = io.BytesIO()
        pixels = self._view.picture(self._state.visible_scene, marks).to_ndarray(format="rgb24")
        Image.fromarray(pixels).save(out, "JPEG", quality=80)
        return out.getvalue()
