"""Triggers and conditions, each in a real automation."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import probatio as vol
import pytest
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.trygghetskamera.condition import IsWindowOpen
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn.errors import Problem
from custom_components.trygghetskamera.tillsyn.gate_values import ClearProblem, Place, RaiseProblem
from custom_components.trygghetskamera.tillsyn.model import Outcome
from virtual_camera import Motor

from .home import EVENT, GATE, LAST_LOOK, NEXT_LOOK, PAUSE, PRIVACY, Setup

PROBLEM = "binary_sensor.bedroom_camera_problem"
LOOKING = "binary_sensor.bedroom_camera_looking"


async def automate(hass: HomeAssistant, *triggers: Any, conditions: Any = ()) -> list[dict[str, Any]]:
    """An automation that notes what triggered it."""
    heard: list[dict[str, Any]] = []

    @callback
    def note(event: Event) -> None:
        heard.append(dict(event.data))

    hass.bus.async_listen("noted", note)
    data = {"entity": "{{ trigger.entity_id | default('') }}", "trigger": "{{ trigger.id }}"}
    automation = {
        "alias": "noting",
        "mode": "queued",
        "triggers": list(triggers),
        "conditions": list(conditions),
        "actions": [{"event": "noted", "event_data_template": data}],
    }
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()
    assert hass.states.get("automation.noting").state == "on"  # type: ignore[union-attr]
    return heard


def happening(kind: str, entity: str = EVENT) -> dict[str, Any]:
    return {"trigger": f"{DOMAIN}.{kind}", "id": kind, "target": {"entity_id": entity}}


def condition(kind: str, target: dict[str, str]) -> dict[str, Any]:
    return {"condition": f"{DOMAIN}.{kind}", "target": target}


HAPPENINGS = tuple(happening(kind) for kind in ("look_started", "look_ended", "look_refused", "plan_proposed"))


async def turn_on(home: Setup, switch: str) -> None:
    await home.hass.services.async_call("switch", "turn_on", {"entity_id": switch}, blocking=True)
    await home.hass.async_block_till_done()


async def test_a_look_triggers_when_it_starts_and_when_it_ends(home: Setup) -> None:
    heard = await automate(home.hass, *HAPPENINGS)
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await home.hass.async_block_till_done()
    assert heard == [{"entity": EVENT, "trigger": "look_started"}]
    await home.bridge.close_look(operator, connected.look, Outcome.SEEN)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    assert [one["trigger"] for one in heard] == ["look_started", "look_ended"]


async def test_a_refusal_and_a_plan_trigger(home: Setup) -> None:
    heard = await automate(home.hass, *HAPPENINGS)
    home.home.tell("look_refused", code="paused")
    await home.hass.async_block_till_done()
    await home.bridge.send(home.bridge.municipality.plan(2))
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.hass.async_block_till_done()
    assert [one["trigger"] for one in heard] == ["look_refused", "plan_proposed"]


async def test_a_problem_triggers_once(home: Setup) -> None:
    heard = await automate(home.hass, happening("became_problem", PROBLEM))
    for effect in (RaiseProblem, RaiseProblem, ClearProblem, RaiseProblem):
        home.home.sides[home.home.camera_id].carry_out(effect(Problem.CANNOT_LOOK_AWAY))
        home.home.changed()
        await home.hass.async_block_till_done()
    assert heard == [{"entity": PROBLEM, "trigger": "became_problem"}] * 2


async def test_a_whole_home_may_be_the_target_and_the_entities_may_be_renamed(home: Setup) -> None:
    device = dr.async_get(home.hass).async_get(home.home.device_id)
    assert device is not None
    er.async_get(home.hass).async_update_entity(EVENT, new_entity_id="event.natten")
    await home.hass.async_block_till_done()
    trigger = happening("look_refused") | {"target": {"device_id": device.id}}
    heard = await automate(home.hass, trigger)
    home.home.tell("look_refused", code="paused")
    await home.hass.async_block_till_done()
    assert [one["entity"] for one in heard] == ["event.natten"]


async def test_the_event_of_something_else_does_not_trigger(home: Setup) -> None:
    entry = er.async_get(home.hass).async_get_or_create("event", "other", "abc-look")
    heard = await automate(home.hass, happening("look_started", entry.entity_id))
    for moment in ("2026-01-01T00:00:00.000+00:00", "2026-01-01T00:00:01.000+00:00"):
        home.hass.states.async_set(entry.entity_id, moment, {"event_type": "look_started"})
        await home.hass.async_block_till_done()
    assert heard == []


@pytest.mark.parametrize(("kind", "switch", "other"), [("is_paused", PAUSE, PRIVACY), ("is_private", PRIVACY, PAUSE)])
async def test_pause_and_privacy_are_conditions(home: Setup, kind: str, switch: str, other: str) -> None:
    asked = [condition(kind, {"entity_id": [PAUSE, PRIVACY]})]  # type: ignore[dict-item]
    heard = await automate(home.hass, {"trigger": "event", "event_type": "ask"}, conditions=asked)

    async def ask() -> int:
        home.hass.bus.async_fire("ask")
        await home.hass.async_block_till_done()
        return len(heard)

    assert await ask() == 0
    await turn_on(home, other)
    assert await ask() == 0
    await turn_on(home, switch)
    assert await ask() == 1


async def test_looking_is_a_condition(home: Setup) -> None:
    asked = [condition("is_looking", {"entity_id": LOOKING})]
    heard = await automate(home.hass, {"trigger": "event", "event_type": "ask"}, conditions=asked)
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    home.hass.bus.async_fire("ask")
    await home.hass.async_block_till_done()
    assert heard == []
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    home.hass.bus.async_fire("ask")
    await home.hass.async_block_till_done()
    assert len(heard) == 1


@dataclass
class Asked:
    """Whether a condition is met."""

    home: Setup
    heard: list[dict[str, Any]]

    async def __call__(self) -> bool:
        before = len(self.heard)
        self.home.hass.bus.async_fire("ask")
        await self.home.hass.async_block_till_done()
        return len(self.heard) > before


async def asking(home: Setup, kind: str, target: str | list[str]) -> Asked:
    conditions = [condition(kind, {"entity_id": target})]  # type: ignore[dict-item]
    return Asked(home, await automate(home.hass, {"trigger": "event", "event_type": "ask"}, conditions=conditions))


async def test_looking_away_is_what_has_been_read_back(home: Setup) -> None:
    is_met = await asking(home, "is_looking_away", GATE)
    assert await is_met()
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    home.camera.faults.motor = Motor.STUCK
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPENING)
    assert not await is_met()
    home.camera.faults.motor = Motor.HEALTHY
    await home.until_place(Place.OPEN)
    assert not await is_met()
    await home.bridge.close_look(operator, connected.look)
    await home.until_place(Place.CLOSED)
    assert await is_met()


async def test_the_window_is_open_until_the_client_was_seen(home: Setup) -> None:
    is_met = await asking(home, "is_window_open", [NEXT_LOOK, LAST_LOOK, GATE])
    assert await is_met()
    operator = home.bridge.municipality.operator()
    for outcome, is_open in ((Outcome.NOT_SEEN, True), (Outcome.SEEN, False)):
        connected = await home.bridge.prepare(operator, home.occurrence)
        await home.bridge.send(home.bridge.click(operator, connected))
        await home.until_place(Place.OPEN)
        await home.bridge.close_look(operator, connected.look, outcome)
        await home.until_place(Place.CLOSED)
        await home.hass.async_block_till_done()
        assert await is_met() is is_open


@pytest.mark.parametrize(
    ("starts", "ends", "is_open"),
    [
        pytest.param(1, 2, False, id="it comes"),
        pytest.param(-1, 1, True, id="it has begun"),
        pytest.param(-2, -1, False, id="it is over, though the sensor has not changed yet"),
    ],
)
async def test_the_window_is_open_by_the_clock(home: Setup, starts: int, ends: int, is_open: bool) -> None:
    is_met = await asking(home, "is_window_open", NEXT_LOOK)
    start, until = (dt_util.utcnow() + timedelta(minutes=minutes) for minutes in (starts, ends))
    home.hass.states.async_set(NEXT_LOOK, start.isoformat(), {"until": until.isoformat()})
    assert await is_met() is is_open


async def test_for_how_long_the_window_has_been_open_cannot_be_asked(hass: HomeAssistant) -> None:
    with pytest.raises(vol.Invalid):
        await IsWindowOpen.async_validate_config(
            hass, {"target": {"entity_id": [NEXT_LOOK]}, "options": {"for": {"minutes": 1}}}
        )
