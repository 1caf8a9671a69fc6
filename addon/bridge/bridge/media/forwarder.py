"""Camera RTP in, RTP for one viewer out: the last place a packet passes before it is encrypted.

P1 lives here for the bridge: `permit` is asked for every packet, retransmissions and sender
reports included, immediately before it is handed to SRTP. The first "no" is final: queue and
history are wiped and nothing leaves this forwarder again, whatever `permit` says later.
"""

import logging
import struct
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from .h264 import AccessUnit, BadPacket, Depacketizer, ParameterSets, packetize, parse_rtp
from .pacer import TokenBucket

_LOGGER = logging.getLogger(__name__)

PAYLOAD_TYPE = 96
RTX_PAYLOAD_TYPE = 97
SSRC = 1952148001
RTX_SSRC = 1952148002
"""Fixed, and so in the SDP that both ends write themselves. Keys are fresh per look, so reuse is safe."""

PACKET_BYTES = 1200
"""Largest RTP packet before encryption; with SRTP, TURN, UDP and IPv6 it stays under a 1280-byte path."""
_PAYLOAD_BYTES = PACKET_BYTES - 12 - 2  # 2 for the original sequence number in a retransmission
_CLOCK_HZ = 90_000
_LARGEST_STEP = 5 * _CLOCK_HZ
"""A camera timestamp that jumps further is a reset clock, and is joined like a reconnect."""
_NTP_EPOCH = 2_208_988_800

Send = Callable[[bytes], None]
Permit = Callable[[], bool]


class Timer(Protocol):
    """What `call_later` gives back."""

    def cancel(self) -> None:
        """Not run it after all."""


CallLater = Callable[[float, Callable[[], None]], Timer]


@dataclass(frozen=True, slots=True)
class ForwarderLimits:
    """Knobs of one forwarder; the defaults are what was measured to work."""

    bits_per_second: int = 30_000_000
    """Pace, 20-40 Mbit/s."""
    burst_bytes: int = 12_000
    history_packets: int = 1024
    queue_bytes: int = 4 * 1024 * 1024
    """Above this the queue is dropped and a new key frame asked for."""
    backlog_bytes: int = 256 * 1024
    """The same for what waits in the socket of a TCP relay."""
    key_frame_interval: float = 0.5
    """Shortest time in seconds between two key-frame requests."""
    resend_interval: float = 0.02
    """Shortest time in seconds between two retransmissions of the same packet."""


class _State(Enum):
    IDLE = "idle"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(slots=True)
class _Sent:
    packet: bytes
    resent_at: float = float("-inf")


