"""The other ends of the wires: a scripted bridge (TLS, pinned, real keys), a municipality and its operator."""

import asyncio
import secrets
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Self

from aiohttp import WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import Refused
from custom_components.trygghetskamera.tillsyn.identity import PairingCode, SigningKey, digest, parse
from custom_components.trygghetskamera.tillsyn.model import Fallback, Outcome, Role, Room, Window
from custom_components.trygghetskamera.tillsyn.receipts import FIRST
from custom_components.trygghetskamera.tillsyn.schedule import STOCKHOLM, occurrences
from custom_components.trygghetskamera.tillsyn.strict import b64u_encode
from custom_components.trygghetskamera.tillsyn.wire import (
    MINIMUM_VERSION,
    STATEMENTS,
    VERSION,
    Answer,
    Close,
    Connection,
    Credential,
    Delegation,
    HubCertificate,
    Look,
    Offer,
    Passkey,
    PlanStatement,
    Policy,
    Prepare,
    Receipt,
    Revocations,
    Statement,
    Turn,
)
from tests.authenticator import Authenticator

UNIT = "north"
PATIENCE = 5.0
"""Seconds that a test waits for a frame before it fails."""


def random_id(size: int = 32) -> str:
    """Random bytes as base64url."""
    return b64u_encode(secrets.token_bytes(size))


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


def _connection(setup: str) -> Connection:
    return Connection(
        fingerprint=":".join(["AB"] * 32),
        ufrag="ufrag123",
        password="p" * 24,
        candidates=("candidate:1 1 udp 1 192.0.2.1 5000 typ relay raddr 0.0.0.0 rport 0",),
        setup=setup,
    )


def open_window() -> Window:
    """A window that is open now, whatever the time is, and for some hours more."""
    local = datetime.now(UTC).astimezone(STOCKHOLM)
    start, end = local - timedelta(hours=2), local + timedelta(hours=3)
    return Window("night", start.time().replace(second=0, microsecond=0), end.time().replace(second=0, microsecond=0))


def closed_window() -> Window:
    """A window that opens in some hours."""
    local = datetime.now(UTC).astimezone(STOCKHOLM)
    start, end = local + timedelta(hours=4), local + timedelta(hours=5)
    return Window("later", start.time().replace(second=0, microsecond=0), end.time().replace(second=0, microsecond=0))


def occurrence_of(window: Window) -> str:
    """The id of the occurrence that is open now or opens next."""
    moment = datetime.now(UTC)
    return occurrences([window], moment, moment + timedelta(days=1))[0].id


@dataclass(frozen=True)
class Operator:
    """A person with a certified browser key, or with a passkey that has certified ``key`` for a shift."""

    key: SigningKey
    credential: str
    delegation: str = ""

    @property
    def chain(self) -> tuple[str, ...]:
        """Who vouches for the key."""
        return (self.credential, self.delegation) if self.delegation else (self.credential,)

    def sign(self, look: str, statement: Statement) -> frames.Signed:
        """A statement on its way to the home."""
        return frames.Signed(look, self.key.sign(statement), self.chain)


