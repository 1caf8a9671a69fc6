"""The few words of ONVIF that the bridge speaks: look away, where do you look, give me a key frame.

``GetSystemDateAndTime`` is asked, without a password, because a camera refuses a password digest made by another clock.
Why not a full ONVIF library: docs/decisions/002-small-soap-client.md.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final
from xml.etree.ElementTree import Element

import aiohttp

from tillsyn.frames import CameraAccess, Position

from . import soap
from .soap import element

REQUEST_SECONDS: Final = 5.0
_MILLION: Final = 1_000_000
_CLOCK_TOLERANCE: Final = timedelta(seconds=2)
_DEVICE_PATH: Final = "/onvif/device_service"
"""The one path that the standard fixes (ONVIF Core 5.1.1)."""


class CameraFault(Exception):
    """The camera did not do as asked. ``code`` is safe to log: nothing of the camera's own text is in it."""

    code: ClassVar[str] = "camera_fault"


class CameraAway(CameraFault):
    """No answer, or none in time."""

    code = "camera_unreachable"


class CameraRefused(CameraFault):
    """User name or password are not accepted."""

    code = "camera_unauthorized"


@dataclass(frozen=True, slots=True)
class Status:
    """Where the camera looks, in millionths; None where it does not say. ``moving``: the motor runs."""

    pan: int | None
    tilt: int | None
    zoom: int | None
    moving: bool


class Camera:
    """One camera's ONVIF services. Not connected until asked; asks one thing at a time."""

    def __init__(self, session: aiohttp.ClientSession, configure: CameraAccess) -> None:
        """``session`` is shared and not closed here."""
        self._session = session
        self._configure = configure
        self._clock_offset: timedelta | None = None
        self._timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)

    async def go_private(self) -> None:
        """Ask for the privacy position; it is not reached yet when this returns. Raises CameraFault."""
        configure = self._configure
        profile = element("p:ProfileToken", text=configure.profile)
        if configure.privacy_preset:
            preset = element("p:PresetToken", text=configure.privacy_preset)
            await self._ask(configure.ptz_path, element("p:GotoPreset", profile, preset), "GotoPresetResponse")
        else:
            place = element("p:Position", *_vector(configure.privacy))
            await self._ask(configure.ptz_path, element("p:AbsoluteMove", profile, place), "AbsoluteMoveResponse")

    async def status(self) -> Status:
        """Where the camera looks now. Raises CameraFault."""
        request = element("p:GetStatus", element("p:ProfileToken", text=self._configure.profile))
        return _status(await self._ask(self._configure.ptz_path, request, "GetStatusResponse"))

    async def key_frame(self) -> None:
        """Ask for a key frame; returns when the camera has agreed. Raises CameraFault."""
        request = element("m:SetSynchronizationPoint", element("m:ProfileToken", text=self._configure.profile))
        await self._ask(self._configure.media_path, request, "SetSynchronizationPointResponse")

    # -- one request --------------------------------------------------------------------------------------------------

    async def _ask(self, path: str, content: str, expected: str) -> Element:
        if self._clock_offset is None:
            await self._learn_clock()
        try:
            return await self._signed(path, content, expected)
        except CameraRefused:
            # The camera's clock may have been set since (a restart, a new time server): look once more.
            before = self._clock_offset or timedelta()
            await self._learn_clock()
            if abs((self._clock_offset or timedelta()) - before) < _CLOCK_TOLERANCE:
                raise
        return await self._signed(path, content, expected)

    async def _signed(self, path: str, content: str, expected: str) -> Element:
        now = datetime.now(UTC) + (self._clock_offset or timedelta())
        header = soap.username_token(self._configure.user, self._configure.password, now)
        return await self._post(path, soap.envelope(content, header), expected)

    async def _learn_clock(self) -> None:
        request = soap.envelope(element("d:GetSystemDateAndTime"))
        found: datetime | None = None
        try:
            found = _camera_time(await self._post(_DEVICE_PATH, request, "GetSystemDateAndTimeResponse"))
        except CameraAway:
            raise
        except CameraFault:
            pass  # a camera that does not tell the time is asked with ours
        offset = found - datetime.now(UTC) if found is not None else timedelta()
        self._clock_offset = offset if abs(offset) > _CLOCK_TOLERANCE else timedelta()

    async def _post(self, path: str, envelope: bytes, expected: str) -> Element:
        url = f"http://{self._configure.host}:{self._configure.port}{path}"
        headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
        try:
            async with self._session.post(
                url, data=envelope, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                status = response.status
                raw = await _limited(response)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as err:
            raise CameraAway(type(err).__name__) from None
        if status == 401:
            raise CameraRefused
        try:
            answer = soap.body(soap.parse(raw))
        except soap.BadXml as err:
            raise CameraFault(f"status {status}") from err
        codes = soap.fault_codes(answer)
        if "NotAuthorized" in codes or "FailedAuthentication" in codes:
            raise CameraRefused
        if codes or status != 200 or answer.tag.rpartition("}")[2] != expected:
            raise CameraFault(f"status {status}")
        return answer


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for part in response.content.iter_chunked(8192):
        raw += part
        if len(raw) > soap.ANSWER_BYTES:
            raise ValueError("answer too large")
    return bytes(raw)


def _vector(place: Position) -> tuple[str, str]:
    pan_tilt = element("t:PanTilt", x=_decimal(place.pan), y=_decimal(place.tilt))
    return pan_tilt, element("t:Zoom", x=_decimal(place.zoom))


def _decimal(millionths: int) -> str:
    return f"{millionths / _MILLION:.6f}"


def _status(answer: Element) -> Status:
    place = answer.find(f".//{{{soap.SCHEMA}}}Position")
    told = answer.find(f".//{{{soap.SCHEMA}}}MoveStatus")
    moving = told is not None and any((one.text or "").strip() == "MOVING" for one in told.iter())
    pan_tilt = place.find(f"{{{soap.SCHEMA}}}PanTilt") if place is not None else None
    zoom = place.find(f"{{{soap.SCHEMA}}}Zoom") if place is not None else None
    return Status(_millionths(pan_tilt, "x"), _millionths(pan_tilt, "y"), _millionths(zoom, "x"), moving)


def _millionths(found: Element | None, name: str) -> int | None:
    if found is None:
        return None
    try:
        value = float(found.attrib[name])
    except KeyError, ValueError:
        return None
    return round(value * _MILLION) if -1.5 <= value <= 1.5 else None


def _camera_time(answer: Element) -> datetime | None:
    moment = answer.find(f".//{{{soap.SCHEMA}}}UTCDateTime")

    def part(group: str, name: str) -> int:
        found = moment.findtext(f"{{{soap.SCHEMA}}}{group}/{{{soap.SCHEMA}}}{name}", "") if moment is not None else ""
        return int(found)

    try:
        day = [part("Date", name) for name in ("Year", "Month", "Day")]
        time = [part("Time", name) for name in ("Hour", "Minute", "Second")]
        return datetime(day[0], day[1], day[2], time[0], time[1], time[2], tzinfo=UTC)
    except ValueError:
        return None
