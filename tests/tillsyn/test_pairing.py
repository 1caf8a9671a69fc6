"""Pairing: what must hold before a home goes over to a municipality, and what ends when it does."""

from dataclasses import replace

import pytest

from tests.tillsyn.made import HUB, NOW, ROOT, plan_statement
from tests.tillsyn.story import (
    ALLOWED,
    ANNA,
    AT,
    AWAY,
    CONSENT,
    MOVED,
    NONE_REVOKED,
    PAUSE,
    SLEPT,
    YES,
    accepted,
    ended,
    proposed,
    receipt,
    said,
    started,
    written,
)
from tillsyn.entries import CameraLost, Entry, LookSkipped, Paired, PlanProposed, SleepSharing, VisitAsked
from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.identity import PairingCode, SigningKey
from tillsyn.journal import Corrupt, purge, replay
from tillsyn.keeping import Keeping
from tillsyn.model import Role
from tillsyn.pairing import check_pairing
from tillsyn.receipts import FIRST, Head
from tillsyn.record import Record
from tillsyn.wire import Credential, HubCertificate

NEW_HUB, OTHER_ROOT = SigningKey.generate(), SigningKey.generate()
CODE = PairingCode("wss://kommunen.example/hub", ROOT.public.kid, "A" * 43, "Rosen 1", 3)


def certificate(hub: SigningKey = HUB, by: SigningKey = ROOT, policy: int = 3) -> str:
    return by.sign(HubCertificate(hub.public.x, "Rosen 1", "Exempelkommun", NOW, NOW + 86_400, policy))


def pairing(hub: SigningKey = HUB, root: SigningKey = ROOT, by: str = "anna") -> Paired:
    return Paired(root.public.x, hub.public.x, certificate(hub, root), (), by)


AGREED: tuple[Entry, ...] = (
    ANNA,
    YES,
    ALLOWED,
    NONE_REVOKED,
    SleepSharing(shared=True, by="anna"),
    SLEPT,
    proposed(),
    accepted(),
    MOVED,
    LookSkipped("w9/2026-11-24", "anna"),
    VisitAsked("v" * 22, "anna"),
    AWAY,
    PAUSE,
    CameraLost("sovrum"),
    started("one"),
    ended("one", CloseReason.NOT_SEEN),
    receipt("one"),
    started("two"),
    ended("two"),
)
"""One look has its receipt, and one waits for it."""


# ---- what must hold -------------------------------------------------------------------------------------------------


def refused(code: PairingCode = CODE, root: SigningKey = ROOT, token: str = "", chain: tuple[str, ...] = ()) -> Refusal:
    with pytest.raises(Refused) as refusal:
        check_pairing(code, root.public, token or certificate(by=root), chain, HUB.public, NOW)
    return refusal.value.code


def test_the_codes_municipality_is_believed() -> None:
    assert check_pairing(CODE, ROOT.public, certificate(), (), HUB.public, NOW).municipality == "Exempelkommun"


def test_an_installer_whom_the_root_vouches_for_may_sign() -> None:
    key = SigningKey.generate()
    person = Credential(key.public.x, "Ines", (Role.INSTALLER,), ("nord",), NOW, NOW + 3600)
    chain = (ROOT.sign(person),)
    assert check_pairing(CODE, ROOT.public, certificate(by=key), chain, HUB.public, NOW + 80_000).label == "Rosen 1"
    assert refused(token=certificate(by=key)) is Refusal.UNKNOWN_SIGNER
    assert refused(token=certificate(by=key), chain=(OTHER_ROOT.sign(person),)) is Refusal.UNKNOWN_SIGNER


def test_another_root_than_the_codes_is_refused() -> None:
    assert refused(root=OTHER_ROOT) is Refusal.UNKNOWN_SIGNER


def test_a_certificate_of_another_hub_is_refused() -> None:
    assert refused(token=certificate(NEW_HUB)) is Refusal.WRONG_HUB


def test_a_certificate_below_the_codes_policy_is_refused() -> None:
    assert refused(token=certificate(policy=2)) is Refusal.POLICY
    assert check_pairing(CODE, ROOT.public, certificate(policy=4), (), HUB.public, NOW).policy == 4


# ---- what ends ------------------------------------------------------------------------------------------------------


