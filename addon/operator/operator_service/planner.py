"""Makes the coming night's looks from accepted plans, and notices by itself, with no home or operator alive, that one
did not happen. Sleeps until the next moment that matters.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from tillsyn.schedule import STOCKHOLM, occurrences
from tillsyn.wire import PlanStatement, Wishes

from .clock import Clock, wait_for
from .desk import Desk, Step, read_plan, read_wishes
from .problems import Failed, StoreFailed
from .queue import Cause, Planned, State, due, state, wake
from .rows import Entry, Hub
from .store import Store
from .will import Will
from .wished import NO_WISHES, as_wished, next_change

AHEAD: Final = 24 * 3600
"""How far ahead looks are made."""
REJOIN: Final = 60
"""How long after a start a home may take to connect and say whether it is still paused, before that ends a look."""
SLEEP_KEPT: Final = timedelta(days=400)
"""How long what clients tell of their sleep is kept: a year can be compared with the one before."""
_AGAIN: Final = 3600
_STORE_RETRY: Final = 2
_DAY: Final = 86400

_LOG = logging.getLogger(__name__)


class Planner:
    """One task for the whole service."""

    def __init__(self, store: Store, clock: Clock, desk: Desk, will: Will) -> None:
        """Nothing runs until ``run``."""
        self._store, self._clock, self._desk, self._will = store, clock, desk, will
        self._plan_at: dict[str, int] = {}
        self._asked = 0
        self._forget_at = 0
        self._since = clock.now()
        self.making = asyncio.Lock()
        """Held while looks are made and while a home's answer is acted on, so that neither undoes the other."""

    async def run(self) -> None:
        """For ever. A store that fails is tried again; what was due then is done later, never dropped."""
        while True:
            self._desk.changed.clear()
            try:
                moment = await self.round()
            except StoreFailed:
                _LOG.error("store_failed: the planner waits and tries again")
                moment = self._clock.now() + _STORE_RETRY
            await wait_for(self._desk.changed, self._clock, moment)

    async def round(self) -> int | None:
        """Do all that is due now; the next moment to come back."""
        moments = [await self._apart(self._plan(hub.hub)) for hub in await self._store.hubs()]
        wishes = {one.hub: read_wishes(one.token) for one in await self._store.all_wishes()}
        moments += [
            await self._apart(self._due(row, wishes.get(row.hub, NO_WISHES))) for row in await self._store.unended()
        ]
        moments.append(await self._forget())
        known = [one for one in moments if one is not None]
        return min(known) if known else None

    async def _apart(self, work: Awaitable[int | None]) -> int | None:
        """One home that cannot be handled is tried again, and does not keep the others from being noticed."""
        try:
            return await work
        except StoreFailed:  # for all of them
            raise
        except Exception as err:  # noqa: BLE001 - whatever it is, somebody else's look may be due
            # Only its kind: the text may hold what the store holds.
            _LOG.error("planner: %s; it is tried again", type(err).__name__)
            return self._clock.now() + _STORE_RETRY

    async def _due(self, row: Planned, wishes: Wishes) -> int | None:
        now = self._clock.now()
        wished = as_wished(row, await self._desk.plan(row.hub, row.plan), wishes, now)
        moment = _next(wished, wishes, now)
        if wished == row and (moment is None or moment > now):
            return moment
        home = self._desk.homes.get(row.hub)
        left_alone = state(wished, home.is_paused(now), now) in (State.PAUSED, State.DECLINED)
        if left_alone and not home.online and now < self._since + REJOIN:
            return self._since + REJOIN
        try:
            return _next(await self._desk.change(row.hub, row.occurrence, due), wishes, now)
        except Failed:  # withdrawn meanwhile
            return None

    async def follow(self, hub: str) -> None:
        """The client has told new wishes: the looks to come follow them."""
        for row in await self._store.unended(hub):
            with contextlib.suppress(Failed):  # withdrawn meanwhile
                await self._desk.change(hub, row.occurrence, due)
        self._desk.changed.set()

    async def _forget(self) -> int:
        """Once a day: what need not be kept any longer."""
        now = self._clock.now()
        if now >= self._forget_at:
            oldest = datetime.fromtimestamp(now, STOCKHOLM).date() - SLEEP_KEPT
            await self._store.forget_sleep(oldest.isoformat())
            self._forget_at = now + _DAY
        return self._forget_at

    async def _plan(self, name: str) -> int:
        """Make a home's looks if it is time; when it is time again."""
        async with self.making:
            now, asked = self._clock.now(), self._asked
            if (moment := self._plan_at.get(name, 0)) > now:
                return moment
            moment = await self._make(name, now)
            if asked != self._asked:
                return now  # what it was made by has changed meanwhile
            self._plan_at[name] = moment
            return moment

    async def _make(self, name: str, now: int) -> int:
        hub, accepted = await self._store.hub(name), await self._store.newest_plan(name, "accepted")
        if hub is not None and (await has_left(self._store, name) or await self._is_replaced(hub)):
            for row in await self._store.unended(name):
                await self._withdraw(row, now)
            return now + AHEAD
        if hub is None or accepted is None:
            return now + AHEAD
        since = max(hub.planned_until, accepted.decided)
        if since - AHEAD + _AGAIN > now:
            return since - AHEAD + _AGAIN
        until = now + AHEAD
        rows = planned_rows(read_plan(accepted.token), await self._desk.wishes(name), (since, until), now)
        entries = [Entry(now, "planned", hub=row.hub, occurrence=row.occurrence) for row in rows]
        known = {row.occurrence for row in await self._store.unended(hub.hub)}
        await self._store.add_planned(hub.hub, rows, until, [one for one in entries if one.occurrence not in known])
        for row in rows:
            stored = await self._store.planned(row.hub, row.occurrence)
            if stored == row and self._desk.screens is not None:
                self._desk.screens.show_line(await self._desk.line(row))
        return until - AHEAD + _AGAIN

    async def _is_replaced(self, hub: Hub) -> bool:
        """Whether another hub is the home's now: whoever paired it said so (the label proves nothing), and it has an
        accepted plan of its own. Until then the looks of one that is revoked are still agreed, and become visits.
        """
        revoked = self._will.known().revoked
        if hub.hub not in revoked:
            return False
        found, hubs = {hub.hub}, await self._store.hubs()
        while later := {one.hub for one in hubs if one.replaces in found} - found:
            found |= later
        newer = found - revoked
        return any([await self._store.newest_plan(one, "accepted") is not None for one in newer])

    def again(self) -> None:
        """Keys have been revoked, or a plan accepted: what that means for any home is looked at now."""
        self._plan_at.clear()
        self._asked += 1
        self._desk.changed.set()

    async def plan_accepted(self, hub: str, plan: PlanStatement, now: int) -> None:
        """A new plan is in force: what it no longer agrees on goes, the rest follows it, new looks are made."""
        made = planned_rows(plan, await self._desk.wishes(hub), (now, now + AHEAD), now)
        rows = {row.occurrence: row for row in made}
        for old in await self._store.unended(hub):
            if old.plan == plan.number or old.cause:
                continue
            if (new := rows.get(old.occurrence)) is not None:
                await self._desk.change(hub, old.occurrence, _follow(new))
                continue
            if old.looks:  # somebody was looked for: the deadline makes a visit of it
                continue
            await self._withdraw(old, now)
        await self._store.add_planned(hub, [], now, [])
        self.again()

    async def _withdraw(self, row: Planned | None, now: int) -> None:
        """Take away what is no longer agreed, also where its holder lets go of it at the same moment."""
        while row is not None and not (row.looks or row.cause or row.ended):
            entry = Entry(now, "withdrawn", hub=row.hub, occurrence=row.occurrence)
            if await self._store.withdraw(row, entry):
                if self._desk.screens is not None:
                    self._desk.screens.drop_line(row)
                return
            row = await self._store.planned(row.hub, row.occurrence)

    async def plan_declined(self, hub: str, number: int) -> None:
        """The home took its acceptance back: the looks it had agreed to become visits."""
        for old in await self._store.unended(hub):
            if old.plan == number:
                await self._desk.change(hub, old.occurrence, _declined)


