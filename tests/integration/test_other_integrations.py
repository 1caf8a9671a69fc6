"""The same camera through another integration is told of, and only then."""

from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigEntryDisabler, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.other_integrations import async_watch_other_integrations
from virtual_camera import VirtualCamera

from .home import PASSWORD, USER

MAC = "02:54:4b:56:00:01"


@pytest.fixture
def watched(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """A home whose camera is at a known address; how to stop watching."""
    (subentry,) = entry.subentries.values()
    data = {**subentry.data, "host": "192.0.2.10", "mac": MAC}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    return async_watch_other_integrations(hass, entry)


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    (camera_id,) = entry.subentries
    return ir.async_get(hass).async_get_issue(DOMAIN, f"camera_elsewhere_{camera_id}")


async def other(hass: HomeAssistant, domain: str = "generic", platform: str = "camera", **more: Any) -> MockConfigEntry:
    """Another integration's entry with one entity."""
    found = MockConfigEntry(domain=domain, title="Kameran", **more)
    found.add_to_hass(hass)
    er.async_get(hass).async_get_or_create(platform, domain, "unique", config_entry=found)
    await hass.async_block_till_done()
    return found


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"domain": "onvif", "data": {"host": "192.0.2.10", "port": 80}}, id="its host"),
        pytest.param({"data": {"stream_source": "rtsp://u:p@192.0.2.10:554/live"}}, id="an address with its host"),
        pytest.param({"options": {"cameras": [{"url": "http://192.0.2.10/still"}]}}, id="deep in the options"),
        pytest.param({"domain": "tplink", "unique_id": "02-54-4B-56-00-01"}, id="its MAC, written otherwise"),
        pytest.param({"domain": "reolink", "unique_id": "TKV-0001"}, id="its serial number"),
    ],
)
async def test_it_is_told(hass: HomeAssistant, entry: MockConfigEntry, watched: Any, more: dict[str, Any]) -> None:
    assert issue(hass, entry) is None
    added = await other(hass, **more)
    found = issue(hass, entry)
    assert found is not None
    assert found.translation_placeholders == {"camera": "Camera", "others": f"Kameran ({added.domain})"}


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"data": {"host": "192.0.2.11"}}, id="another camera"),
        pytest.param({"data": {"url": "http://[broken"}}, id="an address that is none"),
        pytest.param({"domain": "ping", "platform": "binary_sensor", "data": {"host": "192.0.2.10"}}, id="no picture"),
        pytest.param(
            {"data": {"host": "192.0.2.10"}, "disabled_by": ConfigEntryDisabler.USER}, id="an entry that is disabled"
        ),
    ],
)
async def test_it_is_not_told(hass: HomeAssistant, entry: MockConfigEntry, watched: Any, more: dict[str, Any]) -> None:
    await other(hass, **more)
    assert issue(hass, entry) is None


async def test_a_device_with_its_mac_is_told(hass: HomeAssistant, entry: MockConfigEntry, watched: Any) -> None:
    added = await other(hass, domain="frigate")
    dr.async_get(hass).async_get_or_create(
        config_entry_id=added.entry_id, connections={(dr.CONNECTION_NETWORK_MAC, MAC)}
    )
    er.async_get(hass).async_update_entity("camera.frigate_unique", name="Sovrum")
    await hass.async_block_till_done()
    assert issue(hass, entry) is not None


async def test_it_goes_away_when_its_camera_entity_is_disabled(
    hass: HomeAssistant, entry: MockConfigEntry, watched: Any
) -> None:
    await other(hass, data={"host": "192.0.2.10"})
    er.async_get(hass).async_update_entity("camera.generic_unique", disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    assert issue(hass, entry) is None


async def test_it_goes_away_when_the_other_is_removed(
    hass: HomeAssistant, entry: MockConfigEntry, watched: Any
) -> None:
    added = await other(hass, data={"host": "192.0.2.10"})
    await hass.config_entries.async_remove(added.entry_id)
    await hass.async_block_till_done()
    assert issue(hass, entry) is None


async def test_it_goes_away_with_the_home(hass: HomeAssistant, entry: MockConfigEntry, watched: Any) -> None:
    await other(hass, data={"host": "192.0.2.10"})
    watched()
    assert issue(hass, entry) is None


async def test_home_assistants_own_onvif_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera
) -> None:
    """Not one made up: the integration itself, set up with the same camera."""
    assert await async_setup_component(hass, "homeassistant", {})
    await hass.config.async_update(internal_url="http://127.0.0.1:8123")
    stop = async_watch_other_integrations(hass, entry)
    flow = await hass.config_entries.flow.async_init("onvif", context={"source": SOURCE_USER})
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"auto": False})
    answers = {"name": "Sovrum", "host": "127.0.0.1", "port": camera.http_port, "username": USER, "password": PASSWORD}
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], answers)
    await hass.async_block_till_done()
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert issue(hass, entry) is not None
    await hass.config_entries.async_remove(flow["result"].entry_id)
    assert issue(hass, entry) is None
    stop()


def other_home(hass: HomeAssistant, entry: MockConfigEntry, **camera: Any) -> MockConfigEntry:
    """Another home of ours with a camera."""
    (ours,) = entry.subentries.values()
    away = {"host": "192.0.2.99", "serial": "TKV-0099", "mac": "02:54:4b:56:00:99"}
    theirs = ConfigSubentryData(
        data={**ours.data, **away, **camera}, subentry_type="camera", title="Camera", unique_id=None
    )
    found = MockConfigEntry(domain=DOMAIN, title="Grannens", data={**entry.data}, subentries_data=[theirs])
    found.add_to_hass(hass)
    return found


@pytest.mark.parametrize(
    ("theirs", "is_told"),
    [
        pytest.param({"serial": "TKV-0001"}, True, id="its serial number"),
        pytest.param({"mac": MAC}, True, id="its MAC"),
        pytest.param({"host": "192.0.2.10"}, True, id="its address"),
        pytest.param({}, False, id="another camera"),
        pytest.param({"serial": "", "mac": ""}, False, id="a camera that says nothing of itself"),
    ],
)
async def test_a_camera_that_another_home_has_is_told_of(
    hass: HomeAssistant, entry: MockConfigEntry, watched: Any, theirs: dict[str, Any], is_told: bool
) -> None:
    other_home(hass, entry, **theirs)
    await other(hass)  # whatever changes anywhere
    found = issue(hass, entry)
    assert (found is not None) is is_told
    if found is not None:
        assert found.translation_placeholders == {"camera": "Camera", "others": "Grannens (trygghetskamera)"}
