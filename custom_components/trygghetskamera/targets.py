"""Which entities are this integration's own: what its triggers and conditions mean, whatever else is targeted."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN


def own(hass: HomeAssistant, entities: set[str], key: str) -> set[str]:
    """Those of ``entities`` that are ours and are the ``key`` of their home or camera."""
    registry = er.async_get(hass)
    return {entity for entity in entities if _is_own(registry.async_get(entity), key)}


def is_own(hass: HomeAssistant, entity: str) -> bool:
    """Whether it belongs to this integration."""
    entry = er.async_get(hass).async_get(entity)
    return entry is not None and entry.platform == DOMAIN


def _is_own(entry: er.RegistryEntry | None, key: str) -> bool:
    # The unique id is '<home or camera>-<key>' (entity.py); what a person named the entity does not matter.
    return entry is not None and entry.platform == DOMAIN and entry.unique_id.endswith(f"-{key}")
