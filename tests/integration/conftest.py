"""A real Home Assistant, a virtual camera on the wire and a scripted bridge behind TLS."""

import errno
import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

# Before Home Assistant's helpers put their own custom_components first.
import custom_components.trygghetskamera
from custom_components.trygghetskamera import journal_store
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.migration import VERSION
from virtual_camera import Settings, VirtualCamera

from .harmless import left_alone
from .home import PASSWORD, USER, Setup, camera_data, entry_data, set_up
from .pairing_steps import dialog
from .peers import Municipality, ScriptedBridge

__all__ = ["custom_components", "dialog", "left_alone"]


@pytest.fixture(autouse=True)
def _setting(enable_custom_integrations: None, socket_enabled: None) -> None:
    """Our integration may be loaded, and loopback used."""


@pytest.fixture(autouse=True)
async def _flows(hass: HomeAssistant) -> AsyncIterator[None]:
    """A flow that is left in the middle lets go of what it holds, as when somebody closes the dialog."""
    yield
    for manager in (hass.config_entries.flow, hass.config_entries.subentries, hass.config_entries.options):
        for flow in manager.async_progress():
            manager.async_abort(flow["flow_id"])
    await hass.async_block_till_done()


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    return hass_tmp_config_dir


@pytest.fixture(autouse=True)
def _short_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera that is gone for good is not waited for as long as at a real stop."""
    monkeypatch.setattr("custom_components.trygghetskamera.coordinator.STOP_SECONDS", 0.5)


@pytest.fixture
def municipality() -> Municipality:
    return Municipality()


@pytest.fixture
async def bridge(municipality: Municipality, tmp_path: Path) -> AsyncIterator[ScriptedBridge]:
    async with ScriptedBridge(municipality, tmp_path) as found:
        yield found


@pytest.fixture
async def camera() -> AsyncIterator[VirtualCamera]:
    """A camera whose moves take no time worth waiting for."""
    async with VirtualCamera(Settings(user=USER, password=PASSWORD, motor_speed=20)) as found:
        yield found


@pytest.fixture
def entry(hass: HomeAssistant, bridge: ScriptedBridge, camera: VirtualCamera) -> MockConfigEntry:
    """A home as set up, with consent, not started yet."""
    subentry = ConfigSubentryData(data=camera_data(camera), subentry_type="camera", title="Camera", unique_id=None)
    found = MockConfigEntry(
        domain=DOMAIN, title="Hemmet", data=entry_data(bridge), subentries_data=[subentry], version=VERSION
    )
    found.add_to_hass(hass)
    return found


@pytest.fixture
async def home(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera
) -> AsyncIterator[Setup]:
    """A home that runs, is linked, has an accepted plan with a window that is open, and looks away."""
    yield await set_up(hass, entry, bridge, camera)
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Fill the disk: what is written reaches the file, but not the disk."""
    real = os.fsync

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    def set_full(is_full: bool) -> None:
        monkeypatch.setattr(journal_store.os, "fsync", full if is_full else real)

    return set_full


@pytest.fixture
async def relative(hass: HomeAssistant, hass_admin_user: MockUser) -> User:
    """A user who is no administrator. The first user of all would be the owner."""
    return await hass.auth.async_create_user("Anhörig", group_ids=["system-users"])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], datetime]:
    """Set Home Assistant's clock; it goes on from there."""
    real = dt_util.utcnow

    def set_clock(at: str) -> datetime:
        ahead = datetime.fromisoformat(at) - real()
        monkeypatch.setattr(dt_util, "utcnow", lambda: real() + ahead)
        return datetime.fromisoformat(at)

    return set_clock


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The only network there is for those who look for cameras, and a short wait for answers."""
    monkeypatch.setattr("custom_components.trygghetskamera.discovery.SEARCH_SECONDS", 0.15)
    address = {"address": "127.0.0.1", "network_prefix": 8}
    adapter = {"auto": True, "default": True, "enabled": True, "index": 0, "ipv4": [address], "ipv6": [], "name": "lo"}
    with patch("homeassistant.components.network.async_get_adapters", return_value=[adapter]):
        yield
