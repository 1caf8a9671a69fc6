"""The lock holds what Home Assistant would otherwise fetch at its first start."""

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import homeassistant
import pytest
from awesomeversion import AwesomeVersion
from homeassistant.bootstrap import DEFAULT_INTEGRATIONS
from homeassistant.const import __version__ as running
from homeassistant.util.yaml import load_yaml_dict
from packaging.requirements import Requirement

COMPONENTS = Path(homeassistant.__file__).parent / "components"
# Loaded by the demo and the tests, beside what Home Assistant always loads.
LOADED = frozenset({"hassio", "history", "isal", "logbook", "media_source", "my", "onvif", "recorder", "stream", "sun"})
# Have no wheel; set-up compiles them where there is a compiler.
COMPILED = frozenset({"pymicro-vad", "pyspeex-noise"})


def requirements() -> set[str]:
    waiting, seen, found = [*DEFAULT_INTEGRATIONS, *LOADED], set[str](), set[str]()
    while waiting:
        domain = waiting.pop()
        manifest = COMPONENTS / domain / "manifest.json"
        if domain in seen or not manifest.exists():
            continue
        seen.add(domain)
        content = json.loads(manifest.read_text())
        waiting += content.get("dependencies", [])
        found.update(content.get("requirements", []))
    return found


@pytest.mark.parametrize("text", sorted(requirements()))
def test_home_assistant_finds_it_installed(text: str) -> None:
    requirement = Requirement(text)
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        installed = None
    assert installed in requirement.specifier if installed else requirement.name in COMPILED


def test_the_oldest_home_assistant_tested_is_the_oldest_that_is_promised() -> None:
    root = Path(__file__).parents[2]
    pins = dict(line.split("==") for line in (root / "script/oldest.in").read_text().split() if "==" in line)
    oldest = AwesomeVersion(pins["homeassistant"])
    promised = {json.loads((root / "hacs.json").read_text())["homeassistant"]}
    promised |= {load_yaml_dict(path).get("homeassistant", "") for path in root.glob("addon/*/config.yaml")}
    promised |= {
        load_yaml_dict(path)["blueprint"]["homeassistant"]["min_version"] for path in root.glob("blueprints/*/*/*.yaml")
    }
    assert promised - {""} == {f"{oldest.section(0)}.{oldest.section(1)}.0"}
    assert AwesomeVersion(running) >= oldest
