"""The real ONVIF client against the camera: what it tells, and how it moves."""

import io
from datetime import UTC, datetime
from typing import Any

import aiohttp
import numpy as np
import pytest
from onvif.util import is_auth_error
from PIL import Image
from zeep.exceptions import Fault

from tests.virtual_camera.conftest import Client, MakeCamera, MakeClient
from virtual_camera import BED, CEILING, CENTRE, Look, Position, VirtualCamera, read_marks


def xyz(status: Any) -> Position:
    position = status.Position
    return Position(position.PanTilt.x, position.PanTilt.y, position.Zoom.x)


async def test_it_says_who_it_is(client: Client, camera: VirtualCamera) -> None:
    information = await client.management.GetDeviceInformation()
    interfaces = await client.management.GetNetworkInterfaces()
    scopes = [scope.ScopeItem for scope in await client.management.GetScopes()]
    assert information.SerialNumber == camera.settings.serial
    assert [interface.Info.HwAddress for interface in interfaces] == [camera.settings.mac]
    assert "onvif://www.onvif.org/Profile/Streaming" in scopes
    assert (await client.management.GetHostname()).Name == "virtual-camera"
    assert [user.Username for user in await client.management.GetUsers()] == ["viewer"]


async def test_its_clock_is_told_without_login_and_can_be_wrong(
    make_camera: MakeCamera, make_client: MakeClient
) -> None:
    camera = await make_camera(clock_offset=120)
    client = await make_client(camera)
    told = (await client.management.authless_GetSystemDateAndTime()).UTCDateTime
    moment = datetime(
        told.Date.Year, told.Date.Month, told.Date.Day, told.Time.Hour, told.Time.Minute, told.Time.Second, tzinfo=UTC
    )
    assert (moment - datetime.now(UTC)).total_seconds() == pytest.approx(120, abs=2)


async def test_capabilities_name_every_service(client: Client) -> None:
    capabilities = await client.device.get_capabilities()
    assert capabilities is not None
    assert capabilities["Events"]["WSPullPointSupport"] is True
    assert capabilities["PTZ"]["XAddr"].endswith("/onvif/ptz_service")
    assert (await client.media.GetServiceCapabilities()).SnapshotUri is True
    assert (await client.ptz.GetServiceCapabilities()).EFlip is False
    await client.management.GetServiceCapabilities()
    await client.imaging.GetServiceCapabilities()


async def test_profiles_tell_size_rate_and_key_frame_distance(client: Client) -> None:
    profiles = await client.media.GetProfiles()
    encoders = [profile.VideoEncoderConfiguration for profile in profiles]
    assert [(e.Encoding, e.Resolution.Width, e.RateControl.FrameRateLimit, e.H264.GovLength) for e in encoders] == [
        ("H264", 1280, 15, 15),
        ("H264", 1920, 25, 25),
    ]
    assert profiles[0].PTZConfiguration.DefaultAbsolutePantTiltPositionSpace.endswith("PositionGenericSpace")
    assert len(await client.media.GetVideoSources()) == 1
    assert (await client.media.GetProfile({"ProfileToken": client.token})).token == client.token
    assert await client.media.GetAudioSources() in (None, [])
    assert len(await client.media.GetVideoEncoderConfigurations()) == 2
    assert len(await client.media.GetVideoSourceConfigurations()) == 1


async def test_encoder_settings_can_be_changed(client: Client, camera: VirtualCamera) -> None:
    configuration = (await client.media.GetVideoEncoderConfigurations())[0]
    options = await client.media.GetVideoEncoderConfigurationOptions({"ConfigurationToken": configuration.token})
    assert options.H264.GovLengthRange.Max >= 60
    configuration.H264.GovLength = 60
    configuration.RateControl.BitrateLimit = 800
    await client.media.SetVideoEncoderConfiguration({"Configuration": configuration, "ForcePersistence": True})
    read = await client.media.GetVideoEncoderConfiguration({"ConfigurationToken": configuration.token})
    assert (read.H264.GovLength, read.RateControl.BitrateLimit) == (60, 800)
    assert camera.streams[client.token].profile.gop == 60
    configuration.Resolution.Width = 640
    with pytest.raises(Fault):
        await client.media.SetVideoEncoderConfiguration({"Configuration": configuration, "ForcePersistence": True})


async def test_the_stream_address_has_no_login_in_it(client: Client, camera: VirtualCamera) -> None:
    assert await client.stream_uri() == camera.stream_uri(client.token)
    assert "@" not in camera.stream_uri()


