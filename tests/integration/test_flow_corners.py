"""What a flow says when the request comes at the wrong time."""

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.trygghetskamera.config_flow import HomeFlow
from custom_components.trygghetskamera.const import DOMAIN


async def test_a_late_question_whether_the_municipality_has_signed_leads_back_to_the_code(hass: HomeAssistant) -> None:
    flow = HomeFlow()
    flow.hass, flow.flow_id, flow.handler = hass, "late", DOMAIN
    result = await flow.async_step_sign()
    assert (result["type"], result["step_id"]) == (FlowResultType.SHOW_PROGRESS_DONE, "pairing")


async def test_a_code_that_was_not_read_is_asked_for(hass: HomeAssistant) -> None:
    flow = HomeFlow()
    flow.hass, flow.flow_id, flow.handler = hass, "late", DOMAIN
    result = await flow.async_step_code_read()
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "pairing_code")
