"""What Home Assistant reads about the integration is whole, in both languages."""

import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import probatio as vol
import pytest
import yaml
from awesomeversion import AwesomeVersion
from homeassistant.const import __version__
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition
from homeassistant.helpers.service import _SERVICES_SCHEMA
from homeassistant.helpers.trigger.descriptions import _TRIGGERS_DESCRIPTION_SCHEMA
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
from PIL import Image

from custom_components.trygghetskamera.bridge_link import LinkFault
from custom_components.trygghetskamera.camera_control import CameraFault
from custom_components.trygghetskamera.condition import CONDITIONS
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.issues import FIXABLE, Issue
from custom_components.trygghetskamera.pairing_flow import REFUSALS
from custom_components.trygghetskamera.repairs import REPAIRS
from custom_components.trygghetskamera.tillsyn.comparison import Topic
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Fallback, Role
from custom_components.trygghetskamera.trigger import TRIGGERS

# In a module of its own since Home Assistant 2026.11.
_CONDITIONS_SCHEMA = getattr(condition, "descriptions", condition)._CONDITIONS_DESCRIPTION_SCHEMA
_ICON = vol.Match(r"^mdi:[a-z0-9-]+$")
_ICONS = vol.Schema(
    {
        "entity": {str: {str: {vol.Required("default"): _ICON, "state": {str: _ICON}, "range": {str: _ICON}}}},
        "services": {str: {vol.Required("service"): _ICON, "sections": {str: _ICON}}},
        "triggers": {str: {vol.Required("trigger"): _ICON}},
        "conditions": {str: {vol.Required("condition"): _ICON}},
    }
)
_WEB = vol.All(vol.Url(), vol.Match(r"^https://(?!www\.home-assistant\.io)"))
_MANIFEST = vol.Schema(
    {
        vol.Required("domain"): str,
        vol.Required("name"): str,
        vol.Required("codeowners"): vol.All([vol.Match(r"^@[\w-]+$")], vol.Length(min=1)),
        vol.Required("documentation"): _WEB,
        vol.Required("issue_tracker"): _WEB,
        vol.Required("iot_class"): vol.In(["local_polling", "local_push"]),
        vol.Required("version"): vol.Match(r"^\d+\.\d+\.\d+$"),
        vol.Required("config_flow"): True,
        "after_dependencies": [str],
        "dependencies": [str],
        "dhcp": [dict],
        "integration_type": vol.In(["device", "hub", "service"]),
        "quality_scale": "platinum",
        "requirements": [vol.Match(r"^[\w-]+==[\w.]+$")],
    }
)
# HACS refuses what it does not know; Marketplace leaves it out.
_HACS = vol.Schema(
    {
        vol.Required("name"): str,
        "country": [vol.Match(r"^[A-Z]{2}$")],
        "hide_default_branch": bool,
        "homeassistant": vol.Match(r"^\d{4}\.\d{1,2}\.\d+$"),
    }
)

FOLDER = Path(__file__).parents[2] / "custom_components" / DOMAIN
ROOT = FOLDER.parents[1]


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its path."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, f"{path}.{key}")
    else:
        yield path, tree


ENGLISH, SWEDISH = (dict(leaves(read(f"translations/{language}.json"))) for language in ("en", "sv"))


def test_swedish_has_what_english_has() -> None:
    assert SWEDISH.keys() == ENGLISH.keys()


