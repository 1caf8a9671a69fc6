"""Carries the rules of queue.py out: read, decide, write with the log in one transaction, tell the screens.

The decision is made again where somebody else changed the row in between, so two operators never take the same look.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Protocol

from tillsyn.identity import parse
from tillsyn.wire import PlanStatement, Wishes

from .clock import Clock
from .homes import Homes
from .problems import Failed, Problem, StoreFailed
from .queue import CLAIM_SECONDS, Planned, State, finish_visit
from .rows import Entry, Hub, Visit
from .store import Store
from .wished import NO_WISHES, as_wished

MAX_CLAIMS: Final = 3
_TRIES: Final = 20
_LATELY: Final = 12 * 3600
_PLANNED_AHEAD: Final = 2 * 86400  # a visit may be done before its look was due

type Step = Callable[[Planned, bool, int], Planned]
"""(row, is the home paused, now) -> what the row becomes. Raises Failed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row with all that a screen shows beside it. ``plan``: the one that it is agreed in."""

    row: Planned
    hub: Hub
    plan: PlanStatement
    visit: str | None


@dataclass(frozen=True, slots=True)
class Task:
    """A visit with all that a screen shows beside it."""

    visit: Visit
    hub: Hub
    plan: PlanStatement


class Screens(Protocol):
    """Who is told of changes."""

    def show_line(self, line: Line) -> None:
        """A row is new or has changed."""
        ...

    def drop_line(self, row: Planned) -> None:
        """A row is no longer agreed."""
        ...

    def show_task(self, task: Task) -> None:
        """A visit is new or has changed."""
        ...

    def show_home(self, hub: str) -> None:
        """A home is online or offline, or told something new."""
        ...


@lru_cache(maxsize=4096)
def read_plan(token: str) -> PlanStatement:
    """The plan in a token that was verified before it was stored."""
    return parse(PlanStatement, token).statement


@lru_cache(maxsize=4096)
def read_wishes(token: str) -> Wishes:
    """The wishes in a token that was verified before it was stored."""
    return parse(Wishes, token).statement


class Desk:
    """The work queue. ``changed`` wakes the planner."""

    def __init__(self, store: Store, clock: Clock, homes: Homes) -> None:
        """No screens yet; ``screens`` is set once."""
        self.store, self.clock, self.homes = store, clock, homes
        self.changed = asyncio.Event()
        self.screens: Screens | None = None
        self._plans: dict[tuple[str, int], PlanStatement] = {}

    async def change(self, hub: str, occurrence: str, step: Step, said: Entry | None = None) -> Planned:
        """Take one step on one row, with ``said`` in the log. Raises Failed as the step does, and StoreFailed.

        The step sees the row as the client wants it, and so does everybody after it.
        """
        for _ in range(_TRIES):
            now = self.clock.now()
            old = await self.store.planned(hub, occurrence)
            if old is None:
                raise Failed(Problem.NOT_FOUND)
            plan, wishes = await self.plan(hub, old.plan), await self.wishes(hub)
            new = step(as_wished(old, plan, wishes, now), self.homes.get(hub).is_paused(now), now)
            new = as_wished(new, await self.plan(hub, new.plan), wishes, now)
            entries = [said] if said is not None else []
            if new == old:
                if entries:
                    await self.store.log(*entries)
                return old
            visit = _new_visit(old, new, now)
            entries += _consequences(old, new, now)
            if await self.store.change(old, new, entries, visit):
                await self._tell(replace(new, version=old.version + 1), visit)
                return new
        raise StoreFailed("too many writers")

    async def _tell(self, row: Planned, visit: Visit | None) -> None:
        self.changed.set()
        if self.screens is None:
            return
        self.screens.show_line(await self.line(row))
        if visit is not None:
            self.screens.show_task(await self.task(visit))

    async def claim(self, hub: str, occurrence: str, login: str, step: Step) -> Planned:
        """Take a look, at most three at a time."""
        now = self.clock.now()
        mine = await self.store.claims(login, now)
        if len([one for one in mine if (one.hub, one.occurrence) != (hub, occurrence)]) >= MAX_CLAIMS:
            raise Failed(Problem.TOO_MANY_CLAIMS)
        return await self.change(hub, occurrence, step, Entry(now, "claimed", login, hub, occurrence))

    async def alive(self, login: str) -> None:
        """The person's screen is alive: what they hold stays theirs."""
        now = self.clock.now()
        await self.store.extend_claims(login, now, now + CLAIM_SECONDS)

    async def visit(self, old: Visit, new: Visit, said: Entry) -> Task:
        """Something happened with a visit. Raises Failed(WRONG_STATE) where somebody else was first."""
        if not await self.store.change_visit(old, new, said):
            raise Failed(Problem.WRONG_STATE)
        return await self.show_task(new)

    async def finish(self, old: Visit, done: Visit, login: str) -> Task:
        """A visit is done; the look that it comes of, if any, ends with it."""
        said = Entry(done.finished, "visit_finished", login, done.hub, done.occurrence, code=done.result)
        if not done.occurrence:
            return await self.visit(old, done, said)
        for _ in range(_TRIES):
            row = await self.store.planned(done.hub, done.occurrence)
            if row is None:
                raise Failed(Problem.NOT_FOUND)
            new = finish_visit(row, State(done.result))
            if await self.store.change(row, new, [said], done):
                await self._tell(new, done)
                return await self.task(done)
        raise StoreFailed("too many writers")

    async def show_task(self, visit: Visit) -> Task:
        """A visit is new or has changed: tell the screens."""
        task = await self.task(visit)
        if self.screens is not None:
            self.screens.show_task(task)
        return task

    async def show_home(self, hub: str) -> None:
        """A home is paused, or no longer: all its rows are seen otherwise."""
        self.changed.set()
        if self.screens is None:
            return
        for row in await self.store.unended(hub):
            self.screens.show_line(await self.line(row))
        self.screens.show_home(hub)

    async def line(self, row: Planned) -> Line:
        """A row as screens show it."""
        hub, plan = await self.store.hub(row.hub), await self.plan(row.hub, row.plan)
        if hub is None:
            raise StoreFailed("a row without its home")
        visit = await self.store.visit_of(row.hub, row.occurrence) if row.cause else None
        return Line(row, hub, plan, visit.id if visit else None)

    async def wishes(self, hub: str) -> Wishes:
        """What the client wants otherwise than the plan."""
        found = await self.store.wishes(hub)
        return NO_WISHES if found is None else read_wishes(found.token)

    async def plan(self, hub: str, number: int) -> PlanStatement:
        """A plan; the one with this number never changes, so it is read once."""
        if (hub, number) not in self._plans:
            found = await self.store.plan(hub, number)
            if found is None:
                raise StoreFailed("a row or a visit without its plan")
            self._plans[hub, number] = read_plan(found.token)
        return self._plans[hub, number]

    async def task(self, visit: Visit) -> Task:
        """A visit as screens show it."""
        hub = await self.store.hub(visit.hub)
        if hub is None:
            raise StoreFailed("a visit without its home")
        return Task(visit, hub, await self.plan(visit.hub, visit.plan))

    async def lines(self) -> list[Line]:
        """The queue: what has not ended, and what ended lately."""
        rows = await self.store.recent(self.clock.now() - _LATELY)
        hubs = {one.hub: one for one in await self.store.hubs()}
        since = min((row.start for row in rows), default=0) - _PLANNED_AHEAD
        visits = {(one.hub, one.occurrence): one.id for one in await self.store.visits(since)} if rows else {}
        return [
            Line(row, hubs[row.hub], await self.plan(row.hub, row.plan), visits.get((row.hub, row.occurrence)))
            for row in rows
        ]

    async def tasks(self) -> list[Task]:
        """The patrol's list: what is not finished, and what was finished lately."""
        return [await self.task(visit) for visit in await self.store.visits(self.clock.now() - _LATELY)]


