"""Writes statements.json beside it: tokens that must be accepted and tokens that must be refused, and why.

The Python core (tests/operator/console/test_vectors.py) and the console (addon/operator/console/test/vectors.test.js)
read the same file. Run it after a change of tillsyn/wire.py: ``.venv/bin/python tests/vectors/make_vectors.py``.
The keys are made from fixed seeds, so the file only changes where the messages do.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

from tillsyn import wire
from tillsyn.errors import CloseReason, Refusal
from tillsyn.identity import PublicKey, SigningKey, digest
from tillsyn.model import Fallback, Outcome, Role, Room, Window
from tillsyn.strict import b64u_decode, b64u_encode

type Case = dict[str, object]

NOW = 1_795_000_000
TARGET = Path(__file__).with_name("statements.json")


def key(name: str) -> SigningKey:
    """A key that is the same each time."""
    return SigningKey.from_seed(hashlib.sha256(f"vector {name}".encode()).digest())


ROOT, HUB, BROWSER, STRANGER = key("root"), key("hub"), key("browser"), key("stranger")
LOOK = b64u_encode(bytes(range(16)))
HASH = digest("something")
FINGERPRINT = ":".join(f"{one:02X}" for one in hashlib.sha256(b"certificate").digest())
CONNECTION = wire.Connection(
    FINGERPRINT, "Ab+/", "pass" * 6, ("candidate:1 1 udp 16777215 192.0.2.7 40000 typ relay",), "actpass"
)
CREDENTIAL = wire.Credential(BROWSER.public.x, "Åsa Öberg", (Role.OPERATOR,), ("natt",), NOW - 60, NOW + 43_200)
CERTIFICATE = wire.HubCertificate(HUB.public.x, "Elsa, Storgatan", "Exempelkommun", NOW - 60, NOW + 86_400)
WINDOW = Window("natt-1", time(22, 0), time(6, 30), (1, 2, 7))
OCCURRENCE = "natt-1/2026-11-22"
OFFER = wire.Offer(LOOK, HASH, digest("challenge"), CONNECTION, NOW)
PLAN = wire.PlanStatement(
    HUB.public.kid, 3, "natt", (WINDOW,), 30, 30, 20, 1, (Role.OPERATOR,), (Fallback.CALL_CLIENT, Fallback.VISIT),
    date(2027, 2, 28), NOW, (Room.BEDROOM, Room.HALL), "Sam Vård, 010-123 45 67", 400, 60,
)  # fmt: skip

GOOD: list[tuple[str, SigningKey, wire.Statement]] = [
    ("credential", ROOT, CREDENTIAL),
    ("hub certificate", ROOT, CERTIFICATE),
    ("login of a hub", HUB, wire.Login(HUB.public.kid, HASH, NOW)),
    ("plan", ROOT, PLAN),
    ("answer to a plan", HUB, wire.PlanAck(HUB.public.kid, 3, HASH, "accepted", NOW)),
    ("prepare", BROWSER, wire.Prepare(LOOK, HUB.public.kid, 3, OCCURRENCE, NOW, NOW + 30)),
    ("offer", HUB, OFFER),
    ("answer", BROWSER, wire.Answer(LOOK, HASH, CONNECTION, NOW)),
    ("look", BROWSER, wire.Look(LOOK, HUB.public.kid, 3, OCCURRENCE, HASH, HASH, HASH, NOW, NOW + 30)),
    ("opened", HUB, wire.Opened(LOOK, HASH, NOW * 1000, 30)),
    ("refusal", HUB, wire.Refuse(LOOK, HASH, Refusal.PAUSED, NOW)),
    ("close", BROWSER, wire.Close(LOOK, Outcome.NEEDS_HELP, NOW)),
    (
        "receipt",
        HUB,
        wire.Receipt(
            HUB.public.kid, 1, "A" * 43, LOOK, OCCURRENCE, BROWSER.public.kid, "Åsa Öberg", NOW * 1000,
            NOW * 1000 + 9_500, CloseReason.SEEN,
        ),
    ),
    ("acknowledged receipt", BROWSER, wire.ReceiptAck(LOOK, HASH, NOW)),
    ("turn to another room", BROWSER, wire.Turn(LOOK, Room.HALL, 1, NOW)),
    (
        "wishes",
        HUB,
        wire.Wishes(
            HUB.public.kid, (OCCURRENCE,), (wire.Moved("natt-1/2026-11-23", NOW + 3600, NOW + 7200),),
            (wire.Away(NOW, NOW + 86_400),), (wire.VisitAsked(LOOK, NOW),), NOW,
        ),
    ),
    ("sleep", HUB, wire.Sleep(HUB.public.kid, date(2026, 11, 22), 4, "Vaknade en gång.", NOW)),
    ("log", HUB, wire.Log(HUB.public.kid, 1, 42, HASH, 7, HASH, NOW)),
]  # fmt: skip


def signed(signer: SigningKey, header: str, payload: bytes) -> str:
    """A token of any header and payload, rightly signed."""
    body = f"{b64u_encode(header.encode())}.{b64u_encode(payload)}"
    return f"{body}.{b64u_encode(signer._key.sign(body.encode()))}"


def header(signer: SigningKey, typ: str) -> str:
    """The one right header."""
    return json.dumps({"alg": "Ed25519", "kid": signer.public.kid, "typ": typ}, separators=(",", ":"))


def close(payload: str | bytes) -> str:
    """A tk-close with this payload."""
    raw = payload.encode() if isinstance(payload, str) else payload
    return signed(BROWSER, header(BROWSER, "tk-close"), raw)


def closing(**changes: object) -> str:
    """The JSON of a right tk-close, with changes."""
    return json.dumps({"look": LOOK, "outcome": "seen", "iat": NOW, **changes}, separators=(",", ":"))


def offering(**changes: object) -> str:
    """A tk-offer with a changed connection."""
    found = json.loads(OFFER.payload())
    found["connection"].update(changes)
    return signed(HUB, header(HUB, "tk-offer"), json.dumps(found, separators=(",", ":")).encode())


def certifying(**changes: object) -> str:
    """A tk-credential with changes."""
    found = json.loads(CREDENTIAL.payload()) | changes
    return signed(ROOT, header(ROOT, "tk-credential"), json.dumps(found, ensure_ascii=False).encode())


def planning(**changes: object) -> str:
    """A tk-plan with changes."""
    found = json.loads(PLAN.payload()) | changes
    return signed(ROOT, header(ROOT, "tk-plan"), json.dumps(found).encode())


def bent(token: str, part: int, change: Callable[[str], str]) -> str:
    """A token with one part changed after signing."""
    parts = token.split(".")
    parts[part] = change(parts[part])
    return ".".join(parts)


def malformed() -> list[tuple[str, str, str]]:
    """Name, expected type and token of what nobody may accept."""
    right = close(closing())
    kid = BROWSER.public.kid
    typ = "tk-close"
    window = {"id": "natt-1", "start": "22:00", "end": "06:30", "days": [1]}
    deep: object = 1
    for _ in range(6):
        deep = [deep]
    return [
        ("empty", typ, ""),
        ("two parts", typ, right.rsplit(".", 1)[0]),
        ("four parts", typ, right + ".AAAA"),
        ("padding", typ, bent(right, 2, lambda part: part + "=")),
        ("other base64 alphabet", typ, bent(right, 1, lambda part: "+" + part[1:])),
        ("loose trailing bits", typ, bent(right, 2, lambda part: part[:-1] + _next(part[-1]))),
        ("length that no bytes have", typ, bent(right, 1, lambda part: part + "A" * ((5 - len(part) % 4) % 4))),
        ("signature too short", typ, bent(right, 2, lambda part: b64u_encode(b64u_decode(part)[:63]))),
        ("another type", "tk-look", right),
        ("type of another case", typ, signed(BROWSER, header(BROWSER, "tk-Close"), closing().encode())),
        ("no algorithm", typ, signed(BROWSER, header(BROWSER, typ).replace("Ed25519", "none"), closing().encode())),
        ("EdDSA", typ, signed(BROWSER, header(BROWSER, typ).replace("Ed25519", "EdDSA"), closing().encode())),
        ("header with more", typ, signed(BROWSER, header(BROWSER, typ)[:-1] + ',"jku":"x"}', closing().encode())),
        ("header twice", typ, signed(BROWSER, header(BROWSER, typ)[:-1] + f',"kid":"{kid}"}}', closing().encode())),
        ("header is a list", typ, signed(BROWSER, "[]", closing().encode())),
        ("payload is no object", typ, close("[]")),
        ("payload is no JSON", typ, close("{")),
        ("text after the object", typ, close(closing() + "x")),
        ("byte order mark", typ, close("\ufeff" + closing())),
        ("not UTF-8", typ, close(closing().encode().replace(b"seen", b"se\xffn"))),
        ("unknown field", typ, close(closing(more=1))),
        ("missing field", typ, close('{"look":"' + LOOK + '","outcome":"seen"}')),
        ("field named __proto__", typ, close(closing()[:-1] + ',"__proto__":{}}')),
        ("duplicate key", typ, close(closing()[:-1] + ',"outcome":"not_seen"}')),
        ("duplicate key with an escape", typ, close(closing()[:-1] + ',"outc\\u006fme":"not_seen"}')),
        ("unknown outcome", typ, close(closing(outcome="asleep"))),
        ("outcome is a list", typ, close(closing(outcome=["seen"]))),
        ("time is text", typ, close(closing(iat=str(NOW)))),
        ("time is a fraction", typ, close(closing().replace(str(NOW), f"{NOW}.0"))),
        ("time has an exponent", typ, close(closing().replace(str(NOW), "1795e6"))),
        ("time has a leading zero", typ, close(closing().replace(str(NOW), f"0{NOW}"))),
        ("time has a plus", typ, close(closing().replace(str(NOW), f"+{NOW}"))),
        ("time is negative", typ, close(closing(iat=-NOW))),
        ("time is too early", typ, close(closing(iat=1_599_999_999))),
        ("time is too late", typ, close(closing(iat=10_000_000_000))),
        ("time is beyond what a double holds", typ, close(closing(iat=2**53 + 1))),
        ("time has 18 digits", typ, close(closing(iat=10**17))),
        ("time is true", typ, close(closing(iat=True))),
        ("time is null", typ, close(closing(iat=None))),
        ("time is NaN", typ, close(closing().replace(str(NOW), "NaN"))),
        ("look id too short", typ, close(closing(look=LOOK[:-1]))),
        ("look id with a line break", typ, close(closing(look=LOOK + "\n"))),
        ("trailing comma", typ, close(closing()[:-1] + ",}")),
        ("single quotes", typ, close(closing().replace('"', "'"))),
        ("control character in text", typ, close(closing().replace("seen", "se\tn"))),
        ("too deep", typ, close(closing(iat=deep))),
        ("too large", typ, close(closing() + " " * 2048)),
        ("no candidates", "tk-offer", offering(candidates=[])),
        ("nine candidates", "tk-offer", offering(candidates=[f"candidate:{n} 1 udp 1 a 1 typ host" for n in range(9)])),
        ("candidate twice", "tk-offer", offering(candidates=[CONNECTION.candidates[0]] * 2)),
        ("candidate with a line break", "tk-offer", offering(candidates=["candidate:1 1 udp 1 a 1 typ host\r\na=x"])),
        ("fingerprint in lower case", "tk-offer", offering(fingerprint=FINGERPRINT.lower())),
        ("fingerprint of SHA-1", "tk-offer", offering(fingerprint=FINGERPRINT[: 20 * 3 - 1])),
        ("password with a line break", "tk-offer", offering(password="p" * 22 + "\n")),
        ("DTLS role holdconn", "tk-offer", offering(setup="holdconn")),
        ("name with bidi override", "tk-credential", certifying(name="Å\u202esa")),
        ("name with an invisible character", "tk-credential", certifying(name="A\u200bsa")),
        ("name not composed", "tk-credential", certifying(name="A\u030asa")),
        ("name with half a character", "tk-credential", _surrogate()),
        ("name empty", "tk-credential", certifying(name="")),
        ("name of 81 characters", "tk-credential", certifying(name="n" * 81)),
        ("no role", "tk-credential", certifying(roles=[])),
        ("role twice", "tk-credential", certifying(roles=["operator", "operator"])),
        ("unknown role", "tk-credential", certifying(roles=["root"])),
        ("unit in capitals", "tk-credential", certifying(units=["Natt"])),
        ("day that does not exist", "tk-plan", planning(review="2027-02-29")),
        ("day in year 0", "tk-plan", planning(review="0000-01-01")),
        ("empty window", "tk-plan", planning(windows=[window | {"end": "22:00"}])),
        ("hour 24", "tk-plan", planning(windows=[window | {"end": "24:00"}])),
        ("window twice", "tk-plan", planning(windows=[window, window])),
        ("weekday 0", "tk-plan", planning(windows=[window | {"days": [0]}])),
        ("look of 9 seconds", "tk-plan", planning(look_seconds=9)),
    ]  # fmt: skip


def _next(letter: str) -> str:
    """The letter after this one in the base64url alphabet: other trailing bits, the same bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[(alphabet.index(letter) + 1) % 64]


