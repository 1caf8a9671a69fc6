"""The home link: a TLS WebSocket that exactly one integration may hold, shown by the access key.

The bearer token comes before anything else is read. A new connection that has it takes the place of the old one, whose
lease ends with it.
"""

import asyncio
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import WSMsgType, web

from tillsyn.errors import Refusal, Refused
from tillsyn.frames import HOME_TO_BRIDGE, LIMIT, Frame, Hello, Rejected, decode
from tillsyn.strict import b64u_encode

from .keep import Keep
from .link import CLOSED, HELLO_SECONDS, Sender, hello, too_old

_LOGGER = logging.getLogger(__name__)
HEARTBEAT_SECONDS: Final = 4.0


@dataclass(frozen=True, slots=True)
class HomeEvents:
    """Who is told, on the event loop. ``frame`` may raise Refused: the link is then closed."""

    connected: Callable[[], None]
    frame: Callable[[Frame], None]
    lost: Callable[[], None]


class HomeLink:
    """The server side. ``start``, then frames through ``send`` while connected; ``stop``."""

    def __init__(self, keep: Keep, events: HomeEvents) -> None:
        """Does not listen yet."""
        self._expected = f"Bearer {b64u_encode(keep.token)}".encode()
        self._tls = keep.tls()
        self._events = events
        self._sender: Sender | None = None
        self._socket: web.WebSocketResponse | None = None
        app = web.Application(client_max_size=1024)
        app.router.add_get("/home", self._home)
        app.router.add_get("/health", self._health)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port. Raises OSError."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, ssl_context=self._tls)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Send what is queued, say goodbye, and listen no more."""
        if self._sender is not None:
            self._sender.finish()
        await self._runner.cleanup()

    def send(self, frame: Frame) -> None:
        """Send to the integration; lost where there is none."""
        if self._sender is not None:
            self._sender.send(frame)

    async def _health(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _home(self, request: web.Request) -> web.StreamResponse:
        shown = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, self._expected):
            _LOGGER.warning("home link refused: wrong access key")
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=LIMIT, compress=False, timeout=2.0)
        await socket.prepare(request)
        sender = Sender(socket)
        writer = asyncio.create_task(sender.run(), name="home link sender")
        try:
            await self._converse(socket, sender)
        finally:
            self._leave(socket)
            sender.finish()
            await asyncio.wait([writer], timeout=2.0)
            writer.cancel()
        return socket

    async def _converse(self, socket: web.WebSocketResponse, sender: Sender) -> None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                first = await _next(socket)
            if first is None:
                return
            if not isinstance(first, Hello):
                raise Refused(Refusal.BAD_MESSAGE, "first frame")
            side = too_old(first)
            if side is not None:
                # On this link the integration is "home", and the bridge serves it.
                sender.send(Rejected("update_home" if side == "theirs" else "update_service"))
                return
            sender.send(hello())
            self._take_over(socket, sender)
            while self._socket is socket and (frame := await _next(socket)) is not None:
                if self._socket is socket:
                    self._events.frame(frame)
        except TimeoutError:
            sender.send(Rejected(Refusal.TIMEOUT))
        except Refused as err:
            _LOGGER.warning("home link: message refused", extra={"code": err.code})
            sender.send(Rejected(err.code))

    def _take_over(self, socket: web.WebSocketResponse, sender: Sender) -> None:
        if self._sender is not None:
            old = self._sender
            self._socket = self._sender = None
            self._events.lost()
            old.finish()
        self._socket, self._sender = socket, sender
        _LOGGER.info("home link up")
        self._events.connected()

    def _leave(self, socket: web.WebSocketResponse) -> None:
        if self._socket is socket:
            self._socket = self._sender = None
            _LOGGER.info("home link down")
            self._events.lost()


async def _next(socket: web.WebSocketResponse) -> Frame | None:
    """The next frame, or None at the end. Raises Refused for anything but a frame the integration may send."""
    message = await socket.receive()
    if message.type in CLOSED:
        return None
    if message.type is not WSMsgType.TEXT or not isinstance(message.data, str):
        raise Refused(Refusal.BAD_MESSAGE, "not text")
    return decode(HOME_TO_BRIDGE, message.data)
