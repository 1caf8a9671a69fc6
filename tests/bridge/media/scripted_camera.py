"""A scripted RTSP camera on loopback: it does what a test tells it, right or wrong, and remembers what was asked."""

import asyncio
import base64
import contextlib
import hashlib
import re
import struct
from dataclasses import dataclass, field

from . import clip

USER, PASSWORD, REALM, NONCE = "looker", "s3cret åäö", "camera", "n0nce"


@dataclass
class Script:
    """How the camera behaves; change it while it runs."""

    auth: str = "SHA-256"  # SHA-256, MD5, both, legacy (MD5 without qop), basic, none
    codec: str = "H264"
    audio: bool = False
    in_band_sets: bool = True
    sprop: bool = True
    session_timeout: int = 60
    payload: int = 1400
    markers: bool = True
    rate: float = clip.RATE
    shade: int = 90
    """Of the picture, by which a viewer tells one camera from another."""
    describe_body: bytes | None = None
    replies: dict[str, bytes] = field(default_factory=dict)
    """A method's whole answer, sent as it stands."""
    no_get_parameter: bool = False
    silent: bool = False
    """Keep TCP up and send nothing more."""


class ScriptedCamera:
    """Use as an async context manager."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        self.requests: list[tuple[str, str]] = []
        self.arrived: asyncio.Condition = asyncio.Condition()
        self.connections = 0
        self.key_frames_forced = 0
        self._frame = 0
        self._timestamp = 4_294_000_000  # wraps within seconds
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> ScriptedCamera:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.drop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def uri(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/stream?profile=1"

    def drop(self) -> None:
        """Cut every connection, as a rebooting camera does; its clock starts anew."""
        for writer in list(self._writers):
            writer.transport.abort()
        self._timestamp = 77

    def skip(self, frames: int) -> None:
        """Be elsewhere in the group of pictures."""
        self._frame += frames

    def key_frame(self) -> None:
        """What SetSynchronizationPoint does."""
        self.key_frames_forced += 1
        self._frame = -(-self._frame // clip.KEY_EVERY) * clip.KEY_EVERY

    async def asked(self, method: str, times: int = 1) -> None:
        """Wait until `method` was asked that often."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: [m for m, _ in self.requests].count(method) >= times)

    def methods(self) -> list[str]:
        return [method for method, _ in self.requests]

    # -- the wire -------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        player: asyncio.Task[None] | None = None
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                method, uri, _ = head.split("\r\n")[0].split(" ")
                headers = dict(re.findall(r"^([A-Za-z-]+): (.*?)\r$", head, re.MULTILINE))
                answer = self._answer(method, uri, headers)
                if answer is not None:
                    writer.write(answer)
                if method == "PLAY" and answer and answer.startswith(b"RTSP/1.0 200"):
                    player = asyncio.create_task(self._play(writer))
                if method == "TEARDOWN" and answer and player:
                    player.cancel()
                async with self.arrived:
                    self.requests.append((method, uri))
                    self.arrived.notify_all()
        except asyncio.IncompleteReadError, ConnectionError:
            pass
        finally:
            if player:
                player.cancel()
            writer.transport.abort()
            self._writers.discard(writer)
            self._tasks.discard(task)

    def _answer(self, method: str, uri: str, headers: dict[str, str]) -> bytes | None:
        cseq = headers["CSeq"]
        if method in self.script.replies:
            return self.script.replies[method].replace(b"{cseq}", cseq.encode())
        if not self._authorized(method, headers.get("Authorization")):
            challenges = "".join(f"WWW-Authenticate: {c}\r\n" for c in self._challenges())
            return f"RTSP/1.0 401 Unauthorized\r\nCSeq: {cseq}\r\n{challenges}\r\n".encode()
        body, more = b"", ""
        if method == "DESCRIBE":
            body = self.script.describe_body or self._sdp()
            more = f"Content-Type: application/sdp\r\nContent-Base: {self.uri.split('?')[0]}/\r\n"
        elif method == "SETUP":
            more = (
                f"Transport: {headers['Transport']};ssrc=00112233\r\n"
                f"Session: 12345678;timeout={self.script.session_timeout}\r\n"
            )
        elif method == "GET_PARAMETER" and self.script.no_get_parameter:
            return f"RTSP/1.0 501 Not Implemented\r\nCSeq: {cseq}\r\n\r\n".encode()
        return f"RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def _challenges(self) -> list[str]:
        basic, common = 'Basic realm="camera"', f'Digest realm="{REALM}", nonce="{NONCE}"'
        return {
            "basic": [basic],
            "legacy": [common],
            "MD5": [basic, f'{common}, qop="auth", algorithm=MD5'],
            "SHA-256": [f'{common}, qop="auth,auth-int", algorithm=SHA-256, opaque="o"'],
            "both": [f'{common}, qop="auth", algorithm=MD5', f'{common}, qop="auth", algorithm=SHA-256'],
        }[self.script.auth]

    def _authorized(self, method: str, value: str | None) -> bool:
        if self.script.auth == "none":
            return True
        if value is None or not value.startswith("Digest "):
            return False
        got = {k: a or b for k, a, b in re.findall(r'(\w+)=(?:"([^"]*)"|([^",\s]+))', value)}
        wanted = "SHA-256" if self.script.auth in ("SHA-256", "both") else "MD5"
        if got.get("algorithm", "MD5") != wanted:
            return False
        hashed = hashlib.sha256 if wanted == "SHA-256" else hashlib.md5
        secret = hashed(f"{USER}:{REALM}:{PASSWORD}".encode()).hexdigest()
        request = hashed(f"{method}:{got['uri']}".encode()).hexdigest()
        middle = "" if self.script.auth == "legacy" else f"{got['nc']}:{got['cnonce']}:{got['qop']}:"
        return got["response"] == hashed(f"{secret}:{NONCE}:{middle}{request}".encode()).hexdigest()

    def _sdp(self) -> bytes:
        movie = clip.make(shade=self.script.shade)
        sets = ",".join(base64.b64encode(n).decode() for n in (movie.sps, movie.pps))
        sprop = f";sprop-parameter-sets={sets}" if self.script.sprop else ""
        audio = "m=audio 0 RTP/AVP 0\r\na=control:track0\r\n" if self.script.audio else ""
        return (
            "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=camera\r\nt=0 0\r\na=control:*\r\n"
            f"{audio}m=video 0 RTP/AVP 98\r\na=rtpmap:98 {self.script.codec}/90000\r\n"
            f"a=fmtp:98 packetization-mode=1;profile-level-id=42e01f{sprop}\r\na=control:track1\r\n"
        ).encode()

    # -- the picture ------------------------------------------------------------

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        sequence, started, sent = 65_500, asyncio.get_running_loop().time(), 0
        with contextlib.suppress(ConnectionError):
            while True:
                if not self.script.silent:
                    for packet in self._packets(sequence):
                        writer.write(b"$\x00" + struct.pack("!H", len(packet)) + packet)
                        sequence = (sequence + 1) & 0xFFFF
                    writer.write(b"$\x01\x00\x04RTCP")
                sent += 1
                await asyncio.sleep(started + sent / self.script.rate - asyncio.get_running_loop().time())

    def _packets(self, sequence: int) -> list[bytes]:
        movie = clip.make(shade=self.script.shade)
        nals = list(movie.units[self._frame % len(movie.units)])
        payloads: list[bytes] = []
        if nals[0][0] & 31 == 5 and self.script.in_band_sets:
            stap = b"\x78" + b"".join(struct.pack("!H", len(n)) + n for n in (movie.sps, movie.pps))
            payloads.append(stap)
        for nal in nals:
            payloads += fragments(nal, self.script.payload)
        timestamp = self._timestamp & 0xFFFFFFFF
        self._frame += 1
        self._timestamp += clip.CLOCK // clip.RATE
        return [
            rtp(payload, (sequence + i) & 0xFFFF, timestamp, marker=self.script.markers and i == len(payloads) - 1)
            for i, payload in enumerate(payloads)
        ]


def fragments(nal: bytes, limit: int) -> list[bytes]:
    """Single NAL unit or FU-A, written apart from the code under test."""
    if len(nal) <= limit:
        return [nal]
    pieces = [nal[i : i + limit] for i in range(1, len(nal), limit)]
    out = []
    for index, piece in enumerate(pieces):
        flags = (0x80 if index == 0 else 0) | (0x40 if index == len(pieces) - 1 else 0)
        out.append(bytes((nal[0] & 0xE0 | 28, nal[0] & 31 | flags)) + piece)
    return out


def rtp(payload: bytes, sequence: int, timestamp: int, *, marker: bool, payload_type: int = 98) -> bytes:
    """One RTP packet as a camera writes it."""
    return struct.pack("!BBHII", 0x80, payload_type | marker << 7, sequence, timestamp, 0x00112233) + payload
