"""A curious operator: login, passkey, shift, role and unit are right, and everything that is asked for is not in the
plan, or not theirs. Whoever has another role tries to look as well.

Here at the home, as it is put together (besieged.py), whatever the service lets through; at the real service:
test_curious_reader.py. What is the same whoever asks (windows and their nights, budget, retries, replays):
test_evil_service.py; how a look is taken by one of two operators: tests/operator/test_look.py.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.attacks.besieged import (
    ADMIN_SHIFT,
    PLAN,
    SAID,
    Attack,
    Besieged,
    looking,
    opened,
    opens_nothing,
    prepared,
    right,
)
from tests.authenticator import Authenticator
from tests.tillsyn.made import ADMIN, COLLEAGUE, HUB, NOW, OPERATOR, STRANGER, Talk, shift
from tillsyn.entries import ConsentWithdrawn, Pause, Privacy
from tillsyn.errors import Refusal
from tillsyn.gate_values import Place, WishesChanged
from tillsyn.identity import digest, parse
from tillsyn.model import Outcome, Role, Room
from tillsyn.wire import Answer, Close, Offer, Prepare, Turn

LOOK = SAID.asked.look
FRIEND = COLLEAGUE
"""The session key of another operator of the same unit."""
FRIENDS_CHAIN = (*ADMIN_SHIFT, *shift(Authenticator("friend"), FRIEND, by=ADMIN, name="Bo Natt"))


def preparing(**changed: object) -> Attack:
    """The operator's own prepare, with this in it."""
    asked = parse(Prepare, SAID.prepare).statement
    return lambda home: home.prepare(OPERATOR.sign(replace(asked, **changed)))  # type: ignore[arg-type]


def clicking(**changed: object) -> Attack:
    """The right prepare, and the operator's own click with this in it."""
    asked = replace(SAID.asked, **changed)  # type: ignore[arg-type]
    return prepared(replace(SAID, look=OPERATOR.sign(asked), asked=asked))


def changed_home(change: Callable[[Besieged], None]) -> Attack:
    """The right look, at a home where this has been said."""

    def attack(home: Besieged) -> Refusal | None:
        change(home)
        home.load()
        return home.look(SAID)

    return attack


OUTSIDE: list[tuple[str, Refusal, Attack]] = [
    ("another home", Refusal.WRONG_HUB, preparing(hub=STRANGER.public.kid)),
    ("another home by the click", Refusal.WRONG_HUB, clicking(hub=STRANGER.public.kid)),
    ("an older plan", Refusal.WRONG_PLAN, preparing(plan=2)),
    ("a plan that is to come", Refusal.WRONG_PLAN, preparing(plan=4)),
    ("another plan by the click", Refusal.WRONG_PLAN, clicking(plan=2)),
    ("a window that is in no plan", Refusal.WRONG_WINDOW, preparing(occurrence="day/2026-11-22")),
    ("a night that is over", Refusal.OUTSIDE_WINDOW, preparing(occurrence="night/2026-11-20")),
    ("a night to come", Refusal.OUTSIDE_WINDOW, preparing(occurrence="night/2026-11-24")),
    ("another night by the click", Refusal.WRONG_WINDOW, clicking(occurrence="night/2026-11-23")),
    ("a click that is good for the night", Refusal.EXPIRED, clicking(exp=NOW + 8 * 3600)),
    ("a prepare that is good for the night", Refusal.EXPIRED, preparing(exp=NOW + 8 * 3600)),
    ("a click dated ahead", Refusal.CLOCK_SKEW, clicking(iat=NOW + 600, exp=NOW + 630)),
    ("a click that nobody prepared", Refusal.NOT_PREPARED, lambda home: home.click(SAID)),
    ("while paused", Refusal.PAUSED, changed_home(lambda home: home.write(Pause(True, "anna")))),
    ("while private", Refusal.PRIVATE, changed_home(lambda home: home.write(Privacy(True, "anna", "")))),
    ("without consent", Refusal.NO_CONSENT, changed_home(lambda home: home.write(ConsentWithdrawn("", "anna")))),
]


@pytest.mark.parametrize(("code", "attack"), [pytest.param(code, attack, id=name) for name, code, attack in OUTSIDE])
def test_outside_the_plan_opens_nothing(code: Refusal, attack: Attack) -> None:
    opens_nothing(code, attack)


def test_skipped_look_opens_nothing() -> None:
    def attack(home: Besieged) -> Refusal | None:
        home.feed(WishesChanged(frozenset({SAID.asked.occurrence}), {}))
        return home.look(SAID)

    opens_nothing(Refusal.SKIPPED, attack)


