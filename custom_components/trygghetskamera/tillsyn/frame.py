"""One frame of the two WebSocket links: a JSON text message ``{"type": NAME, ...}`` with exactly its class's fields.

Which there are: frames.py.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import ClassVar

from .strict import Check, Shape, bad, dump, load, many, matching, plain

LIMIT = 32_768
"""Largest frame in bytes."""

_JWS = r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,23000}\.[A-Za-z0-9_-]{86}"
_DELEGATION = r"tk-delegation\.[A-Za-z0-9_-]{1,700}\.[A-Za-z0-9_-]{1,350}\.[A-Za-z0-9_-]{1,1400}\.[A-Za-z0-9_-]{1,100}"
TOKEN: Check[str] = matching(_JWS)
CHAIN: Check[tuple[str, ...]] = many(matching(f"{_JWS}|{_DELEGATION}"), 0, 4)
"""Who vouches for the signer, oldest first: tk-credential and tk-delegation (chain.py)."""
OPTIONAL_LOOK = matching(r"([A-Za-z0-9_-]{22})?")
CAMERA_ID: Check[str] = matching(r"[A-Za-z0-9_-]{1,32}")
"""A camera of the home, as the home names it."""


class Frame:
    """One message on a link. ``TYPE`` is its name there."""

    TYPE: ClassVar[str]
    SHAPE: ClassVar[Shape]

    def encode(self) -> str:
        """The text to send."""
        body = {one.name: plain(getattr(self, one.name)) for one in fields(self)}  # type: ignore[arg-type]
        return dump({"type": self.TYPE, **body}).decode()


def decode(kinds: Mapping[str, type[Frame]], raw: str | bytes) -> Frame:
    """Read one frame of the kinds this side accepts. Raises Refused(BAD_MESSAGE)."""
    found = load(raw, LIMIT)
    name = found.pop("type", None)
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise bad("frame type")
    return kind(**kind.SHAPE.read(found))


def kinds(*listed: type[Frame]) -> Mapping[str, type[Frame]]:
    """An allow-list for ``decode``."""
    return {one.TYPE: one for one in listed}
