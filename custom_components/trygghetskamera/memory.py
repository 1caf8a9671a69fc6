"""What the home has agreed to and what has happened there: kept in the journal, and told to the gate."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .consent import write_set_up
from .issues import Issue, clear_issue, raise_issue
from .journal_store import JournalError, always
from .pairing import settle
from .tillsyn import entries as e
from .tillsyn import gate_values as g
from .tillsyn.admission import Grant
from .tillsyn.applied import applied
from .tillsyn.errors import CloseReason
from .tillsyn.gate_away import MOVE_SECONDS
from .tillsyn.gate_rules import LEASE_SECONDS
from .tillsyn.model import Plan
from .tillsyn.receipts import ended, milliseconds
from .tillsyn.record import Past, Record
from .tillsyn.schedule import Moved
from .tillsyn.wire import ReceiptAck

if TYPE_CHECKING:
    from .camera_side import CameraSide
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)

RECOVER_SECONDS: Final = 10.0
"""How often a journal that could not be written is tried again."""
SIGN_AGAIN_SECONDS: Final = 30.0
"""How often a receipt that was not signed is tried again."""
_LONGEST_LOOK: Final = 120.0


class Memory:
    """The journal of one home, as its coordinator uses it."""

    def __init__(self, home: Home) -> None:
        """Nothing is read before ``open``."""
        self._home = home
        self._unwritten: list[_Heard] = []
        self._is_open = False
        self._try_again_at = 0.0
        self._heard: list[_Heard] = []
        self._terms: Terms | None = None
        self._plan_read: tuple[str | None, Plan | None] = (None, None)
        self._opening = asyncio.Lock()
        self._sign_at = 0.0

    # ---- reading and recovering -------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Read the journal, complete what was interrupted and tell the gate. Never raises: without it nothing opens."""
        async with self._opening:
            if not self._is_open:
                await self._open()
        await self.sign_receipts()

    async def _open(self) -> None:
        journal = self._home.journal
        try:
            settled = await settle(self._home, journal.record or await self._load())
            if settled is None:
                self._is_open = False
                self._try_again_at = time.monotonic() + RECOVER_SECONDS
                return
            record = settled
            while self._unwritten:
                record = await self._write(self._unwritten[0].entry)
                del self._unwritten[0]
            await journal.settle()
            await self._complete(record)
        except JournalError:
            self._failed()
            return
        record = journal.record or record  # what was added meanwhile counts too
        self._is_open = True
        clear_issue(self._home.hass, self._home.entry.entry_id, Issue.JOURNAL_CORRUPT, Issue.JOURNAL_FAILED)
        self._home.plans.show(record)
        self._tell(record)
        self._home.restored.check()

    def tell_again(self) -> None:
        """Tell the gates all that is on disk: more may have changed in it than what they are told bit by bit."""
        record = self._home.journal.record
        if record is not None and self._is_open:
            self._tell(record)

    def _tell(self, record: Record) -> None:
        """Tell the gates all that the journal says."""
        terms = self._terms = self._terms_of(record)
        for camera in self._home.sides:
            private = record.is_private(camera)
            self._home.feed(
                g.Loaded(
                    terms.consent, terms.paused, private, terms.plan, record.spent, record.used,
                    terms.skipped, terms.moved,
                ),
                camera,
            )  # fmt: skip

    async def _load(self) -> Record:
        """Read it. A wish that was heard but never written is taken for a pause, which one switch undoes."""
        journal = self._home.journal
        record = await journal.load()
        if record.lines and not journal.is_settled:
            _LOGGER.warning("Something was asked for while the journal could not be written; the home is paused")
            record = await journal.add(e.Pause(True, ""))
        return record

    def tick(self) -> None:
        """See what time has changed; try again where the disk was full or away, and where a receipt was not signed."""
        self.terms_changed()
        record = self._home.journal.record
        if record is not None and record.waiting and time.monotonic() >= self._sign_at:
            self._home.finish(self.sign_receipts(), "receipts")
        if self._is_open or self._home.journal.is_corrupt or time.monotonic() < self._try_again_at:
            return
        self._try_again_at = time.monotonic() + RECOVER_SECONDS
        self._home.finish(self.open(), "journal")

    async def _write(self, entry: e.Entry) -> Record:
        """Write an entry; an end whose start was never written, or that has been written already, is left out."""
        if isinstance(entry, e.LookEnded):
            look = entry.look
            return await self._home.journal.add(entry, only_if=lambda record: _is_running(record, look))
        return await self._home.journal.add(entry)

    async def _complete(self, record: Record) -> None:
        journal, running = self._home.journal, record.interrupted
        is_idle = self._home.house.busy is None
        if running is not None and is_idle:
            await journal.add(_interrupted(running, milliseconds(self._home.now())))
        if record.aiming is not None and is_idle:
            await journal.add(e.AimingEnded(CloseReason.INTERRUPTED, record.aiming))
        await write_set_up(self._home)

    def _plan(self, record: Record) -> Plan | None:
        if self._plan_read[0] == record.accepted:
            return self._plan_read[1]
        self._plan_read = (record.accepted, self._checked_plan(record))
        return self._plan_read[1]

    def _checked_plan(self, record: Record) -> Plan | None:
        plan = record.plan
        if plan is not None and plan.hub != self._home.config.pinned.hub.kid:
            raise_issue(self._home.hass, self._home.entry.entry_id, Issue.PLAN_MISMATCH)
            return None
        clear_issue(self._home.hass, self._home.entry.entry_id, Issue.PLAN_MISMATCH)
        return plan

    def _failed(self) -> None:
        if self._home.journal.is_closed:
            return  # unloaded; whoever has the journal now tells how it is
        self._is_open = False
        self._try_again_at = time.monotonic() + RECOVER_SECONDS
        issue = Issue.JOURNAL_CORRUPT if self._home.journal.is_corrupt else Issue.JOURNAL_FAILED
        raise_issue(self._home.hass, self._home.entry.entry_id, issue, path=self._home.journal.path.name)
        self._home.feed(g.StoreFailed())

    # ---- looks ------------------------------------------------------------------------------------------------------

    async def store_start(self, reason: Grant | g.Aim, side: CameraSide) -> None:
        """Write that a look begins, and tell the gate whether it is on disk."""
        if isinstance(reason, Grant):
            who = reason.operator
            entry: e.Entry = e.LookStarted(reason.look, reason.occurrence, who.kid, who.name, side.room)
        else:
            entry = e.AimingStarted(reason.by, side.id)
        await self._store(entry, reason)

    async def store_turn(self, reason: Grant, side: CameraSide) -> None:
        """Write that a look goes on in another room, and tell the gate whether it is on disk."""
        await self._store(e.LookTurned(reason.look, side.room), reason)

    async def _store(self, entry: e.Entry, reason: Grant | g.Aim) -> None:
        try:
            await self._home.journal.add(entry)
        except JournalError:
            self._failed()
        else:
            self._home.feed(g.Stored(reason))

    async def store_end(self, end: g.StoreEnd, side: CameraSide) -> None:
        """Write that it is over. What cannot be written now is kept and written later."""
        if isinstance(end.reason, g.Aim):
            await self._write_or_keep(self._hear(e.AimingEnded(end.why, side.id)))
            return
        await self._write_or_keep(self._hear(ended(end.reason.look, end.opened, end.closed, end.why)))

    async def _write_or_keep(self, heard: _Heard) -> None:
        try:
            if self._unwritten:
                raise JournalError("not open")
            await self._write(heard.entry)
        except JournalError:
            self._unwritten.append(heard)
            self._failed()

    def _hear(self, entry: e.Entry) -> _Heard:
        return _Heard(milliseconds(self._home.now()), entry)

    async def sign_receipts(self) -> None:
        """Sign what waits for a signature."""
        self._sign_at = time.monotonic() + SIGN_AGAIN_SECONDS
        try:
            await self._home.receipts.sign_waiting()
        except JournalError:
            self._failed()
        self._home.changed()

    async def acknowledge(self, ack: ReceiptAck, operator: str, entry: e.ReceiptAcknowledged) -> None:
        """Write that this operator has seen the receipt of their look; unwritten it is as if it had not come."""
        try:
            await self._home.receipts.acknowledge(ack, operator, entry)
        except JournalError:
            self._failed()
        self._home.changed()

    async def note(self, entry: e.LookRefused) -> None:
        """Write a refusal; one that cannot be written is in nobody's interest to keep."""
        if self._is_open:
            try:
                await self._home.journal.add(entry)
            except JournalError:
                self._failed()

    # ---- what the home agrees to ------------------------------------------------------------------------------------

    async def away(self, entry: e.Entry) -> None:
        """Someone wants to be left alone, more than now: heard at once, and written as soon as that can be done."""
        await self._keep(entry, is_wish_to_be_alone=True)

    async def keep(self, entry: e.Entry) -> None:
        """Something that must not be lost, and opens nothing: likewise heard at once, and written when that can be."""
        await self._keep(entry, is_wish_to_be_alone=False)

    async def _keep(self, entry: e.Entry, *, is_wish_to_be_alone: bool) -> None:
        heard = self._hear(entry)
        self._heard.append(heard)
        self.terms_changed()
        try:
            await self._write_or_keep(heard)
            if self._unwritten and is_wish_to_be_alone:
                await self._home.journal.unsettle()
        finally:
            self._heard.remove(heard)
        self.terms_changed()

    async def add(self, *entries: e.Entry, only_if: Callable[[Record], bool] = always) -> Record:
        """Write entries that must be on disk before they count, all or none; ``only_if`` as in the journal. Raises
        JournalError.
        """
        if not self._is_open:
            raise JournalError("not open")
        try:
            record = await self._home.journal.add(*entries, only_if=only_if)
        except JournalError:
            self._failed()
            raise
        self.terms_changed()
        return record

    @property
    def heard(self) -> Record | None:
        """What the journal says, and what has been heard and is not written yet; None where it has not been read."""
        record = self._home.journal.record
        if record is None:
            return None
        waiting = [one for one in self._unwritten if not isinstance(one.entry, e.LookEnded | e.AimingEnded)]
        for one in (*waiting, *(one for one in self._heard if one not in waiting)):
            record = applied(record, one.entry, one.at_ms)
        return record

    def terms_changed(self) -> None:
        """Tell the gates whatever of the agreement has changed, by an entry or because time has passed."""
        record = self.heard
        if record is None:
            return
        before, after = self._terms, self._terms_of(record)
        self._terms = after
        if before is None or before.consent != after.consent:
            self._home.feed(g.ConsentChanged(after.consent))
        if before is None or before.paused != after.paused:
            self._home.feed(g.PauseChanged(after.paused))
        if before is None or (before.skipped, before.moved) != (after.skipped, after.moved):
            self._home.feed(g.WishesChanged(after.skipped, after.moved))
        if before is None or before.plan != after.plan:
            self._home.feed(g.PlanChanged(after.plan))
        for camera, gate in self._home.house.gates.items():
            if gate.private != record.is_private(camera):
                self._home.feed(g.PrivacyChanged(not gate.private), camera)
        if before != after:
            self._home.changed()

    def _terms_of(self, record: Record) -> Terms:
        is_paused = record.is_paused(milliseconds(self._home.now()))
        return Terms(record.consent, is_paused, self._plan(record), record.skipped, record.moved)


@dataclass(frozen=True, slots=True)
class _Heard:
    """An entry, and when (milliseconds UTC) it was heard; it may be written later."""

    at_ms: int
    entry: e.Entry


@dataclass(frozen=True, slots=True)
class Terms:
    """What the gates are told of the agreement."""

    consent: bool
    paused: bool
    plan: Plan | None
    skipped: frozenset[str]
    moved: Moved


def _is_running(record: Record, look: str) -> bool:
    return record.interrupted is not None and record.interrupted.started.look == look


def _interrupted(running: Past, now_ms: int) -> e.LookEnded:
    """The end of a look that nobody saw the end of.

    Its times are the widest that are possible: from the stored start until the longest look would have ended with its
    lease, but not later than now.
    """
    longest = running.started_ms + int((MOVE_SECONDS + _LONGEST_LOOK + LEASE_SECONDS) * 1000)
    closed = max(running.started_ms, min(now_ms, longest))
    return e.LookEnded(running.started.look, running.started_ms, closed, CloseReason.INTERRUPTED)
