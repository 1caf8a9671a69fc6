"""WebAuthn assertions: only this passkey, at its own site, by a person who was there, over these very bytes."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from tests.authenticator import (
    ATTESTED,
    BACKED_UP,
    BACKUP_ELIGIBLE,
    EXTENDED,
    ORDER,
    PRESENT,
    VERIFIED,
    Authenticator,
    b64u,
)
from tests.tillsyn.made import PHONE
from tillsyn.errors import Refusal, Refused
from tillsyn.passkey import Assertion, check_assertion, thumbprint
from tillsyn.wire import Passkey

SIGNED = b"what is signed"
PASSKEY = Passkey(**PHONE.passkey)
DATA, CLIENT = PHONE.authenticator_data(), PHONE.client_data(SIGNED)


def made(data: bytes = DATA, client: bytes = CLIENT, phone: Authenticator = PHONE) -> Assertion:
    return Assertion(data, client, phone.sign(data, client))


def refuses(code: Refusal, assertion: Assertion, passkey: Passkey = PASSKEY, signed: bytes = SIGNED) -> None:
    with pytest.raises(Refused) as caught:
        check_assertion(passkey, signed, assertion)
    assert caught.value.code is code


@pytest.mark.parametrize(
    "assertion",
    [
        pytest.param(made(), id="as a browser makes it"),
        pytest.param(made(PHONE.authenticator_data(count=7)), id="with a counter, which is not looked at"),
        pytest.param(made(PHONE.authenticator_data(PRESENT | VERIFIED | BACKUP_ELIGIBLE | BACKED_UP)), id="synced"),
        pytest.param(made(PHONE.authenticator_data(PRESENT | VERIFIED | EXTENDED, more=b"\xa0")), id="extended"),
        pytest.param(made(client=PHONE.client_data(SIGNED, crossOrigin=None)), id="by a browser of level 2"),
        pytest.param(
            made(client=PHONE.client_data(SIGNED, other_keys_can_be_added_here="do not compare")),
            id="with more in it",
        ),
    ],
)
def test_an_assertion_of_the_person_is_a_signature(assertion: Assertion) -> None:
    check_assertion(PASSKEY, SIGNED, assertion)


def test_the_thumbprint_is_that_of_the_key_alone() -> None:
    assert thumbprint(PASSKEY) == PHONE.kid
    elsewhere = Authenticator(PHONE.name, "other.example", "https://other.example")
    assert thumbprint(Passkey(**elsewhere.passkey)) == PHONE.kid


@pytest.mark.parametrize(
    ("code", "assertion"),
    [
        pytest.param(Refusal.BAD_SIGNATURE, made(phone=Authenticator("thief")), id="by another passkey"),
        pytest.param(
            Refusal.BAD_SIGNATURE, Assertion(DATA, CLIENT, PHONE.sign(DATA, CLIENT + b" ")), id="of other client data"
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE,
            Assertion(PHONE.authenticator_data(count=2), CLIENT, PHONE.sign(DATA, CLIENT)),
            id="of other authenticator data",
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE, made(client=PHONE.client_data(b"another statement")), id="over another statement"
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE, made(client=PHONE.client_data(SIGNED, challenge="")), id="without a challenge"
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE, made(client=PHONE.client_data(SIGNED, challenge=None)), id="challenge left out"
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE,
            made(client=PHONE.client_data(SIGNED, origin="https://evil.example")),
            id="at another site",
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE,
            made(client=PHONE.client_data(SIGNED, origin="https://tillsyn.example:8443")),
            id="at another port",
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE,
            made(client=PHONE.client_data(SIGNED, origin="http://tillsyn.example")),
            id="without TLS",
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE,
            made(client=PHONE.client_data(SIGNED, origin="https://tillsyn.example/")),
            id="origin with a path",
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE,
            made(client=PHONE.client_data(SIGNED, crossOrigin=True, topOrigin="https://evil.example")),
            id="within a frame of another site",
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE, made(client=PHONE.client_data(SIGNED, crossOrigin="false")), id="crossOrigin as text"
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE, made(client=PHONE.client_data(SIGNED, crossOrigin=0)), id="crossOrigin as a number"
        ),
        pytest.param(
            Refusal.BAD_MESSAGE, made(client=PHONE.client_data(SIGNED, type="webauthn.create")), id="a registration"
        ),
        pytest.param(Refusal.BAD_MESSAGE, made(client=PHONE.client_data(SIGNED, type=None)), id="of no type"),
        pytest.param(
            Refusal.BAD_MESSAGE,
            made(client=CLIENT[:-1] + b',"origin":"https://tillsyn.example"}'),
            id="with two origins",
        ),
        pytest.param(Refusal.BAD_MESSAGE, made(client=b"\xef\xbb\xbf" + CLIENT), id="with a byte order mark"),
        pytest.param(Refusal.BAD_MESSAGE, made(client=b"[]"), id="with client data that is no object"),
        pytest.param(
            Refusal.BAD_MESSAGE, made(client=PHONE.client_data(SIGNED, more="x" * 1024)), id="with much client data"
        ),
        pytest.param(
            Refusal.BAD_SIGNATURE,
            made(Authenticator(PHONE.name, "evil.example").authenticator_data()),
            id="for another rp",
        ),
        pytest.param(Refusal.BAD_SIGNATURE, made(PHONE.authenticator_data(VERIFIED)), id="with nobody there"),
        pytest.param(Refusal.BAD_SIGNATURE, made(PHONE.authenticator_data(PRESENT)), id="by whoever was there"),
        pytest.param(Refusal.BAD_MESSAGE, made(DATA[:-1]), id="authenticator data cut off"),
        pytest.param(Refusal.BAD_MESSAGE, made(b""), id="no authenticator data"),
        pytest.param(Refusal.BAD_MESSAGE, made(DATA + b"\xa0"), id="authenticator data with a tail"),
        pytest.param(
            Refusal.BAD_MESSAGE,
            made(PHONE.authenticator_data(PRESENT | VERIFIED | EXTENDED)),
            id="extensions that are not there",
        ),
        pytest.param(
            Refusal.BAD_MESSAGE,
            made(PHONE.authenticator_data(PRESENT | VERIFIED | EXTENDED, more=bytes(220))),
            id="much authenticator data",
        ),
        pytest.param(
            Refusal.BAD_MESSAGE,
            made(PHONE.authenticator_data(PRESENT | VERIFIED | ATTESTED | EXTENDED, more=bytes(60))),
            id="a new key in it",
        ),
        pytest.param(
            Refusal.BAD_MESSAGE,
            made(PHONE.authenticator_data(PRESENT | VERIFIED | BACKED_UP)),
            id="backed up though it cannot be",
        ),
        pytest.param(Refusal.BAD_SIGNATURE, Assertion(DATA, CLIENT, b""), id="without a signature"),
        pytest.param(
            Refusal.BAD_SIGNATURE,
            Assertion(DATA, CLIENT, PHONE.sign(DATA, CLIENT) + b"\x00"),
            id="signed with a tail",
        ),
        pytest.param(Refusal.BAD_MESSAGE, Assertion(DATA, CLIENT, bytes(73)), id="signature too long"),
        pytest.param(Refusal.BAD_SIGNATURE, Assertion(DATA, CLIENT, encode_dss_signature(0, 0)), id="signed zeros"),
        pytest.param(
            Refusal.BAD_SIGNATURE,
            Assertion(DATA, CLIENT, b"\x30\x81" + PHONE.sign(DATA, CLIENT)[1:]),
            id="signature in BER that is no DER",
        ),
    ],
)
def test_other_assertion_is_refused(code: Refusal, assertion: Assertion) -> None:
    refuses(code, assertion)


def test_the_second_form_of_a_signature_says_the_same() -> None:
    """Nothing is named by the hash of an assertion, so it does no harm that ECDSA has two signatures for each."""
    r, s = decode_dss_signature(PHONE.sign(DATA, CLIENT))
    check_assertion(PASSKEY, SIGNED, Assertion(DATA, CLIENT, encode_dss_signature(r, ORDER - s)))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        pytest.param(b64u(bytes(32)), b64u(bytes(32)), id="the origin"),
        pytest.param(PASSKEY.y, PASSKEY.x, id="coordinates swapped"),
        pytest.param(b64u(b"\xff" * 32), PASSKEY.y, id="x beyond the field"),
        pytest.param(PASSKEY.x[:-1] + chr(ord(PASSKEY.x[-1]) + 1), PASSKEY.y, id="loose trailing bits"),
    ],
)
def test_a_point_that_is_no_key_is_refused(x: str, y: str) -> None:
    refuses(Refusal.BAD_MESSAGE, made(), Passkey(PASSKEY.id, x, y, PASSKEY.rp, PASSKEY.origin))


@given(st.binary(max_size=80), st.binary(max_size=200), st.binary(max_size=80))
def test_any_bytes_are_no_assertion(data: bytes, client: bytes, signature: bytes) -> None:
    for assertion in (
        Assertion(data, client, signature),
        Assertion(DATA, client, signature),
        Assertion(DATA, CLIENT, signature),
        Assertion(data, CLIENT, PHONE.sign(data, CLIENT)),
    ):
        with pytest.raises(Refused):
            check_assertion(PASSKEY, SIGNED, assertion)


@given(st.integers(0, 2**16), st.binary(min_size=1, max_size=3))
def test_a_changed_assertion_is_refused(at: int, put: bytes) -> None:
    right = made()
    for name in ("authenticator", "client", "signature"):
        parts: dict[str, Any] = {one: getattr(right, one) for one in ("authenticator", "client", "signature")}
        raw = parts[name]
        start = at % len(raw)
        parts[name] = raw[:start] + put + raw[start + len(put) :]
        if parts[name] != raw:
            with pytest.raises(Refused):
                check_assertion(PASSKEY, SIGNED, Assertion(**parts))
