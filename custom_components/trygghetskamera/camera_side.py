"""One camera of a home: carries out the moves that its gate asks for, reads it back, and watches its power."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_OFF, STATE_OFF
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, callback
from homeassistant.core import DOMAIN as HA_DOMAIN
from homeassistant.helpers.event import async_track_state_change_event

from .camera_control import Camera, CameraError, NoCamera, OnvifCamera
from .camera_layers import LayeredCamera, UninstalledCamera
from .config import CameraConfig, InstallingCamera
from .issues import Issue, clear_issue, raise_issue
from .tillsyn import gate_values as g
from .tillsyn.errors import Problem
from .tillsyn.model import Room

if TYPE_CHECKING:
    from .coordinator import Home

type Known = CameraConfig | InstallingCamera

_LOGGER = logging.getLogger(__name__)

CHECK_CLOSED_SECONDS: Final = 30.0
CHECK_OPEN_SECONDS: Final = 2.0
_WAITS: Final = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds before attempt 0, 1, ... of a move; with the move itself shorter than the gate's own limit."""
MOVE_LIMIT_SECONDS: Final = 10.5
_LIMIT_MARGIN: Final = 0.02
"""How long after a look's time is out the gate is asked to see so; a timer may ring a little early."""
_PROBLEM_ISSUES: Final = {Problem.CANNOT_LOOK_AWAY: Issue.CANNOT_LOOK_AWAY}
_CHECKED: Final = (g.Place.CLOSED, g.Place.OPEN, g.Place.DARK)
_RESTING: Final = (g.Place.CLOSED, g.Place.DARK)


