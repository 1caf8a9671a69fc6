"""Whoever listens on the wires of a look: at the camera, at the TURN server, at the service. Everything that passes is
kept as it passed; at the service as the service reads it, without TLS and compression, as an evil one would have it.
"""

import asyncio
import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

import aiohttp
from aiohttp import WSMsgType, web
from aioice import stun

RUN = 16
"""So many bytes in a row are no coincidence."""
_ENCODED = re.compile(rb"[A-Za-z0-9_+/-]{22,}")
_HOP = {"connection", "upgrade", "transfer-encoding", "content-length", "content-encoding", "accept-encoding"}


def runs(data: bytes) -> set[bytes]:
    """Every run of RUN bytes that is not one or two values over and over, as padding is."""
    found = {data[at : at + RUN] for at in range(len(data) - RUN + 1)}
    return {run for run in found if len(set(run)) > 2}


@dataclass
class Capture:
    """What somebody has seen pass, packet by packet."""

    packets: list[bytes] = field(default_factory=list)

    def keep(self, data: bytes | str) -> None:
        """One more."""
        self.packets.append(data.encode() if isinstance(data, str) else data)

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(map(len, self.packets))

    def known(self, wanted: set[bytes]) -> int:
        """How many of these runs are in it, within a packet or across two."""
        whole = b"".join(self.packets)
        return len(wanted.intersection(whole[at : at + RUN] for at in range(len(whole) - RUN + 1)))

    def held(self, secrets: Mapping[str, bytes]) -> set[str]:
        """Which of these are in it: as they are, in hexadecimal, or in anything that is base64 of any kind."""
        found: set[str] = set()
        for layer in _layers(b"".join(self.packets)):
            lower = layer.lower()
            found |= {name for name, one in secrets.items() if one in layer or one.hex().encode() in lower}
        return found


