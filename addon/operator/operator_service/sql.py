"""The store on SQLite: engine, transactions, and the one place where database faults become StoreFailed.

WAL with full sync: a committed line survives a power cut. Statements are SQLAlchemy Core that PostgreSQL runs
too; what is SQLite's own is in ``_connected`` and ``_begin``.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, and_, event, insert, select, text, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from . import migrations, tables
from .problems import StoreFailed
from .rows import Entry

BUSY_MS: Final = 3000
"""How long to wait for another writer before saying store_failed."""


class Sql:
    """Connections and transactions; sql_people, sql_homes, sql_wishes and sql_work add the methods."""

    def __init__(self, path: Path, busy_ms: int = BUSY_MS) -> None:
        """Use the file at ``path``; ``open`` makes it."""
        self._path = path
        self._engine = create_async_engine(
            f"sqlite+aiosqlite:///{path}",
            pool_size=4,
            max_overflow=0,
            pool_timeout=5,
            connect_args={"timeout": busy_ms / 1000},
        )
        self._writer = asyncio.Lock()  # our own writers take turns; SQLite's time-out is for other processes
        event.listen(self._engine.sync_engine, "connect", _connected)
        event.listen(self._engine.sync_engine, "begin", _begin)

    async def open(self) -> None:
        """Make the tables, check them, or bring them up from an earlier version. Raises StoreFailed."""
        try:
            self._path.touch(0o600)
        except OSError as err:
            raise StoreFailed("the store's file cannot be made") from err
        async with self.writing() as db:
            if (await db.execute(text("PRAGMA quick_check(1)"))).scalar() != "ok":
                raise StoreFailed("the store is damaged")
            await db.run_sync(migrations.bring_up)

    async def close(self) -> None:
        """Let go of the file."""
        await self._engine.dispose()

    async def check(self) -> None:
        """Raises StoreFailed where it cannot be read now."""
        async with self.reading() as db:
            await db.execute(select(tables.schema_version.c.version))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads."""
        try:
            async with self._engine.connect() as db, db.begin():
                yield db
        except (SQLAlchemyError, sqlite3.Error, OSError) as err:
            raise StoreFailed(type(err).__name__) from err

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that holds the write lock from its start: what it reads stays true until it commits."""
        try:
            async with self._writer, self._engine.connect() as bare:
                db = await bare.execution_options(tk_write=True)
                async with db.begin():
                    yield db
        except (SQLAlchemyError, sqlite3.Error, OSError) as err:
            raise StoreFailed(type(err).__name__) from err


def _connected(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, in _begin
    cursor = connection.cursor()
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("tk_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


async def one[R](db: AsyncConnection, kind: type[R], table: Table, **key: object) -> R | None:
    """The row with this key."""
    found = (await db.execute(select(table).where(_match(table, key)))).first()
    return None if found is None else tables.read(kind, found)


async def add(db: AsyncConnection, table: Table, row: object) -> bool:
    """Insert; False where the key is taken."""
    try:
        async with db.begin_nested():
            await db.execute(insert(table).values(tables.values(row)))
    except IntegrityError:
        return False
    return True


async def replace(db: AsyncConnection, table: Table, row: object) -> int:
    """Write all columns of the row with this key; the number of rows changed."""
    found = tables.values(row)
    key = {column.name: found[column.name] for column in table.primary_key.columns}
    return (await db.execute(update(table).where(_match(table, key)).values(found))).rowcount


async def save(db: AsyncConnection, table: Table, row: object) -> None:
    """Change the row, or add it."""
    if not await replace(db, table, row):
        await db.execute(insert(table).values(tables.values(row)))


async def write(db: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Add lines to the log."""
    for entry in entries:
        found = tables.values(entry)
        del found["id"]
        await db.execute(insert(tables.entry).values(found))


def _match(table: Table, key: dict[str, object]) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in key.items()))
