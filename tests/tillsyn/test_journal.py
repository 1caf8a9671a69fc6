"""The journal: what it says is what the home has agreed to and what has happened; damage never passes for truth."""

import gc
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tillsyn.made import COLLEAGUE, HUB, NOW, OCCURRENCE, OPERATOR, instant, look_id, plan
from tests.tillsyn.story import (
    ALLOWED,
    ALLOWED_MORE,
    ANNA,
    AT,
    AWAY,
    BO,
    BO_YES,
    CONSENT,
    MOVED,
    NIGHT,
    NONE_REVOKED,
    ONE_REVOKED,
    PAUSE,
    POLICIES,
    SLEPT,
    YES,
    accepted,
    declined,
    ended,
    proposed,
    receipt,
    said,
    started,
    written,
)
from tillsyn.agreement import Away, Paused
from tillsyn.chain import Trust
from tillsyn.entries import (
    KINDS,
    AimingEnded,
    AimingStarted,
    AwayAdded,
    AwayRemoved,
    CameraLost,
    Consent,
    ConsentWithdrawn,
    Entry,
    GoOn,
    HomeSetUp,
    LookKept,
    LookMissed,
    LookRefused,
    LookSkipped,
    LookTurned,
    Pause,
    PauseShortened,
    PersonChanged,
    PersonRemoved,
    PlanProposed,
    PolicyAdopted,
    Privacy,
    ReceiptSigned,
    SleepSharing,
    VisitAsked,
)
from tillsyn.errors import CloseReason, Refusal
from tillsyn.identity import digest, parse
from tillsyn.journal import Corrupt, Line, apply, encode, history, purge, replay
from tillsyn.model import AwayKind, How, Relation, Room, Spent
from tillsyn.people import Lost, Person
from tillsyn.receipts import FIRST, Head
from tillsyn.record import Past, Record, Visit
from tillsyn.wire import Receipt, Revocations
from tillsyn.wire_people import STRICTEST


