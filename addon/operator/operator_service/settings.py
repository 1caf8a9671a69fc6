"""The command line of the service."""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

from tillsyn.errors import Refused
from tillsyn.frames import Welcome

from .origin import Front
from .turn import FixedTurn, Ice, SecretTurn, Turn

CONSOLE = Path(__file__).parent / "static"
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-:\[\]]+")
HUB_URL = re.compile(r"wss?://[A-Za-z0-9.\-:\[\]]{1,253}/[A-Za-z0-9/_.-]{0,100}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service was told to be. ``certificate`` and ``key`` (PEM): serve https itself, without a proxy."""

    data: Path
    host: str
    port: int
    front: Front
    console: Path
    turn: Turn
    certificate: Path | None = None
    key: Path | None = None


def read_settings(arguments: list[str] | None = None) -> Settings:
    """From the command line; leaves with a clear line where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m operator_service", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder for the store (made, mode 0700)")
    parser.add_argument("--listen", default="127.0.0.1:8480", help="HOST:PORT; port 0 takes a free one")
    parser.add_argument("--public-url", default="", help="the address people use, e.g. https://tillsyn.example.org")
    parser.add_argument("--hub-url", default="", help="where homes find us, where that is not /hub at --public-url")
    parser.add_argument("--console-origin", default="", help="where the console is served by another host")
    parser.add_argument("--trusted-proxy", action="append", default=[], help="address whose X-Forwarded-For counts")
    parser.add_argument("--console", type=Path, default=CONSOLE, help="folder with the console's files")
    parser.add_argument("--turn-url", action="append", default=[], help="e.g. turn:turn.example.org:3478?transport=udp")
    parser.add_argument("--turn-secret-file", type=Path, help="coturn's static-auth-secret")
    parser.add_argument("--turn-user", default="")
    parser.add_argument("--turn-password-file", type=Path)
    parser.add_argument("--certificate", type=Path, help="PEM; with --key: serve https without a proxy")
    parser.add_argument("--key", type=Path)
    found = parser.parse_args(arguments)
    if (found.certificate is None) != (found.key is None):
        parser.error("--certificate and --key belong together")
    host, _, port = found.listen.rpartition(":")
    if not host or not re.fullmatch("[0-9]{1,5}", port):
        parser.error("--listen needs HOST:PORT")
    for option, value in (("--public-url", found.public_url), ("--console-origin", found.console_origin)):
        if value and not ORIGIN.fullmatch(value):
            parser.error(f"{option} needs http(s)://HOST[:PORT] without a path")
    if found.hub_url and not HUB_URL.fullmatch(found.hub_url):
        parser.error("--hub-url needs ws(s)://HOST[:PORT]/PATH")
    try:
        turn = turn_from(
            found.turn_url,
            secret=_secret(found.turn_secret_file),
            user=found.turn_user,
            password=_secret(found.turn_password_file),
        )
    except (ValueError, OSError) as err:
        parser.error(str(err))
    front = Front(found.public_url, frozenset(found.trusted_proxy), found.console_origin, found.hub_url)
    return Settings(found.data, host.strip("[]"), int(port), front, found.console, turn, found.certificate, found.key)


def turn_from(urls: list[str], *, secret: str = "", user: str = "", password: str = "") -> Turn:
    """The relay by its addresses, and its shared secret or a user with a password. Raises ValueError."""
    try:
        Welcome.SHAPE.read({"urls": urls, "username": user, "credential": password})
    except Refused as err:
        raise ValueError("a TURN address, user or password is not as it should be") from err
    if not urls:
        return FixedTurn()
    if secret:
        return SecretTurn(tuple(urls), secret.encode())
    if user and password:
        return FixedTurn(Ice(tuple(urls), user, password))
    raise ValueError("a TURN address needs a shared secret, or a user and a password")


def _secret(path: Path | None) -> str:
    return "" if path is None else path.read_text(encoding="utf-8").strip()
