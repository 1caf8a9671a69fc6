"""Whether the journal is the one that the bridge has seen, or an older one that a backup has put in its place.

What was asked for in between is not known any more, so the home is paused until a person has looked it over.
"""

import logging
from typing import TYPE_CHECKING

from .issues import Issue, clear_issue, raise_issue
from .tillsyn.entries import JournalRestored
from .tillsyn.frames import Reached
from .tillsyn.restored import is_older

if TYPE_CHECKING:
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)


class Restored:
    """Of one home's journal."""

    def __init__(self, home: Home) -> None:
        """Nothing is known before the bridge has said what it has seen."""
        self._home = home
        self._seen: Reached | None = None
        self._is_checked = False
        self._after = 0
        self._is_shown = False

    def link_lost(self) -> None:
        """It will say so again."""
        self._seen, self._is_checked = None, False

    def seen(self, reached: Reached) -> None:
        """The bridge has said how far the journal has come, before anybody can ask for anything."""
        self._seen = reached
        self.check()

    def check(self) -> None:
        """Compare, once in a link, as soon as both are known."""
        record, seen = self._home.journal.record, self._seen
        if record is None or seen is None or self._is_checked:
            return
        self._is_checked = True
        is_ours = seen.home == self._home.entry.entry_id
        if is_ours and is_older(record.lines, self._home.journal.ends, seen.lines, seen.last):
            _LOGGER.warning("The journal is older than the one that the bridge has seen; the home is paused")
            # The bridge forgets what it has seen only when this is on disk.
            self._after = record.lines
            entry = JournalRestored(seen.lines, seen.shown_plan, seen.agreed_plan)
            self._home.finish(self._pause(entry), "restored journal")

    async def _pause(self, entry: JournalRestored) -> None:
        await self._home.memory.away(entry)
        self._home.memory.tell_again()

    def tick(self) -> None:
        """A second has passed: tell the bridge how far the journal has come, and show what a person is to see to."""
        record, heard = self._home.journal.record, self._home.memory.heard
        if record is None or heard is None:
            return
        self._show(heard.is_restored)
        self.check()
        if not self._is_checked or record.lines <= self._after:
            return
        entry_id = self._home.entry.entry_id
        reached = Reached(entry_id, record.lines, record.last, record.shown_plan, record.agreed_plan)
        if reached != self._seen and self._home.connection.send(reached):
            self._seen = reached

    def _show(self, is_restored: bool) -> None:
        if is_restored == self._is_shown:
            return
        self._is_shown = is_restored
        if is_restored:
            raise_issue(self._home.hass, self._home.entry.entry_id, Issue.JOURNAL_RESTORED)
        else:
            clear_issue(self._home.hass, self._home.entry.entry_id, Issue.JOURNAL_RESTORED)
