"""Setting up a camera, step by step: find it, sign in, say which room, aim it, choose what else cuts it off, test it.

From signing in on the camera is stored with what is done, so that every step can be left and taken up again; nothing
opens a camera before its view and the place where it looks away are both known.
"""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, override

import probatio as vol
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentry, SubentryFlowResult
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

from .aiming_flow import AimingSteps
from .assurance import assurance_of
from .camera_control import CameraError, CameraFault
from .camera_setup import NewCamera
from .camera_steps import CONF_REPORT, Step, TrialReport, done_steps, left_steps, report_of, with_step
from .camera_trial import TrialFailed, async_try
from .camera_words import Words
from .config import MAX_CAMERAS, CameraConfig, CameraLogin, InstallingCamera, Spot
from .const import CONF_POWER_SWITCH, CONF_PRIVACY_ENTITY, CONF_ROOM, SUBENTRY_CAMERA
from .discovery import FoundCamera, async_find_cameras
from .other_integrations import home_with
from .requester import requester_id
from .targets import is_own
from .tillsyn.frames import Position
from .tillsyn.model import Room

BY_HAND = "by_hand"
CONF_CAMERA = "camera"
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
_ROOM = vol.Schema(
    {
        vol.Required(CONF_ROOM, default=Room.BEDROOM.value): SelectSelector(
            SelectSelectorConfig(
                options=[one.value for one in Room], mode=SelectSelectorMode.LIST, translation_key="room"
            )
        )
    }
)
_LAYERS = vol.Schema(
    {
        vol.Optional(CONF_PRIVACY_ENTITY): EntitySelector(EntitySelectorConfig(domain="switch")),
        vol.Optional(CONF_POWER_SWITCH): EntitySelector(EntitySelectorConfig(domain="switch")),
    }
)


