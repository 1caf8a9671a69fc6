"""The blueprints that follow the agreed windows, run by Home Assistant's own automations."""

from collections.abc import AsyncIterator
from datetime import time, timedelta

import pytest
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import Context, CoreState
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.trygghetskamera.const import CONF_AUTOMATIONS_MAY_END_PRIVACY
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Outcome, Window
from custom_components.trygghetskamera.tillsyn.schedule import STOCKHOLM

from .blueprints import SEND, Sent, automate, end_automations
from .home import NEXT_LOOK, PAUSE, PRIVACY, Setup
from .peers import closed_window

LINK = "binary_sensor.night_supervision_operator_service"
REACHABLE = "binary_sensor.bedroom_camera_connectivity"
PREPARE = "prepare_for_the_window"
OUTSIDE = "private_outside_windows"
BOTH = pytest.mark.parametrize("name", [PREPARE, OUTSIDE])


@pytest.fixture(autouse=True)
async def _automations_end(home: Setup) -> AsyncIterator[None]:
    yield
    await end_automations(home.hass)


async def allow(home: Setup, allowed: bool) -> None:
    """An administrator sets the option."""
    home.hass.config_entries.async_update_entry(home.entry, options={CONF_AUTOMATIONS_MAY_END_PRIVACY: allowed})
    await home.hass.async_block_till_done()


async def run(home: Setup, name: str = PREPARE, *, allowed: bool = True, **inputs: object) -> None:
    """Import the blueprint and make an automation of it, as an administrator does."""
    await allow(home, allowed)
    await automate(home.hass, name, **{"privacy": [PRIVACY], "next_look": NEXT_LOOK, **inputs})


async def run_at_a_start(home: Setup, name: str, **inputs: object) -> None:
    """Home Assistant starts, and has had the automation for long."""
    home.hass.set_state(CoreState.starting)
    await run(home, name, **inputs)
    home.hass.set_state(CoreState.running)
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await home.hass.async_block_till_done()


async def reload(home: Setup) -> None:
    """The home starts again."""
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until(lambda: home.home.gate.place is Place.CLOSED and home.home.link.is_connected)


async def turn(home: Setup, switch: str, service: str, user: MockUser | None) -> None:
    context = Context(user_id=None if user is None else user.id)
    await home.hass.services.async_call("switch", service, {"entity_id": switch}, blocking=True, context=context)
    await home.hass.async_block_till_done()


async def plan(home: Setup, number: int, *windows: Window) -> None:
    """A plan with these windows, or with one that is open."""
    await home.bridge.send(home.bridge.municipality.plan(number, windows or None))
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(number, accepted=True, by="u")
    await home.hass.async_block_till_done()


async def look(home: Setup, outcome: Outcome) -> None:
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await home.bridge.close_look(operator, connected.look, outcome)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()


def written(home: Setup) -> int:
    """How many lines the journal says about privacy."""
    return home.entry_journal().count('"privacy"')


# ---- outside --------------------------------------------------------------------------------------------------------


@BOTH
async def test_the_camera_goes_private_when_the_window_is_over(home: Setup, name: str) -> None:
    await run(home, name)
    assert home.state(PRIVACY) == "off"
    await plan(home, 2, closed_window())
    assert home.state(PRIVACY) == "on"


@BOTH
async def test_once_the_client_was_seen_it_is_private_again(home: Setup, name: str) -> None:
    await run(home, name)
    await look(home, Outcome.SEEN)
    assert home.state(PRIVACY) == "on"


@BOTH
async def test_while_another_look_may_be_made_it_is_not_private(home: Setup, name: str) -> None:
    await run(home, name)
    await look(home, Outcome.NOT_SEEN)
    assert home.state(PRIVACY) == "off"


@BOTH
async def test_at_a_start_outside_it_is_made_private(home: Setup, name: str) -> None:
    await plan(home, 2, closed_window())
    await run_at_a_start(home, name)
    assert home.state(PRIVACY) == "on"


@BOTH
async def test_what_is_private_already_is_not_written_once_more(
    home: Setup, name: str, hass_admin_user: MockUser
) -> None:
    await run(home, name)
    await turn(home, PRIVACY, "turn_on", hass_admin_user)
    lines = written(home)
    await plan(home, 2, closed_window())
    assert (home.state(PRIVACY), written(home)) == ("on", lines)


async def test_private_outside_never_ends_privacy(home: Setup) -> None:
    await run(home, OUTSIDE)
    await plan(home, 2, closed_window())
    await plan(home, 3)
    assert home.state(PRIVACY) == "on"


# ---- prepared -------------------------------------------------------------------------------------------------------


async def test_what_an_automation_made_private_is_prepared_for_the_window(home: Setup) -> None:
    await run(home)
    await plan(home, 2, closed_window())
    await plan(home, 3)
    assert home.state(PRIVACY) == "off"
    assert home.state(PAUSE) == "off"


