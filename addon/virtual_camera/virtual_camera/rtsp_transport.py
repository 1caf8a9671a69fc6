"""Where a session's packets go: into the RTSP connection, or over UDP."""

import asyncio
import re
import struct
from dataclasses import dataclass
from typing import Protocol, override

_INTERLEAVED = re.compile(r"interleaved=(\d{1,3})-(\d{1,3})")
_CLIENT_PORT = re.compile(r"client_port=(\d{1,5})-(\d{1,5})")
_MAX_BACKLOG = 2_000_000
"""Bytes waiting for a slow client before its connection is cut."""


class Outlet(Protocol):
    """Takes the packets of one track."""

    def send(self, packet: bytes, *, is_control: bool) -> None:
        """Send an RTP packet, or an RTCP one."""

    def close(self) -> None:
        """Send no more."""


class InterleavedOutlet:
    """Sends inside the RTSP connection, on two channels."""

    def __init__(self, writer: asyncio.StreamWriter, channels: tuple[int, int]) -> None:
        """Use these channels for RTP and RTCP."""
        self._writer = writer
        self._channels = channels

    def send(self, packet: bytes, *, is_control: bool) -> None:
        """Send one packet; a client that does not read is cut off."""
        transport = self._writer.transport
        if transport.get_write_buffer_size() > _MAX_BACKLOG:
            transport.abort()
        if not transport.is_closing():
            transport.write(struct.pack("!cBH", b"$", self._channels[is_control], len(packet)) + packet)

    def close(self) -> None:
        """Leave the connection open; it may carry more requests."""


class _Datagrams(asyncio.DatagramProtocol):
    """Takes receiver reports and forgets them."""

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Ignore what the client sends."""


class UdpOutlet:
    """Sends to two UDP ports of the client."""

    def __init__(
        self, senders: tuple[asyncio.DatagramTransport, asyncio.DatagramTransport], host: str, ports: tuple[int, int]
    ) -> None:
        """Send from these sockets."""
        self._senders = senders
        self._host = host
        self._ports = ports

    @property
    def server_ports(self) -> tuple[int, int]:
        """The ports that packets come from."""
        first, second = (sender.get_extra_info("sockname")[1] for sender in self._senders)
        return first, second

    def send(self, packet: bytes, *, is_control: bool) -> None:
        """Send one packet."""
        sender = self._senders[is_control]
        if not sender.is_closing():
            sender.sendto(packet, (self._host, self._ports[is_control]))

    def close(self) -> None:
        """Close both sockets."""
        for sender in self._senders:
            sender.close()


@dataclass(frozen=True, slots=True)
class Offer:
    """The first transport in a client's list that the camera can do."""

    is_udp: bool
    first: int
    second: int


def choose_transport(header: str) -> Offer | None:
    """Choose among the transports that a client offers; None if none of them is possible."""
    for text in header.split(","):
        protocol, *parameters = (part.strip() for part in text.split(";"))
        is_udp = protocol.upper() in ("RTP/AVP", "RTP/AVP/UDP")
        if "multicast" in parameters or not (is_udp or protocol.upper() == "RTP/AVP/TCP"):
            continue
        pattern, highest = (_CLIENT_PORT, 65535) if is_udp else (_INTERLEAVED, 255)
        for parameter in parameters:
            numbers = pattern.fullmatch(parameter)
            if numbers and int(numbers[1]) <= highest and int(numbers[2]) <= highest and int(numbers[1]) >= is_udp:
                return Offer(is_udp, int(numbers[1]), int(numbers[2]))
    return None


async def open_udp(local: str, remote: str, offer: Offer) -> UdpOutlet:
    """Open an even port and the one after it, to send from. Raises OSError when there is none."""
    loop = asyncio.get_running_loop()
    for _ in range(20):
        first, _protocol = await loop.create_datagram_endpoint(_Datagrams, local_addr=(local, 0))
        port = first.get_extra_info("sockname")[1]
        try:
            if port % 2 == 0:
                second, _protocol = await loop.create_datagram_endpoint(_Datagrams, local_addr=(local, port + 1))
                return UdpOutlet((first, second), remote, (offer.first, offer.second))
        except OSError:
            pass
        first.close()
    raise OSError("no pair of ports is free")
