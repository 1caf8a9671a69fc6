"""Noticing that a camera has been taken down or unplugged, which may be the client's way of saying no."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from .camera_side import CameraSide
from .config import CameraLogin
from .journal_store import JournalError
from .tillsyn import entries as e
from .tillsyn.receipts import milliseconds

if TYPE_CHECKING:
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)

LOST_SECONDS: Final = 600.0
"""How long a camera is away before it counts as taken down: longer than it, or a router, takes to start again or to
update itself, and shorter than a visit during which somebody puts it back."""
_ANSWER_SECONDS: Final = 5.0


class CameraLoss:
    """The cameras of one home, as long as it runs: what Home Assistant finds gone when it starts was not taken down."""

    def __init__(self, home: Home) -> None:
        """``_there``: cameras that have answered since they were last missed. ``_gone``: since when others have not."""
        self._home = home
        self._there: set[str] = set()
        self._gone: dict[str, float] = {}

    def tick(self) -> None:
        """See who answers."""
        record = self._home.journal.record
        is_agreed = record is not None and record.consent and not record.is_paused(milliseconds(self._home.now()))
        for side in self._home.cameras.values():
            if side.camera.is_reachable:
                self._there.add(side.id)
            if self._is_missing(side) and is_agreed and self._network_works():
                self._missing(side)
            else:
                self._gone.pop(side.id, None)

    def _is_missing(self, side: CameraSide) -> bool:
        """Power that is switched off, and privacy by the camera's own means, are wishes: then it is at rest."""
        has_power = side.gate.power or side.is_cut_while_gone
        return side.id in self._there and has_power and not side.camera.is_reachable and not side.is_resting

    def _network_works(self) -> bool:
        """Whether it is told apart from a network that is down: another camera answers, or the municipality does."""
        return self._home.link.is_connected or any(one.camera.is_reachable for one in self._home.cameras.values())

    def _missing(self, side: CameraSide) -> None:
        now = time.monotonic()
        if now - self._gone.setdefault(side.id, now) >= LOST_SECONDS:
            self._there.remove(side.id)
            self._home.finish(self._lost(side), "lost camera")

    async def _lost(self, side: CameraSide) -> None:
        """Write it down, unless something answers there: a login that is refused is no camera that is gone."""
        if side.known is None or await _answers(side.known.login):
            return
        try:
            await self._home.memory.add(e.CameraLost(side.id))
        except JournalError:
            self._there.add(side.id)
        else:
            _LOGGER.info("A camera has been taken down or unplugged")


async def _answers(login: CameraLogin) -> bool:
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            _, writer = await asyncio.open_connection(login.host, login.port)
    except OSError, TimeoutError:
        return False
    writer.close()
    return True
