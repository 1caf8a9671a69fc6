"""The unsigned envelopes on the two WebSocket links. They carry signed statements and state.

Nothing is believed from them that opens a camera. Service link (hub bridge <-> operator service) and home link
(integration <-> bridge). One frame is one JSON text message: ``{"type": NAME, ...}`` with exactly the fields of its
class.
"""

from dataclasses import dataclass
from typing import ClassVar

from .frame import CAMERA_ID, CHAIN, LIMIT, OPTIONAL_LOOK, TOKEN, Frame, decode, kinds
from .frames_cameras import CameraAccess, Configure, Position, camera_access, position
from .frames_looks import (
    Allow,
    DroveAway,
    Hold,
    Lease,
    LeaseHeld,
    LookRequest,
    Refuse,
    Session,
    Stopped,
    StopPicture,
    Warm,
)  # fmt: skip
from .strict import Shape, boolean, many, matching, text, whole
from .wire import HASH, Included, included

__all__ = [
    "BRIDGE_TO_HOME", "BRIDGE_TO_SERVICE", "CAMERA_ID", "CHAIN", "HOME_TO_BRIDGE", "KEPT_AT_ONCE", "LIMIT",
    "SERVICE_TO_BRIDGE", "Allow", "Bridge", "CameraAccess", "Configure", "DroveAway", "Frame", "Hello", "Hold",
    "HomeStatus", "Kept", "Lease", "LeaseHeld", "LinkLogin", "LookRequest", "Noted", "Pair", "Paired",
    "PairingResult", "Position", "Reached", "Refuse", "Rejected", "ServiceLink", "Session", "Sign", "Signature",
    "Signed", "StartPairing", "StopPicture", "Stopped", "Warm", "Welcome", "camera_access", "decode", "kinds",
    "position",
]  # fmt: skip

KEPT_AT_ONCE = 16
"""As many receipts as fit in a frame, and in a line of the journal, with the longest proofs there are."""
_VERSION = whole(1, 10_000)


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
    SHAPE: ClassVar[Shape] = Shape({"look": OPTIONAL_LOOK, "token": TOKEN, "chain": CHAIN})
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
    SHAPE: ClassVar[Shape] = Shape({"key": TOKEN, "checkpoint": TOKEN, "receipts": many(included, 1, KEPT_AT_ONCE)})
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
    SHAPE: ClassVar[Shape] = Shape({"token": TOKEN, "certificate": TOKEN, "chain": CHAIN})
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
    SHAPE: ClassVar[Shape] = Shape({"root": HASH, "certificate": TOKEN, "chain": CHAIN})
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
class Sign(Frame):
    """Sign with the hub key and send to the service. ``typ``: tk-opened, tk-refuse, tk-receipt, tk-plan-ack, tk-wishes,
    tk-sleep or tk-log only (the last is signed and sent to nobody); ``payload`` is that statement's JSON. Answered by
    Signature with the same ``id``.
    """

    TYPE: ClassVar[str] = "sign"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "id": whole(1, 2**31),
            "look": OPTIONAL_LOOK,
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
    SHAPE: ClassVar[Shape] = Shape({"root": HASH, "certificate": TOKEN, "chain": CHAIN})
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
class Signature(Frame):
    """The hub-signed token that Sign asked for."""

    TYPE: ClassVar[str] = "signature"
    SHAPE: ClassVar[Shape] = Shape({"id": whole(1, 2**31), "token": TOKEN})
    id: int
    token: str


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
