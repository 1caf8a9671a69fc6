"""A plan is read beside the one that holds, in the home's words; one that only narrows applies at once and is told."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from homeassistant.core import Context
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera import reviews
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.plan_words import PlanWords
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.identity import digest, parse
from custom_components.trygghetskamera.tillsyn.model import Fallback, Plan, Role, Room, Window
from custom_components.trygghetskamera.tillsyn.wire import PlanAck, PlanStatement

from .home import EVENT, Setup

CONTACT = "Karin Kontakt 0300-12345"
REVIEW = "sensor.night_supervision_plan_review"
TWO = Window("two", time(2), time(3))


def plan_of(home: Setup, **terms: Any) -> Plan:
    """A plan with one look at two, unless told."""
    values: dict[str, Any] = {"windows": (TWO,), "review": date(2027, 2, 1)} | terms
    return parse(PlanStatement, home.bridge.municipality.plan(2, **values).token).statement.plan()


async def words(home: Setup, language: str = "en") -> PlanWords:
    await home.hass.config.async_update(language=language)
    return await PlanWords.load(home.hass)


@pytest.mark.parametrize(
    ("language", "changes", "effect"),
    [
        (
            "en",
            [
                "Two looks instead of one",
                "New: 23:00–23:30 (every day)",
                "02:00–03:00 (every day) is moved to 01:30–02:30 (every day)",
            ],
            "In all it lets more be seen.",
        ),
        (
            "sv",
            [
                "Två titt-in i stället för en",
                "Ny: 23:00–23:30 (varje dag)",
                "02:00–03:00 (varje dag) flyttas till 01:30–02:30 (varje dag)",
            ],
            "Sammantaget låter den mer synas.",
        ),
    ],
)
async def test_looks_more_and_moved(home: Setup, language: str, changes: list[str], effect: str) -> None:
    moved, evening = Window("two", time(1, 30), time(2, 30)), Window("evening", time(23), time(23, 30))
    after = plan_of(home, windows=(moved, evening))
    assert (await words(home, language)).changes(plan_of(home), after) == (changes, effect)


@pytest.mark.parametrize(
    ("terms", "changes", "effect"),
    [
        ({"look_seconds": 60}, ["A look lasts at most 60 seconds instead of 30"], "wider"),
        ({"look_seconds": 20}, ["A look lasts at most 20 seconds instead of 30"], "narrower"),
        (
            {"look_seconds": 20, "grace_seconds": 60},
            [
                "A look lasts at most 20 seconds instead of 30",
                "A look may go on 60 seconds past its window instead of 30",
            ],
            "mixed",
        ),
        ({"max_retries": 2}, ["New tries if the client is not seen: 2 instead of 1"], "wider"),
        ({"retry_within_minutes": 10}, ["New tries within 10 minutes instead of 20"], "narrower"),
        ({"roles": (Role.PATROL,)}, ["Who looks: the night patrol, before: operators"], "wider"),
        ({"unit": "south"}, ["Another unit looks: south, before: north"], "wider"),
        ({"rooms": (Room.BEDROOM, Room.HALL)}, ["Rooms: Bedroom, Hall, before: Bedroom"], "wider"),
        ({"fallback": (Fallback.VISIT,)}, ["If a look cannot be made: visit, before: call the client, visit"], "same"),
        ({"move_minutes": 30}, ["Looks may be moved, at most 30 minutes"], "same"),
        ({"keep_days": 90}, ["The log at home is kept for 90 days instead of 365"], "narrower"),
        ({"review": date(2027, 8, 1)}, ["To be reviewed by 2027-08-01 instead of 2027-02-01"], "same"),
        ({"contact": CONTACT}, [f"Care contact: {CONTACT}, before: nobody named"], "same"),
        (
            {"windows": (Window("two", time(2), time(3), (6, 7)),)},
            ["02:00–03:00 (every day) becomes 02:00–03:00 (Sat, Sun)"], "narrower",
        ),
        ({"windows": (Window("other", time(2), time(3)),)}, [], "wider"),
        (
            {"windows": (Window("far", time(12), time(13)),)},
            ["New: 12:00–13:00 (every day)", "No longer: 02:00–03:00 (every day)"], "mixed",
        ),
    ],
)  # fmt: skip
async def test_each_change_in_words(home: Setup, terms: dict[str, Any], changes: list[str], effect: str) -> None:
    plain = await words(home)
    said, in_all = plain.changes(plan_of(home), plan_of(home, **terms))
    assert (said, in_all) == (changes, plain._word("effect", effect))


async def test_a_look_less_and_less_freedom(home: Setup) -> None:
    evening = Window("evening", time(23), time(23, 30))
    before = plan_of(home, windows=(TWO, evening), move_minutes=60)
    plain = await words(home)
    assert plain.changes(before, plan_of(home, move_minutes=30))[0] == [
        "One look instead of two", "No longer: 23:00–23:30 (every day)",
        "A look may be moved at most 30 minutes instead of 60",
    ]  # fmt: skip
    assert plain.changes(before, plan_of(home))[0][-1] == "Looks may no longer be moved"


async def test_the_first_plan_is_compared_with_nothing(home: Setup) -> None:
    plain = await words(home)
    assert plain.compared(None, plan_of(home)) == "This is the first plan."
    shown = plain.plan(plan_of(home, contact=CONTACT, move_minutes=45, rooms=(Room.BEDROOM, Room.KITCHEN)))
    assert (shown["contact"], shown["rooms"], shown["keep_days"]) == (CONTACT, "Bedroom, Kitchen", "365")
    assert shown["moving"] == "The client may move a look at most 45 minutes."
    assert plain.plan(plan_of(home))["moving"] == "Looks cannot be moved."
    assert plain.contact(None) == plain.contact(plan_of(home)) != ""


# ---- where it is answered -------------------------------------------------------------------------------------------


async def fix(home: Setup, client: Any, issue: str) -> Any:
    """Open the issue's dialog."""
    assert await async_setup_component(home.hass, "repairs", {})
    answer = await (await client()).post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": f"{issue}_{home.entry.entry_id}"}
    )
    return await answer.json()


