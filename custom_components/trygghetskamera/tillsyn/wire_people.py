"""The signed statements that say who may do what: policy, credentials, delegations, revocations and certificates."""

from dataclasses import dataclass
from typing import ClassVar, Final, Self

from .model import Role
from .strict import Check, Shape, bad, boolean, dump, load, many, matching, one_of, plain, whole
from .wire_fields import HASH, IDENTIFIER, NAME, NUMBER, SECONDS, Statement

NUMBERS_BEGIN: Final = 1_600_000_000
MAX_DELEGATION_SECONDS: Final = 43_200
MAX_REVOKED: Final = 350
"""How many keys a list holds: as many as fit, with its chain, into one frame."""
_HOST: Final = r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"
_PASSKEY_SHAPE = Shape(
    {
        "id": matching(r"[A-Za-z0-9_-]{16,512}"),
        "x": HASH,
        "y": HASH,
        "rp": matching(_HOST),
        "origin": matching(rf"https://{_HOST}(:[0-9]{{1,5}})?|http://(localhost|127\.0\.0\.1)(:[0-9]{{1,5}})?"),
    }
)


@dataclass(frozen=True, slots=True)
class Passkey:
    """A person's passkey (WebAuthn). ``id``: its credential id, base64url. ``x``, ``y``: its P-256 public key.

    ``rp`` and ``origin``: the one site whose assertions count; ``rp`` is the origin's host or what that ends with.
    """

    id: str
    x: str
    y: str
    rp: str
    origin: str


def passkey(value: object) -> Passkey:
    """Check a passkey."""
    found = Passkey(**_PASSKEY_SHAPE.read(value))  # type: ignore[arg-type]
    host = found.origin.partition("://")[2].partition(":")[0]
    if host != found.rp and not host.endswith(f".{found.rp}"):
        raise bad("rp of another site")
    return found


@dataclass(frozen=True, slots=True)
class Policy(Statement):
    """What the root allows in all homes; signed by the root only, and a home never goes back to a lower ``number``.

    ``browser_keys``: a key that is kept in a browser may stand in for a passkey. ``delegation_seconds``: the longest
    shift of a session key. ``look_seconds``, ``max_retries``: the most that a plan may give.
    """

    TYP: ClassVar[str] = "tk-policy"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "number": NUMBER,
            "browser_keys": boolean,
            "delegation_seconds": whole(60, MAX_DELEGATION_SECONDS),
            "look_seconds": whole(10, 120),
            "max_retries": whole(0, 3),
            "iat": SECONDS,
        }
    )
    number: int
    browser_keys: bool
    delegation_seconds: int
    look_seconds: int
    max_retries: int
    iat: int


STRICTEST: Final = Policy(0, False, MAX_DELEGATION_SECONDS, 60, 1, 0)
"""What holds until the root has said otherwise."""


@dataclass(frozen=True, slots=True)
class Credential(Statement):
    """The root or an administrator certifies a person: the name that the home shows, what they may do, where and until
    when.

    They sign with ``key`` (Ed25519, kept in a browser; only where the policy allows it), or with session keys that
    ``passkey`` certifies. Exactly one of them is told: ``key`` is '' where there is a passkey.
    """

    TYP: ClassVar[str] = "tk-credential"
    _WHO: ClassVar[dict[str, Check[object]]] = {
        "name": NAME,
        "roles": many(one_of(Role), 1, 6),
        "units": many(IDENTIFIER, 1, 20),
        "iat": SECONDS,
        "exp": SECONDS,
    }
    SHAPE: ClassVar[Shape] = Shape({"key": HASH, **_WHO})
    WITH_PASSKEY: ClassVar[Shape] = Shape({**_WHO, "passkey": passkey})
    key: str
    name: str
    roles: tuple[Role, ...]
    units: tuple[str, ...]
    iat: int
    exp: int
    passkey: Passkey | None = None

    def payload(self) -> bytes:
        """The JSON that is signed."""
        who = {name: plain(getattr(self, name)) for name in self._WHO}
        if self.passkey is None:
            return dump({"key": self.key, **who})
        return dump({**who, "passkey": plain(self.passkey)})

    @classmethod
    def parse(cls, payload: bytes) -> Self:
        """Read a payload strictly. Raises Refused(BAD_MESSAGE)."""
        found = load(payload, cls.LIMIT)
        if "passkey" in found:
            return cls(key="", **cls.WITH_PASSKEY.read(found))  # type: ignore[arg-type]
        return cls(**cls.SHAPE.read(found))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Delegation(Statement):
    """A passkey certifies a session key for a shift. ``credential``: hash of the tk-credential that names the passkey.

    Its token is no JWS, since a passkey signs nothing but WebAuthn assertions: chain.py.
    """

    TYP: ClassVar[str] = "tk-delegation"
    LIMIT: ClassVar[int] = 512
    SHAPE: ClassVar[Shape] = Shape({"credential": HASH, "key": HASH, "iat": SECONDS, "exp": SECONDS})
    credential: str
    key: str
    iat: int
    exp: int


@dataclass(frozen=True, slots=True)
class Revocations(Statement):
    """The keys (thumbprints) that no longer count, whole each time: of persons, passkeys, sessions and hubs.

    ``number`` grows, and is at most the seconds from NUMBERS_BEGIN to ``iat``, so that nobody can use the numbers up.
    """

    TYP: ClassVar[str] = "tk-revocations"
    LIMIT: ClassVar[int] = 17_000
    SHAPE: ClassVar[Shape] = Shape({"number": NUMBER, "revoked": many(HASH, 0, MAX_REVOKED), "iat": SECONDS})
    number: int
    revoked: tuple[str, ...]
    iat: int

    @classmethod
    def parse(cls, payload: bytes) -> Self:
        """Read a payload strictly. Raises Refused(BAD_MESSAGE)."""
        found = cls(**cls.SHAPE.read(load(payload, cls.LIMIT)))  # type: ignore[arg-type]
        if found.number > found.iat - NUMBERS_BEGIN:
            raise bad("number ahead of its time")
        return found


@dataclass(frozen=True, slots=True)
class HubCertificate(Statement):
    """The municipality recognises a hub's key after pairing. ``municipality`` and ``label`` are shown to people.

    ``policy``: the smallest number of a tk-policy that this hub accepts, so that a fresh one is not given an old one.
    """

    TYP: ClassVar[str] = "tk-hubcert"
    SHAPE: ClassVar[Shape] = Shape(
        {
            "key": HASH,
            "label": NAME,
            "municipality": NAME,
            "iat": SECONDS,
            "exp": SECONDS,
            "policy": whole(0, 2**31),
        },
        absent={"policy": 0},
    )
    key: str
    label: str
    municipality: str
    iat: int
    exp: int
    policy: int = 0


@dataclass(frozen=True, slots=True)
class Login(Statement):
    """The hub proves its key to the service on each connection by signing the service's nonce."""

    TYP: ClassVar[str] = "tk-login"
    SHAPE: ClassVar[Shape] = Shape({"hub": HASH, "nonce": HASH, "iat": SECONDS})
    hub: str
    nonce: str
    iat: int
