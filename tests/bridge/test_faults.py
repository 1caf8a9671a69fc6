"""What the bridge does when something breaks in the middle of a look: nothing more leaves, the camera looks away."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.bridge.conftest import Home
from tests.bridge.peers import CAMERA, Operator, connected, random_id, requested, stopped, warmed
from tillsyn import frames, wire
from tillsyn.errors import Refusal
from tillsyn.frames import Signed
from tillsyn.identity import digest
from virtual_camera import BED, Motor, StatusFault


async def open_look(home: Home) -> Operator:
    """A look with a picture; its lease runs out by itself in 3 s."""
    operator = home.operator()
    await connected(operator, home.integration)
    await warmed(operator, home.integration)
    home.camera.move_by_hand(BED)
    await home.integration.send(frames.Lease(operator.look, CAMERA, 1, 3000))
    await home.integration.session(operator.look, "first_packet")
    assert operator.viewer is not None
    await operator.viewer.inbox.until(5)
    return operator


async def nothing_more(operator: Operator) -> None:
    """No packet arrives any more, once those on the way have."""
    assert operator.viewer is not None
    await asyncio.sleep(0.05)
    before = len(operator.viewer.inbox.packets)
    await asyncio.sleep(0.2)
    assert len(operator.viewer.inbox.packets) == before
    await operator.leave()


async def test_a_lease_that_runs_out_ends_the_picture_and_drives_the_camera_away(home: Home) -> None:
    operator = await open_look(home)
    await home.integration.send(frames.Lease(operator.look, CAMERA, 2, 200))
    end = await home.integration.expect(frames.Stopped)
    assert end.packets > 0
    await nothing_more(operator)
    assert (await home.integration.expect(frames.DroveAway)).done
    await home.until_private()


@pytest.mark.parametrize(
    "lease",
    [
        lambda look: frames.Lease(look, CAMERA, 2, 3000),
        lambda look: frames.Lease(look, CAMERA, 1, 3000),
        lambda _: frames.Lease(random_id(), CAMERA, 9, 3000),
    ],
    ids=["a replayed lease holds nothing open", "an older lease holds nothing open", "another look's lease is nothing"],
)
async def test_only_a_newer_lease_of_this_look_counts(home: Home, lease: Callable[[str], frames.Lease]) -> None:
    operator = await open_look(home)
    await home.integration.send(frames.Lease(operator.look, CAMERA, 2, 400))
    await home.integration.expect(frames.LeaseHeld, lambda one: one.counter == 2)
    await home.integration.send(lease(operator.look))
    await home.integration.expect(frames.Stopped)
    assert [one for one in home.integration.inbox.frames if isinstance(one, frames.LeaseHeld)] in (
        [], [frames.LeaseHeld(operator.look, 1)],
    )  # fmt: skip
    await home.integration.expect(frames.DroveAway)
    await home.until_private()
    await operator.leave()


async def test_a_lease_after_the_end_opens_nothing(home: Home) -> None:
    operator = await open_look(home)
    await home.integration.send(frames.Lease(operator.look, CAMERA, 2, 100))
    await home.integration.expect(frames.Stopped)
    await home.integration.send(frames.Lease(operator.look, CAMERA, 3, 3000))
    await nothing_more(operator)


async def _goodbye(home: Home) -> None:
    await home.integration.close()


async def _crash(home: Home) -> None:
    home.integration.abort()


async def _garbage(home: Home) -> None:
    await home.integration.socket.send_str('{"type":"open_sesame"}')


async def _too_large(home: Home) -> None:
    await home.integration.socket.send_str("x" * 40_000)


async def _another(home: Home) -> None:
    await home.connect()


@pytest.mark.parametrize(
    "loss",
    [_goodbye, _crash, _garbage, _too_large, _another],
    ids=["the integration leaves", "the integration crashes", "rubbish", "a frame too large", "another takes over"],
)
async def test_a_lost_home_link_ends_the_look_and_drives_the_camera_away(
    home: Home, loss: Callable[[Home], Awaitable[None]]
) -> None:
    operator = await open_look(home)
    await loss(home)
    await home.until_private()
    await nothing_more(operator)
    assert home.camera.state.playing == 0


async def test_a_home_link_lost_between_click_and_warm_drives_the_camera_away(home: Home) -> None:
    operator = home.operator()
    await connected(operator, home.integration)
    click = await requested(operator, home.integration)
    home.camera.move_by_hand(BED)
    home.integration.abort()
    refused = await home.service.statement(wire.Refuse, operator.look)
    assert (refused.code, refused.request) == (Refusal.NO_HOME_ASSISTANT, digest(click.token))
    await home.until_private()
    await operator.leave()


async def test_a_home_link_lost_while_only_prepared_moves_nothing(home: Home) -> None:
    operator = home.operator()
    await connected(operator, home.integration)
    before = home.camera.state.counters.move_commands
    home.integration.abort()
    refused = await home.service.statement(wire.Refuse, operator.look)
    assert (refused.code, refused.request) == (Refusal.NO_HOME_ASSISTANT, operator.request)
    await home.connect()
    assert home.camera.state.counters.move_commands == before
    await operator.leave()


async def test_a_home_link_lost_before_the_camera_was_seen_private_drives_it_away(home: Home) -> None:
    operator = await open_look(home)
    await stopped(home.integration, operator.look)
    home.integration.abort()
    await home.until_private()
    await operator.leave()


async def test_a_camera_that_stays_after_the_look_is_driven_away(home: Home) -> None:
    operator = await open_look(home)
    await stopped(home.integration, operator.look)
    assert (await home.integration.expect(frames.DroveAway)).done
    await home.until_private()
    await operator.leave()


async def test_a_camera_that_the_integration_drives_is_only_watched(home: Home) -> None:
    operator = await open_look(home)
    before = home.camera.state.counters.move_commands
    await stopped(home.integration, operator.look)
    home.camera.move_by_hand(home.camera.settings.start or BED)
    await asyncio.sleep(0.2)
    home.integration.abort()  # private has been read back by now, so nothing is left to do
    await home.service.inbox.next(frames.HomeStatus, lambda status: not status.ready)
    assert home.camera.state.counters.move_commands == before
    await operator.leave()


async def test_driving_goes_on_until_it_is_read_back(home: Home) -> None:
    operator = await open_look(home)
    home.camera.faults.motor = Motor.STUCK
    await home.integration.send(frames.Lease(operator.look, CAMERA, 2, 50))
    assert not (await home.integration.expect(frames.DroveAway)).done
    home.camera.faults.motor = Motor.HEALTHY
    assert (await home.integration.expect(frames.DroveAway)).done
    await home.until_private()
    await operator.leave()


async def test_a_camera_that_does_not_tell_its_position_is_not_believed(home: Home) -> None:
    operator = await open_look(home)
    home.camera.faults.status = StatusFault.SILENT
    await home.integration.send(frames.Lease(operator.look, CAMERA, 2, 50))
    assert not (await home.integration.expect(frames.DroveAway)).done
    home.camera.faults.status = StatusFault.HONEST
    assert (await home.integration.expect(frames.DroveAway)).done
    await operator.leave()


async def test_a_lost_camera_stream_comes_back_in_the_same_look(home: Home) -> None:
    operator = await open_look(home)
    async with home.integration.lease(operator.look):
        home.camera.drop_streams()
        await home.integration.session(operator.look, "playing")
        assert operator.viewer is not None
        await operator.viewer.inbox.until(len(operator.viewer.inbox.packets) + 10)
        await stopped(home.integration, operator.look)
    await operator.leave()


async def test_a_wrong_camera_password_is_a_lost_picture(home: Home) -> None:
    operator = home.operator()
    await connected(operator, home.integration)
    home.camera.faults.password_changed = True
    await requested(operator, home.integration)
    await home.integration.send(frames.Warm(operator.look, CAMERA))
    await home.integration.session(operator.look, "picture_lost")
    home.camera.faults.password_changed = False
    await operator.leave()


async def test_an_operator_who_leaves_is_reported(home: Home) -> None:
    operator = await open_look(home)
    await operator.leave()
    await home.integration.session(operator.look, "operator_gone")
    await stopped(home.integration, operator.look)


async def test_a_lost_service_link_does_not_end_the_look_and_its_receipt_arrives_later(home: Home) -> None:
    operator = await open_look(home)
    lost = frames.ServiceLink(connected=False, code="service_unreachable")
    async with home.integration.lease(operator.look):
        await home.integration.expect(frames.ServiceLink, lambda one: one.connected)
        home.integration.inbox.frames.clear()
        await home.service.stop()
        await home.integration.expect(frames.ServiceLink, lambda one: one == lost)
        assert operator.viewer is not None
        await operator.viewer.inbox.until(len(operator.viewer.inbox.packets) + 10)
        await stopped(home.integration, operator.look)
    statement = wire.Receipt(
        home.keep.hub.public.kid, 1, "A" * 43, operator.look, "natt/2026-11-22", operator.person.key.public.kid,
        "Test Person", 1_700_000_000_000, 1_700_000_000_001, "link_lost",
    )  # type: ignore[arg-type]  # fmt: skip
    token = await home.integration.sign(statement)
    await home.service.start()
    await home.integration.expect(frames.ServiceLink, lambda one: one.connected)
    assert (await home.service.signed(wire.Receipt)).token == token
    assert (await home.service.inbox.next(frames.HomeStatus)).ready
    await operator.leave()


async def test_a_second_look_follows_the_first(home: Home) -> None:
    first = await open_look(home)
    async with home.integration.lease(first.look):
        second = home.operator()
        await connected(second, home.integration)
        await second.service.send(second.click())
        assert (await home.service.statement(wire.Refuse, second.look)).code is Refusal.BUSY
        third = home.operator()
        await third.ask()
        assert (await home.service.statement(wire.Refuse, third.look)).code is Refusal.BUSY
        await stopped(home.integration, first.look)
    await warmed(second, home.integration)
    await home.integration.send(frames.Lease(second.look, CAMERA, 1, 3000))
    await home.integration.session(second.look, "first_packet")
    await stopped(home.integration, second.look)
    await first.leave()
    await second.leave()


async def test_the_same_person_may_start_over(home: Home) -> None:
    operator = home.operator()
    await connected(operator, home.integration)
    again = home.operator()
    again.person = operator.person
    await again.ask()
    await home.integration.session(operator.look, "operator_gone")
    assert (await home.integration.expect(Signed, lambda one: one.look == again.look)).token
    await operator.leave()