async def has_left(store: Store, hub: str) -> bool:
    """Whether an administrator has said that the home left; the same hub never comes back."""
    return await store.newest_plan(hub, "ended") is not None


def planned_rows(plan: PlanStatement, wishes: Wishes, between: tuple[int, int], now: int) -> list[Planned]:
    """The looks of a plan that touch this time (from, until), where the client has put them."""
    after, until = between
    moves = plan.move_minutes * 60
    found = occurrences(
        plan.windows, datetime.fromtimestamp(after - moves, UTC), datetime.fromtimestamp(until + moves, UTC)
    )
    agreed = (
        Planned(
            hub=plan.hub,
            occurrence=one.id,
            plan=plan.number,
            unit=plan.unit,
            start=int(one.start.timestamp()),
            end=int(one.end.timestamp()),
            retry_seconds=plan.retry_within_minutes * 60,
            max_retries=plan.max_retries,
        )
        for one in found
    )
    rows = (as_wished(row, plan, wishes, now) for row in agreed)
    return [row for row in rows if row.end > after and row.start < until]


def _next(row: Planned, wishes: Wishes, now: int) -> int | None:
    """The next moment when time or the client's wishes may change the row."""
    known = wake(row)
    if known is None:
        return None
    return min(known, next_change(row, wishes, now) or known)


def _follow(new: Planned) -> Step:
    def step(row: Planned, _paused: bool, _now: int) -> Planned:
        if row.cause or row.ended:
            return row
        return replace(
            row,
            plan=new.plan,
            unit=new.unit,
            start=new.start,
            end=new.end,
            retry_seconds=new.retry_seconds,
            max_retries=new.max_retries,
        )

    return step


def _declined(row: Planned, _paused: bool, _now: int) -> Planned:
    if row.cause or row.ended or row.opened:
        return row
    return replace(row, cause=Cause.PLAN_DECLINED.value, claimed_by="", claim_until=0, look="", retry_at=0)


async def stop(task: asyncio.Task[None]) -> None:
    """End a task and wait until it has."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
