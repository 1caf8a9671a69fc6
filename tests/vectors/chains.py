"""The vectors of the chain from the root to the person: credentials, delegations, policies and lists."""

import json
from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tests.authenticator import (
    ATTESTED,
    BACKED_UP,
    BACKUP_ELIGIBLE,
    EXTENDED,
    ORDER,
    PRESENT,
    VERIFIED,
    Authenticator,
)
from tests.vectors.known import (
    ADMIN,
    ADMIN_PHONE,
    BROWSER,
    CERTIFICATE,
    CREDENTIAL,
    HUB,
    LISTED,
    NOW,
    PASSKEYS,
    PHONE,
    POLICY,
    ROOT,
    SESSION,
    STRANGER,
    Case,
    bent,
    header,
    signed,
)
from tillsyn import wire
from tillsyn.chain import Trust, signer
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Role
from tillsyn.strict import b64u_decode, b64u_encode
from tillsyn.wire_people import STRICTEST


def certified(phone: Authenticator, by: SigningKey = ROOT, **changes: object) -> str:
    """A tk-credential of the passkey in ``phone``."""
    values = {"iat": NOW - 3600, "exp": NOW + 86_400, "key": "", "passkey": wire.Passkey(**phone.passkey)}
    return by.sign(replace(CREDENTIAL, **(values | changes)))  # type: ignore[arg-type]


def delegated(credential: str, session: SigningKey, phone: Authenticator, **changes: int) -> bytes:
    """The statement by which a passkey certifies a session key."""
    values = {"iat": NOW - 4000, "exp": NOW + 7200} | changes
    return wire.Delegation(digest(credential), session.public.x, values["iat"], values["exp"]).payload()


def shift(phone: Authenticator, session: SigningKey, by: SigningKey = ROOT, **changes: object) -> list[str]:
    """A credential and its delegation."""
    credential = certified(phone, by, **changes)
    return [credential, phone.token(delegated(credential, session, phone))]


def admin_shift(**changes: object) -> list[str]:
    """An administrator's."""
    return shift(ADMIN_PHONE, ADMIN, **({"name": "Adam", "roles": (Role.ADMIN,)} | changes))


def chains() -> list[Case]:
    """Chains at NOW under a policy and a list; ``code`` '' where they hold, and then whose they are."""
    loose = wire.Policy(1, True, 43_200, 60, 1, NOW - 60)
    rows = [
        *((name, loose, None, chain, code) for name, chain, code in _browser_chains()),
        *((name, PASSKEYS, None, chain, code) for name, chain, code in _passkey_chains()),
        *_ruled_chains(),
    ]
    return [
        {
            "name": name,
            **known(policy, revoked),
            "chain": chain,
            "now": NOW,
            "code": code,
            **_whose(policy, revoked, chain, code),
        }
        for name, policy, revoked, chain, code in rows
    ]


def _whose(policy: wire.Policy | None, revoked: wire.Revocations | None, chain: list[str], code: str) -> Case:
    if code:
        return {}
    who = signer(ROOT.public, Trust(policy or STRICTEST, revoked), chain, NOW)
    return {"person": who.operator.kid, "session": who.key.kid, "kids": sorted(who.kids)}


def _browser_chains() -> list[tuple[str, list[str], str]]:
    def credential(**changes: object) -> str:
        return ROOT.sign(replace(CREDENTIAL, **changes))  # type: ignore[arg-type]

    above = credential(key=ADMIN.public.x, roles=(Role.ADMIN,))
    deputy = ADMIN.sign(replace(CREDENTIAL, roles=(Role.ADMIN,)))
    mere = credential(key=ADMIN.public.x)
    weak = b64u_encode(bytes(32))
    return [
        ("holds", [credential()], ""),
        ("holds by an administrator", [above, ADMIN.sign(CREDENTIAL)], ""),
        ("empty chain", [], "unknown_signer"),
        ("two credentials", [credential()] * 2, "unknown_signer"),
        ("three credentials", [above, deputy, credential()], "unknown_signer"),
        ("five credentials", [credential()] * 5, "unknown_signer"),
        ("another root", [STRANGER.sign(CREDENTIAL)], "unknown_signer"),
        ("ended", [credential(exp=NOW)], "credential_expired"),
        ("from the future", [credential(iat=NOW + 121)], "credential_expired"),
        ("valid for too long", [credential(exp=NOW - 60 + 90 * 86400 + 1)], "credential_expired"),
        ("key of small order", [credential(key=weak)], "bad_message"),
        ("a certificate in its place", [ROOT.sign(CERTIFICATE)], "bad_message"),
        ("a delegation of nothing", [credential(), shift(PHONE, SESSION)[1]], "bad_message"),
        (
            "signed by who is no administrator",
            [mere, ADMIN.sign(CREDENTIAL)],
            "role_not_allowed",
        ),
        ("makes an administrator", [above, deputy], "role_not_allowed"),
        ("for another unit", [above, ADMIN.sign(replace(CREDENTIAL, units=("dag",)))], "unit_not_allowed"),
    ]


