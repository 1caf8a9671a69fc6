"""Coding of pictures to H.264 or H.265 for live viewing: no B-frames, no look-ahead, key frames when asked."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from .settings import Codec, Profile

_NEVER = 1_000_000
"""A key-frame distance that is never reached: the stream says when there is one."""
_H264_IDR, _H264_SPS, _H264_PPS = 5, 7, 8
_H265_IDR, _H265_VPS, _H265_SPS, _H265_PPS = (19, 20), 32, 33, 34


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One coded picture as NAL units without start codes; a key frame begins with its parameter sets."""

    nal_units: tuple[bytes, ...]
    is_key: bool


def split_nal_units(stream: bytes) -> tuple[bytes, ...]:
    """Split an Annex B byte stream at its start codes."""
    units = []
    begin = stream.find(b"\0\0\1")
    while begin >= 0:
        following = stream.find(b"\0\0\1", begin + 3)
        unit = stream[begin + 3 : following if following >= 0 else len(stream)]
        units.append(unit.rstrip(b"\0") if following >= 0 else unit)
        begin = following
    return tuple(unit for unit in units if unit)


def nal_type(codec: Codec, unit: bytes) -> int:
    """Give the type of a NAL unit."""
    return unit[0] & 0x1F if codec is Codec.H264 else unit[0] >> 1 & 0x3F


def is_parameter_set(codec: Codec, unit: bytes) -> bool:
    """Say whether a NAL unit is a parameter set."""
    if codec is Codec.H264:
        return nal_type(codec, unit) in (_H264_SPS, _H264_PPS)
    return nal_type(codec, unit) in (_H265_VPS, _H265_SPS, _H265_PPS)


class Encoder:
    """One stream's coder. Use it from one thread; coding releases the interpreter lock."""

    def __init__(self, profile: Profile) -> None:
        """Open the coder for a profile's size, rate and codec."""
        self._profile = profile
        self._context = _open(profile)

    def encode(self, frame: av.VideoFrame, number: int, *, is_key: bool) -> CodedPicture:
        """Code one YUV 4:2:0 frame; `number` must grow. The first one is always a key frame."""
        frame.pts = number
        frame.time_base = Fraction(1, self._profile.fps)
        frame.pict_type = PictureType.I if is_key else PictureType.NONE
        data = b"".join(bytes(packet) for packet in self._context.encode(frame))
        units = split_nal_units(data)
        codec = self._profile.codec
        idr = (_H264_IDR,) if codec is Codec.H264 else _H265_IDR
        wanted = tuple(unit for unit in units if _is_needed(codec, unit))
        return CodedPicture(wanted, any(nal_type(codec, unit) in idr for unit in wanted))


def _is_needed(codec: Codec, unit: bytes) -> bool:
    """Leave out access unit delimiters and the coder's advertisement of itself."""
    return nal_type(codec, unit) < 6 or is_parameter_set(codec, unit) or (codec is Codec.H265 and unit[0] >> 1 < 32)


def _open(profile: Profile) -> VideoCodecContext:
    is_h264 = profile.codec is Codec.H264
    context = av.CodecContext.create("libx264" if is_h264 else "libx265", "w")
    if not isinstance(context, VideoCodecContext):
        raise TypeError("not a video coder")
    context.width, context.height, context.pix_fmt = profile.width, profile.height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, profile.fps), Fraction(profile.fps)
    context.bit_rate, context.gop_size, context.max_b_frames = profile.bitrate, _NEVER, 0
    options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "forced-idr": "1",
        "maxrate": str(profile.bitrate),
        "bufsize": str(profile.bitrate // 2),
    }
    if is_h264:
        options |= {"profile": "baseline", "threads": "1", "x264-params": "scenecut=0:aud=0"}
    else:
        options |= {
            "x265-params": "bframes=0:scenecut=0:open-gop=0:repeat-headers=1:log-level=none:pools=1:frame-threads=1"
        }
    context.options = options
    context.open()
    return context


@lru_cache(maxsize=16)
def parameter_sets(profile: Profile) -> tuple[bytes, ...]:
    """Give the parameter sets that a stream begins with, for its session description."""
    frame = av.VideoFrame(profile.width, profile.height, "yuv420p")
    for plane in frame.planes:
        np.frombuffer(plane, np.uint8)[:] = 128
    picture = Encoder(profile).encode(frame, 0, is_key=True)
    return tuple(unit for unit in picture.nal_units if is_parameter_set(profile.codec, unit))
