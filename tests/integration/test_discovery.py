"""Cameras are found on the network, and a known one is followed to another address."""

from collections.abc import AsyncIterator
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_DHCP
from homeassistant.core import HomeAssistant
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.discovery import (
    FIND_AGAIN_EVERY,
    FoundCamera,
    async_find_again,
    async_find_cameras,
    async_watch_addresses,
    read_answer,
)
from virtual_camera import Settings, VirtualCamera

from .home import PASSWORD, USER

MAC = Settings(user="u", password="p").mac
ASKED = "urn:uuid:1"


@pytest.fixture(autouse=True)
def _here(loopback: None) -> None:
    """All of it happens on one network."""


@pytest.fixture
async def visible() -> AsyncIterator[VirtualCamera]:
    async with VirtualCamera(Settings(user=USER, password=PASSWORD, motor_speed=20, has_discovery=True)) as camera:
        yield camera


def answer(**changes: str) -> bytes:
    """An answer to a probe, as it should be but for the changes."""
    parts = {
        "relates": ASKED,
        "types": "dn:NetworkVideoTransmitter",
        "scopes": f"onvif://www.onvif.org/name/Cam_1 onvif://www.onvif.org/hardware/H%201 onvif://www.onvif.org/mac/{MAC}",
        "addresses": "http://10.0.0.9/onvif http://127.0.0.1:8000/onvif/device_service",
        **changes,
    }
    return (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Header>'
        f"<a:RelatesTo>{parts['relates']}</a:RelatesTo></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch>"
        f"<d:Types>{parts['types']}</d:Types><d:Scopes>{parts['scopes']}</d:Scopes>"
        f"<d:XAddrs>{parts['addresses']}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
    ).encode()


def test_an_answer_tells_of_a_camera() -> None:
    assert read_answer(answer(), "127.0.0.1", ASKED) == FoundCamera("127.0.0.1", 8000, "Cam 1", "H 1", MAC)


def test_what_a_camera_does_not_say_is_empty() -> None:
    found = read_answer(answer(scopes="", addresses="http://127.0.0.1/x"), "127.0.0.1", ASKED)
    assert found == FoundCamera("127.0.0.1", 80, "", "", "")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(answer(relates="urn:uuid:2"), id="an answer to somebody else"),
        pytest.param(answer(types="dn:Printer"), id="a printer"),
        pytest.param(answer(addresses="http://10.0.0.9/onvif"), id="only an address elsewhere"),
        pytest.param(answer(addresses="ftp://127.0.0.1/"), id="not a web address"),
        pytest.param(answer(addresses="http://127.0.0.1:99999/"), id="a port that does not exist"),
        pytest.param(answer() + b" " * 20_000, id="too long"),
        pytest.param(b"\xff\x00", id="garbage"),
        pytest.param(b"<x/>", id="another document"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY a "b">]>' + answer(), id="it declares entities"),
        pytest.param(answer()[:-5], id="cut off"),
    ],
)
def test_everything_else_is_not_believed(data: bytes) -> None:
    assert read_answer(data, "127.0.0.1", ASKED) is None


@pytest.mark.parametrize("mac", ["zz:zz", "02:54", "javascript"])
def test_a_mac_that_is_none_is_not_kept(mac: str) -> None:
    found = read_answer(answer(scopes=f"onvif://www.onvif.org/mac/{mac}"), "127.0.0.1", ASKED)
    assert found is not None
    assert found.mac == ""


async def test_a_camera_on_the_network_is_found(hass: HomeAssistant, visible: VirtualCamera) -> None:
    assert await async_find_cameras(hass) == (
        FoundCamera("127.0.0.1", visible.http_port, "Trygghetskamera virtual", "Virtual", MAC),
    )


async def test_without_cameras_none_is_found(hass: HomeAssistant) -> None:
    assert await async_find_cameras(hass) == ()


def remember(hass: HomeAssistant, entry: MockConfigEntry, **changes: object) -> str:
    """The home remembers its camera with these differences; its id."""
    (subentry,) = entry.subentries.values()
    data = {**subentry.data, "mac": MAC, "model": "Trygghetskamera Virtual", **changes}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    return subentry.subentry_id


