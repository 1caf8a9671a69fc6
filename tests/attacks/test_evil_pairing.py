"""Somebody comes between while a home is paired: the service, whoever has seen the code, or the municipality of before.

The real bridge and the real service, on sockets. What opens a camera is the root that the code pinned; here nobody gets
another one in its place, and the installer's screen and the home's show other words where the hubs are not the same.
The real Home Assistant: tests/integration/test_pairing.py; what each part keeps: tests/bridge/test_pairing.py.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bridge.app import Bridge
from bridge.keep import Keep
from operator_service.sockets import rung
from operator_service.will import as_before
from tests.attacks.besieged import SAID, Besieged
from tests.bridge import conftest as parts
from tests.bridge.conftest import QUICK, Unpaired
from tests.bridge.conftest import Home as PairedHome
from tests.bridge.peers import FakeIntegration, FakeService, Municipality, now
from tests.operator.peers import MovedClock, World, serve
from tests.tillsyn.made import HUB, NOW, ROOT
from tillsyn import frames, wire
from tillsyn.chain import hub_certificate
from tillsyn.entries import Paired
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import PairingCode, PublicKey, SigningKey
from tillsyn.model import Role
from tillsyn.pairing import check_pairing

camera, service, municipality, session = parts.camera, parts.service, parts.municipality, parts.session
home, keep, unpaired = parts.home, parts.keep, parts.unpaired
"""The bridge and its neighbours, as its own tests have them."""

type Evil = Callable[[FakeService, PublicKey], frames.Paired]
"""What a service answers a hub with this key."""


def answer(town: Municipality, certificate: str, chain: tuple[str, ...] = ()) -> frames.Paired:
    return frames.Paired(town.root.public.x, certificate, chain)


def _another_root(_: FakeService, hub: PublicKey) -> frames.Paired:
    evil = Municipality()
    return answer(evil, evil.certificate(hub, policy=9))


def _the_codes_root_over_a_foreign_certificate(service: FakeService, hub: PublicKey) -> frames.Paired:
    return answer(service.municipality, Municipality().certificate(hub, policy=9))


def _a_foreign_chain(service: FakeService, hub: PublicKey) -> frames.Paired:
    installer = Municipality().person("Ines", (Role.INSTALLER,))
    return answer(service.municipality, service.municipality.certificate(hub, installer.key, 9), installer.chain)


def _by(role: Role) -> Evil:
    def evil(service: FakeService, hub: PublicKey) -> frames.Paired:
        person = service.municipality.person("Någon", (role,))
        return answer(service.municipality, service.municipality.certificate(hub, person.key, 9), person.chain)

    return evil


def _a_borrowed_chain(service: FakeService, hub: PublicKey) -> frames.Paired:
    """An operator's signature over an installer's chain."""
    operator = service.municipality.person("Olle", (Role.OPERATOR,))
    chain = service.municipality.person("Ines", (Role.INSTALLER,)).chain
    return answer(service.municipality, service.municipality.certificate(hub, operator.key, 9), chain)


def _of_another_hub(service: FakeService, _: PublicKey) -> frames.Paired:
    return answer(service.municipality, service.municipality.certificate(SigningKey.generate().public, policy=9))


def _a_lower_policy(service: FakeService, hub: PublicKey) -> frames.Paired:
    """As the root signed it for this very hub, when another policy held."""
    return answer(service.municipality, service.municipality.certificate(hub, policy=8))


EVIL = [
    pytest.param(_another_root, Refusal.UNKNOWN_SIGNER, id="another root"),
    pytest.param(_the_codes_root_over_a_foreign_certificate, Refusal.UNKNOWN_SIGNER, id="another root's certificate"),
    pytest.param(_a_foreign_chain, Refusal.UNKNOWN_SIGNER, id="chain of a foreign root"),
    pytest.param(_by(Role.OPERATOR), Refusal.ROLE_NOT_ALLOWED, id="by an operator"),
    pytest.param(_by(Role.ADMIN), Refusal.ROLE_NOT_ALLOWED, id="by an administrator"),
    pytest.param(_a_borrowed_chain, Refusal.UNKNOWN_SIGNER, id="an operator with an installer's chain"),
    pytest.param(_of_another_hub, Refusal.WRONG_HUB, id="certificate of another hub"),
    pytest.param(_a_lower_policy, Refusal.POLICY, id="lower policy than the code's"),
]


@pytest.mark.parametrize(("evil", "code"), EVIL)
async def test_false_pairing_is_refused_by_bridge_and_home(
    unpaired: Unpaired,
    service: FakeService,
    evil: Evil,
    code: Refusal,
) -> None:
    """Each by itself: the home asks the same of what the bridge says, be it the bridge that lies."""
    hub = unpaired.keep.hub.public
    false = evil(service, hub)
    service.paired_root, service.chain = PublicKey(false.root), false.chain
    service.certify = lambda _: false.certificate
    pairing = service.pairing(policy=9)
    assert await unpaired.pair(pairing.encode()) == code
    assert unpaired.keep.pairing is None
    with pytest.raises(Refused) as refused:
        check_pairing(pairing, PublicKey(false.root), false.certificate, false.chain, hub, now())
    assert refused.value.code is code


async def test_swapped_hub_key_is_refused(unpaired: Unpaired, service: FakeService) -> None:
    """The service shows the installer a key of its own. It has not got the secret of the code."""
    pairing, own = service.pairing(), SigningKey.generate()
    hub = unpaired.keep.hub.public
    asked: list[frames.Pair] = []
    real = service._pair

    async def listen(socket: object, frame: frames.Pair) -> None:
        asked.append(frame)
        await real(socket, frame)  # type: ignore[arg-type]

    service._pair = listen  # type: ignore[method-assign]
    service.certify = lambda _: service.municipality.certificate(own.public)
    assert await unpaired.pair(pairing.encode()) == Refusal.WRONG_HUB
    (said,) = asked
    assert pairing.accepts(hub, said.mac)
    assert not pairing.accepts(own.public, said.mac)
    # Nor does it find a key with the same words: it would have to know the secret to try.
    assert pairing.words(own.public) != pairing.words(hub)
    assert pairing.secret not in said.encode()


async def test_service_that_answers_before_the_installer_has_nothing_to_answer_with(
    unpaired: Unpaired,
    service: FakeService,
) -> None:
    """All it can have is what the same municipality once signed for the same hub: that is the pairing that was asked
    for, and not below the policy that is asked for now.
    """
    old = service.municipality.certificate(unpaired.keep.hub.public, policy=2)
    service.certify = lambda _: old
    assert await unpaired.pair(service.pairing(policy=3).encode()) == Refusal.POLICY
    assert await unpaired.pair(service.pairing(policy=2).encode()) == ""
    pairing = unpaired.keep.pairing
    assert pairing is not None
    assert (pairing.root, pairing.certificate) == (service.municipality.root.public, old)


async def test_replayed_paired_frame_is_refused(home: PairedHome) -> None:
    """A link that is up takes no pairing, not even a right one: that needs a code, at home."""
    before = home.keep.pairing
    hub = home.keep.hub.public
    for town in (home.service.municipality, Municipality()):
        home.service.linked.clear()
        await home.service.send(answer(town, town.certificate(hub)))
        # The link is ended for it, and comes back to the same municipality.
        await asyncio.wait_for(home.service.linked.wait(), 5)
        assert home.keep.pairing == before
    assert not [one for one in home.integration.inbox.frames if isinstance(one, frames.PairingResult)]


# ---- the code -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    (tmp_path / "service").mkdir()
    found = await serve(tmp_path / "service", SigningKey.generate(), MovedClock(now()))
    yield found
    await found.stop()


async def _bridge(folder: Path, http: aiohttp.ClientSession) -> tuple[Bridge, Keep, FakeIntegration]:
    kept = Keep(folder)
    bridge = Bridge(kept, http, QUICK)
    port = await bridge.start("127.0.0.1", 0)
    return bridge, kept, await FakeIntegration.connect(http, port, kept.access_key)


async def test_code_that_was_used_is_of_no_use_to_another(
    world: World,
    tmp_path: Path,
    session: aiohttp.ClientSession,
) -> None:
    """Whoever photographed it comes too late with a bridge of theirs, and too early is seen by the words."""
    code = PairingCode(world.url.replace("http", "ws") + "/hub", world.root.public.kid, "A" * 43, "Rosen 1")
    meetings = world.service.meetings
    await meetings.start(code.rendezvous, code.label, "admin")
    first, thief = [await _bridge(tmp_path / name, session) for name in ("first", "thief")]
    _, kept, integration = first
    news = meetings.bell.listen()
    await integration.send(frames.StartPairing(code.encode()))
    await rung(news, 10)
    assert PublicKey((await meetings.get(code.rendezvous)).key) == kept.hub.public
    # While the right one waits, another with the same code is told that somebody is there.
    await thief[2].send(frames.StartPairing(code.encode()))
    assert (await thief[2].expect(frames.Rejected)).code == "busy"
    assert code.words(thief[1].hub.public) != code.words(kept.hub.public)

    at = world.clock.now()
    token = world.root.sign(wire.HubCertificate(kept.hub.public.x, code.label, "Exempelkommun", at, at + 86_400))
    await meetings.certify(code.rendezvous, token, (), "admin")
    assert (await integration.expect(frames.PairingResult)).certificate == token
    await thief[2].send(frames.StartPairing(code.encode()))
    assert (await thief[2].expect(frames.Rejected)).code == "unknown_pairing"
    assert thief[1].pairing is None
    for bridge, _, one in (first, thief):
        await one.close()
        await bridge.stop()


# ---- the municipality of before -------------------------------------------------------------------------------------


async def test_old_municipality_is_refused_after_a_move(home: PairedHome) -> None:
    """What it signs, sent by whoever holds the line now, and the link that it still holds."""
    old, new = home.service, await FakeService(Municipality()).start()
    new.said = []
    operator = home.operator()
    await home.integration.send(frames.StartPairing(new.pairing().encode()))
    await home.integration.expect(frames.PairingResult)
    await asyncio.wait_for(new.linked.wait(), 5)
    home.integration.said.frames.clear()
    operator.service = new
    await operator.ask()
    assert (await new.statement(wire.Refuse, operator.look)).code is Refusal.UNKNOWN_SIGNER
    for said in (old.municipality.policy(9), old.municipality.revocations("B" * 43)):
        await new.send(said)
    listed = new.municipality.revocations()
    await new.send(listed)
    await home.integration.told(listed)
    assert not home.integration.said.frames  # the others would have come before it
    with pytest.raises(AssertionError):
        await old.send(old.municipality.policy(9))  # no socket any more
    await new.stop()


def test_old_municipality_looks_no_more_where_the_power_was_cut_in_the_move() -> None:
    """The journal had been told, the entry had not: the old root is still pinned, and its right look comes."""
    there = Besieged()
    assert there.look(SAID) is None

    moved, other = Besieged(), SigningKey.generate()
    for root in (ROOT, other):
        made = wire.HubCertificate(HUB.public.x, "Rosen 1", "Exempelkommun", NOW, NOW + 86_400)
        moved.write(Paired(root.public.x, HUB.public.x, root.sign(made), (), "anna"))
    moved.start()
    before = moved.openings
    assert moved.look(SAID) is Refusal.NO_PLAN
    moved.load()
    assert (moved.look(SAID), moved.openings, moved.record.consent) == (Refusal.NO_PLAN, before, False)


def test_certificate_says_nothing_about_who_may_look() -> None:
    """An installer who has left, or whose key was found, can certify hubs by an old date. That opens nothing: the root
    is what the code pins; and the service, which looks for the right hub, asks who is revoked.
    """
    town, hub = Municipality(), SigningKey.generate().public
    installer = town.person("Ines", (Role.INSTALLER,))
    token = town.certificate(hub, installer.key)
    assert hub_certificate(town.root.public, None, token, installer.chain, hub, now()).key == hub.x
    known = as_before(now())
    revoked = replace(known, revocations=wire.Revocations(2, (installer.key.public.kid,), now()))
    with pytest.raises(Refused) as refused:
        hub_certificate(town.root.public, revoked, token, installer.chain, hub, now())
    assert refused.value.code is Refusal.REVOKED
