"""The app's files for the Supervisor say what the code does, and ask for nothing more."""

import os
import re
from pathlib import Path

import pytest
import yaml

APP = Path(__file__).parents[2] / "addon" / "bridge"
SERVICE = APP / "rootfs/etc/s6-overlay/s6-rc.d/bridge"
CONFIG = yaml.safe_load((APP / "config.yaml").read_text())


def test_the_app_asks_for_no_more_than_announcing_itself() -> None:
    assert CONFIG["slug"] == "trygghetsbrygga"
    assert CONFIG["discovery"] == ["trygghetskamera"]
    wide = {
        "ports", "map", "host_network", "privileged", "full_access", "hassio_api", "homeassistant_api", "docker_api",
        "auth_api", "devices", "apparmor", "watchdog",
    }  # fmt: skip
    assert not wide & CONFIG.keys()


def test_there_is_time_to_drive_the_camera_away() -> None:
    from bridge.app import AWAY_SECONDS

    assert CONFIG["timeout"] >= AWAY_SECONDS + 5


def test_the_identity_stays_out_of_backups() -> None:
    run = (SERVICE / "run").read_text()
    assert "--data /data/identity " in run
    assert {"identity", "identity/*"} <= set(CONFIG["backup_exclude"])
    assert "/data/identity/** rwk," in (APP / "apparmor.txt").read_text()


def test_service_and_health_check_use_the_same_port() -> None:
    port = re.search(r"--listen \S+:(\d+)", (SERVICE / "run").read_text())
    assert port is not None
    assert f"https://127.0.0.1:{port[1]}/health" in (APP / "Dockerfile").read_text()


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_option_is_explained(language: str) -> None:
    told = yaml.safe_load((APP / "translations" / f"{language}.yaml").read_text())["configuration"]
    assert told.keys() == CONFIG["options"].keys() == CONFIG["schema"].keys()
    assert all(one["name"] and one["description"] for one in told.values())


def test_the_scripts_can_be_run() -> None:
    assert all(os.access(SERVICE / name, os.X_OK) for name in ("run", "finish"))
    assert (SERVICE / "type").read_text() == "longrun\n"


def test_exit_codes_that_end_the_container_are_the_ones_of_the_program() -> None:
    from bridge.__main__ import EXIT_CANNOT_LISTEN, EXIT_DAMAGED

    finish = (SERVICE / "finish").read_text()
    assert f'-ne {EXIT_CANNOT_LISTEN} && "${{code}}" -ne {EXIT_DAMAGED} ' in finish


def test_versions_agree() -> None:
    assert f'version = "{CONFIG["version"]}"' in (APP / "pyproject.toml").read_text()
    assert f"## {CONFIG['version']}" in (APP / "CHANGELOG.md").read_text()
