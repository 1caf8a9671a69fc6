"""Every blueprint is valid and harmless, and does in Home Assistant what it says."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import Context, CoreState, HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockUser,
    async_capture_events,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.trygghetskamera.tillsyn.errors import Problem
from custom_components.trygghetskamera.tillsyn.gate_values import ClearProblem, Place, RaiseProblem
from custom_components.trygghetskamera.tillsyn.model import Outcome

from .blueprints import SEND, Sent, automate, end_automations
from .home import CALENDAR, EVENT, LAST_LOOK, PATIENCE, PAUSE, PRIVACY, Setup

LOOKING = "binary_sensor.bedroom_camera_looking"
PROBLEM = "binary_sensor.bedroom_camera_problem"
RATING = "select.night_supervision_sleep_last_night"
LINK = "binary_sensor.night_supervision_operator_service"
REACHABLE = "binary_sensor.bedroom_camera_connectivity"


async def look(home: Setup, outcome: Outcome = Outcome.SEEN) -> None:
    """A whole look."""
    operator = home.bridge.municipality.operator("Alva Natt")
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await home.hass.async_block_till_done()
    await home.bridge.close_look(operator, connected.look, outcome)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()


@pytest.fixture(autouse=True)
async def _automations_end(home: Setup) -> AsyncIterator[None]:
    yield
    await end_automations(home.hass)


async def later(hass: HomeAssistant, **time: int) -> None:
    """Time passes."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(**time))
    await hass.async_block_till_done()


async def put(hass: HomeAssistant, entity: str, state: str) -> None:
    hass.states.async_set(entity, state, {"friendly_name": entity.split(".")[1]})
    await hass.async_block_till_done()


async def pause(home: Setup, service: str, user: MockUser) -> None:
    context = Context(user_id=user.id)
    await home.hass.services.async_call("switch", service, {"entity_id": PAUSE}, blocking=True, context=context)
    await home.hass.async_block_till_done()


# ---- pause when away ------------------------------------------------------------------------------------------------


async def test_it_pauses_when_everybody_is_away_and_never_resumes(home: Setup, hass_admin_user: MockUser) -> None:
    hass, people = home.hass, ["person.kajsa", "person.alexander"]
    for one in people:
        await put(hass, one, "home")
    asked = async_capture_events(hass, "asked")
    await automate(hass, "pause_when_away", pause=PAUSE, people=people, away_minutes=0, remind=[{"event": "asked"}])
    await put(hass, people[0], "not_home")
    assert home.state(PAUSE) == "off"
    await put(hass, people[1], "Sjukhuset")
    await later(hass, seconds=1)
    assert home.state(PAUSE) == "on"
    assert asked == []
    await put(hass, people[1], "home")
    assert (home.state(PAUSE), len(asked)) == ("on", 1)
    await pause(home, "turn_off", hass_admin_user)
    assert home.state(PAUSE) == "off"


async def test_a_phone_that_is_gone_is_nobody_away(home: Setup) -> None:
    await put(home.hass, "person.kajsa", "home")
    await automate(home.hass, "pause_when_away", pause=PAUSE, people=["person.kajsa"], away_minutes=0)
    await put(home.hass, "person.kajsa", "unavailable")
    await later(home.hass, seconds=1)
    assert home.state(PAUSE) == "off"


async def test_it_waits_before_it_pauses(home: Setup) -> None:
    await put(home.hass, "person.kajsa", "home")
    await automate(home.hass, "pause_when_away", pause=PAUSE, people=["person.kajsa"], away_minutes=5)
    await put(home.hass, "person.kajsa", "not_home")
    assert home.state(PAUSE) == "off"
    await later(home.hass, minutes=5, seconds=1)
    assert home.state(PAUSE) == "on"


async def test_it_pauses_for_guests_and_ends_a_look(home: Setup) -> None:
    await put(home.hass, "input_boolean.guests", "off")
    await automate(home.hass, "pause_when_away", pause=PAUSE, visits=["input_boolean.guests"])
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await put(home.hass, "input_boolean.guests", "on")
    await home.until_place(Place.CLOSED)
    assert home.state(PAUSE) == "on"
    assert home.is_looking_away()


# ---- a lamp ---------------------------------------------------------------------------------------------------------