def _surrogate() -> str:
    payload = CREDENTIAL.payload().replace("Åsa".encode(), b"A\\ud800")
    return signed(ROOT, header(ROOT, "tk-credential"), payload)


def forged() -> list[Case]:
    """Tokens of the right shape that a named key has not signed."""
    right = BROWSER.sign(wire.Close(LOOK, Outcome.SEEN, NOW))
    other = BROWSER.sign(wire.Close(LOOK, Outcome.NOT_SEEN, NOW))
    swapped = ".".join([*right.split(".")[:2], other.split(".")[2]])
    offer = HUB.sign(OFFER)
    swap = json.dumps(json.loads(OFFER.payload()) | {"connection": _other_connection()}, separators=(",", ":"))
    moved = bent(offer, 1, lambda _part: b64u_encode(swap.encode()))
    named = signed(STRANGER, header(BROWSER, "tk-close"), closing().encode())
    foreign = STRANGER.sign(wire.Close(LOOK, Outcome.SEEN, NOW))
    rows = [
        ("signature of another statement", "tk-close", swapped, BROWSER, "bad_signature"),
        ("fingerprint swapped on the way", "tk-offer", moved, HUB, "bad_signature"),
        ("foreign key under our name", "tk-close", named, BROWSER, "bad_signature"),
        ("foreign key", "tk-close", foreign, BROWSER, "unknown_signer"),
    ]
    return [
        {"name": name, "typ": typ, "token": token, "key": signer.public.x, "code": code}
        for name, typ, token, signer, code in rows
    ]


