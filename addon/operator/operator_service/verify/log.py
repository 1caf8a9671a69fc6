"""Whether a signed log from a home is what that home's hub says it is, under this root. No network is used.

What it shows: every line and every look is there between the first and the last that were taken out, in their order and
unchanged, and the receipts chain to the end. What it does not: that the hub told the truth when it wrote them down.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tillsyn.chain import Trust, hub_certificate
from tillsyn.entries import LookEnded, LookStarted, ReceiptSigned
from tillsyn.errors import Refused
from tillsyn.identity import PublicKey, digest, parse
from tillsyn.journal import Corrupt, Line, history
from tillsyn.receipts import Head, verify
from tillsyn.record import Record
from tillsyn.wire import Log, Receipt

FORMAT: Final = "trygghetskamera-log"
VERSION: Final = 1
MOST_BYTES: Final = 256 * 1024 * 1024
_FIELDS: Final = {
    "format": str, "version": int, "root": str, "hub": str, "certificate": str, "statement": str, "receipts": list,
    "lines": list,
}  # fmt: skip


class NotVerified(Exception):
    """It does not hold; the text says what, for the person who checks."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What has been shown. ``looks``: those in the lines; ``unsigned``: how many of them have no receipt yet.

    ``made``: seconds UTC when the log was taken out, by the hub's clock. ``purged``: whether it begins with a summary.
    """

    municipality: str
    label: str
    made: int
    lines: int
    first: int
    purged: bool
    looks: int
    unsigned: int
    receipts: int


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotVerified("a field is there twice")
    return found


def _read(raw: bytes) -> dict[str, Any]:
    if len(raw) > MOST_BYTES:
        raise NotVerified("the file is too large")
    try:
        found = json.loads(raw, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as err:
        raise NotVerified("this is no log from a home: it cannot be read") from err
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise NotVerified("this is no log from a home")
    if found.get("version") != VERSION:
        raise NotVerified("the log is of another version than this program reads")
    if set(found) != set(_FIELDS) or any(type(found[name]) is not kind for name, kind in _FIELDS.items()):
        raise NotVerified("a field is missing, of another kind, or too many")
    if not all(isinstance(one, str) for one in (*found["receipts"], *found["lines"])):
        raise NotVerified("a receipt or line is no text")
    return found


def verify_log(raw: bytes, root: str) -> Verified:
    """Check the file against the root key whose thumbprint is ``root``. Raises NotVerified."""
    found = _read(raw)
    try:
        return _verified(found, root)
    except Corrupt as err:
        raise NotVerified(f"line {err.line} was changed, or one before it is missing") from err


def _verified(found: dict[str, Any], root: str) -> Verified:
    hub, statement, names = _signed(found, root)
    lines = [one.encode("utf-8", "surrogatepass") for one in found["lines"]]
    if len(lines) != statement.lines or digest(b"".join(line + b"\n" for line in lines)) != statement.hash:
        raise NotVerified("the lines are not those that the home signed")
    told = list(_history(lines, statement))
    _check_receipts(found["receipts"], told, hub, statement)
    looks = [one.entry for one in told if isinstance(one, Line) and isinstance(one.entry, LookStarted)]
    ended = [one.entry.look for one in told if isinstance(one, Line) and isinstance(one.entry, LookEnded)]
    signed = {parse(Receipt, one).statement.look for one in found["receipts"]}
    return Verified(
        municipality=names[0],
        label=names[1],
        made=statement.iat,
        lines=len(lines),
        first=statement.first,
        purged=bool(told) and isinstance(told[0], Record),
        looks=len(looks),
        unsigned=sum(look not in signed for look in ended),
        receipts=len(found["receipts"]),
    )


def _signed(found: dict[str, Any], root: str) -> tuple[PublicKey, Log, tuple[str, str]]:
    """The hub's key, what it has signed, and the names of municipality and home."""
    try:
        pinned, hub = PublicKey(found["root"]), PublicKey(found["hub"])
        if pinned.kid != root:
            raise NotVerified("the log is of a home under another municipality's root key")
        statement = parse(Log, found["statement"]).verified(hub)
        certificate = hub_certificate(pinned, Trust(), found["certificate"], (), hub, statement.iat)
    except Refused as err:
        raise NotVerified(f"a signature does not hold ({err.code})") from err
    if statement.hub != hub.kid:
        raise NotVerified("the statement is of another home")
    return hub, statement, (certificate.municipality, certificate.label)


def _history(lines: list[bytes], statement: Log) -> Iterator[Line | Record]:
    """The lines, each naming the one before; the first may have any number: it may be a part of the journal."""
    for position, one in enumerate(history(lines, is_part=True)):
        number = one.lines if isinstance(one, Record) else one.number
        if position == 0 and number != statement.first:
            raise NotVerified("the log begins at another line than the home signed")
        yield one


def _check_receipts(tokens: list[str], told: list[Line | Record], hub: PublicKey, statement: Log) -> None:
    """All receipts that the home has, in an unbroken chain to its end; those in the lines are among them."""
    if len(tokens) != statement.receipts:
        raise NotVerified("receipts are missing or too many")
    before = Head()
    try:
        if tokens:
            first = parse(Receipt, tokens[0]).statement
            before = Head(first.sequence - 1, first.previous)
        head, _ = verify(before, hub, tokens)
    except Refused as err:
        raise NotVerified("a receipt was changed, left out or put in another place") from err
    if tokens and head.hash != statement.head:
        raise NotVerified("the receipts end before the home's last one")
    if tokens and before.hash != (_summed(told) or before.hash):
        raise NotVerified("receipts are missing between what was purged and the first one here")
    here = [one.entry.token for one in told if isinstance(one, Line) and isinstance(one.entry, ReceiptSigned)]
    if here != [token for token in tokens if token in set(here)]:
        raise NotVerified("a receipt in the lines is not in the chain")


def _summed(told: list[Line | Record]) -> str:
    """The end of the receipt chain in a summary that the lines begin with, '' without one."""
    return told[0].head.hash if told and isinstance(told[0], Record) else ""
