"""The camera's SDP (RFC 4566), read for one thing: its H.264 video track."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from .errors import NoH264Video, ProtocolError
from .h264 import parameter_sets

MAX_SDP_BYTES = 32 * 1024
_MEDIA = re.compile(r"m=([a-z]{1,16}) [0-9]{1,5}(?:/[0-9]{1,3})? (RTP/S?AVPF?(?:/TCP)?)((?: [0-9]{1,3}){1,32})\s*")
_RTPMAP = re.compile(r"a=rtpmap:([0-9]{1,3}) +([A-Za-z0-9._-]{1,32})/([0-9]{1,6})(?:/[0-9]+)?\s*")
_FMTP = re.compile(r"a=fmtp:([0-9]{1,3}) +(.{0,8192})")
_CONTROL = re.compile(r"a=control:([\x21-\x7e]{1,1024})\s*")
_STATIC_CODECS = {26: "JPEG", 32: "MPV"}


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """The track that is set up: where, as what payload type, and the parameter sets from the SDP."""

    aggregate: str
    """The URI that PLAY and TEARDOWN name."""
    control: str
    """The URI that SETUP names."""
    payload_type: int
    parameter_sets: tuple[bytes, ...]


def parse(body: bytes, base: str) -> VideoTrack:
    """Choose the first H.264 video track; audio is never looked at.

    `base` is the URI that relative control attributes join. Raises NoH264Video or ProtocolError.
    """
    if len(body) > MAX_SDP_BYTES:
        raise ProtocolError("SDP too large")
    lines = body.decode("utf-8", "replace").splitlines()
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    whole = _control(sections[0])
    if whole is not None and whole != "*":
        base = join(base, whole)
    codecs: list[str] = []
    for section in sections[1:]:
        if not section[0].startswith("m=video "):
            continue
        found = _h264(section, codecs)
        if found is not None:
            payload_type, sets = found
            return VideoTrack(base, join(base, _control(section) or "*"), payload_type, sets)
    raise NoH264Video(codecs[0] if codecs else None)


def _h264(section: list[str], codecs: list[str]) -> tuple[int, tuple[bytes, ...]] | None:
    """Payload type and parameter sets if this video section is H.264; else its codec is added to `codecs`."""
    media = _MEDIA.fullmatch(section[0])
    if media is None:
        raise ProtocolError("malformed media line")
    offered = [int(number) for number in media[3].split()]
    names = {int(m[1]): (m[2].upper(), int(m[3])) for m in map(_RTPMAP.fullmatch, section) if m}
    formats = {int(m[1]): m[2] for m in map(_FMTP.fullmatch, section) if m}
    for number in offered:
        name, clock = names.get(number, (_STATIC_CODECS.get(number, "UNKNOWN"), 90_000))
        parameters = _parameters(formats.get(number, ""))
        if name == "H264" and clock == 90_000 and parameters.get("packetization-mode", "0") in ("0", "1"):
            try:
                return number, parameter_sets(parameters.get("sprop-parameter-sets", ""))
            except ValueError as err:
                raise ProtocolError("malformed sprop-parameter-sets") from err
        codecs.append(name)
    return None


def _parameters(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name}


def _control(section: list[str]) -> str | None:
    for line in section:
        if line.startswith("a=control:"):
            match = _CONTROL.fullmatch(line)
            if match is None:
                raise ProtocolError("malformed control attribute")
            return match[1]
    return None


def join(base: str, control: str) -> str:
    """The URI of a control attribute (RFC 2326 appendix C.1.1): absolute, "*", or appended to the base."""
    if control == "*":
        return base
    if control.lower().startswith("rtsp://"):
        try:
            place = urlsplit(control).netloc
        except ValueError as err:
            raise ProtocolError("malformed control attribute") from err
        if "@" in place:
            raise ProtocolError("credentials in a control attribute")
        return control
    return base.rstrip("/") + "/" + control.lstrip("/")
