"""What the camera is right now: aim, scene, presets, faults and what it has been asked to do."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum

from .faults import StatusFault, WatchedFaults
from .marks import Look, Marks, Person
from .motor import Mechanism, Position
from .scene import Scene
from .settings import CENTRE, Preset, Settings


class IrCutFilter(StrEnum):
    """The filter that keeps infrared light out: on by day, off by night, or left to the camera."""

    ON = "ON"
    OFF = "OFF"
    AUTO = "AUTO"


@dataclass(slots=True)
class Counters:
    """What has been seen since the camera was made; a restart of the camera does not reset them."""

    plays: int = 0
    move_commands: int = 0
    sync_points: int = 0
    audio_setups: int = 0
    refused_logins: int = 0
    reboots: int = 0
    stills: int = 0


@dataclass(frozen=True, slots=True)
class PtzStatus:
    """What GetStatus tells; a position of None is left out."""

    position: Position | None
    is_moving: bool


class CameraState:
    """Everything that changes while the camera runs. Used from the event loop; `marks` from any thread."""

    def __init__(self, settings: Settings) -> None:
        """Start at rest at the start position."""
        now = time.monotonic()
        start = settings.home if settings.start is None else settings.start
        self.settings = settings
        self.faults = WatchedFaults()
        self.counters = Counters()
        self.mechanism = Mechanism(start, now, settings.motor_speed, settings.zoom_speed)
        self.presets: dict[str, Preset] = {preset.token: preset for preset in settings.presets}
        self.home = settings.home
        self.scene = Scene(settings.look, settings.person)
        self.ir_cut = IrCutFilter.AUTO
        self.sessions = 0
        self.playing = 0
        self.is_up = False
        self.changed = asyncio.Event()
        """Replaced and set at each change; see `wait_for`."""
        self.faults.on_change = self._on_fault
        self._listeners: list[Callable[[], None]] = []

    @property
    def position(self) -> Position:
        """Where the camera really aims now."""
        return self.mechanism.motion.at(time.monotonic())

    @property
    def is_moving(self) -> bool:
        """Whether the camera really moves now."""
        return self.mechanism.motion.is_moving(time.monotonic())

    @property
    def visible_scene(self) -> Scene:
        """What the lens sees, with the infrared filter as it is set."""
        forced = {IrCutFilter.ON: Look.DAY, IrCutFilter.OFF: Look.INFRARED}
        look = forced.get(self.ir_cut, self.scene.look)
        is_dark = self.faults.lamps_out and self.scene.look is Look.INFRARED
        return Scene(Look.INFRARED if is_dark else look, self.scene.person, is_dark)

    def wall_clock(self) -> float:
        """Give the camera's own clock: seconds since 1970."""
        return time.time() + self.settings.clock_offset + self.faults.clock_error

    @property
    def serial(self) -> str:
        """The serial number that it tells."""
        return f"{self.settings.serial}-R" if self.faults.replaced else self.settings.serial

    @property
    def firmware(self) -> str:
        """The firmware version that it tells."""
        return f"{self.settings.firmware}.1" if self.faults.updated else self.settings.firmware

    def marks(self, counter: int) -> Marks:
        """Give the marks of a picture taken now."""
        now = time.monotonic()
        motion, scene = self.mechanism.motion, self.visible_scene
        return Marks(
            counter=counter & 0xFFFFFFFF,
            clock=int(time.time() * 1000) & 0xFFFFFFFF,
            look=scene.look,
            person=scene.person,
            is_moving=motion.is_moving(now),
            position=motion.at(now),
        )

    def reported_status(self) -> PtzStatus:
        """Give the status as the camera tells it, which a fault can make untrue."""
        if self.faults.status is StatusFault.LYING:
            return PtzStatus(self.mechanism.target, is_moving=False)
        if self.faults.status is StatusFault.SILENT:
            return PtzStatus(None, is_moving=self.is_moving)
        return PtzStatus(self.position, self.is_moving)

    def set_scene(self, look: Look | None, person: Person | None) -> None:
        """Change the light, where the client is, or both."""
        self.scene = Scene(self.scene.look if look is None else look, self.scene.person if person is None else person)
        self.notify()

    def move_by_hand(self, position: Position) -> None:
        """Turn the camera without it knowing, as somebody in the room or another program does."""
        self.mechanism.turn_by_hand(time.monotonic(), position)
        self.notify()

    def reset(self) -> None:
        """Forget what was saved, as a reset to factory settings does; it then stands at its home position."""
        self.presets.clear()
        self.home = CENTRE
        self.ir_cut = IrCutFilter.AUTO
        self.mechanism.restart(time.monotonic(), self.home)
        self.notify()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` at each change."""
        self._listeners.append(listener)

    def notify(self) -> None:
        """Tell everybody who waits that something changed."""
        previous, self.changed = self.changed, asyncio.Event()
        previous.set()
        for listener in self._listeners:
            listener()

    async def wait_for(self, condition: Callable[[CameraState], bool]) -> None:
        """Return when `condition` holds; looked at after each change and, for what only time changes, often."""
        while not condition(self):
            changed = self.changed
            try:
                async with asyncio.timeout(0.02):
                    await changed.wait()
            except TimeoutError:
                continue

    def as_json(self) -> dict[str, object]:
        """Give everything as plain JSON values."""
        return {
            "is_up": self.is_up,
            "position": asdict(self.position),
            "target": asdict(self.mechanism.target),
            "is_moving": self.is_moving,
            "scene": {"look": self.scene.look.name.lower(), "person": self.scene.person.name.lower()},
            "presets": {
                preset.token: {"name": preset.name, "position": asdict(preset.position)}
                for preset in self.presets.values()
            },
            "home": asdict(self.home),
            "ir_cut": self.ir_cut.value,
            "sessions": self.sessions,
            "playing": self.playing,
            "faults": self.faults.as_json(),
            **asdict(self.counters),
        }

    def _on_fault(self) -> None:
        self.mechanism.set_factor(time.monotonic(), self.faults.motor_factor)
        self.notify()
