"""Tonight's looks are made, and one that did not happen is noticed with nobody there."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, cast

import pytest

from operator_service.planner import Planner
from operator_service.rows import PlanRow, Search
from operator_service.store import Store
from tests.operator.peers import OCCURRENCE, START, Console, Home, MovedClock, World, eventually, serve
from tillsyn.identity import SigningKey
from tillsyn.model import Outcome, Window


async def test_a_missed_look_is_noticed_without_any_home(anna: Console, home: Home, world: World) -> None:
    await home.close()
    await world.clock.forward(3600)
    row = await anna.row("visit")
    assert (row["cause"], row["online"]) == ("missed", False)
    assert {one.event for one in await world.store.entries(Search(occurrence=OCCURRENCE))} >= {"missed", "visit"}


async def test_tomorrows_looks_are_made_as_time_goes(anna: Console, home: Home, world: World) -> None:
    await world.clock.forward(3600)
    await anna.row("planned", "natt/2026-11-23")


async def test_a_new_plan_takes_the_place_of_the_old(anna: Console, home: Home, world: World) -> None:
    late = Window("sen", time(23, 0), time(1, 0))
    await home.agree(home.plan(late, number=2))
    gone = await anna.until(lambda one: one["type"] == "row_gone")
    assert gone["occurrence"] == OCCURRENCE
    rows = await world.store.unended()
    assert [(one.occurrence, one.plan) for one in rows] == [("sen/2026-11-22", 2)]


async def test_a_look_that_both_plans_agree_on_stays(anna: Console, home: Home, world: World) -> None:
    await anna.claim(home)
    await home.agree(home.plan(number=2, retries=0))
    row = await anna.state()
    assert (row["state"], row["plan"]["number"], row["plan"]["max_retries"]) == ("claimed", 2, 0)


async def test_a_retry_follows_the_new_plan(anna: Console, home: Home, world: World) -> None:
    await (await anna.look(home)).end(Outcome.NOT_SEEN)
    await anna.row("retry_at")
    await home.agree(home.plan(number=2))
    row = await anna.state()
    assert (row["state"], row["looks"], row["plan"]["number"]) == ("retry_at", 1, 2)
    await anna.look(home)


async def test_somebody_not_seen_gets_a_visit_though_the_new_plan_has_no_such_window(
    anna: Console, home: Home, world: World
) -> None:
    await (await anna.look(home)).end(Outcome.NOT_SEEN)
    await anna.row("retry_at")
    await home.agree(home.plan(Window("sen", time(23, 0), time(1, 0)), number=2))
    await world.clock.forward(1200)
    assert (await anna.row("visit"))["cause"] == "not_seen"


async def test_a_plan_taken_back_at_home_becomes_visits(anna: Console, home: Home, world: World) -> None:
    plan = await world.store.newest_plan(home.hub)
    assert plan is not None
    await home.answer_plan(home.plan(), plan.hash, "declined")
    assert (await anna.row("visit"))["cause"] == "plan_declined"


async def test_an_older_plan_never_comes_back(anna: Console, home: Home, world: World) -> None:
    first = await world.store.newest_plan(home.hub)
    assert first is not None
    await home.agree(home.plan(number=2))
    second = await world.store.newest_plan(home.hub)
    assert second is not None
    await home.answer_plan(home.plan(number=1), first.hash, "accepted")
    await home.answer_plan(home.plan(number=2), second.hash, "declined")
    await anna.row("visit")
    await home.answer_plan(home.plan(number=1), first.hash, "accepted")
    await home.settled()
    await world.clock.forward(23 * 3600)
    await world.service.planner.round()
    assert {one.plan for one in await world.store.unended()} == {2}
    assert await world.store.newest_plan(home.hub, "accepted") is None


@pytest.mark.parametrize(
    ("night", "hours"),
    [
        pytest.param(datetime(2026, 10, 24, 12, tzinfo=UTC), 3, id="the night the clock goes back"),
        pytest.param(datetime(2027, 3, 27, 12, tzinfo=UTC), 1, id="the night the clock goes forward"),
    ],
)
async def test_nights_when_the_clock_changes(tmp_path: Path, night: datetime, hours: int) -> None:
    world = await serve(tmp_path, SigningKey.generate(), MovedClock(int(night.timestamp())))
    home = Home(world)
    await home.connect()
    await home.agree(home.plan(Window("w", time(1, 0), time(3, 0))))
    row = (await world.store.unended())[0]
    assert row.end - row.start == hours * 3600
    await home.close()
    await world.stop()


async def test_a_restart_keeps_the_queue_and_finds_what_was_missed_meanwhile(tmp_path: Path) -> None:
    root, clock = SigningKey.generate(), MovedClock()
    world = await serve(tmp_path, root, clock)
    home, anna = await world.home(), await world.console("anna")
    await (await anna.look(home)).end(Outcome.NOT_SEEN)
    await anna.row("retry_at")
    await home.status(paused=True)
    await home.settled()
    await home.status(paused=True)
    await anna.close()
    await home.close()
    await world.stop()

    again = await serve(tmp_path, root, MovedClock(START + 1200))
    bo = await again.console("bo")
    row = await bo.state()
    while row["state"] != "visit":
        row = await bo.row("visit")
    assert (row["cause"], row["looks"]) == ("not_seen", 1)
    await bo.close()
    await again.stop()


async def test_a_restart_in_the_middle_of_a_look_ends_it_rightly(tmp_path: Path) -> None:
    root, clock = SigningKey.generate(), MovedClock()
    world = await serve(tmp_path, root, clock)
    home, anna = await world.home(), await world.console("anna")
    look = await anna.look(home)
    await world.stop()

    again = await serve(tmp_path, root, clock)
    home.world = again
    await home.close()
    await home.connect()
    await anna.move(again)
    await look.end(Outcome.SEEN)
    await anna.row("seen")
    await anna.close()
    await home.close()
    await again.stop()


@pytest.mark.parametrize(("resumed", "state"), [(True, "visit"), (False, "paused")])
async def test_a_pause_known_from_before_a_restart_is_asked_about_first(
    tmp_path: Path, resumed: bool, state: str
) -> None:
    root = SigningKey.generate()
    world = await serve(tmp_path, root, MovedClock())
    home = await world.home()
    await home.status(paused=True)
    await eventually(lambda: world.desk.homes.get(home.hub).told_paused)
    await home.close()
    await world.stop()

    again = await serve(tmp_path, root, MovedClock(START + 3600))
    anna = await again.console("anna")
    assert (await anna.state())["state"] == "paused"
    home.world = again
    await home.connect()
    await home.status(paused=not resumed)
    assert (await anna.row(state))["state"] == state
    await anna.close()
    await home.close()
    await again.stop()


async def test_looks_missed_while_the_service_was_down_for_days_are_red(tmp_path: Path) -> None:
    root = SigningKey.generate()
    world = await serve(tmp_path, root, MovedClock())
    home = await world.home()
    await home.close()
    await world.stop()

    again = await serve(tmp_path, root, MovedClock(START + 3 * 86400))
    await again.service.planner.round()
    anna = await again.console("anna")
    nights = [(await anna.get(f"/api/night?date=2026-11-{day}"))[1] for day in (22, 23, 24)]
    assert [(one["planned"], one["missed"], one["red"]) for one in nights] == [(1, 1, True)] * 3
    await anna.close()
    await again.stop()


async def test_the_nights_account_adds_up(anna: Console, home: Home, world: World) -> None:
    _, before = await anna.get("/api/night")
    assert (before["planned"], before["open"], before["adds_up"], before["red"]) == (1, 1, False, False)
    await (await anna.look(home)).end(Outcome.SEEN)
    await anna.row("seen")
    await home.settled()
    _, after = await anna.get("/api/night")
    assert (after["planned"], after["seen"], after["adds_up"], after["red"]) == (1, 1, True, False)


async def test_a_night_that_is_over_with_an_open_visit_is_red(anna: Console, home: Home, world: World) -> None:
    await world.clock.forward(3600)
    await anna.row("visit")
    await world.clock.forward(13 * 3600)
    await anna.login()
    _, account = await anna.get("/api/night?date=2026-11-22")
    assert (account["open"], account["adds_up"], account["red"]) == (1, False, True)


class Meanwhile:
    """A store in which something happens while the planner reads a home's plan."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.happens: Callable[[], None] | None = None
        self.read = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def newest_plan(self, hub: str, decision: str | None = None) -> PlanRow | None:
        self.read += 1
        if self.happens is not None:
            self.happens()
            self.happens = None
        return await self._store.newest_plan(hub, decision)


async def test_what_changes_while_looks_are_made_is_not_forgotten(home: Home, world: World) -> None:
    store = Meanwhile(world.store)
    planner = Planner(cast(Store, store), world.clock, world.service.desk, world.service.will)
    store.happens = planner.again
    reads = []
    for _ in range(3):
        await planner.round()
        reads.append(store.read)
    assert 0 < reads[0] < reads[1] == reads[2]