def _other_connection() -> Case:
    found = json.loads(OFFER.payload())["connection"]
    other = ":".join(f"{one:02X}" for one in hashlib.sha256(b"another").digest())
    return {**found, "fingerprint": other}


def chains() -> list[Case]:
    """Credentials and certificates as the chain sees them; ``code`` '' where they hold at NOW."""

    def credential(**changes: int) -> wire.Credential:
        fields = {"iat": CREDENTIAL.iat, "exp": CREDENTIAL.exp} | changes
        return wire.Credential(BROWSER.public.x, "Åsa", (Role.OPERATOR,), ("natt",), fields["iat"], fields["exp"])

    small = wire.Credential(b64u_encode(bytes(32)), "Åsa", (Role.OPERATOR,), ("natt",), NOW, NOW + 60)
    rows: list[tuple[str, list[str], str]] = [
        ("holds", [ROOT.sign(CREDENTIAL)], ""),
        ("empty chain", [], "unknown_signer"),
        ("two credentials", [ROOT.sign(CREDENTIAL)] * 2, "unknown_signer"),
        ("another root", [STRANGER.sign(CREDENTIAL)], "unknown_signer"),
        ("ended", [ROOT.sign(credential(exp=NOW))], "credential_expired"),
        ("from the future", [ROOT.sign(credential(iat=NOW + 121))], "credential_expired"),
        ("valid for too long", [ROOT.sign(credential(exp=NOW - 60 + 90 * 86400 + 1))], "credential_expired"),
        ("key of small order", [ROOT.sign(small)], "bad_message"),
        ("a certificate in its place", [ROOT.sign(CERTIFICATE)], "bad_message"),
    ]
    return [{"name": name, "chain": chain, "now": NOW, "code": code} for name, chain, code in rows]


