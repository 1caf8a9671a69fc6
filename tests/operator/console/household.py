"""A home behind the real service, scripted: real keys, a real WebRTC end and a real RTSP stream from a drawn camera."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from aiohttp import web

from bridge.media import CameraSource, ConnectionFields, IceConfig, Peer, PeerError, RtspTarget
from operator_service.clock import SystemClock
from operator_service.origin import Front
from operator_service.rows import Municipality
from operator_service.service import build
from operator_service.sql_work import SqlStore
from operator_service.turn import FixedTurn
from operator_service.web import application
from tests.bridge.media.scripted_camera import PASSWORD, USER, ScriptedCamera
from tests.operator.peers import Home, World
from tillsyn import frames, wire
from tillsyn.errors import CloseReason, Refusal
from tillsyn.identity import Parsed, SigningKey, digest, parse
from tillsyn.model import Role, Room, Window
from tillsyn.schedule import STOCKHOLM, occurrences
from tillsyn.strict import b64u_encode
from tillsyn.wire import Statement

STATIC = Path(__file__).parents[3] / "addon/operator/operator_service/static"
LOOPBACK = IceConfig(relay_only=False, allow_loopback=True)
OTHER = ":".join(["AB"] * 32)
LOOK_SECONDS = 30
NO_TURN = FixedTurn()


async def serve_console(folder: Path, *, pinned: bool = True, turn: FixedTurn = NO_TURN, hub_url: str = "") -> World:
    """The service with the console's own files, on the machine's own clock."""
    root = SigningKey.generate()
    store = SqlStore(folder / "operator.db")
    await store.open()
    if pinned:
        await store.pin(Municipality(root.public.x, "Exempelkommun", int(time.time())))
    clock = SystemClock()
    service = build(store, clock, turn)
    runner = web.AppRunner(application(service, Front(hub_url=hub_url), STATIC), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0).start()
    url = f"http://localhost:{runner.addresses[0][1]}"
    return World(root, clock, store, service, runner, url)  # type: ignore[arg-type]


async def approve(world: World, login: str, hours: int = 12) -> None:
    """The root signs for the browser that waits, and the browser hears of it, as with tillsyn-root."""
    now = int(time.time())
    (browser,) = [one for one in await world.store.waiting_browsers(now) if one.login == login]
    user = await world.store.user(login)
    assert user is not None
    roles = tuple(Role(one) for one in user.roles)
    credential = wire.Credential(browser.key, user.name, roles, user.units, now - 60, now + hours * 3600)
    token = world.root.sign(credential)
    await world.store.certify_browser(browser.key, token, credential.exp)
    world.service.screens.show_credential(login, browser.kid, (token,))


def window_now(minutes: int = 60, name: str = "natt") -> Window:
    """A window that has been open for a while, and closes in ``minutes``."""
    local = datetime.now(STOCKHOLM)
    return Window(name, (local - timedelta(minutes=30)).time(), (local + timedelta(minutes=minutes)).time())


@dataclass
class Open:
    """One look on the home's side."""

    prepare: Parsed[wire.Prepare]
    peer: Peer
    offer: str = ""
    source: CameraSource | None = None
    opened_ms: int = 0


