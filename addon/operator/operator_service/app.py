"""Run the service as a Home Assistant app, with the options that Supervisor wrote."""

import asyncio
import json
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tillsyn.errors import Refused
from tillsyn.model import Role
from tillsyn.strict import Shape, boolean, many, matching, text
from tillsyn.wire import IDENTIFIER, NAME

from .__main__ import serve, store_in
from .api import LOGIN
from .login import MAX_PASSWORD, MIN_PASSWORD, hash_password, password_matches
from .origin import Front
from .problems import StoreFailed
from .rows import User
from .settings import CONSOLE, Settings, turn_from
from .store import Store

PORT: Final = 8480
"""As in config.yaml."""
_OPTIONS: Final = Path("/data/options.json")
_DATA: Final = Path("/data/service")
_CERTIFICATES: Final = Path("/ssl")
_MAX_OPTIONS: Final = 64 * 1024
_FILE: Final = matching(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_PERSON: Final = Shape(
    {"login": LOGIN, "name": NAME, "password": text(MIN_PASSWORD, MAX_PASSWORD), "administrator": boolean}
)
_SHAPE: Final = Shape(
    {
        "language": matching("sv|en"),
        "unit": IDENTIFIER,
        "public_url": matching(r"(https?://[A-Za-z0-9.\-:\[\]]+)?"),
        "ssl": boolean,
        "certfile": _FILE,
        "keyfile": _FILE,
        "turn_urls": many(matching(r"[!-~]{1,300}"), 0, 6),
        "turn_user": text(0, 200),
        "turn_password": text(0, 200),
    }
)


@dataclass(frozen=True, slots=True)
class Person:
    """One who may log in."""

    login: str
    name: str
    password: str
    administrator: bool


@dataclass(frozen=True, slots=True)
class Options:
    """The app's configuration, read."""

    settings: Settings
    people: tuple[Person, ...]
    unit: str
    language: str


def options_from(content: str) -> Options:
    """Read the app's options. Raises ValueError, with a text for the app's log, where they are not usable."""
    found = json.loads(content) if len(content) <= _MAX_OPTIONS else None
    if not isinstance(found, dict):
        raise ValueError("the options cannot be read")
    people = _people(found.pop("people", None))
    try:
        options = _SHAPE.read(found)
    except Refused as err:
        raise ValueError(f"an option is not as it should be ({err.detail})") from err
    urls = options["turn_urls"]
    turn = turn_from(
        [str(one) for one in urls] if isinstance(urls, tuple) else [],
        user=str(options["turn_user"]),
        password=str(options["turn_password"]),
    )
    secure = options["ssl"] is True
    settings = Settings(
        data=_DATA,
        host="0.0.0.0",
        port=PORT,
        front=Front(str(options["public_url"])),
        console=CONSOLE,
        turn=turn,
        certificate=_CERTIFICATES / str(options["certfile"]) if secure else None,
        key=_CERTIFICATES / str(options["keyfile"]) if secure else None,
    )
    return Options(settings, people, str(options["unit"]), str(options["language"]))


def _person(value: object) -> Person:
    return Person(**_PERSON.read(value))  # type: ignore[arg-type]


def _people(value: object) -> tuple[Person, ...]:
    try:
        people = many(_person, 1, 50)(value)
    except Refused as err:
        raise ValueError(
            "list at least one person, each with login (a-z, 0-9), name and a password of 12 characters or more"
        ) from err
    if len({one.login for one in people}) != len(people):
        raise ValueError("two people have the same login")
    if not any(one.administrator for one in people):
        raise ValueError("at least one person must be an administrator")
    return people


async def enroll(store: Store, options: Options) -> None:
    """Make the roster what the options say. Sessions last where the password is the same."""
    wanted = {one.login: one for one in options.people}
    for user in await store.users():
        if user.login not in wanted:
            await store.remove_user(user.login)
    for one in options.people:
        roles = tuple(Role) if one.administrator else (Role.OPERATOR, Role.PATROL)
        before = await store.user(one.login)
        same = before is not None and password_matches(one.password, before.secret)
        secret = before.secret if before is not None and same else hash_password(one.password)
        names = tuple(role.value for role in roles)
        await store.save_user(User(one.login, one.name, names, (options.unit,), options.language, secret))


async def _run(options: Options) -> int:
    store = store_in(options.settings.data)
    try:
        await store.open()
        await enroll(store, options)
    except StoreFailed as err:
        sys.stderr.write(f"store_failed: the app's data cannot be used: {err}\n")
        return 1
    finally:
        await store.close()
    return await serve(options.settings)


def main() -> None:
    """Run until the app is stopped."""
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        options = options_from(_OPTIONS.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        sys.stderr.write(f"The service did not start: {err}\n")
        raise SystemExit(1) from err
    raise SystemExit(asyncio.run(_run(options)))


if __name__ == "__main__":
    main()
