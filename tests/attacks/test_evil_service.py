"""An operator service gone bad: it holds every secret that the service has, every message there ever was, and keys of
its own; it has no key of root, person, session or hub. It may refuse service, and nothing more.

Each attack changes one thing in what opens (``besieged.opens_nothing`` has the right look open an equal home first).
What was right once and is said again: test_evil_replay.py; between the two ends: test_evil_between.py. The same signed
fields one by one: tests/tillsyn/test_admission.py and test_chain.py; what the bridge says before the home is even
asked: tests/bridge/test_attacks.py; games with headers and encodings: test_signatures.py; every parser: test_fuzz.py;
the real shell: tests/integration/test_looks_refused.py.
"""

import json
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.besieged import (
    ADMIN_SHIFT,
    CHAIN,
    PASSKEYS,
    PLAN,
    SAID,
    SHIFT,
    Besieged,
    looking,
    not_seen,
    opened,
    opens_nothing,
    right,
    turn,
)
from tests.authenticator import Authenticator
from tests.tillsyn.made import (
    ADMIN,
    ADMIN_PHONE,
    COLLEAGUE,
    HUB,
    NOBODY,
    NOW,
    OPERATOR,
    PHONE,
    ROOT,
    STRANGER,
    Talk,
    admin_shift,
    by_passkey,
    delegation,
    revoked,
    shift,
    token,
)
from tillsyn.chain import LIST_SECONDS
from tillsyn.errors import CloseReason, Refusal
from tillsyn.identity import digest, parse
from tillsyn.model import Outcome, Role, Window
from tillsyn.strict import b64u_decode
from tillsyn.wire import STATEMENTS, Close, Credential, PlanAck

EVIL = STRANGER
"""The service's own key; it has as many as it likes."""
EVIL_PHONE = Authenticator("evil")
PLANNER = shift(Authenticator("kim"), COLLEAGUE, name="Kim Plan", roles=(Role.PLANNER,))


def by(*chain: str) -> Talk:
    """The right look with another chain under it."""
    return replace(SAID, chain=chain)


# ---- who signs ------------------------------------------------------------------------------------------------------


def test_foreign_root_opens_nothing() -> None:
    chain = (*admin_shift(by=EVIL), *SHIFT)
    opens_nothing(Refusal.UNKNOWN_SIGNER, looking(by(*chain)))


def test_foreign_root_under_the_roots_name_opens_nothing() -> None:
    admin = token(parse(Credential, ADMIN_SHIFT[0]).statement, EVIL, kid=ROOT.public.kid)
    opens_nothing(Refusal.BAD_SIGNATURE, looking(by(admin, delegation(admin, ADMIN, ADMIN_PHONE), *SHIFT)))


def test_forged_person_opens_nothing() -> None:
    opens_nothing(Refusal.UNKNOWN_SIGNER, looking(by(*ADMIN_SHIFT, *shift(by=EVIL))))


def test_forged_person_under_the_administrators_name_opens_nothing() -> None:
    person = token(parse(Credential, SHIFT[0]).statement, EVIL, kid=ADMIN.public.kid)
    opens_nothing(Refusal.BAD_SIGNATURE, looking(by(*ADMIN_SHIFT, person, delegation(person))))


def test_forged_shift_opens_nothing() -> None:
    """The person is real; the service certifies a session key of its own for her, with its own passkey."""
    forged = delegation(SHIFT[0], EVIL, EVIL_PHONE)
    said = SAID.asking(EVIL)
    said = replace(said, prepare=token(payload_of_prepare(), EVIL, typ="tk-prepare"), chain=(*CHAIN[:3], forged))
    opens_nothing(Refusal.BAD_SIGNATURE, looking(said))


def payload_of_prepare() -> bytes:
    return b64u_decode(SAID.prepare.split(".")[1])


def test_shift_of_another_person_opens_nothing() -> None:
    other = by_passkey(Authenticator("other"), ADMIN, name="Olle")
    mixed = delegation(other, OPERATOR, PHONE)
    opens_nothing(Refusal.UNKNOWN_SIGNER, looking(by(*ADMIN_SHIFT, SHIFT[0], mixed)))


def test_chain_without_its_administrator_opens_nothing() -> None:
    opens_nothing(Refusal.UNKNOWN_SIGNER, looking(by(*SHIFT)))


def test_key_in_a_browser_opens_nothing() -> None:
    """The root's policy allows passkeys only, whoever certified the key."""
    person = ADMIN.sign(Credential(OPERATOR.public.x, "Nilla", (Role.OPERATOR,), ("natt",), NOW - 3600, NOW + 86400))
    opens_nothing(Refusal.BROWSER_KEY_NOT_ALLOWED, looking(by(*ADMIN_SHIFT, person)))