def test_a_new_home_has_agreed_to_nothing() -> None:
    record = replay(b"")
    assert record == Record()
    assert not record.consent
    assert record.plan is record.interrupted is None
    assert (record.waiting, record.head, record.last) == ((), Head(), FIRST)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param((CONSENT,), {"consent": True}, id="consent was given"),
        pytest.param((CONSENT, Consent(given=False, by="")), {"consent": False}, id="consent was withdrawn"),
        pytest.param((PAUSE,), {"pause": Paused(AT, 0, "anna", AT)}, id="the home was paused"),
        pytest.param((PAUSE, Pause(paused=False, by="")), {"pause": None}, id="the home was resumed"),
        pytest.param((Privacy(private=True, by=""),), {"private": {"": True}}, id="every camera was made private"),
        pytest.param(
            (Privacy(True, "", "a"), Privacy(False, "", "b")), {"private": {"a": True, "b": False}}, id="one camera was"
        ),
        pytest.param((Privacy(True, "", "a"), Privacy(False, "")), {"private": {"": False}}, id="all are again"),
        pytest.param((AimingStarted("anna", "a"),), {"aiming": "a"}, id="aiming began"),
        pytest.param((AimingStarted("anna"), AimingEnded(CloseReason.STOPPED)), {"aiming": None}, id="aiming ended"),
        pytest.param(
            (ANNA,), {"people": (Person("anna0001", "Anna", Relation.CLIENT, "anna"),)}, id="someone lives here"
        ),
        pytest.param((ANNA, PersonRemoved("anna0001", "")), {"people": ()}, id="someone has moved"),
        pytest.param((ANNA, YES), {"consent": True}, id="the client has consented"),
        pytest.param((ANNA, BO, YES), {"consent": False}, id="the cohabitant has not"),
        pytest.param((ANNA, BO, YES, BO_YES), {"consent": True}, id="everybody has"),
        pytest.param((BO, BO_YES), {"consent": False}, id="a cohabitant alone cannot"),
        pytest.param((ANNA, YES, ConsentWithdrawn("anna0001", "")), {"consent": False}, id="the client has withdrawn"),
        pytest.param(
            (ANNA, BO, YES, BO_YES, ConsentWithdrawn("", "")), {"consent": False}, id="somebody has withdrawn"
        ),
        pytest.param((ANNA, YES, Consent(False, "")), {"consent": False}, id="withdrawn as version 1 wrote it"),
        pytest.param((CONSENT, ANNA), {"consent": False}, id="named, and not asked yet"),
        pytest.param((CONSENT, ANNA, PersonRemoved("anna0001", "")), {"consent": False}, id="nobody is left"),
        pytest.param(
            (ANNA, CONSENT, PersonRemoved("anna0001", "")),
            {"consent": False},
            id="nor what was said again without names",
        ),
        pytest.param((ANNA, YES, ANNA), {"consent": True}, id="a person told twice"),
        pytest.param(
            (ANNA, BO, YES, BO_YES, PersonChanged("bobo0001", "Bosse", "bo", "anna")),
            {
                "people": (
                    Person("anna0001", "Anna", Relation.CLIENT, "anna", AT + 2000, How.WRITTEN, date(2027, 1, 1)),
                    Person("bobo0001", "Bosse", Relation.COHABITANT, "bo", AT + 3000, How.WRITTEN, date(2027, 1, 1)),
                ),
                "consent": True,
            },
            id="a name was wrong",
        ),
        pytest.param((ANNA, YES, HomeSetUp("anna")), {"set_up": True}, id="the home is set up"),
        pytest.param((AWAY,), {"away": (Away("away0001", AwayKind.TRAVEL, AT, AT + 9000, "anna"),)}, id="an absence"),
        pytest.param((AWAY, AwayRemoved("away0001", "")), {"away": ()}, id="an absence is over"),
        pytest.param((AWAY, AWAY), {"away": (Away("away0001", AwayKind.TRAVEL, AT, AT + 9000, "anna"),)}, id="changed"),
        pytest.param(
            (CameraLost("a"), CameraLost("a")),
            {"lost": (Lost("a", AT), Lost("a", AT + 1000)), "may_want_to_stop": True},
            id="a camera was taken down twice",
        ),
        pytest.param((CameraLost("a"), GoOn("anna")), {"lost": ()}, id="the client wants to go on"),
        pytest.param((CameraLost("a"), ConsentWithdrawn("", "")), {"lost": ()}, id="the client wants to stop"),
        pytest.param((CameraLost("a"),) * 40, {"lost": tuple(Lost("a", AT + n * 1000) for n in range(8, 40))}, id="40"),
        pytest.param((LookSkipped(OCCURRENCE, ""),), {"skipped": frozenset({OCCURRENCE})}, id="a look is skipped"),
        pytest.param((LookSkipped(OCCURRENCE, ""), LookKept(OCCURRENCE, "")), {"skipped": frozenset()}, id="and kept"),
        pytest.param((MOVED,), {"moved": {OCCURRENCE: (instant(60).wall, instant(3600).wall)}}, id="a look is moved"),
        pytest.param((MOVED, LookKept(OCCURRENCE, "")), {"moved": {}}, id="a moved look is kept as planned"),
        pytest.param(
            (VisitAsked(look_id("v"), ""),), {"visits": (Visit(look_id("v"), AT),)}, id="a visit is asked for"
        ),
        pytest.param((SLEPT,), {"sleep": SLEPT}, id="sleep is rated"),
        pytest.param((SleepSharing(True, ""),), {"shares_sleep": True}, id="sleep may be told"),
        pytest.param((LookMissed(OCCURRENCE),), {"missed": frozenset({OCCURRENCE})}, id="a look was missed"),
        pytest.param((LookRefused("Kim", Refusal.PAUSED),), {"used": frozenset()}, id="someone was refused"),
        pytest.param((), {"trust": Trust()}, id="the root has said nothing"),
        pytest.param((ALLOWED,), {"trust": Trust(POLICIES[0], None, NOW)}, id="a policy"),
        pytest.param((ALLOWED, ALLOWED_MORE), {"trust": Trust(POLICIES[1], None, NOW + 1)}, id="another policy"),
        pytest.param(
            (NONE_REVOKED, ONE_REVOKED),
            {"trust": Trust(STRICTEST, Revocations(5, (OPERATOR.public.kid,), NOW + 60), NOW + 1)},
            id="a key was revoked",
        ),
        pytest.param(
            (ALLOWED_MORE, ONE_REVOKED, PolicyAdopted(COLLEAGUE.sign(POLICIES[0]))),
            {"trust": Trust(POLICIES[0], None, NOW + 2)},
            id="another municipality begins anew",
        ),
    ],
)
def test_the_journal_tells_how_it_is(entries: tuple[Entry, ...], expected: dict[str, object]) -> None:
    record = said(*entries)
    assert {name: getattr(record, name) for name in expected} == expected
    assert record.lines == len(entries)


