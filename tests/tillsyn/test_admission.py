"""Who may look: every attack on a signed statement gets the refusal that says what is wrong."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.tillsyn.made import (
    COLLEAGUE,
    HOME,
    HUB,
    NOW,
    OPERATOR,
    PHONE,
    POLICY,
    ROOT,
    STRANGER,
    TRUST,
    Talk,
    connection,
    credential,
    grant,
    look_id,
    plan,
    plan_statement,
    revoked,
    shift,
    talk,
)
from tillsyn.admission import (
    MAX_LIFE,
    Grant,
    Home,
    check_ack,
    check_close,
    check_look,
    check_plan,
    check_prepare,
)
from tillsyn.chain import LIST_SECONDS, MAX_SKEW, Trust
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Operator, Outcome, Role
from tillsyn.wire import Answer, Close, Offer, Prepare, ReceiptAck

TALK = talk()
AGREED = plan()
PREPARED = check_prepare(HOME, TRUST, AGREED, TALK.prepare, TALK.chain, NOW)


def refuses(code: Refusal, call: Any, *arguments: Any) -> None:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    assert caught.value.code is code


def look(said: Talk, now: int = NOW, trust: Trust = TRUST) -> Grant:
    return check_look(HOME, trust, AGREED, PREPARED, said.look, said.chain, (said.offer, said.answer), now)


def test_the_agreed_person_gets_a_grant_for_this_look() -> None:
    found = look(TALK)
    assert (found.look, found.plan, found.occurrence) == (TALK.asked.look, 3, "night/2026-11-22")
    assert found.operator == Operator(OPERATOR.public.kid, "Nilla Natt")
    assert (found.request, found.key) == (digest(TALK.look), OPERATOR.public)


# ---- a grant cannot be made by hand ---------------------------------------------------------------------------------


@pytest.mark.parametrize("builder", [None, object(), "check_look"])
def test_handmade_grant_is_refused(builder: object) -> None:
    with pytest.raises(TypeError):
        Grant("look", 3, "night/2026-11-22", "hash", Operator("kid", "name"), OPERATOR.public, frozenset(), builder)


def test_changed_copy_of_a_grant_is_refused() -> None:
    with pytest.raises((TypeError, ValueError)):
        replace(grant(), occurrence="night/2026-11-23")
    assert copy.copy(grant()) == grant()


def test_a_grant_does_not_carry_what_builds_it() -> None:
    assert not hasattr(grant(), "builder")


# ---- the click ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        pytest.param(Refusal.WRONG_HUB, {"hub": STRANGER.public.kid}, id="for another home"),
        pytest.param(Refusal.WRONG_PLAN, {"plan": 2}, id="under an old plan"),
        pytest.param(Refusal.WRONG_PLAN, {"plan": 4}, id="under a plan that is not accepted"),
        pytest.param(Refusal.WRONG_WINDOW, {"occurrence": "night/2026-11-23"}, id="for another night"),
        pytest.param(Refusal.NOT_PREPARED, {"look": look_id("another")}, id="for another look"),
        pytest.param(Refusal.WRONG_CONNECTION, {"challenge": digest("guess")}, id="with another challenge"),
        pytest.param(Refusal.WRONG_CONNECTION, {"offer": digest("x")}, id="on another offer"),
        pytest.param(Refusal.WRONG_CONNECTION, {"answer": digest("x")}, id="on another answer"),
        pytest.param(Refusal.EXPIRED, {"exp": NOW + MAX_LIFE + 1}, id="with a long life"),
        pytest.param(Refusal.EXPIRED, {"exp": NOW - 1}, id="that ends before it begins"),
        pytest.param(Refusal.EXPIRED, {"iat": NOW - 121, "exp": NOW - 100}, id="of two minutes ago"),
        pytest.param(Refusal.CLOCK_SKEW, {"iat": NOW + 121, "exp": NOW + 130}, id="from the future"),
    ],
)
def test_other_click_is_refused(code: Refusal, changes: dict[str, Any]) -> None:
    refuses(code, look, TALK.asking(**changes))


def test_wrong_window_is_refused() -> None:
    refuses(Refusal.WRONG_WINDOW, look, TALK.asking(occurrence="evening/2026-11-22"))


def test_replayed_look_of_another_night_is_refused() -> None:
    refuses(Refusal.EXPIRED, look, TALK, NOW + MAX_SKEW + 1)


@pytest.mark.parametrize("skew", [-MAX_SKEW, MAX_SKEW])
def test_clocks_may_differ_by_two_minutes(skew: int) -> None:
    assert look(TALK.asking(iat=NOW + skew, exp=NOW + skew + MAX_LIFE))


def test_foreign_key_is_refused() -> None:
    stranger = TALK.asking(STRANGER)
    refuses(Refusal.UNKNOWN_SIGNER, look, stranger)
    refuses(Refusal.UNKNOWN_SIGNER, look, replace(stranger, chain=(credential(STRANGER, by=STRANGER),)))


def test_look_without_a_chain_is_refused() -> None:
    refuses(Refusal.UNKNOWN_SIGNER, look, replace(TALK, chain=()))


def test_look_that_a_colleague_signs_on_my_connection_is_refused() -> None:
    colleague = replace(TALK.asking(COLLEAGUE), chain=(credential(COLLEAGUE, name="Kim"),))
    refuses(Refusal.NOT_PREPARED, look, colleague)


def test_look_signed_by_the_service_in_the_middle_is_refused() -> None:
    """The service holds no key; all it can do is to put its own in place of the operator's."""
    middle = TALK.asking(STRANGER)
    refuses(Refusal.UNKNOWN_SIGNER, look, replace(middle, chain=TALK.chain))


