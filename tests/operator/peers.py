"""A home and a console made of real keys and real sockets, and a clock that tests move."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web

from operator_service.desk import Desk
from operator_service.login import hash_password
from operator_service.origin import Front
from operator_service.rows import Municipality, User
from operator_service.service import Service, build
from operator_service.sql_work import SqlStore
from operator_service.turn import SecretTurn, Turn
from operator_service.web import application
from tillsyn import frames, wire
from tillsyn.errors import CloseReason, Refusal
from tillsyn.identity import SigningKey, digest, parse
from tillsyn.model import Fallback, Outcome, Role, Room, Window
from tillsyn.receipts import FIRST
from tillsyn.strict import b64u_encode

PASSWORD = "a long enough password"
SECRET = hash_password(PASSWORD)
START = int(datetime(2026, 11, 22, 21, 0, tzinfo=UTC).timestamp())
"""22:00 in Stockholm."""
WINDOW = Window("natt", time(22, 0), time(23, 0))
OCCURRENCE = "natt/2026-11-22"
CONTACT = "Sara Berg, 0123-456 78"
SOON = 5.0

type Json = dict[str, object]


class MovedClock:
    """Time that stands still until a test moves it."""

    def __init__(self, now: int = START) -> None:
        self._now = now
        self._moved = asyncio.Condition()

    def now(self) -> int:
        return self._now

    async def until(self, moment: int) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self._now >= moment)

    async def forward(self, seconds: int) -> None:
        async with self._moved:
            self._now += seconds
            self._moved.notify_all()


@dataclass
class World:
    """A served service with its root key."""

    root: SigningKey
    clock: MovedClock
    store: SqlStore
    service: Service
    runner: web.AppRunner
    url: str

    @property
    def desk(self) -> Desk:
        return self.service.desk

    async def stop(self) -> None:
        await self.runner.cleanup()
        await self.store.close()

    async def person(self, login: str, *roles: str, unit: str = "nord") -> None:
        await self.store.save_user(User(login, login.title(), roles, (unit,), "sv", SECRET))

    async def console(self, login: str, *roles: str) -> Console:
        """A person at a screen, with an approved browser key and an open live connection."""
        await self.person(login, *(roles or ("operator",)))
        console = Console(self, login)
        await console.login()
        await console.approve()
        await console.listen()
        return console

    async def home(self, label: str = "Rosen 1", plan: wire.PlanStatement | None = None) -> Home:
        """A connected home that has accepted a plan with a window that is open now."""
        home = Home(self, label)
        await home.connect()
        await home.status()
        await home.agree(plan or home.plan())
        return home


async def serve(
    folder: Path,
    root: SigningKey,
    clock: MovedClock,
    turn: Turn | None = None,
    busy_ms: int = 500,
    *,
    pinned: bool = True,
) -> World:
    """Start the service on a real socket and a real file; ``pinned``: it knows the root."""
    store = SqlStore(folder / "operator.db", busy_ms)
    await store.open()
    if pinned:
        await store.pin(Municipality(root.public.x, "Exempelkommun", clock.now()))
    service = build(store, clock, turn or SecretTurn(("turn:127.0.0.1:3478?transport=udp",), b"secret"))
    static = folder / "console"
    static.mkdir(exist_ok=True)
    (static / "index.html").write_text("<!doctype html><title>console</title>")
    runner = web.AppRunner(application(service, Front(), static), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return World(root, clock, store, service, runner, f"http://127.0.0.1:{runner.addresses[0][1]}")


class Browser:
    """Plain HTTP with cookies and our own Origin."""

    def __init__(self, world: World) -> None:
        self.world = world
        jar = aiohttp.CookieJar(unsafe=True)
        self.http = aiohttp.ClientSession(cookie_jar=jar, headers={"Origin": world.url})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self.http.close()

    async def get(self, path: str) -> tuple[int, Json]:
        async with self.http.get(self.world.url + path) as response:
            return response.status, await response.json()

    async def post(self, path: str, **body: object) -> tuple[int, Json]:
        async with self.http.post(self.world.url + path, json=body) as response:
            return response.status, await response.json()


class Console(Browser):
    """An operator's browser: session key, credential, live connection."""

    def __init__(self, world: World, login: str) -> None:
        super().__init__(world)
        self.name = login
        self.key = SigningKey.generate()
        self.chain: tuple[str, ...] = ()
        self.ws: aiohttp.ClientWebSocketResponse | None = None
        self.heard: deque[Json] = deque()
        self.statements: deque[Json] = deque()

    async def close(self) -> None:
        if self.ws is not None:
            await self.ws.close()
        await super().close()

    async def login(self) -> None:
        status, _ = await self.post("/api/login", login=self.name, password=PASSWORD)
        assert status == 200

    async def approve(self) -> None:
        """Ask for a credential and get it from the root, as the administrator would."""
        await self.post("/api/browser", key=self.key.public.x)
        now = self.world.clock.now()
        user = await self.world.store.user(self.name)
        assert user is not None
        roles = tuple(Role(one) for one in user.roles)
        credential = wire.Credential(self.key.public.x, user.name, roles, user.units, now - 60, now + 12 * 3600)
        token = self.world.root.sign(credential)
        await self.world.store.certify_browser(self.key.public.x, token, credential.exp)
        self.chain = (token,)

    async def listen(self) -> None:
        self.ws = await self.http.ws_connect(self.world.url.replace("http", "ws") + "/api/live")
        await self.until(lambda one: one["type"] == "queue")

    async def move(self, world: World) -> None:
        """The service has come back at another address; log in again with the same key."""
        await self.close()
        self.world = world
        self.http = Browser(world).http
        await self.login()
        await self.listen()

    async def hear(self) -> None:
        """Take in one message."""
        assert self.ws is not None
        message = await self.ws.receive(SOON)
        assert message.type is aiohttp.WSMsgType.TEXT, (message.type, self.ws.close_code)
        found: Json = json.loads(message.data)
        (self.statements if found["type"] == "signed" else self.heard).append(found)

    async def until(self, wanted: Callable[[Json], bool]) -> Json:
        """The next message like that; statements of homes are kept apart from what the service says."""
        async with asyncio.timeout(SOON):
            while True:
                while self.heard:
                    if wanted(found := self.heard.popleft()):
                        return found
                await self.hear()

    async def row(self, state: str, occurrence: str = OCCURRENCE) -> Json:
        """Wait until the row is in this state."""

        def is_it(one: Json) -> bool:
            row = one.get("row")
            return isinstance(row, dict) and (row["occurrence"], row["state"]) == (occurrence, state)

        found = (await self.until(is_it))["row"]
        assert isinstance(found, dict)
        return found

    async def state(self, occurrence: str = OCCURRENCE) -> Json:
        """The row as the API has it now."""
        _, found = await self.get("/api/queue")
        rows = found["rows"]
        assert isinstance(rows, list)
        return next(one for one in rows if one["occurrence"] == occurrence)

    async def send(self, frame: frames.Frame) -> None:
        assert self.ws is not None
        await self.ws.send_str(frame.encode())

    async def alive(self) -> None:
        assert self.ws is not None
        await self.ws.send_str('{"type":"alive"}')

    async def sign(self, look: str, statement: wire.Statement) -> str:
        token = self.key.sign(statement)
        await self.send(frames.Signed(look, token, self.chain))
        return token

    async def from_home(self, kind: str) -> Json:
        """The next statement of this kind."""
        async with asyncio.timeout(SOON):
            while True:
                while self.statements:
                    if _typ(str((found := self.statements.popleft())["token"])) == kind:
                        return found
                await self.hear()

    async def refusal(self) -> str:
        """The code of the service's next refusal."""
        return str((await self.until(lambda one: one["type"] == "refused"))["code"])

    async def claim(self, home: Home, occurrence: str = OCCURRENCE) -> tuple[int, Json]:
        return await self.post("/api/queue/claim", hub=home.hub, occurrence=occurrence)

    async def release(self, home: Home, occurrence: str = OCCURRENCE) -> tuple[int, Json]:
        return await self.post("/api/queue/release", hub=home.hub, occurrence=occurrence)

    def prepare(self, home: Home, occurrence: str = OCCURRENCE) -> wire.Prepare:
        now = self.world.clock.now()
        look = b64u_encode(secrets.token_bytes(16))
        return wire.Prepare(look, home.hub, home.number, occurrence, now, now + 30)

    def close_look(self, look: str, outcome: Outcome) -> wire.Close:
        return wire.Close(look, outcome, self.world.clock.now())

    async def look(self, home: Home, occurrence: str = OCCURRENCE) -> OpenLook:
        """Claim, prepare, answer, click: until the home says it has opened."""
        status, _ = await self.claim(home, occurrence)
        assert status == 200
        prepare = self.prepare(home, occurrence)
        token = await self.sign(prepare.look, prepare)
        await home.got(wire.Prepare.TYP)
        offer = await home.sign(prepare.look, home.offer(prepare.look, digest(token)))
        await self.from_home(wire.Offer.TYP)
        now = self.world.clock.now()
        answer = await self.sign(prepare.look, wire.Answer(prepare.look, digest(offer), home.connection(), now))
        await home.got(wire.Answer.TYP)
        click = wire.Look(
            prepare.look, home.hub, home.number, occurrence, "B" * 43, digest(offer), digest(answer), now, now + 30
        )
        request = await self.sign(prepare.look, click)
        await home.got(wire.Look.TYP)
        await home.sign(prepare.look, wire.Opened(prepare.look, digest(request), now * 1000, 30))
        await self.from_home(wire.Opened.TYP)
        await self.row("looking", occurrence)
        return OpenLook(self, home, prepare.look, occurrence)