def test_a_whole_night_is_told() -> None:
    record = said(*NIGHT)
    assert record.plan == plan()
    assert record.used == {look_id("one"), look_id("two")}
    assert dict(record.spent) == {OCCURRENCE: Spent(datetime.fromtimestamp(NOW + 10, UTC), 2, seen=True)}
    assert record.past == (
        Past(AT + 10_000, started("one"), ended("one", CloseReason.NOT_SEEN)),
        Past(AT + 13_000, started("two"), ended("two")),
    )
    assert record.waiting == record.past[1:]
    assert (record.head.sequence, len(record.receipts)) == (1, 1)


def test_windows_are_spent_one_by_one() -> None:
    other = "night/2026-11-23"
    record = said(started("one"), ended("one"), started("two", other))
    assert (record.spent[OCCURRENCE].seen, record.spent[other].seen) == (True, False)
    assert record.interrupted == Past(AT + 2000, started("two", other))


# ---- plans ----------------------------------------------------------------------------------------------------------


def test_a_plan_counts_only_when_accepted_at_home() -> None:
    waiting = said(proposed())
    assert (waiting.plan, waiting.proposed, waiting.highest_plan) == (None, proposed().token, 3)
    assert said(proposed(), declined()).plan is None
    assert said(proposed(), accepted()).plan == plan()


def test_a_declined_plan_leaves_the_one_before() -> None:
    record = said(proposed(), accepted(), proposed(4), declined(4))
    assert record.plan == plan() and record.proposed is None
    assert record.highest_plan == 4


def test_a_plan_that_slips_in_before_the_answer_is_not_accepted_by_it() -> None:
    """The home reads plan 3 and says yes; a wider plan 4 came in between."""
    record = said(proposed(), proposed(4, look_seconds=120), accepted(3))
    assert record.plan is None and record.proposed == proposed(4, look_seconds=120).token


def test_an_answer_to_no_plan_takes_no_plan_away() -> None:
    assert said(proposed(), accepted(), accepted()).plan == plan()
    assert said(accepted()).plan is None


# ---- damage ---------------------------------------------------------------------------------------------------------


