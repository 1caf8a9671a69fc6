"""What a pause and an absence can be."""

from datetime import UTC, datetime, timedelta

import pytest

from tillsyn.agreement import Away, Paused
from tillsyn.left_alone import Unfit, absence_unfit, pause_unfit, shortens
from tillsyn.model import AwayKind
from tillsyn.record import Record

NOW = datetime(2026, 11, 25, 20, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def absences(count: int, end: datetime) -> Record:
    end_ms = int(end.timestamp() * 1000)
    return Record(away=tuple(Away(f"away{n:04}", AwayKind.GUESTS, end_ms - 1, end_ms, "") for n in range(count)))


@pytest.mark.parametrize(
    ("until", "unfit"),
    [
        pytest.param(NOW + MINUTE, None, id="in a minute"),
        pytest.param(NOW + 366 * DAY, None, id="in a year"),
        pytest.param(NOW, Unfit.OVER, id="now"),
        pytest.param(NOW - MINUTE, Unfit.OVER, id="a minute ago"),
        pytest.param(NOW + 366 * DAY + MINUTE, Unfit.TOO_LONG, id="in more than a year"),
    ],
)
def test_a_pause_ends_ahead_and_within_a_year(until: datetime, unfit: Unfit | None) -> None:
    assert pause_unfit(until, NOW) is unfit


@pytest.mark.parametrize(
    ("record", "start", "end", "unfit"),
    [
        pytest.param(Record(), NOW + DAY, NOW + 2 * DAY, None, id="tomorrow"),
        pytest.param(Record(), NOW - 9 * DAY, NOW + MINUTE, None, id="it has begun already"),
        pytest.param(Record(), NOW, NOW + 366 * DAY, None, id="for a year"),
        pytest.param(Record(), NOW + 366 * DAY, NOW + 367 * DAY, None, id="in a year"),
        pytest.param(Record(), NOW + DAY, NOW + DAY, Unfit.ENDS_FIRST, id="no time at all"),
        pytest.param(Record(), NOW + 2 * DAY, NOW + DAY, Unfit.ENDS_FIRST, id="the wrong way round"),
        pytest.param(Record(), NOW - DAY, NOW, Unfit.OVER, id="over now"),
        pytest.param(Record(), NOW, NOW + 366 * DAY + MINUTE, Unfit.TOO_LONG, id="for more than a year"),
        pytest.param(Record(), NOW + 367 * DAY, NOW + 368 * DAY, Unfit.TOO_FAR, id="in more than a year"),
        pytest.param(absences(63, NOW + DAY), NOW, NOW + DAY, None, id="the last that there is room for"),
        pytest.param(absences(64, NOW + DAY), NOW, NOW + DAY, Unfit.TOO_MANY, id="one too many"),
        pytest.param(absences(64, NOW), NOW, NOW + DAY, None, id="those that are over take no room"),
    ],
)
def test_an_absence_is_a_time_that_is_not_over(
    record: Record, start: datetime, end: datetime, unfit: Unfit | None
) -> None:
    assert absence_unfit(record, start, end, NOW) is unfit


@pytest.mark.parametrize(
    ("pause", "until_ms", "shorter"),
    [
        pytest.param(None, NOW_MS + 1, False, id="there is none"),
        pytest.param(Paused(0, NOW_MS, ""), NOW_MS + 1, False, id="it is over"),
        pytest.param(Paused(0, 0, ""), NOW_MS + 1, True, id="it had no end"),
        pytest.param(Paused(0, NOW_MS + 2, ""), NOW_MS + 1, True, id="it would end later"),
        pytest.param(Paused(0, NOW_MS + 2, ""), NOW_MS + 2, False, id="it would end then"),
        pytest.param(Paused(0, NOW_MS + 2, ""), NOW_MS + 3, False, id="it would end earlier"),
    ],
)
def test_an_earlier_end_shortens_a_pause(pause: Paused | None, until_ms: int, shorter: bool) -> None:
    assert shortens(Record(pause=pause), until_ms, NOW_MS) is shorter
