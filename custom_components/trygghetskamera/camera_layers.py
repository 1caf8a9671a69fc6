"""Cameras with more than one way to look away, and cameras that have no agreed positions yet. They know no rules."""

import asyncio
from typing import Final, override

from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_OFF, SERVICE_TURN_ON, STATE_OFF, STATE_ON
from homeassistant.core import DOMAIN as HA_DOMAIN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event

from .camera_control import Camera, CameraError, CameraFault, OnvifCamera
from .camera_setup import NewCamera, Nudge
from .config import InstallingCamera
from .tillsyn.gate_values import Target

ENTITY_SECONDS: Final = 6.0
"""How long a privacy entity may take to be as it was asked to be."""
_UP: Final = 2_000_000
"""Millionths: more than the whole range of tilt."""


class LayeredCamera(Camera):
    """A camera that is also made private by an entity of its own integration.

    It has looked away when the entity says so and the camera is read back there; a camera that answers nothing while
    it is private by its own means is taken at the entity's word.
    """

    def __init__(self, hass: HomeAssistant, camera: OnvifCamera, entity: str) -> None:
        self._hass = hass
        self._camera = camera
        self._entity = entity

    @property
    @override
    def is_reachable(self) -> bool:
        return self._camera.is_reachable

    @override
    async def move(self, target: Target, attempt: int) -> None:
        if target is Target.VIEW:
            await self._turn(STATE_OFF)
            await self._camera.move(target, attempt)
            return
        was_private = self._is_private
        error: CameraError | None = None
        try:
            await self._camera.move(target, attempt)
        except CameraError as err:
            error = err
        await self._turn(STATE_ON)
        # What is private by its own means may not answer about its motors; what answers must stand where it should.
        if error is not None and not (was_private and error.code is not CameraFault.NOT_REACHED):
            raise error

    @override
    async def is_at(self, target: Target) -> bool:
        if target is Target.VIEW:
            return not self._is_private and await self._camera.is_at(target)
        if not self._is_private:
            return False
        try:
            return await self._camera.is_at(target)
        except CameraError:
            return True

    @override
    def trust(self, *, is_same: bool) -> None:
        self._camera.trust(is_same=is_same)

    @override
    async def close(self) -> None:
        await self._camera.close()

    @property
    def _is_private(self) -> bool:
        state = self._hass.states.get(self._entity)
        return state is not None and state.state == STATE_ON

    async def _turn(self, wanted: str) -> None:
        """Ask the entity, and wait until it says that it is so. Raises CameraError."""

        def is_so() -> bool:
            state = self._hass.states.get(self._entity)
            return state is not None and state.state == wanted

        if is_so():
            return
        told = asyncio.Event()

        @callback
        def changed(_event: Event[EventStateChangedData]) -> None:
            if is_so():
                told.set()

        stop = async_track_state_change_event(self._hass, [self._entity], changed)
        try:
            async with asyncio.timeout(ENTITY_SECONDS):
                action = SERVICE_TURN_ON if wanted == STATE_ON else SERVICE_TURN_OFF
                await self._hass.services.async_call(HA_DOMAIN, action, {ATTR_ENTITY_ID: self._entity}, blocking=True)
                if not is_so():
                    await told.wait()
        except (TimeoutError, HomeAssistantError) as err:
            raise CameraError(CameraFault.NOT_REACHED) from err
        finally:
            stop()


class UninstalledCamera(Camera):
    """A camera whose positions are being chosen: its view is wherever it stands.

    Until there is an agreed place to look away to, it is turned up as far as it goes, where it can be sent there.
    """

    is_reachable = False

    def __init__(self, config: InstallingCamera) -> None:
        self._config = config

    @override
    async def move(self, target: Target, attempt: int) -> None:
        camera = await self._open()
        try:
            if target is Target.PRIVACY and self._config.services.absolute:
                await camera.nudge(Nudge(0, _UP, 0))
        finally:
            await camera.close()

    @override
    async def is_at(self, target: Target) -> bool:
        camera = await self._open()
        await camera.close()
        return True

    async def _open(self) -> NewCamera:
        try:
            camera = await NewCamera.reopen(self._config)
        except CameraError:
            self.is_reachable = False
            raise
        self.is_reachable = True
        return camera

    @override
    async def close(self) -> None:
        pass
