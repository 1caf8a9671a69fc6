"""Conditions for automations, named after how it is at home. They read; nothing is opened by them."""

from typing import ClassVar, Final, override

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR
from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import Condition, EntityStateConditionBase

from .targets import own


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


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_looking": IsLooking,
    "is_paused": IsPaused,
    "is_private": IsPrivate,
}


async def async_get_conditions(_hass: HomeAssistant) -> dict[str, type[Condition]]:
    """All of them."""
    return CONDITIONS
