"""An RTSP 1.0 client for one camera: digest, RTP interleaved in TCP, H.264 video and nothing else.

Audio is never set up (P2). The credential lives in memory only: it is in no URL, no log line and
no error text.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import override
from urllib.parse import urlsplit

from . import rtsp_auth, rtsp_wire, sdp
from .errors import Closed, ProtocolError, RtspError, Unauthorized, Unreachable
from .sdp import VideoTrack

_LOGGER = logging.getLogger(__name__)
_URI = re.compile(r"rtsp://[\x21-\x7e]{1,1000}")
_USER_AGENT = "trygghetskamera-bridge"


@dataclass(frozen=True, slots=True)
class RtspTarget:
    """One camera stream. `uri` without credentials; they are given apart and never shown."""

    uri: str = field(repr=False)
    username: str = field(repr=False)
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError (without the URI in it) for anything but a plain rtsp:// URI."""
        if not _URI.fullmatch(self.uri):
            raise ValueError("not an rtsp:// URI")
        parts = urlsplit(self.uri)
        if "@" in parts.netloc:
            raise ValueError("the RTSP URI must not hold credentials")
        if not parts.hostname:
            raise ValueError("the RTSP URI has no host")
        if parts.port == 0:
            raise ValueError("the RTSP URI has no usable port")

    @property
    def host(self) -> str:
        """Host name or address."""
        return urlsplit(self.uri).hostname or ""

    @property
    def port(self) -> int:
        """TCP port, 554 unless given."""
        return urlsplit(self.uri).port or 554


@dataclass(frozen=True, slots=True)
class RtspTimeouts:
    """Seconds."""

    connect: float = 3.0
    answer: float = 5.0
    silence: float = 3.0
    """Playing without a packet for this long counts as lost."""
    teardown: float = 0.5


class _Wire(asyncio.Protocol):
    """The socket: hands bytes to the parser and reports the end."""

    def __init__(self, parser: rtsp_wire.Parser, on_end: Callable[[RtspError], None]) -> None:
        self._parser = parser
        self._on_end = on_end

    @override
    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed(data)
        except ProtocolError as err:
            self._on_end(err)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._on_end(Closed("the camera closed the connection"))