async def test_a_still_shows_what_the_stream_shows(client: Client, camera: VirtualCamera) -> None:
    camera.move_by_hand(BED)
    uri = (await client.media.GetSnapshotUri({"ProfileToken": client.token})).Uri
    assert "@" not in uri
    async with aiohttp.ClientSession(middlewares=[aiohttp.DigestAuthMiddleware("viewer", "secret")]) as session:
        async with session.get(uri) as answer:
            picture = Image.open(io.BytesIO(await answer.read()))
        assert (answer.status, answer.content_type) == (200, "image/jpeg")
    marks = read_marks(np.asarray(picture))
    assert marks is not None
    assert marks.position.tilt == pytest.approx(BED.tilt, abs=1e-4)
    assert camera.state.counters.stills == 1


async def test_a_still_needs_the_login(client: Client) -> None:
    uri = (await client.media.GetSnapshotUri({"ProfileToken": client.token})).Uri
    async with aiohttp.ClientSession() as session, session.get(uri) as answer:
        assert (answer.status, answer.headers["WWW-Authenticate"][:7]) == (401, "Digest ")
    wrong = [aiohttp.DigestAuthMiddleware("viewer", "wrong")]
    async with aiohttp.ClientSession(middlewares=wrong) as session, session.get(uri) as answer:
        assert answer.status == 401
        assert b"JFIF" not in await answer.read()


async def test_a_camera_without_stills_says_so(make_camera: MakeCamera, make_client: MakeClient) -> None:
    client = await make_client(await make_camera(has_snapshots=False))
    with pytest.raises(Fault) as caught:
        await client.media.GetSnapshotUri({"ProfileToken": client.token})
    assert any("ActionNotSupported" in code.text for code in caught.value.subcodes)


async def test_presets_are_told_with_their_positions_and_reached(client: Client, camera: VirtualCamera) -> None:
    presets = await client.ptz.GetPresets({"ProfileToken": client.token})
    assert [(preset.Name, preset.PTZPosition.PanTilt.y) for preset in presets] == [("Viloläge", 1.0), ("Säng", -0.5)]
    for preset in presets:
        await client.goto(preset.token)
        await camera.state.wait_for(lambda state: not state.is_moving)
        status = await client.status()
        assert xyz(status).tilt == preset.PTZPosition.PanTilt.y
        assert status.MoveStatus.PanTilt == "IDLE"
    assert camera.state.counters.move_commands == 2


async def test_it_is_moving_until_it_is_there(make_camera: MakeCamera, make_client: MakeClient) -> None:
    client = await make_client(await make_camera(motor_speed=0.5))
    await client.goto("preset_rest")
    status = await client.status()
    assert status.MoveStatus.PanTilt == "MOVING"
    assert xyz(status).tilt < 1.0


async def test_presets_can_be_made_replaced_and_removed(client: Client, camera: VirtualCamera) -> None:
    profile = {"ProfileToken": client.token}
    camera.move_by_hand(Position(0.5, 0.25, 0.0))
    token = await client.ptz.SetPreset({**profile, "PresetName": "Dörr"})
    camera.move_by_hand(Position(0.6, 0.25, 0.0))
    assert await client.ptz.SetPreset({**profile, "PresetToken": token}) == token
    assert camera.state.presets[token].position == Position(0.6, 0.25, 0.0)
    assert camera.state.presets[token].name == "Dörr"
    with pytest.raises(Fault):
        await client.ptz.SetPreset({**profile, "PresetName": "Dörr"})
    await client.ptz.RemovePreset({**profile, "PresetToken": token})
    with pytest.raises(Fault) as caught:
        await client.goto(token)
    assert any("NoToken" in code.text for code in caught.value.subcodes)


async def test_moves_absolute_relative_continuous_home(client: Client, camera: VirtualCamera) -> None:
    profile = {"ProfileToken": client.token}
    position = {"PanTilt": {"x": 0.5, "y": -0.5}, "Zoom": {"x": 0.25}}
    await client.ptz.AbsoluteMove({**profile, "Position": position})
    await camera.state.wait_for(lambda state: state.position == Position(0.5, -0.5, 0.25))
    await client.ptz.RelativeMove({**profile, "Translation": {"PanTilt": {"x": -0.25, "y": 0.25}}})
    await camera.state.wait_for(lambda state: state.position == Position(0.25, -0.25, 0.25))
    await client.ptz.SetHomePosition(profile)
    await client.ptz.ContinuousMove({**profile, "Velocity": {"PanTilt": {"x": 1, "y": 0}}})
    await camera.state.wait_for(lambda state: state.position.pan == 1.0)
    await client.ptz.Stop({**profile, "PanTilt": True, "Zoom": True})
    await client.ptz.GotoHomePosition(profile)
    await camera.state.wait_for(lambda state: state.position == Position(0.25, -0.25, 0.25))


