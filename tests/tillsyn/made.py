"""Keys, statements and grants to test with. Everything is made as the real parties make it."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from tests.authenticator import Authenticator
from tillsyn.admission import Grant, Home, check_look, check_prepare
from tillsyn.chain import Trust
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Fallback, Instant, Limits, Plan, Role, Window
from tillsyn.strict import b64u_encode
from tillsyn.wire import (
    Answer,
    Connection,
    Credential,
    Delegation,
    Look,
    Offer,
    Passkey,
    PlanStatement,
    Policy,
    Prepare,
    Revocations,
    Statement,
)

ROOT, HUB, OPERATOR, COLLEAGUE, STRANGER = (SigningKey.from_seed(bytes([one]) * 32) for one in range(1, 6))
HOME = Home(ROOT.public, HUB.public)
ADMIN = SigningKey.from_seed(bytes([6]) * 32)
"""The session key of an administrator who has a passkey, or their browser's key where they have none."""
NIGHT = Window("night", time(22), time(7))
"""The agreed window: 22-07 every night."""
OCCURRENCE = "night/2026-11-22"
MIDNIGHT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""01:00 on the night of OCCURRENCE, which ends at 06:00 UTC."""
NOW = int(MIDNIGHT.timestamp())
POLICY = Policy(1, True, 43_200, 60, 2, NOW - 86_400)
"""Keys in browsers are allowed; plans may give 60 seconds and two retries."""
NOBODY = Revocations(1, (), NOW - 3600)
TRUST = Trust(POLICY, NOBODY)


def instant(seconds: float = 0.0, mono: float | None = None) -> Instant:
    """``seconds`` after MIDNIGHT on both clocks, unless ``mono`` is told."""
    wall = datetime.fromtimestamp(NOW + seconds, UTC)
    return Instant(wall, 1000.0 + (seconds if mono is None else mono))


def look_id(name: str) -> str:
    """A look id made from a name, so that tests can be read."""
    return b64u_encode(hashlib.sha256(name.encode()).digest()[:16])


def plan_statement(**changes: Any) -> PlanStatement:
    """The agreed plan as a statement."""
    limits = Limits()
    values: dict[str, Any] = {
        "hub": HUB.public.kid,
        "number": 3,
        "unit": "natt",
        "windows": (NIGHT,),
        "look_seconds": limits.look_seconds,
        "grace_seconds": limits.grace_seconds,
        "retry_within_minutes": limits.retry_within_minutes,
        "max_retries": limits.max_retries,
        "roles": (Role.OPERATOR,),
        "fallback": (Fallback.CALL_CLIENT, Fallback.VISIT),
        "review": date(2027, 2, 1),
        "iat": NOW,
    }
    return PlanStatement(**(values | changes))


def plan(**changes: Any) -> Plan:
    """The agreed plan."""
    return plan_statement(**changes).plan()


def credential(key: SigningKey = OPERATOR, by: SigningKey = ROOT, certified: str = "", **changes: Any) -> str:
    """A tk-credential for ``key``, or for whatever ``certified`` says."""
    values: dict[str, Any] = {
        "key": "" if "passkey" in changes else certified or key.public.x,
        "name": "Nilla Natt",
        "roles": (Role.OPERATOR,),
        "units": ("natt",),
        "iat": NOW - 3600,
        "exp": NOW + 86400,
    }
    return by.sign(Credential(**(values | changes)))


PHONE, ADMIN_PHONE = Authenticator("nilla"), Authenticator("admin")
"""Who holds the passkeys of Nilla and of the administrator."""


def by_passkey(phone: Authenticator = PHONE, by: SigningKey = ROOT, **changes: Any) -> str:
    """A tk-credential for the passkey in ``phone``."""
    return credential(by=by, **({"passkey": Passkey(**phone.passkey)} | changes))


def delegation(
    credential: str, key: SigningKey = OPERATOR, phone: Authenticator = PHONE, raw: str = "", **changes: Any
) -> str:
    """A tk-delegation by ``phone`` to the session key ``key`` (or whatever ``raw`` says)."""
    values: dict[str, Any] = {
        "credential": digest(credential),
        "key": raw or key.public.x,
        "iat": NOW - 4000,
        "exp": NOW + 7200,
    }
    return phone.token(Delegation(**(values | changes)).payload())


def shift(
    phone: Authenticator = PHONE, key: SigningKey = OPERATOR, by: SigningKey = ROOT, **changes: Any
) -> tuple[str, str]:
    """A credential for the passkey in ``phone``, and its delegation to ``key``."""
    certified = by_passkey(phone, by, **changes)
    return certified, delegation(certified, key, phone)


def admin_shift(**changes: Any) -> tuple[str, str]:
    """An administrator's credential and delegation to ADMIN."""
    return shift(ADMIN_PHONE, ADMIN, **({"name": "Adam Admin", "roles": (Role.ADMIN,)} | changes))


