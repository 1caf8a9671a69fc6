"""How the client slept: the right night, and the municipality is told only what it may be told."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tillsyn.story import ANNA, BO, CONSENT, SLEPT, YES, said, written
from tillsyn.entries import Consent, ConsentWithdrawn, Entry, SleepRated, SleepSharing, SleepTold
from tillsyn.journal import purge, replay
from tillsyn.record import Record
from tillsyn.sleep import LONGEST_COMMENT, as_said, rating_of, slept_night, untold
from tillsyn.strict import text

SHARE, KEEP = SleepSharing(True, "anna"), SleepSharing(False, "anna")
AGAIN = SleepRated(SLEPT.night, 2, "", "bo")
NEXT = SleepRated(date(2026, 11, 23), 5, "", "anna")


@pytest.mark.parametrize(
    ("now", "evening"),
    [
        pytest.param(datetime(2026, 11, 23, 7, tzinfo=UTC), 22, id="in the morning"),
        pytest.param(datetime(2026, 11, 23, 20, tzinfo=UTC), 22, id="in the evening, it is still the night before"),
        pytest.param(datetime(2026, 11, 24, 1, tzinfo=UTC), 22, id="in the middle of the next one"),
        pytest.param(datetime(2026, 11, 24, 2, 59, tzinfo=UTC), 22, id="a minute before four at home"),
        pytest.param(datetime(2026, 11, 24, 3, tzinfo=UTC), 23, id="from four at home"),
    ],
)
def test_the_last_night_is_the_one_that_is_over(now: datetime, evening: int) -> None:
    assert slept_night(now) == date(2026, 11, evening)


def test_clocks_that_change_make_no_other_night() -> None:
    assert slept_night(datetime(2026, 10, 25, 3, tzinfo=UTC)) == date(2026, 10, 24)
    assert slept_night(datetime(2026, 3, 29, 2, tzinfo=UTC)) == date(2026, 3, 28)


def test_a_later_rating_of_the_same_night_replaces_the_first() -> None:
    record = said(SLEPT, AGAIN)
    assert rating_of(record, SLEPT.night) == AGAIN
    assert rating_of(record, NEXT.night) is None
    assert rating_of(Record(), SLEPT.night) is None


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        pytest.param((CONSENT, SHARE, SLEPT), SLEPT, id="rated while it may be told"),
        pytest.param((CONSENT, SLEPT), None, id="it may not be told"),
        pytest.param((CONSENT, SLEPT, SHARE), None, id="what was rated before is never told"),
        pytest.param((CONSENT, SHARE, SLEPT, KEEP), None, id="no more, once it may not be"),
        pytest.param((CONSENT, SHARE, SLEPT, KEEP, SHARE), None, id="nor when it may be again"),
        pytest.param((CONSENT, SHARE, SLEPT, AGAIN), AGAIN, id="as it was rated last"),
        pytest.param((CONSENT, SHARE, SLEPT, NEXT), SLEPT, id="one night after the other"),
        pytest.param((CONSENT, SHARE, SLEPT, NEXT, SleepTold(SLEPT.night)), NEXT, id="the next night then"),
        pytest.param((CONSENT, SHARE, SLEPT, SleepTold(SLEPT.night)), None, id="it has been told"),
        pytest.param((CONSENT, SHARE, SLEPT, SleepTold(SLEPT.night), AGAIN), AGAIN, id="and rated again since"),
        pytest.param((SHARE, SLEPT), None, id="nobody has consented to anything"),
        pytest.param((CONSENT, SHARE, SLEPT, Consent(False, "")), None, id="consent is withdrawn"),
        pytest.param((ANNA, YES, SHARE, SLEPT, ConsentWithdrawn("anna0001", "")), None, id="the client has withdrawn"),
        pytest.param((ANNA, YES, BO, SHARE, SLEPT), None, id="somebody has not consented yet"),
    ],
)
def test_the_municipality_is_told_only_what_it_may(entries: tuple[Entry, ...], told: SleepRated | None) -> None:
    assert untold(said(*entries)) == told


def test_nights_that_cannot_be_told_do_not_pile_up() -> None:
    nights = [SleepRated(date(2026, 11, number), 3, "", "") for number in range(1, 25)]
    assert said(CONSENT, SHARE, *nights).untold == tuple(nights[-14:])


def test_what_is_purged_is_not_told_any_more() -> None:
    left = replay(purge(written(CONSENT, SHARE, SLEPT), 9_999_999_999_999))
    assert (left.shares_sleep, left.sleep, left.untold) == (True, None, ())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Vaknade\n\ten gång ", "Vaknade en gång"),
        ("A\u030angest", "Ångest"),
        ("bra\u202e!", "bra!"),
        ("\u200b \u2800", ""),
        ("e\u200d\u0301", "é"),
        ("Sov gott 😴", "Sov gott 😴"),
        ("å" * 400, "å" * LONGEST_COMMENT),
    ],
)
def test_a_comment_is_kept_as_people_read_it(typed: str, kept: str) -> None:
    assert as_said(typed) == kept


@given(st.text(max_size=400))
def test_any_comment_can_be_written_down(typed: str) -> None:
    kept = as_said(typed)
    assert text(0, LONGEST_COMMENT)(kept) == kept
