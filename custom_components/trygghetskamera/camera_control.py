"""One ONVIF camera: move it to an agreed position and read back where it is. It knows no rules.

Every fault of the camera or its library leaves here as a ``CameraError`` with a code.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol, override

import aiohttp
from onvif import ONVIFCamera
from onvif.exceptions import ONVIFError
from onvif.util import is_auth_error
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import TransportError

from .config import CameraConfig, CameraLogin, Spot, is_near
from .tillsyn.frames import Position
from .tillsyn.gate_values import Target

CALL_SECONDS: Final = 3.0
CONNECT_SECONDS: Final = 8.0
"""The first connection also reads the service descriptions from disk."""
MOVE_SECONDS: Final = 9.0
START_SECONDS: Final = 2.0
"""A camera that stands still elsewhere for this long after a command is not going to move."""
_FAST_POLL: Final = 0.04
_SLOW_POLL: Final = 0.2


class CameraFault(StrEnum):
    """What is wrong with the camera; the value is a translation key."""

    CANNOT_CONNECT = "cannot_connect"
    INVALID_AUTH = "invalid_auth"
    NO_PTZ = "no_ptz"
    NO_VIDEO = "no_video"
    H265_ONLY = "h265_only"
    NO_POSITION = "no_position"
    NOT_REACHED = "preset_not_reached"
    CANNOT_SAVE = "cannot_save_position"
    SAME_POSITION = "same_position"
    UNUSUAL = "unusual_names"
    OTHER_CAMERA = "other_camera"


class CameraError(Exception):
    """The camera did not do it."""

    def __init__(self, code: CameraFault) -> None:
        """Keep the code that every edge translates."""
        super().__init__(code)
        self.code = code


# What the ONVIF library and the XML under it raise about a camera that answers oddly.
_FAULTS: Final = (
    ONVIFError,
    ZeepError,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)


def _is_login_refused(err: Exception) -> bool:
    return is_auth_error(err) or (isinstance(err, TransportError) and err.status_code in (401, 403))


@asynccontextmanager
async def faults(seconds: float) -> AsyncIterator[None]:
    """Turn whatever goes wrong inside, or takes longer, into a CameraError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except CameraError:
        raise
    except _FAULTS as err:
        code = CameraFault.INVALID_AUTH if _is_login_refused(err) else CameraFault.CANNOT_CONNECT
        raise CameraError(code) from err


async def connect(login: CameraLogin) -> ONVIFCamera:
    """A camera whose services are known. Raises CameraError."""
    # The address typed in counts, not the one the camera believes it has.
    device = ONVIFCamera(login.host, login.port, login.username, login.password, adjust_time=True, nat_override=True)
    try:
        async with faults(CONNECT_SECONDS):
            await device.update_xaddrs()
    except BaseException:
        await device.close()
        raise
    return device


@dataclass(frozen=True, slots=True)
class Status:
    """Where the camera says it is; ``is_still`` None where it does not say whether it moves."""

    position: Position
    is_still: bool | None


def _millionths(value: float) -> int:
    return max(-1_000_000, min(1_000_000, round(float(value) * 1_000_000)))


async def read_status(ptz: Any, profile: str) -> Status:
    """Ask for the position. Raises CameraError."""
    async with faults(CALL_SECONDS):
        answer = await ptz.GetStatus({"ProfileToken": profile})
        place, motion = answer.Position, answer.MoveStatus
        if place is None or place.PanTilt is None:
            raise CameraError(CameraFault.NO_POSITION)
        zoom = place.Zoom.x if place.Zoom is not None else 0.0
        position = Position(_millionths(place.PanTilt.x), _millionths(place.PanTilt.y), _millionths(zoom))
        said = [one for one in (motion.PanTilt, motion.Zoom) if one in ("IDLE", "MOVING")] if motion else []
        return Status(position, all(one == "IDLE" for one in said) if said else None)


async def go_to(ptz: Any, profile: str, spot: Spot, *, absolute: bool) -> None:
    """Send the camera there: by its preset, or as an absolute move. Raises CameraError."""
    async with faults(CALL_SECONDS):
        if absolute or not spot.preset:
            where = spot.position
            await ptz.AbsoluteMove(
                {
                    "ProfileToken": profile,
                    "Position": {
                        "PanTilt": {"x": where.pan / 1e6, "y": where.tilt / 1e6},
                        "Zoom": {"x": where.zoom / 1e6},
                    },
                }
            )
        else:
            await ptz.GotoPreset({"ProfileToken": profile, "PresetToken": spot.preset})


