"""Entries of earlier versions, made into what this one reads. Cameras need nothing: what they lack has its default."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .consent import dump_entries
from .const import CONF_CONSENT_GIVEN_BY, CONF_SET_UP
from .journal_store import journal_path
from .tillsyn import entries as e

VERSION = 2
_CONSENT_USER = "consent_user"
"""Version 1: the user who confirmed everybody's consent at set-up, until the journal had it."""


async def async_migrate(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """From version 1: consent without names holds, and is to be followed by names."""
    data = dict(entry.data)
    by = data.pop(_CONSENT_USER, None)
    has_journal = await hass.async_add_executor_job(journal_path(hass, entry.entry_id).exists)
    # Where there is a journal, it knows better: consent may have been withdrawn since.
    if by is not None and not has_journal:
        data[CONF_SET_UP] = dump_entries((e.Consent(True, by), e.HomeSetUp(by)))
    if not data.get(CONF_CONSENT_GIVEN_BY):
        data.pop(CONF_CONSENT_GIVEN_BY, None)
    hass.config_entries.async_update_entry(entry, data=data, version=VERSION)
    return True