def test_role_not_allowed_opens_nothing() -> None:
    chain = (*ADMIN_SHIFT, *shift(by=ADMIN, roles=(Role.PLANNER,)))
    opens_nothing(Refusal.ROLE_NOT_ALLOWED, looking(by(*chain)))


def test_administrator_without_the_role_opens_nothing() -> None:
    """Whoever certifies people does not look."""
    opens_nothing(Refusal.ROLE_NOT_ALLOWED, looking(by(*shift(roles=(Role.ADMIN,)))))


def test_person_whom_a_colleague_certified_opens_nothing() -> None:
    """The service has somebody with a right credential, but no administrator, certify whom it likes."""
    colleague = shift(ADMIN_PHONE, ADMIN, name="Kim")
    opens_nothing(Refusal.ROLE_NOT_ALLOWED, looking(by(*colleague, *SHIFT)))


def test_unit_not_allowed_opens_nothing() -> None:
    chain = (*admin_shift(units=("natt", "dag")), *shift(by=ADMIN, units=("dag",)))
    opens_nothing(Refusal.UNIT_NOT_ALLOWED, looking(by(*chain)))


def test_unit_above_the_administrators_opens_nothing() -> None:
    chain = (*admin_shift(units=("dag",)), *SHIFT)
    opens_nothing(Refusal.UNIT_NOT_ALLOWED, looking(by(*chain)))


def test_expired_credential_opens_nothing() -> None:
    chain = (*ADMIN_SHIFT, *shift(by=ADMIN, exp=NOW))
    opens_nothing(Refusal.CREDENTIAL_EXPIRED, looking(by(*chain)))


def test_expired_delegation_opens_nothing() -> None:
    chain = (*ADMIN_SHIFT, SHIFT[0], delegation(SHIFT[0], exp=NOW))
    opens_nothing(Refusal.DELEGATION_EXPIRED, looking(by(*chain)))


def test_credential_made_after_the_administrators_shift_opens_nothing() -> None:
    admin = (ADMIN_SHIFT[0], delegation(ADMIN_SHIFT[0], ADMIN, ADMIN_PHONE, exp=NOW - 3600))
    opens_nothing(Refusal.DELEGATION_EXPIRED, looking(by(*admin, *SHIFT)))


# ---- revocation -----------------------------------------------------------------------------------------------------

KEYS = {
    "person": PHONE.kid,
    "session": OPERATOR.public.kid,
    "administrator": ADMIN_PHONE.kid,
    "administrator's session": ADMIN.public.kid,
    "hub": HUB.public.kid,
}


@pytest.mark.parametrize("kid", KEYS.values(), ids=KEYS)
def test_revoked_key_opens_nothing(kid: str) -> None:
    opens_nothing(Refusal.REVOKED, looking(SAID), Besieged(revocations=revoked(kid)))


@pytest.mark.parametrize("kid", [kid for name, kid in KEYS.items() if name != "hub"])
def test_revoked_key_ends_its_look_and_turns_no_more(kid: str) -> None:
    home = opened()
    assert home.adopt(ROOT.sign(revoked(kid, number=2))) is None
    assert not home.is_open
    assert home.record.past[-1].ended is not None
    assert home.record.past[-1].ended.reason is CloseReason.REVOKED
    before = home.openings
    assert home.turn(turn(), SAID.asked.look) is Refusal.REVOKED
    assert home.openings == before


def test_old_revocation_list_opens_nothing() -> None:
    """A list of the root's own, from before the leaver left."""
    home = Besieged(revocations=revoked(PHONE.kid, number=5))
    old = ROOT.sign(revoked(number=4, iat=NOW - 30))

    def attack(home: Besieged) -> Refusal | None:
        assert home.adopt(old) is Refusal.REPLAYED
        return home.look(SAID)

    opens_nothing(Refusal.REVOKED, attack, home)


def test_withheld_revocation_list_opens_nothing_after_a_day() -> None:
    stale = replace(NOBODY, iat=NOW - LIST_SECONDS - 1)
    opens_nothing(Refusal.REVOCATIONS_STALE, looking(SAID), Besieged(revocations=stale))
    assert Besieged(revocations=replace(NOBODY, iat=NOW - LIST_SECONDS)).look(SAID) is None
    opens_nothing(Refusal.REVOCATIONS_STALE, looking(SAID), Besieged(revocations=None))


