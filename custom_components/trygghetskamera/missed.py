"""Agreed looks that nobody made: noticed at home, whatever the municipality knows, also after being off."""

import logging
import time
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from .issues import Issue, clear_issue, raise_issue
from .tillsyn import entries as e
from .tillsyn.errors import CloseReason
from .tillsyn.missed import Ending, Watch, endings
from .tillsyn.schedule import Occurrence

if TYPE_CHECKING:
    from .coordinator import Happening, Home

_LOGGER = logging.getLogger(__name__)

EACH_SECONDS: Final = 10.0
"""How often it is seen whether a look has been missed."""


class Missed:
    """The missed looks of one home."""

    def __init__(self, home: Home) -> None:
        """What has been told as missed is in the journal."""
        self._home = home
        self._watch = Watch.begin(home.now())
        self._look_at = 0.0
        home.hear(self._happened)

    def tick(self) -> None:
        """Judge what has come to be over. The clocks are compared each second: a jump must not be missed between."""
        self._watch = self._watch.seen(self._home.now())
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + EACH_SECONDS
        record, due = self._home.memory.heard, self._watch.due()
        if record is None or due is None or record.interrupted is not None:
            return  # how a look ended is known when it has ended
        for look in endings(record, self._home.rooms, due):
            if look.state is Ending.MISSED and look.window.id not in record.missed:
                self._home.finish(self._notice(look.window), "missed look")
        self._watch = self._watch.done()

    async def _notice(self, window: Occurrence) -> None:
        _LOGGER.warning("An agreed look was not made")
        self._home.tell("look_missed", occurrence=window.id)
        raise_issue(
            self._home.hass,
            self._home.entry.entry_id,
            Issue.LOOK_MISSED,
            start=f"{dt_util.as_local(window.start):%Y-%m-%d %H:%M}",
            end=f"{dt_util.as_local(window.end):%H:%M}",
        )
        await self._home.memory.keep(e.LookMissed(window.id))
        self._home.changed()

    def _happened(self, happening: Happening) -> None:
        """The client has been seen since: there is no longer anything to see to."""
        if happening.kind == "look_ended" and happening.details["reason"] == CloseReason.SEEN:
            clear_issue(self._home.hass, self._home.entry.entry_id, Issue.LOOK_MISSED)
