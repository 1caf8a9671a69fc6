"""The service link: the bridge's WebSocket to the municipality's operator service, kept up while the home is paired.

TLS may end at any proxy, so the hub proves its key over the service's nonce, and nothing that arrives here is believed
for being here: people's signatures are checked one by one (trust.py, and again in the integration).
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from typing import Final

import aiohttp

from tillsyn.errors import Refusal, Refused
from tillsyn.frames import (
    LIMIT,
    SERVICE_TO_BRIDGE,
    Frame,
    Hello,
    HomeStatus,
    Kept,
    LinkLogin,
    Noted,
    Rejected,
    Signed,
    Welcome,
    decode,
)
from tillsyn.identity import SigningKey
from tillsyn.wire import Login

from .keep import Pairing
from .link import CLOSED, HELLO_SECONDS, Sender, hello, jitter, too_old

_LOGGER = logging.getLogger(__name__)

HEARTBEAT_SECONDS: Final = 5.0
UNREACHABLE: Final = "service_unreachable"
NOT_PAIRED: Final = "not_paired"
_KEPT_FRAMES: Final = 64
UNCERTAIN_SECONDS: Final = 30.0
"""What was sent so shortly before a link was lost may not have arrived, and is sent again; twice does no harm."""


@dataclass(frozen=True, slots=True)
class BackOff:
    """Seconds between attempts, doubling from ``first`` to ``last``; a link that held ``steady`` starts over."""

    first: float = 0.5
    last: float = 60.0
    steady: float = 10.0


class LinkRefused(Exception):
    """The service, or this side, does not want the link. ``code`` as in frames.Rejected."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Greeted:
    """A connection whose versions fit. ``nonce``: the service's, for the login."""

    socket: aiohttp.ClientWebSocketResponse
    nonce: str


@contextlib.asynccontextmanager
async def greet(session: aiohttp.ClientSession, url: str) -> AsyncGenerator[Greeted]:
    """Connect and exchange hellos. Raises LinkRefused, Refused, or aiohttp.ClientError, OSError and TimeoutError."""
    async with asyncio.timeout(HELLO_SECONDS):
        socket = await session.ws_connect(
            url,
            heartbeat=HEARTBEAT_SECONDS,
            max_msg_size=LIMIT,
            compress=0,
            timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
        )
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            await socket.send_str(hello().encode())
            first = await receive(socket)
        if not isinstance(first, Hello):
            raise Refused(Refusal.BAD_MESSAGE, "first frame")
        side = too_old(first)
        if side is not None:
            raise LinkRefused("update_service" if side == "theirs" else "update_home")
        yield Greeted(socket, first.nonce)
    finally:
        await socket.close()


async def receive(socket: aiohttp.ClientWebSocketResponse) -> Frame:
    """The next frame. Raises LinkRefused for a Rejected, Refused for rubbish, ConnectionResetError at the end."""
    message = await socket.receive()
    if message.type in CLOSED:
        raise ConnectionResetError
    if message.type is not aiohttp.WSMsgType.TEXT or not isinstance(message.data, str):
        raise Refused(Refusal.BAD_MESSAGE, "not text")
    frame = decode(SERVICE_TO_BRIDGE, message.data)
    if isinstance(frame, Rejected):
        raise LinkRefused(frame.code)
    return frame


@dataclass(frozen=True, slots=True)
class ServiceEvents:
    """Who is told, on the event loop. ``state``: connected, and '' or why not; ``relay``: TURN from now on; ``kept``:
    what the service has kept.
    """

    signed: Callable[[Signed], None]
    kept: Callable[[Kept], None]
    relay: Callable[[Welcome], None]
    state: Callable[[bool, str], None]