@dataclass
class OpenLook:
    """A look with its picture flowing."""

    console: Console
    home: Home
    look: str
    occurrence: str

    async def end(self, outcome: Outcome) -> None:
        """The operator's outcome, and the home's receipt."""
        await self.console.sign(self.look, self.console.close_look(self.look, outcome))
        await self.home.got(wire.Close.TYP)
        await self.home.receipt(self.look, CloseReason(outcome.value), self.occurrence)


class Home:
    """A home's bridge on the service link."""

    def __init__(self, world: World, label: str = "Rosen 1", key: SigningKey | None = None) -> None:
        self.world, self.label = world, label
        self.key = key or SigningKey.generate()
        self.hub = self.key.public.kid
        self.number = 0
        self.http: aiohttp.ClientSession | None = None
        self.ws: aiohttp.ClientWebSocketResponse | None = None
        self.nonce = ""
        self.sequence, self.previous = 0, FIRST
        self.operator = "C" * 43

    async def close(self) -> None:
        if self.ws is not None:
            await self.ws.close()
        if self.http is not None:
            await self.http.close()
        self.ws = self.http = None

    async def dial(self, hello: frames.Hello | None = None) -> None:
        """Connect and say hello, no more."""
        self.http = aiohttp.ClientSession()
        self.ws = await self.http.ws_connect(self.world.url.replace("http", "ws") + "/hub")
        theirs = await self.hear()
        assert isinstance(theirs, frames.Hello)
        self.nonce = theirs.nonce
        await self.send(hello or frames.Hello(wire.VERSION, wire.MINIMUM_VERSION, "A" * 43))

    async def connect(self) -> frames.Welcome:
        await self.dial()
        await self.send(self.login())
        welcome = await self.hear()
        assert isinstance(welcome, frames.Welcome)
        return welcome

    def certificate(self, root: SigningKey | None = None, key: str = "") -> str:
        now = self.world.clock.now()
        statement = wire.HubCertificate(key or self.key.public.x, self.label, "Exempelkommun", now, now + 86400)
        return (root or self.world.root).sign(statement)

    def login(self, nonce: str = "", certificate: str = "", signer: SigningKey | None = None) -> frames.LinkLogin:
        said = wire.Login(self.hub, nonce or self.nonce, self.world.clock.now())
        return frames.LinkLogin((signer or self.key).sign(said), certificate or self.certificate())

    async def send(self, frame: frames.Frame) -> None:
        assert self.ws is not None
        await self.ws.send_str(frame.encode())

    async def hear(self) -> frames.Frame:
        assert self.ws is not None
        message = await self.ws.receive(SOON)
        assert message.type is aiohttp.WSMsgType.TEXT, (message.type, self.ws.close_code)
        return frames.decode(frames.SERVICE_TO_BRIDGE, message.data)

    async def rejection(self) -> str:
        """The code of the Rejected that comes next."""
        frame = await self.hear()
        assert isinstance(frame, frames.Rejected)
        return frame.code

    async def closed(self) -> int | None:
        """The code with which the service closes."""
        assert self.ws is not None
        async with asyncio.timeout(SOON):
            while (await self.ws.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        return self.ws.close_code

    async def got(self, kind: str) -> frames.Signed:
        """The next statement of this kind from a browser or the planner."""
        async with asyncio.timeout(SOON):
            while True:
                frame = await self.hear()
                if isinstance(frame, frames.Signed) and _typ(frame.token) == kind:
                    if kind == wire.Prepare.TYP:
                        self.operator = parse(wire.Prepare, frame.token).kid
                    return frame

    async def sign(self, look: str, statement: wire.Statement) -> str:
        token = self.key.sign(statement)
        await self.send(frames.Signed(look, token))
        return token

    async def status(self, paused: bool = False, ready: bool = True) -> None:
        await self.send(frames.HomeStatus(ready, paused, self.number, ""))

    def plan(
        self,
        *windows: Window,
        number: int = 1,
        retries: int = 1,
        minutes: int = 20,
        rooms: tuple[Room, ...] = (Room.BEDROOM,),
        move: int = 0,
    ) -> wire.PlanStatement:
        return wire.PlanStatement(
            self.hub, number, "nord", windows or (WINDOW,), 30, 30, minutes, retries, (Role.OPERATOR,),
            (Fallback.CALL_CLIENT, Fallback.VISIT), date(2027, 5, 1), self.world.clock.now(), rooms, CONTACT, 365, move,
        )  # fmt: skip

    async def wish(
        self,
        *skipped: str,
        moved: tuple[wire.Moved, ...] = (),
        away: tuple[wire.Away, ...] = (),
        visits: tuple[wire.VisitAsked, ...] = (),
        iat: int = 0,
    ) -> str:
        """Tell what the client wants, and wait until the service has taken it in."""
        now = iat or self.world.clock.now()
        token = await self.sign("", wire.Wishes(self.hub, skipped, moved, away, visits, now))
        await self.settled()
        return token

    async def agree(self, plan: wire.PlanStatement) -> None:
        """The root proposes, the home gets it and accepts."""
        token = self.world.root.sign(plan)
        row = await self.world.service.plans.propose(self.world.root.public, token, "admin")
        link = self.world.service.links.get(self.hub)
        assert link is not None
        await self.world.service.plans.offer(link, self.number)
        frame = await self.got(wire.PlanStatement.TYP)
        assert frame.token == token
        await self.answer_plan(plan, row.hash, "accepted")
        self.number = plan.number
        await self.settled()
        await self.world.service.planner.round()

    async def answer_plan(self, plan: wire.PlanStatement, name: str, decision: str) -> None:
        if decision == "accepted":
            self.number = plan.number
        await self.sign("", wire.PlanAck(self.hub, plan.number, name, decision, self.world.clock.now()))

    async def settled(self) -> None:
        """Until the service has taken in all that was sent so far."""
        assert self.ws is not None
        link = self.world.service.links.get(self.hub)
        assert link is not None
        marker = frames.HomeStatus(True, False, self.number, "".join(secrets.choice("abcdefgh") for _ in range(20)))
        await self.send(marker)  # frames are taken in order
        await eventually(lambda: link.status == marker)
        async with asyncio.timeout(SOON):
            await link.inbox.join()

    def connection(self) -> wire.Connection:
        fingerprint = ":".join(["AB"] * 32)
        return wire.Connection(fingerprint, "user", "p" * 22, ("candidate:1 1 udp 1 127.0.0.1 9 typ host",), "actpass")

    def offer(self, look: str, prepare: str) -> wire.Offer:
        return wire.Offer(look, prepare, "B" * 43, self.connection(), self.world.clock.now())

    async def refuse(self, look: str, request: str, code: Refusal) -> None:
        await self.sign(look, wire.Refuse(look, request, code, self.world.clock.now()))

    def next_receipt(self, look: str, reason: CloseReason, occurrence: str = OCCURRENCE) -> wire.Receipt:
        now = self.world.clock.now() * 1000
        return wire.Receipt(
            self.hub, self.sequence + 1, self.previous, look, occurrence, self.operator, "Anna", now - 9000, now, reason
        )

    async def receipt(self, look: str, reason: CloseReason, occurrence: str = OCCURRENCE) -> str:
        token = await self.sign(look, self.next_receipt(look, reason, occurrence))
        self.sequence, self.previous = self.sequence + 1, digest(token)
        return token

    async def lose_receipt(self, look: str, reason: CloseReason) -> None:
        """One that is made but never arrives."""
        token = self.key.sign(self.next_receipt(look, reason))
        self.sequence, self.previous = self.sequence + 1, digest(token)


async def eventually(happened: Callable[[], bool]) -> None:
    """Until something inside the service that no socket tells of."""
    for _ in range(1000):
        if happened():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


def _typ(token: str) -> str:
    for kind in wire.STATEMENTS.values():
        try:
            return parse(kind, token).statement.TYP
        except Exception:  # noqa: BLE001 # trying kinds
            continue
    raise AssertionError(token)
