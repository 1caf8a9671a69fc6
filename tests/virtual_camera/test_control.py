"""The control endpoint: everything a fault needs, for this machine only."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.virtual_camera.conftest import MakeCamera
from tests.virtual_camera.rtsp_probe import RtspProbe
from virtual_camera import BED, Look, Motor, Person, StatusFault, StreamFault, VirtualCamera
from virtual_camera.scene import Scene


@pytest.fixture
async def control(camera: VirtualCamera) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{camera.control_port}") as session:
        yield session


async def test_it_tells_the_state(control: aiohttp.ClientSession, camera: VirtualCamera, probe: RtspProbe) -> None:
    await probe.play(camera.stream_uri())
    async with control.get("/state") as response:
        state = await response.json()
    assert state["position"] == {"pan": 0.0, "tilt": 0.0, "zoom": 0.0}
    assert (state["sessions"], state["playing"], state["plays"]) == (1, 1, 1)
    assert (state["move_commands"], state["sync_points"], state["is_up"]) == (0, 0, True)
    assert state["presets"]["preset_bed"]["name"] == "Säng"
    assert state["faults"]["motor"] == "healthy"
    assert camera.settings.password not in str(state)


async def test_it_makes_and_mends_faults(control: aiohttp.ClientSession, camera: VirtualCamera) -> None:
    faults = {
        "motor": "slow",
        "slow_factor": 0.5,
        "status": "lying",
        "stream": "frozen",
        "presets": "ignored",
        "audio": True,
        "password_changed": True,
        "clock_error": -5.0,
        "recording": True,
        "stranger": True,
        "lamps_out": True,
        "updated": True,
        "replaced": True,
    }
    async with control.post("/fault", json=faults) as response:
        assert (await response.json())["faults"] == faults
    assert camera.faults.motor is Motor.SLOW
    assert camera.state.mechanism.factor == 0.5
    assert camera.faults.status is StatusFault.LYING
    assert camera.faults.stream is StreamFault.FROZEN


async def test_it_sets_the_scene_and_moves_by_hand(control: aiohttp.ClientSession, camera: VirtualCamera) -> None:
    async with control.post("/scene", json={"look": "day", "person": "on_floor"}) as response:
        assert response.status == 200
    assert camera.state.scene == Scene(Look.DAY, Person.ON_FLOOR)
    async with control.post("/move_by_hand", json={"pan": 0, "tilt": -0.5, "zoom": 0}) as response:
        assert response.status == 200
    assert camera.position == BED


async def test_it_restarts_and_drops(control: aiohttp.ClientSession, camera: VirtualCamera, probe: RtspProbe) -> None:
    await probe.play(camera.stream_uri())
    async with control.post("/factory_reset", json={}) as response:
        assert (await response.json())["presets"] == {}
    async with control.post("/drop_streams", json={}) as response:
        assert response.status == 200
    await camera.state.wait_for(lambda state: state.sessions == 0)
    async with control.post("/reboot", json={"seconds": 0}) as response:
        assert response.status == 200
    await camera.state.wait_for(lambda state: state.counters.reboots == 1 and state.is_up)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/fault", {"motor": "melted"}),
        ("/fault", {"motor": "stuck", "gearbox": "worn"}),
        ("/fault", {"slow_factor": 0}),
        ("/fault", {"slow_factor": True}),
        ("/fault", {"audio": 1}),
        ("/fault", []),
        ("/scene", {}),
        ("/scene", {"look": "dusk"}),
        ("/scene", {"look": None}),
        ("/scene", {"cat": "in_bed"}),
        ("/move_by_hand", {"pan": 0, "tilt": 0}),
        ("/move_by_hand", {"pan": 2, "tilt": 0, "zoom": 0}),
        ("/move_by_hand", {"pan": "0", "tilt": 0, "zoom": 0}),
        ("/reboot", {"seconds": -1}),
        ("/reboot", {"minutes": 1}),
        ("/drop_streams", {"all": True}),
        ("/factory_reset", {"all": True}),
        ("/fault", {"clock_error": 1e9}),
        ("/fault", {"recording": 1}),
    ],
)
async def test_malformed_requests_do_nothing(
    control: aiohttp.ClientSession, camera: VirtualCamera, path: str, body: object
) -> None:
    before = camera.state.as_json()
    async with control.post(path, json=body) as response:
        assert response.status == 400
    assert camera.state.as_json() == before


async def test_a_page_of_another_origin_is_refused(control: aiohttp.ClientSession) -> None:
    async with control.get("/state", headers={"Host": "camera.example"}) as response:
        assert response.status == 403
    async with control.post("/drop_streams", json={}, headers={"Host": "camera.example"}) as response:
        assert response.status == 403
    async with control.post("/drop_streams", data="{}", headers={"Content-Type": "text/plain"}) as response:
        assert response.status == 415


async def test_without_a_control_port_there_is_none(make_camera: MakeCamera) -> None:
    assert (await make_camera(control_port=None)).control_port is None
