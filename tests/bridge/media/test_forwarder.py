"""The last place before encryption: order, size, key frame first, and nothing without a permit."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bridge.media.forwarder import RTX_SSRC, SSRC, Forwarder, ForwarderLimits

from .scripted_camera import fragments, rtp

SPS, PPS = b"\x67sps", b"\x68pps"


def key(size: int = 3000) -> bytes:
    return b"\x65" + bytes(range(1, 256)) * (size // 255 + 1)


def slice_(size: int = 500) -> bytes:
    return b"\x41" + bytes(range(1, 256)) * (size // 255 + 1)


@dataclass
class Timer:
    at: float
    call: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class World:
    """A clock, timers, a wire and a gate, all in the test's hand."""

    limits: ForwarderLimits = field(default_factory=ForwarderLimits)
    now: float = 100.0
    sent: list[bytes] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    key_frames: int = 0
    allowed: object = True
    backlog: int = 0
    sequence: int = 65_530

    def __post_init__(self) -> None:
        self.forwarder = Forwarder(
            self.sent.append,
            on_key_frame_wanted=self.want,
            call_later=self.call_later,
            clock=lambda: self.now,
            wall_clock=lambda: 1_800_000_000.5,
            backlog=lambda: self.backlog,
            limits=self.limits,
        )

    def want(self) -> None:
        self.key_frames += 1

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + delay, call))
        return self.timers[-1]

    def permit(self) -> bool:
        return self.allowed  # type: ignore[return-value]

    def start(self) -> None:
        self.forwarder.source_started((SPS, PPS), 98)
        self.forwarder.source_playing()

    def open(self) -> None:
        self.start()
        self.forwarder.open(self.permit)

    def picture(self, nal: bytes, timestamp: int, *, drop: int | None = None) -> None:
        pieces = fragments(nal, 1400)
        for index, piece in enumerate(pieces):
            self.sequence = (self.sequence + 1) & 0xFFFF
            if index != drop:
                self.forwarder.feed(rtp(piece, self.sequence, timestamp, marker=index == len(pieces) - 1))

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [t for t in self.timers if not t.cancelled and t.at <= end]:
            timer = min(due, key=lambda t: t.at)
            timer.cancelled = True
            self.now = max(self.now, timer.at)
            timer.call()
        self.now = end

    def media(self) -> list[bytes]:
        return [p for p in self.sent if p[1] & 0x7F == 96 and p[8:12] == SSRC.to_bytes(4)]

    def again(self) -> list[bytes]:
        return [p for p in self.sent if p[8:12] == RTX_SSRC.to_bytes(4)]

    def times(self) -> list[int]:
        return [int.from_bytes(p[4:8]) for p in self.media() if p[1] & 0x80]


@pytest.fixture
def world() -> World:
    return World()


def test_nothing_leaves_before_open(world: World) -> None:
    world.start()
    world.picture(key(), 0)
    assert world.sent == []
    assert world.key_frames == 0


def test_what_came_before_open_is_never_sent(world: World) -> None:
    world.start()
    world.picture(key(), 0)
    world.forwarder.open(world.permit)
    world.picture(slice_(), 3000)
    assert world.sent == []
    world.picture(key(200), 6000)
    assert [p[12:] for p in world.media()] == [SPS, PPS, key(200)]


def test_a_picture_begun_before_open_is_not_finished_after_it(world: World) -> None:
    world.start()
    pieces = fragments(key(3000), 1400)
    packets = [rtp(p, 10 + i, 0, marker=i == len(pieces) - 1) for i, p in enumerate(pieces)]
    world.forwarder.feed(packets[0])
    world.forwarder.open(world.permit)
    for packet in packets[1:]:
        world.forwarder.feed(packet)
    assert world.sent == []


def test_a_sender_report_tells_time_and_counts(world: World) -> None:
    world.open()
    world.picture(key(200), 0)
    report = world.sent[-1]
    kind, length, ssrc, ntp, moment, packets, octets = struct.unpack("!xBHIQIII", report)
    assert (kind, length, ssrc, packets) == (200, 6, SSRC, 3)
    assert ntp >> 32 == 1_800_000_000 + 2_208_988_800
    assert moment == 0
    assert octets == sum(len(p) - 12 for p in world.media())


def test_packets_fit_and_are_in_order(world: World) -> None:
    world.open()
    for number in range(30):
        world.picture(key(30_000) if number % 10 == 0 else slice_(4000), number * 6000)
        world.wait(1 / 15)
    media = world.media()
    assert max(map(len, world.sent)) <= 1200
    assert [int.from_bytes(p[2:4]) for p in media] == [n & 0xFFFF for n in range(len(media))]
    assert world.times() == [n * 6000 for n in range(30)]


