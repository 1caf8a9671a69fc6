"""The chain of receipts: what is removed, changed or moved shows."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tillsyn.made import COLLEAGUE, HUB, NOW, OCCURRENCE, OPERATOR, STRANGER, instant, look_id
from tests.tillsyn.story import started
from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.identity import SigningKey, digest, parse
from tillsyn.model import Instant
from tillsyn.receipts import FIRST, Head, ended, is_acknowledged, milliseconds, next_receipt, verify
from tillsyn.wire import Receipt, ReceiptAck

START = Head()
LOOK = started()
OPENED, CLOSED = instant(1), instant(25)


def made(
    head: Head = START,
    opened: Instant | None = OPENED,
    closed: Instant = CLOSED,
    why: CloseReason = CloseReason.SEEN,
) -> Receipt:
    end = ended(LOOK.look, opened, closed, why)
    return next_receipt(head, HUB.public.kid, LOOK, end)


def chain(length: int, key: SigningKey = HUB) -> list[str]:
    tokens, head = [], Head()
    for _ in range(length):
        token = key.sign(made(head))
        tokens.append(token)
        head = Head(head.sequence + 1, digest(token))
    return tokens


def refuses(code: Refusal, tokens: list[str], head: Head = START) -> None:
    with pytest.raises(Refused) as caught:
        verify(head, HUB.public, tokens)
    assert caught.value.code is code


def test_a_receipt_says_who_when_how_long_and_why() -> None:
    receipt = made()
    assert (receipt.name, receipt.operator) == ("Nilla Natt", OPERATOR.public.kid)
    assert (receipt.opened_ms, receipt.closed_ms) == (milliseconds(instant(1)), milliseconds(instant(25)))
    assert (receipt.sequence, receipt.previous, receipt.occurrence) == (1, FIRST, OCCURRENCE)
    assert receipt.reason is CloseReason.SEEN


def test_a_look_that_never_reached_its_view_lasted_no_time() -> None:
    receipt = made(opened=None, closed=instant(9), why=CloseReason.MOVE_FAILED)
    assert receipt.opened_ms == receipt.closed_ms == milliseconds(instant(9))


def test_a_clock_that_jumps_cannot_stretch_or_shorten_a_look() -> None:
    receipt = made(opened=instant(0), closed=instant(5000, mono=20), why=CloseReason.CLOCK_JUMPED)
    assert receipt.closed_ms - receipt.opened_ms == 20_000


def test_a_monotonic_clock_that_runs_backward_gives_no_negative_look() -> None:
    receipt = made(opened=instant(0), closed=instant(9, mono=-1))
    assert receipt.opened_ms == receipt.closed_ms


def test_an_unbroken_chain_is_believed() -> None:
    tokens = chain(3)
    head, receipts = verify(Head(), HUB.public, tokens)
    assert (head.sequence, head.hash, len(receipts)) == (3, digest(tokens[2]), 3)
    middle, _ = verify(Head(), HUB.public, tokens[:2])
    assert verify(middle, HUB.public, tokens[2:])[0] == head
    assert verify(head, HUB.public, []) == (head, ())


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param(lambda tokens: tokens[1:], id="the first is removed"),
        pytest.param(lambda tokens: [tokens[0], *tokens[2:]], id="one in the middle is removed"),
        pytest.param(lambda tokens: [tokens[1], tokens[0], *tokens[2:]], id="two are swapped"),
        pytest.param(lambda tokens: [tokens[0], *tokens], id="one comes twice"),
    ],
)
def test_tampered_chain_is_refused(tamper: Callable[[list[str]], list[str]]) -> None:
    refuses(Refusal.BAD_MESSAGE, tamper(chain(4)))


def test_receipt_that_the_hub_itself_rewrites_breaks_those_after_it() -> None:
    tokens = chain(3)
    honest = parse(Receipt, tokens[1]).statement
    tokens[1] = HUB.sign(replace(honest, reason=CloseReason.NOT_SEEN))
    refuses(Refusal.BAD_MESSAGE, tokens)


def test_removed_last_receipt_shows_at_the_next() -> None:
    tokens = chain(3)
    known, _ = verify(Head(), HUB.public, tokens)
    rewritten = HUB.sign(replace(made(), sequence=3, previous=digest(tokens[1]), name="Somebody else"))
    with pytest.raises(Refused):
        verify(known, HUB.public, [rewritten])


def test_receipt_of_another_hub_is_refused() -> None:
    refuses(Refusal.UNKNOWN_SIGNER, chain(1, STRANGER))
    refuses(Refusal.WRONG_HUB, [HUB.sign(replace(made(), hub=STRANGER.public.kid))])


def test_receipt_that_closes_before_it_opens_is_refused() -> None:
    receipt = made()
    refuses(Refusal.BAD_MESSAGE, [HUB.sign(replace(receipt, opened_ms=receipt.closed_ms + 1))])


@given(st.data())
def test_any_other_selection_of_the_chain_is_refused(data: st.DataObject) -> None:
    tokens = chain(4)
    chosen = data.draw(st.lists(st.sampled_from(tokens), max_size=6))
    if chosen == tokens[: len(chosen)]:
        assert verify(Head(), HUB.public, chosen)[0].sequence == len(chosen)
    else:
        refuses(Refusal.BAD_MESSAGE, chosen)


def test_an_acknowledgement_is_of_the_receipt_of_ones_own_look() -> None:
    receipt, after = chain(2)
    ack = ReceiptAck(LOOK.look, digest(receipt), NOW)
    assert is_acknowledged(receipt, ack, LOOK.operator)
    assert not is_acknowledged(after, ack, LOOK.operator)
    assert not is_acknowledged(receipt, ack, COLLEAGUE.public.kid)
    assert not is_acknowledged(receipt, replace(ack, look=look_id("another")), LOOK.operator)
