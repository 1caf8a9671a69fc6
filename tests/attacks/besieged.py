"""A home under attack: admission, chain, gates and journal put together as the integration does, and the right look.

What reaches it is in the hands of whoever lies between; what it does is counted. The right look has the longest chain
there is: root > administrator > person > the session key of the shift, under a policy that allows passkeys only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tests.tillsyn.made import (
    ADMIN,
    COLLEAGUE,
    HOME,
    HUB,
    NOBODY,
    NOW,
    OPERATOR,
    POLICY,
    Talk,
    admin_shift,
    connection,
    plan_statement,
    shift,
    talk,
)
from tillsyn import entries as e
from tillsyn.admission import Grant, Prepared, check_close, check_look, check_plan, check_prepare, check_turn
from tillsyn.chain import Trust, check_policy, check_revocations
from tillsyn.comparison import applies_at_once
from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.frames import Reached
from tillsyn.gate_values import (
    Effect,
    Event,
    Gate,
    GrantLease,
    LeaseHeld,
    Loaded,
    LookRequested,
    Move,
    OperatorClosed,
    Place,
    PlanChanged,
    PositionConfirmed,
    Refuse,
    SessionLost,
    Started,
    Stored,
    StoreEnd,
    StoreStart,
    StoreTurn,
    Target,
    Tick,
    Warm,
)
from tillsyn.house import House, RefuseTurn, TurnRequested, step
from tillsyn.identity import parse
from tillsyn.journal import apply, encode, ends, replay
from tillsyn.model import Instant, Outcome, Plan, Room
from tillsyn.receipts import ended, milliseconds, next_receipt
from tillsyn.record import Record
from tillsyn.restored import is_older
from tillsyn.terms import prepare_refusal
from tillsyn.wire import Close, PlanStatement, Policy, Revocations, Turn

PASSKEYS = replace(POLICY, browser_keys=False)
ADMIN_SHIFT, SHIFT = admin_shift(), shift(by=ADMIN)
CHAIN = (*ADMIN_SHIFT, *SHIFT)
PLAN = plan_statement(rooms=(Room.BEDROOM, Room.KITCHEN))
CAMERAS = {"bed": Room.BEDROOM, "kitchen": Room.KITCHEN}
NOTHING_SEEN = Reached("", 0, "A" * 43)
PREPARED_SECONDS = 120.0
"""As in the integration's looks.py."""


def right(name: str = "look", occurrence: str = "night/2026-11-22", number: int = 3, now: int = NOW) -> Talk:
    """An honest look by the agreed person."""
    return replace(talk(name, occurrence, number, now), chain=CHAIN)


SAID = right()
WAY = connection("active", fingerprint=":".join(["EE"] * 32))
"""The attacker's own end of a connection."""


