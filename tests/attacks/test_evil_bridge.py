"""A bridge gone bad: it signs with the hub's key, carries every message, and tells the home what it likes about its
media. It has no key of root, person or session. The home checks the same signed look itself, so it opens nothing by it.

A bridge also has the camera's address and password. What it does with the camera behind the home's back no signature
hinders; the home reads the position itself, looks away and says so. What an honest bridge refuses:
tests/bridge/test_attacks.py.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.attacks.besieged import CHAIN, SAID, SHIFT, WAY, Besieged, looking, opened, opens_nothing, prepared, right
from tests.tillsyn.made import COLLEAGUE, HUB, NOW, OPERATOR, Talk, connection, look_id, shift, token
from tillsyn.errors import CloseReason, Refusal
from tillsyn.gate_values import LeaseHeld, OperatorClosed, Place, PositionLost, SessionLost, StopPicture
from tillsyn.identity import digest
from tillsyn.model import Outcome
from tillsyn.wire import Answer, Look, Offer, Prepare


def offered(by_bridge: Offer) -> Talk:
    """The right prepare and click, on an offer that the bridge has made since, and signed: it has the hub's key."""
    return replace(SAID, offer=HUB.sign(by_bridge))


OFFER = Offer(SAID.asked.look, digest(SAID.prepare), SAID.asked.challenge, connection(), NOW)


def test_look_that_nobody_signed_opens_nothing() -> None:
    """All of it made by the bridge, with the only key it has."""
    prepare = HUB.sign(Prepare(look_id("own"), HUB.public.kid, 3, "night/2026-11-22", NOW, NOW + 30))
    offer = HUB.sign(Offer(look_id("own"), digest(prepare), digest("own"), connection(), NOW))
    answer = HUB.sign(Answer(look_id("own"), digest(offer), WAY, NOW))
    asked = Look(
        look_id("own"),
        HUB.public.kid,
        3,
        "night/2026-11-22",
        digest("own"),
        digest(offer),
        digest(answer),
        NOW,
        NOW + 30,
    )
    for chain in (CHAIN, (), (*CHAIN[:2], *shift(by=HUB)), shift(key=HUB, by=HUB)):
        said = Talk(chain, prepare, offer, answer, HUB.sign(asked), asked)
        opens_nothing(Refusal.UNKNOWN_SIGNER, looking(said))


def test_click_without_a_prepare_opens_nothing() -> None:
    opens_nothing(Refusal.NOT_PREPARED, lambda home: home.click(SAID))


def test_click_that_the_bridge_signs_on_a_prepared_connection_opens_nothing() -> None:
    opens_nothing(Refusal.UNKNOWN_SIGNER, prepared(replace(SAID.asking(HUB), chain=CHAIN)))
    forged = token(SAID.asked, HUB, kid=OPERATOR.public.kid)
    opens_nothing(Refusal.BAD_SIGNATURE, prepared(replace(SAID, look=forged)))


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(replace(OFFER, connection=replace(connection(), fingerprint=WAY.fingerprint)), id="fingerprint"),
        pytest.param(replace(OFFER, connection=replace(connection(), ufrag="evil")), id="ufrag"),
        pytest.param(replace(OFFER, challenge=digest("another")), id="challenge"),
        pytest.param(replace(OFFER, iat=NOW + 1), id="time"),
    ],
)
def test_changed_offer_opens_nothing(made: Offer) -> None:
    """The hub's signature on it holds, but the person answered and clicked for another."""
    opens_nothing(Refusal.WRONG_CONNECTION, prepared(offered(made)))


def test_changed_answer_opens_nothing() -> None:
    forged = HUB.sign(Answer(SAID.asked.look, digest(SAID.offer), WAY, NOW))
    opens_nothing(Refusal.UNKNOWN_SIGNER, prepared(replace(SAID, answer=forged)))