async def test_the_dialog_compares_and_names_the_contact(home: Setup, hass_client: ClientSessionGenerator) -> None:
    await home.bridge.send(home.bridge.municipality.plan(2, look_seconds=45, contact=CONTACT))
    await home.until(lambda: home.home.plans.waiting is not None)
    shown = (await fix(home, hass_client, "plan_waiting"))["description_placeholders"]
    assert "- A look lasts at most 45 seconds instead of 30" in shown["compared"]
    assert shown["compared"].endswith("\n\nIn all it lets more be seen.")
    assert shown["contact"] == CONTACT
    assert CONTACT not in repr(list(ir.async_get(home.hass).issues.values()))


async def test_the_action_answers_with_what_it_changes(home: Setup, hass_admin_user: MockUser) -> None:
    await home.bridge.send(home.bridge.municipality.plan(2, look_seconds=45))
    await home.until(lambda: home.home.plans.waiting is not None)
    answer = await home.hass.services.async_call(
        DOMAIN, "accept_plan", {"config_entry_id": home.entry.entry_id, "number": 2},
        blocking=True, context=Context(user_id=hass_admin_user.id), return_response=True,
    )  # fmt: skip
    assert answer is not None
    assert answer["number"] == 2
    assert "A look lasts at most 45 seconds instead of 30" in answer["changes"]  # type: ignore[operator]
    assert answer["effect"] == "In all it lets more be seen."


# ---- at once --------------------------------------------------------------------------------------------------------


def same_but(home: Setup, number: int, **terms: Any) -> frames.Signed:
    """The plan that holds, with something else."""
    plan = home.home.gate.plan
    assert plan is not None
    values: dict[str, Any] = {"windows": plan.windows, "review": plan.review} | terms
    return home.bridge.municipality.plan(number, **values)


