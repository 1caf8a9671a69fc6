"""What the tests share about a home that is set up."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.core import Context, HomeAssistant, SupportsResponse
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.config import CameraConfig, CameraLogin, CameraServices, Spot
from custom_components.trygghetskamera.consent import dump_entries
from custom_components.trygghetskamera.const import CONF_SET_UP, DOMAIN
from custom_components.trygghetskamera.coordinator import Home, journal_path
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.entries import ConsentGiven, HomeSetUp, Pause, PersonAdded
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import How, Outcome, Relation
from custom_components.trygghetskamera.tillsyn.people import REVIEW_AFTER
from custom_components.trygghetskamera.tillsyn.schedule import local_day
from virtual_camera import BED, CEILING, VirtualCamera
from virtual_camera import Position as Aim

from .peers import Connected, Operator, ScriptedBridge, occurrence_of, open_window

USER = "tillsyn"
PASSWORD = "hemligt-i-kameran"
PATIENCE = 8.0
KAJSA = "kajsa001"
"""The client, who has consented."""

PRIVACY = "switch.bedroom_camera_privacy"
PAUSE = "switch.night_supervision_pause"
GATE = "sensor.bedroom_camera_gate"
LAST_LOOK = "sensor.night_supervision_last_look"
NEXT_LOOK = "sensor.night_supervision_next_look"
EVENT = "event.night_supervision_look"
CAMERA = "camera.bedroom_camera"
CALENDAR = "calendar.night_supervision_agreed_looks"
ABSENCES = "calendar.night_supervision_absences"
PAUSE_UNTIL = "datetime.night_supervision_pause_until"


def _spot(preset: str, aim: Aim) -> Spot:
    return Spot(preset, frames.Position(round(aim.pan * 1e6), round(aim.tilt * 1e6), round(aim.zoom * 1e6)))


def camera_data(camera: VirtualCamera, **services: Any) -> dict[str, Any]:
    """The subentry that set-up makes for this camera."""
    found = {
        "model": "Virtual",
        "serial": "TKV-0001",
        "profile": "profile_720p15",
        "ptz_path": "/onvif/ptz_service",
        "media_path": "/onvif/media_service",
        "rtsp_port": camera.rtsp_port,
        "rtsp_path": "/live/profile_720p15",
        "absolute": True,
    }
    config = CameraConfig(
        CameraLogin("127.0.0.1", camera.http_port, USER, PASSWORD),
        CameraServices(**found | services),
        _spot("preset_bed", BED),
        _spot("preset_rest", CEILING),
        "",
    )
    return config.dump()


def entry_data(bridge: ScriptedBridge, client: str = "Kajsa A") -> dict[str, Any]:
    """The entry that set-up makes with this bridge, consent given."""
    return {
        "host": "127.0.0.1",
        "port": bridge.port,
        "access_key": bridge.access_key,
        "root": bridge.municipality.root.public.x,
        "hub": bridge.municipality.hub.public.x,
        "certificate": bridge.municipality.certificate(),
        CONF_SET_UP: dump_entries(
            (
                PersonAdded(KAJSA, client, Relation.CLIENT, "", "consent-user"),
                ConsentGiven(KAJSA, How.WRITTEN, local_day(dt_util.utcnow()) + REVIEW_AFTER, "consent-user"),
                HomeSetUp("consent-user"),
            )
        ),
    }


@dataclass(frozen=True)
class Setup:
    """A running home and its peers."""

    hass: HomeAssistant
    entry: MockConfigEntry
    bridge: ScriptedBridge
    camera: VirtualCamera

    @property
    def home(self) -> Home:
        """The coordinator."""
        found: Home = self.entry.runtime_data
        return found

    @property
    def occurrence(self) -> str:
        """The window occurrence that is open now."""
        return occurrence_of(open_window())

    @property
    def moves(self) -> int:
        """How many times the camera has been told to move."""
        return self.camera.state.counters.move_commands

    def state(self, entity: str) -> str:
        """The state of an entity."""
        found = self.hass.states.get(entity)
        assert found is not None, entity
        return found.state

    def has_issue(self, key: str) -> bool:
        """Whether this repair issue is shown, for the home or one of its cameras."""
        issues = ir.async_get(self.hass)
        places = (self.entry.entry_id, *self.entry.subentries)
        return any(issues.async_get_issue(DOMAIN, f"{key}_{place}") is not None for place in places)

    def entry_journal(self) -> str:
        """What the journal file says."""
        return journal_path(self.hass, self.entry.entry_id).read_text()

    async def pause(self, paused: bool, by: str) -> None:
        """Somebody pauses, or resumes."""
        memory = self.home.memory
        await (memory.away(Pause(True, by)) if paused else memory.add(Pause(False, by)))

    async def act(self, action: str, by: str | None = None, **data: Any) -> Any:
        """Call one of our actions for a user, or as an automation does; what it answers."""
        takes = self.hass.services.supports_response(DOMAIN, action)
        return await self.hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry_id": self.entry.entry_id, **data},
            blocking=True,
            context=Context(user_id=by),
            return_response=takes is not SupportsResponse.NONE,
        )

    async def open_look(self) -> tuple[Operator, Connected]:
        """Somebody looks in."""
        operator = self.bridge.municipality.operator()
        connected = await self.bridge.prepare(operator, self.occurrence)
        await self.bridge.send(self.bridge.click(operator, connected))
        await self.until_place(Place.OPEN)
        return operator, connected

    async def looked(self, outcome: Outcome = Outcome.SEEN) -> tuple[Operator, str]:
        """Somebody has looked in: who, and the receipt, which is in the journal."""
        operator, connected = await self.open_look()
        await self.bridge.close_look(operator, connected.look, outcome)
        await self.until_place(Place.CLOSED)
        await self.until(lambda: self.home.journal.record is not None and not self.home.journal.record.waiting)
        assert self.home.journal.record is not None
        return operator, self.home.journal.record.receipts[-1]

    async def until(self, test: Callable[[], bool]) -> None:
        """Wait until the home has changed so that the test holds."""
        changed = asyncio.Event()
        stop = self.home.listen(changed.set)
        try:
            async with asyncio.timeout(PATIENCE):
                while not test():
                    await changed.wait()
                    changed.clear()
        finally:
            stop()

    async def until_place(self, place: Place) -> None:
        """Wait until the gate is there."""
        await self.until(lambda: self.home.gate.place is place)

    def is_looking_away(self) -> bool:
        """Whether the camera itself, asked past its network, aims at the ceiling and stands still."""
        at = self.camera.position
        return abs(at.tilt - CEILING.tilt) < 0.02 and abs(at.pan - CEILING.pan) < 0.02 and not self.camera.is_moving


async def set_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    bridge: ScriptedBridge,
    camera: VirtualCamera,
    plan: frames.Signed | None = None,
) -> Setup:
    """Start the home, let the plan be proposed and accept it."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    setup = Setup(hass, entry, bridge, camera)
    await bridge.heard(frames.Configure)
    await bridge.send(plan or bridge.municipality.plan())
    await setup.until(lambda: setup.home.plans.waiting is not None)
    await setup.home.plans.answer(1, accepted=True, by="admin")
    await setup.until(lambda: all(side.is_resting for side in setup.home.sides.values()))
    await setup.until(lambda: setup.home.link.is_connected)
    bridge.received.clear()
    return setup
