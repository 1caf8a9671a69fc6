"""WS-Discovery, with the messages of the library that Home Assistant asks with."""

import asyncio
import socket
from typing import override

import pytest
from wsdiscovery import QName, Scope
from wsdiscovery.actions.probe import NS_ACTION_PROBE
from wsdiscovery.envelope import SoapEnvelope
from wsdiscovery.message import createSOAPMessage, parseSOAPMessage

from tests.virtual_camera.conftest import MakeCamera
from virtual_camera import Settings
from virtual_camera.discovery import GROUP, PORT, probe_id
from virtual_camera.onvif.device import scopes
from virtual_camera.state import CameraState

ONVIF = "http://www.onvif.org/ver10/network/wsdl"
OFFERED = scopes(CameraState(Settings(user="u", password="p")))


def probe(kind: str = "NetworkVideoTransmitter", scope: str = "onvif://www.onvif.org/Profile/Streaming") -> bytes:
    envelope = SoapEnvelope()
    envelope.setAction(NS_ACTION_PROBE)
    envelope.setTo("urn:schemas-xmlsoap-org:ws:2005:04:discovery")
    envelope.setMessageId("urn:uuid:probe-1")
    envelope.setTypes([QName(ONVIF, kind, "dp0")])
    envelope.setScopes([Scope(scope)])
    message = createSOAPMessage(envelope)
    return message if isinstance(message, bytes) else message.encode()


class Asker(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.answer.done():
            self.answer.set_result(data)


async def test_a_probe_is_answered_with_the_address(make_camera: MakeCamera) -> None:
    camera = await make_camera(has_discovery=True)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
    sock.bind(("127.0.0.1", 0))
    transport, asker = await asyncio.get_running_loop().create_datagram_endpoint(Asker, sock=sock)
    transport.sendto(probe(), (GROUP, PORT))
    async with asyncio.timeout(5):
        answer = parseSOAPMessage(await asker.answer, "127.0.0.1")
    transport.close()
    match = answer.getProbeResolveMatches()[0]
    assert answer.getRelatesTo() == "urn:uuid:probe-1"
    assert match.getXAddrs() == [f"http://127.0.0.1:{camera.http_port}/onvif/device_service"]
    assert f"onvif://www.onvif.org/mac/{camera.settings.mac}" in [scope.getValue() for scope in match.getScopes()]
    assert match.getEPR() == f"urn:uuid:{camera.settings.uuid}"


def test_a_probe_for_cameras_is_meant_for_it() -> None:
    assert probe_id(probe(), OFFERED) == "urn:uuid:probe-1"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(probe(kind="Printer"), id="another kind"),
        pytest.param(probe(scope="onvif://www.onvif.org/location/elsewhere"), id="another scope"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff" * 100, id="garbage"),
        pytest.param(probe() + b" " * 20_000, id="too long"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', id="entities"),
        pytest.param(b"<x/>", id="another document"),
    ],
)
def test_everything_else_is_left_unanswered(data: bytes) -> None:
    assert probe_id(data, OFFERED) is None
