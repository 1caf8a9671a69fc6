"""Several cameras in one home: one look at a time, one room at a time, within one limit."""

from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from tests.tillsyn.gates import AIM, GRANT, START, closed, loaded
from tests.tillsyn.made import COLLEAGUE, NOW, OPERATOR, POLICY, TRUST, grant, instant, look_id, plan, revoked
from tillsyn.admission import Grant, TurnGrant, check_turn
from tillsyn.chain import Trust
from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.gate_values import (
    AimRequested,
    ConsentChanged,
    Event,
    Gate,
    GrantLease,
    Hold,
    LookRequested,
    Move,
    MoveFailed,
    Opened,
    OperatorClosed,
    PauseChanged,
    Place,
    PositionConfirmed,
    PowerChanged,
    PrivacyChanged,
    Refuse,
    Started,
    StopPicture,
    Stopping,
    Stored,
    StoreEnd,
    StoreFailed,
    StoreTurn,
    Target,
    Tick,
    Warm,
)
from tillsyn.house import House, Located, RefuseTurn, TurnRequested, camera_for, step
from tillsyn.model import Instant, Outcome, Room
from tillsyn.wire import Turn

BED, KITCHEN = "bed", "kitchen"
ROOMS = (Room.BEDROOM, Room.KITCHEN)


def home(**changes: Any) -> House:
    """Two cameras, both away; the plan allows both rooms."""
    agreed = {"plan": plan(rooms=ROOMS)} | changes
    return House(MappingProxyType({BED: closed(**agreed), KITCHEN: closed(**agreed)}))


def after(house: House, camera: str | None, *events: Event, now: Instant = START) -> House:
    for event in events:
        house, _ = step(house, camera, event, now)
    return house


def looking(house: House | None = None) -> House:
    """A look is open in the bedroom."""
    house = after(home() if house is None else house, BED, LookRequested(GRANT), Stored(GRANT))
    return after(house, BED, PositionConfirmed(house.gates[BED].serial))


def wish_token(room: Room = Room.KITCHEN, number: int = 1) -> str:
    """The tk-turn of that wish."""
    return OPERATOR.sign(Turn(GRANT.look, room, number, NOW))


def wish(room: Room = Room.KITCHEN, number: int = 1, after_number: int = 0) -> TurnGrant:
    """A verified wish to see this room."""
    return check_turn(GRANT, TRUST, wish_token(room, number), after_number, NOW)


def turn(house: House, asked: TurnGrant, camera: str | None, now: Instant) -> tuple[House, tuple[Located, ...], Any]:
    """The next house, what is to be done, and why not (None: it turns)."""
    house, effects = step(house, None, TurnRequested(asked, camera), now)
    said = [one.code for _, one in effects if isinstance(one, RefuseTurn) and one.turn == asked]
    return house, tuple(one for one in effects if not isinstance(one[1], RefuseTurn)), said[0] if said else None


def turned(now: Instant | None = None) -> tuple[House, tuple[Located, ...]]:
    """The look goes on in the kitchen, whose turn is being stored."""
    house, asked, code = turn(looking(), wish(), KITCHEN, now or instant(5))
    assert code is None
    return house, asked


# ---- one at a time --------------------------------------------------------------------------------------------------


def test_what_everybody_hears_every_gate_hears() -> None:
    house, asked = step(home(), None, PauseChanged(True), START)
    assert all(gate.paused for gate in house.gates.values())
    assert asked == ()
    _, asked = step(looking(), None, ConsentChanged(False), START)
    assert {camera for camera, _ in asked} == {BED}


def test_a_home_where_nobody_looks_is_not_busy() -> None:
    assert home().busy is None
    assert looking().busy == BED


@pytest.mark.parametrize("event", [LookRequested(grant("other")), AimRequested(AIM)], ids=["a look", "aiming"])
def test_while_one_camera_is_used_no_other_is(event: Event) -> None:
    house, asked = step(looking(), KITCHEN, event, START)
    ((camera, refused),) = asked
    assert camera == KITCHEN and isinstance(refused, Refuse) and refused.code is Refusal.BUSY
    assert house.gates[KITCHEN].place is Place.CLOSED and house.busy == BED


def test_a_refused_click_cannot_be_played_again_at_another_camera() -> None:
    other = grant("other")
    house = after(looking(), KITCHEN, LookRequested(other))
    assert other.request in house.gates[KITCHEN].refused
    house = after(house, BED, OperatorClosed(GRANT.look, Outcome.SEEN))
    _, asked = step(house, KITCHEN, LookRequested(other), START)
    assert [type(one) for _, one in asked] == [Refuse]


def test_what_one_camera_has_used_is_used_for_all() -> None:
    house = looking()
    assert house.gates[KITCHEN].used == house.gates[BED].used == {GRANT.look}
    assert house.gates[KITCHEN].spent == house.gates[BED].spent
    house = after(house, BED, OperatorClosed(GRANT.look, Outcome.SEEN))
    house = after(house, BED, PositionConfirmed(house.gates[BED].serial))
    _, asked = step(house, KITCHEN, LookRequested(grant("second")), START)
    assert [one.code for _, one in asked if isinstance(one, Refuse)] == [Refusal.BUDGET_USED]


