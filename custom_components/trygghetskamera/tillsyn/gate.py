"""The gate: one table that says when the camera may look into the room. What is not listed makes it look away.

``step(gate, event, now)`` gives the next gate and the effects for the shell to carry out, in order. The shell answers
effects with events. What each row does is in gate_rules.py and gate_away.py.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from . import gate_away as away
from . import gate_rules as rules
from .errors import CloseReason
from .gate_values import (
    AimEnded,
    AimRequested,
    ConsentChanged,
    Effect,
    Event,
    Gate,
    LeaseHeld,
    Loaded,
    LookRequested,
    MoveFailed,
    OperatorClosed,
    PauseChanged,
    Place,
    PlanChanged,
    PositionConfirmed,
    PositionLost,
    PowerChanged,
    PrivacyChanged,
    Running,
    SessionLost,
    Started,
    Step,
    Stopping,
    Stored,
    StoreFailed,
    Tick,
    TurnedAway,
    TurnedHere,
    WishesChanged,
)  # fmt: skip
from .model import Instant

CLOCK_TOLERANCE: Final = 2.0
"""Seconds that wall clock and monotonic clock may part during one look."""

type Rule = Callable[[Gate, Event, Instant], Step]
_ALL = tuple(Place)
_AWAY = (Place.CLOSED, Place.CLOSING, Place.FAULT, Place.DARK)
_RESTING = (Place.CLOSED, Place.DARK)
_LIVE = (Place.OPENING, Place.OPEN, Place.AIMING)


def _rows() -> dict[tuple[Place, type], Rule]:
    listed: tuple[tuple[tuple[Place, ...], tuple[type, ...], Rule], ...] = (
        (_ALL, (Started,), away.start),
        (_ALL, (Loaded,), rules.load),
        (_ALL, (ConsentChanged, PauseChanged, PrivacyChanged, PlanChanged, WishesChanged), rules.set_terms),
        (_ALL, (StoreFailed,), away.store_failed),
        (_ALL, (PositionLost,), away.position_lost),
        (_ALL, (Stopping,), away.stop),
        (_ALL, (PowerChanged,), away.power_changed),
        ((Place.CLOSED,), (LookRequested,), rules.begin),
        (tuple(one for one in _ALL if one is not Place.CLOSED), (LookRequested,), rules.refuse_look),
        ((Place.OPEN,), (TurnedAway,), rules.turned_away),
        ((Place.CLOSED,), (TurnedHere,), rules.turned_here),
        ((Place.CLOSED,), (AimRequested,), rules.begin_aiming),
        (tuple(one for one in _ALL if one is not Place.CLOSED), (AimRequested,), rules.refuse_aiming),
        ((Place.OPENING,), (Stored,), rules.stored),
        ((Place.OPENING,), (PositionConfirmed,), rules.view_reached),
        ((Place.OPENING,), (MoveFailed,), rules.view_failed),
        ((Place.OPENING, Place.CLOSING, Place.FAULT), (Tick,), away.tick_moving),
        ((Place.OPEN, Place.AIMING), (Tick,), rules.tick_open),
        (_LIVE, (LeaseHeld,), rules.lease_held),
        (_LIVE, (OperatorClosed,), rules.operator_closed),
        (_LIVE, (SessionLost,), rules.session_lost),
        (_LIVE, (AimEnded,), rules.aim_ended),
        ((Place.CLOSING, Place.FAULT), (PositionConfirmed,), away.privacy_reached),
        ((Place.CLOSING, Place.FAULT), (MoveFailed,), away.privacy_failed),
        # Late answers about what has already ended change nothing: the camera is away or on its way.
        (_AWAY, (Stored, LeaseHeld, OperatorClosed, SessionLost, AimEnded), rules.nothing),
        (_RESTING, (Tick, PositionConfirmed, MoveFailed), rules.nothing),
    )
    return {(place, event): rule for places, events, rule in listed for place in places for event in events}


TABLE: Final[Mapping[tuple[Place, type], Rule]] = MappingProxyType(_rows())


def _unjumped(running: Running, now: Instant) -> Instant:
    """This moment by the wall clock as it was when the look began."""
    return Instant(running.began.wall + timedelta(seconds=now.mono - running.began.mono), now.mono)


def step(gate: Gate, event: Event, now: Instant) -> Step:
    """The next gate and what the shell must do, in order. A pair that is not in the table looks away."""
    before: tuple[Effect, ...] = ()
    if gate.running is not None:
        steady = _unjumped(gate.running, now)
        if abs((now.wall - steady.wall).total_seconds()) > CLOCK_TOLERANCE:
            gate, before = away.look_away(gate, steady, CloseReason.CLOCK_JUMPED)
            if isinstance(event, PositionConfirmed | MoveFailed):
                return gate, before  # whatever it answers, it is not the move that has just been asked for
    rule = TABLE.get((gate.place, type(event)), away.unlisted)
    gate, after = rule(gate, event, now)
    return gate, before + after
