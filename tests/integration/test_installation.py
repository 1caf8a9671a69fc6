"""The installation record: as values, as JSON and as a page to print; for administrators, and without secrets."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.camera_steps import CONF_REPORT, CONF_STEPS
from custom_components.trygghetskamera.installation import async_installation_record
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn.model import Relation
from custom_components.trygghetskamera.tillsyn.people import REVIEW_AFTER
from custom_components.trygghetskamera.tillsyn.schedule import local_day
from virtual_camera import VirtualCamera

from .home import PASSWORD, USER, Setup
from .peers import ScriptedBridge

REPORT = {
    "by": "nobody",
    "at": "2026-11-23T10:00:00+00:00",
    "there": 1.5,
    "back": 1.7,
    "brightness": 80,
    "infrared": "AUTO",
    "findings": ["audio", "strangers"],
}


def as_tested(hass: HomeAssistant, entry: MockConfigEntry, by: str) -> None:
    """The camera as after a whole installation."""
    (subentry,) = entry.subentries.values()
    done = {"by": by, "at": "2026-11-23T09:00:00+00:00"}
    steps = dict.fromkeys(("room", "aim", "layers", "test"), done)
    data = {**subentry.data, "room": "kitchen", CONF_STEPS: steps, CONF_REPORT: {**REPORT, "by": by}}
    hass.config_entries.async_update_subentry(entry, subentry, data=data, title="Kök")


async def test_it_tells_what_was_installed_tested_and_is_left(
    hass: HomeAssistant, entry: MockConfigEntry, hass_admin_user: Any
) -> None:
    as_tested(hass, entry, hass_admin_user.id)
    record = await async_installation_record(hass, entry)
    (camera,) = record["cameras"]
    assert record["pairing"]["municipality"]
    assert (camera["room"], camera["installed"], camera["left"]) == ("kitchen", True, [])
    assert camera["positions"] == {"view": "preset", "privacy": "preset", "absolute_moves": True}
    assert camera["test"] == {
        "by": hass_admin_user.name,
        "at": REPORT["at"],
        "seconds_there": 1.5,
        "seconds_back": 1.7,
        "brightness": 80,
        "infrared": "AUTO",
    }
    assert camera["warnings"] == ["audio", "strangers"]
    assert {one["step"]: one["by"] for one in camera["steps"]}["aim"] == hass_admin_user.name
    assert record["left"] == ["home_not_loaded", "plan", "consent", "warnings"]


async def test_a_home_that_runs_tells_of_plan_and_consent(home: Setup) -> None:
    record = await async_installation_record(home.hass, home.entry)
    assert record["plan"]["number"] == 1
    today = local_day(datetime.now(UTC))
    said = {"how": "written", "since": today.isoformat(), "review": (today + REVIEW_AFTER).isoformat()}
    assert record["consent"] == {"given": True, "people": [{"relation": "client", **said}]}
    assert record["left"] == ["steps"]
    assert record["cameras"][0]["class"] == "E"


async def test_it_holds_no_secret(
    hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera, bridge: ScriptedBridge
) -> None:
    text = json.dumps(await async_installation_record(hass, entry))
    secrets = (PASSWORD, USER, bridge.access_key, "127.0.0.1", str(camera.http_port), "Kajsa A")
    assert [one for one in secrets if one in text] == []


@pytest.fixture
async def path(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    assert await async_setup_component(hass, "http", {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return f"/api/trygghetskamera/installation/{entry.entry_id}"


@pytest.mark.parametrize(("language", "sign"), [("sv", "I det här hemmet finns en kamera"), ("en", "A camera for")])
async def test_the_page_begins_with_the_sign(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    path: str,
    hass_client: ClientSessionGenerator,
    language: str,
    sign: str,
) -> None:
    as_tested(hass, entry, "")
    await hass.async_block_till_done()
    client = await hass_client()
    async with client.get(path, params={"language": language}) as answer:
        page = await answer.text()
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store, private"
    assert page.index(sign) < page.index("<h2>")
    assert f'<html lang="{language}">' in page
    assert "Kök" in page
    await hass.config_entries.async_unload(entry.entry_id)


async def test_it_says_who_has_not_consented_and_names_nobody(
    hass: HomeAssistant, entry: MockConfigEntry, path: str, hass_client: ClientSessionGenerator
) -> None:
    await entry.runtime_data.memory.add(e.PersonAdded("bobo0001", "Bo B", Relation.COHABITANT, "", ""))
    record = await async_installation_record(hass, entry)
    assert record["consent"]["people"][1] == {"relation": "cohabitant", "how": "", "since": "", "review": ""}
    assert "consent" in record["left"]
    client = await hass_client()
    async with client.get(path, params={"language": "sv"}) as answer:
        page = await answer.text()
    assert "<th scope='row'>Samtycke, sammanboende</th><td>har inte samtyckt</td>" in page
    assert "(skriftligt); tillfrågas igen" in page
    assert [name for name in ("Kajsa", "Bo B") if name in page or name in json.dumps(record)] == []
    await hass.config_entries.async_unload(entry.entry_id)


async def test_it_is_downloaded_as_json(
    hass: HomeAssistant, entry: MockConfigEntry, path: str, hass_client: ClientSessionGenerator
) -> None:
    client = await hass_client()
    async with client.get(path, params={"kind": "json"}) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert (await answer.json())["home"] == "Hemmet"
    await hass.config_entries.async_unload(entry.entry_id)


async def test_what_is_typed_in_is_not_taken_for_html(
    hass: HomeAssistant, entry: MockConfigEntry, path: str, hass_client: ClientSessionGenerator
) -> None:
    hass.config_entries.async_update_entry(entry, title="<script>alert(1)</script>")
    client = await hass_client()
    async with client.get(path) as answer:
        assert "<script>" not in await answer.text()
    await hass.config_entries.async_unload(entry.entry_id)


async def test_only_administrators_read_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    path: str,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    hass_read_only_access_token: str,
) -> None:
    relative = await hass_client(hass_read_only_access_token)
    async with relative.get(path) as answer:
        assert answer.status == 403
    nobody = await hass_client_no_auth()
    async with nobody.get(path) as answer:
        assert answer.status == 401
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_link_is_good_without_signing_in_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    path: str,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    client = await hass_client()
    async with client.get(path) as answer:
        links = [unescape(one) for one in re.findall(r'href="([^"]+)"', await answer.text())]
    assert len(links) == 3
    browser = await hass_client_no_auth()
    for link in links:
        async with browser.get(link) as answer:
            assert answer.status == 200
        async with browser.get(f"{link}x") as answer:
            assert answer.status == 401
    await hass.config_entries.async_unload(entry.entry_id)


async def test_another_entry_has_no_record(
    hass: HomeAssistant, entry: MockConfigEntry, path: str, hass_client: ClientSessionGenerator
) -> None:
    client = await hass_client()
    async with client.get("/api/trygghetskamera/installation/nothing") as answer:
        assert answer.status == 404
    await hass.config_entries.async_unload(entry.entry_id)


async def test_it_is_found_under_the_homes_options(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    path: str,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    flows = "/api/config/config_entries/options/flow"
    async with client.post(flows, json={"handler": entry.entry_id}) as answer:
        flow = (await answer.json())["flow_id"]
    async with client.post(f"{flows}/{flow}", json={"next_step_id": "installation"}) as answer:
        text = (await answer.json())["description_placeholders"]["links"]
    browser = await hass_client_no_auth()
    links = [unescape(one) for one in re.findall(r'href="([^"]+)" target="_blank"', text)]
    assert len(links) == 3
    for link in links:
        async with browser.get(link) as answer:
            assert answer.status == 200
    async with client.post(f"{flows}/{flow}", json={}) as answer:
        assert (await answer.json())["type"] == "create_entry"
    await hass.config_entries.async_unload(entry.entry_id)
