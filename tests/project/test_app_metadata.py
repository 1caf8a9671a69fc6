"""The app repository and its apps are as the Supervisor reads them, and ask for nothing that is not written here."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
APPS = sorted(path.parent for path in (ROOT / "addon").glob("*/config.yaml"))
FILES = {
    "config.yaml",
    "Dockerfile",
    "README.md",
    "DOCS.md",
    "CHANGELOG.md",
    "apparmor.txt",
    "icon.png",
    "translations",
}

REQUIRED = {"name", "version", "slug", "description", "arch"}
OPTIONAL = {
    "url", "image", "homeassistant", "startup", "init", "timeout", "discovery", "backup_exclude", "options", "schema",
    "stage", "ports", "map", "ports_description", "environment", "tmpfs",
}  # fmt: skip
OPTION = re.compile(r"(str|int|float)(\([\d.,]*\))?\??|bool\??|password\??|port\??|match\(.+\)\??|list\([\w|]+\)\??")


def read(app: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((app / "config.yaml").read_text())
    return found


def kinds(schema: Any) -> list[str]:
    """Every type in a schema, however deep."""
    if isinstance(schema, dict):
        return [kind for value in schema.values() for kind in kinds(value)]
    if isinstance(schema, list):
        return [kind for value in schema for kind in kinds(value)]
    return [schema]


def shape(tree: Any) -> Any:
    """The keys of a tree of texts."""
    return {key: shape(value) for key, value in tree.items()} if isinstance(tree, dict) else None


def texts(tree: Any) -> list[str]:
    return [text for value in tree.values() for text in texts(value)] if isinstance(tree, dict) else [tree]


def test_the_repository_is_one_that_the_supervisor_reads() -> None:
    repository = yaml.safe_load((ROOT / "repository.yaml").read_text())
    assert repository.keys() == {"name", "url", "maintainer"}
    assert repository["url"].startswith("https://")
    assert [app.name for app in APPS] == ["bridge", "operator", "virtual_camera"]


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_an_app_is_whole(app: Path) -> None:
    assert {path.name for path in app.iterdir()} >= FILES
    assert not (app / "build.yaml").exists()
    assert (app / "icon.png").stat().st_size < 50_000


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_an_apps_configuration_is_valid(app: Path) -> None:
    config = read(app)
    assert REQUIRED <= config.keys() <= REQUIRED | OPTIONAL
    assert re.fullmatch(r"\d+\.\d+\.\d+", config["version"])
    assert re.fullmatch(r"[a-z0-9_]+", config["slug"])
    assert set(config["arch"]) == {"aarch64", "amd64"}
    assert re.fullmatch(r"ghcr\.io/[a-z-]+/[a-z-]+", config["image"])
    # s6 is the container's own init.
    assert config["init"] is False
    assert config.get("startup", "application") in {"application", "services"}
    assert config.get("stage", "stable") in {"stable", "experimental"}
    assert 10 <= config.get("timeout", 10) <= 300
    assert all(re.fullmatch(r"\d+/(tcp|udp)", port) for port in config.get("ports", {}))
    assert all(one["type"] == "ssl" and one["read_only"] for one in config.get("map", []))


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_an_apps_options_have_types_and_words_in_both_languages(app: Path) -> None:
    config = read(app)
    assert config["options"].keys() == config["schema"].keys()
    assert [kind for kind in kinds(config["schema"]) if not OPTION.fullmatch(kind)] == []
    english, swedish = (yaml.safe_load((app / f"translations/{name}.yaml").read_text()) for name in ("en", "sv"))
    assert shape(english) == shape(swedish)
    assert english["configuration"].keys() == config["schema"].keys()
    assert english.get("network", {}).keys() == config.get("ports", {}).keys()
    assert [text for text in (*texts(english), *texts(swedish)) if not text.strip()] == []


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_an_image_says_what_it_is_and_whether_it_is_well(app: Path) -> None:
    dockerfile = (app / "Dockerfile").read_text()
    assert dockerfile.startswith(f"# Built from the repository's root: docker build -f addon/{app.name}/Dockerfile .\n")
    assert {'io.hass.type="app"', 'io.hass.version="${BUILD_VERSION}"', "HEALTHCHECK"} <= set(
        re.findall(r"io\.hass\.(?:type|version)=\S+|HEALTHCHECK", dockerfile)
    )
    # A base that is named by no version is another one tomorrow.
    assert [base for base in re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE) if ":" not in base] == []