def certificates() -> list[Case]:
    """Hub certificates for HUB's key at NOW."""
    ended = wire.HubCertificate(HUB.public.x, "Elsa", "Exempelkommun", NOW - 60, NOW)
    other = wire.HubCertificate(STRANGER.public.x, "Elsa", "Exempelkommun", NOW - 60, NOW + 60)
    rows = [
        ("holds", ROOT.sign(CERTIFICATE), ""),
        ("another root", STRANGER.sign(CERTIFICATE), "unknown_signer"),
        ("another hub", ROOT.sign(other), "wrong_hub"),
        ("ended", ROOT.sign(ended), "credential_expired"),
    ]
    return [{"name": name, "token": token, "hub": HUB.public.x, "now": NOW, "code": code} for name, token, code in rows]


def keys() -> list[Case]:
    """Public keys and their thumbprints; '' where it is no key."""
    good: list[PublicKey] = [one.public for one in (ROOT, HUB, BROWSER)]
    one_point = b64u_encode((1).to_bytes(32, "little"))
    bad = (one_point, b64u_encode(bytes(32)), "AA", HUB.public.x + "A", HUB.public.x[:-1] + "=")
    return [
        *({"x": one.x, "kid": one.kid} for one in good),
        *({"x": x, "kid": ""} for x in bad),
    ]


def vectors() -> Case:
    """The whole file."""
    return {
        "now": NOW,
        "root": ROOT.public.x,
        "keys": keys(),
        "good": [
            {
                "name": name,
                "typ": made.TYP,
                "token": signer.sign(made),
                "key": signer.public.x,
                "payload": made.payload().decode(),
            }
            for name, signer, made in GOOD
        ],
        "malformed": [{"name": name, "typ": typ, "token": token} for name, typ, token in malformed()],
        "forged": forged(),
        "chains": chains(),
        "certificates": certificates(),
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
