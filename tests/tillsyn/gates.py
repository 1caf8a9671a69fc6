"""Gates at every place, brought there by the events that bring a real one there."""

from typing import Any

from tests.tillsyn.made import OCCURRENCE, grant, instant, plan
from tillsyn.admission import Grant
from tillsyn.errors import CloseReason
from tillsyn.gate import step
from tillsyn.gate_values import (
    Aim,
    AimRequested,
    Effect,
    Event,
    Gate,
    Loaded,
    LookRequested,
    Move,
    MoveFailed,
    Place,
    PositionConfirmed,
    Started,
    StopPicture,
    Stored,
    StoreEnd,
    Target,
    Tick,
)
from tillsyn.model import Instant, Spent

GRANT, AIM = grant(), Aim("anna")
START = instant(0)
LOOK = GRANT.look
SPENT_ONCE = {OCCURRENCE: Spent(START.wall, 1, seen=False)}


def loaded(**changes: Any) -> Loaded:
    """An agreed home, unless told."""
    values: dict[str, Any] = {
        "consent": True, "paused": False, "private": False, "plan": plan(), "spent": {}, "used": frozenset(),
    }  # fmt: skip
    return Loaded(**(values | changes))


def after(gate: Gate, *events: Event, now: Instant = START) -> Gate:
    """The gate after these events, all at ``now``."""
    for event in events:
        gate, _ = step(gate, event, now)
    return gate


def effects(gate: Gate, event: Event, now: Instant = START) -> tuple[Effect, ...]:
    """What the gate asks for."""
    return step(gate, event, now)[1]


def closed(now: Instant = START, **changes: Any) -> Gate:
    """Ready: started, journal read, camera read back in its privacy position."""
    return after(Gate(), Started(), loaded(**changes), PositionConfirmed(1), now=now)


def opening(reason: Grant = GRANT, now: Instant = START, **changes: Any) -> Gate:
    """A look is asked for and its start is being stored."""
    return after(closed(now, **changes), LookRequested(reason), now=now)


def moving(reason: Grant = GRANT, now: Instant = START, **changes: Any) -> Gate:
    """The start is stored and the camera moves to its view."""
    return after(opening(reason, now, **changes), Stored(reason), now=now)


def opened(reason: Grant = GRANT, now: Instant = START, **changes: Any) -> Gate:
    """The picture flows."""
    gate = moving(reason, now, **changes)
    return after(gate, PositionConfirmed(gate.serial), now=now)


def aim_opening() -> Gate:
    """Aiming is asked for and its start is being stored."""
    return after(closed(), AimRequested(AIM))


def aim_moving() -> Gate:
    """The camera moves to its view for the installer."""
    return after(aim_opening(), Stored(AIM))


def aiming() -> Gate:
    """The installer sees the view."""
    gate = aim_moving()
    return after(gate, PositionConfirmed(gate.serial))


def closing() -> Gate:
    """The camera has been told to look away and has not answered."""
    return after(Gate(), Started(), loaded())


def fault() -> Gate:
    """The camera has failed to look away three times."""
    gate = closing()
    for _ in range(3):
        gate = after(gate, MoveFailed(gate.serial))
    return gate


def at_all_places() -> dict[str, Gate]:
    """A gate at each place, in each way of being there."""
    once = Spent(START.wall, 1, seen=False)
    return {
        "new": Gate(),
        "closed": closed(),
        "closing": closing(),
        "fault": fault(),
        "opening": opening(),
        "moving": moving(),
        "open": opened(),
        "aim opening": aim_opening(),
        "aim moving": aim_moving(),
        "aiming": aiming(),
        "open and renewed": after(opened(), Tick()),
        "spent": closed(spent={OCCURRENCE: once}),
    }


LIVE = (Place.OPENING, Place.OPEN, Place.AIMING)


def move(gate: Gate, target: Target = Target.PRIVACY, attempt: int = 0) -> Move:
    """The next move that this gate asks for."""
    return Move(target, gate.serial + 1, attempt)


def ends(gate: Gate, event: Event, why: CloseReason, now: Instant = START) -> None:
    """The event ends what runs: picture first, then the camera, then the record."""
    running = gate.running
    assert running is not None
    found, asked = step(gate, event, now)
    stop, end = StopPicture(running.reason, why), StoreEnd(running.reason, running.opened, now, why)
    assert asked == (stop, move(gate), end)
    assert (found.place, found.running) == (Place.CLOSING, None)
