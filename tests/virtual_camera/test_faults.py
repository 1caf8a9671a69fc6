"""Each fault, as a client meets it."""

import asyncio

import aiohttp
import pytest
from zeep.exceptions import Fault

from tests.virtual_camera.conftest import Client, MakeCamera, MakeClient
from tests.virtual_camera.rtsp_probe import RtspProbe
from virtual_camera import (
    BED,
    CEILING,
    CENTRE,
    Look,
    Motor,
    Position,
    PresetFault,
    StatusFault,
    StreamFault,
    VirtualCamera,
)
from virtual_camera.scene import View


async def test_a_stuck_motor_answers_well_and_does_not_move(client: Client, camera: VirtualCamera) -> None:
    camera.faults.motor = Motor.STUCK
    await client.goto("preset_rest")
    status = await client.status()
    assert (status.Position.PanTilt.y, status.MoveStatus.PanTilt) == (0.0, "IDLE")
    assert camera.position == CENTRE
    assert camera.state.counters.move_commands == 1


async def test_a_motor_can_get_stuck_halfway(make_camera: MakeCamera, make_client: MakeClient) -> None:
    camera = await make_camera(motor_speed=1)
    client = await make_client(camera)
    await client.goto("preset_rest")
    await camera.state.wait_for(lambda state: state.position.tilt > 0.02)
    camera.faults.motor = Motor.STUCK
    stuck_at = camera.position
    assert 0 < stuck_at.tilt < 1
    assert (await client.status()).Position.PanTilt.y == pytest.approx(stuck_at.tilt, abs=1e-5)
    assert camera.position == stuck_at


async def test_a_slow_motor_is_still_moving(client: Client, camera: VirtualCamera) -> None:
    camera.faults.slow_factor = 0.01
    camera.faults.motor = Motor.SLOW
    await client.goto("preset_rest")
    assert (await client.status()).MoveStatus.PanTilt == "MOVING"
    camera.faults.motor = Motor.HEALTHY
    await camera.state.wait_for(lambda state: state.position == CEILING)


async def test_an_ignored_preset_moves_nothing_but_a_position_does(client: Client, camera: VirtualCamera) -> None:
    camera.faults.presets = PresetFault.IGNORED
    await client.goto("preset_rest")
    assert not camera.is_moving
    position = {"PanTilt": {"x": 0, "y": 1}}
    await client.ptz.AbsoluteMove({"ProfileToken": client.token, "Position": position})
    await camera.state.wait_for(lambda state: state.position == CEILING)


async def test_a_lying_status_tells_the_target(client: Client, camera: VirtualCamera) -> None:
    camera.faults.status = StatusFault.LYING
    camera.faults.motor = Motor.STUCK
    await client.goto("preset_rest")
    status = await client.status()
    assert (status.Position.PanTilt.y, status.MoveStatus.PanTilt) == (1.0, "IDLE")
    assert camera.position == CENTRE


async def test_a_failing_status_is_a_fault(client: Client, camera: VirtualCamera) -> None:
    camera.faults.status = StatusFault.FAILING
    with pytest.raises(Fault) as caught:
        await client.status()
    assert any("NoStatus" in code.text for code in caught.value.subcodes)


async def test_a_silent_status_has_no_position(client: Client, camera: VirtualCamera) -> None:
    camera.faults.status = StatusFault.SILENT
    status = await client.status()
    assert status.Position is None
    assert status.MoveStatus.PanTilt == "IDLE"


async def test_somebody_else_moves_it_without_a_command(client: Client, camera: VirtualCamera) -> None:
    camera.move_by_hand(BED)
    assert (await client.status()).Position.PanTilt.y == BED.tilt
    assert camera.state.counters.move_commands == 0


async def test_a_dropped_stream_can_be_opened_again(camera: VirtualCamera, probe: RtspProbe) -> None:
    await probe.play(camera.stream_uri())
    await probe.picture()
    camera.drop_streams()
    await probe.until_cut()
    await camera.state.wait_for(lambda state: state.sessions == 0)
    async with RtspProbe(camera.host, camera.rtsp_port) as again:
        await again.play(camera.stream_uri())
        assert await again.picture()


async def test_refused_streams_are_cut_as_they_come(camera: VirtualCamera, probe: RtspProbe) -> None:
    await probe.play(camera.stream_uri())
    camera.faults.stream = StreamFault.REFUSED
    await probe.until_cut()
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        async with RtspProbe(camera.host, camera.rtsp_port) as again:
            await again.request("OPTIONS", "*")


