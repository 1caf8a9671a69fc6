"""A host for the console alone: the same files from another machine than the operator service's, without data or key.

An operator service that turns dishonest can then no longer change the page that operators trust. Run: ``python -m
operator_service.host --service https://tillsyn.example.org``; an https proxy goes in front of it.
"""

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from .console import Console, console_routes
from .problems import Failed, status_of
from .settings import CONSOLE, ORIGIN

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(folder: Path, service: str) -> web.Application:
    """The console's files, for the service with this origin."""
    app = web.Application(middlewares=[_answers])
    app.add_routes(console_routes(Console(folder, service)))
    return app


@web.middleware
async def _answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Failed as err:
        return web.Response(status=status_of(err))


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m operator_service.host", description=__doc__)
    parser.add_argument("--service", required=True, help="origin of the operator service")
    parser.add_argument("--console", type=Path, default=CONSOLE, help="folder with the console's files")
    parser.add_argument("--listen", default="127.0.0.1:8481", help="HOST:PORT")
    found = parser.parse_args(arguments)
    host, _, port = found.listen.rpartition(":")
    if not ORIGIN.fullmatch(found.service):
        parser.error("--service needs http(s)://HOST[:PORT] without a path")
    if not host or not port.isdecimal() or int(port) > 65_535:
        parser.error("--listen needs HOST:PORT")
    web.run_app(application(found.console, found.service), host=host.strip("[]"), port=int(port))


if __name__ == "__main__":
    main()
