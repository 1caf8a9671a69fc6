"""A plan counts only when somebody in the home has accepted it."""

import errno
from datetime import time
from typing import Any

import pytest
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera import journal_store
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.plan_words import PlanWords
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import Refusal
from custom_components.trygghetskamera.tillsyn.identity import digest, parse
from custom_components.trygghetskamera.tillsyn.model import Window
from custom_components.trygghetskamera.tillsyn.wire import PlanAck, PlanStatement

from .home import EVENT, Setup
from .peers import Municipality


async def propose(home: Setup, number: int = 2, **changes: Any) -> frames.Signed:
    """A plan that waits."""
    plan = home.bridge.municipality.plan(number, **changes)
    await home.bridge.send(plan)
    await home.until(lambda: home.home.plans.waiting is not None and home.home.plans.waiting.number == number)
    return plan


def numbers(home: Setup) -> tuple[int, int | None]:
    """The plan in force, and the one that waits."""
    gate, waiting = home.home.gate, home.home.plans.waiting
    return gate.plan.number if gate.plan else 0, waiting.number if waiting else None


async def last_ack(home: Setup) -> PlanAck:
    await home.bridge.heard(frames.Sign, lambda one: one.typ == "tk-plan-ack")
    return home.bridge.signed_as(PlanAck)[-1]


async def test_a_plan_is_shown_in_plain_words_and_accepted(
    home: Setup, hass_client: ClientSessionGenerator, hass_admin_user: MockUser
) -> None:
    assert await async_setup_component(home.hass, "repairs", {})
    client = await hass_client()
    plan = await propose(home)
    assert numbers(home) == (1, 2)
    event = home.hass.states.get(EVENT)
    assert event is not None
    assert event.attributes["event_type"] == "plan_proposed"

    issue = f"plan_waiting_{home.entry.entry_id}"
    answer = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue})
    flow = await answer.json()
    words = flow["description_placeholders"]
    assert (flow["type"], words["roles"], words["look_seconds"]) == ("menu", "operators", "30")
    assert words["windows"].endswith("(every day)")
    assert words["fallback"] == "call the client, visit"
    answer = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={"next_step_id": "accept"})
    assert (await answer.json())["type"] == "create_entry"

    assert numbers(home) == (2, None)
    assert not home.has_issue("plan_waiting")
    ack = await last_ack(home)
    assert (ack.number, ack.decision, ack.plan) == (2, "accepted", digest(plan.token))
    await home.bridge.heard(frames.HomeStatus, lambda one: one.plan == 2)
    assert '"by":"' + hass_admin_user.id in home.entry_journal() or '"by":"' in home.entry_journal()


async def test_a_plan_is_declined(home: Setup, hass_client: ClientSessionGenerator) -> None:
    assert await async_setup_component(home.hass, "repairs", {})
    client = await hass_client()
    await propose(home)
    issue = f"plan_waiting_{home.entry.entry_id}"
    answer = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue})
    flow = await answer.json()
    await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={"next_step_id": "decline"})
    assert numbers(home) == (1, None)
    assert (await last_ack(home)).decision == "declined"


async def test_what_is_accepted_is_what_was_shown(home: Setup, hass_client: ClientSessionGenerator) -> None:
    assert await async_setup_component(home.hass, "repairs", {})
    client = await hass_client()
    await propose(home)
    issue = f"plan_waiting_{home.entry.entry_id}"
    answer = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue})
    flow = await answer.json()
    await propose(home, 3, look_seconds=120)
    answer = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={"next_step_id": "accept"})
    assert (await answer.json())["reason"] == "no_such_plan"
    assert numbers(home) == (1, 3)


async def _open_flow(home: Setup, hass_client: ClientSessionGenerator) -> tuple[Any, str]:
    """The plan's dialog, and where to answer it."""
    assert await async_setup_component(home.hass, "repairs", {})
    client = await hass_client()
    issue = f"plan_waiting_{home.entry.entry_id}"
    answer = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue})
    return client, f"/api/repairs/issues/fix/{(await answer.json())['flow_id']}"


async def test_a_plan_cannot_be_accepted_while_the_disk_is_full(
    home: Setup, hass_client: ClientSessionGenerator, monkeypatch: pytest.MonkeyPatch, hass_admin_user: MockUser
) -> None:
    await propose(home)
    client, where = await _open_flow(home, hass_client)
    real = journal_store.os.fsync

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(journal_store.os, "fsync", full)
    answer = await client.post(where, json={"next_step_id": "accept"})
    assert (await answer.json())["reason"] == "journal_failed"
    assert numbers(home) == (1, 2)
    with pytest.raises(HomeAssistantError) as refused:
        await accept(home, hass_admin_user)
    assert refused.value.translation_key == "journal_failed"
    monkeypatch.setattr(journal_store.os, "fsync", real)


