"""Checkpoints: only what the service has kept under a key of the root's counts as kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.tillsyn.made import NOW, ROOT, STRANGER, revoked
from tests.tillsyn.nights import KEEPER, NIGHT_ENDS, TONIGHT, checkpoint, differing, kept, key_token
from tests.tillsyn.story import ended, receipt, said, started
from tillsyn.chain import Trust
from tillsyn.checkpoints import (
    MAX_KEY_SECONDS,
    check_checkpoint,
    check_included,
    judge,
    last_night,
    night_ends,
    night_over,
    service_key,
)
from tillsyn.entries import Entry, ReceiptsKept
from tillsyn.errors import Refusal, Refused
from tillsyn.frames import Kept
from tillsyn.identity import digest
from tillsyn.receipts import Head
from tillsyn.wire import Checkpoint

AT = NIGHT_ENDS + 60
NIGHT = night_over([digest(str(one)) for one in range(7)])


def refused(work: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value.code


@pytest.mark.parametrize(
    ("now", "night", "until"),
    [
        pytest.param(1_795_431_599, date(2026, 11, 21), 1_795_345_200, id="a second before noon"),
        pytest.param(1_795_431_600, date(2026, 11, 22), 1_795_431_600, id="at noon"),
        pytest.param(1_774_778_400, date(2026, 3, 28), 1_774_778_400, id="the clock went forward in the night"),
        pytest.param(1_792_926_000, date(2026, 10, 24), 1_792_926_000, id="the clock went back in the night"),
    ],
)
def test_a_night_is_over_at_noon(now: int, night: date, until: int) -> None:
    assert last_night(now) == night
    assert night_ends(night) == until


def test_what_a_service_has_kept_is_seen() -> None:
    signed = check_checkpoint(ROOT.public, Trust(), key_token(), checkpoint(NIGHT), AT)
    assert (signed.statement.night, signed.statement.size) == (TONIGHT, 7)
    for one in NIGHT.receipts:
        check_included(signed.statement, one)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"iat": AT + 121}, Refusal.CREDENTIAL_EXPIRED, id="from the future"),
        pytest.param({"exp": AT}, Refusal.CREDENTIAL_EXPIRED, id="over"),
        pytest.param({"iat": NOW, "exp": NOW + MAX_KEY_SECONDS + 1}, Refusal.CREDENTIAL_EXPIRED, id="for too long"),
        pytest.param({"by": STRANGER}, Refusal.UNKNOWN_SIGNER, id="of another root"),
        pytest.param({"key": STRANGER}, Refusal.UNKNOWN_SIGNER, id="for another key"),
    ],
)
def test_a_service_key_that_does_not_hold_is_refused(changes: dict[str, Any], code: Refusal) -> None:
    certificate = key_token(**changes)
    assert refused(lambda: check_checkpoint(ROOT.public, Trust(), certificate, checkpoint(NIGHT), AT)) is code


def test_a_service_key_holds_from_first_to_last_second() -> None:
    token = key_token(iat=NOW, exp=NOW + MAX_KEY_SECONDS)
    for at in (NOW - 120, NOW + MAX_KEY_SECONDS - 1):
        assert service_key(ROOT.public, token, at) == KEEPER.public


@pytest.mark.parametrize(
    ("changes", "now", "code"),
    [
        pytest.param({"by": STRANGER}, AT, Refusal.UNKNOWN_SIGNER, id="by another key"),
        pytest.param({"iat": AT + 121}, AT, Refusal.CLOCK_SKEW, id="from the future"),
        pytest.param({"iat": NIGHT_ENDS - 121}, AT, Refusal.BAD_MESSAGE, id="of a night that is not over"),
        pytest.param({"night": date(2099, 1, 1)}, AT, Refusal.BAD_MESSAGE, id="of a night to come"),
    ],
)
def test_a_checkpoint_that_does_not_hold_is_refused(changes: dict[str, Any], now: int, code: Refusal) -> None:
    token = checkpoint(NIGHT, **changes)
    assert refused(lambda: check_checkpoint(ROOT.public, Trust(), key_token(), token, now)) is code


def test_a_revoked_service_key_stands_for_nothing_whatever_its_date() -> None:
    trust = Trust(revocations=revoked(KEEPER.public.kid))
    assert refused(lambda: check_checkpoint(ROOT.public, trust, key_token(), checkpoint(NIGHT), AT)) is Refusal.REVOKED


def test_an_old_service_key_cannot_write_an_old_date() -> None:
    certificate, later = key_token(exp=AT + 3600), AT + 3600
    code = refused(lambda: check_checkpoint(ROOT.public, Trust(), certificate, checkpoint(NIGHT), later))
    assert code is Refusal.CREDENTIAL_EXPIRED


def test_long_afterwards_it_counts_that_the_key_held_when_it_was_made() -> None:
    year = AT + MAX_KEY_SECONDS
    made = checkpoint(NIGHT, iat=AT)
    assert check_checkpoint(ROOT.public, None, key_token(exp=AT + 1), made, year).statement.iat == AT
    renewed = key_token(iat=AT + 500, exp=AT + 1000)
    assert check_checkpoint(ROOT.public, None, renewed, made, year).statement.iat == AT
    over = key_token(exp=AT)
    assert refused(lambda: check_checkpoint(ROOT.public, None, over, made, year)) is Refusal.CREDENTIAL_EXPIRED


@pytest.mark.parametrize("number", range(7))
def test_a_proof_of_another_receipt_proves_nothing(number: int) -> None:
    made = check_checkpoint(ROOT.public, Trust(), key_token(), checkpoint(NIGHT), AT).statement
    one = NIGHT.receipts[number]
    for wrong in (
        replace(one, receipt=digest("never kept")),
        replace(one, index=(number + 1) % 7),
        replace(one, path=one.path[:-1]),
        replace(one, path=(*one.path[:-1], digest("elsewhere"))),
    ):
        assert refused(lambda wrong=wrong: check_included(made, wrong)) is Refusal.BAD_MESSAGE  # type: ignore[misc]


def test_hashes_with_loose_bits_are_refused() -> None:
    one = NIGHT.receipts[0]
    made = Checkpoint(TONIGHT, 7, NIGHT.root, AT)
    assert refused(lambda: check_included(made, replace(one, receipt="B" * 43))) is Refusal.BAD_MESSAGE


def test_a_receipt_is_the_leaf_of_a_tree_of_its_own() -> None:
    alone = night_over([digest(receipt().token)])
    assert alone.receipts[0].path == ()
    check_included(Checkpoint(TONIGHT, 1, alone.root, AT), alone.receipts[0])


ONE = receipt("one")
TWO = receipt("two", Head(1, digest(ONE.token)))
LOOKS = (started("one"), ended("one"), ONE, started("two", "night/2026-11-23"), ended("two"), TWO)


def shown(entry: ReceiptsKept) -> Kept:
    return Kept(entry.key, entry.checkpoint, entry.receipts)


def judged(said_before: tuple[Entry, ...], entry: ReceiptsKept) -> Entry | None:
    return judge(ROOT.public, Trust(), said(*said_before).keeping, shown(entry), AT)


def test_what_holds_is_written_down_once() -> None:
    both = kept(ONE, TWO)
    assert judged(LOOKS, both) == both
    first = replace(both, receipts=both.receipts[:1])
    assert judged((*LOOKS, first), both) == replace(both, receipts=both.receipts[1:])
    assert judged((*LOOKS, both), both) is None
    assert judged((), both) is None


def test_of_two_for_one_night_both_are_written_down_once_and_the_second_is_not_believed() -> None:
    first, second = kept(ONE), kept(TWO, others=2)
    broken = replace(second, receipts=(replace(second.receipts[0], path=()),))
    for other in (second, broken):
        assert judged((*LOOKS, first), other) == differing(first, other)
    code = refused(lambda: judged((*LOOKS, first, differing(first, second)), second))
    assert code is Refusal.BAD_MESSAGE
    assert judged((*LOOKS, first, differing(first, second)), first) is None


def test_one_proof_that_does_not_hold_takes_the_others_with_it() -> None:
    both = kept(ONE, TWO)
    broken = replace(both, receipts=(both.receipts[0], replace(both.receipts[1], index=0)))
    assert refused(lambda: judged(LOOKS, broken)) is Refusal.BAD_MESSAGE
