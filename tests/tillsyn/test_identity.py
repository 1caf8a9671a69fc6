"""Signatures, keys and the chain from the root: named after what an attacker would try."""

import json
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from tests.tillsyn.made import (
    HUB,
    NOW,
    OPERATOR,
    STRANGER,
    payload_of,
    signed_parts,
    talk,
    token,
)
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import (
    PairingCode,
    PublicKey,
    SigningKey,
    digest,
    parse,
    typ_of,
)
from tillsyn.strict import b64u_decode, b64u_encode, dump
from tillsyn.wire import Close, Look, Prepare

ASKED = talk().asked
HEAD = {"alg": "Ed25519", "kid": OPERATOR.public.kid, "typ": "tk-look"}


def refuses(code: Refusal, call: Any, *arguments: Any) -> None:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    assert caught.value.code is code


def test_a_signed_statement_is_believed() -> None:
    parsed = parse(Look, OPERATOR.sign(ASKED))
    assert parsed.verified(OPERATOR.public) == ASKED
    assert parsed.hash == digest(parsed.token)


def test_the_thumbprint_is_that_of_rfc_8037() -> None:
    key = PublicKey("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"alg": "none"}, id="alg none"),
        pytest.param({"alg": "HS256"}, id="alg HS256"),
        pytest.param({"alg": "EdDSA"}, id="alg EdDSA, which leaves the curve open"),
        pytest.param({"alg": "ed25519"}, id="alg in small letters"),
        pytest.param({"alg": "Ed25519 "}, id="alg with a space"),
        pytest.param({"alg": ["Ed25519"]}, id="alg as a list"),
        pytest.param({"alg": None}, id="no alg"),
        pytest.param({"kid": None}, id="no kid"),
        pytest.param({"typ": None}, id="no typ"),
        pytest.param({"kid": "operator"}, id="a kid of another form"),
        pytest.param({"jwk": {"kty": "OKP"}}, id="brings its own key"),
        pytest.param({"jku": "https://example.org"}, id="says where to fetch the key"),
        pytest.param({"crit": ["exp"]}, id="crit"),
        pytest.param({"b64": False}, id="unencoded payload"),
        pytest.param({"typ": "tk-prepare"}, id="typ of another statement"),
        pytest.param({"typ": "tk-admin"}, id="typ that does not exist"),
        pytest.param({"typ": "TK-LOOK"}, id="typ in capitals"),
        pytest.param({"kid": "A" * 200}, id="a long header"),
    ],
)
def test_other_header_is_refused(header: dict[str, Any]) -> None:
    refuses(Refusal.BAD_MESSAGE, parse, Look, token(ASKED, **header))


def test_header_with_a_key_twice_is_refused() -> None:
    header = json.dumps(HEAD)[:-1] + ',"alg":"Ed25519"}'
    refuses(Refusal.BAD_MESSAGE, parse, Look, signed_parts(header.encode(), ASKED.payload()))


def test_a_statement_cannot_pass_for_another() -> None:
    """Prepare and look share most fields; only the signed typ tells them apart."""
    prepare = Prepare(ASKED.look, ASKED.hub, 3, ASKED.occurrence, NOW, NOW + 30)
    refuses(Refusal.BAD_MESSAGE, parse, Look, OPERATOR.sign(prepare))
    refuses(Refusal.BAD_MESSAGE, parse, Look, token(prepare, typ="tk-look"))


