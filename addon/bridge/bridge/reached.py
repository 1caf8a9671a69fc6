"""How far the home's journal has come: remembered for the integration, whose own backups may put an older one back."""

import asyncio
import logging
from typing import Final

from tillsyn.frames import Reached
from tillsyn.receipts import FIRST

from .keep import Keep

_LOGGER = logging.getLogger(__name__)
NOTHING: Final = Reached("", 0, FIRST)


class Remembered:
    """``last`` is what to say to the integration. It is written beside the loop: a look must not wait for the disk."""

    def __init__(self, keep: Keep) -> None:
        """As it was at the last stop."""
        self._keep = keep
        self._writing: asyncio.Task[None] | None = None
        self.last = self._written = keep.reached or NOTHING

    def told(self, reached: Reached) -> None:
        """The integration has written more, or has begun anew."""
        self.last = reached
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="reached")

    async def finish(self) -> None:
        """What has been told is written, if it can be."""
        if self._writing is not None:
            await asyncio.wait([self._writing])

    async def _write(self) -> None:
        while self._written != self.last:
            reached = self.last
            try:
                await asyncio.to_thread(self._keep.store_reached, reached)
            except OSError:
                _LOGGER.warning("how far the journal has come could not be written")
                return
            self._written = reached
