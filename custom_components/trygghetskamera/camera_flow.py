"""Setting up the camera: log in, choose what it sees during a look and where it looks away, and try both."""

from collections.abc import Mapping
from typing import Any, override

import probatio as vol
from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .camera_control import CameraError, CameraFault
from .camera_setup import NewCamera
from .config import CameraConfig, CameraLogin, Spot
from .const import CONF_POSITION, CONF_POWER_SWITCH, SUBENTRY_CAMERA
from .tillsyn.frames import Position
from .tillsyn.gate_values import Target

CURRENT = "current"
"""The choice 'the position the camera has now'."""
TITLE = "Camera"

_LOGIN = vol.Schema(
    {
        vol.Required(CONF_HOST): TextSelector(),
        vol.Required(CONF_PORT, default=80): vol.All(
            NumberSelector(NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX)), vol.Coerce(int)
        ),
        vol.Required(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="off")),
        vol.Required(CONF_PASSWORD): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
        ),
    }
)


class CameraFlow(ConfigSubentryFlow):
    """One camera. Whatever happens in here, it is sent back to look away if it ever has been told where that is."""

    _login: CameraLogin
    _camera: NewCamera | None = None
    _view: Spot

    @override
    def async_remove(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            self.hass.async_create_task(camera.close(), "close camera")

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Where the camera is and how to log in."""
        if self._get_entry().get_subentries_of_type(SUBENTRY_CAMERA):
            return self.async_abort(reason="single_camera")
        errors = {} if user_input is None else await self._open(user_input)
        if user_input is not None and not errors and self._camera is not None:
            return await (self.async_step_audio() if self._camera.found.has_audio else self.async_step_view())
        return self._login_form("user", user_input, errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Another address or login for the same camera; its positions stay."""
        subentry = self._get_reconfigure_subentry()
        before = CameraConfig.read(subentry.data)
        errors = {} if user_input is None else await self._open(user_input)
        if user_input is not None and not errors and self._camera is not None:
            found = self._camera.found.services
            self._let_go()
            if found.serial == before.services.serial:
                after = CameraConfig(self._login, found, before.view, before.privacy, before.power_switch)
                return self.async_update_and_abort(self._get_entry(), subentry, data=after.dump())
            errors = {"base": "other_camera"}
        return self._login_form("reconfigure", user_input or before.login.dump() | {CONF_PASSWORD: ""}, errors)

    def _login_form(self, step: str, suggested: Mapping[str, Any] | None, errors: dict[str, str]) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step, data_schema=self.add_suggested_values_to_schema(_LOGIN, suggested), errors=errors
        )

    async def _open(self, user_input: dict[str, Any]) -> dict[str, str]:
        self._let_go()
        self._login = CameraLogin.read({**user_input, CONF_HOST: user_input[CONF_HOST].strip()})
        try:
            self._camera = await NewCamera.open(self._login)
        except CameraError as err:
            return {"base": err.code}
        nowhere = Spot("", Position(0, 0, 0))
        if not CameraConfig(self._login, self._camera.found.services, nowhere, nowhere, "").is_usable:
            return {"base": CameraFault.UNUSUAL}
        return {}

    async def async_step_audio(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """The camera has a microphone: sound is never asked for, but it should be turned off in the camera too."""
        if user_input is None:
            return self.async_show_form(step_id="audio", data_schema=vol.Schema({}))
        return await self.async_step_view()

    async def async_step_view(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """What the operator sees during a look."""
        if self._camera is None:
            return self.async_abort(reason="start_again")
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._view = await self._camera.spot(Target.VIEW, _preset(user_input))
            except CameraError as err:
                errors["base"] = err.code
            else:
                return await self.async_step_privacy()
        return self.async_show_form(step_id="view", data_schema=vol.Schema(self._choice()), errors=errors)

    async def async_step_privacy(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Where the camera looks away, and what else can cut it off; then both positions are tried."""
        if self._camera is None:
            return self.async_abort(reason="start_again")
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                privacy = await self._camera.spot(Target.PRIVACY, _preset(user_input))
                await self._try(privacy)
            except CameraError as err:
                errors["base"] = err.code
            else:
                return self._created(privacy, user_input.get(CONF_POWER_SWITCH) or "")
        schema = vol.Schema(
            {
                **self._choice(),
                vol.Optional(CONF_POWER_SWITCH): EntitySelector(EntitySelectorConfig(domain="switch")),
            }
        )
        return self.async_show_form(
            step_id="privacy", data_schema=self.add_suggested_values_to_schema(schema, user_input), errors=errors
        )

    async def _try(self, privacy: Spot) -> None:
        """Both positions by their own means, ending away from the room whatever happens. Raises CameraError."""
        assert self._camera is not None
        if privacy.position == self._view.position:
            raise CameraError(CameraFault.SAME_POSITION)
        if not self._config(privacy, "").is_usable:
            raise CameraError(CameraFault.UNUSUAL)
        try:
            await self._camera.try_spot(self._view)
        finally:
            await self._camera.try_spot(privacy)

    def _created(self, privacy: Spot, power_switch: str) -> SubentryFlowResult:
        config = self._config(privacy, power_switch)
        services = config.services
        self._let_go()
        return self.async_create_entry(
            title=services.model or TITLE, data=config.dump(), unique_id=services.serial or None
        )

    def _config(self, privacy: Spot, power_switch: str) -> CameraConfig:
        assert self._camera is not None
        return CameraConfig(self._login, self._camera.found.services, self._view, privacy, power_switch)

    def _choice(self) -> dict[vol.Marker, Any]:
        assert self._camera is not None
        options = [SelectOptionDict(value=one.token, label=one.name) for one in self._camera.found.presets]
        options.append(SelectOptionDict(value=CURRENT, label=CURRENT))
        selector = SelectSelector(
            SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST, translation_key="position")
        )
        return {vol.Required(CONF_POSITION): selector}


def _preset(user_input: Mapping[str, Any]) -> str | None:
    chosen: str = user_input[CONF_POSITION]
    return None if chosen == CURRENT else chosen
