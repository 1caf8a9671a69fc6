"""The app's files for the Supervisor say what the code does, and ask for nothing more."""

import json
import os
import re
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from operator_service.__main__ import store_in
from operator_service.app import PORT, enroll, options_from
from operator_service.health import healthy
from operator_service.login import password_matches
from operator_service.rows import Session
from operator_service.turn import FixedTurn
from tests.operator.test_root import run_module
from tillsyn.model import Role

APP = Path(__file__).parents[2] / "addon" / "operator"
SERVICE = APP / "rootfs/etc/s6-overlay/s6-rc.d/operator"
CONFIG = yaml.safe_load((APP / "config.yaml").read_text(encoding="utf-8"))
ANNA = {"login": "anna", "name": "Anna Ek", "password": "a long password", "administrator": True}
BO = {"login": "bo", "name": "Bo Ek", "password": "another password", "administrator": False}


def options(**changes: object) -> str:
    return json.dumps({**CONFIG["options"], "people": [ANNA, BO], **changes})


def test_the_app_asks_for_its_port_and_the_certificates_only() -> None:
    wide = {
        "host_network", "privileged", "full_access", "hassio_api", "homeassistant_api", "docker_api", "auth_api",
        "devices", "apparmor", "watchdog", "discovery", "services",
    }  # fmt: skip
    assert not wide & CONFIG.keys()
    assert list(CONFIG["ports"]) == [f"{PORT}/tcp"]
    assert CONFIG["map"] == [{"type": "ssl", "read_only": True}]


def test_the_default_options_lack_only_people() -> None:
    found = options_from(options())
    assert (found.unit, found.language, found.settings.port) == ("hemma", "sv", PORT)
    assert (str(found.settings.certificate), found.settings.turn) == ("/ssl/fullchain.pem", FixedTurn())


@pytest.mark.parametrize(
    "changes",
    [
        {"people": []},
        {"people": [BO]},
        {"people": [ANNA, ANNA]},
        {"people": [ANNA, {**BO, "login": "anna"}]},
        {"people": [{**ANNA, "password": "short"}]},
        {"people": [{**ANNA, "login": "Anna Ek"}]},
        {"people": "anna"},
        {"language": "de"},
        {"public_url": "ftp://x"},
        {"certfile": "../secret.pem"},
        {"turn_urls": ["turn:host:3478"]},
        {"turn_urls": ["http://host"], "turn_user": "u", "turn_password": "p"},
        {"extra": 1},
    ],
)
def test_options_that_are_not_usable_are_refused_in_words(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^[a-z][^\n]{10,}$"):
        options_from(options(**changes))


@pytest.mark.parametrize("text", ["", "[]", "null", '"' + "x" * 70_000 + '"'])
def test_what_is_no_options_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        options_from(text)


async def test_the_roster_is_what_the_options_say(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    await store.open()
    await enroll(store, options_from(options()))
    await store.add_session(Session("s", "anna", 1, 1))
    await enroll(store, options_from(options(people=[{**ANNA, "name": "Anna Berg"}])))
    users = await store.users()
    assert [(one.login, one.name, one.roles) for one in users] == [("anna", "Anna Berg", tuple(Role))]
    assert password_matches("a long password", users[0].secret)
    assert await store.session("s") is not None
    await enroll(store, options_from(options(people=[{**ANNA, "password": "a new long password"}])))
    assert await store.session("s") is None
    await store.close()


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_option_is_explained(language: str) -> None:
    told = yaml.safe_load((APP / "translations" / f"{language}.yaml").read_text(encoding="utf-8"))
    assert told["configuration"].keys() == CONFIG["options"].keys() == CONFIG["schema"].keys()
    assert all(one["name"] and one["description"] for one in told["configuration"].values())
    assert told["network"].keys() == CONFIG["ports"].keys()


def test_the_scripts_can_be_run() -> None:
    assert all(os.access(SERVICE / name, os.X_OK) for name in ("run", "finish"))
    assert (SERVICE / "type").read_text() == "longrun\n"


def test_versions_agree() -> None:
    assert f'version = "{CONFIG["version"]}"' in (APP / "pyproject.toml").read_text()
    assert f"## {CONFIG['version']}" in (APP / "CHANGELOG.md").read_text()


def test_the_store_is_the_only_place_that_the_profile_lets_be_written() -> None:
    profile = (APP / "apparmor.txt").read_text()
    assert re.findall(r"^ +(/data\S+|/ssl\S+) \w*w\w*,$", profile, re.MULTILINE) == [
        "/data/service/",
        "/data/service/**",
    ]


def _certificate(folder: Path) -> None:
    """Self-made, for this test."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)


async def test_https_without_a_proxy(tmp_path: Path) -> None:
    _certificate(tmp_path)
    service = await run_module(
        "operator_service", "--data", str(tmp_path / "d"), "--listen", "127.0.0.1:0", "--certificate",
        str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem"),
    )  # fmt: skip
    assert service.stdout is not None
    url = json.loads(await service.stdout.readline())["url"]
    trusted = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    trusted.check_hostname = False
    async with aiohttp.ClientSession() as http, http.get(url + "/health", ssl=trusted) as answer:
        assert (answer.status, url[:8]) == (200, "https://")
        assert "Strict-Transport-Security" in answer.headers
    assert healthy(int(url.rpartition(":")[2]))
    service.terminate()
    assert await service.wait() == 0
    assert not healthy(int(url.rpartition(":")[2]))
