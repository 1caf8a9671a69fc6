"""Pairing by an installer's or planner's browser."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from operator_service.certified import HUB_SECONDS
from operator_service.pairing import PAIRING_SECONDS
from operator_service.rows import Pairing, Search
from operator_service.settings import read_settings
from tests.operator.installers import GONE, LABEL, Installer, ask, hub, ines, pair, person, say, stack
from tests.operator.peers import Home, Json, MovedClock, World
from tests.operator.test_people import FORBIDDEN, code, listed
from tillsyn import frames
from tillsyn.identity import SigningKey
from tillsyn.strict import b64u_encode

__all__ = ["hub", "ines", "stack"]


@pytest.mark.parametrize("role", ["installer", "planner"])
async def test_a_home_is_paired_with_the_chain_of_who_made_the_code(
    stack: AsyncExitStack, world: World, hub: Home, role: str
) -> None:
    ines = await person(stack, world, "ines", role)
    status, started = await ines.start()
    assert (status, started) == (200, {"now": world.clock.now(), "expires": world.clock.now() + PAIRING_SECONDS})
    assert ines.code.url == f"ws{world.url.removeprefix('http')}/hub"
    assert (await ines.get(f"/api/pairing/{ines.code.rendezvous}"))[1]["state"] == "waiting"
    await ask(hub, ines.code)
    shown = (await ines.asked())[1]
    assert (shown["state"], shown["key"]) == ("asked", hub.key.public.x)
    assert ines.code.accepts(hub.key.public, str(shown["mac"]))
    token = ines.signed(hub)
    assert await ines.certify(token) == (200, {"hub": hub.hub})
    assert await hub.hear() == frames.Paired(world.root.public.x, token, ines.chain)
    await hub.send(replace(hub.login(certificate=token), chain=ines.chain))
    assert isinstance(await hub.hear(), frames.Welcome)
    kept = await world.store.hub(hub.hub)
    assert kept is not None
    assert (kept.label, kept.certificate, kept.chain) == (LABEL, token, ines.chain)
    told = [(one.event, one.login, one.hub) for one in await world.store.entries(Search(login="ines"))]
    assert told[:2] == [("paired", "ines", hub.hub), ("pairing", "ines", "")]
    assert ines.code.secret not in str(await world.store.pairing(ines.code.rendezvous))


@pytest.mark.parametrize("roles", [("operator",), ("patrol",), ("auditor",), ("admin",), ("operator", "patrol")])
async def test_others_pair_nothing_and_see_no_pairing(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, roles: tuple[str, ...]
) -> None:
    other = await person(stack, world, "other", *roles)
    assert await other.get("/api/pairing") == FORBIDDEN
    assert await other.start() == FORBIDDEN
    await ines.start()
    await ask(hub, ines.code)
    await ines.asked()
    other.code = ines.code
    assert await other.asked() == FORBIDDEN
    for act in ("refuse", "end"):
        assert await other.at(act) == FORBIDDEN
    assert await other.certify(other.signed(hub)) == FORBIDDEN
    assert await other.renew(other.signed(hub)) == FORBIDDEN
    # Nor do they sign for somebody who may.
    assert code(await ines.at("certify", token=other.signed(hub), chain=list(other.chain))) == (422, "unknown_signer")
    assert await world.store.hub(hub.hub) is None


@pytest.mark.parametrize("roles", [("operator",), ("patrol",), ("auditor",)])
async def test_others_see_no_homes(stack: AsyncExitStack, world: World, roles: tuple[str, ...]) -> None:
    other = await person(stack, world, "other", *roles)
    assert await other.get("/api/homes") == FORBIDDEN


async def test_another_installers_pairing_does_not_exist(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home
) -> None:
    ivar = await person(stack, world, "ivar", "installer", unit="syd")
    await ines.start()
    await ask(hub, ines.code)
    await ines.asked()
    ivar.code = ines.code
    assert await ivar.asked() == GONE
    for act in ("refuse", "end"):
        assert await ivar.at(act) == GONE
    assert await ivar.certify(ivar.signed(hub)) == GONE


async def test_a_code_is_made_once(ines: Installer) -> None:
    await ines.start()
    again = await ines.post("/api/pairing", rendezvous=ines.code.rendezvous, label=LABEL, replaces="")
    assert again == (409, {"error": "already_set"})


async def test_a_wrong_proof_is_refused_and_the_code_lives_on(world: World, ines: Installer, hub: Home) -> None:
    await ines.start()
    evil = Home(world)
    await ask(evil, ines.code, mac=b64u_encode(bytes(32)))
    assert (await ines.asked())[1]["key"] == evil.key.public.x
    assert await ines.at("refuse") == (200, {})
    assert await evil.rejection() == "bad_signature"
    await evil.close()
    await ask(hub, ines.code)
    await ines.asked()
    assert await ines.certify(ines.signed(hub)) == (200, {"hub": hub.hub})


async def test_a_code_that_is_thrown_away_lets_nobody_in(world: World, ines: Installer, hub: Home) -> None:
    await ines.start()
    await ask(hub, ines.code)
    await ines.asked()
    assert await ines.at("end") == (200, {})
    assert await hub.rejection() == "unknown_pairing"
    assert await ines.certify(ines.signed(hub)) == GONE
    again = Home(world)
    await ask(again, ines.code)
    assert await again.rejection() == "unknown_pairing"
    await again.close()


async def test_what_is_paired_is_not_thrown_away(ines: Installer, hub: Home) -> None:
    assert (await pair(ines, hub))[0] == 200
    assert await ines.at("end") == (409, {"error": "wrong_state"})


async def test_a_hub_that_asks_again_while_it_is_certified_loses_nothing(
    world: World, ines: Installer, hub: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ines.start()
    await ask(hub, ines.code)
    await ines.asked()
    await hub.close()
    save, reached, go_on = world.store.save_pairing, asyncio.Event(), asyncio.Event()

    async def slowly(pairing: Pairing) -> None:
        if not pairing.certificate:
            reached.set()
            await go_on.wait()
        await save(pairing)

    monkeypatch.setattr(world.store, "save_pairing", slowly)
    await ask(hub, ines.code)
    await reached.wait()
    token = ines.signed(hub)
    certifying = asyncio.create_task(ines.certify(token))
    await asyncio.wait([certifying], timeout=0.5)  # it waits for the other, or it is through
    go_on.set()
    assert (await certifying)[0] == 200
    assert await hub.hear() == frames.Paired(world.root.public.x, token, ines.chain)
    kept = await world.store.pairing(ines.code.rendezvous)
    assert kept is not None
    assert kept.certificate == token


async def test_a_code_lives_ten_minutes(ines: Installer, hub: Home, clock: MovedClock) -> None:
    await ines.start()
    await clock.forward(PAIRING_SECONDS)
    await ask(hub, ines.code)
    assert await hub.rejection() == "unknown_pairing"
    assert await ines.asked() == GONE


async def test_nothing_is_certified_before_a_hub_has_asked(ines: Installer, hub: Home) -> None:
    await ines.start()
    assert await ines.certify(ines.signed(hub)) == (409, {"error": "wrong_state"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"key": SigningKey.from_seed(bytes(32)).public.x}, "wrong_hub", id="another hub's key"),
        pytest.param({"label": "Bosse"}, "wrong_hub", id="another label"),
        pytest.param({"policy": 2}, "policy", id="of a policy that there is not"),
        pytest.param({"exp": 2_000_000_000 + HUB_SECONDS}, "credential_expired", id="for longer than five years"),
    ],
)
async def test_another_certificate_is_refused(
    ines: Installer, hub: Home, changes: dict[str, object], expected: str
) -> None:
    await ines.start()
    await ask(hub, ines.code)
    await ines.asked()
    assert code(await ines.certify(ines.signed(hub, **changes))) == (422, expected)


async def test_the_roster_alone_makes_no_installer(stack: AsyncExitStack, world: World, hub: Home) -> None:
    anna = await person(stack, world, "anna", "operator")
    await world.person("anna", "installer")
    assert code(await pair(anna, hub)) == (422, "role_not_allowed")


async def test_a_revoked_installer_pairs_nothing(world: World, ines: Installer, hub: Home) -> None:
    await say(world, listed(world, ines.key.public.kid))
    assert code(await pair(ines, hub)) == (422, "revoked")
    assert await world.store.hub(hub.hub) is None


async def test_a_revoked_hub_is_not_paired_again(world: World, ines: Installer, hub: Home) -> None:
    await say(world, listed(world, hub.hub))
    assert code(await pair(ines, hub)) == (422, "revoked")


async def test_nobody_pairs_on_a_list_that_is_old(world: World, ines: Installer, hub: Home, clock: MovedClock) -> None:
    await say(world, listed(world))
    await clock.forward(86_401)
    await ines.approve()
    await ines.login()
    assert code(await pair(ines, hub)) == (422, "revocations_stale")
    await say(world, listed(world, number=2))
    assert (await pair_again(ines, hub))[0] == 200


async def test_an_old_shift_makes_no_certificate_for_when_it_was_new(
    world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    then = world.clock.now()
    await clock.forward(13 * 3600)
    await ines.login()
    assert code(await pair(ines, hub)) == (422, "credential_expired")
    assert code(await ines.certify(ines.signed(hub, iat=then))) == (422, "credential_expired")
    await ines.approve()
    assert code(await ines.certify(ines.signed(hub, iat=world.clock.now() - 121))) == (422, "clock_skew")


async def pair_again(installer: Installer, hub: Home) -> tuple[int, Json]:
    return await installer.certify(installer.signed(hub))


def test_where_homes_find_the_service_can_be_set() -> None:
    assert read_settings(["--data", "x", "--hub-url", "wss://hem.example/hub"]).front.hub_url == "wss://hem.example/hub"
    for wrong in ("https://hem.example/hub", "wss://hem.example", "wss:///hub", "wss://a b/hub"):
        with pytest.raises(SystemExit):
            read_settings(["--data", "x", "--hub-url", wrong])
