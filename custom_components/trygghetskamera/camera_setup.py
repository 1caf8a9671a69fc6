"""Finding out what a camera can do when it is set up, aiming it, and keeping its positions. It knows no rules."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from urllib.parse import urlsplit

from homeassistant.helpers.device_registry import format_mac
from onvif import ONVIFCamera

from .camera_control import (
    CALL_SECONDS,
    CONNECT_SECONDS,
    CameraError,
    CameraFault,
    connect,
    faults,
    go_to,
    read_status,
    wait_until_there,
)
from .config import CameraConfig, CameraLogin, CameraServices, InstallingCamera, Spot, is_near
from .tillsyn.frames import Position
from .tillsyn.gate_values import Target

PREFERRED_HEIGHT: Final = 720
"""Pictures higher than this are more than a look needs and a thin line carries."""
_PRESET_NAMES: Final = {Target.VIEW: "Titt-in", Target.PRIVACY: "Viloläge"}
_NUDGE_SECONDS: Final = 0.4
"""How long a camera that only knows directions is sent in one."""
_LIMIT: Final = 1_000_000
_CLOSING: Final[set[asyncio.Future[None]]] = set()


def _closed(closing: asyncio.Future[None]) -> None:
    _CLOSING.discard(closing)
    if not closing.cancelled():
        closing.exception()


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset that the camera has; ``position`` None where it does not tell."""

    token: str
    name: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the camera says it is."""

    model: str
    serial: str
    firmware: str


@dataclass(frozen=True, slots=True)
class Nudge:
    """A step from where the camera stands, in millionths of the generic spaces."""

    pan: int = 0
    tilt: int = 0
    zoom: int = 0


class NewCamera:
    """A camera that is being set up or looked over."""

    def __init__(self, device: ONVIFCamera, ptz: Any, services: CameraServices) -> None:
        """Use ``open`` or ``reopen``."""
        self.device = device
        self.ptz = ptz
        self.services = services

    @classmethod
    async def open(cls, login: CameraLogin) -> Self:
        """Connect, log in and look at what the camera has. Raises CameraError."""
        device = await connect(login)
        try:
            async with faults(CONNECT_SECONDS):
                profile = await _choose_profile(device)
                ptz = await _ptz(device, profile)
                services = await _services(device, profile)
            await read_status(ptz, services.profile)
        except BaseException:
            await device.close()
            raise
        return cls(device, ptz, services)

    @classmethod
    async def reopen(cls, known: InstallingCamera | CameraConfig) -> Self:
        """Connect to a camera whose services are known. Raises CameraError."""
        device = await connect(known.login)
        try:
            async with faults(CONNECT_SECONDS):
                ptz = await device.create_ptz_service()
            # The first question that needs the login.
            await read_status(ptz, known.services.profile)
        except BaseException:
            await device.close()
            raise
        return cls(device, ptz, known.services)

    async def presets(self) -> tuple[Preset, ...]:
        """The presets; a camera that cannot tell has none. Raises CameraError where the login is refused."""
        try:
            async with faults(CONNECT_SECONDS):
                answer = await self.ptz.GetPresets({"ProfileToken": self.services.profile})
                return tuple(
                    Preset(one.token, one.Name or one.token, _told_position(one))
                    for one in answer or []
                    if one and one.token
                )
        except CameraError as err:
            if err.code is CameraFault.INVALID_AUTH:
                raise
            return ()

    async def position(self) -> Position:
        """Where it stands. Raises CameraError."""
        return (await read_status(self.ptz, self.services.profile)).position

    async def go_to_preset(self, token: str) -> None:
        """Go to one of its presets, and wait until it stands still there. Raises CameraError."""
        where = {one.token: one.position for one in await self.presets()}.get(token)
        async with faults(CALL_SECONDS):
            await self.ptz.GotoPreset({"ProfileToken": self.services.profile, "PresetToken": token})
        if where is None:
            await self.settled()
        else:
            await wait_until_there(self.ptz, self.services.profile, where)

    async def nudge(self, step: Nudge) -> None:
        """Move a step by the best means that it has, and wait until it stands still. Raises CameraError."""
        if self.services.absolute:
            here = await self.position()
            there = Position(
                _clamped(here.pan + step.pan, -_LIMIT),
                _clamped(here.tilt + step.tilt, -_LIMIT),
                _clamped(here.zoom + step.zoom, 0),
            )
            await go_to(self.ptz, self.services.profile, Spot("", there), absolute=True)
        elif self.services.relative:
            async with faults(CALL_SECONDS):
                await self.ptz.RelativeMove(
                    {"ProfileToken": self.services.profile, "Translation": _vector(step, 1_000_000)}
                )
        else:
            await self._drift(step)
        await self.settled()

    async def _drift(self, step: Nudge) -> None:
        """Send it in a direction for a moment; it is stopped whatever happens."""
        profile = {"ProfileToken": self.services.profile}
        largest = max(abs(step.pan), abs(step.tilt), abs(step.zoom), 1)
        try:
            async with faults(CALL_SECONDS):
                await self.ptz.ContinuousMove({**profile, "Velocity": _vector(step, 2 * largest)})
                await asyncio.sleep(_NUDGE_SECONDS * largest / _LIMIT * 4)
        finally:
            async with faults(CALL_SECONDS):
                await self.ptz.Stop({**profile, "PanTilt": True, "Zoom": True})

    async def save(self, target: Target, preset: str | None) -> tuple[Spot, bool]:
        """The spot where it stands now, and whether the camera itself keeps it as a preset. Raises CameraError.

        ``preset``: a preset of the camera that gives just this position, None to save a new one where it can.
        """
        here = (await self.settled()).position
        if preset is not None:
            return Spot(preset, here), True
        try:
            return Spot(await self._new_preset(_PRESET_NAMES[target], here), here), True
        except CameraError as err:
            if not self.services.absolute:
                raise CameraError(CameraFault.CANNOT_SAVE) from err
            return Spot("", here), False

    async def _new_preset(self, name: str, here: Position) -> str:
        """Save this position; one of the same name that we saved before is written over. Raises CameraError."""
        same = [one.token for one in await self.presets() if one.name == name]
        request = {"ProfileToken": self.services.profile, "PresetName": name}
        async with faults(CONNECT_SECONDS):
            token = str(await self.ptz.SetPreset(request | ({"PresetToken": same[0]} if same else {})) or "")
        kept = {one.token: one for one in await self.presets()}
        if token not in kept or not is_near(kept[token].position or here, here):
            raise CameraError(CameraFault.CANNOT_SAVE)
        return token

    async def settled(self) -> Any:
        """The status once the camera has stood still at one place for a moment. Raises CameraError."""
        profile = self.services.profile
        previous, same = await read_status(self.ptz, profile), 0
        async with faults(CONNECT_SECONDS):
            while same < 3:
                await asyncio.sleep(0.1)
                status = await read_status(self.ptz, profile)
                same = same + 1 if status.is_still is not False and status == previous else 0
                previous = status
        return previous

    async def close(self) -> None:
        """Let go of the connection, also where whoever asks for it is stopped meanwhile."""
        closing = asyncio.ensure_future(self.device.close())
        _CLOSING.add(closing)
        closing.add_done_callback(_closed)
        with suppress(CameraError):
            async with faults(CONNECT_SECONDS):
                await asyncio.shield(closing)


async def read_identity(login: CameraLogin) -> Identity:
    """Log in and ask who it is. Raises CameraError."""
    device = await connect(login)
    try:
        async with faults(CONNECT_SECONDS):
            return await identity_of(device)
    finally:
        await device.close()


async def identity_of(device: ONVIFCamera) -> Identity:
    """Ask who it is. Call within ``faults``."""
    management = await device.create_devicemgmt_service()
    about = await management.GetDeviceInformation()
    return Identity(
        model=f"{about.Manufacturer or ''} {about.Model or ''}".strip(),
        serial=about.SerialNumber or "",
        firmware=about.FirmwareVersion or "",
    )


async def async_heal_presets(camera: NewCamera, config: CameraConfig) -> CameraConfig:
    """Mend the presets that are lost or give another position; the configuration to use from now on.

    Only while the camera looks away, and nothing is moved: the preset of the privacy position is saved anew where it
    stands, and a view without its preset is reached by its position. To save the view anew the camera would have to
    look at the bed for it. A camera without absolute moves is left as it is: somebody must aim it. Raises CameraError.
    """
    if not config.services.absolute:
        return config
    told = {one.token: one.position for one in await camera.presets()}
    here = await camera.position()
    if not is_near(here, config.privacy.position):
        return config
    view, privacy = config.view, config.privacy
    if _is_lost(view, told):
        view = Spot("", view.position)
    if _is_lost(privacy, told):
        privacy, _ = await camera.save(Target.PRIVACY, None)
        privacy = Spot(privacy.preset, config.privacy.position)
    return replace(config, view=view, privacy=privacy)


def _is_lost(spot: Spot, told: dict[str, Position | None]) -> bool:
    """Whether a spot's preset is gone, or is said to be somewhere else."""
    if not spot.preset:
        return False
    if spot.preset not in told:
        return True
    position = told[spot.preset]
    return position is not None and not is_near(position, spot.position)


