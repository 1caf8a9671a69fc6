"""The gate in a home where everything breaks, in any order that chance finds."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.tillsyn.made import look_id
from tests.tillsyn.model_home import LOOK_SECONDS, SLOWEST, Bridge, Fault, Home, bounds, windows
from tillsyn.entries import Consent, Pause, Privacy
from tillsyn.errors import CloseReason
from tillsyn.gate_values import (
    Aim,
    AimEnded,
    AimRequested,
    ConsentChanged,
    MoveFailed,
    OperatorClosed,
    PauseChanged,
    Place,
    PlanChanged,
    PositionConfirmed,
    PrivacyChanged,
    SessionLost,
    Stopping,
    StoreFailed,
    Target,
)
from tillsyn.journal import replay
from tillsyn.model import Outcome

OCCURRENCE = "w0/2026-11-22"
AGREED = st.sampled_from([one for one in windows() if one.endswith("22") and not one.startswith("never")])
WAIT = st.sampled_from([0, 0, 0.5, 1, 2, 3, 6])
JUMPS = (-1, 1, -5, 5, 90, -90, 900, -900, 9 * 3600, -9 * 3600)


# ---- what people at home decide: taking away works at once, giving only when it is on disk --------------------------


def pause(home: Home) -> None:
    home.paused = True
    home.hear(PauseChanged(paused=True))
    home.write(Pause(paused=True, by=""))


def resume(home: Home) -> None:
    if home.write(Pause(paused=False, by="anna")):
        home.paused = False
        home.hear(PauseChanged(paused=False))


def privacy_on(home: Home) -> None:
    home.private = True
    home.hear(PrivacyChanged(private=True))
    home.write(Privacy(private=True, by=""))


def privacy_off(home: Home) -> None:
    if home.write(Privacy(private=False, by="anna")):
        home.private = False
        home.hear(PrivacyChanged(private=False))


def consent_withdrawn(home: Home) -> None:
    home.consent = False
    home.hear(ConsentChanged(given=False))
    home.write(Consent(given=False, by="anna"))


def consent_given(home: Home) -> None:
    if home.write(Consent(given=True, by="anna")):
        home.consent = True
        home.hear(ConsentChanged(given=True))


def another_plan(home: Home) -> None:
    plan = home.accept_plan()
    if plan is not None:
        home.plan_number = plan.number
        home.hear(PlanChanged(plan))


def installer_aims(home: Home) -> None:
    home.hear(AimRequested(Aim("anna")))


def installer_is_done(home: Home) -> None:
    home.hear(AimEnded())


DECISIONS = (
    pause, resume, privacy_on, privacy_off, consent_withdrawn, consent_given, another_plan, installer_aims,
    installer_is_done,
)  # fmt: skip


# ---- what breaks ----------------------------------------------------------------------------------------------------


def home_assistant_stops(home: Home) -> None:
    home.hear(Stopping())
    home.run(4)
    home.die()


def home_assistant_starts(home: Home) -> None:
    if home.gate is None:
        home.start()


def journal_is_read_again(home: Home) -> None:
    if home.gate is not None and not home.gate.journal:
        home.reload()


def camera_sticks(home: Home) -> None:
    home.camera.stuck = not home.camera.stuck


def bridge_crashes(home: Home) -> None:
    home.bridge.down = True
    home.break_link(noticed=True)


def bridge_hangs(home: Home) -> None:
    home.bridge.hung = True


def bridge_is_restarted(home: Home) -> None:
    home.bridge = Bridge()
    home.break_link(noticed=True)
    home.linked = True


def link_breaks(home: Home) -> None:
    home.break_link(noticed=True)


def link_is_silent(home: Home) -> None:
    home.break_link(noticed=False)


def link_is_back(home: Home) -> None:
    home.linked = True


def disk_is_full(home: Home) -> None:
    home.disk.fault = Fault.CLEAN


def disk_lies(home: Home) -> None:
    home.disk.fault = Fault.WHOLE


BREAKS = (
    disk_is_full,
    disk_lies,
    Home.die, home_assistant_stops, home_assistant_starts, journal_is_read_again, camera_sticks, bridge_crashes,
    bridge_hangs, bridge_is_restarted, link_breaks, link_is_silent, link_is_back,
)  # fmt: skip


class BrokenNights(RuleBasedStateMachine):
    """Chance decides what happens next; Home checks what must hold after each."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Home()
        self.home.run(3)
        self.clicks = 0

    def click(self, occurrence: str) -> None:
        self.clicks += 1
        self.home.click(f"click {self.clicks}", occurrence)

    def some_look(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([look_id(f"click {number}") for number in range(1, self.clicks + 1)]))

    # ---- what should happen ----

    @rule(seconds=st.sampled_from([5, 9, 16, 40]))
    def time_passes(self, seconds: float) -> None:
        self.home.run(seconds)

    @rule(occurrence=st.sampled_from(list(windows())), wait=WAIT)
    def operator_clicks(self, occurrence: str, wait: float) -> None:
        self.click(occurrence)
        self.home.run(wait)

    def all_is_well(self) -> None:
        self.home.calm()
        self.home.offset = timedelta()
        for give in (installer_is_done, consent_given, resume, privacy_off):
            give(self.home)
        self.home.run(4)

    @rule(occurrence=AGREED, wait=st.sampled_from([0, 0.5, 1, 2, 3, 4, 5, 8, 13]))
    def all_is_well_and_an_operator_clicks(self, occurrence: str, wait: float) -> None:
        self.all_is_well()
        self.click(occurrence)
        self.home.run(wait)

    @rule(twist=st.sampled_from(DECISIONS + BREAKS), occurrence=AGREED, wait=st.sampled_from([3, 5]))
    def all_is_well_but_then(self, twist: Callable[[Home], None], occurrence: str, wait: float) -> None:
        self.all_is_well()
        twist(self.home)
        self.click(occurrence)
        self.home.run(wait)

    @rule(left=st.sampled_from([0.5, 1, 2, 4, 9]))
    def the_window_ends_soon(self, left: float) -> None:
        self.all_is_well()
        occurrence = "short/2026-11-22"
        self.home.offset = bounds(occurrence)[1] - timedelta(seconds=left) - self.home.now.wall
        self.click(occurrence)
        self.home.run(4)

    @rule(outcome=st.sampled_from(Outcome), wait=WAIT)
    @precondition(lambda self: self.clicks)
    def operator_closes(self, outcome: Outcome, wait: float) -> None:
        self.home.hear(OperatorClosed(look_id(f"click {self.clicks}"), outcome))
        self.home.run(wait)

    @rule(decide=st.sampled_from(DECISIONS), wait=WAIT)
    def home_decides(self, decide: Callable[[Home], None], wait: float) -> None:
        decide(self.home)
        self.home.run(wait)

    # ---- what should not ----

    @rule(data=st.data(), wait=WAIT)
    @precondition(lambda self: self.home.talks)
    def replayed_click(self, data: st.DataObject, wait: float) -> None:
        old = data.draw(st.sampled_from(list(self.home.talks)))
        self.home.deliver(old)
        self.home.run(wait)

    @rule(decide=st.sampled_from(DECISIONS), undo=st.sampled_from(DECISIONS))
    @precondition(lambda self: self.clicks)
    def click_that_was_refused_is_played_again(
        self, decide: Callable[[Home], None], undo: Callable[[Home], None]
    ) -> None:
        decide(self.home)
        self.click("w0/2026-11-22")
        undo(self.home)
        self.home.deliver(look_id(f"click {self.clicks}"))
        self.home.run(5)

    @rule(happens=st.sampled_from(BREAKS), wait=WAIT)
    def something_breaks(self, happens: Callable[[Home], None], wait: float) -> None:
        happens(self.home)
        self.home.run(wait)

    @rule(effects=st.integers(0, 6), fault=st.none() | st.sampled_from(Fault))
    def something_will_break(self, effects: int, fault: Fault | None) -> None:
        if fault is None:
            self.home.crash_in = effects
        else:
            self.home.disk.fault = fault

    @rule(seconds=st.sampled_from(JUMPS), wait=WAIT)
    def clock_jumps(self, seconds: float, wait: float) -> None:
        self.home.offset += timedelta(seconds=seconds)
        self.home.run(wait)

    @rule(towards=st.sampled_from([None, *Target]))
    def somebody_turns_the_camera(self, towards: Target | None) -> None:
        self.home.bumped = True
        self.home.camera.at, self.home.camera.arrives = towards, self.home.mono + 1

    @rule(delay=st.sampled_from([0, 0.5, 1, SLOWEST]))
    def link_is_slow(self, delay: float) -> None:
        self.home.delay = max(delay, self.home.delay if self.home.link else 0)

    @rule(why=st.sampled_from([CloseReason.OPERATOR_GONE, CloseReason.PICTURE_LOST]), data=st.data())
    @precondition(lambda self: self.clicks)
    def session_is_lost(self, why: CloseReason, data: st.DataObject) -> None:
        self.home.hear(SessionLost(self.some_look(data), why))

    # ---- answers that come late, twice, in another order or never ----

    @rule(holding=st.booleans(), wait=WAIT)
    def answers_are_held_back(self, holding: bool, wait: float) -> None:
        self.home.holding = holding
        self.home.run(wait)

    @rule(data=st.data(), twice=st.booleans())
    @precondition(lambda self: self.home.answers)
    def one_answer_comes(self, data: st.DataObject, twice: bool) -> None:
        index = data.draw(st.integers(0, len(self.home.answers) - 1))
        self.home.hear(self.home.answers[index] if twice else self.home.answers.pop(index))

    @rule(age=st.integers(1, 3), kind=st.sampled_from([PositionConfirmed, MoveFailed]))
    @precondition(lambda self: self.home.gate is not None)
    def old_answer_comes(self, age: int, kind: type[PositionConfirmed | MoveFailed]) -> None:
        assert self.home.gate is not None
        self.home.hear(kind(self.home.gate.serial - age))

    @rule(wait=WAIT)
    def answers_are_lost(self, wait: float) -> None:
        self.home.answers = [one for one in self.home.answers if isinstance(one, StoreFailed)]
        self.home.run(wait)

    # ---- in the end ----

    def teardown(self) -> None:
        self.home.calm()
        self.home.hear(AimEnded())
        self.home.run(5)
        self.home.check_story()
        event(f"looks that opened: {min(len(self.home.opened), 9)}")
        event(f"packets that left: {'some' if self.home.packets else 'none'}")
        self.home.die()
        self.home.start()
        self.home.run(5)
        self.home.check_story()


