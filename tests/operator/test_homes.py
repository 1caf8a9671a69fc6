"""The homes that are paired: who sees them, certificates that are made anew, and hubs that are revoked."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from operator_service.rows import Search
from tests.operator.installers import GONE, LABEL, Installer, come_back, hub, ines, pair, person, say, stack
from tests.operator.peers import SOON, Home, MovedClock, World
from tests.operator.test_people import code, listed, policy
from tillsyn import frames, wire
from tillsyn.identity import SigningKey

__all__ = ["hub", "ines", "stack"]

# ---- one home, one name ---------------------------------------------------------------------------------------------

IN_USE = (409, {"error": "label_in_use"})


async def test_a_label_that_a_home_has_is_refused_unless_somebody_says_that_it_is_the_same_home(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await pair(ines, hub)
    await clock.forward(60)
    for label in (LABEL, LABEL.upper()):
        assert await ines.start(label) == IN_USE
    new = Home(world, LABEL)
    stack.push_async_callback(new.close)
    assert await pair(ines, new, hub.hub) == (200, {"hub": new.hub})
    assert (await world.store.hub(new.hub)).replaces == hub.hub  # type: ignore[union-attr]
    assert (await ines.homes())[LABEL]["replaces"] in ("", hub.hub)
    await clock.forward(60)
    assert await ines.start() == IN_USE  # the new one has it now
    assert (await ines.start(LABEL, new.hub))[0] == 200


async def test_a_hub_that_is_paired_anew_replaces_what_it_did_before(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await pair(ines, hub)
    new = Home(world, LABEL)
    stack.push_async_callback(new.close)
    for old in (hub, new):
        await clock.forward(60)
        assert (await pair(ines, new, old.hub))[0] == 200
        assert (await world.store.hub(new.hub)).replaces == hub.hub  # type: ignore[union-attr]
        await new.close()


async def test_another_homes_hub_is_not_replaced(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home
) -> None:
    await pair(ines, hub)
    ivar = await person(stack, world, "ivar", "installer", unit="syd")
    assert await ivar.start() == IN_USE
    assert await ivar.start(LABEL, hub.hub) == GONE
    assert await ines.start("Bosse", hub.hub) == GONE
    assert await ines.start(LABEL, "A" * 43) == GONE


async def test_a_home_of_the_same_name_takes_nobodys_looks_away(
    stack: AsyncExitStack, world: World, clock: MovedClock
) -> None:
    old = await world.home("Rosen 1")
    stack.push_async_callback(old.close)
    boss = await person(stack, world, "boss", "admin")
    await clock.forward(60)
    other = await world.home("Rosen 1")  # certified outside this service
    stack.push_async_callback(other.close)
    token = boss.key.sign(wire.Revocations(1, (old.hub,), clock.now()))
    assert (await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain)))[0] == 200
    await world.service.planner.round()
    assert {one.hub for one in await world.store.unended()} == {old.hub, other.hub}


# ---- the homes ------------------------------------------------------------------------------------------------------


async def test_the_homes_of_ones_own_units(stack: AsyncExitStack, world: World, ines: Installer, hub: Home) -> None:
    await pair(ines, hub)
    other, planned = Home(world, "Bosse"), await world.home("Rosen 1")
    stack.push_async_callback(other.close)
    stack.push_async_callback(planned.close)
    await other.connect()  # certified by the root, without a plan: for everybody
    found = await ines.homes()
    assert sorted(found) == ["Bosse", LABEL, "Rosen 1"]
    told = found[LABEL]
    assert (told["paired"], told["paired_by"], told["unit"], told["plan"]) == (world.clock.now(), "Ines", "", 0)
    assert (told["key"], told["chain"]) == (hub.key.public.x, list(ines.chain))
    assert (found["Rosen 1"]["unit"], found["Rosen 1"]["plan"], found["Rosen 1"]["online"]) == ("nord", 1, True)
    ivar = await person(stack, world, "ivar", "installer", unit="syd")
    assert list(await ivar.homes()) == ["Bosse"]
    boss = await person(stack, world, "boss", "admin", unit="syd")
    assert len(await boss.homes()) == 3


async def test_a_certificate_is_renewed_without_a_visit(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await pair(ines, hub)
    first = await world.store.hub(hub.hub)
    assert first is not None
    paula = await person(stack, world, "paula", "planner")
    assert code(await paula.renew(paula.signed(hub))) == (422, "replayed")
    await clock.forward(60)
    token = paula.signed(hub)
    assert await paula.renew(token) == (200, {"hub": hub.hub})
    kept = await world.store.hub(hub.hub)
    assert kept is not None
    assert (kept.certificate, kept.chain, kept.paired) == (token, paula.chain, first.paired)
    told = (await paula.homes())[LABEL]
    assert (told["paired_by"], told["certificate"]) == ("Ines", token)
    assert (await world.store.entries(Search(event="renewed", hub=hub.hub)))[0].login == "paula"
    assert await come_back(hub, first.certificate, first.chain) == ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"label": "Bosse"}, (422, "wrong_hub"), id="another label"),
        pytest.param({"key": SigningKey.from_seed(bytes(32)).public.x}, (404, "not_found"), id="a hub nobody paired"),
    ],
)
async def test_what_is_no_renewal_is_refused(
    ines: Installer, hub: Home, clock: MovedClock, changes: dict[str, object], expected: tuple[int, str]
) -> None:
    await pair(ines, hub)
    await clock.forward(60)
    assert code(await ines.renew(ines.signed(hub, **changes))) == expected


async def test_another_units_installer_renews_nothing(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await pair(ines, hub)
    ivar = await person(stack, world, "ivar", "installer", unit="syd")
    await clock.forward(60)
    assert await ivar.renew(ivar.signed(hub)) == GONE
    await world.person("ivar", "installer", unit="nord")  # what the roster says is not what the root has said
    assert await ivar.renew(ivar.signed(hub)) == GONE


async def test_an_operators_renewal_is_refused(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await pair(ines, hub)
    await clock.forward(60)
    anna = await person(stack, world, "anna", "operator")
    await world.person("anna", "installer")
    assert code(await anna.renew(anna.signed(hub))) == (422, "role_not_allowed")


async def test_homes_of_a_revoked_installer_go_and_come_back_when_another_has_certified_them(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    boss = await person(stack, world, "boss", "admin")
    await world.service.will.set_policy(world.root.public, policy(world), "")
    await say(world, listed(world))
    await pair(ines, hub)
    first = await world.store.hub(hub.hub)
    assert first is not None
    assert await come_back(hub, first.certificate, first.chain) == ""
    other = await world.home("Rosen 1")
    stack.push_async_callback(other.close)
    token = boss.key.sign(wire.Revocations(2, (ines.key.public.kid,), clock.now()))
    assert (await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain)))[0] == 200
    async with asyncio.timeout(SOON):
        while not isinstance(frame := await hub.hear(), frames.Rejected):
            pass
    assert frame.code == "revoked"
    await other.settled()  # nobody else's link was cut
    assert await come_back(hub, first.certificate, first.chain) == "revoked"
    await clock.forward(60)
    paula = await person(stack, world, "paula", "planner")
    assert (await paula.renew(paula.signed(hub)))[0] == 200
    assert await come_back(hub, first.certificate, first.chain) == ""


async def test_an_installer_who_is_revoked_takes_no_homes_down_by_having_certified_them(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await say(world, listed(world))
    await pair(ines, hub)
    first = await world.store.hub(hub.hub)
    assert first is not None
    await clock.forward(60)
    evil = await person(stack, world, "evil", "installer")
    assert (await evil.renew(evil.signed(hub)))[0] == 200
    assert await come_back(hub, first.certificate, first.chain) == ""
    await say(world, listed(world, evil.key.public.kid, number=2))
    await world.service.hub_door.judge_again()
    assert await come_back(hub, first.certificate, first.chain) == ""
    kept = await world.store.hub(hub.hub)
    assert kept is not None
    assert (kept.certificate, kept.chain) == (first.certificate, first.chain)


async def test_a_revoked_hub_is_told_and_stays_out(stack: AsyncExitStack, world: World, clock: MovedClock) -> None:
    boss = await person(stack, world, "boss", "admin")
    home = await world.home("Rosen 1")
    stack.push_async_callback(home.close)
    certificate = home.certificate()
    token = boss.key.sign(wire.Revocations(1, (home.hub,), clock.now()))
    assert (await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain)))[0] == 200
    async with asyncio.timeout(SOON):
        while not isinstance(frame := await home.hear(), frames.Rejected):
            pass
    assert frame.code == "revoked"
    assert await come_back(home, certificate, ()) == "revoked"


async def test_looks_of_a_hub_that_was_replaced_end_when_the_new_one_has_its_plan_and_not_before(
    stack: AsyncExitStack, world: World, clock: MovedClock
) -> None:
    anna = await stack.enter_async_context(await world.console("anna"))
    old = await world.home("Rosen 1")
    stack.push_async_callback(old.close)
    boss = await person(stack, world, "boss", "admin")
    await clock.forward(60)
    new = Home(world, "Rosen 1")
    stack.push_async_callback(new.close)
    await new.connect()
    await says_replaced(world, old, new)
    await new.status()
    token = boss.key.sign(wire.Revocations(1, (old.hub,), clock.now()))
    assert (await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain)))[0] == 200
    await world.service.planner.round()
    assert [one.hub for one in await world.store.unended()] == [old.hub]  # nobody looks: it becomes a visit
    await new.agree(new.plan())
    await anna.until(lambda one: one["type"] == "row_gone" and one["hub"] == old.hub)
    assert {one.hub for one in await world.store.unended()} == {new.hub}
    await clock.forward(86_400)
    await world.service.planner.round()
    assert {one.hub for one in await world.store.unended()} == {new.hub}


async def says_replaced(world: World, old: Home, new: Home) -> None:
    """What whoever paired the new one said."""
    row = await world.store.hub(new.hub)
    assert row is not None
    await world.store.save_hub(replace(row, replaces=old.hub))


async def test_looks_of_a_hub_whose_successor_was_replaced_too_do_not_come_back(
    stack: AsyncExitStack, world: World, clock: MovedClock
) -> None:
    homes = [await world.home("Rosen 1")]
    for number in (1, 2):
        await clock.forward(60)
        new = Home(world, "Rosen 1")
        await new.connect()
        await says_replaced(world, homes[-1], new)
        await new.status()
        await new.agree(new.plan())
        homes.append(new)
        revoked = tuple(one.hub for one in homes[:-1])
        await say(world, world.root.sign(wire.Revocations(number, revoked, clock.now())))
    for one in homes:
        stack.push_async_callback(one.close)
    world.service.planner.again()
    await world.service.planner.round()
    assert {one.hub for one in await world.store.unended()} == {homes[-1].hub}
