"""Every blueprint is valid, in both languages, explained, and does nothing that opens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from homeassistant.util.yaml import parse_yaml

from .blueprints import FILES, load

DOCS = Path(__file__).parents[2] / "docs" / "blueprints.md"

HARMLESS = {
    "switch.turn_on",
    "light.turn_on",
    "light.turn_off",
    "calendar.get_events",
    "persistent_notification.create",
}
"""What blueprints may do. What one of them may do beside is in ``MORE``."""
MORE = {
    "morning_summary": {"select.select_option", "{{ phone }}"},  # how the night was, as somebody says; a message
    "prepare_for_the_window": {"switch.turn_off"},  # privacy; refused where it is not allowed
    "power_around_windows": {"switch.turn_off"},  # the plug; refused of pause and of a person's privacy
}


def actions(tree: Any) -> Iterator[str]:
    """Every action in a blueprint, as it is written."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in ("action", "service") and isinstance(value, str):
                yield value
            elif key not in ("data", "event_data"):
                yield from actions(value)
    elif isinstance(tree, list):
        for one in tree:
            yield from actions(one)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_valid_bilingual_and_has_a_section(file: Path) -> None:
    blueprint = load(file)
    assert blueprint.validate() is None
    assert blueprint.metadata["source_url"].endswith(f"/blueprints/automation/trygghetskamera/{file.name}")
    assert " / " in blueprint.name
    assert "\n\n---\n\n" in blueprint.metadata["description"].replace("\n\n\n", "\n\n")
    assert any("input" in one for one in blueprint.metadata["input"].values())
    for one in blueprint.inputs.values():
        assert "selector" in one
        assert " / " in one["name"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_does_nothing_that_opens(file: Path) -> None:
    used = set(actions(load(file).data))
    assert used <= HARMLESS | MORE.get(file.stem, set())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_stays_the_same_when_home_assistant_imports_it(file: Path) -> None:
    blueprint = load(file)
    assert parse_yaml(blueprint.yaml()) == blueprint.data


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_explained_with_a_link_to_import_it(file: Path) -> None:
    url = quote(load(file).metadata["source_url"], safe="")
    assert f"https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url={url}" in DOCS.read_text()
