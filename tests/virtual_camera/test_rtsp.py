"""RTSP as real and bare clients use it: log in, play, get pictures."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import av
import pytest

from tests.virtual_camera.conftest import Client, MakeCamera, MakeClient
from tests.virtual_camera.rtsp_probe import RtspProbe, unit_types
from virtual_camera import BED, Codec, Look, Marks, Person, VirtualCamera, profile_720p15, profile_1080p25, read_marks
from virtual_camera.scene import Scene
from virtual_camera.stream import LivePicture, Stream

IDR, SPS, PPS = 5, 7, 8
SLOW_GOP = (profile_720p15(gop=600),)


@contextmanager
def opened(camera: VirtualCamera, transport: str, token: str | None = None) -> Iterator[av.container.InputContainer]:
    uri = camera.stream_uri(token).replace("rtsp://", "rtsp://viewer:secret@")
    options = {"rtsp_transport": transport, "analyzeduration": "0", "probesize": "32"}
    container = av.open(uri, options=options, timeout=10)
    try:
        yield container
    finally:
        container.close()


def watch(camera: VirtualCamera, transport: str, count: int, token: str | None = None) -> list[Marks | None]:
    """Decode pictures with FFmpeg and read their marks."""
    seen: list[Marks | None] = []
    with opened(camera, transport, token) as container:
        for frame in container.decode(video=0):
            seen.append(read_marks(frame.to_ndarray(format="rgb24")))
            if len(seen) == count:
                break
    return seen


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_ffmpeg_plays_it(make_camera: MakeCamera, transport: str) -> None:
    camera = await make_camera(profiles=(profile_720p15(gop=5),), start=BED)
    seen = await asyncio.to_thread(watch, camera, transport, 12)
    counters = [marks.counter for marks in seen if marks]
    assert len(counters) == 12
    assert counters == list(range(counters[0], counters[0] + 12))
    last = seen[-1]
    assert last is not None
    assert (last.look, last.person) == (Look.INFRARED, Person.IN_BED)
    assert last.position.distance(BED) < 1e-4
    assert abs((int(time.time() * 1000) - last.clock) & 0xFFFFFFFF) < 2000
    await camera.state.wait_for(lambda state: state.sessions == 0)
    assert camera.state.counters.plays == 1


async def test_the_large_profile_plays(make_camera: MakeCamera) -> None:
    camera = await make_camera(profiles=(profile_720p15(), profile_1080p25(gop=5)))
    assert None not in await asyncio.to_thread(watch, camera, "tcp", 5, "profile_1080p25")


async def test_h265_plays_and_is_named_so(make_camera: MakeCamera) -> None:
    camera = await make_camera(profiles=(profile_720p15(gop=5, codec=Codec.H265),))
    assert None not in await asyncio.to_thread(watch, camera, "tcp", 5)
    async with RtspProbe(camera.host, camera.rtsp_port) as probe:
        assert "H265/90000" in (await probe.log_in(camera.stream_uri())).body


async def test_parameter_sets_only_in_the_description_are_enough(make_camera: MakeCamera) -> None:
    camera = await make_camera(profiles=(profile_720p15(gop=5),), has_parameter_sets_in_band=False)
    assert None not in await asyncio.to_thread(watch, camera, "tcp", 5)


async def test_pictures_follow_the_move(make_camera: MakeCamera) -> None:
    camera = await make_camera(profiles=(profile_720p15(gop=1),))

    def watch_the_move() -> list[float]:
        tilts: list[float] = []
        with opened(camera, "tcp") as container:
            for frame in container.decode(video=0):
                marks = read_marks(frame.to_ndarray(format="rgb24"))
                if marks:
                    tilts.append(marks.position.tilt)
                    camera.move_by_hand(BED)
                if tilts and tilts[-1] < -0.4:
                    break
        return tilts

    tilts = await asyncio.to_thread(watch_the_move)
    assert abs(tilts[0]) < 1e-4
    assert tilts[-1] == pytest.approx(BED.tilt, abs=1e-4)


async def test_a_stream_has_one_video_track_with_its_parameter_sets(camera: VirtualCamera, probe: RtspProbe) -> None:
    body = (await probe.log_in(camera.stream_uri())).body
    assert "a=rtpmap:96 H264/90000" in body
    assert "packetization-mode=1;profile-level-id=42C01F;sprop-parameter-sets=" in body
    assert "m=audio" not in body


async def test_a_viewer_comes_between_two_key_frames(make_camera: MakeCamera) -> None:
    """As with a real camera: PLAY alone gives no key frame."""
    camera = await make_camera(profiles=SLOW_GOP)
    async with RtspProbe(camera.host, camera.rtsp_port) as probe:
        await probe.play(camera.stream_uri())
        assert [IDR in unit_types(await probe.picture()) for _ in range(4)] == [False] * 4


async def test_a_synchronization_point_makes_a_key_frame_at_once(
    make_camera: MakeCamera, make_client: MakeClient
) -> None:
    camera = await make_camera(profiles=SLOW_GOP)
    client = await make_client(camera)
    async with RtspProbe(camera.host, camera.rtsp_port) as probe:
        await probe.play(camera.stream_uri())
        await probe.picture()
        await client.synchronize()
        # Those that were on their way come first; on its own beat the key frame would be number 600.
        pictures = [unit_types(await probe.picture()) for _ in range(15)]
    assert [types for types in pictures if IDR in types] == [[SPS, PPS, IDR]]
    assert camera.state.counters.sync_points == 1


async def test_nothing_is_coded_when_nobody_watches() -> None:
    made: list[int] = []

    def marks(number: int) -> Marks:
        made.append(number)
        return Marks(number, 0, Look.DAY, Person.IN_BED, False, BED)

    stream = Stream(replace(profile_720p15(), fps=60), Scene, marks, has_parameter_sets=True)
    came: asyncio.Queue[LivePicture] = asyncio.Queue()
    stream.add(came.put_nowait)
    await came.get()
    stream.remove(came.put_nowait)
    after = len(made)
    await asyncio.sleep(0.1)
    assert len(made) <= after + 1
    stream.add(came.put_nowait)
    await came.get()
    await stream.close()


async def test_the_last_viewer_to_leave_puts_the_stream_to_rest(camera: VirtualCamera, probe: RtspProbe) -> None:
    session = await probe.play(camera.stream_uri())
    assert (camera.state.sessions, camera.state.playing) == (1, 1)
    await probe.picture()
    assert (await probe.request("TEARDOWN", camera.stream_uri(), Session=session)).status == 200
    assert (camera.state.sessions, camera.state.playing) == (0, 0)
    stream = next(iter(camera.streams.values()))
    assert not stream.is_watched


async def test_pause_and_play_again(camera: VirtualCamera, probe: RtspProbe) -> None:
    uri = camera.stream_uri()
    session = await probe.play(uri)
    assert (await probe.request("PAUSE", uri, Session=session)).status == 200
    assert (camera.state.sessions, camera.state.playing) == (1, 0)
    assert (await probe.request("PLAY", uri, Session=session)).status == 200
    assert await probe.picture()
    assert camera.state.counters.plays == 2


async def test_a_client_that_hangs_up_ends_its_session(camera: VirtualCamera, probe: RtspProbe) -> None:
    await probe.play(camera.stream_uri())
    probe.writer.transport.abort()
    await camera.state.wait_for(lambda state: (state.sessions, state.playing) == (0, 0))


async def test_a_silent_udp_client_is_let_go(make_camera: MakeCamera) -> None:
    camera = await make_camera(session_timeout=0.2)
    async with RtspProbe(camera.host, camera.rtsp_port) as probe:
        uri = camera.stream_uri()
        await probe.log_in(uri)
        reply = await probe.request("SETUP", f"{uri}/trackID=1", Transport="RTP/AVP;unicast;client_port=40000-40001")
        assert "server_port=" in reply.headers["transport"]
        assert camera.state.sessions == 1
        await camera.state.wait_for(lambda state: state.sessions == 0)


async def test_sender_reports_come_with_the_pictures(camera: VirtualCamera, probe: RtspProbe) -> None:
    await probe.play(camera.stream_uri())
    assert (await probe.packet(channel=1))[1] == 200


@pytest.mark.parametrize("has_qop", [False, True])
async def test_the_right_password_is_let_in(make_camera: MakeCamera, has_qop: bool) -> None:
    camera = await make_camera(has_digest_qop=has_qop)
    async with RtspProbe(camera.host, camera.rtsp_port) as probe:
        assert (await probe.log_in(camera.stream_uri())).status == 200
        assert ("qop" in probe.challenge) == has_qop


@pytest.mark.parametrize(
    ("user", "password"), [("viewer", "wrong"), ("admin", "secret"), ("viewer", "")], ids=["password", "user", "empty"]
)
async def test_a_wrong_login_is_refused(camera: VirtualCamera, user: str, password: str) -> None:
    async with RtspProbe(camera.host, camera.rtsp_port, user, password) as probe:
        assert (await probe.log_in(camera.stream_uri())).status == 401
    assert camera.state.counters.refused_logins == 1


@pytest.mark.parametrize("method", ["DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER"])
async def test_nothing_is_answered_without_login(camera: VirtualCamera, probe: RtspProbe, method: str) -> None:
    reply = await probe.request(method, camera.stream_uri())
    assert reply.status == 401
    assert not reply.body


async def test_a_nonce_of_its_own_making_does_not_let_a_client_in(camera: VirtualCamera, probe: RtspProbe) -> None:
    uri = camera.stream_uri()
    await probe.request("DESCRIBE", uri)
    probe.challenge["nonce"] = "0" * 32
    reply = await probe.request("DESCRIBE", uri)
    assert reply.status == 401
    assert "stale=TRUE" in reply.headers["www-authenticate"]


async def test_an_answer_for_one_method_does_not_serve_another(camera: VirtualCamera, probe: RtspProbe) -> None:
    uri = camera.stream_uri()
    await probe.request("DESCRIBE", uri)
    stolen = probe.authorization("DESCRIBE", uri)
    assert (await probe.request("SETUP", uri, Authorization=stolen)).status == 401
    assert (await probe.request("DESCRIBE", uri + "x", Authorization=stolen)).status == 401


async def test_a_replayed_answer_is_refused_where_answers_are_counted(make_camera: MakeCamera) -> None:
    camera = await make_camera(has_digest_qop=True)
    async with RtspProbe(camera.host, camera.rtsp_port) as probe:
        uri = camera.stream_uri()
        await probe.request("DESCRIBE", uri)
        probe.sequence = 9
        stolen = probe.authorization("DESCRIBE", uri)
        assert (await probe.request("DESCRIBE", uri, Authorization=stolen)).status == 200
        assert (await probe.request("DESCRIBE", uri, Authorization=stolen)).status == 401


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        pytest.param("DESCRIBE", "/nowhere", {}, 404, id="no such stream"),
        pytest.param("SETUP", "", {"Transport": "RTP/AVP/TCP;interleaved=0-1"}, 459, id="no track named"),
        pytest.param("SETUP", "/trackID=2", {"Transport": "RTP/AVP/TCP;interleaved=0-1"}, 404, id="no audio track"),
        pytest.param("SETUP", "/trackID=1", {"Transport": "RTP/AVP;multicast"}, 461, id="multicast"),
        pytest.param("SETUP", "/trackID=1", {"Transport": "RTP/AVP/TCP;interleaved=300-301"}, 461, id="bad channels"),
        pytest.param("SETUP", "/trackID=1", {"Transport": "RTP/AVP;client_port=0-1"}, 461, id="port 0"),
        pytest.param("SETUP", "/trackID=1", {}, 461, id="no transport"),
        pytest.param("PLAY", "", {"Session": "0123"}, 454, id="no such session"),
        pytest.param("TEARDOWN", "", {}, 454, id="teardown without a session"),
        pytest.param("RECORD", "", {}, 405, id="a method it lacks"),
    ],
)
async def test_what_it_cannot_do_is_refused_by_number(
    camera: VirtualCamera, probe: RtspProbe, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    await probe.log_in(camera.stream_uri())
    assert (await probe.request(method, camera.stream_uri() + path, **headers)).status == status


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="another protocol"),
        pytest.param(b"DESCRIBE x RTSP/1.0\r\nno colon\r\n\r\n", id="a malformed header"),
        pytest.param(b"\xff\xfe\xfd\r\n\r\n", id="not text"),
        pytest.param(b"DESCRIBE x RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n", id="a huge body"),
        pytest.param(b"DESCRIBE x RTSP/1.0\r\nA: " + b"b" * 9000 + b"\r\n\r\n", id="a huge header"),
    ],
)
async def test_malformed_requests_end_the_connection(probe: RtspProbe, data: bytes) -> None:
    probe.writer.write(data)
    assert (await probe.reply()).status == 400
    assert await probe.reader.read() == b""


async def test_options_need_no_login(probe: RtspProbe, client: Client) -> None:
    reply = await probe.request("OPTIONS", "*")
    assert reply.status == 200
    assert "TEARDOWN" in reply.headers["public"]


async def test_keep_alive_and_receiver_reports_are_taken(camera: VirtualCamera, probe: RtspProbe) -> None:
    uri = camera.stream_uri()
    session = await probe.play(uri)
    probe.writer.write(b"$\x01\x00\x08" + bytes(8))
    assert (await probe.request("GET_PARAMETER", uri, Session=session)).status == 200


async def test_another_key_frame_distance_holds_at_once(make_camera: MakeCamera) -> None:
    camera = await make_camera(profiles=SLOW_GOP)
    stream = next(iter(camera.streams.values()))
    async with RtspProbe(camera.host, camera.rtsp_port) as probe:
        await probe.play(camera.stream_uri())
        await probe.picture()
        stream.configure(replace(stream.profile, gop=3, fps=30))
        pictures = [unit_types(await probe.picture()) for _ in range(20)]
    keys = [index for index, types in enumerate(pictures) if IDR in types]
    assert len(keys) >= 4
    assert {later - earlier for earlier, later in pairwise(keys[1:])} <= {1, 2, 3}
