"""What a home signs that is about no look: its answer to a plan, what the client wants, and how the client slept.

All of it is told again or kept at home until it has come; told twice it does nothing the second time.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from tillsyn.errors import Refusal, Refused
from tillsyn.frames import Signed
from tillsyn.identity import Parsed, PublicKey, parse
from tillsyn.schedule import STOCKHOLM
from tillsyn.strict import bad
from tillsyn.wire import PlanAck, Sleep, Statement, VisitAsked, Wishes

from .clock import Clock
from .desk import Desk, visit_id
from .looks import typ
from .planner import SLEEP_KEPT, Planner
from .plans import Plans
from .queue import Cause
from .rows import Entry, Hub, PlanRow, SleepRow, Visit, WishesRow
from .store import Store

type Letter = PlanAck | Wishes | Sleep

_KINDS: Final[Mapping[str, type[Letter]]] = {one.TYP: one for one in (PlanAck, Wishes, Sleep)}
_SKEW: Final = 120


class Letters:
    """Verifies them and acts on them."""

    def __init__(self, store: Store, clock: Clock, desk: Desk, planner: Planner, plans: Plans) -> None:
        """Answers go to ``plans``, wishes to the queue by ``planner``, visits asked for to the ``desk``."""
        self._store, self._clock, self._desk = store, clock, desk
        self._planner, self._plans = planner, plans

    def verify(self, hub: Hub, frame: Signed) -> Parsed[Letter]:
        """What this home signed about itself. Raises Refused."""
        parsed = parse(_KINDS[typ(frame.token, frozenset(_KINDS))], frame.token)
        said = parsed.verified(PublicKey(hub.key))
        if said.hub != hub.hub:
            raise Refused(Refusal.WRONG_HUB)
        if frame.chain:
            raise bad("chain")
        return parsed

    async def record(self, hub: Hub, frame: Signed, said: Statement) -> None:
        """Act on what was verified. Raises Refused where it cannot be, or StoreFailed."""
        match said:
            case PlanAck():
                await self._plans.answered(hub, said)
                await self._visits(hub.hub, (await self._desk.wishes(hub.hub)).visits)
            case Wishes():
                await self._wishes(hub.hub, said, frame.token)
            case Sleep():
                await self._sleep(hub.hub, said)

    # ---- wishes -----------------------------------------------------------------------------------------------------

    async def _wishes(self, hub: str, said: Wishes, token: str) -> None:
        """The newest counts; a visit is asked for whichever wishes say so, once."""
        now = self._clock.now()
        if said.iat > now + _SKEW:  # or nothing that is told later would count
            raise Refused(Refusal.CLOCK_SKEW)
        async with self._planner.making:
            before = await self._desk.wishes(hub)
            if await self._store.save_wishes(WishesRow(hub, said.iat, token)):
                paused = self._desk.homes.get(hub).is_paused(now)
                self._desk.homes.wished(hub, said.away)
                if self._desk.homes.get(hub).is_paused(now) is not paused:
                    await self._desk.show_home(hub)
                if replace(said, iat=before.iat, visits=before.visits) != before:
                    await self._store.log(Entry(now, "wishes", hub=hub))
                await self._planner.follow(hub)
        await self._visits(hub, said.visits)

    async def _visits(self, hub: str, asked: tuple[VisitAsked, ...]) -> None:
        """Make a task for the patrol of each that is new; one that no plan says whose it is waits for a plan."""
        if not asked:
            return
        plan = await self._plan(hub)
        now = self._clock.now()
        if plan is None:
            raise Refused(Refusal.NO_PLAN)
        for one in asked:
            created = min(one.at, now)
            visit = Visit(visit_id(), hub, plan.number, plan.unit, Cause.ASKED.value, created, asked=one.id)
            if await self._store.add_visit(visit, Entry(now, "visit", hub=hub, code=Cause.ASKED.value)):
                await self._desk.show_task(visit)

    async def _plan(self, hub: str) -> PlanRow | None:
        """The plan that says which unit the home belongs to: the one in force, or else the newest."""
        return await self._store.newest_plan(hub, "accepted") or await self._store.newest_plan(hub)

    # ---- sleep ------------------------------------------------------------------------------------------------------

    async def _sleep(self, hub: str, said: Sleep) -> None:
        today = self._today()
        if not today - SLEEP_KEPT <= said.night <= today:
            raise bad("night")
        if said.iat > self._clock.now() + _SKEW:
            raise Refused(Refusal.CLOCK_SKEW)
        await self._store.save_sleep(SleepRow(hub, said.night.isoformat(), said.rating, said.comment, said.iat))

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now(), STOCKHOLM).date()
