"""The lock holds what Home Assistant would otherwise fetch at its first start."""

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import homeassistant
import pytest
from homeassistant.bootstrap import DEFAULT_INTEGRATIONS
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
