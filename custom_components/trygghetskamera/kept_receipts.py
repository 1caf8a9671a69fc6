"""What the municipality's service shows that it has kept of this home's receipts: checked, written down, and missed
where it does not come.

Looks go on whatever is shown: a receipt is at home, in the log, before anybody else has it.
"""

import logging
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from .issues import Issue, clear_issue, raise_issue
from .journal_store import JournalError
from .tillsyn import frames
from .tillsyn.checkpoints import judge
from .tillsyn.entries import CheckpointsDiffer
from .tillsyn.errors import Refused
from .tillsyn.identity import parse
from .tillsyn.receipts import milliseconds
from .tillsyn.record import Record
from .tillsyn.wire import Checkpoint

if TYPE_CHECKING:
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 30.0
"""How often what could not be written is tried again."""
EACH_SECONDS: Final = 60.0
"""How often it is seen whether anything should have been shown by now."""
_WAITING: Final = 64


class KeptReceipts:
    """Of one home."""

    def __init__(self, home: Home) -> None:
        """What was shown before the start is in the journal."""
        self._home = home
        self._waiting: deque[frames.Kept] = deque()
        self._reachable_since: dict[str, int] = {}
        self._is_writing = False
        self._write_at = 0.0
        self._check_at = 0.0
        self._overdue = 0

    def heard(self, frame: frames.Kept) -> None:
        """Something is shown. What there is no room for is shown again by the service."""
        if len(self._waiting) < _WAITING:
            self._waiting.append(frame)
        self._write_at = 0.0
        self.tick()

    def tick(self) -> None:
        """A second has passed: write what waits to be written, and see what is missing."""
        record, mono = self._home.journal.record, time.monotonic()
        if record is None:
            return
        if self._waiting and not self._is_writing and mono >= self._write_at:
            self._is_writing, self._write_at = True, mono + AGAIN_SECONDS
            self._home.finish(self._take_all(), "checkpoints")
        if mono >= self._check_at:
            self._check_at = mono + EACH_SECONDS
            self._check_missing(record)

    # ---- what is shown ----------------------------------------------------------------------------------------------

    async def _take_all(self) -> None:
        try:
            while self._waiting and (record := self._home.journal.record) is not None:
                await self._take(record, self._waiting[0])
                self._waiting.popleft()
        except JournalError:
            _LOGGER.debug("What the municipality's service has kept could not be written and is tried again")
        finally:
            self._is_writing = False
            if (record := self._home.journal.record) is not None:
                self._check_missing(record)
            self._home.changed()

    async def _take(self, record: Record, frame: frames.Kept) -> None:
        """Write down what is to be. Raises JournalError."""
        now = int(self._home.now().wall.timestamp())
        try:
            entry = judge(self._home.config.pinned.root, self._home.trust, record.keeping, frame, now)
        except Refused as err:
            _LOGGER.warning("What the municipality's service says of receipts was refused: %s", err.code)
            return
        if entry is not None:
            await self._home.memory.add(entry)
        if isinstance(entry, CheckpointsDiffer):
            _LOGGER.error("The municipality's service has said two different things about the receipts of one night")
            night = parse(Checkpoint, frame.checkpoint).statement.night.isoformat()
            raise_issue(self._home.hass, self._home.entry.entry_id, Issue.CHECKPOINTS_DIFFER, night=night)
            return
        # Also what was known already, or is of a journal that is no more: it need not be shown again.
        self._home.send(frames.Noted(tuple(one.receipt for one in frame.receipts)))

    # ---- what is missing --------------------------------------------------------------------------------------------

    def _check_missing(self, record: Record) -> None:
        keeping, now_ms = record.keeping, milliseconds(self._home.now())
        is_reachable = self._home.link.is_connected
        self._reachable_since = {
            one.receipt: self._reachable_since.get(one.receipt, now_ms)
            for one in keeping.unkept
            if is_reachable or one.receipt in self._reachable_since
        }
        overdue = keeping.overdue([one.started_ms for one in record.past], self._reachable_since, now_ms)
        if overdue == self._overdue:
            return
        self._overdue = overdue
        if overdue:
            _LOGGER.warning("The municipality's service has not shown that it has kept the receipts of all looks")
            entry_id = self._home.entry.entry_id
            raise_issue(self._home.hass, entry_id, Issue.RECEIPTS_UNANSWERED, count=str(overdue))
        else:
            clear_issue(self._home.hass, self._home.entry.entry_id, Issue.RECEIPTS_UNANSWERED)
