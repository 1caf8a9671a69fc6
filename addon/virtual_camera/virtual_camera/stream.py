"""One live stream: a thread that makes and codes pictures on an even beat, only while somebody watches.

Like a real camera, the key frames come at their own time, not when somebody starts to watch: a viewer who joins
between two of them waits for the next, or asks for one. Coding stops when nobody watches, but the beat goes on.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Thread

from .encoder import Encoder, is_parameter_set, parameter_sets
from .marks import Marks
from .rtp import VIDEO_CLOCK
from .scene import Scene, View
from .settings import Profile

_MAX_MISSED = 4
"""Beats that a busy machine may miss; more means that the stream has rested."""
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LivePicture:
    """One coded picture on its way out. `timestamp` counts 90 kHz, `taken_at` is monotonic seconds."""

    nal_units: tuple[bytes, ...]
    is_key: bool
    timestamp: int
    taken_at: float


type Viewer = Callable[[LivePicture], None]


class Stream:
    """Hands pictures of one profile to its viewers, on the event loop."""

    def __init__(
        self,
        profile: Profile,
        scene: Callable[[], Scene],
        marks: Callable[[int], Marks],
        *,
        has_parameter_sets: bool,
    ) -> None:
        """Prepare the stream; `scene` and `marks` are called from its thread for every picture."""
        self.profile = profile
        self._scene = scene
        self._marks = marks
        self._has_parameter_sets = has_parameter_sets
        # The camera has been on for a beat or two, so the first key frame is a whole distance away.
        self._epoch = time.monotonic() - 1.5 / profile.fps
        self._viewers: list[Viewer] = []
        self._wake = Condition()
        self._is_watched = False
        self._is_closed = False
        self._is_key_wanted = False
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_watched(self) -> bool:
        """Whether anybody watches; if not, nothing is coded."""
        return self._is_watched

    def parameter_sets(self) -> tuple[bytes, ...]:
        """Give the parameter sets for the session description. Blocks for some milliseconds the first time."""
        return parameter_sets(self.profile)

    def timestamp_at(self, moment: float) -> int:
        """Give the 90 kHz time stamp of a moment (monotonic seconds)."""
        return int((moment - self._epoch) * VIDEO_CLOCK)

    def add(self, viewer: Viewer) -> None:
        """Begin to hand pictures to `viewer`."""
        self._loop = asyncio.get_running_loop()
        self._viewers.append(viewer)
        with self._wake:
            self._is_watched = True
            self._wake.notify()
        if self._thread is None:
            self._thread = Thread(target=self._run, name=f"stream-{self.profile.token}", daemon=True)
            self._thread.start()

    def remove(self, viewer: Viewer) -> None:
        """Hand no more pictures to `viewer`; the coding rests when it was the last."""
        if viewer in self._viewers:
            self._viewers.remove(viewer)
        with self._wake:
            self._is_watched = bool(self._viewers)
            self._wake.notify()

    def request_key_frame(self) -> None:
        """Make the next picture a key frame; without viewers it would be gone before the first one comes."""
        with self._wake:
            self._is_key_wanted = self._is_watched

    def configure(self, profile: Profile) -> None:
        """Use another bit rate, frame rate or key-frame distance from the next picture on."""
        with self._wake:
            self.profile = profile

    async def close(self) -> None:
        """Stop the thread."""
        self._viewers.clear()
        with self._wake:
            self._is_closed = True
            self._wake.notify()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            self._make_pictures()
        except Exception:
            _LOGGER.exception("The stream stopped")

    def _make_pictures(self) -> None:
        profile = self.profile
        encoder, view = Encoder(profile), View(profile.width, profile.height)
        previous = 0
        while (number := self._next_number(profile, previous)) is not None:
            if self.profile != profile:
                profile, previous = self.profile, 0
                encoder = Encoder(profile)
                self.request_key_frame()
                continue
            is_key = self._is_key_due(number, previous, profile.gop)
            previous = number
            taken_at = time.monotonic()
            frame = view.picture(self._scene(), self._marks(number))
            coded = encoder.encode(frame, number, is_key=is_key)
            # A new coder begins with a key frame. It stays in here unless one was due: had the camera coded all the
            # time, the viewer would have come between two key frames.
            if is_key or not coded.is_key:
                self._hand_out(LivePicture(coded.nal_units, coded.is_key, self._stamp(number, profile), taken_at))

    def _is_key_due(self, number: int, previous: int, gop: int) -> bool:
        with self._wake:
            is_wanted, self._is_key_wanted = self._is_key_wanted, False
        # A busy machine may have missed the key frame's own beat; after a rest a missed one stays missed.
        is_late = number - previous <= _MAX_MISSED and number // gop != previous // gop
        return is_wanted or is_late or number % gop == 0

    def _stamp(self, number: int, profile: Profile) -> int:
        return round(number * VIDEO_CLOCK / profile.fps)

    def _next_number(self, profile: Profile, previous: int) -> int | None:
        """Wait for the next beat while somebody watches; give the picture's number, or None at the end."""
        number = previous + 1
        with self._wake:
            while not self._is_closed:
                if not self._is_watched:
                    self._wake.wait()
                    continue
                elapsed = (time.monotonic() - self._epoch) * profile.fps
                if elapsed - number >= 1 or number - elapsed > 1:
                    # Too late for this beat, or at another rate than before: take the next one.
                    number = int(elapsed) + 1
                if elapsed >= number:
                    return number
                self._wake.wait((number - elapsed) / profile.fps)
        return None

    def _hand_out(self, picture: LivePicture) -> None:
        if not self._has_parameter_sets:
            codec = self.profile.codec
            units = tuple(unit for unit in picture.nal_units if not is_parameter_set(codec, unit))
            picture = LivePicture(units, picture.is_key, picture.timestamp, picture.taken_at)
        with self._wake:
            if self._is_closed or self._loop is None:
                return
            self._loop.call_soon_threadsafe(self._deliver, picture)

    def _deliver(self, picture: LivePicture) -> None:
        for viewer in tuple(self._viewers):
            viewer(picture)
