"""What quality_scale.yaml says is so, as far as a machine can see: hassfest skips custom integrations."""

import ast
import importlib
import json
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path
from typing import Any

import pytest
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from custom_components.trygghetskamera import camera_flow, config_flow, diagnostics, options_flow, repairs
from custom_components.trygghetskamera.const import DOMAIN, PLATFORMS

from .home import Setup

FOLDER = Path(__file__).parents[2] / "custom_components" / DOMAIN
ROOT = FOLDER.parents[1]
RULES: dict[str, Any] = load_yaml_dict(str(FOLDER / "quality_scale.yaml"))["rules"]
MANIFEST = json.loads((FOLDER / "manifest.json").read_text())
ENGLISH = json.loads((FOLDER / "translations/en.json").read_text())
ICONS = json.loads((FOLDER / "icons.json").read_text())

BRONZE = """action-setup appropriate-polling brands common-modules config-flow config-flow-test-coverage
dependency-transparency docs-actions docs-conditions docs-high-level-description docs-installation-instructions
docs-removal-instructions docs-triggers entity-event-setup entity-unique-id has-entity-name runtime-data
test-before-configure test-before-setup unique-config-entry"""
SILVER = """action-exceptions config-entry-unloading docs-configuration-parameters docs-installation-parameters
entity-unavailable integration-owner log-when-unavailable parallel-updates reauthentication-flow test-coverage"""
GOLD = """devices diagnostics discovery discovery-update-info docs-data-update docs-examples docs-known-limitations
docs-supported-devices docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices entity-category
entity-device-class entity-disabled-by-default entity-translations exception-translations icon-translations
reconfiguration-flow repair-issues stale-devices"""
PLATINUM = "async-dependency inject-websession strict-typing"


def trees() -> Iterator[tuple[str, ast.Module]]:
    """The integration's own modules; the core raises and registers nothing in Home Assistant."""
    for path in sorted(FOLDER.glob("*.py")):
        yield path.name, ast.parse(path.read_text())


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    for module, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in names:
                yield module, node


# ---- the file -------------------------------------------------------------------------------------------------------


def test_every_rule_of_the_scale_is_answered() -> None:
    known = f"{BRONZE} {SILVER} {GOLD} {PLATINUM}".split()
    assert len(known) == 54
    assert sorted(RULES) == sorted(known)


def test_every_rule_is_done_or_exempt_for_a_reason() -> None:
    for name, rule in RULES.items():
        status = rule if isinstance(rule, str) else rule["status"]
        assert status in {"done", "exempt"}, name
        if not isinstance(rule, str):
            assert rule.keys() == {"status", "comment"}, name
            assert len(rule["comment"]) > 40, name
        assert status == "done" or not isinstance(rule, str), name


def test_the_manifest_claims_what_the_file_shows() -> None:
    assert MANIFEST["quality_scale"] == "platinum"


# ---- bronze ---------------------------------------------------------------------------------------------------------


