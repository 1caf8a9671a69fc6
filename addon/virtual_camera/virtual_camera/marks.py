"""Marks burnt into every picture, so that a test which sees only pixels knows the frame and where it was aimed.

Layout
    The picture is divided into 80 columns and 45 rows of equal cells (16 x 16 pixels at 1280 x 720, 24 x 24 at
    1920 x 1080). The two lowest rows of cells hold the marks: the clock row is row 43, the view row is row 44,
    counted from 0 at the top. A cell is black (0) or white (1), without colour. In a picture or canvas of any size
    W x H, cell c of row r is read as the mean brightness of its middle half: x from (c + 0.25) * W / 80 to
    (c + 0.75) * W / 80, y from (r + 0.25) * H / 45 to (r + 0.75) * H / 45.

    Each row, left to right, is: start pattern (8 cells), data (64 cells), check (8 cells).
    The start pattern is 1 0 1 1 0 0 1 0 in the clock row and 0 1 0 0 1 1 0 1 in the view row. The threshold between
    black and white is half-way between the means of the row's white and of its black start cells, which must differ
    by at least 64 of 255. All numbers are unsigned with the most significant bit first. The check is CRC-8 (polynomial
    0x07, initial value 0xFF, no reflection, no final xor) over the 8 data bytes.

    Clock row, data:  frame counter (32 bits), clock (32 bits: milliseconds since 1970 in UTC, modulo 2**32).
    View row, data:   flags (8 bits), pan (16 bits), tilt (16 bits), zoom (16 bits), the frame counter's low 8 bits.
        flags: bit 0 look (0 day, 1 infrared); bits 1-2 person (0 in bed, 1 out of bed, 2 on the floor, 3 gone);
        bit 3 moving; bits 4-7 zero.
        pan and tilt = value / 65535 * 2 - 1, zoom = value / 65535.

    A picture is read only if both start patterns, both checks, the low 8 bits and the zero bits agree.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from .motor import Position

COLUMNS = 80
ROWS = 45
MARK_ROWS = 2
_CLOCK_START = (1, 0, 1, 1, 0, 0, 1, 0)
_VIEW_START = (0, 1, 0, 0, 1, 1, 0, 1)
_MIN_CONTRAST = 64
_FULL = 65535


class Look(IntEnum):
    """How the picture is lit: by day in colour, by night in infrared."""

    DAY = 0
    INFRARED = 1


class Person(IntEnum):
    """Where the client is."""

    IN_BED = 0
    OUT_OF_BED = 1
    ON_FLOOR = 2
    GONE = 3


@dataclass(frozen=True, slots=True)
class Marks:
    """What one picture says about itself. `clock` is in milliseconds, modulo 2**32."""

    counter: int
    clock: int
    look: Look
    person: Person
    is_moving: bool
    position: Position


def mark_cells(marks: Marks) -> NDArray[np.uint8]:
    """Give the marks as a 2 x 80 array of 0 and 1."""
    clock = (marks.counter & 0xFFFFFFFF).to_bytes(4) + (marks.clock & 0xFFFFFFFF).to_bytes(4)
    position = marks.position.clamped()
    flags = marks.look | marks.person << 1 | marks.is_moving << 3
    view = (
        bytes([flags])
        + round((position.pan + 1) / 2 * _FULL).to_bytes(2)
        + round((position.tilt + 1) / 2 * _FULL).to_bytes(2)
        + round(position.zoom * _FULL).to_bytes(2)
        + bytes([marks.counter & 0xFF])
    )
    return np.stack([_row(_CLOCK_START, clock), _row(_VIEW_START, view)])


def _row(start: tuple[int, ...], data: bytes) -> NDArray[np.uint8]:
    bits = np.unpackbits(np.frombuffer(data + bytes([_crc8(data)]), np.uint8))
    return np.concatenate([np.array(start, np.uint8), bits])


def _crc8(data: bytes) -> int:
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def read_marks(picture: NDArray[np.uint8]) -> Marks | None:
    """Read the marks from an RGB (H x W x 3) or grey (H x W) picture of any size; None if they cannot be trusted."""
    if picture.ndim not in (2, 3) or picture.shape[0] < 2 * ROWS or picture.shape[1] < 2 * COLUMNS:
        return None
    clock = _read_row(picture, ROWS - 2, _CLOCK_START)
    view = _read_row(picture, ROWS - 1, _VIEW_START)
    if clock is None or view is None or view[7] != clock[3] or view[0] & 0xF0:
        return None
    return Marks(
        counter=int.from_bytes(clock[:4]),
        clock=int.from_bytes(clock[4:]),
        look=Look(view[0] & 1),
        person=Person(view[0] >> 1 & 3),
        is_moving=bool(view[0] & 8),
        position=Position(
            int.from_bytes(view[1:3]) / _FULL * 2 - 1,
            int.from_bytes(view[3:5]) / _FULL * 2 - 1,
            int.from_bytes(view[5:7]) / _FULL,
        ),
    )


def _read_row(picture: NDArray[np.uint8], row: int, start: tuple[int, ...]) -> bytes | None:
    height, width = picture.shape[:2]
    top, bottom = _middle(row, height / ROWS)
    band = picture[top:bottom].astype(np.float32)
    profile = band.reshape(band.shape[0], width, -1).mean(axis=(0, 2))
    spans = [_middle(column, width / COLUMNS) for column in range(COLUMNS)]
    levels = np.array([profile[left:right].mean() for left, right in spans])
    pattern = np.array(start, dtype=bool)
    white, black = levels[:8][pattern].mean(), levels[:8][~pattern].mean()
    if white - black < _MIN_CONTRAST:
        return None
    bits = levels > (white + black) / 2
    if not np.array_equal(bits[:8], pattern):
        return None
    data = np.packbits(bits[8:]).tobytes()
    return data[:8] if _crc8(data[:8]) == data[8] else None


def _middle(index: int, size: float) -> tuple[int, int]:
    """Give the pixel range of a cell's middle half: at least one pixel."""
    first = int((index + 0.25) * size)
    return first, max(first + 1, int((index + 0.75) * size))