def test_a_last_line_that_was_cut_off_never_happened() -> None:
    data = written(*NIGHT)
    before = said(*NIGHT[:-1])
    last = len(data.splitlines(keepends=True)[-1])
    assert all(replay(data[:-cut]) == before for cut in range(1, last + 1))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda lines: lines[1:], id="the first line is removed"),
        pytest.param(lambda lines: [*lines[:3], *lines[4:]], id="a line is removed"),
        pytest.param(lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], id="two lines are swapped"),
        pytest.param(lambda lines: [*lines, lines[-1]], id="a line comes twice"),
        pytest.param(lambda lines: [lines[0], b"", *lines[1:]], id="an empty line"),
        pytest.param(lambda lines: [*lines, b""], id="an empty line at the end"),
        pytest.param(lambda lines: [*lines, b"\x00" * 512], id="zeros after a power cut"),
        pytest.param(lambda lines: [lines[0][:20], *lines[1:]], id="a line is cut off in the middle"),
        pytest.param(lambda lines: [lines[0] + lines[1], *lines[2:]], id="a newline is lost"),
        pytest.param(lambda lines: [lines[0].replace(b"true", b"false"), *lines[1:]], id="consent is turned around"),
        pytest.param(lambda lines: [lines[0].replace(b"anna", b"berit"), *lines[1:]], id="who did it is changed"),
        pytest.param(lambda lines: [*lines[:-1], lines[-1].replace(b'"n":', b'"n":1')], id="the number is changed"),
        pytest.param(
            lambda lines: [*lines[:-1], lines[-1].replace(b"look_ended", b"look_endet")], id="an unknown kind"
        ),
        pytest.param(lambda lines: [*lines[:-1], lines[-1].replace(b"seen", b"glad")], id="an unknown reason"),
        pytest.param(lambda lines: [*lines[:-1], lines[-1] + b" " * 40_000], id="a line too long"),
        pytest.param(lambda lines: [b"\xff" + lines[0], *lines[1:]], id="not UTF-8"),
    ],
)
def test_damaged_journal_is_not_believed(damage: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = written(*NIGHT).splitlines()
    with pytest.raises(Corrupt):
        replay(b"\n".join(damage(lines)) + b"\n")


def test_the_damaged_line_is_told() -> None:
    lines = written(*NIGHT).splitlines()
    with pytest.raises(Corrupt) as caught:
        replay(b"\n".join([*lines[:4], b"rubbish", *lines[5:]]))
    assert caught.value.line == 5


def test_a_changed_last_line_is_seen_at_the_next() -> None:
    """Alone the last line can be rewritten; the next line, and the signed receipts, tell."""
    data = written(*NIGHT)
    record = replay(data)
    changed = replay(data.replace(b'"seen"', b'"not_seen"'))
    line = encode(record, CONSENT, AT)
    assert changed.last != record.last
    with pytest.raises(Corrupt):
        apply(changed, line[:-1])


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param((ended(),), id="an end without a start"),
        pytest.param((LookTurned(look_id("look"), Room.HALL),), id="a turn without a look"),
        pytest.param((started(), LookTurned(look_id("other"), Room.HALL)), id="a turn of another look"),
        pytest.param((ANNA, replace(ANNA, name="Berit")), id="two people of one id"),
        pytest.param((*(replace(ANNA, person=f"anna00{n:02}") for n in range(13)),), id="more people than can be kept"),
        pytest.param((started(), ended("other")), id="the end of another look"),
        pytest.param((started(), ended(), ended()), id="two ends"),
        pytest.param((started(), started("other")), id="a start while another look has no end"),
        pytest.param((started(), ended(), started()), id="the same look again"),
        pytest.param((receipt(),), id="a receipt without a look"),
        pytest.param((started(), receipt()), id="a receipt before the end"),
        pytest.param((started(), ended(), receipt("other")), id="the receipt of another look"),
        pytest.param((started(), ended(), receipt(), receipt()), id="a receipt twice"),
        pytest.param((started(), ended(), receipt(sequence=2)), id="a receipt with a gap before it"),
        pytest.param((started(), ended(), receipt(previous=digest("x"))), id="a receipt from another chain"),
        pytest.param((started(), ended(), ReceiptSigned(proposed().token)), id="a plan as a receipt"),
        pytest.param((PlanProposed(receipt().token),), id="a receipt as a plan"),
        pytest.param((ALLOWED_MORE, ALLOWED), id="a policy that goes back"),
        pytest.param((ALLOWED, ALLOWED), id="a policy twice"),
        pytest.param((PolicyAdopted(proposed().token),), id="a plan as a policy"),
        pytest.param((ONE_REVOKED, NONE_REVOKED), id="a list that goes back"),
        pytest.param((NONE_REVOKED, NONE_REVOKED), id="a list twice"),
        pytest.param(
            (proposed(windows=(plan().windows[0], replace(plan().windows[0], days=(1,)))),),
            id="a plan with two windows of one name",
        ),
    ],
)
def test_story_that_cannot_be_is_corrupt(entries: tuple[Entry, ...]) -> None:
    with pytest.raises(Corrupt) as caught:
        said(*entries)
    assert caught.value.line == len(entries)


def test_receipts_follow_their_looks_one_by_one() -> None:
    first = receipt("one")
    second = receipt("two", Head(1, digest(first.token)))
    record = said(started("one"), ended("one"), started("two"), ended("two"), first, second)
    assert (record.receipts, record.waiting) == ((first.token, second.token), ())
    assert record.head == Head(2, digest(second.token))


def test_the_receipt_says_what_the_journal_says() -> None:
    record = said(started(), ended(), receipt())
    past, token = record.past[0], record.receipts[0]
    assert past.ended is not None
    told = parse(Receipt, token).verified(HUB.public)
    assert (told.opened_ms, told.closed_ms) == (past.ended.opened_ms, past.ended.closed_ms)


# ---- keeping and purging --------------------------------------------------------------------------------------------

