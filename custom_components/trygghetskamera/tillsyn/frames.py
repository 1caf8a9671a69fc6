"""The unsigned envelopes on the two WebSocket links. They carry signed statements and state.

Nothing is believed from them that opens a camera. Service link (hub bridge <-> operator service) and home link
(integration <-> bridge). One frame is one JSON text message: ``{"type": NAME, ...}`` with exactly the fields of its
class.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

from .errors import CloseReason, Refusal
from .strict import Check, Shape, bad, boolean, dump, load, many, matching, one_of, plain, text, whole
from .wire import HASH, LOOK_ID, Included, included

LIMIT = 32_768
"""Largest frame in bytes."""
KEPT_AT_ONCE = 16
"""As many receipts as fit in a frame, and in a line of the journal, with the longest proofs there are."""

_JWS = r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,23000}\.[A-Za-z0-9_-]{86}"
_DELEGATION = r"tk-delegation\.[A-Za-z0-9_-]{1,700}\.[A-Za-z0-9_-]{1,350}\.[A-Za-z0-9_-]{1,1400}\.[A-Za-z0-9_-]{1,100}"
_TOKEN: Check[str] = matching(_JWS)
CHAIN: Check[tuple[str, ...]] = many(matching(f"{_JWS}|{_DELEGATION}"), 0, 4)
"""Who vouches for the signer, oldest first: tk-credential and tk-delegation (chain.py)."""
_OPTIONAL_LOOK = matching(r"([A-Za-z0-9_-]{22})?")
_VERSION = whole(1, 10_000)
_HOST = matching(r"[A-Za-z0-9.\-\[\]:]{1,253}")
_COORDINATE = whole(-1_000_000, 1_000_000)
CAMERA_ID: Check[str] = matching(r"[A-Za-z0-9_-]{1,32}")
"""A camera of the home, as the home names it."""


class Frame:
    """One message on a link. ``TYPE`` is its name there."""

    TYPE: ClassVar[str]
    SHAPE: ClassVar[Shape]

    def encode(self) -> str:
        """The text to send."""
        body = {one.name: plain(getattr(self, one.name)) for one in fields(self)}  # type: ignore[arg-type]
        return dump({"type": self.TYPE, **body}).decode()


def decode(kinds: Mapping[str, type[Frame]], raw: str | bytes) -> Frame:
    """Read one frame of the kinds this side accepts. Raises Refused(BAD_MESSAGE)."""
    found = load(raw, LIMIT)
    name = found.pop("type", None)
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise bad("frame type")
    return kind(**kind.SHAPE.read(found))


def kinds(*listed: type[Frame]) -> Mapping[str, type[Frame]]:
    """An allow-list for ``decode``."""
    return {one.TYPE: one for one in listed}


# ---- both links -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello(Frame):
    """First message from each side: version spoken, oldest accepted, and a nonce for the other side to sign."""

    TYPE: ClassVar[str] = "hello"
    SHAPE: ClassVar[Shape] = Shape({"version": _VERSION, "minimum": _VERSION, "nonce": HASH})
    version: int
    minimum: int
    nonce: str


@dataclass(frozen=True, slots=True)
class Rejected(Frame):
    """The link or request is refused: a code of errors.Refusal, update_service, update_home or unknown_pairing."""

    TYPE: ClassVar[str] = "rejected"
    SHAPE: ClassVar[Shape] = Shape({"code": matching(r"[a-z_]{1,40}")})
    code: str


@dataclass(frozen=True, slots=True)
class Signed(Frame):
    """A signed statement on its way. ``chain``: who vouches for the signer, none for the hub and the root. ``look``: ''
    where it is about none: a plan, a policy, a list of revoked keys.
    """

    TYPE: ClassVar[str] = "signed"
    SHAPE: ClassVar[Shape] = Shape({"look": _OPTIONAL_LOOK, "token": _TOKEN, "chain": CHAIN})
    look: str
    token: str
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached(Frame):
    """On the home link, both ways: how far the home's journal has come. The integration tells it, and the bridge says
    what it was told last right after Bridge, so that a journal that has gone back shows. ``home``: the integration's
    own name for the home, '' (with 0 lines) where none has been told of. ``shown_plan``, ``agreed_plan``: numbers of
    the newest plan that the home has ever been shown, and has ever accepted; 0: none.
    """

    TYPE: ClassVar[str] = "reached"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "home": matching(r"[A-Za-z0-9_-]{0,64}"),
            "lines": whole(0, 2**40),
            "last": HASH,
            "shown_plan": whole(0, 2**31),
            "agreed_plan": whole(0, 2**31),
        }
    )
    home: str
    lines: int
    last: str
    shown_plan: int = 0
    agreed_plan: int = 0


@dataclass(frozen=True, slots=True)
class Kept(Frame):
    """The service has kept these receipts of the home: ``checkpoint``, a tk-checkpoint, by the key in ``key``, a
    tk-service-key, and for each that it is in its tree. Several frames where there are more of a night. From the
    service through the bridge to the integration.
    """

    TYPE: ClassVar[str] = "kept"
    SHAPE: ClassVar[Shape] = Shape({"key": _TOKEN, "checkpoint": _TOKEN, "receipts": many(included, 1, KEPT_AT_ONCE)})
    key: str
    checkpoint: str
    receipts: tuple[Included, ...]


@dataclass(frozen=True, slots=True)
class Noted(Frame):
    """What the service has said of the receipts with these hashes is in the home's journal, or is of no use to it: it
    need not be said again. From the integration through the bridge to the service.
    """

    TYPE: ClassVar[str] = "noted"
    SHAPE: ClassVar[Shape] = Shape({"receipts": many(HASH, 1, KEPT_AT_ONCE)})
    receipts: tuple[str, ...]


# ---- service link: bridge -> service --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkLogin(Frame):
    """The hub's tk-login over the service's nonce, and its certificate with the chain of whoever signed that."""

    TYPE: ClassVar[str] = "login"
    SHAPE: ClassVar[Shape] = Shape({"token": _TOKEN, "certificate": _TOKEN, "chain": CHAIN})
    token: str
    certificate: str
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair(Frame):
    """An unpaired hub asks for its certificate. ``key``: its public key; ``mac``: identity.PairingCode.mac."""

    TYPE: ClassVar[str] = "pair"
    SHAPE: ClassVar[Shape] = Shape({"rendezvous": HASH, "key": HASH, "mac": HASH})
    rendezvous: str
    key: str
    mac: str


@dataclass(frozen=True, slots=True)
class HomeStatus(Frame):
    """How the home is now, so that the queue is true: not proof of anything. ``problem``: '' or a code."""

    TYPE: ClassVar[str] = "home_status"
    SHAPE: ClassVar[Shape] = Shape(
        {"ready": boolean, "paused": boolean, "plan": whole(0, 2**31), "problem": matching(r"[a-z_]{0,40}")}
    )
    ready: bool
    paused: bool
    plan: int
    problem: str


# ---- service link: service -> bridge --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paired(Frame):
    """The municipality's answer to Pair: its root key (must match the pinned hash) and the hub's certificate, with the
    chain of whoever signed that: none for the root.
    """

    TYPE: ClassVar[str] = "paired"
    SHAPE: ClassVar[Shape] = Shape({"root": HASH, "certificate": _TOKEN, "chain": CHAIN})
    root: str
    certificate: str
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Welcome(Frame):
    """Login accepted; the TURN servers to use for looks. No ``urls``: no relay, host candidates only."""

    TYPE: ClassVar[str] = "welcome"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "urls": many(matching(r"turns?:[A-Za-z0-9.\-]{1,253}:[0-9]{1,5}(\?transport=(udp|tcp))?"), 0, 6),
            "username": text(0, 200),
            "credential": text(0, 200),
        }
    )
    urls: tuple[str, ...]
    username: str
    credential: str


# ---- home link: integration -> bridge -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartPairing(Frame):
    """Pair with the service in this code; the bridge answers PairingResult or Rejected."""

    TYPE: ClassVar[str] = "start_pairing"
    SHAPE: ClassVar[Shape] = Shape({"code": matching(r"TK1\.[A-Za-z0-9_-]{1,1200}")})
    code: str


@dataclass(frozen=True, slots=True)
class Position:
    """A place of the camera in millionths of its generic ONVIF spaces: pan and tilt -1..1, zoom 0..1."""

    pan: int
    tilt: int
    zoom: int


_POSITION = Shape({"pan": _COORDINATE, "tilt": _COORDINATE, "zoom": _COORDINATE})


def position(value: object) -> Position:
    """Check a position."""
    return Position(**_POSITION.read(value))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class CameraAccess:
    """What the bridge needs to relay one camera and to drive it private on its own.

    ``ptz_path``/``media_path``: ONVIF service paths on ``host:port``. ``rtsp_port``/``rtsp_path``: the stream, without
    credentials. ``profile``: ONVIF media profile token. ``privacy_preset``: token, or '' to use ``privacy`` as
    absolute move.
    """

    camera: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ptz_path: str
    media_path: str
    rtsp_port: int
    rtsp_path: str
    profile: str
    privacy_preset: str
    privacy: Position


_ACCESS = Shape(
    {
        "camera": CAMERA_ID,
        "host": _HOST,
        "port": whole(1, 65535),
        "user": text(0, 64),
        "password": text(0, 128),
        "ptz_path": matching(r"/[!-~]{0,200}"),
        "media_path": matching(r"/[!-~]{0,200}"),
        "rtsp_port": whole(1, 65535),
        "rtsp_path": matching(r"/[!-~]{0,300}"),
        "profile": matching(r"[!-~]{1,64}"),
        "privacy_preset": matching(r"[!-~]{0,64}"),
        "privacy": position,
    }
)


def camera_access(value: object) -> CameraAccess:
    """Check what is told about one camera."""
    return CameraAccess(**_ACCESS.read(value))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Configure(Frame):
    """The cameras of the home, each once; replaces what was told before. Kept in memory only."""

    TYPE: ClassVar[str] = "configure"
    SHAPE: ClassVar[Shape] = Shape({"cameras": many(camera_access, 0, 8)})
    cameras: tuple[CameraAccess, ...]


@dataclass(frozen=True, slots=True)
class Allow(Frame):
    """Yes to a Prepare: make the connection ready for this look and answer the operator with a tk-offer."""

    TYPE: ClassVar[str] = "allow"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID})
    look: str


@dataclass(frozen=True, slots=True)
class Warm(Frame):
    """The gate is opening: connect and PLAY this camera's stream; forward nothing yet."""

    TYPE: ClassVar[str] = "warm"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "camera": CAMERA_ID})
    look: str
    camera: str


