"""Later choices: who else may end privacy, and consent."""

from typing import Any

import probatio as vol
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .const import (
    CONF_AUTOMATIONS_MAY_END_PRIVACY,
    CONF_CONSENT,
    CONF_CONSENT_GIVEN_BY,
    CONF_MAY_END_PRIVACY,
)
from .coordinator import TrygghetskameraConfigEntry
from .installation import async_installation_links
from .journal_store import JournalError
from .log_links import async_log_links
from .requester import requester_id
from .tillsyn import entries as e

_CONSENT = vol.Schema(
    {
        vol.Optional(CONF_CONSENT, default=False): BooleanSelector(),
        vol.Optional(CONF_CONSENT_GIVEN_BY): TextSelector(),
    }
)


class HomeOptionsFlow(OptionsFlow):
    """Only administrators get here."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """What to change."""
        return self.async_show_menu(step_id="init", menu_options=["people", "consent", "installation", "log"])

    async def async_step_people(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Who may end privacy and pause, besides administrators."""
        if user_input is not None:
            return self.async_create_entry(data={**self.config_entry.options, **user_input})
        people = [
            SelectOptionDict(value=user.id, label=user.name or user.id)
            for user in await self.hass.auth.async_get_users()
            if user.is_active and not user.system_generated and not user.is_admin
        ]
        schema = vol.Schema(
            {
                vol.Optional(CONF_MAY_END_PRIVACY, default=[]): SelectSelector(
                    SelectSelectorConfig(options=people, multiple=True, mode=SelectSelectorMode.LIST)
                ),
                vol.Optional(CONF_AUTOMATIONS_MAY_END_PRIVACY, default=False): BooleanSelector(),
            }
        )
        return self.async_show_form(
            step_id="people",
            data_schema=self.add_suggested_values_to_schema(schema, self.config_entry.options),
        )

    async def async_step_installation(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Where the installation record is, with the sign to print."""
        if user_input is not None:
            return self.async_create_entry(data=dict(self.config_entry.options))
        links = await async_installation_links(self.hass, self.config_entry.entry_id)
        return self.async_show_form(
            step_id="installation", data_schema=vol.Schema({}), description_placeholders={"links": links}
        )

    async def async_step_log(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Where the log is, to read and to take away."""
        if user_input is not None:
            return self.async_create_entry(data=dict(self.config_entry.options))
        links = await async_log_links(self.hass, self.config_entry.entry_id)
        return self.async_show_form(
            step_id="log", data_schema=vol.Schema({}), description_placeholders={"links": links}
        )

    async def async_step_consent(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Give or withdraw consent."""
        entry: TrygghetskameraConfigEntry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="home_not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._set_consent(entry, user_input)
            if not errors:
                return self.async_create_entry(data=dict(entry.options))
        known = {
            CONF_CONSENT: entry.runtime_data.gate.consent,
            CONF_CONSENT_GIVEN_BY: entry.data.get(CONF_CONSENT_GIVEN_BY, ""),
        }
        return self.async_show_form(
            step_id="consent",
            data_schema=self.add_suggested_values_to_schema(_CONSENT, user_input or known),
            errors=errors,
        )

    async def _set_consent(self, entry: TrygghetskameraConfigEntry, user_input: dict[str, Any]) -> dict[str, str]:
        given, given_by = user_input[CONF_CONSENT], user_input.get(CONF_CONSENT_GIVEN_BY, "").strip()
        if given and not given_by:
            return {CONF_CONSENT_GIVEN_BY: "who_is_missing"}
        try:
            if given:
                await entry.runtime_data.memory.add(e.Consent(True, requester_id()))
            else:
                await entry.runtime_data.memory.away(e.Consent(False, requester_id()))
        except JournalError:
            return {"base": "journal_failed"}
        self.hass.config_entries.async_update_entry(
            entry, data={**entry.data, CONF_CONSENT_GIVEN_BY: given_by if given else ""}
        )
        return {}
