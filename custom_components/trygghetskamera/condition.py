"""Conditions for automations, named after how it is at home. They read; nothing is opened by them."""

from typing import ClassVar, Final, override

import probatio as vol
from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR
from homeassistant.components.sensor import DOMAIN as SENSOR
from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.const import CONF_OPTIONS, CONF_TARGET, STATE_ON
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ATTR_BEHAVIOR,
    BEHAVIOR_ALL,
    BEHAVIOR_ANY,
    Condition,
    EntityConditionBase,
    EntityStateConditionBase,
)
from homeassistant.util import dt as dt_util

from .targets import own
from .tillsyn.gate_values import Place


class OwnCondition(EntityStateConditionBase):
    """One of our own entities is on."""

    _states = {STATE_ON}  # noqa: RUF012
    _key: ClassVar[str]

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return own(self._hass, super().entity_filter(entities), self._key)


class IsLooking(OwnCondition):
    """The camera shows the room, in a look or while it is aimed."""

    _domain_specs = {BINARY_SENSOR: DomainSpec()}  # noqa: RUF012
    _key = "looking"


class IsPaused(OwnCondition):
    """The home is paused."""

    _domain_specs = {SWITCH: DomainSpec()}  # noqa: RUF012
    _key = "pause"


class IsPrivate(OwnCondition):
    """The camera is in privacy."""

    _domain_specs = {SWITCH: DomainSpec()}  # noqa: RUF012
    _key = "privacy"


class IsLookingAway(OwnCondition):
    """The camera has been read back where it looks away, or has no power to look with."""

    _domain_specs = {SENSOR: DomainSpec()}  # noqa: RUF012
    _states = {Place.CLOSED.value, Place.DARK.value}  # noqa: RUF012
    _key = "gate"


class IsWindowOpen(EntityConditionBase):
    """An agreed look may happen now, retries included."""

    _domain_specs = {SENSOR: DomainSpec()}  # noqa: RUF012
    # For how long it has been so, nobody keeps: the sensor changes with the window before, not when this one opens.
    _schema = vol.Schema(
        {
            vol.Required(CONF_TARGET): cv.TARGET_FIELDS,
            vol.Required(CONF_OPTIONS, default={}): {
                vol.Required(ATTR_BEHAVIOR, default=BEHAVIOR_ANY): vol.In([BEHAVIOR_ANY, BEHAVIOR_ALL])
            },
        }
    )

    @property
    @override
    def needs_polling(self) -> bool:
        return True

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return own(self._hass, super().entity_filter(entities), "next_look")

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        start = dt_util.parse_datetime(entity_state.state)
        until = dt_util.parse_datetime(str(entity_state.attributes.get("until")))
        return start is not None and until is not None and start <= dt_util.utcnow() < until


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_looking": IsLooking,
    "is_paused": IsPaused,
    "is_private": IsPrivate,
    "is_looking_away": IsLookingAway,
    "is_window_open": IsWindowOpen,
}


async def async_get_conditions(_hass: HomeAssistant) -> dict[str, type[Condition]]:
    """All of them."""
    return CONDITIONS
