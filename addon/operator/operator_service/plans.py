"""Signed plans on their way to the homes, and the homes' answers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from tillsyn import frames
from tillsyn.admission import Home, check_plan
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import PublicKey, parse
from tillsyn.wire import PlanAck, PlanStatement

from .clock import Clock
from .desk import read_plan
from .homes import Homes
from .planner import Planner, has_left
from .problems import Failed, Problem
from .rows import Entry, Hub, PlanRow
from .sockets import Bell, Outbox
from .store import Store
from .will import Will


class PlanLink(Protocol):
    """The link to a home; ``plan_sent``: number of the plan last sent on it."""

    hub: Hub
    outbox: Outbox
    plan_sent: int


class Plans:
    """Keeps the newest plan of each home and hands it over until the home has answered."""

    def __init__(self, store: Store, clock: Clock, planner: Planner, will: Will, homes: Homes) -> None:
        """Uses the planner to act on answers. ``bell`` rings when something has come of a plan."""
        self._store, self._clock, self._planner, self._will = store, clock, planner, will
        self._homes = homes
        self.bell = Bell()

    async def propose(self, root: PublicKey, token: str, login: str, chain: Sequence[str] = ()) -> PlanRow:
        """A plan signed by the root (empty chain) or a planner, as homes judge it.

        Raises Refused, Failed(NOT_FOUND: no such home; ALREADY_SET: number not newer).
        """
        parsed = parse(PlanStatement, token)
        hub = await self._store.hub(parsed.statement.hub)
        if hub is None or await has_left(self._store, hub.hub):
            raise Failed(Problem.NOT_FOUND)
        plan, now = self._check(root, hub, token, chain), self._clock.now()
        row = PlanRow(plan.hub, plan.number, token, parsed.hash, plan.unit, now, chain=tuple(chain))
        if not await self._store.propose(row):
            raise Failed(Problem.ALREADY_SET)
        await self._store.log(Entry(now, "plan_proposed", login, plan.hub, code=str(plan.number)))
        self.bell.ring()
        return row

    async def end(self, hub: Hub, login: str) -> None:
        """The home has left: no more looks are made, and those that nobody has begun are withdrawn. A second time
        changes nothing. Raises Failed(WRONG_STATE) while the hub's key still counts.
        """
        if hub.hub not in self._will.known().revoked:
            raise Failed(Problem.WRONG_STATE)
        async with self._planner.making:
            await self._store.end_plans(hub.hub, Entry(self._clock.now(), "home_left", login, hub.hub))
        self._planner.again()
        self.bell.ring()

    def _check(self, root: PublicKey, hub: Hub, token: str, chain: Sequence[str]) -> PlanStatement:
        home = Home(root, PublicKey(hub.key))
        return check_plan(home, self._will.trust(), 0, token, chain, self._clock.now())

    async def fault(self, hub: Hub, row: PlanRow) -> str:
        """Why the home would not show this plan if it came now, as far as is known here; '' where it would."""
        pinned = await self._store.municipality()
        if pinned is None:
            return ""
        try:
            self._check(PublicKey(pinned.root), hub, row.token, row.chain)
        except Refused as err:
            return err.code.value
        return ""

    def is_lost(self, row: PlanRow) -> bool:
        """Whether the home has told that it has an older plan than this one, which it accepted: it was put back from a
        backup, or set up anew.
        """
        told = self._homes.get(row.hub).plan
        return row.decision == "accepted" and told is not None and told < row.number

    async def offer(self, link: PlanLink, in_force: int | None) -> None:
        """Send the newest plan unless the home has answered it or was sent it on this connection.

        A home where it is in force, but whose answer never came here, is asked again whatever is known here: it
        answers. One that the home would not show is kept until it would: the list of revoked keys may be renewed, and a
        planner signs another.
        """
        newest = await self._store.newest_plan(link.hub.hub)
        if newest is None or newest.decision in ("declined", "ended"):
            return
        if newest.number == in_force and newest.decision == "accepted":
            return
        if newest.number == link.plan_sent:
            return
        if newest.number != in_force and newest.chain and await self.fault(link.hub, newest):
            return
        if not link.outbox.open:
            return  # the link is on its way down; at the next it is sent again
        link.plan_sent = newest.number
        await self._store.plan_sent(newest.hub, newest.number, self._clock.now())
        link.outbox.put(frames.Signed("", newest.token, newest.chain).encode())
        self.bell.ring()

    async def answered(self, hub: Hub, ack: PlanAck) -> None:
        """The home accepted or declined. Raises Refused where the answer is about another plan."""
        async with self._planner.making:
            await self._act_on(hub, ack)

    async def _act_on(self, hub: Hub, ack: PlanAck) -> None:
        row = await self._store.plan(hub.hub, ack.number)
        if ack.hub != hub.hub or row is None or row.hash != ack.plan:
            raise Refused(Refusal.WRONG_PLAN)
        newer = await self._store.newest_plan(hub.hub, "accepted")
        if row.decision in ("replaced", "ended") or (newer is not None and newer.number > row.number):
            return  # late
        if ack.decision == "accepted":
            self._homes.agreed(hub.hub, row.number)
        if row.decision != ack.decision:
            row = replace(row, decision=ack.decision, decided=self._clock.now())
            await self._store.decide(row)
            await self._store.log(Entry(row.decided, f"plan_{ack.decision}", hub=hub.hub, code=str(ack.number)))
        # Told twice, or the store failed half-way the first time: what follows from it may be done again.
        if ack.decision == "accepted":
            await self._planner.plan_accepted(hub.hub, read_plan(row.token), row.decided)
        else:
            await self._planner.plan_declined(hub.hub, ack.number)
        self.bell.ring()
