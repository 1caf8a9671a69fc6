"""The gates of one home, one for each camera: at most one of them may be anywhere but away.

``step(house, camera, event, now)`` gives the next house and the effects, each with its camera. ``camera`` None is an
event for every gate: what the home has agreed to, the clock, the start and the stop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from . import gate as gates
from .admission import Grant, TurnGrant
from .errors import Refusal
from .gate_values import AimRequested, Effect, Event, Gate, LookRequested, Place, Refuse, TurnedAway, TurnedHere
from .model import Instant, Room

type Located = tuple[str, Effect]
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


def step(house: House, camera: str | None, event: Event, now: Instant) -> HouseStep:
    """The next house and what the shell must do, in order. KeyError: there is no such camera."""
    if camera is None:
        effects: tuple[Located, ...] = ()
        for one in house.gates:
            house, more = _step_one(house, one, event, now)
            effects += more
        return house, effects
    busy = house.busy
    if busy not in (None, camera) and isinstance(event, LookRequested | AimRequested):
        return _refuse(house, camera, event)
    return _step_one(house, camera, event, now)


def _step_one(house: House, camera: str, event: Event, now: Instant) -> HouseStep:
    gate, effects = gates.step(house.gates[camera], event, now)
    return _with(house, camera, gate), tuple((camera, one) for one in effects)


def _with(house: House, camera: str, gate: Gate) -> House:
    """What is used of the plan is used whatever the camera."""
    found = {
        name: replace(one, spent=gate.spent, used=gate.used) if name != camera else gate
        for name, one in house.gates.items()
    }
    return House(MappingProxyType(found))


def _refuse(house: House, camera: str, event: LookRequested | AimRequested) -> HouseStep:
    if isinstance(event, AimRequested):
        return house, ((camera, Refuse(event.aim, Refusal.BUSY)),)
    gate, effects = gates.say_no(house.gates[camera], event.grant, Refusal.BUSY)
    return _with(house, camera, gate), tuple((camera, one) for one in effects)


type Turn = tuple[House, tuple[Located, ...], Refusal | None]


def turn(house: House, turned: TurnGrant, camera: str | None, now: Instant) -> Turn:
    """Go on with the open look at ``camera`` (None: no camera in that room), or say why not; then nothing changes."""
    busy = house.busy
    gate = None if busy is None else house.gates[busy]
    if busy is None or gate is None or gate.place is not Place.OPEN or gate.running is None:
        return house, (), Refusal.NOT_PREPARED
    running, grant = gate.running, gate.running.reason
    if not isinstance(grant, Grant) or grant.look != turned.look or running.opened is None:
        return house, (), Refusal.NOT_PREPARED
    code = _turn_refusal(house, gate, turned.room, busy, camera)
    if code is not None or camera is None:
        return house, (), code or Refusal.WRONG_ROOM
    until = running.opened.mono + gates.seconds_left(gate, running, running.opened)
    house, away = _step_one(house, busy, TurnedAway(), now)
    here = TurnedHere(grant, turned.request, running.first or running.opened, until, running.counter)
    house, more = _step_one(house, camera, here, now)
    return house, away + more, None


def _turn_refusal(house: House, gate: Gate, room: Room, busy: str, camera: str | None) -> Refusal | None:
    if gate.plan is None or room not in gate.plan.rooms or camera is None or camera == busy:
        return Refusal.WRONG_ROOM
    other = house.gates[camera]
    if other.private:
        return Refusal.PRIVATE
    return None if other.place is Place.CLOSED and not other.stopping else Refusal.CAMERA_NOT_READY
