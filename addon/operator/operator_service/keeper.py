"""Stands for the receipts that this service has kept: once for each night, when it is over, it signs a checkpoint over
all that have come since the one before, and shows each home that its own are in it.

The key for it is made here and signs nothing else. Until the root has certified it nothing is signed, and no home
misses anything. What a home has not noted is said again at the next link and the next noon, until it has.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import batched, groupby
from typing import Final, Protocol

from tillsyn.checkpoints import Night, last_night, night_over, service_key
from tillsyn.errors import Refusal, Refused
from tillsyn.frames import KEPT_AT_ONCE, Kept, Noted
from tillsyn.identity import PublicKey, SigningKey, parse
from tillsyn.schedule import night_of
from tillsyn.strict import b64u_decode, b64u_encode
from tillsyn.wire import Checkpoint, ServiceKey

from .clock import Clock, wait_for
from .problems import StoreFailed
from .rows import CheckpointRow, Entry, Hub, KeeperKey
from .sockets import Outbox
from .store import Store
from .will import Will

_FRAMES_AT_ONCE: Final = 8
"""As many frames as a home is told before it has noted them."""
_STORE_RETRY: Final = 2

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeyState:
    """``state``: '' (as it should be), 'none', 'asked', 'over' or 'revoked'. ``expires``: of its certificate."""

    state: str
    kid: str | None = None
    expires: int | None = None


class KeeperLink(Protocol):
    """The link to a home. ``saying``: receipts, by hash, that it has been told of and has not noted."""

    hub: Hub
    outbox: Outbox
    saying: set[str]


class KeeperLinks(Protocol):
    """The links to all homes."""

    def all(self) -> Iterable[KeeperLink]:
        """Those that are connected."""
        ...


class Keeper:
    """One task for the whole service, and what homes answer."""

    def __init__(self, store: Store, clock: Clock, homes: KeeperLinks, will: Will) -> None:
        """Nothing runs until ``run``."""
        self._store, self._clock, self._homes, self._will = store, clock, homes, will
        self._changed = asyncio.Event()
        self._newest: tuple[str, Night] | None = None
        """The tree that was worked out last: most homes ask for that one."""

    # ---- the key ------------------------------------------------------------------------------------------------

    async def key(self) -> PublicKey:
        """The key for the root to certify: the present one, or a new one where there is none or it is revoked."""
        known = await self._store.keeper_key()
        if known is None or known.kid in self._will.known().revoked:
            made, now = SigningKey.generate(), self._clock.now()
            known = KeeperKey(made.public.kid, made.public.x, b64u_encode(made.seed()), "", now)
            await self._store.save_keeper_key(known)
        return PublicKey(known.key)

    async def certify(self, root: PublicKey, token: str, login: str) -> ServiceKey:
        """The root has certified it. Raises Refused where it is not this key, or does not hold now."""
        known, now = await self._store.keeper_key(), self._clock.now()
        certified = service_key(root, token, now)
        if known is None or known.key != certified.x:
            raise Refused(Refusal.UNKNOWN_SIGNER)
        self._will.known().check_keys(known.kid)
        await self._store.certify_keeper_key(known.kid, token)
        await self._store.log(Entry(now, "service_key", login))
        self._changed.set()
        return parse(ServiceKey, token).statement

    async def state(self) -> KeyState:
        """How it stands with the key now."""
        known, now = await self._store.keeper_key(), self._clock.now()
        if known is None:
            return KeyState("none")
        expires = parse(ServiceKey, known.certificate).statement.exp if known.certificate else None
        state = "asked" if expires is None else "over" if now >= expires else ""
        if known.kid in self._will.known().revoked:
            state = "revoked"
        return KeyState(state, known.kid, expires)

    async def _good(self) -> KeeperKey | None:
        """The key, where it may sign now."""
        return await self._store.keeper_key() if (await self.state()).state == "" else None

    # ---- each noon ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """For ever. A store that fails is tried again."""
        while True:
            self._changed.clear()
            now = self._clock.now()
            moment = int(night_of(datetime.fromtimestamp(now, UTC))[1].timestamp())
            try:
                await self.round()
            except StoreFailed:
                _LOG.error("store_failed: the checkpoint of the night waits")
                moment = now + _STORE_RETRY
            except Exception as err:  # noqa: BLE001 # whatever it is, there must be a next night
                _LOG.error("the checkpoint of the night failed: %s", type(err).__name__)
            await wait_for(self._changed, self._clock, moment)

    async def round(self) -> None:
        """Sign for the night that is over, unless that is done, and tell the homes what they have not noted."""
        key = await self._good()
        if key is None:
            return
        await self._sign(key, last_night(self._clock.now()))
        for link in list(self._homes.all()):
            link.saying.clear()
            await self.offer(link)

    async def _sign(self, key: KeeperKey, night: date) -> None:
        """What comes later than this is in the checkpoint of a later night; there is never a second one for a night."""
        receipts = await self._store.uncovered()
        if not receipts or await self._store.checkpoint(night.isoformat()) is not None:
            return
        now, made = self._clock.now(), await asyncio.to_thread(night_over, receipts)
        signer = SigningKey.from_seed(b64u_decode(key.seed))
        token = signer.sign(Checkpoint(night, len(receipts), made.root, now))
        row = CheckpointRow(night.isoformat(), token, key.kid, len(receipts), now)
        # Where somebody was first, this one has been seen by nobody.
        if await self._store.add_checkpoint(row, receipts):
            await self._store.log(Entry(now, "checkpoint", code=str(len(receipts))))
            self._newest = (row.night, made)

    # ---- each home ----------------------------------------------------------------------------------------------

    async def offer(self, link: KeeperLink) -> None:
        """Tell a home what it has not noted, some at a time; the next when it has noted those."""
        key = await self._good()
        if key is None or link.saying:
            return
        untold = await self._store.untold(link.hub.hub, KEPT_AT_ONCE * _FRAMES_AT_ONCE)
        for night, rows in groupby(untold, lambda row: row.night):
            said = await self._store.checkpoint(night)
            assert said is not None  # it was stored with them, and under this key: another begins anew
            tree = await self._tree(night)
            for some in batched(rows, KEPT_AT_ONCE, strict=False):
                self._tell(link, Kept(key.certificate, said.token, tuple(tree.receipts[row.place] for row in some)))

    def _tell(self, link: KeeperLink, frame: Kept) -> None:
        link.saying.update(one.receipt for one in frame.receipts)
        link.outbox.put(frame.encode())

    async def _tree(self, night: str) -> Night:
        if self._newest is None or self._newest[0] != night:
            self._newest = (night, await asyncio.to_thread(night_over, await self._store.covered(night)))
        return self._newest[1]

    async def noted(self, link: KeeperLink, frame: Noted) -> None:
        """The home has it; whatever else was told it is told no more of."""
        await self._store.note(link.hub.hub, frame.receipts)
        link.saying.difference_update(frame.receipts)
        await self.offer(link)
