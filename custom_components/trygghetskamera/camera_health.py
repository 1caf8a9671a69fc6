"""Looking the cameras over now and then: what should be seen to is told as repair issues, what can be mended is."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval

from .camera_audit import Finding, async_look_over
from .camera_control import CameraError, CameraFault
from .coordinator import Home
from .discovery import async_watch_addresses
from .issues import clear_camera_issue, raise_camera_issue
from .tillsyn.gate_values import Place

_LOGGER = logging.getLogger(__name__)

LOOK_OVER_EVERY: Final = timedelta(hours=1)
AFTER_RECONNECT: Final = 30.0
"""Seconds from a camera's first answer until it is looked over: one that has just started has other things to do."""
_TOLD: Final = frozenset(Finding) - {Finding.DARK}
"""How dark it is, is only known in the installer's test."""
_GRAVE: Final = frozenset({Finding.OTHER_CAMERA, Finding.PRESET_LOST, Finding.LOGIN_REFUSED})


class CameraHealth:
    """The health of one home's cameras, for as long as it runs."""

    def __init__(self, home: Home) -> None:
        """Nothing happens before ``watch``."""
        self._home = home
        self._answers: dict[str, bool] = {}
        self._silent: set[str] = set()
        self._soon: dict[str, CALLBACK_TYPE] = {}
        self._one_at_a_time = asyncio.Lock()

    @callback
    def watch(self) -> CALLBACK_TYPE:
        """Begin; returns how to stop, which clears what was told."""
        home = self._home
        cameras = tuple(home.cameras)
        stops = (
            async_track_time_interval(home.hass, self._each_hour, LOOK_OVER_EVERY, cancel_on_shutdown=True),
            async_watch_addresses(home.hass, home.entry, self._unreachable),
            home.listen(self._changed),
        )

        @callback
        def stop() -> None:
            for one in (*stops, *self._soon.values()):
                one()
            self._soon.clear()
            for camera_id in cameras:
                self._tell(camera_id, frozenset())

        self._changed()
        return stop

    def _unreachable(self) -> list[str]:
        return [
            camera_id
            for camera_id, side in self._home.cameras.items()
            if not side.camera.is_reachable and side.gate.place is not Place.DARK
        ]

    @callback
    def _changed(self) -> None:
        """Look a camera over soon after it has answered again, or has ceased to: its login may have been changed."""
        for camera_id, side in self._home.cameras.items():
            answers = side.camera.is_reachable
            before = self._answers.get(camera_id)
            if before is not answers:
                self._answers[camera_id] = answers
                if before and not answers:
                    self._silent.add(camera_id)
                    _LOGGER.info("A camera does not answer")
                elif camera_id in self._silent:
                    self._silent.remove(camera_id)
                    _LOGGER.info("A camera answers again")
                if camera_id not in self._soon:
                    self._soon[camera_id] = self._look_over_in(camera_id, AFTER_RECONNECT)

    def _look_over_in(self, camera_id: str, seconds: float) -> CALLBACK_TYPE:
        @callback
        def due(_now: datetime) -> None:
            self._soon.pop(camera_id, None)
            self._look_over(camera_id)

        return async_call_later(self._home.hass, seconds, due)

    @callback
    def _each_hour(self, _now: datetime) -> None:
        for camera_id in self._home.cameras:
            self._look_over(camera_id)

    def _look_over(self, camera_id: str) -> None:
        self._home.background(self.look_over(camera_id), "look over")

    async def look_over(self, camera_id: str) -> None:
        """Look one camera over, unless it is being used or moved."""
        side = self._home.cameras.get(camera_id)
        if side is None or (side.gate.place is not Place.CLOSED and side.camera.is_reachable):
            return
        if side.gate.place is Place.DARK:
            return

        def is_closed() -> bool:
            return side.gate.place is Place.CLOSED

        async with self._one_at_a_time:
            try:
                found = await async_look_over(self._home.hass, self._home.entry, camera_id, is_closed)
            except CameraError as err:
                _LOGGER.debug("A camera could not be looked over: %s", err.code)
                if err.code is CameraFault.INVALID_AUTH:
                    self._tell(camera_id, frozenset({Finding.LOGIN_REFUSED}))
                return
        side.camera.trust(is_same=Finding.OTHER_CAMERA not in found)
        self._tell(camera_id, found)

    @callback
    def _tell(self, camera_id: str, found: frozenset[Finding]) -> None:
        hass, entry = self._home.hass, self._home.entry
        subentry = entry.subentries.get(camera_id)
        for finding in _TOLD:
            key = f"camera_{finding}"
            if subentry is None or finding not in found:
                clear_camera_issue(hass, camera_id, key)
            else:
                is_grave = finding in _GRAVE
                raise_camera_issue(hass, entry.entry_id, camera_id, key, is_grave=is_grave, camera=subentry.title)
