"""The app's files agree with each other and with the code."""

import json
import re
import struct
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import virtual_camera
from virtual_camera import CEILING, Look, Person
from virtual_camera.app import HTTP_PORT, RTSP_PORT, settings_from
from virtual_camera.settings import FIRMWARE

ROOT = Path(virtual_camera.__file__).parent.parent
OPTIONS = {"user": "viewer", "password": "secret", "light": "day", "person": "gone", "motor_speed": 2}


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_options_become_settings() -> None:
    settings = settings_from(json.dumps(OPTIONS))
    assert (settings.user, settings.password, settings.look, settings.person) == (
        "viewer",
        "secret",
        Look.DAY,
        Person.GONE,
    )
    assert (settings.http_port, settings.rtsp_port, settings.control_port) == (HTTP_PORT, RTSP_PORT, None)
    assert (settings.motor_speed, settings.start) == (2.0, CEILING)


def test_without_a_password_it_does_not_start() -> None:
    with pytest.raises(ValueError, match="password"):
        settings_from(json.dumps(load("config.yaml")["options"]))


@pytest.mark.parametrize(
    "changes",
    [
        {"light": "dusk"},
        {"person": "cat"},
        {"motor_speed": "1"},
        {"motor_speed": 0},
        {"user": ""},
        {"user": 1},
        {"extra": 1},
    ],
)
def test_other_options_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        settings_from(json.dumps({**OPTIONS, **changes}))


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "{" * 100, '"' + "x" * 20_000 + '"'])
def test_what_is_not_options_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        settings_from(text)


def test_the_configuration_offers_what_the_code_reads() -> None:
    config = load("config.yaml")
    assert config["options"].keys() == config["schema"].keys() == OPTIONS.keys()
    assert config["schema"]["light"] == "list(infrared|day)"
    assert config["schema"]["person"] == "list(" + "|".join(person.name.lower() for person in Person) + ")"
    assert list(config["ports"]) == [f"{HTTP_PORT}/tcp", f"{RTSP_PORT}/tcp"]


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_option_and_port_is_explained(language: str) -> None:
    config, texts = load("config.yaml"), load(f"translations/{language}.yaml")
    assert texts["configuration"].keys() == config["schema"].keys()
    assert all(text["name"] and text["description"] for text in texts["configuration"].values())
    assert texts["network"].keys() == config["ports"].keys()


def test_one_version_everywhere() -> None:
    version = load("config.yaml")["version"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert version == project["version"] == FIRMWARE
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_profile_is_named_as_the_app() -> None:
    profile = (ROOT / "apparmor.txt").read_text(encoding="utf-8")
    assert re.search(rf"^profile {load('config.yaml')['slug']} ", profile, re.MULTILINE)


def test_the_icon_is_square() -> None:
    assert struct.unpack(">II", (ROOT / "icon.png").read_bytes()[16:24]) == (128, 128)