class Municipality:
    """The root key, and what it signs."""

    def __init__(self) -> None:
        self.root = SigningKey.generate()
        self.hub = SigningKey.generate()
        self.number = 0

    def policy(self, number: int = 1, **changes: object) -> frames.Signed:
        """What the root allows: keys in browsers, and much."""
        policy = Policy(number, True, 43_200, 120, 3, now() - 3600)
        return frames.Signed("", self.root.sign(replace(policy, **changes)))  # type: ignore[arg-type]

    def revocations(self, *kids: str, age: int = 0) -> frames.Signed:
        """The next list, made ``age`` seconds ago."""
        self.number += 1
        return frames.Signed("", self.root.sign(Revocations(self.number, kids, now() - age)))

    def certificate(self, root: SigningKey | None = None, policy: int = 0) -> str:
        """The hub's certificate."""
        statement = HubCertificate(self.hub.public.x, "Hemmet", "Ankeborg", now(), now() + 86400, policy)
        return (root or self.root).sign(statement)

    def operator(self, name: str = "Alva Natt", role: Role = Role.OPERATOR) -> Operator:
        """A certified operator."""
        key = SigningKey.generate()
        credential = Credential(key.public.x, name, (role,), (UNIT,), now() - 5, now() + 3600)
        return Operator(key, self.root.sign(credential))

    def with_passkey(self, phone: Authenticator, hours: int = 8) -> Operator:
        """A certified operator who begins a shift with a passkey."""
        key = SigningKey.generate()
        passkey = Passkey(**phone.passkey)
        credential = self.root.sign(
            Credential("", "Alva Natt", (Role.OPERATOR,), (UNIT,), now() - 5, now() + 3600, passkey)
        )
        delegation = Delegation(digest(credential), key.public.x, now() - 5, now() - 5 + hours * 3600)
        return Operator(key, credential, phone.token(delegation.payload()))

    def plan(self, number: int = 1, windows: tuple[Window, ...] | None = None, **changes: object) -> frames.Signed:
        """A plan for the hub, signed by the root itself."""
        statement = PlanStatement(
            hub=self.hub.public.kid,
            number=number,
            unit=UNIT,
            windows=windows or (open_window(),),
            look_seconds=30,
            grace_seconds=30,
            retry_within_minutes=20,
            max_retries=1,
            roles=(Role.OPERATOR,),
            fallback=(Fallback.CALL_CLIENT, Fallback.VISIT),
            review=(datetime.now(UTC) + timedelta(days=90)).date(),
            iat=now(),
        )
        return frames.Signed("", self.root.sign(replace(statement, **changes)))  # type: ignore[arg-type]

    def code(self) -> PairingCode:
        """A pairing code."""
        return PairingCode("ws://127.0.0.1:1/hub", self.root.public.kid, random_id(), "Hemmet")


@dataclass(frozen=True)
class Connected:
    """A prepared look whose peers are connected: all that a click needs."""

    look: str
    plan: int
    occurrence: str
    offer: str
    answer: str
    challenge: str


