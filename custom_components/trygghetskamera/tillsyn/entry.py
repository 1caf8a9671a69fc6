"""One line of the journal, and the kinds of value that several lines have. Which lines there are: entries.py."""

from typing import ClassVar

from .strict import Check, Shape, matching, text, whole

BY: Check[str] = text(0, 100)
MS: Check[int] = whole(0, 9_999_999_999_999)
TOKEN: Check[str] = matching(r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,20000}\.[A-Za-z0-9_-]{86}")
ID: Check[str] = matching(r"[a-z0-9]{8}")
"""A person or an absence of this home: 8 random letters or digits."""
CAMERA: Check[str] = matching(r"[A-Za-z0-9_-]{0,32}")
NUMBER: Check[int] = whole(1, 2**31)


class Entry:
    """One thing that happened."""

    KIND: ClassVar[str]
    SHAPE: ClassVar[Shape]