def test_a_kind_that_is_not_registered_is_refused() -> None:
    class Fake(Look):
        """Reads the same, and is no statement of ours."""

    refuses(Refusal.BAD_MESSAGE, parse, Fake, OPERATOR.sign(ASKED))


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{}", id="no fields"),
        pytest.param(ASKED.payload()[:-1] + b',"look":"x"}', id="a field twice"),
        pytest.param(ASKED.payload()[:-1] + b',"x":1}', id="an extra field"),
        pytest.param(ASKED.payload().replace(b'"plan":3', b'"plan":3.0'), id="a fraction"),
        pytest.param(ASKED.payload().replace(b'"plan":3', b'"plan":' + b"[" * 99 + b"]" * 99), id="deep nesting"),
        pytest.param(b" " * 2049, id="oversize"),
        pytest.param(b"\xff" + ASKED.payload(), id="not UTF-8"),
    ],
)
def test_other_payload_is_refused(payload: bytes) -> None:
    refuses(Refusal.BAD_MESSAGE, parse, Look, token(payload))


def test_what_a_token_claims_to_be_can_be_asked_first() -> None:
    assert typ_of(OPERATOR.sign(ASKED)) == "tk-look"
    assert typ_of(token(ASKED, typ="tk-plan")) == "tk-plan", "only a claim, until it is parsed as one"
    for rubbish in ("", ".", "e30.e30.e30", "tk-delegation.A.A.A.A", token(ASKED, alg="none"), "\ud800.A.A"):
        refuses(Refusal.BAD_MESSAGE, typ_of, rubbish)


def _parts() -> list[str]:
    return OPERATOR.sign(ASKED).split(".")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda h, p, s: f"{h}.{p}.{s}=", id="padding"),
        pytest.param(lambda h, p, s: f"{h}.{p}.{s}==", id="more padding"),
        pytest.param(lambda h, p, s: f"{h}.{p}.{s}\n", id="newline at the end"),
        pytest.param(lambda h, p, s: f" {h}.{p}.{s}", id="space in front"),
        pytest.param(lambda h, p, s: f"{h}.{p}.", id="no signature"),
        pytest.param(lambda h, p, s: f"{h}.{p}", id="two parts"),
        pytest.param(lambda h, p, s: f"{h}.{p}.{s}.{s}", id="four parts"),
        pytest.param(lambda h, p, s: f"{h}.{p}.{s}.", id="an empty fourth part"),
        pytest.param(lambda h, p, s: f"..{s}", id="only a signature"),
        pytest.param(lambda h, p, s: f"{h}.{p}.{s[:-2]}", id="a short signature"),
        pytest.param(lambda h, p, s: f"{h}.{p}.{s}AAAA", id="a long signature"),
        pytest.param(lambda h, p, s: f"{h}.{p}.{s[:-1]}{chr(ord(s[-1]) + 1)}", id="loose trailing bits"),
        pytest.param(lambda h, p, s: f"{h}.{p.replace('A', 'Å', 1)}.{s}", id="a letter beyond ASCII"),
        pytest.param(lambda h, p, s: f"{h}.{p}.\ud800{s[1:]}", id="half a surrogate pair"),
        pytest.param(lambda h, p, s: f"{h}.{'A' * 6000}.{s}", id="oversize"),
    ],
)
def test_other_form_of_a_token_is_refused(change: Any) -> None:
    refuses(Refusal.BAD_MESSAGE, parse, Look, change(*_parts()))


def test_swapped_signature_is_refused() -> None:
    header, payload, _ = _parts()
    other = OPERATOR.sign(Close(ASKED.look, "seen", NOW)).split(".")[2]  # type: ignore[arg-type]
    refuses(Refusal.BAD_SIGNATURE, parse(Look, f"{header}.{payload}.{other}").verified, OPERATOR.public)


def test_changed_payload_is_refused() -> None:
    header, payload, signature = _parts()
    changed = b64u_encode(b64u_decode(payload).replace(b'"plan":3', b'"plan":4'))
    refuses(Refusal.BAD_SIGNATURE, parse(Look, f"{header}.{changed}.{signature}").verified, OPERATOR.public)


def test_changed_header_is_refused() -> None:
    _, payload, signature = _parts()
    spaced = b64u_encode(json.dumps(HEAD).encode())
    refuses(Refusal.BAD_SIGNATURE, parse(Look, f"{spaced}.{payload}.{signature}").verified, OPERATOR.public)


