"""How clients slept: kept by night, shown to those who follow up, and gone after 400 days."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from operator_service.rows import Search, SleepRow
from tests.operator.peers import START, Console, Home, World
from tillsyn import wire

NIGHT = date(2026, 11, 21)


def _sleep(home: Home, rating: int = 4, night: date = NIGHT, comment: str = "", iat: int = START) -> wire.Sleep:
    return wire.Sleep(home.hub, night, rating, comment, iat)


async def _told(home: Home, *told: wire.Sleep) -> None:
    for one in told:
        await home.sign("", one)
    await home.settled()


async def test_a_rating_is_shown_with_the_homes_label_and_no_more(anna: Console, home: Home, world: World) -> None:
    await _told(home, _sleep(home, 2, comment="Vaknade tidigt"), _sleep(home, 5, date(2026, 11, 20)))
    status, found = await anna.get("/api/sleep?nights=14")
    assert (status, found) == (
        200,
        {
            "first": "2026-11-09",
            "last": "2026-11-22",
            "homes": [
                {
                    "label": "Rosen 1",
                    "nights": [
                        {"night": "2026-11-20", "rating": 5, "comment": ""},
                        {"night": "2026-11-21", "rating": 2, "comment": "Vaknade tidigt"},
                    ],
                }
            ],
        },
    )
    assert "Vaknade" not in str(await world.store.entries(Search()))


async def test_the_newest_word_on_a_night_counts(home: Home, world: World) -> None:
    first, second = _sleep(home, 2, iat=START - 60), _sleep(home, 4, comment="somnade om")
    await _told(home, first, second, first)
    assert await world.store.sleep("2026-01-01") == [SleepRow(home.hub, "2026-11-21", 4, "somnade om", START)]


async def test_other_units_and_other_roles_do_not_see_it(home: Home, world: World) -> None:
    await _told(home, _sleep(home))
    await world.person("syd", "operator", unit="syd")
    await world.person("tekniker", "admin")
    for login, expected in (("syd", (200, [])), ("tekniker", (403, None))):
        console = Console(world, login)
        await console.login()
        status, found = await console.get("/api/sleep")
        assert (status, found.get("homes")) == expected
        await console.close()


@pytest.mark.parametrize("days", [-1, 401])
async def test_a_night_that_has_not_been_or_is_long_ago_is_refused(home: Home, world: World, days: int) -> None:
    await _told(home, _sleep(home, night=date(2026, 11, 22) - timedelta(days=days)))
    assert await world.store.sleep("2000-01-01") == []
    assert [one.code for one in await world.store.entries(Search(event="frame_refused"))] == ["bad_message"]


async def test_another_homes_sleep_and_a_clock_that_is_ahead_are_refused(home: Home, world: World) -> None:
    await _told(home, replace(_sleep(home), hub="H" * 43), _sleep(home, iat=START + 121))
    assert await world.store.sleep("2000-01-01") == []
    assert [one.code for one in await world.store.entries(Search(event="frame_refused"))] == ["clock_skew", "wrong_hub"]


async def test_it_is_removed_after_400_days(home: Home, world: World) -> None:
    await _told(home, _sleep(home, night=date(2026, 11, 20)), _sleep(home))
    await home.close()
    await world.clock.forward(399 * 86400)  # 400 days after the 21st
    await world.service.planner.round()
    assert [one.night for one in await world.store.sleep("2000-01-01")] == ["2026-11-21"]
