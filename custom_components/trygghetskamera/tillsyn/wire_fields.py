"""What all signed statements have in common: the fields that many of them have, and how they are written and read."""

from dataclasses import fields
from typing import ClassVar, Self

from .strict import Check, Shape, dump, load, matching, plain, text, whole

SECONDS: Check[int] = whole(1_600_000_000, 9_999_999_999)
MILLISECONDS: Check[int] = whole(1_600_000_000_000, 9_999_999_999_999)
NUMBER: Check[int] = whole(1, 2**31)
HASH: Check[str] = matching(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 or a key thumbprint or a 32-byte key, base64url."""
LOOK_ID: Check[str] = matching(r"[A-Za-z0-9_-]{22}")
"""128 random bits, base64url, made by the operator's browser."""
NAME: Check[str] = text(1, 80)
IDENTIFIER: Check[str] = matching(r"[a-z0-9][a-z0-9_-]{0,31}")
OCCURRENCE: Check[str] = matching(r"[a-z0-9][a-z0-9_-]{0,31}/[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Statement:
    """A signed message: ``TYP`` is its fixed JWS type, ``LIMIT`` the largest payload in bytes, ``SHAPE`` its fields."""

    TYP: ClassVar[str]
    LIMIT: ClassVar[int] = 2048
    SHAPE: ClassVar[Shape]

    def payload(self) -> bytes:
        """The JSON that is signed."""
        return dump({one.name: plain(getattr(self, one.name)) for one in fields(self)})  # type: ignore[arg-type]

    @classmethod
    def parse(cls, payload: bytes) -> Self:
        """Read a payload strictly. Raises Refused(BAD_MESSAGE)."""
        return cls(**cls.SHAPE.read(load(payload, cls.LIMIT)))
