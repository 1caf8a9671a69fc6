"""The home's journal as text: one JSON line an entry, each naming the hash of the line before. Pure; the shell keeps
the file.

What the home has agreed to (consent, pause, privacy, plan) and what has happened (looks, receipts, refusals) is what
the journal says, and nothing else. A line that is cut off at the end was never acted on and is dropped; any other
damage is ``Corrupt``. What is older than the plan allows to keep is replaced by a summary (summary.py) as first line.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

from . import summary
from .applied import applied
from .entries import KINDS, MS, Entry
from .errors import Refused
from .identity import digest
from .receipts import FIRST
from .record import Contradiction, Record
from .strict import Shape, bad, dump, load, matching, plain, whole
from .wire import HASH

LIMIT = 32_768
"""Largest line in bytes, a summary excepted."""


class Corrupt(Exception):
    """The journal cannot be trusted; ``line`` counts from 1. Nothing may open."""

    def __init__(self, line: int) -> None:
        """Keep the line number."""
        super().__init__(f"journal line {line}")
        self.line = line


def _nested(value: object) -> object:
    return value


_LINE = Shape({"n": whole(1, 2**40), "prev": HASH, "at": MS, "kind": matching(r"[a-z_]{1,20}"), "entry": _nested})


def encode(record: Record, entry: Entry, at_ms: int) -> bytes:
    """The line that adds ``entry`` after ``record``, with its newline."""
    body = {one.name: plain(getattr(entry, one.name)) for one in fields(entry)}  # type: ignore[arg-type]
    return dump({"n": record.lines + 1, "prev": record.last, "at": at_ms, "kind": entry.KIND, "entry": body}) + b"\n"


@dataclass(frozen=True, slots=True)
class Line:
    """One line, read: its number, the hash of the line before, when it was written (milliseconds UTC), and what."""

    number: int
    previous: str
    at_ms: int
    entry: Entry


def _read(line: bytes) -> Line:
    """One line without its newline. Raises Refused."""
    outer = _LINE.read(load(line, LIMIT))
    kind = KINDS.get(str(outer["kind"]))
    if kind is None:
        raise bad("kind")
    return Line(int(str(outer["n"])), str(outer["prev"]), MS(outer["at"]), kind(**kind.SHAPE.read(outer["entry"])))


def apply(record: Record, line: bytes) -> Record:
    """The record after this line (without newline). Raises Corrupt."""
    number = record.lines + 1
    try:
        found = _read(line)
        if (found.number, found.previous) != (number, record.last):
            raise Corrupt(number)
        return replace(applied(record, found.entry, found.at_ms), lines=number, last=digest(line), at_ms=found.at_ms)
    except (Refused, Contradiction) as err:
        raise Corrupt(number) from err


def _whole_lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")[:-1]


def replay(data: bytes) -> Record:
    """The record that a journal file's bytes tell; an unfinished last line is left out. Raises Corrupt."""
    record = Record()
    for line in _whole_lines(data):
        is_first = record.lines == 0 and summary.is_summary(line)
        record = _restored(line) if is_first else apply(record, line)
    return record


def _restored(line: bytes) -> Record:
    try:
        return summary.restore(line)
    except Refused as err:
        raise Corrupt(1) from err


def ends(data: bytes, most: int) -> Mapping[int, str]:
    """The hashes of a sound journal's last lines, at most so many, by number; where a summary is one of them, that of
    the last line it stands for.
    """
    found: dict[int, str] = {}
    for line in _whole_lines(data)[-most:]:
        if summary.is_summary(line):
            record = _restored(line)
            found[record.lines] = record.last
        else:
            found[_read(line).number] = digest(line)
    return found


def history(lines: Iterable[bytes], *, is_part: bool = False) -> Iterator[Line | Record]:
    """What a journal's whole lines say, one by one from the first: the record that a summary stands for, or an entry.

    That each follows the one before is checked, that it makes sense after it is not: see ``replay``. ``is_part``: they
    were taken out of a journal, so that the first may have any number. Raises Corrupt.
    """
    number, last = 0, FIRST
    for line in (one.rstrip(b"\n") for one in lines):
        if number == 0 and summary.is_summary(line):
            record = _restored(line)
            number, last = record.lines, record.last
            yield record
            continue
        number += 1
        try:
            found = _read(line)
        except Refused as err:
            raise Corrupt(number) from err
        if is_part and number == 1:
            number, last = found.number, found.previous
        if (found.number, found.previous) != (number, last):
            raise Corrupt(number)
        last = digest(line)
        yield found


def purge(data: bytes, before_ms: int) -> bytes:
    """The journal without what happened before this moment, which is added up in a summary; unchanged where nothing can
    go. Raises Corrupt.

    Only whole looks go, with their receipts: the summary ends where nothing was under way.
    """
    record = Record()
    lines = _whole_lines(data)
    kept, cut = Record(), 0
    for index, line in enumerate(lines):
        if index == 0 and summary.is_summary(line):
            record = _restored(line)
            continue
        if _read(line).at_ms >= before_ms:
            break
        record = apply(record, line)
        if record.interrupted is None and not record.waiting and record.aiming is None:
            kept, cut = record, index + 1
    if cut == 0:
        return data
    rest = b"".join(line + b"\n" for line in lines[cut:])
    return summary.encode(kept, before_ms) + b"\n" + rest