class Forwarder:
    """One viewer's stream. All methods are plain calls on the event loop's thread and never wait."""

    def __init__(
        self,
        send: Send,
        *,
        on_key_frame_wanted: Callable[[], None],
        call_later: CallLater,
        backlog: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        limits: ForwarderLimits | None = None,
    ) -> None:
        """Start idle: camera packets are thrown away until `open`.

        `send` encrypts and sends one RTP or RTCP packet at once; `backlog` tells how many bytes
        of those still wait in a socket; `clock` is monotonic seconds.
        """
        self.packets_sent = 0
        """Packets handed to SRTP: pictures, retransmissions and sender reports."""
        self.last_packet_at: float | None = None
        """Monotonic time of the last packet of any kind handed to SRTP."""
        self.first_packet_at: float | None = None
        """Monotonic time of the first one."""
        self.packets_resent = 0
        self.pictures_sent = 0
        """Access units queued for the viewer."""
        self._limits = limits or ForwarderLimits()
        self._send = send
        self._backlog = backlog
        self._key_frame_wanted = on_key_frame_wanted
        self._call_later = call_later
        self._clock = clock
        self._wall_clock = wall_clock
        self._state = _State.IDLE
        self._permit: Permit = _never
        self._depacketizer = Depacketizer()
        self._sets = ParameterSets()
        self._playing = False
        self._await_key = True
        self._key_asked_at = float("-inf")
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._history: OrderedDict[int, _Sent] = OrderedDict()
        self._resends: OrderedDict[int, None] = OrderedDict()
        self._bucket = TokenBucket(self._limits.bits_per_second / 8, self._limits.burst_bytes)
        self._timer: Timer | None = None
        self._sequence = 0
        self._rtx_sequence = 0
        self._shift: int | None = None
        self._camera_payload_type: int | None = None
        self._out_timestamp = 0
        self._out_at = 0.0
        self._octets = 0
        self._media_packets = 0
        self._reported_at = float("-inf")

    # -- gate ---------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """True from `open` until the first refused permit or `close`."""
        return self._state is _State.OPEN

    def open(self, permit: Permit, *, key_frame_coming: bool = False) -> None:
        """Let pictures through from the next key frame on, for as long as `permit()` says True.

        Asks the camera for that key frame, unless the caller just did (`key_frame_coming`). Nothing
        that came before this call is ever sent. Raises RuntimeError if open or closed: a look has
        one forwarder, a forwarder has one look, and only `hold` lets it be opened again.
        """
        if self._state is not _State.IDLE:
            raise RuntimeError("a forwarder opens once")
        self._permit = permit
        self._state = _State.OPEN
        self._await_key = True
        if key_frame_coming:
            self._key_asked_at = self._clock()
        if self._allowed():
            self._ask_key_frame()

    def hold(self) -> None:
        """Nothing leaves until `open`, and nothing of what came before then ever does; the numbering goes on.

        What has been closed stays closed.
        """
        if self._state is _State.OPEN:
            self._empty(_State.IDLE)

    def close(self) -> None:
        """Nothing leaves from now on; every byte of picture held here is dropped. Safe to repeat."""
        self._empty(_State.CLOSED)

    def _empty(self, state: _State) -> None:
        self._state = state
        self._permit = _never
        self._queue.clear()
        self._queued_bytes = 0
        self._history.clear()
        self._resends.clear()
        self._depacketizer = Depacketizer()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _allowed(self) -> bool:
        """Ask gate and lease. Anything but True, an exception included, closes for good."""
        if self._state is not _State.OPEN:
            return False
        try:
            if self._permit() is True:
                return True
        except Exception:
            _LOGGER.exception("permit failed; closing")
        self.close()
        return False

    # -- from the camera ------------------------------------------------------

    def source_started(self, parameter_sets: Iterable[bytes], payload_type: int) -> None:
        """A camera connection begins (the first, or after a drop): start over at its next key frame.

        Called before PLAY, as the first picture may come in the same segment as the answer to it.
        """
        self._sets.learn(parameter_sets)
        self._camera_payload_type = payload_type
        self._depacketizer = Depacketizer()
        self._playing = False
        self._await_key = True
        self._shift = None

    def source_playing(self) -> None:
        """The camera has answered PLAY: from now on it can be asked for key frames, and is at once."""
        self._playing = True
        self._key_asked_at = float("-inf")
        if self._await_key:
            self._ask_key_frame()

    def source_lost(self) -> None:
        """The camera connection is gone: there is nobody to ask for a key frame."""
        self._playing = False

    def feed(self, data: bytes) -> None:
        """Take one RTP packet of the camera; bad ones are dropped."""
        if self._state is not _State.OPEN:
            return
        try:
            packet = parse_rtp(data)
        except BadPacket:
            return
        if packet.payload_type != self._camera_payload_type:
            return
        units = self._depacketizer.push(packet)
        if self._depacketizer.broken:
            self._depacketizer.broken = False
            self._await_key = True
            self._ask_key_frame()
        for unit in units:
            self._take(unit)
        if units:
            self._drain()

    def _take(self, unit: AccessUnit) -> None:
        complete = self._sets.complete(unit)
        if complete is None or (self._await_key and not complete.key):
            self._ask_key_frame()
            return
        if self._queued_bytes > self._limits.queue_bytes or self._backlog() > self._limits.backlog_bytes:
            self._drop_queue()
            return
        if not self._allowed():
            return
        self._await_key = False
        self._enqueue(complete, self._timestamp(complete.timestamp))
        self.pictures_sent += 1

    def _drop_queue(self) -> None:
        """The path is slower than the camera: start over at a fresh key frame rather than lag behind."""
        self._queue.clear()
        self._queued_bytes = 0
        self._await_key = True
        self._ask_key_frame()

    def _timestamp(self, camera: int) -> int:
        """The outgoing timestamp: the camera's own steps, joined over reconnects by elapsed time."""
        now = self._clock()
        if self._shift is not None:
            step = (camera + self._shift - self._out_timestamp + (1 << 31)) % (1 << 32) - (1 << 31)
            if abs(step) > _LARGEST_STEP:
                self._shift = None
        if self._shift is None:
            passed = max(1, round((now - self._out_at) * _CLOCK_HZ)) if self.pictures_sent else 0
            self._shift = self._out_timestamp + passed - camera
        self._out_timestamp = (camera + self._shift) & 0xFFFFFFFF
        self._out_at = now
        return self._out_timestamp

    def _enqueue(self, unit: AccessUnit, timestamp: int) -> None:
        payloads = [p for nal in unit.nals for p in packetize(nal, _PAYLOAD_BYTES)]
        last = len(payloads) - 1
        for index, payload in enumerate(payloads):
            second = PAYLOAD_TYPE | 0x80 if index == last else PAYLOAD_TYPE
            header = struct.pack("!BBHII", 0x80, second, self._sequence, timestamp, SSRC)
            self._sequence = (self._sequence + 1) & 0xFFFF
            self._queue.append(header + payload)
            self._queued_bytes += len(payload) + 12

    # -- to the viewer --------------------------------------------------------

    def _drain(self) -> None:
        """Send what the pace allows, what the viewer misses first; come back for the rest."""
        self._timer_stop()
        while self._resends or self._queue:
            now = self._clock()
            if not self._bucket.ready(now):
                self._timer = self._call_later(max(0.001, self._bucket.wait()), self._drain)
                return
            if not (self._send_again(now) if self._resends else self._send_next(now)):
                return
        self._report()

    def _send_next(self, now: float) -> bool:
        packet = self._queue.popleft()
        self._queued_bytes -= len(packet)
        if not self._hand_over(packet, now):
            return False
        self._history[int.from_bytes(packet[2:4])] = _Sent(packet)
        if len(self._history) > self._limits.history_packets:
            self._history.popitem(last=False)
        self._media_packets += 1
        self._octets += len(packet) - 12
        return True

    def _send_again(self, now: float) -> bool:
        sequence, _ = self._resends.popitem(last=False)
        sent = self._history.get(sequence)
        if sent is None:
            return True
        sent.resent_at = now
        self.packets_resent += 1
        return self._hand_over(self._retransmission(sent.packet), now)

    def _hand_over(self, packet: bytes, now: float) -> bool:
        """The one way out. False if it was refused or could not be sent; then all is closed."""
        if not self._allowed():
            return False
        try:
            self._send(packet)
        except Exception as err:  # noqa: BLE001
            # Whatever it is, a transport that cannot send will not send the next packet either.
            _LOGGER.warning("sending to the viewer failed (%s); closing", type(err).__name__)
            self.close()
            return False
        self._bucket.spend(len(packet))
        self.packets_sent += 1
        self.last_packet_at = now
        if self.first_packet_at is None:
            self.first_packet_at = now
        return True

    def _timer_stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _report(self) -> None:
        """An RTCP sender report at most once a second, while the picture runs."""
        now = self._clock()
        if now - self._reported_at < 1.0 or not self._media_packets:
            return
        wall = self._wall_clock() + _NTP_EPOCH
        ntp = int(wall) << 32 | int((wall % 1) * (1 << 32))
        moment = (self._out_timestamp + round((now - self._out_at) * _CLOCK_HZ)) & 0xFFFFFFFF
        report = struct.pack(
            "!BBHIQIII",
            0x80,
            200,
            6,
            SSRC,
            ntp & 0xFFFFFFFFFFFFFFFF,
            moment,
            self._media_packets & 0xFFFFFFFF,
            self._octets & 0xFFFFFFFF,
        )
        self._reported_at = now
        self._hand_over(report, now)

    # -- feedback from the viewer ---------------------------------------------

    def on_nack(self, sequences: Iterable[int]) -> None:
        """Send the named packets again (RFC 4588), those still remembered, paced like all others."""
        now = self._clock()
        for sequence in sequences:
            sent = self._history.get(sequence & 0xFFFF)
            if sent is not None and now - sent.resent_at >= self._limits.resend_interval:
                self._resends[sequence & 0xFFFF] = None
        if self._resends:
            self._drain()

    def _retransmission(self, packet: bytes) -> bytes:
        second = packet[1] & 0x80 | RTX_PAYLOAD_TYPE
        header = struct.pack("!BBH4sI", 0x80, second, self._rtx_sequence, packet[4:8], RTX_SSRC)
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        return header + packet[2:4] + packet[12:]

    def on_key_frame_request(self) -> None:
        """The viewer lost the picture (PLI or FIR)."""
        self._ask_key_frame()

    def _ask_key_frame(self) -> None:
        """Ask the camera for a key frame, at most once per interval, only while open and playing."""
        now = self._clock()
        if not (self.is_open and self._playing) or now - self._key_asked_at < self._limits.key_frame_interval:
            return
        self._key_asked_at = now
        self._key_frame_wanted()


def _never() -> bool:
    return False
