"""The calendar shows what was agreed, and nobody changes it there."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.const import ATTR_SUPPORTED_FEATURES
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.tillsyn.entries import ConsentWithdrawn, LookMoved, LookSkipped
from custom_components.trygghetskamera.tillsyn.schedule import occurrences

from .home import CALENDAR, PAUSE, Setup
from .peers import closed_window


async def events(home: Setup, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """What the calendar answers to an automation."""
    answer = await home.hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": CALENDAR, "start_date_time": start.isoformat(), "end_date_time": end.isoformat()},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    return answer[CALENDAR]["events"]  # type: ignore[index, call-overload, return-value]


async def test_the_window_that_is_open_is_shown(home: Setup) -> None:
    state = home.hass.states.get(CALENDAR)
    assert state is not None
    assert (state.state, state.attributes["message"]) == ("on", "Agreed look")
    assert state.attributes.get(ATTR_SUPPORTED_FEATURES, 0) == 0


async def test_each_coming_night_has_its_look(home: Setup) -> None:
    now = dt_util.utcnow()
    found = await events(home, now, now + timedelta(days=7))
    assert len(found) == 8
    starts = [dt_util.parse_datetime(one["start"]) for one in found]
    assert starts == sorted(starts)  # type: ignore[type-var]


async def test_nothing_is_said_to_have_been_agreed_before_the_plan(home: Setup) -> None:
    now = dt_util.utcnow()
    assert await events(home, now - timedelta(days=30), now - timedelta(days=1)) == []


async def test_more_than_a_year_is_not_worked_out_at_once(home: Setup) -> None:
    now = dt_util.utcnow()
    assert len(await events(home, now, now + timedelta(days=3650))) in (400, 401, 402)


async def test_a_new_plan_changes_it(home: Setup) -> None:
    await home.bridge.send(home.bridge.municipality.plan(2, (closed_window(),)))
    await home.until(lambda: home.home.plans.waiting is not None)
    assert home.state(CALENDAR) == "on"
    await home.home.plans.answer(2, accepted=True, by="u")
    await home.hass.async_block_till_done()
    assert home.state(CALENDAR) == "off"


async def test_a_pause_does_not_change_what_was_agreed(home: Setup) -> None:
    await home.hass.services.async_call("switch", "turn_on", {"entity_id": PAUSE}, blocking=True)
    assert home.state(CALENDAR) == "on"


async def test_without_consent_nothing_is_agreed(home: Setup) -> None:
    await home.home.memory.away(ConsentWithdrawn("", ""))
    await home.hass.async_block_till_done()
    state = home.hass.states.get(CALENDAR)
    assert state is not None
    assert (state.state, "message" in state.attributes) == ("off", False)


async def test_nobody_adds_a_look(home: Setup, hass_client: ClientSessionGenerator) -> None:
    start = dt_util.utcnow()
    data = {
        "entity_id": CALENDAR,
        "summary": "x",
        "start_date_time": start.isoformat(),
        "end_date_time": (start + timedelta(hours=1)).isoformat(),
    }
    with pytest.raises(HomeAssistantError):
        await home.hass.services.async_call("calendar", "create_event", data, blocking=True)
    client = await hass_client()
    answer = await client.get(f"/api/calendars/{CALENDAR}", params={"start": "2026-01-01", "end": "2026-01-02"})
    assert answer.status == 200


async def test_it_speaks_swedish_in_a_swedish_home(home: Setup) -> None:
    home.hass.config.language = "sv"
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until(lambda: home.home.gate.plan is not None)
    await home.hass.async_block_till_done()
    states = [one for one in home.hass.states.async_all("calendar") if one.state == "on"]
    assert [one.attributes["message"] for one in states] == ["Överenskommen titt-in"]


async def test_a_look_is_shown_where_the_client_has_put_it_and_not_where_it_is_done_without(home: Setup) -> None:
    plan, now = home.home.gate.plan, dt_util.utcnow()
    assert plan is not None
    week = (now, now + timedelta(days=7))
    _, first, second, *_ = occurrences(plan.windows, *week)
    start = first.start + timedelta(hours=30)
    start_ms = round(start.timestamp() * 1000)
    await home.home.memory.add(LookMoved(first.id, start_ms, start_ms + 3_600_000, ""))
    await home.home.memory.away(LookSkipped(second.id, ""))
    found = {dt_util.as_utc(datetime.fromisoformat(one["start"])) for one in await events(home, *week)}
    assert start in found
    assert not {first.start, second.start} & found
    assert len(found) == 7
