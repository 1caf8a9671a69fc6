"""The steps in which a home is paired: the code is typed or scanned, the municipality signs, somebody here says yes.

While the municipality signs, this screen and the installer's show the same five words: they come from the code, which
was carried by hand, and the hub's key, which was not.
"""

import asyncio
import time
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, override

import probatio as vol
from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import TextSelector, TextSelectorConfig

from .bridge_link import BridgeConnection, LinkError, LinkFault, PairingRefused
from .config import BridgeAddress
from .const import CONF_PAIRING_CODE
from .scan_view import Scan, frontend_origin
from .tillsyn.entries import Paired
from .tillsyn.errors import Refused
from .tillsyn.frames import Bridge, PairingResult
from .tillsyn.identity import PairingCode, PublicKey
from .tillsyn.pairing import check_pairing
from .tillsyn.wire import HubCertificate
from .tillsyn.words import ENGLISH, SWEDISH

REFUSALS: Final = frozenset(
    {
        "unknown_pairing", "unknown_signer", "service_unreachable", "timeout", "update_home", "update_service", "busy",
        "policy", "revoked", "role_not_allowed", "wrong_hub", "credential_expired", "bad_signature", "bad_message",
        "cannot_store",
    }
)  # fmt: skip
"""What the bridge or the municipality may answer, with words of its own."""
THUMBPRINT_SHOWN: Final = 12
"""Characters of a root key's thumbprint (base64url): 72 bits, beyond what anybody can make another key for."""
_CODE: Final = vol.Schema({vol.Required(CONF_PAIRING_CODE): TextSelector(TextSelectorConfig(multiline=True))})