TestBrokenNights = pytest.mark.timeout(300)(BrokenNights.TestCase)  # some seconds, on a machine with nothing else to do
TestBrokenNights.settings = settings(max_examples=max(300, settings.default.max_examples), stateful_step_count=40)


# ---- the model is not a model of nothing ----------------------------------------------------------------------------


@pytest.fixture
def home() -> Home:
    ready = Home()
    ready.run(3)
    assert ready.gate is not None and ready.gate.place is Place.CLOSED
    return ready


def test_a_quiet_night_lets_the_operator_see(home: Home) -> None:
    look = home.click("quiet", OCCURRENCE)
    home.run(6)
    assert home.gate is not None and home.gate.place is Place.OPEN and home.packets >= 6
    home.hear(OperatorClosed(look, Outcome.SEEN))
    home.calm()
    home.check_story()
    told = replay(home.disk.data)
    assert told.past[0].ended is not None and told.past[0].ended.reason is CloseReason.SEEN


def test_a_look_that_nobody_closes_ends_by_itself(home: Home) -> None:
    home.click("long", OCCURRENCE)
    home.run(LOOK_SECONDS + 10)
    home.check_story()
    told = replay(home.disk.data).past[0].ended
    assert told is not None and told.reason is CloseReason.TIME_LIMIT


