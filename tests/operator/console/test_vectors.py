"""The core and the console read the same vectors; here the core, and that the file is what the core makes today."""

import importlib.util
import json
import re
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tillsyn import words
from tillsyn.admission import Home, check_plan
from tillsyn.chain import (
    Signer,
    Trust,
    check_policy,
    check_revocations,
    hub_certificate,
    parse_delegation,
    signer,
)
from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.identity import PairingCode, PublicKey, parse
from tillsyn.model import Fallback, Outcome, Role
from tillsyn.passkey import thumbprint
from tillsyn.wire import STATEMENTS, Passkey, Policy, Revocations
from tillsyn.wire_people import STRICTEST

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
    assert json.loads(json.dumps(maker().vectors())) == FILE, "run python -m tests.vectors.make_vectors"


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


def trusted(vector: dict[str, Any]) -> Trust:
    policy, listed = vector["policy"], vector["revocations"]
    return Trust(
        Policy(**policy) if policy else STRICTEST,
        Revocations(**listed | {"revoked": tuple(listed["revoked"])}) if listed else None,
    )


@pytest.mark.parametrize("vector", named("chains"))
def test_chain(vector: dict[str, Any]) -> None:
    def made() -> Signer:
        return signer(PublicKey(FILE["root"]), trusted(vector), vector["chain"], vector["now"])

    assert code_of(made) == vector["code"]
    if not vector["code"]:
        who = made()
        assert (who.operator.kid, who.key.kid, sorted(who.kids)) == (
            vector["person"],
            vector["session"],
            vector["kids"],
        )


@pytest.mark.parametrize("vector", named("delegations"))
def test_delegation(vector: dict[str, str]) -> None:
    assert code_of(lambda: parse_delegation(vector["token"])) == vector["code"]


@pytest.mark.parametrize("vector", [pytest.param(one, id=one["kid"]) for one in FILE["passkeys"]])
def test_thumbprint_of_a_passkey(vector: dict[str, Any]) -> None:
    assert thumbprint(Passkey(**vector["passkey"])) == vector["kid"]


@pytest.mark.parametrize("vector", named("policies"))
def test_policy(vector: dict[str, Any]) -> None:
    root, trust = PublicKey(FILE["root"]), trusted(vector)
    assert code_of(lambda: check_policy(root, trust, 0, vector["token"], vector["now"])) == vector["code"]


@pytest.mark.parametrize("vector", named("revocations"))
def test_revocations(vector: dict[str, Any]) -> None:
    root, trust, token, chain = PublicKey(FILE["root"]), trusted(vector), vector["token"], vector["chain"]
    assert code_of(lambda: check_revocations(root, trust, token, chain, vector["now"])) == vector["code"]


@pytest.mark.parametrize("vector", named("certificates"))
def test_hub_certificate(vector: dict[str, Any]) -> None:
    root, hub, token, chain = PublicKey(FILE["root"]), PublicKey(vector["hub"]), vector["token"], vector["chain"]
    assert code_of(lambda: hub_certificate(root, Trust(), token, chain, hub, vector["now"])) == vector["code"]
    assert code_of(lambda: hub_certificate(root, None, token, chain, hub, vector["now"])) == vector["at_home"]


@pytest.mark.parametrize("vector", named("plans"))
def test_plan(vector: dict[str, Any]) -> None:
    home = Home(PublicKey(FILE["root"]), PublicKey(vector["hub"]))
    trust, token, chain = trusted(vector), vector["token"], vector["chain"]
    assert code_of(lambda: check_plan(home, trust, 0, token, chain, vector["now"])) == vector["code"]


@pytest.mark.parametrize("vector", named("keys"))
def test_thumbprint(vector: dict[str, str]) -> None:
    if vector["kid"]:
        assert PublicKey(vector["x"]).kid == vector["kid"]
    else:
        assert code_of(lambda: PublicKey(vector["x"])) == Refusal.BAD_MESSAGE


@pytest.mark.parametrize("vector", FILE["pairings"], ids=["over TLS", "at home"])
def test_pairing_code(vector: dict[str, Any]) -> None:
    code, hub = PairingCode.decode(vector["code"]), PublicKey(vector["hub"])
    assert asdict(code) == {name: vector[name] for name in ("url", "root", "secret", "label", "policy")}
    assert code.rendezvous == vector["rendezvous"]
    assert code.accepts(hub, vector["mac"])
    assert [words.ENGLISH[one] for one in code.words(hub)] == vector["words"]


def test_the_console_shows_the_same_words_as_homes() -> None:
    source = (STATIC / "pairing-words.js").read_text(encoding="utf-8")
    found = [tuple(one.split()) for one in re.findall(r"`([^`]+)`", source)]
    assert found == [words.SWEDISH, words.ENGLISH]


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