def test_a_camera_that_is_none_is_a_fault_of_the_shell() -> None:
    with pytest.raises(KeyError):
        step(home(), "attic", Tick(), START)


@pytest.mark.parametrize(
    ("rooms", "camera"),
    [
        pytest.param((Room.BEDROOM,), "b1", id="the first by name of two in a room"),
        pytest.param((Room.KITCHEN, Room.BEDROOM), "k", id="the plan's first room"),
        pytest.param((Room.HALL, Room.KITCHEN), "k", id="the plan's first room with a camera"),
        pytest.param((Room.HALL,), None, id="no room with a camera"),
        pytest.param((), None, id="no room"),
    ],
)
def test_a_look_begins_in_the_plans_first_room(rooms: tuple[Room, ...], camera: str | None) -> None:
    assert camera_for(rooms, {"k": Room.KITCHEN, "b2": Room.BEDROOM, "b1": Room.BEDROOM}) == camera


# ---- turning to another room ----------------------------------------------------------------------------------------


def test_a_turn_ends_one_picture_before_the_next_is_stored() -> None:
    house, asked = turned()
    assert [(camera, type(one)) for camera, one in asked] == [(BED, Hold), (BED, Move), (KITCHEN, StoreTurn)]
    assert asked[1][1].target is Target.PRIVACY  # type: ignore[union-attr]
    assert (house.busy, house.gates[BED].place, house.gates[KITCHEN].place) == (KITCHEN, Place.CLOSING, Place.OPENING)


def test_after_a_turn_the_look_has_the_seconds_that_were_left() -> None:
    house, _ = turned(instant(5))
    house, asked = step(house, KITCHEN, Stored(GRANT), instant(5))
    assert [type(one) for _, one in asked] == [Move, Warm]
    serial = house.gates[KITCHEN].serial
    house, asked = step(house, KITCHEN, PositionConfirmed(serial), instant(8))
    lease, opened = (one for _, one in asked)
    assert isinstance(lease, GrantLease) and lease.counter == 2
    assert isinstance(opened, Opened) and opened.seconds == 22 and opened.request == wish().request
    house = after(house, KITCHEN, Tick(), now=instant(8))
    running = house.gates[KITCHEN].running
    assert running is not None
    _, asked = step(house, KITCHEN, Tick(), instant(30))
    ends = [one for _, one in asked if isinstance(one, StoreEnd)]
    assert [(one.why, one.opened) for one in ends] == [(CloseReason.TIME_LIMIT, START)]


def test_a_turn_that_fails_ends_the_look_once() -> None:
    house, _ = turned()
    house = after(house, KITCHEN, Stored(GRANT), now=instant(5))
    _, asked = step(house, KITCHEN, MoveFailed(house.gates[KITCHEN].serial), instant(6))
    ends = [one for _, one in asked if isinstance(one, StoreEnd)]
    assert [(one.why, one.opened) for one in ends] == [(CloseReason.MOVE_FAILED, START)]
    assert any(isinstance(one, StopPicture) for _, one in asked)


def test_a_turn_that_cannot_be_written_ends_the_look() -> None:
    house, _ = turned()
    house, asked = step(house, None, StoreFailed(), instant(5))
    assert house.busy is None
    assert len([one for _, one in asked if isinstance(one, StoreEnd)]) == 1


def test_a_turn_too_late_to_see_anything_ends_the_look() -> None:
    house, _ = turned(instant(29))
    house = after(house, KITCHEN, Stored(GRANT), now=instant(29))
    house, asked = step(house, KITCHEN, PositionConfirmed(house.gates[KITCHEN].serial), instant(31))
    assert house.busy is None
    assert not any(isinstance(one, Opened | GrantLease) for _, one in asked)


def test_the_look_can_turn_back() -> None:
    house, _ = turned(instant(5))
    house = after(house, BED, PositionConfirmed(house.gates[BED].serial), now=instant(6))
    house = after(house, KITCHEN, Stored(GRANT), now=instant(6))
    house = after(house, KITCHEN, PositionConfirmed(house.gates[KITCHEN].serial), now=instant(8))
    house, asked, code = turn(house, wish(Room.BEDROOM, 2, 1), BED, instant(9))
    assert code is None and house.busy == BED
    assert [type(one) for _, one in asked] == [Hold, Move, StoreTurn]