@dataclass(frozen=True, slots=True)
class Hold(Frame):
    """The operator turns to another room: nothing more of this camera leaves and its stream is let go. The connection
    to the operator stays, until the next lease (for another camera) or StopPicture.
    """

    TYPE: ClassVar[str] = "hold"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "camera": CAMERA_ID})
    look: str
    camera: str


@dataclass(frozen=True, slots=True)
class Lease(Frame):
    """Picture of this camera may flow for ``ttl_ms`` from receipt, by the bridge's monotonic clock. ``counter`` only
    grows within a look.

    The bridge answers each with LeaseHeld. Unrenewed: nothing more leaves and the bridge drives the camera private.
    """

    TYPE: ClassVar[str] = "lease"
    SHAPE: ClassVar[Shape] = Shape(
        {"look": LOOK_ID, "camera": CAMERA_ID, "counter": whole(1, 2**31), "ttl_ms": whole(1, 3000)}
    )
    look: str
    camera: str
    counter: int
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class StopPicture(Frame):
    """The look is over (or was only prepared): nothing more leaves, close all. Answered by Stopped."""

    TYPE: ClassVar[str] = "stop_picture"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "reason": one_of(CloseReason)})
    look: str
    reason: CloseReason


@dataclass(frozen=True, slots=True)
class Sign(Frame):
    """Sign with the hub key and send to the service. ``typ``: tk-opened, tk-refuse, tk-receipt, tk-plan-ack, tk-wishes,
    tk-sleep or tk-log only (the last is signed and sent to nobody); ``payload`` is that statement's JSON. Answered by
    Signature with the same ``id``.
    """

    TYPE: ClassVar[str] = "sign"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "id": whole(1, 2**31),
            "look": _OPTIONAL_LOOK,
            "typ": matching(r"tk-(opened|refuse|receipt|plan-ack|wishes|sleep|log)"),
            "payload": text(2, 8192),
        }
    )
    id: int
    look: str
    typ: str
    payload: str


