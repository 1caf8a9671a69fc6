"""Setting up the home: the bridge, the municipality, consent."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_HASSIO, SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.identity import SigningKey
from custom_components.trygghetskamera.tillsyn.model import Role
from custom_components.trygghetskamera.tillsyn.words import ENGLISH, SWEDISH

from .peers import Municipality, ScriptedBridge, random_id
from .test_pairing import other_town

KAJSA = {"person_name": "Kajsa A", "how": "written"}


@pytest.fixture
def new_bridge(bridge: ScriptedBridge) -> ScriptedBridge:
    """A bridge that has not been paired."""
    bridge.is_paired = False
    return bridge


def address(bridge: ScriptedBridge, **changes: Any) -> dict[str, Any]:
    return {"access_key": bridge.access_key, "host": "127.0.0.1", "port": bridge.port, **changes}


async def begin(hass: HomeAssistant, bridge: ScriptedBridge, **changes: Any) -> Any:
    """Enter the bridge's address."""
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert flow["type"] is FlowResultType.FORM
    assert not flow["errors"]
    return await answer(hass, flow, address(bridge, **changes))


async def answer(hass: HomeAssistant, flow: Any, answers: dict[str, Any]) -> Any:
    return await hass.config_entries.flow.async_configure(flow["flow_id"], answers)


async def pair(hass: HomeAssistant, bridge: ScriptedBridge, flow: Any) -> Any:
    """Enter a pairing code, and let the bridge answer with what it has been told to."""
    return await finish(hass, await answer(hass, flow, {"pairing_code": bridge.municipality.code().encode()}))


async def finish(hass: HomeAssistant, flow: Any) -> Any:
    """Wait while the municipality signs, as the frontend does: by being told that the flow has gone on."""
    assert (flow["type"], flow["progress_action"]) == (FlowResultType.SHOW_PROGRESS, "municipality_signs")
    await hass.async_block_till_done(wait_background_tasks=True)
    return await hass.config_entries.flow.async_configure(flow["flow_id"])


async def choose(hass: HomeAssistant, flow: Any, step: str) -> Any:
    """Choose from a menu."""
    assert flow["type"] is FlowResultType.MENU
    return await answer(hass, flow, {"next_step_id": step})


async def consent(hass: HomeAssistant, flow: Any) -> Any:
    """The client consents, and lives alone."""
    flow = await answer(hass, await choose(hass, flow, "person_add"), KAJSA)
    return await choose(hass, flow, "consent_done")


def signed(municipality: Municipality) -> frames.PairingResult:
    return frames.PairingResult(municipality.root.public.x, municipality.certificate())


async def entry_of(hass: HomeAssistant, bridge: ScriptedBridge, flow: Any) -> ConfigEntry:
    """The entry that was made, once it runs and has found its bridge."""
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    await bridge.heard(frames.HomeStatus)
    return entry


async def leave(hass: HomeAssistant, entry: ConfigEntry) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


async def test_a_new_home_is_paired_and_consented_to(hass: HomeAssistant, new_bridge: ScriptedBridge) -> None:
    municipality = new_bridge.municipality
    new_bridge.answers_pairing = lambda _frame: signed(municipality)
    flow = await begin(hass, new_bridge)
    assert flow["step_id"] == "pairing_code"
    flow = await pair(hass, new_bridge, flow)
    assert (flow["step_id"], flow["description_placeholders"]["municipality"]) == ("municipality", "Ankeborg")
    flow = await answer(hass, flow, {})
    assert flow["step_id"] == "consent"
    entry = await entry_of(hass, new_bridge, await consent(hass, flow))
    assert entry.title == "Hemmet"
    assert entry.unique_id == municipality.hub.public.kid
    assert entry.data["root"] == municipality.root.public.x
    assert entry.runtime_data.gate.consent
    assert "Kajsa" not in repr(entry.as_dict())
    await leave(hass, entry)


async def test_a_home_without_consent_is_made_and_opens_for_nobody(hass: HomeAssistant, bridge: ScriptedBridge) -> None:
    flow = await begin(hass, bridge)
    assert flow["step_id"] == "known_municipality"
    flow = await choose(hass, flow, "paired")
    assert flow["menu_options"] == ["person_add", "consent_done"]
    flow = await choose(hass, flow, "consent_done")
    entry = await entry_of(hass, bridge, flow)
    assert not entry.runtime_data.gate.consent
    await leave(hass, entry)


def _other_fingerprint(bridge: ScriptedBridge) -> dict[str, Any]:
    return {"access_key": ".".join([*bridge.access_key.split(".")[:2], random_id()])}


