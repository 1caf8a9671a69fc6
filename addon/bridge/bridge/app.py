"""The bridge put together: links, looks, camera and lease, with session.py deciding."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final

import aiohttp

from tillsyn import frames
from tillsyn.errors import Refusal, Refused
from tillsyn.frames import (
    CameraAccess,
    Configure,
    DroveAway,
    Frame,
    Hello,
    HomeStatus,
    Noted,
    PairingResult,
    Reached,
    Rejected,
    StartPairing,
    Stopped,
)  # fmt: skip
from tillsyn.model import Instant

from .away import Away, AwayReport, AwayTiming
from .events import (
    Connect,
    DriveAway,
    Drop,
    Effect,
    EndPicture,
    Event,
    FromHome,
    FromService,
    Gather,
    HoldPicture,
    HomeDown,
    HomeUp,
    KeepSaid,
    LeaveCamera,
    LookedAway,
    LookEffect,
    OpenPicture,
    StartCamera,
    Tick,
    ToHome,
    ToService,
    WatchCamera,
)  # fmt: skip
from .home_link import HomeEvents, HomeLink
from .keep import Keep, Pairing
from .kept_receipts import KeptReceipts
from .lease import Lease
from .logs import short
from .looks import Looks
from .onvif import Camera
from .pairing import CANNOT_STORE, pair
from .reached import Remembered
from .service_link import NOT_PAIRED, UNREACHABLE, BackOff, LinkRefused, ServiceEvents, ServiceLink
from .session import Sessions
from .trust import Trust

_LOGGER = logging.getLogger(__name__)

AWAY_SECONDS: Final = 20.0
"""How long the bridge stays to drive the camera away when told to end; config.yaml's `timeout` is longer."""


def clock() -> float:
    """Seconds on the clock of the lease: it only runs forward, and on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. ``relay_only``: all media through TURN, so that no operator learns the home's addresses."""

    relay_only: bool = True
    back_off: BackOff = field(default_factory=BackOff)
    away: AwayTiming = field(default_factory=AwayTiming)