# ---- home link: bridge -> integration -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bridge(Frame):
    """Who the bridge is, right after Hello: hub key, pinned root, certificate and its chain ('' while unpaired)."""

    TYPE: ClassVar[str] = "bridge"
    SHAPE: ClassVar[Shape] = Shape(
        {"key": HASH, "root": matching(r"([A-Za-z0-9_-]{43})?"), "certificate": text(0, 4096), "chain": CHAIN}
    )
    key: str
    root: str
    certificate: str
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairingResult(Frame):
    """Paired: the root's public key (it matches the code's hash) and the hub certificate with its chain."""

    TYPE: ClassVar[str] = "pairing_result"
    SHAPE: ClassVar[Shape] = Shape({"root": HASH, "certificate": _TOKEN, "chain": CHAIN})
    root: str
    certificate: str
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceLink(Frame):
    """Whether the service can reach this home. ``code``: '' or why not."""

    TYPE: ClassVar[str] = "service_link"
    SHAPE: ClassVar[Shape] = Shape({"connected": boolean, "code": matching(r"[a-z_]{0,40}")})
    connected: bool
    code: str


@dataclass(frozen=True, slots=True)
class LookRequest(Frame):
    """A tk-look for a connected peer, with the tk-offer and tk-answer it is bound to, for the integration to judge."""

    TYPE: ClassVar[str] = "look_request"
    SHAPE: ClassVar[Shape] = Shape(
        {"look": LOOK_ID, "token": _TOKEN, "chain": CHAIN, "offer": _TOKEN, "answer": _TOKEN}
    )
    look: str
    token: str
    chain: tuple[str, ...]
    offer: str
    answer: str