class PairingSteps(ConfigEntryBaseFlow):
    """The steps; whoever has them says which bridge it is, and what comes after."""

    _address: dict[str, Any]
    _bridge: Bridge
    _code: PairingCode | None = None
    _scan: Scan | None = None
    _pairing: asyncio.Task[HubCertificate] | None = None
    _certificate: HubCertificate
    _paired: Paired
    _words: Mapping[str, str]
    _has_shown_names = False
    _has_scanned = False
    _is_closed = False

    @abstractmethod
    async def before_pairing(self, code: PairingCode) -> ConfigFlowResult | None:
        """What is to be asked before this code is used; None: nothing more."""

    @abstractmethod
    def alone(self) -> AbstractAsyncContextManager[None]:
        """While this lasts, nothing else of this home takes the bridge's one link."""

    @abstractmethod
    async def async_step_paired(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Somebody here has said that this is the right municipality."""

    @override
    def async_remove(self) -> None:
        self._is_closed = True
        if self._pairing is not None:
            self._pairing.cancel()
        if self._scan is not None:
            self._scan.end()

    # ---- the code ---------------------------------------------------------------------------------------------------

    async def async_step_pairing(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """How is the code to be entered? Without a browser there is nothing to scan with."""
        if frontend_origin() is None:
            return self._code_form({})
        return self.async_show_menu(step_id="pairing", menu_options=["pairing_scan", "pairing_code"])

    async def async_step_pairing_code(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Typed or pasted."""
        if user_input is None:
            return self._code_form({})
        try:
            self._code = PairingCode.decode(user_input[CONF_PAIRING_CODE])
        except Refused:
            return self._code_form({CONF_PAIRING_CODE: "invalid_pairing_code"})
        self._has_scanned = False
        return await self.async_step_code_read()

    def _code_form(self, errors: dict[str, str]) -> ConfigFlowResult:
        return self.async_show_form(step_id="pairing_code", data_schema=_CODE, errors=errors)

    async def async_step_pairing_scan(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Read by a page of ours in a window of its own, which gives it to this very flow.

        Home Assistant asks again whenever something has happened; what comes with its question is no code.
        """
        if self._scan is None:
            origin = frontend_origin()
            if origin is None:
                return await self.async_step_pairing()
            self._has_scanned = True
            self._scan = Scan(self.hass, self.flow_id, origin)
        if not self._scan.is_over:
            return self.async_external_step(step_id="pairing_scan", url=self._scan.url)
        scan, self._scan = self._scan, None
        self._code = scan.code
        without = "pairing_code" if scan.is_given_up else "pairing"
        return self.async_external_step_done(next_step_id="code_read" if scan.code is not None else without)

    async def async_step_code_read(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on with it."""
        if self._code is None:
            return await self.async_step_pairing()
        asked = await self.before_pairing(self._code)
        return asked or await self.start_pairing(self._code)

    # ---- the municipality signs -------------------------------------------------------------------------------------

    async def start_pairing(self, code: PairingCode) -> ConfigFlowResult:
        """Let the bridge ask the municipality."""
        words = await self.hass.async_add_executor_job(words_to_compare, code, PublicKey(self._bridge.key))
        # Meanwhile another request may have begun, or the dialog been closed.
        if self._pairing is None and not self._is_closed:
            self._words = words
            self._pairing = self.hass.async_create_task(self._pair(code), "pairing", eager_start=False)
        return await self.async_step_sign()

    async def _pair(self, code: PairingCode) -> HubCertificate:
        where = BridgeAddress.read(self._address)
        async with self.alone():
            connection = await BridgeConnection.open(async_get_clientsession(self.hass), where)
            try:
                if connection.bridge.key != self._bridge.key:
                    raise LinkError(LinkFault.WRONG_BRIDGE)
                result = await connection.pair(code.encode())
            finally:
                await connection.close()
        return self._checked(code, result)

    def _checked(self, code: PairingCode, result: PairingResult) -> HubCertificate:
        """The same that the bridge has checked; kept. Raises Refused."""
        root, hub = PublicKey(result.root), PublicKey(self._bridge.key)
        certificate = check_pairing(code, root, result.certificate, result.chain, hub, int(time.time()))
        self.keep(Paired(root.x, hub.x, result.certificate, result.chain, ""), certificate)
        return certificate

    def keep(self, paired: Paired, certificate: HubCertificate) -> None:
        """What somebody here is to say yes to."""
        self._paired, self._certificate = paired, certificate

    async def async_step_sign(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """That may take minutes; the words are there to compare meanwhile."""
        if self._pairing is None:
            return self.async_show_progress_done(next_step_id="pairing")
        if not self._pairing.done():
            return self.async_show_progress(
                step_id="sign",
                progress_action="municipality_signs",
                progress_task=self._pairing,
                description_placeholders=self._words,
            )
        failed = self._pairing.cancelled() or self._pairing.exception() is not None
        return self.async_show_progress_done(next_step_id="pairing_failed" if failed else "municipality")

    async def async_step_pairing_failed(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say why, and let a code be entered again. What came with the request was no answer to this form."""
        task, self._pairing = self._pairing, None
        if task is None and user_input is not None:
            return await self.async_step_pairing()
        errors = {"base": failure(task)}
        if self._has_scanned:
            return self.async_show_form(step_id="pairing_failed", data_schema=vol.Schema({}), errors=errors)
        return self._code_form(errors)

    # ---- the right one? ---------------------------------------------------------------------------------------------

    async def async_step_municipality(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Whom the home is now paired with, and the words again."""
        # A request that only asks whether pairing is done must not count as a yes to what it has not shown yet.
        if user_input is not None and self._has_shown_names:
            return await self.async_step_paired()
        self._has_shown_names = True
        return self.names_form({})

    async def async_step_known_municipality(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Whom the bridge was paired with before. No code here has named that root: compare its thumbprint."""
        shown = self._names() | {"thumbprint": PublicKey(self._paired.root).kid[:THUMBPRINT_SHOWN]}
        return self.async_show_menu(
            step_id="known_municipality", menu_options=["paired", "pairing"], description_placeholders=shown
        )

    def names_form(self, errors: dict[str, str]) -> ConfigFlowResult:
        """Municipality, name of the home, words; is that right?"""
        return self.async_show_form(
            step_id="municipality",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={**self._names(), **self._words},
        )

    def _names(self) -> dict[str, str]:
        return {"municipality": self._certificate.municipality, "label": self._certificate.label}


def words_to_compare(code: PairingCode, hub: PublicKey) -> dict[str, str]:
    """The five words in both languages, by place in the text, which puts the user's own first."""
    places = code.words(hub)
    return {
        f"{language}{number}": words[place]
        for language, words in (("sv", SWEDISH), ("en", ENGLISH))
        for number, place in enumerate(places, 1)
    }


def failure(task: asyncio.Task[HubCertificate] | None) -> str:
    """The key of the words for why a pairing failed."""
    error = None if task is None or task.cancelled() else task.exception()
    match error:
        case PairingRefused(code=code) | Refused(code=code) if code in REFUSALS:
            return f"pairing_{code}"
        case LinkError(code=link_code):
            return str(link_code)
        case _:
            return "pairing_failed"
