"""ICE for one peer: a TURN server that works, and candidates that do not tell where the home is.

aioice takes a single TURN server and needs 5 s to find out that it is blocked, so the list is
probed beforehand. No public STUN server is ever asked.
"""

# ruff: noqa: SLF001 - the private attributes used here are named in tests/bridge/media/test_aiortc_contract.py

import asyncio
import logging
import re
import secrets
import socket
import string
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import override

import aioice
import aioice.ice
import aioice.stun
import aioice.turn
from aiortc import RTCIceCandidate, RTCIceGatherer

from .errors import NoRelay
from .fields import MAX_CANDIDATES, CandidateParts

_LOGGER = logging.getLogger(__name__)
_URL = re.compile(
    r"(turns?):(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?(?:\?transport=(udp|tcp))?"
)
_ICE_CHARS = string.ascii_letters + string.digits
PROBE_SECONDS = 3.0
PREFERENCE_SECONDS = 0.5
"""How long a URL that stands earlier in the list is waited for once a later one has answered."""
GATHER_SECONDS = 3


@dataclass(frozen=True, slots=True)
class TurnServer:
    """A parsed turn: or turns: URL (RFC 7065)."""

    host: str
    port: int
    transport: str
    tls: bool


def parse_turn_url(url: str) -> TurnServer:
    """Read a TURN URL. Raises ValueError."""
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError("not a TURN URL")
    scheme, host, port, transport = match.groups()
    tls = scheme == "turns"
    if tls and transport == "udp":
        raise ValueError("TURN over DTLS is not supported")
    number = int(port or (5349 if tls else 3478))
    if not 0 < number < 1 << 16:
        raise ValueError("TURN port out of range")
    return TurnServer(host.strip("[]"), number, transport or ("tcp" if tls else "udp"), tls)


@dataclass(frozen=True, slots=True)
class IceConfig:
    """Where media may pass. An empty `turn_urls` with `relay_only` can reach nobody, and says so."""

    turn_urls: tuple[str, ...] = ()
    """In order of preference, normally UDP, TCP, TLS."""
    username: str = field(default="", repr=False)
    credential: str = field(default="", repr=False)
    relay_only: bool = True
    """False lets host candidates be used: the operator then learns the home's addresses."""
    allow_loopback: bool = False
    """Also offer 127.0.0.1 where `relay_only` is False: both ends on one machine."""

    def __post_init__(self) -> None:
        """Raises ValueError for a malformed URL or too many."""
        if len(self.turn_urls) > 8:
            raise ValueError("too many TURN URLs")
        for url in self.turn_urls:
            parse_turn_url(url)


class _Connection(aioice.Connection):
    """aioice's connection with our time limit, and loopback where it is allowed."""

    loopback = False

    @override
    async def get_component_candidates(
        self, component: int, addresses: list[str], timeout: int = GATHER_SECONDS
    ) -> list[aioice.Candidate]:
        """Gather for one component; called by gather_candidates."""
        extra = ["127.0.0.1"] if self.loopback else []
        return await super().get_component_candidates(component, [*addresses, *extra], GATHER_SECONDS)


def make_gatherer(config: IceConfig) -> RTCIceGatherer:
    """A gatherer for the offering (controlling) end, with at most the first TURN server of `config`."""
    gatherer = RTCIceGatherer(iceServers=[])
    server = parse_turn_url(config.turn_urls[0]) if config.turn_urls else None
    connection = _Connection(
        ice_controlling=True,
        turn_server=(server.host, server.port) if server else None,
        turn_username=config.username,
        turn_password=config.credential,
        turn_ssl=server.tls if server else False,
        turn_transport=server.transport if server else "udp",
        transport_policy=aioice.TransportPolicy.RELAY if config.relay_only else aioice.TransportPolicy.ALL,
        local_username=_random(8),
        local_password=_random(24),
    )
    connection.loopback = config.allow_loopback and not config.relay_only
    gatherer._connection = connection
    return gatherer


def _random(length: int) -> str:
    return "".join(secrets.choice(_ICE_CHARS) for _ in range(length))


