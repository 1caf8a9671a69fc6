"""Wishes and sleep in the store."""

from sqlalchemy import Table, delete, select

from . import tables
from .rows import SleepRow, WishesRow
from .sql import one, save
from .sql_homes import SqlHomes


class SqlWishes(SqlHomes):
    """store.WishStore."""

    async def wishes(self, hub: str) -> WishesRow | None:
        """The newest wishes of a home."""
        async with self.reading() as db:
            return await one(db, WishesRow, tables.wishes, hub=hub)

    async def all_wishes(self) -> list[WishesRow]:
        """The newest of each home."""
        async with self.reading() as db:
            return [tables.read(WishesRow, row) for row in await db.execute(select(tables.wishes))]

    async def save_wishes(self, wishes: WishesRow) -> bool:
        """Keep them instead of those before; False where they are older."""
        return await self._save_newer(tables.wishes, wishes, hub=wishes.hub)

    async def save_sleep(self, sleep: SleepRow) -> bool:
        """Keep how a night was instead of what was told of it before; False where that is newer."""
        return await self._save_newer(tables.sleep, sleep, hub=sleep.hub, night=sleep.night)

    async def _save_newer[R: WishesRow | SleepRow](self, table: Table, row: R, **key: object) -> bool:
        async with self.writing() as db:
            known = await one(db, type(row), table, **key)
            if known is not None and known.iat > row.iat:
                return False
            await save(db, table, row)
            return True

    async def sleep(self, first: str) -> list[SleepRow]:
        """The nights from this one on, in order."""
        column = tables.sleep.c
        wanted = select(tables.sleep).where(column.night >= first).order_by(column.hub, column.night)
        async with self.reading() as db:
            return [tables.read(SleepRow, row) for row in await db.execute(wanted)]

    async def forget_sleep(self, before: str) -> None:
        """Remove the nights before this one."""
        async with self.writing() as db:
            await db.execute(delete(tables.sleep).where(tables.sleep.c.night < before))