def _make_certificate(folder: Path) -> tuple[ssl.SSLContext, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bridge")])
    moment = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / f"bridge-{random_id(6)}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()


NOTHING_YET = frames.Reached("", 0, FIRST)


@dataclass
class ScriptedBridge:
    """Speaks the home link as the bridge does; what it answers by itself can be turned off."""

    municipality: Municipality
    folder: Path
    is_paired: bool = True
    answers_pairing: Callable[[frames.StartPairing], frames.Frame | None] = lambda _frame: None
    holds_leases: bool = True
    signs: bool = True
    version: int = VERSION
    minimum: int = MINIMUM_VERSION
    reached: frames.Reached = NOTHING_YET
    port: int = 0
    received: list[frames.Frame] = field(default_factory=list)
    said: list[frames.Signed] | None = None
    """What the root has said, told at each new link; None: a policy and a list as they should be."""
    signed: list[str] = field(default_factory=list)
    """What the home has had signed, oldest first."""

    def __post_init__(self) -> None:
        self._tls, self._fingerprint = _make_certificate(self.folder)
        self._token = random_id()
        self._changed = asyncio.Condition()
        self._socket: web.WebSocketResponse | None = None
        self._runner: web.AppRunner | None = None

    @property
    def access_key(self) -> str:
        """What a person enters."""
        return f"TKB1.{self._token}.{b64u_encode(self._fingerprint)}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Serve, at the same port as before."""
        application = web.Application()
        application.router.add_get("/home", self._serve)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop serving; every connection ends."""
        if self._runner is not None:
            if self._socket is not None:
                await self._socket.close()
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.Response(status=401)
        socket = web.WebSocketResponse(max_msg_size=frames.LIMIT)
        await socket.prepare(request)
        self._socket = socket
        hello = await socket.receive()
        await self._hear(frames.decode(frames.HOME_TO_BRIDGE, hello.data))
        await self.send(frames.Hello(self.version, self.minimum, random_id()))
        root = self.municipality.root.public.x if self.is_paired else ""
        certificate = self.municipality.certificate() if self.is_paired else ""
        await self.send(frames.Bridge(self.municipality.hub.public.x, root, certificate))
        await self.send(self.reached)
        await self.send(frames.ServiceLink(True, ""))
        town = self.municipality
        for said in [town.policy(), town.revocations()] if self.said is None else self.said:
            await self.send(said)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._hear(frames.decode(frames.HOME_TO_BRIDGE, message.data))
        return socket

    async def _hear(self, frame: frames.Frame) -> None:
        match frame:
            case frames.StartPairing():
                answer = self.answers_pairing(frame)
                self.is_paired = self.is_paired or isinstance(answer, frames.PairingResult)
                if answer is not None:
                    await self.send(answer)
            case frames.Lease(look=look, counter=counter) if self.holds_leases:
                await self.send(frames.LeaseHeld(look, counter))
            case frames.Sign(id=number, typ=typ, payload=payload) if self.signs:
                token = self.municipality.hub.sign(STATEMENTS[typ].parse(payload.encode()))
                self.signed.append(token)
                await self.send(frames.Signature(number, token))
            case frames.Reached():
                self.reached = frame
            case frames.StopPicture(look=look):
                await self.send(frames.Stopped(look, 0, 0))
        async with self._changed:
            self.received.append(frame)
            self._changed.notify_all()

    async def send(self, frame: frames.Frame) -> None:
        """To the integration."""
        if self._socket is not None and not self._socket.closed:
            await self._socket.send_str(frame.encode())

    async def heard[F: frames.Frame](self, kind: type[F], test: Callable[[F], bool] = lambda _frame: True) -> F:
        """The first frame of this kind that has come, or comes, and passes the test; it is then forgotten."""

        def find() -> F | None:
            for one in self.received:
                if isinstance(one, kind) and test(one):
                    self.received.remove(one)
                    return one
            return None

        async with asyncio.timeout(PATIENCE), self._changed:
            while (found := find()) is None:
                await self._changed.wait()
            return found

    def has_heard(self, *kinds: type[frames.Frame]) -> bool:
        """Whether any such frame has come."""
        return any(isinstance(one, kinds) for one in self.received)

    def signed_as[S: Statement](self, kind: type[S]) -> list[S]:
        """The statements of a kind that the home has had signed."""
        return [parse(kind, token).statement for token in self.signed if _is(kind, token)]

    # ---- the operator's side, as it comes through this bridge --------------------------------------------------------

    async def ask(self, operator: Operator, occurrence: str, plan: int = 1, **changes: int | str) -> Prepare:
        """Send a tk-prepare; the answer is heard as Allow or Refuse."""
        prepare = Prepare(random_id(16), self.municipality.hub.public.kid, plan, occurrence, now(), now() + 30)
        prepare = replace(prepare, **changes)  # type: ignore[arg-type]
        await self.send(operator.sign(prepare.look, prepare))
        self._last_prepare = operator.key.sign(prepare)
        return prepare

    async def prepare(self, operator: Operator, occurrence: str, plan: int = 1) -> Connected:
        """A prepared and connected look."""
        prepare = await self.ask(operator, occurrence, plan)
        allow = await self.heard(frames.Allow)
        assert allow.look == prepare.look
        return self.connect(operator, prepare)

    def connect(self, operator: Operator, prepare: Prepare) -> Connected:
        """The offer and answer of a prepared look."""
        offer = Offer(prepare.look, digest(operator.key.sign(prepare)), random_id(), _connection("actpass"), now())
        offered = self.municipality.hub.sign(offer)
        answered = operator.key.sign(Answer(prepare.look, digest(offered), _connection("active"), now()))
        return Connected(prepare.look, prepare.plan, prepare.occurrence, offered, answered, offer.challenge)

    def click(self, operator: Operator, connected: Connected, **changes: int | str) -> frames.LookRequest:
        """The click, not sent yet."""
        look = Look(
            look=connected.look,
            hub=self.municipality.hub.public.kid,
            plan=connected.plan,
            occurrence=connected.occurrence,
            challenge=connected.challenge,
            offer=digest(connected.offer),
            answer=digest(connected.answer),
            iat=now(),
            exp=now() + 30,
        )
        token = operator.key.sign(replace(look, **changes))  # type: ignore[arg-type]
        return frames.LookRequest(connected.look, token, operator.chain, connected.offer, connected.answer)

    async def close_look(self, operator: Operator, look: str, outcome: Outcome = Outcome.SEEN) -> None:
        """The operator's outcome."""
        await self.send(operator.sign(look, Close(look, outcome, now())))

    async def turn_look(self, operator: Operator, look: str, room: Room, number: int = 1) -> None:
        """The operator asks for another room within the open look."""
        await self.send(operator.sign(look, Turn(look, room, number, now())))

    async def receipt(self, look: str) -> Receipt:
        """The receipt of this look, once signed."""
        await self.heard(frames.Sign, lambda one: one.typ == "tk-receipt" and one.look == look)
        return self.signed_as(Receipt)[-1]


def _is(kind: type[Statement], token: str) -> bool:
    try:
        parse(kind, token)
    except Refused:
        return False
    return True
