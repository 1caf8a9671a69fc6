"""A home that has left: an administrator ends it, no more looks are made, and those that wait are withdrawn."""

from contextlib import AsyncExitStack

import pytest

from operator_service.plans import Plans
from operator_service.problems import Failed, Problem
from operator_service.rows import Entry, Search
from tests.operator.installers import GONE, Installer, pair, person, stack
from tests.operator.peers import Console, Home, MovedClock, World
from tests.operator.test_people import FORBIDDEN
from tillsyn import wire

__all__ = ["stack"]

DONE: tuple[int, dict[str, object]] = (200, {})


@pytest.fixture
async def boss(stack: AsyncExitStack, world: World) -> Installer:
    """An administrator in their shift."""
    return await person(stack, world, "boss", "admin")


async def revoke(boss: Console, home: Home) -> None:
    token = boss.key.sign(wire.Revocations(1, (home.hub,), boss.world.clock.now()))
    assert (await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain)))[0] == 200


async def left(who: Console, home: Home) -> tuple[int, dict[str, object]]:
    return await who.post("/api/homes/left", hub=home.hub)


async def shown(who: Console) -> dict[str, object]:
    (found,) = (await who.get("/api/homes"))[1]["homes"]
    return {name: found[name] for name in ("plan", "left")}


async def test_looks_of_a_home_that_has_left_are_withdrawn_and_no_more_are_made(
    world: World, home: Home, anna: Console, boss: Console, clock: MovedClock
) -> None:
    assert await shown(boss) == {"plan": 1, "left": False}
    await revoke(boss, home)
    await world.service.planner.round()
    assert len(await world.store.unended()) == 1  # still agreed, and becomes a visit
    assert await left(boss, home) == DONE
    await anna.until(lambda one: one["type"] == "row_gone" and one["hub"] == home.hub)
    assert await world.store.unended() == []
    assert await shown(boss) == {"plan": 0, "left": True}
    (said,) = await world.store.entries(Search(event="home_left"))
    assert (said.login, said.hub) == ("boss", home.hub)
    assert await left(boss, home) == DONE
    assert len(await world.store.entries(Search(event="home_left"))) == 1
    await clock.forward(86_400)
    await world.service.planner.round()
    assert await world.store.unended() == []
    assert await world.store.visits(0) == []


async def test_looks_are_withdrawn_also_where_the_service_dies_right_after(
    world: World, home: Home, boss: Console
) -> None:
    await revoke(boss, home)
    assert len(await world.store.unended()) == 1
    async with world.service.planner.making:
        await world.store.end_plans(home.hub, Entry(world.clock.now(), "home_left", "boss", home.hub))
    world.service.planner.again()  # as it begins
    await world.service.planner.round()
    assert await world.store.unended() == []


async def test_a_home_is_not_ended_while_its_key_counts(home: Home, boss: Console) -> None:
    assert await left(boss, home) == (409, {"error": "wrong_state"})
    assert await shown(boss) == {"plan": 1, "left": False}
    assert await boss.post("/api/homes/left", hub="A" * 43) == GONE


@pytest.mark.parametrize("role", ["operator", "patrol", "planner", "installer", "auditor"])
async def test_others_end_no_home(stack: AsyncExitStack, world: World, home: Home, boss: Console, role: str) -> None:
    await revoke(boss, home)
    other = await person(stack, world, "other", role)
    assert await left(other, home) == FORBIDDEN
    assert await shown(boss) == {"plan": 1, "left": False}


async def test_a_home_that_has_left_is_not_planned_for(
    stack: AsyncExitStack, world: World, home: Home, boss: Console
) -> None:
    await revoke(boss, home)
    assert await left(boss, home) == DONE
    paula = await person(stack, world, "paula", "planner")
    assert (await paula.get("/api/plans"))[1]["homes"] == []
    assert await paula.get(f"/api/plans/{home.hub}") == GONE
    plans: Plans = world.service.plans
    with pytest.raises(Failed) as failed:
        await plans.propose(world.root.public, world.root.sign(home.plan(number=2)), "boss")
    assert failed.value.problem is Problem.NOT_FOUND
    # What was answered before and comes late brings nothing back.
    hub, row = await world.store.hub(home.hub), await world.store.plan(home.hub, 1)
    assert hub is not None
    assert row is not None
    await plans.answered(hub, wire.PlanAck(home.hub, 1, row.hash, "accepted", world.clock.now()))
    assert await shown(boss) == {"plan": 0, "left": True}


async def test_the_name_of_a_home_that_has_left_is_free_for_when_it_comes_back(
    stack: AsyncExitStack, world: World, home: Home, boss: Console
) -> None:
    await revoke(boss, home)
    assert await left(boss, home) == DONE
    ines = await person(stack, world, "ines", "installer")
    new = Home(world, home.label)
    stack.push_async_callback(new.close)
    assert await pair(ines, new) == (200, {"hub": new.hub})
    assert {one["hub"]: one["left"] for one in (await boss.get("/api/homes"))[1]["homes"]} == {
        home.hub: True,
        new.hub: False,
    }
