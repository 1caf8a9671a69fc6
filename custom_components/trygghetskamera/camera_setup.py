"""Finding out what a camera can do when it is set up, and trying its positions. It knows no rules."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from onvif import ONVIFCamera

from .camera_control import (
    CONNECT_SECONDS,
    CameraError,
    CameraFault,
    connect,
    faults,
    go_to,
    read_status,
    wait_until_there,
)
from .config import CameraLogin, CameraServices, Spot
from .tillsyn.gate_values import Target

PREFERRED_HEIGHT: Final = 720
"""Pictures higher than this are more than a look needs and a thin line carries."""
_PRESET_NAMES: Final = {Target.VIEW: "Titt-in", Target.PRIVACY: "Viloläge"}


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset that the camera has."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found."""

    services: CameraServices
    presets: tuple[Preset, ...]
    has_audio: bool


class NewCamera:
    """A camera that is being set up."""

    def __init__(self, device: ONVIFCamera, ptz: Any, found: Found) -> None:
        """Use ``open``."""
        self._device = device
        self._ptz = ptz
        self.found = found

    @classmethod
    async def open(cls, login: CameraLogin) -> Self:
        """Connect, log in and look at what the camera has. Raises CameraError."""
        device = await connect(login)
        try:
            async with faults(CONNECT_SECONDS):
                profile = await _choose_profile(device)
                ptz = await _ptz(device, profile)
                presets = await _presets(ptz, profile.token)
                services = await _services(device, profile)
                has_audio = profile.AudioEncoderConfiguration is not None or await _has_audio(device)
            await read_status(ptz, services.profile)
        except BaseException:
            await device.close()
            raise
        return cls(device, ptz, Found(services, presets, has_audio))

    async def spot(self, target: Target, preset: str | None) -> Spot:
        """The position of a preset, by going there, or (None) the one the camera has now. Raises CameraError.

        The present position is saved as a preset of its own where the camera can.
        """
        profile = self.found.services.profile
        if preset is None:
            now = await read_status(self._ptz, profile)
            return Spot(await self._save(target), now.position)
        async with faults(CONNECT_SECONDS):
            await self._ptz.GotoPreset({"ProfileToken": profile, "PresetToken": preset})
        return Spot(preset, (await self._settled()).position)

    async def try_spot(self, spot: Spot) -> None:
        """Go there and read back. Raises CameraError."""
        profile = self.found.services.profile
        await go_to(self._ptz, profile, spot, absolute=False)
        await wait_until_there(self._ptz, profile, spot.position)

    async def close(self) -> None:
        """Let go of the connection."""
        with suppress(CameraError):
            async with faults(CONNECT_SECONDS):
                await self._device.close()

    async def _settled(self) -> Any:
        """The status once the camera has stood still at one place for a moment."""
        profile = self.found.services.profile
        previous, same = await read_status(self._ptz, profile), 0
        async with faults(CONNECT_SECONDS):
            while same < 3:
                await asyncio.sleep(0.1)
                status = await read_status(self._ptz, profile)
                same = same + 1 if status.is_still is not False and status == previous else 0
                previous = status
        return previous

    async def _save(self, target: Target) -> str:
        """The token of a new preset for the present position, '' where it is reached by an absolute move instead."""
        try:
            async with faults(CONNECT_SECONDS):
                token = await self._ptz.SetPreset(
                    {"ProfileToken": self.found.services.profile, "PresetName": _PRESET_NAMES[target]}
                )
                return str(token)
        except CameraError as err:
            if not self.found.services.absolute:
                raise CameraError(CameraFault.CANNOT_SAVE) from err
            return ""


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


async def _presets(ptz: Any, profile: str) -> tuple[Preset, ...]:
    """The presets; a camera that cannot tell has none."""
    try:
        async with faults(CONNECT_SECONDS):
            answer = await ptz.GetPresets({"ProfileToken": profile})
            return tuple(Preset(one.token, one.Name or one.token) for one in answer or [] if one and one.token)
    except CameraError as err:
        if err.code is CameraFault.INVALID_AUTH:
            raise
        return ()


async def _has_audio(device: ONVIFCamera) -> bool:
    """Whether the camera has a microphone."""
    try:
        async with faults(CONNECT_SECONDS):
            media = await device.create_media_service()
            return bool(await media.GetAudioSources())
    except CameraError:
        return False


async def _services(device: ONVIFCamera, profile: Any) -> CameraServices:
    management = await device.create_devicemgmt_service()
    about = await management.GetDeviceInformation()
    media, ptz = await device.create_media_service(), await device.create_ptz_service()
    stream = await media.GetStreamUri(
        {
            "ProfileToken": profile.token,
            "StreamSetup": {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}},
        }
    )
    uri = urlsplit(stream.Uri)
    path = uri.path or "/"
    return CameraServices(
        model=f"{about.Manufacturer or ''} {about.Model or ''}".strip(),
        serial=about.SerialNumber or "",
        profile=profile.token,
        ptz_path=_path(ptz.xaddr),
        media_path=_path(media.xaddr),
        rtsp_port=uri.port or 554,
        rtsp_path=f"{path}?{uri.query}" if uri.query else path,
        absolute=profile.PTZConfiguration.DefaultAbsolutePantTiltPositionSpace is not None,
    )


def _path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