async def test_a_position_out_of_bounds_is_refused_and_moves_nothing(client: Client, camera: VirtualCamera) -> None:
    position = {"PanTilt": {"x": 1.5, "y": 0}}
    with pytest.raises(Fault) as caught:
        await client.ptz.AbsoluteMove({"ProfileToken": client.token, "Position": position})
    assert any("InvalidPosition" in code.text for code in caught.value.subcodes)
    assert camera.position == CENTRE


async def test_nodes_and_configurations_describe_the_generic_spaces(client: Client) -> None:
    node = (await client.ptz.GetNodes())[0]
    assert node.HomeSupported is True
    assert node.SupportedPTZSpaces.AbsolutePanTiltPositionSpace[0].YRange.Min == -1
    configuration = (await client.ptz.GetConfigurations())[0]
    options = await client.ptz.GetConfigurationOptions({"ConfigurationToken": configuration.token})
    assert options.Spaces.AbsoluteZoomPositionSpace[0].XRange.Min == 0
    assert (await client.ptz.GetConfiguration({"PTZConfigurationToken": configuration.token})).NodeToken == node.token
    assert (await client.ptz.GetNode({"NodeToken": node.token})).token == node.token


async def test_the_infrared_filter_changes_the_look(client: Client, camera: VirtualCamera) -> None:
    source = {"VideoSourceToken": (await client.media.GetVideoSources())[0].token}
    assert camera.state.visible_scene.look is Look.INFRARED
    await client.imaging.SetImagingSettings({**source, "ImagingSettings": {"IrCutFilter": "ON"}})
    assert camera.state.visible_scene.look is Look.DAY
    assert (await client.imaging.GetImagingSettings(source)).IrCutFilter == "ON"
    assert "AUTO" in (await client.imaging.GetOptions(source)).IrCutFilterModes


async def test_the_wrong_password_is_told_as_such(camera: VirtualCamera, make_client: MakeClient) -> None:
    with pytest.raises(Fault) as caught:
        await make_client(camera, password="wrong")
    assert is_auth_error(caught.value)
    assert camera.state.counters.refused_logins > 0


async def test_a_camera_without_ptz_says_so(make_camera: MakeCamera, make_client: MakeClient) -> None:
    client = await make_client(await make_camera(has_ptz=False))
    capabilities = await client.device.get_capabilities()
    assert client.ptz is None
    assert capabilities is not None
    assert capabilities["PTZ"] is None
    assert (await client.media.GetProfiles())[0].PTZConfiguration is None


async def test_a_camera_without_absolute_moves_says_so(make_camera: MakeCamera, make_client: MakeClient) -> None:
    client = await make_client(await make_camera(has_absolute_moves=False))
    configuration = (await client.media.GetProfiles())[0].PTZConfiguration
    assert configuration.DefaultAbsolutePantTiltPositionSpace is None
    assert not (await client.ptz.GetNodes())[0].SupportedPTZSpaces.AbsolutePanTiltPositionSpace
    with pytest.raises(Fault):
        await client.ptz.AbsoluteMove({"ProfileToken": client.token, "Position": {"PanTilt": {"x": 0, "y": 1}}})


async def test_a_camera_that_keeps_no_presets_says_so(make_camera: MakeCamera, make_client: MakeClient) -> None:
    client = await make_client(await make_camera(keeps_presets=False))
    with pytest.raises(Fault):
        await client.ptz.SetPreset({"ProfileToken": client.token, "PresetName": "Dörr"})


async def test_a_camera_without_presets_can_still_be_aimed(make_camera: MakeCamera, make_client: MakeClient) -> None:
    camera = await make_camera(presets=())
    client = await make_client(camera)
    assert not await client.ptz.GetPresets({"ProfileToken": client.token})
    position = {"PanTilt": {"x": CEILING.pan, "y": CEILING.tilt}}
    await client.ptz.AbsoluteMove({"ProfileToken": client.token, "Position": position})
    await camera.state.wait_for(lambda state: state.position == CEILING)
