"""A camera that is taken down or unplugged twice in a short time asks whether the client wants to stop."""

from collections.abc import AsyncIterator, Callable

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.issues import Issue
from custom_components.trygghetskamera.migration import VERSION
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from virtual_camera import BED, Motor, VirtualCamera

from .consent_steps import BO, Options, Question, leave, record, withdraw
from .home import PAUSE, Setup, camera_data, entry_data, set_up
from .peers import ScriptedBridge

PLUG = "input_boolean.plug"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has been away for ten minutes has been so for as long as it takes to see it."""
    monkeypatch.setattr("custom_components.trygghetskamera.camera_loss.LOST_SECONDS", 0.0)


async def seen(home: Setup) -> int:
    """How often the journal says that a camera was lost, once the home has looked."""
    await home.home.check_positions()
    home.home.loss.tick()
    await home.hass.async_block_till_done()
    return home.entry_journal().count('"kind":"camera_lost"')


async def back(home: Setup) -> None:
    """It is put back."""
    await home.camera.plug_in()
    await home.until_place(Place.CLOSED)
    home.home.loss.tick()


async def take_down_twice(home: Setup) -> None:
    for _ in range(2):
        home.home.loss.tick()
        await home.camera.unplug()
        await seen(home)
        await back(home)


async def test_a_camera_that_is_taken_down_is_written_down_once(home: Setup) -> None:
    home.home.loss.tick()
    await home.camera.unplug()
    assert await seen(home) == 1
    assert await seen(home) == 1
    (lost,) = record(home).lost
    assert lost.camera == next(iter(home.entry.subentries))
    home.home.consent_issues.tick()
    assert not home.has_issue("wants_to_stop")
    await home.camera.plug_in()


async def test_a_short_blip_is_no_loss(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_loss.LOST_SECONDS", 600.0)
    home.home.loss.tick()
    await home.camera.unplug()
    assert await seen(home) == 0
    await back(home)
    monkeypatch.setattr("custom_components.trygghetskamera.camera_loss.LOST_SECONDS", 0.0)
    assert await seen(home) == 0


async def test_a_camera_that_was_gone_when_home_assistant_started_is_no_loss(home: Setup) -> None:
    await home.camera.unplug()
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until(lambda: home.home.link.is_connected)
    assert await seen(home) == 0
    await home.camera.plug_in()


async def test_a_network_that_takes_all_is_no_loss(home: Setup) -> None:
    home.home.loss.tick()
    await home.bridge.stop()
    await home.until(lambda: not home.home.link.is_connected)
    await home.camera.unplug()
    assert await seen(home) == 0
    await home.bridge.start()
    await home.until(lambda: home.home.link.is_connected)
    # It is still gone when the network is back.
    assert await seen(home) == 1
    await home.camera.plug_in()


@pytest.mark.parametrize("agreed", [pytest.param(False, id="no consent"), pytest.param(True, id="paused")])
async def test_what_is_not_agreed_now_is_nothing_to_say_no_to(home: Setup, agreed: bool) -> None:
    home.home.loss.tick()
    await (home.pause(True, by="") if agreed else withdraw(home))
    await home.camera.unplug()
    assert await seen(home) == 0
    await home.camera.plug_in()


async def test_a_login_that_is_refused_is_no_loss(home: Setup) -> None:
    home.home.loss.tick()
    home.camera.faults.password_changed = True
    assert await seen(home) == 0
    assert not next(iter(home.home.cameras.values())).camera.is_reachable
    home.camera.faults.password_changed = False


async def test_a_loss_that_cannot_be_written_is_written_later(home: Setup, disk: Callable[[bool], None]) -> None:
    home.home.loss.tick()
    await home.camera.unplug()
    disk(True)
    await seen(home)
    disk(False)
    await home.home.memory.open()
    assert record(home).lost == ()
    assert await seen(home) == 1
    await home.camera.plug_in()


@pytest.fixture
async def plugged(hass: HomeAssistant, bridge: ScriptedBridge, camera: VirtualCamera) -> AsyncIterator[Setup]:
    """A home whose camera is fed by a smart plug."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"plug": {"initial": True}}})
    subentry = ConfigSubentryData(
        data=camera_data(camera) | {"power_switch": PLUG}, subentry_type="camera", title="Camera", unique_id=None
    )
    entry = MockConfigEntry(
        domain=DOMAIN, title="Hemmet", data=entry_data(bridge), subentries_data=[subentry], version=VERSION
    )
    entry.add_to_hass(hass)
    home = await set_up(hass, entry, bridge, camera)
    home.home.loss.tick()
    yield home
    await camera.plug_in()
    await leave(home)


async def test_power_that_is_switched_off_on_purpose_is_no_loss(plugged: Setup) -> None:
    await plugged.hass.services.async_call("input_boolean", "turn_off", {"entity_id": PLUG}, blocking=True)
    await plugged.until_place(Place.DARK)
    await plugged.camera.unplug()
    assert await seen(plugged) == 0


