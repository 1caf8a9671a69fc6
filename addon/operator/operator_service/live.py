"""The console's live connection: the queue as it changes, and the signed statements of this session's looks.

Service to console: ``queue`` {now, rows, visits} first; ``row`` {row}, ``row_gone`` {hub, occurrence}, ``visit``
{visit}, ``home`` {hub, online, ready, paused, problem}, ``credential`` {kid, chain}; ``trust``
{policy, revocations}; ``people`` {} where an administrator's list has changed; ``signed`` {look, token, chain} from the
home; ``refused`` {look, request, code} where the service itself refuses a statement (``request``: its hash).
Console to service: ``alive`` {} every 5 s, ``signed`` {look, token, chain}. Anything else ends the connection.
Close codes: 4400 bad frame, 4401 session ended, 4503 store failed, 1001 the service stops.
"""

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import ClassVar, Final

from aiohttp import web

from tillsyn import frames
from tillsyn.errors import Refused
from tillsyn.identity import digest
from tillsyn.strict import Shape

from .desk import Desk
from .login import Door, Viewer
from .looks import Looks
from .problems import Failed, StoreFailed, code_of
from .rows import Entry
from .screens import Screen, Screens
from .sockets import HEARTBEAT, Outbox, receive

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alive(frames.Frame):
    """Somebody is still there; every 5 s."""

    TYPE: ClassVar[str] = "alive"
    SHAPE: ClassVar[Shape] = Shape({})


_FRAMES: Final = frames.kinds(frames.Signed, Alive)


class Live:
    """Answers on /api/live."""

    def __init__(self, desk: Desk, door: Door, looks: Looks, screens: Screens) -> None:
        """What a console may reach."""
        self._desk, self._door, self._looks, self._screens = desk, door, looks, screens

    async def handle(self, request: web.Request, viewer: Viewer) -> web.WebSocketResponse:
        """One console from opening to close."""
        ws = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=frames.LIMIT, compress=False)
        await ws.prepare(request)
        outbox = Outbox(ws)
        screen = Screen(viewer, outbox)
        sender = asyncio.create_task(outbox.run())
        self._screens.add(screen)
        try:
            await self._snapshot(screen)
            await self._listen(ws, screen)
        except Refused:
            outbox.close(4400, b"bad frame")
        except Failed:
            outbox.close(4401, b"session ended")
        except StoreFailed:
            outbox.close(4503, b"store failed")
        finally:
            self._screens.remove(screen)
            outbox.close(1001)
            await asyncio.wait([sender], timeout=5)
            sender.cancel()
        return ws

    async def _snapshot(self, screen: Screen) -> None:
        viewer = screen.viewer
        screen.hold()
        lines = [one for one in await self._desk.lines() if viewer.sees(one.row.unit)]
        for line in lines:
            self._screens.remember(line)
        screen.whole(
            {
                "type": "queue",
                "now": self._desk.clock.now(),
                "rows": [self._screens.line(one, viewer) for one in lines],
                "visits": [self._screens.task(one) for one in await self._desk.tasks() if viewer.sees(one.visit.unit)],
            }
        )

    async def _listen(self, ws: web.WebSocketResponse, screen: Screen) -> None:
        """Until the console closes. A store that fails does not cut a look off: its close must still get through."""
        failed = False
        while (raw := await receive(ws)) is not None:
            frame = frames.decode(_FRAMES, raw)
            try:
                if isinstance(frame, frames.Signed):
                    await self._signed(screen, frame)
                screen.viewer = await self._door.still(screen.viewer.session)
                await self._desk.alive(screen.viewer.user.login)
                if failed:
                    await self._snapshot(screen)
                failed = False
            except StoreFailed:
                _LOG.error("store_failed: a console waits")
                failed = True

    async def _signed(self, screen: Screen, frame: frames.Signed) -> None:
        try:
            await self._looks.from_browser(screen.viewer, frame)
        except (Refused, Failed, StoreFailed) as err:
            code = code_of(err)
            screen.outbox.put(
                json.dumps({"type": "refused", "look": frame.look, "request": digest(frame.token), "code": code})
            )
            if isinstance(err, StoreFailed):
                raise
            now, login = self._desk.clock.now(), screen.viewer.user.login
            await self._desk.store.log(Entry(now, "refused", login, look=frame.look, code=code))
