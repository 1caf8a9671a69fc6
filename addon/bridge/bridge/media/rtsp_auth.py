"""Digest authentication for RTSP (RFC 7616, RFC 2617): MD5 and SHA-256, qop auth or none.

Basic is refused: it would put the camera's password on the network as it is.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .errors import ProtocolError, Unauthorized

_PARAMETER = re.compile(
    r'[ \t]*([A-Za-z0-9_-]{1,32})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.){0,512})"|([^",\s]{1,512}))[ \t]*(?:,|$)'
)
_QUOTABLE = re.compile(r"[\x20-\x7e\x80-\uffff]*")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One digest challenge of the camera."""

    realm: str
    nonce: str
    algorithm: str
    """"SHA-256", "MD5", or "" where the camera named none (which means MD5)."""
    qop: bool
    """True if the camera wants qop=auth."""
    opaque: str | None
    stale: bool


def parse_parameters(text: str) -> dict[str, str]:
    """The name=value list of a challenge; names lower case. Raises ProtocolError."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None or match[1].lower() in found:
            raise ProtocolError("malformed authentication challenge")
        quoted = match[2]
        found[match[1].lower()] = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else match[3]
        at = match.end()
    return found


def choose(challenges: Iterable[str]) -> Challenge:
    """The strongest digest among the WWW-Authenticate values. Raises Unauthorized if there is none."""
    usable = [c for c in map(_parse, challenges) if c is not None]
    if not usable:
        raise Unauthorized("the camera offers no digest authentication that we know")
    return max(usable, key=lambda challenge: challenge.algorithm == "SHA-256")


def _parse(value: str) -> Challenge | None:
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    found = parse_parameters(rest)
    algorithm = found.get("algorithm", "").upper()
    if algorithm not in ("", "MD5", "SHA-256"):
        return None
    offered = [q.strip().lower() for q in found["qop"].split(",")] if "qop" in found else []
    if offered and "auth" not in offered:
        return None
    if "realm" not in found or "nonce" not in found:
        raise ProtocolError("digest challenge without realm or nonce")
    stale = found.get("stale", "").lower() == "true"
    return Challenge(found["realm"], found["nonce"], algorithm, bool(offered), found.get("opaque"), stale)


class Digest:
    """Answers one challenge for every later request, counting the nonce's uses."""

    def __init__(self, challenge: Challenge, username: str, password: str) -> None:
        """Raises Unauthorized for a user name that cannot be sent."""
        if not _QUOTABLE.fullmatch(username):
            raise Unauthorized("user name with control characters")
        self._challenge = challenge
        self._username = username
        self._password = password
        self._count = 0

    def header(self, method: str, uri: str, cnonce: Callable[[], str] = lambda: secrets.token_hex(8)) -> str:
        """The Authorization value for one request."""
        c = self._challenge
        secret = self._hash(f"{self._username}:{c.realm}:{self._password}")
        request = self._hash(f"{method}:{uri}")
        parts = [
            f'username="{_quote(self._username)}"',
            f'realm="{_quote(c.realm)}"',
            f'nonce="{_quote(c.nonce)}"',
            f'uri="{_quote(uri)}"',
        ]
        if c.qop:
            self._count += 1
            client, count = cnonce(), f"{self._count:08x}"
            answer = self._hash(f"{secret}:{c.nonce}:{count}:{client}:auth:{request}")
            parts += ["qop=auth", f"nc={count}", f'cnonce="{client}"']
        else:
            answer = self._hash(f"{secret}:{c.nonce}:{request}")
        parts.append(f'response="{answer}"')
        if c.algorithm:
            parts.append(f"algorithm={c.algorithm}")
        if c.opaque is not None:
            parts.append(f'opaque="{_quote(c.opaque)}"')
        return "Digest " + ", ".join(parts)

    def _hash(self, text: str) -> str:
        # RFC 7616 fixes these algorithms; MD5 is what most cameras know.
        digest = hashlib.sha256 if self._challenge.algorithm == "SHA-256" else hashlib.md5
        return digest(text.encode(), usedforsecurity=False).hexdigest()


def _quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
