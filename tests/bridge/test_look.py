"""One look over real wires: links, camera, ICE, DTLS and SRTP; only people and gate are scripted."""

import asyncio
import time

from tests.bridge.conftest import Home
from tests.bridge.peers import connected, now, random_id, requested, stopped, warmed
from tillsyn import frames, wire
from tillsyn.errors import CloseReason, Refusal
from tillsyn.frames import Signed
from tillsyn.identity import digest, parse
from tillsyn.model import Outcome
from virtual_camera import BED


async def test_a_look_from_prepare_to_receipt(home: Home) -> None:
    operator, integration, camera = home.operator(), home.integration, home.camera
    await connected(operator, integration)
    assert camera.state.counters.plays == 0
    click = await warmed(operator, integration)
    assert camera.state.counters.plays == 1
    assert operator.viewer is not None
    assert operator.viewer.inbox.packets == []

    camera.move_by_hand(BED)
    async with integration.lease(operator.look):
        await integration.expect(frames.LeaseHeld, lambda one: one.counter == 1)
        opened = wire.Opened(operator.look, digest(click.token), int(time.time() * 1000), 30)
        token = await integration.sign(opened)
        assert (await home.service.signed(wire.Opened)).token == token
        assert parse(wire.Opened, token).verified(home.keep.hub.public) == opened
        await integration.session(operator.look, "first_packet")
        await operator.viewer.inbox.until(30)
        await operator.close(Outcome.SEEN)
        await integration.expect(Signed, lambda one: one.look == operator.look)
        end = await stopped(integration, operator.look)
    assert end.packets >= 30
    assert abs(end.last_ms - time.time() * 1000) < 2000
    await asyncio.sleep(0.1)
    received = len(operator.viewer.inbox.packets)
    await camera.state.wait_for(lambda state: state.playing == 0)
    assert len(operator.viewer.inbox.packets) == received

    receipt = wire.Receipt(
        home.keep.hub.public.kid, 1, "A" * 43, operator.look, "natt/2026-11-22", operator.person.key.public.kid,
        "Test Person", end.last_ms - 1000, end.last_ms, CloseReason.SEEN,
    )  # fmt: skip
    token = await integration.sign(receipt, 2)
    assert (await home.service.signed(wire.Receipt)).token == token
    acknowledged = operator.person.signed(wire.ReceiptAck(operator.look, digest(token), now()))
    await home.service.send(acknowledged)
    assert (await integration.expect(Signed)).token == acknowledged.token
    await operator.leave()


async def test_a_prepared_look_plays_and_moves_nothing(home: Home) -> None:
    operator = home.operator()
    before = home.camera.state.counters.move_commands
    await connected(operator, home.integration)
    end = await stopped(home.integration, operator.look)
    assert (end.packets, end.last_ms) == (0, 0)
    assert home.camera.state.counters.plays == 0
    assert home.camera.state.counters.move_commands == before
    await operator.leave()


async def test_nothing_is_sent_between_warm_and_the_first_lease(home: Home) -> None:
    operator = home.operator()
    await connected(operator, home.integration)
    await warmed(operator, home.integration)
    await home.camera.state.wait_for(lambda state: state.playing == 1)
    await asyncio.sleep(0.2)
    assert operator.viewer is not None
    assert operator.viewer.inbox.packets == []
    assert (await stopped(home.integration, operator.look)).packets == 0
    await operator.leave()


async def test_the_gate_refuses_and_the_operator_hears_why(home: Home) -> None:
    operator = home.operator()
    await operator.ask()
    await home.integration.expect(Signed)
    await home.integration.send(frames.Refuse(operator.look, operator.request, Refusal.PAUSED))
    refused = await home.service.statement(wire.Refuse, operator.look)
    assert (refused.code, refused.request) == (Refusal.PAUSED, operator.request)


async def test_the_gate_refuses_the_click_and_the_connection_ends(home: Home) -> None:
    operator = home.operator()
    await connected(operator, home.integration)
    click = await requested(operator, home.integration)
    await home.integration.send(frames.Refuse(operator.look, digest(click.token), Refusal.OUTSIDE_WINDOW))
    refused = await home.service.statement(wire.Refuse, operator.look)
    assert (refused.code, refused.request) == (Refusal.OUTSIDE_WINDOW, digest(click.token))
    await home.service.send(operator.click())
    assert (await home.service.statement(wire.Refuse, operator.look)).code is Refusal.REPLAYED
    assert home.camera.state.counters.plays == 0
    await operator.leave()


async def test_stop_for_an_unknown_look_is_answered(home: Home) -> None:
    look = random_id()
    assert await stopped(home.integration, look) == frames.Stopped(look, 0, 0)
