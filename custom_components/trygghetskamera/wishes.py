"""What the client wants otherwise than the plan: written down at home, and told to the municipality.

All of it is told at each change and each time the municipality can be reached again; the last that was told counts.
"""

import logging
import secrets
import time
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from .signing import NotSigned
from .tillsyn import entries as e
from .tillsyn import wire
from .tillsyn import wishes as rules
from .tillsyn.receipts import milliseconds
from .tillsyn.record import VISITS_KEPT, Record, Visit, moment
from .tillsyn.schedule import Occurrence, as_moved, find
from .tillsyn.strict import b64u_encode
from .tillsyn.wishes import NotFulfilled, WishFault

if TYPE_CHECKING:
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)

TELL_AGAIN_SECONDS: Final = 30.0
"""How often wishes that were not signed are tried again."""
_LOOK_AGAIN_SECONDS: Final = 60.0
"""How often it is seen whether time alone has changed what is to be told."""
_CLOCK_STEP: Final = 120
"""Seconds. Statements are numbered by their second; a number this far ahead comes from a clock that was wrong."""


class VisitComes(Exception):
    """A visit was asked for already, ``at`` (UTC)."""

    def __init__(self, at: datetime) -> None:
        """Keep when."""
        super().__init__(at)
        self.at = at


class Wishes:
    """The wishes of one home."""

    def __init__(self, home: Home) -> None:
        """What is wished is in the journal."""
        self._home = home
        self._visits: tuple[Visit, ...] = ()
        """Those asked for since the start: passed on also where the journal cannot be read."""
        self._told: wire.Wishes | None = None
        self._link = 0
        self._iat = 0
        self._is_telling = False
        self._again_at = 0.0
        self._read: tuple[Record | None, float, wire.Wishes | None] = (None, 0.0, None)

    # ---- from people ------------------------------------------------------------------------------------------------

    async def skip(self, occurrence: str, by: str) -> None:
        """Do without a look: heard at once. Raises NotFulfilled."""
        entry = rules.skip(self._home.gate, occurrence, self._home.now().wall, by)
        if entry is not None:
            await self._home.memory.away(entry)

    async def keep(self, occurrence: str, by: str) -> None:
        """Have a look after all, as the plan says. Raises NotFulfilled or JournalError."""
        await self._add(rules.keep(self._home.gate, occurrence, self._home.now().wall, by))

    async def move(self, occurrence: str, start: datetime, by: str) -> Occurrence:
        """Have a look's window begin at another moment; where it is now. Raises NotFulfilled or JournalError."""
        entry = rules.move(self._home.gate, occurrence, start, self._home.now().wall, by)
        if entry is not None:
            await self._add(entry)
        gate = self._home.gate
        found = None if gate.plan is None else find(gate.plan.windows, occurrence)
        if found is None:
            raise NotFulfilled(WishFault.NO_SUCH_LOOK)
        return as_moved(found, gate.moved)

    async def _add(self, entry: e.LookKept | e.LookMoved) -> None:
        """Write it, if meanwhile nobody has begun to look and no other plan has been accepted."""
        before, spent = self._home.journal.record, entry.occurrence in self._home.gate.spent
        is_right = False

        def is_as_checked(record: Record) -> bool:
            nonlocal is_right
            agreed = None if before is None else before.accepted
            is_right = record.accepted == agreed and (entry.occurrence in record.spent) is spent
            return is_right

        await self._home.memory.add(entry, only_if=is_as_checked)
        if not is_right:
            raise NotFulfilled(WishFault.LOOK_BEGUN)

    async def ask_visit(self, by: str) -> bool:
        """Ask for a visit; whether the municipality can be reached. It is told as soon as that is so. Raises VisitComes
        where one has just been asked for.
        """
        now = milliseconds(self._home.now())
        record = self._with_visits(self._home.memory.heard or Record())
        if (before := rules.visit_asked(record, now)) is not None:
            raise VisitComes(moment(before.at_ms))
        visit = Visit(b64u_encode(secrets.token_bytes(16)), now)
        self._visits = (*self._visits, visit)[-VISITS_KEPT:]
        await self._home.memory.keep(e.VisitAsked(visit.id, by))
        self._home.tell("visit_asked")
        self.tick()
        return self._home.link.is_connected

    def _with_visits(self, record: Record) -> Record:
        """The record with what it may not have been able to take in."""
        known = {one.id for one in record.visits}
        missing = tuple(one for one in self._visits if one.id not in known)
        return replace(record, visits=(*record.visits, *missing)[-VISITS_KEPT:]) if missing else record

    # ---- to the municipality ----------------------------------------------------------------------------------------

    def link_changed(self) -> None:
        """The municipality can be reached again, or no longer: what it was told before may not have come through."""
        self._told = None
        self._link += 1
        self._again_at = 0.0

    def tick(self) -> None:
        """Tell what has changed, if the municipality can be reached."""
        if self._is_telling or not self._home.link.is_connected or time.monotonic() < self._again_at:
            return
        wishes = self._wishes()
        if wishes is not None and wishes != self._told:
            self._is_telling = True
            self._home.finish(self._tell(wishes), "tk-wishes")

    async def _tell(self, wishes: wire.Wishes) -> None:
        link = self._link
        try:
            await self._home.signing.sign("", replace(wishes, iat=self._next()))
        except NotSigned:
            _LOGGER.debug("The wishes of the home wait for the bridge")
            self._again_at = time.monotonic() + TELL_AGAIN_SECONDS if link == self._link else 0.0
        else:
            if link == self._link:
                self._told = wishes
        finally:
            self._is_telling = False

    def _next(self) -> int:
        """A second that no statement has had, so that the later of two can be told."""
        now = int(self._home.now().wall.timestamp())
        is_near = self._iat - now < _CLOCK_STEP
        self._iat = max(now, self._iat + 1) if is_near else now
        return self._iat

    def _wishes(self) -> wire.Wishes | None:
        """What is to be told, numbered 0; None where the journal has not been read and nothing has been asked for."""
        record = self._home.memory.heard
        if record is None and not self._visits:
            return None
        before, until, wishes = self._read
        if record is not before or time.monotonic() >= until:
            known = self._with_visits(record or Record())
            hub = self._home.config.pinned.hub.kid
            wishes = rules.statement(known, self._home.gate.plan, hub, self._home.now().wall, 0)
            self._read = (record, time.monotonic() + _LOOK_AGAIN_SECONDS, wishes)
        return wishes
