"""Every agreed look ends in exactly one way, and is missed exactly where somebody could have looked and nobody said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tillsyn.made import HUB, OPERATOR, ROOT, look_id, plan_statement
from tillsyn.applied import applied
from tillsyn.entries import (
    AwayAdded,
    AwayRemoved,
    Consent,
    Entry,
    LookEnded,
    LookKept,
    LookMissed,
    LookMoved,
    LookSkipped,
    LookStarted,
    Pause,
    PlanAnswered,
    PlanProposed,
    Privacy,
)
from tillsyn.errors import CloseReason
from tillsyn.gate_values import Gate
from tillsyn.journal import encode, purge, replay
from tillsyn.missed import ENOUGH, LOOK_BACK, MARGIN, STEADY, Coming, Ending, Look, Watch, endings, looks_of
from tillsyn.model import AwayKind, Instant, Room, Spent, Window
from tillsyn.record import Record, moment
from tillsyn.schedule import Occurrence, as_wished, occurrences
from tillsyn.terms import closes, refusal
from tillsyn.wishes import NotFulfilled, keep, skip

EVENING, EARLY = Window("evening", time(22), time(23)), Window("early", time(2), time(3))
FIRST, SECOND = "evening/2026-11-22", "early/2026-11-23"
CAMERAS = {"bed": Room.BEDROOM, "kitchen": Room.KITCHEN}
AGREED = datetime(2026, 11, 20, 12, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def accept(number: int, **terms: Any) -> tuple[Entry, ...]:
    token = ROOT.sign(plan_statement(**({"number": number, "windows": (EVENING, EARLY)} | terms)))
    return PlanProposed(token), PlanAnswered(number, True, "anna")


def journal(*told: tuple[datetime, Entry], start: Record | None = None) -> Record:
    record = start or Record()
    for at, entry in told:
        record = applied(record, entry, ms(at))
    return record


def home(*told: tuple[datetime, Entry], **terms: Any) -> Record:
    """A home that agreed two days ago to a look in the evening and one in the night, and then this."""
    return journal(*((AGREED, one) for one in (Consent(True, "anna"), *accept(3, **terms))), *told)


def look(at: datetime, reason: CloseReason | None, occurrence: str = FIRST) -> tuple[tuple[datetime, Entry], ...]:
    name = look_id(f"{occurrence} {at}")
    begun = (at, LookStarted(name, occurrence, OPERATOR.public.kid, "Nilla Natt"))
    end = at + timedelta(seconds=20)
    return (begun,) if reason is None else (begun, (end, LookEnded(name, ms(at), ms(end), reason)))


def how(record: Record, occurrence: str = FIRST, cameras: Mapping[str, Room] = CAMERAS) -> Ending | None:
    """How this look ended, asked the day after."""
    found = [
        one.state for one in endings(record, cameras, (utc("22 11:00"), utc("24 11:00"))) if one.window.id == occurrence
    ]
    assert len(found) <= 1
    return found[0] if found else None  # type: ignore[return-value]


PAUSE, RESUME = Pause(True, "anna"), Pause(False, "anna")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param((), Ending.MISSED, id="nobody came"),
        pytest.param(look(utc("22 21:10"), CloseReason.SEEN), Ending.SEEN, id="seen"),
        pytest.param(look(utc("22 21:10"), CloseReason.NOT_SEEN), Ending.NOT_SEEN, id="looked, not seen"),
        pytest.param(look(utc("22 21:10"), CloseReason.NEEDS_HELP), Ending.NEEDS_HELP, id="looked, needs help"),
        pytest.param(look(utc("22 21:10"), CloseReason.TIME_LIMIT), Ending.MISSED, id="looked and said nothing"),
        pytest.param(look(utc("22 21:10"), CloseReason.MOVE_FAILED), Ending.MISSED, id="the camera did not turn"),
        pytest.param(look(utc("22 21:10"), CloseReason.LINK_LOST), Ending.MISSED, id="the link was lost"),
        pytest.param(
            (*look(utc("22 21:10"), CloseReason.NOT_SEEN), *look(utc("22 21:20"), CloseReason.SEEN)), Ending.SEEN,
            id="seen at the retry",
        ),
        pytest.param(
            (*look(utc("22 21:10"), CloseReason.SEEN), *look(utc("22 21:20"), CloseReason.NOT_SEEN)), Ending.SEEN,
            id="seen counts most",
        ),
        pytest.param(
            (*look(utc("22 21:10"), CloseReason.NOT_SEEN), *look(utc("22 21:20"), CloseReason.NEEDS_HELP)),
            Ending.NEEDS_HELP, id="then what was said last",
        ),
        pytest.param(((utc("22 20:00"), LookSkipped(FIRST, "")),), Ending.SKIPPED, id="skipped"),
        pytest.param(((utc("22 21:50"), LookSkipped(FIRST, "")),), Ending.SKIPPED, id="skipped late"),
        pytest.param(
            ((utc("22 20:00"), LookSkipped(FIRST, "")), (utc("22 21:30"), LookKept(FIRST, ""))), Ending.MISSED,
            id="skipped, then kept in time",
        ),
        pytest.param(
            ((utc("22 20:00"), LookSkipped(FIRST, "")), (utc("22 21:59:30"), LookKept(FIRST, ""))), Ending.DECLINED,
            id="skipped, then kept too late for anybody",
        ),
        pytest.param(((utc("22 20:00"), PAUSE),), Ending.PAUSED, id="paused"),
        pytest.param(
            ((utc("22 20:00"), PAUSE), (utc("22 20:30"), RESUME)), Ending.MISSED, id="paused, and resumed before it"
        ),
        pytest.param(
            ((utc("22 20:00"), PAUSE), (utc("22 21:58"), RESUME)), Ending.MISSED, id="resumed before its end"
        ),
        pytest.param(
            ((utc("22 20:00"), PAUSE), (utc("22 21:59:01"), RESUME)), Ending.PAUSED, id="resumed when it was too late"
        ),
        pytest.param(((utc("22 21:30"), PAUSE),), Ending.MISSED, id="paused for a part of it only"),
        pytest.param(
            ((utc("22 20:00"), Pause(True, "", ms(utc("22 22:00")))),), Ending.PAUSED, id="paused until it was over"
        ),
        pytest.param(
            ((utc("22 20:00"), Pause(True, "", ms(utc("22 21:30")))),), Ending.MISSED, id="a pause that ended in it"
        ),
        pytest.param(
            ((utc("22 08:00"), AwayAdded("abcd1234", AwayKind.TRAVEL, ms(utc("22 12:00")), ms(utc("23 12:00")), "")),),
            Ending.PAUSED, id="away",
        ),
        pytest.param(
            ((utc("22 08:00"), AwayAdded("abcd1234", AwayKind.GUESTS, ms(utc("22 21:00")), ms(utc("22 21:40")), "")),),
            Ending.MISSED, id="guests who left",
        ),
        pytest.param(
            (
                (utc("22 08:00"), AwayAdded("abcd1234", AwayKind.GUESTS, ms(utc("22 21:00")), ms(utc("22 21:40")), "")),
                (utc("22 08:00"), AwayAdded("abcd1235", AwayKind.GUESTS, ms(utc("22 21:40")), ms(utc("22 22:00")), "")),
                (utc("23 08:00"), AwayRemoved("abcd1235", "")),
            ),
            Ending.PAUSED, id="two sorts of guests, taken off the list the day after",
        ),
        pytest.param(((utc("22 20:00"), Privacy(True, "", "bed")),), Ending.DECLINED, id="private"),
        pytest.param(((utc("22 20:00"), Privacy(True, "", "kitchen")),), Ending.MISSED, id="another was private"),
        pytest.param(((utc("22 20:00"), Consent(False, "")),), Ending.DECLINED, id="consent withdrawn"),
        pytest.param(
            ((utc("22 20:00"), Consent(False, "")), (utc("22 21:30"), PAUSE)), Ending.PAUSED, id="and then paused"
        ),
        pytest.param(
            ((utc("22 17:00"), LookMoved(FIRST, ms(utc("22 18:00")), ms(utc("22 19:00")), "")),), Ending.MISSED,
            id="moved and missed there",
        ),
    ],
)  # fmt: skip
def test_how_a_look_ended(told: tuple[tuple[datetime, Entry], ...], expected: Ending) -> None:
    assert how(home(*told)) is expected


def test_a_moved_look_is_judged_where_it_was() -> None:
    told = (utc("22 12:00"), LookMoved(FIRST, ms(utc("22 22:00")), ms(utc("22 23:00")), ""))
    resumed = ((utc("22 13:00"), PAUSE), (utc("22 22:00"), RESUME), (utc("22 22:59"), PAUSE))
    assert how(home(told, *resumed)) is Ending.MISSED
    assert how(home(*resumed)) is Ending.PAUSED


def test_a_home_without_a_camera_in_the_plans_rooms_has_missed_its_looks() -> None:
    assert how(home(), cameras={}) is Ending.MISSED
    assert how(home((utc("22 20:00"), Privacy(True, ""))), cameras={}) is Ending.MISSED


def test_what_was_not_agreed_at_the_time_was_not_missed() -> None:
    late = [(utc("22 21:59:30"), one) for one in (Consent(True, ""), *accept(3))]
    assert how(journal(*late)) is None
    assert how(journal(*late), SECOND) is Ending.MISSED
    in_time = [(utc("22 21:58"), one) for one in (Consent(True, ""), *accept(3))]
    assert how(journal(*in_time)) is Ending.MISSED
    assert how(Record()) is None
    assert how(journal((AGREED, Consent(True, "")))) is None


def test_a_plan_that_is_replaced_is_judged_for_as_long_as_it_was_in_force() -> None:
    changed = [(utc("23 00:00"), one) for one in accept(4, windows=(Window("morning", time(5), time(6)),))]
    record = home(*changed)
    assert how(record, FIRST) is Ending.MISSED
    assert how(record, SECOND) is None
    assert how(record, "morning/2026-11-23") is Ending.MISSED
    at_once = [(utc("22 21:30"), one) for one in accept(4)]
    assert how(home(*at_once)) is Ending.MISSED


def over(occurrence: Occurrence, record: Record) -> datetime:
    plan = record.plan
    assert plan is not None
    return closes(plan, occurrence, record.spent.get(occurrence.id)) + MARGIN


def test_a_look_is_over_when_no_other_may_come_and_its_end_has_had_time_to_be_written() -> None:
    window = Occurrence(FIRST, utc("22 21:00"), utc("22 22:00"))
    end = utc("22 22:01:30")
    assert over(window, home()) == end
    retry = home(*look(utc("22 21:55"), CloseReason.NOT_SEEN))
    assert over(window, retry) == utc("22 22:16:30")
    for record, at in ((home(), end), (retry, utc("22 22:16:30"))):
        before, after = (utc("22 11:00"), at - timedelta(seconds=1)), (at - timedelta(seconds=1), at)
        assert list(endings(record, CAMERAS, before)) == []
        assert [one.window for one in endings(record, CAMERAS, after)] == [window]
        assert list(endings(record, CAMERAS, (at, at + timedelta(hours=1)))) == []


@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2027, 3, 28)], ids=["the long night", "the short night"])
def test_the_nights_when_the_clock_changes_have_each_look_once(day: date) -> None:
    start = datetime.combine(day, time(11), UTC) - timedelta(days=1)
    agreed = [(start - timedelta(days=1), one) for one in (Consent(True, ""), *accept(3))]
    found = list(endings(journal(*agreed), CAMERAS, (start, start + timedelta(days=1))))
    before = (day - timedelta(days=1)).isoformat()
    assert [(one.window.id, one.state) for one in found] == [
        (f"evening/{before}", Ending.MISSED), (f"early/{day.isoformat()}", Ending.MISSED),
    ]  # fmt: skip


# ---- the rule against the gate --------------------------------------------------------------------------------------

NIGHTS = st.sampled_from(
    [utc("22 11:00"), datetime(2026, 10, 24, 11, tzinfo=UTC), datetime(2027, 3, 27, 11, tzinfo=UTC)]
)
MINUTES = st.integers(595, 665) | st.integers(895, 965) | st.integers(0, 24 * 60)
"""After noon, mostly in or near the two windows."""
REASONS = st.sampled_from([CloseReason.SEEN, CloseReason.NOT_SEEN, CloseReason.NEEDS_HELP, CloseReason.TIME_LIMIT])
KINDS = st.sampled_from(
    ["pause", "pause until", "resume", "away", "private", "public", "withdraw", "consent", "skip", "keep", "look"]
)


def gate_of(record: Record, at: datetime, spent: Mapping[str, Spent]) -> Gate:
    """The gate, brought there by this journal."""
    return Gate(
        journal=True, consent=record.consent, paused=record.is_paused(ms(at)), private=record.is_private("bed"),
        plan=record.plan, skipped=record.skipped, moved=record.moved, spent=spent,
    )  # fmt: skip


def may_look(record: Record, occurrence: str, at: datetime, spent: Mapping[str, Spent]) -> bool:
    """Whether the gate itself would have let somebody look at this moment."""
    return refusal(gate_of(record, at, spent), 3, occurrence, at) is None


def entries_at(
    kind: str, at: datetime, number: int, name: str, reason: CloseReason, record: Record
) -> Iterable[Entry | None]:
    """What is written where this is asked for then; nothing where it cannot be."""
    later, gate = ms(at + timedelta(minutes=30)), gate_of(record, at, record.spent)
    simple: dict[str, Entry] = {
        "pause": PAUSE,
        "pause until": Pause(True, "", later),
        "resume": RESUME,
        "away": AwayAdded(f"aaaa{number:04}", AwayKind.OTHER, ms(at + timedelta(minutes=5)), later, ""),
        "private": Privacy(True, "", "bed"),
        "public": Privacy(False, "", "bed"),
        "withdraw": Consent(False, ""),
        "consent": Consent(True, ""),
    }
    if kind in simple:
        return (simple[kind],)
    if kind == "look":
        one, is_open = look_id(f"{number}"), may_look(record, name, at, record.spent)
        ended = LookEnded(one, ms(at), ms(at), reason)
        return (LookStarted(one, name, OPERATOR.public.kid, "Nilla Natt"), ended) if is_open else ()
    try:
        return ({"skip": skip, "keep": keep}[kind](gate, name, at, ""),)
    except NotFulfilled:
        return ()


@dataclass
class Lived:
    """A day and a night as they went, and what the journal said all along."""

    record: Record
    known: list[tuple[datetime, Record]]
    said: dict[str, list[CloseReason]]

    def then(self, at: datetime) -> Record:
        """What the journal said at this moment."""
        return [record for since, record in self.known if since <= at][-1]

    def tell(self, at: datetime, entry: Entry) -> None:
        """One thing more happens."""
        self.record = applied(self.record, entry, ms(at))
        self.known.append((at, self.record))


def lived(noon: datetime, names: list[str], happened: list[tuple[int, str, int, CloseReason]], start: Record) -> Lived:
    """What happened after noon; a look only where the gate would let it happen."""
    night = Lived(start, [(noon, start)], {})
    for number, (minute, kind, which, reason) in enumerate(sorted(happened, key=lambda one: one[0])):
        at, name = noon + timedelta(minutes=minute), names[which % len(names)]
        for entry in entries_at(kind, at, number, name, reason, night.record):
            if entry is not None:
                night.tell(at, entry)
            if isinstance(entry, LookEnded):
                night.said.setdefault(name, []).append(reason)
    return night


def was_there(record: Record, occurrence: str, at: datetime) -> bool:
    """Whether the window was open at this moment, by where it had been put then."""
    minute = (at, at + timedelta(seconds=1))
    return occurrence in {one.id for one in as_wished((EVENING, EARLY), minute, (), record.moved)}


def expected(night: Lived, window: Occurrence) -> Ending:
    """How it ended, asked minute by minute."""
    reasons = night.said.get(window.id, [])
    meant = [reason for reason in reasons if reason is not CloseReason.TIME_LIMIT]
    if CloseReason.SEEN in reasons:
        return Ending.SEEN
    if meant:
        return Ending(meant[-1].value)
    minutes = int((window.end - window.start) / timedelta(minutes=1))
    all_minutes = [window.start + timedelta(minutes=minute) for minute in range(minutes)]
    chances = [at for at in all_minutes if was_there(night.then(at), window.id, at)]
    if window.id in night.then(over(window, night.record)).skipped:
        return Ending.SKIPPED
    if any(may_look(night.then(at), window.id, at, {}) for at in chances):
        return Ending.MISSED
    return Ending.PAUSED if any(night.then(at).is_paused(ms(at)) for at in chances) else Ending.DECLINED


@given(
    NIGHTS,
    st.lists(st.tuples(MINUTES, KINDS, st.integers(0, 9), REASONS), max_size=12),
    st.lists(MINUTES, max_size=4),
    st.integers(-60, 60),
)
def test_every_look_ends_in_one_way_and_is_missed_where_the_gate_would_have_let_somebody_in(
    noon: datetime, happened: list[tuple[int, str, int, CloseReason]], asked: list[int], by: int
) -> None:
    agreed = [(noon - timedelta(days=1), one) for one in (Consent(True, ""), *accept(3))]
    hours = (noon, noon + timedelta(hours=26))
    planned = occurrences((EVENING, EARLY), *hours)
    put = planned[0].start + timedelta(minutes=by)
    start = journal(*agreed, (noon, LookMoved(planned[0].id, ms(put), ms(put + timedelta(hours=1)), "")))
    night = lived(noon, [one.id for one in planned], happened, start)

    cuts = sorted({noon + timedelta(minutes=one) for one in asked})
    found = [one for between in pairwise((noon, *cuts, hours[1])) for one in endings(night.record, CAMERAS, between)]
    assert sorted(one.window.id for one in found) == sorted(one.id for one in planned)
    assert {one.window.id: one.state for one in found} == {one.window.id: expected(night, one.window) for one in found}


# ---- how it has been ------------------------------------------------------------------------------------------------


def test_how_it_was_is_known_for_some_days() -> None:
    record = home(*((AGREED + timedelta(days=day), PAUSE if day % 2 else RESUME) for day in range(1, 20)))
    assert len(record.agreements) <= 6
    assert record.agreements[-1] == replace(record.agreement(record.agreements[-1].since_ms))


def test_what_changes_nothing_is_no_other_agreement() -> None:
    record = home()
    assert applied(record, LookMissed(FIRST), ms(utc("23 00:00"))).agreements is record.agreements


def test_what_was_written_by_a_clock_that_was_ahead_is_not_how_it_was() -> None:
    record = home((utc("29 12:00"), PAUSE), (utc("22 12:00"), RESUME))
    assert [moment(one.since_ms) for one in record.agreements] == [AGREED]
    record = home((utc("29 12:00"), PAUSE), (utc("22 12:00"), LookMissed(FIRST)))
    assert [(moment(one.since_ms), one.is_paused(ms(utc("22 13:00")))) for one in record.agreements] == [
        (AGREED, False), (utc("22 12:00"), True),
    ]  # fmt: skip


def test_a_purged_journal_knows_what_was_agreed_when_it_was_cut() -> None:
    record, data = Record(), b""
    for entry in (Consent(True, ""), *accept(3), PAUSE):
        line = encode(record, entry, ms(AGREED))
        record, data = replay(data + line), data + line
    short = replay(purge(data, ms(AGREED) + 1000))
    assert short.agreements == (short.agreement(ms(AGREED) + 1000),)
    assert how(short) is Ending.PAUSED
    assert HUB.public.kid


# ---- a night --------------------------------------------------------------------------------------------------------

NIGHT = (utc("22 11:00"), utc("23 11:00"))


def tonight(record: Record, now: datetime, is_agreed: bool = True) -> list[tuple[str, str]]:
    found = looks_of(record, record.plan if is_agreed else None, CAMERAS, NIGHT, now)
    return [(one.window.id, one.state.value) for one in found]


@pytest.mark.parametrize(
    ("told", "now", "expected"),
    [
        pytest.param((), "22 12:00", ["planned", "planned"], id="the evening before"),
        pytest.param((), "22 21:30", ["planned", "planned"], id="in the first"),
        pytest.param((), "22 22:01:29", ["planned", "planned"], id="right after it"),
        pytest.param((), "22 22:01:30", ["missed", "planned"], id="when it is over"),
        pytest.param((), "23 10:59", ["missed", "missed"], id="the morning after"),
        pytest.param(look(utc("22 21:10"), CloseReason.SEEN), "22 21:11", ["seen", "planned"], id="seen"),
        pytest.param(look(utc("22 21:10"), None), "22 21:10:10", ["planned", "planned"], id="while somebody looks"),
        pytest.param(
            look(utc("22 21:10"), CloseReason.NOT_SEEN), "22 21:11", ["planned", "planned"], id="a retry may come"
        ),
        pytest.param(
            look(utc("22 21:10"), CloseReason.NEEDS_HELP), "22 21:11", ["needs_help", "planned"], id="needs help"
        ),
        pytest.param(
            (*look(utc("22 21:10"), CloseReason.NOT_SEEN), *look(utc("22 21:20"), CloseReason.NOT_SEEN)), "22 21:21",
            ["not_seen", "planned"], id="not seen at the retry either",
        ),
        pytest.param(
            ((utc("22 12:00"), LookSkipped(SECOND, "")),), "22 12:30", ["planned", "skipped"], id="one is skipped"
        ),
        pytest.param(
            ((utc("22 12:00"), LookMoved(SECOND, ms(utc("23 01:30")), ms(utc("23 02:30")), "")),), "22 12:30",
            ["planned", "moved"], id="one is moved",
        ),
        pytest.param(((utc("22 12:00"), PAUSE),), "23 04:00", ["paused", "paused"], id="a paused night"),
    ],
)  # fmt: skip
def test_how_it_stands_with_the_looks_of_a_night(
    told: tuple[tuple[datetime, Entry], ...], now: str, expected: list[str]
) -> None:
    assert [state for _, state in tonight(home(*told), utc(now))] == expected


def test_they_are_told_in_their_order() -> None:
    told = (utc("22 12:00"), LookMoved(SECOND, ms(utc("22 20:00")), ms(utc("22 21:00")), ""))
    assert tonight(home(told), utc("22 12:00")) == [(SECOND, "moved"), (FIRST, "planned")]


def test_without_a_plan_or_consent_none_is_to_come_but_what_was_stays() -> None:
    assert tonight(home(), utc("22 23:00"), is_agreed=False) == [(FIRST, "missed")]
    assert tonight(home((utc("22 23:00"), Consent(False, ""))), utc("22 23:30")) == [(FIRST, "missed")]


def test_a_night_has_the_looks_that_begin_in_it() -> None:
    noon = Window("noon", time(11, 30), time(12, 30))
    record = home(windows=(noon, EVENING))
    assert tonight(record, utc("22 11:05")) == [(FIRST, "planned"), ("noon/2026-11-23", "planned")]
    assert tonight(record, utc("22 12:05")) == [(FIRST, "planned"), ("noon/2026-11-23", "planned")]


def test_what_was_agreed_too_late_in_its_window_is_not_shown_once_it_is_over() -> None:
    record = journal(*((utc("22 21:59:30"), one) for one in (Consent(True, ""), *accept(3))))
    assert tonight(record, utc("22 22:00")) == [(FIRST, "planned"), (SECOND, "planned")]
    assert tonight(record, utc("22 22:02")) == [(SECOND, "planned")]


def test_a_look_says_where_it_is() -> None:
    (first, _) = looks_of(home(), home().plan, CAMERAS, NIGHT, utc("22 12:00"))
    assert first == Look(Occurrence(FIRST, utc("22 21:00"), utc("22 22:00")), Coming.PLANNED)
    assert as_wished((EVENING,), NIGHT, (), {}) == [first.window]


# ---- when it may be judged ------------------------------------------------------------------------------------------


def at(wall: datetime, mono: float) -> Instant:
    return Instant(wall, mono)


def ticked(watch: Watch, seconds: float, jump: timedelta = timedelta()) -> Watch:
    """After this long, and a jump of the wall clock at its end."""
    last = watch.last
    return watch.seen(at(last.wall + timedelta(seconds=seconds) + jump, last.mono + seconds))


def test_what_happened_while_home_assistant_was_off_is_judged_soon_after_the_start() -> None:
    watch = Watch.begin(at(NIGHT[1], 5.0))
    assert watch.due() is None
    watch = ticked(watch, STEADY.total_seconds() - 1)
    assert watch.due() is None
    watch = ticked(watch, 1)
    assert watch.due() == (NIGHT[1] + STEADY - LOOK_BACK, NIGHT[1] + STEADY)
    assert ticked(watch.done(), 60).due() == (NIGHT[1] + STEADY, NIGHT[1] + STEADY + timedelta(seconds=60))


def steady() -> Watch:
    return ticked(Watch.begin(at(NIGHT[0], 0.0)), STEADY.total_seconds()).done()


def test_a_clock_that_jumps_ahead_and_back_makes_no_alarm() -> None:
    watch = before = steady()
    watch = ticked(watch, 1, timedelta(hours=12))
    for _ in range(100):
        assert watch.due() is None
        watch = ticked(watch, 1)
    watch = ticked(watch, 1, -timedelta(hours=12))
    assert watch.due() is None
    watch = ticked(watch, STEADY.total_seconds())
    assert watch.due() == (before.judged, watch.last.wall)
    assert watch.last.wall - before.judged < timedelta(minutes=6)


def test_a_clock_that_jumps_ahead_and_stays_has_its_looks_judged() -> None:
    """As when the machine slept, or had the wrong time until it found the network."""
    before = steady()
    watch = ticked(before, 1, timedelta(hours=9))
    assert watch.due() is None
    watch = ticked(watch, STEADY.total_seconds())
    assert watch.due() == (before.judged, watch.last.wall)


def test_no_more_than_a_day_is_judged_at_once() -> None:
    watch = ticked(ticked(steady(), 1, timedelta(days=40)), STEADY.total_seconds())
    assert watch.due() == (watch.last.wall - LOOK_BACK, watch.last.wall)


def test_a_night_that_comes_again_is_judged_again() -> None:
    ahead = ticked(ticked(steady(), 1, timedelta(hours=12)), STEADY.total_seconds()).done()
    watch = ticked(ticked(ahead, 1, -timedelta(hours=12)), STEADY.total_seconds())
    due = watch.due()
    assert due is not None
    assert due[0] <= NIGHT[0] + timedelta(minutes=6)


@given(st.lists(st.tuples(st.floats(0.5, 300), st.sampled_from([0, 0, 0, 1, -1, 3600, -3600, 86400])), max_size=40))
def test_no_moment_is_left_out_and_none_is_judged_right_after_a_jump(ticks: list[tuple[float, int]]) -> None:
    watch, judged, jumped = Watch.begin(at(NIGHT[0], 0.0)), NIGHT[0] - LOOK_BACK, 0.0
    for seconds, jump in ticks:
        watch = ticked(watch, seconds, timedelta(seconds=jump))
        judged = min(judged, watch.last.wall)
        if abs(jump) > 2:
            jumped = watch.last.mono
        due = watch.due()
        if due is not None:
            assert watch.last.mono - jumped >= STEADY.total_seconds()
            assert due == (max(judged, watch.last.wall - LOOK_BACK), watch.last.wall)
            watch, judged = watch.done(), watch.last.wall


def test_a_minute_is_enough() -> None:
    short = Window("short", time(23, 0), time(23, 1))
    assert how(home(windows=(short,)), "short/2026-11-22") is Ending.MISSED
    assert timedelta(minutes=1) == ENOUGH
