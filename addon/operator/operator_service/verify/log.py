"""Whether a signed log from a home is what that home's hub says it is, under this root. No network is used.

What it shows: every line and every look is there between the first and the last that were taken out, in their order and
unchanged, and the receipts chain to the end; who has acknowledged them, and which the municipality's service has kept.
What it does not: that the hub told the truth when it wrote them down.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from tillsyn.chain import hub_certificate
from tillsyn.entries import LookEnded, LookStarted, Paired, ReceiptSigned
from tillsyn.errors import Refused
from tillsyn.identity import PublicKey, digest, parse
from tillsyn.journal import Corrupt, Line, history
from tillsyn.receipts import Head, verify
from tillsyn.record import Record
from tillsyn.wire import Log, Receipt

from .answers import Answers, answers

FORMAT: Final = "trygghetskamera-log"
VERSION: Final = 2
MOST_BYTES: Final = 256 * 1024 * 1024
_FIELDS: Final = {
    "format": str, "version": int, "root": str, "hub": str, "certificate": str, "statement": str, "receipts": list,
    "lines": list, "chain": list, "acknowledgements": list, "checkpoints": list,
}  # fmt: skip
_ABSENT: Final[dict[int, dict[str, Any]]] = {1: {"chain": [], "acknowledgements": [], "checkpoints": []}, VERSION: {}}
"""What a field that an earlier version did not have means: then the root signed every hub's certificate itself, and
nobody's answer to a receipt was kept.
"""


class NotVerified(Exception):
    """It does not hold; the text says what, for the person who checks."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What has been shown. ``looks``: those in the lines; ``unsigned``: how many of them have no receipt.
    ``receipts``: all of the home's present pairing; ``older``: those in the lines that are of a pairing before it.

    ``acknowledged``: how many of the receipts whoever looked has seen; ``unfounded``: how many acknowledgements do not
    hold, and are not counted; ``kept``: how many the municipality's service
    has shown to keep, by its checkpoints of ``nights`` nights; ``differing``: those of which it has said different
    things.

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
    older: int
    acknowledged: int = 0
    unfounded: int = 0
    kept: int = 0
    nights: int = 0
    differing: tuple[str, ...] = ()


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
    if type(found.get("version")) is not int or found["version"] not in _ABSENT:
        raise NotVerified("the log is of another version than this program reads")
    absent = _ABSENT[found["version"]]
    if not absent.keys().isdisjoint(found):
        raise NotVerified("a field is missing, of another kind, or too many")
    found |= absent
    if set(found) != set(_FIELDS) or any(type(found[name]) is not kind for name, kind in _FIELDS.items()):
        raise NotVerified("a field is missing, of another kind, or too many")
    if not all(isinstance(one, str) for one in (*found["receipts"], *found["lines"], *found["chain"])):
        raise NotVerified("a receipt, line or link of the chain is no text")
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
    older = _check_receipts(found["receipts"], told, hub, statement)
    answered = _answered(found, statement)
    here = (token for part in _by_pairing(told) for token in part)
    looks = [one.entry for one in told if isinstance(one, Line) and isinstance(one.entry, LookStarted)]
    ended = [one.entry.look for one in told if isinstance(one, Line) and isinstance(one.entry, LookEnded)]
    signed = {parse(Receipt, one).statement.look for one in (*found["receipts"], *here)}
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
        older=older,
        acknowledged=answered.acknowledged,
        unfounded=answered.unfounded,
        kept=answered.kept,
        nights=len(answered.checkpoints),
        differing=tuple(answered.differing),
    )


def _answered(found: dict[str, Any], statement: Log) -> Answers:
    """What others have answered to the receipts, which have been checked."""
    receipts = {digest(one): one for one in found["receipts"]}
    root = PublicKey(found["root"])
    try:
        return answers(root, receipts, found["acknowledgements"], found["checkpoints"], statement.iat)
    except Refused as err:
        raise NotVerified(f"an acknowledgement cannot be read, or a checkpoint does not hold ({err.code})") from err


def _signed(found: dict[str, Any], root: str) -> tuple[PublicKey, Log, tuple[str, str]]:
    """The hub's key, what it has signed, and the names of municipality and home."""
    try:
        pinned, hub = PublicKey(found["root"]), PublicKey(found["hub"])
        if pinned.kid != root:
            raise NotVerified("the log is of a home under another municipality's root key")
        statement = parse(Log, found["statement"]).verified(hub)
        certificate = hub_certificate(pinned, None, found["certificate"], found["chain"], hub, statement.iat)
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


def _check_receipts(tokens: list[str], told: list[Line | Record], hub: PublicKey, statement: Log) -> int:
    """All receipts of the present pairing, in an unbroken chain to its end, those in the lines among them; how many in
    the lines are of a pairing before it.
    """
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
    pairings = _by_pairing(told)
    begins_here = before == Head() and len(pairings) > 1
    if tokens and not begins_here and before.hash != (_summed(told) or before.hash):
        raise NotVerified("receipts are missing between what was purged and the first one here")
    # None of an earlier pairing is in the chain, and all after the first one that is.
    present = next((at for at, one in enumerate(pairings) if not set(one).isdisjoint(tokens)), len(pairings))
    older, here = sum(map(len, pairings[:present])), list(chain.from_iterable(pairings[present:]))
    names = set(here)
    if here != [token for token in tokens if token in names] or (older and before != Head()):
        raise NotVerified("a receipt in the lines is not in the chain")
    return older


def _by_pairing(told: list[Line | Record]) -> list[list[str]]:
    """The receipts in the lines, from each pairing to the next."""
    found: list[list[str]] = [[]]
    for one in told:
        if isinstance(one, Line) and isinstance(one.entry, Paired):
            found.append([])
        elif isinstance(one, Line) and isinstance(one.entry, ReceiptSigned):
            found[-1].append(one.entry.token)
    return found


def _summed(told: list[Line | Record]) -> str:
    """The end of the receipt chain in a summary that the lines begin with, '' without one."""
    return told[0].head.hash if told and isinstance(told[0], Record) else ""
