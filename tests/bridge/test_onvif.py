"""onvif.py and soap.py against the virtual camera, and against a camera that answers what no camera should."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from bridge import soap
from bridge.away import is_private
from bridge.onvif import Camera, CameraAway, CameraFault, CameraRefused, Status
from tests.bridge.conftest import PASSWORD, USER, access
from tillsyn.frames import Position
from virtual_camera import BED, CEILING, Settings, StatusFault, VirtualCamera

PRIVATE = Position(0, 1_000_000, 0)


@pytest.mark.parametrize("preset", ["preset_rest", ""], ids=["by its preset", "by its position"])
async def test_the_camera_goes_private(camera: VirtualCamera, session: aiohttp.ClientSession, preset: str) -> None:
    camera.move_by_hand(BED)
    client = Camera(session, access(camera, preset=preset))
    assert await client.status() == Status(0, -500_000, 0, moving=False)
    await client.go_private()
    async with asyncio.timeout(5):
        while not is_private(await client.status(), PRIVATE):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert camera.position.distance(CEILING) < 0.001


async def test_a_moving_camera_says_so(session: aiohttp.ClientSession) -> None:
    async with VirtualCamera(Settings(user=USER, password=PASSWORD, motor_speed=0.5)) as slow:
        client = Camera(session, access(slow))
        await client.go_private()
        assert (await client.status()).moving


async def test_a_key_frame_is_asked_for(camera: VirtualCamera, session: aiohttp.ClientSession) -> None:
    await Camera(session, access(camera)).key_frame()
    assert camera.state.counters.sync_points == 1


@pytest.mark.parametrize("offset", [-7200.0, 3600.0], ids=["two hours slow", "an hour fast"])
async def test_a_camera_with_a_wrong_clock_still_obeys(session: aiohttp.ClientSession, offset: float) -> None:
    async with VirtualCamera(Settings(user=USER, password=PASSWORD, clock_offset=offset)) as odd:
        assert (await Camera(session, access(odd)).status()).pan == 0
        assert odd.state.counters.refused_logins == 0


async def test_a_wrong_password_is_told_apart(camera: VirtualCamera, session: aiohttp.ClientSession) -> None:
    client = Camera(session, replace(access(camera), password="wrong"))
    with pytest.raises(CameraRefused):
        await client.go_private()
    assert camera.state.counters.move_commands == 0


async def test_a_camera_that_is_gone_is_told_apart(camera: VirtualCamera, session: aiohttp.ClientSession) -> None:
    client = Camera(session, access(camera))
    await camera.close()
    with pytest.raises(CameraAway):
        await client.status()


async def test_odd_characters_in_password_and_tokens_are_escaped(session: aiohttp.ClientSession) -> None:
    async with VirtualCamera(Settings(user='a<&>"', password="å<&>ö'\"")) as odd:
        settings = replace(access(odd), user='a<&>"', password="å<&>ö'\"")
        assert (await Camera(session, settings).status()).pan == 0
        with pytest.raises(CameraFault):
            await Camera(session, replace(settings, privacy_preset="<x/>&")).go_private()


@pytest.mark.parametrize(
    ("fault", "known"), [(StatusFault.SILENT, False), (StatusFault.LYING, True)], ids=["silent", "lying"]
)
async def test_a_status_without_a_position_is_not_private(
    camera: VirtualCamera, session: aiohttp.ClientSession, fault: StatusFault, known: bool
) -> None:
    camera.faults.status = fault
    status = await Camera(session, access(camera)).status()
    assert (status.pan is not None) is known


async def test_a_failing_status_is_a_fault(camera: VirtualCamera, session: aiohttp.ClientSession) -> None:
    camera.faults.status = StatusFault.FAILING
    with pytest.raises(CameraFault):
        await Camera(session, access(camera)).status()


@pytest.mark.parametrize(
    ("status", "private"),
    [
        (Status(0, 1_000_000, 0, moving=False), True),
        (Status(15_000, 985_000, 30_000, moving=False), True),
        (Status(0, 1_000_000, None, moving=False), True),
        (Status(0, 1_000_000, 0, moving=True), False),
        (Status(30_000, 1_000_000, 0, moving=False), False),
        (Status(0, 970_000, 0, moving=False), False),
        (Status(0, 1_000_000, 90_000, moving=False), False),
        (Status(None, 1_000_000, 0, moving=False), False),
        (Status(0, None, 0, moving=False), False),
    ],
)
def test_private_means_there_and_standing_still(status: Status, private: bool) -> None:
    assert is_private(status, PRIVATE) is private


# ---- answers that no camera should give -----------------------------------------------------------------------------


def wrapped(content: str) -> str:
    return f'<e:Envelope xmlns:e="{soap.SOAP}"><e:Body>{content}</e:Body></e:Envelope>'


type Odd = tuple[Camera, dict[str, object]]
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + wrapped("<GetStatusResponse>&b;</GetStatusResponse>")


@pytest.fixture
async def answers(camera: VirtualCamera, session: aiohttp.ClientSession) -> AsyncIterator[Odd]:
    """A camera that answers whatever stands in the dictionary."""
    told: dict[str, object] = {"body": "", "status": 200}
    over = asyncio.Event()

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.path == "/onvif/device_service":
            return web.Response(text=wrapped("<e:Fault/>"), status=500)
        if told["body"] is None:
            await over.wait()
        return web.Response(text=str(told["body"]), status=int(str(told["status"])), headers={"Location": "/other"})

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Camera(session, replace(access(camera), port=runner.addresses[0][1])), told
    over.set()
    await runner.cleanup()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 200),
        ("<html/>", 200),
        ("not xml", 200),
        (BOMB, 200),
        (wrapped("<a/><b/>"), 200),
        (wrapped(""), 200),
        (wrapped("<GotoPresetResponse/>"), 200),
        (wrapped("<GetStatusResponse/>"), 500),
        (wrapped("<GetStatusResponse/>"), 307),
        (wrapped("<a>" * 40 + "</a>" * 40), 200),
        (wrapped("<a/>" * 3000), 200),
        ("x" * 70_000, 200),
        (wrapped("<e:Fault/>"), 500),
    ],
    ids=[
        "nothing", "a web page", "text", "entities", "two answers", "no answer", "another answer", "an error",
        "a redirection", "too deep", "too many", "too large", "a fault",
    ],
)  # fmt: skip
async def test_what_is_not_an_answer_is_a_fault(answers: Odd, body: str, status: int) -> None:
    camera, told = answers
    told["body"], told["status"] = body, status
    with pytest.raises(CameraFault):
        await camera.status()


async def test_an_answer_without_a_position_says_nothing(answers: Odd) -> None:
    camera, told = answers
    place = f'<t:Position xmlns:t="{soap.SCHEMA}"><t:PanTilt x="nan" y="1e9"/><t:Zoom/></t:Position>'
    told["body"] = wrapped(f"<GetStatusResponse><PTZStatus>{place}</PTZStatus></GetStatusResponse>")
    assert await camera.status() == Status(None, None, None, moving=False)


async def test_a_silent_camera_does_not_hold_the_bridge(answers: Odd, monkeypatch: pytest.MonkeyPatch) -> None:
    camera, told = answers
    monkeypatch.setattr(camera, "_timeout", aiohttp.ClientTimeout(total=0.1))
    told["body"] = None
    before = time.monotonic()
    with pytest.raises(CameraAway):
        await camera.status()
    assert time.monotonic() - before < 2


def test_a_document_type_is_refused_before_it_is_read() -> None:
    with pytest.raises(soap.BadXml):
        soap.parse(b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>')