def test_look_signed_by_the_root_or_the_hub_itself_is_refused() -> None:
    for key in (ROOT, HUB):
        refuses(Refusal.UNKNOWN_SIGNER, look, TALK.asking(key))


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        pytest.param(Refusal.ROLE_NOT_ALLOWED, {"roles": (Role.PLANNER, Role.ADMIN)}, id="a planner"),
        pytest.param(Refusal.UNIT_NOT_ALLOWED, {"units": ("dag",)}, id="an operator of another unit"),
        pytest.param(Refusal.CREDENTIAL_EXPIRED, {"exp": NOW}, id="a credential that has run out"),
    ],
)
def test_person_who_is_not_agreed_is_refused(code: Refusal, changes: dict[str, Any]) -> None:
    chain = (credential(**changes),)
    refuses(code, look, replace(TALK, chain=chain))
    refuses(code, check_prepare, HOME, TRUST, AGREED, TALK.prepare, chain, NOW)


def test_look_without_a_plan_is_refused() -> None:
    connected = (TALK.offer, TALK.answer)
    refuses(Refusal.NO_PLAN, check_look, HOME, TRUST, None, PREPARED, TALK.look, TALK.chain, connected, NOW)


def test_look_prepared_under_the_plan_before_is_refused() -> None:
    connected = (TALK.offer, TALK.answer)
    newer = plan(number=4)
    refuses(Refusal.WRONG_PLAN, check_look, HOME, TRUST, newer, PREPARED, TALK.look, TALK.chain, connected, NOW)
    both = TALK.asking(plan=4)
    refuses(Refusal.WRONG_PLAN, check_look, HOME, TRUST, newer, PREPARED, both.look, TALK.chain, connected, NOW)


def test_look_that_was_not_prepared_is_refused() -> None:
    connected = (TALK.offer, TALK.answer)
    refuses(Refusal.NOT_PREPARED, check_look, HOME, TRUST, AGREED, None, TALK.look, TALK.chain, connected, NOW)


# ---- what the root says ---------------------------------------------------------------------------------------------


def test_a_look_by_a_passkeys_session_key_says_on_what_it_rests() -> None:
    who = TALK.grant().kids
    assert who == {OPERATOR.public.kid}
    found = replace(TALK, chain=shift()).grant()
    assert found.operator == Operator(PHONE.kid, "Nilla Natt")
    assert (found.key, found.kids) == (OPERATOR.public, {PHONE.kid, OPERATOR.public.kid})


