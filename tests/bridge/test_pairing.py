"""Pairing: what the bridge asks before it goes over to a municipality, and that nothing of another one is left."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from bridge.events import DriveAway, Drop, EndPicture, FromService, HomeDown, HomeUp, ToHome
from bridge.keep import PAIRING, SAID, Damaged, Keep, Pairing
from bridge.trust import Trust
from tests.bridge.conftest import Home, Unpaired
from tests.bridge.peers import CAMERA, FakeIntegration, FakeService, Municipality, Person, now, random_id
from tests.bridge.test_session import Desk, refusals
from tillsyn import frames, wire
from tillsyn.errors import CloseReason, Refusal
from tillsyn.identity import SigningKey
from tillsyn.model import Outcome, Role


def certified_by(service: FakeService, who: Person, policy: int = 0) -> None:
    """The service's hubs are certified by this person from now on."""
    service.certify = lambda hub: service.municipality.certificate(hub, who.key, policy)
    service.chain = who.chain


async def test_an_installers_chain_is_kept_and_shown_wherever_the_certificate_is(
    unpaired: Unpaired, service: FakeService
) -> None:
    installer = service.municipality.person("Ines", (Role.INSTALLER,))
    certified_by(service, installer, policy=2)
    await unpaired.integration.send(frames.StartPairing(service.pairing(policy=2).encode()))
    result = await unpaired.integration.expect(frames.PairingResult)
    assert result.chain == installer.chain
    await unpaired.integration.expect(frames.ServiceLink, lambda one: one.connected)
    assert service.heard_login is not None
    assert (service.heard_login.certificate, service.heard_login.chain) == (result.certificate, installer.chain)
    again = Keep(unpaired.keep.access_key_file.parent)
    assert again.pairing == Pairing(service.url, service.municipality.root.public, result.certificate, installer.chain)


async def test_the_integration_is_told_the_chain(home: Home) -> None:
    installer = home.service.municipality.person("Ines", (Role.PLANNER,))
    certified_by(home.service, installer)
    await home.integration.send(frames.StartPairing(home.service.pairing().encode()))
    result = await home.integration.expect(frames.PairingResult)
    again = await FakeIntegration.connect(home.session, home.port, home.keep.access_key)
    told = await again.expect(frames.Bridge)
    assert (told.certificate, told.chain) == (result.certificate, installer.chain)
    await again.close()


def test_a_file_from_before_there_were_chains_is_read(keep: Keep, service: FakeService) -> None:
    certificate = service.municipality.certificate(keep.hub.public)
    keep.store_pairing(Pairing(service.url, service.municipality.root.public, certificate))
    path = keep.access_key_file.parent / PAIRING
    fields = json.loads(path.read_text())
    del fields["chain"]
    path.write_text(json.dumps(fields))
    assert Keep(path.parent).pairing == keep.pairing


def test_a_file_with_a_chain_that_does_not_hold_stops_the_bridge(keep: Keep, service: FakeService) -> None:
    operator = service.municipality.person("Olle")
    certificate = service.municipality.certificate(keep.hub.public, operator.key)
    keep.store_pairing(Pairing(service.url, service.municipality.root.public, certificate, operator.chain))
    with pytest.raises(Damaged, match=PAIRING):
        Keep(keep.access_key_file.parent)


async def test_a_certificate_below_the_codes_policy_is_refused(unpaired: Unpaired, service: FakeService) -> None:
    certified_by(service, service.municipality.person("Ines", (Role.INSTALLER,)), policy=4)
    assert await unpaired.pair(service.pairing(policy=5).encode()) == "policy"
    assert unpaired.keep.pairing is None
    assert await unpaired.pair(service.pairing(policy=4).encode()) == ""


# ---- another municipality -------------------------------------------------------------------------------------------


@pytest.fixture
async def other() -> AsyncIterator[FakeService]:
    found = await FakeService(Municipality()).start()
    yield found
    await found.stop()


