"""HTTP Digest authentication for RTSP (RFC 2617, MD5), as network cameras do it."""

import hashlib
import re
import secrets
import time

_REALM = "Virtual camera"
_MAX_AGE = 300.0
"""Seconds that a nonce is good for."""
_MAX_NONCES = 256
_PAIR = re.compile(r'\s*([a-zA-Z]+)=(?:"([^"]*)"|([^\s,"]*))\s*(?:,|$)')


def _md5(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()


def parse_digest(header: str) -> dict[str, str] | None:
    """Give the fields of an Authorization header; None unless it is a well-formed Digest one."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "digest" or len(rest) > 2048:
        return None
    fields: dict[str, str] = {}
    position = 0
    while position < len(rest):
        pair = _PAIR.match(rest, position)
        if pair is None or pair[1].lower() in fields:
            return None
        fields[pair[1].lower()] = pair[2] if pair[2] is not None else pair[3]
        position = pair.end()
    return fields


class DigestGuard:
    """Hands out nonces and checks answers to them."""

    def __init__(self, user: str, password: str, *, has_qop: bool) -> None:
        """Let this user in; with `has_qop` the answer also covers a counter and the client's own nonce."""
        self._user = user
        self._secret = _md5(user, _REALM, password)
        self._has_qop = has_qop
        self._nonces: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def challenge(self, *, is_stale: bool = False) -> str:
        """Give a WWW-Authenticate header with a fresh nonce."""
        while len(self._nonces) >= _MAX_NONCES:
            oldest = next(iter(self._nonces))
            self._nonces.pop(oldest)
            self._counts.pop(oldest, None)
        nonce = secrets.token_hex(16)
        self._nonces[nonce] = time.monotonic()
        parts = [f'realm="{_REALM}"', f'nonce="{nonce}"']
        if self._has_qop:
            parts.append('qop="auth"')
        if is_stale:
            parts.append("stale=TRUE")
        return "Digest " + ", ".join(parts)

    def is_stale(self, fields: dict[str, str]) -> bool:
        """Say whether the nonce answered to is unknown or too old."""
        made = self._nonces.get(fields.get("nonce", ""))
        return made is None or time.monotonic() - made > _MAX_AGE

    def accepts(self, method: str, uri: str, fields: dict[str, str]) -> bool:
        """Say whether the answer is right for this request and a nonce of ours that is still good."""
        nonce = fields.get("nonce", "")
        if self.is_stale(fields) or fields.get("realm") != _REALM or fields.get("username") != self._user:
            return False
        if fields.get("algorithm", "MD5").upper() != "MD5":
            return False
        request = _md5(method, uri)
        if self._has_qop:
            count = fields.get("nc", "")
            if fields.get("qop") != "auth" or not re.fullmatch(r"[0-9a-fA-F]{8}", count):
                return False
            if int(count, 16) <= self._counts.get(nonce, 0):
                return False
            expected = _md5(self._secret, nonce, count, fields.get("cnonce", ""), "auth", request)
            if secrets.compare_digest(expected, fields.get("response", "").lower()):
                self._counts[nonce] = int(count, 16)
                return True
            return False
        expected = _md5(self._secret, nonce, request)
        return secrets.compare_digest(expected, fields.get("response", "").lower())
