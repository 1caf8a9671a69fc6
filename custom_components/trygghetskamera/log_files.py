"""The log to take away: as CSV for a spreadsheet, and as a signed file that can be verified later without any network.

Both are written piece by piece as they are read, so that a long log needs no more memory than a short one.
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from .journal_reading import Snapshot
from .log import Wanted, acknowledged_in, in_thread
from .log_words import LogWords, local
from .tillsyn.entries import CheckpointsDiffer, Entry, Paired, ReceiptAcknowledged, ReceiptSigned, ReceiptsKept
from .tillsyn.identity import digest
from .tillsyn.journal import Line, history
from .tillsyn.pairing import begins_anew
from .tillsyn.receipts import FIRST
from .tillsyn.record import Record, moment
from .tillsyn.strict import b64u_encode, plain
from .tillsyn.wire import Log

if TYPE_CHECKING:
    from .coordinator import Home

FORMAT: Final = "trygghetskamera-log"
VERSION: Final = 2
_AT_ONCE: Final = 200
"""How many rows are read, and then sent, at a time."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for something to calculate."""


async def _in_pieces(home: Home, parts: Iterator[str]) -> AsyncIterator[bytes]:
    """The parts, read in a thread, some at a time. Raises JournalError."""
    while piece := await in_thread(home, lambda: "".join(islice(parts, _AT_ONCE))):
        yield piece.encode()


# ---- for a spreadsheet ----------------------------------------------------------------------------------------------


def csv_of(home: Home, snapshot: Snapshot, words: LogWords, wanted: Wanted) -> AsyncIterator[bytes]:
    """RFC 4180, oldest first; UTF-8 with a byte order mark, without which Excel takes Swedish letters for others."""
    return _in_pieces(home, _csv(snapshot, words, wanted, acknowledged_in(home)))


def _csv(snapshot: Snapshot, words: LogWords, wanted: Wanted, seen: frozenset[str]) -> Iterator[str]:
    yield "\ufeff" + _row(words.word(key) for key in ("number", "time", "utc", "kind", "what"))
    for one in wanted.find(snapshot.lines(), words, seen):
        utc = f"{moment(one.at_ms):%Y-%m-%dT%H:%M:%SZ}"
        yield _row((str(one.number), f"{local(one.at_ms):%Y-%m-%d %H:%M:%S}", utc, one.kind, one.text))


def _row(cells: Iterable[str]) -> str:
    return ",".join(f'"{_harmless(one)}"' for one in cells) + "\r\n"


def _harmless(text: str) -> str:
    """A name or comment of somebody's must not become a formula in whoever's spreadsheet."""
    return ("'" + text if text.startswith(_FORMULA) else text).replace('"', '""')


# ---- signed ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """Which lines of a journal are taken out: from the one at ``start`` (counted from 0) until before ``end``.

    ``receipts`` of the present pairing, all after the line at ``since``; the last of them is ``head``.
    """

    start: int
    end: int
    first: int
    since: int
    receipts: int
    head: str


def _part_of(snapshot: Snapshot, wanted: Wanted) -> _Part:
    """From the first line in the time that is asked for until the last, with all between, so that their chain holds."""
    start, end, first, since, receipts, head = 0, 0, 0, 0, 0, FIRST
    paired: Paired | None = None
    for position, found in enumerate(history(snapshot.lines())):
        is_in = wanted.start_ms is None if isinstance(found, Record) else wanted.is_then(found.at_ms)
        if is_in:
            if end == 0:
                start, first = position, found.lines if isinstance(found, Record) else found.number
            end = position + 1
        if isinstance(found, Record):
            head, paired = found.head.hash, found.paired
        elif isinstance(found.entry, ReceiptSigned):
            receipts, head = receipts + 1, digest(found.entry.token)
        elif isinstance(found.entry, Paired):
            if begins_anew(paired, found.entry):
                since, receipts, head = position, 0, FIRST
            paired = found.entry
    return _Part(start, end, first, since, receipts, head)


def _hash_of(snapshot: Snapshot, part: _Part) -> str:
    found = sha256()
    for line in islice(snapshot.lines(), part.start, part.end):
        found.update(line)
    return b64u_encode(found.digest())


async def signed_of(home: Home, snapshot: Snapshot, wanted: Wanted) -> AsyncIterator[bytes]:
    """The lines of the time that is asked for as they are, all receipts of this pairing in their order, and what shows
    that they are this home's. Raises NotSigned or JournalError before anything of it is there.
    """
    part = await in_thread(home, lambda: _part_of(snapshot, wanted))
    lines_hash = await in_thread(home, lambda: _hash_of(snapshot, part))
    pinned = home.config.pinned
    now = int(dt_util.utcnow().timestamp())
    statement = Log(pinned.hub.kid, part.first, part.end - part.start, lines_hash, part.receipts, part.head, now)
    token = await home.signing.sign("", statement)
    head: dict[str, object] = {
        "format": FORMAT,
        "version": VERSION,
        "root": pinned.root.x,
        "hub": pinned.hub.x,
        "certificate": home.config.paired.certificate,
        "chain": list(home.config.paired.chain),
        "statement": token,
    }
    return _in_pieces(home, _signed(snapshot, part, head))


def _signed(snapshot: Snapshot, part: _Part, head: dict[str, object]) -> Iterator[str]:
    yield json.dumps(head, indent=1)[:-2]
    told = partial(_entries, snapshot, part)
    yield from _list("receipts", (one.token for one in told() if isinstance(one, ReceiptSigned)))
    yield from _list("acknowledgements", (plain(one) for one in told() if isinstance(one, ReceiptAcknowledged)))
    yield from _list("checkpoints", (said for one in told() for said in _checkpoints(one)))
    lines = (line.decode().rstrip("\n") for line in islice(snapshot.lines(), part.start, part.end))
    yield from _list("lines", lines)
    yield "\n}\n"


def _entries(snapshot: Snapshot, part: _Part) -> Iterator[Entry]:
    """All of this pairing, whatever time is asked for: what answers to a receipt comes later than it."""
    for position, one in enumerate(history(snapshot.lines())):
        if position >= part.since and isinstance(one, Line):
            yield one.entry


def _checkpoints(entry: Entry) -> Iterator[object]:
    """As the service has shown them, each with its key and what it covers; two that differ without."""
    if isinstance(entry, ReceiptsKept):
        yield plain(entry)
    elif isinstance(entry, CheckpointsDiffer):
        yield plain(ReceiptsKept(entry.first_key, entry.first, ()))
        yield plain(ReceiptsKept(entry.second_key, entry.second, ()))


def _list(name: str, values: Iterable[object]) -> Iterator[str]:
    yield f',\n "{name}": ['
    separator = ""
    for one in values:
        yield f"{separator}\n  {json.dumps(one, ensure_ascii=False)}"
        separator = ","
    yield "\n ]"
