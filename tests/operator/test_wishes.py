"""What a home tells of its client's wishes has its effect here: on the looks to come, and as visits asked for."""

from dataclasses import replace
from pathlib import Path

import pytest

from operator_service.problems import Failed
from operator_service.rows import Entry, Search
from tests.operator.peers import (
    CONTACT,
    OCCURRENCE,
    START,
    Console,
    Home,
    Json,
    MovedClock,
    World,
    eventually,
    serve,
)
from tillsyn import frames, wire
from tillsyn.errors import CloseReason
from tillsyn.identity import SigningKey
from tillsyn.model import Outcome

HOUR = 3600
END = START + HOUR
ASKED = wire.VisitAsked("V" * 22, START - 600)
TOMORROW = "natt/2026-11-23"


@pytest.fixture
async def movable(home: Home) -> Home:
    """The home has agreed that its looks may be moved by two hours."""
    await home.agree(home.plan(number=2, move=120))
    return home


async def _moved_to(console: Console, start: int) -> Json:
    """Wait until the row begins then."""

    def is_it(one: Json) -> bool:
        row = one.get("row")
        return isinstance(row, dict) and (row["occurrence"], row["start"]) == (OCCURRENCE, start)

    found = (await console.until(is_it))["row"]
    assert isinstance(found, dict)
    return found


async def _events(world: World, occurrence: str = OCCURRENCE) -> list[str]:
    return [one.event for one in await world.store.entries(Search(occurrence=occurrence))]


async def _codes(world: World) -> list[str]:
    return [one.code for one in await world.store.entries(Search(event="frame_refused"))]


# ---- skipped --------------------------------------------------------------------------------------------------------


async def test_a_skipped_look_is_declined_and_nobody_can_take_it(anna: Console, home: Home, world: World) -> None:
    await home.wish(OCCURRENCE)
    row = await anna.row("declined")
    assert row["wish"] == "skipped"
    assert await anna.claim(home) == (409, {"error": "wrong_state"})
    await world.clock.forward(HOUR)
    await anna.row("declined")
    assert (await _events(world))[:2] == ["declined", "skipped"]
    await anna.login()
    _, night = await anna.get("/api/night")
    assert (night["planned"], night["declined"], night["adds_up"], night["red"]) == (1, 1, True, False)


async def test_a_look_that_is_kept_after_all_comes_back(anna: Console, home: Home, world: World) -> None:
    await home.wish(OCCURRENCE)
    await anna.row("declined")
    await world.clock.forward(60)
    await home.wish()
    await anna.row("planned")
    assert (await anna.claim(home))[0] == 200


async def test_a_look_that_is_kept_too_late_stays_declined(anna: Console, home: Home, world: World) -> None:
    await home.wish(OCCURRENCE)
    await world.clock.forward(HOUR)
    await _ended(world, home, "declined")
    await home.wish()
    await anna.login()
    assert (await anna.state())["state"] == "declined"


async def test_tomorrows_look_is_skipped_before_it_is_made(anna: Console, home: Home, world: World) -> None:
    await home.wish(TOMORROW)
    await world.clock.forward(HOUR)
    made = await anna.until(lambda one: one["type"] == "row" and one["row"]["occurrence"] == TOMORROW)  # type: ignore[index,call-overload]
    assert made["row"]["state"] == "declined"  # type: ignore[index,call-overload]


async def test_a_look_that_runs_is_not_touched_and_its_end_says_it_was_skipped(
    anna: Console, home: Home, world: World
) -> None:
    look = await anna.look(home)
    await home.wish(OCCURRENCE)
    assert (await anna.state())["state"] == "looking"
    await home.receipt(look.look, CloseReason.SKIPPED)
    await home.settled()
    await anna.release(home)
    assert (await anna.row("declined"))["looks"] == 1


async def test_an_operator_who_saw_that_help_is_needed_is_heard_though_the_look_was_skipped_meanwhile(
    anna: Console, home: Home
) -> None:
    look = await anna.look(home)
    await home.wish(OCCURRENCE)
    await home.receipt(look.look, CloseReason.SKIPPED)
    await home.settled()
    await anna.sign(look.look, anna.close_look(look.look, Outcome.NEEDS_HELP))
    assert (await anna.row("visit"))["cause"] == "needs_help"