async def test_the_lamp_is_lit_while_somebody_looks(home: Setup) -> None:
    lit, out = (async_mock_service(home.hass, "light", one) for one in ("turn_on", "turn_off"))
    await automate(home.hass, "lamp_while_looking", looking=LOOKING, lamp="light.hall", brightness=20)
    await look(home)
    assert [one.data for one in lit] == [{"entity_id": ["light.hall"], "brightness_pct": 20}]
    assert [one.data for one in out] == [{"entity_id": ["light.hall"]}]


async def test_after_a_restart_the_lamp_says_how_it_is(home: Setup) -> None:
    out = async_mock_service(home.hass, "light", "turn_off")
    home.hass.set_state(CoreState.starting)
    await automate(home.hass, "lamp_while_looking", looking=LOOKING, lamp="light.hall")
    assert out == []
    home.hass.set_state(CoreState.running)
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await home.hass.async_block_till_done()
    assert len(out) == 1


# ---- messages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "outcome", "expected"),
    [
        ("sv", Outcome.SEEN, "Brukaren sågs."),
        ("en", Outcome.NOT_SEEN, "The client was not seen."),
        ("sv", Outcome.NEEDS_HELP, "Hjälp behövdes."),
    ],
)
async def test_a_relative_is_told_after_the_look(home: Setup, language: str, outcome: Outcome, expected: str) -> None:
    sent = Sent(home.hass)
    await automate(home.hass, "tell_after_a_look", look=EVENT, language=language, send=SEND)
    await look(home, outcome)
    assert len(sent.messages) == 1
    message = sent.messages[0]
    assert message.endswith(f". {expected}")
    assert any(f" {dt_util.now() - timedelta(minutes=ago):%H:%M} " in message for ago in (0, 1))
    assert "Alva" not in message


async def test_what_is_not_chosen_is_shown_in_home_assistant(home: Setup) -> None:
    made = async_mock_service(home.hass, "persistent_notification", "create")
    await automate(home.hass, "tell_after_a_look", look=EVENT)
    await look(home)
    assert [one.data["title"] for one in made] == ["Titt-in avslutad"]


async def test_the_household_is_warned_of_a_problem(home: Setup) -> None:
    sent = Sent(home.hass)
    await automate(home.hass, "warn_when_down", problems=[PROBLEM], connections=[LINK, REACHABLE], send=SEND)
    for number, effect in enumerate((RaiseProblem, ClearProblem), 1):
        home.home.sides[home.home.camera_id].carry_out(effect(Problem.CANNOT_LOOK_AWAY))
        home.home.changed()
        await sent.until(number)
    assert sent.messages == ["Kameran har problem. Se Inställningar, Reparationer.", "Kameran fungerar igen."]


async def test_the_household_is_warned_when_the_bridge_is_gone(home: Setup) -> None:
    sent = Sent(home.hass)
    await home.until(lambda: home.state(REACHABLE) == "on")
    inputs = {"problems": [PROBLEM], "connections": [LINK, REACHABLE], "minutes": 0, "language": "en"}
    await automate(home.hass, "warn_when_down", send=SEND, **inputs)
    await home.bridge.stop()
    await home.until(lambda: not home.home.link.is_connected)
    assert await sent.until(1) == ["Out of reach, so agreed looks may not happen: Night supervision Operator service."]
    await home.bridge.start()
    assert (await sent.until(2))[1:] == ["Within reach again."]


async def test_the_household_is_told_of_a_look_that_was_not_made(home: Setup) -> None:
    sent = Sent(home.hass)
    inputs = {"problems": [PROBLEM], "connections": [LINK], "look": EVENT, "language": "en"}
    await automate(home.hass, "warn_when_down", send=SEND, **inputs)
    home.home.tell("look_missed", occurrence=home.occurrence)
    await home.hass.async_block_till_done()
    assert sent.messages == ["An agreed look was not made. See that all is well, and call the care contact."]


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_the_morning_says_how_the_night_was(home: Setup, language: str) -> None:
    sent = Sent(home.hass)
    inputs = {"looks": CALENDAR, "last_look": LAST_LOOK, "pause": PAUSE, "language": language}
    await automate(home.hass, "morning_summary", send=SEND, **inputs)
    await home.hass.services.async_call("automation", "trigger", {"entity_id": "automation.morning_summary"})
    await home.hass.async_block_till_done()
    await look(home)
    await home.hass.services.async_call("switch", "turn_on", {"entity_id": PAUSE}, blocking=True)
    await home.hass.services.async_call("automation", "trigger", {"entity_id": "automation.morning_summary"})
    await home.hass.async_block_till_done()
    none, after = sent.messages
    count, no_look, paused = {
        "sv": ("titt-in: 1.", "Ingen titt-in gjordes.", "Hemmet är pausat."),
        "en": ("looks: 1.", "No look was made.", "The home is paused."),
    }[language]
    assert count in none
    assert no_look in none
    assert paused not in none
    assert no_look not in after
    assert paused in after
    assert "Alva" not in after


