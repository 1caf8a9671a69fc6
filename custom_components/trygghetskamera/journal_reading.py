"""Reading the journal's file while others go on writing it."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


class Snapshot:
    """The journal as it was at one moment: what is added or purged later is not in it. All of it blocks; for threads.

    An open file stays what it is when another is put in its place, and nothing before ``size`` is ever changed.
    """

    def __init__(self, path: Path, size: int) -> None:
        """``size``: how many bytes of the file have been acted on. Raises OSError."""
        self._size = size
        self._file: BinaryIO | None = path.open("rb") if size else None

    def lines(self) -> Iterator[bytes]:
        """Each line with its newline, from the first; again from the first when called again. Raises OSError."""
        if self._file is None:
            return
        self._file.seek(0)
        left = self._size
        while left and (line := self._file.readline(left)):
            left -= len(line)
            yield line

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
