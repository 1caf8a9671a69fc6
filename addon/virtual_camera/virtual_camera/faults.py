"""The faults that a test or a demonstration can give the camera while it runs."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum


class Motor(StrEnum):
    """How the motor behaves."""

    HEALTHY = "healthy"
    STUCK = "stuck"
    SLOW = "slow"


class PresetFault(StrEnum):
    """What GotoPreset does; ignored means that it answers well and nothing moves."""

    OBEYED = "obeyed"
    IGNORED = "ignored"


class StatusFault(StrEnum):
    """What GetStatus does.

    Lying reports the last commanded position at rest, wherever the camera is. Failing answers with a fault.
    Silent leaves the position out, as some cameras do.
    """

    HONEST = "honest"
    LYING = "lying"
    FAILING = "failing"
    SILENT = "silent"


class StreamFault(StrEnum):
    """What the streams do: frozen sends no packet, refused cuts every RTSP connection, old and new."""

    FLOWING = "flowing"
    FROZEN = "frozen"
    REFUSED = "refused"


_SWITCHES = frozenset({"password_changed", "audio", "recording", "stranger", "lamps_out", "updated", "replaced"})
"""Faults that are there or not."""


def _do_nothing() -> None:
    """Stand in until the camera listens."""


@dataclass(slots=True)
class Faults:
    """The faults in force. Setting a field takes effect at once; `slow_factor` is the share of normal speed.

    `clock_error` is how many seconds the camera's clock is ahead, besides its settings. `recording`: it records by
    itself. `stranger`: it has another user than ours. `lamps_out`: the infrared lamps are dead. `updated`: it has
    other firmware than before. `replaced`: another camera of the same kind answers in its place.
    """

    motor: Motor = Motor.HEALTHY
    slow_factor: float = 0.2
    presets: PresetFault = PresetFault.OBEYED
    status: StatusFault = StatusFault.HONEST
    stream: StreamFault = StreamFault.FLOWING
    password_changed: bool = False
    audio: bool = False
    clock_error: float = 0.0
    recording: bool = False
    stranger: bool = False
    lamps_out: bool = False
    updated: bool = False
    replaced: bool = False


class WatchedFaults(Faults):
    """Faults that tell the camera about each change, so that a motor can get stuck half-way."""

    def __init__(self) -> None:
        """Start without faults and without a listener."""
        self.on_change: Callable[[], None] = _do_nothing
        super().__init__()

    def __setattr__(self, name: str, value: object) -> None:
        """Set a fault and tell the camera."""
        super().__setattr__(name, value)
        if name != "on_change":
            self.on_change()

    @property
    def motor_factor(self) -> float:
        """The share of its normal speed that the motor reaches."""
        if self.motor is Motor.STUCK:
            return 0.0
        return self.slow_factor if self.motor is Motor.SLOW else 1.0

    def as_json(self) -> dict[str, str | float | bool]:
        """Give the faults as plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(Faults)}

    def update(self, changes: object) -> None:
        """Apply faults given as JSON. Raises ValueError, with nothing applied, when a field is unknown or malformed."""
        if not isinstance(changes, dict):
            raise ValueError("an object with faults is needed")
        checked = {name: self._checked(name, value) for name, value in changes.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    @staticmethod
    def _checked(name: object, value: object) -> StrEnum | float | bool:
        kinds: dict[str, type[StrEnum]] = {
            "motor": Motor,
            "presets": PresetFault,
            "status": StatusFault,
            "stream": StreamFault,
        }
        if isinstance(name, str) and name in kinds and isinstance(value, str):
            return kinds[name](value)
        if name in _SWITCHES and isinstance(value, bool):
            return value
        if name in ("slow_factor", "clock_error") and isinstance(value, int | float) and not isinstance(value, bool):
            return WatchedFaults._factor(float(value)) if name == "slow_factor" else WatchedFaults._error(float(value))
        raise ValueError("unknown fault or value")

    @staticmethod
    def _factor(value: float) -> float:
        if not (math.isfinite(value) and 0 < value <= 10):
            raise ValueError("the factor must be above 0 and at most 10")
        return value

    @staticmethod
    def _error(value: float) -> float:
        if not (math.isfinite(value) and abs(value) <= 1e8):
            raise ValueError("the clock cannot be that wrong")
        return value
