"""The tables behind rows.py and queue.Planned, in what SQLite and PostgreSQL both have."""

from dataclasses import fields
from typing import Any, Final, override

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Row,
    String,
    Table,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

SCHEMA: Final = 7
"""Version of these tables; kept in schema_version. migrations.py brings an older store here when it is opened."""

metadata = MetaData()


class Words(TypeDecorator[tuple[str, ...]]):
    """A short list of identifiers, kept as one text with spaces between."""

    impl = String
    cache_ok = True

    @override
    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:
        return " ".join(value or ())

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        return tuple((value or "").split())


class Absent(TypeDecorator[str]):
    """Text where '' is kept as NULL, so that what is not there neither refers to a row nor is the same as another."""

    impl = String
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value or None

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> str:
        return value or ""


def _table(name: str, key: str, *parts: str, links: tuple[ForeignKeyConstraint, ...] = ()) -> Table:
    """``parts``: 'name' is text, 'name~' text or nothing, 'name#' a number, 'name?' true or false, 'name*' words."""
    kinds: dict[str, TypeEngine[Any]] = {"#": BigInteger(), "?": Boolean(), "*": Words(), "~": Absent()}
    columns: list[Column[Any]] = [
        Column(part.rstrip("#?*~"), kinds.get(part[-1], String()), nullable=part[-1] == "~", autoincrement=False)
        for part in parts
    ]
    return Table(name, metadata, *columns, PrimaryKeyConstraint(*key.split()), *links)


def _of_hub() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["hub"], ["hub.hub"])


def _of_user() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["login"], ["person.login"], ondelete="CASCADE")


schema_version = _table("schema_version", "version", "version#")
municipality = _table("municipality", "root", "root", "name", "pinned#")
user = _table("person", "login", "login", "name", "roles*", "units*", "language", "secret")
session = _table("session", "id", "id", "login", "created#", "used#", links=(_of_user(),))
browser = _table("browser", "key", "key", "kid", "login", "asked#", "credential", "expires#", links=(_of_user(),))
passkey = _table(
    "passkey", "kid", "kid", "login", "id", "x", "y", "rp", "origin", "asked#", "chain*", "expires#",
    links=(_of_user(),),
)  # fmt: skip
standing = _table("standing", "kind", "kind", "number#", "token", "chain*", "stored#")
pairing = _table(
    "pairing", "rendezvous",
    "rendezvous", "label", "expires#", "key", "mac", "certificate", "chain*", "login", "replaces",
)  # fmt: skip
hub = _table(
    "hub",
    "hub",
    "hub",
    "key",
    "label",
    "certificate",
    "paired#",
    "seen#",
    "paused?",
    "planned_until#",
    "chain*",
    "replaces",
)
plan = _table(
    "plan", "hub number",
    "hub", "number#", "token", "hash", "unit", "proposed#", "decision", "decided#", "chain*", "sent#",
    links=(_of_hub(),),
)  # fmt: skip
planned = _table(
    "planned", "hub occurrence",
    "hub", "occurrence", "plan#", "unit", "start#", "end#", "retry_seconds#", "max_retries#", "looks#", "first#",
    "retry_at#", "claimed_by", "claim_until#", "look", "opened#", "seconds#", "closed#", "reason", "outcome", "cause",
    "ended", "skipped?", "away#", "version#", links=(_of_hub(),),
)  # fmt: skip
look = _table(
    "look", "look", "look", "hub", "occurrence", "login", "session", "kid", "prepare", "asked#", "request", "opened#",
    "receipt", "turn", links=(_of_hub(),),
)  # fmt: skip
receipt = _table(
    "receipt", "hash", "hash", "hub", "sequence#", "previous", "look", "occurrence", "token", "stored#",
    "gap?", "fork?",
    links=(_of_hub(),),
)  # fmt: skip
keeper_key = _table("keeper_key", "kid", "kid", "key", "seed", "certificate", "made#")
checkpoint = _table("checkpoint", "night", "night", "token", "kid", "size#", "made#")
kept = _table(
    "kept", "receipt", "receipt", "hub", "night", "place#", "noted?",
    links=(
        ForeignKeyConstraint(["receipt"], ["receipt.hash"]),
        ForeignKeyConstraint(["night"], ["checkpoint.night"]),
    ),
)  # fmt: skip
visit = _table(
    "visit", "id", "id", "hub", "plan#", "unit", "cause", "created#", "occurrence~", "asked~", "by", "acknowledged#",
    "arrived#", "finished#", "result", "how", "note",
    links=(
        ForeignKeyConstraint(["hub", "plan"], ["plan.hub", "plan.number"]),
        ForeignKeyConstraint(["hub", "occurrence"], ["planned.hub", "planned.occurrence"]),
    ),
)  # fmt: skip
wishes = _table("wishes", "hub", "hub", "iat#", "token", links=(_of_hub(),))
sleep = _table("sleep", "hub night", "hub", "night", "rating#", "comment", "iat#", links=(_of_hub(),))
entry = Table(
    "entry",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    *(Column(name, String(), nullable=False) for name in ("event", "login", "hub", "occurrence", "look", "code")),
    Column("at", BigInteger(), nullable=False),
)
Index("planned_open", planned.c.ended, planned.c.end)
Index("planned_start", planned.c.start)
Index("planned_claim", planned.c.claimed_by)
Index("receipt_order", receipt.c.hub, receipt.c.sequence)
Index("kept_order", kept.c.night, kept.c.place, unique=True)
Index("kept_untold", kept.c.hub, kept.c.noted)
Index("visit_finished", visit.c.finished)
Index("visit_of", visit.c.hub, visit.c.occurrence, unique=True)
Index("visit_asked", visit.c.hub, visit.c.asked, unique=True)
Index("sleep_night", sleep.c.night)
Index("entry_hub", entry.c.hub, entry.c.id)
Index("entry_login", entry.c.login, entry.c.id)


def values(row: object) -> dict[str, object]:
    """The columns of a row."""
    return {one.name: getattr(row, one.name) for one in fields(row)}  # type: ignore[arg-type]


def read[R](kind: type[R], found: Row[tuple[object, ...]]) -> R:
    """One row as its class; the columns are named as the fields."""
    named = found._mapping  # noqa: SLF001 # SQLAlchemy's public name for it
    return kind(**{one.name: named[one.name] for one in fields(kind)})  # type: ignore[arg-type]
