"""What both kinds of WebSocket need: an outbox that never waits, and strict receiving."""

import asyncio
import contextlib
from typing import Final

from aiohttp import WSMsgType, web

HEARTBEAT: Final = 5.0
_WAITING: Final = 512


class Outbox:
    """Sends in order from its own task. A peer that does not keep up is cut off instead of being waited for."""

    def __init__(self, ws: web.WebSocketResponse) -> None:
        """``run`` must be started by the handler of ``ws``."""
        self._ws = ws
        self._queue: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self._ending: tuple[int, bytes] | None = None
        self._wake = asyncio.Event()

    @property
    def open(self) -> bool:
        """Whether the socket still takes messages."""
        return self._ending is None and not self._ws.closed

    def put(self, message: str) -> bool:
        """Queue a message; False where the peer is gone or too slow."""
        if not self.open:
            return False
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.close(1013, b"too slow")
            return False
        self._wake.set()
        return True

    def close(self, code: int, why: bytes = b"") -> None:
        """Close after what is queued has been sent."""
        self._ending = self._ending or (code, why)
        self._wake.set()

    async def run(self) -> None:
        """Send until told to close or the peer is gone."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while not self._queue.empty():
                    await self._ws.send_str(self._queue.get_nowait())
                if self._ending is not None:
                    await self._ws.close(code=self._ending[0], message=self._ending[1])
                    return
        except ConnectionError, RuntimeError:  # the receiving side sees the close and ends the handler
            self._ending = self._ending or (1006, b"")


async def receive(ws: web.WebSocketResponse) -> str | None:
    """The next text message; None once closed. Anything else closes the socket too."""
    message = await ws.receive()
    return message.data if message.type is WSMsgType.TEXT else None


class Bell:
    """Wakes everybody who waits for the next change of something."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Something changed."""
        self._event.set()
        self._event = asyncio.Event()

    def listen(self) -> asyncio.Event:
        """Set at the next ring from now on; take it before looking at what may change."""
        return self._event


async def rung(event: asyncio.Event, seconds: float) -> None:
    """Until it rings, or for ``seconds``."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