async def test_it_is_prepared_some_minutes_before(home: Setup) -> None:
    soon = dt_util.utcnow().astimezone(STOCKHOLM) + timedelta(minutes=20)
    window = Window("soon", soon.time().replace(second=0, microsecond=0), time(hour=(soon.hour + 2) % 24))
    await run(home, ahead=30)
    await plan(home, 2, closed_window())
    assert home.state(PRIVACY) == "on"
    await plan(home, 3, window)
    assert home.state(PRIVACY) == "off"


async def test_it_prepares_also_after_a_restart_in_the_window(home: Setup) -> None:
    """Whose wish privacy was is in the journal, so it is known after a restart too."""
    await turn(home, PRIVACY, "turn_on", None)
    await reload(home)
    assert home.state(PRIVACY) == "on"
    await run_at_a_start(home, PREPARE)
    assert home.state(PRIVACY) == "off"


async def test_pause_is_left_alone_and_makes_it_private(home: Setup, hass_admin_user: MockUser) -> None:
    await run(home)
    await turn(home, PAUSE, "turn_on", hass_admin_user)
    assert (home.state(PAUSE), home.state(PRIVACY)) == ("on", "on")
    await turn(home, PAUSE, "turn_off", hass_admin_user)
    assert (home.state(PAUSE), home.state(PRIVACY)) == ("off", "off")


async def test_what_a_person_made_private_stays_so(home: Setup, hass_admin_user: MockUser) -> None:
    await run(home)
    await plan(home, 2, closed_window())
    await turn(home, PRIVACY, "turn_on", hass_admin_user)
    await plan(home, 3)
    assert home.state(PRIVACY) == "on"


async def test_what_a_person_made_private_stays_so_after_a_restart(home: Setup, hass_admin_user: MockUser) -> None:
    await turn(home, PRIVACY, "turn_on", hass_admin_user)
    await reload(home)
    await run_at_a_start(home, PREPARE)
    await plan(home, 2, closed_window())
    await plan(home, 3)
    assert home.state(PRIVACY) == "on"


# ---- and warned of --------------------------------------------------------------------------------------------------


async def test_nobody_is_warned_when_all_is_there(home: Setup) -> None:
    sent = Sent(home.hass)
    await home.home.check_positions()
    connections, problems = [LINK, REACHABLE], ["binary_sensor.bedroom_camera_problem"]
    await run(home, connections=connections, problems=problems, patience=0, send=SEND)
    await plan(home, 2, closed_window())
    await plan(home, 3)
    assert home.state(PRIVACY) == "off"
    assert sent.messages == []


@pytest.mark.parametrize(("language", "words"), [("sv", "kanske inte blir av"), ("en", "may not happen")])
async def test_the_household_is_warned_of_a_link_that_is_not_there(home: Setup, language: str, words: str) -> None:
    sent = Sent(home.hass)
    await home.bridge.stop()
    await home.until(lambda: not home.home.link.is_connected)
    await run_at_a_start(home, PREPARE, connections=[LINK], language=language, patience=0, send=SEND)
    (message,) = await sent.until(1)
    assert words in message
    assert message.endswith("Night supervision Operator service.")


async def test_where_it_may_not_end_privacy_the_household_is_told(home: Setup) -> None:
    sent = Sent(home.hass)
    await run(home, allowed=False, patience=0, send=SEND)
    await plan(home, 2, closed_window())
    assert home.state(PRIVACY) == "on"
    await plan(home, 3)
    assert home.state(PRIVACY) == "on"
    assert (await sent.until(1))[0].endswith("Bedroom camera Privacy.")


# ---- what it goes by ------------------------------------------------------------------------------------------------


async def test_the_sensor_tells_until_when(home: Setup) -> None:
    state = home.hass.states.get(NEXT_LOOK)
    assert state is not None
    start, until = dt_util.parse_datetime(state.state), dt_util.parse_datetime(state.attributes["until"])
    assert start is not None
    assert until is not None
    assert start <= dt_util.utcnow() < until
    assert until - start == timedelta(hours=5)


async def test_the_switch_tells_whose_wish_privacy_is(home: Setup, hass_admin_user: MockUser) -> None:
    def wished_by() -> object:
        state = home.hass.states.get(PRIVACY)
        assert state is not None
        return state.attributes.get("wished_by")

    assert wished_by() is None
    await turn(home, PRIVACY, "turn_on", None)
    assert wished_by() == "automation"
    await turn(home, PRIVACY, "turn_on", hass_admin_user)
    assert wished_by() == "person"
    await turn(home, PRIVACY, "turn_on", None)
    assert wished_by() == "person"
    await turn(home, PRIVACY, "turn_off", hass_admin_user)
    assert wished_by() is None
