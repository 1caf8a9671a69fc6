"""Pure questions to a camera: what is on in it that should not be, and whether it is still the same as when installed.

Each question is optional: a camera that does not answer one is not worse for it, and the answer is then None. Nothing
is changed in the camera, and no picture is kept: of a still only its mean brightness is.
"""

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import aiohttp
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.util import dt as dt_util
from onvif import ONVIFCamera
from PIL import Image, ImageStat, UnidentifiedImageError
from yarl import URL

from .camera_control import CALL_SECONDS, CameraError, CameraFault, faults
from .camera_setup import Identity, NewCamera, async_heal_presets, identity_of, lost_presets
from .config import CameraConfig, CameraLogin, InstallingCamera

CLOCK_TOLERANCE: Final = 60
"""Seconds that a camera's clock may be wrong: no rule hangs on it, but its own log is read by it."""
DARK: Final = 30
"""Mean brightness (0 to 255) under which nobody is seen."""
MAX_STILL: Final = 4 * 1024 * 1024
_MAX_PIXELS: Final = 40_000_000


class Finding(StrEnum):
    """What somebody should see to; the value is a translation key."""

    CLOCK_WRONG = "clock_wrong"
    FIRMWARE_CHANGED = "firmware_changed"
    OTHER_CAMERA = "other_camera"
    PRESET_LOST = "preset_lost"
    AUDIO = "audio"
    STRANGERS = "strangers"
    RECORDING = "recording"
    DARK = "dark"
    INFRARED_OFF = "infrared_off"
    LOGIN_REFUSED = "login_refused"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the camera answered; None where it did not."""

    identity: Identity | None
    clock_error: int | None
    """Seconds that its clock is ahead."""
    audio: bool | None
    strangers: int | None
    """Users in the camera besides ours."""
    recording: bool | None
    infrared: str | None
    """Its filter for infrared light: ON lets none in, OFF lets it in, AUTO is up to the camera."""
    presets_lost: bool | None


async def _ask[T](question: Callable[[], Awaitable[T]]) -> T | None:
    try:
        async with faults(CALL_SECONDS):
            return await question()
    except CameraError:
        return None


async def async_inspect(known: CameraConfig | InstallingCamera) -> Inspection:
    """Connect and ask everything. Raises CameraError where it cannot be reached or does not let us in."""
    camera = await NewCamera.reopen(known)
    try:
        return await inspect(camera, known)
    finally:
        await camera.close()


async def inspect(camera: NewCamera, known: CameraConfig | InstallingCamera) -> Inspection:
    """Ask everything over a connection that is there."""
    device = camera.device

    async def presets_lost() -> bool:
        assert isinstance(known, CameraConfig)
        return bool(lost_presets(known, await camera.presets()))

    return Inspection(
        identity=await _ask(lambda: identity_of(device)),
        clock_error=await _ask(lambda: _clock_error(device)),
        audio=await _ask(lambda: _audio(device)),
        strangers=await _ask(lambda: _strangers(device, known.login.username)),
        recording=await _ask(lambda: _recording(device)),
        infrared=await _ask(lambda: _infrared(device)),
        presets_lost=await _ask(presets_lost) if isinstance(known, CameraConfig) else None,
    )


def findings(known: CameraConfig | InstallingCamera, seen: Inspection) -> frozenset[Finding]:
    """What somebody should see to. What the camera does not tell is nothing to see to."""
    found = set()
    if seen.identity is not None and seen.identity.serial != known.services.serial:
        found.add(Finding.OTHER_CAMERA)
    elif seen.identity is not None and known.services.firmware not in ("", seen.identity.firmware):
        found.add(Finding.FIRMWARE_CHANGED)
    if seen.clock_error is not None and abs(seen.clock_error) > CLOCK_TOLERANCE:
        found.add(Finding.CLOCK_WRONG)
    for is_so, finding in (
        (seen.audio, Finding.AUDIO),
        (seen.strangers, Finding.STRANGERS),
        (seen.recording, Finding.RECORDING),
        (seen.presets_lost, Finding.PRESET_LOST),
        (seen.infrared == "ON", Finding.INFRARED_OFF),
    ):
        if is_so:
            found.add(finding)
    return frozenset(found)


async def _clock_error(device: ONVIFCamera) -> int:
    management = await device.create_devicemgmt_service()
    told = (await management.GetSystemDateAndTime()).UTCDateTime
    day, time = told.Date, told.Time
    moment = datetime(day.Year, day.Month, day.Day, time.Hour, time.Minute, min(time.Second, 59), tzinfo=UTC)
    return round((moment - dt_util.utcnow()).total_seconds())


async def _audio(device: ONVIFCamera) -> bool:
    media = await device.create_media_service()
    return bool(await media.GetAudioSources())


async def _strangers(device: ONVIFCamera, own: str) -> int:
    management = await device.create_devicemgmt_service()
    return sum(one.Username != own for one in await management.GetUsers() or [])


async def _recording(device: ONVIFCamera) -> bool | None:
    if not any("/recording/" in namespace for namespace in device.xaddrs):
        return None
    recording = await device.create_recording_service()
    jobs = await recording.GetRecordingJobs() or []
    return any(one.JobConfiguration.Mode == "Active" for one in jobs)


async def _infrared(device: ONVIFCamera) -> str | None:
    media, imaging = await device.create_media_service(), await device.create_imaging_service()
    source = (await media.GetVideoSources())[0].token
    mode = (await imaging.GetImagingSettings({"VideoSourceToken": source})).IrCutFilter
    return mode if mode in ("ON", "OFF", "AUTO") else None


async def async_look_over(
    hass: HomeAssistant, entry: ConfigEntry, camera_id: str, is_closed: Callable[[], bool]
) -> frozenset[Finding]:
    """Look an installed camera over, mend its presets where that is safe, and tell what is left to see to.

    Nothing is moved. What was mended is stored in the camera's subentry. Raises CameraError.
    """
    subentry = entry.subentries.get(camera_id)
    config = None if subentry is None else CameraConfig.find(subentry.data)
    if subentry is None or config is None:
        return frozenset()
    camera = await NewCamera.reopen(config)
    try:
        seen = await inspect(camera, config)
        left = findings(config, seen)
        if Finding.OTHER_CAMERA not in left and Finding.PRESET_LOST in left and is_closed():
            mended = await async_heal_presets(camera, config)
            if not lost_presets(mended, await camera.presets()):
                left -= {Finding.PRESET_LOST}
            if mended != config and entry.subentries.get(camera_id) is subentry:
                hass.config_entries.async_update_subentry(entry, subentry, data={**subentry.data, **mended.dump()})
    finally:
        await camera.close()
    return left


# ---- stills ---------------------------------------------------------------------------------------------------------


class StillSource:
    """Stills of one camera, each in memory only for as long as it is sent on or measured."""

    def __init__(self, hass: HomeAssistant, login: CameraLogin, uri: str) -> None:
        """Connections are kept between two stills, until ``close``."""
        address = URL(uri)
        # The address typed in counts, not the one the camera believes it has, nor a login that it wrote into it.
        self._url = address.with_user(None).with_host(login.host.strip("[]"))
        digest = aiohttp.DigestAuthMiddleware(login.username, login.password)
        # Cameras certify themselves; the network at home is what there is to trust here.
        self._session = async_create_clientsession(hass, verify_ssl=False, auto_cleanup=False, middlewares=(digest,))
        self._hass = hass

    async def still(self) -> bytes:
        """One JPEG. Raises CameraError."""
        async with faults(CALL_SECONDS), self._session.get(self._url, allow_redirects=False) as answer:
            answer.raise_for_status()
            if answer.content_type != "image/jpeg":
                raise ValueError("not a JPEG")
            picture = await answer.content.read(MAX_STILL + 1)
            while len(picture) <= MAX_STILL and (more := await answer.content.read(MAX_STILL + 1)):
                picture += more
        if len(picture) > MAX_STILL or not picture.startswith(b"\xff\xd8"):
            raise CameraError(CameraFault.CANNOT_CONNECT)
        return picture

    async def brightness(self) -> int:
        """Mean brightness of a still, 0 black to 255 white. Raises CameraError."""
        picture = await self.still()
        try:
            return await self._hass.async_add_executor_job(_brightness, picture)
        except (UnidentifiedImageError, OSError, ValueError) as err:
            raise CameraError(CameraFault.CANNOT_CONNECT) from err

    def close(self) -> None:
        """Let go of the connection."""
        self._session.detach()


def _brightness(picture: bytes) -> int:
    with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
        if image.width * image.height > _MAX_PIXELS:
            raise ValueError("too large")
        image.draft("L", (160, 90))
        return round(ImageStat.Stat(image.convert("L")).mean[0])
