"""Whatever state and event chance draws: nothing opens that the table does not say, and doubt looks away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from types import MappingProxyType

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.tillsyn.gates import AIM, GRANT, LIVE, at_all_places
from tests.tillsyn.made import OCCURRENCE, grant, instant, plan
from tillsyn.errors import CloseReason
from tillsyn.gate import TABLE, step
from tillsyn.gate_away import MOVE_SECONDS
from tillsyn.gate_values import (
    Aim,
    AimEnded,
    AimRequested,
    ConsentChanged,
    Effect,
    Event,
    Gate,
    GrantLease,
    Hold,
    LeaseHeld,
    Loaded,
    LookRequested,
    Move,
    MoveFailed,
    Opened,
    OperatorClosed,
    PauseChanged,
    Place,
    PlanChanged,
    PositionConfirmed,
    PositionLost,
    PowerChanged,
    PrivacyChanged,
    Refuse,
    Running,
    SessionLost,
    Started,
    StopPicture,
    Stopping,
    Stored,
    StoreEnd,
    StoreFailed,
    StoreStart,
    Target,
    Tick,
    TurnedAway,
    TurnedHere,
    Warm,
    WishesChanged,
)
from tillsyn.model import Instant, Outcome, Plan, Spent

NOW = instant(0)
OTHER = grant("other")
REASONS = st.sampled_from([GRANT, OTHER, AIM, Aim("berit")])
GRANTS = st.sampled_from([GRANT, OTHER])
PLANS: st.SearchStrategy[Plan | None] = st.sampled_from(
    [None, plan(), plan(number=4), plan(look_seconds=120, grace_seconds=0)]
)
SECONDS = st.floats(-40, 0)


@dataclass(frozen=True)
class Strange:
    """An event that no table knows."""


def _spents(least: int) -> st.SearchStrategy[Mapping[str, Spent]]:
    one = st.builds(lambda minutes, looks, seen: Spent(NOW.wall - timedelta(minutes=minutes), looks, seen), *(
        st.integers(0, 40), st.integers(1, 3), st.booleans()
    ))  # fmt: skip
    return st.dictionaries(st.just(OCCURRENCE), one, min_size=least).map(MappingProxyType)


@st.composite
def gates(draw: st.DrawFn, places: tuple[Place, ...] = tuple(Place)) -> Gate:
    """A gate in any state that is whole: something runs in a live place, and nowhere else."""
    place = draw(st.sampled_from(places))
    running = None
    if place in LIVE:
        reason = draw({Place.OPEN: GRANTS, Place.AIMING: st.just(AIM)}.get(place, REASONS))
        began = draw(SECONDS)
        opened = None if place is Place.OPENING else instant(draw(st.floats(began, 0)))
        stored = place is not Place.OPENING or draw(st.booleans())
        running = Running(
            reason,
            instant(began),
            opened=opened,
            counter=draw(st.integers(0, 9)),
            held=1000 + draw(SECONDS),
            stored=stored,
        )
    return Gate(
        place=place,
        journal=draw(st.booleans()),
        consent=draw(st.booleans()),
        paused=draw(st.booleans()),
        private=draw(st.booleans()),
        stopping=draw(st.booleans()),
        plan=draw(PLANS),
        spent=draw(_spents(1 if running else 0)),
        used=draw(st.frozensets(st.sampled_from([GRANT.look, OTHER.look]))),
        running=running,
        serial=draw(st.integers(0, 3)),
        skipped=draw(WINDOWS),
        moved=draw(MOVES),
        power=place is not Place.DARK,
        move_began=1000 + draw(SECONDS),
        attempts=draw(st.integers(0, 5)),
        refused=draw(st.just(()) | st.just((GRANT.request,))),
    )


SERIALS = st.integers(0, 4)
LOOKS = st.sampled_from([GRANT.look, OTHER.look])
FLAGS = st.booleans()
WINDOWS = st.sampled_from([frozenset[str](), frozenset({OCCURRENCE})])
MOVES = st.sampled_from([{}, {OCCURRENCE: (NOW.wall, NOW.wall + timedelta(hours=1))}])
EVENTS: dict[type, st.SearchStrategy[Event]] = {
    Started: st.just(Started()),
    Loaded: st.builds(Loaded, FLAGS, FLAGS, FLAGS, PLANS, _spents(0), st.frozensets(LOOKS)),
    ConsentChanged: st.builds(ConsentChanged, FLAGS),
    PauseChanged: st.builds(PauseChanged, FLAGS),
    PrivacyChanged: st.builds(PrivacyChanged, FLAGS),
    PlanChanged: st.builds(PlanChanged, PLANS),
    WishesChanged: st.builds(WishesChanged, WINDOWS, MOVES),
    PowerChanged: st.builds(PowerChanged, FLAGS),
    TurnedAway: st.just(TurnedAway()),
    TurnedHere: st.builds(
        TurnedHere, GRANTS, st.just(GRANT.request), st.just(NOW), st.floats(990, 1200), st.integers(1, 9)
    ),
    LookRequested: st.builds(LookRequested, GRANTS),
    AimRequested: st.just(AimRequested(AIM)),
    AimEnded: st.just(AimEnded()),
    Stored: st.builds(Stored, REASONS),
    StoreFailed: st.just(StoreFailed()),
    PositionConfirmed: st.builds(PositionConfirmed, SERIALS),
    MoveFailed: st.builds(MoveFailed, SERIALS),
    PositionLost: st.just(PositionLost()),
    LeaseHeld: st.builds(LeaseHeld, LOOKS, st.integers(0, 9)),
    OperatorClosed: st.builds(OperatorClosed, LOOKS, st.sampled_from(Outcome)),
    SessionLost: st.builds(SessionLost, st.none() | LOOKS, st.sampled_from(CloseReason)),
    Tick: st.just(Tick()),
    Stopping: st.just(Stopping()),
}
ANY_EVENT = st.one_of(*EVENTS.values())
UNLISTED = sorted(set(product(Place, EVENTS)) - set(TABLE), key=str)
NOWS = st.sampled_from([NOW, instant(1), instant(3600, mono=0), instant(-9, mono=0), instant(8 * 3600), instant(700)])


def opens(effect: Effect) -> bool:
    """Whether this can turn the camera to the room or let a picture flow."""
    return isinstance(effect, GrantLease | Warm | Opened) or (isinstance(effect, Move) and effect.target is Target.VIEW)


def test_every_event_is_drawn() -> None:
    assert set(EVENTS) == set(Event.__value__.__args__)


def test_only_answers_that_nobody_waits_for_are_not_listed() -> None:
    late = set(product((Place.OPEN, Place.AIMING), (Stored, PositionConfirmed, MoveFailed)))
    turns = {(one, TurnedAway) for one in Place if one is not Place.OPEN}
    turns |= {(one, TurnedHere) for one in Place if one is not Place.CLOSED}
    assert set(UNLISTED) == late | turns


@pytest.mark.parametrize(("place", "kind"), UNLISTED, ids=lambda one: getattr(one, "__name__", one))
@settings(max_examples=max(40, settings.default.max_examples // 3))
@given(st.data())
def test_a_pair_that_is_not_listed_looks_away(place: Place, kind: type, data: st.DataObject) -> None:
    _looks_away(data.draw(gates((place,))), data.draw(EVENTS[kind]), data.draw(NOWS))


@given(gates(), NOWS)
def test_an_event_that_no_table_knows_looks_away(gate: Gate, now: Instant) -> None:
    _looks_away(gate, Strange(), now)  # type: ignore[arg-type]


def _looks_away(gate: Gate, event: Event, now: Instant) -> None:
    found, asked = step(gate, event, now)
    assert not any(opens(one) for one in asked)
    assert found.running is None
    on_the_way = gate.place in (Place.CLOSING, Place.FAULT) and gate.serial > 0
    assert found.place is (gate.place if on_the_way else Place.CLOSING)
    assert on_the_way or any(isinstance(one, Move) and one.target is Target.PRIVACY for one in asked)


@given(gates(), ANY_EVENT, NOWS)
def test_nothing_opens_but_by_the_one_way(gate: Gate, event: Event, now: Instant) -> None:
    found, asked = step(gate, event, now)
    for one in asked:
        if isinstance(one, StoreStart):
            _may_begin(gate, event)
        elif opens(one):
            assert gate.running is not None and found.running is not None
            assert gate.running.reason == found.running.reason
            assert found.running.stored
        if isinstance(one, Warm) or (isinstance(one, Move) and one.target is Target.VIEW):
            assert gate.place is Place.OPENING and event == Stored(gate.running.reason)  # type: ignore[union-attr]
        if isinstance(one, Opened):
            assert gate.place is Place.OPENING and event == PositionConfirmed(gate.serial)
            assert one.seconds > 0
        if isinstance(one, GrantLease):
            assert found.place is Place.OPEN and found.plan is not None
            assert isinstance(event, Tick | PositionConfirmed)


def _may_begin(gate: Gate, event: Event) -> None:
    assert gate.place is Place.CLOSED and gate.journal and not (gate.paused or gate.private or gate.stopping)
    if isinstance(event, LookRequested):
        assert gate.consent and gate.plan is not None and gate.plan.number == event.grant.plan
        assert event.grant.occurrence not in gate.skipped
        assert event.grant.look not in gate.used and event.grant.request not in gate.refused
    else:
        assert isinstance(event, AimRequested)


@given(gates(), ANY_EVENT, NOWS)
def test_what_runs_is_always_ended_picture_first_and_the_camera_told(gate: Gate, event: Event, now: Instant) -> None:
    found, asked = step(gate, event, now)
    assume(not (isinstance(event, TurnedAway) and gate.place is Place.OPEN))
    assert (found.running is not None) is (found.place in LIVE)
    assert found.serial >= gate.serial and found.used >= gate.used
    if gate.running is None or found.running is not None:
        assert not any(isinstance(one, StopPicture | StoreEnd) for one in asked)
        return
    kinds = [type(one) for one in asked]
    assert kinds.index(StopPicture) < kinds.index(Move)
    assert [one.target for one in asked if isinstance(one, Move)] == [Target.PRIVACY]
    assert (StoreEnd in kinds) or (event == StoreFailed() and not gate.running.stored)


@given(gates(), ANY_EVENT, NOWS)
def test_what_takes_the_ground_away_leaves_nothing_running(gate: Gate, event: Event, now: Instant) -> None:
    taking = isinstance(event, Started | Loaded | PlanChanged | StoreFailed | PositionLost | Stopping)
    assume(taking or event in (ConsentChanged(given=False), PauseChanged(paused=True), PrivacyChanged(private=True)))
    found, asked = step(gate, event, now)
    assert found.running is None and not any(opens(one) for one in asked)


@given(gates(LIVE), st.sampled_from([instant(3, mono=0), instant(-3, mono=0)]), ANY_EVENT)
def test_a_clock_that_jumps_leaves_nothing_running(gate: Gate, now: Instant, event: Event) -> None:
    found, asked = step(gate, event, now)
    assert found.running is None and not any(opens(one) for one in asked)


@given(gates((Place.OPEN,)), NOWS)
def test_a_look_that_goes_on_elsewhere_shows_nothing_more_here(gate: Gate, now: Instant) -> None:
    assume(abs(now.wall.timestamp() - NOW.wall.timestamp() - (now.mono - NOW.mono)) < 1)
    found, asked = step(gate, TurnedAway(), now)
    assert [type(one) for one in asked] == [Hold, Move] and asked[1].target is Target.PRIVACY  # type: ignore[union-attr]
    assert (found.place, found.running, found.spent, found.used) == (Place.CLOSING, None, gate.spent, gate.used)


@given(gates((Place.CLOSED, Place.DARK, Place.CLOSING, Place.FAULT)), NOWS)
def test_power_that_comes_and_goes_never_opens(gate: Gate, now: Instant) -> None:
    off, asked = step(gate, PowerChanged(False), now)
    assert not any(opens(one) for one in asked)
    assert off.place is (Place.DARK if gate.place is Place.CLOSED else gate.place)
    on, asked = step(off, PowerChanged(True), now)
    assert not any(opens(one) for one in asked)
    assert on.place is (Place.CLOSING if off.place is Place.DARK else off.place)


@given(gates((Place.CLOSING, Place.FAULT)))
def test_a_camera_that_answers_nothing_is_told_again_for_ever(gate: Gate) -> None:
    late = Instant(NOW.wall, gate.move_began + MOVE_SECONDS + 1)
    found, asked = step(gate, Tick(), late)
    assert isinstance(asked[-1], Move) and asked[-1].target is Target.PRIVACY
    assert found.serial == asked[-1].serial > gate.serial


@given(st.sampled_from(sorted(at_all_places())), st.lists(ANY_EVENT, max_size=12))
def test_refusals_change_nothing_else(name: str, events: list[Event]) -> None:
    gate = at_all_places()[name]
    for event in events:
        found, asked = step(gate, event, NOW)
        if asked and all(isinstance(one, Refuse) for one in asked):
            assert (found.place, found.running, found.spent, found.used) == (
                gate.place,
                gate.running,
                gate.spent,
                gate.used,
            )
        gate = found
