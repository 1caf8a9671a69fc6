"""The bridge's two neighbours, scripted, on real wires: an integration and an operator service with people behind it.

They speak real frames over real (TLS) WebSockets and sign with real keys. What they do is what a test tells them to;
nothing is checked for the bridge's sake, so that they can also misbehave.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Self

import aiohttp
from aiohttp import WSMsgType, web

from bridge.media.fields import ConnectionFields
from bridge.media.ice import IceConfig
from tests.bridge.media.viewer import Viewer
from tillsyn import frames, wire
from tillsyn.chain import hub_certificate
from tillsyn.errors import CloseReason, Refused
from tillsyn.frames import Frame, Hello, Signed
from tillsyn.identity import PairingCode, PublicKey, SigningKey, digest, parse, typ_of
from tillsyn.model import Outcome, Role
from tillsyn.strict import b64u_decode, b64u_encode
from tillsyn.wire import MINIMUM_VERSION, VERSION, Credential, HubCertificate, Statement

CAMERA = "camera-1"
"""The camera of a home that has one."""

WAIT = 8.0
OCCURRENCE = "natt/2026-11-22"


def random_id(size: int = 16) -> str:
    return b64u_encode(secrets.token_bytes(size))


def now() -> int:
    return int(time.time())


class Inbox:
    """Frames that came, in the order they came; ``next`` takes the first that fits and leaves the others."""

    def __init__(self) -> None:
        self.frames: deque[Frame] = deque()
        self._news = asyncio.Event()
        self.closed = False

    def put(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._news.set()

    def close(self) -> None:
        self.closed = True
        self._news.set()

    async def next[F: Frame](self, kind: type[F], fits: Callable[[F], bool] = lambda _: True) -> F:
        async with asyncio.timeout(WAIT):
            while True:
                for frame in self.frames:
                    if isinstance(frame, kind) and fits(frame):
                        self.frames.remove(frame)
                        return frame
                self._news.clear()
                await self._news.wait()

    async def until_closed(self) -> None:
        async with asyncio.timeout(WAIT):
            while not self.closed:
                self._news.clear()
                await self._news.wait()


# ---- people ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Somebody whom the municipality certified."""

    key: SigningKey
    chain: tuple[str, ...]

    def signed(self, statement: Statement) -> Signed:
        return Signed(getattr(statement, "look", ""), self.key.sign(statement), self.chain)


@dataclass
class Municipality:
    """Holds a root key; certifies people and hubs."""

    root: SigningKey = field(default_factory=SigningKey.generate)
    number: int = 0

    def policy(self, number: int = 1, **changes: object) -> Signed:
        """What the root allows: keys in browsers, and much."""
        policy = wire.Policy(number, True, 43_200, 120, 3, now() - 3600)
        return Signed("", self.root.sign(replace(policy, **changes)))  # type: ignore[arg-type]

    def revocations(self, *kids: str, age: int = 0) -> Signed:
        """The next list, made ``age`` seconds ago."""
        self.number += 1
        return Signed("", self.root.sign(wire.Revocations(self.number, kids, now() - age)))

    def person(self, name: str = "Test Person", roles: tuple[Role, ...] = (Role.OPERATOR,), hours: int = 12) -> Person:
        key = SigningKey.generate()
        iat = now() - 60
        credential = Credential(key.public.x, name, roles, ("natt",), iat, iat + hours * 3600)
        return Person(key, (self.root.sign(credential),))

    def certificate(self, hub: PublicKey, by: SigningKey | None = None, policy: int = 0) -> str:
        statement = HubCertificate(hub.x, "Hemmet", "Kommunen", now() - 60, now() + 86400, policy)
        return (by or self.root).sign(statement)

    def code(self, url: str, policy: int = 0) -> PairingCode:
        return PairingCode(url, self.root.public.kid, random_id(32), "Hemmet", policy)


# ---- the service ----------------------------------------------------------------------------------------------------


