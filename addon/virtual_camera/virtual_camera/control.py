"""The control endpoint: JSON over HTTP, from this machine only, to see the camera's state and make faults.

GET  /state                                     everything as JSON
POST /fault         {"motor": "stuck", ...}     faults.Faults, any of its fields
POST /scene         {"look": "day", "person": "gone"}   either or both
POST /move_by_hand  {"pan": 0, "tilt": 0, "zoom": 0}
POST /reboot        {"seconds": 2}
POST /drop_streams  {}                          cuts every RTSP connection once
POST /factory_reset {}                          every preset is lost
Each POST answers with the new state; 400 tells that nothing was done.
"""

import ipaddress
import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from .marks import Look, Person
from .motor import Position

if TYPE_CHECKING:
    from .camera import VirtualCamera

type _Action = Callable[[dict[str, object]], Awaitable[None]]


def _is_local(text: str | None) -> bool:
    """Say whether an address or host name means this machine."""
    if text == "localhost":
        return True
    try:
        return ipaddress.ip_address(text or "").is_loopback
    except ValueError:
        return False


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a number was expected")
    return float(value)


class ControlServer:
    """Listens on the loopback address, and refuses pages of other origins (by Host and content type)."""

    def __init__(self, camera: VirtualCamera) -> None:
        """Control this camera."""
        self._camera = camera
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> int:
        """Listen; give the port. Raises OSError when it is taken."""
        app = web.Application(client_max_size=8192)
        app.router.add_get("/state", self._state)
        actions: dict[str, _Action] = {
            "/fault": self._fault,
            "/scene": self._scene,
            "/move_by_hand": self._move_by_hand,
            "/reboot": self._reboot,
            "/drop_streams": self._drop_streams,
            "/factory_reset": self._factory_reset,
        }
        for path, action in actions.items():
            app.router.add_post(path, self._guarded(action))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True).start()
        actual: int = self._runner.addresses[0][1]
        return actual

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _state(self, request: web.Request) -> web.Response:
        if not (_is_local(request.remote) and _is_local(request.url.host)):
            raise web.HTTPForbidden
        return web.json_response(self._camera.state.as_json())

    def _guarded(self, action: _Action) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if not (_is_local(request.remote) and _is_local(request.url.host)):
                raise web.HTTPForbidden
            if request.content_type != "application/json":
                raise web.HTTPUnsupportedMediaType
            try:
                body = await request.json()
                if not isinstance(body, dict):
                    raise TypeError("an object was expected")
                await action(body)
            except (ValueError, TypeError) as error:
                raise web.HTTPBadRequest(text="malformed request") from error
            return web.json_response(self._camera.state.as_json())

        return handle

    async def _fault(self, body: dict[str, object]) -> None:
        self._camera.faults.update(body)

    async def _scene(self, body: dict[str, object]) -> None:
        if not body or not body.keys() <= {"look", "person"}:
            raise ValueError("unknown field")
        looks = {look.name.lower(): look for look in Look}
        people = {person.name.lower(): person for person in Person}
        look, person = body.get("look"), body.get("person")
        if ("look" in body and look not in looks) or ("person" in body and person not in people):
            raise ValueError("unknown value")
        await self._camera.set_scene(looks.get(str(look)), people.get(str(person)))

    async def _move_by_hand(self, body: dict[str, object]) -> None:
        if body.keys() != {"pan", "tilt", "zoom"}:
            raise ValueError("pan, tilt and zoom are needed")
        position = Position(*(_number(body[name]) for name in ("pan", "tilt", "zoom")))
        if not position.is_within_limits():
            raise ValueError("out of bounds")
        self._camera.move_by_hand(position)

    async def _reboot(self, body: dict[str, object]) -> None:
        if not body.keys() <= {"seconds"}:
            raise ValueError("unknown field")
        seconds = _number(body.get("seconds", 2))
        if not 0 <= seconds <= 600:
            raise ValueError("out of bounds")
        self._camera.start_reboot(seconds)

    async def _drop_streams(self, body: dict[str, object]) -> None:
        if body:
            raise ValueError("unknown field")
        self._camera.drop_streams()

    async def _factory_reset(self, body: dict[str, object]) -> None:
        if body:
            raise ValueError("unknown field")
        self._camera.factory_reset()