@pytest.mark.parametrize(
    ("house", "camera", "room", "code"),
    [
        pytest.param(home(), KITCHEN, Room.KITCHEN, Refusal.NOT_PREPARED, id="nobody looks"),
        pytest.param(
            after(home(), BED, LookRequested(GRANT)), KITCHEN, Room.KITCHEN, Refusal.NOT_PREPARED, id="not yet"
        ),
        pytest.param(looking(), None, Room.KITCHEN, Refusal.WRONG_ROOM, id="no camera in that room"),
        pytest.param(looking(), BED, Room.BEDROOM, Refusal.WRONG_ROOM, id="the room it is in"),
        pytest.param(looking(), KITCHEN, Room.HALL, Refusal.WRONG_ROOM, id="a room that the plan does not name"),
        pytest.param(
            after(looking(), KITCHEN, PrivacyChanged(True)), KITCHEN, Room.KITCHEN, Refusal.PRIVATE, id="it is private"
        ),
        pytest.param(
            after(looking(), KITCHEN, PowerChanged(False)),
            KITCHEN,
            Room.KITCHEN,
            Refusal.CAMERA_NOT_READY,
            id="it has no power",
        ),
        pytest.param(
            after(looking(), KITCHEN, Stopping()), KITCHEN, Room.KITCHEN, Refusal.CAMERA_NOT_READY, id="it stops"
        ),
    ],
)
def test_a_turn_that_may_not_be_changes_nothing(house: House, camera: str | None, room: Room, code: Refusal) -> None:
    assert turn(house, wish(room), camera, instant(5)) == (house, (), code)


def test_a_look_that_ends_because_the_clock_has_jumped_does_not_turn() -> None:
    late = Instant(START.wall + timedelta(hours=1), START.mono + 5)
    house, asked, code = turn(looking(), wish(), KITCHEN, late)
    assert (code, house.busy, house.gates[KITCHEN].place) == (Refusal.NOT_PREPARED, None, Place.CLOSED)
    assert [(camera, type(one)) for camera, one in asked] == [(BED, StopPicture), (BED, Move), (BED, StoreEnd)]


def test_a_click_for_no_camera_is_refused_and_cannot_be_played_again() -> None:
    house, asked = step(home(), None, LookRequested(GRANT), START)
    assert [one.code for _, one in asked if isinstance(one, Refuse)] == [Refusal.WRONG_ROOM]
    assert house.busy is None
    assert GRANT.request in house.gates[BED].refused


def test_the_turn_of_another_look_is_refused() -> None:
    house = home()
    other = grant("other")
    house = after(house, BED, LookRequested(other), Stored(other))
    house = after(house, BED, PositionConfirmed(house.gates[BED].serial))
    assert turn(house, wish(), KITCHEN, instant(1))[2] is Refusal.NOT_PREPARED


def test_aiming_does_not_turn() -> None:
    house = after(home(), BED, AimRequested(AIM), Stored(AIM))
    house = after(house, BED, PositionConfirmed(house.gates[BED].serial))
    assert turn(house, wish(), KITCHEN, instant(1))[2] is Refusal.NOT_PREPARED


# ---- power ----------------------------------------------------------------------------------------------------------


def test_a_camera_without_power_that_was_on_its_way_is_left_alone() -> None:
    house = after(House(MappingProxyType({BED: Gate()})), None, Started(), loaded())
    serial = house.gates[BED].serial
    house, asked = step(house, BED, PowerChanged(False), START)
    assert (house.gates[BED].place, asked) == (Place.CLOSING, ())
    house, asked = step(house, BED, MoveFailed(serial), START)
    assert (house.gates[BED].place, house.gates[BED].attempts, asked) == (Place.DARK, 0, ())
    house, asked = step(house, BED, PowerChanged(True), START)
    assert [one.target for _, one in asked if isinstance(one, Move)] == [Target.PRIVACY]
    assert House().busy is None


# ---- the wish itself ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "key", "code"),
    [
        pytest.param({"look": look_id("other")}, OPERATOR, Refusal.NOT_PREPARED, id="of another look"),
        pytest.param({"number": 1}, OPERATOR, Refusal.REPLAYED, id="played again"),
        pytest.param({"iat": NOW - 121}, OPERATOR, Refusal.EXPIRED, id="too old"),
        pytest.param({"iat": NOW + 121}, OPERATOR, Refusal.CLOCK_SKEW, id="from the future"),
        pytest.param({}, COLLEAGUE, Refusal.UNKNOWN_SIGNER, id="of somebody else"),
    ],
)
def test_a_turn_that_is_not_the_operators_is_refused(changes: dict[str, Any], key: Any, code: Refusal) -> None:
    values: dict[str, Any] = {"look": GRANT.look, "room": Room.KITCHEN, "number": 2, "iat": NOW} | changes
    with pytest.raises(Refused) as caught:
        check_turn(GRANT, TRUST, key.sign(Turn(**values)), 1, NOW)
    assert caught.value.code in (code, Refusal.BAD_SIGNATURE)


def test_a_turn_by_whose_key_has_been_revoked_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        check_turn(GRANT, Trust(POLICY, revoked(OPERATOR.public.kid)), wish_token(), 0, NOW)
    assert caught.value.code is Refusal.REVOKED


def test_nobody_makes_a_turn_by_hand() -> None:
    with pytest.raises(TypeError):
        TurnGrant(GRANT.look, Room.KITCHEN, 1, GRANT.request, object())
    assert isinstance(GRANT, Grant)


def test_a_second_that_changes_nothing_leaves_the_house_as_it_is() -> None:
    """Else it would be compared and made anew each second, for each camera."""
    house = home()
    assert step(house, None, Tick(), instant(1)) == (house, ())
    assert step(house, None, Tick(), instant(1))[0] is house