def _passkey_chains() -> list[tuple[str, list[str], str]]:
    credential, right = shift(PHONE, SESSION)
    elsewhere = Authenticator("Åsa", origin="https://evil.example")
    said = delegated(credential, SESSION, PHONE)

    def other(**changes: int) -> list[str]:
        return [credential, PHONE.token(delegated(credential, SESSION, PHONE, **changes))]

    def with_data(flags: int, more: bytes = b"") -> list[str]:
        return [credential, PHONE.token(said, PHONE.authenticator_data(flags, more=more))]

    def with_client(client: bytes) -> list[str]:
        return [credential, PHONE.token(said, client=client)]

    def with_signature(change: Callable[[bytes], bytes]) -> list[str]:
        return [credential, bent(right, 4, lambda part: b64u_encode(change(b64u_decode(part))))]

    both = PRESENT | VERIFIED
    off_curve = wire.Passkey(**(PHONE.passkey | {"y": PHONE.passkey["x"]}))
    other_rp = Authenticator("Åsa", "a.example").authenticator_data()
    null = b'{"crossOrigin":null,' + PHONE.client_data(said, crossOrigin=None)[1:]
    twins = PHONE.client_data(said)[:-1] + b',"origin":"https://tillsyn.example"}'
    weak = said.replace(SESSION.public.x.encode(), b"A" * 43)
    admin = admin_shift()
    early = admin_shift(iat=NOW)
    return [
        ("a shift holds", [credential, right], ""),
        ("a shift by an administrator holds", [*admin, *shift(PHONE, SESSION, ADMIN)], ""),
        ("a synced passkey holds", with_data(both | BACKUP_ELIGIBLE | BACKED_UP), ""),
        ("extensions hold", with_data(both | EXTENDED, b"\xa0"), ""),
        ("more client data holds", with_client(PHONE.client_data(said, other_keys_can_be_added_here="yes")), ""),
        ("no crossOrigin holds", with_client(PHONE.client_data(said, crossOrigin=None)), ""),
        ("no delegation", [credential], "bad_message"),
        ("a browser key where passkeys are asked for", [ROOT.sign(CREDENTIAL)], "browser_key_not_allowed"),
        ("a shift that has ended", other(exp=NOW), "delegation_expired"),
        ("a shift from the future", other(iat=NOW + 121), "delegation_expired"),
        ("a shift beyond the policy", other(iat=NOW, exp=NOW + 28_801), "delegation_expired"),
        (
            "a delegation of another credential",
            [credential, PHONE.token(delegated(ROOT.sign(CREDENTIAL), SESSION, PHONE))],
            "unknown_signer",
        ),
        ("another passkey", [credential, ADMIN_PHONE.token(said)], "bad_signature"),
        ("another site", [credential, elsewhere.token(said)], "bad_signature"),
        ("another rp", [credential, PHONE.token(said, other_rp)], "bad_signature"),
        ("nobody was there", with_data(VERIFIED), "bad_signature"),
        ("nobody was verified", with_data(PRESENT), "bad_signature"),
        ("authenticator data with a tail", with_data(both, b"\xa0"), "bad_message"),
        ("extensions that are not there", with_data(both | EXTENDED), "bad_message"),
        ("a new key in it", with_data(both | ATTESTED | EXTENDED, bytes(40)), "bad_message"),
        ("backed up though it cannot be", with_data(both | BACKED_UP), "bad_message"),
        ("a registration", with_client(PHONE.client_data(said, type="webauthn.create")), "bad_message"),
        ("within another site", with_client(PHONE.client_data(said, crossOrigin=True)), "bad_signature"),
        ("crossOrigin is null", with_client(null), "bad_signature"),
        ("another challenge", with_client(PHONE.client_data(said + b" ")), "bad_signature"),
        ("a challenge with padding", with_client(_padded(said)), "bad_signature"),
        ("two origins", with_client(twins), "bad_message"),
        ("another session key", [credential, _swapped(right, said)], "bad_signature"),
        ("a session key of small order", [credential, PHONE.token(weak)], "bad_message"),
        ("a passkey off its curve", shift(PHONE, SESSION, passkey=off_curve), "bad_message"),
        ("no signature", with_signature(lambda _: b""), "bad_signature"),
        ("a signature of 73 bytes", with_signature(lambda _: bytes(73)), "bad_message"),
        ("a signature with a tail", with_signature(lambda raw: raw + b"\0"), "bad_signature"),
        ("a signature with a longer length", with_signature(lambda raw: raw[:1] + b"\x81" + raw[1:]), "bad_signature"),
        ("a signature with a leading zero", with_signature(_zero_in_front), "bad_signature"),
        ("the other form of the signature holds", with_signature(_other_form), ""),
        ("a signature of zeros", with_signature(lambda _: encode_dss_signature(0, 0)), "bad_signature"),
        ("a signature as two plain numbers", with_signature(_plain), "bad_signature"),
        ("certified after the administrator's shift", [*_over(), *shift(PHONE, SESSION, ADMIN)], "delegation_expired"),
        ("certified before the administrator", [*early, *shift(PHONE, SESSION, ADMIN)], "credential_expired"),
    ]


