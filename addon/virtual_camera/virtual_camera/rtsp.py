"""The RTSP server: DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN over TCP, with digest authentication."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from .digest import DigestGuard, parse_digest
from .faults import StreamFault
from .rtsp_message import Request, RtspError, read_request, response
from .rtsp_session import Session
from .rtsp_transport import InterleavedOutlet, Outlet, choose_transport, open_udp
from .sdp import AUDIO_TRACK, VIDEO_TRACK, describe
from .state import CameraState
from .stream import Stream

_LOGGER = logging.getLogger(__name__)
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
_MAX_CONNECTIONS = 16
_MAX_SESSIONS_EACH = 4
STREAM_ROOT = "/live/"
"""The path of a stream is this and its profile's token."""

type Answer = tuple[int, Mapping[str, str], str]


def _answer(status: int, headers: Mapping[str, str] | None = None, body: str = "") -> Answer:
    return status, headers or {}, body


class RtspServer:
    """Serves every stream of the camera to those who know the password."""

    def __init__(self, state: CameraState, streams: Mapping[str, Stream]) -> None:
        """Serve streams by profile token."""
        settings = state.settings
        self.state = state
        self.streams = streams
        self.guard = DigestGuard(settings.user, settings.password, has_qop=settings.has_digest_qop)
        self._server: asyncio.Server | None = None
        self._connections: dict[_Connection, asyncio.Task[None]] = {}
        state.listen(self._on_change)

    async def start(self, host: str, port: int) -> int:
        """Listen; give the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._serve, host, port)
        actual: int = self._server.sockets[0].getsockname()[1]
        return actual

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        self.drop_all()
        await asyncio.gather(*self._connections.values(), return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    def drop_all(self) -> None:
        """Cut every connection, as a network that breaks does."""
        for connection in self._connections:
            connection.abort()

    def _on_change(self) -> None:
        if self.state.faults.stream is StreamFault.REFUSED:
            self.drop_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.state.faults.stream is StreamFault.REFUSED or len(self._connections) >= _MAX_CONNECTIONS:
            writer.transport.abort()
            return
        connection = _Connection(self, reader, writer)
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("connections are served by tasks")
        self._connections[connection] = task
        try:
            await connection.run()
        finally:
            del self._connections[connection]


class _Connection:
    """One client's connection with its sessions."""

    def __init__(self, server: RtspServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._state = server.state
        self._reader = reader
        self._writer = writer
        self._sessions: dict[str, Session] = {}
        self._handlers: dict[str, Callable[[Request], Answer | Awaitable[Answer]]] = {
            "DESCRIBE": self._describe,
            "SETUP": self._setup,
            "PLAY": self._play,
            "PAUSE": self._pause,
            "GET_PARAMETER": self._keep_alive,
            "SET_PARAMETER": self._keep_alive,
            "TEARDOWN": self._teardown,
        }

    def abort(self) -> None:
        """Cut the connection without a word."""
        self._writer.transport.abort()

    async def run(self) -> None:
        """Answer requests until either side ends, or the client has been silent for too long."""
        try:
            while (request := await self._next_request()) is not None:
                status, headers, body = await self._handle(request)
                self._writer.write(response(status, request.sequence, headers, body))
        except RtspError:
            self._writer.write(response(400, "0", {}))
        except (ConnectionError, TimeoutError) as error:
            _LOGGER.debug("A connection ended: %s", type(error).__name__)
        finally:
            for session in self._sessions.values():
                session.close()
            self._sessions.clear()
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _next_request(self) -> Request | None:
        # An interleaved connection shows by itself whether the client is there; over UDP only requests do.
        is_udp = any(
            not isinstance(track.outlet, InterleavedOutlet)
            for session in self._sessions.values()
            for track in session.tracks.values()
        )
        async with asyncio.timeout(self._state.settings.session_timeout if is_udp else None):
            return await read_request(self._reader)

    async def _handle(self, request: Request) -> Answer:
        if request.method == "OPTIONS":
            return _answer(200, {"Public": _METHODS})
        handler = self._handlers.get(request.method)
        if handler is None:
            return _answer(405, {"Allow": _METHODS})
        if (refusal := self._refusal(request)) is not None:
            return refusal
        result = handler(request)
        return result if isinstance(result, tuple) else await result

    def _refusal(self, request: Request) -> Answer | None:
        guard = self._server.guard
        fields = parse_digest(request.headers.get("authorization", ""))
        if fields is None:
            return _answer(401, {"WWW-Authenticate": guard.challenge()})
        if not self._state.faults.password_changed and guard.accepts(request.method, request.uri, fields):
            return None
        self._state.counters.refused_logins += 1
        self._state.notify()
        return _answer(401, {"WWW-Authenticate": guard.challenge(is_stale=guard.is_stale(fields))})

    def _session(self, request: Request) -> Session | None:
        return self._sessions.get(request.session)

    def _locate(self, uri: str) -> tuple[Stream, str] | None:
        """Give the stream and the track that an address names; the track is empty for the whole stream."""
        path = urlsplit(uri).path.rstrip("/")
        if not path.startswith(STREAM_ROOT):
            return None
        token, _, track = path.removeprefix(STREAM_ROOT).partition("/")
        stream = self._server.streams.get(token)
        tracks = ("", VIDEO_TRACK, AUDIO_TRACK) if self._state.faults.audio else ("", VIDEO_TRACK)
        return (stream, track) if stream is not None and track in tracks else None

    async def _describe(self, request: Request) -> Answer:
        located = self._locate(request.uri)
        if located is None or located[1]:
            return _answer(404)
        stream = located[0]
        sets = await asyncio.to_thread(stream.parameter_sets)
        host = self._writer.get_extra_info("sockname")[0]
        body = describe(stream.profile, sets, host, has_audio=self._state.faults.audio)
        return _answer(200, {"Content-Type": "application/sdp", "Content-Base": request.uri.rstrip("/") + "/"}, body)

    async def _setup(self, request: Request) -> Answer:
        located = self._locate(request.uri)
        if located is None:
            return _answer(404)
        stream, track = located
        if not track:
            return _answer(459)
        session = self._session(request)
        if request.session and (session is None or session.stream is not stream):
            return _answer(454)
        if session is not None and session.is_playing:
            return _answer(455)
        if session is None and len(self._sessions) >= _MAX_SESSIONS_EACH:
            return _answer(503)
        offer = choose_transport(request.headers.get("transport", ""))
        if offer is None:
            return _answer(461)
        outlet: Outlet
        if offer.is_udp:
            local = self._writer.get_extra_info("sockname")[0]
            remote = self._writer.get_extra_info("peername")[0]
            try:
                outlet = udp = await open_udp(local, remote, offer)
            except OSError:
                return _answer(503)
            ports = f"client_port={offer.first}-{offer.second};server_port={udp.server_ports[0]}-{udp.server_ports[1]}"
            transport = f"RTP/AVP;unicast;{ports}"
        else:
            outlet = InterleavedOutlet(self._writer, (offer.first, offer.second))
            transport = f"RTP/AVP/TCP;unicast;interleaved={offer.first}-{offer.second}"
        if session is None:
            session = Session(self._state, stream)
            self._sessions[session.token] = session
        ssrc = session.add_track(track, outlet).sender.ssrc
        return _answer(200, {"Transport": f"{transport};ssrc={ssrc:08X}", "Session": self._named(session)})

    def _named(self, session: Session) -> str:
        return f"{session.token};timeout={self._state.settings.session_timeout:.0f}"

    def _play(self, request: Request) -> Answer:
        session = self._session(request)
        if session is None:
            return _answer(454)
        info = session.rtp_info(request.uri.rstrip("/"))
        session.play()
        return _answer(200, {"Session": self._named(session), "Range": "npt=now-", "RTP-Info": info})

    def _pause(self, request: Request) -> Answer:
        session = self._session(request)
        if session is None:
            return _answer(454)
        session.pause()
        return _answer(200, {"Session": self._named(session)})

    def _keep_alive(self, request: Request) -> Answer:
        session = self._session(request)
        if session is None:
            return _answer(454 if request.session else 200)
        return _answer(200, {"Session": self._named(session)})

    def _teardown(self, request: Request) -> Answer:
        session = self._sessions.pop(request.session, None)
        if session is None:
            return _answer(454)
        session.close()
        return _answer(200)
