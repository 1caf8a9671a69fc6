"""The looks of one home, from prepare to the last packet: decides, and does nothing itself.

``Sessions.step(event, now)`` gives the effects to carry out, in order. At most one look is under way (its tk-look has
gone to the integration) and one more is prepared. Whatever is not expected is refused or ignored; nothing unexpected
starts a camera or a picture. The integration decides about every look; the bridge refuses what could never be right.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from tillsyn import frames, wire
from tillsyn.errors import Refusal, Refused
from tillsyn.frames import Hold, LeaseHeld, LookRequest, Session, Sign, Signature, Signed, StopPicture, Warm
from tillsyn.frames import Lease as LeaseFrame
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Instant
from tillsyn.strict import bad

from .events import (
    Connect,
    Connected,
    DriveAway,
    Drop,
    Effect,
    EndPicture,
    Event,
    FromHome,
    FromService,
    Gather,
    Gathered,
    HoldPicture,
    HomeDown,
    HomeUp,
    KeepSaid,
    LeaveCamera,
    LookedAway,
    MediaState,
    NoPath,
    OpenPicture,
    StartCamera,
    Tick,
    ToHome,
    ToService,
    WatchCamera,
)  # fmt: skip
from .lease import Lease
from .look_state import LookState, Stage
from .trust import Trust, Verified, is_of_the_root, kind_of

REMEMBER_SECONDS: Final = 600.0
"""How long used look ids are known; well over the life of a signed prepare and the clocks' difference."""
_HELD_FRAMES: Final = 32
_FOR_THE_HOME: Final = frozenset({wire.Log})
"""What is signed for those at home, and is theirs to show: none of it goes to the service."""


type _Step = Iterable[Effect]


