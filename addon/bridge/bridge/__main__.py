"""``python -m bridge``: run the bridge as a process. SIGTERM and SIGINT end it, camera away first, with exit code 0."""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Final

import aiohttp

from . import logs
from .app import Bridge, Options
from .discovery import SUPERVISOR, Supervisor, announce
from .keep import Damaged, Keep
from .watchdog import Watchdog

_LOGGER = logging.getLogger("bridge")

EXIT_DAMAGED: Final = 78
EXIT_CANNOT_LISTEN: Final = 1


def _listen(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError("HOST:PORT, for example 127.0.0.1:0")
    return host.strip("[]"), int(port)


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bridge", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the bridge's identity")
    parser.add_argument("--listen", type=_listen, default=("127.0.0.1", 0), help="HOST:PORT of the home link")
    parser.add_argument(
        "--relay-only",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="all media through TURN, so that the operator does not learn the home's addresses (default)",
    )
    parser.add_argument("--supervisor", default=SUPERVISOR, help=argparse.SUPPRESS)
    return parser.parse_args(given)


async def _run(arguments: argparse.Namespace, keep: Keep) -> int:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, ended.set)
    watchdog = Watchdog()
    watchdog.start()
    async with aiohttp.ClientSession() as session:
        bridge = Bridge(keep, session, Options(relay_only=arguments.relay_only))
        try:
            port = await bridge.start(*arguments.listen)
        except OSError:
            _complain("The bridge cannot listen on the address given with --listen. Is another bridge running?")
            return EXIT_CANNOT_LISTEN
        print(json.dumps({"port": port, "access_key_file": str(keep.access_key_file)}), flush=True)  # noqa: T201
        announcing = _announce(arguments.supervisor, port, keep.access_key)
        await ended.wait()
        _LOGGER.info("ending")
        if announcing is not None:
            announcing.cancel()
        await bridge.stop()
    watchdog.stop()
    return 0


def _announce(supervisor: str, port: int, access_key: str) -> asyncio.Task[None] | None:
    token = os.environ.get("SUPERVISOR_TOKEN")
    if not token:
        return None
    # In an app the container's name is the name that Home Assistant reaches it by.
    work = announce(Supervisor(token, supervisor), socket.gethostname(), port, access_key)
    return asyncio.create_task(work, name="discovery")


def _complain(text: str) -> None:
    print(json.dumps({"level": "critical", "event": text}), file=sys.stderr, flush=True)  # noqa: T201


def main(given: list[str] | None = None) -> int:
    """Run until told to end; gives the exit code."""
    arguments = _arguments(given)
    logs.set_up()
    try:
        keep = Keep(arguments.data)
    except Damaged as err:
        _complain(str(err))
        return EXIT_DAMAGED
    except OSError:
        _complain("The folder given with --data cannot be used.")
        return EXIT_DAMAGED
    return asyncio.run(_run(arguments, keep))


if __name__ == "__main__":
    sys.exit(main())
