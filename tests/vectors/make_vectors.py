"""Writes statements.json beside it: tokens that must be accepted and tokens that must be refused, and why.

The Python core (tests/operator/console/test_vectors.py) and the console (addon/operator/console/test/vectors.test.js)
read the same file. Run it after a change of tillsyn/wire.py: ``.venv/bin/python -m tests.vectors.make_vectors``.
The keys are made from fixed seeds, the passkeys too, so the file only changes where the messages do.
"""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import date, time
from pathlib import Path

from tests.vectors.chains import certificates, chains, delegations, policies, revocations
from tests.vectors.known import (
    ADMIN_PHONE,
    BROWSER,
    CERTIFICATE,
    CREDENTIAL,
    HUB,
    LISTED,
    NOW,
    PHONE,
    POLICY,
    ROOT,
    STRANGER,
    Case,
    bent,
    header,
    key,
    signed,
)  # fmt: skip
from tests.vectors.plans import comparisons, plans
from tillsyn import wire, words
from tillsyn.errors import CloseReason, Refusal
from tillsyn.identity import PairingCode, PublicKey, SigningKey, digest
from tillsyn.model import Fallback, Outcome, Role, Room, Window
from tillsyn.strict import b64u_decode, b64u_encode

TARGET = Path(__file__).with_name("statements.json")
SERVICE = key("service")


LOOK = b64u_encode(bytes(range(16)))
HASH = digest("something")
FINGERPRINT = ":".join(f"{one:02X}" for one in hashlib.sha256(b"certificate").digest())
CONNECTION = wire.Connection(
    FINGERPRINT, "Ab+/", "pass" * 6, ("candidate:1 1 udp 16777215 192.0.2.7 40000 typ relay",), "actpass"
)
WINDOW = Window("natt-1", time(22, 0), time(6, 30), (1, 2, 7))
OCCURRENCE = "natt-1/2026-11-22"
OFFER = wire.Offer(LOOK, HASH, digest("challenge"), CONNECTION, NOW)
PLAN = wire.PlanStatement(
    HUB.public.kid, 3, "natt", (WINDOW,), 30, 30, 20, 1, (Role.OPERATOR,), (Fallback.CALL_CLIENT, Fallback.VISIT),
    date(2027, 2, 28), NOW, (Room.BEDROOM, Room.HALL), "Sam Vård, 010-123 45 67", 400, 60,
)  # fmt: skip

GOOD: list[tuple[str, SigningKey, wire.Statement]] = [
    ("policy", ROOT, POLICY),
    ("credential", ROOT, CREDENTIAL),
    ("credential of a passkey", ROOT, replace(CREDENTIAL, key="", passkey=wire.Passkey(**PHONE.passkey))),
    ("revoked keys", ROOT, LISTED),
    ("no revoked keys", ROOT, replace(LISTED, revoked=())),
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
    ("key of a service", ROOT, wire.ServiceKey(SERVICE.public.x, NOW, NOW + 86_400)),
    ("checkpoint", SERVICE, wire.Checkpoint(date(2026, 11, 22), 12, HASH, NOW)),
    ("files of a console", ROOT, wire.ConsoleFiles(ROOT.public.x, (wire.ConsoleFile("vendor/lit.js", HASH),), NOW)),
]  # fmt: skip


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


def saying(statement: wire.Statement, **changes: object) -> str:
    """Any statement of the root with changes."""
    found = json.loads(statement.payload()) | changes
    return signed(ROOT, header(ROOT, statement.TYP), json.dumps(found).encode())


def by_passkey(**changes: object) -> str:
    """A tk-credential of a passkey, with changes."""
    return saying(replace(CREDENTIAL, key="", passkey=wire.Passkey(**PHONE.passkey)), **changes)


def without(name: str) -> str:
    """A tk-credential of a passkey, without a field."""
    found = json.loads(replace(CREDENTIAL, key="", passkey=wire.Passkey(**PHONE.passkey)).payload())
    del found[name]
    return signed(ROOT, header(ROOT, "tk-credential"), json.dumps(found).encode())


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
        ("key and passkey", "tk-credential", certifying(passkey=PHONE.passkey)),
        ("passkey is null", "tk-credential", by_passkey(passkey=None)),
        ("neither key nor passkey", "tk-credential", without("passkey")),
        ("passkey with a short id", "tk-credential", by_passkey(passkey={**PHONE.passkey, "id": "short"})),
        ("passkey with an algorithm", "tk-credential", by_passkey(passkey={**PHONE.passkey, "alg": -7})),
        ("rp of another site", "tk-credential", by_passkey(passkey={**PHONE.passkey, "rp": "example.com"})),
        ("rp that ends a label", "tk-credential", by_passkey(passkey={**PHONE.passkey, "rp": "syn.example"})),
        ("rp below the site", "tk-credential", by_passkey(passkey={**PHONE.passkey, "rp": "a.tillsyn.example"})),
        ("site without TLS", "tk-credential", by_passkey(passkey={**PHONE.passkey, "origin": "http://tillsyn"})),
        ("site with a path", "tk-credential", by_passkey(passkey={**PHONE.passkey, "origin": f"{PHONE.origin}/"})),
        ("browser keys as a number", "tk-policy", saying(POLICY, browser_keys=1)),
        ("shift of 13 hours", "tk-policy", saying(POLICY, delegation_seconds=46_800)),
        ("policy for looks of 121 seconds", "tk-policy", saying(POLICY, look_seconds=121)),
        ("policy number 0", "tk-policy", saying(POLICY, number=0)),
        ("revoked key that is none", "tk-revocations", saying(LISTED, revoked=["short"])),
        ("revoked twice", "tk-revocations", saying(LISTED, revoked=[HASH, HASH])),
        ("too many revoked", "tk-revocations", saying(LISTED, revoked=[digest(str(one)) for one in range(351)])),
        ("number ahead of its time", "tk-revocations", saying(LISTED, number=NOW - 1_600_000_000)),
        ("certificate for policy -1", "tk-hubcert", saying(CERTIFICATE, policy=-1)),
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


def keys() -> list[Case]:
    """Public keys and their thumbprints; '' where it is no key."""
    good: list[PublicKey] = [one.public for one in (ROOT, HUB, BROWSER)]
    one_point = b64u_encode((1).to_bytes(32, "little"))
    bad = (one_point, b64u_encode(bytes(32)), "AA", HUB.public.x + "A", HUB.public.x[:-1] + "=")
    return [
        *({"x": one.x, "kid": one.kid} for one in good),
        *({"x": x, "kid": ""} for x in bad),
    ]


def pairings() -> list[Case]:
    """Pairing codes as text, and what each side makes of them: where they meet, the hub's proof and the words."""
    codes = (
        PairingCode("wss://tillsyn.example/hub", ROOT.public.kid, digest("a secret"), "Elsa, Storgatan", 2),
        PairingCode("ws://127.0.0.1:8080/hub", ROOT.public.kid, digest("another"), "Hem nr 4 – \u00d6st"),
    )
    return [
        {
            "code": one.encode(),
            **asdict(one),
            "hub": HUB.public.x,
            "rendezvous": one.rendezvous,
            "mac": one.mac(HUB.public),
            "words": [words.ENGLISH[place] for place in one.words(HUB.public)],
        }
        for one in codes
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
        "plans": plans(),
        "comparisons": comparisons(),
        "passkeys": [{"passkey": one.passkey, "kid": one.kid} for one in (PHONE, ADMIN_PHONE)],
        "delegations": delegations(),
        "policies": policies(),
        "revocations": revocations(),
        "pairings": pairings(),
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
