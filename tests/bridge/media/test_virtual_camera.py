"""The whole media path with the virtual camera: RTSP, TURN, and a real Chromium that reads the marks in the picture."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from bridge.media import (
    CameraSource,
    NoH264Video,
    Peer,
    RtspTarget,
    RtspTimeouts,
    SourceState,
    Unauthorized,
    Unreachable,
)
from bridge.media.forwarder import Forwarder
from virtual_camera import BED, Codec, Person, Settings, StreamFault, VirtualCamera, profile_720p15

from .browser import open_browser
from .conftest import Turn
from .test_source import Wire

USER, PASSWORD = "looker", "not-in-a-url"
QUICK = RtspTimeouts(silence=0.4, teardown=0.2)


@asynccontextmanager
async def virtual_camera(gop: int = 15, codec: Codec = Codec.H264, **more: bool) -> AsyncIterator[VirtualCamera]:
    settings = Settings(
        user=USER, password=PASSWORD, profiles=(profile_720p15(gop=gop, codec=codec),), start=BED, **more
    )
    async with VirtualCamera(settings) as camera:
        yield camera


class Chain(Wire):
    """The virtual camera's stream into a forwarder, with key frames on demand."""

    def __init__(self, camera: VirtualCamera, password: str = PASSWORD) -> None:
        self.sent: list[bytes] = []
        self.reports = []
        self.news = asyncio.Event()
        self.stream = camera.streams["profile_720p15"]
        self.forwarder = Forwarder(
            self._send,
            on_key_frame_wanted=self.stream.request_key_frame,
            call_later=asyncio.get_running_loop().call_later,
        )
        self.target = RtspTarget(camera.stream_uri(), USER, password)

    def connect(self) -> CameraSource:
        return CameraSource(self.target, self.forwarder, on_state=self._told, timeouts=QUICK)


async def test_it_plays_and_stops(caplog: pytest.LogCaptureFixture) -> None:
    async with virtual_camera(has_aggregation=True) as camera:
        chain = Chain(camera)
        source = chain.connect()
        await source.prepare()
        assert camera.state.playing == 0
        source.start()
        chain.forwarder.open(lambda: True)
        await chain.until(lambda: len(chain.times()) > 5)
        await source.stop()
        await camera.state.wait_for(lambda state: state.playing == 0)
    assert [p[12] & 31 for p in chain.sent[:2]] == [7, 8]
    assert PASSWORD not in caplog.text


async def test_parameter_sets_that_are_only_in_the_sdp_are_put_in() -> None:
    async with virtual_camera(has_parameter_sets_in_band=False) as camera:
        chain = Chain(camera)
        source = chain.connect()
        source.start()
        chain.forwarder.open(lambda: True)
        await chain.until(lambda: len(chain.times()) > 2)
        await source.stop()
    assert [p[12] & 31 for p in chain.sent[:2]] == [7, 8]


async def test_audio_is_not_set_up() -> None:
    async with virtual_camera() as camera:
        camera.faults.audio = True
        chain = Chain(camera)
        source = chain.connect()
        await source.prepare()
        await source.stop()
        assert camera.state.counters.audio_setups == 0


async def test_a_wrong_password_is_refused_once() -> None:
    async with virtual_camera() as camera:
        chain = Chain(camera, "wrong")
        with pytest.raises(Unauthorized):
            await chain.connect().prepare()
        assert camera.state.counters.refused_logins == 1


async def test_h265_is_named() -> None:
    async with virtual_camera(codec=Codec.H265) as camera:
        with pytest.raises(NoH264Video) as caught:
            await Chain(camera).connect().prepare()
        assert caught.value.codec == "H265"


async def test_a_dropped_stream_comes_back_with_continuous_timestamps() -> None:
    async with virtual_camera() as camera:
        chain = Chain(camera)
        source = chain.connect()
        source.start()
        chain.forwarder.open(lambda: True)
        await chain.until(lambda: len(chain.times()) > 5)
        camera.drop_streams()
        dropped = time.monotonic()
        before = len(chain.times())
        await chain.until(lambda: len(chain.times()) > before + 3)
        assert time.monotonic() - dropped < 1.5
        await source.stop()
        assert camera.state.counters.plays == 2
    times = chain.times()
    assert all(0 < b - a < 90_000 * 1.5 for a, b in pairwise(times))


async def test_a_frozen_stream_is_given_up() -> None:
    async with virtual_camera() as camera:
        chain = Chain(camera)
        source = chain.connect()
        source.start()
        chain.forwarder.open(lambda: True)
        await chain.until(lambda: len(chain.times()) > 2)
        camera.faults.stream = StreamFault.FROZEN
        await chain.until(lambda: SourceState.LOST in chain.states())
        await source.stop()


async def test_a_camera_that_reboots_is_waited_for() -> None:
    async with virtual_camera() as camera:
        chain = Chain(camera)
        source = chain.connect()
        source.start()
        chain.forwarder.open(lambda: True)
        await chain.until(lambda: len(chain.times()) > 2)
        camera.start_reboot(0.5)
        await chain.until(lambda: chain.states().count(SourceState.PLAYING) == 2)
        await source.stop()
    lost = [report.error for report in chain.reports if report.state is SourceState.LOST]
    assert any(isinstance(error, Unreachable) for error in lost)


async def test_the_operator_sees_the_client_in_bed_through_turn(turn: Turn) -> None:
    """Also: a key frame every ten seconds is not waited for, as it is asked for after PLAY."""
    async with virtual_camera(gop=150) as camera, open_browser() as browser:
        stream = camera.streams["profile_720p15"]
        peer = await Peer.prepare(turn.config(), on_key_frame_wanted=stream.request_key_frame)
        theirs = await browser.look(peer.fields, turn.config())
        assert all(c.endswith(" typ relay") for c in (*theirs.candidates, *peer.fields.candidates))
        await peer.connect(theirs)
        assert await browser.verified()
        source = CameraSource(RtspTarget(camera.stream_uri(), USER, PASSWORD), peer.forwarder)
        source.start()
        await camera.state.wait_for(lambda state: state.playing == 1)
        clicked = time.monotonic()
        peer.forwarder.open(lambda: True)
        await browser.frames(1)
        assert time.monotonic() - clicked < 3
        first = await browser.marks()
        await browser.frames(20)
        second = await browser.marks()
        assert first.person is Person.IN_BED
        assert second.counter > first.counter
        (inbound,) = await browser.stats("inbound-rtp")
        assert inbound["packetsLost"] == 0
        await peer.close()
        await source.stop()
        await peer.wait_closed()