def _layers(data: bytes, depth: int = 3) -> Iterator[bytes]:
    """The bytes, and what is left when what may be base64 in them is read, and in that again."""
    yield data
    if depth == 0:
        return
    for text in set(_ENCODED.findall(data)):
        plain = text.replace(b"-", b"+").replace(b"_", b"/")
        for start in range(4 if len(plain) < 100 else 1):
            part = plain[start:]
            yield from _layers(base64.b64decode(part[: len(part) // 4 * 4] + _rest(part)), depth - 1)


def _rest(part: bytes) -> bytes:
    left = part[len(part) // 4 * 4 :]
    return left + b"=" * (4 - len(left)) if len(left) > 1 else b""


class StreamTap:
    """Before a TCP server on loopback."""

    def __init__(self, behind: int) -> None:
        self.capture, self._behind = Capture(), behind
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._behind)
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                self.capture.keep(data)
                sink.write(data)
        except ConnectionError:
            pass
        finally:
            sink.close()


class ServiceTap:
    """Before the operator service: a proxy at which TLS would end. It keeps what is said, and changes nothing."""

    def __init__(self, behind: str) -> None:
        self.capture, self._behind = Capture(), behind

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(auto_decompress=True, cookie_jar=aiohttp.DummyCookieJar())
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "localhost", 0).start()
        self.port: int = self._runner.addresses[0][1]
        self.url = f"http://localhost:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        self.capture.keep(f"{request.method} {request.path_qs} {headers}")
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request, {n: v for n, v in headers.items() if not n.startswith("Sec-WebSocket")})
        body = await request.read()
        self.capture.keep(body)
        url = self._behind + request.path_qs
        async with self._session.request(
            request.method, url, headers=headers, data=body, allow_redirects=False
        ) as answer:
            found = await answer.read()
            kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP]
            self.capture.keep(f"{answer.status} {kept}")
            self.capture.keep(found)
            response = web.Response(status=answer.status, body=found)
            response.headers.clear()
            for name, value in kept:
                response.headers.add(name, value)
            return response

    async def _socket(self, request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
        ours = web.WebSocketResponse(compress=False)
        await ours.prepare(request)
        async with self._session.ws_connect(self._behind + request.path_qs, headers=headers) as theirs:

            async def carry(
                source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
                sink: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
            ) -> None:
                async for message in source:
                    if message.type is WSMsgType.TEXT:
                        self.capture.keep(message.data)
                        await sink.send_str(message.data)
                await sink.close(code=source.close_code or 1000)

            await asyncio.gather(carry(ours, theirs), carry(theirs, ours), return_exceptions=True)
        return ours


# ---- the TURN server's own eye --------------------------------------------------------------------------------------

type Wrap = Callable[[bytes], bytes]


@dataclass(eq=False)
class Leg:
    """One end's way to the TURN server. ``wrap`` makes what looks to it as if it came from the other end."""

    to_client: Callable[[bytes], None]
    to_server: Callable[[bytes], None]
    wrap: Wrap | None = None
    sent: list[bytes] = field(default_factory=list)
    """What this end has sent to the other, unwrapped."""

    def inject(self, data: bytes) -> None:
        """Say this in the other end's name."""
        assert self.wrap is not None
        self.to_client(self.wrap(data))


def is_dtls(data: bytes) -> bool:
    """By the first byte, as RFC 7983 tells packets apart."""
    return bool(data) and 20 <= data[0] <= 63


def is_media(data: bytes) -> bool:
    """RTP or RTCP."""
    return bool(data) and 128 <= data[0] <= 191


def unwrapped(packet: bytes) -> tuple[bytes, Wrap] | None:
    """What one end sends to the other by way of TURN, and how to answer it; None for what is for the server itself."""
    if packet[0] >> 6 == 1:  # ChannelData, RFC 8656 section 12.4
        channel, size = packet[:2], int.from_bytes(packet[2:4])
        return packet[4 : 4 + size], lambda data: channel + len(data).to_bytes(2) + data
    try:
        message = stun.parse_message(packet)
    except ValueError:
        return None
    if message.message_method is not stun.Method.SEND or "DATA" not in message.attributes:
        return None
    peer = message.attributes["XOR-PEER-ADDRESS"]

    def wrap(data: bytes) -> bytes:
        told = stun.Message(stun.Method.DATA, stun.Class.INDICATION)
        told.attributes["XOR-PEER-ADDRESS"], told.attributes["DATA"] = peer, data
        return bytes(told)

    return message.attributes["DATA"], wrap


class TurnTap:
    """Before a TURN server on UDP. ``meddle``: takes what an end sends to the other, and says whether it goes on."""

    def __init__(self, behind: int, meddle: Callable[[TurnTap, Leg, bytes], bool] | None = None) -> None:
        self.capture, self.legs = Capture(), list[Leg]()
        self._behind, self._meddle = behind, meddle
        self._known: dict[tuple[str, int], Leg] = {}
        self._early: dict[tuple[str, int], list[bytes]] = {}
        self._transports: list[asyncio.DatagramTransport] = []
        self._opening: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        loop, tap = asyncio.get_running_loop(), self

        class Front(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                tap._from_client(data, addr)

        self._front, _ = await loop.create_datagram_endpoint(Front, ("127.0.0.1", 0))
        self.port: int = self._front.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in (*self._transports, self._front):
            one.close()

    def other(self, leg: Leg) -> Leg | None:
        """The other end: whoever else has come last, once it has said something."""
        return next((one for one in reversed(self.legs) if one is not leg and one.wrap is not None), None)

    async def _open(self, addr: tuple[str, int]) -> None:
        tap = self

        class Back(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                tap.capture.keep(data)
                leg.to_client(data)

        loop = asyncio.get_running_loop()
        upstream, _ = await loop.create_datagram_endpoint(Back, remote_addr=("127.0.0.1", self._behind))
        self._transports.append(upstream)
        leg = self._known[addr] = Leg(lambda data: self._front.sendto(data, addr), upstream.sendto)
        self.legs.append(leg)
        for data in self._early.pop(addr):
            self._carry(leg, data)

    def _from_client(self, data: bytes, addr: tuple[str, int]) -> None:
        self.capture.keep(data)
        leg = self._known.get(addr)
        if leg is not None:
            self._carry(leg, data)
        elif addr in self._early:
            self._early[addr].append(data)
        else:
            self._early[addr] = [data]
            self._opening.add(asyncio.create_task(self._open(addr)))

    def _carry(self, leg: Leg, packet: bytes) -> None:
        found = unwrapped(packet)
        if found is not None:
            data, leg.wrap = found
            leg.sent.append(data)
            if self._meddle is not None and not self._meddle(self, leg, data):
                return
        leg.to_server(packet)
