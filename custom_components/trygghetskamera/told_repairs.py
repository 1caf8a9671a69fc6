"""What is to be read and acted on outside Home Assistant: whoever goes on has read it.

The care contact is named here, and not in the issues, which Home Assistant keeps and shows elsewhere too.
"""

from typing import Any, override

import probatio as vol
from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import Home
from .home_repair import HomeRepair
from .plan_words import PlanWords


class ToldRepair(HomeRepair):
    """Says what there is to say."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Say it."""
        home = self._home()
        if home is None:
            return self.async_abort(reason="gone")
        if user_input is not None:
            self._read(home)
            return self.async_create_entry(data={})
        words = self._told(home, await PlanWords.load(self.hass))
        if words is None:
            return self.async_abort(reason="gone")
        return self.async_show_form(step_id="confirm", data_schema=vol.Schema({}), description_placeholders=words)

    def _told(self, home: Home, words: PlanWords) -> dict[str, str] | None:
        """What the text is filled in with: what the issue says, and the care contact; None where there is nothing."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        shown = None if issue is None else issue.translation_placeholders
        return None if shown is None else {**shown, "contact": words.contact(home.gate.plan)}

    def _read(self, home: Home) -> None:
        """It has been read."""


class MissedRepair(ToldRepair):
    """A look that was missed: what it means, and whom to call."""


class DifferRepair(ToldRepair):
    """The service has said two different things of one night: what that may be, and whom to call."""


class ReviewRepair(ToldRepair):
    """The plan is to be reviewed: whom to speak to."""

    @override
    def _read(self, home: Home) -> None:
        home.reviews.read()


class NarrowedRepair(ToldRepair):
    """A plan that applied at once: what it changed."""

    @override
    def _told(self, home: Home, words: PlanWords) -> dict[str, str] | None:
        if home.plans.narrowed is None:
            return None
        before, after = home.plans.narrowed
        return {**words.plan(after), "compared": words.compared(before, after)}
