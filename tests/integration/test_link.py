"""The home link: the right bridge only, up again by itself, and what is shown when it is not."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.bridge_link import BridgeConnection, LinkError, LinkFault
from custom_components.trygghetskamera.config import AccessKey, BridgeAddress
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.wire import VERSION

from .home import Setup, entry_data
from .peers import ScriptedBridge, random_id

LINK = "binary_sensor.night_supervision_operator_service"


async def test_the_bridge_is_told_how_to_reach_the_camera(home: Setup) -> None:
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    (told,) = (await home.bridge.heard(frames.Configure)).cameras
    assert (told.port, told.rtsp_path, told.privacy_preset) == (
        home.camera.http_port,
        "/live/profile_720p15",
        "preset_rest",
    )
    status = await home.bridge.heard(frames.HomeStatus, lambda one: one.ready)
    assert (status.paused, status.plan, status.problem) == (False, 1, "")


async def test_the_link_comes_up_again_by_itself(home: Setup) -> None:
    assert home.state(LINK) == "on"
    await home.bridge.stop()
    await home.until(lambda: not home.home.link.is_connected)
    assert home.state(LINK) == "off"
    await home.bridge.start()
    await home.until(lambda: home.home.link.is_connected)
    assert home.state(LINK) == "on"


async def test_a_bridge_that_has_lost_the_service_is_shown(home: Setup) -> None:
    await home.bridge.send(frames.ServiceLink(False, "service_unreachable"))
    await home.until(lambda: not home.home.link.is_connected)
    assert home.state(LINK) == "off"


async def test_a_bridge_that_is_gone_for_long_is_an_issue(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.link.UNREACHABLE_SECONDS", 0.0)
    await home.bridge.stop()
    await home.until(lambda: not home.home.link.is_connected)
    home.home.link.tick()
    assert home.has_issue("bridge_unreachable")
    await home.bridge.start()
    await home.until(lambda: home.home.link.is_connected)
    assert not home.has_issue("bridge_unreachable")


async def test_another_hub_is_refused_and_told_nothing(home: Setup) -> None:
    await home.bridge.stop()
    mine = home.bridge.municipality.hub
    home.bridge.municipality.hub = type(mine).generate()
    home.bridge.received.clear()
    await home.bridge.start()
    await home.until(lambda: home.has_issue("hub_mismatch"))
    assert not home.bridge.has_heard(frames.Configure, frames.HomeStatus)
    home.bridge.municipality.hub = mine
    await home.until(lambda: home.home.link.is_connected)
    assert not home.has_issue("hub_mismatch")


async def test_a_bridge_with_another_root_is_refused(home: Setup) -> None:
    await home.bridge.stop()
    home.bridge.is_paired = False
    await home.bridge.start()
    await home.until(lambda: home.has_issue("hub_mismatch"))
    home.bridge.is_paired = True
    await home.until(lambda: home.home.link.is_connected)


async def test_a_token_that_is_not_accepted_asks_for_a_new_one(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge
) -> None:
    data: dict[str, Any] = entry_data(bridge)
    parts = bridge.access_key.split(".")
    hass.config_entries.async_update_entry(entry, data=data | {"access_key": f"TKB1.{random_id()}.{parts[2]}"})
    assert await hass.config_entries.async_setup(entry.entry_id)
    changed = Setup(hass, entry, bridge, None)  # type: ignore[arg-type]
    await changed.until(lambda: bool(hass.config_entries.flow.async_progress()))
    assert [one["context"]["source"] for one in hass.config_entries.flow.async_progress()] == [SOURCE_REAUTH]
    await hass.config_entries.async_unload(entry.entry_id)


# ---- the connection itself ------------------------------------------------------------------------------------------


async def test_the_certificate_is_checked_before_the_token_is_sent(hass: HomeAssistant, bridge: ScriptedBridge) -> None:
    good = AccessKey.parse(bridge.access_key)
    wrong = BridgeAddress("127.0.0.1", bridge.port, replace(good, fingerprint=b"\x00" * 32))
    with pytest.raises(LinkError) as refused:
        await BridgeConnection.open(async_get_clientsession(hass), wrong)
    assert refused.value.code is LinkFault.WRONG_BRIDGE
    assert not bridge.received


def test_a_key_is_not_shown_by_accident() -> None:
    key = AccessKey.parse(f"TKB1.{'A' * 43}.{'B' * 42}A")
    assert "A" * 43 not in repr(BridgeAddress("h", 1, key))


@pytest.mark.parametrize("text", ["", "TKB1", "TKB2." + "A" * 43 + "." + "A" * 43, "TKB1.A.A", "TKB1.!.!"])
def test_what_is_no_access_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="access key"):
        AccessKey.parse(text)


def test_an_address_of_six_is_written_in_brackets() -> None:
    key = AccessKey.parse(f"TKB1.{'A' * 43}.{'A' * 43}")
    assert BridgeAddress("fd00::1", 8099, key).url == "wss://[fd00::1]:8099/home"


async def test_a_bridge_of_another_version_says_what_to_update(home: Setup) -> None:
    await home.bridge.stop()
    home.bridge.version = home.bridge.minimum = 9
    await home.bridge.start()
    await home.until(lambda: home.has_issue("update_home"))
    home.bridge.version = home.bridge.minimum = VERSION
    await home.until(lambda: home.home.link.is_connected)
    assert not home.has_issue("update_home")
