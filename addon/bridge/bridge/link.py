"""What both links share: frames in order through one bounded queue, and the versions of the first frame."""

import asyncio
import logging
import random
import secrets
from typing import Protocol

from aiohttp import ClientConnectionResetError, WSMsgType

from tillsyn.frames import Frame, Hello
from tillsyn.strict import b64u_encode
from tillsyn.wire import MINIMUM_VERSION, VERSION

_LOGGER = logging.getLogger(__name__)

HELLO_SECONDS = 10.0
"""A peer that has not said hello by then is dropped."""
CLOSED = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
"""What receive gives when no message will come any more."""
_QUEUE = 256


class Socket(Protocol):
    """The part of an aiohttp WebSocket, of either side, that sending needs."""

    async def send_str(self, data: str) -> None:
        """Send one text message."""

    async def close(self) -> bool:
        """Say goodbye."""


def hello() -> Hello:
    """This side's first frame, with a fresh nonce."""
    return Hello(VERSION, MINIMUM_VERSION, nonce())


def nonce() -> str:
    """32 random bytes, base64url."""
    return b64u_encode(secrets.token_bytes(32))


def jitter(seconds: float) -> float:
    """About so many seconds, so that a thousand homes do not come back in step."""
    return seconds * random.uniform(0.7, 1.3)  # noqa: S311 - no secret


def too_old(theirs: Hello) -> str | None:
    """Which side must be updated before the two can talk: 'theirs', 'ours', or None if none."""
    if theirs.version < MINIMUM_VERSION:
        return "theirs"
    return "ours" if theirs.minimum > VERSION else None


class Sender:
    """Sends frames one after the other, without making anybody wait. A peer that does not take them is closed."""

    def __init__(self, socket: Socket) -> None:
        """Use ``run`` in a task."""
        self._socket = socket
        self._queue: asyncio.Queue[Frame] = asyncio.Queue(_QUEUE)

    def send(self, frame: Frame) -> None:
        """Queue a frame."""
        try:
            self._queue.put_nowait(frame)
        except asyncio.QueueFull:
            _LOGGER.warning("peer takes no frames; closing")
            self._queue.shutdown(immediate=True)
        except asyncio.QueueShutDown:
            return

    def finish(self) -> None:
        """Send what is queued, then close."""
        self._queue.shutdown()

    async def run(self) -> None:
        """Send until finished or until the peer is gone; then close the socket."""
        try:
            while True:
                frame = await self._queue.get()
                await self._socket.send_str(frame.encode())
        except asyncio.QueueShutDown, ClientConnectionResetError, ConnectionError:
            await self._socket.close()