def test_list_that_is_made_fresh_by_the_service_opens_nothing() -> None:
    home = Besieged(revocations=replace(NOBODY, iat=NOW - LIST_SECONDS - 1))
    fresh = revoked(number=9)

    def attack(home: Besieged) -> Refusal | None:
        assert home.adopt(EVIL.sign(fresh)) is Refusal.UNKNOWN_SIGNER
        assert home.adopt(token(fresh, EVIL, kid=ROOT.public.kid)) is Refusal.BAD_SIGNATURE
        assert home.adopt(OPERATOR.sign(fresh), CHAIN) is Refusal.ROLE_NOT_ALLOWED
        return home.look(SAID)

    opens_nothing(Refusal.REVOCATIONS_STALE, attack, home)
    # The same from the root does make it fresh.
    assert home.adopt(ROOT.sign(fresh)) is None
    assert home.look(SAID) is None


def test_looser_policy_opens_nothing() -> None:
    person = ROOT.sign(Credential(OPERATOR.public.x, "Nilla", (Role.OPERATOR,), ("natt",), NOW - 3600, NOW + 86400))
    home = Besieged(policy=replace(PASSKEYS, number=2))
    loose = replace(PASSKEYS, browser_keys=True)

    def attack(home: Besieged) -> Refusal | None:
        assert home.adopt(ROOT.sign(loose)) is Refusal.REPLAYED
        assert home.adopt(EVIL.sign(replace(loose, number=3))) is Refusal.UNKNOWN_SIGNER
        return home.look(by(person))

    opens_nothing(Refusal.BROWSER_KEY_NOT_ALLOWED, attack, home)
    assert home.adopt(ROOT.sign(replace(loose, number=3))) is None
    assert home.look(by(person)) is None


# ---- the plan -------------------------------------------------------------------------------------------------------


def test_old_plan_opens_nothing() -> None:
    home = Besieged(statement=replace(PLAN, number=4))

    def attack(home: Besieged) -> Refusal | None:
        assert home.propose(ROOT.sign(PLAN)) is Refusal.WRONG_PLAN
        return home.look(SAID)

    opens_nothing(Refusal.WRONG_PLAN, attack, home)
    assert home.look(right("newer", number=4)) is None


WIDER = replace(PLAN, number=4, windows=(*PLAN.windows, Window("day", time(0, 30), time(12))))


def test_wider_plan_opens_nothing_until_it_is_accepted() -> None:
    said = right("wide", "day/2026-11-23", 4)
    home = Besieged()

    def attack(home: Besieged) -> Refusal | None:
        assert home.propose(COLLEAGUE.sign(WIDER), PLANNER) is None
        # That it is accepted is said at home; the service's own word for it, or the hub's, is no answer.
        ack = PlanAck(HUB.public.kid, 4, digest(COLLEAGUE.sign(WIDER)), "accepted", NOW)
        for key in (EVIL, HUB):
            assert home.propose(key.sign(ack)) is Refusal.BAD_MESSAGE
        return home.look(said)

    opens_nothing(Refusal.WRONG_PLAN, attack, home)
    assert home.record.plan == PLAN.plan()
    home.accept(4)
    assert home.look(said) is None


def _proposed(code: Refusal, **changed: Any) -> None:
    """A plan with this in it, signed by the root itself, is not even shown at home."""
    said = right("wide", "day/2026-11-23", 4)
    home = Besieged()

    def attack(home: Besieged) -> Refusal | None:
        assert home.propose(ROOT.sign(replace(WIDER, **changed))) is code
        return home.look(said)

    opens_nothing(Refusal.WRONG_PLAN, attack, home)
    assert home.record.proposed is None


def test_plan_for_another_hub_opens_nothing() -> None:
    _proposed(Refusal.WRONG_HUB, hub=EVIL.public.kid)


def test_plan_beyond_the_policy_opens_nothing() -> None:
    _proposed(Refusal.POLICY, look_seconds=61)
    _proposed(Refusal.POLICY, max_retries=3)


def test_plan_beyond_a_policy_that_came_later_opens_nothing() -> None:
    opens_nothing(Refusal.POLICY, looking(SAID), Besieged(policy=replace(PASSKEYS, look_seconds=29)))
    assert Besieged(policy=replace(PASSKEYS, look_seconds=30)).look(SAID) is None


