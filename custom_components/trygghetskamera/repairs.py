"""The issues that have an answer to give, and the flow that asks for it."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant

from .consent_repair import ConsentRepair, StopRepair
from .home_repair import HomeRepair
from .issues import Issue
from .pause_repair import PauseRepair
from .plan_repair import PlanRepair
from .told_repairs import DifferRepair, MissedRepair, NarrowedRepair, ReviewRepair

REPAIRS: Final[Mapping[Issue, type[HomeRepair]]] = {
    Issue.PLAN_WAITING: PlanRepair,
    Issue.PAUSE_FORGOTTEN: PauseRepair,
    Issue.LOOK_MISSED: MissedRepair,
    Issue.PLAN_NARROWED: NarrowedRepair,
    Issue.PLAN_REVIEW: ReviewRepair,
    Issue.CONSENT_REVIEW: ConsentRepair,
    Issue.WANTS_TO_STOP: StopRepair,
    Issue.CHECKPOINTS_DIFFER: DifferRepair,
}
"""The same issues as ``issues.FIXABLE``."""


async def async_create_fix_flow(
    _hass: HomeAssistant, _issue_id: str, data: dict[str, str | int | float | None] | None
) -> HomeRepair:
    """The flow of an issue that ``issues.raise_issue`` has shown as fixable."""
    shown = data or {}
    return REPAIRS[Issue(str(shown["issue"]))](str(shown["entry_id"]))
