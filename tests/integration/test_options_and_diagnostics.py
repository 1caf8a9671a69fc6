"""Later choices, and what diagnostics tell."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .home import PASSWORD, USER, Setup


async def choose(home: Setup, step: str) -> Any:
    flow = await home.hass.config_entries.options.async_init(home.entry.entry_id)
    assert (flow["type"], flow["menu_options"]) == (FlowResultType.MENU, ["people", "consent", "installation", "log"])
    return await home.hass.config_entries.options.async_configure(flow["flow_id"], {"next_step_id": step})


async def answer(hass: HomeAssistant, flow: Any, answers: dict[str, Any]) -> Any:
    return await hass.config_entries.options.async_configure(flow["flow_id"], answers)


async def test_people_are_chosen(home: Setup, hass_admin_user: MockUser) -> None:
    relative = await home.hass.auth.async_create_user("Anhörig", group_ids=["system-users"])
    flow = await choose(home, "people")
    flow = await answer(home.hass, flow, {"may_end_privacy": [relative.id], "automations_may_end_privacy": True})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await home.hass.async_block_till_done()
    assert home.entry.options == {"may_end_privacy": [relative.id], "automations_may_end_privacy": True}


async def test_diagnostics_tell_nothing_about_anybody(home: Setup, hass_client: ClientSessionGenerator) -> None:
    assert await async_setup_component(home.hass, "diagnostics", {})
    operator = home.bridge.municipality.operator("Alva Natt")
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.bridge.close_look(operator, connected.look)
    await home.bridge.receipt(connected.look)
    await home.hass.async_block_till_done()

    found = await get_diagnostics_for_config_entry(home.hass, hass_client, home.entry)
    assert isinstance(found["journal"], dict)
    assert found["journal"]["looks"] == 1
    text = json.dumps(found)
    secrets = [PASSWORD, USER, "127.0.0.1", "Kajsa", "Alva", "Hemmet", "Ankeborg", connected.look]
    secrets += [str(home.entry.data[name]) for name in ("access_key", "root", "hub", "certificate")]
    assert [one for one in secrets if one in text] == []
