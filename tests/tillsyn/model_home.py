"""A home to torment: the real gate and the real journal, with a model of disk, camera, link and bridge around them.

``Home`` does what the shell does with each effect, and breaks where it is told to. What must always hold is checked as
it happens, against what the model knows to be true and not against what the gate believes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from tests.tillsyn.made import COLLEAGUE, HUB, MIDNIGHT, OPERATOR, Talk, plan_statement, talk
from tillsyn.admission import Grant
from tillsyn.entries import (
    AimingEnded,
    AimingStarted,
    Consent,
    Entry,
    LookEnded,
    LookStarted,
    PlanAnswered,
    PlanProposed,
    ReceiptSigned,
)
from tillsyn.errors import CloseReason, Refused
from tillsyn.gate import step
from tillsyn.gate_rules import LEASE_SECONDS
from tillsyn.gate_values import (
    Aim,
    Effect,
    Event,
    Gate,
    GrantLease,
    LeaseHeld,
    Loaded,
    LookRequested,
    Move,
    MoveFailed,
    Place,
    PositionConfirmed,
    PositionLost,
    Refuse,
    SessionLost,
    Started,
    StopPicture,
    Stored,
    StoreEnd,
    StoreFailed,
    StoreStart,
    Target,
    Tick,
    Warm,
)
from tillsyn.identity import parse
from tillsyn.journal import Corrupt, apply, encode, replay
from tillsyn.model import Instant, Plan, Window
from tillsyn.receipts import Head, milliseconds, verify
from tillsyn.record import Record
from tillsyn.wire import Look, Receipt

STEP = 0.5
"""Seconds between two looks at the world."""
MOVE = 2.0
"""Seconds that the camera takes to move."""
PATIENCE = 8.0
"""Seconds after which the shell gives a move up."""
SLOWEST = 1.5
"""Seconds that the link between Home Assistant and bridge may hold a message back before it counts as broken."""
ALLOWED = LEASE_SECONDS + SLOWEST + STEP
"""Seconds that a picture may flow on where the bridge cannot be told: one lease, and the link's delay."""
TERMS = plan_statement(
    look_seconds=12,
    grace_seconds=2,
    windows=(*(Window(f"w{number}", time(22), time(7)) for number in range(5)), Window("short", time(22), time(1, 2))),
)
LOOK_SECONDS, GRACE, RETRY = TERMS.look_seconds, TERMS.grace_seconds, timedelta(minutes=TERMS.retry_within_minutes)


class Fault(StrEnum):
    """What happens to the next write."""

    CLEAN = "fails and leaves nothing"
    HALF = "fails and leaves half a line"
    WHOLE = "fails though the line is there"
    CRASH_HALF = "the process dies with half a line written"
    CRASH_WHOLE = "the process dies with the line written"


class Died(Exception):
    """Home Assistant is gone."""


