"""The right to send pictures, three seconds at a time.

The integration renews it each second while the gate is open. Every packet asks; whatever is not a clear yes is no.
Times are seconds on one clock that only runs forward, given by the caller.
"""

from collections.abc import Callable

MAX_TTL_MS = 3000


class Lease:
    """One lease for one look. A lease that has run out stays out: only a new look can get another."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._look: str | None = None
        self._counter = 0
        self._since = 0.0
        self._until: float | None = None

    @property
    def until(self) -> float | None:
        """When it runs out unless renewed, or None while nothing is held."""
        return self._until

    def expect(self, look: str) -> None:
        """Be ready for this look's first lease. Any other lease ends here."""
        self._look = look
        self._counter = 0
        self._until = None

    def drop(self) -> None:
        """Nothing is allowed any more, and nothing can be renewed."""
        self._look = None
        self._until = None

    def renew(self, look: str, counter: int, ttl_ms: int, now: float) -> bool:
        """Take a lease; False (and no change) if it is for another look, old, too long, or after the last ran out."""
        if look != self._look or counter <= self._counter or not 0 < ttl_ms <= MAX_TTL_MS:
            return False
        if self._until is not None and not self.permits(look, now):
            return False
        self._counter = counter
        self._since = now
        self._until = now + ttl_ms / 1000
        return True

    def permits(self, look: str, now: float) -> bool:
        """Whether a packet of this look may leave at ``now``. A clock that ran backwards is a no."""
        return self._until is not None and look == self._look and self._since <= now < self._until

    def permit(self, look: str, clock: Callable[[], float]) -> Callable[[], bool]:
        """The question that the forwarder asks before each packet of this look."""
        return lambda: self.permits(look, clock())
