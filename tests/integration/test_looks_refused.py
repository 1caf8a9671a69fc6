"""A look that is not agreed is refused, written down, and moves nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.entries import ConsentWithdrawn, Privacy
from custom_components.trygghetskamera.tillsyn.errors import Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.house import House
from custom_components.trygghetskamera.tillsyn.model import Outcome, Role, Spent
from custom_components.trygghetskamera.tillsyn.wire import Close, ReceiptAck

from .home import Setup
from .peers import Municipality, Operator, closed_window, now, occurrence_of


async def assert_untouched(home: Setup, moves: int) -> None:
    """Nothing has moved, nothing is open, and no picture was let through."""
    await home.hass.async_block_till_done()
    assert home.moves == moves
    assert home.home.gate.place is Place.CLOSED
    assert home.is_looking_away()
    assert not home.bridge.has_heard(frames.Lease, frames.Warm)


def refused_in_journal(home: Setup) -> list[str]:
    return [line for line in home.home.journal.path.read_text().splitlines() if '"kind":"refused"' in line]


def _operator(home: Setup) -> Operator:
    return home.bridge.municipality.operator()


async def _paused(home: Setup) -> None:
    await home.pause(True, by="u")


async def _private(home: Setup) -> None:
    await home.home.memory.away(Privacy(True, "u"))


async def _no_consent(home: Setup) -> None:
    await home.home.memory.away(ConsentWithdrawn("", "u"))


async def _as_it_is(home: Setup) -> None:
    """Nothing is changed at home."""


@pytest.mark.parametrize(
    ("at_home", "who", "asks", "code"),
    [
        pytest.param(_paused, _operator, {}, Refusal.PAUSED, id="a paused home"),
        pytest.param(_private, _operator, {}, Refusal.PRIVATE, id="a private camera"),
        pytest.param(_no_consent, _operator, {}, Refusal.NO_CONSENT, id="a home without consent"),
        pytest.param(
            _as_it_is, lambda _: Municipality().operator(), {}, Refusal.UNKNOWN_SIGNER, id="a foreign root's person"
        ),
        pytest.param(
            _as_it_is,
            lambda home: home.bridge.municipality.operator(role=Role.PLANNER),
            {},
            Refusal.ROLE_NOT_ALLOWED,
            id="a person of another role",
        ),
        pytest.param(
            _as_it_is,
            lambda home: replace(_operator(home), credential=_operator(home).credential),
            {},
            Refusal.UNKNOWN_SIGNER,
            id="a key with somebody else's credential",
        ),
        pytest.param(_as_it_is, _operator, {"plan": 2}, Refusal.WRONG_PLAN, id="another plan"),
        pytest.param(_as_it_is, _operator, {"hub": "A" * 43}, Refusal.WRONG_HUB, id="another home"),
        pytest.param(
            _as_it_is, _operator, {"iat": now() - 600, "exp": now() - 590}, Refusal.EXPIRED, id="an old request"
        ),
        pytest.param(
            _as_it_is, _operator, {"occurrence": "evening/2026-01-01"}, Refusal.WRONG_WINDOW, id="no such window"
        ),
        pytest.param(
            _as_it_is, _operator, {"occurrence": "night/2026-01-01"}, Refusal.OUTSIDE_WINDOW, id="a past night"
        ),
    ],
)
async def test_a_prepare_is_refused_and_nothing_moves(
    home: Setup,
    at_home: Callable[[Setup], Awaitable[None]],
    who: Callable[[Setup], Operator],
    asks: dict[str, Any],
    code: Refusal,
) -> None:
    await at_home(home)
    await home.until_place(Place.CLOSED)
    moves = home.moves
    await home.bridge.ask(who(home), **{"occurrence": home.occurrence, **asks})
    refuse = await home.bridge.heard(frames.Refuse)
    assert refuse.code is code
    await assert_untouched(home, moves)
    assert len(refused_in_journal(home)) == 1


async def test_a_window_that_is_not_open_is_refused(home: Setup) -> None:
    await home.bridge.send(home.bridge.municipality.plan(2, (closed_window(),)))
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(2, accepted=True, by="admin")
    moves = home.moves
    await home.bridge.ask(_operator(home), occurrence_of(closed_window()), plan=2)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.OUTSIDE_WINDOW
    await assert_untouched(home, moves)


# ---- the click --------------------------------------------------------------------------------------------------


async def _refused_click(home: Setup, click: frames.LookRequest, code: Refusal) -> None:
    moves = home.moves
    await home.bridge.send(click)
    assert (await home.bridge.heard(frames.Refuse)).code is code
    await assert_untouched(home, moves)


async def test_a_click_that_was_not_prepared_is_refused(home: Setup) -> None:
    operator, other = _operator(home), _operator(home)
    connected = await home.bridge.prepare(operator, home.occurrence)
    stranger = home.bridge.click(other, connected)
    await _refused_click(home, stranger, Refusal.NOT_PREPARED)


async def test_a_swapped_connection_is_refused(home: Setup) -> None:
    operator = _operator(home)
    connected = await home.bridge.prepare(operator, home.occurrence)
    click = home.bridge.click(operator, connected, answer="A" * 43)
    await _refused_click(home, click, Refusal.WRONG_CONNECTION)


async def test_another_challenge_is_refused(home: Setup) -> None:
    operator = _operator(home)
    connected = await home.bridge.prepare(operator, home.occurrence)
    await _refused_click(home, home.bridge.click(operator, connected, challenge="A" * 43), Refusal.WRONG_CONNECTION)


async def test_a_click_signed_with_a_foreign_key_is_refused(home: Setup) -> None:
    operator = _operator(home)
    connected = await home.bridge.prepare(operator, home.occurrence)
    thief = replace(operator, key=_operator(home).key)
    await _refused_click(home, home.bridge.click(thief, connected), Refusal.UNKNOWN_SIGNER)


async def test_nobody_is_named_for_what_another_sent_with_their_credential(home: Setup) -> None:
    operator = _operator(home)
    await home.bridge.ask(replace(operator, key=_operator(home).key), home.occurrence)
    await home.bridge.heard(frames.Refuse)
    await home.hass.async_block_till_done()
    assert '"name":""' in refused_in_journal(home)[0]


async def test_a_click_after_the_home_has_paused_is_refused(home: Setup) -> None:
    operator = _operator(home)
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.pause(True, by="u")
    await home.bridge.heard(frames.StopPicture)
    await _refused_click(home, home.bridge.click(operator, connected), Refusal.NOT_PREPARED)


async def test_a_replayed_click_is_refused(home: Setup) -> None:
    operator = _operator(home)
    connected = await home.bridge.prepare(operator, home.occurrence)
    click = home.bridge.click(operator, connected)
    await home.bridge.send(click)
    await home.until_place(Place.OPEN)
    await home.bridge.close_look(operator, connected.look)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    home.bridge.received.clear()
    await _refused_click(home, click, Refusal.NOT_PREPARED)
    # Nor may the same look be prepared again, not even after a restart.
    for _ in range(2):
        prepare = await home.bridge.ask(operator, home.occurrence, look=connected.look)
        refuse = await home.bridge.heard(frames.Refuse)
        assert (refuse.look, refuse.code) == (prepare.look, Refusal.REPLAYED)
        assert await home.hass.config_entries.async_reload(home.entry.entry_id)
        await home.until(lambda: home.home.link.is_connected)


async def test_a_client_who_was_seen_is_not_looked_at_again(home: Setup) -> None:
    operator = _operator(home)
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await home.bridge.close_look(operator, connected.look)
    await home.until_place(Place.CLOSED)
    moves = home.moves
    home.bridge.received.clear()
    await home.bridge.ask(operator, home.occurrence)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.BUDGET_USED
    await assert_untouched(home, moves)


# ---- preparing ----------------------------------------------------------------------------------------------------


async def test_two_people_cannot_prepare_at_once_but_one_may_start_over(home: Setup) -> None:
    first, second = _operator(home), _operator(home)
    connected = await home.bridge.prepare(first, home.occurrence)
    await home.bridge.ask(second, home.occurrence)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.BUSY
    await home.bridge.prepare(first, home.occurrence)
    assert (await home.bridge.heard(frames.StopPicture)).look == connected.look
    await assert_untouched(home, home.moves)


async def test_a_prepared_look_can_be_let_go(home: Setup) -> None:
    first, second = _operator(home), _operator(home)
    connected = await home.bridge.prepare(first, home.occurrence)
    await home.bridge.close_look(first, connected.look)
    assert (await home.bridge.heard(frames.StopPicture)).look == connected.look
    await home.bridge.prepare(second, home.occurrence)


async def test_a_prepared_look_whose_operator_leaves_is_let_go(home: Setup) -> None:
    connected = await home.bridge.prepare(_operator(home), home.occurrence)
    await home.bridge.send(frames.Session(connected.look, "operator_gone"))
    assert (await home.bridge.heard(frames.StopPicture)).look == connected.look
    await home.bridge.prepare(_operator(home), home.occurrence)


async def test_refusals_do_not_fill_the_journal(home: Setup) -> None:
    stranger = Municipality().operator()
    for _ in range(25):
        await home.bridge.ask(stranger, home.occurrence)
        await home.bridge.heard(frames.Refuse)
    await home.hass.async_block_till_done()
    assert len(refused_in_journal(home)) == 20


async def test_a_prepared_look_that_is_not_opened_in_time_is_let_go(
    home: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.looks.PREPARED_SECONDS", 0.0)
    connected = await home.bridge.prepare(_operator(home), home.occurrence)
    assert (await home.bridge.heard(frames.StopPicture)).look == connected.look
    await home.bridge.prepare(_operator(home), home.occurrence)


async def test_what_was_prepared_is_gone_with_the_link(home: Setup) -> None:
    operator = _operator(home)
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.stop()
    await home.until(lambda: not home.home.link.is_connected)
    await home.bridge.start()
    await home.until(lambda: home.home.link.is_connected)
    home.bridge.received.clear()
    await _refused_click(home, home.bridge.click(operator, connected), Refusal.NOT_PREPARED)


async def test_a_click_the_gate_refuses_lets_the_connection_go(home: Setup) -> None:
    """The look was prepared while there was a retry left, and the client has been seen meanwhile by somebody else."""
    first = _operator(home)
    connected = await home.bridge.prepare(first, home.occurrence)
    seen = replace(home.home.gate, spent={home.occurrence: Spent(home.home.now().wall, 1, seen=True)})
    home.home.house = House({home.home.camera_id: seen})
    moves = home.moves
    await home.bridge.send(home.bridge.click(first, connected))
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.BUDGET_USED
    assert (await home.bridge.heard(frames.StopPicture)).look == connected.look
    await assert_untouched(home, moves)


async def test_frames_that_make_no_sense_here_change_nothing(home: Setup) -> None:
    operator = _operator(home)
    moves = home.moves
    look = operator.sign("A" * 22, Close("A" * 22, Outcome.SEEN, now()))
    for frame in (
        look,
        operator.sign("A" * 22, ReceiptAck("A" * 22, "A" * 43, now())),
        frames.Signed("A" * 22, operator.credential, ()),
        frames.Session("A" * 22, "operator_gone"),
        frames.Session("A" * 22, "playing"),
        frames.LeaseHeld("A" * 22, 1),
        frames.Signature(99, operator.credential),
        frames.Stopped("A" * 22, 0, 0),
        frames.DroveAway("camera", True),
    ):
        await home.bridge.send(frame)
    await home.bridge.prepare(operator, home.occurrence)
    await assert_untouched(home, moves)
