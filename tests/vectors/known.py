"""Who speaks in the vectors, and tokens as an attacker would make them. The same each time."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

from tests.authenticator import Authenticator
from tillsyn import wire
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Role
from tillsyn.strict import b64u_encode

type Case = dict[str, object]

NOW = 1_795_000_000


def key(name: str) -> SigningKey:
    """A key that is the same each time."""
    return SigningKey.from_seed(hashlib.sha256(f"vector {name}".encode()).digest())


ROOT, HUB, BROWSER, STRANGER = key("root"), key("hub"), key("browser"), key("stranger")
SESSION, ADMIN = key("session"), key("administrator's session")
PHONE, ADMIN_PHONE = Authenticator("Åsa"), Authenticator("administrator")
CREDENTIAL = wire.Credential(BROWSER.public.x, "Åsa Öberg", (Role.OPERATOR,), ("natt",), NOW - 60, NOW + 43_200)
CERTIFICATE = wire.HubCertificate(HUB.public.x, "Elsa, Storgatan", "Exempelkommun", NOW - 60, NOW + 86_400, 2)
POLICY = wire.Policy(2, True, 28_800, 60, 2, NOW - 86_400)
PASSKEYS = replace(POLICY, browser_keys=False)
LISTED = wire.Revocations(4, (STRANGER.public.kid, digest("a key that was lost")), NOW - 3600)


def signed(signer: SigningKey, header: str, payload: bytes) -> str:
    """A token of any header and payload, rightly signed."""
    body = f"{b64u_encode(header.encode())}.{b64u_encode(payload)}"
    return f"{body}.{b64u_encode(signer._key.sign(body.encode()))}"


def header(signer: SigningKey, typ: str) -> str:
    """The one right header."""
    return json.dumps({"alg": "Ed25519", "kid": signer.public.kid, "typ": typ}, separators=(",", ":"))


def bent(token: str, part: int, change: Callable[[str], str]) -> str:
    """A token with one part changed after signing."""
    parts = token.split(".")
    parts[part] = change(parts[part])
    return ".".join(parts)
