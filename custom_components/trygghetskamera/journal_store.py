"""The journal's file: lines are added, and are on disk before anyone acts on them; those that are too old to be kept
are left out by putting another file in its place, so that there is always one that is whole.

A file that cannot be read or trusted is left untouched, and then nothing opens. An empty file beside it, ``.settled``,
says that it lacks no wish to be left alone: where such a wish cannot be written, that file is removed, which a full
disk allows, and its absence means paused.
"""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from homeassistant.core import HomeAssistant

from .journal_reading import Snapshot
from .tillsyn.entries import Entry
from .tillsyn.journal import Corrupt, apply, encode, ends, purge, replay
from .tillsyn.record import Record

_ENDS: Final = 1000
"""Of how many lines the hash is known at the start."""


def journal_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Where the journal of this home is."""
    return Path(hass.config.path(".storage", f"trygghetskamera.{entry_id}.journal"))


class Runner(Protocol):
    """Runs a blocking function in a thread (``hass.async_add_executor_job``)."""

    def __call__[T](self, work: Callable[[], T], /) -> asyncio.Future[T]: ...


class JournalError(Exception):
    """The journal could not be read or written."""


def always(_record: Record) -> bool:
    """Under no condition."""
    return True


class Journal:
    """One home's journal. ``record`` is what it says; None until read whole."""

    def __init__(self, path: Path, run: Runner) -> None:
        """``path`` need not exist; ``run`` is where disk work is done."""
        self.path = path
        self.record: Record | None = None
        self.is_corrupt = False
        self.is_closed = False
        self.is_settled = False
        self._settled = path.with_suffix(".settled")
        self._next = path.with_suffix(".new")
        self._run = run
        self._writing = asyncio.Lock()
        self._size = 0
        self.ends: dict[int, str] = {}
        """The hashes of its last lines, by number."""
        self._is_placed = False
        """Whether the folder, too, is known to be on disk as it is: a file in it may be new."""

    async def load(self) -> Record:
        """Read it whole, cutting off an unfinished last line. Raises JournalError."""
        async with self._writing:
            if self.is_closed:
                raise JournalError("closed")
            try:
                await self._run(self._load)
            except Corrupt as err:
                self.is_corrupt = True
                raise JournalError("corrupt") from err
            except OSError as err:
                raise JournalError("unreadable") from err
        assert self.record is not None
        return self.record

    async def add(self, *entries: Entry, only_if: Callable[[Record], bool] = always) -> Record:
        """Write entries to disk, all or none. Raises JournalError, and then it is as if it had never been tried.

        ``only_if`` is asked once everything that was added before is written; False leaves them out.
        """
        # Whoever waits may be cancelled; what is half written must still be finished or undone.
        return await asyncio.shield(self._add(entries, only_if))

    async def _add(self, entries: Sequence[Entry], only_if: Callable[[Record], bool]) -> Record:
        async with self._writing:
            before = self.record
            if before is None:
                raise JournalError("not read")
            if not only_if(before):
                return before
            after, lines, ended = before, b"", dict[int, str]()
            try:
                for entry in entries:
                    line = encode(after, entry, time.time_ns() // 1_000_000)
                    after, lines = apply(after, line[:-1]), lines + line
                    ended[after.lines] = after.last
                await self._run(lambda: self._append(lines))
            except (OSError, Corrupt) as err:
                raise JournalError("not written") from err
            self._size += len(lines)
            self.record = after
            self.ends |= ended
            return after

    async def purge(self, before_ms: int) -> bool:
        """Leave out what happened before this moment (milliseconds UTC), as far as it may be; whether anything was.

        Raises JournalError, and then nothing was left out.
        """
        return await asyncio.shield(self._purge(before_ms))

    async def _purge(self, before_ms: int) -> bool:
        async with self._writing:
            if self.record is None:
                raise JournalError("not read")
            try:
                return await self._run(lambda: self._leave_out(before_ms))
            except (OSError, Corrupt) as err:
                raise JournalError("not purged") from err

    async def settle(self) -> None:
        """Every wish to be left alone is on disk now. Raises JournalError where even this cannot be written."""
        if self.is_settled:
            return
        async with self._writing:
            try:
                await self._run(self._touch)
            except OSError as err:
                raise JournalError("not written") from err
            self.is_settled = True

    async def unsettle(self) -> None:
        """A wish to be left alone could not be written; remember across a restart that there is one."""
        async with self._writing:
            self.is_settled = False
            with suppress(OSError):
                await self._run(lambda: self._settled.unlink(missing_ok=True))

    async def snapshot(self) -> Snapshot:
        """What it says now, to be read in a thread and closed. Raises JournalError."""
        async with self._writing:
            if self.record is None:
                raise JournalError("not read")
            try:
                return await self._run(lambda: Snapshot(self.path, self._size))
            except OSError as err:
                raise JournalError("unreadable") from err

    async def close(self) -> None:
        """Finish what is being written, and write no more: the file may now be another's."""
        async with self._writing:
            self.is_closed = True
            self.record = None

    def _load(self) -> None:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            data = b""
        self.record = replay(data)
        self.ends = dict(ends(data, _ENDS))
        self._size = data.rfind(b"\n") + 1
        self.is_settled = self._settled.exists()
        # What a crash has left of a purge; the next one makes its own.
        with suppress(OSError):
            self._next.unlink(missing_ok=True)

    def _leave_out(self, before_ms: int) -> bool:
        data = self.path.read_bytes()[: self._size]
        short = purge(data, before_ms)
        if short == data:
            return False
        record, known = replay(short), self.record
        if known is None or (record.lines, record.last) != (known.lines, known.last):
            raise OSError("this is not the journal that was read")
        with os.fdopen(os.open(self._next, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(short)
            file.flush()
            os.fsync(file.fileno())
        self._next.replace(self.path)
        # From here on the short one is the journal; nothing is added to it before the folder says so on disk, too.
        self._is_placed = False
        self._size, self.record = len(short), record
        with suppress(OSError):
            self._place()
        return True

    def _touch(self) -> None:
        self._settled.parent.mkdir(exist_ok=True)
        self._settled.touch(mode=0o600)

    def _append(self, lines: bytes) -> None:
        self.path.parent.mkdir(exist_ok=True)
        try:
            self._write(lines)
            self._place()
        except OSError:
            # What was never acted on is not to be found by a restart; where even this fails, it is cut off later.
            with suppress(OSError):
                if self.path.stat().st_size > self._size:
                    os.truncate(self.path, self._size)
            raise

    def _write(self, lines: bytes) -> None:
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            if os.fstat(file.fileno()).st_size < self._size:
                raise OSError("the journal has become shorter")
            # What an earlier failed write left behind is cut off.
            file.truncate(self._size)
            file.seek(self._size)
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    def _place(self) -> None:
        """Have the folder on disk as it is. Raises OSError."""
        if self._is_placed:
            return
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._is_placed = True