class ServiceLink:
    """``use`` a pairing to be linked, again after every loss, until ``stop``."""

    def __init__(
        self, session: aiohttp.ClientSession, hub: SigningKey, events: ServiceEvents, back_off: BackOff | None = None
    ) -> None:
        """Does not connect yet."""
        self._session = session
        self._hub = hub
        self._events = events
        self._back_off = back_off or BackOff()
        self._task: asyncio.Task[None] | None = None
        self._sender: Sender | None = None
        self._kept: deque[tuple[Signed, float | None]] = deque(maxlen=_KEPT_FRAMES)
        self._status: HomeStatus | None = None
        self._whose = ("", "")

    def use(self, pairing: Pairing) -> None:
        """Link to this municipality from now on, and to no other: nothing more is heard from the old link, and what was
        kept for another is not for this one.
        """
        if self._task is not None:
            self._task.cancel()
        whose = (pairing.url, pairing.root.x)
        if whose != self._whose:
            self._kept.clear()
            self._status = self._sender = None
        self._whose = whose
        self._task = asyncio.create_task(self._run(pairing), name="service link")

    async def stop(self) -> None:
        """Send what is queued, say goodbye, and stay away."""
        if self._sender is not None:
            self._sender.finish()
            await asyncio.sleep(0)
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task], timeout=3.0)

    def send(self, frame: Signed, *, keep: bool = False) -> None:
        """Send now. What should be kept (the newest 64) is sent on the next link if there is none or it may be dead."""
        if self._sender is not None:
            self._sender.send(frame)
        if keep:
            self._kept.append((frame, None if self._sender is None else time.monotonic()))

    def noted(self, frame: Noted) -> None:
        """The home has noted what the service has kept; where this does not arrive the service says it again."""
        if self._sender is not None:
            self._sender.send(frame)

    def status(self, status: HomeStatus | None) -> None:
        """How the home is; told again after each reconnect. None: no integration says so any more."""
        if status is None:
            last = self._status or HomeStatus(ready=False, paused=False, plan=0, problem="")
            status = replace(last, ready=False, problem=Refusal.NO_HOME_ASSISTANT.value)
        self._status = status
        if self._sender is not None:
            self._sender.send(status)

    # -- the connection -----------------------------------------------------------------------------------------------

    async def _run(self, pairing: Pairing) -> None:
        delay = self._back_off.first
        while True:
            began = time.monotonic()
            code = await self._once(pairing)
            self._events.state(False, code)
            _LOGGER.info("service link down", extra={"code": code})
            if time.monotonic() - began > self._back_off.steady:
                delay = self._back_off.first
            await asyncio.sleep(jitter(delay))
            delay = min(delay * 2, self._back_off.last)

    async def _once(self, pairing: Pairing) -> str:
        """One connection, from first to last byte; gives the code of its end."""
        try:
            async with greet(self._session, pairing.url) as greeted:
                token = self._hub.sign(Login(self._hub.public.kid, greeted.nonce, int(time.time())))
                await greeted.socket.send_str(LinkLogin(token, pairing.certificate, pairing.chain).encode())
                async with asyncio.timeout(HELLO_SECONDS):
                    welcome = await receive(greeted.socket)
                if not isinstance(welcome, Welcome):
                    raise Refused(Refusal.BAD_MESSAGE, "no welcome")
                await self._linked(greeted.socket, welcome)
        except LinkRefused as err:
            return err.code
        except Refused as err:
            return err.code.value
        except (aiohttp.ClientError, OSError, TimeoutError) as err:
            _LOGGER.debug("service link lost", extra={"code": type(err).__name__})
        except Exception:
            # Whatever it is, there must be a next link: without one no look can happen.
            _LOGGER.exception("service link failed unforeseen")
        return UNREACHABLE

    async def _linked(self, socket: aiohttp.ClientWebSocketResponse, welcome: Welcome) -> None:
        sender = Sender(socket)
        writer = asyncio.create_task(sender.run(), name="service link sender")
        self._sender = sender
        try:
            self._events.relay(welcome)
            self._events.state(True, "")
            _LOGGER.info("service link up")
            if self._status is not None:
                sender.send(self._status)
            self._send_kept(sender)
            while True:
                self._take(await receive(socket))
        finally:
            self._sender = None
            writer.cancel()
            since = time.monotonic() - UNCERTAIN_SECONDS
            uncertain = [(one, sent) for one, sent in self._kept if sent is None or sent > since]
            self._kept = deque(((one, None) for one, _ in uncertain), maxlen=_KEPT_FRAMES)

    def _send_kept(self, sender: Sender) -> None:
        now = time.monotonic()
        for one, sent in self._kept:
            if sent is None:
                sender.send(one)
        self._kept = deque(((one, sent or now) for one, sent in self._kept), maxlen=_KEPT_FRAMES)

    def _take(self, frame: Frame) -> None:
        match frame:
            case Signed():
                self._events.signed(frame)
            case Kept():
                self._events.kept(frame)
            case Welcome():
                self._events.relay(frame)
            case _:
                raise Refused(Refusal.BAD_MESSAGE, "frame after login")