def test_both_languages_use_the_same_placeholders() -> None:
    def placeholders(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    differ = [path for path, text in ENGLISH.items() if placeholders(text) != placeholders(SWEDISH[path])]
    assert differ == []


def test_every_text_is_there_and_says_something() -> None:
    assert [path for path, text in (*ENGLISH.items(), *SWEDISH.items()) if not text.strip() or "[%key:" in text] == []


def test_the_texts_are_texts() -> None:
    """As hassfest wants them: an address or markup is a placeholder, names have no full stop, no space hangs over."""
    both = [*ENGLISH.items(), *SWEDISH.items()]
    assert [text for _, text in both if text != text.strip() or re.search(r"https?://|<[a-z/]", text)] == []
    names = [text for path, text in both if path.endswith((".name", ".title")) or ".data." in path]
    assert [text for text in names if text.endswith(".")] == []


def test_the_languages_are_read_by_home_assistant() -> None:
    assert {path.name for path in (FOLDER / "translations").iterdir()} == {"en.json", "sv.json"}
    assert not (FOLDER / "strings.json").exists()
    parts = {path.split(".")[1] for path in ENGLISH}
    assert parts <= {
        "title", "config", "config_subentries", "options", "device", "entity", "exceptions", "issues", "selector",
        "services", "system_health", "triggers", "conditions",
    }  # fmt: skip


def test_every_field_is_explained() -> None:
    fields = {path for path in ENGLISH if re.search(r"\.step\.[a-z_]+\.data\.", path)}
    assert fields
    assert [path for path in fields if path.replace(".data.", ".data_description.") not in ENGLISH] == []


@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        (".config.error", LinkFault),
        (".config_subentries.camera.error", CameraFault),
        (".entity.sensor.gate.state", Place),
        (".entity.sensor.last_look.state_attributes.reason.state", CloseReason),
        (".selector.role.options", Role),
        (".selector.fallback.options", Fallback),
        (".selector.change.options", Topic),
    ],
)
def test_every_code_has_words(prefix: str, values: Any) -> None:
    assert [one.value for one in values if f"{prefix}.{one.value}" not in ENGLISH] == []


def test_every_issue_with_an_answer_to_give_has_a_flow() -> None:
    assert set(REPAIRS) == FIXABLE
    assert [one for one in FIXABLE if not any(name.startswith(f".issues.{one}.fix_flow") for name in ENGLISH)] == []


def test_every_issue_has_words() -> None:
    assert [one for one in Issue if f".issues.{one}.title" not in ENGLISH] == []


def test_every_exception_raised_has_words() -> None:
    source = "\n".join(file.read_text() for file in FOLDER.glob("*.py"))
    keys = set(re.findall(r'(?:refusal\(|translation_key=)"([a-z_]+)"', source))
    entities = {path.split(".")[3] for path in ENGLISH if path.startswith(".entity.")} | {"camera"}
    devices = {path.split(".")[2] for path in ENGLISH if path.startswith(".device.")}
    known = {path.split(".")[2] for path in ENGLISH if path.startswith(".exceptions.")}
    selectors = {path.split(".")[2] for path in ENGLISH if path.startswith(".selector.")}
    assert keys - entities - devices - known - selectors == set()
    assert [key for key in known if f'"{key}"' not in source] == []


def test_every_form_error_has_words() -> None:
    source = (FOLDER / "config_flow.py").read_text() + (FOLDER / "options_flow.py").read_text()
    abort = re.findall(r'async_abort\(reason="([a-z_]+)"', source) + re.findall(r'mismatch\(reason="([a-z_]+)"', source)
    known = {path.rsplit(".", 1)[1] for path in ENGLISH if ".abort." in path}
    assert set(abort) - known == set()


def test_every_refused_pairing_has_words() -> None:
    assert [code for code in REFUSALS if f".config.error.pairing_{code}" not in ENGLISH] == []


def test_the_actions_are_described() -> None:
    services = yaml.safe_load((FOLDER / "services.yaml").read_text())
    _SERVICES_SCHEMA(services)
    for action, described in services.items():
        names = [f".services.{action}", *(f".services.{action}.fields.{field}" for field in described["fields"])]
        assert [name for name in names if not {f"{name}.name", f"{name}.description"} <= ENGLISH.keys()] == []
    assert read("icons.json")["services"].keys() == services.keys()


