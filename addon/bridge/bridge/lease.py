"""The right to send pictures, three seconds at a time.

The integration renews it each second while the gate is open. Every packet asks; whatever is not a clear yes is no.
Times are seconds on one clock that only runs forward, given by the caller.
"""

from collections.abc import Callable

MAX_TTL_MS = 3000


class Lease:
    """One lease for one look and one camera. A lease that has run out stays out: only a new look can get another."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._look: str | None = None
        self._camera = ""
        self._counter = 0
        self._since = 0.0
        self._until: float | None = None

    @property
    def until(self) -> float | None:
        """When it runs out unless renewed, or None while nothing is held."""
        return self._until

    def expect(self, look: str, camera: str) -> None:
        """Be ready for this look's first lease for this camera. Any other lease ends here.

        Counters go on where the look turns from one camera to another.
        """
        if look != self._look:
            self._counter = 0
        self._look = look
        self._camera = camera
        self._until = None

    def pause(self) -> None:
        """Nothing is allowed until another camera is expected."""
        self._camera = ""
        self._until = None

    def drop(self) -> None:
        """Nothing is allowed any more, and nothing can be renewed."""
        self._look = None
        self._camera = ""
        self._until = None

    def renew(self, look: str, camera: str, counter: int, ttl_ms: int, now: float) -> bool:
        """Take a lease; False (and no change) if it is for another look or camera, old, too long, or after the last ran
        out.
        """
        if (look, camera) != (self._look, self._camera) or counter <= self._counter or not 0 < ttl_ms <= MAX_TTL_MS:
            return False
        if self._until is not None and not self.permits(look, camera, now):
            return False
        self._counter = counter
        self._since = now
        self._until = now + ttl_ms / 1000
        return True

    def permits(self, look: str, camera: str, now: float) -> bool:
        """Whether a packet of this look and camera may leave at ``now``. A clock that ran backwards is a no."""
        is_this = (look, camera) == (self._look, self._camera)
        return self._until is not None and is_this and self._since <= now < self._until

    def permit(self, look: str, camera: str, clock: Callable[[], float]) -> Callable[[], bool]:
        """The question that the forwarder asks before each packet of this look and camera."""
        return lambda: self.permits(look, camera, clock())
