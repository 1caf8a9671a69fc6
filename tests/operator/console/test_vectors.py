"""The core and the console read the same vectors; here the core, and that the file is what the core makes today."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.identity import PublicKey, hub_certificate, parse, signer
from tillsyn.model import Fallback, Outcome, Role
from tillsyn.wire import STATEMENTS

ROOT = Path(__file__).parents[3]
VECTORS = ROOT / "tests/vectors"
STATIC = ROOT / "addon/operator/operator_service/static"
FILE: dict[str, Any] = json.loads((VECTORS / "statements.json").read_text(encoding="utf-8"))


def named(kind: str) -> list[Any]:
    return [pytest.param(one, id=one.get("name", one.get("x"))) for one in FILE[kind]]


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_vectors", VECTORS / "make_vectors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_what_the_core_makes_today() -> None:
    assert json.loads(json.dumps(maker().vectors())) == FILE, "run tests/vectors/make_vectors.py"


def test_every_statement_has_a_vector() -> None:
    assert {one["typ"] for one in FILE["good"]} == set(STATEMENTS)


@pytest.mark.parametrize("vector", named("good"))
def test_good_token_is_accepted(vector: dict[str, str]) -> None:
    statement = parse(STATEMENTS[vector["typ"]], vector["token"]).verified(PublicKey(vector["key"]))
    assert statement.payload().decode() == vector["payload"]


@pytest.mark.parametrize("vector", named("malformed"))
def test_malformed_token_is_refused(vector: dict[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        parse(STATEMENTS[vector["typ"]], vector["token"])
    assert caught.value.code is Refusal.BAD_MESSAGE


@pytest.mark.parametrize("vector", named("forged"))
def test_forged_token_is_refused(vector: dict[str, str]) -> None:
    parsed = parse(STATEMENTS[vector["typ"]], vector["token"])
    with pytest.raises(Refused) as caught:
        parsed.verified(PublicKey(vector["key"]))
    assert caught.value.code == vector["code"]


def code_of(act: Any) -> str:
    try:
        act()
    except Refused as err:
        return err.code
    return ""


@pytest.mark.parametrize("vector", named("chains"))
def test_chain(vector: dict[str, Any]) -> None:
    root = PublicKey(FILE["root"])
    assert code_of(lambda: signer(root, vector["chain"], vector["now"])) == vector["code"]


@pytest.mark.parametrize("vector", named("certificates"))
def test_hub_certificate(vector: dict[str, Any]) -> None:
    root, hub = PublicKey(FILE["root"]), PublicKey(vector["hub"])
    assert code_of(lambda: hub_certificate(root, vector["token"], hub, vector["now"])) == vector["code"]


@pytest.mark.parametrize("vector", named("keys"))
def test_thumbprint(vector: dict[str, str]) -> None:
    if vector["kid"]:
        assert PublicKey(vector["x"]).kid == vector["kid"]
    else:
        assert code_of(lambda: PublicKey(vector["x"])) == Refusal.BAD_MESSAGE


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("REFUSALS", Refusal),
        ("CLOSE_REASONS", CloseReason),
        ("OUTCOMES", Outcome),
        ("ROLES", Role),
        ("FALLBACKS", Fallback),
    ],
)
def test_the_console_knows_the_same_codes(name: str, kind: type[Any]) -> None:
    source = (STATIC / "codes.js").read_text(encoding="utf-8")
    found = re.search(rf"export const {name} = .*?\(\[(.*?)\]\)", source, re.DOTALL)
    assert found is not None
    assert re.findall(r'"([a-z_]+)"', found[1]) == [one.value for one in kind]
