"""The one meeting of a new hub and the municipality: the service only carries messages between them.

The hub proves its key with a MAC under the secret of the pairing code, which the service never has. Whoever made the
code checks it: an installer's or planner's browser, or the root tool.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from tillsyn import frames
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import PublicKey

from .certified import check_hub_certificate
from .clock import Clock
from .problems import Failed, Problem
from .rows import Entry, Hub, Municipality, Pairing
from .sockets import Bell, Outbox
from .store import Store
from .will import Will

PAIRING_SECONDS: Final = 600


@dataclass(slots=True)
class _Waiting:
    rendezvous: str
    key: str
    outbox: Outbox


class Meetings:
    """All pairings under way."""

    def __init__(self, store: Store, clock: Clock, will: Will) -> None:
        """Nobody waits."""
        self._store, self._clock, self._will = store, clock, will
        self._waiting: dict[str, _Waiting] = {}
        self._changing = asyncio.Lock()
        """Held from when a meeting is read until it is stored, so that nothing of it is lost on the way."""
        self.bell = Bell()

    async def root(self) -> PublicKey:
        """The pinned root key. Raises Failed(NO_ROOT)."""
        return PublicKey((await self.municipality()).root)

    async def municipality(self) -> Municipality:
        """The pinned root with its name. Raises Failed(NO_ROOT)."""
        found = await self._store.municipality()
        if found is None:
            raise Failed(Problem.NO_ROOT)
        return found

    async def start(self, rendezvous: str, label: str, login: str, replaces: str = "") -> Pairing:
        """Somebody has made a code and waits for the hub, which is to take the place of ``replaces`` (a hub, or '').

        Raises Failed(ALREADY_SET) where the code is in use, LABEL_IN_USE where the label is another home's.
        """
        await self.municipality()
        now = self._clock.now()
        if await self._store.pairing(rendezvous) is not None:
            raise Failed(Problem.ALREADY_SET)
        await self._check_label(label, replaces)
        pairing = Pairing(rendezvous, label, now + PAIRING_SECONDS, login=login, replaces=replaces)
        await self._store.save_pairing(pairing)
        await self._store.log(Entry(now, "pairing", login))
        return pairing

    async def _check_label(self, label: str, replaces: str) -> None:
        """Two homes with one name would be taken for each other; that they are the same is for a person to say."""
        hubs, revoked = await self._store.hubs(), self._will.known().revoked
        same = {one.hub for one in hubs if one.label.casefold() == label.casefold()}
        if replaces and replaces not in same:
            raise Failed(Problem.NOT_FOUND)
        if same - revoked - {one.replaces for one in hubs} - {replaces}:
            raise Failed(Problem.LABEL_IN_USE)

    async def get(self, rendezvous: str) -> Pairing:
        """A pairing that is still open. Raises Failed(NOT_FOUND)."""
        found = await self._store.pairing(rendezvous)
        if found is None or self._clock.now() >= found.expires:
            raise Failed(Problem.NOT_FOUND)
        return found

    async def arrive(self, asked: frames.Pair, outbox: Outbox) -> bool:
        """A hub asks for its certificate; False where there is no such pairing. Raises Refused(BUSY)."""
        async with self._changing:
            return await self._arrive(asked, outbox)

    async def _arrive(self, asked: frames.Pair, outbox: Outbox) -> bool:
        try:
            pairing = await self.get(asked.rendezvous)
        except Failed:
            return False
        if pairing.certificate:  # the answer got lost on the way
            if pairing.key == asked.key:
                root = (await self.municipality()).root
                outbox.put(frames.Paired(root, pairing.certificate, pairing.chain).encode())
            return pairing.key == asked.key
        PublicKey(asked.key)
        now_here = self._waiting.get(asked.rendezvous)
        if now_here is not None and now_here.outbox.open and now_here.key != asked.key:
            raise Refused(Refusal.BUSY)
        await self._store.save_pairing(replace(pairing, key=asked.key, mac=asked.mac))
        self._waiting[asked.rendezvous] = _Waiting(asked.rendezvous, asked.key, outbox)
        self.bell.ring()
        return True

    def leave(self, outbox: Outbox) -> None:
        """A hub no longer waits here."""
        self._waiting = {name: one for name, one in self._waiting.items() if one.outbox is not outbox}

    async def refuse(self, rendezvous: str) -> None:
        """The MAC is wrong; the pairing waits on for the right hub."""
        async with self._changing:
            pairing = await self.get(rendezvous)
            if pairing.certificate:
                raise Failed(Problem.WRONG_STATE)
            await self._store.save_pairing(replace(pairing, key="", mac=""))
        self._send_away(rendezvous, Refusal.BAD_SIGNATURE.value)

    async def end(self, rendezvous: str) -> None:
        """Whoever made the code has thrown it away; the hub that waits is told, and no other is let in by it."""
        async with self._changing:
            pairing = await self.get(rendezvous)
            if pairing.certificate:
                raise Failed(Problem.WRONG_STATE)
            await self._store.save_pairing(replace(pairing, key="", mac="", expires=self._clock.now()))
        await self._store.log(Entry(self._clock.now(), "pairing_ended", pairing.login))
        self._send_away(rendezvous, "unknown_pairing")
        self.bell.ring()

    def _send_away(self, rendezvous: str, code: str) -> None:
        """The hub that waits is told why it waits no more."""
        waiting = self._waiting.pop(rendezvous, None)
        if waiting is not None:
            waiting.outbox.put(frames.Rejected(code).encode())
            waiting.outbox.close(1000)

    async def certify(self, rendezvous: str, token: str, chain: tuple[str, ...], login: str) -> str:
        """The root (empty chain), an installer or a planner has signed the hub's certificate. Raises Refused, or
        Failed(WRONG_STATE) while no hub has asked.
        """
        async with self._changing:
            return await self._certify(rendezvous, token, chain, login)

    async def _certify(self, rendezvous: str, token: str, chain: tuple[str, ...], login: str) -> str:
        pairing, municipality = await self.get(rendezvous), await self.municipality()
        if not pairing.key:
            raise Failed(Problem.WRONG_STATE)
        now, key = self._clock.now(), PublicKey(pairing.key)
        found = check_hub_certificate(PublicKey(municipality.root), self._will.trust(), token, chain, key, now)
        known = await self._store.hub(key.kid)
        before = known.replaces if known and pairing.replaces in ("", key.kid) else pairing.replaces
        replaces = "" if before == key.kid else before  # the same hub, paired anew
        await self._store.save_hub(Hub(key.kid, key.x, found.label, token, now, chain=chain, replaces=replaces))
        await self._store.save_pairing(replace(pairing, certificate=token, chain=chain))
        await self._store.log(Entry(now, "paired", login, key.kid))
        waiting = self._waiting.pop(rendezvous, None)
        if waiting is not None:
            waiting.outbox.put(frames.Paired(municipality.root, token, chain).encode())
        return key.kid
