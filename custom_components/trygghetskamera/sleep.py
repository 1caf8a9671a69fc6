"""How the client slept: noted at home, and told to the municipality only for as long as the client lets it know."""

import logging
import time
from datetime import date
from typing import TYPE_CHECKING, Final

from .journal_store import JournalError
from .signing import NotSigned
from .tillsyn import entries as e
from .tillsyn import sleep as rules
from .tillsyn import wire

if TYPE_CHECKING:
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)

TELL_AGAIN_SECONDS: Final = 30.0
"""How often a night that the bridge has not taken is tried again."""


class Sleep:
    """Of one home's client."""

    def __init__(self, home: Home) -> None:
        """What is rated, and whether it may be told, is in the journal."""
        self._home = home
        self._is_telling = False
        self._again_at = 0.0

    @property
    def is_shared(self) -> bool:
        """Whether the municipality may know."""
        heard = self._home.memory.heard
        return heard is not None and heard.shares_sleep

    @property
    def last(self) -> e.SleepRated | None:
        """How the last night was; None where nobody has said."""
        heard = self._home.memory.heard
        return None if heard is None else rules.rating_of(heard, self._night)

    @property
    def _night(self) -> date:
        return rules.slept_night(self._home.now().wall)

    async def rate(self, rating: int, comment: str | None, by: str) -> date:
        """Note how the last night was; which night that is. ``comment`` None keeps what has been said about it. Raises
        JournalError.
        """
        last, night = self.last, self._night
        said = ("" if last is None else last.comment) if comment is None else rules.as_said(comment)
        await self._home.memory.add(e.SleepRated(night, rating, said, by))
        self._home.changed()
        self._again_at = 0.0
        self.tick()
        return night

    async def share(self, by: str) -> None:
        """Let the municipality know of the nights that are rated from now on. Raises JournalError."""
        if not self.is_shared:
            await self._home.memory.add(e.SleepSharing(True, by))
            self._home.changed()

    async def keep_to_oneself(self, by: str) -> None:
        """Tell no more, at once, also of what has been rated and not told yet."""
        await self._home.memory.away(e.SleepSharing(False, by))
        self._home.changed()

    # ---- to the municipality ----------------------------------------------------------------------------------------

    def tick(self) -> None:
        """A second has passed: tell what is to be told, where there is somebody to tell."""
        heard = self._home.memory.heard
        if heard is None or rules.untold(heard) is None or self._is_telling:
            return
        if self._home.connection.is_up and time.monotonic() >= self._again_at:
            self._is_telling = True
            self._home.finish(self._tell(), "sleep")

    async def _tell(self) -> None:
        self._again_at = time.monotonic() + TELL_AGAIN_SECONDS
        try:
            while (heard := self._home.memory.heard) is not None and (rated := rules.untold(heard)) is not None:
                iat = int(self._home.now().wall.timestamp())
                hub = self._home.config.pinned.hub.kid
                # Once the bridge has signed it, it is the bridge that sees to that it comes to the service.
                await self._home.signing.sign("", wire.Sleep(hub, rated.night, rated.rating, rated.comment, iat))
                await self._home.memory.add(e.SleepTold(rated.night), only_if=lambda record: rated in record.untold)
        except (NotSigned, JournalError) as err:
            _LOGGER.debug("How the night was could not be told: %s", type(err).__name__)
        finally:
            self._is_telling = False