def test_forged_plan_opens_nothing() -> None:
    said = right("wide", "day/2026-11-23", 4)

    def attack(home: Besieged) -> Refusal | None:
        assert home.propose(EVIL.sign(WIDER)) is Refusal.UNKNOWN_SIGNER
        assert home.propose(token(WIDER, EVIL, kid=ROOT.public.kid)) is Refusal.BAD_SIGNATURE
        assert home.propose(OPERATOR.sign(WIDER), CHAIN) is Refusal.ROLE_NOT_ALLOWED
        return home.look(said)

    opens_nothing(Refusal.WRONG_PLAN, attack)


# ---- window and budget ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "occurrence"),
    [
        pytest.param(Refusal.WRONG_WINDOW, "evening/2026-11-22", id="a window that is not agreed"),
        pytest.param(Refusal.OUTSIDE_WINDOW, "night/2026-11-23", id="the next night"),
        pytest.param(Refusal.OUTSIDE_WINDOW, "night/2026-11-21", id="the night before"),
    ],
)
def test_other_window_opens_nothing(code: Refusal, occurrence: str) -> None:
    """Signed by the agreed person, as a curious one may."""
    opens_nothing(code, looking(right("other", occurrence)))


def test_look_prepared_ahead_of_its_window_opens_nothing_before_it() -> None:
    """What may be made ready ten minutes ahead is not open ten minutes ahead."""
    start = NOW - 3 * 3600
    early, agreed = (right(name, now=at) for name, at in (("early", start - 60), ("agreed", start)))
    certified = shift(by=ADMIN, iat=start - 7200)
    admin = admin_shift(iat=start - 8000)
    chain = (
        admin[0],
        delegation(admin[0], ADMIN, ADMIN_PHONE, iat=start - 8000, exp=start),
        certified[0],
        delegation(certified[0], iat=start - 3600, exp=start + 3600),
    )
    lists = replace(NOBODY, iat=start - 7200)
    home = Besieged(wall=start - 60, revocations=lists, policy=replace(PASSKEYS, iat=start - 9000))
    assert home.look(replace(early, chain=chain)) is Refusal.OUTSIDE_WINDOW
    assert home.openings == 0
    home.wait(60)
    assert home.look(replace(agreed, chain=chain)) is None


def test_used_budget_opens_nothing() -> None:
    home = Besieged()
    for name in ("first", "the one retry"):
        not_seen(home, name)
    before = home.openings
    assert home.look(right("third", now=home.at)) is Refusal.BUDGET_USED
    home.start()
    assert home.look(right("after a restart", now=home.at)) is Refusal.BUDGET_USED
    assert home.openings == before


def test_retry_after_its_time_opens_nothing() -> None:
    home = Besieged()
    not_seen(home, "first")
    home.wait(20 * 60)
    before = home.openings
    assert home.look(right("late", now=home.at)) is Refusal.BUDGET_USED
    assert home.openings == before


def test_client_who_was_seen_is_not_looked_at_again() -> None:
    home = opened()
    home.close(OPERATOR.sign(Close(SAID.asked.look, Outcome.SEEN, NOW)), SAID.asked.look)
    before = home.openings
    assert home.look(right("again", now=home.at)) is Refusal.BUDGET_USED
    assert home.openings == before


# ---- invented messages ----------------------------------------------------------------------------------------------

GOOD = json.loads((Path(__file__).parents[1] / "vectors/statements.json").read_text(encoding="utf-8"))["good"]
INVENTED = [vector["token"] for vector in GOOD if vector["token"].count(".") == 2]


@pytest.mark.parametrize("typ", STATEMENTS)
def test_invented_statement_opens_nothing(typ: str) -> None:
    """Every statement there is, signed by the service, under its own name and under everybody else's."""
    home, before = Besieged(), Besieged().record.lines
    examples = [one for one in INVENTED if json.loads(b64u_decode(one.split(".")[0]))["typ"] == typ]
    assert examples
    for one in examples:
        payload = b64u_decode(one.split(".")[1])
        for name in (EVIL, ROOT, HUB, OPERATOR, ADMIN):
            made = token(payload, EVIL, typ=typ, kid=name.public.kid)
            for tell in (home.prepare, home.propose, home.adopt):
                assert tell(made) is not None
            for chain in (CHAIN, (made,), (*ADMIN_SHIFT, made)):
                assert home.look(Talk(chain, made, made, made, made, SAID.asked)) is not None
            assert home.turn(made, SAID.asked.look) is not None
            assert home.close(made, SAID.asked.look) is not None
    assert (home.openings, home.record.lines) == (0, before)
    assert home.look(SAID) is None


def test_silence_opens_nothing() -> None:
    """What is open ends by itself, whatever the service keeps to itself."""
    home = opened()
    home.wait(29)
    assert home.is_open
    home.wait(1)
    assert not home.is_open
