"""WebAuthn assertions (W3C Web Authentication Level 3, section 7.2) as signatures by a person's passkey.

Nothing to choose: ES256 only, one origin, user presence and user verification, and a challenge that is the SHA-256 of
what is signed. Not looked at: the signature counter (synced passkeys do not count, and a copied one is answered by a
revocation), whether the passkey is backed up, and what extensions may have added, which the signature covers.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from .errors import Refusal, Refused
from .strict import b64u_decode, b64u_encode, bad, load
from .wire_people import Passkey

_CLIENT_LIMIT: Final = 1024
_AUTHENTICATOR_LIMIT: Final = 256
_SIGNATURE_LIMIT: Final = 72
_PLAIN: Final = 37
"""Length of authenticator data without extensions: SHA-256 of the rp id, flags, counter."""
_PRESENT, _VERIFIED, _BACKUP_ELIGIBLE, _BACKED_UP, _ATTESTED, _EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the browser gives back: authenticator data, client data (JSON) and an ECDSA signature (DER)."""

    authenticator: bytes
    client: bytes
    signature: bytes


def thumbprint(passkey: Passkey) -> str:
    """The ``kid`` of a passkey: the RFC 7638 thumbprint (SHA-256) of its P-256 key."""
    jwk = f'{{"crv":"P-256","kty":"EC","x":"{passkey.x}","y":"{passkey.y}"}}'
    return b64u_encode(hashlib.sha256(jwk.encode()).digest())


def check_assertion(passkey: Passkey, signed: bytes, assertion: Assertion) -> None:
    """Raises Refused(BAD_MESSAGE or BAD_SIGNATURE) unless this passkey has signed ``signed`` at its own site."""
    _check_authenticator(passkey, assertion.authenticator)
    _check_client(passkey, signed, assertion.client)
    if len(assertion.signature) > _SIGNATURE_LIMIT:
        raise bad("signature length")
    message = assertion.authenticator + hashlib.sha256(assertion.client).digest()
    try:
        _key(passkey).verify(assertion.signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as err:
        raise Refused(Refusal.BAD_SIGNATURE) from err


def _key(passkey: Passkey) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(b64u_decode(part)) for part in (passkey.x, passkey.y))
    try:
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError as err:
        raise bad("point not on the curve") from err


def _check_authenticator(passkey: Passkey, data: bytes) -> None:
    """Section 7.2, steps 13 and 15 to 19."""
    if not _PLAIN <= len(data) <= _AUTHENTICATOR_LIMIT:
        raise bad("authenticator data length")
    flags = data[32]
    if flags & _ATTESTED or bool(flags & _EXTENDED) != (len(data) > _PLAIN):
        raise bad("authenticator data parts")
    if flags & _BACKED_UP and not flags & _BACKUP_ELIGIBLE:
        raise bad("authenticator data backup")
    if data[:32] != hashlib.sha256(passkey.rp.encode()).digest():
        raise Refused(Refusal.BAD_SIGNATURE, "another rp")
    if not (flags & _PRESENT and flags & _VERIFIED):
        raise Refused(Refusal.BAD_SIGNATURE, "user not verified")


def _check_client(passkey: Passkey, signed: bytes, data: bytes) -> None:
    """Section 7.2, steps 10 to 14. Members that are not named here are left alone, here and nowhere else: browsers add
    what they like, and say so.
    """
    client = load(data, _CLIENT_LIMIT)
    if client.get("type") != "webauthn.get":
        raise bad("client data type")
    if client.get("crossOrigin", False) is not False:
        raise Refused(Refusal.BAD_SIGNATURE, "within another site")
    if client.get("origin") != passkey.origin:
        raise Refused(Refusal.BAD_SIGNATURE, "another origin")
    if client.get("challenge") != b64u_encode(hashlib.sha256(signed).digest()):
        raise Refused(Refusal.BAD_SIGNATURE, "another challenge")