@dataclass(frozen=True, slots=True)
class Session(Frame):
    """How the media of a look is: 'connected' (peer ready), 'playing' (camera stream runs), 'first_packet' (sent),
    'picture_lost' or 'operator_gone'.
    """

    TYPE: ClassVar[str] = "session"
    SHAPE: ClassVar[Shape] = Shape(
        {"look": LOOK_ID, "state": matching("connected|playing|first_packet|picture_lost|operator_gone")}
    )
    look: str
    state: str


@dataclass(frozen=True, slots=True)
class LeaseHeld(Frame):
    """The bridge holds lease ``counter`` of this look."""

    TYPE: ClassVar[str] = "lease_held"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "counter": whole(1, 2**31)})
    look: str
    counter: int


@dataclass(frozen=True, slots=True)
class Stopped(Frame):
    """Nothing leaves any more. ``packets`` sent in this look; ``last_ms``: UTC milliseconds of the last one, 0 if
    none.
    """

    TYPE: ClassVar[str] = "stopped"
    SHAPE: ClassVar[Shape] = Shape(
        {"look": LOOK_ID, "packets": whole(0, 2**40), "last_ms": whole(0, 9_999_999_999_999)}
    )
    look: str
    packets: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class DroveAway(Frame):
    """The bridge drove this camera to its privacy position by itself, because a lease ran out."""

    TYPE: ClassVar[str] = "drove_away"
    SHAPE: ClassVar[Shape] = Shape({"camera": CAMERA_ID, "done": boolean})
    camera: str
    done: bool


@dataclass(frozen=True, slots=True)
class Signature(Frame):
    """The hub-signed token that Sign asked for."""

    TYPE: ClassVar[str] = "signature"
    SHAPE: ClassVar[Shape] = Shape({"id": whole(1, 2**31), "token": _TOKEN})
    id: int
    token: str


@dataclass(frozen=True, slots=True)
class Refuse(Frame):
    """Integration -> bridge: no to a Signed prepare or LookRequest, by its hash; the bridge signs tk-refuse."""

    TYPE: ClassVar[str] = "refuse"
    SHAPE: ClassVar[Shape] = Shape({"look": LOOK_ID, "request": HASH, "code": one_of(Refusal)})
    look: str
    request: str
    code: Refusal


SERVICE_TO_BRIDGE = kinds(Hello, Rejected, Signed, Paired, Welcome, Kept)
BRIDGE_TO_SERVICE = kinds(Hello, Signed, LinkLogin, Pair, HomeStatus, Noted)
HOME_TO_BRIDGE = kinds(
    Hello, StartPairing, Configure, Allow, Refuse, Warm, Hold, Lease, StopPicture, Sign, HomeStatus, Reached, Noted
)
BRIDGE_TO_HOME = kinds(
    Hello,
    Rejected,
    Bridge,
    Reached,
    PairingResult,
    ServiceLink,
    Signed,
    LookRequest,
    Session,
    LeaseHeld,
    Stopped,
    DroveAway,
    Signature,
    Kept,
)
