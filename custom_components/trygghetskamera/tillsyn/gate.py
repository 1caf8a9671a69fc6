"""The gate: one table that says when the camera may look into the room. What is not listed makes it look away.

``step(gate, event, now)`` gives the next gate and the effects for the shell to carry out, in order. The shell answers
effects with events. Moves carry a serial, so that a late answer to an earlier move is never taken for one to this.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from math import floor
from types import MappingProxyType
from typing import Final

from .admission import Grant
from .errors import CloseReason, Problem, Refusal
from .gate_values import (
    Aim,
    AimEnded,
    AimRequested,
    ClearProblem,
    ConsentChanged,
    CutPower,
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
    RaiseProblem,
    Refuse,
    Running,
    SessionLost,
    Started,
    Step,
    StopPicture,
    Stopping,
    Stored,
    StoreEnd,
    StoreFailed,
    StoreStart,
    StoreTurn,
    Target,
    Tick,
    TurnedAway,
    TurnedHere,
    Warm,
    WishesChanged,
)  # fmt: skip
from .model import Instant, Outcome, Spent
from .schedule import as_moved, find
from .terms import latest, refusal

LEASE_SECONDS: Final = 3.0
"""A lease that the bridge has not confirmed for this long is lost."""
MOVE_SECONDS: Final = 15.0
"""A move that is neither confirmed nor failed after this long has failed."""
FAULT_AFTER: Final = 3
"""Failed moves to the privacy position before the fault is raised; moving goes on."""
BOOT_SECONDS: Final = 180.0
"""How long a camera that has just been given power may take before failed moves are a fault: it starts first."""
AIM_SECONDS: Final = 600.0
CLOCK_TOLERANCE: Final = 2.0
"""Seconds that wall clock and monotonic clock may part during one look."""
REFUSED_KEPT: Final = 64
"""How many refused clicks are remembered; each is anyway too old after admission.MAX_SKEW seconds."""


# ---- what may happen now --------------------------------------------------------------------------------------------


def _look_refusal(gate: Gate, grant: Grant, now: Instant) -> Refusal | None:
    if grant.look in gate.used or grant.request in gate.refused:
        return Refusal.REPLAYED
    if gate.running is not None:
        return Refusal.BUSY
    if gate.place is not Place.CLOSED or gate.stopping:
        return Refusal.CAMERA_NOT_READY
    return refusal(gate, grant.plan, grant.occurrence, now.wall)


def seconds_left(gate: Gate, running: Running, now: Instant) -> int:
    """Whole seconds that a look opened now may last: the plan's length, cut by the window's end (or retry time) and
    its grace. 0 or less: it is too late.
    """
    if running.until is not None:
        return floor(running.until - now.mono)
    if isinstance(running.reason, Aim):
        return int(AIM_SECONDS)
    spent = gate.spent.get(running.reason.occurrence)
    found = None if gate.plan is None else find(gate.plan.windows, running.reason.occurrence)
    if gate.plan is None or found is None or spent is None:
        return 0
    window = as_moved(found, gate.moved)
    limits = gate.plan.limits
    end = window.end if spent.looks == 1 else max(window.end, latest(gate.plan, window, spent))
    return min(limits.look_seconds, floor((end - now.wall).total_seconds()) + limits.grace_seconds)


# ---- the moves ------------------------------------------------------------------------------------------------------


def _move(gate: Gate, target: Target, now: Instant, attempt: int = 0) -> Step:
    serial = gate.serial + 1
    return replace(gate, serial=serial, move_began=now.mono, attempts=attempt), (Move(target, serial, attempt),)


def _look_away(gate: Gate, now: Instant, why: CloseReason) -> Step:
    """End whatever runs, picture first, and move to the privacy position. Already on the way: just keep going."""
    running = gate.running
    if running is not None:
        stop = StopPicture(running.reason, why)
        end = StoreEnd(running.reason, running.first or running.opened, now, why)
        gate, move = _move(replace(gate, place=Place.CLOSING, running=None), Target.PRIVACY, now)
        effects = (stop, *move, end)  # a slow disk does not keep the camera from looking away
        if isinstance(running.reason, Grant) and why is CloseReason.SEEN:
            seen = replace(gate.spent[running.reason.occurrence], seen=True)
            gate = replace(gate, spent=MappingProxyType({**gate.spent, running.reason.occurrence: seen}))
        return gate, effects
    if gate.place in (Place.CLOSING, Place.FAULT) and gate.serial:
        return gate, ()
    return _move(replace(gate, place=Place.CLOSING), Target.PRIVACY, now)


def _unlisted(gate: Gate, _event: Event, now: Instant) -> Step:
    return _look_away(gate, now, CloseReason.UNEXPECTED)


def _nothing(gate: Gate, _event: Event, _now: Instant) -> Step:
    return gate, ()


def _load(gate: Gate, event: Event, now: Instant) -> Step:
    assert isinstance(event, Loaded)
    gate = replace(
        gate,
        journal=True,
        consent=event.consent,
        paused=event.paused,
        private=event.private,
        plan=event.plan,
        spent=MappingProxyType(dict(event.spent)),
        used=gate.used | event.used,
        skipped=event.skipped,
        moved=event.moved,
    )
    return (
        _look_away(gate, now, CloseReason.UNEXPECTED)
        if gate.running
        else (gate, (ClearProblem(Problem.JOURNAL_FAILED),))
    )


def _set_terms(gate: Gate, event: Event, now: Instant) -> Step:
    """Terms change at once; whatever takes away the ground of a running look ends it. A raised term never opens."""
    why: CloseReason | None
    if isinstance(event, ConsentChanged):
        gate, why = replace(gate, consent=event.given), None if event.given else CloseReason.CONSENT_WITHDRAWN
    elif isinstance(event, PauseChanged):
        gate, why = replace(gate, paused=event.paused), CloseReason.PAUSED if event.paused else None
    elif isinstance(event, PrivacyChanged):
        gate, why = replace(gate, private=event.private), CloseReason.PRIVACY if event.private else None
    elif isinstance(event, WishesChanged):
        gate = replace(gate, skipped=event.skipped, moved=event.moved)
        why = CloseReason.SKIPPED if _is_skipped(gate) else None
    else:
        assert isinstance(event, PlanChanged)
        gate, why = replace(gate, plan=event.plan), CloseReason.PLAN_CHANGED
    return (gate, ()) if why is None or gate.running is None else _look_away(gate, now, why)


def _is_skipped(gate: Gate) -> bool:
    running = gate.running
    return running is not None and isinstance(running.reason, Grant) and running.reason.occurrence in gate.skipped


def say_no(gate: Gate, grant: Grant, code: Refusal) -> Step:
    """A click that was refused stays refused: whoever carried it cannot wait and play it again."""
    if grant.request not in gate.refused:
        gate = replace(gate, refused=(*gate.refused, grant.request)[-REFUSED_KEPT:])
    return gate, (Refuse(grant, code),)


def _begin(gate: Gate, event: Event, now: Instant) -> Step:
    assert isinstance(event, LookRequested)
    grant = event.grant
    code = _look_refusal(gate, grant, now)
    if code is not None:
        return say_no(gate, grant, code)
    before = gate.spent.get(grant.occurrence)
    after = Spent(now.wall, 1, seen=False) if before is None else replace(before, looks=before.looks + 1)
    gate = replace(
        gate,
        place=Place.OPENING,
        running=Running(grant, now, grant.request),
        serial=gate.serial + 1,  # no answer to an earlier move can be taken for the move that follows once it is stored
        move_began=now.mono,
        used=gate.used | {grant.look},
        spent=MappingProxyType({**gate.spent, grant.occurrence: after}),
    )
    return gate, (StoreStart(grant),)


def _turned_away(gate: Gate, _event: Event, now: Instant) -> Step:
    assert gate.running is not None
    reason = gate.running.reason
    assert isinstance(reason, Grant)  # what is open is a look; the installer's picture has a place of its own
    gate, move = _move(replace(gate, place=Place.CLOSING, running=None), Target.PRIVACY, now)
    return gate, (Hold(reason.look), *move)


def _turned_here(gate: Gate, event: Event, now: Instant) -> Step:
    assert isinstance(event, TurnedHere)
    running = Running(event.grant, now, event.request, event.first, event.until, counter=event.counter)
    gate = replace(gate, place=Place.OPENING, running=running, serial=gate.serial + 1, move_began=now.mono)
    return gate, (StoreTurn(event.grant),)


def _power_changed(gate: Gate, event: Event, now: Instant) -> Step:
    """Without power a closed camera needs no watching; with power again it must be sent away first."""
    assert isinstance(event, PowerChanged)
    boots_until = now.mono + BOOT_SECONDS if event.on and not gate.power else gate.boots_until
    gate = replace(gate, power=event.on, boots_until=boots_until)
    if event.on:
        return _look_away(gate, now, CloseReason.UNEXPECTED) if gate.place is Place.DARK else (gate, ())
    if gate.place is Place.CLOSED:
        return replace(gate, place=Place.DARK), ()
    return (gate, ()) if gate.running is None else _look_away(gate, now, CloseReason.PICTURE_LOST)


def _refuse_look(gate: Gate, event: Event, now: Instant) -> Step:
    assert isinstance(event, LookRequested)
    return say_no(gate, event.grant, _look_refusal(gate, event.grant, now) or Refusal.CAMERA_NOT_READY)


def _begin_aiming(gate: Gate, event: Event, now: Instant) -> Step:
    assert isinstance(event, AimRequested)
    code = None
    if not gate.journal:
        code = Refusal.JOURNAL_FAILED
    elif gate.paused:
        code = Refusal.PAUSED
    elif gate.private:
        code = Refusal.PRIVATE
    elif gate.stopping:
        code = Refusal.CAMERA_NOT_READY
    if code is not None:
        return gate, (Refuse(event.aim, code),)
    gate = replace(
        gate, place=Place.OPENING, running=Running(event.aim, now), serial=gate.serial + 1, move_began=now.mono
    )
    return gate, (StoreStart(event.aim),)


def _refuse_aiming(gate: Gate, event: Event, _now: Instant) -> Step:
    assert isinstance(event, AimRequested)
    return gate, (Refuse(event.aim, Refusal.BUSY if gate.running else Refusal.CAMERA_NOT_READY),)


def _stored(gate: Gate, event: Event, now: Instant) -> Step:
    assert isinstance(event, Stored) and gate.running is not None
    if event.reason != gate.running.reason or gate.running.stored:
        return gate, ()
    gate, move = _move(replace(gate, running=replace(gate.running, stored=True)), Target.VIEW, now)
    return gate, move + ((Warm(event.reason.look),) if isinstance(event.reason, Grant) else ())


def _store_failed(gate: Gate, _event: Event, now: Instant) -> Step:
    """Without a journal nothing may open. A start that was not stored has moved nothing and gets no end; a look that
    could not turn ends.
    """
    effects: tuple[Effect, ...] = (RaiseProblem(Problem.JOURNAL_FAILED),)
    running = gate.running
    if running is not None and not running.stored and running.first is None:
        effects += (
            Refuse(running.reason, Refusal.JOURNAL_FAILED),
            StopPicture(running.reason, CloseReason.JOURNAL_FAILED),
        )
        gate = replace(gate, running=None)
    gate = replace(gate, journal=False)
    if gate.place is Place.CLOSED:
        return gate, effects
    gate, away = _look_away(gate, now, CloseReason.JOURNAL_FAILED)
    return gate, effects + away


def _view_reached(gate: Gate, event: Event, now: Instant) -> Step:
    assert isinstance(event, PositionConfirmed) and gate.running is not None
    if event.serial != gate.serial or not gate.running.stored:
        return gate, ()
    running = replace(gate.running, opened=now, counter=gate.running.counter + 1, held=now.mono)
    reason, seconds = running.reason, seconds_left(gate, running, now)
    if seconds <= 0:
        return _look_away(gate, now, CloseReason.WINDOW_ENDED)
    if isinstance(reason, Aim):
        return replace(gate, place=Place.AIMING, running=running), (Opened(reason, now, seconds, running.request),)
    gate = replace(gate, place=Place.OPEN, running=running)
    return gate, (GrantLease(reason.look, running.counter), Opened(reason, now, seconds, running.request))


def _view_failed(gate: Gate, event: Event, now: Instant) -> Step:
    assert isinstance(event, MoveFailed)
    return _look_away(gate, now, CloseReason.MOVE_FAILED) if event.serial == gate.serial else (gate, ())


def _privacy_reached(gate: Gate, event: Event, _now: Instant) -> Step:
    assert isinstance(event, PositionConfirmed)
    if event.serial != gate.serial:
        return gate, ()
    cleared = (ClearProblem(Problem.CANNOT_LOOK_AWAY),) if gate.place is Place.FAULT else ()
    return replace(gate, place=Place.CLOSED, attempts=0, boots_until=0.0), cleared


def _privacy_failed(gate: Gate, event: Event, now: Instant) -> Step:
    assert isinstance(event, MoveFailed)
    return _retry(gate, now) if event.serial == gate.serial else (gate, ())


def _retry(gate: Gate, now: Instant) -> Step:
    """Move to privacy again, for ever; raise the fault when it is clear that it will not be quick.

    A camera that is known to have no power is left alone, unless it had been at fault: then its power may be what the
    gate itself has cut. One that has just been given power is starting, and to cut it again would never let it start.
    """
    if not gate.power and gate.place is Place.CLOSING:
        return replace(gate, place=Place.DARK, attempts=0), ()
    gate, move = _move(gate, Target.PRIVACY, now, gate.attempts + 1)
    if gate.attempts < FAULT_AFTER or now.mono < gate.boots_until or gate.place is Place.FAULT:
        return gate, move
    return replace(gate, place=Place.FAULT), (RaiseProblem(Problem.CANNOT_LOOK_AWAY), CutPower(), *move)


def _tick_moving(gate: Gate, _event: Event, now: Instant) -> Step:
    """A shell that never answers is a failed move."""
    if now.mono - gate.move_began <= MOVE_SECONDS:
        return gate, ()
    return _look_away(gate, now, CloseReason.MOVE_FAILED) if gate.place is Place.OPENING else _retry(gate, now)


def _limit_reason(gate: Gate, running: Running, opened: Instant) -> CloseReason:
    if isinstance(running.reason, Aim):
        return CloseReason.AIMING_ENDED
    if running.until is not None:
        return CloseReason.TIME_LIMIT
    full = gate.plan is not None and seconds_left(gate, running, opened) == gate.plan.limits.look_seconds
    return CloseReason.TIME_LIMIT if full else CloseReason.WINDOW_ENDED


def _tick_open(gate: Gate, _event: Event, now: Instant) -> Step:
    running = gate.running
    assert running is not None and running.opened is not None
    if now.mono - running.opened.mono >= seconds_left(gate, running, running.opened):
        return _look_away(gate, now, _limit_reason(gate, running, running.opened))
    if isinstance(running.reason, Aim):
        return gate, ()
    if now.mono - running.held >= LEASE_SECONDS:
        return _look_away(gate, now, CloseReason.LEASE_LOST)
    counter = running.counter + 1
    return replace(gate, running=replace(running, counter=counter)), (GrantLease(running.reason.look, counter),)


def _lease_held(gate: Gate, event: Event, now: Instant) -> Step:
    running = gate.running
    assert isinstance(event, LeaseHeld) and running is not None
    if isinstance(running.reason, Aim) or (event.look, event.counter) != (
        running.reason.look,
        running.counter,
    ):
        return gate, ()
    return replace(gate, running=replace(running, held=now.mono)), ()


def _operator_closed(gate: Gate, event: Event, now: Instant) -> Step:
    running = gate.running
    assert isinstance(event, OperatorClosed) and running is not None
    if isinstance(running.reason, Aim) or event.look != running.reason.look:
        return gate, ()
    # Before the view is reached nobody can have been seen, whatever the operator says.
    unseen = event.outcome is Outcome.SEEN and (running.first or running.opened) is None
    return _look_away(gate, now, CloseReason.NOT_SEEN if unseen else CloseReason(event.outcome.value))


def _session_lost(gate: Gate, event: Event, now: Instant) -> Step:
    assert isinstance(event, SessionLost) and gate.running is not None
    reason = gate.running.reason
    if event.look is not None and (isinstance(reason, Aim) or event.look != reason.look):
        return gate, ()
    return _look_away(gate, now, event.why)


def _aim_ended(gate: Gate, _event: Event, now: Instant) -> Step:
    assert gate.running is not None
    if not isinstance(gate.running.reason, Aim):
        return gate, ()
    return _look_away(gate, now, CloseReason.AIMING_ENDED)


def _position_lost(gate: Gate, _event: Event, now: Instant) -> Step:
    return _look_away(gate, now, CloseReason.CAMERA_MOVED)


def _stop(gate: Gate, _event: Event, now: Instant) -> Step:
    gate = replace(gate, stopping=True)
    return (gate, ()) if gate.place is Place.DARK else _look_away(gate, now, CloseReason.STOPPED)


def _start(gate: Gate, _event: Event, now: Instant) -> Step:
    return _look_away(gate, now, CloseReason.INTERRUPTED)


type Rule = Callable[[Gate, Event, Instant], Step]
_ALL = tuple(Place)
_AWAY = (Place.CLOSED, Place.CLOSING, Place.FAULT, Place.DARK)
_RESTING = (Place.CLOSED, Place.DARK)
_LIVE = (Place.OPENING, Place.OPEN, Place.AIMING)


def _rows() -> dict[tuple[Place, type], Rule]:
    listed: tuple[tuple[tuple[Place, ...], tuple[type, ...], Rule], ...] = (
        (_ALL, (Started,), _start),
        (_ALL, (Loaded,), _load),
        (_ALL, (ConsentChanged, PauseChanged, PrivacyChanged, PlanChanged, WishesChanged), _set_terms),
        (_ALL, (StoreFailed,), _store_failed),
        (_ALL, (PositionLost,), _position_lost),
        (_ALL, (Stopping,), _stop),
        (_ALL, (PowerChanged,), _power_changed),
        ((Place.CLOSED,), (LookRequested,), _begin),
        (tuple(one for one in _ALL if one is not Place.CLOSED), (LookRequested,), _refuse_look),
        ((Place.OPEN,), (TurnedAway,), _turned_away),
        ((Place.CLOSED,), (TurnedHere,), _turned_here),
        ((Place.CLOSED,), (AimRequested,), _begin_aiming),
        (tuple(one for one in _ALL if one is not Place.CLOSED), (AimRequested,), _refuse_aiming),
        ((Place.OPENING,), (Stored,), _stored),
        ((Place.OPENING,), (PositionConfirmed,), _view_reached),
        ((Place.OPENING,), (MoveFailed,), _view_failed),
        ((Place.OPENING, Place.CLOSING, Place.FAULT), (Tick,), _tick_moving),
        ((Place.OPEN, Place.AIMING), (Tick,), _tick_open),
        (_LIVE, (LeaseHeld,), _lease_held),
        (_LIVE, (OperatorClosed,), _operator_closed),
        (_LIVE, (SessionLost,), _session_lost),
        (_LIVE, (AimEnded,), _aim_ended),
        ((Place.CLOSING, Place.FAULT), (PositionConfirmed,), _privacy_reached),
        ((Place.CLOSING, Place.FAULT), (MoveFailed,), _privacy_failed),
        # Late answers about what has already ended change nothing: the camera is away or on its way.
        (_AWAY, (Stored, LeaseHeld, OperatorClosed, SessionLost, AimEnded), _nothing),
        (_RESTING, (Tick, PositionConfirmed, MoveFailed), _nothing),
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
            gate, before = _look_away(gate, steady, CloseReason.CLOCK_JUMPED)
            if isinstance(event, PositionConfirmed | MoveFailed):
                return gate, before  # whatever it answers, it is not the move that has just been asked for
    rule = TABLE.get((gate.place, type(event)), _unlisted)
    gate, after = rule(gate, event, now)
    return gate, before + after
