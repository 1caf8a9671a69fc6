"""The shell of one home: carries out what the gate asks for, in order, and tells it what happened.

No rule about when the camera may look lives here. Nothing in it waits for the camera, the bridge or the disk: what
takes time runs in a task of its own and answers with an event.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_OFF
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.core import DOMAIN as HA_DOMAIN
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from .bridge_link import BridgeLink, Listener
from .camera_control import Camera, CameraError, NoCamera, OnvifCamera
from .config import CameraConfig, HomeConfig
from .const import CONF_CONSENT_GIVEN_BY, CONF_CONSENT_USER, SUBENTRY_CAMERA
from .issues import Issue, clear_issue, raise_issue
from .journal_store import Journal
from .link import LinkSide
from .looks import Looks, RefusalLimit
from .memory import Memory
from .plans import Plans
from .signing import NotSigned, ReceiptBook, Signing
from .tillsyn import entries as e
from .tillsyn import frames
from .tillsyn import gate_values as g
from .tillsyn.admission import Grant
from .tillsyn.errors import CloseReason, Problem
from .tillsyn.gate import LEASE_SECONDS, step
from .tillsyn.model import Instant
from .tillsyn.receipts import milliseconds
from .tillsyn.wire import Opened

_LOGGER = logging.getLogger(__name__)

type TrygghetskameraConfigEntry = ConfigEntry[Home]

STOP_SECONDS: Final = 8.0
"""How long unload and shutdown wait for the camera to be read back in its privacy position."""
CHECK_CLOSED_SECONDS: Final = 30.0
CHECK_OPEN_SECONDS: Final = 2.0
_WAITS: Final = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds before attempt 0, 1, ... of a move; with the move itself shorter than the gate's own limit."""
MOVE_LIMIT_SECONDS: Final = 10.5
_LIMIT_MARGIN: Final = 0.02
"""How long after a look's time is out the gate is asked to see so; a timer may ring a little early."""
_PROBLEM_ISSUES: Final = {Problem.CANNOT_LOOK_AWAY: Issue.CANNOT_LOOK_AWAY}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something for the event entity; ``details`` hold nobody's name."""

    kind: str
    details: Mapping[str, str | int]


