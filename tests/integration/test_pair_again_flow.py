"""Reconfigure: a home is paired again, once somebody who has been told what that ends has said yes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.record import Record

from .home import Setup
from .peers import Municipality, ScriptedBridge
from .test_pairing import other_hub, other_town, running

YES = {"understood": True}


class Again:
    """Reconfigure > Pair again, as an administrator walks it."""

    def __init__(self, home: Setup) -> None:
        self.home = home
        self.flow: Any = None

    async def answer(self, answers: dict[str, Any] | None = None) -> Any:
        flows = self.home.hass.config_entries.flow
        self.flow = await flows.async_configure(self.flow["flow_id"], answers)
        return self.flow

    async def open(self, bridge: ScriptedBridge | None = None, **changes: Any) -> Any:
        """With the bridge as before, or with another one."""
        self.flow = await self.home.entry.start_reconfigure_flow(self.home.hass)
        assert self.flow["menu_options"] == ["bridge_address", "pair_again"]
        await self.answer({"next_step_id": "pair_again"})
        assert self.flow["step_id"] == "pair_again"
        other = {} if bridge is None else {"access_key": bridge.access_key}
        port = (bridge or self.home.bridge).port
        return await self.answer({"host": "127.0.0.1", "port": port, **other, **changes})

    async def enter(self, town: Municipality) -> Any:
        """Enter this municipality's code."""
        assert self.flow["step_id"] == "pairing_code"
        return await self.answer({"pairing_code": town.code().encode()})

    async def pair(self, bridge: ScriptedBridge, town: Municipality) -> Any:
        """Say yes; the bridge goes over to this municipality."""
        await self.answer(YES)
        assert (self.flow["type"], self.flow["step_id"]) == (FlowResultType.SHOW_PROGRESS, "sign")
        assert set(self.flow["description_placeholders"]) == {
            f"{one}{at}" for one in ("sv", "en") for at in range(1, 6)
        }
        await bridge.heard(frames.StartPairing)
        assert not self.home.home.connection.is_up, "the flow has the bridge to itself"
        bridge.municipality = town
        await bridge.send(frames.PairingResult(town.root.public.x, town.certificate()))
        flow = await self.signed()
        assert flow["step_id"] == "municipality"
        return flow

    async def signed(self) -> Any:
        """Wait until the bridge has answered, as the dialog does."""
        flow: Any = self.home.hass.config_entries.flow._progress[self.flow["flow_id"]]
        await asyncio.wait([flow._pairing])
        await self.home.hass.async_block_till_done()
        return await self.answer()

    async def done(self) -> Record:
        """Say yes to the names; the home runs with them."""
        flow = await self.answer({})
        assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "pair_again_successful")
        return await running(self.home)


@pytest.fixture
def again(home: Setup) -> Again:
    home.hass.config_entries.async_update_entry(home.entry, unique_id=home.bridge.municipality.hub.public.kid)
    return Again(home)


@pytest.fixture
async def new_bridge(home: Setup, tmp_path: Path) -> AsyncIterator[ScriptedBridge]:
    """Another bridge in the same home, for the same municipality, not paired."""
    async with ScriptedBridge(other_hub(home.bridge.municipality), tmp_path, is_paired=False) as found:
        yield found


async def test_the_same_bridge_and_municipality_gives_a_new_certificate_and_ends_nothing(again: Again) -> None:
    home, town = again.home, again.home.bridge.municipality
    before = home.home.journal.record
    assert before is not None
    await again.open()
    assert (await again.enter(town))["step_id"] == "again_same"
    await again.pair(home.bridge, town)
    after = await again.done()
    assert (after.accepted, after.consent) == (before.accepted, True)
    assert after.paired is not None
    assert home.entry.data["certificate"] == after.paired.certificate != before.paired


async def test_a_replaced_bridge_ends_the_plan(again: Again, new_bridge: ScriptedBridge) -> None:
    home, town = again.home, new_bridge.municipality
    await again.open(new_bridge)
    assert (await again.enter(town))["step_id"] == "again_bridge"
    await again.answer(YES)
    await new_bridge.heard(frames.StartPairing)
    await new_bridge.send(frames.PairingResult(town.root.public.x, town.certificate()))
    new_bridge.is_paired = True
    await again.signed()
    again.home = replace(home, bridge=new_bridge)
    after = await again.done()
    assert (after.accepted, after.consent) == (None, True)
    assert home.entry.unique_id == town.hub.public.kid
    assert (home.entry.data["port"], home.entry.data["access_key"]) == (new_bridge.port, new_bridge.access_key)


