"""session.py by itself: time, order, and what arrives when nobody waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import look_state, session
from bridge.events import (
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
)
from bridge.lease import Lease
from bridge.session import Sessions
from bridge.trust import Trust
from tests.bridge.peers import CAMERA, OCCURRENCE, Municipality, Person, random_id
from tillsyn import frames, wire
from tillsyn.errors import CloseReason, Refusal
from tillsyn.frames import Signed
from tillsyn.identity import SigningKey, digest, parse
from tillsyn.model import Instant

FIELDS = wire.Connection(
    ":".join(["AA"] * 32), "abcd", "p" * 24, ("candidate:1 1 udp 1 192.0.2.1 5000 typ relay",), "actpass"
)


@dataclass
class Desk:
    """The machine, with a clock that the test turns."""

    municipality: Municipality = field(default_factory=Municipality)
    hub: SigningKey = field(default_factory=SigningKey.generate)
    wall: datetime = field(default_factory=lambda: datetime.now(UTC))
    mono: float = 1000.0

    def __post_init__(self) -> None:
        self.person = self.municipality.person()
        self.lease = Lease()
        self.sessions = Sessions(self.hub, self.lease)
        self.sessions.trust = Trust(self.municipality.root.public, self.hub.public)
        for said in (self.municipality.policy(), self.municipality.revocations()):
            self.sessions.trust.hear(said, self.now)
        self.sessions.use_cameras({CAMERA: False}, Instant(self.wall, self.mono))
        self.on(HomeUp())

    def on(self, event: Event, after: float = 0.0) -> Sequence[Effect]:
        self.mono += after
        self.wall += timedelta(seconds=after)
        return self.sessions.step(event, Instant(self.wall, self.mono))

    def said(self) -> tuple[ToHome, ...]:
        """What each integration is told when it comes."""
        assert self.sessions.trust is not None
        return tuple(ToHome(one) for one in self.sessions.trust.said.told())

    @property
    def now(self) -> int:
        return int(self.wall.timestamp())

    def prepare(self, look: str, person: Person | None = None) -> Signed:
        statement = wire.Prepare(look, self.hub.public.kid, 1, OCCURRENCE, self.now, self.now + 30)
        return (person or self.person).signed(statement)

    def asked(self) -> tuple[str, str]:
        """A look that the integration has been asked about, and the hash of its prepare."""
        look = random_id()
        signed = self.prepare(look)
        assert self.on(FromService(signed)) == (ToHome(signed),)
        return look, digest(signed.token)

    def offered(self) -> tuple[str, str, str]:
        look, prepare = self.asked()
        assert self.on(FromHome(frames.Allow(look))) == (Gather(look),)
        (effect,) = self.on(Gathered(look, FIELDS, "C" * 43))
        assert isinstance(effect, ToService)
        offer = parse(wire.Offer, effect.frame.token).verified(self.hub.public)
        assert (offer.prepare, offer.challenge, offer.connection) == (prepare, "C" * 43, FIELDS)
        return look, prepare, effect.frame.token

    def answer(self, look: str, offer: str) -> Signed:
        return self.person.signed(wire.Answer(look, digest(offer), FIELDS, self.now))

    def connected(self) -> tuple[str, str, Signed]:
        look, prepare, offer = self.offered()
        answer = self.answer(look, offer)
        assert self.on(FromService(answer)) == (Connect(look, FIELDS),)
        assert self.on(Connected(look)) == (ToHome(frames.Session(look, "connected")),)
        statement = wire.Look(
            look,
            self.hub.public.kid,
            1,
            OCCURRENCE,
            "C" * 43,
            digest(offer),
            digest(answer.token),
            self.now,
            self.now + 30,
        )
        return look, prepare, self.person.signed(statement)

    def requested(self) -> str:
        look, _, click = self.connected()
        (effect,) = self.on(FromService(click))
        assert isinstance(effect, ToHome)
        assert isinstance(effect.frame, frames.LookRequest)
        return look

    def warm(self) -> str:
        look = self.requested()
        assert self.on(FromHome(frames.Warm(look, CAMERA))) == (LeaveCamera(CAMERA), StartCamera(look, CAMERA))
        return look

    def opened(self) -> str:
        look = self.warm()
        held = ToHome(frames.LeaseHeld(look, 1))
        assert self.on(FromHome(frames.Lease(look, CAMERA, 1, 3000))) == (held, OpenPicture(look, CAMERA))
        return look


@pytest.fixture
def desk() -> Desk:
    return Desk()


def refusals(effects: Sequence[Effect]) -> list[tuple[Refusal, str]]:
    found = [parse(wire.Refuse, one.frame.token).statement for one in effects if isinstance(one, ToService)]
    return [(one.code, one.request) for one in found]


@pytest.mark.parametrize(
    ("stage", "seconds"),
    [
        ("asked", look_state.DECIDE_SECONDS),
        ("offered", look_state.ANSWER_SECONDS),
        ("connected", look_state.PREPARED_SECONDS),
    ],
    ids=["a gate that does not decide", "a browser that does not answer", "a prepared look that nobody opens"],
)
def test_patience_with_a_prepared_look_ends(desk: Desk, stage: str, seconds: float) -> None:
    look, prepare, *_ = getattr(desk, stage)()
    assert desk.sessions.deadline is not None
    assert desk.sessions.deadline <= desk.mono + seconds
    assert desk.on(Tick(), seconds - 0.1) == ()
    effects = desk.on(Tick(), 0.2)
    assert refusals(effects) == [(Refusal.TIMEOUT, prepare)]
    assert effects[1:] == (ToHome(frames.Session(look, "operator_gone")), Drop(look))
    assert desk.sessions.deadline is None
    assert not desk.sessions.busy


@pytest.mark.parametrize(
    ("stage", "seconds"),
    [("requested", look_state.DECIDE_SECONDS), ("warm", look_state.OPENING_SECONDS), ("opened", 3.0)],
    ids=["a gate that does not open", "a gate that opens but never leases", "a lease that runs out"],
)
def test_patience_with_a_look_under_way_ends_with_the_camera_away(desk: Desk, stage: str, seconds: float) -> None:
    look = getattr(desk, stage)()
    assert desk.on(Tick(), seconds - 0.1) == ()
    assert desk.on(Tick(), 0.2) == (EndPicture(look), DriveAway(CAMERA))
    assert not desk.lease.permits(look, CAMERA, desk.mono)
    assert desk.sessions.deadline is None


OTHER = "camera-2"


def turning(desk: Desk) -> str:
    """An open look that leaves its camera for another."""
    desk.sessions.use_cameras({CAMERA: True, OTHER: True}, Instant(desk.wall, desk.mono))
    look = desk.opened()
    assert desk.on(FromHome(frames.Hold(look, CAMERA))) == (HoldPicture(look), WatchCamera(CAMERA))
    assert not desk.lease.permits(look, CAMERA, desk.mono)
    return look


def test_a_look_turns_to_another_camera(desk: Desk) -> None:
    look = turning(desk)
    assert desk.on(FromHome(frames.Warm(look, OTHER))) == (LeaveCamera(OTHER), StartCamera(look, OTHER))
    held = ToHome(frames.LeaseHeld(look, 2))
    assert desk.on(FromHome(frames.Lease(look, OTHER, 2, 3000))) == (held, OpenPicture(look, OTHER))
    assert desk.lease.permits(look, OTHER, desk.mono)
    assert not desk.lease.permits(look, CAMERA, desk.mono)
    assert desk.sessions.unsettled == {CAMERA, OTHER}


@pytest.mark.parametrize(("camera", "counter"), [(CAMERA, 2), (OTHER, 1)], ids=["the camera it left", "an old counter"])
def test_while_a_look_turns_no_other_lease_is_taken(desk: Desk, camera: str, counter: int) -> None:
    look = turning(desk)
    desk.on(FromHome(frames.Warm(look, OTHER)))
    assert desk.on(FromHome(frames.Lease(look, camera, counter, 3000))) == ()
    assert not desk.lease.permits(look, camera, desk.mono)


def test_a_turn_that_is_never_finished_ends_with_the_camera_away(desk: Desk) -> None:
    look = turning(desk)
    assert desk.on(Tick(), look_state.TURN_SECONDS) == (EndPicture(look), DriveAway(CAMERA))


def test_a_turn_to_a_camera_that_never_opens_ends_as_soon_with_both_away(desk: Desk) -> None:
    look = turning(desk)
    desk.on(FromHome(frames.Warm(look, OTHER)), look_state.TURN_SECONDS - 1)
    assert desk.on(Tick(), 0.9) == ()
    assert desk.on(Tick(), 0.1) == (EndPicture(look), DriveAway(CAMERA), DriveAway(OTHER))


def test_a_lease_that_runs_out_after_a_turn_drives_both_away(desk: Desk) -> None:
    look = turning(desk)
    desk.on(FromHome(frames.Warm(look, OTHER)))
    desk.on(FromHome(frames.Lease(look, OTHER, 2, 3000)))
    assert desk.on(Tick(), 3.0) == (EndPicture(look), DriveAway(CAMERA), DriveAway(OTHER))


@pytest.mark.parametrize("camera", ["camera-9", OTHER], ids=["unknown", "not the open one"])
def test_a_hold_of_another_camera_changes_nothing(desk: Desk, camera: str) -> None:
    desk.sessions.use_cameras({CAMERA: True, OTHER: True}, Instant(desk.wall, desk.mono))
    look = desk.opened()
    assert desk.on(FromHome(frames.Hold(look, camera))) == ()
    assert desk.lease.permits(look, CAMERA, desk.mono)


def test_a_camera_that_the_home_does_not_have_is_not_warmed(desk: Desk) -> None:
    look = desk.requested()
    assert desk.on(FromHome(frames.Warm(look, "camera-9"))) == ()


def test_a_camera_in_use_that_is_told_anew_ends_the_look(desk: Desk) -> None:
    look = desk.opened()
    effects = desk.sessions.use_cameras({CAMERA: False}, Instant(desk.wall, desk.mono))
    assert effects == (EndPicture(look), DriveAway(CAMERA))


def test_a_lease_that_comes_too_late_ends_the_look(desk: Desk) -> None:
    look = desk.opened()
    assert desk.on(FromHome(frames.Lease(look, CAMERA, 2, 3000)), 3.0) == (EndPicture(look), DriveAway(CAMERA))


def test_an_old_lease_changes_nothing(desk: Desk) -> None:
    look = desk.opened()
    assert desk.on(FromHome(frames.Lease(look, CAMERA, 1, 3000)), 1.0) == ()
    assert desk.sessions.deadline == desk.mono + 2.0


def test_stop_ends_the_picture_before_all_else_and_watches_the_camera(desk: Desk) -> None:
    look = desk.opened()
    stop = FromHome(frames.StopPicture(look, CloseReason.SEEN))
    assert desk.on(stop) == (EndPicture(look), WatchCamera(CAMERA))
    assert not desk.lease.permits(look, CAMERA, desk.mono)
    assert desk.sessions.unsettled
    assert desk.on(stop) == (EndPicture(look),)
    assert desk.on(LookedAway(CAMERA)) == ()
    assert not desk.sessions.unsettled


def test_an_open_camera_stays_unsettled_whatever_was_read_back(desk: Desk) -> None:
    desk.opened()
    desk.on(LookedAway(CAMERA))
    assert desk.sessions.unsettled


@pytest.mark.parametrize("stage", ["requested", "warm", "opened"])
def test_the_home_link_lost_under_way_drives_the_camera_away(desk: Desk, stage: str) -> None:
    look = getattr(desk, stage)()
    effects = desk.on(HomeDown())
    assert [one for one in effects if not isinstance(one, ToService)] == [EndPicture(look), DriveAway(CAMERA)]


def test_the_home_link_lost_without_a_look_moves_nothing(desk: Desk) -> None:
    desk.connected()
    effects = desk.on(HomeDown())
    assert [code for code, _ in refusals(effects)] == [Refusal.NO_HOME_ASSISTANT]
    assert not any(isinstance(one, DriveAway | EndPicture) for one in effects)


def test_a_look_refused_by_the_gate_leaves_an_unsettled_camera_unsettled(desk: Desk) -> None:
    first = desk.opened()
    desk.on(FromHome(frames.StopPicture(first, CloseReason.SEEN)))
    look, _, click = desk.connected()
    desk.on(FromService(click))
    effects = desk.on(FromHome(frames.Refuse(look, digest(click.token), Refusal.CAMERA_NOT_READY)))
    assert refusals(effects) == [(Refusal.CAMERA_NOT_READY, digest(click.token))]
    assert effects[1:] == (EndPicture(look),)
    assert desk.sessions.unsettled


def test_a_refusal_of_something_else_is_ignored(desk: Desk) -> None:
    look, _ = desk.asked()
    assert desk.on(FromHome(frames.Refuse(look, "X" * 43, Refusal.PAUSED))) == ()
    assert desk.on(FromHome(frames.Refuse(random_id(), "X" * 43, Refusal.PAUSED))) == ()


def test_an_unpaired_hub_believes_nobody(desk: Desk) -> None:
    desk.sessions.trust = None
    signed = desk.prepare(random_id())
    assert refusals(desk.on(FromService(signed))) == [(Refusal.UNKNOWN_SIGNER, digest(signed.token))]


@pytest.mark.parametrize("is_told", [True, False], ids=["how the client slept", "the home's own log"])
def test_only_what_is_for_the_service_is_sent_there(desk: Desk, is_told: bool) -> None:
    kid = desk.hub.public.kid
    told, kept = wire.Sleep(kid, desk.wall.date(), 4, "", desk.now), wire.Log(kid, 1, 2, kid, 0, kid, desk.now)
    statement = told if is_told else kept
    effects = desk.on(FromHome(frames.Sign(1, "", statement.TYP, statement.payload().decode())))
    answer = effects[0]
    assert isinstance(answer, ToHome)
    assert isinstance(answer.frame, frames.Signature)
    assert parse(type(statement), answer.frame.token).verified(desk.hub.public) == statement
    assert effects[1:] == ((ToService(Signed("", answer.frame.token), keep=True),) if is_told else ())


def test_used_look_ids_are_forgotten_only_when_their_signatures_are_too_old(desk: Desk) -> None:
    look, prepare = desk.asked()
    desk.on(FromHome(frames.Refuse(look, prepare, Refusal.PAUSED)))
    signed = desk.prepare(look)
    assert [code for code, _ in refusals(desk.on(FromService(signed), 1.0))] == [Refusal.REPLAYED]
    effects = desk.on(FromService(signed), session.REMEMBER_SECONDS)
    assert [code for code, _ in refusals(effects)] == [Refusal.EXPIRED]


def test_late_news_of_the_media_half_does_nothing(desk: Desk) -> None:
    gone = random_id()
    late: tuple[Event, ...] = (
        Gathered(gone, FIELDS, "C" * 43),
        Connected(gone),
        NoPath(gone),
        MediaState(gone, "playing"),
        Tick(),
        LookedAway(CAMERA),
    )
    for event in late:
        assert desk.on(event) == ()


def test_a_lost_connection_before_the_click_is_told_and_forgotten(desk: Desk) -> None:
    look, _, _ = desk.connected()
    gone = ToHome(frames.Session(look, "operator_gone"))
    assert desk.on(MediaState(look, "operator_gone")) == (gone, Drop(look))


def test_an_operator_lost_in_the_look_is_told_and_the_gate_decides(desk: Desk) -> None:
    look = desk.opened()
    gone = ToHome(frames.Session(look, "operator_gone"))
    assert desk.on(MediaState(look, "operator_gone")) == (gone,)
    assert desk.on(NoPath(look)) == ()


def test_frames_for_an_absent_integration_are_held_within_bounds(desk: Desk) -> None:
    desk.on(HomeDown())
    close = desk.person.signed(wire.Close(random_id(), "seen", desk.now))  # type: ignore[arg-type]
    for _ in range(100):
        assert desk.on(FromService(close)) == ()
    said = desk.said()
    assert desk.on(HomeUp()) == (*said, *(ToHome(close),) * 32)
    assert desk.on(HomeUp()) == said


_IDS = [random_id() for _ in range(2)]
_HOME = st.one_of(
    st.builds(frames.Allow, st.sampled_from(_IDS)),
    st.builds(frames.Warm, st.sampled_from(_IDS)),
    st.builds(frames.Lease, st.sampled_from(_IDS), st.integers(1, 5), st.just(3000)),
    st.builds(frames.StopPicture, st.sampled_from(_IDS), st.just(CloseReason.STOPPED)),
).map(FromHome)
_MEDIA = st.one_of(
    st.builds(Gathered, st.sampled_from(_IDS), st.just(FIELDS), st.just("C" * 43)),
    st.builds(Connected, st.sampled_from(_IDS)),
    st.builds(NoPath, st.sampled_from(_IDS)),
    st.just(Tick()),
    st.just(HomeDown()),
    st.just(HomeUp()),
)


@given(st.lists(st.tuples(st.one_of(_HOME, _MEDIA), st.sampled_from([0.0, 1.0, 20.0])), max_size=30), st.booleans())
def test_without_a_signed_look_no_order_of_events_starts_camera_or_picture(
    events: list[tuple[Event, float]], prepared: bool
) -> None:
    desk = Desk()
    if prepared:
        for look in _IDS:
            desk.on(FromService(desk.prepare(look)))
    for event, after in events:
        for effect in desk.on(event, after):
            assert not isinstance(effect, StartCamera | OpenPicture | DriveAway)
        assert not any(desk.lease.permits(look, CAMERA, desk.mono) for look in _IDS)
