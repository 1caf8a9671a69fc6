"""docs/threat-model.md names tests that exist, one at least for each promise."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")


@cache
def functions() -> frozenset[str]:
    found = set[str]()
    for path in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    return frozenset(found)


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", TEXT))
    assert len(named) > 50
    assert named - functions() == set()


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[a-z_/]+\.py)`", TEXT))
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_every_promise_has_a_test() -> None:
    rows = [row for row in TEXT.splitlines() if re.match(r"\| P\d ", row)]
    assert [row[2:4] for row in rows] == [f"P{number}" for number in range(1, 8)]
    assert all("test_" in row.split("|")[4] for row in rows)
