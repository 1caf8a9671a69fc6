"""Dependencies point one way, and the tree is one that HACS and the Supervisor can read."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = "custom_components/trygghetskamera/tillsyn"
INTEGRATION = "custom_components/trygghetskamera"
OURS = frozenset({"tillsyn", "custom_components", "bridge", "operator_service", "virtual_camera"})

# The folder, and which of our packages it may import by name. Inside a package imports are relative.
MAY_IMPORT = {
    "addon/bridge/bridge": {"tillsyn", "bridge"},
    "addon/operator/operator_service": {"tillsyn", "operator_service"},
    "addon/virtual_camera/virtual_camera": {"virtual_camera"},
    INTEGRATION: set[str](),
}
# What no rule needs: a clock, a socket, a file, Home Assistant.
CORE_MAY_IMPORT = sys.stdlib_module_names - {"asyncio", "socket", "ssl", "subprocess", "threading", "time", "random"}


def tracked() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-s", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [row for row in listing.stdout.split("\0") if row]


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Top-level names of the absolute imports in a file."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_part_imports_only_what_it_stands_on(folder: str) -> None:
    upward = {str(path): found for path in sources(folder) if (found := (imported(path) & OURS) - MAY_IMPORT[folder])}
    assert upward == {}


def test_the_core_is_pure() -> None:
    allowed = {"identity.py": CORE_MAY_IMPORT | {"cryptography"}, "passkey.py": CORE_MAY_IMPORT | {"cryptography"}}
    impure = {
        path.name: found
        for path in sources(CORE)
        if (found := imported(path) - allowed.get(path.name, CORE_MAY_IMPORT))
    }
    assert impure == {}


def test_only_apps_have_a_file_named_config() -> None:
    paths = [Path(row.partition("\t")[2]) for row in tracked()]
    named = [path for path in paths if path.name.startswith("config.") and path.suffix in {".yaml", ".yml", ".json"}]
    assert [str(path) for path in named if path.parent.parent != Path("addon") or path.name != "config.yaml"] == []


def test_nothing_under_custom_components_is_a_symbolic_link() -> None:
    links = [row for row in tracked() if row.startswith("120000") and "\tcustom_components/" in row]
    assert links == []


def test_hacs_finds_one_integration() -> None:
    folders = [
        path.name for path in (ROOT / "custom_components").iterdir() if path.is_dir() and path.name != "__pycache__"
    ]
    assert folders == ["trygghetskamera"]
    known = {"name", "country", "hide_default_branch", "homeassistant"}
    assert json.loads((ROOT / "hacs.json").read_text()).keys() == known
