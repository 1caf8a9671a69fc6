"""A backup that is put back: what has happened since is not known, so nothing that may have been used is open again."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.tillsyn.made import MIDNIGHT, NIGHT, OCCURRENCE, plan
from tests.tillsyn.story import ANNA, AT, PAUSE, YES, accepted, ended, proposed, said, started, written
from tillsyn.entries import Entry, JournalRestored, Pause
from tillsyn.journal import ends, purge, replay
from tillsyn.model import Spent
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
