"""relay.py and a whole look against a real TURN server, with nothing but relayed addresses in the offer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bridge.app import Bridge, Options
from bridge.keep import Keep, Pairing
from bridge.media import NoRelay
from bridge.relay import KNOWN_SECONDS, Relay
from tests.bridge.conftest import configure
from tests.bridge.media.conftest import PASSWORD, USER, Turn, free_port, run_turn
from tests.bridge.peers import FakeIntegration, FakeService, Operator, connected, stopped, warmed
from tillsyn import frames
from tillsyn.frames import Welcome
from virtual_camera import VirtualCamera


@pytest.fixture
async def turn(tmp_path: Path) -> AsyncIterator[Turn]:
    folder = tmp_path / "turn"
    folder.mkdir()
    async with run_turn(folder) as found:
        yield found


def dead() -> str:
    return f"turn:127.0.0.1:{free_port()}?transport=tcp"


async def test_the_relay_that_works_is_found_before_it_is_needed(turn: Turn) -> None:
    relay = Relay(relay_only=True)
    relay.use(Welcome((dead(), turn.url("tcp")), USER, PASSWORD))
    found = await relay.config()
    assert found.turn_urls == (turn.url("tcp"),)
    assert found.relay_only
    assert await relay.config() is found  # not tried again for each look
    relay.close()


async def test_it_is_tried_again_after_a_failure_and_after_a_while(turn: Turn) -> None:
    now = 0.0
    relay = Relay(relay_only=True, clock=lambda: now)
    relay.use(Welcome((turn.url("tcp"),), USER, PASSWORD))
    first = await relay.config()
    now = KNOWN_SECONDS
    second = await relay.config()
    assert second is not first
    relay.failed()
    assert await relay.config() is not second
    relay.close()


async def test_servers_offered_while_others_are_tried_are_used(turn: Turn) -> None:
    relay = Relay(relay_only=True)
    relay.use(Welcome((turn.url("udp"),), USER, "wrong"))
    waiting = asyncio.create_task(relay.config())
    await asyncio.sleep(0)
    relay.use(Welcome((turn.url("tcp"),), USER, PASSWORD))
    assert (await waiting).turn_urls == (turn.url("tcp"),)
    relay.close()


async def test_no_relay_is_an_error_and_not_remembered(turn: Turn) -> None:
    relay = Relay(relay_only=True)
    relay.use(Welcome((dead(),), USER, PASSWORD))
    with pytest.raises(NoRelay):
        await relay.config()
    relay.use(Welcome((turn.url("tcp"),), USER, "wrong"))
    with pytest.raises(NoRelay):
        await relay.config()
    relay.use(Welcome((turn.url("tcp"),), USER, PASSWORD))
    assert (await relay.config()).turn_urls
    relay.close()


async def test_a_look_through_the_relay_only(
    keep: Keep, session: aiohttp.ClientSession, service: FakeService, camera: VirtualCamera, turn: Turn
) -> None:
    municipality = service.municipality
    keep.store_pairing(Pairing(service.url, municipality.root.public, municipality.certificate(keep.hub.public)))
    service.turn = Welcome((turn.url("udp"), turn.url("tcp")), USER, PASSWORD)
    bridge = Bridge(keep, session, Options())
    port = await bridge.start("127.0.0.1", 0)
    integration = await FakeIntegration.connect(session, port, keep.access_key)
    await integration.send(configure(camera))
    await integration.expect(frames.ServiceLink, lambda one: one.connected)
    operator = Operator(service, municipality.person(), keep.hub.public, turn.config("udp"))
    await connected(operator, integration)
    assert operator.offer is not None
    assert {one.split(" typ ")[1].split(" ")[0] for one in operator.offer.connection.candidates} == {"relay"}
    await warmed(operator, integration)
    async with integration.lease(operator.look):
        assert operator.viewer is not None
        await operator.viewer.inbox.until(20)
        assert (await stopped(integration, operator.look)).packets >= 20
    await operator.leave()
    await integration.close()
    await bridge.stop()
