"""A hung bridge must not go on unnoticed: a thread ends the process when the event loop stands still.

Nothing flows from a process that has ended; whoever started it (s6 in the app, Docker, systemd) starts it again.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable

EXIT_STALLED = 70
STALL_SECONDS = 10.0


def _end() -> None:
    """End at once: no clean-up can be trusted to run when the loop does not."""
    sys.stderr.write('{"event":"event loop stalled","level":"critical"}\n')
    sys.stderr.flush()
    os._exit(EXIT_STALLED)


class Watchdog:
    """``start`` on the loop to be watched; ``stop`` before it is closed."""

    def __init__(self, limit: float = STALL_SECONDS, end: Callable[[], None] = _end) -> None:
        """``limit`` in seconds; ``end`` is called on the watching thread, once."""
        self._limit = limit
        self._end = end
        self._beat = time.monotonic()
        self._stopped = threading.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin, from within the running loop."""
        self._tick()
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._stopped.set()
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self) -> None:
        self._beat = time.monotonic()
        self._timer = asyncio.get_running_loop().call_later(self._limit / 10, self._tick)

    def _watch(self) -> None:
        pause = self._limit / 4
        before = time.monotonic()
        while not self._stopped.wait(pause):
            now = time.monotonic()
            # After a machine's sleep this thread is as late as the loop is; give the loop a round to catch up.
            if now - before < 2 * pause and now - self._beat > self._limit:
                self._end()
                return
            before = now
