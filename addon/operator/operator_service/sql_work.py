"""The queue, the visits, the looks and the log in the store."""

from collections.abc import Sequence
from dataclasses import replace as changed

from sqlalchemy import ColumnElement, Select, delete, func, insert, or_, select, update

from . import tables
from .queue import Planned
from .rows import Entry, LookRow, Search, Visit
from .sql import add, one, replace, write
from .sql_keeper import SqlKeeper

_PLANNED = tables.planned.c


class SqlStore(SqlKeeper):
    """store.Store, whole."""

    async def planned(self, hub: str, occurrence: str) -> Planned | None:
        """One occurrence."""
        async with self.reading() as db:
            return await one(db, Planned, tables.planned, hub=hub, occurrence=occurrence)

    async def unended(self, hub: str = "") -> list[Planned]:
        """All that have not ended (of one home)."""
        wanted = select(tables.planned).where(_PLANNED.ended == "")
        return await self._planned(wanted.where(_PLANNED.hub == hub) if hub else wanted)

    async def starting(self, after: int, before: int) -> list[Planned]:
        """All that start in [after, before)."""
        return await self._planned(select(tables.planned).where(_PLANNED.start >= after, _PLANNED.start < before))

    async def recent(self, after: int) -> list[Planned]:
        """Those not ended, and those ended whose window ended after ``after``."""
        return await self._planned(select(tables.planned).where(or_(_PLANNED.ended == "", _PLANNED.end > after)))

    async def _planned(self, wanted: Select[tuple[object, ...]]) -> list[Planned]:
        async with self.reading() as db:
            return [tables.read(Planned, row) for row in await db.execute(wanted.order_by(_PLANNED.end))]

    async def add_planned(self, hub: str, rows: Sequence[Planned], until: int, entries: Sequence[Entry]) -> None:
        """Add the occurrences that are not there yet, remember that the home is planned up to ``until``."""
        async with self.writing() as db:
            for row in rows:
                await add(db, tables.planned, row)
            await db.execute(update(tables.hub).where(tables.hub.c.hub == hub).values(planned_until=until))
            await write(db, entries)

    async def withdraw(self, row: Planned, entry: Entry) -> bool:
        """Take away an occurrence that is no longer agreed; False where it has changed meanwhile."""
        async with self.writing() as db:
            gone = (await db.execute(delete(tables.planned).where(_same(row)))).rowcount == 1
            await write(db, (entry,) if gone else ())
            return gone

    async def change(self, old: Planned, new: Planned, entries: Sequence[Entry], visit: Visit | None = None) -> bool:
        """Write ``new`` over ``old`` with its log and visit, all or nothing; False where somebody else was first."""
        written = tables.values(changed(new, version=old.version + 1))
        async with self.writing() as db:
            if (await db.execute(update(tables.planned).where(_same(old)).values(written))).rowcount != 1:
                return False
            if visit is not None and not await replace(db, tables.visit, visit):
                await db.execute(insert(tables.visit).values(tables.values(visit)))
            await write(db, entries)
            return True

    async def claims(self, login: str, now: int) -> list[Planned]:
        """What a person holds."""
        return await self._planned(select(tables.planned).where(_held(login, now)))

    async def extend_claims(self, login: str, now: int, until: int) -> None:
        """The holder is alive."""
        alive = update(tables.planned).where(_held(login, now), _PLANNED.claim_until < until)
        async with self.writing() as db:
            await db.execute(alive.values(claim_until=until, version=_PLANNED.version + 1))

    async def visit(self, visit_id: str) -> Visit | None:
        """One visit."""
        async with self.reading() as db:
            return await one(db, Visit, tables.visit, id=visit_id)

    async def visit_of(self, hub: str, occurrence: str) -> Visit | None:
        """The visit that an occurrence became."""
        async with self.reading() as db:
            return await one(db, Visit, tables.visit, hub=hub, occurrence=occurrence)

    async def visits(self, finished_after: int) -> list[Visit]:
        """Those not finished, and those finished later than that."""
        column = tables.visit.c
        wanted = select(tables.visit).where(or_(column.finished == 0, column.finished > finished_after))
        async with self.reading() as db:
            return [tables.read(Visit, row) for row in await db.execute(wanted.order_by(column.created, column.id))]

    async def add_visit(self, visit: Visit, entry: Entry) -> bool:
        """A visit that the client asked for; False where it is known already."""
        async with self.writing() as db:
            added = await add(db, tables.visit, visit)
            await write(db, (entry,) if added else ())
            return added

    async def change_visit(self, old: Visit, new: Visit, entry: Entry) -> bool:
        """Change a visit (not one that finishes an occurrence: that is ``change``); False where it has changed."""
        column = tables.visit.c
        same = [column[name] == getattr(old, name) for name in ("id", "acknowledged", "arrived", "finished")]
        async with self.writing() as db:
            changed = (await db.execute(update(tables.visit).where(*same).values(tables.values(new)))).rowcount == 1
            await write(db, (entry,) if changed else ())
            return changed

    async def look(self, look: str) -> LookRow | None:
        """One look."""
        async with self.reading() as db:
            return await one(db, LookRow, tables.look, look=look)

    async def add_look(self, look: LookRow) -> bool:
        """A new look; False where the id was used before."""
        async with self.writing() as db:
            return await add(db, tables.look, look)

    async def save_look(self, look: LookRow, *entries: Entry) -> None:
        """Change a look, with its log."""
        async with self.writing() as db:
            await replace(db, tables.look, look)
            await write(db, entries)

    async def looks_without_receipt(self, after: int, before: int) -> int:
        """How many opened in [after, before) have no receipt."""
        column = tables.look.c
        count = select(func.count()).select_from(tables.look)
        async with self.reading() as db:
            bare = count.where(column.opened >= after, column.opened < before, column.receipt == "")
            return (await db.execute(bare)).scalar() or 0

    async def log(self, *entries: Entry) -> None:
        """Add lines."""
        async with self.writing() as db:
            await write(db, entries)

    async def entries(self, search: Search) -> list[Entry]:
        """Find lines, newest first."""
        column = tables.entry.c
        wanted = select(tables.entry).order_by(column.id.desc()).limit(search.limit)
        for name in ("login", "event", "hub", "occurrence", "look"):
            if value := getattr(search, name):
                wanted = wanted.where(column[name] == value)
        if search.before:
            wanted = wanted.where(column.id < search.before)
        async with self.reading() as db:
            return [tables.read(Entry, row) for row in await db.execute(wanted)]


def _same(row: Planned) -> ColumnElement[bool]:
    return (_PLANNED.hub == row.hub) & (_PLANNED.occurrence == row.occurrence) & (_PLANNED.version == row.version)


def _held(login: str, now: int) -> ColumnElement[bool]:
    return (_PLANNED.claimed_by == login) & (_PLANNED.claim_until > now) & (_PLANNED.ended == "")
