"""Power only around the windows: a camera with a real plug, that is gone without it and starts slowly with it."""

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator
from contextlib import closing, suppress

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn.errors import Problem
from custom_components.trygghetskamera.tillsyn.gate_values import ClearProblem, Place, RaiseProblem
from custom_components.trygghetskamera.tillsyn.model import Outcome, Window
from virtual_camera import Settings, VirtualCamera

from .blueprints import SEND, Sent, automate, end_automations
from .home import GATE, NEXT_LOOK, PASSWORD, PAUSE, USER, Setup, camera_data, entry_data
from .peers import ScriptedBridge, closed_window, open_window

PLUG = "switch.plug"
RELAY = "input_boolean.relay"
CONNECTIVITY = "binary_sensor.bedroom_camera_connectivity"
PROBLEM = "binary_sensor.bedroom_camera_problem"
BOOT_SECONDS = 0.5


class Socket:
    """What the plug feeds; ``was`` are the gate's places at each cut."""

    def __init__(self, hass: HomeAssistant, camera: VirtualCamera) -> None:
        self._hass, self._camera = hass, camera
        self._work: asyncio.Task[None] | None = None
        self.was: list[str] = []

    @callback
    def changed(self, event: Event) -> None:
        """Power comes or goes."""
        is_on = event.data["new_state"].state == "on"
        if not is_on:
            gate = self._hass.states.get(GATE)
            self.was.append("" if gate is None else gate.state)
        if self._work is not None:
            self._work.cancel()
        self._work = self._hass.async_create_background_task(self._feed(is_on), "socket")

    async def _feed(self, is_on: bool) -> None:
        if is_on:
            await asyncio.sleep(BOOT_SECONDS)
            await self._camera.plug_in()
        else:
            await self._camera.unplug()


def _port() -> int:
    """A port that is free and that no client takes while the camera is without power."""
    while True:
        port = random.randrange(20_000, 30_000)
        with closing(socket.socket()) as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


@pytest.fixture
async def camera() -> AsyncIterator[VirtualCamera]:
    """At ports that are its own also while it does not listen."""
    settings = Settings(user=USER, password=PASSWORD, motor_speed=20, http_port=_port(), rtsp_port=_port())
    async with VirtualCamera(settings) as found:
        yield found


