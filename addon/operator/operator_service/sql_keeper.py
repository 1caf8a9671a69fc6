"""The service's key, its checkpoints and what they cover, in the store."""

from collections.abc import Sequence

from sqlalchemy import Select, delete, insert, select, update

from . import tables
from .rows import CheckpointRow, KeeperKey, KeptRow
from .sql import add, one
from .sql_wishes import SqlWishes

_KEPT = tables.kept.c


def _uncovered() -> Select[tuple[str, str]]:
    receipt = tables.receipt.c
    joined = tables.receipt.outerjoin(tables.kept, receipt.hash == _KEPT.receipt)
    wanted = select(receipt.hash, receipt.hub).select_from(joined).where(_KEPT.receipt.is_(None))
    return wanted.order_by(receipt.hub, receipt.sequence, receipt.hash)


class SqlKeeper(SqlWishes):
    """store.KeeperStore."""

    async def keeper_key(self) -> KeeperKey | None:
        """The present key."""
        async with self.reading() as db:
            found = (await db.execute(select(tables.keeper_key))).first()
            return None if found is None else tables.read(KeeperKey, found)

    async def save_keeper_key(self, key: KeeperKey) -> None:
        """A new key instead of the one before; what no home has noted under that one is to be covered anew."""
        async with self.writing() as db:
            await db.execute(delete(tables.keeper_key))
            await db.execute(insert(tables.keeper_key).values(tables.values(key)))
            await db.execute(delete(tables.kept).where(_KEPT.noted.is_(False)))

    async def certify_keeper_key(self, kid: str, certificate: str) -> None:
        """The root's answer."""
        told = update(tables.keeper_key).where(tables.keeper_key.c.kid == kid)
        async with self.writing() as db:
            await db.execute(told.values(certificate=certificate))

    async def uncovered(self) -> list[str]:
        """The receipts, by hash, that no checkpoint covers, by hub and sequence."""
        async with self.reading() as db:
            return [str(row.hash) for row in await db.execute(_uncovered())]

    async def checkpoint(self, night: str) -> CheckpointRow | None:
        """The one of this night."""
        async with self.reading() as db:
            return await one(db, CheckpointRow, tables.checkpoint, night=night)

    async def add_checkpoint(self, row: CheckpointRow, receipts: Sequence[str]) -> bool:
        """With what it covers, in the tree's order, all or nothing; False where the night has one or the key is new."""
        place = {name: index for index, name in enumerate(receipts)}
        async with self.writing() as db:
            # Under the key before nobody could be shown it, and the receipts would be covered by nothing else.
            if await one(db, KeeperKey, tables.keeper_key, kid=row.kid) is None:
                return False
            if not await add(db, tables.checkpoint, row):
                return False
            found = [one for one in await db.execute(_uncovered()) if one.hash in place]
            rows = [KeptRow(one.hash, one.hub, row.night, place[one.hash]) for one in found]
            await db.execute(insert(tables.kept), [tables.values(one) for one in rows])
            return True

    async def covered(self, night: str) -> list[str]:
        """What this night's checkpoint covers, in the tree's order."""
        async with self.reading() as db:
            found = await db.execute(select(_KEPT.receipt).where(_KEPT.night == night).order_by(_KEPT.place))
            return [str(row.receipt) for row in found]

    async def untold(self, hub: str, most: int) -> list[KeptRow]:
        """What a home has not noted, oldest night first."""
        wanted = select(tables.kept).where(_KEPT.hub == hub, _KEPT.noted.is_(False))
        async with self.reading() as db:
            found = await db.execute(wanted.order_by(_KEPT.night, _KEPT.place).limit(most))
            return [tables.read(KeptRow, row) for row in found]

    async def note(self, hub: str, receipts: Sequence[str]) -> None:
        """The home has noted these of its own."""
        mine = (_KEPT.hub == hub) & _KEPT.receipt.in_(receipts)
        async with self.writing() as db:
            await db.execute(update(tables.kept).where(mine).values(noted=True))
