"""How far the installation of a camera has come. It is stored with the camera, so that each step can be left."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from homeassistant.util import dt as dt_util

from .camera_audit import Finding
from .config import CameraConfig

CONF_STEPS: Final = "steps"
CONF_REPORT: Final = "report"


class Step(StrEnum):
    """The steps after signing in, in order; the value is the flow's step id."""

    ROOM = "room"
    AIM = "aim"
    LAYERS = "layers"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Done:
    """Who finished a step, as a Home Assistant user id, and when, as ISO 8601 in UTC."""

    by: str
    at: str

    @classmethod
    def now(cls, by: str) -> Self:
        """Just now."""
        return cls(by, dt_util.utcnow().isoformat(timespec="seconds"))

    def dump(self) -> dict[str, str]:
        """To store."""
        return {"by": self.by, "at": self.at}


@dataclass(frozen=True, slots=True)
class TrialReport:
    """What the test found. Seconds are from the request until the position was read back."""

    done: Done
    there: float
    back: float
    brightness: int | None
    """Mean of a still, 0 to 255; None where the camera gives none."""
    infrared: str | None
    findings: frozenset[Finding]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From stored data."""
        return cls(
            Done(data["by"], data["at"]),
            data["there"],
            data["back"],
            data["brightness"],
            data["infrared"],
            frozenset(Finding(one) for one in data["findings"]),
        )

    def dump(self) -> dict[str, Any]:
        """To store."""
        return {
            **self.done.dump(),
            "there": self.there,
            "back": self.back,
            "brightness": self.brightness,
            "infrared": self.infrared,
            "findings": sorted(self.findings),
        }


def report_of(data: Mapping[str, Any]) -> TrialReport | None:
    """The latest test of this camera."""
    return TrialReport.read(data[CONF_REPORT]) if CONF_REPORT in data else None


def done_steps(data: Mapping[str, Any]) -> dict[Step, Done | None]:
    """The steps that are done; None where it is not known who did it (an earlier version did not ask)."""
    stored = {Step(name): Done(**one) for name, one in data.get(CONF_STEPS, {}).items()}
    is_done = {
        Step.ROOM: Step.ROOM in stored,
        Step.AIM: CameraConfig.find(data) is not None,
        Step.LAYERS: Step.LAYERS in stored,
        Step.TEST: CONF_REPORT in data,
    }
    return {step: stored.get(step) for step in Step if is_done[step]}


def left_steps(data: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps that are left, in order."""
    return tuple(step for step in Step if step not in done_steps(data))


def with_step(data: Mapping[str, Any], step: Step, by: str, **changes: Any) -> dict[str, Any]:
    """The camera's data with this step done. Whatever the test tried is not so any more after another step."""
    kept = {key: value for key, value in data.items() if key != CONF_REPORT or step is Step.ROOM}
    return {**kept, **changes, CONF_STEPS: {**data.get(CONF_STEPS, {}), step.value: Done.now(by).dump()}}