async def test_a_look_that_was_seen_while_the_wish_was_on_its_way_is_seen(anna: Console, home: Home) -> None:
    look = await anna.look(home)
    await home.wish(OCCURRENCE)
    await look.end(Outcome.SEEN)
    await anna.row("seen")


async def test_a_visit_that_is_under_way_is_made_though_the_look_is_skipped(anna: Console, home: Home) -> None:
    await anna.post("/api/queue/visit", hub=home.hub, occurrence=OCCURRENCE)
    await home.wish(OCCURRENCE)
    assert (await anna.state())["state"] == "visit"


# ---- moved ----------------------------------------------------------------------------------------------------------


async def test_a_moved_look_is_due_where_the_client_has_put_it(anna: Console, movable: Home, world: World) -> None:
    await movable.wish(moved=(wire.Moved(OCCURRENCE, START + 2 * HOUR, END + 2 * HOUR),))
    row = await _moved_to(anna, START + 2 * HOUR)
    assert (row["state"], row["wish"], row["deadline"]) == ("planned", "moved", END + 2 * HOUR)
    assert await anna.claim(movable) == (409, {"error": "wrong_state"})
    await world.clock.forward(2 * HOUR)
    bo = await world.console("bo")
    await (await bo.look(movable)).end(Outcome.SEEN)
    await bo.row("seen")
    await bo.close()
    assert "moved" in await _events(world)


async def test_a_moved_look_that_nobody_does_is_missed_at_its_new_time(
    anna: Console, movable: Home, world: World
) -> None:
    await movable.wish(moved=(wire.Moved(OCCURRENCE, START - HOUR, END - HOUR + 600),))
    await _moved_to(anna, START - HOUR)
    await world.clock.forward(600)
    assert (await anna.row("visit"))["cause"] == "missed"


async def test_a_claimed_look_that_is_moved_away_goes_back_to_the_queue(anna: Console, movable: Home) -> None:
    await anna.claim(movable)
    await anna.row("claimed")
    await movable.wish(moved=(wire.Moved(OCCURRENCE, START + HOUR, END + HOUR),))
    row = await _moved_to(anna, START + HOUR)
    assert (row["state"], row["claimed_by"]) == ("planned", "")


async def test_a_moved_look_stays_when_the_same_plan_is_renewed(anna: Console, movable: Home, world: World) -> None:
    moved = wire.Moved(OCCURRENCE, START + 2 * HOUR, END + 2 * HOUR)
    await movable.wish(moved=(moved,))
    await world.clock.forward(HOUR + 60)  # the agreed time is over, the wished one is not
    await movable.agree(movable.plan(number=3, move=120))
    await anna.login()
    row = await anna.state()
    assert (row["state"], row["start"], row["plan"]["number"]) == ("planned", START + 2 * HOUR, 3)


async def test_a_look_moved_out_of_what_is_agreed_stays_where_it_is(anna: Console, movable: Home) -> None:
    await movable.wish(moved=(wire.Moved(OCCURRENCE, START + 86400, END + 86400),))
    assert (await anna.state())["start"] == START


# ---- away -----------------------------------------------------------------------------------------------------------


async def test_away_is_shown_ahead_of_time_and_counts_as_paused_with_the_home_offline(
    anna: Console, home: Home, world: World
) -> None:
    await home.wish(away=(wire.Away(START - HOUR, START + 9 * HOUR),))
    row = await anna.row("paused")
    assert (row["wish"], row["away"], row["paused"]) == ("away", START + 9 * HOUR, False)
    await home.close()
    await world.clock.forward(HOUR)
    await _ended(world, home, "paused")
    await anna.login()
    assert (await anna.state(TOMORROW))["state"] == "planned"
    assert (await _events(world))[:2] == ["paused", "away"]


async def test_a_client_who_comes_home_while_the_look_is_due_is_looked_to(
    anna: Console, home: Home, world: World
) -> None:
    await home.wish(away=(wire.Away(START - HOUR, START + 600),))
    await anna.row("paused")
    await world.clock.forward(600)
    await anna.row("planned")
    assert (await anna.claim(home))[0] == 200


async def test_a_client_who_comes_home_early_says_so(anna: Console, home: Home, world: World) -> None:
    await home.wish(away=(wire.Away(START - HOUR, START + 9 * HOUR),))
    await anna.row("paused")
    await world.clock.forward(60)
    await home.wish()
    await anna.row("planned")