class Sessions:
    """All looks of this home."""

    def __init__(self, hub: SigningKey, lease: Lease) -> None:
        """Know no look, no integration and, before ``believe``, no municipality."""
        self.trust: Trust | None = None
        self.in_force = 0
        """Number of the plan that the integration says to be in force."""
        self._hub = hub
        self._lease = lease
        self._home = False
        self._looks: dict[str, LookState] = {}
        self._used: dict[str, float] = {}
        self._cameras: tuple[str, ...] = ()
        self._unsettled: set[str] = set()
        self._held: list[Signed] = []

    # -- what others may ask ------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether any look is prepared or under way."""
        return bool(self._looks)

    @property
    def unsettled(self) -> frozenset[str]:
        """The cameras that may have left their privacy position for a look and have not been read back there since."""
        under_way = (one for one in self._looks.values() if one.is_under_way)
        return frozenset(self._unsettled).union(*(self._cameras_of(one) for one in under_way))

    def use_cameras(self, cameras: Mapping[str, bool], now: Instant) -> tuple[Effect, ...]:
        """The cameras from now on, and whether each is as it was told before.

        A look that is under way with one that is not ends.
        """
        ended = [
            one
            for one in self._looks.values()
            if one.is_under_way and not all(cameras.get(camera, False) for camera in self._cameras_of(one))
        ]
        effects: list[Effect] = []
        for found in ended:
            effects += [*self._remove(found), *(DriveAway(camera) for camera in self._cameras_of(found))]
        self._cameras = tuple(cameras)
        self._unsettled &= set(cameras)
        return tuple(one for one in effects if not isinstance(one, DriveAway) or one.camera in cameras)

    def believe(self, trust: Trust) -> tuple[Effect, ...]:
        """The municipality from now on. Where it was another's, whoever is looking for that one no longer is."""
        before, self.trust = self.trust, trust
        if before is None or before.root == trust.root:
            return ()
        self._held.clear()
        effects: list[Effect] = []
        for found in tuple(self._looks.values()):
            astray = self._cameras_of(found) if found.is_under_way else ()
            effects += [*self._remove(found), ToHome(Session(found.id, "operator_gone"))]
            effects += [DriveAway(camera) for camera in astray]
        return tuple(effects)

    def _cameras_of(self, found: LookState) -> tuple[str, ...]:
        """Those that the integration may have moved for this look: any, until it says which."""
        return found.cameras or self._cameras

    @property
    def deadline(self) -> float | None:
        """The monotonic second at which a Tick is due."""
        limits = [one.deadline for one in self._looks.values()]
        return min((one for one in (*limits, self._lease.until) if one is not None), default=None)

    # -- the table ----------------------------------------------------------------------------------------------------

    def step(self, event: Event, now: Instant) -> tuple[Effect, ...]:
        """What to do about ``event``, in this order."""
        match event:
            case FromHome(frame=frame):
                return tuple(self._from_home(frame, now))
            case FromService(frame=frame):
                return tuple(self._from_service(frame, now))
            case HomeUp():
                self._home = True
                held, self._held = self._held, []
                said = () if self.trust is None else self.trust.said.told()
                return tuple(ToHome(one) for one in (*said, *held))
            case HomeDown():
                return tuple(self._home_down(now))
            case Gathered() | Connected() | NoPath() | MediaState():
                return tuple(self._from_media(event, now))
            case LookedAway(camera=camera):
                in_use = (one.camera for one in self._looks.values() if one.stage in (Stage.WARM, Stage.OPEN))
                if camera not in in_use:
                    self._unsettled.discard(camera)
                return ()
            case Tick():
                return tuple(self._tick(now))

    # -- from the integration -----------------------------------------------------------------------------------------

    def _from_home(self, frame: frames.Frame, now: Instant) -> _Step:
        match frame:
            case frames.Allow(look=look):
                yield from self._allowed(look, now)
            case frames.Refuse():
                yield from self._home_refuses(frame, now)
            case Warm(look=look, camera=camera):
                yield from self._warm(look, camera, now)
            case Hold(look=look, camera=camera):
                yield from self._hold(look, camera, now)
            case LeaseFrame():
                yield from self._leased(frame, now)
            case StopPicture(look=look):
                yield from self._stop(look)
            case Sign():
                yield from self._sign(frame)
            case _:
                return

    def _allowed(self, look: str, now: Instant) -> _Step:
        found = self._at(look, Stage.ASKED)
        if found is not None:
            found.to(Stage.GATHERING, now)
            yield Gather(look)

    def _home_refuses(self, frame: frames.Refuse, now: Instant) -> _Step:
        found = self._looks.get(frame.look)
        if found is None or frame.request not in (found.prepare, found.request):
            return
        yield self._refusal(frame.look, frame.request, frame.code, now)
        yield from self._remove(found)

    def _warm(self, look: str, camera: str, now: Instant) -> _Step:
        found = self._at(look, Stage.REQUESTED) or self._at(look, Stage.TURNING)
        if found is not None and camera in self._cameras:
            found.to(Stage.WARM, now)
            found.cameras = (*(one for one in found.cameras if one != camera), camera)
            self._lease.expect(look, camera)
            self._unsettled.add(camera)
            yield LeaveCamera(camera)
            yield StartCamera(look, camera)

    def _hold(self, look: str, camera: str, now: Instant) -> _Step:
        """The integration drives this camera away, and turns to another."""
        found = self._at(look, Stage.OPEN)
        if found is not None and found.camera == camera:
            found.to(Stage.TURNING, now)
            found.turned = now.mono
            self._lease.pause()
            yield HoldPicture(look)
            yield WatchCamera(camera)

    def _leased(self, frame: LeaseFrame, now: Instant) -> _Step:
        found = self._looks.get(frame.look)
        if found is None or found.stage not in (Stage.WARM, Stage.OPEN):
            return
        if not self._lease.renew(frame.look, frame.camera, frame.counter, frame.ttl_ms, now.mono):
            yield from self._tick(now)
            return
        yield ToHome(LeaseHeld(frame.look, frame.counter))
        if found.stage is Stage.WARM:
            found.to(Stage.OPEN, now)
            found.turned = None
            yield OpenPicture(frame.look, frame.camera)

    def _stop(self, look: str) -> _Step:
        """Always answered, so that the integration need not wonder."""
        found = self._looks.pop(look, None)
        if found is not None and found.is_under_way:
            self._lease.drop()
        yield EndPicture(look)
        if found is not None and found.is_under_way:
            for camera in self._cameras_of(found):
                yield WatchCamera(camera)

    def _sign(self, frame: Sign) -> _Step:
        kind = wire.STATEMENTS[frame.typ]
        statement = kind.parse(frame.payload.encode())
        if getattr(statement, "look", "") != frame.look:
            raise bad("look of the statement")
        token = self._hub.sign(statement)
        yield ToHome(Signature(frame.id, token))
        if kind in _FOR_THE_HOME:
            return
        yield ToService(Signed(frame.look, token), keep=kind in (wire.Receipt, wire.PlanAck, wire.Sleep))

    def _home_down(self, now: Instant) -> _Step:
        """Without its gate nothing may be open; a camera that may have moved is driven away."""
        self._home = False
        astray = self.unsettled
        for found in tuple(self._looks.values()):
            if not found.is_under_way:
                yield self._refusal(found.id, found.prepare, Refusal.NO_HOME_ASSISTANT, now)
            elif found.stage is Stage.REQUESTED:
                yield self._refusal(found.id, found.request, Refusal.NO_HOME_ASSISTANT, now)
            yield from self._remove(found)
        for camera in astray:
            yield DriveAway(camera)

    # -- from people, through the service -----------------------------------------------------------------------------

    def _from_service(self, frame: Signed, now: Instant) -> _Step:
        try:
            yield from self._heard(frame, now)
        except Refused as err:
            if frame.look:
                yield self._refusal(frame.look, digest(frame.token), err.code, now)

    def _heard(self, frame: Signed, now: Instant) -> _Step:
        if self.trust is None:
            raise Refused(Refusal.UNKNOWN_SIGNER, "not paired")
        seconds = int(now.wall.timestamp())
        if is_of_the_root(frame):
            self.trust.hear(frame, seconds)
            yield from self._told_by_the_root(self.trust, frame, now)
            return
        kind = kind_of(frame.token)
        verified = self.trust.read(kind, frame, seconds, self.in_force)
        match verified.statement:
            case wire.Prepare() as prepare:
                self.trust.addressed(prepare, seconds)
                yield from self._prepare(frame, verified, now)
            case wire.Answer() as answer:
                yield from self._answer(frame, verified, answer, now)
            case wire.Look() as asked:
                self.trust.addressed(asked, seconds)
                yield from self._asked(frame, verified, asked, now)
            case _:
                yield from self._forward(frame)

    def _told_by_the_root(self, trust: Trust, frame: Signed, now: Instant) -> _Step:
        """Keep it and pass it on. Whoever is revoked neither looks nor will: the integration ends it too."""
        yield KeepSaid(trust.said)
        if self._home:
            yield ToHome(frame)
        revoked = trust.known.revoked
        for found in tuple(self._looks.values()):
            if revoked.isdisjoint({*found.kids, trust.hub.kid}):
                continue
            if found.is_under_way:
                yield from self._remove(found)
                for camera in self._cameras_of(found):
                    yield WatchCamera(camera)
            else:
                yield self._refusal(found.id, found.prepare, Refusal.REVOKED, now)
                yield ToHome(Session(found.id, "operator_gone"))
                yield from self._remove(found)

    def _forward(self, frame: Signed) -> _Step:
        """A plan, turn, close or acknowledgement; kept for an integration that is away just now."""
        if self._home:
            yield ToHome(frame)
        elif len(self._held) < _HELD_FRAMES:
            self._held.append(frame)

    def _prepare(self, frame: Signed, verified: Verified[wire.Statement], now: Instant) -> _Step:
        self._forget_old(now)
        if frame.look in self._used:
            raise Refused(Refusal.REPLAYED)
        if not self._home:
            raise Refused(Refusal.NO_HOME_ASSISTANT)
        for found in tuple(self._looks.values()):
            if found.is_under_way:
                continue
            if found.kid != verified.kid:
                raise Refused(Refusal.BUSY)
            # The same person starts over, after a reloaded page or a lost connection.
            yield ToHome(Session(found.id, "operator_gone"))
            yield from self._remove(found)
        self._used[frame.look] = now.mono
        self._looks[frame.look] = LookState(
            frame.look, verified.kid, verified.kids, verified.hash, now.mono, staged=now.mono
        )
        yield ToHome(frame)

    def _answer(self, frame: Signed, verified: Verified[wire.Statement], answer: wire.Answer, now: Instant) -> _Step:
        found = self._looks.get(frame.look)
        if found is None:
            raise Refused(Refusal.NOT_PREPARED)
        found.check_answer(answer, verified.kid)
        found.answer = frame.token
        found.to(Stage.CONNECTING, now)
        yield Connect(frame.look, answer.connection)

    def _asked(self, frame: Signed, verified: Verified[wire.Statement], asked: wire.Look, now: Instant) -> _Step:
        found = self._looks.get(frame.look)
        if found is None:
            raise Refused(Refusal.REPLAYED if frame.look in self._used else Refusal.NOT_PREPARED)
        found.check_asked(asked, verified.kid)
        if any(one.is_under_way for one in self._looks.values()):
            raise Refused(Refusal.BUSY)
        found.request = verified.hash
        found.to(Stage.REQUESTED, now)
        yield ToHome(LookRequest(frame.look, frame.token, frame.chain, found.offer, found.answer))

    # -- from the media half ------------------------------------------------------------------------------------------

    def _from_media(self, event: Gathered | Connected | NoPath | MediaState, now: Instant) -> _Step:
        match event:
            case Gathered():
                yield from self._gathered(event, now)
            case Connected(look=look):
                yield from self._connected(look, now)
            case NoPath(look=look, code=code):
                yield from self._no_path(look, code, now)
            case MediaState(look=look, state=state):
                yield from self._media(look, state)

    def _gathered(self, event: Gathered, now: Instant) -> _Step:
        found = self._at(event.look, Stage.GATHERING)
        if found is None:
            return
        statement = wire.Offer(found.id, found.prepare, event.challenge, event.connection, int(now.wall.timestamp()))
        found.challenge = event.challenge
        found.offer = self._hub.sign(statement)
        found.to(Stage.OFFERED, now)
        yield ToService(Signed(found.id, found.offer))

    def _connected(self, look: str, now: Instant) -> _Step:
        found = self._at(look, Stage.CONNECTING)
        if found is not None:
            found.to(Stage.CONNECTED, now)
            yield ToHome(Session(look, "connected"))

    def _no_path(self, look: str, code: Refusal, now: Instant) -> _Step:
        found = self._looks.get(look)
        if found is None or found.is_under_way:
            return
        yield self._refusal(look, found.prepare, code, now)
        yield ToHome(Session(look, "operator_gone"))
        yield from self._remove(found)

    def _media(self, look: str, state: str) -> _Step:
        found = self._looks.get(look)
        if found is None:
            return
        yield ToHome(Session(look, state))
        if state == "operator_gone" and not found.is_under_way:
            yield from self._remove(found)

    # -- time ---------------------------------------------------------------------------------------------------------

    def _tick(self, now: Instant) -> _Step:
        for found in tuple(self._looks.values()):
            if found.stage is Stage.OPEN:
                late = not self._lease.permits(found.id, found.camera, now.mono)
            else:
                late = found.deadline is not None and now.mono >= found.deadline
            if not late:
                continue
            if found.is_under_way:
                yield from self._remove(found)
                for camera in self._cameras_of(found):
                    yield DriveAway(camera)
            else:
                yield self._refusal(found.id, found.prepare, Refusal.TIMEOUT, now)
                yield ToHome(Session(found.id, "operator_gone"))
                yield from self._remove(found)

    # -- helpers ------------------------------------------------------------------------------------------------------

    def _at(self, look: str, stage: Stage) -> LookState | None:
        found = self._looks.get(look)
        return found if found is not None and found.stage is stage else None

    def _remove(self, found: LookState) -> _Step:
        """Forget a look: its picture first, if there may be one."""
        self._looks.pop(found.id, None)
        if found.is_under_way:
            self._lease.drop()
            yield EndPicture(found.id)
        else:
            yield Drop(found.id)

    def _refusal(self, look: str, request: str, code: Refusal, now: Instant) -> ToService:
        statement = wire.Refuse(look, request, code, int(now.wall.timestamp()))
        return ToService(Signed(look, self._hub.sign(statement)))

    def _forget_old(self, now: Instant) -> None:
        since = now.mono - REMEMBER_SECONDS
        self._used = {look: at for look, at in self._used.items() if at > since or look in self._looks}
