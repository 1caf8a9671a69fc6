"""The chain from the root to the person: named after what an attacker, or a mistake, would try."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.authenticator import Authenticator
from tests.tillsyn.made import (
    ADMIN,
    ADMIN_PHONE,
    COLLEAGUE,
    HUB,
    NOW,
    OPERATOR,
    PHONE,
    POLICY,
    ROOT,
    STRANGER,
    TRUST,
    admin_shift,
    by_passkey,
    credential,
    delegation,
    revoked,
    shift,
    talk,
    token,
)
from tillsyn.chain import (
    LIST_SECONDS,
    MAX_CREDENTIAL_SECONDS,
    MAX_SKEW,
    Trust,
    check_policy,
    check_revocations,
    hub_certificate,
    last_credential,
    parse_delegation,
    signer,
    signer_then,
)
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Operator, Role
from tillsyn.strict import b64u_encode, dump
from tillsyn.wire import HubCertificate, Login, Passkey, Policy, Revocations
from tillsyn.wire_people import NUMBERS_BEGIN, STRICTEST

PASSKEYS = Trust(replace(POLICY, browser_keys=False), TRUST.revocations)
"""A root that allows no keys in browsers."""
SHIFT, ADMIN_SHIFT = shift(), admin_shift()
BY_ADMIN = (*ADMIN_SHIFT, *shift(by=ADMIN))


def refuses(code: Refusal, call: Any, *arguments: Any) -> None:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    assert caught.value.code is code


# ---- a person by a key in the browser -------------------------------------------------------------------------------


def test_a_certified_person_is_known_by_name_and_role() -> None:
    who = signer(ROOT.public, TRUST, [credential()], NOW)
    assert who.operator == Operator(OPERATOR.public.kid, "Nilla Natt")
    assert (who.key, who.roles, who.units) == (OPERATOR.public, (Role.OPERATOR,), ("natt",))
    assert who.kids == {OPERATOR.public.kid}


@pytest.mark.parametrize(
    "chain", [[credential()], SHIFT, BY_ADMIN], ids=["browser key", "shift", "by an administrator"]
)
def test_the_last_credential_is_that_of_whoever_signs(chain: Sequence[str]) -> None:
    found = last_credential(chain)
    assert found is not None
    assert (found.name, found.roles) == ("Nilla Natt", (Role.OPERATOR,))


def test_the_root_signs_without_a_credential() -> None:
    assert last_credential(()) is None


@pytest.mark.parametrize(
    ("code", "chain"),
    [
        pytest.param(Refusal.UNKNOWN_SIGNER, [], id="no credential"),
        pytest.param(Refusal.UNKNOWN_SIGNER, [credential(), credential()], id="two credentials"),
        pytest.param(Refusal.UNKNOWN_SIGNER, [credential()] * 3, id="three credentials"),
        pytest.param(Refusal.UNKNOWN_SIGNER, [credential()] * 1000, id="a chain without end"),
        pytest.param(Refusal.UNKNOWN_SIGNER, [credential(by=OPERATOR)], id="certified by herself"),
        pytest.param(Refusal.UNKNOWN_SIGNER, [credential(by=HUB)], id="certified by the hub"),
        pytest.param(Refusal.CREDENTIAL_EXPIRED, [credential(exp=NOW)], id="expired this very second"),
        pytest.param(Refusal.CREDENTIAL_EXPIRED, [credential(iat=NOW + 121)], id="from the future"),
        pytest.param(
            Refusal.CREDENTIAL_EXPIRED,
            [credential(iat=NOW, exp=NOW + MAX_CREDENTIAL_SECONDS + 1)],
            id="valid for more than ninety days",
        ),
        pytest.param(
            Refusal.BAD_MESSAGE, [ROOT.sign(Login(HUB.public.kid, digest("x"), NOW))], id="no credential at all"
        ),
        pytest.param(Refusal.BAD_MESSAGE, ["rubbish"], id="rubbish"),
        pytest.param(Refusal.BAD_MESSAGE, [credential(certified=b64u_encode(bytes([1]) + bytes(31)))], id="a weak key"),
        pytest.param(Refusal.BAD_MESSAGE, [credential(), SHIFT[1]], id="a delegation after a key"),
        pytest.param(Refusal.BAD_MESSAGE, [SHIFT[1]], id="a delegation alone"),
    ],
)
def test_chain_that_does_not_hold_is_refused(code: Refusal, chain: list[str]) -> None:
    refuses(code, signer, ROOT.public, TRUST, chain, NOW)


def test_a_credential_forged_under_the_roots_name_is_refused() -> None:
    body = {
        "key": STRANGER.public.x,
        "name": "Root",
        "roles": ["operator"],
        "units": ["natt"],
        "iat": NOW,
        "exp": NOW + 9,
    }
    forged = token(dump(body), STRANGER, kid=ROOT.public.kid, typ="tk-credential")
    refuses(Refusal.BAD_SIGNATURE, signer, ROOT.public, TRUST, [forged], NOW)


@pytest.mark.parametrize("trust", [PASSKEYS, Trust()], ids=["forbidden by policy", "no policy yet"])
def test_browser_key_where_passkeys_are_asked_for_is_refused(trust: Trust) -> None:
    refuses(Refusal.BROWSER_KEY_NOT_ALLOWED, signer, ROOT.public, trust, [credential()], NOW)


# ---- a person by a passkey ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trust", [TRUST, PASSKEYS, Trust()], ids=["allowed", "passkeys only", "no policy yet"])
def test_a_session_key_signs_for_the_person_with_the_passkey(trust: Trust) -> None:
    who = signer(ROOT.public, trust, SHIFT, NOW)
    assert who.operator == Operator(PHONE.kid, "Nilla Natt")
    assert (who.key, who.kids) == (OPERATOR.public, {PHONE.kid, OPERATOR.public.kid})


def test_the_next_shift_on_the_same_phone_is_another_key_and_the_same_person() -> None:
    before, after = signer(ROOT.public, TRUST, SHIFT, NOW), signer(ROOT.public, TRUST, shift(key=COLLEAGUE), NOW)
    assert before.operator == after.operator
    assert before.key != after.key


@pytest.mark.parametrize(
    ("code", "last"),
    [
        pytest.param(Refusal.DELEGATION_EXPIRED, delegation(SHIFT[0], exp=NOW), id="that ends this very second"),
        pytest.param(Refusal.DELEGATION_EXPIRED, delegation(SHIFT[0], iat=NOW + 121), id="from the future"),
        pytest.param(
            Refusal.DELEGATION_EXPIRED,
            delegation(SHIFT[0], iat=NOW - 60, exp=NOW - 60 + 43_201),
            id="longer than twelve hours",
        ),
        pytest.param(
            Refusal.UNKNOWN_SIGNER, delegation(by_passkey(name="Another")), id="of another credential of hers"
        ),
        pytest.param(Refusal.BAD_SIGNATURE, delegation(SHIFT[0], phone=ADMIN_PHONE), id="by a colleague's passkey"),
        pytest.param(
            Refusal.BAD_SIGNATURE,
            delegation(SHIFT[0], phone=Authenticator("nilla", origin="https://evil.example")),
            id="given to another site",
        ),
        pytest.param(
            Refusal.BAD_MESSAGE, delegation(SHIFT[0], raw=b64u_encode(bytes([1]) + bytes(31))), id="to a weak key"
        ),
        pytest.param(Refusal.BAD_MESSAGE, credential(), id="that is a credential"),
        pytest.param(Refusal.BAD_MESSAGE, "rubbish", id="that is rubbish"),
    ],
)
def test_delegation_that_does_not_hold_is_refused(code: Refusal, last: str) -> None:
    refuses(code, signer, ROOT.public, TRUST, (SHIFT[0], last), NOW)


def test_passkey_without_delegation_is_refused() -> None:
    refuses(Refusal.BAD_MESSAGE, signer, ROOT.public, TRUST, SHIFT[:1], NOW)


def test_shift_longer_than_the_policy_is_refused() -> None:
    hour = Trust(replace(POLICY, delegation_seconds=3600))
    certified = by_passkey()
    assert signer(ROOT.public, hour, (certified, delegation(certified, iat=NOW, exp=NOW + 3600)), NOW)
    refuses(Refusal.DELEGATION_EXPIRED, signer, ROOT.public, hour, SHIFT, NOW)


def test_swapped_session_key_is_refused() -> None:
    typ, payload, *rest = SHIFT[1].split(".")
    swapped = delegation(SHIFT[0], STRANGER).split(".")[1]
    refuses(Refusal.BAD_SIGNATURE, signer, ROOT.public, TRUST, (SHIFT[0], ".".join((typ, swapped, *rest))), NOW)
    assert payload != swapped


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda one: one.replace("tk-delegation", "tk-credential"), id="of another type"),
        pytest.param(lambda one: one.rpartition(".")[0], id="with a part too few"),
        pytest.param(lambda one: one + ".AAAA", id="with a part too many"),
        pytest.param(lambda one: one + "=", id="padded"),
        pytest.param(lambda one: one + "\n", id="with a line break"),
        pytest.param(lambda one: "." + one, id="with an empty part"),
        pytest.param(lambda one: one + "A" * 4096, id="oversize"),
        pytest.param(lambda one: "\ud800" + one, id="with half a character"),
    ],
)
def test_delegation_of_another_form_is_refused(change: Any) -> None:
    refuses(Refusal.BAD_MESSAGE, parse_delegation, change(SHIFT[1]))


def test_what_a_delegation_says_is_read() -> None:
    said = parse_delegation(SHIFT[1]).statement
    assert (said.credential, said.key) == (digest(SHIFT[0]), OPERATOR.public.x)


# ---- certified by an administrator ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chain", "kids"),
    [
        pytest.param(BY_ADMIN, {ADMIN_PHONE.kid, ADMIN.public.kid, PHONE.kid, OPERATOR.public.kid}, id="passkeys"),
        pytest.param(
            (*ADMIN_SHIFT, credential(by=ADMIN)),
            {ADMIN_PHONE.kid, ADMIN.public.kid, OPERATOR.public.kid},
            id="the administrator has a passkey",
        ),
        pytest.param(
            (credential(ADMIN, roles=(Role.ADMIN,)), *shift(by=ADMIN)),
            {ADMIN.public.kid, PHONE.kid, OPERATOR.public.kid},
            id="the person has a passkey",
        ),
    ],
)
def test_an_administrator_certifies_people(chain: tuple[str, ...], kids: set[str]) -> None:
    who = signer(ROOT.public, TRUST, chain, NOW)
    assert (who.operator.name, who.key, who.roles) == ("Nilla Natt", OPERATOR.public, (Role.OPERATOR,))
    assert who.kids == kids


def test_what_an_administrator_certified_holds_when_their_shift_and_credential_have_ended() -> None:
    over = admin_shift(iat=NOW - 86_400, exp=NOW - 3000)
    over = (over[0], delegation(over[0], ADMIN, ADMIN_PHONE, iat=NOW - 7200, exp=NOW - 3500))
    assert signer(ROOT.public, TRUST, (*over, *shift(by=ADMIN, iat=NOW - 3600)), NOW)


@pytest.mark.parametrize(
    ("code", "above", "person"),
    [
        pytest.param(
            Refusal.DELEGATION_EXPIRED,
            (ADMIN_SHIFT[0], delegation(ADMIN_SHIFT[0], ADMIN, ADMIN_PHONE, iat=NOW - 7200, exp=NOW - 3600)),
            shift(by=ADMIN),
            id="after the administrator's shift",
        ),
        pytest.param(
            Refusal.DELEGATION_EXPIRED,
            (ADMIN_SHIFT[0], delegation(ADMIN_SHIFT[0], ADMIN, ADMIN_PHONE, iat=NOW - 3000)),
            shift(by=ADMIN),
            id="before the administrator's shift",
        ),
        pytest.param(
            Refusal.CREDENTIAL_EXPIRED,
            admin_shift(exp=NOW - 3600),
            shift(by=ADMIN),
            id="after the administrator's time",
        ),
        pytest.param(Refusal.ROLE_NOT_ALLOWED, admin_shift(roles=(Role.PLANNER,)), shift(by=ADMIN), id="by a planner"),
        pytest.param(
            Refusal.ROLE_NOT_ALLOWED,
            ADMIN_SHIFT,
            shift(by=ADMIN, roles=(Role.OPERATOR, Role.ADMIN)),
            id="another administrator",
        ),
        pytest.param(Refusal.UNIT_NOT_ALLOWED, ADMIN_SHIFT, shift(by=ADMIN, units=("dag",)), id="in another unit"),
        pytest.param(Refusal.UNKNOWN_SIGNER, ADMIN_SHIFT, shift(by=STRANGER), id="by somebody else"),
        pytest.param(Refusal.UNKNOWN_SIGNER, ADMIN_SHIFT, SHIFT, id="by the root, under an administrator"),
        pytest.param(
            Refusal.UNKNOWN_SIGNER, shift(ADMIN_PHONE, ADMIN, STRANGER), shift(by=ADMIN), id="by another root's"
        ),
        pytest.param(Refusal.CREDENTIAL_EXPIRED, ADMIN_SHIFT, shift(by=ADMIN, exp=NOW), id="that has expired"),
    ],
)
def test_person_certified_otherwise_is_refused(code: Refusal, above: tuple[str, ...], person: tuple[str, ...]) -> None:
    refuses(code, signer, ROOT.public, TRUST, (*above, *person), NOW)


def test_administrator_who_certified_an_administrator_gets_nobody_further() -> None:
    deputy = shift(PHONE, COLLEAGUE, ADMIN, roles=(Role.ADMIN,))
    refuses(Refusal.UNKNOWN_SIGNER, signer, ROOT.public, TRUST, (*ADMIN_SHIFT, *deputy, *shift(by=COLLEAGUE)), NOW)
    refuses(
        Refusal.UNKNOWN_SIGNER,
        signer,
        ROOT.public,
        TRUST,
        (credential(ADMIN, roles=(Role.ADMIN,)), credential(COLLEAGUE, by=ADMIN), credential(by=COLLEAGUE)),
        NOW,
    )


def test_administrator_with_a_browser_key_where_passkeys_are_asked_for_is_refused() -> None:
    above = credential(ADMIN, roles=(Role.ADMIN,))
    refuses(Refusal.BROWSER_KEY_NOT_ALLOWED, signer, ROOT.public, PASSKEYS, (above, *shift(by=ADMIN)), NOW)


# ---- revoked keys, and clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kid",
    [
        pytest.param(PHONE.kid, id="her passkey"),
        pytest.param(OPERATOR.public.kid, id="her shift"),
        pytest.param(ADMIN_PHONE.kid, id="the passkey of who certified her"),
        pytest.param(ADMIN.public.kid, id="the shift in which she was certified"),
    ],
)
def test_revoked_key_is_refused(kid: str) -> None:
    refuses(Refusal.REVOKED, signer, ROOT.public, Trust(POLICY, revoked(kid)), BY_ADMIN, NOW)
    assert signer(ROOT.public, Trust(POLICY, revoked(HUB.public.kid)), BY_ADMIN, NOW)


def test_revoked_browser_key_is_refused() -> None:
    refuses(Refusal.REVOKED, signer, ROOT.public, Trust(POLICY, revoked(OPERATOR.public.kid)), [credential()], NOW)


@pytest.mark.parametrize(
    ("iat", "fresh"),
    [
        (NOW, True),
        (NOW - LIST_SECONDS, True),
        (NOW - LIST_SECONDS - 1, False),
        (NOW + MAX_SKEW, True),
        (NOW + MAX_SKEW + 1, False),
    ],
)
def test_a_list_is_good_for_a_day(iat: int, fresh: bool) -> None:
    assert Trust(POLICY, revoked(iat=iat)).is_fresh(NOW) is fresh


def test_no_list_is_too_old() -> None:
    refuses(Refusal.REVOCATIONS_STALE, Trust().check_fresh, NOW)
    refuses(Refusal.REVOCATIONS_STALE, Trust(POLICY, revoked(iat=NOW - LIST_SECONDS - 1)).check_fresh, NOW)


@pytest.mark.parametrize(
    "trust",
    [
        pytest.param(Trust(seen=NOW + 121), id="the last line of the journal"),
        pytest.param(Trust(replace(POLICY, iat=NOW + 121)), id="the policy"),
        pytest.param(Trust(POLICY, revoked(iat=NOW + 121)), id="the list"),
    ],
)
def test_clock_that_is_set_back_is_refused(trust: Trust) -> None:
    refuses(Refusal.CLOCK_SKEW, signer, ROOT.public, trust, SHIFT, NOW)
    refuses(Refusal.CLOCK_SKEW, trust.check_fresh, NOW)
    assert signer(ROOT.public, trust, SHIFT, NOW + 1)


# ---- policy ---------------------------------------------------------------------------------------------------------

NEWER = replace(POLICY, number=2, iat=NOW)


def test_a_newer_policy_of_the_root_is_taken() -> None:
    assert check_policy(ROOT.public, TRUST, 2, ROOT.sign(NEWER), NOW) == NEWER
    assert check_policy(ROOT.public, Trust(), 0, ROOT.sign(POLICY), NOW) == POLICY


@pytest.mark.parametrize(
    ("code", "policy", "least"),
    [
        pytest.param(Refusal.REPLAYED, ROOT.sign(POLICY), 0, id="the same again"),
        pytest.param(Refusal.UNKNOWN_SIGNER, ADMIN.sign(NEWER), 0, id="by an administrator"),
        pytest.param(Refusal.UNKNOWN_SIGNER, STRANGER.sign(NEWER), 0, id="by a stranger"),
        pytest.param(Refusal.BAD_SIGNATURE, token(NEWER, STRANGER, kid=ROOT.public.kid), 0, id="in the root's name"),
        pytest.param(Refusal.CLOCK_SKEW, ROOT.sign(replace(NEWER, iat=NOW + 121)), 0, id="from the future"),
        pytest.param(Refusal.POLICY, ROOT.sign(NEWER), 3, id="older than the hub's certificate asks for"),
        pytest.param(Refusal.BAD_MESSAGE, SHIFT[0], 0, id="that is none"),
    ],
)
def test_other_policy_is_refused(code: Refusal, policy: str, least: int) -> None:
    refuses(code, check_policy, ROOT.public, TRUST, least, policy, NOW)


def test_without_a_policy_the_strictest_holds() -> None:
    assert Trust().policy == STRICTEST == Policy(0, False, 43_200, 60, 1, 0)


# ---- lists of revoked keys ------------------------------------------------------------------------------------------

LIST = revoked(PHONE.kid, number=3, iat=NOW)
KNOWN = Trust(POLICY, revoked(number=2))


@pytest.mark.parametrize("trust", [TRUST, Trust(), PASSKEYS], ids=["known", "nothing known", "passkeys only"])
@pytest.mark.parametrize(
    ("key", "chain"),
    [
        pytest.param(ROOT, (), id="the root"),
        pytest.param(ADMIN, ADMIN_SHIFT, id="an administrator's shift"),
        pytest.param(ADMIN, (credential(ADMIN, roles=(Role.ADMIN,)),), id="the key that keeps it fresh"),
    ],
)
def test_a_newer_list_is_taken(trust: Trust, key: SigningKey, chain: tuple[str, ...]) -> None:
    assert check_revocations(ROOT.public, trust, key.sign(LIST), chain, NOW) == LIST


def test_a_list_holds_when_the_shift_in_which_it_was_made_has_ended() -> None:
    assert check_revocations(ROOT.public, TRUST, ADMIN.sign(LIST), ADMIN_SHIFT, NOW + 80_000) == LIST


@pytest.mark.parametrize(
    ("code", "made", "chain"),
    [
        pytest.param(Refusal.REPLAYED, ROOT.sign(revoked(number=2, iat=NOW)), (), id="the same number again"),
        pytest.param(Refusal.REPLAYED, ROOT.sign(revoked(number=1, iat=NOW)), (), id="an old list"),
        pytest.param(Refusal.CLOCK_SKEW, ROOT.sign(replace(LIST, iat=NOW + 121)), (), id="from the future"),
        pytest.param(Refusal.UNKNOWN_SIGNER, STRANGER.sign(LIST), (), id="by a stranger"),
        pytest.param(Refusal.UNKNOWN_SIGNER, STRANGER.sign(LIST), ADMIN_SHIFT, id="by a stranger with a chain"),
        pytest.param(Refusal.UNKNOWN_SIGNER, ROOT.sign(LIST), ADMIN_SHIFT, id="by the root with another's chain"),
        pytest.param(Refusal.ROLE_NOT_ALLOWED, OPERATOR.sign(LIST), SHIFT, id="by an operator"),
        pytest.param(
            Refusal.ROLE_NOT_ALLOWED,
            OPERATOR.sign(LIST),
            (*ADMIN_SHIFT, *shift(by=ADMIN, roles=(Role.ADMIN,))),
            id="by whom an administrator made one",
        ),
        pytest.param(
            Refusal.DELEGATION_EXPIRED,
            ADMIN.sign(replace(LIST, iat=NOW - 1000)),
            (ADMIN_SHIFT[0], delegation(ADMIN_SHIFT[0], ADMIN, ADMIN_PHONE, iat=NOW - 800)),
            id="made before the shift",
        ),
        pytest.param(
            Refusal.BAD_MESSAGE, token(replace(LIST, number=NOW - NUMBERS_BEGIN + 1), ROOT), (), id="number used up"
        ),
        pytest.param(Refusal.BAD_MESSAGE, ROOT.sign(POLICY), (), id="that is none"),
    ],
)
def test_other_list_is_refused(code: Refusal, made: str, chain: tuple[str, ...]) -> None:
    refuses(code, check_revocations, ROOT.public, KNOWN, made, chain, NOW)


@pytest.mark.parametrize("kid", [ADMIN_PHONE.kid, ADMIN.public.kid])
def test_list_by_an_administrator_who_is_revoked_is_refused(kid: str) -> None:
    known = Trust(POLICY, revoked(kid, number=2))
    refuses(Refusal.REVOKED, check_revocations, ROOT.public, known, ADMIN.sign(LIST), ADMIN_SHIFT, NOW)
    assert check_revocations(ROOT.public, known, ROOT.sign(LIST), (), NOW) == LIST


def test_the_root_can_go_on_after_whoever_took_the_highest_number() -> None:
    highest = Revocations(NOW + 120 - NUMBERS_BEGIN, (), NOW + 120)
    greedy = check_revocations(ROOT.public, TRUST, ADMIN.sign(highest), ADMIN_SHIFT, NOW)
    after = Revocations(greedy.number + 1, (ADMIN_PHONE.kid,), NOW + 121)
    assert check_revocations(ROOT.public, Trust(POLICY, greedy), ROOT.sign(after), (), NOW + 121) == after


# ---- the hub's certificate ------------------------------------------------------------------------------------------


def certificate(key: SigningKey = HUB, by: SigningKey = ROOT, iat: int = NOW, exp: int = NOW + 9) -> str:
    return by.sign(HubCertificate(key.public.x, "Storgatan 1", "Kungsbacka", iat, exp, 4))


INSTALLER = shift(roles=(Role.INSTALLER,))


@pytest.mark.parametrize(
    ("key", "chain"),
    [
        pytest.param(ROOT, (), id="the root"),
        pytest.param(OPERATOR, INSTALLER, id="an installer"),
        pytest.param(OPERATOR, shift(roles=(Role.PLANNER, Role.OPERATOR)), id="a planner"),
        pytest.param(OPERATOR, (*ADMIN_SHIFT, *shift(by=ADMIN, roles=(Role.INSTALLER,))), id="of an administrator"),
    ],
)
def test_the_hubs_certificate_is_read(key: SigningKey, chain: tuple[str, ...]) -> None:
    found = hub_certificate(ROOT.public, Trust(), certificate(by=key), chain, HUB.public, NOW)
    assert (found.municipality, found.policy) == ("Kungsbacka", 4)


def test_a_certificate_outlives_the_shift_in_which_it_was_made() -> None:
    made = certificate(by=OPERATOR, exp=NOW + 10**7)
    assert hub_certificate(ROOT.public, Trust(), made, INSTALLER, HUB.public, NOW + 10**7 - 1)


@pytest.mark.parametrize(
    ("code", "made", "chain"),
    [
        pytest.param(Refusal.WRONG_HUB, certificate(STRANGER), (), id="of another hub"),
        pytest.param(Refusal.UNKNOWN_SIGNER, certificate(by=HUB), (), id="by the hub itself"),
        pytest.param(Refusal.CREDENTIAL_EXPIRED, certificate(exp=NOW), (), id="expired"),
        pytest.param(Refusal.ROLE_NOT_ALLOWED, certificate(by=OPERATOR), SHIFT, id="by an operator"),
        pytest.param(
            Refusal.DELEGATION_EXPIRED, certificate(by=OPERATOR, iat=NOW + 7200), INSTALLER, id="after the shift"
        ),
        pytest.param(
            Refusal.BROWSER_KEY_NOT_ALLOWED,
            certificate(by=OPERATOR),
            (credential(roles=(Role.INSTALLER,)),),
            id="by an installer without a passkey",
        ),
    ],
)
def test_other_hub_certificate_is_refused(code: Refusal, made: str, chain: tuple[str, ...]) -> None:
    refuses(code, hub_certificate, ROOT.public, Trust(), made, chain, HUB.public, NOW)


def test_the_home_asks_neither_policy_nor_list_who_certified_its_hub() -> None:
    """It goes on when the installer has left; whoever looks for the right hub does ask."""
    chain = (credential(roles=(Role.INSTALLER,)),)
    made = certificate(by=OPERATOR)
    assert hub_certificate(ROOT.public, None, made, chain, HUB.public, NOW).key == HUB.public.x
    left = Trust(Policy(1, True, 43_200, 60, 1, NOW), Revocations(5, (OPERATOR.public.kid,), NOW))
    refuses(Refusal.REVOKED, hub_certificate, ROOT.public, left, made, chain, HUB.public, NOW)
    of_an_operator = (credential(),)
    refuses(Refusal.ROLE_NOT_ALLOWED, hub_certificate, ROOT.public, None, made, of_an_operator, HUB.public, NOW)


# ---- size -----------------------------------------------------------------------------------------------------------


def hardware(phone: Authenticator) -> Passkey:
    """The passkey with an id of 64 bytes."""
    return Passkey(**(phone.passkey | {"id": "A" * 86}))


def test_a_look_with_its_chain_is_no_more_than_six_kilobytes() -> None:
    """With long names and sites, and passkey ids as long as hardware keys make them."""
    rp, name = "tillsyn.kommunalforbundet.example", "Åsa-Margareta Öqvist-Sjöström " * 2 + "Å"
    phone, above = (Authenticator(one, rp, f"https://natt.{rp}:8443") for one in ("nilla", "admin"))
    long: dict[str, Any] = {"name": name, "units": tuple(f"natt-{n}" for n in range(6))}
    roles = (Role.OPERATOR, Role.PATROL, Role.PLANNER, Role.INSTALLER)
    admin = admin_shift(roles=(*roles, Role.ADMIN), **long, passkey=hardware(above))
    admin = (admin[0], delegation(admin[0], ADMIN, above))
    person = by_passkey(phone, ADMIN, roles=roles, **long, passkey=hardware(phone))
    chain = (*admin, person, delegation(person, OPERATOR, phone))
    assert signer(ROOT.public, TRUST, chain, NOW).key == OPERATOR.public
    assert len(talk().look) + sum(map(len, chain)) <= 6000


def test_long_afterwards_it_counts_who_signed_then() -> None:
    """The policy of then is not known; a browser's key may have been allowed."""
    chain = (credential(),)
    assert signer_then(ROOT.public, chain, NOW).key == OPERATOR.public
    assert signer_then(ROOT.public, (*admin_shift(), *shift(by=ADMIN)), NOW).operator.name == "Nilla Natt"
    for at in (NOW - 4000, NOW + 86_400):
        with pytest.raises(Refused) as caught:
            signer_then(ROOT.public, chain, at)
        assert caught.value.code is Refusal.CREDENTIAL_EXPIRED
