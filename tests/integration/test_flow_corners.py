"""What a flow says when the request comes at the wrong time, or the disk is full."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.trygghetskamera.config_flow import HomeFlow
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.journal_store import JournalError

from .home import Setup


async def test_a_late_question_whether_the_municipality_has_signed_leads_back_to_the_code(hass: HomeAssistant) -> None:
    flow = HomeFlow()
    flow.hass, flow.flow_id, flow.handler = hass, "late", DOMAIN
    result = await flow.async_step_sign()
    assert (result["type"], result["step_id"]) == (FlowResultType.SHOW_PROGRESS_DONE, "pairing")


async def test_consent_that_cannot_be_written_down_is_not_taken(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_entry: object) -> None:
        raise JournalError

    monkeypatch.setattr(home.home.memory, "add", full)
    options = home.hass.config_entries.options
    flow = await options.async_init(home.entry.entry_id)
    flow = await options.async_configure(flow["flow_id"], {"next_step_id": "consent"})
    flow = await options.async_configure(flow["flow_id"], {"consent": True, "consent_given_by": "Kajsa A"})
    assert flow["errors"] == {"base": "journal_failed"}
