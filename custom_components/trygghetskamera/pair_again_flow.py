"""The steps for a home that is paired already: its bridge has moved, or it is to be paired again.

The bridge is asked which hub it is, and the code names the municipality: what a new pairing ends is known, and said,
before anything happens.
"""

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import Any, Final, override

import probatio as vol
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.helpers.selector import BooleanSelector

from .config import HomeConfig
from .const import CONF_ACCESS_KEY, DOMAIN
from .journal_store import JournalError
from .pairing import alone_with_bridge, pair_again
from .pairing_flow import PairingSteps
from .requester import requester_id
from .tillsyn.errors import Refused
from .tillsyn.identity import PairingCode

CONF_UNDERSTOOD: Final = "understood"
_MEANT: Final = vol.Schema({vol.Required(CONF_UNDERSTOOD, default=False): BooleanSelector()})


class PairAgainSteps(PairingSteps, ConfigFlow):
    """The steps of Reconfigure."""

    @abstractmethod
    async def open_bridge(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Connect to the bridge at this address, and know it from now on; the errors to show in the form."""

    @abstractmethod
    def address_form(
        self, step: str, suggested: Mapping[str, Any], errors: dict[str, str], *, key_is_known: bool = False
    ) -> ConfigFlowResult:
        """Ask for the bridge's address."""

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """What has changed?"""
        return self.async_show_menu(step_id="reconfigure", menu_options=["bridge_address", "pair_again"])

    async def async_step_bridge_address(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """The bridge has moved or has a new access key; it must be the same bridge."""
        errors = {} if user_input is None else await self.open_bridge(user_input)
        if user_input is not None and not errors:
            self._abort_if_unique_id_mismatch(reason="other_bridge")
            return self.async_update_and_abort(self._get_reconfigure_entry(), data_updates=self._address)
        return self.address_form("bridge_address", user_input or self._known_address(), errors)

    def _known_address(self) -> dict[str, Any]:
        """What may be shown of it."""
        data = self._get_reconfigure_entry().data
        return {CONF_HOST: data[CONF_HOST], CONF_PORT: data[CONF_PORT]}

    # ---- pair again -------------------------------------------------------------------------------------------------

    async def async_step_pair_again(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Which bridge: the same, where no other access key is given, or the one in its place."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            key = user_input.get(CONF_ACCESS_KEY) or entry.data[CONF_ACCESS_KEY]
            errors = await self.open_bridge({**user_input, CONF_ACCESS_KEY: key})
            if not errors:
                known = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, str(self.unique_id))
                if known is not None and known is not entry:
                    return self.async_abort(reason="already_configured")
                return await self.async_step_pairing()
        return self.address_form("pair_again", user_input or self._known_address(), errors, key_is_known=True)

    @override
    async def before_pairing(self, code: PairingCode) -> ConfigFlowResult | None:
        if self.source != SOURCE_RECONFIGURE:
            return None
        self._meant = code
        pinned = HomeConfig.read(self._get_reconfigure_entry().data).pinned
        if code.root != pinned.root.kid:
            return await self.async_step_again_municipality()
        if self._bridge.key != pinned.hub.x:
            return await self.async_step_again_bridge()
        return await self.async_step_again_same()

    async def async_step_again_same(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """The same hub and municipality: nothing ends."""
        return await self._ask("again_same", user_input)

    async def async_step_again_bridge(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Another hub: the plan ends."""
        return await self._ask("again_bridge", user_input)

    async def async_step_again_municipality(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Another municipality: plan and consents end."""
        return await self._ask("again_municipality", user_input)

    async def _ask(self, step: str, user_input: dict[str, Any] | None) -> ConfigFlowResult:
        if user_input is not None and user_input[CONF_UNDERSTOOD]:
            return await self.start_pairing(self._meant)
        errors = {} if user_input is None else {CONF_UNDERSTOOD: "not_understood"}
        return self.async_show_form(step_id=step, data_schema=_MEANT, errors=errors)

    @override
    def alone(self) -> AbstractAsyncContextManager[None]:
        if self.source != SOURCE_RECONFIGURE:
            return nullcontext()
        return alone_with_bridge(self._get_reconfigure_entry())

    async def paired_again(self) -> ConfigFlowResult:
        """Somebody has said yes to the names: the home goes over."""
        paired = replace(self._paired, by=requester_id())
        try:
            await pair_again(self.hass, self._get_reconfigure_entry(), paired, self._address)
        except Refused:
            return self.async_abort(reason="already_configured")
        except JournalError:
            return self.names_form({"base": "journal_failed"})
        return self.async_abort(reason="pair_again_successful")
