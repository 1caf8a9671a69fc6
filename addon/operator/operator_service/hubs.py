"""The service link: homes connect here by WebSocket, prove their key, and exchange signed statements with browsers."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from aiohttp import web

from tillsyn import frames
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import Parsed, PublicKey, parse
from tillsyn.strict import b64u_encode, bad
from tillsyn.wire import MINIMUM_VERSION, VERSION, HubCertificate, Login, Statement

from .certified import judge_hub
from .clock import Clock
from .desk import Desk
from .keeper import Keeper
from .letters import Letters
from .login import Attempts
from .looks import Looks
from .pairing import Meetings
from .plans import Plans
from .problems import Failed, StoreFailed, code_of
from .rows import Entry, Hub
from .screens import Screens
from .sockets import HEARTBEAT, Outbox, receive
from .store import Store
from .turn import TURN_SECONDS, Turn
from .will import Will

HELLO_SECONDS: Final = 10.0
_PAIRING_SECONDS: Final = 600.0
_SKEW: Final = 120
_UNKNOWN_AT_ONCE: Final = 200
_INBOX: Final = 256
_SETTLE_SECONDS: Final = 2.0
_STORE_RETRY: Final = 0.2

_LOG = logging.getLogger(__name__)


class Link:
    """One home's connection. What it says is relayed at once and recorded in order by ``record``."""

    def __init__(self, hub: Hub, outbox: Outbox) -> None:
        """The home has proved its key."""
        self.hub, self.outbox = hub, outbox
        self.inbox: asyncio.Queue[tuple[frames.Signed, Parsed[Statement], bool]] = asyncio.Queue(_INBOX)
        self.status: frames.HomeStatus | None = None
        self.plan_sent = 0
        self.saying: set[str] = set()


class Links:
    """All homes' connections by hub. Known to looks.py as ToHomes."""

    def __init__(self) -> None:
        """Nobody is connected."""
        self._links: dict[str, Link] = {}

    def get(self, hub: str) -> Link | None:
        """The connection of a home."""
        return self._links.get(hub)

    def add(self, link: Link) -> None:
        """A home is connected; its older connection, if any, is closed."""
        if (old := self._links.get(link.hub.hub)) is not None:
            old.outbox.close(4408, b"replaced")
        self._links[link.hub.hub] = link

    def remove(self, link: Link) -> bool:
        """A connection ended; False where a newer one has taken its place."""
        if self._links.get(link.hub.hub) is not link:
            return False
        del self._links[link.hub.hub]
        return True

    def all(self) -> list[Link]:
        """Every connection."""
        return list(self._links.values())

    def send(self, hub: str, frame: frames.Signed) -> bool:
        """False where the home is not connected."""
        link = self._links.get(hub)
        return link is not None and link.outbox.put(frame.encode())

    def send_all(self, frame: frames.Signed) -> None:
        """To every home that is connected."""
        for link in self._links.values():
            link.outbox.put(frame.encode())

    async def settled(self, hub: str) -> None:
        """Return once what the home has sent so far is stored (or after a short while)."""
        if (link := self._links.get(hub)) is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SETTLE_SECONDS):
                    await link.inbox.join()


