"""Triggers for automations, named after what happens at home."""

from typing import ClassVar, Final, override

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR
from homeassistant.components.event import ATTR_EVENT_TYPE
from homeassistant.components.event import DOMAIN as EVENT
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.trigger import (
    EntityTargetStateTriggerBase,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
)

from .targets import own


class HappeningTrigger(StatelessEntityTriggerBase):
    """The home's event entity says that this has happened."""

    _domain_specs = {EVENT: DomainSpec()}  # noqa: RUF012
    _kind: ClassVar[str]

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return own(self._hass, super().entity_filter(entities), "look")

    @override
    def is_valid_state(self, state: State, report_not_triggered: NotTriggeredReasonReporter) -> bool:
        return bool(state.attributes.get(ATTR_EVENT_TYPE) == self._kind)


class LookStarted(HappeningTrigger):
    """The camera has begun to show the room."""

    _kind = "look_started"


class LookEnded(HappeningTrigger):
    """A look is over."""

    _kind = "look_ended"


class LookRefused(HappeningTrigger):
    """The home has said no to a look."""

    _kind = "look_refused"


class LookMissed(HappeningTrigger):
    """An agreed look has not been made."""

    _kind = "look_missed"


class VisitAsked(HappeningTrigger):
    """The client has asked for a visit."""

    _kind = "visit_asked"


class PlanProposed(HappeningTrigger):
    """A plan waits for an answer."""

    _kind = "plan_proposed"


class BecameProblem(EntityTargetStateTriggerBase):
    """A camera has become a problem: above all, that it does not look away."""

    _domain_specs = {BINARY_SENSOR: DomainSpec()}  # noqa: RUF012
    _to_states = {STATE_ON}  # noqa: RUF012

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return own(self._hass, super().entity_filter(entities), "problem")


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "look_started": LookStarted,
    "look_ended": LookEnded,
    "look_refused": LookRefused,
    "look_missed": LookMissed,
    "visit_asked": VisitAsked,
    "plan_proposed": PlanProposed,
    "became_problem": BecameProblem,
}


async def async_get_triggers(_hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """All of them."""
    return TRIGGERS
