"""The installer's test of a camera: to the view and back through the gate, read back and timed, and questions to it."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .aiming import AimingRefused
from .camera_audit import DARK, Finding, StillSource, async_inspect, findings
from .camera_control import CameraError
from .camera_steps import Done, TrialReport
from .config import CameraConfig
from .coordinator import Home, TrygghetskameraConfigEntry
from .tillsyn.gate_values import Place

MOVE_SECONDS: Final = 40.0
"""How long there or back may take before the test has failed; the gate tries more than once."""


class TrialFailed(Exception):
    """It could not be carried out; the code is a translation key."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


async def async_try(
    hass: HomeAssistant, entry: TrygghetskameraConfigEntry, camera_id: str, by: str
) -> tuple[TrialReport, str]:
    """Try it; also the firmware that it was tried with, '' where the camera does not tell.

    Aiming is the gate's own way to move without a look: written down, shown, and ended away from the room. TrialFailed,
    CameraError.
    """
    async with asyncio.timeout(MOVE_SECONDS), entry.setup_lock:
        home = _running(entry, camera_id)
    config = CameraConfig.read(entry.subentries[camera_id].data)
    seen = await async_inspect(config)
    there, brightness = await _there(home, camera_id, by, lambda: _brightness(hass, config))
    back = await _back(home, camera_id)
    found = set(findings(config, seen))
    if brightness is not None and brightness < DARK:
        found.add(Finding.DARK)
    found.discard(Finding.FIRMWARE_CHANGED)
    report = TrialReport(Done.now(by), round(there, 1), round(back, 1), brightness, seen.infrared, frozenset(found))
    return report, "" if seen.identity is None else seen.identity.firmware


async def async_move(entry: TrygghetskameraConfigEntry, camera_id: str, by: str) -> tuple[float, float]:
    """Only there and back, without a picture: seconds to the view, and back. Raises TrialFailed."""
    home = _running(entry, camera_id)
    there, _ = await _there(home, camera_id, by)
    return there, await _back(home, camera_id)


def _running(entry: TrygghetskameraConfigEntry, camera_id: str) -> Home:
    if entry.state is not ConfigEntryState.LOADED or camera_id not in entry.runtime_data.cameras:
        raise TrialFailed("home_not_loaded")
    return entry.runtime_data


async def _no_picture() -> None:
    pass


async def _there(
    home: Home, camera_id: str, by: str, measure: Callable[[], Coroutine[Any, Any, int | None]] = _no_picture
) -> tuple[float, int | None]:
    """Seconds to the view, and what is measured there."""
    over: list[bool] = []
    unlisten: Callable[[], None] | None = None
    try:
        await _until(home, lambda: home.cameras[camera_id].gate.place is not Place.CLOSING)
        began = time.monotonic()
        unlisten = home.aiming.on_end(camera_id, lambda: over.append(True))
        await home.aiming.start(camera_id, by)
        await _until(home, lambda: home.aiming.is_on(camera_id) or bool(over))
        there = time.monotonic() - began
        if over:
            raise TrialFailed("preset_not_reached")
        return there, await measure()
    except AimingRefused as err:
        raise TrialFailed(f"aiming_{err.code}") from err
    except BaseException:
        home.aiming.stop()
        raise
    finally:
        if unlisten is not None:
            unlisten()


async def _back(home: Home, camera_id: str) -> float:
    """Seconds until it looks away again."""
    began = time.monotonic()
    home.aiming.stop()
    await _until(home, lambda: home.cameras[camera_id].gate.place is Place.CLOSED)
    return time.monotonic() - began


async def _brightness(hass: HomeAssistant, config: CameraConfig) -> int | None:
    if not config.services.snapshot:
        return None
    source = StillSource(hass, config.login, config.services.snapshot)
    try:
        return await source.brightness()
    except CameraError:
        return None
    finally:
        source.close()


async def until_home(home: Home, test: Callable[[], bool], seconds: float = MOVE_SECONDS) -> None:
    """Wait for the home to change so that it holds. Raises TimeoutError."""
    changed = asyncio.Event()
    stop = home.listen(changed.set)
    try:
        async with asyncio.timeout(seconds):
            while not test():
                await changed.wait()
                changed.clear()
    finally:
        stop()


async def _until(home: Home, test: Callable[[], bool]) -> None:
    """The same, for a test. Raises TrialFailed."""
    try:
        await until_home(home, test, MOVE_SECONDS)
    except TimeoutError as err:
        raise TrialFailed("preset_not_reached") from err