class HubDoor:
    """Answers on /hub."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        desk: Desk,
        links: Links,
        looks: Looks,
        plans: Plans,
        letters: Letters,
        meetings: Meetings,
        screens: Screens,
        turn: Turn,
        will: Will,
        keeper: Keeper,
    ) -> None:
        """Everything that a home's words may touch."""
        self._store, self._clock, self._desk = store, clock, desk
        self._links, self._looks, self._plans, self._letters = links, looks, plans, letters
        self._meetings, self._screens, self._turn = meetings, screens, turn
        self._will, self._keeper = will, keeper
        self._strangers = 0
        self._finishing: set[asyncio.Task[None]] = set()
        self._guesses = Attempts(20, 900)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """One connection from hello to close."""
        ws = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=frames.LIMIT, compress=False)
        if self._strangers >= _UNKNOWN_AT_ONCE:
            raise web.HTTPServiceUnavailable
        await ws.prepare(request)
        outbox = Outbox(ws)
        sender = asyncio.create_task(outbox.run())
        try:
            await self._talk(ws, outbox, request.remote or "")
        except (Refused, Failed, StoreFailed) as err:
            outbox.put(frames.Rejected(code_of(err)).encode())
        except TimeoutError:
            outbox.put(frames.Rejected(Refusal.TIMEOUT.value).encode())
        finally:
            outbox.close(1000)
            await asyncio.wait([sender], timeout=HELLO_SECONDS)
            sender.cancel()
        return ws

    async def _talk(self, ws: web.WebSocketResponse, outbox: Outbox, address: str) -> None:
        self._strangers += 1
        try:
            hub = await self._introduce(ws, outbox, address)
        finally:
            self._strangers -= 1
        if hub is not None:
            await self._serve(ws, outbox, hub)

    # ---- before the home is known ------------------------------------------------------------------------------

    async def _introduce(self, ws: web.WebSocketResponse, outbox: Outbox, address: str) -> Hub | None:
        nonce = b64u_encode(secrets.token_bytes(32))
        outbox.put(frames.Hello(VERSION, MINIMUM_VERSION, nonce).encode())
        async with asyncio.timeout(HELLO_SECONDS):
            hello = await _frame(ws)
            if hello is None:
                return None
            if not isinstance(hello, frames.Hello):
                raise bad("hello")
            if advice := _advice(hello):
                outbox.put(frames.Rejected(advice).encode())
                return None
            first = await _frame(ws)
        if isinstance(first, frames.Pair):
            now = self._clock.now()
            if self._guesses.wait(address, now) or not await self._meetings.arrive(first, outbox):
                self._guesses.failed(address, now)
                outbox.put(frames.Rejected("unknown_pairing").encode())
                return None
            try:
                async with asyncio.timeout(_PAIRING_SECONDS):
                    first = await _frame(ws)
            finally:
                self._meetings.leave(outbox)
        if first is None:
            return None
        if not isinstance(first, frames.LinkLogin):
            raise bad("login")
        return await self._login(first, nonce)

    async def _login(self, said: frames.LinkLogin, nonce: str) -> Hub:
        """The home behind a LinkLogin. Raises Refused, Failed(NO_ROOT)."""
        root = await self._meetings.root()
        now = self._clock.now()
        key = PublicKey(parse(HubCertificate, said.certificate).statement.key)
        known = await self._store.hub(key.kid)
        said, certificate = self._judged(root, said, known, key)
        login = parse(Login, said.token).verified(key)
        if login.hub != key.kid:
            raise Refused(Refusal.WRONG_HUB)
        if not secrets.compare_digest(login.nonce, nonce):
            raise Refused(Refusal.REPLAYED)
        if abs(login.iat - now) > _SKEW:
            raise Refused(Refusal.CLOCK_SKEW)
        if known is None or known.certificate != said.certificate:  # certified, but our store is from before that
            before = known or Hub(key.kid, key.x, certificate.label, said.certificate, now)
            known = replace(before, label=certificate.label, certificate=said.certificate, chain=said.chain)
            await self._store.save_hub(known)
        return known

    def _judged(
        self, root: PublicKey, shown: frames.LinkLogin, known: Hub | None, key: PublicKey
    ) -> tuple[frames.LinkLogin, HubCertificate]:
        """The certificate that counts: the newest, but where whoever made that one is revoked, the one that the home
        shows. Else somebody who is to be revoked could take homes down by certifying them first. Raises Refused.
        """
        trust, now = self._will.trust(), self._clock.now()
        said = _newest(shown, known)
        try:
            return said, judge_hub(root, trust, said.certificate, said.chain, key, now)
        except Refused as err:
            if err.code is not Refusal.REVOKED or said is shown:
                raise
        return shown, judge_hub(root, trust, shown.certificate, shown.chain, key, now)

    async def judge_again(self) -> None:
        """The root or an administrator has said something new: a hub that it no longer lets in is told, and goes."""
        root, trust, now = await self._meetings.root(), self._will.trust(), self._clock.now()
        for link in self._links.all():
            hub = await self._store.hub(link.hub.hub) or link.hub
            try:
                judge_hub(root, trust, hub.certificate, hub.chain, PublicKey(hub.key), now)
            except Refused as err:
                link.outbox.put(frames.Rejected(err.code.value).encode())
                link.outbox.close(1000)

    # ---- a known home ------------------------------------------------------------------------------------------

    async def _serve(self, ws: web.WebSocketResponse, outbox: Outbox, hub: Hub) -> None:
        link = Link(hub, outbox)
        async with self._connected(link):
            while (frame := await self._frame_of(ws, hub)) is not None:
                if isinstance(frame, frames.HomeStatus):
                    await self._status(link, frame)
                elif isinstance(frame, frames.Signed):
                    await self._signed(link, frame)
                elif isinstance(frame, frames.Noted):
                    await self._keeper.noted(link, frame)
                else:
                    raise bad("frame")

    async def _frame_of(self, ws: web.WebSocketResponse, hub: Hub) -> frames.Frame | None:
        try:
            return await _frame(ws)
        except Refused as err:
            await self._store.log(Entry(self._clock.now(), "frame_refused", hub=hub.hub, code=err.code.value))
            raise

    @contextlib.asynccontextmanager
    async def _connected(self, link: Link) -> AsyncIterator[None]:
        hub = link.hub.hub
        await self._store.log(Entry(self._clock.now(), "hub_online", hub=hub))
        self._links.add(link)
        self._desk.homes.connected(hub, self._clock.now())
        self._screens.show_home(hub)
        recorder, welcome = asyncio.create_task(self._record(link)), asyncio.create_task(self._welcome(link))
        try:
            yield
        finally:
            welcome.cancel()
            if self._links.remove(link):
                self._desk.homes.gone(hub, self._clock.now())
                self._screens.show_home(hub)
            finishing = asyncio.create_task(self._finish(link, recorder))
            self._finishing.add(finishing)
            finishing.add_done_callback(self._finishing.discard)

    async def _finish(self, link: Link, recorder: asyncio.Task[None]) -> None:
        """What a home said before it went is still written down, however long the store fails."""
        await link.inbox.join()
        recorder.cancel()
        now, paused = self._clock.now(), self._desk.homes.get(link.hub.hub).told_paused
        with contextlib.suppress(StoreFailed):
            await self._store.hub_status(link.hub.hub, now, paused)
            await self._store.log(Entry(now, "hub_offline", hub=link.hub.hub))

    async def stop(self) -> None:
        """The service stops: what can be written within a moment is written."""
        if self._finishing:
            await asyncio.wait(self._finishing, timeout=_SETTLE_SECONDS)

    async def _welcome(self, link: Link) -> None:
        """What the root said, TURN credentials, and new ones before they run out."""
        first = True
        while True:
            now = self._clock.now()
            ice = self._turn.ice(link.hub.hub, now)
            link.outbox.put(frames.Welcome(ice.urls, ice.username, ice.credential).encode())
            if first:
                for frame in self._will.frames():
                    link.outbox.put(frame.encode())
                with contextlib.suppress(StoreFailed):  # it is said again at noon
                    await self._keeper.offer(link)
            first = False
            await self._clock.until(now + TURN_SECONDS // 2)

    async def _status(self, link: Link, status: frames.HomeStatus) -> None:
        hub, before = link.hub.hub, link.status
        if status != before:
            link.status = status
            self._desk.homes.told(hub, status)
            if before is None or before.paused != status.paused:
                await self._store.hub_status(hub, self._clock.now(), status.paused)
                await self._desk.show_home(hub)
            else:
                self._screens.show_home(hub)
            if before is None or before.plan != status.plan:
                self._plans.bell.ring()
        await self._plans.offer(link, status.plan)

    async def _signed(self, link: Link, frame: frames.Signed) -> None:
        """Verify, relay at once, and leave the rest to ``_record``."""
        try:
            if frame.look == "":
                await link.inbox.put((frame, self._letters.verify(link.hub, frame), True))
            else:
                parsed = self._looks.verify(link.hub, frame)
                await link.inbox.put((frame, parsed, self._looks.pass_on(link.hub, frame)))
        except Refused as err:
            entry = Entry(self._clock.now(), "frame_refused", hub=link.hub.hub, look=frame.look, code=err.code.value)
            await self._store.log(entry)

    async def _record(self, link: Link) -> None:
        """Write down what the home says, in order; while the store fails it waits here and nothing is dropped."""
        while True:
            frame, parsed, passed = await link.inbox.get()
            while not await self._recorded(link, frame, parsed, passed):
                await asyncio.sleep(_STORE_RETRY)
                passed = True
            link.inbox.task_done()

    async def _recorded(self, link: Link, frame: frames.Signed, parsed: Parsed[Statement], passed: bool) -> bool:
        hub = link.hub
        try:
            try:
                if frame.look == "":
                    await self._letters.record(hub, frame, parsed.statement)
                else:
                    await self._looks.record(hub, frame, parsed, passed)
            except (Refused, Failed) as err:
                code = code_of(err)
                await self._store.log(
                    Entry(self._clock.now(), "frame_refused", hub=hub.hub, look=frame.look, code=code)
                )
        except StoreFailed:
            _LOG.error("store_failed: a statement of a home waits to be written")
            return False
        except Exception as err:  # noqa: BLE001 - what the home says next must still be written
            _LOG.error("a statement of a home could not be handled: %s", type(err).__name__)
        return True


def _newest(said: frames.LinkLogin, known: Hub | None) -> frames.LinkLogin:
    """With the newest certificate for this hub: one that was renewed here need not be known at home."""
    if known is None or _made(said.certificate) >= _made(known.certificate):
        return said
    return replace(said, certificate=known.certificate, chain=known.chain)


def _made(certificate: str) -> int:
    return parse(HubCertificate, certificate).statement.iat


async def _frame(ws: web.WebSocketResponse) -> frames.Frame | None:
    raw = await receive(ws)
    return None if raw is None else frames.decode(frames.BRIDGE_TO_SERVICE, raw)


def _advice(hello: frames.Hello) -> str:
    """Which side to update, or ''."""
    if hello.version < MINIMUM_VERSION:
        return "update_home"
    return "update_service" if hello.minimum > VERSION else ""
