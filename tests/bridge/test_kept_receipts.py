"""What the service says of the receipts it has kept goes through the bridge, and what the home has noted goes back."""

from dataclasses import replace
from datetime import date

import pytest

from tests.bridge.conftest import Home
from tests.bridge.peers import FakeIntegration, now
from tillsyn import frames, wire
from tillsyn.errors import Refusal
from tillsyn.frames import Kept, Noted
from tillsyn.identity import SigningKey, digest
from tillsyn.wire import Checkpoint, Included, ServiceKey

KEEPER = SigningKey.generate()


def kept(home: Home, name: str = "receipt") -> Kept:
    """As the service says it. Whether it holds is the integration's to judge."""
    key = home.service.municipality.root.sign(ServiceKey(KEEPER.public.x, now(), now() + 3600))
    checkpoint = KEEPER.sign(Checkpoint(date(2026, 11, 22), 2, digest("tree"), now()))
    return Kept(key, checkpoint, (Included(digest(name), 1, (digest("other"),)),))


async def test_it_goes_to_the_integration_and_the_answer_goes_back(home: Home) -> None:
    said = kept(home)
    await home.service.send(said)
    assert await home.integration.expect(Kept) == said
    await home.integration.send(noted := Noted((digest("receipt"),)))
    assert await home.service.inbox.next(Noted) == noted


async def test_it_waits_for_an_integration_that_is_away(home: Home) -> None:
    await home.integration.close()
    await home.service.inbox.next(frames.HomeStatus, lambda status: not status.ready)
    said = [kept(home, str(number)) for number in range(40)]
    for one in said:
        await home.service.send(one)
    operator = home.operator()
    await operator.ask()
    assert (await home.service.statement(wire.Refuse)).code is Refusal.NO_HOME_ASSISTANT  # frames are taken in order
    integration = await home.connect()
    await integration.send(Noted((digest("receipt"),)))
    await home.service.inbox.next(Noted)
    assert [await integration.expect(Kept) for _ in range(32)] == said[-32:]


async def test_it_waits_while_somebody_only_asks_over_the_home_link(home: Home) -> None:
    """Home Assistant's setup, which takes the integration's place meanwhile."""
    setup = await FakeIntegration.connect(home.session, home.port, home.keep.access_key)
    await setup.expect(frames.ServiceLink)
    await home.service.send(said := kept(home))
    operator = home.operator()
    await operator.ask()
    assert (await home.service.statement(wire.Refuse)).code is Refusal.NO_HOME_ASSISTANT  # frames are taken in order
    integration = await home.connect()
    assert await integration.expect(Kept) == said
    await setup.inbox.until_closed()
    assert not [one for one in setup.inbox.frames if isinstance(one, Kept)]


async def test_a_note_without_a_link_to_the_service_is_left_out(home: Home) -> None:
    await home.service.stop()
    await home.integration.expect(frames.ServiceLink, lambda state: not state.connected)
    await home.integration.send(Noted((digest("lost"),)))
    await home.service.start()
    await home.service.inbox.next(frames.HomeStatus, lambda status: status.ready)
    await home.integration.send(Noted((digest("receipt"),)))
    assert (await home.service.inbox.next(Noted)).receipts == (digest("receipt"),)


@pytest.mark.parametrize("field", ["key", "checkpoint"])
async def test_what_is_no_checkpoint_under_a_service_key_goes_no_further(home: Home, field: str) -> None:
    said = kept(home)
    await home.service.send(replace(said, **{field: home.service.municipality.policy(7).token}))
    await home.service.send(said)
    assert await home.integration.expect(Kept) == said
