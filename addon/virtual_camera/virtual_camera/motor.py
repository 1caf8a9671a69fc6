"""Pan, tilt and zoom as pure motion over monotonic time: who asks says what time it is."""

import math
from dataclasses import dataclass

PAN_TILT_LIMIT = 1.0
ZOOM_LIMIT = 1.0


@dataclass(frozen=True, slots=True)
class Position:
    """Where the camera aims, in ONVIF's generic spaces: pan and tilt -1..1 (right and up positive), zoom 0..1."""

    pan: float
    tilt: float
    zoom: float

    def clamped(self) -> Position:
        """Give the nearest position within the limits."""
        return Position(
            _clamp(self.pan, -PAN_TILT_LIMIT, PAN_TILT_LIMIT),
            _clamp(self.tilt, -PAN_TILT_LIMIT, PAN_TILT_LIMIT),
            _clamp(self.zoom, 0.0, ZOOM_LIMIT),
        )

    def is_within_limits(self) -> bool:
        """Say whether the camera can aim here; a value that is not a number is outside."""
        return self == self.clamped()

    def distance(self, other: Position) -> float:
        """Give the largest difference on any axis."""
        return max(abs(self.pan - other.pan), abs(self.tilt - other.tilt), abs(self.zoom - other.zoom))


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


@dataclass(frozen=True, slots=True)
class Leg:
    """One axis on its way: from `begin` at time `since` to `end` at `rate` units per second."""

    begin: float
    end: float
    since: float
    rate: float

    def at(self, now: float) -> float:
        """Give the axis' value at `now`."""
        covered = self.rate * max(0.0, now - self.since)
        if covered >= abs(self.end - self.begin):
            return self.end
        return self.begin + math.copysign(covered, self.end - self.begin)

    def is_moving(self, now: float) -> bool:
        """Say whether the axis has yet to arrive."""
        return self.at(now) != self.end

    def rebased(self, now: float, factor: float) -> Leg:
        """Give the rest of the way at `factor` times the rate; a factor of 0 stops it here."""
        here = self.at(now)
        return Leg(here, self.end if factor > 0 else here, now, self.rate * factor)


@dataclass(frozen=True, slots=True)
class Motion:
    """All three axes on their way. Immutable, so that another thread may read it at any time."""

    pan: Leg
    tilt: Leg
    zoom: Leg

    def at(self, now: float) -> Position:
        """Give the position at `now` (monotonic seconds)."""
        return Position(self.pan.at(now), self.tilt.at(now), self.zoom.at(now))

    def is_moving(self, now: float) -> bool:
        """Say whether any axis moves."""
        return self.pan.is_moving(now) or self.tilt.is_moving(now) or self.zoom.is_moving(now)

    def rebased(self, now: float, factor: float) -> Motion:
        """Give the rest of the motion at another rate."""
        return Motion(self.pan.rebased(now, factor), self.tilt.rebased(now, factor), self.zoom.rebased(now, factor))


def at_rest(position: Position, now: float) -> Motion:
    """Give a motion that stands still."""
    return Motion(
        Leg(position.pan, position.pan, now, 0.0),
        Leg(position.tilt, position.tilt, now, 0.0),
        Leg(position.zoom, position.zoom, now, 0.0),
    )


@dataclass(frozen=True, slots=True)
class Speed:
    """A share of each axis' full speed: 0..1, or -1..1 where it is a velocity."""

    pan: float = 1.0
    tilt: float = 1.0
    zoom: float = 1.0


class Mechanism:
    """The motor with its gears: takes commands, remembers what it was told, and may be stuck or slow.

    `factor` is the share of the normal rate at which it really moves: 1 healthy, 0 stuck. Not thread-safe but
    for `motion`, which is replaced whole.
    """

    def __init__(self, position: Position, now: float, speed: float, zoom_speed: float) -> None:
        """Start at rest at `position`; the speeds are in units per second."""
        self.motion = at_rest(position, now)
        self.target = position
        self._speed = speed
        self._zoom_speed = zoom_speed
        self._factor = 1.0

    @property
    def factor(self) -> float:
        """The share of the normal rate at which the motor moves."""
        return self._factor

    def set_factor(self, now: float, factor: float) -> None:
        """Let the motor be slow, stuck or healthy from `now` on; a motor that gets well stays where it is."""
        if factor < 0 or not math.isfinite(factor):
            raise ValueError("the motor factor must be zero or more")
        if factor != self._factor:
            self.motion = self.motion.rebased(now, factor / self._factor if self._factor else 0.0)
            self._factor = factor

    def move_to(self, now: float, target: Position, speed: Speed) -> None:
        """Go to an absolute position; each axis on its own, at its share of full speed."""
        self.target = target.clamped()
        here = self.motion.at(now)
        self.motion = Motion(
            self._leg(now, here.pan, self.target.pan, abs(speed.pan) * self._speed),
            self._leg(now, here.tilt, self.target.tilt, abs(speed.tilt) * self._speed),
            self._leg(now, here.zoom, self.target.zoom, abs(speed.zoom) * self._zoom_speed),
        )

    def move_on(self, now: float, velocity: Speed, timeout: float) -> None:
        """Go in a direction until the limit, a stop, or `timeout` seconds have passed. Zero velocity stops the axis."""
        here = self.motion.at(now)
        self.move_to(
            now,
            Position(
                here.pan + velocity.pan * self._speed * timeout,
                here.tilt + velocity.tilt * self._speed * timeout,
                here.zoom + velocity.zoom * self._zoom_speed * timeout,
            ),
            velocity,
        )

    def stop(self, now: float, *, pan_tilt: bool = True, zoom: bool = True) -> None:
        """Stop the axes named, where they are."""
        here = self.motion.at(now)
        still = at_rest(here, now)
        self.target = Position(
            here.pan if pan_tilt else self.target.pan,
            here.tilt if pan_tilt else self.target.tilt,
            here.zoom if zoom else self.target.zoom,
        )
        self.motion = Motion(
            still.pan if pan_tilt else self.motion.pan,
            still.tilt if pan_tilt else self.motion.tilt,
            still.zoom if zoom else self.motion.zoom,
        )

    def turn_by_hand(self, now: float, position: Position) -> None:
        """Be at `position` at once, as when somebody takes hold of the camera; the motor was told nothing."""
        self.motion = at_rest(position.clamped(), now)

    def restart(self, now: float, position: Position) -> None:
        """Stand at rest at `position` after a restart."""
        self.motion = at_rest(position, now)
        self.target = position

    def _leg(self, now: float, begin: float, end: float, rate: float) -> Leg:
        actual = rate * self._factor
        return Leg(begin, end if actual > 0 else begin, now, actual)
