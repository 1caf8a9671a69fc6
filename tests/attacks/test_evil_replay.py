"""An operator service gone bad that says again what was right once, or shows another log than the homes wrote. What
else it tries: test_evil_service.py.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.attacks.besieged import (
    SAID,
    Attack,
    Besieged,
    not_seen,
    opened,
    turn,
)
from tests.tillsyn.made import (
    HUB,
    NOW,
    OPERATOR,
    STRANGER,
    token,
)
from tillsyn.entries import Pause, Privacy
from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.gate_values import (
    MoveFailed,
    PauseChanged,
    Place,
    PositionLost,
    PowerChanged,
    PrivacyChanged,
    Stopping,
    StoreFailed,
)
from tillsyn.identity import parse
from tillsyn.model import Outcome, Room
from tillsyn.receipts import Head, verify
from tillsyn.wire import Close, Receipt, Turn

EVIL = STRANGER
"""The service's own key."""


# ---- replay ---------------------------------------------------------------------------------------------------------


CLOSE = OPERATOR.sign(Close(SAID.asked.look, Outcome.NOT_SEEN, NOW))


def _clicked(home: Besieged) -> None:
    assert home.prepare(SAID.prepare) is None
    assert home.click(SAID) is None


def _open(home: Besieged) -> None:
    _clicked(home)
    home.arrive()
    assert home.is_open


def _turned(home: Besieged) -> None:
    _open(home)
    assert home.turn(turn(), SAID.asked.look) is None
    home.arrive()
    assert home.house.gates["kitchen"].place is Place.OPEN


def _closed(home: Besieged) -> None:
    _turned(home)
    assert home.close(CLOSE, SAID.asked.look) is None


def _looking_away(home: Besieged) -> None:
    _open(home)
    home.feed(PositionLost(), "bed")
    assert home.house.gates["bed"].place is Place.CLOSING


def _at_fault(home: Besieged) -> None:
    _looking_away(home)
    for _ in range(3):
        home.feed(MoveFailed(home.house.gates["bed"].serial), "bed")
    assert home.house.gates["bed"].place is Place.FAULT


def _dark(home: Besieged) -> None:
    _closed(home)
    home.feed(PowerChanged(on=False))
    assert home.house.gates["bed"].place is Place.DARK


def _light_again(home: Besieged) -> None:
    _dark(home)
    home.feed(PowerChanged(on=True))
    home.arrive()


def _restarted(home: Besieged) -> None:
    _open(home)
    home.start()


def _paused(home: Besieged) -> None:
    _open(home)
    home.write(Pause(True, "anna"))
    home.feed(PauseChanged(True))


def _resumed(home: Besieged) -> None:
    _paused(home)
    home.arrive()
    home.write(Pause(False, "anna"))
    home.feed(PauseChanged(False))


def _private(home: Besieged) -> None:
    _open(home)
    home.write(Privacy(True, "anna"))
    home.feed(PrivacyChanged(True))


def _journal_failed(home: Besieged) -> None:
    _open(home)
    home.feed(StoreFailed(), "bed")


def _stopping(home: Besieged) -> None:
    _open(home)
    home.feed(Stopping())


def _time_out(home: Besieged) -> None:
    _open(home)
    home.wait(31)
    assert not home.is_open
    home.arrive()


LATER: dict[str, Callable[[Besieged], None]] = {
    "the camera is on its way": _clicked,
    "open": _open,
    "turned": _turned,
    "looking away": _looking_away,
    "at fault": _at_fault,
    "closed": _closed,
    "time limit": _time_out,
    "dark": _dark,
    "light again": _light_again,
    "restarted": _restarted,
    "paused": _paused,
    "resumed": _resumed,
    "private": _private,
    "journal failed": _journal_failed,
    "stopping": _stopping,
}
AGAIN: dict[str, Attack] = {
    "prepare": lambda home: home.prepare(SAID.prepare),
    "look": lambda home: home.click(SAID),
    "prepare and look": lambda home: home.ask(SAID),
    "turn": lambda home: home.turn(turn(), SAID.asked.look),
    "close": lambda home: home.close(CLOSE, SAID.asked.look),
}


