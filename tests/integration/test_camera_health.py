"""What is wrong with a camera is told in Home Assistant, and goes away when it is mended."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.trygghetskamera import camera_health
from custom_components.trygghetskamera.camera_audit import Finding
from custom_components.trygghetskamera.camera_control import CameraError
from custom_components.trygghetskamera.camera_health import AFTER_RECONNECT, LOOK_OVER_EVERY, CameraHealth
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn.gate_values import Place, Target
from virtual_camera import BED, VirtualCamera

from .home import PATIENCE, Setup


@pytest.fixture
def entry(hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera) -> MockConfigEntry:
    """A home that knows its camera's firmware."""
    (subentry,) = entry.subentries.values()
    data = {**subentry.data, "firmware": camera.settings.firmware}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    return entry


def told(home: Setup) -> set[str]:
    """What is told of the camera, in codes."""
    (camera_id,) = home.entry.subentries
    start, end = "camera_", f"_{camera_id}"
    return {
        issue.removeprefix(start).removesuffix(end)
        for domain, issue in ir.async_get(home.hass).issues
        if domain == DOMAIN and issue.startswith(start) and issue.endswith(end)
    }


async def looked_over(home: Setup) -> set[str]:
    """What is told after the camera has been looked over."""
    (camera_id,) = home.entry.subentries
    await CameraHealth(home.home).look_over(camera_id)
    return told(home)


async def told_after(home: Setup, time: timedelta) -> set[str]:
    """What is told once so much time has passed."""
    changed = asyncio.Event()
    home.hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, callback(lambda _event: changed.set()))
    async_fire_time_changed(home.hass, dt_util.utcnow() + time)
    async with asyncio.timeout(PATIENCE):
        while not (found := told(home)):
            await changed.wait()
            changed.clear()
    return found


async def test_it_is_looked_over_each_hour(home: Setup, camera: VirtualCamera) -> None:
    camera.faults.recording = True
    assert await told_after(home, LOOK_OVER_EVERY + timedelta(seconds=30)) == {"recording"}


async def test_a_camera_as_it_was_installed_is_not_told_of(home: Setup) -> None:
    assert await looked_over(home) == set()


@pytest.mark.parametrize(
    ("fault", "value", "finding"),
    [
        ("clock_error", 3600.0, "clock_wrong"),
        ("updated", True, "firmware_changed"),
        ("recording", True, "recording"),
        ("stranger", True, "strangers"),
        ("audio", True, "audio"),
    ],
)
async def test_it_is_told_until_it_is_mended(
    home: Setup, camera: VirtualCamera, fault: str, value: object, finding: str
) -> None:
    before = getattr(camera.faults, fault)
    setattr(camera.faults, fault, value)
    assert await looked_over(home) == {finding}
    setattr(camera.faults, fault, before)
    assert await looked_over(home) == set()


async def test_another_camera_in_its_place_is_never_turned_to_the_view(home: Setup, camera: VirtualCamera) -> None:
    camera.faults.replaced = True
    assert await looked_over(home) == {"other_camera"}
    (side,) = home.home.cameras.values()
    with pytest.raises(CameraError):
        await side.camera.move(Target.VIEW, 0)
    await side.camera.move(Target.PRIVACY, 0)
    assert home.is_looking_away()
    camera.faults.replaced = False
    assert await looked_over(home) == set()
    await side.camera.move(Target.VIEW, 0)
    await side.camera.move(Target.PRIVACY, 0)


async def test_presets_are_made_anew_after_a_reset(hass: HomeAssistant, home: Setup, camera: VirtualCamera) -> None:
    camera.factory_reset()
    (side,) = home.home.cameras.values()
    await side.check_position()
    await home.until_place(Place.CLOSED)
    assert await looked_over(home) == set()
    await hass.async_block_till_done()
    (subentry,) = home.entry.subentries.values()
    assert subentry.data["privacy"]["preset"] in camera.state.presets
    assert subentry.data["view"]["preset"] == ""
    await home.until_place(Place.CLOSED)
    (side,) = home.home.cameras.values()
    await side.camera.move(Target.VIEW, 0)
    assert camera.position == BED
    await side.camera.move(Target.PRIVACY, 0)


async def test_it_is_looked_over_soon_after_it_has_answered(home: Setup, camera: VirtualCamera) -> None:
    camera.faults.recording = True
    assert await told_after(home, timedelta(seconds=2 * AFTER_RECONNECT)) == {"recording"}


async def test_it_is_looked_over_soon_after_it_has_ceased_to_answer(
    home: Setup, camera: VirtualCamera, caplog: pytest.LogCaptureFixture
) -> None:
    await looked_over(home)
    camera.faults.password_changed = True
    (side,) = home.home.cameras.values()
    await side.check_position()
    assert await told_after(home, timedelta(seconds=2 * AFTER_RECONNECT)) == {"login_refused"}
    assert caplog.text.count("A camera does not answer") == 1
    camera.faults.password_changed = False
    await home.until_place(Place.CLOSED)
    assert caplog.text.count("A camera answers again") == 1


async def test_a_camera_in_use_is_left_alone(home: Setup, camera: VirtualCamera) -> None:
    camera.faults.recording = True
    (camera_id,) = home.entry.subentries
    await home.home.aiming.start(camera_id, "installer")
    await home.until(lambda: home.home.aiming.is_on(camera_id))
    assert await looked_over(home) == set()
    home.home.aiming.stop()
    await home.until_place(Place.CLOSED)
    assert await looked_over(home) == {"recording"}


async def test_nothing_is_told_any_more_of_a_home_that_is_unloaded(home: Setup, camera: VirtualCamera) -> None:
    camera.faults.recording = True
    assert await looked_over(home) == {"recording"}
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    issues: Any = ir.async_get(home.hass).issues
    assert [one for _, one in issues if one.startswith("camera_recording")] == []


async def test_a_login_that_was_changed_in_the_camera_is_told(home: Setup, camera: VirtualCamera) -> None:
    camera.faults.password_changed = True
    assert await looked_over(home) == {"login_refused"}
    camera.faults.password_changed = False
    assert await looked_over(home) == set()


async def test_a_read_back_that_finds_nothing_new_writes_no_state_anew(home: Setup, camera: VirtualCamera) -> None:
    """Every half minute, for every camera: all entities would be worked out again."""
    told: list[int] = []
    await home.home.check_positions()
    home.home.listen(lambda: told.append(1))
    await home.home.check_positions()
    assert told == []
    await camera.unplug()
    await home.home.check_positions()
    assert told
    await home.until(lambda: home.state("binary_sensor.bedroom_camera_connectivity") == "off")


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_finding_has_words(language: str) -> None:
    words = json.loads((Path(camera_health.__file__).parent / "translations" / f"{language}.json").read_text())
    assert set(words["selector"]["finding"]["options"]) == set(Finding)
    assert {f"camera_{one}" for one in set(Finding) - {Finding.DARK}} <= set(words["issues"])
