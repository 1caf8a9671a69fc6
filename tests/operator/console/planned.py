"""A scripted home that answers plans as homes do: what only narrows at once, the rest when somebody there says so."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp

from tests.operator.peers import Home, World
from tillsyn import admission, frames, wire
from tillsyn.chain import Trust, check_policy, check_revocations
from tillsyn.comparison import applies_at_once
from tillsyn.errors import Refused
from tillsyn.identity import digest, parse
from tillsyn.model import Plan


class PlannedHome(Home):
    """It believes nobody: each plan is checked by the policy and list that it has heard."""

    def __init__(self, world: World, label: str = "Elsa, Storgatan 4") -> None:
        super().__init__(world, label)
        self.trust = Trust()
        self.in_force: Plan | None = None
        self.waiting: wire.PlanStatement | None = None
        self.newest = 0
        self.seen: list[tuple[wire.PlanStatement, tuple[str, ...]]] = []
        self.refused: list[str] = []
        self.news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self._token = ""

    async def move_in(self, agreed: wire.PlanStatement | None = None) -> None:
        """Connect; with a plan of the root's that was agreed before, if any."""
        await self.connect()
        await self.status()
        if agreed is not None:
            await self.agree(agreed)
            self.in_force, self.newest = agreed.plan(), agreed.number
        await self.go_on()

    async def go_on(self) -> None:
        self.task = asyncio.create_task(self._live())

    async def move_out(self) -> None:
        if self.task is not None:
            self.task.cancel()
        await self.close()

    async def plan_shown(self, number: int) -> wire.PlanStatement:
        """Wait until this plan has come and was found right."""
        async with asyncio.timeout(10):
            while True:
                assert self.refused == []
                for plan, _ in self.seen:
                    if plan.number == number:
                        return plan
                await self.news.wait()
                self.news.clear()

    async def answer(self, *, accepted: bool) -> None:
        """Somebody at home has looked at it."""
        assert self.waiting is not None
        plan, self.waiting = self.waiting, None
        if accepted:
            self.in_force, self.number = plan.plan(), plan.number
        await self.answer_plan(plan, digest(self._token), "accepted" if accepted else "declined")

    async def hear(self) -> frames.Frame:
        frame = await super().hear()
        if isinstance(frame, frames.Signed) and frame.look == "":
            self._adopt(frame)
        return frame

    async def _live(self) -> None:
        assert self.ws is not None
        async for message in self.ws:
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            frame = frames.decode(frames.SERVICE_TO_BRIDGE, message.data)
            if isinstance(frame, frames.Signed) and frame.look == "":
                self._adopt(frame)
                await self._plan(frame)

    def _adopt(self, frame: frames.Signed) -> None:
        now, root = int(time.time()), self.world.root.public
        try:
            self.trust = replace(self.trust, policy=check_policy(root, self.trust, 0, frame.token, now))
        except Refused:
            try:
                listed = check_revocations(root, self.trust, frame.token, frame.chain, now)
                self.trust = replace(self.trust, revocations=listed)
            except Refused:
                pass

    async def _plan(self, frame: frames.Signed) -> None:
        try:
            parse(wire.PlanStatement, frame.token)
        except Refused:
            return
        home = admission.Home(self.world.root.public, self.key.public)
        try:
            plan = admission.check_plan(home, self.trust, self.newest, frame.token, frame.chain, int(time.time()))
        except Refused as err:
            self.refused.append(err.code.value)
            self.news.set()
            return
        self.newest, self.waiting, self._token = plan.number, plan, frame.token
        self.seen.append((plan, frame.chain))
        if applies_at_once(self.in_force, plan.plan(), {}, datetime.now(UTC)):
            await self.answer(accepted=True)
        self.news.set()