def test_a_key_frame_is_paced(world: World) -> None:
    world.open()
    world.picture(key(200_000), 0)
    assert sum(map(len, world.sent)) <= 12_000 + 1200
    world.wait(0.02)
    assert sum(map(len, world.sent)) <= 12_000 + 1200 + 0.02 * 30e6 / 8
    world.wait(0.05)
    assert b"".join(p[14:] for p in world.media()[2:]) == key(200_000)[1:]


def test_timestamps_go_on_over_a_reconnect(world: World) -> None:
    world.open()
    world.picture(key(200), 4_294_960_000)
    world.wait(0.1)
    world.picture(slice_(), (4_294_960_000 + 9000) & 0xFFFFFFFF)
    world.wait(1.0)
    world.forwarder.source_lost()
    world.start()
    world.picture(slice_(), 500)  # refers to a picture of the old connection
    world.picture(key(200), 77)
    world.picture(slice_(), 77 + 6000)
    assert world.times() == [0, 9000, 9000 + 90_000, 9000 + 96_000]


def test_a_camera_clock_that_jumps_is_joined(world: World) -> None:
    world.open()
    world.picture(key(200), 0)
    world.wait(0.1)
    world.picture(slice_(), 3_000_000_000)
    assert world.times() == [0, 9000]


def test_after_a_hole_the_next_key_frame_is_waited_for(world: World) -> None:
    world.open()
    world.picture(key(200), 0)
    world.wait(1)
    world.picture(slice_(4000), 3000, drop=1)
    world.picture(slice_(), 6000)
    assert world.times() == [0]
    assert world.key_frames == 2
    world.picture(key(200), 9000)
    assert world.times() == [0, 9000]


def test_key_frames_are_asked_for_at_most_twice_a_second(world: World) -> None:
    world.open()
    assert world.key_frames == 1
    for _ in range(100):
        world.forwarder.on_key_frame_request()
        world.wait(0.01)
    assert world.key_frames == 2


def test_open_does_not_ask_again_for_what_is_coming(world: World) -> None:
    world.start()
    world.forwarder.open(world.permit, key_frame_coming=True)
    assert world.key_frames == 0
    world.wait(0.6)
    world.picture(slice_(), 0)
    assert world.key_frames == 1


def test_a_lost_packet_is_sent_again_under_its_own_numbers(world: World) -> None:
    world.open()
    world.picture(key(3000), 0)
    world.wait(0.1)
    world.forwarder.on_nack([3, 3, 4, 60_000])
    first, second = world.again()
    original = world.media()[3]
    assert first[1] == original[1] & 0x80 | 97
    assert first[2:4] == b"\0\0"
    assert first[4:8] == original[4:8]
    assert first[12:] == original[2:4] + original[12:]
    assert second[2:4] == b"\0\1"
    assert world.forwarder.packets_resent == 2
    world.forwarder.on_nack([3])
    assert len(world.again()) == 2, "asked again before the first could arrive"


def test_the_first_repair_does_not_wait(world: World) -> None:
    """On a short path the viewer asks within a few milliseconds; ignored, it would only ask again after 100."""
    world.open()
    world.picture(key(3000), 0)
    world.forwarder.on_nack([3])
    assert len(world.again()) == 1


def test_history_is_bounded(world: World) -> None:
    world = World(ForwarderLimits(history_packets=10))
    world.open()
    world.picture(key(30_000), 0)
    world.wait(1)
    count = len(world.media())
    world.forwarder.on_nack(range(count))
    world.wait(1)
    assert len(world.again()) == 10


def test_a_path_that_is_too_slow_starts_over_instead_of_lagging(world: World) -> None:
    world.open()
    world.picture(key(200), 0)
    world.backlog = 300_000
    world.wait(1)
    world.picture(slice_(), 6000)
    world.backlog = 0
    world.picture(slice_(), 12_000)
    assert world.times() == [0]
    assert world.key_frames == 2
    world.picture(key(200), 18_000)
    assert world.times() == [0, 18_000]


@pytest.mark.parametrize("answer", [False, None, 1, "yes"])
def test_anything_but_true_closes_for_good(world: World, answer: object) -> None:
    world.open()
    world.picture(key(200_000), 0)
    world.wait(0.1)
    before = len(world.sent)
    world.allowed = answer
    world.forwarder.on_nack([1, 2, 3])
    world.allowed = True
    world.forwarder.on_nack([1, 2, 3])
    world.picture(key(), 3000)
    world.wait(5)
    assert len(world.sent) == before
    with pytest.raises(RuntimeError):
        world.forwarder.open(world.permit)


