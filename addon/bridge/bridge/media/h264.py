"""H.264 over RTP (RFC 6184): packets to access units and back, without looking at a pixel.

Only slices, SPS and PPS pass. Everything else (SEI, filler, delimiters) is dropped: a decoder
does not need it, and cameras put their own metadata in it.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass

NAL_SLICE = 1
NAL_IDR = 5
NAL_SPS = 7
NAL_PPS = 8
_STAP_A = 24
_FU_A = 28
_PASSED_ON = frozenset({NAL_SLICE, NAL_IDR, NAL_SPS, NAL_PPS})

RTP_HEADER = 12
MAX_UNIT_BYTES = 4 * 1024 * 1024
"""Largest access unit taken; a 4K key frame is well below."""
MAX_UNIT_NALS = 256
MAX_PARAMETER_SET_BYTES = 1024


class BadPacket(ValueError):
    """An RTP packet that breaks RFC 3550 or RFC 6184; the access unit it belongs to is lost."""


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """The parts of an RTP packet that matter here."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture: its 90 kHz camera timestamp and its NAL units, parameter sets first as the camera sent them."""

    timestamp: int
    nals: tuple[bytes, ...]
    key: bool
    """True if it can be decoded on its own (holds an IDR slice)."""


def parse_rtp(data: bytes) -> RtpPacket:
    """Read an RTP packet. Raises BadPacket."""
    if len(data) < RTP_HEADER or data[0] >> 6 != 2:
        raise BadPacket("not an RTP packet")
    start = RTP_HEADER + 4 * (data[0] & 0x0F)
    end = len(data)
    if data[0] & 0x10:
        if end < start + 4:
            raise BadPacket("header extension cut short")
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    if data[0] & 0x20:
        if not 0 < data[-1] <= end - start:
            raise BadPacket("padding longer than the packet")
        end -= data[-1]
    if start >= end:
        raise BadPacket("no payload")
    return RtpPacket(
        payload_type=data[1] & 0x7F,
        marker=data[1] >= 0x80,
        sequence=int.from_bytes(data[2:4]),
        timestamp=int.from_bytes(data[4:8]),
        payload=data[start:end],
    )


def nal_type(nal: bytes) -> int:
    """The NAL unit type of a non-empty NAL unit."""
    return nal[0] & 0x1F


def parameter_sets(sprop: str) -> tuple[bytes, ...]:
    """SPS and PPS from an SDP sprop-parameter-sets value; anything else in it is left out. Raises ValueError."""
    if len(sprop) > 8 * MAX_PARAMETER_SET_BYTES:
        raise ValueError("sprop-parameter-sets too long")
    nals = []
    for part in filter(None, sprop.split(",")):
        try:
            nal = b64decode(part, validate=True)
        except (Base64Error, ValueError) as err:
            raise ValueError("sprop-parameter-sets is not base64") from err
        if nal and nal_type(nal) in (NAL_SPS, NAL_PPS):
            nals.append(nal)
    return tuple(nals)


