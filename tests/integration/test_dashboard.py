"""The dashboard strategy is served and loaded while a home is set up, and not a moment longer."""

import json
import re
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Outcome

from .home import LAST_LOOK, NEXT_LOOK, Setup

LOOKING = "binary_sensor.bedroom_camera_looking"
FOLDER = Path(__file__).parents[2] / "custom_components" / DOMAIN
VERSION = json.loads((FOLDER / "manifest.json").read_text())["version"]
URL = f"/trygghetskamera_static/{VERSION}/trygghetskamera.js"


@pytest.fixture
async def _pages(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "frontend", {})


def urls(hass: HomeAssistant) -> frozenset[str]:
    return frozenset(hass.data[DATA_EXTRA_MODULE_URL].urls)


@pytest.mark.usefixtures("_pages")
async def test_the_module_is_loaded_until_the_last_home_is_unloaded(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    other = MockConfigEntry(domain=DOMAIN, data=dict(entry.data))
    other.add_to_hass(hass)
    assert URL not in urls(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert URL in urls(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert URL in urls(hass), "the other home still needs it"
    assert await hass.config_entries.async_unload(other.entry_id)
    assert URL not in urls(hass)


@pytest.mark.usefixtures("_pages")
async def test_the_module_and_all_that_it_imports_are_served(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    client = await hass_client_no_auth()
    waiting, served = [URL], set[str]()
    while waiting:
        url = waiting.pop()
        answer = await client.get(url)
        assert (answer.status, answer.content_type) == (200, "text/javascript"), url
        served.add(url.rsplit("/", 1)[1])
        imports = re.findall(r'^import .* from "\./(\w+\.js)";$', await answer.text(), re.MULTILINE)
        waiting += [URL.replace("trygghetskamera.js", name) for name in imports if name not in served]
    assert served == {file.name for file in (FOLDER / "frontend").iterdir()}
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_home_without_home_assistants_pages_is_looked_after_all_the_same(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert await hass.config_entries.async_unload(entry.entry_id)


def test_nothing_is_fetched_from_elsewhere_and_no_text_becomes_markup() -> None:
    source = "\n".join(file.read_text() for file in (FOLDER / "frontend").iterdir())
    assert re.findall(r"https?:|innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(", source) == []


def attributes(home: Setup, entity: str) -> Mapping[str, Any]:
    found = home.hass.states.get(entity)
    assert found is not None, entity
    return found.attributes


async def test_the_screen_is_told_who_looks_and_what_is_to_come_and_the_recorder_is_not(home: Setup) -> None:
    bridge, operator = home.bridge, home.bridge.municipality.operator("Alva Natt")
    assert "who" not in attributes(home, LOOKING)
    assert len(attributes(home, NEXT_LOOK)["tonight"]) == 1
    assert attributes(home, LAST_LOOK)["tonight"] == []
    connected = await bridge.prepare(operator, home.occurrence)
    await bridge.send(bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    assert attributes(home, LOOKING)["who"] == "Alva Natt"
    await bridge.close_look(operator, connected.look, Outcome.SEEN)
    await home.until_place(Place.CLOSED)
    await bridge.receipt(connected.look)
    await home.hass.async_block_till_done()
    assert "who" not in attributes(home, LOOKING)
    assert attributes(home, NEXT_LOOK)["tonight"] == []
    (done,) = attributes(home, LAST_LOOK)["tonight"]
    assert (done["who"], done["reason"]) == ("Alva Natt", "seen")
    assert datetime.fromisoformat(done["at"]).timestamp() == pytest.approx(time.time(), abs=60)
    for entity in (LOOKING, LAST_LOOK):
        state = home.hass.states.get(entity)
        assert state is not None and state.state_info is not None
        assert "who" in state.state_info["unrecorded_attributes"]
    assert state.state_info is not None and "tonight" in state.state_info["unrecorded_attributes"]
