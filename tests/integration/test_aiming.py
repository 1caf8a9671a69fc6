"""Aiming: a picture for one administrator at home, for as long as the gate says so, and what is chosen with it."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientResponse
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from PIL import Image
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera import aiming_view
from custom_components.trygghetskamera.camera_audit import StillSource
from custom_components.trygghetskamera.camera_steps import left_steps, report_of
from custom_components.trygghetskamera.config import CameraConfig
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from virtual_camera import BED, CEILING, Marks, Motor, PresetFault, StatusFault, VirtualCamera, read_marks
from virtual_camera import Position as Aim

from .camera_steps import FLOW, Installer, virtual
from .home import PAUSE, PRIVACY, Setup


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiming_view, "PICTURE_EVERY", 0.02)


@pytest.fixture
def entry(hass: HomeAssistant, entry: MockConfigEntry, camera: VirtualCamera) -> MockConfigEntry:
    """A home whose camera gives stills."""
    subentry = only(entry)
    still = f"http://127.0.0.1:{camera.http_port}/onvif/snapshot/profile_720p15"
    hass.config_entries.async_update_subentry(entry, subentry, data={**subentry.data, "snapshot": still})
    return entry


@pytest.fixture
async def installer(
    hass: HomeAssistant, proxy: None, home: Setup, hass_client: ClientSessionGenerator
) -> AsyncIterator[Installer]:
    """In front of a home that runs, with its camera installed."""
    found = Installer(hass, await hass_client(), home.entry)
    yield found
    await found.leave()


@pytest.fixture
async def proxy(hass: HomeAssistant) -> None:
    """Home Assistant behind a proxy on this machine, which says where people are."""
    settings = {"use_x_forwarded_for": True, "trusted_proxies": ["127.0.0.1"]}
    assert await async_setup_component(hass, "http", {"http": settings})
    assert await async_setup_component(hass, "config", {})


async def press(home: Setup, entity: str) -> None:
    """Somebody turns this on."""
    await home.hass.services.async_call("switch", "turn_on", {"entity_id": entity}, blocking=True)


AWAY = {"X-Forwarded-For": "203.0.113.9"}


def only(entry: MockConfigEntry) -> Any:
    (subentry,) = entry.subentries.values()
    return subentry


async def aim(installer: Installer, home: Setup) -> Installer:
    """Take up the installed camera and begin to aim it."""
    await installer.begin(only(home.entry).subentry_id)
    return await installer.choose("aim")


def path(installer: Installer) -> str:
    """The picture's address in the step's text."""
    return installer.says["picture"].partition("](")[2].removesuffix(")")


class Picture:
    """What a browser makes of the stream of pictures."""

    def __init__(self, answer: ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> tuple[str, bytes]:
        """The next part: its type and itself."""
        read = self._answer.content
        async with asyncio.timeout(5):
            assert await read.readline() == b"--picture\r\n"
            kind = (await read.readline()).decode().split(": ")[1].strip()
            length = int((await read.readline()).decode().split(": ")[1])
            await read.readline()
            body = await read.readexactly(length)
            await read.readline()
        return kind, body

    async def marks(self) -> Marks:
        """What the next picture says about itself."""
        kind, body = await self.next()
        assert kind == "image/jpeg"
        found = read_marks(np.asarray(Image.open(io.BytesIO(body))))
        assert found is not None
        return found

    async def last(self) -> str:
        """The type of the last part."""
        kind = ""
        while True:
            try:
                kind, _ = await self.next()
            except AssertionError, asyncio.IncompleteReadError:
                return kind


async def test_the_installer_sees_what_the_camera_sees(installer: Installer, home: Setup, hass_admin_user: Any) -> None:
    await aim(installer, home)
    assert installer.at == "aim_picture"
    assert home.home.sides[only(home.entry).subentry_id].gate.place is Place.AIMING
    assert "aiming_started" in home.entry_journal()
    assert hass_admin_user.id in home.entry_journal()
    async with installer.client.get(path(installer)) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store, private"
        picture = Picture(answer)
        assert (await picture.marks()).position.tilt == pytest.approx(BED.tilt, abs=0.01)
        await installer.choose("aim_left")
        async with asyncio.timeout(5):
            while (await picture.marks()).position.pan > -0.1:
                pass


async def test_an_arrow_moves_by_the_chosen_step(installer: Installer, home: Setup, camera: VirtualCamera) -> None:
    await aim(installer, home)
    await installer.choose("aim_smaller")
    await installer.choose("aim_right")
    assert camera.position.pan == pytest.approx(0.06)
    for _ in range(2):
        await installer.choose("aim_larger")
    assert "aim_larger" not in installer.step["menu_options"]
    await installer.choose("aim_up")
    assert camera.position.tilt == pytest.approx(BED.tilt + 0.35)
    await installer.choose("aim_in")
    assert camera.position.zoom == pytest.approx(0.35)


async def test_new_positions_are_kept_and_it_looks_away(
    hass: HomeAssistant, installer: Installer, home: Setup, camera: VirtualCamera
) -> None:
    await aim(installer, home)
    await installer.choose("aim_right")
    wanted = camera.position
    await installer.choose("aim_is_view")
    assert installer.says["note"] == "The view is saved."
    await installer.choose("aim_done")
    assert installer.at == "steps"
    view = CameraConfig.read(only(home.entry).data).view
    assert view.position.pan == round(wanted.pan * 1e6)
    assert camera.state.presets[view.preset].position.pan == pytest.approx(wanted.pan)
    await hass.async_block_till_done()
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()


async def test_a_preset_of_the_camera_can_be_chosen(installer: Installer, home: Setup, camera: VirtualCamera) -> None:
    await aim(installer, home)
    await installer.choose("aim_preset")
    await installer.answer(position="preset_rest")
    assert camera.position == CEILING
    await installer.choose("aim_is_privacy")
    await installer.choose("aim_done")
    assert CameraConfig.read(only(home.entry).data).privacy.preset == "preset_rest"


async def test_it_does_not_look_away_to_what_it_shows(installer: Installer, home: Setup) -> None:
    await aim(installer, home)
    await installer.choose("aim_is_privacy")
    assert "same place" in installer.says["note"]
    assert CameraConfig.read(only(home.entry).data).privacy.position.tilt == 1_000_000


# ---- it ends --------------------------------------------------------------------------------------------------------


async def end_by_pause(installer: Installer, home: Setup) -> None:
    await press(home, PAUSE)


async def end_by_privacy(installer: Installer, home: Setup) -> None:
    await press(home, PRIVACY)


async def end_by_leaving(installer: Installer, home: Setup) -> None:
    await installer.leave()


async def end_by_stopping(installer: Installer, home: Setup) -> None:
    await installer.choose("aim_stop")


@pytest.mark.parametrize("end", [end_by_pause, end_by_privacy, end_by_leaving, end_by_stopping])
async def test_the_picture_ends_with_none_of_the_room(installer: Installer, home: Setup, end: Any) -> None:
    await aim(installer, home)
    async with installer.client.get(path(installer)) as answer:
        picture = Picture(answer)
        await picture.marks()
        await end(installer, home)
        assert await picture.last() == "image/png"
    async with installer.client.get(path(installer) if "picture" in installer.step else "/") as answer:
        assert answer.status == 404
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()


async def test_after_the_end_no_arrow_moves_it(installer: Installer, home: Setup, camera: VirtualCamera) -> None:
    await aim(installer, home)
    await press(home, PAUSE)
    await home.until_place(Place.CLOSED)
    await installer.choose("aim_left")
    assert installer.at == "aim_over"
    assert home.is_looking_away()


async def test_it_ends_after_its_time(installer: Installer, home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiming_view, "SESSION_SECONDS", 1.0)
    await aim(installer, home)
    async with installer.client.get(path(installer)) as answer:
        assert await Picture(answer).last() == "image/png"


async def test_only_one_watches(installer: Installer, home: Setup) -> None:
    await aim(installer, home)
    async with installer.client.get(path(installer)) as first:
        await Picture(first).marks()
        async with installer.client.get(path(installer)) as second:
            await Picture(second).marks()
            assert await Picture(first).last() == "image/png"
            await Picture(second).marks()


# ---- who may, and where ---------------------------------------------------------------------------------------------


async def test_away_from_home_nobody_aims(installer: Installer, home: Setup, camera: VirtualCamera) -> None:
    moves = home.moves
    await installer.begin(only(home.entry).subentry_id)
    installer.client.session.headers.update(AWAY)
    await installer.choose("aim")
    assert installer.at == "not_here"
    assert home.moves == moves


async def test_a_link_that_leaves_the_home_shows_nothing(installer: Installer, home: Setup) -> None:
    await aim(installer, home)
    async with installer.client.get(path(installer), headers=AWAY) as answer:
        assert answer.status == 404


async def test_through_the_cloud_nobody_aims(
    installer: Installer, home: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aiming_view, "is_cloud_connection", lambda _hass: True)
    await aim(installer, home)
    assert installer.at == "not_here"


async def test_without_a_login_there_is_no_picture(
    installer: Installer, home: Setup, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await aim(installer, home)
    nobody = await hass_client_no_auth()
    address = path(installer)
    async with nobody.get(address.partition("?")[0]) as answer:
        assert answer.status == 401
    async with nobody.get(f"{address}x") as answer:
        assert answer.status == 401


async def test_a_relative_sees_no_picture(
    installer: Installer, home: Setup, hass_client: ClientSessionGenerator, hass_read_only_access_token: str
) -> None:
    await aim(installer, home)
    relative = await hass_client(hass_read_only_access_token)
    async with relative.get(path(installer).partition("?")[0]) as answer:
        assert answer.status == 404


async def test_another_administrator_sees_no_picture(
    hass: HomeAssistant, installer: Installer, home: Setup, hass_client: ClientSessionGenerator, hass_owner_user: Any
) -> None:
    await aim(installer, home)
    token = await hass.auth.async_create_refresh_token(hass_owner_user, CLIENT_ID)
    owner = await hass_client(hass.auth.async_create_access_token(token))
    async with owner.get(path(installer).partition("?")[0]) as answer:
        assert answer.status == 404


async def test_while_paused_nobody_aims(installer: Installer, home: Setup) -> None:
    await press(home, PAUSE)
    await aim(installer, home)
    assert (installer.at, installer.says["reason"]) == ("aim_failed", "Night supervision is paused. Resume it first.")


async def test_aiming_without_a_picture_ends_when_somebody_pauses(
    hass: HomeAssistant, installer: Installer, home: Setup
) -> None:
    """A camera that gives no stills is aimed with its own page open beside."""
    subentry = only(home.entry)
    hass.config_entries.async_update_subentry(home.entry, subentry, data={**subentry.data, "snapshot": ""})
    await hass.async_block_till_done()
    await aim(installer, home)
    assert installer.at == "aim_blind"
    await press(home, PAUSE)
    await home.until_place(Place.CLOSED)
    await installer.choose("aim_left")
    assert installer.at == "aim_over"
    assert home.is_looking_away()


# ---- a new camera ---------------------------------------------------------------------------------------------------


async def install(installer: Installer, camera: VirtualCamera) -> None:
    """From nothing to both positions, the way a person goes."""
    await installer.sign_in(camera)
    await installer.answer(room="kitchen")
    expected = "aim_picture" if camera.settings.has_snapshots else "aim_blind"
    async with installer.client.get(f"{FLOW}/{installer.step['flow_id']}") as answer:
        again = await answer.json()
    assert (installer.at, again["step_id"]) == (expected, expected)
    camera.move_by_hand(BED)
    await installer.choose("aim_is_view")
    camera.move_by_hand(Aim(0.4, 0.9, 0))
    await installer.choose("aim_is_privacy")
    await installer.choose("aim_done")


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="as presets"),
        pytest.param({"keeps_presets": False}, id="as positions"),
        pytest.param({"has_absolute_moves": False}, id="without absolute moves"),
        pytest.param({"has_snapshots": False}, id="without a picture"),
    ],
)
async def test_a_new_camera_is_installed(
    hass: HomeAssistant, installer: Installer, home: Setup, settings: dict[str, Any]
) -> None:
    async with virtual(serial="TKV-0002", presets=(), **settings) as camera:
        await install(installer, camera)
        assert installer.at == "layers"
        await installer.answer()
        assert installer.at == "test"
        await hass.async_block_till_done()
        await installer.choose("testing")
        assert installer.at == "result", installer.step
        subentry = next(one for one in home.entry.subentries.values() if one.unique_id == "TKV-0002")
        config, report = CameraConfig.read(subentry.data), report_of(subentry.data)
        assert bool(config.view.preset) is settings.get("keeps_presets", True)
        assert report is not None
        assert (report.brightness is None) is not settings.get("has_snapshots", True)
        assert report.findings == frozenset()
        assert left_steps(subentry.data) == ()
        assert installer.says["level"] == "E"
        await installer.choose("finish")
        assert installer.at == "installed"
        side = home.home.cameras[subentry.subentry_id]
        assert side.gate.place is Place.CLOSED
        assert abs(camera.position.tilt - 0.9) < 0.02
        await hass.config_entries.async_unload(home.entry.entry_id)


async def test_the_view_alone_is_kept_for_later(installer: Installer, home: Setup) -> None:
    async with virtual(serial="TKV-0002") as camera:
        await installer.sign_in(camera)
        await installer.answer(room="hall")
        camera.move_by_hand(BED)
        await installer.choose("aim_is_view")
        await installer.choose("aim_stop")
        subentry = next(one for one in home.entry.subentries.values() if one.unique_id == "TKV-0002")
        assert CameraConfig.find(subentry.data) is None
        await installer.begin(subentry.subentry_id)
        await installer.choose("aim")
        assert installer.says["spots"].count("**done**") == 1
        await installer.leave()
        await home.hass.config_entries.async_unload(home.entry.entry_id)


# ---- the test -------------------------------------------------------------------------------------------------------


async def test_the_test_warns_of_what_is_on_in_the_camera(
    installer: Installer, home: Setup, camera: VirtualCamera
) -> None:
    camera.faults.audio = camera.faults.stranger = camera.faults.recording = camera.faults.lamps_out = True
    await installer.begin(only(home.entry).subentry_id)
    await (await installer.choose("test")).choose("testing")
    assert installer.at == "result"
    for words in ("microphone", "other users", "records by itself", "nearly black"):
        assert words in installer.says["tested"]
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()


async def test_a_camera_that_is_stuck_fails_the_test(
    installer: Installer, home: Setup, camera: VirtualCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.1)
    camera.faults.motor = Motor.STUCK
    await installer.begin(only(home.entry).subentry_id)
    await (await installer.choose("test")).choose("testing")
    assert installer.at == "test_failed"
    assert report_of(only(home.entry).data) is None
    assert home.is_looking_away()


async def test_other_firmware_is_known_after_a_test(installer: Installer, home: Setup, camera: VirtualCamera) -> None:
    camera.faults.updated = True
    await installer.begin(only(home.entry).subentry_id)
    await (await installer.choose("test")).choose("testing")
    assert CameraConfig.read(only(home.entry).data).services.firmware == f"{camera.settings.firmware}.1"


async def test_somebody_elses_aiming_is_not_ended_by_being_refused(
    installer: Installer, home: Setup, hass_client: ClientSessionGenerator, hass: HomeAssistant
) -> None:
    await aim(installer, home)
    other = Installer(hass, await hass_client(), home.entry)
    await aim(other, home)
    assert other.at == "aim_failed"
    await other.leave()
    async with installer.client.get(path(installer)) as answer:
        await Picture(answer).marks()
    await installer.choose("aim_left")
    assert installer.at == "aim_picture"


@pytest.mark.parametrize(
    ("arrow", "axis", "way"),
    [
        ("aim_left", "pan", -1),
        ("aim_right", "pan", 1),
        ("aim_up", "tilt", 1),
        ("aim_down", "tilt", -1),
        ("aim_in", "zoom", 1),
    ],
)
async def test_each_arrow_has_its_way(
    installer: Installer, home: Setup, camera: VirtualCamera, arrow: str, axis: str, way: int
) -> None:
    await aim(installer, home)
    before = getattr(camera.position, axis)
    await installer.choose(arrow)
    assert (getattr(camera.position, axis) - before) * way == pytest.approx(0.15)
    if arrow == "aim_in":
        await installer.choose("aim_out")
        assert camera.position.zoom == pytest.approx(0)


# ---- what goes wrong ------------------------------------------------------------------------------------------------


async def test_a_page_that_asks_again_sees_the_same(installer: Installer, home: Setup) -> None:
    await aim(installer, home)
    async with installer.client.get(f"{FLOW}/{installer.step['flow_id']}") as answer:
        assert (await answer.json())["step_id"] == "aim_picture"


async def test_a_page_that_asks_again_after_the_end_is_told_so(installer: Installer, home: Setup) -> None:
    await aim(installer, home)
    await press(home, PAUSE)
    async with installer.client.get(f"{FLOW}/{installer.step['flow_id']}") as answer:
        assert (await answer.json())["step_id"] == "aim_over"


async def test_a_camera_that_takes_too_long_is_not_waited_for(
    installer: Installer, home: Setup, camera: VirtualCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.aiming_flow.OPEN_SECONDS", 0.2)
    camera.faults.slow_factor = 0.005
    camera.faults.motor = Motor.SLOW
    await aim(installer, home)
    assert installer.at == "aim_failed"
    camera.faults.motor = Motor.HEALTHY
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()


async def test_a_fault_of_the_camera_is_said_and_aiming_goes_on(
    installer: Installer, home: Setup, camera: VirtualCamera
) -> None:
    await aim(installer, home)
    camera.faults.status = StatusFault.SILENT
    for choice in ("aim_left", "aim_is_view"):
        await installer.choose(choice)
        assert installer.at == "aim_picture"
        assert "does not tell where it is aimed" in installer.says["note"]
    camera.faults.status = StatusFault.HONEST
    await installer.choose("aim_left")
    assert installer.says["note"] == ""


async def test_a_preset_that_is_not_reached_is_said(
    installer: Installer, home: Setup, camera: VirtualCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.1)
    await aim(installer, home)
    camera.faults.presets = PresetFault.IGNORED
    await (await installer.choose("aim_preset")).answer(position="preset_rest")
    assert "did not come to rest" in installer.says["note"]


async def test_a_camera_without_presets_says_so(installer: Installer, home: Setup, camera: VirtualCamera) -> None:
    await aim(installer, home)
    camera.state.presets.clear()
    await installer.choose("aim_preset")
    assert installer.says["note"] == "The camera has no presets."


@pytest.mark.parametrize("choice", ["aim_preset", "aim_is_view"])
async def test_after_the_end_nothing_is_kept(installer: Installer, home: Setup, choice: str) -> None:
    await aim(installer, home)
    before = dict(only(home.entry).data)
    await press(home, PAUSE)
    await installer.choose(choice)
    assert installer.at == "aim_over"
    assert dict(only(home.entry).data) == before


async def test_a_camera_that_does_not_turn_cannot_be_aimed(
    installer: Installer, home: Setup, camera: VirtualCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.1)
    camera.faults.motor = Motor.STUCK
    await aim(installer, home)
    assert installer.at == "aim_failed"
    assert "did not come to rest" in installer.says["reason"]


async def test_a_home_that_does_not_run_cannot_be_aimed_in(
    hass: HomeAssistant, installer: Installer, home: Setup
) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    await aim(installer, home)
    assert (installer.at, installer.says["reason"]) == (
        "aim_failed",
        "The home is not running. Try again in a moment.",
    )
    await installer.choose("later")
    await installer.begin(only(home.entry).subentry_id)
    await (await installer.choose("test")).choose("testing")
    assert installer.at == "test_failed"


async def test_away_from_home_nobody_tests(installer: Installer, home: Setup) -> None:
    await installer.begin(only(home.entry).subentry_id)
    await installer.choose("test")
    installer.client.session.headers.update(AWAY)
    await installer.choose("testing")
    assert installer.at == "not_here"


async def test_while_paused_nobody_tests(installer: Installer, home: Setup) -> None:
    await press(home, PAUSE)
    await installer.begin(only(home.entry).subentry_id)
    await (await installer.choose("test")).choose("testing")
    assert installer.at == "test_failed"
    assert "paused" in installer.says["reason"]


async def test_a_camera_whose_stills_fail_ends_the_picture_and_not_the_aiming(
    installer: Installer, home: Setup, camera: VirtualCamera
) -> None:
    await aim(installer, home)
    camera.faults.password_changed = True
    async with installer.client.get(path(installer)) as answer:
        assert await Picture(answer).last() == "image/png"
    camera.faults.password_changed = False
    await installer.choose("aim_left")
    assert installer.at == "aim_picture"


async def test_the_gate_is_asked_before_each_picture(
    hass: HomeAssistant, installer: Installer, home: Setup, hass_admin_user: Any
) -> None:
    """Even where nobody told the picture that aiming is over."""
    allowed = [True]
    known = CameraConfig.read(only(home.entry).data)
    source = StillSource(hass, known.login, known.services.snapshot)
    picture = aiming_view.AimingPicture(hass, source, hass_admin_user.id, lambda: bool(allowed))
    address = picture.path.partition("?")[0]
    async with installer.client.get(address) as answer:
        shown = Picture(answer)
        await shown.marks()
        allowed.clear()
        assert await shown.last() == "image/png"
    async with installer.client.get(address) as answer:
        assert answer.status == 404
    picture.end()
