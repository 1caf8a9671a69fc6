"""Strict reading of JSON from a peer: size first, then shape, then meaning. Unknown or missing fields are refused.

A ``Check`` turns a raw JSON value into a typed one or raises ``Refused(BAD_MESSAGE)``. Every field is required, except
those that an earlier version did not have: ``Shape.absent`` says what their absence means.
"""

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from .errors import Refusal, Refused

type Json = dict[str, Json] | list[Json] | str | int | bool | None
type Check[T] = Callable[[object], T]

_MAX_DEPTH = 6
_MAX_INT = 2**53 - 1
# Letters and marks that Unicode counts as visible but says to show as nothing (Default_Ignorable_Code_Point), and the
# empty Braille cell.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def bad(detail: str) -> Refused:
    """The refusal for anything malformed."""
    return Refused(Refusal.BAD_MESSAGE, detail)


def b64u_encode(raw: bytes) -> str:
    """base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def b64u_decode(text: str) -> bytes:
    """Strict inverse of ``b64u_encode``: no padding, no other alphabet, no loose trailing bits."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise bad("base64url alphabet")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as err:
        raise bad("base64url length") from err
    if b64u_encode(raw) != text:
        raise bad("base64url trailing bits")
    return raw


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise bad("duplicate key")
    return found


def _no_number(_text: str) -> object:
    raise bad("not a whole number")


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > _MAX_INT:
        raise bad("number too large")
    return int(text)


def _depth(value: object, left: int = _MAX_DEPTH) -> None:
    if left == 0:
        raise bad("too deep")
    if isinstance(value, dict):
        for part in value.values():
            _depth(part, left - 1)
    elif isinstance(value, list):
        for part in value:
            _depth(part, left - 1)


def load(raw: bytes | str, limit: int) -> dict[str, object]:
    """One JSON object of at most ``limit`` bytes: no floats, no duplicate keys, no deep nesting. Raises Refused."""
    try:
        data = raw.encode() if isinstance(raw, str) else raw
    except UnicodeEncodeError as err:
        raise bad("not Unicode") from err
    if len(data) > limit:
        raise bad("too large")
    if data.count(b"[") + data.count(b"{") > 512:
        raise bad("too many parts")
    try:
        value = json.loads(
            data.decode("utf-8", "strict"),
            object_pairs_hook=_no_twins,
            parse_float=_no_number,
            parse_constant=_no_number,
            parse_int=_whole,
        )
    except (ValueError, RecursionError) as err:
        raise bad("not JSON") from err
    if not isinstance(value, dict):
        raise bad("not an object")
    _depth(value)
    return value


def dump(value: Mapping[str, object]) -> bytes:
    """Compact UTF-8 JSON in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


@dataclass(frozen=True, slots=True)
class Shape:
    """The exact fields of one object and the check of each. ``absent``: raw values of fields that may be missing,
    because they were not there in an earlier version.
    """

    fields: Mapping[str, Check[object]]
    absent: Mapping[str, Json] = field(default_factory=dict)

    def read(self, value: object) -> dict[str, object]:
        """The checked fields of ``value``. Raises Refused where a field is missing, unknown or wrong."""
        if not isinstance(value, dict):
            raise bad("fields")
        whole_value = {**self.absent, **value}
        if whole_value.keys() != self.fields.keys():
            raise bad("fields")
        return {name: check(whole_value[name]) for name, check in self.fields.items()}


def text(least: int, most: int) -> Check[str]:
    """Printable text for people, NFC, without control, bidi or other invisible characters."""

    def check(value: object) -> str:
        if not isinstance(value, str) or not least <= len(value) <= most:
            raise bad("text length")
        if unicodedata.normalize("NFC", value) != value or _UNSEEN.search(value):
            raise bad("text characters")
        if any(unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp") for c in value):
            raise bad("text characters")
        if value and not value.strip():
            raise bad("text blank")
        return value

    return check


def matching(pattern: str) -> Check[str]:
    """ASCII text that fully matches ``pattern``."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: object) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise bad("pattern")
        return value

    return check


def whole(least: int, most: int) -> Check[int]:
    """An integer in [least, most]; booleans are not integers."""

    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise bad("number")
        return value

    return check


def boolean(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise bad("boolean")
    return value


def one_of[E: StrEnum](kind: type[E]) -> Check[E]:
    """A value of a closed list."""

    def check(value: object) -> E:
        if not isinstance(value, str):
            raise bad("choice")
        try:
            return kind(value)
        except ValueError as err:
            raise bad("choice") from err

    return check


def many[T](part: Check[T], least: int, most: int) -> Check[tuple[T, ...]]:
    """A list of ``least`` to ``most`` different values."""

    def check(value: object) -> tuple[T, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise bad("list length")
        found = tuple(part(one) for one in value)
        if len(set(found)) != len(found):
            raise bad("list repeats")
        return found

    return check


def local_time(value: object) -> time:
    """'HH:MM', local time."""
    hour, minute = matching(r"([01][0-9]|2[0-3]):[0-5][0-9]")(value).split(":")
    return time(int(hour), int(minute))


def day(value: object) -> date:
    """'YYYY-MM-DD', a day that exists."""
    try:
        return date.fromisoformat(matching(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")(value))
    except ValueError as err:
        raise bad("date") from err


def plain(value: object) -> Json:
    """A typed value back to what JSON knows; the inverse of the checks above."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    slots: tuple[str, ...] | None = getattr(type(value), "__slots__", None)
    if slots is None:
        raise TypeError(f"{type(value).__name__} has no place in a message")
    return {name: plain(getattr(value, name)) for name in slots}