class Home:
    """One home: its gate, its camera, its journal and its link."""

    def __init__(self, hass: HomeAssistant, entry: TrygghetskameraConfigEntry) -> None:
        """Nothing happens before ``start``."""
        self.hass = hass
        self.entry = entry
        self.settings = settings_of(entry)
        self.config = HomeConfig.read(entry.data)
        cameras = list(entry.get_subentries_of_type(SUBENTRY_CAMERA))
        self.device_id = ""
        """The home's device in the registry; known once set up."""
        self.camera_id = cameras[0].subentry_id if cameras else None
        self.camera_config = CameraConfig.read(cameras[0].data) if cameras else None
        self.camera: Camera = NoCamera() if self.camera_config is None else OnvifCamera(self.camera_config)
        self.gate = g.Gate()
        self.problems: frozenset[Problem] = frozenset()
        hub = self.config.pinned.hub
        self.journal = Journal(journal_path(hass, entry.entry_id), hass.async_add_executor_job)
        self.memory = Memory(self)
        self.link = LinkSide(self)
        self.connection = BridgeLink(
            async_get_clientsession(hass),
            self.config.bridge,
            Listener(self.link.up, self.link.frame, self.link.down),
        )
        self.signing = Signing(hub, self.connection.send)
        self.receipts = ReceiptBook(self.journal, self.signing, hub)
        self.looks = Looks(self, self.config.pinned)
        self.plans = Plans(self)
        self._refusals = RefusalLimit(time.monotonic)
        self._events: deque[g.Event] = deque()
        self._is_feeding = False
        self._moving: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._check_at = 0.0
        self._closed = asyncio.Event()
        self._listeners: list[CALLBACK_TYPE] = []
        self._audience: list[Callable[[Happening], None]] = []

    # ---- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Look away first; then read the journal; then the rest, which may take its time."""
        self.feed(g.Started())
        await self.memory.open()
        self.background(self._tick(), "clock")
        self.background(self.connection.run(), "home link")

    async def look_away(self) -> bool:
        """Home Assistant stops or lets go: end whatever runs, and wait until the camera is read back private."""
        self.feed(g.Stopping())
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._closed.wait()
        except TimeoutError:
            _LOGGER.warning("The camera could not be read back in its privacy position before the stop")
            return False
        return True

    async def look_away_directly(self) -> None:
        """The last chance when Home Assistant stops: the tasks have been cancelled already."""
        try:
            await self.camera.move(g.Target.PRIVACY, 0)
        except CameraError as err:
            _LOGGER.warning("The camera did not look away at the stop: %s", err.code)

    async def close(self) -> None:
        """Let go of the camera and, once all is written, of the journal; the tasks end with the entry."""
        self._stop_timer()
        for task in (self._moving, self._checking):
            if task is not None:
                task.cancel()
        await self.camera.close()
        await self.journal.close()

    def background(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run something for as long as the entry is loaded."""
        return self.entry.async_create_background_task(self.hass, work, f"{name} of {self.entry.entry_id}")

    def finish(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Run something that is to be finished even if the entry is unloaded."""
        self.hass.async_create_task(work, f"{name} of {self.entry.entry_id}")

    @property
    def looker(self) -> str | None:
        """The name of whoever looks in, or is about to: None where nobody does."""
        running = self.gate.running
        return running.reason.operator.name if running is not None and isinstance(running.reason, Grant) else None

    # ---- the gate ---------------------------------------------------------------------------------------------------

    def now(self) -> Instant:
        """Both clocks."""
        return Instant(dt_util.utcnow(), time.monotonic())

    @callback
    def feed(self, event: g.Event) -> None:
        """Tell the gate, and carry out what it answers. An event that comes up meanwhile waits for its turn."""
        self._events.append(event)
        if self._is_feeding:
            return
        self._is_feeding = True
        is_changed = False
        try:
            while self._events:
                is_changed = self._step(self._events.popleft()) or is_changed
        finally:
            self._is_feeding = False
        if is_changed:
            self.changed()

    def _step(self, event: g.Event) -> bool:
        """One event; whether it changed anything (most seconds change nothing)."""
        before = self.gate
        try:
            self.gate, effects = step(before, event, self.now())
        except Exception:
            _LOGGER.exception("The gate failed; the camera looks away")
            effects = _way_out(before, event)
        if self.gate.place is not before.place:
            self._check_at = time.monotonic() + CHECK_OPEN_SECONDS
            self._stop_timer()
            if self.gate.place is g.Place.CLOSED:
                self._closed.set()
            else:
                self._closed.clear()
        for effect in effects:
            try:
                self._carry_out(effect)
            except Exception:
                # The effects after it (the move away, above all) must still be carried out.
                _LOGGER.exception("An effect of the gate could not be carried out")
        self.link.terms_changed(before, self.gate)
        return self.gate != before or bool(effects)

    def _carry_out(self, effect: g.Effect) -> None:
        match effect:
            case g.StoreStart(reason):
                self.finish(self.memory.store_start(reason), "start of a look")
            case g.StoreEnd():
                self.finish(self._end(effect), "end of a look")
                self._tell_ended(effect)
            case g.Move():
                if self._moving is not None:
                    self._moving.cancel()
                self._moving = self.background(self._move(effect), "move")
            case g.RaiseProblem(problem):
                self._set_problems(self.problems | {problem})
            case g.ClearProblem(problem):
                self._set_problems(self.problems - {problem})
            case g.CutPower():
                self._cut_power()
            case _:
                if isinstance(effect, g.Opened):
                    self._time_out_in(effect.seconds)
                self._tell_bridge(effect)

    def _tell_bridge(self, effect: g.Effect) -> None:
        match effect:
            case g.Warm(look):
                self.send(frames.Warm(look, self.camera_id or ""))
            case g.GrantLease(look, counter):
                self.send(frames.Lease(look, self.camera_id or "", counter, int(LEASE_SECONDS * 1000)))
            case g.Opened(Grant() as grant, at, seconds):
                opened = Opened(grant.look, grant.request, milliseconds(at), seconds)
                self.finish(self._sign_opened(opened), "tk-opened")
                self.tell("look_started", seconds=seconds)
            case g.StopPicture(Grant() as grant, why):
                self.send(frames.StopPicture(grant.look, why))
            case g.Refuse(Grant() as grant, code):
                self.looks.refused(grant, code)

    async def _move(self, move: g.Move) -> None:
        await asyncio.sleep(_WAITS[min(move.attempt, len(_WAITS) - 1)])
        try:
            async with asyncio.timeout(MOVE_LIMIT_SECONDS):
                await self.camera.move(move.target, move.attempt)
        except (CameraError, TimeoutError) as err:
            _LOGGER.debug("Move %s to %s failed: %s", move.serial, move.target, err)
            self.feed(g.MoveFailed(move.serial))
        except Exception:
            # Unanswered, it would be tried again only when the gate's patience with it is over.
            _LOGGER.exception("A move failed in a way that was not foreseen")
            self.feed(g.MoveFailed(move.serial))
        else:
            self.feed(g.PositionConfirmed(move.serial))

    async def _end(self, end: g.StoreEnd) -> None:
        await self.memory.store_end(end)
        await self.memory.sign_receipts()

    async def _sign_opened(self, opened: Opened) -> None:
        try:
            await self.signing.sign(opened.look, opened)
        except NotSigned:
            _LOGGER.debug("tk-opened was not signed")

    def _cut_power(self) -> None:
        switch = "" if self.camera_config is None else self.camera_config.power_switch
        if switch:
            _LOGGER.warning("The camera does not look away; its power is cut")
            self.finish(
                self.hass.services.async_call(HA_DOMAIN, SERVICE_TURN_OFF, {ATTR_ENTITY_ID: switch}), "power cut"
            )

    def _set_problems(self, problems: frozenset[Problem]) -> None:
        self.problems = problems
        for problem, issue in _PROBLEM_ISSUES.items():
            if problem in problems:
                raise_issue(self.hass, self.entry.entry_id, issue)
            else:
                clear_issue(self.hass, self.entry.entry_id, issue)

    # ---- each second ------------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Feed the gate a tick each second of the monotonic clock. Nothing that goes wrong may stop the clock."""
        while True:
            await asyncio.sleep(1.0)
            for due in (self._feed_tick, self.looks.let_go_old, self.link.tick, self.memory.tick, self._check_position):
                try:
                    due()
                except Exception:
                    _LOGGER.exception("What is done each second could not be done")

    def _feed_tick(self) -> None:
        self.feed(g.Tick())

    def _time_out_in(self, seconds: int) -> None:
        """A tick when a look's time is out, so that it is not up to a second longer than agreed."""
        self._limit = self.hass.loop.call_later(seconds + _LIMIT_MARGIN, self._feed_tick)

    def _stop_timer(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _check_position(self) -> None:
        """Read back outside moves too: somebody else may have turned the camera."""
        mono = time.monotonic()
        if mono < self._check_at or self.gate.place not in (g.Place.CLOSED, g.Place.OPEN):
            return
        if self._checking is not None and not self._checking.done():
            return
        is_open = self.gate.place is g.Place.OPEN
        self._check_at = mono + (CHECK_OPEN_SECONDS if is_open else CHECK_CLOSED_SECONDS)
        self._checking = self.background(self.check_position(), "read-back")

    async def check_position(self) -> None:
        """Read back once, and tell the gate where the camera is not where it should be."""
        gate = self.gate
        if gate.place not in (g.Place.CLOSED, g.Place.OPEN):
            return
        target = g.Target.VIEW if gate.place is g.Place.OPEN else g.Target.PRIVACY
        try:
            is_there = await self.camera.is_at(target)
        except CameraError as err:
            _LOGGER.debug("The position could not be read: %s", err.code)
            is_there = False
        if not is_there and (self.gate.place, self.gate.serial) == (gate.place, gate.serial):
            self.feed(g.PositionLost())
        self.changed()

    # ---- to others --------------------------------------------------------------------------------------------------

    def send(self, frame: frames.Frame) -> None:
        """To the bridge; without a link there is nobody to hear it, and the bridge acts on that by itself."""
        self.connection.send(frame)

    def note_refusal(self, entry: e.LookRefused) -> None:
        """Somebody was refused: show it and write it down, within reason."""
        self.tell("look_refused", code=entry.code)
        if self._refusals.allows():
            self.finish(self.memory.note(entry), "refusal")

    def _tell_ended(self, end: g.StoreEnd) -> None:
        if isinstance(end.reason, Grant) and end.opened is not None:
            seconds = round(end.closed.mono - end.opened.mono)
            self.tell("look_ended", reason=end.why, seconds=seconds)

    def tell(self, kind: str, **details: str | int) -> None:
        """Fire the event entity."""
        for hear in list(self._audience):
            hear(Happening(kind, details))

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Be called whenever something may have changed."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def hear(self, listener: Callable[[Happening], None]) -> CALLBACK_TYPE:
        """Be told what happens."""
        self._audience.append(listener)
        return lambda: self._audience.remove(listener)

    @callback
    def changed(self) -> None:
        """Let everybody look again. What an entity makes of it is no reason to stop."""
        self.link.send_status()
        for listener in list(self._listeners):
            try:
                listener()
            except Exception:
                _LOGGER.exception("An entity could not be updated")


def _way_out(gate: g.Gate, event: g.Event) -> tuple[g.Effect, ...]:
    """What is always right, whatever the gate knew. A move whose answer is what it fails at is not sent without end."""
    running = gate.running
    stop = () if running is None else (g.StopPicture(running.reason, CloseReason.UNEXPECTED),)
    attempt = 4 if isinstance(event, g.PositionConfirmed | g.MoveFailed) else 0
    return (*stop, g.Move(g.Target.PRIVACY, gate.serial, attempt))


def settings_of(entry: TrygghetskameraConfigEntry) -> tuple[object, ...]:
    """What a change of asks for a new start. Options do not: they are read when they are needed."""
    data = {name: value for name, value in entry.data.items() if name not in (CONF_CONSENT_USER, CONF_CONSENT_GIVEN_BY)}
    return data, {key: dict(one.data) for key, one in entry.subentries.items()}


def journal_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Where the journal of this home is."""
    return Path(hass.config.path(".storage", f"trygghetskamera.{entry_id}.journal"))
