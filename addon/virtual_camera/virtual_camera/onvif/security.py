"""WS-Security UsernameToken with password digest, each good once and for a short while."""

import binascii
import hashlib
import secrets
from base64 import b64decode
from datetime import datetime

from .soap import NAMESPACES, Call, SoapFault

WINDOW = 300.0
"""Seconds that a token's time may differ from the camera's clock."""
_MAX_NONCES = 100_000
_DIGEST = "#PasswordDigest"


def not_authorized() -> SoapFault:
    """Give the fault for a caller that may not."""
    return SoapFault("Sender not authorized", "ter:NotAuthorized")


class TokenGuard:
    """Checks username tokens and remembers those it has seen."""

    def __init__(self, user: str, password: str) -> None:
        """Let this user in."""
        self._user = user
        self._password = password.encode()
        self._seen: dict[bytes, float] = {}

    def check(self, call: Call, now: float) -> None:
        """Return if the call has a good, unused token. Raises SoapFault; `now` is the camera's clock."""
        token = call.header.find("wsse:Security/wsse:UsernameToken", NAMESPACES) if call.header is not None else None
        if token is None:
            raise not_authorized()
        user = token.findtext("wsse:Username", "", NAMESPACES)
        password = token.find("wsse:Password", NAMESPACES)
        created = token.findtext("wsu:Created", "", NAMESPACES).strip()
        if password is None or not password.get("Type", "").endswith(_DIGEST) or user != self._user:
            raise not_authorized()
        try:
            nonce = b64decode(token.findtext("wsse:Nonce", "", NAMESPACES), validate=True)
            answer = b64decode(password.text or "", validate=True)
            made_at = datetime.fromisoformat(created)
        except (ValueError, binascii.Error) as error:
            raise not_authorized() from error
        if not 8 <= len(nonce) <= 64 or made_at.tzinfo is None or abs(made_at.timestamp() - now) > WINDOW:
            raise not_authorized()
        digest = hashlib.sha1(nonce + created.encode() + self._password, usedforsecurity=False).digest()
        if not secrets.compare_digest(digest, answer) or not self._is_first_use(nonce, made_at.timestamp(), now):
            raise not_authorized()

    def _is_first_use(self, nonce: bytes, made_at: float, now: float) -> bool:
        if len(self._seen) >= _MAX_NONCES or (self._seen and next(iter(self._seen.values())) < now - 2 * WINDOW):
            self._seen = {known: when for known, when in self._seen.items() if when >= now - WINDOW}
        if nonce in self._seen or len(self._seen) >= _MAX_NONCES:
            return False
        self._seen[nonce] = made_at
        return True
