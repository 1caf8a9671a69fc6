"""WS-Discovery: answers those who look for cameras on the network."""

import asyncio
import logging
import socket
import struct
import uuid
from typing import override

from .onvif.device import scopes
from .onvif.soap import SoapFault, escape, parse_xml
from .state import CameraState

GROUP, PORT = "239.255.255.250", 3702
_LOGGER = logging.getLogger(__name__)
_MAX_PROBE = 16 * 1024
_TYPE = "NetworkVideoTransmitter"
_NAMES = {
    "e": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "d": "http://schemas.xmlsoap.org/ws/2005/04/discovery",
}
_DECLARATIONS = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMES.items())


def probe_id(data: bytes, offered: list[str]) -> str | None:
    """Give the id of a probe that this camera answers to; None for everything else that comes."""
    try:
        root = parse_xml(data, _MAX_PROBE)
    except SoapFault:
        return None
    probe = root.find("e:Body/d:Probe", _NAMES)
    if probe is None:
        return None
    types = probe.findtext("d:Types", "", _NAMES).split()
    wanted = probe.findtext("d:Scopes", "", _NAMES).split()
    if any(name.rpartition(":")[2] != _TYPE for name in types):
        return None
    if any(not any(scope.lower().startswith(want.lower()) for scope in offered) for want in wanted):
        return None
    message = root.findtext("e:Header/a:MessageID", "", _NAMES).strip()
    return message if 0 < len(message) <= 256 else None


def probe_match(relates_to: str, identity: uuid.UUID, offered: list[str], address: str) -> bytes:
    """Give the answer to a probe."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><e:Envelope{_DECLARATIONS} '
        'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header>'
        f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID><a:RelatesTo>{escape(relates_to)}</a:RelatesTo>"
        "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
        f"<a:Action>{_NAMES['d']}/ProbeMatches</a:Action></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch>"
        f"<a:EndpointReference><a:Address>urn:uuid:{identity}</a:Address></a:EndpointReference>"
        f"<d:Types>dn:{_TYPE}</d:Types><d:Scopes>{escape(' '.join(offered))}</d:Scopes>"
        f"<d:XAddrs>{escape(address)}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>"
        "</d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
    ).encode()


class _Responder(asyncio.DatagramProtocol):
    """Answers probes to where they came from."""

    def __init__(self, state: CameraState, http_port: int) -> None:
        self._state = state
        self._http_port = http_port
        self._transport: asyncio.DatagramTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.DatagramTransport):
            self._transport = transport

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        offered = scopes(self._state)
        message = probe_id(data, offered)
        if message is None or self._transport is None:
            return
        host = _own_address(self._state.settings.host, addr[0])
        address = f"http://{host}:{self._http_port}/onvif/device_service"
        self._transport.sendto(probe_match(message, self._state.settings.uuid, offered, address), addr)


def _own_address(host: str, peer: str) -> str:
    """Give the address that a peer reaches this camera at."""
    if host not in ("0.0.0.0", "::"):
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((peer, 9))
        address: str = probe.getsockname()[0]
    return address


class Discovery:
    """Listens for probes to the multicast group."""

    def __init__(self, state: CameraState, http_port: int) -> None:
        """Answer with this HTTP port."""
        self._state = state
        self._http_port = http_port
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Join the group; a network without multicast is told in the log, and the camera works without."""
        host = self._state.settings.host
        interface = "0.0.0.0" if host in ("0.0.0.0", "::") else host
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("", PORT))
            member = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(interface))
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            sock.setblocking(False)
        except OSError:
            sock.close()
            _LOGGER.warning("The network has no multicast: the camera cannot be discovered")
            return
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Responder(self._state, self._http_port), sock=sock
        )

    async def close(self) -> None:
        """Leave the group."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None
