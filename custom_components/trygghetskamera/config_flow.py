"""Setting up the home: connect to the bridge, pair with the municipality, record consent."""

import time
from collections.abc import Mapping
from typing import Any, override

import probatio as vol
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.hassio import HassioServiceInfo

from .bridge_link import BridgeConnection, LinkError
from .camera_flow import CameraFlow
from .config import BridgeAddress, dump_pairing
from .consent import dump_entries, set_up_entries
from .consent_flow import ConsentSteps
from .const import (
    CONF_ACCESS_KEY,
    CONF_SET_UP,
    DOMAIN,
    SUBENTRY_CAMERA,
)
from .discovery import async_follow_mac
from .migration import VERSION
from .options_flow import HomeOptionsFlow
from .pair_again_flow import PairAgainSteps
from .requester import requester_id
from .tillsyn import entries as e
from .tillsyn.applied import applied
from .tillsyn.chain import hub_certificate
from .tillsyn.errors import Refused
from .tillsyn.identity import PublicKey
from .tillsyn.record import Record

_ACCESS_KEY = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
_PLACE = {
    vol.Required(CONF_HOST): TextSelector(),
    vol.Required(CONF_PORT, default=8099): vol.All(
        NumberSelector(NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX)), vol.Coerce(int)
    ),
}
_ADDRESS = vol.Schema({vol.Required(CONF_ACCESS_KEY): _ACCESS_KEY, **_PLACE})
_KNOWN_ADDRESS = vol.Schema({**_PLACE, vol.Optional(CONF_ACCESS_KEY): _ACCESS_KEY})
_REAUTH = vol.Schema({vol.Required(CONF_ACCESS_KEY): _ACCESS_KEY})


class HomeFlow(PairAgainSteps, ConsentSteps, domain=DOMAIN):
    """One home."""

    VERSION = VERSION

    _record = Record()
    """What its journal will say of consent."""

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        return {SUBENTRY_CAMERA: CameraFlow}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return HomeOptionsFlow()

    # ---- the bridge -------------------------------------------------------------------------------------------------

    @override
    async def open_bridge(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Connect to the bridge; the errors to show in the form."""
        address = {
            CONF_HOST: data[CONF_HOST].strip(),
            CONF_PORT: data[CONF_PORT],
            CONF_ACCESS_KEY: "".join(data[CONF_ACCESS_KEY].split()),
        }
        try:
            where = BridgeAddress.read(address)
        except ValueError:
            return {CONF_ACCESS_KEY: "invalid_access_key"}
        try:
            connection = await BridgeConnection.open(async_get_clientsession(self.hass), where)
        except LinkError as err:
            return {"base": err.code}
        await connection.close()
        self._address, self._bridge = address, connection.bridge
        await self.async_set_unique_id(PublicKey(self._bridge.key).kid, raise_on_progress=False)
        return {}

    async def async_step_hassio(self, discovery_info: HassioServiceInfo) -> ConfigFlowResult:
        """The bridge app has announced itself."""
        try:
            errors = await self.open_bridge(discovery_info.config)
        except KeyError, TypeError, AttributeError:
            return self.async_abort(reason="invalid_discovery")
        if errors:
            return self.async_abort(reason="cannot_connect")
        # The entry's own listener starts it again where the address is new.
        self._abort_if_unique_id_configured(updates=self._address, reload_on_update=False)
        self.context["title_placeholders"] = {"name": discovery_info.name}
        return await self.async_step_hassio_confirm()

    @override
    async def async_step_dhcp(self, discovery_info: DhcpServiceInfo) -> ConfigFlowResult:
        """The network gave an address to a device of ours: follow a camera to it. Nothing is set up from here."""
        await async_follow_mac(self.hass, discovery_info.macaddress, discovery_info.ip)
        return self.async_abort(reason="already_configured")

    async def async_step_hassio_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Use the bridge that was found?"""
        if user_input is None:
            self._set_confirm_only()
            return self.async_show_form(step_id="hassio_confirm")
        # It may have been paired or replaced since it was found.
        if await self.open_bridge(self._address):
            return self.async_abort(reason="cannot_connect")
        self._abort_if_unique_id_configured()
        return await self._after_bridge()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        errors = {} if user_input is None else await self.open_bridge(user_input)
        if user_input is not None and not errors:
            self._abort_if_unique_id_configured()
            return await self._after_bridge()
        return self.address_form("user", user_input or {}, errors)

    @override
    def address_form(
        self, step: str, suggested: Mapping[str, Any], errors: dict[str, str], *, key_is_known: bool = False
    ) -> ConfigFlowResult:
        schema = _KNOWN_ADDRESS if key_is_known else _ADDRESS
        return self.async_show_form(
            step_id=step, data_schema=self.add_suggested_values_to_schema(schema, suggested), errors=errors
        )

    async def _after_bridge(self) -> ConfigFlowResult:
        """A bridge that is paired already has checked the municipality's root against the code it was given then."""
        if not self._bridge.root:
            return await self.async_step_pairing()
        now, bridge = int(time.time()), self._bridge
        try:
            root, hub = PublicKey(bridge.root), PublicKey(bridge.key)
            certificate = hub_certificate(root, None, bridge.certificate, bridge.chain, hub, now)
        except Refused:
            return await self.async_step_pairing()
        self.keep(e.Paired(bridge.root, bridge.key, bridge.certificate, bridge.chain, ""), certificate)
        return await self.async_step_known_municipality()

    # ---- pairing ----------------------------------------------------------------------------------------------------

    @override
    async def async_step_paired(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return await self.paired_again()
        return await self.async_step_consent()

    # ---- consent ----------------------------------------------------------------------------------------------------

    @override
    def said(self) -> Record:
        return self._record

    @override
    async def say(self, *entries: e.Entry) -> None:
        for entry in entries:
            self._record = applied(self._record, entry, time.time_ns() // 1_000_000)

    @override
    async def take_back(self, person: str) -> None:
        await self.say(e.ConsentWithdrawn(person, requester_id()))

    @override
    async def async_step_consent_done(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """It can wait; nothing opens without."""
        data: dict[str, Any] = {**self._address, **dump_pairing(self._paired)}
        if self._record.people:
            data[CONF_SET_UP] = dump_entries(set_up_entries(self._record, requester_id()))
        return self.async_create_entry(title=self._certificate.label, data=data)

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on with the camera, without which there is nothing to look with."""
        camera = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_CAMERA), context=SubentryFlowContext(source=SOURCE_USER)
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, camera["flow_id"])
        return result

    # ---- later ------------------------------------------------------------------------------------------------------

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """The bridge does not know our access key any more."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Enter the bridge's new access key."""
        entry = self._get_reauth_entry()
        errors = {} if user_input is None else await self.open_bridge({**entry.data, **user_input})
        if user_input is not None and not errors:
            self._abort_if_unique_id_mismatch(reason="other_bridge")
            return self.async_update_and_abort(entry, data_updates=self._address)
        return self.async_show_form(step_id="reauth_confirm", data_schema=_REAUTH, errors=errors)