async def test_a_pause_whose_end_is_known_ends_with_the_home_offline(anna: Console, home: Home, world: World) -> None:
    """Guests in the afternoon, and then no contact: the night's look is not taken for paused."""
    await home.status(paused=True)
    await anna.row("paused")
    await home.wish(away=(wire.Away(START - HOUR, START + 600),))
    await home.status(paused=True)
    assert (await anna.state())["paused"] is False
    await home.close()
    await world.clock.forward(600)
    await anna.row("planned")
    await world.clock.forward(3000)
    assert (await anna.row("visit"))["cause"] == "missed"


async def test_a_pause_without_an_end_lasts_though_a_time_away_was_told_of(
    anna: Console, home: Home, world: World
) -> None:
    await home.wish(away=(wire.Away(START - HOUR, START - 60),))
    await home.status(paused=True)
    await anna.row("paused")
    await home.close()
    await world.clock.forward(HOUR)
    await _ended(world, home, "paused")


async def test_a_pause_whose_end_is_known_ends_also_after_a_restart(tmp_path: Path) -> None:
    root = SigningKey.generate()
    world = await serve(tmp_path, root, MovedClock())
    home = await world.home()
    await home.wish(away=(wire.Away(START - HOUR, START + 600),))
    await home.status(paused=True)
    await eventually(lambda: world.desk.homes.get(home.hub).told_paused)
    await home.close()
    await world.stop()

    again = await serve(tmp_path, root, MovedClock(START + 900))
    await again.service.planner.round()
    anna = await again.console("anna")
    assert (await anna.state())["state"] == "planned"
    await anna.close()
    await again.stop()


# ---- which wishes count ---------------------------------------------------------------------------------------------


async def test_replayed_older_wishes_change_nothing(anna: Console, home: Home, world: World) -> None:
    token = await home.wish(OCCURRENCE)
    await world.clock.forward(60)
    await home.wish()
    await anna.row("planned")
    await home.send(frames.Signed("", token))
    await home.settled()
    assert (await anna.state())["state"] == "planned"


async def test_another_homes_wishes_are_refused(anna: Console, home: Home, world: World) -> None:
    other = Home(world)
    await home.sign("", wire.Wishes(other.hub, (OCCURRENCE,), (), (), (), START))
    token = other.key.sign(wire.Wishes(home.hub, (OCCURRENCE,), (), (), (), START))
    await home.send(frames.Signed("", token))
    await home.settled()
    assert (await anna.state())["state"] == "planned"
    assert await _codes(world) == ["unknown_signer", "wrong_hub"]


async def test_malformed_wishes_are_logged_and_refused(anna: Console, home: Home, world: World) -> None:
    token = home.key.sign(wire.Wishes(home.hub, (), (), (wire.Away(START, START - 1),), (), START))
    await home.send(frames.Signed("", token))
    await home.send(frames.Signed("", home.key.sign(wire.Opened("L" * 22, "R" * 43, START * 1000, 30))))
    await home.settled()
    assert await _codes(world) == ["bad_message", "bad_message"]
    assert await world.store.wishes(home.hub) is None


async def test_wishes_from_the_future_do_not_silence_those_that_follow(anna: Console, home: Home, world: World) -> None:
    await home.wish(OCCURRENCE, iat=START + 121)
    assert await _codes(world) == ["clock_skew"]
    assert (await anna.state())["state"] == "planned"


async def test_wishes_told_again_are_not_logged_again(home: Home, world: World) -> None:
    for seconds in (0, 60, 60):
        await world.clock.forward(seconds)
        await home.wish(OCCURRENCE)
    await home.wish()
    assert len(await world.store.entries(Search(event="wishes"))) == 2


async def test_wishes_outlive_a_restart(tmp_path: Path) -> None:
    root = SigningKey.generate()
    world = await serve(tmp_path, root, MovedClock())
    home = await world.home()
    await home.wish(OCCURRENCE, away=(wire.Away(START + 23 * HOUR, START + 30 * HOUR),))
    await home.close()
    await world.stop()

    again = await serve(tmp_path, root, MovedClock(START + HOUR))
    anna = await again.console("anna")
    assert (await anna.state())["state"] == "declined"
    await again.clock.forward(60)  # as long as the home may take to come back and say otherwise
    await _ended(again, home, "declined")
    await again.service.planner.round()
    assert (await anna.state(TOMORROW))["state"] == "paused"
    await anna.close()
    await again.stop()


# ---- a visit that the client asks for -------------------------------------------------------------------------------


