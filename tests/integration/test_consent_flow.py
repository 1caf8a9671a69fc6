"""Naming people and writing down what each of them says, at set-up and later, as an administrator walks the steps."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn.model import How, Relation
from custom_components.trygghetskamera.tillsyn.people import MOST, REVIEW_AFTER
from custom_components.trygghetskamera.tillsyn.schedule import local_day

from .consent_steps import BO, Options, leave, person, record
from .home import KAJSA, Setup
from .peers import ScriptedBridge


def in_days(days: int) -> str:
    return (local_day(dt_util.utcnow()) + timedelta(days=days)).isoformat()


# ---- at set-up ------------------------------------------------------------------------------------------------------


class SetUp:
    """The configuration flow, at its consent step."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self.flow: Any = None

    async def begin(self, bridge: ScriptedBridge) -> Any:
        flows = self._hass.config_entries.flow
        self.flow = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
        await self.answer({"access_key": bridge.access_key, "host": "127.0.0.1", "port": bridge.port})
        return await self.choose("paired")

    async def answer(self, answers: dict[str, Any]) -> Any:
        self.flow = await self._hass.config_entries.flow.async_configure(self.flow["flow_id"], answers)
        return self.flow

    async def choose(self, step: str) -> Any:
        return await self.answer({"next_step_id": step})

    async def add(self, **answers: Any) -> Any:
        await self.choose("person_add")
        return await self.answer(answers)

    @property
    def people(self) -> str:
        return str(self.flow["description_placeholders"]["people"])

    async def done(self) -> Setup:
        await self.choose("consent_done")
        assert self.flow["type"] is FlowResultType.CREATE_ENTRY
        await self._hass.async_block_till_done()
        (entry,) = self._hass.config_entries.async_entries(DOMAIN)
        return Setup(self._hass, entry, None, None)  # type: ignore[arg-type]


@pytest.fixture
async def setting_up(hass: HomeAssistant, bridge: ScriptedBridge) -> SetUp:
    found = SetUp(hass)
    await found.begin(bridge)
    return found


async def test_the_client_and_a_cohabitant_are_named_and_consent(hass: HomeAssistant, setting_up: SetUp) -> None:
    user = await hass.auth.async_create_user("Bo", group_ids=["system-users"])
    assert setting_up.people == "Nobody has been named yet. **Nothing opens.**"
    flow = await setting_up.choose("person_add")
    assert "relation" not in flow["data_schema"].schema  # begin with the client
    await setting_up.answer({"person_name": " Kajsa A ", "how": "written"})
    assert setting_up.people.endswith("\n\nEverybody has consented.")
    await setting_up.add(**BO, user=user.id, review=in_days(30))
    home = await setting_up.done()
    kajsa, bo = record(home).people
    assert (kajsa.name, kajsa.relation, kajsa.how) == ("Kajsa A", Relation.CLIENT, How.WRITTEN)
    assert kajsa.review == local_day(dt_util.utcnow()) + REVIEW_AFTER
    assert (bo.name, bo.relation, bo.user, bo.how) == ("Bo B", Relation.COHABITANT, user.id, How.SPOKEN)
    assert home.home.gate.consent
    assert "set_up" not in home.entry.data
    await leave(home)


async def test_while_one_has_not_consented_nothing_opens(hass: HomeAssistant, setting_up: SetUp) -> None:
    await setting_up.add(person_name="Kajsa A", how="written")
    await setting_up.add(**BO | {"how": "not_yet"})
    assert setting_up.people.endswith("\n\nNot everybody has consented. **Nothing opens.**")
    assert "**Bo B (cohabitant)**: has not consented" in setting_up.people
    home = await setting_up.done()
    assert [one.name for one in record(home).people] == ["Kajsa A", "Bo B"]
    assert not home.home.gate.consent
    await leave(home)


async def test_what_was_said_by_mistake_at_set_up_is_corrected_there(hass: HomeAssistant, setting_up: SetUp) -> None:
    await setting_up.add(person_name="Kajsa", how="written")
    await setting_up.add(**BO)
    (kajsa, bo) = (await setting_up.choose("person_choose"))["data_schema"].schema["person"].config["options"]
    assert (kajsa["label"], bo["label"]) == ("Kajsa (client)", "Bo B (cohabitant)")
    await setting_up.answer({"person": kajsa["value"]})
    await setting_up.choose("person_withdraw")
    assert "**Kajsa (client)**: has not consented" in setting_up.people
    for step, answers in (("person_change", {"person_name": "Kajsa A"}), ("person_consent", {"how": "representative"})):
        await setting_up.choose("person_choose")
        await setting_up.answer({"person": kajsa["value"]})
        await setting_up.choose(step)
        await setting_up.answer(answers)
    await setting_up.choose("person_choose")
    await setting_up.answer({"person": bo["value"]})
    await setting_up.choose("person_remove")
    await setting_up.answer({})
    home = await setting_up.done()
    (left,) = record(home).people
    assert (left.name, left.how) == ("Kajsa A", How.REPRESENTATIVE)
    assert "Bo B" not in home.entry_journal()
    await leave(home)