async def test_action_setup(hass: HomeAssistant) -> None:
    """The actions are there before any entry is."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert (
        hass.services.async_services_for_domain(DOMAIN).keys() == load_yaml_dict(str(FOLDER / "services.yaml")).keys()
    )


def test_brands_and_common_modules() -> None:
    assert {"brand/icon.png", "brand/icon@2x.png", "coordinator.py", "entity.py"} <= {
        str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*")
    }


def test_runtime_data() -> None:
    """Nothing about an entry is kept beside it."""
    assert [path.name for path in FOLDER.glob("*.py") if "hass.data[DOMAIN]" in path.read_text()] == []
    assert "type TrygghetskameraConfigEntry = ConfigEntry[Home]" in (FOLDER / "coordinator.py").read_text()


def test_config_flow_explains_every_field() -> None:
    flows = [ENGLISH["config"], ENGLISH["options"], *ENGLISH["config_subentries"].values()]
    steps = [(name, step) for flow in flows for name, step in flow["step"].items()]
    for name, step in steps:
        for part in (step, *step.get("sections", {}).values()):
            assert part.get("data", {}).keys() == part.get("data_description", {}).keys(), name


async def test_entities_have_unique_ids_and_names_of_their_own(home: Setup) -> None:
    """entity-unique-id, has-entity-name, entity-translations, icon-translations, entity-device-class."""
    entries = er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)
    assert {entry.domain for entry in entries} == {platform.value for platform in PLATFORMS}
    for entry in entries:
        name = entry.entity_id
        assert entry.unique_id, name
        assert entry.has_entity_name, name
        assert entry.device_id, name
        key = entry.translation_key
        has_class = bool(entry.original_device_class)
        words = ENGLISH["entity"].get(entry.domain, {}).get(key or "", {})
        assert "name" in words or has_class or entry.domain == Platform.CAMERA, name
        assert key in ICONS["entity"].get(entry.domain, {}) or has_class, name


async def test_what_only_installers_need_is_set_apart(home: Setup) -> None:
    """entity-category: whether parts reach each other is for whoever mends them."""
    entries = er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)
    connectivity = [entry for entry in entries if entry.original_device_class == "connectivity"]
    assert connectivity
    assert all(entry.entity_category is not None for entry in connectivity)


# ---- silver ---------------------------------------------------------------------------------------------------------


def test_actions_and_failures_are_told_in_the_users_language() -> None:
    """action-exceptions, exception-translations."""
    known = ENGLISH["exceptions"]
    raised = list(calls("HomeAssistantError", "ServiceValidationError", "ConfigEntryAuthFailed", "ConfigEntryError",
                        "ConfigEntryNotReady", "Unauthorized"))  # fmt: skip
    assert raised
    for module, node in raised:
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        assert {"translation_domain", "translation_key"} <= given.keys(), f"{module}:{node.lineno}"
        key = given["translation_key"]
        if isinstance(key, ast.Constant):
            assert key.value in known, f"{module}:{node.lineno}"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_parallel_updates(platform: Platform) -> None:
    module = importlib.import_module(f"custom_components.{DOMAIN}.{platform}")
    assert module.PARALLEL_UPDATES in (0, 1)


def test_no_entity_is_ever_unavailable() -> None:
    """entity-unavailable: an action on one that is would be dropped."""
    defined = [f"{module}: {node.name}" for module, tree in trees() for node in ast.walk(tree)
               if isinstance(node, ast.FunctionDef) and node.name == "available"]  # fmt: skip
    assert defined == []
    assert [path.name for path in FOLDER.glob("*.py") if "_attr_available" in path.read_text()] == []


def test_integration_owner_and_dependency_transparency() -> None:
    assert MANIFEST["codeowners"]
    assert all("==" in requirement for requirement in MANIFEST["requirements"])
    assert (ROOT / ".github/workflows/ci.yml").exists()
    assert "Apache License" in (ROOT / "LICENSE").read_text()


def test_reauthentication_and_reconfiguration_and_discovery() -> None:
    flow = config_flow.HomeFlow
    for step in ("reauth", "reauth_confirm", "reconfigure", "hassio"):
        assert getattr(flow, f"async_step_{step}").__module__.startswith("custom_components.trygghetskamera.")
    assert hasattr(camera_flow.CameraFlow, "async_step_reconfigure")
    assert MANIFEST["dhcp"] == [{"registered_devices": True}]
    assert hasattr(flow, "async_step_dhcp")
    assert issubclass(options_flow.HomeOptionsFlow, config_flow.OptionsFlow)


def test_coverage_is_demanded() -> None:
    """test-coverage, config-flow-test-coverage."""
    test = (ROOT / "script/test").read_text()
    assert '--omit="$INTEGRATION/tillsyn/*" --skip-covered --fail-under=95' in test
    assert '--include="$flows" --fail-under=100' in test
    assert 'flows="$INTEGRATION/*_flow.py"' in test


# ---- gold -----------------------------------------------------------------------------------------------------------


async def test_every_device_is_the_homes_or_a_cameras(home: Setup) -> None:
    """devices, dynamic-devices, stale-devices."""
    devices = dr.async_entries_for_config_entry(dr.async_get(home.hass), home.entry.entry_id)
    owners = [device.config_subentry_id for device in devices]
    assert sorted(owners, key=str) == sorted([None, *home.entry.subentries], key=str)


async def test_a_camera_that_is_removed_takes_its_device_along(home: Setup) -> None:
    subentry = next(iter(home.entry.subentries))
    home.hass.config_entries.async_remove_subentry(home.entry, subentry)
    await home.hass.async_block_till_done()
    devices = dr.async_entries_for_config_entry(dr.async_get(home.hass), home.entry.entry_id)
    assert [device.config_subentry_id for device in devices] == [None]


def test_diagnostics_and_repairs() -> None:
    assert callable(diagnostics.async_get_config_entry_diagnostics)
    assert callable(repairs.async_create_fix_flow)


# What the rules ask of Home Assistant's own pages is in these.
DOCS = "\n".join(path.read_text() for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
WORDS = set(re.findall(r"`[^`\n]+`", DOCS))


@pytest.mark.parametrize("kind", ["services", "triggers", "conditions"])
def test_each_action_trigger_and_condition_is_documented(kind: str) -> None:
    """docs-actions, docs-triggers, docs-conditions: with every parameter."""
    described = {
        key: one or {} for key, one in load_yaml_dict(str(FOLDER / f"{kind}.yaml")).items() if not key.startswith(".")
    }
    assert [key for key in described if not {f"`{key}`", f"`{DOMAIN}.{key}`"} & WORDS] == []
    fields = {field for one in described.values() for field in one.get("fields", {})}
    assert [field for field in sorted(fields) if f"`{field}`" not in WORDS] == []


def test_removal_is_documented_with_every_file_that_stays() -> None:
    """docs-removal-instructions."""
    removal = (ROOT / "docs/removal.md").read_text()
    kept = re.findall(r"with_suffix\(\"(\.\w+)\"\)", (FOLDER / "journal_store.py").read_text())
    assert kept
    assert [suffix for suffix in (".journal", *kept) if f"{suffix}`" not in removal] == []
    assert "(removal.md)" in (ROOT / "docs/installation.md").read_text()


def test_each_entity_is_documented() -> None:
    """docs-supported-functions: by the name that is shown."""
    names = {one["name"] for platform in ENGLISH["entity"].values() for one in platform.values() if "name" in one}
    assert [name for name in sorted(names) if name not in DOCS] == []


# ---- platinum -------------------------------------------------------------------------------------------------------


def test_inject_websession() -> None:
    """The one exception is the camera's library, which takes no session; our own code makes none."""
    assert [module for module, _ in calls("ClientSession", "AsyncClient")] == []


def test_strict_typing() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert options["strict"]
    assert "mypy_integration" in (ROOT / "script/lint").read_text()
    # Else the exemption is to go.
    assert [path for path in files("onvif-zeep-async") or [] if path.name == "py.typed"] == []


def test_nothing_is_ignored_by_the_type_checker_without_saying_what() -> None:
    source = "\n".join(path.read_text() for path in FOLDER.rglob("*.py"))
    assert re.findall(r"type: ignore(?!\[)", source) == []
