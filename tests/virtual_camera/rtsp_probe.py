"""A bare RTSP client of the tests' own, so that the camera is not tested with its own code."""

import asyncio
import hashlib
import re
from dataclasses import dataclass, field
from typing import Self


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class RtspProbe:
    host: str
    port: int
    user: str = "viewer"
    password: str = "secret"
    sequence: int = 0
    challenge: dict[str, str] = field(default_factory=dict)
    packets: list[tuple[int, bytes]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    def authorization(self, method: str, uri: str) -> str:
        realm, nonce = self.challenge["realm"], self.challenge["nonce"]
        secret, request = md5(f"{self.user}:{realm}:{self.password}"), md5(f"{method}:{uri}")
        fields = f'username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}"'
        if self.challenge.get("qop") == "auth":
            answer = md5(f"{secret}:{nonce}:{self.sequence:08x}:abc:auth:{request}")
            return f'Digest {fields}, qop=auth, nc={self.sequence:08x}, cnonce="abc", response="{answer}"'
        return f'Digest {fields}, response="{md5(f"{secret}:{nonce}:{request}")}"'

    async def request(self, method: str, uri: str, **headers: str) -> Reply:
        """Send a request with whatever login there is, and give the reply."""
        self.sequence += 1
        lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {self.sequence}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if self.challenge and "Authorization" not in headers:
            lines.append(f"Authorization: {self.authorization(method, uri)}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return await self.reply()

    async def reply(self) -> Reply:
        while (first := await self.reader.readexactly(1)) == b"$":
            self.packets.append(await self.rest_of_packet())
        head = (first + await self.reader.readuntil(b"\r\n\r\n")).decode()
        headers = {
            name.lower(): value for name, value in (line.split(": ", 1) for line in head.splitlines()[1:] if line)
        }
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        reply = Reply(int(head.split()[1]), headers, body.decode())
        if "www-authenticate" in headers:
            self.challenge = dict(re.findall(r'(\w+)="?([^",]*)"?', headers["www-authenticate"]))
        return reply

    async def rest_of_packet(self) -> tuple[int, bytes]:
        header = await self.reader.readexactly(3)
        return header[0], await self.reader.readexactly(int.from_bytes(header[1:]))

    async def packet(self, channel: int = 0) -> bytes:
        """Give the next packet of a channel; the others are dropped."""
        while True:
            if self.packets:
                got, data = self.packets.pop(0)
            else:
                assert await self.reader.readexactly(1) == b"$"
                got, data = await self.rest_of_packet()
            if got == channel:
                return data

    async def until_cut(self) -> None:
        """Return when the camera has cut the connection."""
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            pass

    async def log_in(self, uri: str) -> Reply:
        """Get a challenge and describe the stream."""
        if not self.challenge:
            assert (await self.request("DESCRIBE", uri)).status == 401
        return await self.request("DESCRIBE", uri)

    async def set_up(self, uri: str, *tracks: str) -> str:
        """Log in and set up tracks in this connection; give the session."""
        await self.log_in(uri)
        session: dict[str, str] = {}
        for index, track in enumerate(tracks or ("trackID=1",)):
            transport = f"RTP/AVP/TCP;unicast;interleaved={2 * index}-{2 * index + 1}"
            reply = await self.request("SETUP", f"{uri}/{track}", Transport=transport, **session)
            assert reply.status == 200
            session = {"Session": reply.headers["session"].partition(";")[0]}
        return session["Session"]

    async def play(self, uri: str, *tracks: str) -> str:
        """Log in, set up, play; give the session."""
        session = await self.set_up(uri, *tracks)
        assert (await self.request("PLAY", uri, Session=session)).status == 200
        return session

    async def picture(self) -> list[bytes]:
        """Give the NAL units of the next H.264 picture, put together anew."""
        units: list[bytes] = []
        while True:
            packet = await self.packet()
            payload = packet[12:]
            kind = payload[0] & 0x1F
            if kind == 24:
                position = 1
                while position < len(payload):
                    size = int.from_bytes(payload[position : position + 2])
                    units.append(payload[position + 2 : position + 2 + size])
                    position += 2 + size
            elif kind == 28:
                if payload[1] & 0x80:
                    units.append(bytes([payload[0] & 0xE0 | payload[1] & 0x1F]))
                units[-1] += payload[2:]
            else:
                units.append(payload)
            if packet[1] & 0x80:
                return units


def unit_types(units: list[bytes]) -> list[int]:
    return [unit[0] & 0x1F for unit in units]