class RtspClient:
    """One connection, used once: `connect`, `play`, `close`.

    `on_rtp` gets each RTP packet of the video; `on_lost` is called once if the stream ends after
    `play` other than by `close`. After `close` is entered neither is called again.
    """

    def __init__(
        self,
        target: RtspTarget,
        *,
        on_rtp: Callable[[bytes], None],
        on_lost: Callable[[RtspError], None],
        timeouts: RtspTimeouts | None = None,
    ) -> None:
        """Does not connect yet."""
        self._target = target
        self._on_rtp = on_rtp
        self._on_lost = on_lost
        self._timeouts = timeouts or RtspTimeouts()
        self._parser = rtsp_wire.Parser(self._packet, self._response)
        self._transport: asyncio.Transport | None = None
        self._answers: dict[int, asyncio.Future[rtsp_wire.Response]] = {}
        self._cseq = 0
        self._digest: rtsp_auth.Digest | None = None
        self._proved = False
        self._session: str | None = None
        self._session_timeout = 60
        self._base = target.uri
        self._channel: int | None = None
        self._playing = False
        self._closing = False
        self._ended: RtspError | None = None
        self._received = 0
        self._tasks: list[asyncio.Task[None]] = []

    # -- the conversation -----------------------------------------------------

    async def connect(self) -> VideoTrack:
        """TCP, DESCRIBE and SETUP. No picture flows yet. Raises an RtspError; the connection is then closed."""
        try:
            await self._open_socket()
            track = await self._describe()
            await self._setup(track)
        except BaseException:
            self._drop()
            raise
        self._tasks = [asyncio.create_task(self._keep_alive())]
        return track

    @property
    def alive(self) -> bool:
        """True while the connection stands."""
        return self._transport is not None and self._ended is None

    async def play(self) -> None:
        """Start the stream. Raises an RtspError; the connection is then closed."""
        try:
            self._playing = True
            answer = await self._request("PLAY", self._base, {"Range": "npt=0.000-"})
            self._expect_ok(answer)
        except BaseException:
            self._drop()
            raise
        self._tasks.append(asyncio.create_task(self._watch_silence()))

    async def close(self) -> None:
        """Stop packets at once, then TEARDOWN, waiting for its answer a short time only. Never raises RtspError."""
        self._closing = True
        self._stop_tasks()
        if self._session is not None and self._ended is None:
            with contextlib.suppress(RtspError, TimeoutError):
                async with asyncio.timeout(self._timeouts.teardown):
                    await self._request("TEARDOWN", self._base, {})
        self._drop()

    async def _open_socket(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeouts.connect):
                transport, _ = await loop.create_connection(
                    lambda: _Wire(self._parser, self._end), self._target.host, self._target.port
                )
        except (OSError, TimeoutError, UnicodeError) as err:
            raise Unreachable(f"no answer from the camera ({type(err).__name__})") from None
        self._transport = transport

    async def _describe(self) -> VideoTrack:
        uri = self._target.uri
        answer = await self._request("DESCRIBE", uri, {"Accept": "application/sdp"})
        self._expect_ok(answer)
        kind = answer.one("content-type") or ""
        if kind.partition(";")[0].strip().lower() != "application/sdp":
            raise ProtocolError("the description is not SDP")
        base = answer.one("content-base") or answer.one("content-location") or uri
        if not _URI.fullmatch(base):
            base = uri
        track = sdp.parse(answer.body, base)
        self._base = track.aggregate
        return track

    async def _setup(self, track: VideoTrack) -> None:
        transport = "RTP/AVP/TCP;unicast;interleaved=0-1"
        answer = await self._request("SETUP", track.control, {"Transport": transport})
        self._expect_ok(answer)
        session, agreed = answer.one("session"), answer.one("transport")
        if session is None or agreed is None:
            raise ProtocolError("SETUP answered without session or transport")
        self._session, self._session_timeout = rtsp_wire.parse_session(session)
        self._channel = rtsp_wire.parse_interleaved(agreed)

    @staticmethod
    def _expect_ok(answer: rtsp_wire.Response) -> None:
        if answer.status in (401, 403):
            raise Unauthorized("the camera refuses the user name or password")
        if answer.status != 200:
            raise ProtocolError(f"the camera answered {answer.status}")

    # -- requests -------------------------------------------------------------

    async def _request(self, method: str, uri: str, headers: dict[str, str]) -> rtsp_wire.Response:
        """Send a request, answering one challenge (and one stale nonce) on the way. Raises RtspError."""
        answer = await self._exchange(method, uri, headers)
        for _ in range(2):
            if answer.status != 401:
                break
            challenge = rtsp_auth.choose(answer.all("www-authenticate"))
            if self._digest is not None and not (challenge.stale or self._proved):
                break  # a second guess with the same password would only lock the account
            self._digest = rtsp_auth.Digest(challenge, self._target.username, self._target.password)
            answer = await self._exchange(method, uri, headers)
        self._proved = answer.status != 401
        return answer

    async def _exchange(self, method: str, uri: str, headers: dict[str, str]) -> rtsp_wire.Response:
        if self._ended is not None or self._transport is None:
            raise self._ended or Closed("not connected")
        self._cseq += 1
        number = self._cseq
        lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {number}", f"User-Agent: {_USER_AGENT}"]
        if self._session is not None:
            lines.append(f"Session: {self._session}")
        if self._digest is not None:
            lines.append(f"Authorization: {self._digest.header(method, uri)}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        future: asyncio.Future[rtsp_wire.Response] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        try:
            async with asyncio.timeout(self._timeouts.answer):
                return await future
        except TimeoutError:
            raise Unreachable("the camera does not answer") from None
        finally:
            self._answers.pop(number, None)

    # -- from the socket --------------------------------------------------------

    def _packet(self, channel: int, data: bytes) -> None:
        if channel == self._channel and self._playing and not self._closing and self._ended is None:
            self._received += 1
            self._on_rtp(data)

    def _response(self, response: rtsp_wire.Response) -> None:
        text = response.one("cseq") or ""
        if not re.fullmatch(r"[0-9]{1,9}", text) or not 0 < int(text) <= self._cseq:
            raise ProtocolError("an answer to nothing we asked")
        future = self._answers.get(int(text))
        if future is not None and not future.done():
            future.set_result(response)

    def _end(self, error: RtspError) -> None:
        """The connection is over, by them or by our doubt. Says so once."""
        if self._ended is not None:
            return
        self._ended = error
        self._stop_tasks()
        if self._transport is not None:
            self._transport.abort()
        for future in self._answers.values():
            if not future.done():
                future.set_exception(error)
        if self._playing and not self._closing:
            self._on_lost(error)

    def _drop(self) -> None:
        self._closing = True
        self._end(Closed("closed"))

    def _stop_tasks(self) -> None:
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()
        self._tasks = []

    # -- while playing ------------------------------------------------------------

    async def _keep_alive(self) -> None:
        """Refresh the session at half its timeout, by GET_PARAMETER, or OPTIONS where that is unknown."""
        method = "GET_PARAMETER"
        while self._ended is None:
            await asyncio.sleep(self._session_timeout / 2)
            try:
                answer = await self._request(method, self._base, {})
                if answer.status >= 400 and method == "GET_PARAMETER":
                    method = "OPTIONS"
                    answer = await self._request(method, self._base, {})
                self._expect_ok(answer)
            except RtspError as err:
                self._end(err)

    async def _watch_silence(self) -> None:
        """End a stream that stands still although TCP is up."""
        quiet = 0
        while quiet < 4:
            before = self._received
            await asyncio.sleep(self._timeouts.silence / 4)
            quiet = quiet + 1 if self._received == before else 0
        self._end(Closed("the camera sends no more packets"))