class CameraSide:
    """The shell of one gate."""

    def __init__(self, home: Home, camera_id: str, camera: Camera, known: Known | None) -> None:
        """``camera_id`` is the subentry's; '' and ``known`` None where a home has no camera yet."""
        self.home = home
        self.id = camera_id
        self.camera = camera
        self.known = known
        self.problems: frozenset[Problem] = frozenset()
        self.is_cut_while_gone = False
        """Whether its power was cut because it did not look away when it did not answer at all."""
        self._moving: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._check_at = 0.0

    @property
    def gate(self) -> g.Gate:
        """What the gate of this camera knows."""
        return self.home.house.gates[self.id]

    @property
    def config(self) -> CameraConfig | None:
        """The camera as installed; None while it is not."""
        return self.known if isinstance(self.known, CameraConfig) else None

    @property
    def room(self) -> Room:
        """Where it is."""
        return Room.OTHER if self.known is None else self.known.room

    @property
    def is_resting(self) -> bool:
        """Whether it has looked away, or has no power to look with."""
        return self.gate.place in _RESTING

    @property
    def power_switch(self) -> str:
        """The entity that feeds it, '' where there is none."""
        return "" if self.config is None else self.config.power_switch

    # ---- effects ----------------------------------------------------------------------------------------------------

    def carry_out(self, effect: g.Effect) -> None:
        """What only concerns this camera."""
        match effect:
            case g.Move():
                if self._moving is not None:
                    self._moving.cancel()
                self._moving = self.home.background(self._move(effect), "move")
            case g.RaiseProblem(problem):
                self._set_problems(self.problems | {problem})
            case g.ClearProblem(problem):
                self._set_problems(self.problems - {problem})
            case g.CutPower():
                self._cut_power()
            case g.Opened(seconds=seconds):
                # A tick when the time is out, so that a look is not up to a second longer than agreed.
                self._limit = self.home.hass.loop.call_later(seconds + _LIMIT_MARGIN, self.home.feed_tick)

    async def _move(self, move: g.Move) -> None:
        await asyncio.sleep(_WAITS[min(move.attempt, len(_WAITS) - 1)])
        try:
            async with asyncio.timeout(MOVE_LIMIT_SECONDS):
                await self.camera.move(move.target, move.attempt)
        except (CameraError, TimeoutError) as err:
            _LOGGER.debug("Move %s to %s failed: %s", move.serial, move.target, err)
            self.home.feed(g.MoveFailed(move.serial), self.id)
        except Exception:
            # Unanswered, it would be tried again only when the gate's patience with it is over.
            _LOGGER.exception("A move failed in a way that was not foreseen")
            self.home.feed(g.MoveFailed(move.serial), self.id)
        else:
            self.home.feed(g.PositionConfirmed(move.serial), self.id)

    def _set_problems(self, problems: frozenset[Problem]) -> None:
        self.problems = problems
        for problem, issue in _PROBLEM_ISSUES.items():
            if problem in problems:
                raise_issue(self.home.hass, self.home.entry.entry_id, issue, camera=self.id)
            else:
                clear_issue(self.home.hass, self.home.entry.entry_id, issue, camera=self.id)

    def place_changed(self) -> None:
        """The gate is somewhere else."""
        self._check_at = time.monotonic() + CHECK_OPEN_SECONDS
        self.stop_timer()

    def stop_timer(self) -> None:
        """No look's time is running out."""
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    # ---- power ------------------------------------------------------------------------------------------------------

    def watch_power(self) -> CALLBACK_TYPE:
        """Tell the gate whether the camera has power, now and from now on."""
        switch = self.power_switch
        if not switch:
            return lambda: None
        self._power_changed(self._is_off(switch))

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            state = event.data["new_state"]
            self._power_changed(state is not None and state.state == STATE_OFF)

        return async_track_state_change_event(self.home.hass, [switch], changed)

    def _is_off(self, switch: str) -> bool:
        state = self.home.hass.states.get(switch)
        return state is not None and state.state == STATE_OFF

    def _power_changed(self, is_off: bool) -> None:
        self.is_cut_while_gone = self.is_cut_while_gone and is_off
        if self.gate.power is is_off:
            self.home.feed(g.PowerChanged(not is_off), self.id)

    def _cut_power(self) -> None:
        switch = self.power_switch
        if switch:
            _LOGGER.warning("The camera does not look away; its power is cut")
            self.is_cut_while_gone = not self.camera.is_reachable
            self.home.finish(
                self.home.hass.services.async_call(HA_DOMAIN, SERVICE_TURN_OFF, {ATTR_ENTITY_ID: switch}), "power cut"
            )

    # ---- read-back --------------------------------------------------------------------------------------------------

    def check_if_due(self) -> None:
        """Read back outside moves too: somebody else may have turned the camera."""
        mono = time.monotonic()
        if mono < self._check_at or self.gate.place not in _CHECKED:
            return
        if self._checking is not None and not self._checking.done():
            return
        is_open = self.gate.place is g.Place.OPEN
        self._check_at = mono + (CHECK_OPEN_SECONDS if is_open else CHECK_CLOSED_SECONDS)
        self._checking = self.home.background(self.check_position(), "read-back")

    async def check_position(self) -> None:
        """Read back once, and tell the gate where the camera is not where it should be."""
        gate = self.gate
        if gate.place not in _CHECKED:
            return
        target = g.Target.VIEW if gate.place is g.Place.OPEN else g.Target.PRIVACY
        is_dark = gate.place is g.Place.DARK
        answered = self.camera.is_reachable
        try:
            # What answers has power, whatever is said of its plug: it must be sent away like any other.
            is_there = await self.camera.is_at(target) and not is_dark
        except CameraError as err:
            _LOGGER.debug("The position could not be read: %s", err.code)
            is_there = is_dark
        if not is_there and (self.gate.place, self.gate.serial) == (gate.place, gate.serial):
            self.home.feed(g.PositionLost(), self.id)
        if self.camera.is_reachable is not answered:
            self.home.changed()

    # ---- the end ----------------------------------------------------------------------------------------------------

    async def look_away_directly(self) -> None:
        """The last chance when Home Assistant stops: the tasks have been cancelled already."""
        if self.is_resting:
            return
        try:
            await self.camera.move(g.Target.PRIVACY, 0)
        except CameraError as err:
            _LOGGER.warning("The camera did not look away at the stop: %s", err.code)

    async def close(self) -> None:
        """Let go of the camera. Of one that does not look away it stays shown, unless it is no longer the home's."""
        self.stop_timer()
        if self.id not in self.home.entry.subentries:
            clear_issue(self.home.hass, self.home.entry.entry_id, *_PROBLEM_ISSUES.values(), camera=self.id)
        for task in (self._moving, self._checking):
            if task is not None:
                task.cancel()
        await self.camera.close()


def make_sides(home: Home, cameras: Mapping[str, Known]) -> dict[str, CameraSide]:
    """The cameras of a home, installed or not; one that is none where it has none, so that its terms have a gate."""
    sides = {name: CameraSide(home, name, _adapter(home, known), known) for name, known in cameras.items()}
    return sides or {"": CameraSide(home, "", NoCamera(), None)}


def _adapter(home: Home, known: Known) -> Camera:
    if isinstance(known, InstallingCamera):
        return UninstalledCamera(known)
    camera = OnvifCamera(known)
    return LayeredCamera(home.hass, camera, known.privacy_entity) if known.privacy_entity else camera
