"""Which of the municipality's relay servers works from this home, found out before a look needs it."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from tillsyn.frames import Welcome

from .media import IceConfig, NoRelay, probe_turn

_LOGGER = logging.getLogger(__name__)

KNOWN_SECONDS: Final = 300.0
"""A relay that worked is used for so long before all are tried again: the network may have changed."""


class Relay:
    """``use`` what the service offers; ``config`` for each peer; ``failed`` when a peer could not be made with it."""

    def __init__(self, *, relay_only: bool, clock: Callable[[], float] = time.monotonic) -> None:
        """``relay_only``: all media through TURN, so that no operator learns the home's addresses."""
        self._relay_only = relay_only
        self._clock = clock
        self._offered = self._config(Welcome((), "", ""))
        self._probe: asyncio.Task[IceConfig] | None = None
        self._until = 0.0

    def _config(self, offered: Welcome) -> IceConfig:
        return IceConfig(
            offered.urls,
            offered.username,
            offered.credential,
            relay_only=self._relay_only,
            allow_loopback=not self._relay_only,
        )

    def use(self, offered: Welcome) -> None:
        """Servers and credentials for looks that are prepared from now on; they are tried at once."""
        try:
            self._offered = self._config(offered)
        except ValueError:
            _LOGGER.warning("relay servers that cannot be used")
            self._offered = self._config(Welcome((), "", ""))
        self._restart()

    def failed(self) -> None:
        """The relay that worked does not any more: try all again next time."""
        self.close()

    def close(self) -> None:
        """Forget what was found out."""
        if self._probe is not None:
            self._probe.cancel()
        self._probe = None

    async def config(self) -> IceConfig:
        """How to make a peer now. Raises NoRelay where only relayed media is allowed and no relay works."""
        if not self._offered.turn_urls:
            return self._offered  # the peer itself refuses where it must be relayed
        while True:
            if self._probe is None or self._clock() >= self._until:
                self._restart()
            probe = self._probe
            if probe is None:
                raise NoRelay("no relay to try")
            await asyncio.wait([probe])
            if probe.cancelled():
                continue  # other servers were offered meanwhile
            if probe.exception() is not None and self._probe is probe:
                self._probe = None
            return probe.result()

    def _restart(self) -> None:
        self.close()
        if self._offered.turn_urls:
            self._probe = asyncio.create_task(probe_turn(self._offered), name="probe relays")
            self._probe.add_done_callback(_told)
            self._until = self._clock() + KNOWN_SECONDS


def _told(probe: asyncio.Task[IceConfig]) -> None:
    if not probe.cancelled() and (error := probe.exception()) is not None:
        _LOGGER.warning("no relay works from here", extra={"code": type(error).__name__})
