"""A token bucket for bytes: key frames leave as a stream, not as one burst that a relay's buffer drops."""

from dataclasses import dataclass


@dataclass(slots=True)
class TokenBucket:
    """`rate` bytes per second, at most `burst` bytes at once. Times are monotonic seconds given by the caller."""

    rate: float
    burst: float
    _tokens: float = 0.0
    _at: float | None = None

    def ready(self, now: float) -> bool:
        """True if a packet may leave now. A packet may overdraw; the debt is waited for afterwards."""
        if self._at is None:
            self._tokens = self.burst
        else:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        return self._tokens > 0

    def spend(self, size: int) -> None:
        """Count `size` bytes as sent."""
        self._tokens -= size

    def wait(self) -> float:
        """Seconds from the last `ready` until it will be true again."""
        return max(0.0, -self._tokens / self.rate)
