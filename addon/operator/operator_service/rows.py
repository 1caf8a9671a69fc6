"""What the store keeps, as plain values; one class is one table. Times: whole seconds since 1970 UTC, 0 is never."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Municipality:
    """The pinned root key (x, base64url) and the name to show."""

    root: str
    name: str
    pinned: int


@dataclass(frozen=True, slots=True)
class User:
    """A person in the roster. ``secret``: Scrypt salt and hash of the password, see login.py."""

    login: str
    name: str
    roles: tuple[str, ...]
    units: tuple[str, ...]
    language: str
    secret: str


@dataclass(frozen=True, slots=True)
class Session:
    """A login. ``id``: hash of the cookie; the cookie itself is not kept."""

    id: str
    login: str
    created: int
    used: int


@dataclass(frozen=True, slots=True)
class Browser:
    """A key made in somebody's browser. ``credential``: who certified it and the credential, with spaces between.

    '' until then.
    """

    key: str
    kid: str
    login: str
    asked: int
    credential: str = ""
    expires: int = 0


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey that somebody registered; the fields of wire.Passkey. ``kid``: thumbprint of its key. ``chain``: who
    certified it and the credential, none until then.
    """

    kid: str
    login: str
    id: str
    x: str
    y: str
    rp: str
    origin: str
    asked: int
    chain: tuple[str, ...] = ()
    expires: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest tk-policy or tk-revocations (``kind``: its type) with the chain of its signer, none for the root."""

    kind: str
    number: int
    token: str
    chain: tuple[str, ...]
    stored: int


@dataclass(frozen=True, slots=True)
class Pairing:
    """A meeting of one new hub and the municipality. ``key``/``mac``: what the hub sent; ``certificate`` and ``chain``
    of its signer (none for the root): the answer. ``login``: who made the code. ``replaces``: as of the hub.
    """

    rendezvous: str
    label: str
    expires: int
    key: str = ""
    mac: str = ""
    certificate: str = ""
    chain: tuple[str, ...] = ()
    login: str = ""
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Hub:
    """A paired home. ``hub``: thumbprint of ``key``. ``paused`` is what it last told. ``chain``: who vouches for the
    signer of its certificate, none for the root. ``replaces``: the hub that was in this home before, as whoever paired
    it said, or ''.
    """

    hub: str
    key: str
    label: str
    certificate: str
    paired: int
    seen: int = 0
    paused: bool = False
    planned_until: int = 0
    chain: tuple[str, ...] = ()
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A signed plan. ``decision``: proposed, accepted, declined, replaced by a newer one, or ended where the home has
    left; ``decided`` when it was answered.

    ``chain``: who vouches for its planner, none for the root. ``sent``: when it last went out to the home.
    """

    hub: str
    number: int
    token: str
    hash: str
    unit: str
    proposed: int
    decision: str = "proposed"
    decided: int = 0
    chain: tuple[str, ...] = ()
    sent: int = 0


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look that was asked for: who, with which key, for what. ``receipt``: hash of the home's receipt; ``turn``: of
    the last tk-turn.
    """

    look: str
    hub: str
    occurrence: str
    login: str
    session: str
    kid: str
    prepare: str
    asked: int
    request: str = ""
    opened: int = 0
    receipt: str = ""
    turn: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt signed by the hub. ``gap``: the one before it is not here; ``fork``: it contradicts what is here."""

    hash: str
    hub: str
    sequence: int
    previous: str
    look: str
    occurrence: str
    token: str
    stored: int
    gap: bool
    fork: bool


@dataclass(frozen=True, slots=True)
class KeeperKey:
    """The key with which the service stands for the receipts it has kept. ``seed``: its secret, which leaves this store
    for nobody. ``certificate``: the root's tk-service-key, '' until there is one.
    """

    kid: str
    key: str
    seed: str = field(repr=False)
    certificate: str
    made: int


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """What the service has signed for a night (local date of its evening, ISO), once. ``kid``: with which key."""

    night: str
    token: str
    kid: str
    size: int
    made: int


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A receipt that is number ``place`` in the tree of a night. ``noted``: the home has said that it knows."""

    receipt: str
    hub: str
    night: str
    place: int
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A task for the patrol: the actions agreed in the ``plan`` with this number, in order.

    It comes of a planned look (``occurrence``), or the client has asked for it (``asked``: the id that the home gave).
    """

    id: str
    hub: str
    plan: int
    unit: str
    cause: str
    created: int
    occurrence: str = ""
    asked: str = ""
    by: str = ""
    acknowledged: int = 0
    arrived: int = 0
    finished: int = 0
    result: str = ""
    how: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class WishesRow:
    """The newest tk-wishes of a home."""

    hub: str
    iat: int
    token: str


@dataclass(frozen=True, slots=True)
class SleepRow:
    """How a client slept, told because the client wants to. ``night``: local date of its evening, ISO; 5 is best."""

    hub: str
    night: str
    rating: int
    comment: str
    iat: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. It names people by login and homes by hub; never a picture, never a secret."""

    at: int
    event: str
    login: str = ""
    hub: str = ""
    occurrence: str = ""
    look: str = ""
    code: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """What to find in the log: '' or 0 is anything; ``before``: entries with a smaller id; newest first."""

    before: int = 0
    limit: int = 100
    login: str = ""
    event: str = ""
    hub: str = ""
    occurrence: str = ""
    look: str = ""
