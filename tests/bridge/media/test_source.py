"""A camera that drops, hangs, refuses and comes back, behind one look."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from bridge.media import CameraSource, RtspTarget, RtspTimeouts, SourceState, Unauthorized, Unreachable
from bridge.media.forwarder import Forwarder
from bridge.media.source import SourceReport

from .scripted_camera import PASSWORD, USER, ScriptedCamera

QUICK = RtspTimeouts(connect=1.0, answer=1.0, silence=0.2, teardown=0.2)


class Wire:
    """A forwarder's far end that remembers packets and states."""

    def __init__(self, camera: ScriptedCamera) -> None:
        self.sent: list[bytes] = []
        self.reports: list[SourceReport] = []
        self.news = asyncio.Event()
        self.forwarder = Forwarder(
            self._send, on_key_frame_wanted=camera.key_frame, call_later=asyncio.get_running_loop().call_later
        )
        self.target = RtspTarget(camera.uri, USER, PASSWORD)

    def source(self, target: RtspTarget | None = None) -> CameraSource:
        return CameraSource(target or self.target, self.forwarder, on_state=self._told, timeouts=QUICK)

    def _send(self, packet: bytes) -> None:
        self.sent.append(packet)
        self.news.set()

    def _told(self, report: SourceReport) -> None:
        self.reports.append(report)
        self.news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self.news.clear()
                await self.news.wait()

    def states(self) -> list[SourceState]:
        return [report.state for report in self.reports]

    def times(self) -> list[int]:
        """Timestamps of whole pictures."""
        return [int.from_bytes(p[4:8]) for p in self.sent if p[1] == 96 | 0x80]


async def test_a_dropped_camera_comes_back_with_continuous_timestamps(camera: ScriptedCamera) -> None:
    camera.script.rate = 60
    wire = Wire(camera)
    source = wire.source()
    source.start()
    wire.forwarder.open(lambda: True)
    await wire.until(lambda: len(wire.times()) > 10)
    camera.drop()
    before = len(wire.times())
    await wire.until(lambda: len(wire.times()) > before + 10)
    await source.stop()
    times = wire.times()
    steps = [b - a for a, b in pairwise(times)]
    assert camera.connections == 2
    assert wire.states().count(SourceState.PLAYING) == 2
    assert all(0 < step < 90_000 for step in steps)
    assert max(steps) > 6000 * 2, "the gap is in the timestamps, as it was in time"
    numbers = [int.from_bytes(p[2:4]) for p in wire.sent if p[1] & 0x7F == 96]
    assert numbers == list(range(len(numbers)))


async def test_a_hung_camera_is_connected_again(camera: ScriptedCamera) -> None:
    wire = Wire(camera)
    source = wire.source()
    source.start()
    wire.forwarder.open(lambda: True)
    await wire.until(lambda: len(wire.times()) > 2)
    camera.script.silent = True
    await wire.until(lambda: SourceState.LOST in wire.states())
    camera.script.silent = False
    before = len(wire.times())
    await wire.until(lambda: len(wire.times()) > before)
    await source.stop()
    assert wire.states()[-1] is SourceState.STOPPED


async def test_a_wrong_password_is_not_tried_again(camera: ScriptedCamera) -> None:
    wire = Wire(camera)
    source = wire.source(RtspTarget(camera.uri, USER, "wrong"))
    source.start()
    await wire.until(lambda: SourceState.FAILED in wire.states())
    assert isinstance(wire.reports[-1].error, Unauthorized)
    assert camera.connections == 1
    await source.stop()


async def test_a_camera_that_is_gone_is_tried_again(camera: ScriptedCamera) -> None:
    async with ScriptedCamera() as gone:
        uri = gone.uri
    wire = Wire(camera)
    source = wire.source(RtspTarget(uri, USER, PASSWORD))
    source.start()
    await wire.until(lambda: wire.states().count(SourceState.LOST) >= 2)
    assert isinstance(wire.reports[-1].error, Unreachable)
    await source.stop()
    assert wire.states()[-1] is SourceState.STOPPED


async def test_a_prepared_camera_only_needs_play(camera: ScriptedCamera) -> None:
    wire = Wire(camera)
    source = wire.source()
    await source.prepare()
    assert "PLAY" not in camera.methods()
    asked = len(camera.requests)
    source.start()
    wire.forwarder.open(lambda: True)
    await wire.until(lambda: len(wire.times()) > 2)
    assert camera.methods()[asked:] == ["PLAY"]
    await source.stop()
    assert camera.methods()[-1] == "TEARDOWN"


async def test_a_prepared_camera_that_dropped_is_connected_at_start(camera: ScriptedCamera) -> None:
    wire = Wire(camera)
    source = wire.source()
    await source.prepare()
    camera.drop()
    await asyncio.sleep(0.02)
    source.start()
    wire.forwarder.open(lambda: True)
    await wire.until(lambda: len(wire.times()) > 2)
    await source.stop()
    assert SourceState.LOST not in wire.states()


async def test_stop_before_start_sends_nothing(camera: ScriptedCamera) -> None:
    wire = Wire(camera)
    source = wire.source()
    await source.prepare()
    await source.stop()
    source.start()
    assert camera.methods()[-1] == "TEARDOWN"
    with pytest.raises(RuntimeError):
        await source.prepare()


async def test_no_packet_reaches_the_forwarder_once_stopped(camera: ScriptedCamera) -> None:
    camera.script.rate = 500
    camera.script.replies["TEARDOWN"] = b""
    wire = Wire(camera)
    source = wire.source()
    source.start()
    wire.forwarder.open(lambda: True)
    await wire.until(lambda: len(wire.times()) > 2)
    stopping = asyncio.create_task(source.stop())
    await asyncio.sleep(0)
    before = wire.forwarder.pictures_sent
    await stopping
    assert wire.forwarder.pictures_sent == before
