"""`tillsyn-root`: make the root key, and sign with it."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from operator_service.settings import CONSOLE
from operator_service.thumbprint import kid, no_options
from tillsyn.identity import SigningKey
from tillsyn.model import Fallback, Role, Room

from . import actions, listfile, service_key, trust
from .client import Client, ServiceError
from .keyfile import KeyFileError, create, read
from .sign_console import sign_console
from .words import WordsError, seed_of, words_of

_ACTIONS: Final[Mapping[str, Callable[[actions.Task], Awaitable[None]]]] = {
    "publish": actions.publish,
    "pair": actions.pair,
    "approve": actions.approve,
    "plan": actions.plan,
    "status": actions.status,
    "policy": trust.policy,
    "service-key": service_key.service_key,
}
_LISTS: Final[Mapping[str, Callable[[actions.ListTask], Awaitable[None]]]] = {
    "revoke": trust.revoke,
    "keep-fresh": trust.keep_fresh,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tillsyn-root", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    new = commands.add_parser("new", help="make a new root key")
    words = commands.add_parser("words", help="print the root key as 24 words, for paper")
    written = commands.add_parser("from-words", help="make the root key's file from its 24 words")
    written.add_argument("--words-file", type=Path)
    for one in (new, written):
        one.add_argument("--municipality", required=True, help="the name that homes are shown")
    list_key = commands.add_parser("list-key", help="make a key that signs lists of revoked keys")
    publish, pair, approve, plan, status, policy, keeper = (
        commands.add_parser(name, help=(action.__doc__ or "").partition(".")[0]) for name, action in _ACTIONS.items()
    )
    console = commands.add_parser("sign-console", help="sign the list of the console's files, for tillsyn-verify")
    console.add_argument("--console", type=Path, default=CONSOLE, help="folder with the console's files")
    console.add_argument("--console-for", default="", help="origin of the service, where the console is hosted apart")
    revoke, keep_fresh = (
        commands.add_parser(name, help=(action.__doc__ or "").partition(".")[0]) for name, action in _LISTS.items()
    )
    for one in (new, words, written, list_key, console, publish, pair, approve, plan, status, policy, keeper):
        one.add_argument("file", type=Path, help="the root key's file")
    list_key.add_argument("list_file", type=Path, help="where to put it; a list that is there goes on")
    for one in (revoke, keep_fresh):
        one.add_argument("list_file", type=Path, help="the list key's file")
        one.add_argument("--root", dest="file", type=Path, help="sign with the root key in this file instead")
    for one in commands.choices.values():
        one.add_argument("--passphrase-file", type=Path)
        one.add_argument("--json", action="store_true", help="one JSON object a line, for programs")
    for one in (publish, pair, approve, plan, status, policy, keeper, revoke, keep_fresh):
        one.add_argument("--service", required=True, help="the service's address, http(s)://HOST[:PORT]")
        one.add_argument("--login", required=True, help="an administrator's login")
        one.add_argument("--password-file", type=Path)
    pair.add_argument("--label", required=True, help="what staff call the home")
    pair.add_argument("--replaces", default="", metavar="HUB", help="the hub with that label whose place it takes")
    pair.add_argument("--hub-url", default="", help="where the home finds the service, ws(s)://.../hub")
    pair.add_argument("--yes", action="store_true", help="sign without asking whether the home shows the same words")
    approve.add_argument("--all", action="store_true", help="approve everybody on the roster without asking")
    approve.add_argument("--watch", action="store_true", help="go on until stopped")
    approve.add_argument("--hours", type=int, default=12, choices=range(1, 13), metavar="1..12")
    approve.add_argument("--days", type=int, choices=range(1, 91), metavar="1..90", help="in place of --hours")
    keeper.add_argument("--days", type=int, default=400, choices=range(1, 401), metavar="1..400")
    _plan_arguments(plan)
    _trust_arguments(policy, revoke, keep_fresh)
    return parser.parse_args(no_options(sys.argv[1:]))


def _plan_arguments(plan: argparse.ArgumentParser) -> None:
    plan.add_argument("--hub", required=True, help="id or label of the home")
    plan.add_argument("--window", action="append", required=True, help="[id=]22:00-06:00[@1,2,3], local time")
    plan.add_argument("--unit", required=True)
    plan.add_argument("--look-seconds", type=int, default=30)
    plan.add_argument("--grace-seconds", type=int, default=30)
    plan.add_argument("--retry-minutes", type=int, default=20)
    plan.add_argument("--retries", type=int, default=1)
    plan.add_argument("--role", action="append", choices=[one.value for one in Role])
    plan.add_argument("--fallback", action="append", choices=[one.value for one in Fallback])
    plan.add_argument("--review", default="", help="YYYY-MM-DD; half a year from now if left out")
    rooms = [one.value for one in Room]
    plan.add_argument(
        "--room", action="append", choices=rooms, help="whose camera; a look begins in the first (bedroom)"
    )
    plan.add_argument(
        "--contact", default="", help="the care contact and how to reach them, shown at home and to staff"
    )
    plan.add_argument("--keep-days", type=int, default=365, help="how long the home keeps its log, 30..3650 (365)")
    plan.add_argument("--move-minutes", type=int, default=0, help="how far the client may move a look, 0..240 (0)")


def _trust_arguments(
    policy: argparse.ArgumentParser, revoke: argparse.ArgumentParser, keep_fresh: argparse.ArgumentParser
) -> None:
    policy.add_argument(
        "--browser-keys", action="store_true", help="a key kept in a browser may stand in for a passkey"
    )
    policy.add_argument("--shift-hours", type=int, default=12, choices=range(1, 13), metavar="1..12")
    policy.add_argument("--look-seconds", type=int, default=60, metavar="10..120")
    policy.add_argument("--retries", type=int, default=1, metavar="0..3")
    revoke.add_argument("kid", nargs="*", type=kid, help="thumbprint of a passkey, browser key, session key or hub")
    revoke.add_argument("--restore", action="append", default=[], type=kid, help="take this one off the list")
    keep_fresh.add_argument("--once", action="store_true", help="sign once and stop")


def _make(asked: argparse.Namespace, passphrase: str) -> None:
    """The file of a new key, or of the one that is on paper."""
    if asked.passphrase_file is None and passphrase != getpass.getpass("Once more: "):
        raise KeyFileError("the two are not the same")
    key = None
    if asked.command == "from-words":
        key = SigningKey.from_seed(seed_of(_secret(asked.words_file, "The 24 words: ")))
    root = create(asked.file, asked.municipality, passphrase, key=key)
    sys.stdout.write(f"{root.key.public.kid}\n")


def _secret(path: Path | None, question: str) -> str:
    if path is None:
        return getpass.getpass(question)
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as err:
        raise KeyFileError(f"{path} cannot be read") from err


async def _run(asked: argparse.Namespace) -> None:
    if asked.command in _LISTS:
        await _run_list(asked)
        return
    passphrase = _secret(asked.passphrase_file, "Passphrase of the root key: ")
    if asked.command in ("new", "from-words"):
        _make(asked, passphrase)
        return
    opened = read(asked.file, passphrase)
    if asked.command == "words":
        sys.stdout.write(f"{words_of(opened.key.seed())}\n")
        return
    if asked.command == "sign-console":
        sys.stdout.write(f"{sign_console(opened.key, asked.console, asked.console_for)}\n")
        return
    if asked.command == "list-key":
        made = listfile.make(asked.list_file, opened, actions.unix_now())
        sys.stdout.write(f"{made.key.public.kid}\n")
        return
    password = _secret(asked.password_file, f"Password of {asked.login}: ")
    async with Client(asked.service, asked.login, password) as client:
        await _ACTIONS[asked.command](actions.Task(client, asked, opened))


async def _run_list(asked: argparse.Namespace) -> None:
    listfile.read(asked.list_file)
    root = None
    if asked.file is not None:
        root = read(asked.file, _secret(asked.passphrase_file, "Passphrase of the root key: "))
    password = _secret(asked.password_file, f"Password of {asked.login}: ")
    async with Client(asked.service, asked.login, password) as client:
        await _LISTS[asked.command](actions.ListTask(client, asked, asked.list_file, root))


def main() -> None:
    """The command."""
    try:
        asyncio.run(_run(_arguments()))
    except (KeyFileError, ServiceError, WordsError) as err:
        sys.stderr.write(f"tillsyn-root: {err}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
