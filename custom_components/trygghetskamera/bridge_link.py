"""The home link: a TLS WebSocket to the bridge, whose certificate is pinned, kept up with back-off.

The link carries frames and knows no rules; what a frame means is for ``looks`` and ``coordinator``.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import aiohttp

from .config import BridgeAddress
from .tillsyn.errors import Refused
from .tillsyn.frames import BRIDGE_TO_HOME, LIMIT, Bridge, Frame, Hello, PairingResult, Rejected, StartPairing, decode
from .tillsyn.strict import b64u_encode
from .tillsyn.wire import MINIMUM_VERSION, VERSION

_LOGGER = logging.getLogger(__name__)

HANDSHAKE_SECONDS: Final = 10.0
PING_SECONDS: Final = 2.0
SILENCE_SECONDS: Final = 5.0
"""A link over which nothing comes for this long, not even the answer to a ping, is lost."""
PAIRING_SECONDS: Final = 600.0
"""How long the municipality has to sign the hub's certificate; the service's own limit."""
_BACKOFF: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_OUTGOING: Final = 100


class LinkFault(StrEnum):
    """Why there is no link; the value is a translation key."""

    CANNOT_CONNECT = "cannot_connect"
    INVALID_AUTH = "invalid_auth"
    WRONG_BRIDGE = "wrong_bridge"
    UPDATE_HOME = "update_home"
    UPDATE_BRIDGE = "update_bridge"
    BAD_MESSAGE = "bad_message"


class LinkError(Exception):
    """There is no link, or it broke."""

    def __init__(self, code: LinkFault) -> None:
        """Keep the code that every edge translates."""
        super().__init__(code)
        self.code = code


class PairingRefused(Exception):
    """The bridge or the municipality said no; ``code`` is theirs."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


