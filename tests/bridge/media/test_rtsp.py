"""RTSP at the wire: what is asked of the camera, what is never asked, and what a bad camera gets."""

import asyncio

import pytest

from bridge.media import (
    Closed,
    NoH264Video,
    ProtocolError,
    RtspClient,
    RtspError,
    RtspTarget,
    RtspTimeouts,
    Unauthorized,
    Unreachable,
)

from . import clip
from .scripted_camera import PASSWORD, USER, ScriptedCamera

QUICK = RtspTimeouts(connect=1.0, answer=1.0, silence=0.2, teardown=0.2)


class Listener:
    """Collects what the client delivers."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.some = asyncio.Event()
        self.lost: asyncio.Future[RtspError] = asyncio.get_running_loop().create_future()

    def on_rtp(self, packet: bytes) -> None:
        self.packets.append(packet)
        self.some.set()

    def client(self, camera: ScriptedCamera, password: str = PASSWORD) -> RtspClient:
        target = RtspTarget(camera.uri, USER, password)
        return RtspClient(target, on_rtp=self.on_rtp, on_lost=self.lost.set_result, timeouts=QUICK)


@pytest.mark.parametrize("auth", ["SHA-256", "MD5", "both", "legacy", "none"])
async def test_plays_with_each_kind_of_authentication(camera: ScriptedCamera, auth: str) -> None:
    camera.script.auth = auth
    listener = Listener()
    client = listener.client(camera)
    track = await client.connect()
    movie = clip.make()
    assert track.parameter_sets == (movie.sps, movie.pps)
    assert track.payload_type == 98
    assert not listener.packets
    await client.play()
    await asyncio.wait_for(listener.some.wait(), 2)
    await client.close()
    assert camera.methods()[-1] == "TEARDOWN"
    assert not listener.lost.done()


async def test_no_password_on_the_wire_or_in_a_text(camera: ScriptedCamera, caplog: pytest.LogCaptureFixture) -> None:
    listener = Listener()
    target = RtspTarget(camera.uri, USER, PASSWORD)
    client = listener.client(camera, "wrong")
    with pytest.raises(Unauthorized) as caught:
        await client.connect()
    shown = f"{target!r} {caught.value!r} {caplog.text}"
    assert PASSWORD not in shown
    assert USER not in shown
    assert "127.0.0.1" not in shown
    with pytest.raises(ValueError, match="must not hold credentials"):
        RtspTarget("rtsp://a:b@camera/1", "", "")


async def test_a_wrong_password_is_tried_once_only(camera: ScriptedCamera) -> None:
    with pytest.raises(Unauthorized):
        await Listener().client(camera, "wrong").connect()
    assert camera.methods() == ["DESCRIBE", "DESCRIBE"]


async def test_basic_authentication_is_refused(camera: ScriptedCamera) -> None:
    camera.script.auth = "basic"
    with pytest.raises(Unauthorized):
        await Listener().client(camera).connect()
    assert camera.methods() == ["DESCRIBE"]


async def test_audio_is_never_asked_for(camera: ScriptedCamera) -> None:
    camera.script.audio = True
    client = Listener().client(camera)
    await client.connect()
    await client.close()
    setups = [uri for method, uri in camera.requests if method == "SETUP"]
    assert len(setups) == 1
    assert setups[0].endswith("/track1")


async def test_h265_only_is_named(camera: ScriptedCamera) -> None:
    camera.script.codec = "H265"
    with pytest.raises(NoH264Video) as caught:
        await Listener().client(camera).connect()
    assert caught.value.codec == "H265"
    assert "SETUP" not in camera.methods()


async def test_nobody_there_is_unreachable() -> None:
    async with ScriptedCamera() as camera:
        pass
    with pytest.raises(Unreachable):
        await Listener().client(camera).connect()


async def test_session_is_kept_alive_at_half_its_timeout(camera: ScriptedCamera) -> None:
    camera.script.session_timeout = 0  # taken as the shortest, 2 s
    camera.script.no_get_parameter = True
    client = Listener().client(camera)
    await client.connect()
    await asyncio.wait_for(camera.asked("OPTIONS"), 3)
    assert "GET_PARAMETER" in camera.methods()
    await client.close()


async def test_a_dropped_stream_is_told_once(camera: ScriptedCamera) -> None:
    listener = Listener()
    client = listener.client(camera)
    await client.connect()
    await client.play()
    await asyncio.wait_for(listener.some.wait(), 2)
    camera.drop()
    assert isinstance(await asyncio.wait_for(listener.lost, 2), Closed)
    await client.close()


async def test_a_silent_stream_counts_as_lost(camera: ScriptedCamera) -> None:
    camera.script.silent = True
    listener = Listener()
    client = listener.client(camera)
    await client.connect()
    await client.play()
    assert isinstance(await asyncio.wait_for(listener.lost, 2), Closed)
    assert not listener.packets


async def test_nothing_is_delivered_after_close_is_entered(camera: ScriptedCamera) -> None:
    camera.script.rate = 500
    camera.script.replies["TEARDOWN"] = b""  # never answered: the stream goes on
    listener = Listener()
    client = listener.client(camera)
    await client.connect()
    await client.play()
    await asyncio.wait_for(listener.some.wait(), 2)
    closing = asyncio.create_task(client.close())
    await asyncio.sleep(0)
    before = len(listener.packets)
    await closing
    assert len(listener.packets) == before


OK = b"RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n"


@pytest.mark.parametrize(
    ("method", "reply"),
    [
        pytest.param("DESCRIBE", b"HTTP/1.1 200 OK\r\n\r\n", id="speaks HTTP"),
        pytest.param("DESCRIBE", b"x" * 20_000, id="noise"),
        pytest.param("DESCRIBE", b"RTSP/1.0 200 " + b"x" * 20_000, id="endless status line"),
        pytest.param("DESCRIBE", OK + b"bad header\r\n\r\n", id="header without colon"),
        pytest.param("DESCRIBE", OK + b"A: b\r\n" * 100 + b"\r\n", id="too many headers"),
        pytest.param("DESCRIBE", OK + b"Content-Length: 9999999\r\n\r\n", id="huge body"),
        pytest.param("DESCRIBE", OK + b"Content-Length: -1\r\n\r\n", id="negative body"),
        pytest.param("DESCRIBE", OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", id="two lengths"),
        pytest.param("DESCRIBE", OK + b"Content-Type: text/html\r\n\r\n", id="not SDP"),
        pytest.param("DESCRIBE", b"RTSP/1.0 200 OK\r\nCSeq: 999\r\n\r\n", id="answer to another question"),
        pytest.param("DESCRIBE", b"RTSP/1.0 404 Not Found\r\nCSeq: {cseq}\r\n\r\n", id="no such stream"),
        pytest.param(
            "DESCRIBE", b'RTSP/1.0 401 No\r\nCSeq: {cseq}\r\nWWW-Authenticate: Digest a="\r\n\r\n', id="bad challenge"
        ),
        pytest.param("SETUP", OK + b"Session: 1\r\n\r\n", id="no transport"),
        pytest.param("SETUP", OK + b"Session: 1\r\nTransport: RTP/AVP;unicast;client_port=1-2\r\n\r\n", id="UDP"),
        pytest.param("SETUP", OK + b"Transport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n", id="no session"),
        pytest.param("SETUP", OK + b"Session: 1 2\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n", id="bad session"),
        pytest.param("SETUP", OK + b"Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=900\r\n\r\n", id="bad channel"),
    ],
)
async def test_a_malformed_answer_is_refused(camera: ScriptedCamera, method: str, reply: bytes) -> None:
    camera.script.auth = "none"
    camera.script.replies[method] = reply
    with pytest.raises(ProtocolError):
        await Listener().client(camera).connect()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"m=video nonsense\r\n", id="malformed media line"),
        pytest.param(b"x=" + b"a" * 40_000, id="too large"),
        pytest.param(
            b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets=!!!\r\n", id="bad base64"
        ),
        pytest.param(
            b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:rtsp://u:p@h/\r\n",
            id="credentials in control",
        ),
        pytest.param(b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:a b\r\n", id="space in control"),
    ],
)
async def test_a_malformed_description_is_refused(camera: ScriptedCamera, body: bytes) -> None:
    camera.script.auth = "none"
    camera.script.describe_body = body
    with pytest.raises(ProtocolError):
        await Listener().client(camera).connect()


async def test_a_camera_that_never_answers_is_unreachable(camera: ScriptedCamera) -> None:
    camera.script.replies["DESCRIBE"] = b""
    with pytest.raises(Unreachable):
        await Listener().client(camera).connect()
