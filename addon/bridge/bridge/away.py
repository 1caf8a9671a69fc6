"""The bridge's own way to make the camera look away, for when the gate does not: until it is read back."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tillsyn.frames import CameraAccess, Position

from .link import jitter
from .onvif import Camera, CameraFault, Status

_LOGGER = logging.getLogger(__name__)

PAN_TILT_TOLERANCE = 20_000
ZOOM_TOLERANCE = 50_000
"""Millionths of the camera's ranges within which a position counts as reached."""


class AwayReport(StrEnum):
    """SEEN: read back private while the integration drove. DROVE: the bridge drove it. FAILING: trying in vain."""

    SEEN = "seen"
    DROVE = "drove"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class AwayTiming:
    """Seconds."""

    poll: float = 0.25
    """Between two read-backs while the camera should be moving."""
    attempt: float = 6.0
    """How long one command gets before it is given again."""
    first_retry: float = 0.25
    last_retry: float = 30.0
    watch: float = 1.0
    """Between two read-backs while the integration drives."""
    grace: float = 15.0
    """How long the integration gets to reach the privacy position before the bridge drives as well."""


def is_private(status: Status, place: Position) -> bool:
    """Whether the camera stands still at its privacy position. What it does not tell, except zoom, counts as no."""
    if status.moving or status.pan is None or status.tilt is None:
        return False
    zoomed = status.zoom is not None and abs(status.zoom - place.zoom) > ZOOM_TOLERANCE
    return (
        abs(status.pan - place.pan) <= PAN_TILT_TOLERANCE
        and abs(status.tilt - place.tilt) <= PAN_TILT_TOLERANCE
        and not zoomed
    )


class Away:
    """Drives or watches one camera in the background; never both."""

    def __init__(self, report: Callable[[AwayReport], None], timing: AwayTiming | None = None) -> None:
        """``report`` hears how it goes; FAILING comes once for each drive, after the third command in vain."""
        self._report = report
        self._timing = timing or AwayTiming()
        self._camera: Camera | None = None
        self._place = Position(0, 0, 0)
        self._task: asyncio.Task[None] | None = None
        self._driving = False

    def use(self, camera: Camera, access: CameraAccess) -> None:
        """The camera to drive from now on. A drive under way goes on with this one."""
        self._camera = camera
        self._place = access.privacy

    def drive(self) -> asyncio.Task[None]:
        """Drive until read back. Safe to repeat."""
        if not self._driving or self._task is None or self._task.done():
            self.leave()
            self._driving = True
            self._task = asyncio.create_task(self._drive(), name="drive away")
        return self._task

    def watch(self) -> None:
        """Read back until private; drive if that takes too long."""
        if self._task is None or self._task.done():
            self._driving = False
            self._task = asyncio.create_task(self._watch(), name="watch camera")

    def leave(self) -> None:
        """Stop driving and watching."""
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._driving = False

    async def _drive(self) -> None:
        delay, failures = self._timing.first_retry, 0
        while not await self._attempt():
            failures += 1
            if failures == 3:
                self._report(AwayReport.FAILING)
            await asyncio.sleep(jitter(delay))
            delay = min(delay * 2, self._timing.last_retry)
        self._report(AwayReport.DROVE)

    async def _attempt(self) -> bool:
        """One command, then read back for a while."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._timing.attempt
        try:
            if self._camera is None:
                return False
            await self._camera.go_private()
            while loop.time() < until:
                if await self._private():
                    return True
                await asyncio.sleep(self._timing.poll)
        except CameraFault as err:
            _LOGGER.warning("camera does not look away", extra={"code": err.code})
        return False

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._timing.grace
        while loop.time() < until:
            try:
                if await self._private():
                    self._report(AwayReport.SEEN)
                    return
            except CameraFault as err:
                _LOGGER.debug("camera does not tell its position", extra={"code": err.code})
            await asyncio.sleep(self._timing.watch)
        self._driving = True
        await self._drive()

    async def _private(self) -> bool:
        return self._camera is not None and is_private(await self._camera.status(), self._place)
