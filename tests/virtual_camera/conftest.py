"""A running camera, and real clients for it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import onvif
import pytest
from onvif import ONVIFCamera

from tests.virtual_camera.rtsp_probe import RtspProbe
from virtual_camera import Settings, VirtualCamera

SETTINGS = Settings(user="viewer", password="secret", motor_speed=20, zoom_speed=20, reboot_seconds=0.1)
WSDL = str(Path(onvif.__file__).parent / "wsdl")


class Client:
    """The real ONVIF client with its services."""

    def __init__(self, device: ONVIFCamera) -> None:
        self.device = device

    async def connect(self) -> None:
        await self.device.update_xaddrs()
        self.management: Any = await self.device.create_devicemgmt_service()
        self.media: Any = await self.device.create_media_service()
        self.imaging: Any = await self.device.create_imaging_service()
        try:
            self.ptz: Any = await self.device.create_ptz_service()
        except onvif.ONVIFError:
            self.ptz = None
        self.token = (await self.media.GetProfiles())[0].token

    async def goto(self, preset: str, **more: object) -> None:
        await self.ptz.GotoPreset({"ProfileToken": self.token, "PresetToken": preset, **more})

    async def status(self) -> Any:
        return await self.ptz.GetStatus({"ProfileToken": self.token})

    async def stream_uri(self) -> str:
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        uri: str = (await self.media.GetStreamUri({"ProfileToken": self.token, "StreamSetup": setup})).Uri
        return uri

    async def synchronize(self) -> None:
        await self.media.SetSynchronizationPoint({"ProfileToken": self.token})


type MakeCamera = Callable[..., Awaitable[VirtualCamera]]
type MakeClient = Callable[..., Awaitable[Client]]


@pytest.fixture
async def make_camera() -> AsyncIterator[MakeCamera]:
    async with AsyncExitStack() as stack:

        async def make(**changes: Any) -> VirtualCamera:
            return await stack.enter_async_context(VirtualCamera(replace(SETTINGS, **changes)))

        yield make


@pytest.fixture
async def camera(make_camera: MakeCamera) -> VirtualCamera:
    return await make_camera()


@asynccontextmanager
async def onvif_client(camera: VirtualCamera, user: str, password: str) -> AsyncIterator[Client]:
    device = ONVIFCamera(camera.host, camera.http_port, user, password, WSDL, no_cache=True)
    try:
        client = Client(device)
        await client.connect()
        yield client
    finally:
        await device.close()


@pytest.fixture
async def make_client() -> AsyncIterator[MakeClient]:
    async with AsyncExitStack() as stack:

        async def make(camera: VirtualCamera, user: str = "viewer", password: str = "secret") -> Client:
            return await stack.enter_async_context(onvif_client(camera, user, password))

        yield make


@pytest.fixture
async def client(camera: VirtualCamera, make_client: MakeClient) -> Client:
    return await make_client(camera)


@pytest.fixture
async def probe(camera: VirtualCamera) -> AsyncIterator[RtspProbe]:
    async with RtspProbe(camera.host, camera.rtsp_port) as connected:
        yield connected
