"""The shell of one home: carries out what the gates of its cameras ask for, in order, and tells them what happened.

No rule about when the camera may look lives here. Nothing in it waits for the camera, the bridge or the disk: what
takes time runs in a task of its own and answers with an event.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from .aiming import Aiming
from .bridge_link import BridgeLink, Listener
from .camera_loss import CameraLoss
from .camera_side import CameraSide, make_sides
from .config import CameraConfig, HomeConfig, InstallingCamera
from .consent_issues import ConsentIssues
from .const import CONF_CONSENT_GIVEN_BY, CONF_SET_UP, SUBENTRY_CAMERA
from .journal_store import Journal, journal_path
from .kept_receipts import KeptReceipts
from .link import LinkSide
from .looks import Looks, RefusalLimit
from .memory import Memory
from .missed import Missed
from .pauses import Pauses
from .plans import Plans
from .purging import Purging
from .restored import Restored
from .reviews import Reviews
from .signing import NotSigned, ReceiptBook, Signing
from .sleep import Sleep
from .tillsyn import entries as e
from .tillsyn import frames
from .tillsyn import gate_values as g
from .tillsyn.admission import Grant, TurnGrant
from .tillsyn.chain import Trust
from .tillsyn.errors import CloseReason, Problem
from .tillsyn.gate_rules import LEASE_SECONDS
from .tillsyn.house import House, HouseEvent, Located, RefuseTurn, TurnRequested, camera_for, step
from .tillsyn.model import Instant, Room
from .tillsyn.receipts import milliseconds
from .tillsyn.wire import Opened, ReceiptAck
from .trust import TrustSide
from .wishes import Wishes

_LOGGER = logging.getLogger(__name__)

type TrygghetskameraConfigEntry = ConfigEntry[Home]

STOP_SECONDS: Final = 8.0
"""How long unload and shutdown wait for the camera to be read back in its privacy position."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something for the event entity; ``details`` hold nobody's name."""

    kind: str
    details: Mapping[str, str | int]


