"""What a camera is asked, with a virtual one that has something to hide; and presets that mend themselves."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.core import HomeAssistant
from PIL import Image
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.camera_audit import (
    DARK,
    MAX_STILL,
    Finding,
    Inspection,
    StillSource,
    async_inspect,
    async_look_over,
    findings,
)
from custom_components.trygghetskamera.camera_control import CameraError
from custom_components.trygghetskamera.camera_setup import NewCamera, Nudge
from custom_components.trygghetskamera.config import CameraConfig, InstallingCamera, Spot, is_near
from custom_components.trygghetskamera.tillsyn.frames import Position
from custom_components.trygghetskamera.tillsyn.gate_values import Target
from virtual_camera import BED, CEILING, Preset, VirtualCamera
from virtual_camera import Position as Aim
from virtual_camera.state import IrCutFilter

from .camera_steps import virtual
from .home import camera_data


@pytest.fixture
def known(camera: VirtualCamera) -> CameraConfig:
    return config_of(camera)


def config_of(camera: VirtualCamera, **services: Any) -> CameraConfig:
    found = CameraConfig.read(camera_data(camera))
    return replace(found, services=replace(found.services, firmware=camera.settings.firmware, **services))


async def test_a_camera_as_it_should_be_has_nothing_to_see_to(known: CameraConfig) -> None:
    seen = await async_inspect(known)
    assert findings(known, seen) == frozenset()
    assert seen.identity is not None
    assert (seen.audio, seen.strangers, seen.recording, seen.infrared, seen.presets_lost) == (
        False,
        0,
        False,
        "AUTO",
        False,
    )
    assert seen.clock_error is not None
    assert abs(seen.clock_error) <= 2


@pytest.mark.parametrize(
    ("fault", "value", "finding"),
    [
        ("clock_error", 90.0, Finding.CLOCK_WRONG),
        ("clock_error", -4000.0, Finding.CLOCK_WRONG),
        ("updated", True, Finding.FIRMWARE_CHANGED),
        ("replaced", True, Finding.OTHER_CAMERA),
        ("audio", True, Finding.AUDIO),
        ("stranger", True, Finding.STRANGERS),
        ("recording", True, Finding.RECORDING),
    ],
)
async def test_what_is_wrong_is_found(
    camera: VirtualCamera, known: CameraConfig, fault: str, value: object, finding: Finding
) -> None:
    setattr(camera.faults, fault, value)
    assert findings(known, await async_inspect(known)) == {finding}


async def test_night_mode_that_is_off_is_found(camera: VirtualCamera, known: CameraConfig) -> None:
    camera.state.ir_cut = IrCutFilter.ON
    assert findings(known, await async_inspect(known)) == {Finding.INFRARED_OFF}


def test_what_is_not_told_is_nothing_to_see_to(known: CameraConfig) -> None:
    assert findings(known, Inspection(None, None, None, None, None, None, None)) == frozenset()


async def test_a_camera_that_does_not_let_us_in_is_told(camera: VirtualCamera, known: CameraConfig) -> None:
    camera.faults.password_changed = True
    with pytest.raises(CameraError):
        await async_inspect(known)


# ---- presets --------------------------------------------------------------------------------------------------------


async def look_over(hass: HomeAssistant, entry: MockConfigEntry) -> frozenset[Finding]:
    (camera_id,) = entry.subentries
    return await async_look_over(hass, entry, camera_id, lambda: True)


def stored(entry: MockConfigEntry) -> CameraConfig:
    (subentry,) = entry.subentries.values()
    return CameraConfig.read(subentry.data)


async def test_presets_that_a_reset_lost_are_mended_without_a_move(
    hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera
) -> None:
    before = stored(entry)
    camera.factory_reset()
    camera.move_by_hand(CEILING)
    moves = camera.state.counters.move_commands
    assert await look_over(hass, entry) == frozenset()
    after = stored(entry)
    assert camera.state.counters.move_commands == moves
    assert (after.view, after.privacy.position) == (Spot("", before.view.position), before.privacy.position)
    assert camera.state.presets[after.privacy.preset].position == CEILING


async def test_presets_that_somebody_moved_are_mended(
    hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera
) -> None:
    camera.state.presets["preset_bed"] = Preset("preset_bed", "Säng", Aim(0.7, 0.1, 0))
    camera.move_by_hand(CEILING)
    assert await look_over(hass, entry) == frozenset()
    assert stored(entry).view.preset == ""


async def test_nothing_is_mended_while_it_does_not_look_away(
    hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera
) -> None:
    before = stored(entry)
    camera.factory_reset()
    assert await look_over(hass, entry) == {Finding.PRESET_LOST}
    camera.move_by_hand(CEILING)
    (camera_id,) = entry.subentries
    assert await async_look_over(hass, entry, camera_id, lambda: False) == {Finding.PRESET_LOST}
    assert stored(entry) == before
    assert camera.state.presets == {}


async def test_nothing_is_mended_in_another_camera(
    hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera
) -> None:
    camera.factory_reset()
    camera.move_by_hand(CEILING)
    camera.faults.replaced = True
    assert Finding.OTHER_CAMERA in await look_over(hass, entry)
    assert camera.state.presets == {}


async def test_a_camera_that_is_not_installed_has_nothing_to_mend(
    hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera
) -> None:
    (subentry,) = entry.subentries.values()
    data = {key: value for key, value in subentry.data.items() if key != "privacy"}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    camera.faults.recording = True
    assert await look_over(hass, entry) == frozenset()
    seen = await async_inspect(InstallingCamera.read(data))
    assert (seen.recording, seen.presets_lost) == (True, None)


async def test_a_camera_without_absolute_moves_must_be_aimed_again() -> None:
    async with virtual(has_absolute_moves=False) as camera:
        known = config_of(camera, absolute=False)
        camera.factory_reset()
        assert findings(known, await async_inspect(known)) == {Finding.PRESET_LOST}


# ---- moving and keeping ---------------------------------------------------------------------------------------------


@pytest.fixture(params=[(True, True), (False, True), (False, False)], ids=["absolute", "relative", "directions only"])
async def moving(request: pytest.FixtureRequest) -> AsyncIterator[tuple[NewCamera, VirtualCamera]]:
    """A camera that can be moved in one way only."""
    absolute, relative = request.param
    async with virtual(motor_speed=2, has_absolute_moves=absolute) as camera:
        opened = await NewCamera.reopen(config_of(camera, absolute=absolute, relative=relative))
        yield opened, camera
        await opened.close()


async def test_it_is_moved_a_step_by_the_means_it_has(moving: tuple[NewCamera, VirtualCamera]) -> None:
    opened, camera = moving
    await opened.nudge(Nudge(pan=150_000))
    assert camera.position.pan > 0.05
    assert (camera.position.tilt, camera.is_moving) == (0, False)
    await opened.nudge(Nudge(tilt=-150_000))
    assert camera.position.tilt < -0.05


async def test_a_step_past_the_end_ends_there(camera: VirtualCamera, known: CameraConfig) -> None:
    opened = await NewCamera.reopen(known)
    camera.move_by_hand(Aim(0.95, 0, 0))
    await opened.nudge(Nudge(pan=350_000, zoom=-60_000))
    assert camera.position == Aim(1, 0, 0)
    await opened.close()


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_position_is_kept_as_a_preset_or_else_as_a_position(keeps: bool) -> None:
    async with virtual(keeps_presets=keeps) as camera:
        opened = await NewCamera.reopen(config_of(camera))
        camera.move_by_hand(BED)
        spot, is_kept = await opened.save(Target.VIEW, None)
        again, _ = await opened.save(Target.VIEW, None)
        await opened.close()
        assert (is_kept, bool(spot.preset), again) == (keeps, keeps, spot)
        assert is_near(spot.position, Position(0, -500_000, 0))


async def test_a_position_that_cannot_be_kept_at_all_is_refused() -> None:
    async with virtual(keeps_presets=False, has_absolute_moves=False) as camera:
        opened = await NewCamera.reopen(config_of(camera, absolute=False))
        with pytest.raises(CameraError):
            await opened.save(Target.VIEW, None)
        await opened.close()


# ---- stills ---------------------------------------------------------------------------------------------------------


async def brightness(hass: HomeAssistant, camera: VirtualCamera, path: str = "profile_720p15") -> int:
    # The host is the login's, whatever the camera says.
    uri = f"http://192.0.2.1:{camera.http_port}/onvif/snapshot/{path}"
    source = StillSource(hass, config_of(camera).login, uri)
    try:
        return await source.brightness()
    finally:
        source.close()


async def test_a_dark_room_is_told_from_one_with_infrared_light(hass: HomeAssistant, camera: VirtualCamera) -> None:
    camera.move_by_hand(BED)
    lit = await brightness(hass, camera)
    camera.faults.lamps_out = True
    assert await brightness(hass, camera) < DARK < lit


async def test_a_still_that_is_not_there_is_told(hass: HomeAssistant, camera: VirtualCamera) -> None:
    with pytest.raises(CameraError):
        await brightness(hass, camera, "nothing")


@asynccontextmanager
async def odd_camera(body: bytes, **more: Any) -> AsyncIterator[str]:
    """Something that answers with this where a still should be; its address."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, **more)

    app = web.Application()
    app.router.add_get("/still", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/still"))


def jpeg(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), 200).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "more"),
    [
        pytest.param(b"<html>", {"content_type": "text/html"}, id="a page"),
        pytest.param(b"GIF89a", {"content_type": "image/jpeg"}, id="something else than it says"),
        pytest.param(b"\xff\xd8nothing", {"content_type": "image/jpeg"}, id="half a picture"),
        pytest.param(b"\xff\xd8" + bytes(MAX_STILL), {"content_type": "image/jpeg"}, id="too long"),
        pytest.param(jpeg(9000, 5000), {"content_type": "image/jpeg"}, id="too large when unpacked"),
        pytest.param(b"", {"status": 302, "headers": {"Location": "http://192.0.2.1/"}}, id="it sends us elsewhere"),
    ],
)
async def test_an_odd_still_is_not_taken(
    hass: HomeAssistant, camera: VirtualCamera, body: bytes, more: dict[str, Any]
) -> None:
    async with odd_camera(body, **more) as uri:
        source = StillSource(hass, config_of(camera).login, uri)
        with pytest.raises(CameraError):
            await source.brightness()
        source.close()


async def test_a_plain_still_is_taken(hass: HomeAssistant, camera: VirtualCamera) -> None:
    async with odd_camera(jpeg(64, 36), content_type="image/jpeg") as uri:
        source = StillSource(hass, config_of(camera).login, uri)
        assert await source.brightness() == pytest.approx(200, abs=2)
        source.close()
