"""What the service says of the receipts it has kept, on its way to the integration, which judges it and keeps it.

Held while the integration is away, within reason: what it has not noted the service says again on the next link.
"""

import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from tillsyn.errors import Refused
from tillsyn.frames import Frame, Kept
from tillsyn.identity import parse
from tillsyn.wire import Checkpoint, ServiceKey

_LOGGER = logging.getLogger(__name__)
_HELD: Final = 32


class KeptReceipts:
    """Those of one home."""

    def __init__(self, send: Callable[[Frame], None]) -> None:
        """``send``: to the integration."""
        self._send = send
        self._held: deque[Kept] = deque(maxlen=_HELD)
        self._is_home = False

    def heard(self, frame: Kept) -> None:
        """The service has said it. What is no checkpoint under a service key goes no further."""
        try:
            parse(ServiceKey, frame.key)
            parse(Checkpoint, frame.checkpoint)
        except Refused as err:
            _LOGGER.warning("what the service said of receipts was refused", extra={"code": err.code})
            return
        if self._is_home:
            self._send(frame)
        else:
            self._held.append(frame)

    def home_up(self) -> None:
        """The integration is there, and takes frames."""
        self._is_home = True
        while self._held:
            self._send(self._held.popleft())

    def home_down(self) -> None:
        """It is away."""
        self._is_home = False