def _over() -> list[str]:
    credential = certified(ADMIN_PHONE, roles=(Role.ADMIN,))
    return [credential, ADMIN_PHONE.token(delegated(credential, ADMIN, ADMIN_PHONE, iat=NOW - 7200, exp=NOW - 3600))]


def _padded(said: bytes) -> bytes:
    return PHONE.client_data(said, challenge=digest(said) + "=")


def _swapped(token: str, said: bytes) -> str:
    return bent(token, 1, lambda _: b64u_encode(said.replace(SESSION.public.x.encode(), STRANGER.public.x.encode())))


def _other_form(raw: bytes) -> bytes:
    r, s = decode_dss_signature(raw)
    return encode_dss_signature(r, ORDER - s)


def _plain(raw: bytes) -> bytes:
    r, s = decode_dss_signature(raw)
    return r.to_bytes(32) + s.to_bytes(32)


def _zero_in_front(raw: bytes) -> bytes:
    """The same numbers, the first of them with a zero too many."""
    length = raw[3]
    return bytes([0x30, raw[1] + 1, 0x02, length + 1, 0]) + raw[4:]


def _ruled_chains() -> list[tuple[str, wire.Policy | None, wire.Revocations | None, list[str], str]]:
    mine, whole = shift(PHONE, SESSION), [*admin_shift(), *shift(PHONE, SESSION, ADMIN)]

    def revoking(kid: str) -> wire.Revocations:
        return replace(LISTED, revoked=(*LISTED.revoked, kid))

    return [
        ("before there is a policy", None, None, mine, ""),
        ("a browser key before there is a policy", None, None, [ROOT.sign(CREDENTIAL)], "browser_key_not_allowed"),
        ("others are revoked", PASSKEYS, LISTED, whole, ""),
        ("the passkey is revoked", PASSKEYS, revoking(PHONE.kid), whole, "revoked"),
        ("the shift is revoked", PASSKEYS, revoking(SESSION.public.kid), whole, "revoked"),
        ("the administrator is revoked", PASSKEYS, revoking(ADMIN_PHONE.kid), whole, "revoked"),
        ("the administrator's shift is revoked", PASSKEYS, revoking(ADMIN.public.kid), whole, "revoked"),
        ("the browser key is revoked", POLICY, revoking(BROWSER.public.kid), [ROOT.sign(CREDENTIAL)], "revoked"),
        ("an administrator's browser key", PASSKEYS, None, [_key_admin(), *whole[2:]], "browser_key_not_allowed"),
    ]


def _key_admin() -> str:
    return ROOT.sign(replace(CREDENTIAL, key=ADMIN.public.x, roles=(Role.ADMIN,), iat=NOW - 7200))


def delegations() -> list[Case]:
    """The form of a tk-delegation alone; ``code`` '' where it can be read."""
    credential, right = shift(PHONE, SESSION)
    said = delegated(credential, SESSION, PHONE)
    rows = [
        ("right", right, ""),
        ("empty", "", "bad_message"),
        ("of another type", right.replace("tk-delegation", "tk-credential"), "bad_message"),
        ("a part too few", right.rpartition(".")[0], "bad_message"),
        ("a part too many", right + ".AAAA", "bad_message"),
        ("padding", right + "=", "bad_message"),
        ("oversize", right + "A" * 4096, "bad_message"),
        ("a field too many", PHONE.token(said[:-1] + b',"more":1}'), "bad_message"),
        ("a field too few", PHONE.token(said.replace(b'"exp"', b'"ex"')), "bad_message"),
        ("much statement", PHONE.token(said + b" " * 512), "bad_message"),
        ("a credential", ROOT.sign(CREDENTIAL), "bad_message"),
    ]
    return [{"name": name, "token": token, "code": code} for name, token, code in rows]