@dataclass
class Disk:
    """The journal's file, as journal_store keeps it: what a failed write left is cut off before the next."""

    data: bytes = b""
    size: int = 0
    fault: Fault | None = None

    def append(self, line: bytes) -> None:
        """Raises OSError or Died where it is told to."""
        fault, self.fault = self.fault, None
        kept = self.data[: self.size]
        if fault in (Fault.HALF, Fault.CRASH_HALF):
            self.data = kept + line[: len(line) // 2]
        elif fault is not Fault.CLEAN:
            self.data = kept + line
        if fault in (Fault.CRASH_HALF, Fault.CRASH_WHOLE):
            raise Died
        if fault is not None:
            raise OSError(fault)
        self.size = len(self.data)


@dataclass
class Camera:
    """Moves in its own time, whoever dies meanwhile. ``at`` is None while it moves."""

    at: Target | None = Target.VIEW
    goal: Target = Target.VIEW
    arrives: float = 0.0
    stuck: bool = False

    def command(self, target: Target, now: float) -> None:
        """A stuck camera hears nothing."""
        if not self.stuck and (self.at is not target or self.goal is not target):
            self.at, self.goal, self.arrives = None, target, now + MOVE

    def advance(self, now: float) -> None:
        """Stands still where it was to go, once it is there."""
        if self.at is None and not self.stuck and now >= self.arrives:
            self.at = self.goal


@dataclass
class Bridge:
    """Forwards packets only while it holds a lease by its own clock; drives away when one runs out."""

    down: bool = False
    hung: bool = False
    look: str | None = None
    counter: int = 0
    until: float = 0.0
    stopped: set[str] = field(default_factory=set)

    def receive(self, effect: Effect, now: float) -> LeaseHeld | None:
        """A message from Home Assistant; the answer to a lease."""
        if isinstance(effect, StopPicture) and isinstance(effect.reason, Grant):
            self.stopped.add(effect.reason.look)
            if effect.reason.look == self.look:
                self.look, self.until = None, 0.0
        if not isinstance(effect, GrantLease) or effect.look in self.stopped:
            return None
        if effect.look != self.look:
            self.look, self.counter = effect.look, 0
        if effect.counter <= self.counter:
            return None
        self.counter, self.until = effect.counter, now + LEASE_SECONDS
        return LeaseHeld(effect.look, effect.counter)

    def forwards(self, now: float) -> str | None:
        """The look whose packets leave now. Even a hung control loop does not stop the forwarding; the lease does."""
        return self.look if not self.down and now < self.until else None

    def ran_out(self, now: float) -> str | None:
        """The look whose lease has run out and that nobody stopped; told once."""
        if self.down or self.hung or self.look is None or now < self.until:
            return None
        look, self.look = self.look, None
        return look


class Home:
    """Everything together. Call ``run`` to let time pass, ``hear`` to let the gate hear something."""

    def __init__(self) -> None:
        """A home that has agreed to everything, newly started."""
        self.mono, self.offset = 1000.0, timedelta()
        self.disk, self.camera, self.bridge = Disk(), Camera(), Bridge()
        self.gate: Gate | None = None
        self.record = Record()
        self.answers: list[Event] = []
        self.link: list[tuple[float, Effect]] = []
        self.moves: dict[int, tuple[Target, float]] = {}
        self.delay, self.linked, self.holding = 0.0, True, False
        self.crash_in: int | None = None
        self.bumped = False
        self.talks: dict[str, Talk] = {}
        self.opened: dict[str, float] = {}
        self.last_open: dict[str, float] = {}
        self.allowed: dict[str, float] = {}
        self.refused: set[str] = set()
        self.read_back: dict[int, Target] = {}
        self.packets = 0
        self.consent, self.paused, self.private, self.plan_number = False, False, False, 0
        for entry in (Consent(given=True, by="anna"), *self._plan(TERMS.number)):
            self._add(entry)
        self.start()

    # ---- time -------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> Instant:
        """Both clocks; the wall clock may have jumped."""
        return Instant(MIDNIGHT + timedelta(seconds=self.mono - 1000) + self.offset, self.mono)

    def run(self, seconds: float) -> None:
        """Let time pass; Home Assistant ticks once a second."""
        for _ in range(round(seconds / STEP)):
            self.mono += STEP
            self._world()
            if self.gate is not None:
                self._shell()
            self.check()

    def _world(self) -> None:
        """What goes on without Home Assistant."""
        self.camera.advance(self.mono)
        while self.link and self.link[0][0] <= self.mono and not self.bridge.hung:
            self._to_bridge(self.link.pop(0)[1])
        gone = self.bridge.ran_out(self.mono)
        if gone is not None:
            self.camera.command(Target.PRIVACY, self.mono)
            self._from_bridge(SessionLost(gone, CloseReason.LEASE_LOST))
        look = self.bridge.forwards(self.mono)
        if look is not None:
            self.packets += 1
            late = self.mono - self.last_open.get(look, -1e9)
            assert late <= ALLOWED, f"a packet left {late} s after the look was over"

    def _shell(self) -> None:
        """What the shell does by itself: reads the camera back, keeps the receipts signed, ticks."""
        for serial, (target, deadline) in list(self.moves.items()):
            if self.camera.at is target:
                self.read_back[serial] = target
                self.answers.append(PositionConfirmed(serial))
            elif self.mono > deadline:
                self.answers.append(MoveFailed(serial))
            else:
                continue
            del self.moves[serial]
        while self.answers and not self.holding and self.gate is not None:
            self.hear(self.answers.pop(0))
        if self.gate is not None and self.mono % 1 == 0:
            self._watch()
            self.hear(Tick())
        self._guarded(self._sign_receipts)

    def _watch(self) -> None:
        """Reads the position now and then; nobody else is asked to move at that time."""
        assert self.gate is not None
        expected = {Place.CLOSED: Target.PRIVACY, Place.OPEN: Target.VIEW}.get(self.gate.place)
        if expected is Target.PRIVACY:
            self.bumped = False
        if expected is not None and self.camera.at is not expected:
            self.hear(PositionLost())

    # ---- the shell --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Home Assistant starts."""
        self.gate, self.crash_in = Gate(), None
        self.read_back.clear()
        self.hear(Started())
        self.reload()

    def die(self) -> None:
        """Home Assistant dies; camera, bridge and disk live on."""
        self.gate, self.crash_in, self.holding = None, None, False
        self.answers.clear()
        self.moves.clear()
        self.link.clear()
        self.refused.clear()

    def reload(self) -> None:
        """Read the journal, end what it leaves without an end, and tell the gate."""
        if self._guarded(self._read) and self.gate is not None:
            told = self.record
            paused = told.is_paused(milliseconds(self.now))
            self.consent, self.paused, self.private = told.consent, paused, told.is_private("")
            self.plan_number = 0 if told.plan is None else told.plan.number
            self.hear(Loaded(told.consent, paused, told.is_private(""), told.plan, told.spent, told.used))

    def _read(self) -> None:
        self.record = replay(self.disk.data)
        self.disk.size = self.disk.data.rfind(b"\n") + 1
        left = self.record.interrupted
        if left is not None:
            self._add(LookEnded(left.started.look, left.started_ms, left.started_ms, CloseReason.INTERRUPTED))
        if self.record.aiming is not None:
            self._add(AimingEnded(CloseReason.INTERRUPTED))

    def hear(self, event: Event) -> None:
        """The gate hears it and the shell carries out what it asks for, or dies in the middle."""
        if self.gate is None:
            return
        before = self.gate
        self.gate, effects = step(self.gate, event, self.now)
        self._check_step(before, self.gate)
        for effect in effects:
            if self.crash_in == 0:
                self.die()
            if self.gate is None:
                return
            if self.crash_in is not None:
                self.crash_in -= 1
            self._guarded(lambda effect=effect: self._carry_out(effect))  # type: ignore[misc]

    def _guarded(self, act: object) -> bool:
        """Whether it went well. A failed write is told to the gate, and so is one that the journal does not allow."""
        try:
            act()  # type: ignore[operator]
        except OSError, Corrupt:
            self.answers.insert(0, StoreFailed())
            return False
        except Died:
            self.die()
            return False
        return True

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case StoreStart(Grant() as grant):
                self._add(LookStarted(grant.look, grant.occurrence, grant.operator.kid, grant.operator.name))
                self.answers.append(Stored(grant))
            case StoreStart(Aim(by) as aim):
                self._add(AimingStarted(by))
                self.answers.append(Stored(aim))
            case StoreEnd():
                self._store_end(effect)
            case Move(target, serial, _):
                self._check_move(target)
                self.moves = {serial: (target, self.mono + PATIENCE)}
                self.camera.command(target, self.mono)
            case Warm() | GrantLease() | StopPicture():
                if self.linked:
                    self.link.append((self.mono + self.delay, effect))
            case Refuse(Grant() as grant, _):
                running = None if self.gate is None else self.gate.running
                if running is None or running.reason != grant:
                    self.refused.add(grant.request)
            case _:
                pass  # words to people

    def _store_end(self, end: StoreEnd) -> None:
        """Nothing is written where the start is not in the journal."""
        running = self.record.interrupted
        if isinstance(end.reason, Aim):
            if self.record.aiming is not None:
                self._add(AimingEnded(end.why))
        elif running is not None and running.started.look == end.reason.look:
            closed = milliseconds(end.closed)
            lasted = 0 if end.opened is None else round((end.closed.mono - end.opened.mono) * 1000)
            self._add(LookEnded(end.reason.look, closed - lasted, closed, end.why))

    def _sign_receipts(self) -> None:
        while self.gate is not None and self.gate.journal and self.record.waiting:
            past, head = self.record.waiting[0], self.record.head
            assert past.ended is not None
            receipt = Receipt(
                hub=HUB.public.kid,
                sequence=head.sequence + 1,
                previous=head.hash,
                look=past.started.look,
                occurrence=past.started.occurrence,
                operator=past.started.operator,
                name=past.started.name,
                opened_ms=past.ended.opened_ms,
                closed_ms=past.ended.closed_ms,
                reason=past.ended.reason,
            )
            self._add(ReceiptSigned(HUB.sign(receipt)))

    def _add(self, entry: Entry) -> None:
        line = encode(self.record, entry, milliseconds(self.now))
        after = apply(self.record, line[:-1])
        self.disk.append(line)
        self.record = after

    # ---- what people and peers do -----------------------------------------------------------------------------------

    @staticmethod
    def _plan(number: int) -> tuple[Entry, ...]:
        terms = replace(TERMS, number=number)
        return PlanProposed(COLLEAGUE.sign(terms)), PlanAnswered(number, accepted=True, by="anna")

    @property
    def plan(self) -> Plan | None:
        """The plan that is accepted."""
        return self.record.plan

    def write(self, *entries: Entry) -> bool:
        """Write what someone at home decided; whether it is on disk."""
        if self.gate is None or not self.gate.journal:
            return False
        written = all(self._guarded(lambda entry=entry: self._add(entry)) for entry in entries)  # type: ignore[misc]
        return written and self.gate is not None

    def accept_plan(self) -> Plan | None:
        """A newer plan with the same windows is accepted; None where it could not be written."""
        return self.plan if self.write(*self._plan(self.record.highest_plan + 1)) else None

    def click(self, name: str, occurrence: str) -> str:
        """An operator prepares, connects and clicks; the look's id."""
        now = int(self.now.wall.timestamp())
        said = talk(name, occurrence, max(1, self.plan_number), now)
        self.talks[said.asked.look] = said
        self.deliver(said.asked.look)
        return said.asked.look

    def deliver(self, look: str) -> None:
        """The click arrives: now, much later, or for the tenth time."""
        if self.gate is None:
            return
        try:
            grant = self.talks[look].grant(int(self.now.wall.timestamp()), self.plan)
        except Refused:
            return
        self.hear(LookRequested(grant))

    def break_link(self, *, noticed: bool) -> None:
        """Nothing passes between Home Assistant and bridge, and what was under way is lost."""
        self.linked = False
        self.link.clear()
        if noticed:
            self.hear(SessionLost(None, CloseReason.LINK_LOST))

    def _to_bridge(self, effect: Effect) -> None:
        if not self.bridge.down and self.linked:
            held = self.bridge.receive(effect, self.mono)
            if held is not None:
                self._from_bridge(held)

    def _from_bridge(self, event: Event) -> None:
        if self.linked and self.gate is not None:
            self.answers.append(event)

    def calm(self) -> None:
        """No more faults. Then, within bounded time, the camera looks away and the gate knows it."""
        self.disk.fault, self.crash_in, self.holding, self.delay, self.linked = None, None, False, 0.0, True
        self.camera.stuck = False
        if self.bridge.down or self.bridge.hung:
            self.bridge = Bridge()
        if self.gate is None:
            self.start()
        self.run(2)
        if self.gate is not None and not self.gate.journal:
            self.reload()
        self.run(LOOK_SECONDS + 24)
        assert self.gate is not None and self.gate.journal
        assert self.gate.place is Place.CLOSED or isinstance(getattr(self.gate.running, "reason", None), Aim)
        assert self.bridge.forwards(self.mono) is None

    # ---- what must always hold --------------------------------------------------------------------------------------

    def _check_move(self, target: Target) -> None:
        """P4: the camera never turns to the room without a line on disk that says so."""
        if target is Target.VIEW:
            assert self.gate is not None and self.gate.running is not None
            reason, told = self.gate.running.reason, replay(self.disk.data)
            if isinstance(reason, Aim):
                assert told.aiming is not None
            else:
                assert told.interrupted is not None and told.interrupted.started.look == reason.look

    def _check_step(self, before: Gate, after: Gate) -> None:
        if after.place is Place.OPEN:
            assert after.running is not None and isinstance(after.running.reason, Grant)
            look = after.running.reason.look
            assert self.consent and not self.paused and not self.private
            assert after.running.reason.plan == self.plan_number
            if before.place is not Place.OPEN:
                self._check_opening(after.running.reason)
            self.last_open[look] = self.mono
        if after.place is not before.place and after.place in (Place.OPEN, Place.AIMING, Place.CLOSED):
            expected = Target.PRIVACY if after.place is Place.CLOSED else Target.VIEW
            assert self.read_back.get(before.serial) is expected, "believes a position that was never read back"

    def _check_opening(self, grant: Grant) -> None:
        """P1, at the moment when the picture may begin to flow."""
        assert grant.look not in self.opened, "a look opened twice"
        assert grant.request not in self.refused, "a click that was refused opened"
        self.opened[grant.look] = self.mono
        parse(Look, self.talks[grant.look].look).verified(OPERATOR.public)
        told = replay(self.disk.data).interrupted
        assert told is not None and told.started.look == grant.look
        opens, shuts = bounds(grant.occurrence)
        begun = [one.started_ms for one in self.record.past if one.started.occurrence == grant.occurrence]
        retried = datetime.fromtimestamp(begun[0] / 1000, UTC) + RETRY if len(begun) > 1 else shuts
        left = (max(shuts, retried) - self.now.wall).total_seconds() + GRACE
        assert self.now.wall >= opens - timedelta(seconds=3) and left > 0
        self.allowed[grant.look] = min(LOOK_SECONDS, left)

    def check(self) -> None:
        """After everything that happens."""
        if self.gate is None:
            return
        if self.gate.place is Place.CLOSED and not self.bumped:
            assert self.camera.at is Target.PRIVACY, "closed, and the camera looks elsewhere"
        if self.gate.place is Place.OPEN:
            assert self.gate.running is not None and isinstance(self.gate.running.reason, Grant)
            look = self.gate.running.reason.look
            self.last_open[look] = self.mono
            assert self.mono - self.opened[look] <= self.allowed[look] + 1, "open for too long"

    def check_story(self) -> None:
        """What the disk tells in the end: every look agreed, within its budget, ended, and in the signed chain."""
        told = replay(self.disk.data)
        assert told.interrupted is None and told.waiting == () and not (told.aiming is not None and self.gate is None)
        head, receipts = verify(Head(), HUB.public, told.receipts)
        assert head == told.head
        assert [one.look for one in receipts] == [one.started.look for one in told.past]
        assert self.opened.keys() <= {one.started.look for one in told.past}
        by_window: dict[str, list[tuple[datetime, CloseReason]]] = {}
        for past in told.past:
            assert past.ended is not None and past.ended.closed_ms - past.ended.opened_ms <= (LOOK_SECONDS + 2) * 1000
            begun = datetime.fromtimestamp(past.started_ms / 1000, UTC)
            by_window.setdefault(past.started.occurrence, []).append((begun, past.ended.reason))
        for occurrence, looks in by_window.items():
            _check_budget(occurrence, looks)


def bounds(occurrence: str) -> tuple[datetime, datetime]:
    """When the window opens and shuts, reckoned by hand: 22-07 in winter is 21-06 UTC."""
    name, day = occurrence.split("/")
    opens = datetime.fromisoformat(f"{day}T21:00:00+00:00")
    return opens, opens + (timedelta(hours=3, minutes=2) if name == "short" else timedelta(hours=9))


def _check_budget(occurrence: str, looks: list[tuple[datetime, CloseReason]]) -> None:
    """P1: in its window, one look and one retry within twenty minutes, and none once the client was seen."""
    opens, shuts = bounds(occurrence)
    first = looks[0][0]
    assert opens <= first < shuts
    assert len(looks) <= 2
    assert CloseReason.SEEN not in [why for _, why in looks[:-1]]
    assert all(opens <= begun < first + RETRY for begun, _ in looks[1:])


def windows() -> Iterator[str]:
    """Occurrences that may be asked for: most of them agreed."""
    for day in ("2026-11-22", "2026-11-23"):
        for window in TERMS.windows:
            yield f"{window.id}/{day}"
    yield "never/2026-11-22"
