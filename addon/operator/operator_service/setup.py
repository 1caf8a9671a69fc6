"""The very first person: before there is a root, whoever has the set-up code from the service's own log may make one.

The code is new at each start, is only in memory and in that log, and is worth nothing once a root is pinned.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from tillsyn.chain import Trust, check_policy, check_revocations
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import PublicKey
from tillsyn.model import Role
from tillsyn.wire import Policy, Revocations

from .certified import check_credential
from .clock import Clock
from .login import Attempts, hash_password, password_matches
from .problems import Failed, Problem
from .rows import Browser, Entry, Municipality, Standing, User
from .store import Store
from .will import Will

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS: Final = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """What the wizard has made in the browser: the root's public key, and what it has signed before it was wiped."""

    login: str
    name: str
    password: str
    language: str
    municipality: str
    root: str
    policy: str
    revocations: str
    key: str
    credential: str


class Setup:
    """Answers the wizard, once."""

    def __init__(self, store: Store, clock: Clock, will: Will) -> None:
        """A code of 60 random bits."""
        self._store, self._clock, self._will = store, clock, will
        self.code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(_GROUPS))
        self._limits = (Attempts(10, 900), Attempts(100, 900))

    async def is_open(self) -> bool:
        """Whether no root is pinned yet."""
        return await self._store.municipality() is None

    async def check(self, code: str, address: str) -> None:
        """Raises Failed(ALREADY_SET, TOO_MANY_ATTEMPTS or WRONG_CODE)."""
        if not await self.is_open():
            raise Failed(Problem.ALREADY_SET)
        now, keys = self._clock.now(), (address, "")
        if wait := max(limit.wait(key, now) for limit, key in zip(self._limits, keys, strict=True)):
            raise Failed(Problem.TOO_MANY_ATTEMPTS, wait)
        if not hmac.compare_digest(_plain(code), _plain(self.code)):
            for limit, key in zip(self._limits, keys, strict=True):
                limit.failed(key, now)
            raise Failed(Problem.WRONG_CODE)

    async def finish(self, wish: Wish) -> User:
        """Pin the root, with its first administrator, policy and list. The code has been checked. Raises Refused."""
        root, now = PublicKey(wish.root), self._clock.now()
        policy = check_policy(root, Trust(), 0, wish.policy, now)
        listed = check_revocations(root, Trust(policy), wish.revocations, (), now)
        said = check_credential(root, Trust(policy, listed), wish.credential, (), now)
        if said.key != wish.key or Role.ADMIN not in said.roles:
            raise Refused(Refusal.ROLE_NOT_ALLOWED)
        user = await self._first(wish, tuple(role.value for role in said.roles), said.units)
        key = PublicKey(wish.key)
        await self._store.save_user(user)
        if not await self._store.ask_browser(Browser(key.x, key.kid, user.login, now)):
            raise Failed(Problem.FORBIDDEN)
        await self._store.certify_browser(key.x, wish.credential, said.exp)
        await self._will.keep(Standing(Policy.TYP, policy.number, wish.policy, (), now))
        await self._will.keep(Standing(Revocations.TYP, listed.number, wish.revocations, (), now))
        if not await self._store.pin(Municipality(root.x, wish.municipality, now)):
            raise Failed(Problem.ALREADY_SET)
        await self._store.log(Entry(now, "root", user.login), Entry(now, "credential", user.login, code=user.login))
        return user

    async def _first(self, wish: Wish, roles: tuple[str, ...], units: tuple[str, ...]) -> User:
        """The first administrator: of the roster where it has people, else new. Raises Failed(WRONG_LOGIN)."""
        if not await self._store.users():
            return User(wish.login, wish.name, roles, units, wish.language, hash_password(wish.password))
        known = await self._store.user(wish.login)
        if known is None or "admin" not in known.roles or not password_matches(wish.password, known.secret):
            raise Failed(Problem.WRONG_LOGIN)
        return User(known.login, wish.name, roles, units, known.language, known.secret)


def _plain(code: str) -> bytes:
    return "".join(one for one in code.upper() if one in _LETTERS).encode()
