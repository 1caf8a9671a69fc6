"""RTSP 1.0 framing (RFC 2326) on one TCP connection: bytes to responses and interleaved packets.

Strict and bounded: whatever does not fit raises ProtocolError, and the connection is given up.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .errors import ProtocolError

MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 64 * 1024
MAX_HEADERS = 64
_STATUS = re.compile(r"RTSP/1\.0 ([1-5][0-9]{2})(?: [^\r\n]*)?")
_HEADER = re.compile(r"([A-Za-z0-9-]{1,64}):[ \t]*([\t\x20-\x7e\x80-\xff]{0,4096})")
_SESSION = re.compile(r"([A-Za-z0-9$_.+-]{1,256})(?:[ \t]*;[ \t]*timeout=([0-9]{1,5}))?")
_INTERLEAVED = re.compile(r"([0-9]{1,3})(?:-([0-9]{1,3}))?")
_DOLLAR = 0x24


@dataclass(frozen=True, slots=True)
class Response:
    """One RTSP response; header names are lower case and may repeat."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header."""
        return tuple(value for key, value in self.headers if key == name)

    def one(self, name: str) -> str | None:
        """The only value of a header, or None. Raises ProtocolError if it is there twice."""
        values = self.all(name)
        if len(values) > 1:
            raise ProtocolError(f"header {name} given twice")
        return values[0] if values else None


def parse_head(head: bytes) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Status and headers of a response head (without the empty line). Raises ProtocolError."""
    lines = head.decode("latin-1").split("\r\n")
    status = _STATUS.fullmatch(lines[0])
    if status is None:
        raise ProtocolError("not an RTSP response")
    if len(lines) - 1 > MAX_HEADERS:
        raise ProtocolError("too many headers")
    headers = []
    for line in lines[1:]:
        match = _HEADER.fullmatch(line)
        if match is None:
            raise ProtocolError("malformed header")
        headers.append((match[1].lower(), match[2].rstrip()))
    return int(status[1]), tuple(headers)


def parse_session(value: str) -> tuple[str, int]:
    """Session id and its timeout in seconds (60 if not given, RFC 2326 section 12.37). Raises ProtocolError."""
    match = _SESSION.fullmatch(value.strip())
    if match is None:
        raise ProtocolError("malformed session")
    return match[1], max(2, int(match[2] or 60))


def parse_interleaved(transport: str) -> int:
    """The channel that carries RTP, from the Transport header of a SETUP answer. Raises ProtocolError."""
    parts = [part.strip() for part in transport.split(";")]
    if parts[0].upper() != "RTP/AVP/TCP":
        raise ProtocolError("camera does not interleave RTP in TCP")
    for part in parts[1:]:
        if part.startswith("interleaved="):
            match = _INTERLEAVED.fullmatch(part.removeprefix("interleaved="))
            if match is None or int(match[1]) > 255:
                break
            return int(match[1])
    raise ProtocolError("no interleaved channel")


class Parser:
    """Splits the incoming bytes; calls back in order, never keeps more than one message."""

    def __init__(
        self,
        on_packet: Callable[[int, bytes], None],
        on_response: Callable[[Response], None],
    ) -> None:
        """`on_packet` gets channel number and interleaved data."""
        self._on_packet = on_packet
        self._on_response = on_response
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes from the socket. Raises ProtocolError; the parser is then useless."""
        buffer = self._buffer
        buffer += data
        at = 0
        try:
            while at < len(buffer):
                end = self._packet(buffer, at) if buffer[at] == _DOLLAR else self._response(buffer, at)
                if end is None:
                    return
                at = end
        finally:
            del buffer[:at]

    def _packet(self, buffer: bytearray, at: int) -> int | None:
        if len(buffer) < at + 4:
            return None
        end = at + 4 + (buffer[at + 2] << 8 | buffer[at + 3])
        if len(buffer) < end:
            return None
        self._on_packet(buffer[at + 1], bytes(buffer[at + 4 : end]))
        return end

    def _response(self, buffer: bytearray, at: int) -> int | None:
        if b"\r\n".startswith(buffer[at : at + 2]):
            # RFC 2326 section 4.1: empty lines before a message are ignored
            return at + 2 if len(buffer) >= at + 2 else None
        end_of_head = buffer.find(b"\r\n\r\n", at, at + MAX_HEAD_BYTES)
        if end_of_head < 0:
            if len(buffer) - at >= MAX_HEAD_BYTES or not b"RTSP/1.0 ".startswith(bytes(buffer[at : at + 9])):
                raise ProtocolError("not an RTSP response")
            return None
        status, headers = parse_head(bytes(buffer[at:end_of_head]))
        response = Response(status, headers, b"")
        length = response.one("content-length") or "0"
        if not re.fullmatch(r"[0-9]{1,6}", length) or int(length) > MAX_BODY_BYTES:
            raise ProtocolError("body too large")
        end = end_of_head + 4 + int(length)
        if len(buffer) < end:
            return None
        body = bytes(buffer[end_of_head + 4 : end])
        self._on_response(Response(status, headers, body))
        return end
