"""The rules of the gate for looks, aiming and terms: what follows where gate.py's table allows it."""

from dataclasses import replace
from math import floor
from types import MappingProxyType
from typing import Final

from .admission import Grant
from .errors import CloseReason, Problem, Refusal
from .gate_away import begin_move, look_away
from .gate_values import (
    Aim,
    AimRequested,
    ClearProblem,
    ConsentChanged,
    Event,
    Gate,
    GrantLease,
    Hold,
    LeaseHeld,
    Loaded,
    LookRequested,
    MoveFailed,
    Opened,
    OperatorClosed,
    PauseChanged,
    Place,
    PlanChanged,
    PositionConfirmed,
    PrivacyChanged,
    Refuse,
    Running,
    SessionLost,
    Step,
    Stored,
    StoreStart,
    StoreTurn,
    Target,
    TurnedHere,
    Warm,
    WishesChanged,
)  # fmt: skip
from .model import Instant, Outcome, Spent
from .schedule import as_moved, find
from .terms import latest, refusal

LEASE_SECONDS: Final = 3.0
"""A lease that the bridge has not confirmed for this long is lost."""
AIM_SECONDS: Final = 600.0
REFUSED_KEPT: Final = 64
"""How many refused clicks are remembered; each is anyway too old after admission.MAX_SKEW seconds."""


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


def nothing(gate: Gate, _event: Event, _now: Instant) -> Step:
    """Nothing is to be done."""
    return gate, ()


def load(gate: Gate, event: Event, now: Instant) -> Step:
    """The journal has been read: the terms are as it says."""
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
        look_away(gate, now, CloseReason.UNEXPECTED)
        if gate.running
        else (gate, (ClearProblem(Problem.JOURNAL_FAILED),))
    )


def set_terms(gate: Gate, event: Event, now: Instant) -> Step:
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
    return (gate, ()) if why is None or gate.running is None else look_away(gate, now, why)


def _is_skipped(gate: Gate) -> bool:
    running = gate.running
    return running is not None and isinstance(running.reason, Grant) and running.reason.occurrence in gate.skipped


def say_no(gate: Gate, grant: Grant, code: Refusal) -> Step:
    """A click that was refused stays refused: whoever carried it cannot wait and play it again."""
    if grant.request not in gate.refused:
        gate = replace(gate, refused=(*gate.refused, grant.request)[-REFUSED_KEPT:])
    return gate, (Refuse(grant, code),)


def begin(gate: Gate, event: Event, now: Instant) -> Step:
    """A look is asked for, and the camera is ready."""
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


def turned_away(gate: Gate, _event: Event, now: Instant) -> Step:
    """The look goes on in another room: this camera looks away."""
    assert gate.running is not None
    reason = gate.running.reason
    assert isinstance(reason, Grant)  # what is open is a look; the installer's picture has a place of its own
    gate, move = begin_move(replace(gate, place=Place.CLOSING, running=None), Target.PRIVACY, now)
    return gate, (Hold(reason.look), *move)


def turned_here(gate: Gate, event: Event, now: Instant) -> Step:
    """A look from another room comes here."""
    assert isinstance(event, TurnedHere)
    running = Running(event.grant, now, event.request, event.first, event.until, counter=event.counter)
    gate = replace(gate, place=Place.OPENING, running=running, serial=gate.serial + 1, move_began=now.mono)
    return gate, (StoreTurn(event.grant),)


def refuse_look(gate: Gate, event: Event, now: Instant) -> Step:
    """A look is asked for where none can begin."""
    assert isinstance(event, LookRequested)
    return say_no(gate, event.grant, _look_refusal(gate, event.grant, now) or Refusal.CAMERA_NOT_READY)


def begin_aiming(gate: Gate, event: Event, now: Instant) -> Step:
    """The installer asks for the live picture, and the camera is ready."""
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


def refuse_aiming(gate: Gate, event: Event, _now: Instant) -> Step:
    """The installer asks for the live picture where it cannot be had."""
    assert isinstance(event, AimRequested)
    return gate, (Refuse(event.aim, Refusal.BUSY if gate.running else Refusal.CAMERA_NOT_READY),)


