"""What Home Assistant reads about the integration is whole, in both languages."""

import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from homeassistant.const import __version__
from homeassistant.helpers import condition
from homeassistant.helpers.service import _SERVICES_SCHEMA
from homeassistant.helpers.trigger.descriptions import _TRIGGERS_DESCRIPTION_SCHEMA
from homeassistant.loader import Manifest
from homeassistant.util.yaml import load_yaml_dict
from PIL import Image

from custom_components.trygghetskamera.bridge_link import LinkFault
from custom_components.trygghetskamera.camera_control import CameraFault
from custom_components.trygghetskamera.condition import CONDITIONS
from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.issues import Issue
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Fallback, Role
from custom_components.trygghetskamera.trigger import TRIGGERS

# In a module of its own since Home Assistant 2026.11.
_CONDITIONS_SCHEMA = getattr(condition, "descriptions", condition)._CONDITIONS_DESCRIPTION_SCHEMA

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
    ],
)
def test_every_code_has_words(prefix: str, values: Any) -> None:
    assert [one.value for one in values if f"{prefix}.{one.value}" not in ENGLISH] == []


def test_every_issue_has_words() -> None:
    assert [one for one in Issue if f".issues.{one}.title" not in ENGLISH] == []


def test_every_exception_raised_has_words() -> None:
    source = "\n".join(file.read_text() for file in FOLDER.glob("*.py"))
    keys = set(re.findall(r'(?:_refusal\(|translation_key=)"([a-z_]+)"', source))
    entities = {path.split(".")[3] for path in ENGLISH if path.startswith(".entity.")}
    devices = {path.split(".")[2] for path in ENGLISH if path.startswith(".device.")}
    known = {path.split(".")[2] for path in ENGLISH if path.startswith(".exceptions.")}
    selectors = {path.split(".")[2] for path in ENGLISH if path.startswith(".selector.")}
    assert keys - entities - devices - known - selectors == set()


def test_every_form_error_has_words() -> None:
    source = (FOLDER / "config_flow.py").read_text() + (FOLDER / "options_flow.py").read_text()
    abort = re.findall(r'async_abort\(reason="([a-z_]+)"', source) + re.findall(r'mismatch\(reason="([a-z_]+)"', source)
    known = {path.rsplit(".", 1)[1] for path in ENGLISH if ".abort." in path}
    assert set(abort) - known == set()


def test_the_actions_are_described() -> None:
    services = yaml.safe_load((FOLDER / "services.yaml").read_text())
    _SERVICES_SCHEMA(services)
    for action, described in services.items():
        names = [f".services.{action}", *(f".services.{action}.fields.{field}" for field in described["fields"])]
        assert [name for name in names if not {f"{name}.name", f"{name}.description"} <= ENGLISH.keys()] == []
    assert read("icons.json")["services"].keys() == services.keys()


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
    icons = dict(leaves(read("icons.json")))
    assert [text for text in icons.values() if not text.startswith("mdi:")] == []
    named = {tuple(path.split(".")[2:4]) for path in icons if path.startswith(".entity.")}
    known = {tuple(path.split(".")[2:4]) for path in ENGLISH if path.startswith(".entity.")} | {("camera", "camera")}
    assert named <= known


def test_the_manifest_is_in_order() -> None:
    manifest: Manifest = read("manifest.json")
    assert list(manifest)[:2] == ["domain", "name"]
    assert list(manifest)[2:] == sorted(list(manifest)[2:])
    assert manifest["domain"] == DOMAIN
    assert not manifest["documentation"].startswith("https://www.home-assistant.io")
    assert manifest["requirements"] == ["onvif-zeep-async==4.3.0"]
    assert __version__.startswith("2026.")


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