@pytest.fixture
async def entry(hass: HomeAssistant, bridge: ScriptedBridge, camera: VirtualCamera) -> MockConfigEntry:
    """A home whose camera hangs on a plug."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"relay": {"initial": True}}})
    relay = {"entity_id": RELAY}
    plug = {
        "name": "plug",
        "state": f"{{{{ states('{RELAY}') }}}}",
        "turn_on": {"action": "input_boolean.turn_on", "target": relay},
        "turn_off": {"action": "input_boolean.turn_off", "target": relay},
    }
    assert await async_setup_component(hass, "template", {"template": [{"switch": [plug]}]})
    await hass.async_block_till_done()
    data = camera_data(camera) | {"power_switch": PLUG}
    subentry = ConfigSubentryData(data=data, subentry_type="camera", title="Camera", unique_id=None)
    found = MockConfigEntry(domain=DOMAIN, title="Hemmet", data=entry_data(bridge), subentries_data=[subentry])
    found.add_to_hass(hass)
    return found


@pytest.fixture
async def plugged(home: Setup, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Socket]:
    """The camera hangs on it. Moves are tried often, so that many fail while it starts."""
    monkeypatch.setattr("custom_components.trygghetskamera.camera_side._WAITS", (0.0, 0.02))
    found = Socket(home.hass, home.camera)
    stop = async_track_state_change_event(home.hass, [RELAY], found.changed)
    yield found
    stop()
    await end_automations(home.hass)


async def run(home: Setup, **inputs: object) -> None:
    await automate(home.hass, "power_around_windows", power=PLUG, gates=[GATE], next_look=NEXT_LOOK, **inputs)


async def plan(home: Setup, number: int, window: Window) -> None:
    await home.bridge.send(home.bridge.municipality.plan(number, (window,)))
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(number, accepted=True, by="u")
    await home.hass.async_block_till_done()


async def turn(home: Setup, entity: str, action: str) -> None:
    await home.hass.services.async_call("homeassistant", action, {"entity_id": entity}, blocking=True)
    await home.hass.async_block_till_done()


async def test_after_the_window_it_loses_its_power_once_it_has_looked_away_for_some_time(
    home: Setup, plugged: Socket
) -> None:
    await run(home, rest=0.02)
    began = time.monotonic()
    await plan(home, 2, closed_window())
    assert home.state(PLUG) == "on"
    await home.until(lambda: home.state(PLUG) == "off")
    assert time.monotonic() - began >= 1.2
    assert (home.state(GATE), plugged.was) == ("dark", ["closed"])
    assert (home.state(PROBLEM), home.state(CONNECTIVITY)) == ("off", "unknown")


async def test_before_the_window_it_has_power_and_is_read_back_in_time(home: Setup, plugged: Socket) -> None:
    sent = Sent(home.hass)
    await run(home, rest=0, send=SEND)
    await plan(home, 2, closed_window())
    assert home.state(GATE) == "dark"
    places = [home.state(GATE)]
    home.home.listen(lambda: places.append(home.state(GATE)))
    await plan_without_waiting(home, 3)
    await home.until(lambda: home.state(GATE) == "closed")
    assert home.is_looking_away()
    # While it starts it does not answer. That is no fault, and no reason to take its power again.
    assert set(places) == {"dark", "closing", "closed"}
    assert (home.state(PLUG), plugged.was, sent.messages) == ("on", ["closed"], [])


async def plan_without_waiting(home: Setup, number: int) -> None:
    """A plan with an open window, where an automation then waits for the camera."""
    await home.bridge.send(home.bridge.municipality.plan(number, (open_window(),)))
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(number, accepted=True, by="u")


async def test_while_a_look_goes_on_or_may_be_made_once_more_it_keeps_its_power(home: Setup, plugged: Socket) -> None:
    await run(home, rest=0)
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await home.hass.async_block_till_done()
    assert home.state(PLUG) == "on"
    await home.bridge.close_look(operator, connected.look, Outcome.NOT_SEEN)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    assert (home.state(PLUG), plugged.was) == ("on", [])


async def test_a_camera_that_has_not_been_read_back_keeps_its_power(home: Setup, plugged: Socket) -> None:
    """Without power nobody could see where it looks when it has power again."""
    await run(home, rest=0)
    home.camera.faults.password_changed = True
    await home.home.check_positions()
    assert home.state(GATE) != "closed"
    await plan(home, 2, closed_window())
    # What the gate itself cuts is another thing: its last way to make the camera private.
    assert plugged.was in ([], ["fault"])
    assert "closed" not in plugged.was


async def test_what_does_not_look_away_is_given_no_power(home: Setup, plugged: Socket) -> None:
    await turn(home, PLUG, "turn_off")
    await home.until_place(Place.DARK)
    home.hass.states.async_set(GATE, "fault", {"power_switch": PLUG})
    sent = Sent(home.hass)
    await start(home, patience=0, send=SEND)
    assert await sent.until(1) == ["Kameran har inte startat, så överenskomna titt-in kanske inte blir av."]
    assert home.state(PLUG) == "off"


async def start(home: Setup, **inputs: object) -> None:
    """Home Assistant starts, and has had the automation for long."""
    home.hass.set_state(CoreState.starting)
    await run(home, **inputs)
    home.hass.set_state(CoreState.running)
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)


async def test_after_a_restart_in_the_window_it_is_given_power(home: Setup, plugged: Socket) -> None:
    await turn(home, PLUG, "turn_off")
    await home.until_place(Place.DARK)
    await start(home)
    await home.until_place(Place.CLOSED)
    assert home.state(PLUG) == "on"


async def test_after_a_restart_outside_it_rests_first(home: Setup, plugged: Socket) -> None:
    await plan(home, 2, closed_window())
    await start(home, rest=0)
    await home.hass.async_block_till_done()
    assert (home.state(PLUG), plugged.was) == ("off", ["closed"])


async def test_a_plug_that_the_home_does_not_know_is_left_alone(home: Setup, plugged: Socket) -> None:
    """To cut it would be a fault, and the pause switch is nothing that an automation turns off."""
    await turn(home, PAUSE, "turn_on")
    await automate(home.hass, "power_around_windows", power=PAUSE, gates=[GATE], next_look=NEXT_LOOK, rest=0)
    await plan(home, 2, closed_window())
    assert (home.state(PAUSE), home.state(PLUG)) == ("on", "on")


async def test_the_household_is_not_warned_of_a_camera_without_power(home: Setup, plugged: Socket) -> None:
    """As it would be of one that does not answer."""
    sent = Sent(home.hass)
    await automate(home.hass, "warn_when_down", problems=[PROBLEM], connections=[CONNECTIVITY], minutes=0, send=SEND)
    await home.home.check_positions()
    await turn(home, PLUG, "turn_off")
    await home.until(lambda: home.state(CONNECTIVITY) == "unknown")
    await home.home.check_positions()
    await home.hass.async_block_till_done()
    assert sent.messages == []
    for effect in (RaiseProblem, ClearProblem):
        home.home.sides[home.home.camera_id].carry_out(effect(Problem.CANNOT_LOOK_AWAY))
        home.home.changed()
    assert await sent.until(1)