# ---- later ----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def options(home: Setup) -> Options:
    found = Options(home)
    await found.open()
    return found


async def test_somebody_who_moves_in_is_asked_before_anybody_looks_again(home: Setup, options: Options) -> None:
    flow = await options.choose("person_add")
    assert flow["data_schema"].schema["relation"] is not None
    await options.answer(BO | {"how": "not_yet"})
    assert not home.home.gate.consent
    await options.about(person(home, "Bo B").id, "person_consent")
    flow = await options.answer({"how": "written", "review": in_days(0)})
    assert flow["errors"] == {"review": "invalid_review"}
    await options.answer({"how": "written", "review": in_days(90)})
    assert home.home.gate.consent
    assert person(home, "Bo B").review == local_day(dt_util.utcnow()) + timedelta(days=90)
    flow = await options.choose("consent_done")
    assert (flow["type"], flow["data"]) == (FlowResultType.CREATE_ENTRY, {})


async def test_somebody_who_moves_out_is_not_asked_any_more(home: Setup, options: Options) -> None:
    await options.add(**BO | {"how": "not_yet"})
    await options.about(person(home, "Bo B").id, "person_remove")
    assert options.flow["description_placeholders"] == {"name": "Bo B"}
    await options.answer({})
    assert home.home.gate.consent
    assert [one.name for one in record(home).people] == ["Kajsa A"]


async def test_a_name_is_corrected_and_consent_stays(home: Setup, options: Options) -> None:
    user = await home.hass.auth.async_create_user("Kajsa", group_ids=["system-users"])
    before = person(home, "Kajsa A")
    await options.about(KAJSA, "person_change")
    assert (await options.answer({"person_name": "   "}))["errors"] == {"person_name": "invalid_name"}
    await options.answer({"person_name": "Kajsa Anka", "user": user.id})
    after = person(home, "Kajsa Anka")
    assert (after.user, after.given_ms, after.review) == (user.id, before.given_ms, before.review)
    assert home.home.gate.consent
    flow = await options.about(KAJSA, "person_change")
    assert [key.description for key in flow["data_schema"].schema] == [
        {"suggested_value": "Kajsa Anka"}, {"suggested_value": user.id}
    ]  # fmt: skip


async def test_one_person_withdraws_and_consents_again(home: Setup, options: Options) -> None:
    flow = await options.about(KAJSA, "person_withdraw")
    assert not home.home.gate.consent
    assert "consent_withdraw" not in flow["menu_options"]
    await options.choose("person_choose")
    flow = await options.answer({"person": KAJSA})
    assert flow["menu_options"] == ["person_consent", "person_change", "person_remove", "consent"]
    assert flow["description_placeholders"] == {"person": "**Kajsa A (client)**: has not consented"}
    await options.choose("person_consent")
    await options.answer({"how": "written"})
    assert home.home.gate.consent
    assert '"kind":"consent_withdrawn"' in home.entry_journal()


async def test_somebody_withdraws_and_everybody_is_asked_again(home: Setup, options: Options) -> None:
    await options.add(**BO)
    assert options.flow["menu_options"] == ["person_add", "person_choose", "consent_done", "consent_withdraw"]
    await options.choose("consent_withdraw")
    assert not home.home.gate.consent
    assert [one.given_ms for one in record(home).people] == [0, 0]


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        pytest.param({"person_name": "  "}, {"person_name": "invalid_name"}, id="no name"),
        pytest.param({"person_name": "B\u202eo"}, {"person_name": "invalid_name"}, id="a name that hides something"),
        pytest.param({"person_name": "B" * 81}, {"person_name": "invalid_name"}, id="too long a name"),
        pytest.param({"review": in_days(0)}, {"review": "invalid_review"}, id="to be asked again today"),
        pytest.param({"review": in_days(732)}, {"review": "invalid_review"}, id="so late that it is forgotten"),
    ],
)
async def test_what_cannot_be_written_says_what_is_wrong(
    home: Setup, options: Options, answers: dict[str, str], errors: dict[str, str]
) -> None:
    assert (await options.add(**BO | answers))["errors"] == errors
    assert [one.name for one in record(home).people] == ["Kajsa A"]