def test_malleable_signature_is_refused() -> None:
    """S plus the group order signs the same message where a verifier does not look (RFC 8032 5.1.7)."""
    header, payload, signature = _parts()
    raw = b64u_decode(signature)
    order = 2**252 + 27742317777372353535851937790883648493
    greater = int.from_bytes(raw[32:], "little") + order
    bent = b64u_encode(raw[:32] + greater.to_bytes(32, "little"))
    refuses(Refusal.BAD_SIGNATURE, parse(Look, f"{header}.{payload}.{bent}").verified, OPERATOR.public)


def test_foreign_key_is_refused() -> None:
    refuses(Refusal.UNKNOWN_SIGNER, parse(Look, STRANGER.sign(ASKED)).verified, OPERATOR.public)


def test_foreign_key_under_a_trusted_name_is_refused() -> None:
    forged = token(ASKED, STRANGER, kid=OPERATOR.public.kid)
    refuses(Refusal.BAD_SIGNATURE, parse(Look, forged).verified, OPERATOR.public)


def test_mutated_token_is_never_accepted() -> None:
    whole = OPERATOR.sign(ASKED)
    accepted = []
    for place in range(len(whole)):
        for letter in "A_.=\n":
            changed = whole[:place] + letter + whole[place + 1 :]
            if changed != whole and _accepts(changed):
                accepted.append((place, letter))
    assert accepted == []


def _accepts(changed: str) -> bool:
    try:
        parse(Look, changed).verified(OPERATOR.public)
    except Refused:
        return False
    return True


@pytest.mark.parametrize("length", [0, 31, 33])
def test_key_of_another_length_is_refused(length: int) -> None:
    refuses(Refusal.BAD_MESSAGE, PublicKey, b64u_encode(b"\x07" * length))


SMALL_ORDER = [
    "00" * 32,
    "01" + "00" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
]


@pytest.mark.parametrize("sign", [0, 0x80], ids=["even", "odd"])
@pytest.mark.parametrize("point", SMALL_ORDER)
def test_weak_key_under_which_anyone_can_sign_is_refused(point: str, sign: int) -> None:
    raw = bytearray.fromhex(point)
    raw[31] |= sign
    refuses(Refusal.BAD_MESSAGE, PublicKey, b64u_encode(bytes(raw)))


def test_the_library_does_not_refuse_weak_keys_by_itself() -> None:
    identity = bytes([1]) + bytes(31)
    Ed25519PublicKey.from_public_bytes(identity).verify(identity + bytes(32), b"never signed by anyone")


def test_a_key_that_is_no_point_verifies_nothing() -> None:
    refuses(Refusal.BAD_SIGNATURE, PublicKey(b64u_encode(b"\x02" + bytes(31))).check, bytes(64), b"x")


def test_a_key_is_kept_by_its_seed() -> None:
    fresh = SigningKey.generate()
    assert SigningKey.from_seed(fresh.seed()).public == fresh.public
    assert fresh.public != SigningKey.generate().public
    with pytest.raises(ValueError, match="32"):
        SigningKey.from_seed(b"short")


# ---- pairing --------------------------------------------------------------------------------------------------------

CODE = PairingCode("wss://tillsyn.example:8443/hub", digest("root"), digest("secret"), "Kungsbacka")


def test_a_pairing_code_survives_typing() -> None:
    packed = CODE.encode()
    assert PairingCode.decode(packed) == CODE
    assert PairingCode.decode(f"  {packed[:20]}\n{packed[20:40]} {packed[40:]}\t") == CODE


def test_the_longest_pairing_code_can_be_read() -> None:
    longest = PairingCode("wss://" + "x" * 253 + "/" + "y" * 100, CODE.root, CODE.secret, "小" * 80)
    assert PairingCode.decode(longest.encode()) == longest