class CameraFlow(AimingSteps):
    """One camera, from finding it to the result of its test."""

    _finding: asyncio.Task[tuple[FoundCamera, ...]] | None = None
    _testing: asyncio.Task[tuple[TrialReport, str]] | None = None
    _suggested: Mapping[str, Any] | None = None

    @override
    def async_remove(self) -> None:
        for task in (self._finding, self._testing):
            if task is not None:
                task.cancel()
        super().async_remove()

    # ---- find it ----------------------------------------------------------------------------------------------------

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """How to find it."""
        return self.async_show_menu(step_id="user", menu_options=["find", "sign_in"])

    async def async_step_find(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask the network; that takes a few seconds."""
        if self._finding is None:
            self._finding = self.hass.async_create_task(async_find_cameras(self.hass), "find cameras")
        if not self._finding.done():
            return self.async_show_progress(step_id="find", progress_action="finding", progress_task=self._finding)
        return self.async_show_progress_done(next_step_id="found")

    async def async_step_found(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Which of them is it?"""
        assert self._finding is not None
        found = {} if self._finding.exception() else {f"{one.host}:{one.port}": one for one in self._finding.result()}
        if not found:
            return self._login_form("sign_in", None, {"base": "none_found"})
        if user_input is not None and CONF_CAMERA in user_input:
            chosen = found.get(user_input[CONF_CAMERA])
            self._suggested = None if chosen is None else {CONF_HOST: chosen.host, CONF_PORT: chosen.port}
            return await self.async_step_sign_in()
        options = [SelectOptionDict(value=key, label=_label(one)) for key, one in found.items()]
        options.append(SelectOptionDict(value=BY_HAND, label=BY_HAND))
        selector = SelectSelector(
            SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST, translation_key="found_camera")
        )
        return self.async_show_form(step_id="found", data_schema=vol.Schema({vol.Required(CONF_CAMERA): selector}))

    # ---- sign in ----------------------------------------------------------------------------------------------------

    async def async_step_sign_in(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Where it is and how to log in; from here on it is stored."""
        errors: dict[str, str] = {}
        if user_input is not None and CONF_HOST in user_input:
            try:
                camera = await _opened(user_input)
            except CameraError as err:
                errors["base"] = err.code
            else:
                return await self._sign_in(camera)
        return self._login_form("sign_in", user_input or self._suggested, errors)

    async def _sign_in(self, camera: InstallingCamera) -> SubentryFlowResult:
        if home_with(self.hass, self._get_entry(), camera) is not None:
            # One camera, one municipality: what is agreed with one of them would be passed by the other.
            return self.async_abort(reason="in_another_home")
        if self.source == SOURCE_RECONFIGURE:
            if camera.services.serial != self._camera_data()["serial"]:
                return self._login_form("sign_in", camera.login.dump(), {"base": "other_camera"})
            kept = {CONF_ROOM: self._camera_data().get(CONF_ROOM)} if CONF_ROOM in self._camera_data() else {}
            services = {**camera.services.dump(), "keeps_presets": self._camera_data().get("keeps_presets", True)}
            self._store({**self._camera_data(), **camera.login.dump(), **services, **kept})
            return await self.async_step_steps()
        entry = self._get_entry()
        others = entry.get_subentries_of_type(SUBENTRY_CAMERA)
        if len(others) >= MAX_CAMERAS:
            return self.async_abort(reason="too_many_cameras")
        for other in others:
            if camera.services.serial and other.data["serial"] == camera.services.serial:
                return self.async_abort(reason="already_configured")
        data = {**camera.login.dump(), **camera.services.dump()}
        subentry = ConfigSubentry(
            data=MappingProxyType(data),
            subentry_type=SUBENTRY_CAMERA,
            title=camera.services.model or "Camera",
            unique_id=camera.services.serial or None,
        )
        self.camera_id = subentry.subentry_id
        self.hass.config_entries.async_add_subentry(entry, subentry)
        return await self.async_step_room()

    def _login_form(self, step: str, suggested: Mapping[str, Any] | None, errors: dict[str, str]) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step, data_schema=self.add_suggested_values_to_schema(_LOGIN, suggested), errors=errors
        )

    # ---- the steps --------------------------------------------------------------------------------------------------

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Take up an installation, or change something in it."""
        self.camera_id = self._get_reconfigure_subentry().subentry_id
        return await self.async_step_steps()

    async def async_step_steps(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """What is done and what is left."""
        data = self._camera_data()
        done = done_steps(data)
        options = ["room", "aim", "layers"]
        if Step.AIM in done:
            options += ["test", "result"]
        words = await Words.load(self.hass)
        self._suggested = {**CameraLogin.read(data).dump(), CONF_PASSWORD: ""}
        return self.async_show_menu(
            step_id="steps",
            menu_options=[*options, "sign_in", "later"],
            description_placeholders={"done": words.marked("step", Step, done)},
        )

    @override
    async def next_step(self) -> SubentryFlowResult:
        """The next one that is left; a change to an installation goes back to the list."""
        left = left_steps(self._camera_data())
        if self.source == SOURCE_RECONFIGURE or not left:
            return await (self.async_step_steps() if left else self.async_step_result())
        return await {
            Step.ROOM: self.async_step_room,
            Step.AIM: self.async_step_aim,
            Step.LAYERS: self.async_step_layers,
            Step.TEST: self.async_step_test,
        }[left[0]]()

    async def async_step_later(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Leave it here; all that is done is stored."""
        left = left_steps(self._camera_data())
        return self.async_abort(reason="continue_later" if left else "installed")

    async def async_step_room(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Which room it is in: the plan names rooms, not cameras."""
        data = self._camera_data()
        if user_input is not None and CONF_ROOM in user_input:
            room = Room(user_input[CONF_ROOM])
            words = await Words.load(self.hass)
            self._store(with_step(data, Step.ROOM, requester_id(), **{CONF_ROOM: room}), words.word("room", room))
            return await self.next_step()
        return self.async_show_form(step_id="room", data_schema=self.add_suggested_values_to_schema(_ROOM, data))

    async def async_step_layers(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """What else makes it private: its own switch for that, and the power that feeds it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = {name: user_input.get(name) or "" for name in (CONF_PRIVACY_ENTITY, CONF_POWER_SWITCH)}
            if chosen[CONF_PRIVACY_ENTITY] and chosen[CONF_PRIVACY_ENTITY] == chosen[CONF_POWER_SWITCH]:
                errors["base"] = "same_entity"
            elif any(is_own(self.hass, entity) for entity in chosen.values()):
                # What the gate asks of the camera would be asked of the home itself.
                errors["base"] = "own_entity"
            else:
                self._store(with_step(self._camera_data(), Step.LAYERS, requester_id(), **chosen))
                return await self.next_step()
        known = {key: value for key, value in self._camera_data().items() if value}
        return self.async_show_form(
            step_id="layers",
            data_schema=self.add_suggested_values_to_schema(_LAYERS, user_input or known),
            errors=errors,
        )

    # ---- the test ---------------------------------------------------------------------------------------------------

    async def async_step_test(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Say what will be done."""
        self._testing = None
        return self.async_show_menu(step_id="test", menu_options=["testing", "later"])

    async def async_step_testing(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """There and back, and questions to the camera."""
        if self._testing is None:
            if self.at_home() is None:
                return await self.async_step_not_here()
            test = async_try(self.hass, self._get_entry(), self.camera_id, requester_id())
            self._testing = self.hass.async_create_task(test, "test camera", eager_start=False)
        if not self._testing.done():
            return self.async_show_progress(step_id="testing", progress_action="testing", progress_task=self._testing)
        return self.async_show_progress_done(next_step_id="tested")

    async def async_step_tested(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Keep what was found, or say what went wrong."""
        # It stays: a browser may ask again, and that must not begin another test.
        task = self._testing
        assert task is not None
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is not None:
            self._failure = error.code if isinstance(error, CameraError | TrialFailed) else "cannot_connect"
            return await self.async_step_test_failed()
        report, firmware = task.result()
        data = with_step(self._camera_data(), Step.TEST, report.done.by)
        # A test by a person is what makes other firmware the known one.
        self._store({**data, CONF_REPORT: report.dump()} | ({"firmware": firmware} if firmware else {}))
        return await self.async_step_result()

    async def async_step_test_failed(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """What went wrong."""
        return self.async_show_menu(
            step_id="test_failed",
            menu_options=["test", "aim", "later"],
            description_placeholders={"reason": (await Words.load(self.hass)).error(self._failure)},
        )

    async def async_step_result(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """What was found, how safe the installation is and how it becomes safer."""
        data = self._camera_data()
        config, report, words = CameraConfig.read(data), report_of(data), await Words.load(self.hass)
        home = await self.running_home()
        level = assurance_of(config, has_bridge=home is not None and home.connection.is_up)
        tested = ""
        if report is not None:
            light = "" if report.brightness is None else f"{round(report.brightness / 2.55)} %"
            tested = words.word("result", "seconds").format(
                there=words.number(report.there), back=words.number(report.back), light=light or "–"
            )
            tested += "\n\n" + (words.list("finding", sorted(report.findings)) or words.word("result", "no_findings"))
        return self.async_show_menu(
            step_id="result",
            menu_options=["finish", "steps"],
            description_placeholders={
                "level": level,
                "meaning": words.word("assurance", level.lower()),
                "tested": tested or words.word("result", "not_tested"),
            },
        )

    async def async_step_finish(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Done."""
        return await self.async_step_later()


async def _opened(user_input: Mapping[str, Any]) -> InstallingCamera:
    """Log in, and find out what the camera has. Raises CameraError."""
    login = CameraLogin.read({**user_input, CONF_HOST: user_input[CONF_HOST].strip()})
    camera = await NewCamera.open(login)
    await camera.close()
    nowhere = Spot("", Position(0, 0, 0))
    if not CameraConfig(login, camera.services, nowhere, nowhere, "").is_usable:
        raise CameraError(CameraFault.UNUSUAL)
    return InstallingCamera(login, camera.services, Room.BEDROOM)


def _label(found: FoundCamera) -> str:
    name = " · ".join(part for part in (found.name, found.hardware) if part)
    return f"{name or found.host} ({found.host})"
