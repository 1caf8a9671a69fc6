"""A plan that the municipality proposes: verified, shown in the home, and in force only once accepted there."""

import asyncio
import logging
from typing import TYPE_CHECKING

from .issues import Issue, clear_issue, raise_issue
from .journal_store import JournalError
from .signing import NotSigned
from .tillsyn import entries as e
from .tillsyn import frames
from .tillsyn.admission import check_plan
from .tillsyn.comparison import applies_at_once
from .tillsyn.errors import Refusal, Refused
from .tillsyn.identity import digest, parse
from .tillsyn.model import Plan
from .tillsyn.record import Record
from .tillsyn.wire import PlanAck, PlanStatement

if TYPE_CHECKING:
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)


class PlanGone(Exception):
    """There is no such plan to answer."""


class Plans:
    """The proposed and the accepted plan of one home."""

    def __init__(self, home: Home) -> None:
        """What is proposed and accepted is in the journal."""
        self._home = home
        self._unsent: PlanAck | None = None
        self.narrowed: tuple[Plan, Plan] | None = None
        """The plan that applied at once since the start, and the one before it."""
        # An answer must not meet another plan than the one that was shown.
        self._one_at_a_time = asyncio.Lock()

    @property
    def waiting(self) -> PlanStatement | None:
        """The plan that waits for an answer."""
        record = self._home.journal.record
        if record is None or record.proposed is None:
            return None
        return parse(PlanStatement, record.proposed).statement

    def proposed(self, frame: frames.Signed) -> None:
        """A plan has come."""
        record = self._home.journal.record
        if record is None:
            return
        if frame.token == record.accepted:
            # It was judged when it came. Whatever has grown old or strict since, the service has not heard the answer.
            self._answer_once_more(record.accepted, accepted=True)
            return
        now = int(self._home.now().wall.timestamp())
        try:
            check_plan(
                self._home.config.pinned,
                self._home.trust,
                record.old_plans,
                frame.token,
                frame.chain,
                now,
            )
        except Refused as err:
            if err.code is Refusal.WRONG_PLAN:
                self._seen_before(record, frame.token)
            elif err.code is Refusal.WRONG_HUB:
                raise_issue(self._home.hass, self._home.entry.entry_id, Issue.PLAN_MISMATCH)
            _LOGGER.debug("A plan was refused: %s", err.code)
            return
        self._home.finish(self._propose(frame.token), "plan")

    async def _propose(self, token: str) -> None:
        plan = parse(PlanStatement, token).statement.plan()
        async with self._one_at_a_time:
            record = self._home.journal.record
            if record is None or plan.number <= record.old_plans:
                return
            before = self._home.gate.plan
            at_once = applies_at_once(before, plan, self._home.gate.moved, self._home.now().wall)
            # Nobody has answered: it is written without a name, in one with the proposal.
            answer = (e.PlanAnswered(plan.number, True, ""),) if at_once else ()
            try:
                record = await self._home.memory.add(e.PlanProposed(token), *answer)
            except JournalError:
                return
        self.show(record)
        if at_once and before is not None:
            self._applied(before, plan, token)
        else:
            self._home.tell("plan_proposed", number=plan.number)
        self._home.changed()

    def _applied(self, before: Plan, plan: Plan, token: str) -> None:
        """A plan that only narrows what may be seen is in force: the home and the municipality are told."""
        self.narrowed = (before, plan)
        raise_issue(self._home.hass, self._home.entry.entry_id, Issue.PLAN_NARROWED, number=str(plan.number))
        self._home.tell("plan_narrowed", number=plan.number)
        self._unsent = self._answer(plan.number, token, accepted=True)
        self._home.finish(self.answer_again(), "plan answer")

    def _seen_before(self, record: Record, token: str) -> None:
        """One that has been declined: the service has not heard the answer."""
        if parse(PlanStatement, token).statement.number == record.highest_plan and record.proposed is None:
            self._answer_once_more(token, accepted=False)

    def _answer_once_more(self, token: str, *, accepted: bool) -> None:
        number = parse(PlanStatement, token).statement.number
        self._unsent = self._answer(number, token, accepted=accepted)
        self._home.finish(self.answer_again(), "plan answer")

    def show(self, record: Record) -> None:
        """Raise the repair issue while a plan waits."""
        entry_id = self._home.entry.entry_id
        if record.proposed is None:
            clear_issue(self._home.hass, entry_id, Issue.PLAN_WAITING)
            return
        statement = parse(PlanStatement, record.proposed).statement
        raise_issue(self._home.hass, entry_id, Issue.PLAN_WAITING, number=str(statement.number))

    async def answer(self, number: int, *, accepted: bool, by: str) -> None:
        """Accept or decline the waiting plan with this number. Raises PlanGone or JournalError."""
        async with self._one_at_a_time:
            record = self._home.journal.record
            statement = self.waiting
            if record is None or record.proposed is None or statement is None or statement.number != number:
                raise PlanGone
            token = record.proposed
            after = await self._home.memory.add(e.PlanAnswered(number, accepted, by))
        self._unsent = self._answer(number, token, accepted=accepted)
        self.show(after)
        await self.answer_again()

    async def answer_again(self) -> None:
        """Sign and send an answer that has not been; the bridge may have been away."""
        answer = self._unsent
        if answer is None:
            return
        try:
            await self._home.signing.sign("", answer)
        except NotSigned:
            _LOGGER.debug("The answer to a plan waits for the bridge")
            return
        if self._unsent == answer:
            self._unsent = None

    def _answer(self, number: int, token: str, *, accepted: bool) -> PlanAck:
        return PlanAck(
            self._home.config.pinned.hub.kid,
            number,
            digest(token),
            "accepted" if accepted else "declined",
            int(self._home.now().wall.timestamp()),
        )