def _pack(**changes: Any) -> str:
    return "TK1." + b64u_encode(
        dump({"url": CODE.url, "root": CODE.root, "secret": CODE.secret, "label": "x", "policy": 0} | changes)
    )


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("", id="nothing"),
        pytest.param("TK2." + CODE.encode()[4:], id="another version"),
        pytest.param(CODE.encode().lower(), id="small letters"),
        pytest.param(CODE.encode()[:-4], id="cut off"),
        pytest.param(CODE.encode() + "=", id="padding"),
        pytest.param("TK1." + "A" * 2000, id="oversize"),
        pytest.param(_pack(url="http://tillsyn.example"), id="another scheme"),
        pytest.param(_pack(url="wss://user@tillsyn.example"), id="a login in the address"),
        pytest.param(_pack(url="wss://tillsyn.example/?x=1"), id="a query in the address"),
        pytest.param(_pack(root="short"), id="a short root hash"),
        pytest.param(_pack(secret="A" * 42 + "B"), id="a secret with loose trailing bits"),
        pytest.param(_pack(label=""), id="no label"),
        pytest.param(_pack(key="x"), id="an extra field"),
        pytest.param(_pack(policy=-1), id="a policy that cannot be"),
        pytest.param("TK1.\ud800", id="half a surrogate pair"),
    ],
)
def test_other_pairing_code_is_refused(code: str) -> None:
    refuses(Refusal.BAD_MESSAGE, PairingCode.decode, code)


def test_only_the_holder_of_the_secret_proves_its_key() -> None:
    assert CODE.accepts(HUB.public, CODE.mac(HUB.public))
    assert not CODE.accepts(STRANGER.public, CODE.mac(HUB.public))
    other = PairingCode(CODE.url, CODE.root, digest("another"), CODE.label)
    assert not CODE.accepts(HUB.public, other.mac(HUB.public))
    other_root = PairingCode(CODE.url, digest("evil root"), CODE.secret, CODE.label)
    assert not CODE.accepts(HUB.public, other_root.mac(HUB.public))


@pytest.mark.parametrize("mac", ["", "å", "\ud800", "A" * 43])
def test_rubbish_is_no_proof(mac: str) -> None:
    assert not CODE.accepts(HUB.public, mac)


def test_the_meeting_place_does_not_tell_the_secret() -> None:
    assert CODE.secret not in CODE.rendezvous
    assert CODE.rendezvous == digest("tk-rendezvous:" + CODE.secret)


# ---- fuzz -----------------------------------------------------------------------------------------------------------


@given(st.text(max_size=300))
def test_any_text_as_token_or_code_is_refused(text: str) -> None:
    for call in (
        lambda: parse(Look, text),
        lambda: PairingCode.decode(text),
        lambda: PairingCode.decode("TK1." + text),
    ):
        with pytest.raises(Refused):
            call()


@given(st.binary(max_size=160), st.binary(max_size=300))
def test_any_signed_bytes_are_refused(header: bytes, payload: bytes) -> None:
    for head in (header, json.dumps(HEAD).encode()):
        refuses(Refusal.BAD_MESSAGE, parse, Look, signed_parts(head, payload))


FIELDS = sorted(json.loads(ASKED.payload()))
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=50) | st.lists(st.integers(), max_size=3)


@given(st.sampled_from(FIELDS), VALUES)
def test_any_signed_value_is_read_whole_or_refused(name: str, value: object) -> None:
    body: dict[str, Any] = json.loads(payload_of(ASKED)) | {name: value}
    with suppress(Refused):
        statement = parse(Look, token(body)).verified(OPERATOR.public)
        assert json.loads(statement.payload()) == body


@given(st.data())
def test_changed_token_is_never_accepted(data: st.DataObject) -> None:
    whole = OPERATOR.sign(ASKED)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 8)))
    put = data.draw(st.text("AZaz09_-.=\n ", max_size=8))
    changed = whole[:start] + put + whole[end:]
    assert changed == whole or not _accepts(changed)