def local_candidates(gatherer: RTCIceGatherer, relay_only: bool) -> tuple[str, ...]:
    """What the other end is told: short form, without related addresses, relay candidates only if so asked."""
    found = [c for c in gatherer.getLocalCandidates() if c.type == "relay" or not relay_only]
    # Where there are too many, relayed ones matter more than one more address of the same machine.
    found.sort(key=lambda c: (c.type == "relay", c.priority), reverse=True)
    return tuple(
        f"candidate:{c.foundation} 1 udp {c.priority} {c.ip} {c.port} typ {c.type}" for c in found[:MAX_CANDIDATES]
    )


def to_remote(parts: CandidateParts) -> RTCIceCandidate:
    """The form aiortc takes."""
    return RTCIceCandidate(
        component=1,
        foundation=parts.foundation,
        ip=parts.host,
        port=parts.port,
        priority=parts.priority,
        protocol="udp",
        type=parts.kind,
    )


class _Nobody(asyncio.DatagramProtocol):
    """Receives nothing: a probe ends with the allocation."""


async def _allocate(url: str, config: IceConfig) -> str:
    """Get an allocation and give it back. Raises what aioice raises."""
    server = parse_turn_url(url)
    transport, _ = await aioice.turn.create_turn_endpoint(
        _Nobody,
        server_addr=(server.host, server.port),
        username=config.username,
        password=config.credential,
        ssl=server.tls,
        transport=server.transport,
    )
    transport.close()
    return url


async def probe_turn(config: IceConfig) -> IceConfig:
    """The same configuration with the one TURN URL that works, preferring earlier ones. Raises NoRelay.

    All are tried at once. Cache the answer: it changes with the network, not with the look.
    """
    if not config.turn_urls:
        raise NoRelay("no TURN server is configured")
    tasks = {asyncio.create_task(_allocate(url, config)): rank for rank, url in enumerate(config.turn_urls)}
    try:
        rank = await _best(tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    if rank is None:
        raise NoRelay("no TURN server gave an allocation")
    return replace(config, turn_urls=(config.turn_urls[rank],))


async def _best(tasks: dict[asyncio.Task[str], int]) -> int | None:
    """Rank of the best task that succeeds in time, or None."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PROBE_SECONDS
    pending: Iterable[asyncio.Task[str]] = tasks
    best: int | None = None
    while pending := [t for t in pending if not t.done() and (best is None or tasks[t] < best)]:
        done, _ = await asyncio.wait(
            pending, timeout=max(0.0, deadline - loop.time()), return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            break
        won = [tasks[t] for t in done if t.exception() is None]
        if won:
            best = min([*won, *([] if best is None else [best])])
            deadline = min(deadline, loop.time() + PREFERENCE_SECONDS)
    return best


def wires(gatherer: RTCIceGatherer) -> list[asyncio.BaseTransport]:
    """The sockets below a gatherer's candidates; for a relayed one, the socket to the TURN server."""
    found: list[asyncio.BaseTransport] = []
    for protocol in gatherer._connection._protocols:
        transport: object = protocol.transport
        if isinstance(transport, aioice.turn.TurnTransport):
            transport = transport._TurnTransport__inner_protocol.transport  # type: ignore[attr-defined]
        if isinstance(transport, asyncio.BaseTransport):
            found.append(transport)
    return found


def unsent_bytes(transports: Iterable[asyncio.BaseTransport]) -> int:
    """Bytes handed over that the operating system has not taken yet: a TCP relay slower than the camera."""
    total = 0
    for transport in transports:
        if isinstance(transport, asyncio.WriteTransport):
            total += transport.get_write_buffer_size()
    return total


def cut(transports: Iterable[asyncio.BaseTransport], *, streams_only: bool) -> None:
    """Close sockets at once, throwing away what they have not sent (also in the kernel, for TCP)."""
    for transport in transports:
        # Asked this way round: asyncio's own UDP transport is a subclass of both.
        is_stream = not isinstance(transport, asyncio.DatagramTransport)
        if streams_only and not is_stream:
            continue
        sock = transport.get_extra_info("socket")
        if is_stream and sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if isinstance(transport, asyncio.WriteTransport | asyncio.DatagramTransport):
            transport.abort()
