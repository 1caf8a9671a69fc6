"""Which receipts others are known to have, and how long the municipality's service may take to show it."""

import pytest

from tests.tillsyn.made import OPERATOR, credential, look_id
from tests.tillsyn.nights import TONIGHT, differing, kept
from tests.tillsyn.story import AT, ended, receipt, said, started, written
from tillsyn.entries import ReceiptAcknowledged
from tillsyn.identity import digest
from tillsyn.journal import purge, replay
from tillsyn.keeping import PATIENCE_MS, Keeping, Stated, Unkept
from tillsyn.receipts import Head
from tillsyn.wire import ReceiptAck

ONE = receipt("one")
TWO = receipt("two", Head(1, digest(ONE.token)))
FIRST, SECOND = digest(ONE.token), digest(TWO.token)
LOOKS = (started("one"), ended("one"), ONE, started("two", "night/2026-11-23"), ended("two"), TWO)
LONG = PATIENCE_MS + 1


def acknowledged(name: str = "one", receipt: str = FIRST) -> ReceiptAcknowledged:
    return ReceiptAcknowledged(OPERATOR.sign(ReceiptAck(look_id(name), receipt, AT // 1000)), (credential(),))


def test_a_receipt_waits_until_the_service_has_shown_to_keep_it() -> None:
    assert said(*LOOKS).keeping.unkept == (Unkept(FIRST, AT + 2000), Unkept(SECOND, AT + 5000))
    keeping = said(*LOOKS, entry := kept(ONE)).keeping
    assert keeping.unkept == (Unkept(SECOND, AT + 5000),)
    assert keeping.stated == {TONIGHT: Stated(entry.key, entry.checkpoint)}
    assert keeping.stated[TONIGHT].hash == digest(entry.checkpoint)
    assert keeping.began


def test_the_first_that_was_said_of_a_night_stays() -> None:
    first, second = kept(ONE), kept(TWO, others=2)
    keeping = said(*LOOKS, first, second, differing(first, second)).keeping
    assert keeping.stated[TONIGHT].token == first.checkpoint
    assert keeping.differing == {TONIGHT}


def test_an_acknowledged_receipt_is_known() -> None:
    assert said(*LOOKS, acknowledged()).keeping.acknowledged == {FIRST}


def test_what_is_purged_takes_nothing_back() -> None:
    """That the service has begun to show what it keeps, it must go on with."""
    record = replay(purge(written(*LOOKS, kept(ONE, TWO)), AT + 100_000))
    assert record.keeping == Keeping(began=True)
    left = replay(purge(written(*LOOKS, kept(TWO)), AT + 3000))
    assert left.keeping.unkept == ()
    assert left.keeping.began


@pytest.mark.parametrize(
    ("began", "looks", "reached", "now", "count"),
    [
        pytest.param(True, (), {FIRST: 0}, LONG, 1, id="it could be reached all the time"),
        pytest.param(True, (), {FIRST: 0}, PATIENCE_MS, 0, id="it may take 36 hours"),
        pytest.param(True, (), {}, 10 * LONG, 0, id="it could not be reached"),
        pytest.param(True, (), {FIRST: 9 * LONG}, 10 * LONG - 5, 0, id="it could be reached only lately"),
        pytest.param(True, (9,), {}, LONG + 9, 0, id="nobody looked since"),
        pytest.param(True, (9, 50), {}, LONG + 50, 1, id="somebody looked since"),
        pytest.param(True, (50,), {FIRST: 60, SECOND: 70}, LONG + 60, 1, id="one of two"),
        pytest.param(False, (), {FIRST: 0}, LONG, 0, id="it has never shown anything"),
    ],
)
def test_what_is_not_shown_in_time_is_counted(
    began: bool, looks: tuple[int, ...], reached: dict[str, int], now: int, count: int
) -> None:
    keeping = Keeping((Unkept(FIRST, 10), Unkept(SECOND, 65)), began=began)
    assert keeping.overdue(looks, reached, now) == count