@dataclass
class Besieged:
    """The home. ``wall`` and ``mono`` are its clocks; ``done`` all that the gates have asked for, in order.

    ``reached``: how far the bridge remembers that the journal had come, and which plans had been shown and accepted.
    """

    policy: Policy = PASSKEYS
    revocations: Revocations | None = NOBODY
    statement: PlanStatement = PLAN
    wall: float = NOW
    mono: float = 1000.0
    record: Record = field(default_factory=Record)
    data: bytes = b""
    house: House = field(default_factory=House)
    waiting: dict[str, tuple[Prepared, float]] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    turned: dict[str, int] = field(default_factory=dict)
    done: list[Effect | RefuseTurn] = field(default_factory=list)
    reached: Reached = NOTHING_SEEN
    holds_leases: bool = True

    def __post_init__(self) -> None:
        """Everything is agreed, an hour ago."""
        self.wall -= 3600
        self.write(e.Consent(given=True, by="anna"))
        self.write(e.PlanProposed(COLLEAGUE.sign(self.statement)), e.PlanAnswered(self.statement.number, True, "anna"))
        self.wall += 3600
        self.start()

    # ---- clocks and memory ------------------------------------------------------------------------------------------

    @property
    def now(self) -> Instant:
        return Instant(datetime.fromtimestamp(self.wall, UTC), self.mono)

    @property
    def at(self) -> int:
        return int(self.wall)

    @property
    def trust(self) -> Trust:
        return Trust(self.policy, self.revocations, self.record.at_ms // 1000)

    @property
    def plan(self) -> Plan | None:
        return self.record.plan

    def write(self, *entries: e.Entry) -> None:
        for entry in entries:
            line = encode(self.record, entry, milliseconds(self.now))
            self.record = apply(self.record, line[:-1])
            self.data += line
        now = self.record
        self.reached = Reached("", now.lines, now.last, now.shown_plan, now.agreed_plan)

    def start(self) -> None:
        """Home Assistant starts: the journal is read, what was open is ended, and the cameras look away."""
        self.record = replay(self.data)
        seen = self.reached
        if is_older(self.record.lines, ends(self.data, 1000), seen.lines, seen.last):
            self.write(e.JournalRestored(seen.lines, seen.shown_plan, seen.agreed_plan))
        left = self.record.interrupted
        if left is not None:
            self.write(e.LookEnded(left.started.look, left.started_ms, left.started_ms, CloseReason.INTERRUPTED))
        self.house = House({camera: Gate() for camera in CAMERAS})
        self.waiting.clear()
        self.grants.clear()
        self.feed(Started())
        self.load()
        self.arrive()

    def load(self) -> None:
        told, at = self.record, milliseconds(self.now)
        loaded = Loaded(told.consent, told.is_paused(at), told.is_private("bed"), told.plan, told.spent, told.used)
        self.feed(loaded)

    # ---- what the gates ask for -------------------------------------------------------------------------------------

    def feed(self, event: Event | TurnRequested, camera: str | None = None) -> None:
        self.house, effects = step(self.house, camera, event, self.now)
        for where, effect in effects:
            self._carry_out(where, effect)

    def _carry_out(self, camera: str, effect: Effect | RefuseTurn) -> None:
        self.done.append(effect)
        match effect:
            case StoreStart(Grant() as grant):
                self.write(e.LookStarted(grant.look, grant.occurrence, grant.operator.kid, grant.operator.name))
                self.feed(Stored(grant), camera)
            case StoreTurn(grant):
                self.feed(Stored(grant), camera)
            case StoreEnd(Grant() as grant, opened, closed, why):
                self.write(end := ended(grant.look, opened, closed, why))
                receipt = next_receipt(self.record.head, HUB.public.kid, self.record.past[-1].started, end)
                self.write(e.ReceiptSigned(HUB.sign(receipt)))
            case GrantLease(look, counter) if self.holds_leases:
                self.feed(LeaseHeld(look, counter), camera)

    def arrive(self) -> None:
        """The cameras come to rest where they were last sent, and are read back there."""
        for camera, gate in self.house.gates.items():
            if gate.place in (Place.OPENING, Place.CLOSING, Place.FAULT):
                self.feed(PositionConfirmed(gate.serial), camera)

    def wait(self, seconds: int, *, wall: float = 0.0) -> None:
        """Time passes, a second at a time; ``wall``: how far the wall clock jumps first."""
        self.wall += wall
        for _ in range(seconds):
            self.wall, self.mono = self.wall + 1, self.mono + 1
            self.feed(Tick())

    # ---- what reaches it --------------------------------------------------------------------------------------------

    def prepare(self, token: str, chain: tuple[str, ...] = CHAIN) -> Refusal | None:
        gate = self.house.gates["bed"]
        try:
            prepared = check_prepare(HOME, self.trust, self.plan, token, chain, self.at)
        except Refused as err:
            return err.code
        code = prepare_refusal(gate, prepared, self.now.wall)
        if code is None:
            self.waiting[prepared.look] = (prepared, self.mono + PREPARED_SECONDS)
        return code

    def click(self, said: Talk, look: str | None = None) -> Refusal | None:
        """``look``: what the envelope says."""
        waiting = self.waiting.get(look or said.asked.look)
        prepared = waiting[0] if waiting is not None and self.mono < waiting[1] else None
        connection = (said.offer, said.answer)
        try:
            grant = check_look(HOME, self.trust, self.plan, prepared, said.look, said.chain, connection, self.at)
        except Refused as err:
            return err.code
        self.grants[grant.look] = grant
        del self.waiting[grant.look]
        before = len(self.done)
        self.feed(LookRequested(grant), "bed")
        return next((one.code for one in self.done[before:] if isinstance(one, Refuse)), None)

    def look(self, said: Talk) -> Refusal | None:
        """Prepare and click, and the camera gets where it was sent. The first refusal, or None."""
        code = self.ask(said)
        self.arrive()
        return code

    def ask(self, said: Talk) -> Refusal | None:
        """Prepare and click; the camera is still on its way."""
        code = self.prepare(said.prepare, said.chain)
        return self.click(said) if code is None else code

    def turn(self, token: str, look: str) -> Refusal | None:
        grant = self.grants.get(look)
        if grant is None:
            return Refusal.NOT_PREPARED
        try:
            turned = check_turn(grant, self.trust, token, self.turned.get(look, 0), self.at)
        except Refused as err:
            return err.code
        self.turned[look] = turned.number
        before = len(self.done)
        target = next((camera for camera, room in CAMERAS.items() if room is turned.room), None)
        self.feed(TurnRequested(turned, target))
        return next((one.code for one in self.done[before:] if isinstance(one, RefuseTurn)), None)

    def close(self, token: str, look: str) -> Refusal | None:
        grant = self.grants.get(look)
        if grant is None:
            return Refusal.NOT_PREPARED
        try:
            outcome = check_close(look, grant.key, token)
        except Refused as err:
            return err.code
        self.feed(OperatorClosed(look, outcome))
        self.arrive()
        return None

    def propose(self, token: str, chain: tuple[str, ...] = ()) -> Refusal | None:
        try:
            found = check_plan(HOME, self.trust, self.record.old_plans, token, chain, self.at)
        except Refused as err:
            return err.code
        at_once = applies_at_once(self.plan, found.plan(), {}, self.now.wall)
        self.write(e.PlanProposed(token))
        if at_once:
            self.accept(found.number)
        return None

    def accept(self, number: int) -> None:
        """Somebody at home says yes to the plan that waits."""
        self.write(e.PlanAnswered(number, True, "anna"))
        self.feed(PlanChanged(self.plan))

    def adopt(self, token: str, chain: tuple[str, ...] = ()) -> Refusal | None:
        """A policy or a list of revoked keys has come; a look that rests on a revoked key ends."""
        try:
            parse(Policy, token)
            self.policy = check_policy(HOME.root, self.trust, 0, token, self.at)
        except Refused as no_policy:
            try:
                self.revocations = check_revocations(HOME.root, self.trust, token, chain, self.at)
            except Refused as err:
                return err.code if err.code is not Refusal.BAD_MESSAGE else no_policy.code
        for gate in self.house.gates.values():
            reason = None if gate.running is None else gate.running.reason
            if isinstance(reason, Grant) and not self.trust.revoked.isdisjoint(reason.kids):
                self.feed(SessionLost(reason.look, CloseReason.REVOKED))
        return None

    # ---- what is seen from outside ----------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return any(gate.place is Place.OPEN for gate in self.house.gates.values())

    @property
    def openings(self) -> int:
        """How often a camera was sent to its view, a stream was started or a picture let through."""
        opening = (Warm, GrantLease)
        return sum(
            isinstance(one, opening) or (isinstance(one, Move) and one.target is Target.VIEW) for one in self.done
        )


def opened(said: Talk = SAID) -> Besieged:
    """A home in which the right look is under way."""
    home = Besieged()
    assert home.look(said) is None
    assert home.is_open
    assert home.openings == 3  # stream, view, lease
    return home


type Attack = Callable[[Besieged], Refusal | None]


def opens_nothing(code: Refusal, attack: Attack, home: Besieged | None = None) -> None:
    """The attack gets this refusal and moves nothing, while the right look opens an equal home."""
    opened()
    home = Besieged() if home is None else home
    before = home.openings
    assert attack(home) is code
    home.wait(3)
    home.arrive()
    assert home.openings == before
    assert not home.is_open
    assert not home.record.used


def looking(said: Talk) -> Attack:
    """The attack is to have this look made."""
    return lambda home: home.look(said)


def prepared(said: Talk) -> Attack:
    """The right prepare, then this click."""

    def attack(home: Besieged) -> Refusal | None:
        assert home.prepare(SAID.prepare) is None
        code = home.click(said, SAID.asked.look)
        home.arrive()
        return code

    return attack


def turn(room: Room = Room.KITCHEN, number: int = 1) -> str:
    """To another room, in the right look."""
    return OPERATOR.sign(Turn(SAID.asked.look, room, number, NOW))


def not_seen(home: Besieged, name: str) -> None:
    """A right look in which nobody was seen."""
    said = right(name, now=home.at)
    assert home.look(said) is None
    home.wait(2)
    assert home.close(OPERATOR.sign(Close(said.asked.look, Outcome.NOT_SEEN, home.at)), said.asked.look) is None
    assert not home.is_open
