"""The rules of the gate by which the camera looks away, and is seen to have.

Moves carry a serial, so that a late answer to an earlier move is never taken for one to this.
"""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from .admission import Grant
from .errors import CloseReason, Problem, Refusal
from .gate_values import (
    ClearProblem,
    CutPower,
    Effect,
    Event,
    Gate,
    Move,
    MoveFailed,
    Place,
    PositionConfirmed,
    PowerChanged,
    RaiseProblem,
    Refuse,
    Step,
    StopPicture,
    StoreEnd,
    Target,
)  # fmt: skip
from .model import Instant

MOVE_SECONDS: Final = 15.0
"""A move that is neither confirmed nor failed after this long has failed."""
FAULT_AFTER: Final = 3
"""Failed moves to the privacy position before the fault is raised; moving goes on."""
BOOT_SECONDS: Final = 180.0
"""How long a camera that has just been given power may take before failed moves are a fault: it starts first."""


def begin_move(gate: Gate, target: Target, now: Instant, attempt: int = 0) -> Step:
    """Send the camera there; only the answer to this very move counts from now on. ``attempt``: from 0."""
    serial = gate.serial + 1
    return replace(gate, serial=serial, move_began=now.mono, attempts=attempt), (Move(target, serial, attempt),)


def look_away(gate: Gate, now: Instant, why: CloseReason) -> Step:
    """End whatever runs, picture first, and move to the privacy position. Already on the way: just keep going."""
    running = gate.running
    if running is not None:
        stop = StopPicture(running.reason, why)
        end = StoreEnd(running.reason, running.first or running.opened, now, why)
        gate, move = begin_move(replace(gate, place=Place.CLOSING, running=None), Target.PRIVACY, now)
        effects = (stop, *move, end)  # a slow disk does not keep the camera from looking away
        if isinstance(running.reason, Grant) and why is CloseReason.SEEN:
            seen = replace(gate.spent[running.reason.occurrence], seen=True)
            gate = replace(gate, spent=MappingProxyType({**gate.spent, running.reason.occurrence: seen}))
        return gate, effects
    if gate.place in (Place.CLOSING, Place.FAULT) and gate.serial:
        return gate, ()
    return begin_move(replace(gate, place=Place.CLOSING), Target.PRIVACY, now)


def unlisted(gate: Gate, _event: Event, now: Instant) -> Step:
    """What the table does not list."""
    return look_away(gate, now, CloseReason.UNEXPECTED)


def store_failed(gate: Gate, _event: Event, now: Instant) -> Step:
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
    gate, away = look_away(gate, now, CloseReason.JOURNAL_FAILED)
    return gate, effects + away


def power_changed(gate: Gate, event: Event, now: Instant) -> Step:
    """Without power a closed camera needs no watching; with power again it must be sent away first."""
    assert isinstance(event, PowerChanged)
    boots_until = now.mono + BOOT_SECONDS if event.on and not gate.power else gate.boots_until
    gate = replace(gate, power=event.on, boots_until=boots_until)
    if event.on:
        return look_away(gate, now, CloseReason.UNEXPECTED) if gate.place is Place.DARK else (gate, ())
    if gate.place is Place.CLOSED:
        return replace(gate, place=Place.DARK), ()
    return (gate, ()) if gate.running is None else look_away(gate, now, CloseReason.PICTURE_LOST)


def privacy_reached(gate: Gate, event: Event, _now: Instant) -> Step:
    """The camera has been read back at its privacy position."""
    assert isinstance(event, PositionConfirmed)
    if event.serial != gate.serial:
        return gate, ()
    cleared = (ClearProblem(Problem.CANNOT_LOOK_AWAY),) if gate.place is Place.FAULT else ()
    return replace(gate, place=Place.CLOSED, attempts=0, boots_until=0.0), cleared


def privacy_failed(gate: Gate, event: Event, now: Instant) -> Step:
    """The camera could not turn away."""
    assert isinstance(event, MoveFailed)
    return _retry(gate, now) if event.serial == gate.serial else (gate, ())


def _retry(gate: Gate, now: Instant) -> Step:
    """Move to privacy again, for ever; raise the fault when it is clear that it will not be quick.

    A camera that is known to have no power is left alone, unless it had been at fault: then its power may be what the
    gate itself has cut. One that has just been given power is starting, and to cut it again would never let it start.
    """
    if not gate.power and gate.place is Place.CLOSING:
        return replace(gate, place=Place.DARK, attempts=0), ()
    gate, move = begin_move(gate, Target.PRIVACY, now, gate.attempts + 1)
    if gate.attempts < FAULT_AFTER or now.mono < gate.boots_until or gate.place is Place.FAULT:
        return gate, move
    return replace(gate, place=Place.FAULT), (RaiseProblem(Problem.CANNOT_LOOK_AWAY), CutPower(), *move)


def position_lost(gate: Gate, _event: Event, now: Instant) -> Step:
    """Somebody has moved the camera."""
    return look_away(gate, now, CloseReason.CAMERA_MOVED)


def stop(gate: Gate, _event: Event, now: Instant) -> Step:
    """Home Assistant stops."""
    gate = replace(gate, stopping=True)
    return (gate, ()) if gate.place is Place.DARK else look_away(gate, now, CloseReason.STOPPED)


def start(gate: Gate, _event: Event, now: Instant) -> Step:
    """Home Assistant has started: whatever ran before has been interrupted."""
    return look_away(gate, now, CloseReason.INTERRUPTED)


def tick_moving(gate: Gate, _event: Event, now: Instant) -> Step:
    """A shell that never answers is a failed move."""
    if now.mono - gate.move_began <= MOVE_SECONDS:
        return gate, ()
    return look_away(gate, now, CloseReason.MOVE_FAILED) if gate.place is Place.OPENING else _retry(gate, now)
