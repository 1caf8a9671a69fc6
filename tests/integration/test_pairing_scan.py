"""The pairing code is scanned by a page of its own: who may see it, what it takes, and when it is over."""

import logging
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESSED
from pytest_homeassistant_custom_component.common import async_capture_events, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.scan_view import LONGEST_CODE, SCAN_SECONDS
from custom_components.trygghetskamera.tillsyn import frames

from .pairing_steps import ORIGIN, Dialog, open_dialog, prepare_pages
from .peers import ScriptedBridge, random_id


@pytest.fixture
def code(bridge: ScriptedBridge) -> str:
    return bridge.municipality.code().encode()


async def test_a_scanned_code_is_paired_with(
    hass: HomeAssistant, dialog: Dialog, bridge: ScriptedBridge, code: str
) -> None:
    path = await dialog.scan()
    told = async_capture_events(hass, EVENT_DATA_ENTRY_FLOW_PROGRESSED)
    assert await dialog.sent(path, code) == 204
    assert [one.data["flow_id"] for one in told] == [dialog.flow["flow_id"]]
    assert not bridge.has_heard(frames.StartPairing), "before the signed-in browser has gone on"
    flow = await dialog.look()
    assert (flow["type"], flow["step_id"]) == ("progress", "sign")
    assert (await bridge.heard(frames.StartPairing)).code == code
    await bridge.send(frames.PairingResult(bridge.municipality.root.public.x, bridge.municipality.certificate()))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (await dialog.look())["step_id"] == "municipality"


async def test_a_browser_that_asks_again_pairs_once(
    hass: HomeAssistant, dialog: Dialog, bridge: ScriptedBridge, code: str
) -> None:
    assert await dialog.sent(await dialog.scan(), code) == 204
    await dialog.look()
    await dialog.look()
    await bridge.heard(frames.StartPairing)
    assert not bridge.has_heard(frames.StartPairing)


async def test_another_kind_of_code_is_refused_and_another_try_is_left(dialog: Dialog, code: str) -> None:
    path = await dialog.scan()
    assert await dialog.sent(path, "https://www.example.com/") == 422
    assert (await dialog.look())["type"] == "external"
    assert await dialog.sent(path, code) == 204


async def test_what_is_longer_than_any_code_is_not_read(dialog: Dialog) -> None:
    path = await dialog.scan()
    assert await dialog.sent(path, "x" * (LONGEST_CODE + 1)) == 413
    assert (await dialog.look())["type"] == "external"


async def test_whoever_would_rather_type_it_may(dialog: Dialog) -> None:
    assert await dialog.sent(await dialog.scan(), "") == 204
    flow = await dialog.look()
    assert (flow["type"], flow["step_id"]) == ("form", "pairing_code")


async def test_whoever_chooses_to_type_it_is_asked_for_it(
    hass: HomeAssistant, dialog: Dialog, bridge: ScriptedBridge, code: str
) -> None:
    flow = await dialog.answer({"next_step_id": "pairing_code"})
    assert (flow["type"], flow["step_id"]) == ("form", "pairing_code")
    assert (await dialog.answer({"pairing_code": code}))["step_id"] == "sign"


async def test_what_comes_from_the_dialog_while_the_page_is_open_is_no_code(dialog: Dialog, code: str) -> None:
    await dialog.scan()
    assert (await dialog.answer({"pairing_code": code}))["type"] == "external"


async def test_a_refused_code_that_was_scanned_leads_back_to_the_choice(
    hass: HomeAssistant, dialog: Dialog, bridge: ScriptedBridge, code: str
) -> None:
    bridge.answers_pairing = lambda _frame: frames.Rejected("revoked")
    first = await dialog.scan()
    await dialog.sent(first, code)
    await dialog.look()
    await hass.async_block_till_done(wait_background_tasks=True)
    flow = await dialog.look()
    assert (flow["step_id"], flow["errors"]) == ("pairing_failed", {"base": "pairing_revoked"})
    await dialog.answer({})
    assert await dialog.scan() != first


# ---- the ticket -------------------------------------------------------------------------------------------------


async def test_the_page_is_for_whoever_has_the_ticket(dialog: Dialog) -> None:
    path = await dialog.scan()
    answer = await dialog.shown(path, **{"Accept-Language": "de, sv;q=0.8"})
    text = await answer.text()
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert '<html lang="sv">' in text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store, private"
    again = (await dialog.shown(path)).headers["Content-Security-Policy"]
    assert again != policy, "a nonce is used once"


async def is_gone(dialog: Dialog, path: str) -> bool:
    page, script = await dialog.shown(path), await dialog.shown(f"{path}/scan.js")
    return "scan.js" not in await page.text() and {page.status, script.status, await dialog.sent(path, "")} == {404}


