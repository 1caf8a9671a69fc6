"""TURN servers and credentials for homes and browsers."""

import base64
import hmac
from dataclasses import dataclass
from typing import Final, Protocol

TURN_SECONDS: Final = 12 * 3600
"""How long time-limited credentials are valid; live links get new ones at half of it."""


@dataclass(frozen=True, slots=True)
class Ice:
    """Servers and credentials; no servers means direct connections only."""

    urls: tuple[str, ...] = ()
    username: str = ""
    credential: str = ""


class Turn(Protocol):
    """Makes credentials."""

    def ice(self, who: str, now: int) -> Ice:
        """Credentials for ``who`` (a key thumbprint) at ``now``."""
        ...


@dataclass(frozen=True, slots=True)
class FixedTurn:
    """The same user and password for everybody, or no servers."""

    fixed: Ice = Ice()

    def ice(self, who: str, now: int) -> Ice:
        """Always the same."""
        del who, now
        return self.fixed


@dataclass(frozen=True, slots=True)
class SecretTurn:
    """coturn's ``use-auth-secret``: user '<expiry>:<who>', password HMAC-SHA1 of it (draft-uberti-behave-turn-rest)."""

    urls: tuple[str, ...]
    secret: bytes

    def ice(self, who: str, now: int) -> Ice:
        """Valid for TURN_SECONDS."""
        username = f"{now + TURN_SECONDS}:{who[:8]}"
        mac = hmac.digest(self.secret, username.encode(), "sha1")
        return Ice(self.urls, username, base64.b64encode(mac).decode())
