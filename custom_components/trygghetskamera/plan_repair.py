"""A plan that waits: it is shown in plain words, then accepted or declined."""

from typing import Any

from homeassistant.components.repairs import RepairsFlowResult

from .home_repair import HomeRepair
from .journal_store import JournalError
from .plan_words import PlanWords
from .plans import PlanGone
from .requester import requester_id


class PlanRepair(HomeRepair):
    """Accept or decline the plan with the number that was shown."""

    _number = 0

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Show the plan."""
        home = self._home()
        statement = None if home is None else home.plans.waiting
        if home is None or statement is None:
            return self.async_abort(reason="no_such_plan")
        plan = statement.plan()
        self._number = plan.number
        words = await PlanWords.load(self.hass)
        return self.async_show_menu(
            step_id="init",
            menu_options=["accept", "decline"],
            description_placeholders={**words.plan(plan), "compared": words.compared(home.gate.plan, plan)},
        )

    async def async_step_accept(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """The home accepts."""
        return await self._answer(accepted=True)

    async def async_step_decline(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """The home declines."""
        return await self._answer(accepted=False)

    async def _answer(self, *, accepted: bool) -> RepairsFlowResult:
        home = self._home()
        if home is None:
            return self.async_abort(reason="no_such_plan")
        try:
            await home.plans.answer(self._number, accepted=accepted, by=requester_id())
        except PlanGone:
            return self.async_abort(reason="no_such_plan")
        except JournalError:
            return self.async_abort(reason="journal_failed")
        return self.async_create_entry(data={})