class Depacketizer:
    """Camera RTP in, whole access units out.

    A unit ends at the marker bit, or when the timestamp changes (some cameras never set the
    marker). A hole in the sequence loses the unit; `broken` then says that later pictures may
    refer to one that never came.
    """

    def __init__(self) -> None:
        """Start with nothing: the first packet decides sequence and timestamp."""
        self.broken = False
        self._sequence: int | None = None
        self._timestamp = 0
        self._nals: list[bytes] = []
        self._size = 0
        self._fragment: list[bytes] | None = None
        self._skip = False

    def push(self, packet: RtpPacket) -> list[AccessUnit]:
        """Take one packet; gives the units it completes (none, one, or two). Never raises on bad content."""
        units: list[AccessUnit] = []
        hole = self._sequence is not None and packet.sequence != (self._sequence + 1) & 0xFFFF
        self._sequence = packet.sequence
        if packet.timestamp != self._timestamp:
            if self._fragment is not None or hole:
                self._lose()
            units += self._finish()
            self._timestamp = packet.timestamp
        if hole:
            self._lose()
        try:
            self._take(packet.payload)
        except BadPacket:
            self._lose()
        if packet.marker:
            if self._fragment is not None:
                self._lose()
            units += self._finish()
        return units

    def _take(self, payload: bytes) -> None:
        kind = payload[0] & 0x1F
        if 0 < kind < _STAP_A:
            self._refuse_open_fragment()
            self._add(payload)
        elif kind == _FU_A:
            self._take_fragment(payload)
        elif kind == _STAP_A:
            self._refuse_open_fragment()
            self._take_aggregate(payload)
        else:
            raise BadPacket("packet type not in packetization mode 1")

    def _refuse_open_fragment(self) -> None:
        if self._fragment is not None:
            raise BadPacket("fragment without an end")

    def _take_aggregate(self, payload: bytes) -> None:
        at = 1
        while at < len(payload):
            size = int.from_bytes(payload[at : at + 2])
            nal = payload[at + 2 : at + 2 + size]
            if not size or len(nal) != size:
                raise BadPacket("aggregate cut short")
            self._add(nal)
            at += 2 + size

    def _take_fragment(self, payload: bytes) -> None:
        if len(payload) < 3:
            raise BadPacket("empty fragment")
        header = payload[1]
        fragment = self._fragment
        if header & 0x80:
            self._refuse_open_fragment()
            fragment = self._fragment = [bytes((payload[0] & 0xE0 | header & 0x1F,))]
        elif fragment is None:
            raise BadPacket("fragment without a start")
        fragment.append(payload[2:])
        self._grow(len(payload))
        if header & 0x40:
            self._fragment = None
            self._add(b"".join(fragment), counted=True)

    def _add(self, nal: bytes, *, counted: bool = False) -> None:
        if not counted:
            self._grow(len(nal))
        if nal_type(nal) in _PASSED_ON and not self._skip:
            self._nals.append(nal)

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MAX_UNIT_BYTES or len(self._nals) >= MAX_UNIT_NALS:
            raise BadPacket("access unit too large")

    def _lose(self) -> None:
        """Give up the current unit: the rest of it is skipped up to its end."""
        self.broken = True
        self._skip = True
        self._fragment = None
        self._nals.clear()

    def _finish(self) -> list[AccessUnit]:
        nals = tuple(self._nals)
        lost = self._skip
        self._nals.clear()
        self._size = 0
        self._skip = False
        self._fragment = None
        if lost or not nals:
            return []
        key = any(nal_type(nal) == NAL_IDR for nal in nals)
        return [AccessUnit(self._timestamp, nals, key)]


class ParameterSets:
    """Remembers SPS and PPS and puts them before every key frame: some cameras send them in the SDP only."""

    def __init__(self) -> None:
        """Know none."""
        self._sps: bytes | None = None
        self._pps: tuple[bytes, ...] = ()

    def learn(self, nals: Iterable[bytes]) -> None:
        """Remember the parameter sets among `nals`; a set that is too large is not one."""
        found = [n for n in nals if nal_type(n) in (NAL_SPS, NAL_PPS) and len(n) <= MAX_PARAMETER_SET_BYTES]
        pps = tuple(n for n in found if nal_type(n) == NAL_PPS)[:8]
        for nal in found:
            if nal_type(nal) == NAL_SPS:
                self._sps = nal
        self._pps = pps or self._pps

    def complete(self, unit: AccessUnit) -> AccessUnit | None:
        """The unit with SPS and PPS in front if it is a key frame; None if a key frame's sets are unknown."""
        self.learn(unit.nals)
        if not unit.key:
            return unit
        if self._sps is None or not self._pps:
            return None
        pictures = tuple(n for n in unit.nals if nal_type(n) not in (NAL_SPS, NAL_PPS))
        return AccessUnit(unit.timestamp, (self._sps, *self._pps, *pictures), key=True)


def packetize(nal: bytes, limit: int) -> list[bytes]:
    """RTP payloads of at most `limit` bytes for one NAL unit: single NAL unit, or FU-A of even size."""
    if len(nal) <= limit:
        return [nal]
    indicator = nal[0] & 0xE0 | _FU_A
    kind = nal[0] & 0x1F
    body = len(nal) - 1
    count = -(-body // (limit - 2))
    size = -(-body // count)
    payloads = [bytes((indicator, kind)) + nal[at : at + size] for at in range(1, len(nal), size)]
    payloads[0] = bytes((indicator, kind | 0x80)) + payloads[0][2:]
    payloads[-1] = bytes((indicator, kind | 0x40)) + payloads[-1][2:]
    return payloads
