"""Each day what is older than the plan lets the home keep is left out of the journal: at midday, when it is quiet."""

import logging
import time
from datetime import date
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from .journal_store import JournalError
from .tillsyn.receipts import milliseconds
from .tillsyn.terms import is_look_near

if TYPE_CHECKING:
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)

FROM_HOUR: Final = 13
"""By the clock at home. Looks are made at night; a hub that is off just then does it when it is on again."""
AGAIN_SECONDS: Final = 3600.0
"""How long after it could not be done it is tried again."""
QUIET_SECONDS: Final = 60.0
"""How long after it was not quiet it is seen again whether it is."""
_DAY_MS: Final = 86_400_000


class Purging:
    """Of one home's journal."""

    def __init__(self, home: Home) -> None:
        """When it was last done need not be known across a restart: where nothing is too old, nothing is written."""
        self._home = home
        self._done: date | None = None
        self._not_before = 0.0

    def tick(self) -> None:
        """A second has passed."""
        now = dt_util.now()
        if now.hour < FROM_HOUR or now.date() == self._done or time.monotonic() < self._not_before:
            return
        record = self._home.journal.record
        if record is None or not self._home.gate.journal:
            return
        if not self._is_quiet():
            self._not_before = time.monotonic() + QUIET_SECONDS
            return
        self._done = now.date()
        before_ms = milliseconds(self._home.now()) - record.keep_days * _DAY_MS
        self._home.finish(self._purge(before_ms), "purge")

    def _is_quiet(self) -> bool:
        """Whether nothing has to be written just now that may not wait for a long file to be."""
        home = self._home
        return home.house.busy is None and not is_look_near(home.gate, home.now().wall)

    async def _purge(self, before_ms: int) -> None:
        try:
            is_shorter = await self._home.journal.purge(before_ms)
        except JournalError as err:
            _LOGGER.warning("What is too old to be kept could not be removed from the journal: %s", err)
            self._done, self._not_before = None, time.monotonic() + AGAIN_SECONDS
            return
        if is_shorter:
            _LOGGER.info("What is too old to be kept was removed from the journal")
            # Wishes about looks that are long over have gone with it.
            self._home.memory.terms_changed()
            self._home.changed()
