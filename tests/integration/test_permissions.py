"""Making it more private is for everybody, at once; making it less private is for those who may."""

from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.trygghetskamera.const import CONF_AUTOMATIONS_MAY_END_PRIVACY, CONF_MAY_END_PRIVACY
from custom_components.trygghetskamera.tillsyn.gate_values import PauseChanged, Place, Tick

from .home import PAUSE, PRIVACY, Setup


async def turn(home: Setup, switch: str, service: str, user: Any = None) -> None:
    context = Context(user_id=None if user is None else user.id)
    await home.hass.services.async_call("switch", service, {"entity_id": switch}, blocking=True, context=context)


def choose(home: Setup, **options: Any) -> None:
    """Change the options as the options flow does, without waiting for the reload it causes."""
    home.hass.config_entries.async_update_entry(home.entry, options=options)


@pytest.mark.parametrize("switch", [PAUSE, PRIVACY])
async def test_everybody_may_turn_it_on_and_an_administrator_off(
    home: Setup, relative: User, hass_admin_user: MockUser, switch: str
) -> None:
    await turn(home, switch, "turn_on", relative)
    assert home.state(switch) == "on"
    assert f'"by":"{relative.id}"' in home.entry_journal()
    await turn(home, switch, "turn_off", hass_admin_user)
    assert home.state(switch) == "off"
    assert f'"by":"{hass_admin_user.id}"' in home.entry_journal()


@pytest.mark.parametrize("switch", [PAUSE, PRIVACY])
async def test_others_may_not_turn_it_off(home: Setup, relative: User, switch: str) -> None:
    await turn(home, switch, "turn_on")
    with pytest.raises(ServiceValidationError) as refused:
        await turn(home, switch, "turn_off", relative)
    assert refused.value.translation_key == "user_not_allowed"
    assert home.state(switch) == "on"


@pytest.mark.parametrize("switch", [PAUSE, PRIVACY])
async def test_whoever_is_named_may_turn_it_off(home: Setup, relative: User, switch: str) -> None:
    choose(home, **{CONF_MAY_END_PRIVACY: [relative.id]})
    await home.hass.async_block_till_done()
    await turn(home, switch, "turn_on", relative)
    await turn(home, switch, "turn_off", relative)
    assert home.state(switch) == "off"


async def test_automations_may_end_privacy_only_where_that_was_allowed(home: Setup) -> None:
    await turn(home, PRIVACY, "turn_on")
    with pytest.raises(ServiceValidationError) as refused:
        await turn(home, PRIVACY, "turn_off")
    assert refused.value.translation_key == "automation_not_allowed"
    choose(home, **{CONF_AUTOMATIONS_MAY_END_PRIVACY: True})
    await home.hass.async_block_till_done()
    await turn(home, PRIVACY, "turn_off")
    assert home.state(PRIVACY) == "off"


async def test_automations_may_never_end_pause(home: Setup) -> None:
    choose(home, **{CONF_AUTOMATIONS_MAY_END_PRIVACY: True})
    await home.hass.async_block_till_done()
    await turn(home, PAUSE, "turn_on")
    with pytest.raises(ServiceValidationError) as refused:
        await turn(home, PAUSE, "turn_off")
    assert refused.value.translation_key == "person_required"


async def test_the_switches_work_while_camera_and_bridge_are_gone(home: Setup, hass_admin_user: MockUser) -> None:
    await home.bridge.stop()
    home.camera.start_reboot(0.5)
    for switch in (PAUSE, PRIVACY):
        assert home.state(switch) == "off"
        await turn(home, switch, "turn_on")
        assert home.state(switch) == "on"
    assert (home.home.gate.paused, home.home.gate.private) == (True, True)


async def test_a_new_choice_of_people_does_not_end_a_look(home: Setup, relative: User) -> None:
    await home.open_look()
    choose(home, **{CONF_MAY_END_PRIVACY: [relative.id]})
    await home.hass.async_block_till_done()
    assert home.home.gate.place is Place.OPEN


async def test_states_are_written_when_something_has_changed_and_not_each_second(home: Setup) -> None:
    told: list[None] = []
    home.home.listen(lambda: told.append(None))
    home.home.feed(Tick())
    assert told == []
    home.home.feed(PauseChanged(paused=True))
    assert told == [None]
