"""The policy and the list of revoked keys: who is let in because of them, and what is known after a restart."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera import trust as trust_module
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.entries import Pause, PolicyAdopted, RevocationsAdopted
from custom_components.trygghetskamera.tillsyn.errors import CloseReason, Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Role
from custom_components.trygghetskamera.tillsyn.wire import Revocations
from tests.authenticator import Authenticator
from virtual_camera import VirtualCamera

from .home import Setup, set_up
from .peers import Municipality, Operator, ScriptedBridge, now
from .test_looks_refused import assert_untouched

DAY = 86_400


def operator(home: Setup) -> Operator:
    return home.bridge.municipality.operator()


async def heard(home: Setup, said: frames.Signed) -> None:
    """The home has heard it, and all that it said before."""
    await home.bridge.send(said)
    await home.bridge.send(frames.ServiceLink(False, "marker"))
    await home.until(lambda: home.home.link.service.code == "marker")
    await home.bridge.send(frames.ServiceLink(True, ""))
    await home.until(lambda: home.home.link.is_connected)
    await home.hass.async_block_till_done()


async def refusal(home: Setup, who: Operator) -> Refusal:
    """Why this person is not let in."""
    moves = home.moves
    await home.bridge.ask(who, home.occurrence)
    code = (await home.bridge.heard(frames.Refuse)).code
    await assert_untouched(home, moves)
    return code


def lines(home: Setup, kind: str) -> int:
    return sum(f'"kind":"{kind}"' in line for line in home.entry_journal().splitlines())


async def restart(home: Setup) -> None:
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.bridge.heard(frames.Configure)
    await home.until(lambda: home.home.link.is_connected)
    await home.until(lambda: all(side.is_resting for side in home.home.sides.values()))
    home.bridge.received.clear()


# ---- who is let in --------------------------------------------------------------------------------------------------


async def test_a_person_with_a_passkey_looks_in_where_only_those_may(home: Setup) -> None:
    town, phone = home.bridge.municipality, Authenticator("alva")
    await heard(home, town.policy(2, browser_keys=False))
    alva = town.with_passkey(phone)
    connected = await home.bridge.prepare(alva, home.occurrence)
    await home.bridge.send(home.bridge.click(alva, connected))
    await home.until_place(Place.OPEN)
    await home.bridge.close_look(alva, connected.look)
    receipt = await home.bridge.receipt(connected.look)
    assert (receipt.operator, receipt.name) == (phone.kid, "Alva Natt")
    await home.until_place(Place.CLOSED)
    home.bridge.received.clear()
    assert await refusal(home, operator(home)) is Refusal.BROWSER_KEY_NOT_ALLOWED


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param(lambda town, _: town.revocations(age=DAY + 60), Refusal.REVOCATIONS_STALE, id="an old list"),
        pytest.param(lambda town, who: town.revocations(who.key.public.kid), Refusal.REVOKED, id="a revoked key"),
        pytest.param(lambda town, _: town.revocations(town.hub.public.kid), Refusal.REVOKED, id="a revoked home"),
        pytest.param(lambda town, _: town.policy(2, look_seconds=29), Refusal.POLICY, id="shorter looks"),
        pytest.param(lambda town, _: town.policy(2, max_retries=0), Refusal.POLICY, id="fewer tries"),
    ],
)
async def test_person_is_refused_after_what_the_root_said(
    home: Setup, said: Callable[[Municipality, Operator], frames.Signed], code: Refusal
) -> None:
    who = operator(home)
    await heard(home, said(home.bridge.municipality, who))
    assert await refusal(home, who) is code


async def test_look_is_refused_while_no_list_has_come(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera
) -> None:
    bridge.said = [bridge.municipality.policy()]
    home = await set_up(hass, entry, bridge, camera)
    assert await refusal(home, operator(home)) is Refusal.REVOCATIONS_STALE
    await heard(home, bridge.municipality.revocations())
    await home.bridge.prepare(operator(home), home.occurrence)


async def test_click_by_a_key_that_was_revoked_after_the_prepare_is_refused(home: Setup) -> None:
    alva, bo = operator(home), operator(home)
    connected = await home.bridge.prepare(alva, home.occurrence)
    moves = home.moves
    await heard(home, home.bridge.municipality.revocations(alva.key.public.kid))
    assert (await home.bridge.heard(frames.StopPicture)).reason is CloseReason.REVOKED
    await home.bridge.send(home.bridge.click(alva, connected))
    assert (await home.bridge.heard(frames.Refuse)).code is Refusal.REVOKED
    await assert_untouched(home, moves)
    await home.bridge.prepare(bo, home.occurrence)


async def test_a_look_ends_within_a_second_when_its_key_is_revoked(home: Setup) -> None:
    who, connected = await home.open_look()
    async with asyncio.timeout(1.0):
        await home.bridge.send(home.bridge.municipality.revocations(who.key.public.kid))
        assert (await home.bridge.heard(frames.StopPicture)).reason is CloseReason.REVOKED
    await home.until_place(Place.CLOSED)
    assert home.is_looking_away()
    assert (await home.bridge.receipt(connected.look)).reason is CloseReason.REVOKED


async def test_a_look_goes_on_when_others_are_revoked(home: Setup) -> None:
    await home.open_look()
    await heard(home, home.bridge.municipality.revocations("A" * 43))
    assert home.home.gate.place is Place.OPEN


async def test_plan_beyond_what_the_root_allows_is_not_proposed(home: Setup) -> None:
    town = home.bridge.municipality
    await heard(home, town.policy(2, look_seconds=30))
    await heard(home, town.plan(2, look_seconds=31))
    assert home.home.plans.waiting is None
    await heard(home, town.plan(3, look_seconds=30))
    assert home.home.plans.waiting is not None


# ---- what is believed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(lambda _: Municipality().policy(9), id="a policy of another root"),
        pytest.param(lambda town: town.policy(1, browser_keys=False), id="the same policy number again"),
        pytest.param(lambda town: town.policy(9, iat=now() + 600), id="a policy from the future"),
        pytest.param(lambda _: Municipality().revocations("A" * 43), id="a list of another root"),
        pytest.param(
            lambda town: frames.Signed("", town.root.sign(Revocations(1, ("A" * 43,), now()))), id="the number again"
        ),
        pytest.param(
            lambda town: town.operator().sign("", Revocations(9, ("A" * 43,), now())), id="a list by an operator"
        ),
    ],
)
async def test_what_the_root_did_not_say_changes_nothing(
    home: Setup, said: Callable[[Municipality], frames.Signed]
) -> None:
    before = home.home.trust
    await heard(home, frames.Signed("", "A" * 40 + ".A." + "A" * 86))
    await heard(home, said(home.bridge.municipality))
    assert (home.home.trust.policy, home.home.trust.revocations) == (before.policy, before.revocations)


async def test_first_policy_of_a_home_may_not_be_an_old_one(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, camera: VirtualCamera
) -> None:
    town = bridge.municipality
    bridge.said = [town.policy(2), town.revocations()]
    hass.config_entries.async_update_entry(entry, data={**entry.data, "certificate": town.certificate(policy=3)})
    home = await set_up(hass, entry, bridge, camera)
    assert home.home.trust.policy.number == 0
    await heard(home, town.policy(3))
    assert home.home.trust.policy.number == 3


async def test_an_administrator_revokes_with_a_key_that_policy_forbids_for_looks(home: Setup) -> None:
    town, who = home.bridge.municipality, operator(home)
    await heard(home, town.policy(2, browser_keys=False))
    admin = town.operator("Adam", Role.ADMIN)
    await heard(home, admin.sign("", Revocations(40, (who.key.public.kid,), now())))
    assert home.home.trust.revoked == {who.key.public.kid}


# ---- what is remembered ---------------------------------------------------------------------------------------------


async def test_only_what_changes_is_written(home: Setup) -> None:
    town = home.bridge.municipality
    await home.hass.async_block_till_done()
    assert (lines(home, "policy"), lines(home, "revocations")) == (1, 1)
    for _ in range(3):
        await heard(home, town.revocations())
    assert lines(home, "revocations") == 1
    await heard(home, town.revocations("A" * 43))
    await heard(home, town.revocations("A" * 43))
    await heard(home, town.policy(2))
    assert (lines(home, "policy"), lines(home, "revocations")) == (2, 2)


async def test_a_revocation_outlives_a_restart_whatever_the_bridge_says(home: Setup) -> None:
    town, who = home.bridge.municipality, operator(home)
    old, loose = town.revocations(), town.policy()
    await heard(home, town.policy(2, look_seconds=60))
    await heard(home, town.revocations(who.key.public.kid))
    home.bridge.said = [loose, old]
    await restart(home)
    assert home.home.trust.policy.look_seconds == 60
    assert await refusal(home, who) is Refusal.REVOKED
    await home.bridge.prepare(operator(home), home.occurrence)


async def test_a_revocation_counts_though_the_disk_is_full_and_is_written_when_it_is_not(
    home: Setup, disk: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust_module, "AGAIN_SECONDS", 0.1)
    monkeypatch.setattr("custom_components.trygghetskamera.memory.RECOVER_SECONDS", 0.1)
    who, _ = await home.open_look()
    disk(True)
    await home.bridge.send(home.bridge.municipality.revocations(who.key.public.kid))
    await home.until_place(Place.CLOSED)
    assert home.home.trust.revoked == {who.key.public.kid}
    disk(False)
    await home.until(lambda: home.home.gate.journal)
    await home.until(lambda: home.home.journal.record.revocations.revoked == (who.key.public.kid,))  # type: ignore[union-attr]


async def test_what_another_municipality_said_is_nothing_after_moving(home: Setup) -> None:
    """The journal of a home that was paired with another root."""
    other = Municipality()
    theirs = PolicyAdopted(other.policy(7, look_seconds=20).token)
    await home.home.memory.add(theirs, RevocationsAdopted(40, ("A" * 43,), now()))
    assert home.home.trust.policy.look_seconds == 120, "what this root has said since the start counts"
    await restart(home)
    assert home.home.trust.policy.number == 1
    assert home.home.trust.revoked == frozenset()
    await home.until(lambda: home.home.journal.record.trust.revocations.number < 40)  # type: ignore[union-attr]
    await home.bridge.prepare(operator(home), home.occurrence)


# ---- saying so ------------------------------------------------------------------------------------------------------


async def test_a_list_that_does_not_come_is_told_and_is_over_when_it_does(
    home: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust_module, "STALE_SECONDS", 0.1)
    await heard(home, home.bridge.municipality.revocations(age=DAY + 60))
    await asyncio.sleep(0.2)
    home.home.trust_side.tick()
    assert home.has_issue("list_too_old")
    await heard(home, home.bridge.municipality.revocations())
    assert not home.has_issue("list_too_old")


async def test_clock_that_is_set_back_lets_nobody_in_and_is_told(
    home: Setup, clock: Callable[[str], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust_module, "STALE_SECONDS", 0.1)
    await home.home.memory.away(Pause(False, "u"))
    clock((dt_util.utcnow() - timedelta(minutes=10)).isoformat())
    assert await refusal(home, operator(home)) is Refusal.CLOCK_SKEW
    await asyncio.sleep(0.2)
    home.home.trust_side.tick()
    assert home.has_issue("clock_behind")


async def test_a_home_that_awaits_no_look_is_not_told(
    hass: HomeAssistant, entry: MockConfigEntry, bridge: ScriptedBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust_module, "STALE_SECONDS", 0.0)
    bridge.said = []
    assert await hass.config_entries.async_setup(entry.entry_id)
    await bridge.heard(frames.Configure)
    entry.runtime_data.trust_side.tick()
    assert not Setup(hass, entry, bridge, None).has_issue("list_too_old")  # type: ignore[arg-type]
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_diagnostics_tell_how_old_the_list_is(home: Setup, hass_client: ClientSessionGenerator) -> None:
    assert await async_setup_component(home.hass, "diagnostics", {})
    await heard(home, home.bridge.municipality.revocations("A" * 43, age=7200))
    found = await get_diagnostics_for_config_entry(home.hass, hass_client, home.entry)
    assert found["trust"] == {
        "policy": 1,
        "browser_keys": True,
        "list": 2,
        "list_age_hours": 2.0,
        "revoked": 1,
        "fresh": True,
        "clock_right": True,
    }
