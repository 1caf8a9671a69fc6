"""Time for the service: one place to ask and to wait, so that tests can move it."""

import asyncio
import time
from typing import Protocol

_CHUNK = 30.0


class Clock(Protocol):
    """The wall clock. Everything that waits here waits for a moment, never for a number of seconds."""

    def now(self) -> int:
        """Whole seconds since 1970 UTC."""
        ...

    async def until(self, moment: int) -> None:
        """Return once ``now() >= moment``, also when the clock is set forward while waiting."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Whole seconds since 1970 UTC."""
        return int(time.time())

    async def until(self, moment: int) -> None:
        """Sleep in short pieces, so that a clock that was set shows within half a minute."""
        while (left := moment - time.time()) > 0:  # noqa: ASYNC110 # no event tells that time has passed
            await asyncio.sleep(min(left, _CHUNK))


async def wait_for(event: asyncio.Event, clock: Clock, moment: int | None) -> bool:
    """Wait until ``event`` is set (True) or ``moment`` has come (False); None is for ever."""
    if event.is_set():
        return True
    if moment is not None and clock.now() >= moment:
        return False
    waits: list[asyncio.Future[object]] = [asyncio.ensure_future(event.wait())]
    if moment is not None:
        waits.append(asyncio.ensure_future(clock.until(moment)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()
    return event.is_set()
