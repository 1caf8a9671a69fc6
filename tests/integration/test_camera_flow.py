"""Setting up the camera, with a virtual one in its unhappy settings too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.const import DOMAIN
from virtual_camera import (
    BED,
    CEILING,
    Codec,
    Motor,
    PresetFault,
    Settings,
    StatusFault,
    VirtualCamera,
    profile_720p15,
)
from virtual_camera import (
    Position as Aim,
)

from .home import PASSWORD, USER, entry_data
from .peers import ScriptedBridge


@pytest.fixture
async def empty_home(hass: HomeAssistant, bridge: ScriptedBridge) -> AsyncIterator[ConfigEntry]:
    """A home that runs, without a camera."""
    entry = MockConfigEntry(domain=DOMAIN, title="Hemmet", data=entry_data(bridge), version=1)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@asynccontextmanager
async def virtual(**settings: Any) -> AsyncIterator[VirtualCamera]:
    async with VirtualCamera(Settings(**{"user": USER, "password": PASSWORD, "motor_speed": 20, **settings})) as camera:
        yield camera


def login(camera: VirtualCamera, **changes: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": camera.http_port, "username": USER, "password": PASSWORD, **changes}


async def begin(hass: HomeAssistant, entry: ConfigEntry, answers: dict[str, Any]) -> Any:
    flow = await hass.config_entries.subentries.async_init((entry.entry_id, "camera"), context={"source": SOURCE_USER})
    return await answer(hass, flow, answers)


async def answer(hass: HomeAssistant, flow: Any, answers: dict[str, Any]) -> Any:
    return await hass.config_entries.subentries.async_configure(flow["flow_id"], answers)


def stands_at(camera: VirtualCamera, aim: Aim) -> bool:
    return abs(camera.position.tilt - aim.tilt) < 0.02 and not camera.is_moving


async def test_positions_are_tried_and_it_ends_looking_away(
    hass: HomeAssistant, empty_home: ConfigEntry, camera: VirtualCamera
) -> None:
    flow = await begin(hass, empty_home, login(camera))
    assert flow["step_id"] == "view"
    flow = await answer(hass, flow, {"position": "preset_bed"})
    assert flow["step_id"] == "privacy"
    assert stands_at(camera, BED)
    flow = await answer(hass, flow, {"position": "preset_rest", "power_switch": "switch.plug"})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert stands_at(camera, CEILING)
    await hass.async_block_till_done()

    (subentry,) = empty_home.subentries.values()
    data = subentry.data
    assert (data["profile"], data["rtsp_path"], data["rtsp_port"]) == (
        "profile_720p15",
        "/live/profile_720p15",
        camera.rtsp_port,
    )
    assert data["view"] == {"preset": "preset_bed", "pan": 0, "tilt": -500_000, "zoom": 0}
    assert data["privacy"] == {"preset": "preset_rest", "pan": 0, "tilt": 1_000_000, "zoom": 0}
    assert data["power_switch"] == "switch.plug"
    # The home starts again with its camera.
    assert hass.states.get("camera.camera") is not None
    await hass.config_entries.async_unload(empty_home.entry_id)


async def test_without_presets_the_present_positions_are_saved(hass: HomeAssistant, empty_home: ConfigEntry) -> None:
    async with virtual(presets=()) as camera:
        flow = await begin(hass, empty_home, login(camera))
        camera.move_by_hand(BED)
        flow = await answer(hass, flow, {"position": "current"})
        camera.move_by_hand(CEILING)
        flow = await answer(hass, flow, {"position": "current"})
        assert flow["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        (subentry,) = empty_home.subentries.values()
        assert subentry.data["view"]["tilt"] == -500_000
        assert {subentry.data["view"]["preset"], subentry.data["privacy"]["preset"]} <= set(camera.state.presets)
        await hass.config_entries.async_unload(empty_home.entry_id)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        pytest.param({"has_ptz": False}, "no_ptz", id="it cannot turn"),
        pytest.param({"profiles": (profile_720p15(codec=Codec.H265),)}, "h265_only", id="it sends H.265 only"),
    ],
)
async def test_a_camera_that_cannot_be_used_is_refused(
    hass: HomeAssistant, empty_home: ConfigEntry, settings: dict[str, Any], error: str
) -> None:
    async with virtual(**settings) as camera:
        flow = await begin(hass, empty_home, login(camera))
        assert flow["errors"] == {"base": error}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"port": 1}, "cannot_connect", id="nothing answers there"),
        pytest.param({"password": "wrong"}, "invalid_auth", id="the password is wrong"),
        pytest.param({"username": "wrong"}, "invalid_auth", id="the user is wrong"),
    ],
)
async def test_a_wrong_login_says_what_is_wrong_and_can_be_mended(
    hass: HomeAssistant, empty_home: ConfigEntry, camera: VirtualCamera, changes: dict[str, Any], error: str
) -> None:
    flow = await begin(hass, empty_home, login(camera, **changes))
    assert flow["errors"] == {"base": error}
    flow = await answer(hass, flow, login(camera))
    assert flow["step_id"] == "view"


@pytest.mark.parametrize("status", [StatusFault.SILENT, StatusFault.FAILING])
async def test_a_camera_that_does_not_tell_where_it_is_is_refused(
    hass: HomeAssistant, empty_home: ConfigEntry, camera: VirtualCamera, status: StatusFault
) -> None:
    camera.faults.status = status
    flow = await begin(hass, empty_home, login(camera))
    assert flow["errors"]["base"] in ("no_position", "cannot_connect")


async def test_a_microphone_is_pointed_out(hass: HomeAssistant, empty_home: ConfigEntry, camera: VirtualCamera) -> None:
    camera.faults.audio = True
    flow = await begin(hass, empty_home, login(camera))
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "audio")
    flow = await answer(hass, flow, {})
    assert flow["step_id"] == "view"


@pytest.mark.parametrize("fault", ["ignored", "stuck"])
async def test_a_position_that_is_not_reached_is_refused(
    hass: HomeAssistant, empty_home: ConfigEntry, camera: VirtualCamera, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.1)
    flow = await begin(hass, empty_home, login(camera))
    camera.move_by_hand(BED)
    flow = await answer(hass, flow, {"position": "current"})
    camera.move_by_hand(CEILING)
    if fault == "ignored":
        camera.faults.presets = PresetFault.IGNORED
    else:
        camera.faults.motor = Motor.STUCK
    flow = await answer(hass, flow, {"position": "current"})
    assert flow["errors"] == {"base": "preset_not_reached"}
    assert not empty_home.subentries


async def test_the_view_cannot_be_where_it_looks_away(
    hass: HomeAssistant, empty_home: ConfigEntry, camera: VirtualCamera
) -> None:
    flow = await begin(hass, empty_home, login(camera))
    flow = await answer(hass, flow, {"position": "preset_rest"})
    flow = await answer(hass, flow, {"position": "preset_rest"})
    assert flow["errors"] == {"base": "same_position"}


async def test_a_camera_that_goes_away_in_the_middle_is_told(hass: HomeAssistant, empty_home: ConfigEntry) -> None:
    async with virtual() as camera:
        flow = await begin(hass, empty_home, login(camera))
    flow = await answer(hass, flow, {"position": "preset_bed"})
    assert flow["errors"] == {"base": "cannot_connect"}


async def test_one_camera_per_home(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    flow = await hass.config_entries.subentries.async_init((entry.entry_id, "camera"), context={"source": SOURCE_USER})
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "single_camera")


async def test_reconfigure_changes_the_login_and_keeps_the_positions(
    hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera
) -> None:
    (subentry,) = entry.subentries.values()
    before = dict(subentry.data)
    flow = await entry.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    flow = await answer(hass, flow, login(camera, host=" 127.0.0.1 "))
    assert flow["reason"] == "reconfigure_successful"
    after = dict(entry.subentries[subentry.subentry_id].data)
    assert {name: after[name] for name in ("view", "privacy", "host")} == {
        name: before[name] for name in ("view", "privacy", "host")
    }


async def test_reconfigure_refuses_another_camera(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    (subentry,) = entry.subentries.values()
    async with virtual(serial="TKV-0002") as other:
        flow = await entry.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
        flow = await answer(hass, flow, login(other))
        assert flow["errors"] == {"base": "other_camera"}


async def test_names_that_the_bridge_cannot_be_told_are_refused(hass: HomeAssistant, empty_home: ConfigEntry) -> None:
    async with virtual(password="p" * 200) as camera:
        flow = await begin(hass, empty_home, login(camera, password="p" * 200))
        assert flow["errors"] == {"base": "unusual_names"}
