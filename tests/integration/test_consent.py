"""Consent moves from set-up to the journal once, whatever happens in between, and is withdrawn at once by anybody."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.trygghetskamera import consent
from custom_components.trygghetskamera.consent import person_meant
from custom_components.trygghetskamera.const import CONF_SET_UP
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import CloseReason, Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import How, Relation
from custom_components.trygghetskamera.tillsyn.people import Person
from custom_components.trygghetskamera.tillsyn.record import Record
from virtual_camera import VirtualCamera

from .consent_steps import BO, Options, leave, person, record, withdraw
from .home import KAJSA, Setup, entry_data
from .peers import ScriptedBridge


async def restart(home: Setup) -> None:
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_block_till_done()


def told_again(home: Setup) -> None:
    """What was moved to the journal is in the entry's data again, as if Home Assistant had died before saving that."""
    data = {**home.entry.data, CONF_SET_UP: entry_data(home.bridge)[CONF_SET_UP]}
    home.hass.config_entries.async_update_entry(home.entry, data=data)


# ---- from set-up to the journal -------------------------------------------------------------------------------------


async def test_names_stay_in_the_journal_alone(home: Setup) -> None:
    assert [one.name for one in record(home).people] == ["Kajsa A"]
    assert record(home).set_up
    assert CONF_SET_UP not in home.entry.data
    assert "Kajsa" not in repr(home.entry.as_dict())


@pytest.mark.parametrize(
    ("since", "holds"),
    [
        pytest.param((), True, id="nothing"),
        pytest.param((e.ConsentWithdrawn("", ""),), False, id="withdrawn"),
        pytest.param((e.PersonRemoved(KAJSA, ""),), False, id="moved out"),
    ],
)
async def test_dying_after_the_journal_was_written_brings_nothing_back(
    home: Setup, since: tuple[e.Entry, ...], holds: bool
) -> None:
    await home.home.memory.add(*since)
    before = record(home).people
    told_again(home)
    await restart(home)
    assert record(home).people == before
    assert home.home.gate.consent is holds
    assert CONF_SET_UP not in home.entry.data


@pytest.mark.parametrize("lines", range(3))
async def test_dying_while_the_journal_is_written_loses_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera, lines: int
) -> None:
    """A power cut amid one write: only some of its lines are there."""
    data = dict(entry.data)
    assert await hass.config_entries.async_setup(entry.entry_id)
    home = Setup(hass, entry, bridge, camera)
    path, before = home.home.journal.path, record(home).people
    await leave(home)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:lines]) + b'{"n":')
    hass.config_entries.async_update_entry(entry, data=data)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert [(one.id, one.how, one.review) for one in record(home).people] == [
        (one.id, one.how, one.review) for one in before
    ]
    assert home.home.gate.consent
    await leave(home)


@pytest.fixture
async def unwritten(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera, disk: Any
) -> Setup:
    """A new home whose disk is full."""
    disk(True)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return Setup(hass, entry, bridge, camera)


async def test_consent_waits_for_a_journal_that_can_be_written(unwritten: Setup, disk: Callable[[bool], None]) -> None:
    assert not unwritten.home.gate.consent
    assert CONF_SET_UP in unwritten.entry.data
    disk(False)
    await unwritten.home.memory.open()
    assert unwritten.home.gate.consent
    assert CONF_SET_UP not in unwritten.entry.data
    await leave(unwritten)


async def _in_the_options(home: Setup) -> None:
    options = Options(home)
    await options.open()
    await options.choose("consent_withdraw")


async def _by_action(home: Setup) -> None:
    await withdraw(home)


async def _by_the_client(home: Setup) -> None:
    await consent.withdraw(home.home, KAJSA, "")


@pytest.mark.parametrize("take_back", [_in_the_options, _by_action, _by_the_client])
async def test_withdrawing_what_was_not_written_yet_is_not_overtaken_by_it(
    unwritten: Setup, disk: Callable[[bool], None], take_back: Callable[[Setup], Awaitable[None]]
) -> None:
    await take_back(unwritten)
    disk(False)
    await unwritten.home.memory.open()
    assert not unwritten.home.gate.consent
    assert [(one.name, one.given_ms) for one in record(unwritten).people] == [("Kajsa A", 0)]
    await leave(unwritten)


# ---- withdrawn ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def bo(home: Setup, hass_admin_user: MockUser) -> MockUser:
    """A cohabitant who has consented, and signs in here."""
    user = await home.hass.auth.async_create_user("Bo", group_ids=["system-users"])
    options = Options(home)
    await options.open()
    await options.add(**BO, user=user.id)
    assert home.home.gate.consent
    return user  # type: ignore[return-value]


