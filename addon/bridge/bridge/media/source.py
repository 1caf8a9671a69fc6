"""The camera as a source that keeps coming back while a look is open."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from .errors import NoH264Video, RtspError, Unauthorized
from .rtsp import RtspClient, RtspTarget, RtspTimeouts

_LOGGER = logging.getLogger(__name__)

FIRST_RETRY = 0.2
LAST_RETRY = 5.0
"""Seconds between connection attempts, doubling from the first to the last."""


class SourceState(Enum):
    """What `on_state` is told."""

    CONNECTING = "connecting"
    PLAYING = "playing"
    LOST = "lost"
    """Was lost or could not be reached; another try follows."""
    FAILED = "failed"
    """Will not come back by itself: wrong password, or no H.264."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A change of state, with the error behind LOST and FAILED."""

    state: SourceState
    error: RtspError | None = None


class Sink(Protocol):
    """Where the packets go; Forwarder is one."""

    def source_started(self, parameter_sets: Iterable[bytes], payload_type: int) -> None:
        """A connection is set up and PLAY is about to be sent."""

    def source_playing(self) -> None:
        """PLAY was answered."""

    def source_lost(self) -> None:
        """The connection is gone."""

    def feed(self, data: bytes) -> None:
        """One RTP packet."""


class CameraSource:
    """`prepare` (optional, no picture), `start` (PLAY, and again after every drop), `stop`."""

    def __init__(
        self,
        target: RtspTarget,
        sink: Sink,
        *,
        on_state: Callable[[SourceReport], None] | None = None,
        timeouts: RtspTimeouts | None = None,
    ) -> None:
        """Does not connect yet. `on_state` is called on the event loop and must not block or raise."""
        self._target = target
        self._sink = sink
        self._on_state = on_state
        self._timeouts = timeouts
        self._task: asyncio.Task[None] | None = None
        self._client: RtspClient | None = None
        self._parameter_sets: tuple[bytes, ...] = ()
        self._payload_type = -1
        self._lost: asyncio.Event = asyncio.Event()
        self._error: RtspError | None = None
        self._stopped = False

    async def prepare(self) -> None:
        """Connect up to SETUP, so that `start` only has to PLAY. No picture flows. Raises RtspError.

        A prepared session that the camera drops before `start` is connected again by `start`.
        """
        if self._stopped or self._task is not None:
            raise RuntimeError("prepare comes before start and stop")
        await self._connect()

    def start(self) -> None:
        """Play, and keep playing until `stop`. Returns at once. Safe to repeat."""
        if not self._stopped and self._task is None:
            self._task = asyncio.create_task(self._run(), name="camera source")

    async def stop(self) -> None:
        """No packet reaches the sink from the moment this is entered; then TEARDOWN. Safe to repeat."""
        self._stopped = True
        task, self._task = self._task, None
        client, self._client = self._client, None
        if task is not None:
            task.cancel()
        if client is not None:
            await client.close()
        if task is not None:
            await asyncio.wait([task])
            self._tell(SourceState.STOPPED)

    def _feed(self, data: bytes) -> None:
        if not self._stopped:
            self._sink.feed(data)

    def _on_lost(self, error: RtspError) -> None:
        self._error = error
        self._lost.set()

    def _tell(self, state: SourceState, error: RtspError | None = None) -> None:
        if self._on_state is not None:
            self._on_state(SourceReport(state, error))

    async def _connect(self) -> RtspClient:
        self._lost.clear()
        self._error = None
        client = RtspClient(self._target, on_rtp=self._feed, on_lost=self._on_lost, timeouts=self._timeouts)
        track = await client.connect()
        if self._stopped:
            await client.close()
            raise asyncio.CancelledError
        self._client = client
        self._parameter_sets = track.parameter_sets
        self._payload_type = track.payload_type
        return client

    async def _run(self) -> None:
        """One pass per camera connection."""
        delay = FIRST_RETRY
        while not self._stopped:
            try:
                await self._play_once()
                delay = FIRST_RETRY
            except (Unauthorized, NoH264Video) as err:
                self._client = None
                self._tell(SourceState.FAILED, err)
                return
            except RtspError as err:
                self._client = None
                self._error = err
            self._tell(SourceState.LOST, self._error)
            # Jitter keeps two bridges on one camera from knocking in step.
            await asyncio.sleep(delay * random.uniform(0.8, 1.0))  # noqa: S311
            delay = min(delay * 2, LAST_RETRY)

    async def _play_once(self) -> None:
        """Connect if not prepared, play until lost. Raises RtspError if it never came to playing."""
        self._tell(SourceState.CONNECTING)
        client = self._client
        if client is None or not client.alive:
            client = await self._connect()
        self._sink.source_started(self._parameter_sets, self._payload_type)
        await client.play()
        self._sink.source_playing()
        self._tell(SourceState.PLAYING)
        try:
            await self._lost.wait()
        finally:
            self._sink.source_lost()
            self._client = None
