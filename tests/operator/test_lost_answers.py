"""A home's answer to a plan that is lost, or that the service dies over: no look of the new plan is silently left out."""

from datetime import time
from pathlib import Path

import pytest

from operator_service.problems import StoreFailed
from operator_service.rows import PlanRow
from tests.operator.peers import OCCURRENCE, WINDOW, Console, Home, MovedClock, World, eventually, serve
from tillsyn import wire
from tillsyn.identity import SigningKey
from tillsyn.model import Window

LATE = Window("sen", time(23, 0), time(1, 0))


async def _propose(world: World, home: Home, plan: wire.PlanStatement) -> PlanRow:
    return await world.service.plans.propose(world.root.public, world.root.sign(plan), "admin")


async def test_an_answer_that_never_came_is_asked_for_again(world: World, anna: Console, home: Home) -> None:
    plan = home.plan(WINDOW, LATE, number=2)
    row = await _propose(world, home, plan)
    await home.close()  # it has accepted, but its answer was on the way when the link broke
    home.number = 2
    await home.connect()
    await home.status()
    assert (await home.got(wire.PlanStatement.TYP)).token == row.token
    await home.answer_plan(plan, row.hash, "accepted")
    await home.settled()
    await world.service.planner.round()
    assert {one.occurrence for one in await world.store.unended()} == {OCCURRENCE, "sen/2026-11-22"}
    await home.status(paused=True)
    await home.settled()
    assert world.service.links.get(home.hub).plan_sent == 2  # type: ignore[union-attr]


@pytest.mark.parametrize("number_of_failures", [1, 2])
async def test_a_store_that_fails_over_the_answer_leaves_no_look_out(
    world: World, anna: Console, home: Home, monkeypatch: pytest.MonkeyPatch, number_of_failures: int
) -> None:
    real, failures = world.service.planner._store.add_planned, []

    async def fails(*arguments: object) -> None:
        if len(failures) < number_of_failures:
            failures.append(arguments)
            raise StoreFailed("disk full")
        await real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(world.store, "add_planned", fails)
    plan = home.plan(WINDOW, LATE, number=2)
    row = await _propose(world, home, plan)
    await home.answer_plan(plan, row.hash, "accepted")
    await eventually(lambda: len(failures) == number_of_failures)
    await home.settled()
    await world.service.planner.round()
    assert "sen/2026-11-22" in {one.occurrence for one in await world.store.unended()}


async def test_a_service_that_dies_over_the_answer_makes_the_looks_when_it_is_back(tmp_path: Path) -> None:
    root, clock = SigningKey.generate(), MovedClock()
    world = await serve(tmp_path, root, clock)
    home = await world.home()
    plan = home.plan(WINDOW, LATE, number=2)
    row = await _propose(world, home, plan)
    await world.service.planner._store.decide(
        PlanRow(row.hub, row.number, row.token, row.hash, row.unit, row.proposed, "accepted", clock.now())
    )
    await home.close()
    await world.stop()

    again = await serve(tmp_path, root, clock)
    await again.service.planner.round()
    assert "sen/2026-11-22" in {one.occurrence for one in await again.store.unended()}
    await again.stop()