@pytest.mark.parametrize(
    ("code", "trust"),
    [
        pytest.param(Refusal.REVOKED, Trust(POLICY, revoked(OPERATOR.public.kid)), id="her key is revoked"),
        pytest.param(Refusal.REVOKED, Trust(POLICY, revoked(HUB.public.kid)), id="this home is revoked"),
        pytest.param(Refusal.REVOCATIONS_STALE, Trust(POLICY), id="without a list"),
        pytest.param(
            Refusal.REVOCATIONS_STALE, Trust(POLICY, revoked(iat=NOW - LIST_SECONDS - 1)), id="under an old list"
        ),
        pytest.param(Refusal.CLOCK_SKEW, Trust(POLICY, revoked(iat=NOW + 121)), id="before the list was made"),
        pytest.param(Refusal.CLOCK_SKEW, replace(TRUST, seen=NOW + 121), id="before the journal's last line"),
        pytest.param(
            Refusal.BROWSER_KEY_NOT_ALLOWED,
            replace(TRUST, policy=replace(POLICY, browser_keys=False)),
            id="by no passkey",
        ),
        pytest.param(Refusal.POLICY, replace(TRUST, policy=replace(POLICY, look_seconds=29)), id="longer than allowed"),
        pytest.param(Refusal.POLICY, replace(TRUST, policy=replace(POLICY, max_retries=0)), id="oftener than allowed"),
    ],
)
def test_look_that_the_root_does_not_allow_is_refused(code: Refusal, trust: Trust) -> None:
    refuses(code, look, TALK, NOW, trust)
    refuses(code, check_prepare, HOME, trust, AGREED, TALK.prepare, TALK.chain, NOW)


def test_look_by_who_may_only_read_is_refused_whatever_the_plan_says() -> None:
    readers = plan(roles=(Role.AUDITOR, Role.PATROL))
    chain = (credential(roles=(Role.AUDITOR,)),)
    refuses(Refusal.ROLE_NOT_ALLOWED, check_prepare, HOME, TRUST, readers, TALK.prepare, chain, NOW)
    assert check_prepare(HOME, TRUST, readers, TALK.prepare, (credential(roles=(Role.PATROL,)),), NOW)


# ---- the connection -------------------------------------------------------------------------------------------------


def offered(key: SigningKey = HUB, **changes: Any) -> Talk:
    """The same look with another offer, and answer and click that honestly follow it."""
    made = Offer(TALK.asked.look, digest(TALK.prepare), TALK.asked.challenge, connection(), NOW)
    offer = key.sign(replace(made, **changes))
    answer = OPERATOR.sign(Answer(TALK.asked.look, digest(offer), connection("active"), NOW))
    return replace(TALK, offer=offer, answer=answer).asking(offer=digest(offer), answer=digest(answer))


def answered(key: SigningKey = OPERATOR, **changes: Any) -> Talk:
    """The same look with another answer, and a click that honestly follows it."""
    answer = key.sign(replace(Answer(TALK.asked.look, digest(TALK.offer), connection("active"), NOW), **changes))
    return replace(TALK, answer=answer).asking(answer=digest(answer))


EVIL = connection(fingerprint=":".join(["EE"] * 32))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(Refusal.UNKNOWN_SIGNER, lambda: offered(STRANGER), id="an offer by a stranger"),
        pytest.param(Refusal.UNKNOWN_SIGNER, lambda: offered(OPERATOR), id="an offer by the operator"),
        pytest.param(Refusal.NOT_PREPARED, lambda: offered(prepare=digest("x")), id="an offer for another prepare"),
        pytest.param(Refusal.NOT_PREPARED, lambda: offered(look=look_id("x")), id="an offer for another look"),
        pytest.param(
            Refusal.WRONG_CONNECTION, lambda: offered(challenge=digest("x")), id="an offer with another challenge"
        ),
        pytest.param(Refusal.UNKNOWN_SIGNER, lambda: answered(STRANGER), id="an answer by a stranger"),
        pytest.param(Refusal.UNKNOWN_SIGNER, lambda: answered(COLLEAGUE), id="an answer by a colleague"),
        pytest.param(Refusal.WRONG_CONNECTION, lambda: answered(offer=digest("x")), id="an answer to another offer"),
        pytest.param(Refusal.WRONG_CONNECTION, lambda: answered(look=look_id("x")), id="an answer for another look"),
        pytest.param(Refusal.BAD_MESSAGE, lambda: replace(TALK, offer=TALK.answer), id="an answer as an offer"),
        pytest.param(Refusal.BAD_MESSAGE, lambda: replace(TALK, answer="rubbish"), id="rubbish as an answer"),
    ],
)
def test_other_connection_is_refused(code: Refusal, said: Callable[[], Talk]) -> None:
    refuses(code, look, said())


def test_swapped_fingerprint_in_the_answer_is_refused() -> None:
    """The service swaps the answer for one with its own certificate; it cannot sign it, nor the click that names it."""
    forged = STRANGER.sign(Answer(TALK.asked.look, digest(TALK.offer), EVIL, NOW))
    refuses(Refusal.UNKNOWN_SIGNER, look, replace(TALK, answer=forged))


