"""The home's log: the journal read in sentences, newest first, searched by words. Nothing of it is kept anywhere else.

Everything is read from the file in a thread, line by line, so a long log needs no more memory than what is asked for.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Container, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .journal_reading import Snapshot
from .journal_store import JournalError
from .log_words import LogWords
from .tillsyn.errors import Refused
from .tillsyn.journal import Corrupt
from .tillsyn.log import rows
from .tillsyn.record import moment

if TYPE_CHECKING:
    from .coordinator import Home

LIMIT: Final = 50
MOST: Final = 500
LONGEST_QUERY: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One row in words. ``number`` is that of the journal's line; ``at_ms``: milliseconds UTC."""

    number: int
    at_ms: int
    kind: str
    text: str

    def plain(self) -> dict[str, Any]:
        """As it is given to others."""
        at = moment(self.at_ms).isoformat(timespec="milliseconds")
        return {"id": self.number, "at": at, "kind": self.kind, "text": self.text}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: with all these words in the sentence, before this line, in this time (milliseconds UTC)."""

    query: str = ""
    before: int | None = None
    start_ms: int | None = None
    end_ms: int | None = None

    def find(self, lines: Iterable[bytes], words: LogWords, acknowledged: Container[str]) -> Iterator[Told]:
        """Those of a journal's lines, oldest first. ``acknowledged``: hashes of receipts. Blocks; raises OSError,
        Corrupt or Refused.
        """
        sought = self.query.casefold().split()
        for row in rows(lines, acknowledged):
            if self.before is not None and row.number >= self.before:
                return
            if not self.is_then(row.at_ms):
                continue
            text = words.sentence(row)
            folded = text.casefold()
            if all(word in folded for word in sought):
                yield Told(row.number, row.at_ms, row.entry.KIND, text)

    def is_then(self, at_ms: int) -> bool:
        """Whether it is in the time that is asked for."""
        return (self.start_ms is None or at_ms >= self.start_ms) and (self.end_ms is None or at_ms < self.end_ms)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, newest first, and whether there are older ones."""

    rows: Sequence[Told]
    more: bool


def _newest(found: Iterator[Told], limit: int) -> Page:
    last = deque(found, limit + 1)
    more = len(last) > limit
    return Page(list(reversed(last))[:limit], more)


@asynccontextmanager
async def snapshot_of(home: Home) -> AsyncIterator[Snapshot]:
    """The journal as it is now, closed afterwards. Raises JournalError."""
    snapshot = await home.journal.snapshot()
    try:
        yield snapshot
    finally:
        await home.hass.async_add_executor_job(snapshot.close)


def acknowledged_in(home: Home) -> frozenset[str]:
    """The receipts, by hash, that whoever looked has seen."""
    record = home.journal.record
    return frozenset() if record is None else record.keeping.acknowledged


async def in_thread[T](home: Home, read: Callable[[], T]) -> T:
    """What this finds in a snapshot. Raises JournalError where the file is not what it was."""
    try:
        return await home.hass.async_add_executor_job(read)
    except (Corrupt, OSError, Refused, UnicodeError) as err:
        raise JournalError("unreadable") from err


async def async_log_page(home: Home, wanted: Wanted, limit: int, language: str | None = None) -> Page:
    """The newest rows that are wanted. Raises JournalError."""
    words = await LogWords.load(home.hass, home.entry, language)
    async with snapshot_of(home) as snapshot:
        seen = acknowledged_in(home)
        return await in_thread(home, lambda: _newest(wanted.find(snapshot.lines(), words, seen), limit))
