"""One WebRTC connection to one viewer, on aiortc's ORTC objects; send-only, one H.264 stream.

Private attributes of aiortc and aioice are used here and in ice.py only, and each is named by
tests/bridge/media/test_aiortc_contract.py.
"""

# ruff: noqa: SLF001 - see above

import asyncio
import contextlib
import hmac
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)
from aiortc.rtcdtlstransport import certificate_digest
from aiortc.rtcrtpparameters import RTCRtpSendParameters
from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
)

from . import ice
from .errors import ConnectFailed, FieldsError, IdentityMismatch, NoRelay
from .fields import ConnectionFields, parse_candidate
from .forwarder import SSRC, Forwarder, ForwarderLimits
from .ice import IceConfig

_LOGGER = logging.getLogger(__name__)
_closing: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class PeerTimeouts:
    """Seconds."""

    ice: float = 10.0
    dtls: float = 5.0
    close: float = 5.0
    """For the goodbye in the background; packets stop long before."""


class _Feedback:
    """Receives the viewer's RTCP; aiortc's router calls it as it would call its own sender."""

    def __init__(self, forwarder: Forwarder) -> None:
        self._ssrc = SSRC
        self._forwarder = forwarder
        self.fraction_lost = 0.0
        self.heard_at: float | None = None

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        self.heard_at = time.monotonic()
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self._forwarder.on_nack(packet.lost)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            self._forwarder.on_key_frame_request()
        elif isinstance(packet, RtcpRrPacket):
            for report in packet.reports:
                if report.ssrc == SSRC:
                    self.fraction_lost = report.fraction_lost / 256


