"""Carries out what session.py decides about media: a peer for each look, the camera's stream for the one under way."""

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Final

from tillsyn.errors import Refusal
from tillsyn.frames import CameraAccess, Welcome
from tillsyn.wire import Connection

from .events import Connected, Event, Gathered, MediaState, NoPath
from .lease import Lease
from .link import nonce
from .logs import short
from .media import (
    CameraSource,
    ConnectionFields,
    FieldsError,
    IdentityMismatch,
    Peer,
    PeerError,
    RtspTarget,
    SourceState,
)  # fmt: skip
from .media.source import SourceReport
from .onvif import Camera, CameraFault
from .relay import Relay

_LOGGER = logging.getLogger(__name__)

PICTURE_LOST_SECONDS: Final = 5.0
"""How long the camera's stream may be gone before the look is said to have lost its picture."""
SILENT_SECONDS: Final = 5.0
"""An operator's browser reports reception about each second; after this long without, it is gone."""
KEY_FRAME_SECONDS: Final = 1.0
STALE_SECONDS: Final = 0.5
"""Where a camera cannot be asked for a key frame: how long frames may be on their way from lens to bridge."""
_REMEMBERED: Final = 8
_SHORT_CANDIDATE = re.compile(r"(candidate:\S+ 1) (?:udp|UDP) (\S+ \S+ \S+ typ (?:host|srflx|relay))( .*)?")


@dataclass(frozen=True, slots=True)
class Sent:
    """What left in a look: packets, and UTC milliseconds of the last one (0 if none)."""

    packets: int = 0
    last_ms: int = 0