async def test_another_municipality_ends_plan_and_consents_and_the_journal_keeps_who_did_it(
    hass: HomeAssistant, again: Again, hass_client: ClientSessionGenerator, hass_admin_user: User
) -> None:
    home, town = again.home, other_town(again.home.bridge.municipality)
    assert await async_setup_component(hass, "config", {})
    client: Any = await hass_client()
    await again.open()
    assert (await again.enter(town))["step_id"] == "again_municipality"
    await again.pair(home.bridge, town)
    async with client.post(f"/api/config/config_entries/flow/{again.flow['flow_id']}", json={}) as answer:
        assert (await answer.json())["reason"] == "pair_again_successful"
    after = await running(home)
    assert (after.accepted, after.consent) == (None, False)
    assert after.paired is not None
    assert (after.paired.root, after.paired.by) == (town.root.public.x, hass_admin_user.id)


async def test_nothing_happens_without_an_explicit_yes(again: Again) -> None:
    home, town = again.home, other_town(again.home.bridge.municipality)
    home.bridge.received.clear()
    before = dict(home.entry.data)
    await again.open()
    flow = await again.enter(town)
    assert not flow["errors"]
    flow = await again.answer({"understood": False})
    assert (flow["step_id"], flow["errors"]) == ("again_municipality", {"understood": "not_understood"})
    assert not home.bridge.has_heard(frames.StartPairing)
    home.hass.config_entries.flow.async_abort(flow["flow_id"])
    assert (dict(home.entry.data), home.entry.state) == (before, ConfigEntryState.LOADED)


async def test_a_dialog_that_is_closed_while_the_words_are_compared_leaves_the_home_as_it_was(again: Again) -> None:
    home, town = again.home, other_town(again.home.bridge.municipality)
    before = dict(home.entry.data)
    await again.open()
    await again.enter(town)
    await again.answer(YES)
    await home.bridge.heard(frames.StartPairing)
    home.hass.config_entries.flow.async_abort(again.flow["flow_id"])
    await home.until(lambda: home.home.link.is_connected)
    record = home.home.journal.record
    assert record is not None
    assert record.consent and record.accepted is not None
    assert dict(home.entry.data) == before


async def test_a_refused_pairing_leaves_the_home_as_it_was_and_can_be_tried_again(again: Again) -> None:
    home, town = again.home, again.home.bridge.municipality
    home.bridge.answers_pairing = lambda _frame: frames.Rejected("busy")
    await again.open()
    await again.enter(town)
    await again.answer(YES)
    assert (await again.signed())["errors"] == {"base": "pairing_busy"}
    home.bridge.answers_pairing = lambda _frame: None
    await home.until(lambda: home.home.link.is_connected)
    home.bridge.received.clear()
    assert (await again.enter(town))["step_id"] == "again_same"
    await again.pair(home.bridge, town)
    await again.done()


async def test_a_full_disk_is_told_and_can_be_tried_again(again: Again, disk: Callable[[bool], None]) -> None:
    home, town = again.home, other_town(again.home.bridge.municipality)
    await again.open()
    await again.enter(town)
    await again.pair(home.bridge, town)
    disk(True)
    flow = await again.answer({})
    assert (flow["step_id"], flow["errors"]) == ("municipality", {"base": "journal_failed"})
    disk(False)
    assert not (await again.done()).consent


async def test_a_wrong_address_says_what_is_wrong(again: Again) -> None:
    flow = await again.open(port=1)
    assert (flow["step_id"], flow["errors"]) == ("pair_again", {"base": "cannot_connect"})


async def test_another_homes_bridge_is_refused(again: Again, new_bridge: ScriptedBridge) -> None:
    taken = MockConfigEntry(domain=DOMAIN, unique_id=new_bridge.municipality.hub.public.kid)
    taken.add_to_hass(again.home.hass)
    assert (await again.open(new_bridge))["reason"] == "already_configured"


async def test_a_bridge_that_becomes_another_homes_meanwhile_is_refused(
    again: Again, new_bridge: ScriptedBridge
) -> None:
    home, town = again.home, new_bridge.municipality
    await again.open(new_bridge)
    await again.enter(town)
    await again.answer(YES)
    await new_bridge.heard(frames.StartPairing)
    await new_bridge.send(frames.PairingResult(town.root.public.x, town.certificate()))
    await again.signed()
    MockConfigEntry(domain=DOMAIN, unique_id=town.hub.public.kid).add_to_hass(home.hass)
    assert (await again.answer({}))["reason"] == "already_configured"


async def test_only_administrators_pair_again(
    hass: HomeAssistant,
    again: Again,
    relative: User,
    hass_client: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "config", {})
    token = await hass.auth.async_create_refresh_token(relative, "https://home.test")
    client: Any = await hass_client(hass.auth.async_create_access_token(token))
    body = {"handler": DOMAIN, "entry_id": again.home.entry.entry_id}
    async with client.post("/api/config/config_entries/flow", json=body) as answer:
        assert answer.status == 401
