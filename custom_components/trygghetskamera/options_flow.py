"""Later choices: who else may end privacy, and consent."""

from typing import Any, override

import probatio as vol
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .consent import forget, withdraw
from .consent_flow import ConsentSteps
from .const import (
    CONF_AUTOMATIONS_MAY_END_PRIVACY,
    CONF_CONSENT_GIVEN_BY,
    CONF_MAY_END_PRIVACY,
    CONF_SET_UP,
)
from .coordinator import TrygghetskameraConfigEntry
from .installation import async_installation_links
from .log_links import async_log_links
from .requester import requester_id
from .tillsyn import entries as e
from .tillsyn.record import Record


class HomeOptionsFlow(ConsentSteps, OptionsFlow):
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

    # ---- consent ----------------------------------------------------------------------------------------------------

    @property
    def _entry(self) -> TrygghetskameraConfigEntry:
        return self.config_entry

    @property
    def _runs(self) -> bool:
        return self._entry.state is ConfigEntryState.LOADED

    @override
    async def async_step_consent(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Who lives here and what they have said. Each change is written at once."""
        if not self._runs:
            return self.async_abort(reason="home_not_loaded")
        self.suggested_name = self._entry.data.get(CONF_CONSENT_GIVEN_BY, "")
        return await super().async_step_consent()

    @override
    def consent_options(self) -> list[str]:
        record = self.said()
        is_given = record is None or record.old_consent or any(one.given_ms for one in record.people)
        can_stop = is_given or CONF_SET_UP in self._entry.data
        return [*super().consent_options(), *(["consent_withdraw"] if can_stop else [])]

    @override
    def said(self) -> Record | None:
        return self._entry.runtime_data.memory.heard if self._runs else None

    @override
    async def say(self, *entries: e.Entry) -> None:
        await self._entry.runtime_data.memory.add(*entries)
        forget(self.hass, self._entry, CONF_CONSENT_GIVEN_BY)

    @override
    async def take_back(self, person: str) -> None:
        await withdraw(self._entry.runtime_data, person, requester_id())

    async def async_step_consent_withdraw(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Somebody here has had enough: everybody is asked again before anything opens."""
        if self._runs:
            await self.take_back("")
        return await self.async_step_consent()

    @override
    async def async_step_consent_done(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        return self.async_create_entry(data=dict(self.config_entry.options))
