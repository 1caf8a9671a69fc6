"""RTP packets of H.264 (RFC 6184), H.265 (RFC 7798) and PCMU, and RTCP sender reports (RFC 3550)."""

import secrets
import struct
from collections.abc import Iterator

from .encoder import is_parameter_set
from .settings import Codec

VIDEO_CLOCK = 90_000
AUDIO_CLOCK = 8_000
_H264_STAP_A, _H264_FU_A = 24, 28
_H265_AP, _H265_FU = 48, 49
_NTP_EPOCH = 2_208_988_800
"""Seconds from 1900, where NTP counts from, to 1970."""


def _fragments(codec: Codec, unit: bytes, size: int) -> Iterator[bytes]:
    """Split one NAL unit over several payloads of at most `size` bytes."""
    if codec is Codec.H264:
        indicator, kind, body = bytes([unit[0] & 0xE0 | _H264_FU_A]), unit[0] & 0x1F, unit[1:]
    else:
        indicator, kind, body = bytes([unit[0] & 0x81 | _H265_FU << 1, unit[1]]), unit[0] >> 1 & 0x3F, unit[2:]
    step = size - len(indicator) - 1
    for begin in range(0, len(body), step):
        is_first, is_last = begin == 0, begin + step >= len(body)
        header = bytes([is_first << 7 | is_last << 6 | kind])
        yield indicator + header + body[begin : begin + step]


def _aggregate(codec: Codec, units: list[bytes]) -> bytes:
    """Put several small NAL units in one payload."""
    if codec is Codec.H264:
        header = bytes([max(unit[0] & 0x60 for unit in units) | _H264_STAP_A])
    else:
        header = bytes([_H265_AP << 1, 1])
    return header + b"".join(struct.pack("!H", len(unit)) + unit for unit in units)


def payloads(codec: Codec, units: tuple[bytes, ...], size: int, *, is_aggregating: bool) -> list[bytes]:
    """Give the RTP payloads of one coded picture, each at most `size` bytes.

    With aggregation the parameter sets travel in one packet (STAP-A), else each in its own.
    """
    result: list[bytes] = []
    sets = [unit for unit in units if is_parameter_set(codec, unit)]
    if is_aggregating and len(sets) > 1 and sum(len(unit) + 2 for unit in sets) + 2 <= size:
        result.append(_aggregate(codec, sets))
        units = tuple(unit for unit in units if unit not in sets)
    for unit in units:
        if len(unit) <= size:
            result.append(unit)
        else:
            result.extend(_fragments(codec, unit, size))
    return result


class RtpSender:
    """Sequence, time stamps and sender reports of one RTP stream to one receiver."""

    def __init__(self, payload_type: int, clock_rate: int) -> None:
        """Begin at a random sequence number and source."""
        self.ssrc = secrets.randbits(32)
        self.sequence = secrets.randbits(16)
        self._payload_type = payload_type
        self._clock_rate = clock_rate
        self._packets = 0
        self._octets = 0

    def packet(self, payload: bytes, timestamp: int, *, is_last: bool) -> bytes:
        """Give the next packet; `is_last` marks the end of a picture."""
        header = struct.pack(
            "!BBHII",
            0x80,
            is_last << 7 | self._payload_type,
            self.sequence,
            timestamp & 0xFFFFFFFF,
            self.ssrc,
        )
        self.sequence = self.sequence + 1 & 0xFFFF
        self._packets += 1
        self._octets += len(payload)
        return header + payload

    def sender_report(self, wall_clock: float, timestamp: int) -> bytes:
        """Tie the stream's `timestamp` to `wall_clock` (seconds since 1970)."""
        seconds = int(wall_clock)
        report = struct.pack(
            "!BBHIIIIII",
            0x80,
            200,
            6,
            self.ssrc,
            seconds + _NTP_EPOCH & 0xFFFFFFFF,
            int((wall_clock - seconds) * 2**32) & 0xFFFFFFFF,
            timestamp & 0xFFFFFFFF,
            self._packets & 0xFFFFFFFF,
            self._octets & 0xFFFFFFFF,
        )
        name = b"camera"
        chunk = struct.pack("!IBB", self.ssrc, 1, len(name)) + name
        chunk += bytes(4 - len(chunk) % 4)
        return report + struct.pack("!BBH", 0x81, 202, len(chunk) // 4) + chunk

    def goodbye(self) -> bytes:
        """Say that the stream ends."""
        return struct.pack("!BBHI", 0x81, 203, 1, self.ssrc)