def revoked(*kids: str, number: int = 2, iat: int = NOW - 60) -> Revocations:
    """A list with these keys in it."""
    return Revocations(number, kids, iat)


CANDIDATE = "candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host"


def connection(setup: str = "actpass", **changes: Any) -> Connection:
    """One end of a media path."""
    values: dict[str, Any] = {
        "fingerprint": ":".join(["AB"] * 32),
        "ufrag": "frag",
        "password": "p" * 22,
        "candidates": (CANDIDATE,),
        "setup": setup,
    }
    return Connection(**(values | changes))


@dataclass(frozen=True)
class Talk:
    """What is said for one look, signed: change a part to attack."""

    chain: tuple[str, ...]
    prepare: str
    offer: str
    answer: str
    look: str
    asked: Look

    def grant(self, now: int = NOW, agreed: Plan | None = None, home: Home = HOME, trust: Trust = TRUST) -> Grant:
        """The grant that all of it gives. Raises Refused."""
        agreed = plan() if agreed is None else agreed
        prepared = check_prepare(home, trust, agreed, self.prepare, self.chain, now)
        return check_look(home, trust, agreed, prepared, self.look, self.chain, (self.offer, self.answer), now)

    def asking(self, signer: SigningKey = OPERATOR, **changes: Any) -> Talk:
        """The same, with another click."""
        asked = replace(self.asked, **changes)
        return replace(self, look=signer.sign(asked), asked=asked)


def talk(
    name: str = "look", occurrence: str = OCCURRENCE, number: int = 3, now: int = NOW, hub: SigningKey = HUB
) -> Talk:
    """An honest operator and an honest home."""
    look, challenge = look_id(name), digest(f"challenge {name}")
    prepare = OPERATOR.sign(Prepare(look, HUB.public.kid, number, occurrence, now, now + 30))
    offer = hub.sign(Offer(look, digest(prepare), challenge, connection(), now))
    answer = OPERATOR.sign(Answer(look, digest(offer), connection("active"), now))
    asked = Look(look, HUB.public.kid, number, occurrence, challenge, digest(offer), digest(answer), now, now + 30)
    return Talk((credential(),), prepare, offer, answer, OPERATOR.sign(asked), asked)


def grant(name: str = "look", occurrence: str = OCCURRENCE, number: int = 3) -> Grant:
    """A verified permission to look."""
    return talk(name, occurrence, number).grant(agreed=plan(number=number))


def token(statement: Statement | dict[str, Any] | bytes, key: SigningKey = OPERATOR, **header: Any) -> str:
    """A JWS as an attacker may make it: with any payload and any header fields (None leaves one out)."""
    typ = statement.TYP if isinstance(statement, Statement) else "tk-look"
    head = {"alg": "Ed25519", "kid": key.public.kid, "typ": typ} | header
    packed = json.dumps({name: value for name, value in head.items() if value is not None}).encode()
    return signed_parts(packed, payload_of(statement), key)


def payload_of(statement: Statement | dict[str, Any] | bytes) -> bytes:
    """The bytes to sign."""
    if isinstance(statement, Statement):
        return statement.payload()
    return statement if isinstance(statement, bytes) else json.dumps(statement).encode()


def signed_parts(header: bytes, payload: bytes, key: SigningKey = OPERATOR) -> str:
    """A JWS with these very bytes as header and payload, signed."""
    head, body = b64u_encode(header), b64u_encode(payload)
    signature = key._key.sign(f"{head}.{body}".encode())
    return f"{head}.{body}.{b64u_encode(signature)}"
