"""A store that is full, locked, damaged or too new: a clear code, nothing lost, and no look is let through unlogged."""

import asyncio
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from operator_service import tables
from operator_service.problems import StoreFailed
from operator_service.rows import Entry, Search
from operator_service.sql_work import SqlStore
from tests.operator.peers import OCCURRENCE, Console, Home, World, eventually
from tillsyn import wire
from tillsyn.errors import CloseReason
from tillsyn.model import Outcome


def _file(world: World) -> Path:
    return world.store._path


@contextmanager
def full_disk(world: World) -> Iterator[None]:
    """No file of this process may grow beyond what the store's log has now."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = max(one.stat().st_size for one in _file(world).parent.glob("operator.db-wal"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Another process holds the write lock."""
    with closing(sqlite3.connect(_file(world), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize("trouble", [full_disk, locked])
async def test_a_claim_that_cannot_be_written_is_refused_and_works_later(
    anna: Console, home: Home, world: World, trouble: object
) -> None:
    with trouble(world):  # type: ignore[operator]
        assert await anna.claim(home) == (503, {"error": "store_failed"})
        assert (await anna.state())["state"] == "planned"
    assert (await anna.claim(home))[0] == 200


@pytest.mark.parametrize("trouble", [full_disk, locked])
async def test_no_look_begins_that_cannot_be_written_down(
    anna: Console, home: Home, world: World, trouble: object
) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    with trouble(world):  # type: ignore[operator]
        await anna.sign(prepare.look, prepare)
        assert await anna.refusal() == "store_failed"
    prepare = anna.prepare(home)
    await anna.sign(prepare.look, prepare)
    assert (await home.got(wire.Prepare.TYP)).look == prepare.look  # and nothing before it


async def test_a_close_gets_through_and_receipts_wait_while_the_disk_is_full(
    anna: Console, home: Home, world: World
) -> None:
    look = await anna.look(home)
    with full_disk(world):
        await anna.sign(look.look, anna.close_look(look.look, Outcome.SEEN))
        await home.got(wire.Close.TYP)
        await home.receipt(look.look, CloseReason.SEEN)
        await anna.from_home(wire.Receipt.TYP)
        assert await anna.refusal() == "store_failed"
    await anna.row("seen")
    assert len(await world.store.entries(Search(event="receipt"))) == 1


async def test_a_receipt_is_kept_though_the_home_goes_while_the_disk_is_full(
    anna: Console, home: Home, world: World
) -> None:
    look = await anna.look(home)
    with full_disk(world):
        await home.receipt(look.look, CloseReason.NOT_SEEN)
        await anna.from_home(wire.Receipt.TYP)
        await home.close()
        await anna.until(lambda one: one["type"] == "home" and one["online"] is False)
    assert (await anna.row("retry_at"))["looks"] == 1


async def test_a_deadline_that_passes_while_the_store_is_locked_is_acted_on_later(
    anna: Console, home: Home, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with locked(world):
        await world.clock.forward(3600)
        await eventually(lambda: "planner waits" in caplog.text)
    await world.clock.forward(2)
    assert (await anna.row("visit"))["cause"] == "missed"


async def test_damage_during_a_look_is_refused_safely_and_the_look_can_be_ended(
    anna: Console, home: Home, world: World
) -> None:
    look = await anna.look(home)
    await world.store._engine.dispose()
    _damage(_file(world))
    await anna.sign(look.look, anna.close_look(look.look, Outcome.SEEN))
    assert (await home.got(wire.Close.TYP)).look == look.look
    assert await anna.refusal() == "store_failed"
    assert await anna.get("/api/queue") == (503, {"error": "store_failed"})
    assert await anna.claim(home) == (503, {"error": "store_failed"})
    async with anna.http.get(world.url + "/health") as response:
        assert response.status == 503


@pytest.mark.parametrize("damage", ["nonsense", "newer", "folder"])
async def test_a_store_that_cannot_be_used_is_not_opened(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "operator.db"
    if damage == "folder":
        path = tmp_path / "missing" / "operator.db"
    else:
        store = SqlStore(path)
        await store.open()
        await store.close()
        if damage == "newer":
            with closing(sqlite3.connect(path)) as db, db:
                db.execute("UPDATE schema_version SET version = 99")
        else:
            _damage(path)
    again = SqlStore(path)
    with pytest.raises(StoreFailed):
        await again.open()
    await again.close()


async def test_of_two_services_on_one_store_only_one_writes_a_row(home: Home, world: World) -> None:
    other = SqlStore(_file(world))
    row = await world.store.planned(home.hub, OCCURRENCE)
    assert row is not None
    entry = [Entry(1, "claimed", "x")]
    won = await asyncio.gather(
        *(one.change(row, replace(row, claimed_by="x"), entry) for one in (world.store, other, world.store, other))
    )
    assert sorted(won) == [False, False, False, True]
    assert len(await world.store.entries(Search(event="claimed", login="x"))) == 1
    await other.close()


async def test_the_file_is_for_the_service_alone(world: World) -> None:
    assert _file(world).stat().st_mode & 0o077 == 0


def _damage(path: Path) -> None:
    """Overwrite all but the header, as a failing disk would."""
    for extra in path.parent.glob(path.name + "-*"):
        extra.unlink()
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xa5" * (len(content) - 100))


def test_the_tables_are_ones_that_postgresql_has_too() -> None:
    for table in tables.metadata.sorted_tables:
        made = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "CREATE TABLE" in made
