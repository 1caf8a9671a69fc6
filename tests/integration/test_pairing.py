"""A home that is paired anew: the journal is told first and decides, and what was agreed with another ends there."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.bridge_link import BridgeConnection
from custom_components.trygghetskamera.config import BridgeAddress, dump_pairing
from custom_components.trygghetskamera.const import CONF_CHAIN, CONF_SET_UP, DOMAIN
from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.journal_store import Journal, JournalError
from custom_components.trygghetskamera.pairing import alone_with_bridge, pair_again
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import Refusal, Refused
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Outcome, Role
from custom_components.trygghetskamera.tillsyn.record import Record
from custom_components.trygghetskamera.tillsyn.wire import Receipt

from .home import Setup
from .peers import NOTHING_YET, Municipality
from .test_log import get_log, look


def paired_with(town: Municipality, by: str = "anna") -> e.Paired:
    return e.Paired(town.root.public.x, town.hub.public.x, town.certificate(), (), by)


def other_hub(town: Municipality) -> Municipality:
    """The same municipality; the bridge has been replaced."""
    found = Municipality()
    found.root = town.root
    return found


def other_town(town: Municipality) -> Municipality:
    """The same bridge, paired with another municipality."""
    found = Municipality()
    found.hub = town.hub
    return found


async def pair(home: Setup, town: Municipality, paired: e.Paired | None = None) -> Record:
    """The bridge has been paired anew, and somebody at home says yes."""
    home.bridge.municipality = town
    await pair_again(home.hass, home.entry, paired or paired_with(town))
    return await running(home)


async def running(home: Setup) -> Record:
    """The home runs, is linked, and looks away."""
    await home.hass.async_block_till_done()
    await home.until(lambda: home.home.link.is_connected and home.home.gate.journal)
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()
    assert home.home.journal.record is not None
    return home.home.journal.record


async def agree(home: Setup) -> None:
    """A new plan is proposed and accepted."""
    await home.bridge.send(home.bridge.municipality.plan())
    await home.until(lambda: home.home.plans.waiting is not None)
    await home.home.plans.answer(1, accepted=True, by="admin")


async def refusal(home: Setup, by: Municipality) -> Refusal:
    await home.bridge.ask(by.operator(), home.occurrence)
    return (await home.bridge.heard(frames.Refuse)).code


# ---- what goes on and what ends -------------------------------------------------------------------------------------


async def test_a_new_certificate_for_the_same_hub_changes_nothing_else(home: Setup) -> None:
    await look(home)
    before = home.home.journal.record
    assert before is not None
    town = home.bridge.municipality
    installer = town.operator("Ines", Role.INSTALLER)
    paired = replace(paired_with(town), certificate=town.certificate(installer.key), chain=installer.chain)
    after = await pair(home, town, paired)
    assert (after.accepted, after.consent, after.head) == (before.accepted, True, before.head)
    assert after.paired == paired
    assert home.entry.data[CONF_CHAIN] == list(installer.chain)
    told = [one["text"] for one in await get_log(home)]
    assert any("paired the home with Ankeborg again" in one for one in told)


async def test_a_replaced_hub_ends_the_plan_and_begins_its_own_receipts(home: Setup) -> None:
    await look(home, outcome=Outcome.NOT_SEEN)
    old = home.bridge.municipality
    after = await pair(home, other_hub(old))
    assert (after.accepted, after.consent, after.revocations is None) == (None, True, False)
    assert home.entry.unique_id == home.bridge.municipality.hub.public.kid
    assert await refusal(home, old) is Refusal.NO_PLAN
    await agree(home)
    # The first look of this window is used, whichever hub it was with; the retry is left.
    await look(home)
    receipts = [one for one in home.bridge.signed_as(Receipt) if one.hub == home.entry.unique_id]
    assert [one.sequence for one in receipts] == [1]


async def test_the_old_municipality_is_refused_everything_at_once(home: Setup) -> None:
    old = home.bridge.municipality
    before = home.home.journal.record
    assert before is not None and before.policy is not None
    home.bridge.said = []
    after = await pair(home, other_town(old))
    assert (after.policy, after.revocations, after.accepted, after.consent) == (None, None, None, False)
    town = home.bridge.municipality
    for said in (old.policy(9), old.revocations(), town.policy(), town.revocations()):
        await home.bridge.send(said)
    await home.until(lambda: home.home.trust.policy.number == 1)
    await home.bridge.send(old.plan(5))
    assert await refusal(home, old) is Refusal.UNKNOWN_SIGNER
    assert await refusal(home, town) is Refusal.NO_PLAN
    assert home.home.plans.waiting is None
    await agree(home)
    assert await refusal(home, town) is Refusal.NO_CONSENT
    assert await refusal(home, old) is Refusal.UNKNOWN_SIGNER
    told = [one["text"] for one in await get_log(home)]
    assert any("moved the home from Ankeborg to Ankeborg" in one for one in told)


async def test_what_was_said_at_set_up_was_said_to_the_municipality_of_then(
    hass: HomeAssistant, entry: MockConfigEntry, municipality: Municipality
) -> None:
    """Before the first start: the journal has nothing yet, and the entry all."""
    assert CONF_SET_UP in entry.data
    await pair_again(hass, entry, paired_with(other_town(municipality)))
    record = entry.runtime_data.journal.record
    assert [one.name for one in record.people] == ["Kajsa A"]
    assert (record.consent, record.set_up, record.pause) == (False, True, None)
    assert CONF_SET_UP not in entry.data
    await hass.config_entries.async_unload(entry.entry_id)


# ---- power cuts and disks -------------------------------------------------------------------------------------------


async def interrupted(home: Setup, paired: e.Paired) -> None:
    """The journal is written, and then the power is cut."""
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    journal = Journal(journal_path(home.hass, home.entry.entry_id), home.hass.async_add_executor_job)
    await journal.load()
    await journal.add(replace(paired_with(home.bridge.municipality), by=""), paired)
    await journal.close()


async def test_a_power_cut_before_the_entry_is_written_does_not_bring_the_old_municipality_back(home: Setup) -> None:
    old = home.bridge.municipality
    town = other_town(old)
    await interrupted(home, paired_with(town))
    home.bridge.municipality = town
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    record = await running(home)
    assert (home.home.config.pinned.root, record.consent, record.accepted) == (town.root.public, False, None)
    assert await refusal(home, old) is Refusal.UNKNOWN_SIGNER


async def test_until_journal_and_entry_say_the_same_nothing_opens(home: Setup) -> None:
    """The bridge is still the old municipality's, and so is the entry: the journal's word cannot be used."""
    old = home.bridge.municipality
    bad = replace(paired_with(other_town(old)), certificate=other_town(old).certificate())
    await interrupted(home, bad)
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.until(lambda: home.home.link.is_connected)
    assert home.has_issue("pairing_unclear")
    assert not home.home.gate.journal
    await home.bridge.ask(old.operator(), home.occurrence)
    await home.bridge.heard(frames.Refuse)
    home.home.memory.tick()
    await home.hass.async_block_till_done()
    assert not home.home.gate.journal and home.is_looking_away()

    town = other_town(old)
    record = await pair(home, town)
    assert record.paired is not None
    assert (record.paired.root, home.has_issue("pairing_unclear")) == (town.root.public.x, False)


async def test_a_journal_from_before_the_move_does_not_bring_consent_and_plan_back(home: Setup) -> None:
    """Put back alone; the entry and the bridge are the new municipality's."""
    old, path = home.bridge.municipality, journal_path(home.hass, home.entry.entry_id)
    before = path.read_bytes()
    await pair(home, other_town(old))
    await pair(home, other_hub(home.bridge.municipality))  # within the new one
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    path.write_bytes(before)
    home.bridge.reached = NOTHING_YET  # nor does the bridge know of the journal
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    record = await running(home)
    assert (record.accepted, record.consent, record.policy is None) == (None, False, False)
    assert [one.name for one in record.people] == ["Kajsa A"]
    # And back to the first: what was agreed with it before is agreed no more.
    await pair(home, old)
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    path.write_bytes(before)
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    assert not (await running(home)).consent


