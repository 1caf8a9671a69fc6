"""Faults nobody foresaw, and links that die with something on the way: the camera still looks away, nothing is lost."""

import asyncio
from typing import NoReturn

import pytest

from bridge import app
from tests.bridge.conftest import Home
from tests.bridge.peers import CAMERA, FakeService, Municipality, random_id
from tests.bridge.test_faults import open_look
from tillsyn import frames, wire
from tillsyn.errors import CloseReason
from tillsyn.frames import Signed
from virtual_camera import BED


def _fails(*_: object) -> NoReturn:
    raise KeyError("a fault of ours")


async def _signed_receipt(home: Home) -> str:
    statement = wire.Receipt(
        home.keep.hub.public.kid, 1, "A" * 43, random_id(), "natt/2026-11-22", "B" * 43, "Test Person",
        1_700_000_000_000, 1_700_000_000_001, CloseReason.SEEN,
    )  # fmt: skip
    return await home.integration.sign(statement)


async def test_a_receipt_on_a_link_that_died_is_sent_again(home: Home) -> None:
    token = await _signed_receipt(home)
    assert (await home.service.signed(wire.Receipt)).token == token
    await home.service.drop()  # the service may have died with it in its hands
    assert (await home.service.signed(wire.Receipt)).token == token


async def test_what_one_municipality_was_told_is_not_told_to_the_next(home: Home) -> None:
    await _signed_receipt(home)
    await home.service.signed(wire.Receipt)
    other = await FakeService(Municipality()).start()
    await home.integration.send(frames.StartPairing(other.pairing().encode()))
    await home.integration.expect(frames.PairingResult)
    await asyncio.wait_for(other.linked.wait(), 5)
    operator = home.operator()
    operator.service = other
    await operator.ask()
    await other.statement(wire.Refuse)
    assert not [one for one in other.inbox.frames if isinstance(one, Signed)]
    await other.stop()


async def test_an_end_that_fails_does_not_keep_the_camera_from_being_driven_away(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = await open_look(home)
    home.camera.move_by_hand(BED)
    with monkeypatch.context() as broken:
        broken.setattr(app.Bridge, "_end", _fails)
        await home.integration.send(frames.Lease(operator.look, CAMERA, 2, 100))
        assert (await home.integration.expect(frames.DroveAway)).done
    await home.until_private()
    await operator.leave()


async def test_a_service_frame_that_trips_the_bridge_only_costs_the_link(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.integration.expect(frames.ServiceLink, lambda one: one.connected)
    home.integration.inbox.frames.clear()
    with monkeypatch.context() as broken:
        broken.setattr(home.bridge._sessions, "_from_service", _fails)
        await home.service.send(Signed(random_id(), "x.y.z", ()))
        await home.integration.expect(frames.ServiceLink, lambda one: not one.connected)
    await home.integration.expect(frames.ServiceLink, lambda one: one.connected)
    assert home.service.logins == 2
