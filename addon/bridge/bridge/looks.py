"""Carries out what session.py decides about media: a peer for each look, the camera's stream for the one under way."""

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Final

from tillsyn.errors import Refusal
from tillsyn.frames import Configure, Welcome
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
    source: CameraSource | None = None
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
        self._camera: Camera | None = None
        self._configure: Configure | None = None
        self._looks: dict[str, _Look] = {}
        self._sent: OrderedDict[str, Sent] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    def use_relay(self, relay: Welcome) -> None:
        """TURN servers for looks that are prepared from now on."""
        self._relay.use(relay)

    def use_camera(self, camera: Camera, configure: Configure) -> None:
        """The camera for looks that are warmed from now on."""
        self._camera = camera
        self._configure = configure

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

    def start_camera(self, look: str) -> None:
        """Play the camera's stream; the forwarder throws it away until ``open_picture``."""
        found, configure = self._looks.get(look), self._configure
        if found is None or found.peer is None or found.source is not None:
            return
        if configure is None:
            self._tell(MediaState(look, "picture_lost"))
            return
        uri = f"rtsp://{configure.host}:{configure.rtsp_port}{configure.rtsp_path}"
        try:
            target = RtspTarget(uri, configure.user, configure.password)
        except ValueError:
            self._tell(MediaState(look, "picture_lost"))
            return
        found.source = CameraSource(target, found.peer.forwarder, on_state=lambda report: self._source(found, report))
        self._lost_in(found)
        found.source.start()

    def _source(self, found: _Look, report: SourceReport) -> None:
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
            self._spawn(found, self._ask_key_frame())

    async def _ask_key_frame(self) -> bool:
        if self._camera is None:
            return False
        try:
            async with asyncio.timeout(KEY_FRAME_SECONDS):
                await self._camera.key_frame()
        except (CameraFault, TimeoutError) as err:
            _LOGGER.info("camera gives no key frame when asked", extra={"code": type(err).__name__})
            return False
        return True

    def open_picture(self, look: str) -> None:
        """The first lease is held. A frame taken while the camera swept is never sent.

        Forwarding begins with the first key frame after the camera, standing still, has agreed to make one.
        """
        found = self._looks.get(look)
        if found is not None and found.peer is not None:
            self._spawn(found, self._open_picture(found, found.peer))

    async def _open_picture(self, found: _Look, peer: Peer) -> None:
        if not await self._ask_key_frame():
            await asyncio.sleep(STALE_SECONDS)
        peer.forwarder.open(self._lease.permit(found.id, self._clock))
        while peer.forwarder.first_packet_at is None:  # noqa: ASYNC110 - a plain number, written for each packet
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

    def _spawn(self, found: _Look, work: Coroutine[object, object, object]) -> None:
        async def run() -> None:
            await work

        task = asyncio.create_task(run(), name="look")
        found.tasks.add(task)
        task.add_done_callback(lambda done: self._over(found, done))

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
