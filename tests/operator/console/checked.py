"""A scripted home that believes nobody: it checks each statement with the core, by the policy and list it has heard."""

import time
from dataclasses import replace
from typing import override

from tests.operator.console.household import Household
from tillsyn import admission, frames, wire
from tillsyn.chain import Trust, check_policy, check_revocations
from tillsyn.errors import Refused
from tillsyn.identity import digest, parse
from tillsyn.model import Plan


class CheckedHousehold(Household):
    """Strictest until the root has spoken."""

    trust = Trust()
    plan_in_force: Plan | None = None

    @override
    async def agree(self, plan: wire.PlanStatement) -> None:
        await super().agree(plan)
        self.plan_in_force = plan.plan()
        self.pinned = admission.Home(self.world.root.public, self.key.public)
        self.prepares: dict[str, admission.Prepared] = {}
        self.grants: list[admission.Grant] = []
        self.answers: dict[str, str] = {}

    @override
    async def hear(self) -> frames.Frame:
        frame = await super().hear()
        if isinstance(frame, frames.Signed) and frame.look == "":
            self.adopt(frame)
        return frame

    @override
    async def take(self, frame: frames.Signed) -> None:
        if frame.look == "":
            self.adopt(frame)
            return
        try:
            self.check(frame)
        except Refused as err:
            await self.refuse(frame.look, digest(frame.token), err.code)
            return
        await super().take(frame)

    def adopt(self, frame: frames.Signed) -> None:
        """A newer policy or list."""
        root, now = self.world.root.public, int(time.time())
        try:
            policy = check_policy(root, self.trust, 0, frame.token, now)
            self.trust = replace(self.trust, policy=policy)
        except Refused:
            try:
                revocations = check_revocations(root, self.trust, frame.token, frame.chain, now)
                self.trust = replace(self.trust, revocations=revocations)
            except Refused:
                return  # a plan, or what is older

    def check(self, frame: frames.Signed) -> None:
        """Raises Refused."""
        now, kind = int(time.time()), _kind(frame.token)
        if kind is wire.Prepare:
            plan = self.plan_in_force
            prepared = admission.check_prepare(self.pinned, self.trust, plan, frame.token, frame.chain, now)
            self.prepares[frame.look] = prepared
            self.operator = prepared.signer.operator.kid
        elif kind is wire.Answer:
            parse(wire.Answer, frame.token).verified(self.prepares[frame.look].signer.key)
            self.answers[frame.look] = frame.token
        elif kind is wire.Look:
            connection = (self.open[frame.look].offer, self.answers[frame.look])
            prepared = self.prepares[frame.look]
            grant = admission.check_look(
                self.pinned, self.trust, self.plan_in_force, prepared, frame.token, frame.chain, connection, now
            )
            self.grants.append(grant)
        elif kind is wire.Close:
            admission.check_close(frame.look, self.prepares[frame.look].signer.key, frame.token)
        elif kind is wire.ReceiptAck:
            grant = next(one for one in self.grants if one.look == frame.look)
            admission.check_ack(self.pinned, self.trust, grant, frame.token, frame.chain, now)


def _kind(token: str) -> type[wire.Statement] | None:
    for kind in (wire.Prepare, wire.Answer, wire.Look, wire.Close, wire.ReceiptAck):
        try:
            parse(kind, token)
        except Refused:
            continue
        return kind
    return None