async def _visits(console: Console) -> list[Json]:
    _, found = await console.get("/api/visits")
    visits = found["visits"]
    assert isinstance(visits, list)
    return visits


async def test_a_visit_asked_for_is_a_task_for_the_patrol(anna: Console, home: Home, world: World) -> None:
    await home.wish(visits=(ASKED,))
    told = (await anna.until(lambda one: one["type"] == "visit"))["visit"]
    assert isinstance(told, dict)
    expected = {
        "cause": "asked", "state": "open", "label": "Rosen 1", "occurrence": "", "created": ASKED.at,
        "fallback": ["call_client", "visit"], "contact": CONTACT,
    }  # fmt: skip
    assert {name: told[name] for name in expected} == expected
    done = {"result": "visited", "how": "visit", "note": "ville prata"}
    for step, body in (("acknowledge", {}), ("arrive", {}), ("finish", done)):
        status, found = await anna.post(f"/api/visits/{told['id']}/{step}", **body)
        assert status == 200, found
    assert (found["state"], found["by"], found["note"]) == ("finished", "Anna", "ville prata")
    events = [one.event for one in await world.store.entries(Search(hub=home.hub))]
    assert events[:4] == ["visit_finished", "visit_arrived", "visit_acknowledged", "visit"]
    _, night = await anna.get("/api/night")
    assert (night["planned"], night["visited"]) == (1, 0)  # it is no planned look


async def test_a_visit_is_asked_for_once_however_often_it_is_told(anna: Console, home: Home, world: World) -> None:
    for _ in range(3):
        await home.wish(visits=(ASKED,))
        await world.clock.forward(60)
    assert len(await _visits(anna)) == 1
    second = replace(ASKED, id="W" * 22)
    await home.wish(visits=(ASKED, second))
    assert len(await _visits(anna)) == 2


async def test_the_same_id_of_two_homes_is_two_visits(anna: Console, home: Home, world: World) -> None:
    other = await world.home("Rosen 2")
    await home.wish(visits=(ASKED,))
    await other.wish(visits=(ASKED,))
    assert {one["label"] for one in await _visits(anna)} == {"Rosen 1", "Rosen 2"}
    await other.close()


async def test_a_visit_in_wishes_that_come_late_is_made_though_newer_ones_are_known(
    anna: Console, home: Home, world: World
) -> None:
    await home.wish()
    await home.wish(OCCURRENCE, visits=(ASKED,), iat=START - 60)
    assert [one["cause"] for one in await _visits(anna)] == ["asked"]
    assert (await anna.state())["state"] == "planned"


async def test_a_visit_from_a_clock_that_is_ahead_was_asked_for_now(anna: Console, home: Home) -> None:
    await home.wish(visits=(replace(ASKED, at=START + 90),))
    assert [one["created"] for one in await _visits(anna)] == [START]


async def test_a_visit_asked_for_before_there_is_a_plan_waits_for_it(anna: Console, world: World) -> None:
    new = Home(world, "Rosen 9")
    await new.connect()
    await new.wish(visits=(ASKED,))
    assert (await _visits(anna), await _codes(world)) == ([], ["no_plan"])
    await new.agree(new.plan())
    assert [one["label"] for one in await _visits(anna)] == ["Rosen 9"]
    await new.close()


async def test_of_two_who_take_the_same_visit_one_is_told_so(anna: Console, home: Home, world: World) -> None:
    await home.wish(visits=(ASKED,))
    (visit,) = await world.store.visits(0)
    taken = replace(visit, by="anna", acknowledged=START)
    said = Entry(START, "visit_acknowledged", "anna", home.hub)
    await world.desk.visit(visit, taken, said)
    with pytest.raises(Failed, match="wrong_state"):
        await world.desk.visit(visit, replace(visit, by="bo", acknowledged=START), said)
    assert await anna.post(f"/api/visits/{visit.id}/acknowledge") == (409, {"error": "wrong_state"})
    assert (await anna.post(f"/api/visits/{visit.id}/arrive"))[0] == 200
    assert await anna.post(f"/api/visits/{visit.id}/arrive") == (409, {"error": "wrong_state"})


async def _ended(world: World, home: Home, how: str) -> None:
    """The planner ends the look so."""
    await world.service.planner.round()
    row = await world.store.planned(home.hub, OCCURRENCE)
    assert row is not None
    assert row.ended == how