def test_the_first_pairing_in_a_journal_says_what_was_so_already() -> None:
    before, after = said(*AGREED), said(*AGREED, pairing())
    assert after == replace(before, paired=pairing(), lines=after.lines, last=after.last, at_ms=after.at_ms)


def test_with_the_same_hub_and_municipality_nothing_is_lost() -> None:
    before = said(*AGREED, pairing())
    again = replace(pairing(by="bo"), certificate=certificate(policy=4))
    after = said(*AGREED, pairing(), again)
    assert after == replace(before, paired=again, lines=after.lines, last=after.last, at_ms=after.at_ms)
    assert [one.started for one in after.waiting] == [started("two")]


def test_with_another_hub_the_plan_ends_and_the_receipts_begin_anew() -> None:
    before, after = said(*AGREED, pairing()), said(*AGREED, pairing(), pairing(NEW_HUB))
    assert (after.accepted, after.proposed, after.old_plans, dict(after.moved)) == (None, None, 0, {})
    assert (after.receipts, after.head, after.waiting) == ((), Head(0, FIRST), ())
    # A plan may look the same; what is used of a night stays used, and what was skipped stays skipped.
    for name in ("people", "consent", "policy", "revocations", "skipped", "visits", "away", "pause", "spent", "used"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.consent and after.shares_sleep and after.past == before.past
    assert before.keeping.unkept and after.keeping == replace(before.keeping, unkept=())


def test_a_look_that_was_interrupted_by_the_change_has_no_receipt_of_the_new_hub() -> None:
    story = (*AGREED, started("three"), pairing(), pairing(NEW_HUB))
    assert said(*story).interrupted is not None
    assert said(*story, ended("three", CloseReason.INTERRUPTED)).waiting == ()


def test_the_new_hub_signs_its_own_looks_from_one_on() -> None:
    story = (*AGREED, pairing(), pairing(NEW_HUB), started("four"), ended("four"))
    waiting = said(*story).waiting
    assert [one.started for one in waiting] == [started("four")]
    after = said(*story, receipt("four"))
    assert (len(after.receipts), after.head.sequence, after.waiting) == (1, 1, ())
    # Not the receipt that the old hub would have gone on with.
    old = said(*AGREED).head
    with pytest.raises(Corrupt):
        written(*story, receipt("four", old))


def test_with_another_municipality_all_that_was_agreed_with_the_old_one_ends() -> None:
    before, after = said(*AGREED, pairing()), said(*AGREED, pairing(), pairing(root=OTHER_ROOT))
    assert (after.accepted, after.proposed, after.policy, after.revocations) == (None, None, None, None)
    assert not after.consent
    assert [one.name for one in after.people] == ["Anna"]
    assert (after.skipped, dict(after.moved), after.visits, after.untold) == (frozenset(), {}, (), ())
    assert (after.shares_sleep, after.lost, after.receipts, after.waiting) == (False, (), (), ())
    assert after.keeping == Keeping()
    # Whoever asked to be left alone is, and the log knows who looked.
    for name in ("away", "pause", "spent", "used", "past", "private"):
        assert getattr(after, name) == getattr(before, name), name


def test_consent_without_names_was_for_the_old_municipality_too() -> None:
    assert said(CONSENT, pairing()).consent
    assert not said(CONSENT, pairing(), pairing(root=OTHER_ROOT)).consent


def test_a_plan_of_the_new_municipality_may_have_any_number() -> None:
    plan = PlanProposed(OTHER_ROOT.sign(plan_statement(number=1)))
    after = said(*AGREED, pairing(), pairing(root=OTHER_ROOT), plan, accepted(1))
    assert after.plan is not None and after.plan.number == 1


def test_a_summary_knows_with_whom_the_home_is() -> None:
    data = written(*AGREED[:-2], pairing(), pairing(NEW_HUB))
    short = purge(data, AT + 10**9)
    assert short != data
    assert (replay(short).paired, replay(short).head) == (pairing(NEW_HUB), Head())
    assert replay(written()).paired is Record().paired is None


def test_a_journal_with_a_pairing_that_cannot_be_read_is_damaged() -> None:
    line = written(pairing()).replace(ROOT.public.x.encode(), b"*" * 43)
    with pytest.raises(Corrupt):
        replay(line)