@pytest.mark.parametrize(
    ("code", "chain"),
    [
        pytest.param(Refusal.UNKNOWN_SIGNER, SHIFT, id="without the administrator"),
        pytest.param(Refusal.BAD_MESSAGE, CHAIN[:3], id="without the shift"),
        pytest.param(Refusal.UNKNOWN_SIGNER, (), id="without anything"),
        pytest.param(Refusal.UNKNOWN_SIGNER, (*CHAIN, *CHAIN), id="twice"),
        pytest.param(Refusal.BAD_MESSAGE, CHAIN[::-1], id="reversed"),
        pytest.param(Refusal.UNKNOWN_SIGNER, shift(key=COLLEAGUE), id="of a colleague"),
    ],
)
def test_changed_chain_opens_nothing(code: Refusal, chain: tuple[str, ...]) -> None:
    opens_nothing(code, prepared(replace(SAID, chain=chain)))


def test_another_look_on_the_envelope_opens_nothing() -> None:
    opens_nothing(Refusal.NOT_PREPARED, lambda home: home.prepare(SAID.prepare) or home.click(SAID, look_id("other")))


def test_replayed_click_opens_nothing() -> None:
    home = opened()
    home.wait(31)
    home.arrive()
    before = home.openings
    assert home.click(SAID) is Refusal.NOT_PREPARED
    assert home.look(SAID) is Refusal.REPLAYED
    assert home.openings == before


INVENTED: dict[str, Callable[[Besieged], None]] = {
    "a lease that is held": lambda home: home.feed(LeaseHeld(SAID.asked.look, 1), "bed"),
    "a lost session": lambda home: home.feed(SessionLost(SAID.asked.look, CloseReason.OPERATOR_GONE), "bed"),
    "a lost session of all": lambda home: home.feed(SessionLost(None, CloseReason.LINK_LOST)),
    "a closed look": lambda home: home.feed(OperatorClosed(SAID.asked.look, Outcome.SEEN), "bed"),
}


@pytest.mark.parametrize("invent", INVENTED.values(), ids=INVENTED)
def test_invented_session_opens_nothing(invent: Callable[[Besieged], None]) -> None:
    home = Besieged()
    invent(home)
    home.wait(3)
    assert home.openings == 0
    assert all(gate.place is Place.CLOSED for gate in home.house.gates.values())
    # With the look merely prepared it is the same.
    assert home.prepare(SAID.prepare) is None
    invent(home)
    assert home.openings == 0
    assert home.click(SAID) is None


@pytest.mark.parametrize("counter", [0, 2, 99, 2**31])
def test_invented_lease_keeps_no_look_open(counter: int) -> None:
    """A bridge that confirms leases it was not given holds none, and one that says nothing loses its own."""
    home = opened()
    home.holds_leases = False
    for _ in range(3):
        home.feed(LeaseHeld(SAID.asked.look, counter + 100), "bed")
        home.feed(LeaseHeld(look_id("another"), 2), "bed")
        home.wait(1)
    assert not home.is_open
    assert home.record.past[-1].ended is not None
    assert home.record.past[-1].ended.reason is CloseReason.LEASE_LOST


def test_confirmed_leases_lengthen_no_look() -> None:
    home = opened()
    home.wait(29)
    assert home.is_open
    home.wait(1)
    assert not home.is_open


def test_withheld_stop_keeps_no_camera_open() -> None:
    """The home waits for no word that the picture has stopped: the camera is sent away in the same step."""
    home = opened()
    before = len(home.done)
    home.feed(SessionLost(SAID.asked.look, CloseReason.OPERATOR_GONE), "bed")
    assert isinstance(home.done[before], StopPicture)
    assert home.house.gates["bed"].place is Place.CLOSING
    home.arrive()
    assert home.house.gates["bed"].place is Place.CLOSED


def test_camera_that_the_bridge_turns_behind_the_homes_back_is_sent_away() -> None:
    home = Besieged()
    before = home.openings
    home.feed(PositionLost(), "bed")
    assert home.house.gates["bed"].place is Place.CLOSING
    assert home.openings == before
    assert home.look(right("meanwhile")) is Refusal.CAMERA_NOT_READY
    assert home.openings == before