def test_a_permit_that_fails_closes(world: World) -> None:
    def broken() -> bool:
        raise OSError

    world.start()
    world.forwarder.open(broken)
    assert not world.forwarder.is_open
    world.picture(key(), 0)
    assert world.sent == []


def test_a_wire_that_fails_closes() -> None:
    def broken(_: bytes) -> None:
        raise ConnectionError

    world = World()
    forwarder = Forwarder(broken, on_key_frame_wanted=world.want, call_later=world.call_later, clock=lambda: world.now)
    world.forwarder = forwarder
    world.open()
    world.picture(key(), 0)
    assert not forwarder.is_open
    assert forwarder.packets_sent == 0


def test_close_wipes_every_byte_of_picture(world: World) -> None:
    world.open()
    world.picture(key(200_000), 0)
    world.forwarder.close()
    assert not world.forwarder._queue
    assert not world.forwarder._history
    assert not world.forwarder._depacketizer._nals
    world.wait(1)
    assert len(world.media()) < 20


def test_hold_wipes_one_camera_and_the_next_goes_on_in_the_same_stream(world: World) -> None:
    world.open()
    world.picture(key(100), 0)
    before = len(world.media())
    last = int.from_bytes(world.media()[-1][2:4])
    world.forwarder.hold()
    world.picture(key(100), 3000)
    world.forwarder.on_nack([last])
    assert len(world.media()) == before
    assert not world.forwarder._queue
    assert not world.forwarder._history
    world.now += 2.0
    world.start()
    world.picture(slice_(), 900_000)
    world.forwarder.open(world.permit)
    world.picture(slice_(), 903_000)
    assert len(world.media()) == before
    world.picture(key(100), 906_000)
    first = world.media()[before]
    assert int.from_bytes(first[2:4]) == (last + 1) & 0xFFFF
    assert world.times()[-1] - world.times()[0] == 180_000


def test_what_is_closed_stays_closed_when_held(world: World) -> None:
    world.open()
    world.forwarder.close()
    world.forwarder.hold()
    with pytest.raises(RuntimeError):
        world.forwarder.open(world.permit)


@given(st.binary(max_size=100))
def test_noise_from_the_camera_sends_nothing(data: bytes) -> None:
    world = World()
    world.open()
    world.forwarder.feed(data)
    assert world.sent == []


class Look(RuleBasedStateMachine):
    """Any order of camera, viewer, time and gate: what the wire may ever see."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.opened = False
        self.after_end: int | None = None
        self.timestamp = 0

    @rule()
    def camera_connects(self) -> None:
        self.world.start()

    @rule(is_key=st.booleans(), size=st.integers(10, 40_000), hole=st.booleans())
    def picture(self, is_key: bool, size: int, hole: bool) -> None:
        self.timestamp += 6000
        self.world.picture(key(size) if is_key else slice_(size), self.timestamp, drop=0 if hole else None)

    @rule(sequences=st.lists(st.integers(0, 65_535) | st.integers(0, 60), max_size=20))
    def nack(self, sequences: list[int]) -> None:
        self.world.forwarder.on_nack(sequences)

    @rule()
    def pli(self) -> None:
        self.world.forwarder.on_key_frame_request()

    @rule(seconds=st.sampled_from([0.001, 0.03, 0.2, 1.5]))
    def time_passes(self, seconds: float) -> None:
        self.world.wait(seconds)

    @precondition(lambda self: not self.opened)
    @rule()
    def gate_opens(self) -> None:
        self.opened = True
        self.world.forwarder.open(self.world.permit)

    @precondition(lambda self: self.opened and self.after_end is None)
    @rule()
    def gate_closes(self) -> None:
        self.world.allowed = False
        self.after_end = len(self.world.sent)

    @precondition(lambda self: self.after_end is not None)
    @rule()
    def gate_says_yes_again(self) -> None:
        """Only matters once the forwarder has seen the no."""
        if not self.world.forwarder.is_open:
            self.world.allowed = True

    @invariant()
    def nothing_without_permission(self) -> None:
        if not self.opened:
            assert self.world.sent == []
        if self.after_end is not None:
            assert len(self.world.sent) == self.after_end

    @invariant()
    def every_packet_fits(self) -> None:
        assert all(len(p) <= 1200 for p in self.world.sent)

    @invariant()
    def the_first_picture_is_a_key_frame(self) -> None:
        media = self.world.media()
        assert [p[12] & 31 for p in media[:2]] == [7, 8][: len(media)]

    @invariant()
    def numbers_go_up(self) -> None:
        numbers = [int.from_bytes(p[2:4]) for p in self.world.media()]
        assert numbers == sorted(set(numbers))


TestLook = Look.TestCase
TestLook.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
