"""RTSP 1.0 messages (RFC 2326) as the server reads and writes them."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

_MAX_HEAD = 8192
_MAX_BODY = 8192
_REQUEST_LINE = re.compile(r"([A-Z_]{1,32}) (\S{1,1024}) RTSP/1\.0")
_HEADER = re.compile(r"([A-Za-z0-9-]{1,64}):[ \t]*(.{0,4096}?)[ \t]*")
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    459: "Aggregate Operation Not Allowed",
    461: "Unsupported Transport",
    503: "Service Unavailable",
}


class RtspError(Exception):
    """The peer sent something that is not RTSP; the connection ends."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are in lower case."""

    method: str
    uri: str
    headers: Mapping[str, str]

    @property
    def sequence(self) -> str:
        """The CSeq to answer with; 0 where the client gave none."""
        value = self.headers.get("cseq", "0")
        return value if re.fullmatch(r"\d{1,10}", value) else "0"

    @property
    def session(self) -> str:
        """The session that the request is about; empty if none."""
        return self.headers.get("session", "").partition(";")[0].strip()


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read the next request, skipping interleaved packets; None at the end. Raises RtspError when malformed."""
    try:
        while (first := await reader.readexactly(1)) in b"$\r\n":
            if first == b"$":
                header = await reader.readexactly(3)
                await reader.readexactly(int.from_bytes(header[1:]))
        head = first + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise RtspError("the request is too long") from error
    if len(head) > _MAX_HEAD:
        raise RtspError("the request is too long")
    request = _parse(head)
    length = request.headers.get("content-length", "0")
    if not re.fullmatch(r"\d{1,6}", length) or int(length) > _MAX_BODY:
        raise RtspError("the body is too long")
    try:
        await reader.readexactly(int(length))
    except asyncio.IncompleteReadError:
        return None
    return request


def _parse(head: bytes) -> Request:
    try:
        first, *lines = head.decode("utf-8").removesuffix("\r\n\r\n").split("\r\n")
    except UnicodeDecodeError as error:
        raise RtspError("the request is not text") from error
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise RtspError("not an RTSP request")
    headers: dict[str, str] = {}
    for text in lines:
        pair = _HEADER.fullmatch(text)
        if pair is None:
            raise RtspError("a malformed header")
        headers[pair[1].lower()] = pair[2]
    return Request(line[1], line[2], headers)


def response(status: int, sequence: str, headers: Mapping[str, str], body: str = "") -> bytes:
    """Give a response as it goes out."""
    lines = [f"RTSP/1.0 {status} {_REASONS[status]}", f"CSeq: {sequence}", "Server: virtual-camera"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