def test_swapped_fingerprint_in_an_earlier_answer_of_the_operator_is_refused() -> None:
    earlier = OPERATOR.sign(Answer(TALK.asked.look, digest(TALK.offer), EVIL, NOW))
    refuses(Refusal.WRONG_CONNECTION, look, replace(TALK, answer=earlier))


def test_swapped_fingerprint_in_the_offer_is_refused() -> None:
    forged = STRANGER.sign(Offer(TALK.asked.look, digest(TALK.prepare), TALK.asked.challenge, EVIL, NOW))
    refuses(Refusal.UNKNOWN_SIGNER, look, replace(TALK, offer=forged))


def test_second_offer_of_the_hub_for_the_same_prepare_is_refused() -> None:
    second = HUB.sign(Offer(TALK.asked.look, digest(TALK.prepare), TALK.asked.challenge, EVIL, NOW))
    refuses(Refusal.WRONG_CONNECTION, look, replace(TALK, offer=second))


# ---- preparing ------------------------------------------------------------------------------------------------------

PREPARE = Prepare(TALK.asked.look, HUB.public.kid, 3, TALK.asked.occurrence, NOW, NOW + 30)


def test_a_prepare_is_remembered_with_its_signer() -> None:
    assert (PREPARED.look, PREPARED.plan, PREPARED.occurrence) == (PREPARE.look, 3, PREPARE.occurrence)
    assert (PREPARED.request, PREPARED.signer.key) == (digest(TALK.prepare), OPERATOR.public)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        pytest.param(Refusal.WRONG_HUB, {"hub": STRANGER.public.kid}, id="for another home"),
        pytest.param(Refusal.WRONG_PLAN, {"plan": 2}, id="under an old plan"),
        pytest.param(Refusal.EXPIRED, {"exp": NOW + 31}, id="with a long life"),
        pytest.param(Refusal.EXPIRED, {"iat": NOW - 121, "exp": NOW - 100}, id="of two minutes ago"),
        pytest.param(Refusal.CLOCK_SKEW, {"iat": NOW + 121, "exp": NOW + 130}, id="from the future"),
    ],
)
def test_other_prepare_is_refused(code: Refusal, changes: dict[str, Any]) -> None:
    token = OPERATOR.sign(replace(PREPARE, **changes))
    refuses(code, check_prepare, HOME, TRUST, AGREED, token, TALK.chain, NOW)


def test_prepare_by_a_foreign_key_is_refused() -> None:
    refuses(Refusal.UNKNOWN_SIGNER, check_prepare, HOME, TRUST, AGREED, STRANGER.sign(PREPARE), TALK.chain, NOW)


def test_prepare_without_a_plan_is_refused() -> None:
    refuses(Refusal.NO_PLAN, check_prepare, HOME, TRUST, None, TALK.prepare, TALK.chain, NOW)


def test_a_look_cannot_pass_for_a_prepare() -> None:
    refuses(Refusal.BAD_MESSAGE, check_prepare, HOME, TRUST, AGREED, TALK.look, TALK.chain, NOW)


def test_another_root_is_refused() -> None:
    elsewhere = Home(STRANGER.public, HUB.public)
    refuses(Refusal.UNKNOWN_SIGNER, check_prepare, elsewhere, TRUST, AGREED, TALK.prepare, TALK.chain, NOW)


# ---- closing and the receipt's answer -------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_person_who_looks_says_the_outcome(outcome: Outcome) -> None:
    close = OPERATOR.sign(Close(TALK.asked.look, outcome, NOW))
    assert check_close(TALK.asked.look, OPERATOR.public, close) is outcome


def test_close_by_another_is_refused() -> None:
    close = Close(TALK.asked.look, Outcome.SEEN, NOW)
    refuses(Refusal.UNKNOWN_SIGNER, check_close, close.look, OPERATOR.public, COLLEAGUE.sign(close))


def test_close_of_another_look_is_refused() -> None:
    close = OPERATOR.sign(Close(look_id("before"), Outcome.SEEN, NOW))
    refuses(Refusal.NOT_PREPARED, check_close, TALK.asked.look, OPERATOR.public, close)


def test_the_person_who_looked_has_seen_the_receipt() -> None:
    ack = ReceiptAck(TALK.asked.look, digest("receipt"), NOW)
    home = (HOME, TRUST, TALK.grant())
    assert check_ack(*home, OPERATOR.sign(ack), TALK.chain, NOW) == ack
    refuses(Refusal.UNKNOWN_SIGNER, check_ack, *home, STRANGER.sign(ack), TALK.chain, NOW)
    by_colleague = (credential(COLLEAGUE),)
    refuses(Refusal.UNKNOWN_SIGNER, check_ack, *home, COLLEAGUE.sign(ack), by_colleague, NOW)
    other = OPERATOR.sign(replace(ack, look=look_id("before")))
    refuses(Refusal.NOT_PREPARED, check_ack, *home, other, TALK.chain, NOW)


