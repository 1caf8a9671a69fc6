"""`python -m operator_service.users`: the roster. People, what they may do and for which units.

Works beside a running service; a changed password ends the person's sessions at once.
"""

import argparse
import asyncio
import getpass
import sys
from pathlib import Path
from typing import Final

from tillsyn.errors import Refused
from tillsyn.model import Role
from tillsyn.strict import many, one_of
from tillsyn.wire import IDENTIFIER, NAME

from .__main__ import store_in
from .api import LOGIN
from .login import MAX_PASSWORD, MIN_PASSWORD, hash_password
from .problems import StoreFailed
from .rows import User
from .store import Store

_LANGUAGES: Final = ("sv", "en")


class Wrong(Exception):
    """What the person at the keyboard should do otherwise."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m operator_service.users", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the service's folder")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="add a person, or change one")
    add.add_argument("login")
    add.add_argument("--name", required=True, help="the name that homes are shown")
    add.add_argument("--role", action="append", required=True, choices=[one.value for one in Role])
    add.add_argument("--unit", action="append", required=True)
    add.add_argument("--language", choices=_LANGUAGES, default="sv")
    add.add_argument("--password-file", type=Path)
    password = commands.add_parser("password", help="set a new password")
    password.add_argument("login")
    password.add_argument("--password-file", type=Path)
    commands.add_parser("remove", help="remove a person, with sessions and keys").add_argument("login")
    commands.add_parser("list", help="show the roster")
    return parser.parse_args()


def _password(path: Path | None) -> str:
    try:
        found = getpass.getpass("Password: ") if path is None else path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as err:
        raise Wrong("the password file cannot be read") from err
    if not MIN_PASSWORD <= len(found) <= MAX_PASSWORD:
        raise Wrong(f"a password needs {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    return found


def _checked(found: argparse.Namespace) -> User:
    try:
        return User(
            LOGIN(found.login),
            NAME(found.name),
            tuple(one.value for one in many(one_of(Role), 1, 6)(found.role)),
            many(IDENTIFIER, 1, 20)(found.unit),
            found.language,
            hash_password(_password(found.password_file)),
        )
    except Refused as err:
        raise Wrong("login and units are a-z, 0-9, - and _; the name is 1 to 80 characters; nothing twice") from err


async def _do(store: Store, found: argparse.Namespace) -> None:
    match found.command:
        case "add":
            await store.save_user(_checked(found))
        case "password":
            user = await store.user(found.login)
            if user is None:
                raise Wrong("there is no such login")
            secret = hash_password(_password(found.password_file))
            await store.save_user(User(user.login, user.name, user.roles, user.units, user.language, secret))
        case "remove":
            if not await store.remove_user(found.login):
                raise Wrong("there is no such login")
        case _:
            for one in await store.users():
                sys.stdout.write(f"{one.login}\t{one.name}\t{' '.join(one.roles)}\t{' '.join(one.units)}\n")


async def _run(found: argparse.Namespace) -> int:
    try:
        store = store_in(found.data)
        await store.open()
        try:
            await _do(store, found)
        finally:
            await store.close()
    except Wrong as err:
        sys.stderr.write(f"{err}\n")
        return 1
    except (StoreFailed, OSError) as err:
        sys.stderr.write(f"store_failed: the store cannot be used: {err}\n")
        return 1
    return 0


def main() -> None:
    """The command."""
    sys.exit(asyncio.run(_run(_arguments())))


if __name__ == "__main__":
    main()
