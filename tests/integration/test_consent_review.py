"""Consent is asked about again when its day has come, and named where it was not. A reminder ends nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.issues import Issue
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn.model import How, Relation
from custom_components.trygghetskamera.tillsyn.schedule import local_day

from .consent_steps import Options, Question, person, record, withdraw
from .home import KAJSA, Setup

BO = "bobo0001"


def today() -> date:
    return local_day(datetime.now(UTC))


@pytest.fixture
async def due(home: Setup, hass_admin_user: MockUser) -> Setup:
    """A home where both are to be asked again today."""
    await home.home.memory.add(
        e.PersonAdded(BO, "Bo B", Relation.COHABITANT, "", ""),
        e.ConsentGiven(BO, How.SPOKEN, today(), ""),
        e.ConsentGiven(KAJSA, How.WRITTEN, today(), ""),
    )
    return home


async def test_each_is_asked_again_and_their_answers_are_their_own(
    due: Setup, hass_client: ClientSessionGenerator, hass_admin_user: MockUser
) -> None:
    question = await Question.open(due, hass_client, Issue.CONSENT_REVIEW)
    assert question.flow["menu_options"] == ["agreed", "withdraw"]
    words = question.flow["description_placeholders"]
    assert words["name"] == "Kajsa A"
    assert words["person"] == f"**Kajsa A (client)**: consents since {today()} (in writing); is asked again {today()}"
    await question.choose("agreed")
    flow = await question.answer({"how": "spoken", "review": today().isoformat()})
    assert flow["errors"] == {"review": "invalid_review"}
    flow = await question.answer({"how": "spoken"})
    assert (flow["type"], flow["description_placeholders"]["name"]) == ("menu", "Bo B")
    assert (person(due, "Kajsa A").how, due.home.gate.consent) == (How.SPOKEN, True)
    assert due.has_issue("consent_review")

    flow = await question.choose("withdraw")
    assert flow["type"] == "create_entry"
    assert not due.home.gate.consent
    assert not due.has_issue("consent_review")
    assert due.entry_journal().count(f'"by":"{due_user(due)}"') >= 2


def due_user(home: Setup) -> str:
    """Whoever has answered."""
    last = home.entry_journal().splitlines()[-1]
    found = last.rpartition('"by":"')[2].partition('"')[0]
    assert found
    return found


async def test_its_day_comes_while_the_home_runs_and_nothing_ends(
    home: Setup, clock: Callable[[str], datetime]
) -> None:
    home.home.consent_issues.tick()
    assert not home.has_issue("consent_review")
    clock((datetime.now(UTC) + timedelta(days=366)).isoformat())
    home.home.consent_issues.tick()
    assert home.has_issue("consent_review")
    assert home.home.gate.consent
    clock((datetime.now(UTC) + timedelta(days=800)).isoformat())
    home.home.consent_issues.tick()
    assert home.home.gate.consent


async def test_it_is_still_asked_after_a_restart_and_not_once_it_is_withdrawn(due: Setup) -> None:
    await due.until(lambda: due.has_issue("consent_review"))
    assert await due.hass.config_entries.async_reload(due.entry.entry_id)
    await due.until(lambda: due.has_issue("consent_review"))
    assert due.home.gate.consent
    await withdraw(due)
    due.home.consent_issues.tick()
    assert not due.has_issue("consent_review")


async def test_an_answer_that_cannot_be_written_is_not_taken(
    due: Setup, hass_client: ClientSessionGenerator, disk: Callable[[bool], None]
) -> None:
    question = await Question.open(due, hass_client, Issue.CONSENT_REVIEW)
    await question.choose("agreed")
    disk(True)
    assert (await question.answer({"how": "written"}))["reason"] == "journal_failed"
    disk(False)
    assert due.has_issue("consent_review")


async def test_nobody_consents_through_the_question_without_being_somebody(due: Setup) -> None:
    """Home Assistant lets administrators alone answer; that is not relied on."""
    await due.until(lambda: due.has_issue("consent_review"))
    assert await async_setup_component(due.hass, "repairs", {})
    manager = due.hass.data["repairs"]["flow_manager"]
    flow = await manager.async_init(DOMAIN, data={"issue_id": f"consent_review_{due.entry.entry_id}"})
    flow = await manager.async_configure(flow["flow_id"], {"next_step_id": "agreed"})
    answer = await manager.async_configure(flow["flow_id"], {"how": "written"})
    assert (answer["type"], answer["reason"]) == ("abort", "user_not_allowed")
    assert person(due, "Kajsa A").review == today()


@pytest.mark.parametrize("step", ["agreed", "withdraw"])
async def test_the_home_may_be_gone_when_it_is_answered(
    due: Setup, hass_client: ClientSessionGenerator, step: str
) -> None:
    question = await Question.open(due, hass_client, Issue.CONSENT_REVIEW)
    await due.hass.config_entries.async_unload(due.entry.entry_id)
    assert (await question.choose(step))["reason"] == "nobody_to_ask"
    assert (await question.again())["reason"] == "nobody_to_ask"


async def test_who_has_moved_out_meanwhile_is_not_asked(due: Setup, hass_client: ClientSessionGenerator) -> None:
    question = await Question.open(due, hass_client, Issue.CONSENT_REVIEW)
    await due.home.memory.add(e.PersonRemoved(KAJSA, ""))
    assert (await question.choose("agreed"))["reason"] == "nobody_to_ask"
    assert (await question.again())["description_placeholders"]["name"] == "Bo B"


async def test_names_are_asked_for_where_an_earlier_version_asked_for_none(home: Setup) -> None:
    await home.home.memory.add(e.PersonRemoved(KAJSA, ""), e.Consent(True, ""))
    await home.until(lambda: home.has_issue("consent_names"))
    assert home.home.gate.consent
    options = Options(home)
    await options.open()
    await options.add(person_name="Kajsa A", how="written")
    home.home.consent_issues.tick()
    assert not home.has_issue("consent_names")
    assert len(record(home).people) == 1
