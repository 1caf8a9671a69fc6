"""What the root and its administrators have said that holds in all homes: the policy and the list of revoked keys.

Each home checks them itself and goes back to no older one. Here they are kept, sent to homes and consoles, and used to
refuse early. Who is asked to make a new list each day: docs/people.md.
"""

from typing import Final, Protocol

from tillsyn.chain import Trust, check_policy, check_revocations
from tillsyn.frames import Signed
from tillsyn.identity import PublicKey, parse
from tillsyn.wire import Policy, Revocations
from tillsyn.wire_people import MAX_DELEGATION_SECONDS

from .clock import Clock
from .rows import Entry, Standing
from .store import Store
from .views import Json

_ALL: Final = ""
"""The look that a policy or list is about: none."""


def as_before(now: int) -> Trust:
    """What to refuse early by where the root has said nothing, and the homes decide: browser keys, nobody revoked.

    ``now``: seconds UTC. No home believes like this, so it is not in the core.
    """
    return Trust(Policy(1, True, MAX_DELEGATION_SECONDS, 120, 3, now), Revocations(1, (), now))


class ToHomes(Protocol):
    """The links to the homes."""

    def send_all(self, frame: Signed) -> None:
        """To every home that is connected."""
        ...


class ToScreens(Protocol):
    """The consoles."""

    def show_will(self, will: Json) -> None:
        """There is a new policy or list."""
        ...


class Will:
    """The newest policy and list."""

    def __init__(self, store: Store, clock: Clock, homes: ToHomes, screens: ToScreens) -> None:
        """Nothing is known until ``load``."""
        self._store, self._clock, self._homes, self._screens = store, clock, homes, screens
        self._said: dict[str, Standing] = {}

    async def load(self) -> None:
        """Read what was said before."""
        self._said = {one.kind: one for one in await self._store.standing()}

    @property
    def policy(self) -> Policy | None:
        """The root's policy, None before the first."""
        said = self._said.get(Policy.TYP)
        return None if said is None else parse(Policy, said.token).statement

    @property
    def revocations(self) -> Revocations | None:
        """The newest list, None before the first."""
        said = self._said.get(Revocations.TYP)
        return None if said is None else parse(Revocations, said.token).statement

    def known(self) -> Trust:
        """Exactly what has been said; the strictest where nothing was."""
        policy = self.policy
        return Trust(revocations=self.revocations) if policy is None else Trust(policy, self.revocations)

    def trust(self) -> Trust:
        """What to refuse early by. Where the root has not spoken it is left to the homes."""
        silent, policy, listed = as_before(self._clock.now()), self.policy, self.revocations
        return Trust(silent.policy if policy is None else policy, silent.revocations if listed is None else listed)

    def frames(self) -> list[Signed]:
        """What a home hears when it connects."""
        order = (Policy.TYP, Revocations.TYP)
        return [Signed(_ALL, said.token, said.chain) for kind in order if (said := self._said.get(kind)) is not None]

    def shown(self) -> Json:
        """What a console hears."""
        policy, listed = self._said.get(Policy.TYP), self._said.get(Revocations.TYP)
        return {
            "policy": policy.token if policy else None,
            "revocations": {"token": listed.token, "chain": list(listed.chain)} if listed else None,
        }

    async def set_policy(self, root: PublicKey, token: str, login: str) -> Policy:
        """A newer policy of the root. Raises Refused."""
        now = self._clock.now()
        policy = check_policy(root, self.known(), 0, token, now)
        await self.keep(Standing(Policy.TYP, policy.number, token, (), now))
        await self._store.log(Entry(now, "policy", login))
        self.tell(Policy.TYP)
        return policy

    async def set_revocations(self, root: PublicKey, token: str, chain: tuple[str, ...], login: str) -> Revocations:
        """A newer list, by the root or an administrator. Raises Refused."""
        now, before = self._clock.now(), self.revocations
        listed = check_revocations(root, self.known(), token, chain, now)
        await self.keep(Standing(Revocations.TYP, listed.number, token, chain, now))
        same = before is not None and set(before.revoked) == set(listed.revoked)
        await self._store.log(Entry(now, "list_renewed" if same else "revoked", login))
        self.tell(Revocations.TYP)
        return listed

    async def keep(self, said: Standing) -> None:
        """Store it; from here on it counts here."""
        await self._store.keep_standing(said)
        self._said[said.kind] = said

    def tell(self, kind: str) -> None:
        """To every home and console that is connected."""
        said = self._said[kind]
        self._homes.send_all(Signed(_ALL, said.token, said.chain))
        self._screens.show_will(self.shown())