def _other_token(bridge: ScriptedBridge) -> dict[str, Any]:
    return {"access_key": ".".join(["TKB1", random_id(), bridge.access_key.split(".")[2]])}


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        pytest.param(lambda _: {"port": 1}, {"base": "cannot_connect"}, id="nothing answers there"),
        pytest.param(lambda _: {"host": "[nowhere"}, {"base": "cannot_connect"}, id="the host is no host"),
        pytest.param(lambda _: {"access_key": "TKB1.x"}, {"access_key": "invalid_access_key"}, id="not a key"),
        pytest.param(_other_token, {"base": "invalid_auth"}, id="the token is wrong"),
        pytest.param(_other_fingerprint, {"base": "wrong_bridge"}, id="the certificate is another"),
    ],
)
async def test_a_wrong_address_says_what_is_wrong_and_can_be_mended(
    hass: HomeAssistant, bridge: ScriptedBridge, changes: Any, errors: dict[str, str]
) -> None:
    flow = await begin(hass, bridge, **changes(bridge))
    assert flow["errors"] == errors
    flow = await answer(hass, flow, address(bridge))
    assert flow["step_id"] == "known_municipality"


@pytest.mark.parametrize(
    ("versions", "error"),
    [
        pytest.param((9, 9), "update_home", id="the bridge is newer"),
    ],
)
async def test_another_version_says_which_side_to_update(
    hass: HomeAssistant, bridge: ScriptedBridge, versions: tuple[int, int], error: str
) -> None:
    bridge.version, bridge.minimum = versions
    assert (await begin(hass, bridge))["errors"] == {"base": error}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("unknown_pairing", "pairing_unknown_pairing"),
        ("unknown_signer", "pairing_unknown_signer"),
        ("service_unreachable", "pairing_service_unreachable"),
        ("timeout", "pairing_timeout"),
        ("update_service", "pairing_update_service"),
        ("busy", "pairing_busy"),
        ("policy", "pairing_policy"),
        ("revoked", "pairing_revoked"),
        ("role_not_allowed", "pairing_role_not_allowed"),
        ("something_new", "pairing_failed"),
    ],
)
async def test_a_refused_pairing_says_why_and_can_be_tried_again(
    hass: HomeAssistant, new_bridge: ScriptedBridge, code: str, error: str
) -> None:
    new_bridge.answers_pairing = lambda _frame: frames.Rejected(code)
    flow = await pair(hass, new_bridge, await begin(hass, new_bridge))
    assert flow["errors"] == {"base": error}
    new_bridge.answers_pairing = lambda _frame: signed(new_bridge.municipality)
    flow = await pair(hass, new_bridge, flow)
    assert flow["step_id"] == "municipality"


async def test_while_the_municipality_signs_the_words_are_shown_and_once_more_after(
    hass: HomeAssistant, new_bridge: ScriptedBridge
) -> None:
    town = new_bridge.municipality
    code = town.code()
    flow = await answer(hass, await begin(hass, new_bridge), {"pairing_code": code.encode()})
    places = code.words(town.hub.public)
    words = {f"sv{at}": SWEDISH[place] for at, place in enumerate(places, 1)}
    words |= {f"en{at}": ENGLISH[place] for at, place in enumerate(places, 1)}
    assert (flow["type"], flow["description_placeholders"]) == (FlowResultType.SHOW_PROGRESS, words)
    await new_bridge.heard(frames.StartPairing)
    await new_bridge.send(signed(town))
    flow = await finish(hass, flow)
    assert flow["description_placeholders"] == {"municipality": "Ankeborg", "label": "Hemmet", **words}


async def test_a_certificate_below_the_policy_of_the_code_is_refused(
    hass: HomeAssistant, new_bridge: ScriptedBridge
) -> None:
    town = new_bridge.municipality
    code = replace(town.code(), policy=2)
    certificate = town.certificate(policy=1)
    new_bridge.answers_pairing = lambda _frame: frames.PairingResult(town.root.public.x, certificate)
    flow = await finish(hass, await answer(hass, await begin(hass, new_bridge), {"pairing_code": code.encode()}))
    assert flow["errors"] == {"base": "pairing_policy"}


async def test_an_installer_may_have_signed(hass: HomeAssistant, new_bridge: ScriptedBridge) -> None:
    town = new_bridge.municipality
    installer = town.operator("Isak", Role.INSTALLER)
    result = frames.PairingResult(town.root.public.x, town.certificate(installer.key), installer.chain)
    new_bridge.answers_pairing = lambda _frame: result
    flow = await pair(hass, new_bridge, await begin(hass, new_bridge))
    assert (flow["step_id"], flow["description_placeholders"]["municipality"]) == ("municipality", "Ankeborg")