async def test_the_morning_comes_at_its_time(home: Setup) -> None:
    sent = Sent(home.hass)
    inputs = {"looks": CALENDAR, "last_look": LAST_LOOK, "pause": PAUSE, "at": "07:30:00"}
    await automate(home.hass, "morning_summary", send=SEND, **inputs)
    morning = dt_util.start_of_local_day() + timedelta(days=1, hours=7, minutes=30)
    async_fire_time_changed(home.hass, morning, fire_all=True)
    await home.hass.async_block_till_done()
    assert len(sent.messages) == 1


class Phone:
    """The client's telephone: what it is asked, and pressing an answer."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self.asked: list[dict[str, Any]] = []
        self._more = asyncio.Event()
        hass.services.async_register("notify", "mobile_app_anna", self._hear)

    async def _hear(self, call: ServiceCall) -> None:
        self.asked.append(dict(call.data))
        self._more.set()

    async def until(self, number: int) -> dict[str, Any]:
        """The last of so many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.asked) < number:
                await self._more.wait()
                self._more.clear()
        return self.asked[-1]

    def press(self, title: str) -> None:
        """As the app tells it; nobody is behind it."""
        (action,) = [one["action"] for one in self.asked[0]["data"]["actions"] if one["title"] == title]
        self._hass.bus.async_fire("mobile_app_notification_action", {"action": action})


async def ask_how_the_night_was(home: Setup, language: str = "sv") -> Phone:
    phone = Phone(home.hass)
    inputs = {"looks": CALENDAR, "last_look": LAST_LOOK, "pause": PAUSE, "language": language, "send": []}
    await automate(home.hass, "morning_summary", **inputs, rating=RATING, phone="notify.mobile_app_anna")
    await home.hass.services.async_call("automation", "trigger", {"entity_id": "automation.morning_summary"})
    return phone


@pytest.mark.parametrize(
    ("language", "question", "answer", "rating"),
    [("sv", "Hur har du sovit i natt?", "Så där", "3"), ("en", "How did you sleep last night?", "Well", "4")],
)
async def test_a_telephone_asks_how_the_night_was(
    home: Setup, language: str, question: str, answer: str, rating: str
) -> None:
    phone = await ask_how_the_night_was(home, language)
    assert (await phone.until(1))["message"] == question
    home.hass.bus.async_fire("mobile_app_notification_action", {"action": "sleep_of_somebody_else_5"})
    phone.press(answer)
    await home.until(lambda: home.state(RATING) == rating)
    cleared = await phone.until(2)
    assert (cleared["message"], cleared["data"]["tag"]) == ("clear_notification", phone.asked[0]["data"]["tag"])


async def test_the_question_goes_away_when_somebody_has_said_it_elsewhere(home: Setup) -> None:
    phone = await ask_how_the_night_was(home)
    await phone.until(1)
    await home.hass.services.async_call("select", "select_option", {"entity_id": RATING, "option": "5"}, blocking=True)
    assert (await phone.until(2))["message"] == "clear_notification"
    assert home.state(RATING) == "5"


async def test_nobody_is_asked_twice(home: Setup) -> None:
    await home.hass.services.async_call("select", "select_option", {"entity_id": RATING, "option": "2"}, blocking=True)
    phone = await ask_how_the_night_was(home)
    await home.hass.async_block_till_done()
    assert phone.asked == []


async def test_a_made_up_look_opens_nothing(home: Setup) -> None:
    """Whatever an automation makes of triggers and actions, the camera stays where it is."""
    moves = home.moves
    await automate(home.hass, "lamp_while_looking", looking=LOOKING, lamp="light.hall")
    async_mock_service(home.hass, "light", "turn_on")
    async_mock_service(home.hass, "light", "turn_off")
    home.hass.states.async_set(LOOKING, "on")
    home.hass.states.async_set(PRIVACY, "off")
    await home.hass.async_block_till_done()
    assert (home.home.gate.place, home.moves) == (Place.CLOSED, moves)
