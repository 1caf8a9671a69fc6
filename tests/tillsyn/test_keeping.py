"""Which receipts others are known to have, and how long the municipality's service may take to show it."""

from datetime import date

import pytest

from tests.tillsyn.made import OPERATOR, credential, look_id
from tests.tillsyn.nights import NIGHT_ENDS, TONIGHT, differing, kept
from tests.tillsyn.story import AT, ended, receipt, said, started, written
from tillsyn.entries import ReceiptAcknowledged
from tillsyn.identity import digest
from tillsyn.journal import purge, replay
from tillsyn.keeping import PATIENCE_MS, Began, Keeping, Stated, Unkept
from tillsyn.receipts import Head
from tillsyn.wire import ReceiptAck

ONE = receipt("one")
TWO = receipt("two", Head(1, digest(ONE.token)))
FIRST, SECOND = digest(ONE.token), digest(TWO.token)
LOOKS = (started("one"), ended("one"), ONE, started("two", "night/2026-11-23"), ended("two"), TWO)
LONG = PATIENCE_MS + 1
NOON = (NIGHT_ENDS - 86_400) * 1000
ALWAYS = Began(0, 0)


def acknowledged(name: str = "one", receipt: str = FIRST) -> ReceiptAcknowledged:
    return ReceiptAcknowledged(OPERATOR.sign(ReceiptAck(look_id(name), receipt, AT // 1000)), (credential(),))


def test_a_receipt_waits_until_the_service_has_shown_to_keep_it() -> None:
    assert said(*LOOKS).keeping.unkept == (Unkept(FIRST, AT + 2000), Unkept(SECOND, AT + 5000))
    keeping = said(*LOOKS, entry := kept(ONE)).keeping
    assert keeping.unkept == (Unkept(SECOND, AT + 5000),)
    assert keeping.stated == {TONIGHT: Stated(entry.key, entry.checkpoint)}
    assert keeping.stated[TONIGHT].hash == digest(entry.checkpoint)
    assert keeping.began == Began(NOON, AT + 6000)
    assert (
        said(*LOOKS, entry, kept(TWO, night=date(2026, 11, 23), iat=NIGHT_ENDS + 86_400)).keeping.began == keeping.began
    )


def test_a_night_before_all_time_is_from_the_beginning() -> None:
    """A service that says so must not make a journal that cannot be read."""
    record = replay(purge(written(*LOOKS, kept(ONE, night=date(1, 1, 1))), AT + 100_000))
    assert record.keeping.began == Began(0, AT + 6000)


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
    assert record.keeping == Keeping(began=Began(NOON, AT + 6000))
    left = replay(purge(written(*LOOKS, kept(TWO)), AT + 3000))
    assert left.keeping.unkept == ()
    assert left.keeping.began == Began(NOON, AT + 6000)


@pytest.mark.parametrize(
    ("began", "looks", "reachable_since", "now", "count"),
    [
        pytest.param(ALWAYS, (), {FIRST: 0}, LONG, 1, id="it could be reached all the time"),
        pytest.param(ALWAYS, (), {FIRST: 0}, PATIENCE_MS, 0, id="it may take 36 hours"),
        pytest.param(ALWAYS, (), {}, 10 * LONG, 0, id="it could not be reached"),
        pytest.param(ALWAYS, (), {FIRST: 9 * LONG}, 10 * LONG - 5, 0, id="it could be reached only lately"),
        pytest.param(ALWAYS, (9,), {}, LONG + 9, 0, id="nobody looked since"),
        pytest.param(ALWAYS, (9, 50), {}, LONG + 50, 1, id="somebody looked since"),
        pytest.param(ALWAYS, (50,), {FIRST: 60, SECOND: 70}, LONG + 60, 1, id="one of two"),
        pytest.param(None, (), {FIRST: 0}, LONG, 0, id="it has never shown anything"),
        pytest.param(Began(0, 5 * LONG), (9, 50), {FIRST: 9, SECOND: 70}, 6 * LONG - 1, 0, id="it began only lately"),
        pytest.param(Began(0, 5 * LONG), (9, 50), {FIRST: 9, SECOND: 70}, 6 * LONG, 2, id="it began long ago"),
        pytest.param(Began(11, 20), (9, 50), {FIRST: 9, SECOND: 70}, 9 * LONG, 1, id="one is of before it began"),
        pytest.param(Began(10, 20), (9, 50), {FIRST: 9, SECOND: 70}, 9 * LONG, 2, id="the first is of that night"),
    ],
)
def test_what_is_not_shown_in_time_is_counted(
    began: Began | None, looks: tuple[int, ...], reachable_since: dict[str, int], now: int, count: int
) -> None:
    keeping = Keeping((Unkept(FIRST, 10), Unkept(SECOND, 65)), began=began)
    assert keeping.overdue(looks, reachable_since, now) == count