def address(entry: MockConfigEntry) -> tuple[str, int]:
    (subentry,) = entry.subentries.values()
    return subentry.data["host"], subentry.data["port"]


async def test_a_camera_that_moved_is_found_again_by_its_serial(
    hass: HomeAssistant, entry: MockConfigEntry, visible: VirtualCamera
) -> None:
    camera_id = remember(hass, entry, host="127.0.0.77", port=1)
    assert await async_find_again(hass, entry, camera_id)
    assert address(entry) == ("127.0.0.1", visible.http_port)


async def test_another_camera_of_the_same_kind_is_not_taken_for_it(
    hass: HomeAssistant, entry: MockConfigEntry, visible: VirtualCamera
) -> None:
    visible.faults.replaced = True
    camera_id = remember(hass, entry, host="127.0.0.77", port=1)
    assert not await async_find_again(hass, entry, camera_id)
    assert address(entry) == ("127.0.0.77", 1)


async def test_the_login_is_not_shown_to_other_devices(
    hass: HomeAssistant, entry: MockConfigEntry, visible: VirtualCamera
) -> None:
    camera_id = remember(hass, entry, host="127.0.0.77", port=1, mac="02:00:00:00:00:09")
    visible.faults.password_changed = True
    assert not await async_find_again(hass, entry, camera_id)
    assert visible.state.counters.refused_logins == 0


async def test_a_camera_that_does_not_answer_is_looked_for_now_and_then(
    hass: HomeAssistant, entry: MockConfigEntry, visible: VirtualCamera
) -> None:
    camera_id = remember(hass, entry, host="127.0.0.77", port=1)
    stop = async_watch_addresses(hass, entry, lambda: [camera_id])
    async_fire_time_changed(hass, dt_util.utcnow() + FIND_AGAIN_EVERY)
    await hass.async_block_till_done(wait_background_tasks=True)
    stop()
    assert address(entry) == ("127.0.0.1", visible.http_port)


async def test_dhcp_follows_a_known_camera(hass: HomeAssistant, entry: MockConfigEntry, visible: VirtualCamera) -> None:
    remember(hass, entry, host="127.0.0.77", port=visible.http_port)
    lease = DhcpServiceInfo(ip="127.0.0.1", hostname="cam", macaddress=MAC.replace(":", ""))
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_DHCP}, data=lease)
    assert result["reason"] == "already_configured"
    assert address(entry) == ("127.0.0.1", visible.http_port)


async def test_dhcp_does_not_believe_a_device_that_only_has_its_mac(
    hass: HomeAssistant, entry: MockConfigEntry, visible: VirtualCamera
) -> None:
    visible.faults.replaced = True
    remember(hass, entry, host="127.0.0.77", port=visible.http_port)
    lease = DhcpServiceInfo(ip="127.0.0.1", hostname="cam", macaddress=MAC.replace(":", ""))
    await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_DHCP}, data=lease)
    assert address(entry) == ("127.0.0.77", visible.http_port)


async def test_a_camera_that_is_gone_from_the_home_is_not_looked_for(
    hass: HomeAssistant, entry: MockConfigEntry, visible: VirtualCamera
) -> None:
    assert not await async_find_again(hass, entry, "nothing")


async def test_a_network_that_takes_no_questions_is_left_out(hass: HomeAssistant, visible: VirtualCamera) -> None:
    address = {"address": "192.0.2.99", "network_prefix": 24}
    adapter = {"auto": True, "default": True, "enabled": True, "index": 0, "ipv4": [address], "ipv6": [], "name": "x"}
    with patch("homeassistant.components.network.async_get_adapters", return_value=[adapter]):
        assert await async_find_cameras(hass) == ()


async def test_what_cannot_be_signed_in_to_is_not_followed(
    hass: HomeAssistant, entry: MockConfigEntry, visible: VirtualCamera
) -> None:
    visible.faults.password_changed = True
    camera_id = remember(hass, entry, host="127.0.0.77", port=1)
    assert not await async_find_again(hass, entry, camera_id)
    assert address(entry) == ("127.0.0.77", 1)