async def test_a_plan_that_only_narrows_applies_at_once_and_is_told(
    home: Setup, hass_client: ClientSessionGenerator
) -> None:
    operator = home.bridge.municipality.operator()
    sent = same_but(home, 2, look_seconds=15, max_retries=0, contact=CONTACT)
    await home.bridge.send(sent)
    await home.until(lambda: home.home.gate.plan is not None and home.home.gate.plan.number == 2)
    await home.bridge.heard(frames.Sign, lambda one: one.typ == "tk-plan-ack")
    ack = home.bridge.signed_as(PlanAck)[-1]
    assert (ack.number, ack.decision, ack.plan) == (2, "accepted", digest(sent.token))
    await home.hass.async_block_till_done()
    assert '"number":2,"accepted":true,"by":""' in home.entry_journal()
    event = home.hass.states.get(EVENT)
    assert event is not None
    assert (event.attributes["event_type"], event.attributes["number"]) == ("plan_narrowed", 2)
    assert not home.has_issue("plan_waiting")
    flow = await fix(home, hass_client, "plan_narrowed")
    shown = flow["description_placeholders"]
    assert "- A look lasts at most 15 seconds instead of 30" in shown["compared"]
    assert shown["contact"] == CONTACT
    client = await hass_client()
    answer = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={})
    assert (await answer.json())["type"] == "create_entry"
    assert not home.has_issue("plan_narrowed")
    await home.bridge.prepare(operator, home.occurrence, plan=2)


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param({"look_seconds": 15, "max_retries": 2}, id="narrower in one respect and wider in another"),
        pytest.param({"look_seconds": 45}, id="wider"),
        pytest.param({"fallback": (Fallback.VISIT,)}, id="other help"),
        pytest.param({}, id="the same again"),
    ],
)
async def test_any_other_plan_waits_whole(home: Setup, terms: dict[str, Any]) -> None:
    await home.bridge.send(same_but(home, 2, **terms))
    await home.until(lambda: home.home.plans.waiting is not None)
    plan = home.home.gate.plan
    assert plan is not None
    assert (plan.number, plan.limits.look_seconds) == (1, 30)
    assert home.has_issue("plan_waiting")
    assert not home.has_issue("plan_narrowed")


async def test_a_narrower_plan_waits_while_a_look_to_come_is_moved(home: Setup) -> None:
    await home.bridge.send(same_but(home, 2, move_minutes=240))
    await home.until(lambda: home.home.gate.plan is not None and home.home.gate.plan.number == 2)
    await home.home.wishes.move(home.occurrence, dt_util.utcnow() + timedelta(minutes=30), "u")
    await home.bridge.send(same_but(home, 3, move_minutes=240, look_seconds=15))
    await home.until(lambda: home.home.plans.waiting is not None)
    assert home.occurrence in home.home.gate.moved


async def test_a_plan_that_cannot_be_written_does_not_apply(home: Setup) -> None:
    home.home.memory._failed()
    await home.bridge.send(same_but(home, 2, look_seconds=15))
    await home.bridge.ask(home.bridge.municipality.operator(), home.occurrence)
    await home.bridge.heard(frames.Refuse)
    await home.hass.async_block_till_done()
    assert home.home.gate.plan is not None
    assert home.home.gate.plan.number == 1


async def test_after_a_restart_what_was_narrowed_is_no_longer_told(
    home: Setup, hass_client: ClientSessionGenerator
) -> None:
    await home.bridge.send(same_but(home, 2, look_seconds=15))
    await home.until(lambda: home.home.gate.plan is not None and home.home.gate.plan.number == 2)
    home.home.plans.narrowed = None
    assert (await fix(home, hass_client, "plan_narrowed"))["reason"] == "gone"


# ---- the review -----------------------------------------------------------------------------------------------------


async def test_the_day_of_the_review_is_shown_and_asked_about_when_it_has_come(
    home: Setup, hass_client: ClientSessionGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = home.home.gate.plan
    assert plan is not None
    await home.hass.async_block_till_done()
    assert home.state(REVIEW) == plan.review.isoformat()
    assert not home.has_issue("plan_review")
    monkeypatch.setattr(reviews, "_EACH_SECONDS", 0.0)
    today = dt_util.utcnow().date()
    await home.bridge.send(same_but(home, 2, review=today, contact=CONTACT))
    await home.until(lambda: home.home.gate.plan is not None and home.home.gate.plan.number == 2)
    home.home.reviews._look_at = 0.0
    home.home.reviews.tick()
    assert home.has_issue("plan_review")
    assert CONTACT not in repr(list(ir.async_get(home.hass).issues.values()))
    flow = await fix(home, hass_client, "plan_review")
    assert flow["description_placeholders"] == {"review": today.isoformat(), "contact": CONTACT}
    client = await hass_client()
    await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={})
    home.home.reviews.tick()
    assert not home.has_issue("plan_review")
    home.home.reviews._quiet_until = 0.0
    home.home.reviews.tick()
    assert home.has_issue("plan_review")
    await home.bridge.send(same_but(home, 3, review=today + timedelta(days=90)))
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(3, accepted=True, by="u")
    home.home.reviews.tick()
    assert not home.has_issue("plan_review")
