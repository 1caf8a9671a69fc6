"""Signatures and headers as an attacker would make them, and another library (joserfc) as the judge of our reading."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey

from tillsyn.errors import Refusal, Refused
from tillsyn.identity import PublicKey, SigningKey, parse
from tillsyn.model import Outcome
from tillsyn.strict import b64u_decode, b64u_encode
from tillsyn.wire import Close

VECTORS = Path(__file__).parents[1] / "vectors"
GOOD: list[dict[str, str]] = json.loads((VECTORS / "statements.json").read_text(encoding="utf-8"))["good"]
ED25519: list[dict[str, Any]] = json.loads((VECTORS / "ed25519.json").read_text(encoding="utf-8"))

OPERATOR = SigningKey.from_seed(b"\x21" * 32)
SAID = Close("A" * 22, Outcome.SEEN, 1_795_000_000)
HEADER = {"alg": "Ed25519", "kid": OPERATOR.public.kid, "typ": Close.TYP}
KEY = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": OPERATOR.public.x, "d": b64u_encode(OPERATOR.seed())})
ANY_ALGORITHM = ["none", "HS256", "EdDSA", "ES256", "Ed25519"]


# ---- signatures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [pytest.param(one, id=one["why"]) for one in ED25519])
def test_a_signature_holds_only_where_it_must(case: dict[str, Any]) -> None:
    def check() -> None:
        PublicKey(case["key"]).check(b64u_decode(case["signature"]), b64u_decode(case["message"]))

    if case["holds"]:
        check()
    else:
        with pytest.raises(Refused):
            check()


def test_the_file_is_what_its_maker_makes_today() -> None:
    made = runpy.run_path(str(VECTORS / "make_ed25519.py"))["vectors"]()
    assert made == ED25519, "run tests/vectors/make_ed25519.py"


# ---- their library on our tokens, and ours on theirs ---------------------------------------------------------------


@pytest.mark.parametrize("vector", [pytest.param(one, id=one["name"]) for one in GOOD if one["token"].count(".") == 2])
def test_what_we_accept_another_library_accepts(vector: dict[str, str]) -> None:
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": vector["key"]})
    found = jws.deserialize_compact(vector["token"], key, algorithms=["Ed25519"])
    assert found.payload == vector["payload"].encode()
    assert key.thumbprint() == PublicKey(vector["key"]).kid


def test_what_another_library_signs_is_accepted() -> None:
    token = jws.serialize_compact(HEADER, SAID.payload(), KEY, algorithms=["Ed25519"])
    assert parse(Close, token).verified(OPERATOR.public) == SAID


def _signed(header: dict[str, Any], key: Any = KEY) -> str:
    registry = jws.JWSRegistry(algorithms=ANY_ALGORITHM, strict_check_header=False)
    return jws.serialize_compact(header, SAID.payload(), key, registry=registry)


GAMES: dict[str, Any] = {
    "alg none": lambda: _signed({**HEADER, "alg": "none"}, None),
    "alg HS256 with the public key as secret": lambda: _signed(
        {**HEADER, "alg": "HS256"}, OctKey.import_key(b64u_decode(OPERATOR.public.x))
    ),
    "alg EdDSA by the right key": lambda: _signed({**HEADER, "alg": "EdDSA"}),
    "alg ES256 by another key": lambda: _signed({**HEADER, "alg": "ES256"}, ECKey.generate_key("P-256")),
    "alg in small letters": lambda: _signed_raw('{"alg":"ed25519","kid":"%s","typ":"tk-close"}'),
    "the key comes along in the header": lambda: _signed({**HEADER, "jwk": KEY.as_dict(private=False)}),
    "an address of keys in the header": lambda: _signed({**HEADER, "jku": "https://evil.invalid/keys"}),
    "critical extension": lambda: _signed_raw('{"alg":"Ed25519","crit":["exp"],"exp":1,"kid":"%s","typ":"tk-close"}'),
    "payload not in base64url": lambda: _signed_raw('{"alg":"Ed25519","b64":false,"kid":"%s","typ":"tk-close"}'),
    "alg named twice, the last right": lambda: _signed_raw(
        '{"alg":"none","alg":"Ed25519","kid":"%s","typ":"tk-close"}'
    ),
    "kid named twice": lambda: _signed_raw('{"alg":"Ed25519","kid":"x","kid":"%s","typ":"tk-close"}'),
    "another type": lambda: _signed({**HEADER, "typ": "tk-look"}),
    "no type": lambda: _signed({"alg": "Ed25519", "kid": OPERATOR.public.kid}),
    "deep nesting": lambda: _signed_raw('{"alg":"Ed25519","kid":"%s","typ":' + "[" * 50 + "]" * 50 + "}"),
    "a longer header": lambda: _signed_raw('{"alg":"Ed25519","kid":"%s","typ":"tk-close"' + " " * 200 + "}"),
    "a zero-width letter in alg": lambda: _signed_raw('{"alg":"Ed\u200b25519","kid":"%s","typ":"tk-close"}'),
    "alg with letters of another script": lambda: _signed_raw('{"alg":"\u0415d25519","kid":"%s","typ":"tk-close"}'),
    "a byte order mark": lambda: _signed_raw('\ufeff{"alg":"Ed25519","kid":"%s","typ":"tk-close"}'),
}


def _signed_raw(header: str) -> str:
    """Any header, signed for real by the right key."""
    written = header.replace("%s", OPERATOR.public.kid).encode()
    signed = f"{b64u_encode(written)}.{b64u_encode(SAID.payload())}"
    return f"{signed}.{b64u_encode(OPERATOR._key.sign(signed.encode()))}"


def test_the_right_header_made_the_same_way_is_accepted() -> None:
    token = _signed_raw('{"alg":"Ed25519","kid":"%s","typ":"tk-close"}')
    assert parse(Close, token).verified(OPERATOR.public) == SAID


@pytest.mark.parametrize("name", GAMES)
def test_a_game_with_the_header_is_refused(name: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(Close, GAMES[name]()).verified(OPERATOR.public)
    assert caught.value.code is Refusal.BAD_MESSAGE


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token + "=",
        lambda token: token + ".",
        lambda token: " " + token,
        lambda token: token + "\n",
        lambda token: token.replace(".", "..", 1),
        lambda token: ".".join((*token.split(".")[:2], "")),
        lambda token: token.replace("-", "+").replace("_", "/") + "+",
        lambda token: token[:-1] + chr(ord(token[-1]) + 1),
    ],
    ids=[
        "padding",
        "a fourth part",
        "space",
        "line end",
        "empty part",
        "no signature",
        "the other alphabet",
        "loose bits",
    ],
)
def test_a_token_written_in_another_way_is_refused(change: Any) -> None:
    token = _signed_raw('{"alg":"Ed25519","kid":"%s","typ":"tk-close"}')
    with pytest.raises(Refused):
        parse(Close, change(token)).verified(OPERATOR.public)