@pytest.mark.parametrize(
    ("late", "code"),
    [(MAX_SKEW + 1, Refusal.CLOCK_SKEW), (-MAX_SKEW - 1, Refusal.EXPIRED), (-(10**8), Refusal.EXPIRED)],
)
def test_an_acknowledgement_is_of_now(late: int, code: Refusal) -> None:
    """Or others would find nobody who vouched for its key at its date."""
    ack = OPERATOR.sign(ReceiptAck(TALK.asked.look, digest("receipt"), NOW + late))
    refuses(code, check_ack, HOME, TRUST, TALK.grant(), ack, TALK.chain, NOW)


def test_an_acknowledgement_is_by_the_person_who_looked_and_not_only_by_the_key() -> None:
    """The receipt names the person: two chains may vouch for one key."""
    by_passkey = replace(TALK, chain=shift()).grant()
    ack = OPERATOR.sign(ReceiptAck(TALK.asked.look, digest("receipt"), NOW))
    refuses(Refusal.UNKNOWN_SIGNER, check_ack, HOME, TRUST, by_passkey, ack, TALK.chain, NOW)


# ---- plans ----------------------------------------------------------------------------------------------------------

PLANNER = (credential(COLLEAGUE, name="Pia Plan", roles=(Role.PLANNER,)),)


def test_a_planner_or_the_root_proposes_a_plan() -> None:
    newer = plan_statement(number=4)
    assert check_plan(HOME, TRUST, 3, COLLEAGUE.sign(newer), PLANNER, NOW) == newer
    assert check_plan(HOME, TRUST, 3, ROOT.sign(newer), (), NOW) == newer


@pytest.mark.parametrize(
    ("code", "token", "chain"),
    [
        pytest.param(Refusal.WRONG_PLAN, COLLEAGUE.sign(plan_statement()), PLANNER, id="the same number again"),
        pytest.param(
            Refusal.WRONG_PLAN, COLLEAGUE.sign(plan_statement(number=2)), PLANNER, id="an older plan replayed"
        ),
        pytest.param(
            Refusal.WRONG_HUB,
            COLLEAGUE.sign(plan_statement(number=4, hub=STRANGER.public.kid)),
            PLANNER,
            id="for another home",
        ),
        pytest.param(
            Refusal.UNIT_NOT_ALLOWED,
            COLLEAGUE.sign(plan_statement(number=4, unit="dag")),
            PLANNER,
            id="for another unit",
        ),
        pytest.param(
            Refusal.ROLE_NOT_ALLOWED, OPERATOR.sign(plan_statement(number=4)), TALK.chain, id="by an operator"
        ),
        pytest.param(Refusal.UNKNOWN_SIGNER, STRANGER.sign(plan_statement(number=4)), PLANNER, id="by a stranger"),
        pytest.param(Refusal.UNKNOWN_SIGNER, COLLEAGUE.sign(plan_statement(number=4)), (), id="without a chain"),
        pytest.param(
            Refusal.POLICY, COLLEAGUE.sign(plan_statement(number=4, look_seconds=61)), PLANNER, id="longer than allowed"
        ),
        pytest.param(Refusal.POLICY, ROOT.sign(plan_statement(number=4, max_retries=3)), (), id="oftener than allowed"),
        pytest.param(
            Refusal.BAD_MESSAGE,
            COLLEAGUE.sign(
                plan_statement(number=4, windows=(plan().windows[0], replace(plan().windows[0], days=(1,))))
            ),
            PLANNER,
            id="with two windows of one name",
        ),
    ],
)
def test_other_plan_is_refused(code: Refusal, token: str, chain: tuple[str, ...]) -> None:
    refuses(code, check_plan, HOME, TRUST, 3, token, chain, NOW)


def test_plan_by_a_planner_is_refused_while_it_is_not_known_who_is_revoked() -> None:
    newer = plan_statement(number=4)
    refuses(Refusal.REVOCATIONS_STALE, check_plan, HOME, Trust(POLICY), 3, COLLEAGUE.sign(newer), PLANNER, NOW)
    assert check_plan(HOME, Trust(POLICY), 3, ROOT.sign(newer), (), NOW) == newer