def lost_presets(config: CameraConfig, presets: tuple[Preset, ...]) -> tuple[Target, ...]:
    """Which of the two positions have lost their preset."""
    told = {one.token: one.position for one in presets}
    spots = {Target.VIEW: config.view, Target.PRIVACY: config.privacy}
    return tuple(target for target, spot in spots.items() if _is_lost(spot, told))


def _clamped(value: int, low: int) -> int:
    return max(low, min(_LIMIT, value))


def _vector(step: Nudge, whole: int) -> dict[str, dict[str, float]]:
    vector: dict[str, dict[str, float]] = {}
    if step.pan or step.tilt:
        vector["PanTilt"] = {"x": step.pan / whole, "y": step.tilt / whole}
    if step.zoom:
        vector["Zoom"] = {"x": step.zoom / whole}
    return vector


def _told_position(preset: Any) -> Position | None:
    place = preset.PTZPosition
    if place is None or place.PanTilt is None:
        return None
    zoom = place.Zoom.x if place.Zoom is not None else 0
    return Position(*(round(float(value) * 1_000_000) for value in (place.PanTilt.x, place.PanTilt.y, zoom)))


async def _choose_profile(device: ONVIFCamera) -> Any:
    """The H.264 profile of at most 720 lines, or else the smallest. Raises CameraError."""
    media = await device.create_media_service()
    profiles = [one for one in await media.GetProfiles() or [] if one.VideoEncoderConfiguration is not None]
    if not profiles:
        raise CameraError(CameraFault.NO_VIDEO)
    usable = [one for one in profiles if one.VideoEncoderConfiguration.Encoding == "H264"]
    if not usable:
        raise CameraError(CameraFault.H265_ONLY)

    def height(profile: Any) -> int:
        return int(profile.VideoEncoderConfiguration.Resolution.Height)

    small = [one for one in usable if height(one) <= PREFERRED_HEIGHT]
    return max(small, key=height) if small else min(usable, key=height)