@pytest.mark.parametrize("role", [Role.PATROL, Role.PLANNER, Role.INSTALLER, Role.AUDITOR])
def test_other_role_opens_nothing(role: Role) -> None:
    said = replace(SAID, chain=(*ADMIN_SHIFT, *shift(by=ADMIN, roles=(role,))))
    opens_nothing(Refusal.ROLE_NOT_ALLOWED, looking(said))


def test_administrator_opens_nothing() -> None:
    """With the administrator's own shift: role and units are the highest there are."""
    asked = parse(Prepare, SAID.prepare).statement
    opens_nothing(Refusal.ROLE_NOT_ALLOWED, lambda home: home.prepare(ADMIN.sign(asked), chain=ADMIN_SHIFT))


def test_auditor_opens_nothing_though_the_plan_names_the_role() -> None:
    home = Besieged(statement=replace(PLAN, roles=(Role.OPERATOR, Role.PATROL)))
    said = replace(SAID, chain=(*ADMIN_SHIFT, *shift(by=ADMIN, roles=(Role.AUDITOR,))))
    opens_nothing(Refusal.ROLE_NOT_ALLOWED, looking(said), home)


def by_a_friend() -> Talk:
    """An honest look by another operator, who prepared it."""
    said = right("friend")
    prepare = FRIEND.sign(parse(Prepare, said.prepare).statement)
    offer = HUB.sign(replace(parse(Offer, said.offer).statement, prepare=digest(prepare)))
    answer = FRIEND.sign(replace(parse(Answer, said.answer).statement, offer=digest(offer)))
    asked = replace(said.asked, offer=digest(offer), answer=digest(answer))
    return Talk(FRIENDS_CHAIN, prepare, offer, answer, FRIEND.sign(asked), asked)


def test_friend_may_look_in_the_same_way() -> None:
    """So that what is refused below is refused for what it is."""
    opened(by_a_friend())


def test_look_that_a_colleague_prepared_opens_nothing() -> None:
    """Valid in every way, but who prepared is another."""

    def attack(home: Besieged) -> Refusal | None:
        assert home.prepare(SAID.prepare) is None
        return home.click(replace(SAID, chain=FRIENDS_CHAIN, look=FRIEND.sign(SAID.asked)))

    opens_nothing(Refusal.NOT_PREPARED, attack)


def test_second_browser_opens_nothing_more() -> None:
    """The same person, or a friend, while a look runs: nothing of it gets longer, and no second one begins."""
    home = opened()
    before = home.openings
    assert home.look(right("second browser", now=home.at)) is Refusal.BUSY
    assert home.look(by_a_friend()) is Refusal.BUSY
    assert home.openings == before
    home.wait(30)
    assert not home.is_open


def test_operator_who_does_not_close_looks_no_longer_than_allowed() -> None:
    home = opened()
    home.wait(29)
    assert home.is_open
    home.wait(1)
    assert not home.is_open


@pytest.mark.parametrize(
    ("code", "room", "number"),
    [
        pytest.param(Refusal.WRONG_ROOM, Room.LIVING_ROOM, 1, id="not in the plan"),
        pytest.param(Refusal.BAD_MESSAGE, Room.KITCHEN, 33, id="a number above all"),
    ],
)
def test_room_outside_the_plan_opens_nothing(code: Refusal, room: Room, number: int) -> None:
    home = opened()
    before = home.openings
    assert home.turn(OPERATOR.sign(Turn(LOOK, room, number, NOW)), LOOK) is code
    home.arrive()
    assert home.openings == before
    assert home.house.gates["bed"].place is Place.OPEN


def test_turn_after_the_end_opens_nothing() -> None:
    home = opened()
    assert home.close(OPERATOR.sign(Close(LOOK, Outcome.SEEN, NOW)), LOOK) is None
    before = home.openings
    assert home.turn(OPERATOR.sign(Turn(LOOK, Room.KITCHEN, 1, NOW)), LOOK) is not None
    home.arrive()
    assert home.openings == before


def test_look_of_another_is_neither_turned_nor_closed() -> None:
    """By a colleague whose own chain holds."""
    home = opened()
    assert home.turn(FRIEND.sign(Turn(LOOK, Room.KITCHEN, 1, NOW)), LOOK) is Refusal.UNKNOWN_SIGNER
    assert home.close(FRIEND.sign(Close(LOOK, Outcome.SEEN, NOW)), LOOK) is Refusal.UNKNOWN_SIGNER
    assert home.house.gates["bed"].place is Place.OPEN