async def test_the_actions_take_what_is_described(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    described = yaml.safe_load((FOLDER / "services.yaml").read_text())
    for action, service in hass.services.async_services_for_domain(DOMAIN).items():
        taken = {str(key): isinstance(key, vol.Required) for key in service.schema.schema}
        fields = {name: field.get("required", False) for name, field in described[action]["fields"].items()}
        assert taken == fields, action


@pytest.mark.parametrize(
    ("kind", "schema", "known"),
    [
        ("triggers", _TRIGGERS_DESCRIPTION_SCHEMA, TRIGGERS),
        ("conditions", _CONDITIONS_SCHEMA, CONDITIONS),
    ],
)
def test_triggers_and_conditions_are_described(kind: str, schema: Any, known: dict[str, type]) -> None:
    described = schema(load_yaml_dict(str(FOLDER / f"{kind}.yaml")))
    assert described.keys() == known.keys() == read("icons.json")[kind].keys()
    for key, one in described.items():
        assert {f".{kind}.{key}.name", f".{kind}.{key}.description"} <= ENGLISH.keys()
        names = {path for path in ENGLISH if path.startswith(f".{kind}.{key}.fields.")}
        assert names == {f".{kind}.{key}.fields.{field}.name" for field in one.get("fields", {})}


def test_icons_are_icons_of_entities_that_exist() -> None:
    icons = _ICONS(read("icons.json"))
    known = {tuple(path.split(".")[2:4]) for path in ENGLISH if path.startswith(".entity.")} | {("camera", "camera")}
    assert {(platform, key) for platform, keys in icons["entity"].items() for key in keys} <= known


async def test_home_assistant_takes_the_manifest(hass: HomeAssistant) -> None:
    integration = await async_get_integration(hass, DOMAIN)
    assert integration.version == read("manifest.json")["version"]
    assert (integration.config_flow, integration.disabled) == (True, None)
    assert await integration.resolve_dependencies() is not None
    for domain in integration.after_dependencies:
        assert (await async_get_integration(hass, domain)).is_built_in


def test_the_manifest_is_as_hassfest_wants_it() -> None:
    manifest = read("manifest.json")
    _MANIFEST(manifest)
    assert list(manifest)[:2] == ["domain", "name"]
    assert list(manifest)[2:] == sorted(list(manifest)[2:])
    assert manifest["domain"] == DOMAIN == FOLDER.name
    assert manifest["requirements"] == ["onvif-zeep-async==4.3.0"]


def test_marketplace_and_hacs_take_the_repository() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text())
    _HACS(hacs)
    assert not AwesomeVersion(__version__) < hacs["homeassistant"]
    assert (ROOT / "README.md").read_text().startswith("# ")
    assert [path.parent for path in ROOT.glob("custom_components/*/manifest.json")] == [FOLDER]


@pytest.mark.parametrize(("name", "size"), [("icon.png", 256), ("icon@2x.png", 512)])
def test_the_icon_is_square_and_small(name: str, size: int) -> None:
    path = FOLDER / "brand" / name
    with Image.open(path) as picture:
        assert (picture.size, picture.mode) == ((size, size), "RGBA")
    assert path.stat().st_size < 50_000


def test_there_are_no_links_in_what_is_copied_to_homes() -> None:
    assert [path for path in FOLDER.rglob("*") if path.is_symlink()] == []


def test_the_integration_speaks_to_the_core_by_its_inner_name_only() -> None:
    """`tillsyn` is the apps' name for it; both in one process would be two of everything."""
    source = [(file, file.read_text()) for file in FOLDER.glob("*.py")]
    assert [file.name for file, text in source if re.search(r"^\s*(from|import) tillsyn", text, re.MULTILINE)] == []


def test_no_rule_about_looking_is_in_a_platform() -> None:
    """Platforms show and forward: none of them steps the gate or checks a statement."""
    for platform in ("binary_sensor", "calendar", "camera", "event", "sensor", "switch"):
        text = (FOLDER / f"{platform}.py").read_text()
        assert "admission" not in text
        assert ".feed(" not in text