LONG: tuple[Entry, ...] = (
    ANNA,
    YES,
    HomeSetUp("anna"),
    *NIGHT,
    receipt("two", Head(1, digest(receipt("one").token))),
    AWAY,
    Privacy(True, "anna", "a"),
    MOVED,
    LookSkipped("night/2026-11-24", ""),
    VisitAsked(look_id("v"), ""),
    SleepSharing(True, ""),
    CameraLost("a"),
    LookMissed("night/2026-11-21"),
    ALLOWED,
    ONE_REVOKED,
    started("three", "night/2026-11-23"),
    LookTurned(look_id("three"), Room.HALL),
    ended("three"),
    PAUSE,
)


def test_history_tells_what_and_when() -> None:
    told = [one for one in history(written(*LONG).splitlines(keepends=True)) if isinstance(one, Line)]
    assert [one.entry for one in told] == list(LONG)
    assert [one.at_ms for one in told] == [AT + number * 1000 for number in range(len(LONG))]
    assert [one.number for one in told] == list(range(1, len(LONG) + 1))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda first, second: [first, second[:-5]], id="a line is cut off"),
        pytest.param(lambda first, second: [first.replace(b"Anna", b"Anne"), second], id="another name"),
        pytest.param(lambda first, second: [first, second, second], id="a line twice"),
        pytest.param(lambda _first, second: [second], id="the first is gone"),
        pytest.param(lambda first, _second: [first, purge(written(ANNA), AT + 1)], id="a summary that is not first"),
    ],
)
def test_history_that_does_not_hold_together_is_not_told(damage: Callable[[bytes, bytes], list[bytes]]) -> None:
    lines = damage(*written(ANNA, YES).splitlines())
    with pytest.raises(Corrupt) as caught:
        list(history(lines))
    assert caught.value.line == len(lines)


def test_a_part_of_a_journal_may_begin_at_any_line_but_lacks_none_after_it() -> None:
    lines = written(*LONG).splitlines()
    part = [one for one in history(lines[3:], is_part=True) if isinstance(one, Line)]
    assert [one.number for one in part] == list(range(4, len(LONG) + 1))
    with pytest.raises(Corrupt):
        list(history([lines[3], lines[5]], is_part=True))
    with pytest.raises(Corrupt):
        list(history(lines[3:]))


@pytest.mark.parametrize("cut", range(len(LONG) + 2))
def test_a_purged_journal_agrees_to_the_same_at_every_cut(cut: int) -> None:
    data, before = written(*LONG), AT + cut * 1000
    short = purge(data, before)
    whole, left = replay(data), replay(short)
    for name in (
        "lines", "last", "set_up", "people", "old_consent", "pause", "private", "private_by", "proposed", "accepted",
        "highest_plan", "shown_plan", "agreed_plan", "skipped", "moved", "visits", "shares_sleep", "spent", "head",
        "missed", "lost", "aiming", "consent", "plan", "interrupted", "waiting", "trust", "at_ms",
    ):  # fmt: skip
        assert getattr(left, name) == getattr(whole, name), name
    kept = [one.entry for one in history(short.splitlines()) if isinstance(one, Line)]
    assert kept == list(LONG)[len(LONG) - len(kept) :]
    assert purge(short, before) in (short, purge(data, before))
    line = encode(left, CONSENT, AT)
    assert apply(whole, line[:-1]).last == apply(left, line[:-1]).last


def test_the_accepted_plan_says_how_long_the_log_is_kept() -> None:
    assert said(proposed(keep_days=90)).keep_days == 365
    assert said(proposed(keep_days=90), accepted()).keep_days == 90


def test_a_name_that_is_purged_is_nowhere_any_more() -> None:
    assert b"Nilla Natt" in written(*LONG[:-4])
    assert b"Nilla Natt" not in purge(written(*LONG[:-4]), AT + 10**9)


def test_nothing_is_purged_of_what_is_new() -> None:
    data = written(*LONG)
    assert purge(data, AT) == data


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda line: line.replace(b'"lines":', b'"lines":-'), id="a number of lines that is none"),
        pytest.param(lambda line: line[:-2] + b',"extra":1}}', id="a field too many"),
        pytest.param(lambda line: line[:40], id="cut off"),
    ],
)
def test_a_damaged_summary_is_not_believed(damage: Callable[[bytes], bytes]) -> None:
    first, *rest = purge(written(*LONG), AT + 20_000).splitlines()
    with pytest.raises(Corrupt) as caught:
        replay(b"\n".join([damage(first), *rest]) + b"\n")
    assert caught.value.line == 1


