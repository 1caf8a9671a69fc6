"""A store of each earlier version is brought up to the present one, with all that is in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from operator_service import migrations, tables
from operator_service.problems import StoreFailed
from operator_service.rows import Visit
from operator_service.sql_work import SqlStore
from tests.operator.peers import OCCURRENCE, START, MovedClock, serve
from tillsyn.identity import SigningKey

OLD = Path(__file__).parent / "schema_1.sql"
"""What the first version had written after a night's beginning: three homes, one look, two visits."""


def _old(folder: Path) -> Path:
    path = folder / "operator.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(OLD.read_text(encoding="utf-8"))
    return path


def _shape(path: Path) -> dict[str, object]:
    """Every table's columns and links, and every index."""
    with closing(sqlite3.connect(path)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: dict[str, object] = {
            name: (
                {(one[1], one[2], one[3], one[5]) for one in db.execute(f"PRAGMA table_info({name})")},
                {one[2:5] for one in db.execute(f"PRAGMA foreign_key_list({name})")},
            )
            for name in names
        }
        found["indices"] = {
            (name, table, tuple(one[2] for one in db.execute(f"PRAGMA index_info({name})")))
            for name, table in db.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'")
            if not name.startswith("sqlite_")
        }
        return found


async def test_a_store_of_version_1_is_brought_up_with_its_visits(tmp_path: Path) -> None:
    store = SqlStore(_old(tmp_path))
    await store.open()
    visits = {one.cause: one for one in await store.visits(0)}
    rows = {(one.hub, one.cause): one for one in await store.unended()}
    assert set(visits) == {"needs_help", "operator"}
    hub = visits["needs_help"].hub
    assert visits["needs_help"] == Visit(
        "c5036289faf25c26", hub, 1, "nord", "needs_help", START, OCCURRENCE, by="anna", acknowledged=START
    )
    assert (rows[hub, "needs_help"].looks, rows[hub, "needs_help"].skipped, rows[hub, "needs_help"].away) == (
        1,
        False,
        0,
    )
    assert await store.all_wishes() == []
    plan = await store.newest_plan(hub)
    assert plan is not None
    assert (plan.number, plan.chain, plan.sent) == (1, (), 0)  # the root signed them all
    await store.close()
    with closing(sqlite3.connect(tmp_path / "operator.db")) as db:
        assert db.execute("SELECT version FROM schema_version").fetchall() == [(tables.SCHEMA,)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_the_tables_are_the_same_as_in_a_new_store(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    old, new = SqlStore(_old(tmp_path)), SqlStore(tmp_path / "new" / "operator.db")
    for store in (old, new, old):  # the second time there is nothing to do
        await store.open()
        await store.close()
    assert _shape(tmp_path / "operator.db") == _shape(tmp_path / "new" / "operator.db")


async def test_the_service_goes_on_with_it(tmp_path: Path) -> None:
    path = _old(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM municipality")
    world = await serve(tmp_path, SigningKey.generate(), MovedClock(START + 3600))
    anna = await world.console("anna", "operator", "patrol")
    await world.service.planner.round()
    _, found = await anna.get("/api/visits")
    assert {(one["cause"], one["state"]) for one in found["visits"]} == {  # type: ignore[union-attr,index,call-overload]
        ("needs_help", "acknowledged"), ("operator", "open"), ("missed", "open"),
    }  # fmt: skip
    await anna.close()
    await world.stop()


async def test_a_fault_on_the_way_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _old(tmp_path)
    before = _shape(path)
    monkeypatch.setattr(migrations, "_TO_NEXT", {1: migrations._TO_2 + "; nonsense"})
    store = SqlStore(path)
    with pytest.raises(StoreFailed):
        await store.open()
    await store.close()
    assert _shape(path) == before
