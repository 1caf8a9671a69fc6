"""Setting up the camera, step by step, with a virtual one in its unhappy settings too; aiming has its own file."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.config import CameraConfig, InstallingCamera
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.migration import VERSION
from virtual_camera import Codec, StatusFault, VirtualCamera, profile_720p15

from .camera_steps import Installer, login, virtual
from .home import entry_data
from .peers import ScriptedBridge


@pytest.fixture
async def empty_home(hass: HomeAssistant, bridge: ScriptedBridge) -> AsyncIterator[ConfigEntry]:
    """A home that runs, without a camera."""
    entry = MockConfigEntry(domain=DOMAIN, title="Hemmet", data=entry_data(bridge), version=VERSION)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
async def config_api(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "config", {})


@pytest.fixture
async def installer(
    hass: HomeAssistant, config_api: None, empty_home: ConfigEntry, hass_client: ClientSessionGenerator
) -> Installer:
    """In front of a home without a camera."""
    return Installer(hass, await hass_client(), empty_home)


@pytest.fixture
async def visitor(
    hass: HomeAssistant, config_api: None, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> Installer:
    """In front of a home whose camera is installed."""
    return Installer(hass, await hass_client(), entry)


def only(entry: ConfigEntry) -> Any:
    (subentry,) = entry.subentries.values()
    return subentry


async def test_a_camera_is_stored_when_it_is_signed_in_to_and_cannot_be_opened(
    installer: Installer, camera: VirtualCamera
) -> None:
    await installer.sign_in(camera)
    assert installer.at == "room"
    subentry = only(installer.entry)
    found = InstallingCamera.read(subentry.data)
    assert (found.services.profile, found.services.rtsp_path, found.services.rtsp_port) == (
        "profile_720p15",
        "/live/profile_720p15",
        camera.rtsp_port,
    )
    assert (found.services.serial, found.services.mac, found.services.firmware) == (
        camera.settings.serial,
        camera.settings.mac,
        camera.settings.firmware,
    )
    assert found.services.snapshot.endswith("/onvif/snapshot/profile_720p15")
    assert subentry.unique_id == camera.settings.serial
    assert CameraConfig.find(subentry.data) is None


async def test_an_installation_is_left_and_taken_up_again(installer: Installer, camera: VirtualCamera) -> None:
    await installer.sign_in(camera)
    await installer.leave()
    await installer.begin(only(installer.entry).subentry_id)
    assert installer.at == "steps"
    assert installer.says["done"].count("**not yet**") == 4
    assert "test" not in installer.step["menu_options"]
    await (await installer.choose("room")).answer(room="kitchen")
    assert installer.at == "steps"
    assert installer.says["done"].splitlines()[0] == "- Room: **done**"
    assert only(installer.entry).title == "Kitchen"
    await installer.choose("later")
    assert installer.at == "continue_later"


async def test_the_same_camera_is_not_added_twice(visitor: Installer, camera: VirtualCamera) -> None:
    await visitor.sign_in(camera)
    assert visitor.at == "already_configured"
    assert len(visitor.entry.subentries) == 1


async def test_a_home_has_several_cameras(visitor: Installer) -> None:
    async with virtual(serial="TKV-0002") as other:
        await visitor.sign_in(other)
        assert visitor.at == "room"
    assert len(visitor.entry.subentries) == 2


async def test_a_camera_of_one_home_is_never_in_another(
    installer: Installer, camera: VirtualCamera, entry: MockConfigEntry
) -> None:
    """Nor when the home that has it is stopped; it is free once it has been removed there."""
    await installer.sign_in(camera)
    assert installer.at == "in_another_home"
    assert not installer.entry.subentries
    await installer.hass.config_entries.async_remove(entry.entry_id)
    await installer.sign_in(camera)
    assert installer.at == "room"


async def test_a_home_has_no_more_cameras_than_the_bridge_can_be_told_of(
    visitor: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_flow.MAX_CAMERAS", 1)
    async with virtual(serial="TKV-0002") as other:
        await visitor.sign_in(other)
    assert visitor.at == "too_many_cameras"


async def test_a_camera_is_found_on_the_network(installer: Installer, loopback: None) -> None:
    async with virtual(has_discovery=True) as camera:
        await (await installer.begin()).choose("find")
        assert installer.at == "found"
        (options,) = [field["selector"]["select"]["options"] for field in installer.step["data_schema"]]
        address = f"127.0.0.1:{camera.http_port}"
        assert [one["value"] for one in options] == [address, "by_hand"]
        assert options[0]["label"] == "Trygghetskamera virtual · Virtual (127.0.0.1)"
        await installer.answer(camera=address)
        suggested = {field["name"]: field.get("description") for field in installer.step["data_schema"]}
        assert suggested["port"] == {"suggested_value": camera.http_port}
        await installer.answer(**login(camera))
        assert installer.at == "room"


async def test_without_a_camera_on_the_network_the_address_is_entered(installer: Installer, loopback: None) -> None:
    await (await installer.begin()).choose("find")
    assert (installer.at, installer.step["errors"]) == ("sign_in", {"base": "none_found"})


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        pytest.param({"has_ptz": False}, "no_ptz", id="it cannot turn"),
        pytest.param({"profiles": (profile_720p15(codec=Codec.H265),)}, "h265_only", id="it sends H.265 only"),
    ],
)
async def test_a_camera_that_cannot_be_used_is_refused(
    installer: Installer, settings: dict[str, Any], error: str
) -> None:
    async with virtual(**settings) as camera:
        await installer.sign_in(camera)
    assert installer.step["errors"] == {"base": error}
    assert not installer.entry.subentries


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"port": 1}, "cannot_connect", id="nothing answers there"),
        pytest.param({"password": "wrong"}, "invalid_auth", id="the password is wrong"),
        pytest.param({"username": "wrong"}, "invalid_auth", id="the user is wrong"),
    ],
)
async def test_a_wrong_login_says_what_is_wrong_and_can_be_mended(
    installer: Installer, camera: VirtualCamera, changes: dict[str, Any], error: str
) -> None:
    await installer.sign_in(camera, **changes)
    assert installer.step["errors"] == {"base": error}
    await installer.answer(**login(camera))
    assert installer.at == "room"


@pytest.mark.parametrize("status", [StatusFault.SILENT, StatusFault.FAILING])
async def test_a_camera_that_does_not_tell_where_it_is_is_refused(
    installer: Installer, camera: VirtualCamera, status: StatusFault
) -> None:
    camera.faults.status = status
    await installer.sign_in(camera)
    assert installer.step["errors"]["base"] in ("no_position", "cannot_connect")


async def test_names_that_the_bridge_cannot_be_told_are_refused(installer: Installer) -> None:
    async with virtual(password="p" * 200) as camera:
        await installer.sign_in(camera, password="p" * 200)
    assert installer.step["errors"] == {"base": "unusual_names"}


async def test_another_login_keeps_the_positions(visitor: Installer, camera: VirtualCamera) -> None:
    before = dict(only(visitor.entry).data)
    await (await visitor.begin(only(visitor.entry).subentry_id)).choose("sign_in")
    await visitor.answer(**login(camera, host=" 127.0.0.1 "))
    assert visitor.at == "steps"
    after = dict(only(visitor.entry).data)
    assert {name: after[name] for name in ("view", "privacy", "host", "room")} == {
        name: before[name] for name in ("view", "privacy", "host", "room")
    }


async def test_another_camera_does_not_take_its_place(visitor: Installer) -> None:
    async with virtual(serial="TKV-0002") as other:
        await (await visitor.begin(only(visitor.entry).subentry_id)).choose("sign_in")
        await visitor.answer(**login(other))
    assert visitor.step["errors"] == {"base": "other_camera"}


async def test_the_other_layers_are_chosen_and_taken_away(visitor: Installer) -> None:
    await (await visitor.begin(only(visitor.entry).subentry_id)).choose("layers")
    await visitor.answer(privacy_entity="switch.lens", power_switch="switch.plug")
    config = CameraConfig.read(only(visitor.entry).data)
    assert (config.privacy_entity, config.power_switch) == ("switch.lens", "switch.plug")
    await (await visitor.choose("layers")).answer()
    config = CameraConfig.read(only(visitor.entry).data)
    assert (config.privacy_entity, config.power_switch) == ("", "")


async def test_one_switch_is_not_both(visitor: Installer) -> None:
    await (await visitor.begin(only(visitor.entry).subentry_id)).choose("layers")
    await visitor.answer(privacy_entity="switch.plug", power_switch="switch.plug")
    assert visitor.step["errors"] == {"base": "same_entity"}


@pytest.mark.parametrize("field", ["privacy_entity", "power_switch"])
async def test_a_switch_of_the_home_itself_is_none_of_the_cameras(visitor: Installer, field: str) -> None:
    """What the gate turns off to look would be the client's own privacy or pause."""
    own = er.async_get(visitor.hass).async_get_or_create("switch", DOMAIN, "bedroom-privacy")
    await (await visitor.begin(only(visitor.entry).subentry_id)).choose("layers")
    await visitor.answer(**{field: own.entity_id})
    assert visitor.step["errors"] == {"base": "own_entity"}


async def test_the_result_says_what_has_not_been_tested(visitor: Installer) -> None:
    await (await visitor.begin(only(visitor.entry).subentry_id)).choose("result")
    assert "not been tested" in visitor.says["tested"]
    assert visitor.says["level"] == "D"