class FakeService:
    """The operator service's end of the service link. Its settings may be changed at any time."""

    def __init__(self, municipality: Municipality) -> None:
        self.municipality = municipality
        self.version, self.minimum = VERSION, MINIMUM_VERSION
        self.reject: str | None = None
        self.turn = frames.Welcome((), "", "")
        self.said: list[Signed] = [municipality.policy(), municipality.revocations()]
        """What the root has said, told to each hub that comes."""
        self.codes: dict[str, PairingCode] = {}
        self.paired_root: PublicKey = municipality.root.public
        self.certify: Callable[[PublicKey], str] = municipality.certificate
        self.chain: tuple[str, ...] = ()
        """Of whoever certifies hubs."""
        self.heard_login: frames.LinkLogin | None = None
        self.answer_pairing = asyncio.Event()
        self.answer_pairing.set()
        self.asked_to_pair = asyncio.Event()
        self.inbox = Inbox()
        self.logins = 0
        self.linked = asyncio.Event()
        self._socket: web.WebSocketResponse | None = None
        self._sockets: set[web.WebSocketResponse] = set()
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/hub"

    async def start(self) -> Self:
        app = web.Application()
        app.router.add_get("/hub", self._hub)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def stop(self) -> None:
        await self.drop()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    async def drop(self) -> None:
        """Cut every link."""
        for socket in tuple(self._sockets):
            await socket.close()

    def pairing(self, policy: int = 0) -> PairingCode:
        code = self.municipality.code(self.url, policy)
        self.codes[code.rendezvous] = code
        return code

    async def send(self, frame: Frame) -> None:
        await self.send_text(frame.encode())

    async def send_text(self, text: str) -> None:
        assert self._socket is not None
        await self._socket.send_str(text)

    async def statement[S: Statement](self, kind: type[S], look: str | None = None) -> S:
        """The next statement of this kind from the hub."""
        return parse(kind, (await self.signed(kind, look)).token).statement

    async def signed[S: Statement](self, kind: type[S], look: str | None = None) -> Signed:
        def fits(frame: Signed) -> bool:
            if look is not None and frame.look != look:
                return False
            try:
                parse(kind, frame.token)
            except Refused:
                return False
            return True

        return await self.inbox.next(Signed, fits)

    async def _hub(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        nonce = random_id(32)
        try:
            await socket.send_str(Hello(self.version, self.minimum, nonce).encode())
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    frame = frames.decode(frames.BRIDGE_TO_SERVICE, message.data)
                    await self._take(socket, frame, nonce)
        finally:
            self._sockets.discard(socket)
            if self._socket is socket:
                self._socket = None
                self.linked.clear()
        return socket

    async def _take(self, socket: web.WebSocketResponse, frame: Frame, nonce: str) -> None:
        match frame:
            case Hello():
                if self.reject is not None:
                    await socket.send_str(frames.Rejected(self.reject).encode())
                    await socket.close()
            case frames.LinkLogin():
                hub = PublicKey(parse(HubCertificate, frame.certificate).statement.key)
                hub_certificate(self.municipality.root.public, None, frame.certificate, frame.chain, hub, now())
                self.heard_login = frame
                login = parse(wire.Login, frame.token).verified(hub)
                assert login.nonce == nonce
                for welcome in (self.turn, *self.said):
                    await socket.send_str(welcome.encode())
                self.logins += 1
                self._socket = socket
                self.linked.set()
            case frames.Pair():
                await self._pair(socket, frame)
            case _:
                self.inbox.put(frame)

    async def _pair(self, socket: web.WebSocketResponse, frame: frames.Pair) -> None:
        code = self.codes.get(frame.rendezvous)
        hub = PublicKey(frame.key)
        if code is None or not code.accepts(hub, frame.mac):
            await socket.send_str(frames.Rejected("unknown_pairing").encode())
            return
        self.asked_to_pair.set()
        await self.answer_pairing.wait()
        await socket.send_str(frames.Paired(self.paired_root.x, self.certify(hub), self.chain).encode())


# ---- the integration ------------------------------------------------------------------------------------------------


def access_key(text: str) -> tuple[str, bytes]:
    """Bearer token and certificate hash in an access key."""
    kind, token, fingerprint = text.strip().split(".")
    assert kind == "TKB1"
    return token, b64u_decode(fingerprint)


class FakeIntegration:
    """The integration's end of the home link."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.inbox = Inbox()
        self.said = Inbox()
        """Policies and lists; they come at any time."""
        self.socket = socket
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(
        cls,
        session: aiohttp.ClientSession,
        port: int,
        key: str,
        *,
        hello: Hello | None = None,
        bearer: str | None = None,
        fingerprint: bytes | None = None,
    ) -> Self:
        token, pinned = access_key(key)
        socket = await session.ws_connect(
            f"https://127.0.0.1:{port}/home",
            ssl=aiohttp.Fingerprint(fingerprint or pinned),
            headers={"Authorization": f"Bearer {token}" if bearer is None else bearer},
            max_msg_size=frames.LIMIT,
        )
        integration = cls(socket)
        await integration.send(hello or Hello(VERSION, MINIMUM_VERSION, random_id(32)))
        return integration

    async def send(self, frame: Frame) -> None:
        await self.socket.send_str(frame.encode())

    async def expect[F: Frame](self, kind: type[F], fits: Callable[[F], bool] = lambda _: True) -> F:
        return await self.inbox.next(kind, fits)

    async def told(self, said: Signed) -> Signed:
        """A policy or list has come."""
        return await self.said.next(Signed, lambda one: one == said)

    async def session(self, look: str, state: str) -> None:
        await self.expect(frames.Session, lambda one: (one.look, one.state) == (look, state))

    async def close(self) -> None:
        await self.socket.close()
        await asyncio.wait([self._reader], timeout=2)

    def abort(self) -> None:
        """Gone without a goodbye, as after a crash."""
        response = self.socket._response
        assert response.connection is not None
        assert response.connection.transport is not None
        response.connection.transport.abort()

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is WSMsgType.TEXT:
                frame = frames.decode(frames.BRIDGE_TO_HOME, message.data)
                is_said = isinstance(frame, Signed) and typ_of(frame.token) in (wire.Policy.TYP, wire.Revocations.TYP)
                (self.said if is_said else self.inbox).put(frame)
        self.inbox.close()

    async def sign(self, statement: Statement, number: int = 1) -> str:
        """Let the bridge sign and send a statement."""
        await self.send(
            frames.Sign(number, getattr(statement, "look", ""), statement.TYP, statement.payload().decode())
        )
        return (await self.expect(frames.Signature, lambda one: one.id == number)).token

    @asynccontextmanager
    async def lease(self, look: str, ttl_ms: int = 3000, every: float = 0.1) -> AsyncIterator[None]:
        """Renew the lease for as long as the block runs."""

        async def renew() -> None:
            counter = 0
            while True:
                counter += 1
                await self.send(frames.Lease(look, CAMERA, counter, ttl_ms))
                await asyncio.sleep(every)

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


# ---- one look -------------------------------------------------------------------------------------------------------


@dataclass
class Operator:
    """A person at a console, with a viewer in place of a browser."""

    service: FakeService
    person: Person
    hub: PublicKey
    ice: IceConfig
    look: str = field(default_factory=random_id)
    prepare: wire.Prepare | None = None
    offer: wire.Offer | None = None
    offer_token: str = ""
    answer_token: str = ""
    request: str = ""
    viewer: Viewer | None = None

    async def ask(self, **changes: object) -> wire.Prepare:
        """Send tk-prepare."""
        statement = wire.Prepare(self.look, self.hub.kid, 1, OCCURRENCE, now(), now() + 30)
        self.prepare = replace(statement, **changes)  # type: ignore[arg-type]
        signed = self.person.signed(self.prepare)
        self.request = digest(signed.token)
        await self.service.send(signed)
        return self.prepare

    async def take_offer(self) -> wire.Offer:
        self.offer_token = (await self.service.signed(wire.Offer, self.look)).token
        self.offer = parse(wire.Offer, self.offer_token).verified(self.hub)
        return self.offer

    async def answer(self, person: Person | None = None, fingerprint: str | None = None, **changes: object) -> None:
        """Gather, and send tk-answer; ``fingerprint`` is signed in place of the certificate's own."""
        if self.viewer is None:
            self.viewer = Viewer(self.ice)
        own = await self.viewer.fields()
        connection = wire.Connection(fingerprint or own.fingerprint, own.ufrag, own.password, own.candidates, own.setup)
        statement = replace(wire.Answer(self.look, digest(self.offer_token), connection, now()), **changes)  # type: ignore[arg-type]
        signed = (person or self.person).signed(statement)
        self.answer_token = signed.token
        await self.service.send(signed)

    async def connect(self) -> None:
        assert self.offer is not None
        assert self.viewer is not None
        one = self.offer.connection
        fields = ConnectionFields(one.fingerprint, one.ufrag, one.password, one.candidates, one.setup)
        async with asyncio.timeout(WAIT):
            await self.viewer.connect(fields)

    def click(self, **changes: object) -> Signed:
        """The tk-look, to be sent."""
        assert self.offer is not None
        statement = wire.Look(
            self.look,
            self.hub.kid,
            1,
            OCCURRENCE,
            self.offer.challenge,
            digest(self.offer_token),
            digest(self.answer_token),
            now(),
            now() + 30,
        )
        return self.person.signed(replace(statement, **changes))  # type: ignore[arg-type]

    async def close(self, outcome: Outcome = Outcome.SEEN) -> None:
        await self.service.send(self.person.signed(wire.Close(self.look, outcome, now())))

    async def leave(self) -> None:
        if self.viewer is not None:
            await self.viewer.close()


async def connected(operator: Operator, integration: FakeIntegration) -> None:
    """Everything up to a connection without a picture, both sides willing."""
    await operator.ask()
    asked = await integration.expect(Signed, lambda one: one.look == operator.look)
    assert digest(asked.token) == operator.request
    await integration.send(frames.Allow(operator.look))
    await operator.take_offer()
    await operator.answer()
    await operator.connect()
    await integration.session(operator.look, "connected")


async def requested(operator: Operator, integration: FakeIntegration) -> Signed:
    """The click has reached the integration."""
    click = operator.click()
    await operator.service.send(click)
    request = await integration.expect(frames.LookRequest)
    assert (request.offer, request.answer) == (operator.offer_token, operator.answer_token)
    assert request.token == click.token
    return click


async def warmed(operator: Operator, integration: FakeIntegration) -> Signed:
    """The integration has opened its gate; the camera's stream runs, nothing is forwarded."""
    click = await requested(operator, integration)
    await integration.send(frames.Warm(operator.look, CAMERA))
    await integration.session(operator.look, "playing")
    return click


async def stopped(integration: FakeIntegration, look: str, reason: CloseReason = CloseReason.SEEN) -> frames.Stopped:
    await integration.send(frames.StopPicture(look, reason))
    return await integration.expect(frames.Stopped, lambda one: one.look == look)
