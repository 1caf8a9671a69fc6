"""A passkey in software, as an authenticator and a browser make it together; for tests, vectors and attacks.

It knows nothing of ``tillsyn``, which has two names: whoever uses it puts its fields into their own ``wire.Passkey``.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED, EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64u(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class Authenticator:
    """Holds one passkey, the same for the same name. Signatures are deterministic (RFC 6979), so vectors stay."""

    name: str
    rp: str = "tillsyn.example"
    origin: str = "https://tillsyn.example"

    @property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        secret = int.from_bytes(hashlib.sha256(f"passkey {self.name}".encode()).digest()) % (ORDER - 1) + 1
        return ec.derive_private_key(secret, ec.SECP256R1())

    @property
    def passkey(self) -> dict[str, str]:
        """The fields of wire.Passkey."""
        point = self._key.public_key().public_numbers()
        return {
            "id": b64u(hashlib.sha256(f"id {self.name}".encode()).digest()),
            "x": b64u(point.x.to_bytes(32)),
            "y": b64u(point.y.to_bytes(32)),
            "rp": self.rp,
            "origin": self.origin,
        }

    @property
    def kid(self) -> str:
        """The thumbprint of the key (RFC 7638)."""
        point = self.passkey
        jwk = json.dumps({"crv": "P-256", "kty": "EC", "x": point["x"], "y": point["y"]}, separators=(",", ":"))
        return b64u(hashlib.sha256(jwk.encode()).digest())

    def authenticator_data(self, flags: int = PRESENT | VERIFIED, count: int = 0, more: bytes = b"") -> bytes:
        """What the authenticator says."""
        return hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) + count.to_bytes(4) + more

    def client_data(self, signed: bytes, **changes: Any) -> bytes:
        """What the browser says; a change to None leaves the member out."""
        members: dict[str, Any] = {
            "type": "webauthn.get",
            "challenge": b64u(hashlib.sha256(signed).digest()),
            "origin": self.origin,
            "crossOrigin": False,
        }
        members = {name: value for name, value in (members | changes).items() if value is not None}
        return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()

    def sign(self, authenticator_data: bytes, client_data: bytes) -> bytes:
        """ES256 over both, in DER."""
        message = authenticator_data + hashlib.sha256(client_data).digest()
        return self._key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))

    def token(self, payload: bytes, data: bytes | None = None, client: bytes | None = None) -> str:
        """The tk-delegation of this payload, by default with what an honest browser says."""
        data = self.authenticator_data() if data is None else data
        client = self.client_data(payload) if client is None else client
        return ".".join(("tk-delegation", *map(b64u, (payload, data, client, self.sign(data, client)))))