async def test_a_pairing_that_cannot_be_written_changes_nothing(home: Setup, disk: Callable[[bool], None]) -> None:
    before, town = dict(home.entry.data), other_town(home.bridge.municipality)
    disk(True)
    with pytest.raises(JournalError):
        await pair_again(home.hass, home.entry, paired_with(town))
    disk(False)
    assert dict(home.entry.data) == before
    record = await running(home)
    assert record.consent and record.accepted is not None


async def test_a_home_that_does_not_let_go_is_not_paired_anew(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no(_entry_id: str) -> bool:
        return False

    monkeypatch.setattr(home.hass.config_entries, "async_unload", no)
    before = dict(home.entry.data)
    with pytest.raises(JournalError):
        await pair_again(home.hass, home.entry, paired_with(other_town(home.bridge.municipality)))
    assert dict(home.entry.data) == before
    monkeypatch.undo()


# ---- one bridge, one home -------------------------------------------------------------------------------------------


async def test_the_bridge_of_another_home_is_refused(home: Setup) -> None:
    town = other_hub(home.bridge.municipality)
    data = {**home.entry.data, **dump_pairing(paired_with(town))}
    MockConfigEntry(domain=DOMAIN, data=data, unique_id=town.hub.public.kid).add_to_hass(home.hass)
    with pytest.raises(Refused) as refused:
        await pair_again(home.hass, home.entry, paired_with(town))
    assert refused.value.code is Refusal.WRONG_HUB
    assert home.entry.state is ConfigEntryState.LOADED

    await interrupted(home, paired_with(town))
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    assert home.has_issue("pairing_unclear")
    assert not home.home.gate.journal


async def test_a_flow_that_pairs_has_the_bridge_to_itself(home: Setup) -> None:
    async with alone_with_bridge(home.entry):
        assert not home.home.connection.is_up
        where = BridgeAddress.read(home.entry.data)
        connection = await BridgeConnection.open(async_get_clientsession(home.hass), where)
        assert connection.bridge.key == home.bridge.municipality.hub.public.x
        await connection.close()
    await home.until(lambda: home.home.link.is_connected)
    async with alone_with_bridge(home.entry):
        assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    async with alone_with_bridge(home.entry):
        pass