async def test_an_operator_may_not_have_signed(hass: HomeAssistant, new_bridge: ScriptedBridge) -> None:
    town = new_bridge.municipality
    operator = town.operator()
    result = frames.PairingResult(town.root.public.x, town.certificate(operator.key), operator.chain)
    new_bridge.answers_pairing = lambda _frame: result
    flow = await pair(hass, new_bridge, await begin(hass, new_bridge))
    assert flow["errors"] == {"base": "pairing_role_not_allowed"}


async def test_what_is_no_pairing_code_is_not_sent(hass: HomeAssistant, new_bridge: ScriptedBridge) -> None:
    flow = await begin(hass, new_bridge)
    new_bridge.received.clear()
    flow = await answer(hass, flow, {"pairing_code": "TK1.hej"})
    assert flow["errors"] == {"pairing_code": "invalid_pairing_code"}
    assert not new_bridge.received


async def test_a_root_that_is_not_the_codes_is_refused(hass: HomeAssistant, new_bridge: ScriptedBridge) -> None:
    false_root = SigningKey.generate()
    false = frames.PairingResult(false_root.public.x, new_bridge.municipality.certificate(false_root))
    new_bridge.answers_pairing = lambda _frame: false
    flow = await pair(hass, new_bridge, await begin(hass, new_bridge))
    assert flow["errors"] == {"base": "pairing_unknown_signer"}


async def test_a_certificate_for_another_hub_is_refused(hass: HomeAssistant, new_bridge: ScriptedBridge) -> None:
    municipality = new_bridge.municipality
    other = Municipality()
    false = frames.PairingResult(municipality.root.public.x, other.certificate(municipality.root))
    new_bridge.answers_pairing = lambda _frame: false
    flow = await pair(hass, new_bridge, await begin(hass, new_bridge))
    assert flow["errors"] == {"base": "pairing_wrong_hub"}


async def test_a_bridge_that_goes_away_while_pairing_is_told(hass: HomeAssistant, new_bridge: ScriptedBridge) -> None:
    flow = await begin(hass, new_bridge)
    await new_bridge.stop()
    flow = await pair(hass, new_bridge, flow)
    assert flow["errors"] == {"base": "cannot_connect"}


@pytest.mark.parametrize("is_signed", [True, False])
async def test_asking_whether_it_is_done_answers_no_form(
    hass: HomeAssistant, new_bridge: ScriptedBridge, is_signed: bool
) -> None:
    """Some clients send an empty answer to a progress step."""
    new_bridge.answers_pairing = lambda _frame: (
        signed(new_bridge.municipality) if is_signed else frames.Rejected("unknown_pairing")
    )
    flow = await begin(hass, new_bridge)
    flow = await answer(hass, flow, {"pairing_code": new_bridge.municipality.code().encode()})
    waiting = hass.config_entries.flow._progress[flow["flow_id"]]._pairing  # type: ignore[attr-defined]
    await asyncio.wait([waiting])
    flow = await answer(hass, flow, {})
    assert flow["step_id"] == ("municipality" if is_signed else "pairing_code")


async def test_a_bridge_with_a_certificate_that_does_not_hold_is_paired_anew(
    hass: HomeAssistant, bridge: ScriptedBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge.municipality, "certificate", Municipality().certificate)
    assert (await begin(hass, bridge))["step_id"] == "pairing_code"


async def test_a_bridge_that_is_another_while_pairing_is_refused(
    hass: HomeAssistant, new_bridge: ScriptedBridge
) -> None:
    flow = await begin(hass, new_bridge)
    new_bridge.municipality.hub = SigningKey.generate()
    flow = await pair(hass, new_bridge, flow)
    assert flow["errors"] == {"base": "wrong_bridge"}


async def test_the_same_bridge_is_set_up_once(
    hass: HomeAssistant, bridge: ScriptedBridge, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, unique_id=bridge.municipality.hub.public.kid)
    flow = await begin(hass, bridge)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "already_configured")


# ---- a bridge that is paired already ----------------------------------------------------------------------------


async def test_a_bridge_that_is_paired_already_shows_with_whom_and_leaves_the_choice(
    hass: HomeAssistant, bridge: ScriptedBridge
) -> None:
    flow = await begin(hass, bridge)
    assert (flow["type"], flow["menu_options"]) == (FlowResultType.MENU, ["paired", "pairing"])
    kid = bridge.municipality.root.public.kid
    assert flow["description_placeholders"] == {"municipality": "Ankeborg", "label": "Hemmet", "thumbprint": kid[:12]}
    flow = await answer(hass, flow, {})
    assert flow["step_id"] == "known_municipality", "an empty answer is no choice"


