"""Aiming a camera: a live picture for the installer at home, arrows, and the two positions it is all about."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final, override

import probatio as vol
from aiohttp import web
from homeassistant.components.http import current_request
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .aiming import AimingRefused
from .aiming_view import AimingPicture, is_at_home
from .camera_audit import StillSource
from .camera_control import CameraError, CameraFault
from .camera_setup import NewCamera, Nudge
from .camera_steps import Step, with_step
from .camera_trial import until_home
from .camera_words import Words
from .config import InstallingCamera, Spot, is_near
from .const import CONF_POSITION
from .coordinator import Home, TrygghetskameraConfigEntry
from .requester import requester_id
from .tillsyn.gate_values import Place, Target

OPEN_SECONDS: Final = 25.0
"""How long the gate may take to write down that aiming begins and to turn the camera."""
_STEPS: Final = (20_000, 60_000, 150_000, 350_000)
"""Small to large, in millionths of the generic spaces (the whole range of pan is two million)."""
_ARROWS: Final = {
    "aim_left": Nudge(pan=-1),
    "aim_right": Nudge(pan=1),
    "aim_up": Nudge(tilt=1),
    "aim_down": Nudge(tilt=-1),
    "aim_in": Nudge(zoom=1),
    "aim_out": Nudge(zoom=-1),
}


class AimingSteps(ConfigSubentryFlow):
    """The part of the flow that aims. Whatever happens in here, the gate drives the camera away afterwards."""

    camera_id: str
    _home: Home | None = None
    _camera: NewCamera | None = None
    _picture: AimingPicture | None = None
    _picture_path = ""
    _starting: asyncio.Task[None] | None = None
    _unlisten: Callable[[], None] | None = None
    _step = 2
    _preset: str | None = None
    """The preset that the camera stands at, until it is moved."""
    _spots: Mapping[Target, Spot] = MappingProxyType({})
    _keeps_presets = True
    _note = ""
    _failure = ""
    _is_over = False
    _has_begun = False

    @abstractmethod
    async def next_step(self) -> SubentryFlowResult:
        """What comes after aiming."""

    @override
    def async_remove(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
        self._let_go()

    # ---- what all steps share ---------------------------------------------------------------------------------------

    def _camera_data(self) -> Mapping[str, Any]:
        data: Mapping[str, Any] = self._get_entry().subentries[self.camera_id].data
        return data

    def _store(self, data: Mapping[str, Any], title: str | None = None) -> None:
        entry = self._get_entry()
        subentry = entry.subentries[self.camera_id]
        self.hass.config_entries.async_update_subentry(entry, subentry, data=data, title=title or subentry.title)

    async def running_home(self) -> Home | None:
        """The home, once a start that goes on is over; None where it does not run."""
        entry: TrygghetskameraConfigEntry = self._get_entry()
        with suppress(TimeoutError):
            async with asyncio.timeout(OPEN_SECONDS), entry.setup_lock:
                if entry.state is ConfigEntryState.LOADED:
                    return entry.runtime_data
        return None

    def at_home(self) -> web.Request | None:
        """The present request, where it is an administrator's from the home's own network."""
        request = current_request.get()
        return request if is_at_home(self.hass, request) else None

    # ---- begin ------------------------------------------------------------------------------------------------------

    async def async_step_aim(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask the gate, which writes it down first; the picture comes when the camera has turned."""
        if self.at_home() is None:
            return await self.async_step_not_here()
        self._let_go()
        known, self._home = InstallingCamera.read(self._camera_data()), await self.running_home()
        if self._home is None or self.camera_id not in self._home.sides:
            return await self._aim_failed("home_not_loaded")
        source, home, camera_id = known.services.snapshot, self._home, self.camera_id
        if source:
            stills = StillSource(self.hass, known.login, source)
            self._picture = AimingPicture(self.hass, stills, requester_id(), lambda: home.aiming.is_on(camera_id))
            self._picture_path = self._picture.path
        self._spots = MappingProxyType(
            {
                target: Spot.read(self._camera_data()[target.value])
                for target in Target
                if target.value in self._camera_data()
            }
        )
        self._note = ""
        self._starting = self.hass.async_create_task(self._begin(known, requester_id()), "aim", eager_start=False)
        return await self.async_step_aim_starting()

    async def _begin(self, known: InstallingCamera, by: str) -> None:
        """Return when the gate lets the installer see. Raises AimingRefused, CameraError, TimeoutError."""
        home, camera_id = self._home, self.camera_id
        assert home is not None
        side = home.sides[camera_id]
        # A home that has just been started again, as by the step before, looks away first.
        await until_home(home, lambda: side.gate.place is not Place.CLOSING, OPEN_SECONDS)
        self._is_over = False
        self._unlisten = home.aiming.on_end(camera_id, self._ended)
        await home.aiming.start(camera_id, by)
        self._has_begun = True
        await until_home(home, lambda: home.aiming.is_on(camera_id) or self._is_over, OPEN_SECONDS)
        if self._is_over:
            raise CameraError(CameraFault.NOT_REACHED)
        self._camera = await NewCamera.reopen(known)

    async def async_step_aim_starting(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """The camera turns. Asked again when it has been answered already, as a browser may, it says the same."""
        task = self._starting
        if task is not None and not task.done():
            return self.async_show_progress(step_id="aim_starting", progress_action="aim_starting", progress_task=task)
        return self.async_show_progress_done(next_step_id="aim_started")

    async def async_step_aim_started(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """The picture, or why there is none."""
        task = self._starting
        error = None if task is None or task.cancelled() else task.exception()
        match error:
            case None:
                return await self._aim()
            case AimingRefused(code=code):
                return await self._aim_failed(f"aiming_{code}")
            case CameraError(code=code):
                return await self._aim_failed(code)
            case _:
                return await self._aim_failed("preset_not_reached")

    async def _aim_failed(self, code: str) -> SubentryFlowResult:
        self._let_go()
        self._failure = code
        return await self.async_step_aim_failed()

    async def async_step_aim_failed(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Why there is no picture."""
        return self.async_show_menu(
            step_id="aim_failed",
            menu_options=["aim", "later"],
            description_placeholders={"reason": (await Words.load(self.hass)).error(self._failure)},
        )

    async def async_step_not_here(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Only at home, by an administrator."""
        return self.async_show_menu(step_id="not_here", menu_options=["steps", "later"])

    # ---- aim --------------------------------------------------------------------------------------------------------

    async def _aim(self) -> SubentryFlowResult:
        """The picture with its arrows."""
        if not self._is_aiming():
            return await self.async_step_aim_over()
        options = [*_ARROWS]
        options += ["aim_smaller"] if self._step > 0 else []
        options += ["aim_larger"] if self._step < len(_STEPS) - 1 else []
        options += ["aim_preset", "aim_is_view", "aim_is_privacy"]
        options += ["aim_done"] if len(self._spots) == len(Target) else []
        has_picture = self._picture is not None
        note, self._note = self._note, ""
        words = await Words.load(self.hass)
        return self.async_show_menu(
            step_id="aim_picture" if has_picture else "aim_blind",
            menu_options=[*options, "aim_stop"],
            description_placeholders={
                "picture": f"![{words.word('aim', 'picture')}]({self._picture_path})" if has_picture else "",
                "spots": words.marked("spot", Target, self._spots),
                "note": note,
                "page": f"http://{self._camera_data()['host']}",
            },
        )

    async def async_step_aim_picture(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """With a picture."""
        return await self._aim()

    async def async_step_aim_blind(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Without one."""
        return await self._aim()

    def _is_aiming(self) -> bool:
        return self._home is not None and self._camera is not None and self._home.aiming.is_on(self.camera_id)

    async def _nudge(self, arrow: str) -> SubentryFlowResult:
        if self._camera is None or not self._is_aiming():
            return await self.async_step_aim_over()
        way, length = _ARROWS[arrow], _STEPS[self._step]
        self._preset = None
        try:
            await self._camera.nudge(Nudge(way.pan * length, way.tilt * length, way.zoom * length))
        except CameraError as err:
            self._note = (await Words.load(self.hass)).error(err.code)
        return await self._aim()

    async def async_step_aim_left(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """A step to the left."""
        return await self._nudge("aim_left")

    async def async_step_aim_right(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """A step to the right."""
        return await self._nudge("aim_right")

    async def async_step_aim_up(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """A step up."""
        return await self._nudge("aim_up")

    async def async_step_aim_down(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """A step down."""
        return await self._nudge("aim_down")

    async def async_step_aim_in(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Closer."""
        return await self._nudge("aim_in")

    async def async_step_aim_out(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Further away."""
        return await self._nudge("aim_out")

    async def async_step_aim_smaller(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Smaller steps."""
        self._step = max(self._step - 1, 0)
        return await self._aim()

    async def async_step_aim_larger(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Larger steps."""
        self._step = min(self._step + 1, len(_STEPS) - 1)
        return await self._aim()

    async def async_step_aim_preset(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Go to one of the camera's own presets."""
        if self._camera is None or not self._is_aiming():
            return await self.async_step_aim_over()
        words = await Words.load(self.hass)
        try:
            presets = await self._camera.presets()
            if user_input is not None:
                await self._camera.go_to_preset(user_input[CONF_POSITION])
                self._preset = user_input[CONF_POSITION]
                return await self._aim()
        except CameraError as err:
            self._note = words.error(err.code)
            return await self._aim()
        if not presets:
            self._note = words.word("aim", "no_presets")
            return await self._aim()
        options = [SelectOptionDict(value=one.token, label=one.name) for one in presets]
        selector = SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST))
        return self.async_show_form(
            step_id="aim_preset", data_schema=vol.Schema({vol.Required(CONF_POSITION): selector})
        )

    # ---- keep -------------------------------------------------------------------------------------------------------

    async def async_step_aim_is_view(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """This is what is seen during a look."""
        return await self._keep(Target.VIEW)

    async def async_step_aim_is_privacy(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """This is where it looks away."""
        return await self._keep(Target.PRIVACY)

    async def _keep(self, target: Target) -> SubentryFlowResult:
        if self._camera is None or not self._is_aiming():
            return await self.async_step_aim_over()
        words = await Words.load(self.hass)
        try:
            spot, self._keeps_presets = await self._camera.save(target, self._preset)
        except CameraError as err:
            self._note = words.error(err.code)
            return await self._aim()
        other = self._spots.get(Target.PRIVACY if target is Target.VIEW else Target.VIEW)
        if other is not None and is_near(spot.position, other.position):
            self._note = words.error("same_position")
            return await self._aim()
        self._spots = MappingProxyType({**self._spots, target: spot})
        self._note = words.word("aim", f"kept_{target}")
        # One of two is kept at once; both together make a camera that can be looked with, when aiming is done.
        if other is None:
            self._store({**self._camera_data(), target.value: spot.dump()})
        return await self._aim()

    async def async_step_aim_done(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Both are there, or it is not offered: keep them, and look away."""
        spots = {target.value: spot.dump() for target, spot in self._spots.items()}
        self._let_go()
        self._store(
            with_step(self._camera_data(), Step.AIM, requester_id(), **spots, keeps_presets=self._keeps_presets)
        )
        return await self.next_step()

    async def async_step_aim_stop(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Look away, and leave it for later."""
        self._let_go()
        return self.async_abort(reason="continue_later")

    async def async_step_aim_over(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Time is out, or somebody at home paused."""
        self._let_go()
        return self.async_show_menu(step_id="aim_over", menu_options=["aim", "later"])

    # ---- end --------------------------------------------------------------------------------------------------------

    def _ended(self) -> None:
        self._is_over = True
        if self._picture is not None:
            self._picture.end()

    def _let_go(self) -> None:
        """No more pictures from now on; the gate drives the camera away."""
        picture, self._picture = self._picture, None
        if picture is not None:
            picture.end()
        unlisten, self._unlisten = self._unlisten, None
        if unlisten is not None:
            unlisten()
        # Somebody else's aiming is not ours to end.
        has_begun, self._has_begun = self._has_begun, False
        if has_begun and self._home is not None:
            self._home.aiming.stop()
        camera, self._camera = self._camera, None
        if camera is not None:
            self.hass.async_create_task(camera.close(), "close camera")