async def wait_until_there(ptz: Any, profile: str, wanted: Position) -> None:
    """Read back until the camera stands still at ``wanted``. Raises CameraError(NOT_REACHED) or a call's error."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    still_since: float | None = None
    previous: Position | None = None
    while (lasted := loop.time() - began) < MOVE_SECONDS:
        status = await read_status(ptz, profile)
        is_still = status.position == previous if status.is_still is None else status.is_still
        if is_still and is_near(status.position, wanted):
            return
        if not is_still or status.position != previous:
            still_since = None
        elif still_since is None:
            still_since = loop.time()
        elif loop.time() - still_since > START_SECONDS:
            break
        previous = status.position
        await asyncio.sleep(_FAST_POLL if lasted < START_SECONDS else _SLOW_POLL)
    raise CameraError(CameraFault.NOT_REACHED)


class Camera(Protocol):
    """What the coordinator needs of a camera."""

    @property
    def is_reachable(self) -> bool:
        """Whether the last call was answered."""

    async def move(self, target: Target, attempt: int) -> None:
        """Move there and read back. Raises CameraError."""

    async def is_at(self, target: Target) -> bool:
        """Whether it stands there now. Raises CameraError."""

    def trust(self, *, is_same: bool) -> None:
        """Whether it has proved to be the camera that was installed: another one is never turned to the view."""
        return

    async def close(self) -> None:
        """Let go of the connection."""


class NoCamera(Camera):
    """A home whose camera has not been set up: nothing looks, and nothing can."""

    is_reachable = False

    @override
    async def move(self, target: Target, attempt: int) -> None:
        if target is Target.VIEW:
            raise CameraError(CameraFault.CANNOT_CONNECT)

    @override
    async def is_at(self, target: Target) -> bool:
        return target is Target.PRIVACY

    @override
    async def close(self) -> None:
        pass


async def _close(device: ONVIFCamera) -> None:
    with suppress(*_FAULTS):
        await device.close()


class OnvifCamera(Camera):
    """A camera as set up. It connects when first asked to do something, and again after a fault."""

    is_reachable = False

    def __init__(self, config: CameraConfig) -> None:
        self._config = config
        self._device: ONVIFCamera | None = None
        self._ptz: Any = None
        self._connecting = asyncio.Lock()
        self._command: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._is_other = False

    @override
    def trust(self, *, is_same: bool) -> None:
        self._is_other = not is_same

    @override
    async def move(self, target: Target, attempt: int) -> None:
        if self._is_other and target is Target.VIEW:
            raise CameraError(CameraFault.OTHER_CAMERA)
        spot = self._spot(target)
        # Every other attempt goes past a preset that may have been lost or moved.
        absolute = self._config.services.absolute and attempt % 2 == 1
        async with self._answering():
            ptz = await self._service()
            await self._one_at_a_time(go_to(ptz, self._config.services.profile, spot, absolute=absolute))
            await wait_until_there(ptz, self._config.services.profile, spot.position)

    @override
    async def is_at(self, target: Target) -> bool:
        async with self._answering():
            status = await read_status(await self._service(), self._config.services.profile)
        return status.is_still is not False and is_near(status.position, self._spot(target).position)

    @override
    async def close(self) -> None:
        for task in (self._command, self._closing):
            if task is not None:
                await asyncio.wait([task], timeout=CALL_SECONDS)
        await self._disconnect()

    def _spot(self, target: Target) -> Spot:
        return self._config.view if target is Target.VIEW else self._config.privacy

    async def _one_at_a_time(self, command: Coroutine[Any, Any, None]) -> None:
        """Run a command to its end even if the move is replaced, so that an older one never arrives after a newer."""
        earlier, self._command = self._command, None

        async def after_earlier() -> None:
            if earlier is not None:
                await asyncio.wait([earlier])
            await command

        task = self._command = asyncio.create_task(after_earlier())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        # Not a shield: that would write down, with the camera's address, what went wrong after nobody waited any more.
        await asyncio.wait([task])
        task.result()

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        try:
            yield
        except CameraError as err:
            if err.code is not CameraFault.NOT_REACHED:
                self.is_reachable = False
                await self._disconnect()
            raise
        self.is_reachable = True

    async def _service(self) -> Any:
        async with self._connecting:
            if self._ptz is None:
                device = await connect(self._config.login)
                try:
                    async with faults(CONNECT_SECONDS):
                        self._ptz = await device.create_ptz_service()
                except BaseException:
                    await device.close()
                    raise
                self._device = device
            return self._ptz

    async def _disconnect(self) -> None:
        device, self._device, self._ptz = self._device, None, None
        if device is not None:
            # Whoever gives up in the middle of it leaves no connection open.
            self._closing = asyncio.create_task(_close(device))
            await asyncio.wait([self._closing])