async def test_a_bridge_that_is_paired_already_is_paired_anew_by_a_code(
    hass: HomeAssistant, bridge: ScriptedBridge
) -> None:
    old, town = bridge.municipality, other_town(bridge.municipality)
    flow = await choose(hass, await begin(hass, bridge), "pairing")
    flow = await answer(hass, flow, {"pairing_code": town.code().encode()})
    await bridge.heard(frames.StartPairing)
    bridge.municipality = town
    await bridge.send(signed(town))
    flow = await finish(hass, flow)
    assert (flow["step_id"], "sv5" in flow["description_placeholders"]) == ("municipality", True)
    entry = await entry_of(hass, bridge, await consent(hass, await answer(hass, flow, {})))
    assert entry.data["root"] == town.root.public.x != old.root.public.x
    await leave(hass, entry)


async def test_a_root_that_came_in_by_a_dialog_that_was_closed_is_shown_by_its_thumbprint(
    hass: HomeAssistant, new_bridge: ScriptedBridge
) -> None:
    """Somebody saw other words, and closed the dialog; the bridge has gone over to a municipality of the right name."""
    false, town = other_town(new_bridge.municipality), new_bridge.municipality
    new_bridge.municipality = false
    new_bridge.answers_pairing = lambda _frame: signed(false)
    flow = await finish(
        hass, await answer(hass, await begin(hass, new_bridge), {"pairing_code": false.code().encode()})
    )
    hass.config_entries.flow.async_abort(flow["flow_id"])
    new_bridge.is_paired = True
    shown = (await begin(hass, new_bridge))["description_placeholders"]
    assert shown["municipality"] == "Ankeborg"
    assert shown["thumbprint"] == false.root.public.kid[:12] != town.root.public.kid[:12]
    assert hass.config_entries.async_entries(DOMAIN) == []


# ---- discovery and later ----------------------------------------------------------------------------------------


def _announced(config: dict[str, Any]) -> HassioServiceInfo:
    return HassioServiceInfo(config=config, name="Trygghetsbrygga", slug="bridge", uuid="1")


async def _discover(hass: HomeAssistant, config: dict[str, Any]) -> Any:
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_HASSIO}, data=_announced(config))


async def test_the_app_is_found_and_set_up(hass: HomeAssistant, bridge: ScriptedBridge) -> None:
    flow = await _discover(hass, address(bridge))
    assert flow["step_id"] == "hassio_confirm"
    flow = await answer(hass, flow, {})
    assert flow["step_id"] == "known_municipality"
    entry = await entry_of(hass, bridge, await consent(hass, await choose(hass, flow, "paired")))
    await leave(hass, entry)


async def test_the_app_at_a_new_port_updates_the_entry(
    hass: HomeAssistant, bridge: ScriptedBridge, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        entry, unique_id=bridge.municipality.hub.public.kid, data={**entry.data, "port": 1}
    )
    flow = await _discover(hass, address(bridge))
    assert flow["reason"] == "already_configured"
    assert entry.data["port"] == bridge.port


async def test_an_app_that_is_gone_when_it_is_confirmed_is_left(hass: HomeAssistant, bridge: ScriptedBridge) -> None:
    flow = await _discover(hass, address(bridge))
    await bridge.stop()
    flow = await answer(hass, flow, {})
    assert flow["reason"] == "cannot_connect"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        pytest.param({}, "invalid_discovery", id="nothing said"),
        pytest.param({"host": "127.0.0.1", "port": 1, "access_key": "TKB1"}, "cannot_connect", id="no key"),
    ],
)
async def test_an_announcement_that_is_not_understood_is_left(
    hass: HomeAssistant, config: dict[str, Any], reason: str
) -> None:
    assert (await _discover(hass, config))["reason"] == reason


async def test_reconfigure_takes_the_same_bridge_only(
    hass: HomeAssistant, bridge: ScriptedBridge, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, unique_id="somebody-else", data={**entry.data, "port": 1})
    flow = await choose(hass, await entry.start_reconfigure_flow(hass), "bridge_address")
    flow = await answer(hass, flow, address(bridge))
    assert flow["reason"] == "other_bridge"
    hass.config_entries.async_update_entry(entry, unique_id=bridge.municipality.hub.public.kid)
    flow = await choose(hass, await entry.start_reconfigure_flow(hass), "bridge_address")
    flow = await answer(hass, flow, address(bridge))
    assert flow["reason"] == "reconfigure_successful"
    assert entry.data["port"] == bridge.port


async def test_reauth_asks_for_the_new_access_key(
    hass: HomeAssistant, bridge: ScriptedBridge, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, unique_id=bridge.municipality.hub.public.kid)
    flow = await entry.start_reauth_flow(hass)
    assert flow["step_id"] == "reauth_confirm"
    flow = await answer(hass, flow, _other_token(bridge))
    assert flow["errors"] == {"base": "invalid_auth"}
    flow = await answer(hass, flow, {"access_key": bridge.access_key})
    assert flow["reason"] == "reauth_successful"
