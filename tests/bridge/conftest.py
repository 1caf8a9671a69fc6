"""A bridge in this process, paired and configured, with a virtual camera, an integration and a service around it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bridge.app import Bridge, Options
from bridge.away import AwayTiming
from bridge.keep import Keep, Pairing
from bridge.media import IceConfig
from bridge.service_link import BackOff
from tests.bridge.peers import CAMERA, FakeIntegration, FakeService, Municipality, Operator
from tillsyn import frames
from tillsyn.frames import CameraAccess, Configure, HomeStatus, Position
from virtual_camera import CEILING, Settings, VirtualCamera

LOOPBACK = IceConfig(relay_only=False, allow_loopback=True)
QUICK = Options(
    relay_only=False,
    back_off=BackOff(first=0.02, last=0.1, steady=5.0),
    away=AwayTiming(poll=0.02, attempt=0.5, first_retry=0.02, last_retry=0.1, watch=0.05, grace=0.5),
)
USER, PASSWORD = "vakt", "camera-secret"


def access(camera: VirtualCamera, *, preset: str = "preset_rest", name: str = CAMERA) -> CameraAccess:
    return CameraAccess(
        camera=name,
        host="127.0.0.1",
        port=camera.http_port,
        user=USER,
        password=PASSWORD,
        ptz_path="/onvif/ptz_service",
        media_path="/onvif/media_service",
        rtsp_port=camera.rtsp_port,
        rtsp_path=camera.stream_uri().partition(f":{camera.rtsp_port}")[2],
        profile="profile_720p15",
        privacy_preset=preset,
        privacy=Position(0, 1_000_000, 0),
    )


def configure(camera: VirtualCamera, *, preset: str = "preset_rest") -> Configure:
    return Configure((access(camera, preset=preset),))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as found:
        yield found


@pytest.fixture
async def municipality() -> Municipality:
    return Municipality()


@pytest.fixture
async def service(municipality: Municipality) -> AsyncIterator[FakeService]:
    found = await FakeService(municipality).start()
    yield found
    await found.stop()


@pytest.fixture
async def camera() -> AsyncIterator[VirtualCamera]:
    settings = Settings(user=USER, password=PASSWORD, motor_speed=50.0, zoom_speed=50.0, start=CEILING)
    async with VirtualCamera(settings) as found:
        yield found


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    return Keep(tmp_path / "bridge")


@dataclass
class Home:
    """The bridge and its neighbours."""

    bridge: Bridge
    keep: Keep
    port: int
    integration: FakeIntegration
    service: FakeService
    camera: VirtualCamera
    session: aiohttp.ClientSession

    def operator(self) -> Operator:
        return Operator(self.service, self.service.municipality.person(), self.keep.hub.public, LOOPBACK)

    async def connect(self) -> FakeIntegration:
        """Another integration, or the same after a restart."""
        self.integration = await FakeIntegration.connect(self.session, self.port, self.keep.access_key)
        await self.integration.expect(frames.Bridge)
        await self.integration.send(configure(self.camera))
        await self.integration.send(HomeStatus(ready=True, paused=False, plan=1, problem=""))
        return self.integration

    async def until_private(self) -> None:
        """The camera really is at its privacy position."""
        async with asyncio.timeout(5):
            while self.camera.position.distance(CEILING) > 0.02 or self.camera.is_moving:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def home(
    keep: Keep,
    session: aiohttp.ClientSession,
    service: FakeService,
    camera: VirtualCamera,
) -> AsyncIterator[Home]:
    municipality = service.municipality
    keep.store_pairing(Pairing(service.url, municipality.root.public, municipality.certificate(keep.hub.public)))
    bridge = Bridge(keep, session, QUICK)
    port = await bridge.start("127.0.0.1", 0)
    integration = await FakeIntegration.connect(session, port, keep.access_key)
    found = Home(bridge, keep, port, integration, service, camera, session)
    await integration.expect(frames.Bridge)
    await integration.send(configure(camera))
    await integration.send(HomeStatus(ready=True, paused=False, plan=1, problem=""))
    await service.inbox.next(HomeStatus, lambda status: status.ready)
    for said in service.said:
        await integration.told(said)
    yield found
    await found.integration.close()
    await bridge.stop()


class Unpaired:
    """A fresh bridge and its integration."""

    def __init__(self, keep: Keep, bridge: Bridge, integration: FakeIntegration) -> None:
        self.keep = keep
        self.bridge = bridge
        self.integration = integration

    async def pair(self, code: str) -> str:
        """The code of the refusal, or '' once paired."""
        await self.integration.send(frames.StartPairing(code))
        return await self.outcome()

    async def outcome(self) -> str:
        found = await self.integration.expect(
            frames.Frame, lambda one: isinstance(one, frames.PairingResult | frames.Rejected)
        )
        return found.code if isinstance(found, frames.Rejected) else ""


@pytest.fixture
async def unpaired(keep: Keep, session: aiohttp.ClientSession) -> AsyncIterator[Unpaired]:
    bridge = Bridge(keep, session, QUICK)
    port = await bridge.start("127.0.0.1", 0)
    integration = await FakeIntegration.connect(session, port, keep.access_key)
    told = await integration.expect(frames.Bridge)
    assert (told.key, told.root, told.certificate) == (keep.hub.public.x, "", "")
    assert (await integration.expect(frames.ServiceLink)).code == "not_paired"
    yield Unpaired(keep, bridge, integration)
    await integration.close()
    await bridge.stop()