class Peer:
    """`prepare`, tell `fields`, `connect`, then `forwarder.open` when the gate opens; `close` at the end."""

    def __init__(
        self,
        config: IceConfig,
        *,
        on_key_frame_wanted: Callable[[], None],
        timeouts: PeerTimeouts,
        limits: ForwarderLimits | None,
    ) -> None:
        """Use `prepare`."""
        self._config = config
        self._timeouts = timeouts
        self._gatherer: RTCIceGatherer = ice.make_gatherer(config)
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [RTCCertificate.generateCertificate()])
        self._wires: list[asyncio.BaseTransport] = []
        self._lost = asyncio.Event()
        self._closed: asyncio.Task[None] | None = None
        self._fields: ConnectionFields | None = None
        self._connect_entered = False
        self.forwarder = Forwarder(
            self._send,
            on_key_frame_wanted=on_key_frame_wanted,
            call_later=asyncio.get_running_loop().call_later,
            backlog=lambda: ice.unsent_bytes(self._wires),
            limits=limits,
        )
        self._feedback = _Feedback(self.forwarder)
        self._dtls.on("statechange", self._on_dtls_state)

    @classmethod
    async def prepare(
        cls,
        config: IceConfig,
        *,
        on_key_frame_wanted: Callable[[], None] = lambda: None,
        timeouts: PeerTimeouts | None = None,
        limits: ForwarderLimits | None = None,
    ) -> Self:
        """Make a certificate and gather candidates. Raises NoRelay.

        `on_key_frame_wanted` must not block; it is called on the event loop, at most every 500 ms.
        """
        if len(config.turn_urls) > 1:
            config = await ice.probe_turn(config)
        peer = cls(config, on_key_frame_wanted=on_key_frame_wanted, timeouts=timeouts or PeerTimeouts(), limits=limits)
        try:
            await peer._gather()
        except BaseException:
            await peer.close()
            raise
        return peer

    async def _gather(self) -> None:
        await self._gatherer.gather()
        candidates = ice.local_candidates(self._gatherer, self._config.relay_only)
        if not candidates:
            raise NoRelay("the TURN server gave no allocation, or there is no network")
        self._wires = ice.wires(self._gatherer)
        own = self._gatherer.getLocalParameters()
        digests = [f.value for f in self._dtls.getLocalParameters().fingerprints if f.algorithm == "sha-256"]
        self._fields = ConnectionFields(
            fingerprint=digests[0],
            ufrag=own.usernameFragment or "",
            password=own.password or "",
            candidates=candidates,
            setup="actpass",
        )

    @property
    def fields(self) -> ConnectionFields:
        """The fields of this end, to be signed into the offer."""
        if self._fields is None:
            raise RuntimeError("not gathered")
        return self._fields

    @property
    def connected(self) -> bool:
        """True while ICE and DTLS stand with the verified viewer."""
        return self._dtls.state == "connected" and self._closed is None

    @property
    def fraction_lost(self) -> float:
        """Share of packets the viewer reported lost in its last report, 0-1."""
        return self._feedback.fraction_lost

    @property
    def heard_at(self) -> float | None:
        """Monotonic time of the viewer's last feedback; it comes about once a second while the picture runs."""
        return self._feedback.heard_at

    async def wait_lost(self) -> None:
        """Return when the connection is gone: closed by either end or timed out. Not quick: use a heartbeat."""
        await self._lost.wait()

    async def connect(self, remote: ConnectionFields) -> None:
        """ICE and DTLS with the end that signed `remote`. No picture flows.

        Raises FieldsError, ConnectFailed or IdentityMismatch; the peer is then closed.
        """
        if self._connect_entered:
            raise RuntimeError("a peer connects once")
        self._connect_entered = True
        try:
            _check_role(remote)
            await self._connect_ice(remote)
            await self._connect_dtls(remote)
        except BaseException:
            await self.close()
            raise

    async def _connect_ice(self, remote: ConnectionFields) -> None:
        # End-of-candidates is never signalled: the viewer may be learned from its own checks.
        adding = [
            asyncio.create_task(self._ice.addRemoteCandidate(ice.to_remote(parse_candidate(text))))
            for text in remote.candidates
        ]
        parameters = RTCIceParameters(usernameFragment=remote.ufrag, password=remote.password)
        try:
            await asyncio.sleep(0)  # lets the address literals in before the checks begin
            async with asyncio.timeout(self._timeouts.ice):
                await self._ice.start(parameters)
        except TimeoutError:
            raise ConnectFailed("no way to the viewer in time") from None
        finally:
            for task in adding:
                task.cancel()
            await asyncio.gather(*adding, return_exceptions=True)
        if self._ice.state != "completed":
            raise ConnectFailed("no way to the viewer")

    async def _connect_dtls(self, remote: ConnectionFields) -> None:
        self._dtls._register_rtp_sender(self._feedback, RTCRtpSendParameters())
        expected = RTCDtlsFingerprint(algorithm="sha-256", value=remote.fingerprint)
        try:
            async with asyncio.timeout(self._timeouts.dtls):
                await self._dtls.start(RTCDtlsParameters(fingerprints=[expected]))
        except TimeoutError:
            raise ConnectFailed("the viewer did not finish DTLS in time") from None
        seen = self._remote_fingerprint()
        if seen is not None and not hmac.compare_digest(seen, remote.fingerprint):
            raise IdentityMismatch("the viewer's certificate is not the signed one")
        if seen is None or self._dtls.state != "connected":
            raise ConnectFailed("DTLS with the viewer failed")

    def _remote_fingerprint(self) -> str | None:
        """SHA-256 of the certificate the other end proved to hold."""
        ssl = self._dtls._ssl
        certificate = ssl.get_peer_certificate(as_cryptography=True) if ssl is not None else None
        return certificate_digest(certificate, "sha-256") if certificate is not None else None

    def _send(self, packet: bytes) -> None:
        """Encrypt and send now. Raises ConnectionError or what SRTP raises.

        aiortc's coroutine never waits on this path, so it is run on the spot: no packet can sit
        between the permit and the wire while the gate closes.
        """
        sending = self._dtls._send_rtp(packet)
        try:
            sending.send(None)
        except StopIteration:
            return
        sending.close()
        raise ConnectionError("sending would have waited")

    def _on_dtls_state(self) -> None:
        if self._dtls.state in ("closed", "failed"):
            self.forwarder.close()
            self._lost.set()

    async def close(self) -> None:
        """No packet leaves from now on; the goodbyes follow in the background. Returns at once, safe to repeat."""
        self.forwarder.close()
        self._lost.set()
        if self._closed is not None:
            return
        # A TCP relay may hold pictures in its send buffer: those bytes must not leave either.
        ice.cut(self._wires, streams_only=True)
        self._closed = asyncio.create_task(self._say_goodbye(), name="peer close")
        _closing.add(self._closed)
        self._closed.add_done_callback(_closing.discard)

    async def wait_closed(self) -> None:
        """Return when the goodbyes are over too."""
        if self._closed is not None:
            await asyncio.wait([self._closed])

    async def _say_goodbye(self) -> None:
        try:
            async with asyncio.timeout(self._timeouts.close):
                with contextlib.suppress(ConnectionError):
                    await self._dtls.stop()
                await self._ice.stop()
        except TimeoutError:
            _LOGGER.info("goodbye to the viewer got no answer")
            ice.cut(ice.wires(self._gatherer), streams_only=False)


def _check_role(remote: ConnectionFields) -> None:
    """As the controlling end aiortc takes the DTLS server role, so the viewer must be the client."""
    if remote.setup != "active":
        raise FieldsError("the viewer must take the active DTLS role")
