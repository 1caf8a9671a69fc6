"""Writes ed25519.json beside it: signatures that hold, and those that must not, also where verifiers may differ.

In the manner of Project Wycheproof: each case has a key, a message, a signature, whether it holds, and why. Curve
arithmetic is written out here (RFC 8032 section 5.1), since no library makes wrong signatures on purpose.
Run: ``.venv/bin/python tests/vectors/make_ed25519.py``.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from tillsyn.strict import b64u_encode

TARGET = Path(__file__).with_name("ed25519.json")
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

type Point = tuple[int, int]
"""Affine x and y."""


def add(one: Point, other: Point) -> Point:
    """RFC 8032 section 5.1.4, in affine coordinates."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P
    return x, y


def times(number: int, point: Point) -> Point:
    found: Point = (0, 1)
    while number:
        if number & 1:
            found = add(found, point)
        point = add(point, point)
        number >>= 1
    return found


def x_of(y: int) -> int:
    """The even x of a point with this y."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    return x if x % 2 == 0 else P - x


BASE: Point = (x_of(4 * pow(5, -1, P) % P), 4 * pow(5, -1, P) % P)
_Y8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
ORDER_8: Point = (x_of(_Y8), _Y8)
"""A point of order 8."""


def packed(point: Point) -> bytes:
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def hashed(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER


SECRET = int.from_bytes(hashlib.sha512(b"vector ed25519").digest()[:32], "little") % ORDER
NONCE = hashed(b"vector nonce")
KEY = times(SECRET, BASE)
MESSAGE = b"look"


def signed(message: bytes, key: Point = KEY, nonce: Point | None = None) -> bytes:
    """A signature as the equation wants it, whatever ``key`` and ``nonce`` point have been given added."""
    commitment = packed(nonce or times(NONCE, BASE))
    challenge = hashed(commitment, packed(key), message)
    return commitment + ((NONCE + challenge * SECRET) % ORDER).to_bytes(32, "little")


def cases() -> Iterator[tuple[str, bytes, bytes, bytes, bool]]:
    """(why, key, message, signature, holds)."""
    key = packed(KEY)
    good = signed(MESSAGE)
    first, last = good[:32], int.from_bytes(good[32:], "little")
    for length in (0, 1, 63, 64, 1023):
        yield f"message of {length} bytes", key, b"\x5a" * length, signed(b"\x5a" * length), True
    yield "as it is", key, MESSAGE, good, True
    yield "another message", key, b"lock", good, False
    yield "empty message in its place", key, b"", good, False
    yield "another key", packed(times(7, BASE)), MESSAGE, good, False
    yield "all zero", key, MESSAGE, bytes(64), False
    yield "all ones", key, MESSAGE, b"\xff" * 64, False
    yield "halves swapped", key, MESSAGE, good[32:] + first, False
    for bit in (0, 7, 255, 256, 263, 500, 507, 511):
        changed = bytearray(good)
        changed[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit} turned", key, MESSAGE, bytes(changed), False
    for many in (1, 2, 3):
        yield f"S and {many} times the order", key, MESSAGE, first + (last + many * ORDER).to_bytes(32, "little"), False
    yield "S is the order", key, MESSAGE, first + ORDER.to_bytes(32, "little"), False
    yield "S is zero", key, MESSAGE, first + bytes(32), False
    yield "R is the neutral point", key, MESSAGE, packed((0, 1)) + good[32:], False
    yield (
        "R is the neutral point, written with y of p and 1",
        key,
        MESSAGE,
        (P + 1).to_bytes(32, "little") + good[32:],
        False,
    )
    yield "R is no point", key, MESSAGE, (2).to_bytes(32, "little") + good[32:], False
    torsion = times(1, ORDER_8)
    yield (
        "R with a part of small order: holds only where the cofactor is multiplied in",
        key,
        MESSAGE,
        signed(MESSAGE, nonce=add(times(NONCE, BASE), torsion)),
        False,
    )
    mixed = add(KEY, torsion)
    yield "key with a part of small order: likewise", packed(mixed), MESSAGE, signed(MESSAGE, key=mixed), False


def vectors() -> list[dict[str, object]]:
    return [
        {
            "why": why,
            "key": b64u_encode(key),
            "message": b64u_encode(message),
            "signature": b64u_encode(signature),
            "holds": holds,
        }
        for why, key, message, signature, holds in cases()
    ]


if __name__ == "__main__":
    TARGET.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
