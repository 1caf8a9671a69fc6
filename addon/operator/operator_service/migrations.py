"""Brings a store of an earlier version to the present tables, in the transaction that opens it: all of it or nothing.

Each step is written out as it was, so that tables.py may go on changing.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, insert, inspect, select, text, update

from . import tables
from .problems import StoreFailed

# Wishes and sleep are new. A visit need not come of a planned look; it names the plan whose actions it follows.
_TO_2: Final = """
ALTER TABLE planned ADD COLUMN skipped BOOLEAN NOT NULL DEFAULT 0;
ALTER TABLE planned ADD COLUMN away BIGINT NOT NULL DEFAULT 0;
ALTER TABLE look ADD COLUMN turn VARCHAR NOT NULL DEFAULT '';
CREATE TABLE wishes (
    hub VARCHAR NOT NULL, iat BIGINT NOT NULL, token VARCHAR NOT NULL,
    PRIMARY KEY (hub), FOREIGN KEY (hub) REFERENCES hub (hub));
CREATE TABLE sleep (
    hub VARCHAR NOT NULL, night VARCHAR NOT NULL, rating BIGINT NOT NULL, comment VARCHAR NOT NULL, iat BIGINT NOT NULL,
    PRIMARY KEY (hub, night), FOREIGN KEY (hub) REFERENCES hub (hub));
CREATE INDEX sleep_night ON sleep (night);
DROP INDEX visit_finished;
DROP INDEX visit_of;
ALTER TABLE visit RENAME TO visit_1;
CREATE TABLE visit (
    id VARCHAR NOT NULL, hub VARCHAR NOT NULL, plan BIGINT NOT NULL, unit VARCHAR NOT NULL, cause VARCHAR NOT NULL,
    created BIGINT NOT NULL, occurrence VARCHAR, asked VARCHAR, by VARCHAR NOT NULL, acknowledged BIGINT NOT NULL,
    arrived BIGINT NOT NULL, finished BIGINT NOT NULL, result VARCHAR NOT NULL, how VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY (hub, plan) REFERENCES plan (hub, number),
    FOREIGN KEY (hub, occurrence) REFERENCES planned (hub, occurrence));
INSERT INTO visit SELECT old.id, old.hub, planned.plan, old.unit, old.cause, old.created, old.occurrence, NULL, old.by,
    old.acknowledged, 0, old.finished, old.result, old.how, old.note
    FROM visit_1 AS old JOIN planned ON planned.hub = old.hub AND planned.occurrence = old.occurrence;
DROP TABLE visit_1;
CREATE INDEX visit_finished ON visit (finished);
CREATE UNIQUE INDEX visit_of ON visit (hub, occurrence);
CREATE UNIQUE INDEX visit_asked ON visit (hub, asked)
"""
# People's passkeys, and what the root has said for all homes.
_TO_3: Final = """
CREATE TABLE passkey (
    kid VARCHAR NOT NULL, login VARCHAR NOT NULL, id VARCHAR NOT NULL, x VARCHAR NOT NULL, y VARCHAR NOT NULL,
    rp VARCHAR NOT NULL, origin VARCHAR NOT NULL, asked BIGINT NOT NULL, chain VARCHAR NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (kid), FOREIGN KEY (login) REFERENCES person (login) ON DELETE CASCADE);
CREATE TABLE standing (
    kind VARCHAR NOT NULL, number BIGINT NOT NULL, token VARCHAR NOT NULL, chain VARCHAR NOT NULL,
    stored BIGINT NOT NULL,
    PRIMARY KEY (kind))
"""
# Who vouches for the installer that signed a hub's certificate (until then the root signed them all), and whose a
# pairing is.
_TO_4: Final = """
ALTER TABLE pairing ADD COLUMN chain VARCHAR NOT NULL DEFAULT '';
ALTER TABLE pairing ADD COLUMN login VARCHAR NOT NULL DEFAULT '';
ALTER TABLE hub ADD COLUMN chain VARCHAR NOT NULL DEFAULT ''
"""
# Who vouches for the planner that signed a plan (until then the root signed them all), and when it was sent.
_TO_5: Final = """
ALTER TABLE plan ADD COLUMN chain VARCHAR NOT NULL DEFAULT '';
ALTER TABLE plan ADD COLUMN sent BIGINT NOT NULL DEFAULT 0
"""
# The key for checkpoints, what it has signed, and which receipts are in it.
_TO_6: Final = """
CREATE TABLE keeper_key (
    kid VARCHAR NOT NULL, key VARCHAR NOT NULL, seed VARCHAR NOT NULL, certificate VARCHAR NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (kid));
CREATE TABLE checkpoint (
    night VARCHAR NOT NULL, token VARCHAR NOT NULL, kid VARCHAR NOT NULL, size BIGINT NOT NULL, made BIGINT NOT NULL,
    PRIMARY KEY (night));
CREATE TABLE kept (
    receipt VARCHAR NOT NULL, hub VARCHAR NOT NULL, night VARCHAR NOT NULL, place BIGINT NOT NULL,
    noted BOOLEAN NOT NULL,
    PRIMARY KEY (receipt), FOREIGN KEY (receipt) REFERENCES receipt (hash),
    FOREIGN KEY (night) REFERENCES checkpoint (night));
CREATE UNIQUE INDEX kept_order ON kept (night, place);
CREATE INDEX kept_untold ON kept (hub, noted)
"""
# Which hub another one replaces, as somebody has said; until then all went by the label.
_TO_7: Final = """
ALTER TABLE pairing ADD COLUMN replaces VARCHAR NOT NULL DEFAULT '';
ALTER TABLE hub ADD COLUMN replaces VARCHAR NOT NULL DEFAULT '';
UPDATE hub SET replaces = COALESCE((SELECT old.hub FROM hub AS old
    WHERE old.label = hub.label AND old.paired < hub.paired ORDER BY old.paired DESC LIMIT 1), '')
"""
_TO_NEXT: Final[Mapping[int, str]] = {1: _TO_2, 2: _TO_3, 3: _TO_4, 4: _TO_5, 5: _TO_6, 6: _TO_7}
"""From the version in the key to the next."""


def bring_up(db: Connection) -> None:
    """Make the tables, or change those of an earlier version. Raises StoreFailed where they are newer than we know."""
    made = inspect(db).has_table(tables.schema_version.name)
    found = db.execute(select(tables.schema_version.c.version)).scalar() if made else None
    if found is None:
        tables.metadata.create_all(db)
        db.execute(insert(tables.schema_version).values(version=tables.SCHEMA))
        return
    if found > tables.SCHEMA:
        raise StoreFailed(f"the store has schema {found}, this program knows {tables.SCHEMA}")
    for version in range(found, tables.SCHEMA):
        for statement in _TO_NEXT[version].split(";"):
            db.execute(text(statement))
    if found < tables.SCHEMA:
        db.execute(update(tables.schema_version).values(version=tables.SCHEMA))