async def test_no_more_are_named_than_can_be_kept(home: Setup, options: Options) -> None:
    form = await options.choose("person_add")
    people = (e.PersonAdded(f"person{n:02}", "Bo", Relation.COHABITANT, "", "") for n in range(MOST - 1))
    await home.home.memory.add(*people)
    flow = await options.answer(BO)
    assert (form["step_id"], flow["step_id"]) == ("person_add", "consent")
    assert "person_add" not in flow["menu_options"]
    assert len(record(home).people) == MOST


@pytest.mark.parametrize(
    ("step", "answers"),
    [
        ("person_consent", {"how": "written"}),
        ("person_change", {"person_name": "Kajsa"}),
        ("person_remove", {}),
    ],
)
async def test_what_cannot_be_written_down_is_not_taken(
    home: Setup, options: Options, disk: Callable[[bool], None], step: str, answers: dict[str, str]
) -> None:
    await options.about(KAJSA, step)
    before = record(home).people
    disk(True)
    assert (await options.answer(answers))["errors"] == {"base": "journal_failed"}
    disk(False)
    await home.home.memory.open()
    assert record(home).people == before


async def test_a_person_who_cannot_be_written_down_is_not_named(
    home: Setup, options: Options, disk: Callable[[bool], None]
) -> None:
    disk(True)
    assert (await options.add(**BO))["errors"] == {"base": "journal_failed"}
    disk(False)


@pytest.mark.parametrize("step", ["person_withdraw", "person_consent", "person_change", "person_remove"])
async def test_somebody_who_is_gone_meanwhile_is_left_alone(home: Setup, options: Options, step: str) -> None:
    await options.choose("person_choose")
    await options.answer({"person": KAJSA})
    await home.home.memory.add(e.PersonRemoved(KAJSA, "another"))
    lines = record(home).lines
    assert (await options.choose(step))["step_id"] == "consent"
    assert record(home).lines == lines


async def test_somebody_who_is_gone_when_chosen_leads_back(home: Setup, options: Options) -> None:
    await options.choose("person_choose")
    await home.home.memory.add(e.PersonRemoved(KAJSA, "another"))
    flow = await options.answer({"person": KAJSA})
    assert (flow["step_id"], flow["menu_options"]) == ("consent", ["person_add", "consent_done"])


async def test_a_home_whose_client_has_moved_asks_for_the_client_first(home: Setup, options: Options) -> None:
    await options.add(**BO)
    await options.about(KAJSA, "person_remove")
    flow = await options.answer({})
    assert flow["description_placeholders"]["people"].endswith("The client has not been named. **Nothing opens.**")
    await options.add(person_name="Astrid", how="written")
    assert person(home, "Astrid").relation is Relation.CLIENT
    assert home.home.gate.consent


async def test_consent_cannot_be_changed_in_a_home_that_does_not_run(home: Setup, options: Options) -> None:
    await options.choose("person_add")
    await leave(home)
    assert (await options.answer(BO))["reason"] == "home_not_loaded"
    assert (await Options(home).open())["reason"] == "home_not_loaded"


async def test_in_a_home_that_stops_meanwhile_nothing_is_said(home: Setup, options: Options) -> None:
    await options.choose("person_choose")
    await options.answer({"person": KAJSA})
    await leave(home)
    assert (await options.choose("person_withdraw"))["reason"] == "home_not_loaded"


async def test_in_a_home_that_stops_meanwhile_nothing_is_withdrawn(home: Setup, options: Options) -> None:
    await leave(home)
    assert (await options.choose("consent_withdraw"))["reason"] == "home_not_loaded"


async def test_a_journal_that_cannot_be_read_still_lets_somebody_withdraw(
    hass: HomeAssistant, home: Setup, entry: MockConfigEntry
) -> None:
    await leave(home)
    path = journal_path(hass, entry.entry_id)
    whole = path.read_bytes()
    path.write_bytes(b"hello\n")
    await hass.config_entries.async_setup(entry.entry_id)
    options = Options(home)
    flow = await options.open()
    assert flow["menu_options"] == ["consent_done", "consent_withdraw"]
    assert "**nothing opens**" in flow["description_placeholders"]["people"]
    await options.choose("consent_withdraw")
    path.write_bytes(whole)
    await home.home.memory.open()
    assert not home.home.gate.consent
