"""The gates of one home, one for each camera: at most one of them may be anywhere but away.

``step(house, camera, event, now)`` gives the next house and the effects, each with its camera. ``camera`` None is an
event for every gate: what the home has agreed to, the clock, the start and the stop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from . import gate as gates
from . import gate_rules as rules
from .admission import Grant, TurnGrant
from .errors import Refusal
from .gate_values import AimRequested, Effect, Event, Gate, Hold, LookRequested, Place, Refuse, TurnedAway, TurnedHere
from .model import Instant, Room


@dataclass(frozen=True, slots=True)
class TurnRequested:
    """A verified wish to go on with the open look at ``camera``; None where there is none in that room."""

    turn: TurnGrant
    camera: str | None


@dataclass(frozen=True, slots=True)
class RefuseTurn:
    """Say no to a turn."""

    turn: TurnGrant
    code: Refusal


type HouseEvent = Event | TurnRequested
type Located = tuple[str, Effect | RefuseTurn]
type HouseStep = tuple[House, tuple[Located, ...]]


@dataclass(frozen=True, slots=True)
class House:
    """The gates, by camera."""

    gates: Mapping[str, Gate] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def busy(self) -> str | None:
        """The camera with which somebody looks or aims, or is about to."""
        return next((camera for camera, gate in self.gates.items() if gate.running is not None), None)


def camera_for(rooms: Sequence[Room], cameras: Mapping[str, Room]) -> str | None:
    """The camera with which a look begins: that of the plan's first room that has one, first by id; None where none."""
    return next((camera for room in rooms for camera in sorted(cameras) if cameras[camera] is room), None)


def step(house: House, camera: str | None, event: HouseEvent, now: Instant) -> HouseStep:
    """The next house and what the shell must do, in order. KeyError: there is no such camera.

    ``camera`` None of a click means that no camera is in any of the plan's rooms.
    """
    match event:
        case TurnRequested(turned, target):
            return _turn(house, turned, target, now)
        case LookRequested(grant) if camera is None:
            return _refuse_look(house, next(iter(house.gates)), grant, Refusal.WRONG_ROOM)
        case LookRequested(grant) if camera is not None and house.busy not in (None, camera):
            return _refuse_look(house, camera, grant, Refusal.BUSY)
        case AimRequested(aim) if camera is not None and house.busy not in (None, camera):
            return house, ((camera, Refuse(aim, Refusal.BUSY)),)
    effects: tuple[Located, ...] = ()
    for one in house.gates if camera is None else (camera,):
        house, more = _step_one(house, one, event, now)
        effects += more
    return house, effects


def _step_one(house: House, camera: str, event: Event, now: Instant) -> HouseStep:
    gate, effects = gates.step(house.gates[camera], event, now)
    return _with(house, camera, gate), tuple((camera, one) for one in effects)


def _with(house: House, camera: str, gate: Gate) -> House:
    """What is used of the plan is used whatever the camera. Most seconds change nothing."""
    if gate is house.gates[camera]:
        return house
    found = {
        name: replace(one, spent=gate.spent, used=gate.used) if name != camera else gate
        for name, one in house.gates.items()
    }
    return House(MappingProxyType(found))


def _refuse_look(house: House, camera: str, grant: Grant, code: Refusal) -> HouseStep:
    gate, effects = rules.say_no(house.gates[camera], grant, code)
    return _with(house, camera, gate), tuple((camera, one) for one in effects)


def _turn(house: House, turned: TurnGrant, camera: str | None, now: Instant) -> HouseStep:
    """Go on with the open look at another camera; where that may not be, it goes on where it is."""
    busy = house.busy or next(iter(house.gates))
    gate, running = house.gates[busy], house.gates[busy].running
    if gate.place is not Place.OPEN or running is None or running.opened is None:
        return house, ((busy, RefuseTurn(turned, Refusal.NOT_PREPARED)),)
    grant = running.reason
    if not isinstance(grant, Grant) or grant.look != turned.look:
        return house, ((busy, RefuseTurn(turned, Refusal.NOT_PREPARED)),)
    code = _turn_refusal(house, gate, turned.room, busy, camera)
    if code is not None or camera is None:
        return house, ((busy, RefuseTurn(turned, code or Refusal.WRONG_ROOM)),)
    until = running.opened.mono + rules.seconds_left(gate, running, running.opened)
    house, away = _step_one(house, busy, TurnedAway(), now)
    if (busy, Hold(grant.look)) not in away:
        # It has ended instead of turning: the clock has jumped.
        return house, (*away, (busy, RefuseTurn(turned, Refusal.NOT_PREPARED)))
    here = TurnedHere(grant, turned.request, running.first or running.opened, until, running.counter)
    house, more = _step_one(house, camera, here, now)
    return house, away + more


def _turn_refusal(house: House, gate: Gate, room: Room, busy: str, camera: str | None) -> Refusal | None:
    if gate.plan is None or room not in gate.plan.rooms or camera is None or camera == busy:
        return Refusal.WRONG_ROOM
    other = house.gates[camera]
    if other.private:
        return Refusal.PRIVATE
    return None if other.place is Place.CLOSED and not other.stopping else Refusal.CAMERA_NOT_READY
