"""A backup that is put back: what has happened since is not known, so nothing that may have been used is open again."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.tillsyn.made import MIDNIGHT, NIGHT, OCCURRENCE, plan
from tests.tillsyn.story import (
    ANNA,
    AT,
    MOVED,
    PAUSE,
    YES,
    accepted,
    declined,
    ended,
    proposed,
    said,
    started,
    written,
)
from tillsyn.entries import Entry, JournalRestored, Pause
from tillsyn.journal import ends, purge, replay
from tillsyn.model import Spent
from tillsyn.record import number_of
from tillsyn.restored import is_older, used_up
from tillsyn.terms import is_used

RESTORED = JournalRestored(80)
RESUMED = Pause(False, "anna")


@pytest.mark.parametrize(
    ("lines", "last", "older"),
    [
        pytest.param(0, "other", False, id="nothing has been seen of it"),
        pytest.param(3, "three", False, id="as it was seen last"),
        pytest.param(2, "two", False, id="written to since"),
        pytest.param(4, "four", True, id="a line is missing"),
        pytest.param(3, "other", True, id="the last line is another"),
        pytest.param(2, "other", True, id="a line before is another"),
        pytest.param(1, "other", False, id="too far back to tell"),
    ],
)
def test_a_journal_that_has_gone_back_shows(lines: int, last: str, older: bool) -> None:
    assert is_older(3, {2: "two", 3: "three"}, lines, last) is older


def test_the_ends_are_those_of_the_last_lines() -> None:
    whole = written(ANNA, YES, PAUSE)
    record = replay(whole)
    assert ends(whole, 10)[3] == record.last
    assert sorted(ends(whole, 2)) == [2, 3]
    assert ends(whole + b'{"n":4', 1) == {3: record.last}
    short = purge(whole, AT + 1000)
    assert ends(short, 10) == ends(whole, 10)


@pytest.mark.parametrize(
    ("entries", "paused", "restored"),
    [
        pytest.param((RESTORED,), True, True, id="paused until somebody has looked it over"),
        pytest.param((Pause(True, "u", AT + 1), RESTORED), True, True, id="whatever pause there was"),
        pytest.param((RESTORED, Pause(True, "u")), True, True, id="a pause is no answer"),
        pytest.param((RESTORED, RESUMED), False, False, id="ending the pause is"),
    ],
)
def test_the_home_is_paused_until_somebody_ends_it(entries: tuple[Entry, ...], paused: bool, restored: bool) -> None:
    record = said(*entries)
    assert (record.is_paused(AT + 10**12), record.is_restored) == (paused, restored)
    after = replay(purge(written(*entries), 9_999_999_999_999))
    assert (after.is_paused(AT + 10**12), after.is_restored) == (paused, restored)


def test_a_window_that_had_begun_is_not_open_again_after_the_pause() -> None:
    before = said(proposed(), accepted(), RESUMED)
    assert before.spent == {}
    record = said(proposed(), accepted(), RESTORED, RESUMED)
    assert record.plan is not None
    assert is_used(record.plan, record.spent[OCCURRENCE])
    assert not record.spent[OCCURRENCE].seen


def test_what_is_known_to_be_used_stays_known() -> None:
    record = said(proposed(), accepted(), started(), ended(), RESTORED)
    assert record.spent[OCCURRENCE].seen
    assert record.spent[OCCURRENCE].first == datetime.fromtimestamp(AT / 1000 + 2, UTC)


THREE = (proposed(), accepted(), MOVED)


@pytest.mark.parametrize(
    ("entries", "holds", "waits", "old"),
    [
        pytest.param((*THREE, RESTORED), 3, 0, 3, id="nothing is known of later plans"),
        pytest.param((*THREE, JournalRestored(80, 3, 3)), 3, 0, 3, id="it is the newest that was accepted"),
        pytest.param((*THREE, JournalRestored(80, 6, 3)), 3, 0, 5, id="the newest was not accepted"),
        pytest.param((*THREE, JournalRestored(80, 6, 6)), 0, 0, 5, id="a newer one was accepted"),
        pytest.param((*THREE, proposed(4), JournalRestored(80, 6, 3)), 3, 0, 5, id="what waited is not the newest"),
        pytest.param((*THREE, proposed(4), JournalRestored(80, 4, 4)), 0, 4, 4, id="what waited was accepted"),
        pytest.param((*THREE, proposed(4), declined(4), JournalRestored(80, 3, 3)), 3, 0, 4, id="it is the newer one"),
        pytest.param(
            (*THREE, JournalRestored(80, 6, 6), RESUMED, proposed(6), accepted(6)), 6, 0, 6, id="the newest comes again"
        ),
        pytest.param(
            (*THREE, JournalRestored(80, 6, 6), JournalRestored(90, 4, 0)), 0, 0, 5, id="twice, and less told"
        ),
    ],
)
def test_a_plan_that_has_been_replaced_neither_holds_nor_can_be_accepted(
    entries: tuple[Entry, ...], holds: int, waits: int, old: int
) -> None:
    data = written(*entries)
    for record in (replay(data), replay(purge(data, AT + 100_000))):
        assert (number_of(record.accepted), number_of(record.proposed), record.old_plans) == (holds, waits, old)
        assert bool(record.moved) == (holds == 3)


def test_what_has_been_shown_and_accepted_is_told_also_where_it_is_lost() -> None:
    assert (said().shown_plan, said().agreed_plan) == (0, 0)
    known = said(*THREE, proposed(4), declined(4))
    assert (known.shown_plan, known.agreed_plan) == (4, 3)
    lost = said(*THREE, JournalRestored(80, 6, 5))
    assert (lost.shown_plan, lost.agreed_plan) == (6, 5)


@pytest.mark.parametrize(
    ("at", "used"),
    [
        pytest.param(MIDNIGHT, True, id="while it is open"),
        pytest.param(MIDNIGHT + timedelta(hours=6, minutes=10), True, id="while a retry could be"),
        pytest.param(MIDNIGHT + timedelta(hours=6, minutes=20), False, id="when it is over"),
        pytest.param(MIDNIGHT - timedelta(hours=3), False, id="before it opens"),
    ],
)
def test_only_windows_that_may_have_been_used_are_used_up(at: datetime, used: bool) -> None:
    assert (OCCURRENCE in used_up(plan(windows=(NIGHT,)), {}, {}, at)) is used


def test_a_window_is_where_the_client_has_put_it() -> None:
    later = {OCCURRENCE: (MIDNIGHT + timedelta(hours=1), MIDNIGHT + timedelta(hours=2))}
    assert used_up(plan(), {}, later, MIDNIGHT) == {}


def test_without_a_plan_there_is_nothing_to_use() -> None:
    spent = {OCCURRENCE: Spent(MIDNIGHT, 1, seen=False)}
    assert used_up(None, spent, {}, MIDNIGHT) == spent