async def test_power_that_is_cut_since_the_camera_is_gone_hides_no_loss(plugged: Setup) -> None:
    """The gate cuts the power of what does not look away, also where it has been taken down."""
    await plugged.camera.unplug()
    await plugged.home.check_positions()
    await plugged.until_place(Place.FAULT)
    await plugged.hass.async_block_till_done()
    assert plugged.state(PLUG) == "off"
    assert await seen(plugged) == 1
    await plugged.hass.services.async_call("input_boolean", "turn_on", {"entity_id": PLUG}, blocking=True)
    assert not next(iter(plugged.home.cameras.values())).is_cut_while_gone


async def test_power_that_is_cut_since_the_camera_is_stuck_is_no_loss(
    plugged: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.05)
    plugged.camera.faults.motor = Motor.STUCK
    plugged.camera.move_by_hand(BED)
    await plugged.home.check_positions()
    await plugged.until_place(Place.FAULT)
    await plugged.hass.async_block_till_done()
    assert plugged.state(PLUG) == "off"
    await plugged.camera.unplug()
    await plugged.until(lambda: not next(iter(plugged.home.cameras.values())).camera.is_reachable)
    assert await seen(plugged) == 0
    plugged.camera.faults.motor = Motor.HEALTHY


# ---- the question ---------------------------------------------------------------------------------------------------


@pytest.fixture
async def question(home: Setup, hass_client: ClientSessionGenerator, hass_admin_user: MockUser) -> Question:
    """A camera has been taken down twice."""
    await take_down_twice(home)
    assert home.home.gate.consent
    return await Question.open(home, hass_client, Issue.WANTS_TO_STOP)


async def test_the_client_wants_to_stop(home: Setup, question: Question) -> None:
    assert question.flow["menu_options"] == ["stop", "pause", "go_on"]
    options = Options(home)
    await options.open()
    await options.add(**BO)
    assert (await question.choose("stop"))["type"] == "create_entry"
    assert not home.home.gate.consent
    # It is the client who stops; the cohabitant has said nothing.
    assert [one.given_ms > 0 for one in record(home).people] == [False, True]
    home.home.consent_issues.tick()
    assert not home.has_issue("wants_to_stop")
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert not home.home.gate.consent


async def test_the_client_wants_to_be_left_alone_for_now(home: Setup, question: Question) -> None:
    assert (await question.choose("pause"))["type"] == "create_entry"
    assert home.state(PAUSE) == "on"
    home.home.consent_issues.tick()
    assert not home.has_issue("wants_to_stop")
    # Whoever resumes is asked again.
    await home.pause(False, by="")
    home.home.consent_issues.tick()
    assert home.has_issue("wants_to_stop")


async def test_it_was_something_else(home: Setup, question: Question) -> None:
    assert (await question.choose("go_on"))["type"] == "create_entry"
    last = home.entry_journal().splitlines()[-1]
    assert '"kind":"go_on"' in last
    assert '"by":""' not in last
    assert home.home.gate.consent
    home.home.consent_issues.tick()
    assert not home.has_issue("wants_to_stop")
    # From there on it is counted anew.
    await home.camera.unplug()
    assert await seen(home) == 3
    home.home.consent_issues.tick()
    assert not home.has_issue("wants_to_stop")
    await home.camera.plug_in()


async def test_going_on_needs_somebody_and_a_journal(
    home: Setup, question: Question, disk: Callable[[bool], None]
) -> None:
    manager = home.hass.data["repairs"]["flow_manager"]
    flow = await manager.async_init(DOMAIN, data={"issue_id": f"wants_to_stop_{home.entry.entry_id}"})
    answer = await manager.async_configure(flow["flow_id"], {"next_step_id": "go_on"})
    assert answer["reason"] == "user_not_allowed"
    disk(True)
    assert (await question.choose("go_on"))["reason"] == "journal_failed"
    disk(False)
    assert record(home).may_want_to_stop


@pytest.mark.parametrize("step", ["stop", "pause", "go_on"])
async def test_the_home_may_be_gone_when_it_is_answered(home: Setup, question: Question, step: str) -> None:
    await leave(home)
    assert (await question.choose(step))["reason"] == "nobody_to_ask"
    assert (await question.again())["reason"] == "nobody_to_ask"


async def test_a_client_who_is_not_named_stops_for_everybody(home: Setup, question: Question) -> None:
    people = [e.PersonRemoved(one.id, "") for one in record(home).people]
    await home.home.memory.add(*people, e.Consent(True, ""))
    await question.choose("stop")
    assert not home.home.gate.consent


async def test_it_is_asked_until_somebody_answers_also_after_a_restart(home: Setup, question: Question) -> None:
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until(lambda: home.has_issue("wants_to_stop"))
    assert CloseReason.CONSENT_WITHDRAWN.value not in home.entry_journal()
    assert home.home.gate.consent