async def test_a_plan_cannot_be_answered_in_a_home_that_does_not_run(
    home: Setup, hass_client: ClientSessionGenerator
) -> None:
    await propose(home)
    client, where = await _open_flow(home, hass_client)
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    answer = await client.post(where, json={"next_step_id": "accept"})
    assert (await answer.json())["reason"] == "no_such_plan"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "- 22:30–06:00 (Mon, Sun)"), ("sv", "- 22:30–06:00 (mån, sön)")],
)
async def test_the_words_are_those_of_the_home(home: Setup, language: str, words: str) -> None:
    await home.hass.config.async_update(language=language)
    window = Window("night", time(22, 30), time(6), days=(7, 1))
    plan = parse(PlanStatement, home.bridge.municipality.plan(2, (window,)).token).statement
    assert (await PlanWords.load(home.hass)).plan(plan.plan())["windows"] == words


# ---- the action ---------------------------------------------------------------------------------------------------


async def accept(home: Setup, user: Any, number: int = 2, entry: str = "") -> None:
    await home.hass.services.async_call(
        DOMAIN,
        "accept_plan",
        {"config_entry_id": entry or home.entry.entry_id, "number": number},
        blocking=True,
        context=Context(user_id=None if user is None else user.id),
    )


async def test_an_administrator_accepts_by_action(home: Setup, hass_admin_user: MockUser) -> None:
    await propose(home)
    await accept(home, hass_admin_user)
    assert numbers(home) == (2, None)
    assert f'"accepted":true,"by":"{hass_admin_user.id}"' in home.entry_journal()


async def test_others_do_not_accept_by_action(home: Setup, hass_read_only_user: MockUser) -> None:
    await propose(home)
    with pytest.raises(Unauthorized):
        await accept(home, hass_read_only_user)
    with pytest.raises(ServiceValidationError) as refused:
        await accept(home, None)
    assert refused.value.translation_key == "person_required"
    assert numbers(home) == (1, 2)


async def test_another_number_or_home_is_refused(home: Setup, hass_admin_user: MockUser) -> None:
    await propose(home)
    with pytest.raises(ServiceValidationError) as refused:
        await accept(home, hass_admin_user, 3)
    assert refused.value.translation_key == "no_such_plan"
    with pytest.raises(ServiceValidationError) as refused:
        await accept(home, hass_admin_user, entry="nothing")
    assert refused.value.translation_key == "no_such_home"
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    with pytest.raises(ServiceValidationError) as refused:
        await accept(home, hass_admin_user)
    assert refused.value.translation_key == "home_not_loaded"


# ---- what may not be proposed ---------------------------------------------------------------------------------------


async def test_a_plan_signed_by_somebody_else_is_left_out(home: Setup) -> None:
    stranger = Municipality()
    stranger.hub = home.bridge.municipality.hub
    await home.bridge.send(stranger.plan(9))
    await propose(home, 2)
    assert numbers(home) == (1, 2)


async def test_a_plan_for_another_home_is_pointed_out(home: Setup) -> None:
    await home.bridge.send(home.bridge.municipality.plan(9, hub="A" * 43))
    await propose(home, 2)
    assert home.has_issue("plan_mismatch")
    assert numbers(home) == (1, 2)


async def test_an_older_plan_does_not_replace_a_newer(home: Setup) -> None:
    await propose(home, 3)
    await home.bridge.send(home.bridge.municipality.plan(2))
    await home.bridge.ask(home.bridge.municipality.operator(), home.occurrence)
    await home.bridge.heard(frames.Allow)
    assert numbers(home) == (1, 3)


async def test_a_plan_that_comes_again_is_answered_again(home: Setup) -> None:
    plan = await propose(home)
    await home.home.plans.answer(2, accepted=True, by="u")
    await last_ack(home)
    await home.bridge.send(plan)
    again = await last_ack(home)
    assert (again.number, again.decision) == (2, "accepted")
    plan = await propose(home, 3)
    await home.home.plans.answer(3, accepted=False, by="u")
    await last_ack(home)
    await home.bridge.send(plan)
    again = await last_ack(home)
    assert (again.number, again.decision) == (3, "declined")


async def test_an_answer_given_while_the_bridge_is_gone_is_sent_later(home: Setup) -> None:
    await propose(home)
    await home.bridge.stop()
    await home.until(lambda: not home.home.link.is_connected)
    await home.home.plans.answer(2, accepted=True, by="u")
    assert numbers(home) == (2, None)
    await home.bridge.start()
    assert (await last_ack(home)).number == 2


async def test_a_plan_waits_through_a_restart(home: Setup) -> None:
    await propose(home)
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert numbers(home) == (1, 2)
    assert home.has_issue("plan_waiting")
    await home.bridge.heard(frames.HomeStatus, lambda one: one.plan == 1)


async def test_a_new_plan_ends_what_was_prepared_under_the_old(home: Setup) -> None:
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await propose(home)
    await home.home.plans.answer(2, accepted=True, by="u")
    assert (await home.bridge.heard(frames.StopPicture)).look == connected.look
    await home.bridge.ask(operator, home.occurrence)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.WRONG_PLAN