@pytest.mark.parametrize(
    ("entries", "at_ms", "paused"),
    [
        pytest.param((PAUSE,), AT + 10**9, True, id="a pause until it is ended"),
        pytest.param((Pause(True, "", AT + 5000),), AT + 4999, True, id="a pause with an end, before it"),
        pytest.param((Pause(True, "", AT + 5000),), AT + 5000, False, id="a pause with an end, at it"),
        pytest.param((PAUSE, Pause(True, "", AT + 5000)), AT + 10**9, True, id="no end is shortened by one"),
        pytest.param((Pause(True, "", AT + 9000), Pause(True, "", AT + 5000)), AT + 8999, True, id="nor a later end"),
        pytest.param(
            (Pause(True, "", AT + 5000), Pause(True, "", AT + 9000)), AT + 8999, True, id="a later one counts"
        ),
        pytest.param((Pause(True, "", AT + 5000), PAUSE), AT + 10**9, True, id="so does no end at all"),
        pytest.param((Pause(True, "", AT + 500), Pause(True, "", AT + 5000)), AT + 5000, False, id="one that was over"),
        pytest.param((PAUSE, Pause(False, ""), Pause(True, "", AT + 5000)), AT + 5000, False, id="one that was ended"),
        pytest.param((PAUSE, PauseShortened(AT + 5000, "anna")), AT + 5000, False, id="one that was given an end"),
        pytest.param((PAUSE, PauseShortened(AT + 5000, "anna")), AT + 4999, True, id="and is not at it yet"),
        pytest.param((PauseShortened(AT + 5000, "anna"),), AT + 1, False, id="there was none to shorten"),
        pytest.param((AWAY, replace(AWAY, end_ms=AT + 1)), AT + 8999, True, id="an absence told twice"),
        pytest.param((AWAY,), AT, True, id="an absence has begun"),
        pytest.param((AWAY,), AT + 9000, False, id="an absence is over"),
        pytest.param((AWAY,), AT - 1, False, id="an absence has not begun"),
    ],
)
def test_a_home_is_left_alone_when_it_says(entries: tuple[Entry, ...], at_ms: int, paused: bool) -> None:
    assert said(*entries).is_paused(at_ms) is paused


DAY = 86_400_000
WEEKS = AT + 17 * DAY + 1000


@pytest.mark.parametrize(
    ("entries", "after_ms", "forgotten"),
    [
        pytest.param((), 30 * DAY, False, id="there is none"),
        pytest.param((PAUSE,), 3 * DAY - 1, False, id="not for three days yet"),
        pytest.param((PAUSE,), 3 * DAY, True, id="for three days, without an end"),
        pytest.param((Pause(True, ""),), 3 * DAY, True, id="whoever asked for it"),
        pytest.param((Pause(True, "anna", WEEKS),), 3 * DAY, True, id="more than two weeks are left"),
        pytest.param((Pause(True, "anna", WEEKS),), 3 * DAY + 1000, False, id="no more than two weeks are left"),
        pytest.param((Pause(True, "anna", AT + DAY),), 3 * DAY, False, id="it is over"),
        pytest.param((PAUSE, PAUSE), 3 * DAY, False, id="someone has said since that it is to be"),
        pytest.param((PAUSE, PAUSE), 3 * DAY + 1000, True, id="and that is three days ago"),
        pytest.param((PAUSE, Pause(True, "")), 3 * DAY, True, id="an automation remembers nothing"),
        pytest.param((PAUSE, PauseShortened(WEEKS + DAY, "anna")), 3 * DAY, False, id="it has been given an end"),
    ],
)
def test_a_pause_that_may_have_been_forgotten_is_asked_about(
    entries: tuple[Entry, ...], after_ms: int, forgotten: bool
) -> None:
    record = said(*entries)
    assert record.is_pause_forgotten(AT + after_ms) is forgotten
    assert forgotten <= record.is_paused(AT + after_ms)  # asked about, never ended


def test_who_paused_and_since_when_is_not_changed_by_who_says_so_again() -> None:
    assert said(PAUSE, Pause(True, "bo", AT + 9000)).pause == Paused(AT, 0, "anna", AT + 1000)


