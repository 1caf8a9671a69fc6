"""Whose consent is due for review, and when a camera that disappears says that the client may want to stop."""

from datetime import date

import pytest

from tillsyn.model import How, Relation
from tillsyn.people import Lost, Person, all_consent, is_lost_again, is_review_day, to_ask_again

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
ANNA = Person("anna0001", "Anna", Relation.CLIENT, "", 1, How.WRITTEN, date(2027, 1, 1))
BO = Person("bobo0001", "Bo", Relation.COHABITANT, "", 1, How.SPOKEN, date(2027, 3, 1))


def test_nobody_has_not_consented() -> None:
    assert not all_consent(())


@pytest.mark.parametrize(
    ("today", "due"),
    [
        pytest.param(date(2026, 12, 31), (), id="the day before"),
        pytest.param(date(2027, 1, 1), (ANNA,), id="the day has come"),
        pytest.param(date(2027, 3, 2), (ANNA, BO), id="both"),
    ],
)
def test_consent_is_asked_about_again_from_its_day_on(today: date, due: tuple[Person, ...]) -> None:
    assert to_ask_again((ANNA, BO), today) == due
    assert all_consent((ANNA, BO))


@pytest.mark.parametrize(
    ("review", "fits"),
    [
        pytest.param(date(2026, 11, 25), False, id="today"),
        pytest.param(date(2026, 11, 26), True, id="tomorrow"),
        pytest.param(date(2028, 11, 25), True, id="in two years"),
        pytest.param(date(2028, 11, 26), False, id="so late that it is forgotten"),
    ],
)
def test_consent_is_asked_about_again_within_two_years(review: date, fits: bool) -> None:
    assert is_review_day(review, date(2026, 11, 25)) is fits


def test_who_has_withdrawn_is_not_asked_again() -> None:
    assert to_ask_again((ANNA.withdrawn(),), date(2030, 1, 1)) == ()


@pytest.mark.parametrize(
    ("lost", "again"),
    [
        pytest.param((), False, id="never"),
        pytest.param((Lost("a", 0),), False, id="once"),
        pytest.param((Lost("a", 0), Lost("a", 11 * MINUTE)), True, id="taken down as soon as it was put back"),
        pytest.param((Lost("a", 0), Lost("a", 7 * DAY)), True, id="twice within a week"),
        pytest.param((Lost("a", 0), Lost("a", 7 * DAY + 1)), False, id="twice, a week apart"),
        pytest.param((Lost("a", 0), Lost("b", 15 * MINUTE)), False, id="two cameras, together"),
        pytest.param((Lost("a", 0), Lost("b", 15 * MINUTE + 1)), True, id="one camera, then the other"),
        pytest.param((Lost("a", 0), Lost("b", 1), Lost("c", 2)), False, id="all cameras, together"),
        pytest.param((Lost("a", 0), Lost("b", 1), Lost("a", 11 * MINUTE)), True, id="together, and one again"),
        pytest.param(
            (Lost("a", 0), Lost("a", DAY), Lost("a", 30 * DAY)), True, id="it stays so until it is asked about"
        ),
    ],
)
def test_a_camera_that_is_lost_again_in_a_short_time_asks(lost: tuple[Lost, ...], again: bool) -> None:
    assert is_lost_again(lost) is again
