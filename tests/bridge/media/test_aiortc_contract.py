"""Every private attribute of aiortc and aioice that the bridge uses, by name: an upgrade that moves one fails here."""

import asyncio
import inspect
from pathlib import Path

import aioice
import pytest
from aioice.turn import TurnTransport
from aiortc import RTCCertificate, RTCDtlsTransport, RTCIceGatherer, RTCIceTransport
from aiortc.rtcdtlstransport import RtpRouter
from aiortc.rtcrtpparameters import RTCRtpSendParameters

import bridge.media
from bridge.media import ice

NAMED = {
    "_connection",
    "_protocols",
    "_register_rtp_sender",
    "_send_rtp",
    "_ssl",
    "_TurnTransport__inner_protocol",
}
"""Used on objects of aiortc and aioice. `_ssrc` and `_handle_rtcp_packet` are what aiortc's router expects of ours."""


async def test_the_attributes_are_there() -> None:
    gatherer = RTCIceGatherer(iceServers=[])
    assert isinstance(gatherer._connection, aioice.Connection)
    assert gatherer._connection._protocols == []
    transport = RTCIceTransport(gatherer)
    assert transport._connection is gatherer._connection
    dtls = RTCDtlsTransport(transport, [RTCCertificate.generateCertificate()])
    assert dtls._ssl is None
    assert inspect.iscoroutinefunction(dtls._send_rtp)
    assert "self.__inner_protocol = inner_protocol" in inspect.getsource(TurnTransport.__init__)


async def test_the_ice_transport_uses_the_connection_we_put_in() -> None:
    gatherer = ice.make_gatherer(ice.IceConfig())
    assert RTCIceTransport(gatherer)._connection is gatherer._connection
    assert RTCIceTransport(gatherer).role == "controlling"


async def test_the_router_finds_our_feedback_receiver() -> None:
    class Ours:
        _ssrc = 7

        async def _handle_rtcp_packet(self, packet: object) -> None: ...

    dtls = RTCDtlsTransport(RTCIceTransport(RTCIceGatherer(iceServers=[])), [RTCCertificate.generateCertificate()])
    ours = Ours()
    dtls._register_rtp_sender(ours, RTCRtpSendParameters())
    assert dtls._rtp_router.senders == {7: ours}
    assert isinstance(dtls._rtp_router, RtpRouter)


async def test_sending_before_the_connection_stands_is_refused() -> None:
    dtls = RTCDtlsTransport(RTCIceTransport(RTCIceGatherer(iceServers=[])), [RTCCertificate.generateCertificate()])
    with pytest.raises(ConnectionError):
        await dtls._send_rtp(b"\x80" + bytes(20))


async def test_no_public_stun_server_is_ever_asked() -> None:
    connection = ice.make_gatherer(ice.IceConfig(relay_only=False))._connection
    assert connection.stun_server is None
    assert connection.turn_server is None


async def test_a_relay_only_connection_gathers_nothing_else() -> None:
    gatherer = ice.make_gatherer(ice.IceConfig(allow_loopback=True))
    async with asyncio.timeout(1):
        await gatherer.gather()
    assert gatherer.getLocalCandidates() == []


def test_no_other_private_attribute_is_used() -> None:
    """The bridge's own classes use `self._x` only, so anything else with an underscore is somebody else's."""
    import re

    used: set[str] = set()
    for path in Path(bridge.media.__file__).parent.glob("*.py"):
        used |= set(re.findall(r"(?<!\bself)(?<!\bpeer)\.(_[A-Za-z]\w*)", path.read_text()))
        used |= set(re.findall(r"self\._(?:dtls|ice|gatherer)\.(_\w+)", path.read_text()))
    assert used == NAMED
