"""A look that was missed: what it means, whom to call, and that somebody has seen to it."""

from typing import Any

import probatio as vol
from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .home_repair import HomeRepair
from .plan_words import contact_words


class MissedRepair(HomeRepair):
    """The care contact is named here, and not in the issue, which Home Assistant keeps."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Say what to do; whoever goes on has read it."""
        if user_input is not None:
            return self.async_create_entry(data={})
        home = self._home()
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        if home is None or issue is None:
            return self.async_abort(reason="gone")
        contact = await contact_words(self.hass, home.gate.plan)
        shown = dict(issue.translation_placeholders or {})
        return self.async_show_form(
            step_id="confirm", data_schema=vol.Schema({}), description_placeholders={**shown, "contact": contact}
        )