@dataclass
class Script:
    """What the home does; tests change it."""

    refuse_prepare: Refusal | None = None
    refuse_look: Refusal | None = None
    refuse_turn: Refusal | None = None
    may_turn: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the other camera has been read back at its view."""
    tell: Callable[[ConnectionFields], ConnectionFields] = lambda fields: fields
    """What the signed offer says of the connection."""
    seconds: int = LOOK_SECONDS
    receipts: bool = True
    heard: list[Statement] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Household(Home):
    """A home that answers looks like a bridge with its integration."""

    def __init__(self, world: World, cameras: Mapping[Room, ScriptedCamera], label: str) -> None:
        super().__init__(world, label)
        self.cameras = cameras
        self.script = Script()
        self.open: dict[str, Open] = {}
        self.task: asyncio.Task[None] | None = None
        self.occurrence = ""

    async def move_in(self, window: Window | None = None) -> None:
        """Connect, agree on a plan with a window that is open, and begin to answer."""
        window = window or window_now()
        await self.connect()
        await self.status()
        await self.agree(self.plan(window, rooms=tuple(self.cameras), move=60))
        now = datetime.now(UTC)
        self.window = occurrences([window], now, now + timedelta(days=8))[0]
        self.occurrence = self.window.id
        await self.status()
        self.task = asyncio.create_task(self.live())

    async def move_out(self) -> None:
        """Stop answering and close everything."""
        if self.task is not None:
            self.task.cancel()
        for one in self.open.values():
            await self.stop(one)
        await self.close()

    async def live(self) -> None:
        """Answer each statement in turn; connecting goes on beside."""
        assert self.ws is not None
        async for message in self.ws:
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            frame = frames.decode(frames.SERVICE_TO_BRIDGE, message.data)
            if isinstance(frame, frames.Signed):
                await self.take(frame)

    async def take(self, frame: frames.Signed) -> None:
        """One statement from the operator."""
        for kind, act in (
            (wire.Prepare, self.prepared),
            (wire.Answer, self.answered),
            (wire.Look, self.asked),
            (wire.Turn, self.turned),
            (wire.Close, self.closed_by),
            (wire.ReceiptAck, None),
        ):
            try:
                parsed = parse(kind, frame.token)
            except Exception:  # noqa: BLE001 # trying kinds
                continue
            self.script.heard.append(parsed.statement)
            if act is not None:
                await act(parsed)  # type: ignore[operator]
            self.script.news.set()

    async def heard(self, kind: type[Statement]) -> Statement:
        """The first statement of this kind that has come, or comes."""
        async with asyncio.timeout(10):
            while True:
                for one in self.script.heard:
                    if isinstance(one, kind):
                        return one
                self.script.news.clear()
                await self.script.news.wait()

    async def prepared(self, parsed: Parsed[wire.Prepare]) -> None:
        look = parsed.statement.look
        if self.script.refuse_prepare is not None:
            await self.refuse(look, parsed.hash, self.script.refuse_prepare)
            return
        one = self.open[look] = Open(parsed, await Peer.prepare(LOOPBACK))
        told = self.script.tell(one.peer.fields)
        connection = wire.Connection(told.fingerprint, told.ufrag, told.password, told.candidates, told.setup)
        challenge = b64u_encode(secrets.token_bytes(32))
        one.offer = await self.sign(look, wire.Offer(look, parsed.hash, challenge, connection, int(time.time())))

    async def answered(self, parsed: Parsed[wire.Answer]) -> None:
        theirs = parsed.statement.connection
        fields = ConnectionFields(theirs.fingerprint, theirs.ufrag, theirs.password, theirs.candidates, theirs.setup)
        one = self.open[parsed.statement.look]
        assert parsed.statement.offer == digest(one.offer)

        async def connect() -> None:
            try:
                await one.peer.connect(fields)
            except PeerError:
                return

        self.connecting = asyncio.create_task(connect())

    async def asked(self, parsed: Parsed[wire.Look]) -> None:
        look = parsed.statement.look
        if self.script.refuse_look is not None:
            await self.refuse(look, parsed.hash, self.script.refuse_look)
            return
        one = self.open[look]
        self.show(one, next(iter(self.cameras)))
        one.opened_ms = time.time_ns() // 1_000_000
        await self.sign(look, wire.Opened(look, parsed.hash, one.opened_ms, self.script.seconds))

    def show(self, one: Open, room: Room) -> None:
        """This room's camera is at its view."""
        one.source = CameraSource(RtspTarget(self.cameras[room].uri, USER, PASSWORD), one.peer.forwarder)
        one.source.start()
        one.peer.forwarder.open(lambda: True)

    async def turned(self, parsed: Parsed[wire.Turn]) -> None:
        """Hold the picture, send the camera away, and show the other one once it has been read back."""
        look = parsed.statement.look
        if self.script.refuse_turn is not None:
            await self.refuse(look, parsed.hash, self.script.refuse_turn)
            return
        one = self.open[look]
        one.peer.forwarder.hold()
        if one.source is not None:
            await one.source.stop()

        async def there() -> None:
            await self.script.may_turn.wait()
            self.show(one, parsed.statement.room)
            now = time.time_ns() // 1_000_000
            left = self.script.seconds - (now - one.opened_ms) // 1000
            await self.sign(look, wire.Opened(look, parsed.hash, now, left))

        self.turning = asyncio.create_task(there())

    async def closed_by(self, parsed: Parsed[wire.Close]) -> None:
        one = self.open.pop(parsed.statement.look, None)
        if one is None:
            return
        if one.opened_ms and self.script.receipts:
            await self.end(one, CloseReason(parsed.statement.outcome.value))
        else:
            await self.stop(one)

    async def end(self, one: Open, reason: CloseReason) -> None:
        """The home closes: picture off, receipt."""
        await self.stop(one)
        look = one.prepare.statement.look
        receipt = replace(
            self.next_receipt(look, reason, self.occurrence),
            opened_ms=one.opened_ms,
            closed_ms=time.time_ns() // 1_000_000,
        )
        token = await self.sign(look, receipt)
        self.sequence, self.previous = self.sequence + 1, digest(token)

    async def stop(self, one: Open) -> None:
        one.peer.forwarder.close()
        if one.source is not None:
            await one.source.stop()
        await one.peer.close()
        await one.peer.wait_closed()