async def test_another_ticket_opens_nothing(dialog: Dialog) -> None:
    path = await dialog.scan()
    assert await is_gone(dialog, f"/api/trygghetskamera/scan/{random_id(24)}")
    assert await is_gone(dialog, path[:-1])
    assert not await is_gone(dialog, path)


async def test_a_used_ticket_opens_nothing(dialog: Dialog, code: str) -> None:
    path = await dialog.scan()
    await dialog.sent(path, code)
    assert await is_gone(dialog, path)


async def test_the_ticket_of_a_dialog_that_was_closed_opens_nothing(hass: HomeAssistant, dialog: Dialog) -> None:
    path = await dialog.scan()
    hass.config_entries.flow.async_abort(dialog.flow["flow_id"])
    assert await is_gone(dialog, path)


async def test_a_ticket_is_good_for_ten_minutes(
    hass: HomeAssistant, dialog: Dialog, freezer: FrozenDateTimeFactory
) -> None:
    path = await dialog.scan()
    freezer.tick(SCAN_SECONDS + 1)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert await is_gone(dialog, path)
    assert (await dialog.look())["step_id"] == "pairing"


async def test_a_page_that_outlives_its_dialog_by_a_moment_does_no_harm(
    hass: HomeAssistant, dialog: Dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await dialog.scan()
    flow = hass.config_entries.flow._progress[dialog.flow["flow_id"]]
    monkeypatch.setattr(flow, "async_remove", lambda: None)
    hass.config_entries.flow.async_abort(dialog.flow["flow_id"])
    assert await dialog.sent(path, "") == 204


@pytest.mark.parametrize("name", ["scan_page.py", "../scan_page.py", "qr/LICENSE", "qr/decode.d.ts", "%2e%2e/const.py"])
async def test_nothing_but_the_pages_scripts_is_served(dialog: Dialog, name: str) -> None:
    path = await dialog.scan()
    assert (await dialog.shown(f"{path}/{name}")).status == 404


@pytest.mark.parametrize("name", ["scan.js", "qr/decode.js", "qr/index.js"])
async def test_the_pages_scripts_are_served(dialog: Dialog, name: str) -> None:
    answer = await dialog.shown(f"{await dialog.scan()}/{name}")
    assert (answer.status, answer.content_type) == (200, "text/javascript")


async def test_scanning_logs_nothing_of_code_or_ticket(dialog: Dialog, code: str, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    path = await dialog.scan()
    await dialog.sent(path, "TK1.no")
    await dialog.sent(path, code)
    assert [one.name for one in caplog.records if code in one.getMessage()] == []
    ticket = path.rsplit("/", 1)[1]
    told = {one.name for one in caplog.records if ticket in one.getMessage()}
    # What Home Assistant's web server says of every address that is asked for, where somebody has it say so.
    assert told <= {"aiohttp.access", "homeassistant.helpers.http"}


@pytest.mark.parametrize("origin", ["", "ftp://home.test", "http://", "home.test", "javascript:alert(1)"])
async def test_a_browser_that_does_not_say_where_it_is_types_the_code(
    hass: HomeAssistant,
    bridge: ScriptedBridge,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    origin: str,
) -> None:
    bridge.is_paired = False
    await prepare_pages(hass)
    dialog = await open_dialog(hass, hass_client, hass_client_no_auth, bridge, origin)
    assert (dialog.flow["type"], dialog.flow["step_id"]) == ("form", "pairing_code")


async def test_a_browser_that_stops_saying_where_it_is_types_the_code(dialog: Dialog) -> None:
    dialog.origin = ""
    assert (await dialog.answer({"next_step_id": "pairing_scan"}))["step_id"] == "pairing_code"


async def test_the_address_is_of_the_browser_and_nothing_more(
    hass: HomeAssistant,
    bridge: ScriptedBridge,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    bridge.is_paired = False
    await prepare_pages(hass)
    dialog = await open_dialog(hass, hass_client, hass_client_no_auth, bridge, f"{ORIGIN}/a?b#c")
    dialog.origin = ORIGIN
    await dialog.scan()


async def test_a_bridge_that_is_paired_already_can_be_paired_anew_by_scanning(
    hass: HomeAssistant,
    bridge: ScriptedBridge,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    code: str,
) -> None:
    await prepare_pages(hass)
    dialog = await open_dialog(hass, hass_client, hass_client_no_auth, bridge)
    assert dialog.flow["step_id"] == "known_municipality"
    await dialog.answer({"next_step_id": "pairing"})
    assert await dialog.sent(await dialog.scan(), code) == 204
    assert (await dialog.look())["step_id"] == "sign"
    assert (await bridge.heard(frames.StartPairing)).code == code
