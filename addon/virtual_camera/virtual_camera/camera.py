"""The camera as an object: start it, look at it, give it faults, stop it."""

import asyncio
import contextlib
import logging
import time
from typing import Self

from .control import ControlServer
from .discovery import Discovery
from .faults import WatchedFaults
from .marks import Look, Person
from .motor import Position
from .onvif.server import OnvifServer
from .rtsp import STREAM_ROOT, RtspServer
from .scene import Scene, room_planes
from .settings import Settings
from .state import CameraState
from .stream import Stream

_LOGGER = logging.getLogger(__name__)


class VirtualCamera:
    """An ONVIF camera: `async with VirtualCamera(Settings(user=..., password=...)) as camera:`.

    `state` tells everything about it, `faults` makes it fail. After `async with` the ports are known.
    """

    def __init__(self, settings: Settings) -> None:
        """Prepare a camera; it does nothing until it is started."""
        self.settings = settings
        self.state = CameraState(settings)
        self.http_port = settings.http_port
        self.rtsp_port = settings.rtsp_port
        self.control_port = settings.control_port
        self.streams = {
            profile.token: Stream(
                profile,
                lambda: self.state.visible_scene,
                self.state.marks,
                has_parameter_sets=settings.has_parameter_sets_in_band,
            )
            for profile in settings.profiles
        }
        self._rtsp = RtspServer(self.state, self.streams)
        self._onvif = OnvifServer(self.state, self.streams, lambda: self.start_reboot(settings.reboot_seconds))
        self._control = ControlServer(self)
        self._discovery: Discovery | None = None
        self._reboot: asyncio.Task[None] | None = None

    @property
    def faults(self) -> WatchedFaults:
        """The faults in force; set its fields."""
        return self.state.faults

    @property
    def host(self) -> str:
        """The address it listens on."""
        return self.settings.host

    @property
    def position(self) -> Position:
        """Where it really aims now, whatever GetStatus says."""
        return self.state.position

    @property
    def is_moving(self) -> bool:
        """Whether it really moves now."""
        return self.state.is_moving

    def stream_uri(self, token: str | None = None) -> str:
        """Give the address of a stream, without login; the first profile's unless another is named."""
        chosen = self.settings.profiles[0].token if token is None else token
        return f"rtsp://{self.host}:{self.rtsp_port}{STREAM_ROOT}{chosen}"

    async def start(self) -> None:
        """Draw the room and listen. Raises OSError when a port is taken."""
        await asyncio.to_thread(room_planes, self.state.visible_scene)
        for stream in self.streams.values():
            await asyncio.to_thread(stream.parameter_sets)
        try:
            await self._power_on()
            if self.settings.control_port is not None:
                self.control_port = await self._control.start(self.settings.control_port)
        except OSError:
            await self.close()
            raise

    async def close(self) -> None:
        """Stop everything."""
        if self._reboot is not None:
            self._reboot.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reboot
        await self._control.close()
        await self._power_off()
        for stream in self.streams.values():
            await stream.close()

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.close()

    async def set_scene(self, look: Look | None = None, person: Person | None = None) -> None:
        """Change the light or where the client is; drawn before it is shown, so that the picture does not stop."""
        current = self.state.scene
        scene = Scene(current.look if look is None else look, current.person if person is None else person)
        await asyncio.to_thread(room_planes, scene)
        self.state.set_scene(scene.look, scene.person)

    def move_by_hand(self, position: Position) -> None:
        """Turn the camera at once, without it knowing."""
        self.state.move_by_hand(position)

    def factory_reset(self) -> None:
        """Lose every preset; the login is kept, as somebody has set it again."""
        self.state.reset()

    def drop_streams(self) -> None:
        """Cut every RTSP connection once."""
        self._rtsp.drop_all()

    def start_reboot(self, seconds: float) -> None:
        """Be gone for some seconds, then come back at the home position. One restart at a time."""
        if self._reboot is None or self._reboot.done():
            self._reboot = asyncio.get_running_loop().create_task(self._restart(seconds))

    async def _restart(self, seconds: float) -> None:
        # The answer to the call that asked for it goes out before the line is cut.
        await asyncio.sleep(0.05)
        self.state.counters.reboots += 1
        await self.unplug()
        await asyncio.sleep(seconds)
        try:
            await self.plug_in()
        except OSError:
            _LOGGER.exception("The camera did not come back from its restart")

    async def unplug(self) -> None:
        """Take its power: it is gone until it is plugged in again."""
        await self._power_off()

    async def plug_in(self) -> None:
        """Give it power: it aims at its home position and answers. Raises OSError when its port has been taken."""
        self.state.mechanism.restart(time.monotonic(), self.state.home)
        await self._power_on()

    async def _power_on(self) -> None:
        self.rtsp_port = await self._rtsp.start(self.host, self.rtsp_port)
        self.http_port = await self._onvif.start(self.host, self.http_port, self.rtsp_port)
        if self.settings.has_discovery:
            self._discovery = Discovery(self.state, self.http_port)
            await self._discovery.start()
        self.state.is_up = True
        self.state.notify()

    async def _power_off(self) -> None:
        self.state.is_up = False
        if self._discovery is not None:
            await self._discovery.close()
            self._discovery = None
        await self._rtsp.close()
        await self._onvif.close()
        self.state.notify()
