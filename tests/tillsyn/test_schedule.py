"""From agreed hours to moments, on ordinary nights and on both nights when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tillsyn.model import Window
from tillsyn.schedule import (
    STOCKHOLM,
    Moved,
    as_wished,
    find,
    midnight,
    night_of,
    occurrence,
    occurrences,
    until_tomorrow,
)

SPRING = date(2027, 3, 28)
"""At 02:00 the clocks jump to 03:00 (01:00 UTC)."""
AUTUMN = date(2026, 10, 25)
"""At 03:00 the clocks go back to 02:00 (01:00 UTC)."""


def clock(text: str) -> time:
    return time.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(start: str, end: str, days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)) -> Window:
    return Window("w", clock(start), clock(end), days)


@pytest.mark.parametrize(
    ("day", "start", "end", "opens", "shuts"),
    [
        pytest.param(
            date(2026, 11, 22), "22:00", "23:00", "2026-11-22 21:00", "2026-11-22 22:00", id="before midnight"
        ),
        pytest.param(date(2026, 11, 22), "22:00", "07:00", "2026-11-22 21:00", "2026-11-23 06:00", id="over midnight"),
        pytest.param(date(2026, 11, 22), "23:00", "00:00", "2026-11-22 22:00", "2026-11-22 23:00", id="until midnight"),
        pytest.param(date(2026, 11, 22), "00:00", "01:00", "2026-11-21 23:00", "2026-11-22 00:00", id="from midnight"),
        pytest.param(date(2026, 7, 1), "22:00", "07:00", "2026-07-01 20:00", "2026-07-02 05:00", id="in summer"),
        pytest.param(date(2026, 12, 31), "22:00", "02:00", "2026-12-31 21:00", "2027-01-01 01:00", id="over new year"),
        pytest.param(date(2028, 2, 28), "23:00", "01:00", "2028-02-28 22:00", "2028-02-29 00:00", id="into a leap day"),
        # spring: 02:00-03:00 does not exist
        pytest.param(SPRING, "01:00", "01:59", "2027-03-28 00:00", "2027-03-28 00:59", id="just before the gap"),
        pytest.param(SPRING, "01:30", "02:00", "2027-03-28 00:30", "2027-03-28 01:00", id="up to the gap"),
        pytest.param(SPRING, "01:30", "02:30", "2027-03-28 00:30", "2027-03-28 01:00", id="into the gap"),
        pytest.param(
            SPRING, "02:00", "03:00", "2027-03-28 01:00", "2027-03-28 02:00", id="the gap itself keeps its length"
        ),
        pytest.param(
            SPRING, "02:15", "02:45", "2027-03-28 01:00", "2027-03-28 01:30", id="in the gap keeps its length"
        ),
        pytest.param(SPRING, "02:30", "03:30", "2027-03-28 01:00", "2027-03-28 01:30", id="out of the gap"),
        pytest.param(SPRING, "03:00", "04:00", "2027-03-28 01:00", "2027-03-28 02:00", id="right after the gap"),
        pytest.param(SPRING, "01:00", "04:00", "2027-03-28 00:00", "2027-03-28 02:00", id="across the gap"),
        pytest.param(date(2027, 3, 27), "22:00", "07:00", "2027-03-27 21:00", "2027-03-28 05:00", id="the short night"),
        pytest.param(
            date(2027, 3, 27), "22:00", "02:30", "2027-03-27 21:00", "2027-03-28 01:00", id="a night into the gap"
        ),
        # autumn: 02:00-03:00 comes twice
        pytest.param(AUTUMN, "01:00", "02:00", "2026-10-24 23:00", "2026-10-25 00:00", id="up to the fold"),
        pytest.param(
            AUTUMN, "02:00", "02:30", "2026-10-25 00:00", "2026-10-25 00:30", id="in the fold, the first time"
        ),
        pytest.param(
            AUTUMN, "02:00", "03:00", "2026-10-25 00:00", "2026-10-25 02:00", id="the fold itself, both times"
        ),
        pytest.param(AUTUMN, "02:30", "03:30", "2026-10-25 00:30", "2026-10-25 02:30", id="out of the fold"),
        pytest.param(AUTUMN, "03:00", "04:00", "2026-10-25 02:00", "2026-10-25 03:00", id="right after the fold"),
        pytest.param(AUTUMN, "01:00", "04:00", "2026-10-24 23:00", "2026-10-25 03:00", id="across the fold"),
        pytest.param(date(2026, 10, 24), "22:00", "07:00", "2026-10-24 20:00", "2026-10-25 06:00", id="the long night"),
        pytest.param(
            AUTUMN, "02:45", "02:15", "2026-10-25 00:45", "2026-10-26 01:15", id="nearly a day, from the fold"
        ),
    ],
)
def test_a_window_opens_and_shuts(day: date, start: str, end: str, opens: str, shuts: str) -> None:
    found = occurrence(window(start, end), day)
    assert (found.id, found.start, found.end) == (f"w/{day.isoformat()}", utc(opens), utc(shuts))


def test_the_end_is_not_in_the_window() -> None:
    found = occurrence(window("22:00", "23:00"), date(2026, 11, 22))
    assert found.contains(found.start)
    assert not found.contains(found.start - timedelta(microseconds=1))
    assert found.contains(found.end - timedelta(microseconds=1))
    assert not found.contains(found.end)


def test_only_agreed_weekdays_count_and_the_day_is_that_of_the_start() -> None:
    weekend = window("23:00", "01:00", (6, 7))
    found = occurrences([weekend], utc("2026-11-16 12:00"), utc("2026-11-23 12:00"))
    assert [one.id for one in found] == ["w/2026-11-21", "w/2026-11-22"]
    assert found[1].contains(utc("2026-11-22 23:59"))  # already Monday at home
    assert find([weekend], "w/2026-11-20") is None


def test_what_touches_the_time_asked_for_is_listed_by_start() -> None:
    late, early = Window("late", time(23), time(1)), Window("early", time(22), time(23))
    found = occurrences([late, early], utc("2026-11-22 21:30"), utc("2026-11-23 22:00"))
    assert [one.id for one in found] == ["early/2026-11-22", "late/2026-11-22", "early/2026-11-23"]
    assert occurrences([late], utc("2026-11-23 00:00"), utc("2026-11-23 22:00")) == []


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        pytest.param("2026-11-23T02:00+01:00", "2026-11-22T12:00+01:00", id="in the night"),
        pytest.param("2026-11-23T11:59+01:00", "2026-11-22T12:00+01:00", id="until noon"),
        pytest.param("2026-11-23T12:00+01:00", "2026-11-23T12:00+01:00", id="from noon the next"),
        pytest.param("2026-10-25T01:30+00:00", "2026-10-24T12:00+02:00", id="when the clock goes back"),
        pytest.param("2027-03-28T01:30+00:00", "2027-03-27T12:00+01:00", id="when the clock goes forward"),
    ],
)
def test_a_night_is_from_noon_to_noon_by_the_clock_at_home(now: str, begins: str) -> None:
    start, end = night_of(datetime.fromisoformat(now))
    assert start == datetime.fromisoformat(begins)
    assert (end.hour, (end.date() - start.date()).days) == (12, 1)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        pytest.param("2026-11-22T21:00+01:00", "2026-11-23T12:00+01:00", id="in the evening"),
        pytest.param("2026-11-22T12:00+01:00", "2026-11-23T12:00+01:00", id="in the day"),
        pytest.param("2026-11-23T05:59+01:00", "2026-11-23T12:00+01:00", id="in the night: when it is over"),
        pytest.param("2026-11-23T06:00+01:00", "2026-11-24T12:00+01:00", id="in the morning: not at noon the same day"),
        pytest.param("2026-10-24T22:00+02:00", "2026-10-25T12:00+01:00", id="the night is an hour longer"),
        pytest.param("2026-10-25T01:30+00:00", "2026-10-25T12:00+01:00", id="after the clock has gone back"),
        pytest.param("2026-10-24T07:00+02:00", "2026-10-25T12:00+01:00", id="the morning before"),
        pytest.param("2027-03-27T22:00+01:00", "2027-03-28T12:00+02:00", id="the night is an hour shorter"),
        pytest.param("2027-03-28T01:30+00:00", "2027-03-28T12:00+02:00", id="after the clock has gone forward"),
    ],
)
def test_until_tomorrow_is_until_the_night_that_is_or_comes_is_over(now: str, ends: str) -> None:
    assert until_tomorrow(datetime.fromisoformat(now)) == datetime.fromisoformat(ends)


@pytest.mark.parametrize(
    ("day", "begins", "hours"), [(SPRING, "2027-03-27 23:00", 23), (AUTUMN, "2026-10-24 22:00", 25)]
)
def test_a_day_at_home_is_as_long_as_it_is(day: date, begins: str, hours: int) -> None:
    assert midnight(day) == utc(begins)
    assert midnight(day + timedelta(days=1)) - midnight(day) == timedelta(hours=hours)


LATE, EARLY = Window("late", time(2), time(3)), Window("early", time(22), time(23))
NIGHT = (utc("2026-11-22 11:00"), utc("2026-11-23 11:00"))


def moved(name: str, start: str, end: str) -> Moved:
    return {name: (utc(start), utc(end))}


def test_a_moved_window_is_where_the_client_has_put_it() -> None:
    found = as_wished([EARLY, LATE], NIGHT, (), moved("late/2026-11-23", "2026-11-22 20:00", "2026-11-22 21:00"))
    assert [one.id for one in found] == ["late/2026-11-23", "early/2026-11-22"]
    assert (found[0].start, found[0].end) == (utc("2026-11-22 20:00"), utc("2026-11-22 21:00"))


def test_what_the_client_does_without_is_left_out_moved_or_not() -> None:
    there = moved("late/2026-11-23", "2026-11-23 00:30", "2026-11-23 01:30")
    assert as_wished([EARLY, LATE], NIGHT, {"late/2026-11-23", "early/2026-11-22"}, there) == []


def test_a_window_moved_into_the_time_asked_for_is_there_and_one_moved_out_is_not() -> None:
    there = moved("early/2026-11-22", "2026-11-22 23:30", "2026-11-23 00:30")
    late = (utc("2026-11-22 23:45"), utc("2026-11-23 00:45"))
    assert [one.id for one in as_wished([EARLY], late, (), there)] == ["early/2026-11-22"]
    assert as_wished([EARLY], (utc("2026-11-22 21:00"), utc("2026-11-22 22:00")), (), there) == []
    assert as_wished([EARLY], (utc("2026-11-23 00:30"), utc("2026-11-23 12:00")), (), there) == []


def test_what_is_moved_and_no_longer_agreed_is_nowhere() -> None:
    assert as_wished([EARLY], NIGHT, (), moved("gone/2026-11-22", "2026-11-22 20:00", "2026-11-22 21:00")) == [
        occurrence(EARLY, date(2026, 11, 22))
    ]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="nothing"),
        pytest.param("w", id="no date"),
        pytest.param("x/2026-11-22", id="a window that is not agreed"),
        pytest.param("w/2026-02-29", id="a date that does not exist"),
        pytest.param("w/20261122", id="the same date in another form"),
        pytest.param("w/2026-W47-7", id="the same date as a week"),
        pytest.param("w/2026-11-22/x", id="something more"),
        pytest.param("w/0000-00-00", id="before the calendar"),
    ],
)
def test_occurrence_that_is_not_agreed_is_not_found(name: str) -> None:
    assert find([window("00:00", "23:00")], name) is None


@pytest.mark.parametrize(
    ("agreed", "name"),
    [
        pytest.param(window("00:00", "23:00"), "w/0001-01-01", id="its first day, which begins a year earlier in UTC"),
        pytest.param(window("23:30", "23:00"), "w/9999-12-31", id="its last day, which has no next"),
    ],
)
def test_the_ends_of_the_calendar_break_nothing(agreed: Window, name: str) -> None:
    assert find([agreed], name) is None


MINUTES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
NEAR_CHANGES = st.sampled_from(
    [date(year, month, day) for year, month, day in ((2026, 10, 24), (2026, 10, 25), (2027, 3, 27), (2027, 3, 28))]
)
DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31)) | NEAR_CHANGES


@given(MINUTES, MINUTES, DAYS)
def test_every_agreed_date_gives_one_occurrence_of_positive_length(start: time, end: time, day: date) -> None:
    assume(start != end)
    agreed = Window("w", start, end)
    found = occurrence(agreed, day)
    assert timedelta(0) < found.end - found.start <= timedelta(hours=25)
    assert find([agreed], found.id) == found
    begun = [
        one for one in occurrences([agreed], found.start - timedelta(days=2), found.end + timedelta(days=2))
        if one.id == found.id
    ]  # fmt: skip
    assert begun == [found]


@given(MINUTES, MINUTES, DAYS)
def test_the_clock_on_the_wall_shows_the_agreed_time_or_the_jump(start: time, end: time, day: date) -> None:
    assume(start != end)
    shown = occurrence(Window("w", start, end), day).start.astimezone(STOCKHOLM)
    skipped = time(2) <= start < time(3) and datetime.combine(
        day, time(2, 30), ZoneInfo("Europe/Stockholm")
    ).astimezone(UTC).astimezone(STOCKHOLM).time() != time(2, 30)
    assert (shown.date(), shown.time()) == (day, time(3) if skipped else start)
    assert shown.fold == 0


@given(MINUTES, MINUTES, st.sets(st.integers(1, 7), min_size=1), DAYS)
def test_a_week_has_as_many_windows_as_agreed_days(start: time, end: time, days: set[int], first: date) -> None:
    assume(start != end)
    agreed = Window("w", start, end, tuple(sorted(days)))
    week = [first + timedelta(days=number) for number in range(7)]
    found = [find([agreed], f"w/{day.isoformat()}") for day in week]
    assert sum(one is not None for one in found) == len(days)
    starts = [one.start for one in found if one is not None]
    assert starts == sorted(set(starts))