def test_a_summary_from_before_pauses_were_asked_about_is_read() -> None:
    line, rest = purge(written(PAUSE), AT + 10**9).split(b"\n", 1)
    assert line.count(b'"asked_ms":') == 1
    old = re.sub(rb',"asked_ms":\d+|"asked_ms":\d+,', b"", line)
    pause = replay(old + b"\n" + rest).pause
    assert pause is not None
    assert pause.asked_ms == 0


def test_a_purge_keeps_the_absences_that_end_last() -> None:
    short = [AwayAdded(f"short{n:03}", AwayKind.TRAVEL, AT, AT + 10 * DAY, "") for n in range(64)]
    journal = written(AWAY, AwayAdded("long0001", AwayKind.HOSPITAL, AT, AT + 300 * DAY, ""), *short)
    kept = replay(purge(journal, AT + DAY)).away
    assert (len(kept), kept[-1].id) == (64, "long0001")


def test_a_camera_that_is_not_named_follows_the_rest() -> None:
    record = said(Privacy(True, ""), Privacy(False, "", "a"))
    assert (record.is_private("a"), record.is_private("b")) == (False, True)
    assert not said().is_private("a")


@pytest.mark.parametrize(
    ("entries", "by"),
    [
        pytest.param((), "", id="nobody has wished it"),
        pytest.param((Privacy(True, "anna", "a"),), "anna", id="a person has"),
        pytest.param((Privacy(True, "", "a"),), "", id="an automation has"),
        pytest.param((Privacy(True, "anna", "a"), Privacy(True, "", "a")), "anna", id="both have, the person first"),
        pytest.param((Privacy(True, "", "a"), Privacy(True, "anna", "a")), "anna", id="both have, the person last"),
        pytest.param((Privacy(True, "anna"), Privacy(True, "", "a")), "anna", id="the person for every camera"),
        pytest.param((Privacy(True, "anna", "b"), Privacy(True, "", "a")), "", id="the person for another"),
        pytest.param((Privacy(True, "anna", "a"), Privacy(False, "bo", "a")), "", id="it was ended"),
        pytest.param((Privacy(True, "anna", "a"), Privacy(False, "bo", "a"), Privacy(True, "", "a")), "", id="anew"),
    ],
)
def test_whose_wish_privacy_is(entries: tuple[Entry, ...], by: str) -> None:
    assert said(*entries).privacy_by("a") == by


def test_a_new_plan_forgets_what_was_moved_within_the_old() -> None:
    record = said(proposed(), accepted(), MOVED, LookSkipped(OCCURRENCE, ""), proposed(4), accepted(4))
    assert (dict(record.moved), record.skipped) == ({}, frozenset({OCCURRENCE}))


def test_a_summary_of_before_there_were_policies_is_read() -> None:
    first, *rest = purge(written(*LONG), AT + 20_000).splitlines()
    old = re.sub(rb',"policy":.*$', b"}}", first)
    assert old != first
    assert replay(b"\n".join([old, *rest]) + b"\n").lines == len(LONG)


def test_there_is_a_kind_for_every_entry() -> None:
    gc.collect()  # what a dataclass with slots was made from is a subclass too, until it is gone
    assert set(KINDS.values()) == set(Entry.__subclasses__())
    assert all(len(name) <= 20 for name in KINDS)


# ---- fuzz -----------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_any_bytes_are_a_journal_or_corrupt(data: bytes) -> None:
    with suppress(Corrupt):
        assert replay(data) == Record() or b"\n" in data


@given(st.data())
def test_changed_bytes_never_tell_another_whole_story(data: st.DataObject) -> None:
    """A change anywhere before the last line is found; what is left is a story cut short, or another last line."""
    whole = written(*NIGHT[:6])
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 6)))
    changed = whole[:start] + data.draw(st.binary(max_size=6)) + whole[end:]
    with suppress(Corrupt):
        found = replay(changed)
        honest = [said(*NIGHT[:length]) for length in range(7)]
        assert found in honest or found.lines == 6


ENTRIES = st.sampled_from(
    [*NIGHT, started("three"), ended("three"), declined(), Consent(given=False, by=""), receipt("two"), proposed(4)]
)


@given(st.lists(ENTRIES, max_size=12))
def test_any_story_is_told_the_same_after_a_restart_or_refused_at_once(entries: list[Entry]) -> None:
    record, data = Record(), b""
    for entry in entries:
        line = encode(record, entry, AT)
        with suppress(Corrupt):
            record, data = apply(record, line[:-1]), data + line
    assert replay(data) == record