async def _ptz(device: ONVIFCamera, profile: Any) -> Any:
    has_service = any("/ptz/" in namespace for namespace in device.xaddrs)
    if not has_service or profile.PTZConfiguration is None:
        raise CameraError(CameraFault.NO_PTZ)
    return await device.create_ptz_service()


async def _services(device: ONVIFCamera, profile: Any) -> CameraServices:
    about = await identity_of(device)
    media, ptz = await device.create_media_service(), await device.create_ptz_service()
    stream = await media.GetStreamUri(
        {
            "ProfileToken": profile.token,
            "StreamSetup": {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}},
        }
    )
    uri = urlsplit(stream.Uri)
    path = uri.path or "/"
    moves = profile.PTZConfiguration
    return CameraServices(
        model=about.model,
        serial=about.serial,
        profile=profile.token,
        ptz_path=_path(ptz.xaddr),
        media_path=_path(media.xaddr),
        rtsp_port=uri.port or 554,
        rtsp_path=f"{path}?{uri.query}" if uri.query else path,
        absolute=moves.DefaultAbsolutePantTiltPositionSpace is not None,
        relative=moves.DefaultRelativePanTiltTranslationSpace is not None,
        firmware=about.firmware,
        mac=await _mac(device),
        snapshot=await _snapshot(media, profile.token),
    )


async def _mac(device: ONVIFCamera) -> str:
    """The address of its network interface; '' where it does not tell."""
    with suppress(CameraError):
        async with faults(CALL_SECONDS):
            management = await device.create_devicemgmt_service()
            for one in await management.GetNetworkInterfaces() or []:
                if one.Info is not None and one.Info.HwAddress:
                    return format_mac(str(one.Info.HwAddress))
    return ""


async def _snapshot(media: Any, profile: str) -> str:
    """Where it gives stills; '' where it gives none."""
    with suppress(CameraError):
        async with faults(CALL_SECONDS):
            uri = str((await media.GetSnapshotUri({"ProfileToken": profile})).Uri or "")
            return uri if urlsplit(uri).scheme in ("http", "https") else ""
    return ""


def _path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