class BridgeConnection:
    """One connection after its greeting; ``bridge`` says who the bridge is."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Use ``open``."""
        self._socket = socket
        self.bridge = Bridge("", "", "")

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, address: BridgeAddress) -> BridgeConnection:
        """Connect, check the certificate, greet. Raises LinkError."""
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                socket = await session.ws_connect(
                    address.url,
                    ssl=aiohttp.Fingerprint(address.key.fingerprint),
                    headers={"Authorization": f"Bearer {address.key.token}"},
                    autoping=False,
                    max_msg_size=LIMIT,
                )
                connection = cls(socket)
                try:
                    await connection._greet()
                except BaseException:
                    await connection.close()
                    raise
                return connection
        except aiohttp.ServerFingerprintMismatch as err:
            raise LinkError(LinkFault.WRONG_BRIDGE) from err
        except aiohttp.WSServerHandshakeError as err:
            refused = err.status in (401, 403)
            raise LinkError(LinkFault.INVALID_AUTH if refused else LinkFault.CANNOT_CONNECT) from err
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as err:
            raise LinkError(LinkFault.CANNOT_CONNECT) from err

    async def _greet(self) -> None:
        await self.send(Hello(VERSION, MINIMUM_VERSION, b64u_encode(secrets.token_bytes(32))))
        hello = await self.receive()
        if isinstance(hello, Rejected):
            known = {"update_home": LinkFault.UPDATE_HOME, "update_service": LinkFault.UPDATE_BRIDGE}
            raise LinkError(known.get(hello.code, LinkFault.CANNOT_CONNECT))
        if not isinstance(hello, Hello):
            raise LinkError(LinkFault.BAD_MESSAGE)
        if hello.minimum > VERSION:
            raise LinkError(LinkFault.UPDATE_HOME)
        if hello.version < MINIMUM_VERSION:
            raise LinkError(LinkFault.UPDATE_BRIDGE)
        bridge = await self.receive()
        if not isinstance(bridge, Bridge):
            raise LinkError(LinkFault.BAD_MESSAGE)
        self.bridge = bridge

    async def send(self, frame: Frame) -> None:
        """Send one frame. Raises LinkError."""
        try:
            await self._socket.send_str(frame.encode())
        except (aiohttp.ClientError, OSError) as err:
            raise LinkError(LinkFault.CANNOT_CONNECT) from err

    async def receive(self) -> Frame:
        """The next frame. Raises LinkError when the link ends or the frame is not one."""
        while (message := await self._heard()).type is not aiohttp.WSMsgType.TEXT:
            match message.type:
                case aiohttp.WSMsgType.PING:
                    await self._socket.pong(message.data)
                case aiohttp.WSMsgType.PONG:
                    pass
                case _:
                    raise LinkError(LinkFault.CANNOT_CONNECT)
        try:
            return decode(BRIDGE_TO_HOME, message.data)
        except Refused as err:
            raise LinkError(LinkFault.BAD_MESSAGE) from err

    async def _heard(self) -> aiohttp.WSMessage:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                return await self._socket.receive()
        except (aiohttp.ClientError, OSError, TimeoutError) as err:
            raise LinkError(LinkFault.CANNOT_CONNECT) from err

    async def ping(self) -> None:
        """Ask for a sign of life, again and again. Raises LinkError."""
        while True:
            try:
                await self._socket.ping()
            except (aiohttp.ClientError, OSError) as err:
                raise LinkError(LinkFault.CANNOT_CONNECT) from err
            await asyncio.sleep(PING_SECONDS)

    async def pair(self, code: str) -> PairingResult:
        """Let the bridge pair with the service in this code. Raises LinkError or PairingRefused."""
        try:
            async with asyncio.timeout(PAIRING_SECONDS):
                await self.send(StartPairing(code))
                return await self._paired()
        except TimeoutError as err:
            raise PairingRefused("timeout") from err

    async def _paired(self) -> PairingResult:
        alive = asyncio.create_task(self.ping())
        try:
            while True:
                match await self.receive():
                    case PairingResult() as result:
                        return result
                    case Rejected(code=why):
                        raise PairingRefused(why)
        finally:
            alive.cancel()
            await asyncio.gather(alive, return_exceptions=True)

    async def close(self) -> None:
        """End it; never fails."""
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(2):
                await self._socket.close()


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told about the link. All are called in the event loop and must not block."""

    up: Callable[[Bridge], bool]
    """A link is there with this bridge; False refuses it."""
    frame: Callable[[Frame], None]
    down: Callable[[LinkFault], None]
    """There is no link: it was lost, or another attempt failed."""


class BridgeLink:
    """Keeps the home link up. ``send`` never waits; what is sent while there is no link is lost."""

    def __init__(self, session: aiohttp.ClientSession, address: BridgeAddress, listener: Listener) -> None:
        """Nothing is connected before ``run``."""
        self._session = session
        self._address = address
        self._listener = listener
        self._outgoing: asyncio.Queue[Frame] | None = None

    @property
    def is_up(self) -> bool:
        """Whether frames can be sent."""
        return self._outgoing is not None

    def send(self, frame: Frame) -> bool:
        """Queue a frame; False where there is no link."""
        if self._outgoing is None:
            return False
        try:
            self._outgoing.put_nowait(frame)
        except asyncio.QueueFull:
            # Losing a frame could leave a picture on; without a link the bridge stops by itself.
            _LOGGER.warning("The bridge takes no frames; the link is ended")
            self._outgoing.shutdown(immediate=True)
            self._outgoing = None
            return False
        return True

    async def run(self) -> None:
        """Connect, again and again, for ever."""
        attempt = 0
        while True:
            try:
                if await self._once():
                    attempt = 0
            except Exception:
                # The camera is kept closed over this link: whatever went wrong, there is a next one.
                _LOGGER.exception("The home link failed in a way that was not foreseen")
            await asyncio.sleep(_BACKOFF[min(attempt, len(_BACKOFF) - 1)] * random.uniform(0.8, 1.2))  # noqa: S311
            attempt += 1

    async def _once(self) -> bool:
        """One connection, from first to last frame; whether it was the right bridge."""
        try:
            connection = await BridgeConnection.open(self._session, self._address)
        except LinkError as err:
            self._listener.down(err.code)
            return False
        return await self._serve(connection)

    async def _serve(self, connection: BridgeConnection) -> bool:
        """Carry frames until the link ends; whether it was the right bridge."""
        outgoing = self._outgoing = asyncio.Queue[Frame](_OUTGOING)
        why = LinkFault.CANNOT_CONNECT
        accepted = False
        try:
            accepted = self._listener.up(connection.bridge)
            if not accepted:
                why = LinkFault.WRONG_BRIDGE
                return False
            async with asyncio.TaskGroup() as both:
                both.create_task(self._write(connection, outgoing))
                both.create_task(self._read(connection))
                both.create_task(connection.ping())
        except* LinkError as errors:
            first = errors.exceptions[0]
            why = first.code if isinstance(first, LinkError) else why
            _LOGGER.debug("The home link ended: %s", why)
        finally:
            self._outgoing = None
            try:
                self._listener.down(why)
            finally:
                await connection.close()
        return accepted

    async def _write(self, connection: BridgeConnection, outgoing: asyncio.Queue[Frame]) -> None:
        try:
            while True:
                await connection.send(await outgoing.get())
        except asyncio.QueueShutDown as err:
            raise LinkError(LinkFault.CANNOT_CONNECT) from err

    async def _read(self, connection: BridgeConnection) -> None:
        while True:
            self._listener.frame(await connection.receive())