def stored(gate: Gate, event: Event, now: Instant) -> Step:
    """The start is on disk: now, and not before, the camera may turn."""
    assert isinstance(event, Stored) and gate.running is not None
    if event.reason != gate.running.reason or gate.running.stored:
        return gate, ()
    gate, move = begin_move(replace(gate, running=replace(gate.running, stored=True)), Target.VIEW, now)
    return gate, move + ((Warm(event.reason.look),) if isinstance(event.reason, Grant) else ())


def view_reached(gate: Gate, event: Event, now: Instant) -> Step:
    """The camera shows the room: the picture may flow while the lease is held."""
    assert isinstance(event, PositionConfirmed) and gate.running is not None
    if event.serial != gate.serial or not gate.running.stored:
        return gate, ()
    running = replace(gate.running, opened=now, counter=gate.running.counter + 1, held=now.mono)
    reason, seconds = running.reason, seconds_left(gate, running, now)
    if seconds <= 0:
        return look_away(gate, now, CloseReason.WINDOW_ENDED)
    if isinstance(reason, Aim):
        return replace(gate, place=Place.AIMING, running=running), (Opened(reason, now, seconds, running.request),)
    gate = replace(gate, place=Place.OPEN, running=running)
    return gate, (GrantLease(reason.look, running.counter), Opened(reason, now, seconds, running.request))


def view_failed(gate: Gate, event: Event, now: Instant) -> Step:
    """The camera could not turn to the room."""
    assert isinstance(event, MoveFailed)
    return look_away(gate, now, CloseReason.MOVE_FAILED) if event.serial == gate.serial else (gate, ())


def _limit_reason(gate: Gate, running: Running, opened: Instant) -> CloseReason:
    if isinstance(running.reason, Aim):
        return CloseReason.AIMING_ENDED
    if running.until is not None:
        return CloseReason.TIME_LIMIT
    full = gate.plan is not None and seconds_left(gate, running, opened) == gate.plan.limits.look_seconds
    return CloseReason.TIME_LIMIT if full else CloseReason.WINDOW_ENDED


def tick_open(gate: Gate, _event: Event, now: Instant) -> Step:
    """A second of an open look: time, window and lease."""
    running = gate.running
    assert running is not None and running.opened is not None
    if now.mono - running.opened.mono >= seconds_left(gate, running, running.opened):
        return look_away(gate, now, _limit_reason(gate, running, running.opened))
    if isinstance(running.reason, Aim):
        return gate, ()
    if now.mono - running.held >= LEASE_SECONDS:
        return look_away(gate, now, CloseReason.LEASE_LOST)
    counter = running.counter + 1
    return replace(gate, running=replace(running, counter=counter)), (GrantLease(running.reason.look, counter),)


def lease_held(gate: Gate, event: Event, now: Instant) -> Step:
    """The bridge holds the lease."""
    running = gate.running
    assert isinstance(event, LeaseHeld) and running is not None
    if isinstance(running.reason, Aim) or (event.look, event.counter) != (
        running.reason.look,
        running.counter,
    ):
        return gate, ()
    return replace(gate, running=replace(running, held=now.mono)), ()


def operator_closed(gate: Gate, event: Event, now: Instant) -> Step:
    """The operator has ended the look."""
    running = gate.running
    assert isinstance(event, OperatorClosed) and running is not None
    if isinstance(running.reason, Aim) or event.look != running.reason.look:
        return gate, ()
    # Before the view is reached nobody can have been seen, whatever the operator says.
    unseen = event.outcome is Outcome.SEEN and (running.first or running.opened) is None
    return look_away(gate, now, CloseReason.NOT_SEEN if unseen else CloseReason(event.outcome.value))


def session_lost(gate: Gate, event: Event, now: Instant) -> Step:
    """The connection to the operator, the picture or the right to look is gone."""
    assert isinstance(event, SessionLost) and gate.running is not None
    reason = gate.running.reason
    if event.look is not None and (isinstance(reason, Aim) or event.look != reason.look):
        return gate, ()
    return look_away(gate, now, event.why)


def aim_ended(gate: Gate, _event: Event, now: Instant) -> Step:
    """The installer is done."""
    assert gate.running is not None
    if not isinstance(gate.running.reason, Aim):
        return gate, ()
    return look_away(gate, now, CloseReason.AIMING_ENDED)
