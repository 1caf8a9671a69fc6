"""Who is at the screen: passwords, sessions, and patience with those who guess.

Passwords are kept as Scrypt (RFC 7914) of the NFC text. The session cookie is 256 random bits; the store has its hash.
"""

import asyncio
import hmac
import secrets
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tillsyn.identity import digest
from tillsyn.strict import b64u_decode, b64u_encode

from .clock import Clock
from .problems import Failed, Problem
from .rows import Entry, Session, User
from .store import Store

COOKIE: Final = "tk_session"
MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 256
SESSION_SECONDS: Final = 12 * 3600
IDLE_SECONDS: Final = 3600
_TOUCH: Final = 60
_COST: Final = 15  # log2(n): 32 MiB, about 0.1 s


def hash_password(password: str) -> str:
    """What is kept: '<log2 n>$<salt>$<hash>'."""
    salt = secrets.token_bytes(16)
    return f"{_COST}${b64u_encode(salt)}${b64u_encode(_scrypt(password, salt, _COST))}"


def password_matches(password: str, secret: str) -> bool:
    """Whether this is the password."""
    cost, salt, expected = secret.split("$")
    return hmac.compare_digest(_scrypt(password, b64u_decode(salt), int(cost)), b64u_decode(expected))


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    text = unicodedata.normalize("NFC", password).encode()
    return Scrypt(salt=salt, length=32, n=2**cost, r=8, p=1).derive(text)


class Attempts:
    """Counts failures for each key within a time; the oldest keys are forgotten first when there are very many."""

    def __init__(self, limit: int, seconds: int, keys: int = 10_000) -> None:
        """At most ``limit`` failures in ``seconds``."""
        self._limit, self._seconds, self._keys = limit, seconds, keys
        self._failed: OrderedDict[str, list[int]] = OrderedDict()

    def wait(self, key: str, now: int) -> int:
        """Seconds until the next try is allowed; 0 is now."""
        recent = [at for at in self._failed.get(key, []) if at > now - self._seconds]
        return recent[-self._limit] + self._seconds - now if len(recent) >= self._limit else 0

    def failed(self, key: str, now: int) -> None:
        """One more failure."""
        recent = [at for at in self._failed.pop(key, []) if at > now - self._seconds]
        self._failed[key] = [*recent, now]
        while len(self._failed) > self._keys:
            self._failed.popitem(last=False)

    def forget(self, key: str) -> None:
        """It went well."""
        self._failed.pop(key, None)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with a valid session."""

    session: str
    user: User

    def require(self, *roles: str) -> None:
        """Raises Failed(FORBIDDEN) unless the person has one of the roles."""
        if not set(roles) & set(self.user.roles):
            raise Failed(Problem.FORBIDDEN)

    def sees(self, unit: str) -> bool:
        """Whether homes of this unit are the person's business."""
        return unit in self.user.units


class Door:
    """Login, sessions and logout."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Limits in 15 minutes: 5 failures for a login from an address, 20 from an address, 60 for a login."""
        self._store, self._clock = store, clock
        self._limits = (Attempts(5, 900), Attempts(20, 900), Attempts(60, 900))
        self._at_once = asyncio.Semaphore(2)
        self._nobody = hash_password(secrets.token_hex(16))

    async def login(self, login: str, password: str, address: str) -> tuple[str, Viewer]:
        """The new session's cookie. Raises Failed(WRONG_LOGIN or TOO_MANY_ATTEMPTS)."""
        now = self._clock.now()
        keys = (f"{login}\0{address}", address, login)
        if wait := max(limit.wait(key, now) for limit, key in zip(self._limits, keys, strict=True)):
            raise Failed(Problem.TOO_MANY_ATTEMPTS, wait)
        for limit, key in zip(self._limits, keys, strict=True):
            limit.failed(key, now)  # counted first, so that many at once do not slip through
        user = await self._store.user(login)
        async with self._at_once:
            # An unknown login takes as long as a wrong password.
            right = await asyncio.to_thread(password_matches, password, user.secret if user else self._nobody)
        if user is None or not right:
            await self._store.log(Entry(now, "login_failed", login if user else ""))
            raise Failed(Problem.WRONG_LOGIN)
        self._limits[0].forget(keys[0])
        cookie = secrets.token_urlsafe(32)
        session = Session(digest(cookie), user.login, now, now)
        await self._store.drop_sessions(now - SESSION_SECONDS, now - IDLE_SECONDS)
        await self._store.add_session(session)
        await self._store.log(Entry(now, "login", user.login))
        return cookie, Viewer(session.id, user)

    async def viewer(self, cookie: str) -> Viewer:
        """Who this is. Raises Failed(LOGIN_REQUIRED) where the session is unknown or over."""
        return await self.still(digest(cookie))

    async def still(self, session_id: str) -> Viewer:
        """The person as the roster has them now; using a session keeps it."""
        now = self._clock.now()
        session = await self._store.session(session_id)
        if session is None or now >= session.created + SESSION_SECONDS or now >= session.used + IDLE_SECONDS:
            raise Failed(Problem.LOGIN_REQUIRED)
        user = await self._store.user(session.login)
        if user is None:
            raise Failed(Problem.LOGIN_REQUIRED)
        if now >= session.used + _TOUCH:
            await self._store.touch_session(session.id, now)
        return Viewer(session.id, user)

    async def logout(self, viewer: Viewer) -> None:
        """The session is over."""
        await self._store.end_session(viewer.session)
        await self._store.log(Entry(self._clock.now(), "logout", viewer.user.login))
