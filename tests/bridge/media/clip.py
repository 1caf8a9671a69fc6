"""A short H.264 clip with a binary frame counter in the picture, made on the spot."""

from dataclasses import dataclass
from functools import cache

import av
import numpy as np

WIDTH, HEIGHT, RATE, KEY_EVERY = 320, 240, 15, 15
COUNTER_BITS = 8
BLOCK = 20
CLOCK = 90_000


@dataclass(frozen=True)
class Clip:
    """Access units of a loop, as NAL units without parameter sets, and the sets."""

    units: tuple[tuple[bytes, ...], ...]
    sps: bytes
    pps: bytes


def picture(number: int, shade: int = 90) -> np.ndarray:
    """Grey of this shade with the counter as black and white blocks, lowest bit first, and some texture below."""
    image = np.full((HEIGHT, WIDTH, 3), shade, np.uint8)
    for bit in range(COUNTER_BITS):
        image[0:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 235 if number >> bit & 1 else 16
    rng = np.random.default_rng(number)
    image[80:200, 40:280] = rng.integers(0, 255, (120, 240, 3), np.uint8)
    return image


def split(data: bytes) -> list[bytes]:
    """NAL units of an Annex B byte string."""
    parts = data.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
    return [part for part in parts if part]


@cache
def make(frames: int = 60, shade: int = 90) -> Clip:
    """`frames` pictures, a key frame every KEY_EVERY."""
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.framerate = RATE
    codec.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "g": str(KEY_EVERY),
        "x264-params": "keyint_min=15:scenecut=0:repeat-headers=1:bframes=0",
    }
    codec.profile = "Baseline"
    data = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(picture(number, shade), format="rgb24")
        frame.pts = number
        data += [split(bytes(packet)) for packet in codec.encode(frame)]
    data += [split(bytes(packet)) for packet in codec.encode(None)]
    nals = [nal for unit in data for nal in unit]
    units = tuple(tuple(n for n in unit if n[0] & 31 in (1, 5)) for unit in data)
    return Clip(units, next(n for n in nals if n[0] & 31 == 7), next(n for n in nals if n[0] & 31 == 8))