async def test_a_frozen_stream_keeps_its_connection_and_sends_nothing(camera: VirtualCamera, probe: RtspProbe) -> None:
    uri = camera.stream_uri()
    session = await probe.play(uri)
    await probe.picture()
    camera.faults.stream = StreamFault.FROZEN
    # What was sent before the fault comes before this answer; after it nothing may.
    assert (await probe.request("GET_PARAMETER", uri, Session=session)).status == 200
    probe.packets.clear()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await probe.packet()
    camera.faults.stream = StreamFault.FLOWING
    assert await probe.packet()


async def test_a_changed_password_shuts_out_onvif_and_rtsp(
    client: Client, camera: VirtualCamera, probe: RtspProbe
) -> None:
    camera.faults.password_changed = True
    with pytest.raises(Fault) as caught:
        await client.status()
    assert any("NotAuthorized" in code.text for code in caught.value.subcodes)
    assert (await probe.log_in(camera.stream_uri())).status == 401
    camera.faults.password_changed = False
    assert (await client.status()).MoveStatus.PanTilt == "IDLE"


async def test_audio_shows_in_the_description_and_is_counted_when_asked_for(
    client: Client, camera: VirtualCamera, probe: RtspProbe
) -> None:
    camera.faults.audio = True
    assert "m=audio 0 RTP/AVP 0" in (await probe.log_in(camera.stream_uri())).body
    assert len(await client.media.GetAudioSources()) == 1
    assert camera.state.counters.audio_setups == 0
    await probe.play(camera.stream_uri(), "trackID=1", "trackID=2")
    assert (await probe.packet(channel=2))[1] == 0
    assert camera.state.counters.audio_setups == 1


async def test_after_a_restart_it_is_at_home_on_the_same_ports(
    client: Client, camera: VirtualCamera, probe: RtspProbe
) -> None:
    camera.move_by_hand(Position(0.5, 0.5, 0.5))
    ports = camera.http_port, camera.rtsp_port
    await probe.play(camera.stream_uri())
    await client.management.SystemReboot()
    await camera.state.wait_for(lambda state: not state.is_up)
    await probe.until_cut()
    with pytest.raises(aiohttp.ClientError):
        await client.status()
    await camera.state.wait_for(lambda state: state.is_up)
    assert (camera.http_port, camera.rtsp_port) == ports
    assert (await client.status()).Position.PanTilt.y == CENTRE.tilt
    assert camera.state.counters.reboots == 1


async def test_it_records_by_itself(client: Client, camera: VirtualCamera) -> None:
    recording = await client.device.create_recording_service()
    await recording.GetServiceCapabilities()
    assert not await recording.GetRecordingJobs()
    camera.faults.recording = True
    assert [job.JobConfiguration.Mode for job in await recording.GetRecordingJobs()] == ["Active"]


async def test_it_has_another_user(client: Client, camera: VirtualCamera) -> None:
    camera.faults.stranger = True
    assert [user.Username for user in await client.management.GetUsers()] == ["viewer", "installer"]


async def test_its_clock_goes_wrong(client: Client, camera: VirtualCamera) -> None:
    before = camera.state.wall_clock()
    camera.faults.clock_error = -400
    assert camera.state.wall_clock() - before == pytest.approx(-400, abs=1)
    with pytest.raises(Fault):
        await client.status()


async def test_it_is_updated_and_replaced(client: Client, camera: VirtualCamera) -> None:
    before = await client.management.GetDeviceInformation()
    camera.faults.updated = camera.faults.replaced = True
    after = await client.management.GetDeviceInformation()
    assert before.FirmwareVersion != after.FirmwareVersion
    assert before.SerialNumber != after.SerialNumber


async def test_a_reset_loses_the_presets(client: Client, camera: VirtualCamera) -> None:
    await client.goto("preset_rest")
    camera.factory_reset()
    assert camera.position == CENTRE
    with pytest.raises(Fault):
        await client.goto("preset_rest")


async def test_a_night_without_lamps_is_dark(camera: VirtualCamera) -> None:
    def brightness() -> float:
        marks = camera.state.marks(0)
        picture = View(640, 360).picture(camera.state.visible_scene, marks).to_ndarray(format="gray")
        return float(picture[:300].mean())

    lit = brightness()
    camera.faults.lamps_out = True
    assert brightness() < 25 < 2 * 25 < lit
    camera.state.set_scene(Look.DAY, None)
    assert brightness() > lit
