"""A viewer on aiortc's own ORTC objects, for tests without a browser."""

import asyncio
import time
from dataclasses import dataclass, field

from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceCandidate,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtp import RtcpPsfbPacket, RtcpRtpfbPacket, RtpPacket

from bridge.media.fields import ConnectionFields, parse_candidate
from bridge.media.forwarder import RTX_SSRC, SSRC
from bridge.media.ice import IceConfig, local_candidates, make_gatherer


@dataclass(eq=False)
class Inbox:
    """What came, in order."""

    packets: list[RtpPacket] = field(default_factory=list)
    reports: list[object] = field(default_factory=list)
    last_at: float = 0.0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.packets.append(packet)
        self.last_at = time.monotonic()
        self.news.set()

    async def _handle_rtcp_packet(self, packet: object) -> None:
        self.reports.append(packet)

    def _handle_disconnect(self) -> None:
        self.news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.packets) < count:
                self.news.clear()
                await self.news.wait()


class Viewer:
    """The controlled, DTLS-active end."""

    def __init__(self, config: IceConfig) -> None:
        self._config = config
        self._gatherer: RTCIceGatherer = make_gatherer(config)
        self._gatherer._connection.ice_controlling = False
        self._ice = RTCIceTransport(self._gatherer)
        self.dtls = RTCDtlsTransport(self._ice, [RTCCertificate.generateCertificate()])
        self.inbox = Inbox()

    async def fields(self) -> ConnectionFields:
        await self._gatherer.gather()
        own = self._gatherer.getLocalParameters()
        return ConnectionFields(
            self.dtls.getLocalParameters().fingerprints[0].value,
            own.usernameFragment or "",
            own.password or "",
            local_candidates(self._gatherer, relay_only=self._config.relay_only),
            "active",
        )

    async def connect(self, remote: ConnectionFields, fingerprint: str | None = None) -> None:
        for text in remote.candidates:
            parts = parse_candidate(text)
            await self._ice.addRemoteCandidate(
                RTCIceCandidate(1, parts.foundation, parts.host, parts.port, parts.priority, "udp", parts.kind)
            )
        codecs = [
            RTCRtpCodecParameters(mimeType="video/H264", clockRate=90000, payloadType=96),
            RTCRtpCodecParameters(mimeType="video/rtx", clockRate=90000, payloadType=97),
        ]
        self.dtls._register_rtp_receiver(self.inbox, RTCRtpReceiveParameters(codecs=codecs))
        self.dtls._rtp_router.ssrc_table[SSRC] = self.inbox
        await self._ice.start(RTCIceParameters(usernameFragment=remote.ufrag, password=remote.password))
        expected = RTCDtlsFingerprint("sha-256", fingerprint or remote.fingerprint)
        await self.dtls.start(RTCDtlsParameters(fingerprints=[expected]))

    async def nack(self, *sequences: int) -> None:
        await self.dtls._send_rtp(bytes(RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=SSRC, lost=list(sequences))))

    async def pli(self) -> None:
        await self.dtls._send_rtp(bytes(RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=SSRC)))

    def resent(self) -> list[RtpPacket]:
        return [p for p in self.inbox.packets if p.ssrc == RTX_SSRC]

    async def close(self) -> None:
        await self.dtls.stop()
        await self._ice.stop()