class Bridge:
    """``start``, then everything happens by itself; ``stop``."""

    def __init__(self, keep: Keep, session: aiohttp.ClientSession, options: Options) -> None:
        """``session`` is used for camera and service, and not closed here."""
        self._keep = keep
        self._session = session
        self._lease = Lease()
        self._sessions = Sessions(keep.hub, self._lease)
        self._looks = Looks(self._lease, clock, self._on, relay_only=options.relay_only)
        self._reached = Remembered(keep)
        self._access: dict[str, CameraAccess] = {}
        self._away: dict[str, Away] = {}
        self._away_timing = options.away
        self._home = HomeLink(keep, HomeEvents(self._home_up, self._home_frame, self._home_lost))
        self._kept_receipts = KeptReceipts(self._home.send)
        events = ServiceEvents(
            lambda frame: self._on(FromService(frame)),
            self._kept_receipts.heard,
            self._looks.use_relay,
            self._service_state,
        )
        self._service = ServiceLink(session, keep.hub, events, options.back_off)
        self._link_state = frames.ServiceLink(connected=False, code=NOT_PAIRED)
        self._timer: asyncio.TimerHandle | None = None
        self._pairing: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen for the integration, and link to the service where paired; gives the port. Raises OSError."""
        found = await self._home.start(host, port)
        if self._keep.pairing is not None:
            self._believe(self._keep.pairing)
        return found

    async def stop(self) -> None:
        """Stop pictures at once; then see the camera away, if it may be looking, for as long as allowed."""
        astray = self._sessions.unsettled
        self._on(HomeDown())
        await self._home.stop()
        if astray:
            await asyncio.wait([self._away[camera].drive() for camera in astray], timeout=AWAY_SECONDS)
        for away in self._away.values():
            away.leave()
        await self._looks.finish()
        await self._service.stop()
        await self._reached.finish()
        if self._timer is not None:
            self._timer.cancel()

    # -- deciding and doing -------------------------------------------------------------------------------------------

    def _on(self, event: Event) -> None:
        self._carry_out(lambda now: self._sessions.step(event, now))

    def _carry_out(self, decide: Callable[[Instant], Iterable[Effect]]) -> None:
        try:
            for effect in decide(Instant(datetime.now(UTC), clock())):
                self._try(effect)
        finally:
            self._set_timer()

    def _try(self, effect: Effect) -> None:
        """Carry it out; if that fails, those after it (to drive the camera away, above all) still are."""
        try:
            self._do(effect)
        except Exception:
            _LOGGER.exception("an effect could not be carried out")

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._sessions.deadline
        if deadline is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, deadline - clock()), self._on, Tick())

    def _do(self, effect: Effect) -> None:
        match effect:
            case ToHome(frame=frame):
                self._home.send(frame)
            case ToService(frame=frame, keep=keep):
                self._service.send(frame, keep=keep)
            case WatchCamera(camera=camera):
                self._away[camera].watch()
            case DriveAway(camera=camera):
                _LOGGER.warning("driving the camera away")
                self._away[camera].drive()
            case LeaveCamera(camera=camera):
                self._away[camera].leave()
            case KeepSaid(said=said):
                self._keep.store_said(said)
            case _:
                self._do_look(effect)

    def _do_look(self, effect: LookEffect) -> None:
        match effect:
            case Gather(look=look):
                self._looks.gather(look)
            case Connect(look=look, connection=connection):
                self._looks.connect(look, connection)
            case StartCamera(look=look, camera=camera):
                self._looks.start_camera(look, camera)
            case HoldPicture(look=look):
                self._looks.hold(look)
            case OpenPicture(look=look, camera=camera):
                _LOGGER.info("look open", extra={"look": short(look)})
                self._looks.open_picture(look, camera)
            case EndPicture(look=look):
                self._end(look)
            case Drop(look=look):
                self._looks.end(look)

    def _end(self, look: str) -> None:
        sent = self._looks.end(look)
        _LOGGER.info("look ended", extra={"look": short(look), "count": sent.packets, "last_ms": sent.last_ms})
        self._home.send(Stopped(look, sent.packets, sent.last_ms))

    def _use_cameras(self, frame: Configure) -> None:
        """A camera that is told of as before keeps its drive; one that is not told of any more is let go."""
        told = {one.camera: one for one in frame.cameras}
        same = {camera: self._access.get(camera) == access for camera, access in told.items()}
        for camera in self._away.keys() - told.keys():
            self._away.pop(camera).leave()
        cameras = {camera: (Camera(self._session, access), access) for camera, access in told.items()}
        for camera, (control, access) in cameras.items():
            if camera not in self._away:
                self._away[camera] = Away(partial(self._camera_away, camera), self._away_timing)
            self._away[camera].use(control, access)
        self._access = told
        self._carry_out(lambda now: self._sessions.use_cameras(same, now))
        self._looks.use_cameras(cameras)

    def _camera_away(self, camera: str, report: AwayReport) -> None:
        if report is not AwayReport.FAILING:
            self._on(LookedAway(camera))
        if report is not AwayReport.SEEN:
            _LOGGER.log(
                logging.INFO if report is AwayReport.DROVE else logging.ERROR,
                "camera driven away" if report is AwayReport.DROVE else "camera cannot be driven away",
            )
            self._home.send(DroveAway(camera, done=report is AwayReport.DROVE))

    # -- the integration ----------------------------------------------------------------------------------------------

    def _home_up(self) -> None:
        """Say who this is. Only a connection that configures is of a home that takes what is held for it and decides
        about looks: Home Assistant's setup asks over this link too, and takes the place of the other meanwhile.
        """
        pairing = self._keep.pairing
        hub = self._keep.hub.public.x
        self._home.send(
            frames.Bridge(hub, "", "")
            if pairing is None
            else frames.Bridge(hub, pairing.root.x, pairing.certificate, pairing.chain)
        )
        self._home.send(self._reached.last)
        self._home.send(self._link_state)

    def _home_lost(self) -> None:
        self._cancel_pairing()
        self._on(HomeDown())
        self._kept_receipts.home_down()
        self._service.status(None)

    def _home_frame(self, frame: Frame) -> None:
        match frame:
            case Hello():
                raise Refused(Refusal.BAD_MESSAGE, "second hello")
            case Configure():
                self._use_cameras(frame)
                self._on(HomeUp())
                self._kept_receipts.home_up()
            case HomeStatus():
                self._sessions.in_force = frame.plan
                self._service.status(frame)
            case Reached():
                self._reached.told(frame)
            case Noted():
                self._service.noted(frame)
            case StartPairing(code=code):
                self._cancel_pairing()
                self._pairing = asyncio.create_task(self._pair(code), name="pairing")
            case _:
                self._on(FromHome(frame))

    # -- the service --------------------------------------------------------------------------------------------------

    def _service_state(self, connected: bool, code: str) -> None:
        state = frames.ServiceLink(connected, code)
        if state != self._link_state:
            self._link_state = state
            self._home.send(state)

    def _believe(self, pairing: Pairing) -> None:
        trust = Trust(pairing.root, self._keep.hub.public, pairing.certificate, self._keep.said)
        self._carry_out(lambda _now: self._sessions.believe(trust))
        self._service_state(connected=False, code=UNREACHABLE)  # until it is linked
        self._service.use(pairing)

    async def _pair(self, code: str) -> None:
        if self._sessions.busy:
            self._home.send(Rejected(Refusal.BUSY))
            return
        try:
            pairing = await pair(self._session, self._keep.hub, code)
            self._keep.store_pairing(pairing)
        except LinkRefused as err:
            self._pairing_failed(err.code)
        except Refused as err:
            self._pairing_failed(err.code)
        except OSError:
            self._pairing_failed(CANNOT_STORE)
        else:
            _LOGGER.info("paired")
            self._home.send(PairingResult(pairing.root.x, pairing.certificate, pairing.chain))
            self._believe(pairing)

    def _pairing_failed(self, code: str) -> None:
        _LOGGER.warning("pairing failed", extra={"code": code})
        self._home.send(Rejected(code))

    def _cancel_pairing(self) -> None:
        if self._pairing is not None:
            self._pairing.cancel()
            self._pairing = None