def test_later_is_every_place_of_the_gate() -> None:
    places = set[Place]()
    for go in LATER.values():
        home = Besieged()
        go(home)
        places |= {gate.place for gate in home.house.gates.values()}
    assert places == set(Place) - {Place.AIMING}  # aiming has no look, and no look begins in it


@pytest.mark.parametrize("go", LATER.values(), ids=LATER)
@pytest.mark.parametrize("what", AGAIN)
def test_replay_opens_nothing(go: Callable[[Besieged], None], what: str) -> None:
    home = Besieged()
    go(home)
    looks, openings, was_open = home.record.used, home.openings, home.is_open
    first_turn = what == "turn" and go is _open
    code = AGAIN[what](home)
    if first_turn:
        assert code is None  # not yet a replay: what is sent twice below
        home.arrive()
        openings = home.openings
        code = AGAIN[what](home)
    if what != "close":
        assert code is not None
    assert home.openings == openings
    home.arrive()
    assert home.record.used == looks
    if not was_open and go is not _clicked:
        home.wait(2)
        assert not home.is_open
        assert home.openings == openings


@pytest.mark.parametrize("times", [1, 5])
def test_replay_lengthens_no_look(times: int) -> None:
    home = opened()
    for _ in range(29):
        home.wait(1)
        for _ in range(times):
            home.look(SAID)
            home.turn(turn(number=1), SAID.asked.look)
    assert home.is_open
    home.wait(1)
    assert not home.is_open


def test_forged_turn_and_forged_close_change_nothing() -> None:
    home = opened()
    forged = Turn(SAID.asked.look, Room.KITCHEN, 1, NOW)
    assert home.turn(EVIL.sign(forged), SAID.asked.look) is Refusal.UNKNOWN_SIGNER
    assert home.turn(token(forged, EVIL, kid=OPERATOR.public.kid), SAID.asked.look) is Refusal.BAD_SIGNATURE
    seen = Close(SAID.asked.look, Outcome.SEEN, NOW)
    assert home.close(EVIL.sign(seen), SAID.asked.look) is Refusal.UNKNOWN_SIGNER
    assert home.is_open
    assert home.house.gates["bed"].place is Place.OPEN
    assert home.turn(turn(), SAID.asked.look) is None


# ---- receipts and the log -------------------------------------------------------------------------------------------


def _with_receipts() -> Besieged:
    home = Besieged()
    for name in ("first", "second"):
        not_seen(home, name)
    return home


def _claims(tokens: list[str]) -> list[str]:
    fields = parse(Receipt, tokens[1]).statement
    return [tokens[0], EVIL.sign(replace(fields, reason=CloseReason.SEEN))]


def _rewritten(tokens: list[str]) -> list[str]:
    fields = parse(Receipt, tokens[1]).statement
    return [tokens[0], token(replace(fields, reason=CloseReason.SEEN), EVIL, kid=HUB.public.kid)]


RECEIPTS: dict[str, Callable[[list[str]], list[str]]] = {
    "dropped": lambda tokens: tokens[1:],
    "reordered": lambda tokens: tokens[::-1],
    "told twice": lambda tokens: [tokens[0], *tokens],
    "changed and signed by the service": _claims,
    "changed under the hub's name": _rewritten,
}


@pytest.mark.parametrize("tamper", RECEIPTS.values(), ids=RECEIPTS)
def test_tampered_receipts_are_not_believed(tamper: Callable[[list[str]], list[str]]) -> None:
    tokens = list(_with_receipts().record.receipts)
    assert len(verify(Head(), HUB.public, tokens)[1]) == 2
    with pytest.raises(Refused):
        verify(Head(), HUB.public, tamper(tokens))


def test_truncated_log_shows_by_its_head() -> None:
    """What is left holds, but ends elsewhere than where the home's signed log says."""
    home = _with_receipts()
    head, _ = verify(Head(), HUB.public, home.record.receipts[:1])
    assert head != home.record.head
    assert verify(Head(), HUB.public, home.record.receipts)[0] == home.record.head