def _new_visit(old: Planned, new: Planned, now: int) -> Visit | None:
    if not new.cause or old.cause:
        return None
    return Visit(visit_id(), new.hub, new.plan, new.unit, new.cause, now, new.occurrence)


def visit_id() -> str:
    """A new one."""
    return secrets.token_hex(8)


def _consequences(old: Planned, new: Planned, now: int) -> list[Entry]:
    """What follows from a step without anybody having said it."""
    told = []
    if old.claimed_by and not new.claimed_by and old.claim_until <= now:
        told.append(("claim_expired", old.claimed_by, ""))
    if new.cause and not old.cause:
        if new.cause == "missed":
            told.append(("missed", "", ""))
        told.append(("visit", "", new.cause))
    if new.skipped != old.skipped:
        told.append(("skipped" if new.skipped else "kept", "", ""))
    if (new.start, new.end) != (old.start, old.end) and new.plan == old.plan:
        told.append(("moved", "", ""))
    if bool(new.away) != bool(old.away):
        told.append(("away" if new.away else "home_again", "", ""))
    if new.ended and not old.ended and new.ended in (State.PAUSED, State.MISSED, State.DECLINED):
        told.append((new.ended, "", ""))
    return [Entry(now, event, login, new.hub, new.occurrence, code=code) for event, login, code in told]