@dataclass(slots=True)
class _Look:
    id: str
    peer: Peer | None = None
    camera: str = ""
    source: CameraSource | None = None
    opening: asyncio.Task[None] | None = None
    lost: asyncio.TimerHandle | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Looks:
    """All calls return at once; what comes of them is told through ``tell``."""

    def __init__(
        self, lease: Lease, clock: Callable[[], float], tell: Callable[[Event], None], *, relay_only: bool
    ) -> None:
        """``clock`` is the one that ``lease`` is kept by."""
        self._lease = lease
        self._clock = clock
        self._tell = tell
        self._relay = Relay(relay_only=relay_only)
        self._cameras: Mapping[str, tuple[Camera, CameraAccess]] = {}
        self._looks: dict[str, _Look] = {}
        self._sent: OrderedDict[str, Sent] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    def use_relay(self, relay: Welcome) -> None:
        """TURN servers for looks that are prepared from now on."""
        self._relay.use(relay)

    def use_cameras(self, cameras: Mapping[str, tuple[Camera, CameraAccess]]) -> None:
        """The cameras for looks that are warmed from now on."""
        self._cameras = cameras

    # -- before the gate opens ----------------------------------------------------------------------------------------

    def gather(self, look: str) -> None:
        """Make this end of a connection."""
        found = self._looks[look] = _Look(look)
        self._spawn(found, self._gather(found))

    async def _gather(self, found: _Look) -> None:
        try:
            config = await self._relay.config()
            found.peer = await Peer.prepare(config, on_key_frame_wanted=lambda: self._key_frame(found))
        except (PeerError, ValueError, OSError) as err:
            self._relay.failed()
            self._failed(found, err)
            return
        own = found.peer.fields
        connection = Connection(own.fingerprint, own.ufrag, own.password, own.candidates, own.setup)
        self._tell(Gathered(found.id, connection, nonce()))

    def connect(self, look: str, connection: Connection) -> None:
        """Connect to exactly this other end."""
        found = self._looks.get(look)
        if found is not None and found.peer is not None:
            self._spawn(found, self._connect(found, found.peer, connection))

    async def _connect(self, found: _Look, peer: Peer, connection: Connection) -> None:
        try:
            await peer.connect(_fields(connection))
        except (PeerError, ValueError, OSError) as err:
            self._failed(found, err)
            return
        self._tell(Connected(found.id))
        await peer.wait_lost()
        self._tell(MediaState(found.id, "operator_gone"))

    def _failed(self, found: _Look, err: Exception) -> None:
        _LOGGER.warning("no connection to the operator", extra={"look": short(found.id), "code": type(err).__name__})
        wrong = isinstance(err, FieldsError | IdentityMismatch)
        self._tell(NoPath(found.id, Refusal.WRONG_CONNECTION if wrong else Refusal.NO_RELAY))

    # -- while it is open ---------------------------------------------------------------------------------------------

    def start_camera(self, look: str, camera: str) -> None:
        """Play this camera's stream; the forwarder throws it away until ``open_picture``."""
        found, known = self._looks.get(look), self._cameras.get(camera)
        if found is None or found.peer is None or found.source is not None:
            return
        if known is None:
            self._tell(MediaState(look, "picture_lost"))
            return
        access = known[1]
        uri = f"rtsp://{access.host}:{access.rtsp_port}{access.rtsp_path}"
        try:
            target = RtspTarget(uri, access.user, access.password)
        except ValueError:
            self._tell(MediaState(look, "picture_lost"))
            return
        found.camera = camera
        found.source = CameraSource(
            target, found.peer.forwarder, on_state=lambda report: self._source(found, camera, report)
        )
        self._lost_in(found)
        found.source.start()

    def hold(self, look: str) -> None:
        """Nothing of the camera leaves once this returns, and nothing of it is taken any more."""
        found = self._looks.get(look)
        if found is None or found.peer is None:
            return
        found.peer.forwarder.hold()
        source, found.source, found.camera = found.source, None, ""
        opening, found.opening = found.opening, None
        if opening is not None:
            opening.cancel()
        self._not_lost(found)
        if source is not None:
            # From the first step of stop on, the source gives nothing to the forwarder.
            stopping = asyncio.create_task(source.stop(), name="leave camera", eager_start=True)
            self._closing.add(stopping)
            stopping.add_done_callback(self._closing.discard)

    def _source(self, found: _Look, camera: str, report: SourceReport) -> None:
        if found.camera != camera:
            return
        match report.state:
            case SourceState.PLAYING:
                self._not_lost(found)
                self._tell(MediaState(found.id, "playing"))
                self._key_frame(found)  # and so the way to the camera's services is warm when the gate opens
            case SourceState.LOST:
                self._lost_in(found)
            case SourceState.FAILED:
                self._not_lost(found)
                self._tell(MediaState(found.id, "picture_lost"))
            case _:
                return

    def _lost_in(self, found: _Look) -> None:
        if found.lost is None:
            loop = asyncio.get_running_loop()
            found.lost = loop.call_later(PICTURE_LOST_SECONDS, self._tell, MediaState(found.id, "picture_lost"))

    @staticmethod
    def _not_lost(found: _Look) -> None:
        if found.lost is not None:
            found.lost.cancel()
            found.lost = None

    def _key_frame(self, found: _Look) -> None:
        if found.id in self._looks:
            self._spawn(found, self._ask_key_frame(found.camera))

    async def _ask_key_frame(self, camera: str) -> bool:
        known = self._cameras.get(camera)
        if known is None:
            return False
        try:
            async with asyncio.timeout(KEY_FRAME_SECONDS):
                await known[0].key_frame()
        except (CameraFault, TimeoutError) as err:
            _LOGGER.info("camera gives no key frame when asked", extra={"code": type(err).__name__})
            return False
        return True

    def open_picture(self, look: str, camera: str) -> None:
        """The first lease for this camera is held. A frame taken while the camera swept is never sent.

        Forwarding begins with the first key frame after the camera, standing still, has agreed to make one.
        """
        found = self._looks.get(look)
        if found is not None and found.peer is not None:
            found.opening = self._spawn(found, self._open_picture(found, found.peer, camera))

    async def _open_picture(self, found: _Look, peer: Peer, camera: str) -> None:
        if not await self._ask_key_frame(camera):
            await asyncio.sleep(STALE_SECONDS)
        before = peer.forwarder.packets_sent
        peer.forwarder.open(self._lease.permit(found.id, camera, self._clock))
        while peer.forwarder.packets_sent == before:  # noqa: ASYNC110 - a plain number, written for each packet
            await asyncio.sleep(0.01)
        self._tell(MediaState(found.id, "first_packet"))
        opened = time.monotonic()
        while time.monotonic() - max(opened, peer.heard_at or 0.0) < SILENT_SECONDS:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(SILENT_SECONDS / 10)
        self._tell(MediaState(found.id, "operator_gone"))

    # -- the end ------------------------------------------------------------------------------------------------------

    def end(self, look: str) -> Sent:
        """Nothing of this look leaves once this returns; the rest is closed in the background. Safe to repeat."""
        found = self._looks.pop(look, None)
        if found is None:
            return self._sent.get(look, Sent())
        sent = Sent()
        if found.peer is not None:
            forwarder = found.peer.forwarder
            forwarder.close()
            if forwarder.last_packet_at is not None:
                at = time.time() - (time.monotonic() - forwarder.last_packet_at)
                sent = Sent(forwarder.packets_sent, round(at * 1000))
        self._not_lost(found)
        for task in found.tasks:
            task.cancel()
        task = asyncio.create_task(_close(found), name="close look")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        self._sent[look] = sent
        while len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)
        return sent

    async def finish(self) -> None:
        """End all looks and wait, a short while, until they are closed."""
        for look in tuple(self._looks):
            self.end(look)
        self._relay.close()
        if self._closing:
            await asyncio.wait(self._closing, timeout=2.0)

    def _spawn(self, found: _Look, work: Coroutine[object, object, object]) -> asyncio.Task[None]:
        async def run() -> None:
            await work

        task = asyncio.create_task(run(), name="look")
        found.tasks.add(task)
        task.add_done_callback(lambda done: self._over(found, done))
        return task

    def _over(self, found: _Look, task: asyncio.Task[None]) -> None:
        found.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOGGER.error("look failed", exc_info=error, extra={"look": short(found.id)})
            self._tell(MediaState(found.id, "picture_lost"))


async def _close(found: _Look) -> None:
    try:
        if found.peer is not None:
            await found.peer.close()
    finally:
        if found.source is not None:
            await found.source.stop()


def _fields(connection: Connection) -> ConnectionFields:
    """The signed fields as the media half takes them: UDP only, without what browsers append. Raises FieldsError."""
    short_form = [_SHORT_CANDIDATE.fullmatch(one) for one in connection.candidates]
    candidates = tuple(f"{one[1]} udp {one[2]}" for one in short_form if one is not None)
    return ConnectionFields(connection.fingerprint, connection.ufrag, connection.password, candidates, connection.setup)