async def test_a_cohabitant_withdraws_amid_a_look_and_it_ends(home: Setup, bo: MockUser) -> None:
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await withdraw(home, Context(user_id=bo.id))
    receipt = await home.bridge.receipt(connected.look)
    assert receipt.reason is CloseReason.CONSENT_WITHDRAWN
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()
    assert (person(home, "Bo B").given_ms, bool(person(home, "Kajsa A").given_ms)) == (0, True)
    await home.bridge.ask(operator, home.occurrence)
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.NO_CONSENT

    await restart(home)
    assert not home.home.gate.consent
    assert f'"by":"{bo.id}"' in home.entry_journal()


async def test_of_a_client_and_two_cohabitants_each_closes_the_home_and_none_opens_it_alone(
    home: Setup, bo: MockUser
) -> None:
    options = Options(home)
    await options.open()
    await options.add(person_name="Cia", relation="cohabitant", how="written")
    for name in ("Kajsa A", "Bo B", "Cia"):
        assert home.home.gate.consent
        await withdraw(home, person=name)
        assert not home.home.gate.consent
        await options.about(person(home, name).id, "person_consent")
        await options.answer({"how": "written"})
    await withdraw(home)
    for name in ("Kajsa A", "Bo B", "Cia"):
        assert not home.home.gate.consent
        await options.about(person(home, name).id, "person_consent")
        await options.answer({"how": "written"})
    assert home.home.gate.consent


@pytest.mark.parametrize(
    ("data", "left"),
    [
        pytest.param({}, [False, False], id="nobody in particular"),
        pytest.param({"person": ""}, [False, False], id="somebody"),
        pytest.param({"person": "Bo B"}, [True, False], id="by name"),
        pytest.param({"person": " bo b "}, [True, False], id="by name, as people write"),
        pytest.param({"person": KAJSA}, [False, True], id="by id"),
        pytest.param({"person": "Berit"}, [False, False], id="somebody unknown"),
    ],
)
async def test_anybody_withdraws_for_one_or_for_all(
    home: Setup, bo: MockUser, relative: User, data: dict[str, str], left: list[bool]
) -> None:
    await withdraw(home, Context(user_id=relative.id), **data)
    assert [one.given_ms > 0 for one in record(home).people] == left
    assert not home.home.gate.consent


async def test_an_automation_withdraws_too(home: Setup) -> None:
    await withdraw(home)
    assert not home.home.gate.consent


async def test_a_withdrawal_that_cannot_be_written_is_heard_and_outlives_a_restart(
    home: Setup, bo: MockUser, disk: Callable[[bool], None]
) -> None:
    disk(True)
    await withdraw(home, Context(user_id=bo.id))
    assert not home.home.gate.consent
    disk(False)
    await home.home.memory.open()
    assert person(home, "Bo B").given_ms == 0

    await Options(home).open()
    disk(True)
    await withdraw(home)
    await leave(home)
    disk(False)
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    # It is known that somebody wished to be left alone, and not what.
    assert home.home.gate.paused


def test_whose_consent_is_meant_is_never_guessed() -> None:
    people = tuple(Person(f"person0{n}", name, Relation.COHABITANT, "u", 1, How.SPOKEN) for n, name in enumerate("AA"))
    assert person_meant(Record(people=people), "a", "") == ""
    assert person_meant(Record(people=people), None, "u") == ""
    assert person_meant(Record(people=people[:1]), None, "") == ""
    assert person_meant(Record(people=people[:1]), None, "u") == "person00"
    assert person_meant(None, None, "u") == ""


# ---- heard ----------------------------------------------------------------------------------------------------------


async def test_a_person_is_named_without_blocking_the_home_in_between(home: Setup) -> None:
    """Old consent without names ends with the first name; what is said at once with it is there at once."""
    await home.home.memory.add(e.PersonRemoved(KAJSA, ""), e.Consent(True, ""))
    told: list[bool] = []
    home.home.listen(lambda: told.append(home.home.gate.consent))
    options = Options(home)
    flow = await options.open()
    assert "before names were asked for" in flow["description_placeholders"]["people"]
    flow = await options.add(person_name="Kajsa A")
    assert flow["errors"] == {"how": "consent_is_given"}
    await options.answer({"person_name": "Kajsa A", "how": "written"})
    await home.home.memory.away(e.Pause(True, ""))
    assert home.home.gate.consent
    assert all(told)


async def test_a_person_who_is_on_disk_and_still_being_heard_is_one_person(home: Setup) -> None:
    """Between the write and its being told, an entry is both in the journal and heard."""
    added = e.PersonAdded("bobo0001", "Bo B", Relation.COHABITANT, "", "")
    heard: list[Record | None] = []
    journal, add = home.home.journal, home.home.journal.add

    async def then_look(*entries: e.Entry, **more: Any) -> Record:
        after = await add(*entries, **more)
        heard.append(home.home.memory.heard)
        return after

    journal.add = then_look  # type: ignore[method-assign]
    await home.home.memory.away(added)
    assert [one and one.people for one in heard] == [record(home).people] * len(heard)
    assert len(record(home).people) == 2
    assert not home.home.gate.consent
