"""What the client wants otherwise: skipped by anybody at once, kept or moved by those who may, and told."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.trygghetskamera import journal_store, signing, wishes
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn import frames, wire
from custom_components.trygghetskamera.tillsyn.entries import AwayAdded, Pause
from custom_components.trygghetskamera.tillsyn.errors import CloseReason, Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import AwayKind
from custom_components.trygghetskamera.tillsyn.schedule import STOCKHOLM, Occurrence, find
from virtual_camera import Motor, VirtualCamera

from .home import EVENT, NEXT_LOOK, PATIENCE, Setup, set_up
from .peers import ScriptedBridge, closed_window, occurrence_of

VISIT = "button.night_supervision_ask_for_a_visit"
TEST = "button.bedroom_camera_test_move"


@pytest.fixture
async def relative(home: Setup, hass_admin_user: MockUser) -> MockUser:
    """A user who is no administrator."""
    return await home.hass.auth.async_create_user("Anhörig", group_ids=["system-users"])  # type: ignore[return-value]


@pytest.fixture
async def later(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera
) -> AsyncIterator[Setup]:
    """A home whose look comes in some hours, and may be moved two."""
    plan = bridge.municipality.plan(windows=(closed_window(),), move_minutes=120)
    yield await set_up(hass, entry, bridge, camera, plan)
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


async def act(home: Setup, action: str, user: Any = None, response: bool = False, **data: Any) -> Any:
    answer = await home.hass.services.async_call(
        DOMAIN,
        action,
        {"config_entry_id": home.entry.entry_id, **data},
        blocking=True,
        context=Context(user_id=None if user is None else user.id),
        return_response=response,
    )
    await home.hass.async_block_till_done()
    return answer


async def refused(home: Setup, *arguments: Any, **data: Any) -> Any:
    with pytest.raises(ServiceValidationError) as raised:
        await act(home, *arguments, **data)
    return raised.value.translation_key


def agreed(home: Setup) -> Occurrence:
    """The look to come, as the plan says."""
    plan = home.home.gate.plan
    assert plan is not None
    found = find(plan.windows, occurrence_of(plan.windows[0]))
    assert found is not None
    return found


def said(frame: frames.Sign) -> wire.Wishes:
    """The wishes that are to be signed."""
    return wire.Wishes.parse(frame.payload.encode())  # type: ignore[return-value]


async def told(home: Setup, test: Callable[[wire.Wishes], bool] = lambda _wishes: True) -> wire.Wishes:
    """What the municipality is told that passes the test."""
    return said(await home.bridge.heard(frames.Sign, lambda one: one.typ == "tk-wishes" and test(said(one))))


async def settled_with(home: Setup, test: Callable[[], bool]) -> None:
    """Wait until it holds; what is told changes no entity."""
    async with asyncio.timeout(PATIENCE):
        while not test():  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.05)


async def settled(home: Setup) -> wire.Wishes:
    """What it has been told first, whether that has been heard of or not; nothing more is to be told now."""
    await settled_with(home, lambda: home.home.wishes._told is not None and not home.home.wishes._is_telling)
    home.bridge.received[:] = [one for one in home.bridge.received if not isinstance(one, frames.Sign)]
    return home.bridge.signed_as(wire.Wishes)[-1]


# ---- skip, keep, move -----------------------------------------------------------------------------------------------


async def test_everybody_skips_a_look_and_nobody_looks(home: Setup, relative: MockUser) -> None:
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await act(home, "skip_look", relative, occurrence=home.occurrence)
    stopped = await home.bridge.heard(frames.StopPicture)
    assert (stopped.look, stopped.reason) == (connected.look, CloseReason.SKIPPED)
    await home.bridge.ask(operator, home.occurrence)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.SKIPPED
    assert f'"by":"{relative.id}"' in home.entry_journal()
    assert (await told(home, lambda one: one.skipped != ())).skipped == (home.occurrence,)
    next_look = datetime.fromisoformat(home.state(NEXT_LOOK))
    assert next_look > dt_util.utcnow()


async def test_an_automation_may_skip_and_a_look_that_goes_on_ends(home: Setup) -> None:
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await act(home, "skip_look", occurrence=home.occurrence)
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()
    assert (await home.bridge.receipt(connected.look)).reason is CloseReason.SKIPPED


async def test_skipping_twice_is_written_once(home: Setup) -> None:
    for _ in range(2):
        await act(home, "skip_look", occurrence=home.occurrence)
    assert home.entry_journal().count('"kind":"look_skipped"') == 1


async def test_a_skip_is_heard_while_the_disk_takes_nothing(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(journal_store.os, "fsync", full)
    await act(home, "skip_look", occurrence=home.occurrence)
    assert home.occurrence in home.home.gate.skipped


async def test_a_skipped_look_is_kept_after_all_by_those_who_may(
    home: Setup, relative: MockUser, hass_admin_user: MockUser
) -> None:
    await act(home, "skip_look", relative, occurrence=home.occurrence)
    assert await refused(home, "keep_look", relative, occurrence=home.occurrence) == "user_not_allowed"
    assert await refused(home, "keep_look", occurrence=home.occurrence) == "person_required"
    assert home.home.gate.skipped == {home.occurrence}
    await act(home, "keep_look", hass_admin_user, occurrence=home.occurrence)
    assert home.home.gate.skipped == frozenset()
    operator = home.bridge.municipality.operator()
    await home.bridge.prepare(operator, home.occurrence)


async def test_keeping_needs_the_disk(home: Setup, hass_admin_user: MockUser, monkeypatch: pytest.MonkeyPatch) -> None:
    await act(home, "skip_look", occurrence=home.occurrence)

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(journal_store.os, "fsync", full)
    with pytest.raises(HomeAssistantError) as raised:
        await act(home, "keep_look", hass_admin_user, occurrence=home.occurrence)
    assert raised.value.translation_key == "journal_failed"
    assert home.home.gate.skipped == {home.occurrence}


async def test_a_look_is_moved_within_the_plan(later: Setup, hass_admin_user: MockUser) -> None:
    before = agreed(later)
    start = before.start + timedelta(minutes=90)
    answer = await act(later, "move_look", hass_admin_user, True, occurrence=before.id, start=start.isoformat())
    assert datetime.fromisoformat(answer["start"]) == start
    assert datetime.fromisoformat(answer["end"]) - start == before.end - before.start
    assert datetime.fromisoformat(later.state(NEXT_LOOK)) == start
    found = (await told(later, lambda one: one.moved != ())).moved
    assert found == (wire.Moved(before.id, int(start.timestamp()), int(start.timestamp()) + 3600),)
    await act(later, "keep_look", hass_admin_user, occurrence=before.id)
    assert datetime.fromisoformat(later.state(NEXT_LOOK)) == before.start
    assert (await told(later)).moved == ()


async def test_a_time_of_day_is_enough_and_the_same_again_changes_nothing(
    later: Setup, hass_admin_user: MockUser
) -> None:
    before = agreed(later)
    start = before.start - timedelta(minutes=30)
    clock = f"{start.astimezone(STOCKHOLM):%H:%M}"
    for _ in range(2):
        answer = await act(later, "move_look", hass_admin_user, True, occurrence=before.id, start=clock)
        assert datetime.fromisoformat(answer["start"]) == start
    assert later.entry_journal().count('"kind":"look_moved"') == 1


async def test_others_and_automations_do_not_move_a_look(later: Setup, hass_admin_user: MockUser) -> None:
    relative = await later.hass.auth.async_create_user("Anhörig", group_ids=["system-users"])
    where = {"occurrence": agreed(later).id, "start": (agreed(later).start + timedelta(minutes=5)).isoformat()}
    assert await refused(later, "move_look", relative, **where) == "user_not_allowed"
    assert await refused(later, "move_look", **where) == "person_required"
    assert later.home.gate.moved == {}


async def test_what_cannot_be_is_said_in_words(
    later: Setup, hass_admin_user: MockUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, admin = agreed(later), hass_admin_user
    too_far = (before.start + timedelta(minutes=121)).isoformat()
    with pytest.raises(ServiceValidationError) as raised:
        await act(later, "move_look", admin, occurrence=before.id, start=too_far)
    assert raised.value.translation_key == "moved_too_far"
    assert raised.value.translation_placeholders == {"minutes": "120"}
    assert await refused(later, "keep_look", admin, occurrence=before.id) == "not_wished"
    assert await refused(later, "skip_look", occurrence="none") == "no_such_look"
    await later.bridge.send(later.bridge.municipality.plan(2))
    await later.until(lambda: later.home.plans.waiting is not None)
    await later.home.plans.answer(2, accepted=True, by="u")
    start = dt_util.utcnow().isoformat()
    assert await refused(later, "move_look", admin, occurrence=later.occurrence, start=start) == "not_movable"


async def test_a_plan_that_is_accepted_meanwhile_is_not_moved_within_by_the_old_ones_leave(
    later: Setup, hass_admin_user: MockUser
) -> None:
    """The check and the writing are two moments: another plan, or a look, may come between them."""
    before = agreed(later)
    await later.bridge.send(later.bridge.municipality.plan(2, (closed_window(),), move_minutes=0))
    await later.until(lambda: later.home.plans.waiting is not None)
    accepting = later.hass.async_create_task(later.home.plans.answer(2, accepted=True, by="u"), eager_start=True)
    start = (before.start + timedelta(minutes=60)).isoformat()
    assert await refused(later, "move_look", hass_admin_user, occurrence=before.id, start=start) == "look_begun"
    await accepting
    assert later.home.gate.moved == {}


async def test_a_connection_made_ready_is_let_go_when_its_look_is_moved(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    bridge: ScriptedBridge,
    camera: VirtualCamera,
    hass_admin_user: MockUser,
) -> None:
    home = await set_up(hass, entry, bridge, camera, bridge.municipality.plan(move_minutes=240))
    connected = await bridge.prepare(bridge.municipality.operator(), home.occurrence)
    start = (dt_util.utcnow() + timedelta(minutes=90)).isoformat()
    await act(home, "move_look", hass_admin_user, occurrence=home.occurrence, start=start)
    stopped = await bridge.heard(frames.StopPicture)
    assert (stopped.look, stopped.reason) == (connected.look, CloseReason.WINDOW_ENDED)
    await hass.config_entries.async_unload(entry.entry_id)


# ---- what the municipality is told ----------------------------------------------------------------------------------


async def test_wishes_are_told_at_each_change_and_each_time_the_link_comes_up(home: Setup) -> None:
    first = await settled(home)
    assert (first.skipped, first.moved, first.away, first.visits) == ((), (), (), ())
    start = dt_util.utcnow() + timedelta(days=1)
    start_ms = round(start.timestamp() * 1000)
    await home.home.memory.away(AwayAdded("abcd1234", AwayKind.HOSPITAL, start_ms, start_ms + 3_600_000, "u"))
    second = await told(home)
    assert second.away == (wire.Away(start_ms // 1000, -(-(start_ms + 3_600_000) // 1000)),)
    assert second.iat > first.iat
    await home.bridge.send(frames.ServiceLink(False, ""))
    await home.until(lambda: not home.home.link.is_connected)
    await home.home.memory.away(Pause(True, "u", start_ms))
    await home.bridge.send(frames.ServiceLink(True, ""))
    third = await told(home, lambda one: len(one.away) == 2)
    await home.bridge.stop()
    await home.until(lambda: not home.home.link.is_connected)
    await home.bridge.start()
    fourth = await told(home)
    assert fourth.away == third.away
    assert fourth.iat > third.iat > second.iat


async def test_wishes_that_were_not_signed_are_told_later(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    await settled(home)
    monkeypatch.setattr(signing, "SIGN_SECONDS", 0.05)
    monkeypatch.setattr(wishes, "TELL_AGAIN_SECONDS", 0.1)
    home.bridge.signs = False
    await act(home, "skip_look", occurrence=home.occurrence)
    await home.bridge.heard(frames.Sign, lambda one: one.typ == "tk-wishes")
    home.bridge.signs = True
    await settled_with(home, lambda: home.home.wishes._told is not None and home.home.wishes._told.skipped != ())
    assert home.bridge.signed_as(wire.Wishes)[-1].skipped == (home.occurrence,)


async def test_what_is_told_while_the_link_changes_is_told_again(home: Setup) -> None:
    await settled(home)
    home.bridge.signs = False
    await act(home, "skip_look", occurrence=home.occurrence)
    asked = await home.bridge.heard(frames.Sign, lambda one: one.typ == "tk-wishes")
    home.home.wishes.link_changed()
    home.bridge.signs = True
    token = home.bridge.municipality.hub.sign(wire.Wishes.parse(asked.payload.encode()))
    await home.bridge.send(frames.Signature(asked.id, token))
    assert (await told(home)).skipped == (home.occurrence,)


async def test_a_statement_is_never_numbered_by_a_clock_that_was_wrong(home: Setup) -> None:
    first = await settled(home)
    home.home.wishes._iat = first.iat + 100_000
    await act(home, "skip_look", occurrence=home.occurrence)
    assert abs((await told(home)).iat - first.iat) < 60


# ---- a visit --------------------------------------------------------------------------------------------------------


async def press(home: Setup, button: str, user: Any = None) -> None:
    context = Context(user_id=None if user is None else user.id)
    await home.hass.services.async_call("button", "press", {"entity_id": button}, blocking=True, context=context)
    await home.hass.async_block_till_done()


async def test_a_visit_is_asked_for_once_and_told(home: Setup, relative: MockUser) -> None:
    await settled(home)
    await press(home, VISIT, relative)
    found = await told(home)
    assert len(found.visits) == 1
    assert abs(found.visits[0].at - datetime.now(UTC).timestamp()) < 60
    assert f'"by":"{relative.id}"' in home.entry_journal()
    state = home.hass.states.get(EVENT)
    assert state is not None
    assert state.attributes["event_type"] == "visit_asked"
    with pytest.raises(ServiceValidationError) as raised:
        await press(home, VISIT)
    assert raised.value.translation_key == "visit_asked_already"
    assert raised.value.translation_placeholders == {"time": f"{dt_util.as_local(_at(found)):%H:%M}"}
    assert home.entry_journal().count('"kind":"visit_asked"') == 1


def _at(found: wire.Wishes) -> datetime:
    return datetime.fromtimestamp(found.visits[0].at, UTC)


async def test_an_automation_asks_for_a_visit_and_reads_whether_it_was_told(home: Setup) -> None:
    assert await act(home, "request_visit", response=True) == {"told": True}
    assert await refused(home, "request_visit") == "visit_asked_already"


async def test_who_asks_while_the_municipality_cannot_be_reached_is_told_so_and_nothing_is_lost(home: Setup) -> None:
    await home.bridge.stop()
    await home.until(lambda: not home.home.link.is_connected)
    with pytest.raises(HomeAssistantError) as raised:
        await press(home, VISIT)
    assert raised.value.translation_key == "visit_waits"
    with pytest.raises(ServiceValidationError):
        await act(home, "request_visit")
    await home.bridge.start()
    assert len((await told(home)).visits) == 1


async def test_an_action_without_an_answer_says_that_it_waits(home: Setup) -> None:
    await home.bridge.send(frames.ServiceLink(False, ""))
    await home.until(lambda: not home.home.link.is_connected)
    with pytest.raises(HomeAssistantError) as raised:
        await act(home, "request_visit")
    assert raised.value.translation_key == "visit_waits"


async def test_a_visit_is_told_also_where_the_journal_cannot_be_read(home: Setup) -> None:
    await settled(home)
    assert home.home.wishes._wishes() is not None
    home.home.memory._failed()
    home.home.journal.record = None
    home.home.journal.is_corrupt = True
    assert home.home.wishes._wishes() is None
    await press(home, VISIT)
    found = await told(home)
    assert len(found.visits) == 1
    with pytest.raises(ServiceValidationError):
        await press(home, VISIT)


# ---- there and back -------------------------------------------------------------------------------------------------


async def test_a_camera_is_tried_there_and_back_and_it_is_written_down(later: Setup, hass_admin_user: MockUser) -> None:
    await press(later, TEST, hass_admin_user)
    assert later.is_looking_away()
    state = later.hass.states.get(EVENT)
    assert state is not None
    assert (state.attributes["event_type"], state.attributes["room"]) == ("camera_tested", "bedroom")
    journal = later.entry_journal()
    assert '"kind":"aiming_started"' in journal
    assert f'"by":"{hass_admin_user.id}"' in journal
    assert '"reason":"aiming_ended"' in journal


async def test_only_those_who_may_make_it_less_private_try_it(later: Setup, hass_admin_user: MockUser) -> None:
    relative = await later.hass.auth.async_create_user("Anhörig", group_ids=["system-users"])
    moves = later.moves
    for user in (relative, None):
        with pytest.raises(ServiceValidationError):
            await press(later, TEST, user)
    assert later.moves == moves


async def test_it_is_not_tried_near_a_look(home: Setup, hass_admin_user: MockUser) -> None:
    moves = home.moves
    with pytest.raises(ServiceValidationError) as raised:
        await press(home, TEST, hass_admin_user)
    assert raised.value.translation_key == "test_near_look"
    assert home.moves == moves


async def test_a_paused_home_is_not_tried(later: Setup, hass_admin_user: MockUser) -> None:
    await later.pause(True, "u")
    with pytest.raises(HomeAssistantError) as raised:
        await press(later, TEST, hass_admin_user)
    assert raised.value.translation_key == "test_paused"


async def test_a_camera_that_does_not_come_back_is_a_problem(
    later: Setup, hass_admin_user: MockUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.camera_control.START_SECONDS", 0.05)
    monkeypatch.setattr("custom_components.trygghetskamera.camera_trial.MOVE_SECONDS", 3.0)

    def stick_at_the_view() -> None:
        if later.home.gate.place is Place.AIMING:
            later.camera.faults.motor = Motor.STUCK

    later.home.listen(stick_at_the_view)
    with pytest.raises(HomeAssistantError) as raised:
        await press(later, TEST, hass_admin_user)
    assert raised.value.translation_key == "test_not_reached"
    await later.until_place(Place.FAULT)
    assert later.has_issue("cannot_look_away")
    later.camera.faults.motor = Motor.HEALTHY
    await later.until_place(Place.CLOSED)
