"""What a flow says when the request comes at the wrong time."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.trygghetskamera.config_flow import HomeFlow
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn.frames import StartPairing

from .peers import ScriptedBridge


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


@pytest.fixture
async def flow(hass: HomeAssistant, bridge: ScriptedBridge) -> HomeFlow:
    """Knows a bridge that has not been paired."""
    bridge.is_paired = False
    made = HomeFlow()
    made.hass, made.flow_id, made.handler, made.context = hass, "late", DOMAIN, {}
    assert not await made.open_bridge({"host": "127.0.0.1", "port": bridge.port, "access_key": bridge.access_key})
    return made


async def test_a_code_that_is_sent_twice_is_used_once(
    hass: HomeAssistant, bridge: ScriptedBridge, flow: HomeFlow
) -> None:
    await flow.start_pairing(bridge.municipality.code())
    pairing = flow._pairing
    assert (await flow.start_pairing(bridge.municipality.code()))["step_id"] == "sign"
    assert flow._pairing is pairing
    await bridge.heard(StartPairing)
    flow.async_remove()
    await hass.async_block_till_done()
    assert not bridge.has_heard(StartPairing)


async def test_a_dialog_that_is_closed_while_the_words_are_made_pairs_nothing(
    hass: HomeAssistant, bridge: ScriptedBridge, flow: HomeFlow
) -> None:
    starting = hass.async_create_task(flow.start_pairing(bridge.municipality.code()))
    flow.async_remove()
    await starting
    await hass.async_block_till_done()
    assert flow._pairing is None
    assert not bridge.has_heard(StartPairing)
