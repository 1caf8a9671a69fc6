"""A home's answer to a plan is lost, or the service dies over it: no look of the new plan is silently left out."""

import asyncio
from datetime import time
from pathlib import Path

import pytest

from operator_service.problems import StoreFailed
from operator_service.queue import Planned
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


async def test_an_answer_that_comes_while_looks_are_made_is_not_undone(
    world: World, anna: Console, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, reading, room = world.store.unended, asyncio.Event(), asyncio.Event()

    async def slow(hub: str = "") -> list[Planned]:
        if hub and not reading.is_set():
            reading.set()
            await room.wait()
        return await real(hub)

    plan = home.plan(WINDOW, LATE, number=2)
    row = await _propose(world, home, plan)
    monkeypatch.setattr(world.store, "unended", slow)
    await world.clock.forward(2 * 3600)  # time to make some more of the old plan's looks
    await reading.wait()
    await home.answer_plan(plan, row.hash, "accepted")
    await asyncio.sleep(0.2)
    room.set()
    await home.settled()
    await world.service.planner.round()
    assert {one.plan for one in await real() if not one.cause} == {2}
    assert "sen/2026-11-23" in {one.occurrence for one in await real()}


async def test_a_home_that_cannot_be_planned_does_not_keep_others_from_being_noticed(
    world: World, anna: Console, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, real = await world.home("Granen 2"), world.desk.change

    async def fails(hub: str, *arguments: object) -> Planned:
        if hub == home.hub:
            raise KeyError("a fault of ours")
        return await real(hub, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(world.desk, "change", fails)
    await world.clock.forward(3600)
    found = await anna.until(lambda one: one["type"] == "row" and one["row"]["state"] == "visit")
    assert (found["row"]["hub"], found["row"]["cause"]) == (other.hub, "missed")
    monkeypatch.setattr(world.desk, "change", real)
    await world.clock.forward(5)
    found = await anna.until(lambda one: one["type"] == "row" and one["row"]["state"] == "visit")
    assert found["row"]["hub"] == home.hub
    await other.close()


async def test_a_statement_that_cannot_be_handled_does_not_keep_later_ones_from_being_recorded(
    world: World, anna: Console, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = world.service.plans.answered, []

    async def fails(*arguments: object) -> None:
        if not seen:
            seen.append(arguments)
            raise KeyError("a fault of ours")
        await real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(world.service.plans, "answered", fails)
    plan = home.plan(WINDOW, LATE, number=2)
    row = await _propose(world, home, plan)
    await home.answer_plan(plan, row.hash, "accepted")
    await home.answer_plan(plan, row.hash, "accepted")
    await home.settled()
    await world.service.planner.round()
    assert "sen/2026-11-22" in {one.occurrence for one in await world.store.unended()}
