"""The command line of the service."""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

from tillsyn.errors import Refused
from tillsyn.frames import Welcome
from tillsyn.strict import text

from .origin import Front
from .turn import FixedTurn, Ice, SecretTurn, Turn

_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service was told to be."""

    data: Path
    host: str
    port: int
    front: Front
    console: Path
    turn: Turn


def read_settings(arguments: list[str] | None = None) -> Settings:
    """From the command line; leaves with a clear line where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m operator_service", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder for the store (made, mode 0700)")
    parser.add_argument("--listen", default="127.0.0.1:8480", help="HOST:PORT; port 0 takes a free one")
    parser.add_argument("--public-url", default="", help="the address people use, e.g. https://tillsyn.example.org")
    parser.add_argument("--trusted-proxy", action="append", default=[], help="address whose X-Forwarded-For counts")
    parser.add_argument("--console", type=Path, default=_PACKAGE / "static", help="folder with the console's files")
    parser.add_argument("--turn-url", action="append", default=[], help="e.g. turn:turn.example.org:3478?transport=udp")
    parser.add_argument("--turn-secret-file", type=Path, help="coturn's static-auth-secret")
    parser.add_argument("--turn-user", default="")
    parser.add_argument("--turn-password-file", type=Path)
    found = parser.parse_args(arguments)
    host, _, port = found.listen.rpartition(":")
    if not host or not re.fullmatch("[0-9]{1,5}", port):
        parser.error("--listen needs HOST:PORT")
    if found.public_url and not re.fullmatch(r"https?://[A-Za-z0-9.\-:\[\]]+", found.public_url):
        parser.error("--public-url needs http(s)://HOST[:PORT] without a path")
    try:
        turn = _turn(found)
    except ValueError as err:
        parser.error(str(err))
    front = Front(found.public_url, frozenset(found.trusted_proxy))
    return Settings(found.data, host.strip("[]"), int(port), front, found.console, turn)


def _turn(found: argparse.Namespace) -> Turn:
    try:
        Welcome.SHAPE.read({"urls": found.turn_url, "username": "", "credential": ""})
        names = tuple(found.turn_url)
        if not names:
            return FixedTurn()
        if found.turn_secret_file:
            return SecretTurn(names, _secret(found.turn_secret_file).encode())
        if found.turn_user and found.turn_password_file:
            a_name = text(1, 200)
            return FixedTurn(Ice(names, a_name(found.turn_user), a_name(_secret(found.turn_password_file))))
    except OSError as err:
        raise ValueError("the file with the TURN secret cannot be read") from err
    except Refused as err:
        raise ValueError("--turn-url, --turn-user or the TURN password is not as it should be") from err
    raise ValueError("--turn-url needs --turn-secret-file, or --turn-user and --turn-password-file")


def _secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