class Home:
    """One home: the gates of its cameras, its journal and its link."""

    def __init__(self, hass: HomeAssistant, entry: TrygghetskameraConfigEntry) -> None:
        """Nothing happens before ``start``."""
        self.hass = hass
        self.entry = entry
        self.settings = settings_of(entry)
        self.config = HomeConfig.read(entry.data)
        self.device_id = ""
        """The home's device in the registry; known once set up."""
        self.sides = make_sides(self, known_cameras(entry))
        """All cameras, also those that are not installed yet."""
        self.house = House(MappingProxyType({camera: g.Gate() for camera in self.sides}))
        self.aiming = Aiming(self)
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
        self.trust_side = TrustSide(self)
        self.kept_receipts = KeptReceipts(self)
        self.pauses = Pauses(self)
        self.wishes = Wishes(self)
        self.reviews = Reviews(self)
        self.loss = CameraLoss(self)
        self.consent_issues = ConsentIssues(self)
        self.restored = Restored(self)
        self.sleep = Sleep(self)
        self.purging = Purging(self)
        self._refusals = RefusalLimit(time.monotonic)
        self._events: deque[tuple[str | None, HouseEvent]] = deque()
        self._is_feeding = False
        self._closed = asyncio.Event()
        self._listeners: list[CALLBACK_TYPE] = []
        self._audience: list[Callable[[Happening], None]] = []
        self.missed = Missed(self)

    # ---- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Look away first; then read the journal; then the rest, which may take its time."""
        self.feed(g.Started())
        for side in self.sides.values():
            self.entry.async_on_unload(side.watch_power())
        await self.memory.open()
        self.background(self._tick(), "clock")
        self.link.start()

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
        await asyncio.gather(*(side.look_away_directly() for side in self.sides.values()))

    async def close(self) -> None:
        """Let go of the cameras and, once all is written, of the journal; the tasks end with the entry."""
        await asyncio.gather(*(side.close() for side in self.sides.values()))
        await self.journal.close()

    def background(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run something for as long as the entry is loaded."""
        return self.entry.async_create_background_task(self.hass, work, f"{name} of {self.entry.entry_id}")

    def finish(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Run something that is to be finished even if the entry is unloaded."""
        self.hass.async_create_task(work, f"{name} of {self.entry.entry_id}")

    @property
    def cameras(self) -> Mapping[str, CameraSide]:
        """The installed cameras, by subentry."""
        return {camera: side for camera, side in self.sides.items() if side.config is not None}

    @property
    def shown(self) -> Mapping[str, CameraSide]:
        """The cameras that have a device and entities: all, installed or not, by subentry."""
        return {camera: side for camera, side in self.sides.items() if side.known is not None}

    @property
    def camera_id(self) -> str:
        """The camera with which somebody looks, or else with which the next look begins; '' where there is none."""
        plan = next(iter(self.house.gates.values())).plan
        return self.house.busy or self.camera_in(() if plan is None else plan.rooms) or next(iter(self.sides))

    def camera_in(self, rooms: Sequence[Room]) -> str | None:
        """The camera of the first of these rooms that has one."""
        return camera_for(rooms, self.rooms)

    @property
    def rooms(self) -> Mapping[str, Room]:
        """Where the installed cameras are."""
        return {camera: side.room for camera, side in self.cameras.items()}

    @property
    def gate(self) -> g.Gate:
        """The gate of that camera. What the home has agreed to is the same in all."""
        return self.house.gates[self.camera_id]

    @property
    def trust(self) -> Trust:
        """What is known of the root's will."""
        return self.trust_side.known

    @property
    def problems(self) -> frozenset[Problem]:
        """What is wrong with any camera."""
        return frozenset().union(*(side.problems for side in self.sides.values()))

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
    def feed(self, event: HouseEvent, camera: str | None = None) -> None:
        """Tell the gate of a camera (None: of all), and carry out what it answers.

        An event that comes up meanwhile waits for its turn.
        """
        self._events.append((camera, event))
        if self._is_feeding:
            return
        self._is_feeding = True
        is_changed = False
        try:
            while self._events:
                is_changed = self._step(*self._events.popleft()) or is_changed
        finally:
            self._is_feeding = False
        if is_changed:
            self.changed()

    def _step(self, camera: str | None, event: HouseEvent) -> bool:
        """One event; whether it changed anything (most seconds change nothing)."""
        before = self.house
        try:
            self.house, effects = step(before, camera, event, self.now())
        except Exception:
            _LOGGER.exception("A gate failed; the cameras look away")
            effects = _way_out(before, event)
        self._stepped(before, effects)
        return self.house != before or bool(effects)

    def request(self, grant: Grant) -> None:
        """A verified click: for the camera of the first of the plan's rooms that has one."""
        plan = self.gate.plan
        self.feed(g.LookRequested(grant), self.camera_in(() if plan is None else plan.rooms))

    def turn(self, turned: TurnGrant) -> None:
        """A verified wish to go on with the open look in another room."""
        self.feed(TurnRequested(turned, self.camera_in((turned.room,))))

    def _stepped(self, before: House, effects: tuple[Located, ...]) -> None:
        for camera, side in self.sides.items():
            if self.house.gates[camera].place is not before.gates[camera].place:
                side.place_changed()
        if all(side.is_resting for side in self.sides.values()):
            self._closed.set()
        else:
            self._closed.clear()
        for camera, effect in effects:
            try:
                self._carry_out(self.sides[camera], effect)
            except Exception:
                # The effects after it (the move away, above all) must still be carried out.
                _LOGGER.exception("An effect of the gate could not be carried out")
        for camera, gate in self.house.gates.items():
            self.link.terms_changed(before.gates[camera], gate)

    def _carry_out(self, side: CameraSide, effect: g.Effect | RefuseTurn) -> None:
        match effect:
            case RefuseTurn(turned, code):
                self.looks.turn_refused(turned, code)
            case g.StoreStart(reason):
                self.finish(self.memory.store_start(reason, side), "start of a look")
            case g.StoreTurn(reason):
                self.finish(self.memory.store_turn(reason, side), "turn of a look")
            case g.StoreEnd():
                self.finish(self._end(effect, side), "end of a look")
                self._tell_ended(effect)
            case _:
                side.carry_out(effect)
                self._tell_bridge(side, effect)
                self._tell_installer(side, effect)

    def _tell_installer(self, side: CameraSide, effect: g.Effect) -> None:
        match effect:
            case g.Refuse(g.Aim(), code):
                self.aiming.refused(side.id, code)
            case g.StopPicture(g.Aim()):
                self.aiming.ended(side.id)

    def _tell_bridge(self, side: CameraSide, effect: g.Effect) -> None:
        match effect:
            case g.Warm(look):
                self.send(frames.Warm(look, side.id))
            case g.Hold(look):
                self.send(frames.Hold(look, side.id))
            case g.GrantLease(look, counter):
                self.send(frames.Lease(look, side.id, counter, int(LEASE_SECONDS * 1000)))
            case g.Opened(Grant() as grant, at, seconds, request):
                opened = Opened(grant.look, request, milliseconds(at), seconds)
                self.finish(self._sign_opened(opened), "tk-opened")
                if request == grant.request:
                    self.tell("look_started", seconds=seconds)
            case g.StopPicture(Grant() as grant, why):
                self.send(frames.StopPicture(grant.look, why))
            case g.Refuse(Grant() as grant, code):
                self.looks.refused(grant, code)

    async def _end(self, end: g.StoreEnd, side: CameraSide) -> None:
        await self.memory.store_end(end, side)
        await self.memory.sign_receipts()

    async def _sign_opened(self, opened: Opened) -> None:
        try:
            await self.signing.sign(opened.look, opened)
        except NotSigned:
            _LOGGER.debug("tk-opened was not signed")

    # ---- each second ------------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """Feed the gate a tick each second of the monotonic clock. Nothing that goes wrong may stop the clock."""
        while True:
            await asyncio.sleep(1.0)
            checks = [side.check_if_due for side in self.sides.values()]
            asks = (self.restored.tick, self.loss.tick, self.consent_issues.tick)
            each = (self.feed_tick, self.looks.let_go_old, self.link.tick, self.memory.tick, self.trust_side.tick)
            wishes = (self.pauses.tick, self.wishes.tick, self.missed.tick, self.reviews.tick, self.sleep.tick)
            for due in (*each, *wishes, self.purging.tick, self.kept_receipts.tick, *asks, *checks):
                try:
                    due()
                except Exception:
                    _LOGGER.exception("What is done each second could not be done")

    def feed_tick(self) -> None:
        """A second has passed, or a look's time is out."""
        self.feed(g.Tick())

    async def check_positions(self) -> None:
        """Read back every camera once."""
        await asyncio.gather(*(side.check_position() for side in self.sides.values()))

    # ---- to others --------------------------------------------------------------------------------------------------

    def send(self, frame: frames.Frame) -> None:
        """To the bridge; without a link there is nobody to hear it, and the bridge acts on that by itself."""
        self.connection.send(frame)

    def note_refusal(self, entry: e.LookRefused) -> None:
        """Somebody was refused: show it and write it down, within reason."""
        self.tell("look_refused", code=entry.code)
        if self._refusals.allows():
            self.finish(self.memory.note(entry), "refusal")

    def note_acknowledgement(self, ack: ReceiptAck, operator: str, entry: e.ReceiptAcknowledged) -> None:
        """Whoever looked has seen a receipt: write it down where it is theirs."""
        self.finish(self.memory.acknowledge(ack, operator, entry), "acknowledgement")

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


def _way_out(house: House, event: HouseEvent) -> tuple[Located, ...]:
    """What is always right, whatever a gate knew. A move whose answer is what it fails at is not sent without end."""
    attempt = 4 if isinstance(event, g.PositionConfirmed | g.MoveFailed) else 0
    effects: list[Located] = []
    for camera, gate in house.gates.items():
        if gate.running is not None:
            effects.append((camera, g.StopPicture(gate.running.reason, CloseReason.UNEXPECTED)))
        effects.append((camera, g.Move(g.Target.PRIVACY, gate.serial, attempt)))
    return tuple(effects)


def known_cameras(entry: TrygghetskameraConfigEntry) -> dict[str, CameraConfig | InstallingCamera]:
    """The cameras of the entry, installed or not, by subentry."""
    subentries = {one.subentry_id: one.data for one in entry.get_subentries_of_type(SUBENTRY_CAMERA)}
    return {name: CameraConfig.find(data) or InstallingCamera.read(data) for name, data in subentries.items()}


def settings_of(entry: TrygghetskameraConfigEntry) -> tuple[object, ...]:
    """What a change of asks for a new start. Options do not: they are read when they are needed."""
    data = {name: value for name, value in entry.data.items() if name not in (CONF_SET_UP, CONF_CONSENT_GIVEN_BY)}
    return data, known_cameras(entry)