def known(policy: wire.Policy | None, revoked: wire.Revocations | None) -> Case:
    """What is known of the root's will."""
    return {
        "policy": None if policy is None else json.loads(policy.payload()),
        "revocations": None if revoked is None else json.loads(revoked.payload()),
    }


def policies() -> list[Case]:
    """Policies at NOW where POLICY is known."""
    newer = replace(POLICY, number=3, iat=NOW)
    rows = [
        ("newer", ROOT.sign(newer), ""),
        ("the same", ROOT.sign(POLICY), "replayed"),
        ("older", ROOT.sign(replace(POLICY, number=1)), "replayed"),
        ("from the future", ROOT.sign(replace(newer, iat=NOW + 121)), "clock_skew"),
        ("by an administrator", ADMIN.sign(newer), "unknown_signer"),
    ]
    told = known(POLICY, None)
    return [{"name": name, "token": token, "now": NOW, "code": code, **told} for name, token, code in rows]


def revocations() -> list[Case]:
    """Lists at NOW where LISTED is known and only passkeys are allowed."""
    newer = replace(LISTED, number=5, iat=NOW)
    admin = admin_shift()
    gone = replace(LISTED, revoked=(ADMIN_PHONE.kid,))
    rows = [
        ("by the root", LISTED, ROOT.sign(newer), [], ""),
        ("by an administrator", LISTED, ADMIN.sign(newer), admin, ""),
        ("by the key that keeps it fresh", LISTED, ADMIN.sign(newer), [_key_admin()], ""),
        ("the first", None, ROOT.sign(newer), [], ""),
        ("the same", LISTED, ROOT.sign(LISTED), [], "replayed"),
        ("from the future", LISTED, ROOT.sign(replace(newer, iat=NOW + 121)), [], "clock_skew"),
        ("by a stranger", LISTED, STRANGER.sign(newer), [], "unknown_signer"),
        ("by a stranger with a chain", LISTED, STRANGER.sign(newer), admin, "unknown_signer"),
        ("by an operator", LISTED, SESSION.sign(newer), shift(PHONE, SESSION), "role_not_allowed"),
        ("by an administrator who is revoked", gone, ADMIN.sign(newer), admin, "revoked"),
        ("made after the shift", LISTED, ADMIN.sign(newer), _over(), "delegation_expired"),
    ]
    return [
        {"name": name, "token": token, "chain": chain, "now": NOW, "code": code, **known(PASSKEYS, listed)}
        for name, listed, token, chain, code in rows
    ]


def certificates() -> list[Case]:
    """Hub certificates for HUB's key at NOW, before any policy is known; ``at_home``: the code where none is asked."""
    ended, other = replace(CERTIFICATE, exp=NOW), replace(CERTIFICATE, key=STRANGER.public.x)
    installer = shift(PHONE, SESSION, roles=(Role.INSTALLER,))
    with_a_browser = ROOT.sign(replace(CREDENTIAL, roles=(Role.INSTALLER,)))
    rows: list[tuple[str, str, list[str], str]] = [
        ("holds", ROOT.sign(CERTIFICATE), [], ""),
        ("by an installer", SESSION.sign(CERTIFICATE), installer, ""),
        ("of protocol 2", _certificate_2(), [], ""),
        ("another root", STRANGER.sign(CERTIFICATE), [], "unknown_signer"),
        ("another hub", ROOT.sign(other), [], "wrong_hub"),
        ("ended", ROOT.sign(ended), [], "credential_expired"),
        ("by an operator", SESSION.sign(CERTIFICATE), shift(PHONE, SESSION), "role_not_allowed"),
        ("by a browser key", BROWSER.sign(CERTIFICATE), [with_a_browser], "browser_key_not_allowed"),
    ]
    return [
        {
            "name": name,
            "token": token,
            "chain": chain,
            "hub": HUB.public.x,
            "now": NOW,
            "code": code,
            "at_home": "" if code == "browser_key_not_allowed" else code,
        }
        for name, token, chain, code in rows
    ]


def _certificate_2() -> str:
    found = json.loads(CERTIFICATE.payload())
    del found["policy"]
    return signed(ROOT, header(ROOT, "tk-hubcert"), json.dumps(found, ensure_ascii=False).encode())
