"""What a home shows, whole: each entity as registered and as it is, the devices, and the diagnostics.

After a change that is meant: script/test tests/integration/test_snapshots.py --snapshot-update
"""

import re
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion

from custom_components.trygghetskamera.const import DOMAIN
from virtual_camera import VirtualCamera

from .home import Setup, camera_data, entry_data
from .peers import ScriptedBridge

TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d)?)?|(?<!\d)\d\d:\d\d(:\d\d)?(?!\d)")
REGISTERED = (
    "capabilities", "disabled_by", "entity_category", "has_entity_name", "hidden_by", "original_device_class",
    "original_name", "supported_features", "translation_key", "unique_id",
)  # fmt: skip
"""What is ours in a registry entry; the rest differs between versions of Home Assistant."""


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Without what differs from one Home Assistant to the next (ids, times of making)."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def entry(hass: HomeAssistant, bridge: ScriptedBridge, camera: VirtualCamera) -> MockConfigEntry:
    """The home of the other tests, under ids that are always the same."""
    subentry = ConfigSubentryDataWithId(
        data=camera_data(camera), subentry_id="bedroom", subentry_type="camera", title="Camera", unique_id=None
    )
    found = MockConfigEntry(
        domain=DOMAIN, entry_id="home", title="Hemmet", data=entry_data(bridge), subentries_data=[subentry]
    )
    found.add_to_hass(hass)
    return found


def timeless(value: Any) -> Any:
    """The same with no time of day or date in it: the window is open whenever the test runs."""
    if isinstance(value, dict):
        return {key: timeless(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [timeless(one) for one in value]
    return TIME.sub("<time>", str(value)) if isinstance(value, str) or hasattr(value, "isoformat") else value


async def test_every_entity_and_device(home: Setup, snapshot: SnapshotAssertion) -> None:
    await home.hass.async_block_till_done()
    entries = er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)
    for entry in sorted(entries, key=lambda one: one.entity_id):
        registered = {field: getattr(entry, field) for field in REGISTERED}
        state = home.hass.states.get(entry.entity_id)
        assert state is not None, f"{entry.entity_id} is disabled"
        # A camera's tokens and the links that hold them are new each time.
        attributes = {name: value for name, value in state.attributes.items() if "token" not in str(value)}
        attributes.pop("access_token", None)
        shown = registered | {"state": timeless(state.state), "attributes": timeless(attributes)}
        assert shown == snapshot(name=entry.entity_id)
    devices = dr.async_entries_for_config_entry(dr.async_get(home.hass), home.entry.entry_id)
    found = sorted(
        (one.name or "", one.manufacturer or "", one.model or "", one.via_device_id is not None) for one in devices
    )
    assert found == snapshot(name="devices")


async def test_diagnostics(home: Setup, hass_client: ClientSessionGenerator, snapshot: SnapshotAssertion) -> None:
    assert await async_setup_component(home.hass, "diagnostics", {})
    found = await get_diagnostics_for_config_entry(home.hass, hass_client, home.entry)
    assert timeless(found) == snapshot
