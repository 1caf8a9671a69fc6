"""docs/protocol.md describes every signed statement, field by field."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tillsyn.frames import Bridge, LinkLogin, Pair, Paired, PairingResult, StartPairing
from tillsyn.identity import PairingCode
from tillsyn.wire import STATEMENTS, Connection, Credential, Delegation, Statement
from tillsyn.wire_people import _PASSKEY_SHAPE

ROOT = Path(__file__).parents[2]
SECTIONS = {
    found.partition(" ")[0].strip(): found
    for found in re.split(r"^#{2,3} ", (ROOT / "docs/protocol.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
}


@pytest.mark.parametrize("kind", [*STATEMENTS.values(), Delegation], ids=lambda kind: kind.TYP)
def test_a_statement_is_described_field_by_field(kind: type[Statement]) -> None:
    told = set(re.findall(r"`([a-z_]+)`", SECTIONS[kind.TYP]))
    assert set(kind.SHAPE.fields) - told == set()


def test_every_part_of_a_passkey_is_described() -> None:
    told = set(re.findall(r"`passkey\.([a-z]+)`", SECTIONS[Credential.TYP]))
    assert told == set(_PASSKEY_SHAPE.fields)


def test_the_connection_is_described() -> None:
    assert [one.name for one in fields(Connection) if f"`{one.name}`" not in SECTIONS["tk-answer"]] == []


def test_nothing_is_described_that_there_is_not() -> None:
    assert {name for name in SECTIONS if name.startswith("tk-")} == {*STATEMENTS, Delegation.TYP}


@pytest.mark.parametrize("kind", [StartPairing, Pair, Paired, PairingResult, Bridge, LinkLogin, PairingCode])
def test_pairing_is_described_field_by_field(kind: type) -> None:
    told = (ROOT / "docs/protocol.md").read_text(encoding="utf-8").partition("## Pairing\n")[2].partition("\n## ")[0]
    assert [one.name for one in fields(kind) if f"`{one.name}`" not in told] == []
    assert f"`{getattr(kind, 'TYPE', 'policy')}`" in told