async def moved(home: Home, other: FakeService) -> frames.PairingResult:
    await home.integration.send(frames.StartPairing(other.pairing().encode()))
    result = await home.integration.expect(frames.PairingResult)
    await asyncio.wait_for(other.linked.wait(), 5)
    return result


async def test_the_old_link_is_closed_and_what_it_said_is_forgotten(home: Home, other: FakeService) -> None:
    folder = home.keep.access_key_file.parent
    other.said = []
    assert json.loads((folder / SAID).read_text())["root"] == home.service.municipality.root.public.x
    await moved(home, other)
    async with asyncio.timeout(5):
        while home.service.linked.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not (folder / SAID).exists()
    assert Keep(folder).said is None
    # Also in memory: a new integration is told of no policy or list.
    again = await home.connect()
    assert not again.said.frames


async def test_nothing_that_was_kept_for_the_old_municipality_is_sent_to_the_new_one(
    home: Home, other: FakeService
) -> None:
    await home.service.stop()
    await home.integration.expect(frames.ServiceLink, lambda one: not one.connected)
    hub = home.keep.hub.public.kid
    await home.integration.sign(
        wire.Receipt(
            hub, 1, "A" * 43, random_id(), "natt/2026-11-22", hub, "Alva", now() * 1000, now() * 1000, CloseReason.SEEN
        )
    )
    await moved(home, other)
    await home.integration.send(frames.HomeStatus(ready=False, paused=True, plan=0, problem=""))
    status = await other.inbox.next(frames.HomeStatus)
    assert (status.paused, status.plan) == (True, 0)
    assert not [one for one in other.inbox.frames if isinstance(one, frames.Signed)]


def believing(desk: Desk, town: Municipality) -> tuple[object, ...]:
    return tuple(desk.sessions.believe(Trust(town.root.public, desk.hub.public)))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("stage", ["asked", "offered", "connected"])
def test_a_look_that_the_old_municipality_has_prepared_is_dropped(desk: Desk, stage: str) -> None:
    look = getattr(desk, stage)()[0]
    assert believing(desk, Municipality()) == (Drop(look), ToHome(frames.Session(look, "operator_gone")))
    assert not desk.sessions.busy


@pytest.mark.parametrize("stage", ["requested", "warm", "opened"])
def test_a_look_of_the_old_municipality_ends_with_the_camera_driven_away(desk: Desk, stage: str) -> None:
    look = getattr(desk, stage)()
    assert believing(desk, Municipality()) == (
        EndPicture(look),
        ToHome(frames.Session(look, "operator_gone")),
        DriveAway(CAMERA),
    )
    assert not desk.lease.permits(look, CAMERA, desk.mono)


def test_a_look_goes_on_where_the_same_municipality_certifies_the_hub_anew(desk: Desk) -> None:
    look = desk.opened()
    assert believing(desk, desk.municipality) == ()
    assert desk.lease.permits(look, CAMERA, desk.mono)


def test_what_the_old_municipality_sent_while_the_home_was_away_is_not_for_the_new_one(desk: Desk) -> None:
    desk.on(HomeDown())
    desk.on(FromService(desk.person.signed(wire.Close("L" * 22, Outcome.SEEN, desk.now))))
    believing(desk, Municipality())
    assert desk.on(HomeUp()) == ()


def test_everything_that_the_old_municipality_signs_is_an_unknown_signers(desk: Desk) -> None:
    old, key = desk.municipality, SigningKey.generate()
    believing(desk, Municipality())
    assert [code for code, _ in refusals(desk.on(FromService(desk.prepare("L" * 22))))] == [Refusal.UNKNOWN_SIGNER]
    for said in (old.policy(9), old.revocations(key.public.kid), old.policy(1)):
        assert desk.on(FromService(said)) == ()
    assert desk.sessions.trust is not None
    assert desk.sessions.trust.said.told() == ()