def test_a_hung_bridge_holds_no_longer_than_its_lease(home: Home) -> None:
    home.click("hung", OCCURRENCE)
    home.run(6)
    home.bridge.hung = True
    before = home.packets
    home.run(10)
    assert home.packets - before <= 7
    assert home.gate is not None and home.gate.place is not Place.OPEN


def test_bridge_drives_away_when_home_assistant_dies_in_a_look(home: Home) -> None:
    home.click("dead", OCCURRENCE)
    home.run(6)
    assert home.camera.at is Target.VIEW
    home.die()
    home.run(8)
    assert home.camera.at is Target.PRIVACY
    home.calm()
    home.check_story()
    told = replay(home.disk.data).past[0].ended
    assert told is not None and told.reason is CloseReason.INTERRUPTED


@pytest.mark.parametrize("effects", range(9))
def test_crash_at_any_effect_of_a_look_leaves_the_camera_away_and_the_story_whole(home: Home, effects: int) -> None:
    home.crash_in = effects
    look = home.click("crash", OCCURRENCE)
    home.run(5)
    home.hear(OperatorClosed(look, Outcome.SEEN))
    home.calm()
    home.check_story()
    assert home.camera.at is Target.PRIVACY


@pytest.mark.parametrize("fault", list(Fault))
def test_start_that_breaks_on_disk_never_turns_the_camera(home: Home, fault: Fault) -> None:
    home.disk.fault = fault
    home.click("disk", OCCURRENCE)
    home.run(6)
    assert home.packets == 0 and home.camera.at is not Target.VIEW
    home.calm()
    home.check_story()
