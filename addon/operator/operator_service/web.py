"""The web application: routes, static files, the headers that every answer carries, and errors as codes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from tillsyn.errors import Refused

from . import admin, api, homes_api, keeper_api, pairing_api, people_api, planner, plans_api, setup_api
from .console import Console, console_routes
from .desk import read_wishes
from .origin import FRONT, Front, cross_origin, require_own_origin, secure
from .problems import Failed, Problem, StoreFailed, code_of, status_of
from .requests import LONGEST_BODY
from .service import SERVICE, Service

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOG = logging.getLogger(__name__)
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every answer carries that is not a file of the console."""


def application(service: Service, front: Front, folder: Path) -> web.Application:
    """The service behind HTTP; ``folder`` holds the console's files, which it shows where nobody else does."""
    app = web.Application(middlewares=[_answers], client_max_size=LONGEST_BODY)
    app[SERVICE], app[FRONT] = service, front
    app.add_routes(api.routes())
    app.add_routes(admin.routes())
    app.add_routes(people_api.routes())
    app.add_routes(plans_api.routes())
    app.add_routes(pairing_api.routes())
    app.add_routes(homes_api.routes())
    app.add_routes(setup_api.routes())
    app.add_routes(keeper_api.routes())
    if front.console_origin:
        app.add_routes([web.options("/api/{path:.+}", _may_ask)])
    else:
        app.add_routes(console_routes(Console(folder)))
    app.cleanup_ctx.append(_running)
    app.on_shutdown.append(_goodbye)
    app.on_response_prepare.append(_headers)
    return app


async def _running(app: web.Application) -> AsyncIterator[None]:
    service = app[SERVICE]
    service.homes.load(await service.store.hubs(), service.clock.now())
    for wishes in await service.store.all_wishes():
        service.homes.wished(wishes.hub, read_wishes(wishes.token).away)
    service.screens.know(await service.store.users())
    await service.will.load()
    tasks = [asyncio.create_task(service.planner.run()), asyncio.create_task(service.keeper.run())]
    yield
    await service.hub_door.stop()
    for task in tasks:
        await planner.stop(task)


async def _goodbye(app: web.Application) -> None:
    """Close all sockets, so that nobody waits for a time-out."""
    app[SERVICE].screens.close()
    for link in app[SERVICE].links.all():
        link.outbox.close(1001)


async def _headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.pop("Server", None)
    for name, value in cross_origin(request).items():
        response.headers[name] = value
    if secure(request):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


@web.middleware
async def _answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every fault becomes a code from problems.py; nobody outside sees anything else."""
    try:
        require_own_origin(request)
        return await handler(request)
    except (Failed, StoreFailed, Refused) as err:
        if isinstance(err, StoreFailed):
            _LOG.error("store_failed on %s %s", request.method, request.path)
        response = _error(code_of(err), status_of(err))
        if isinstance(err, Failed) and err.retry_after:
            response.headers["Retry-After"] = str(err.retry_after)
        return response
    except web.HTTPException as err:
        return _error(_code_of_status(err.status), err.status)
    except Exception:  # noqa: BLE001 # the last net: the peer gets a code, we get the trace
        _LOG.exception("internal_error on %s %s", request.method, request.path)
        return _error(Problem.INTERNAL_ERROR.value, 500)


def _error(code: str, status: int) -> web.Response:
    return web.json_response({"error": code}, status=status)


def _code_of_status(status: int) -> str:
    by_status = {404: Problem.NOT_FOUND, 413: Problem.TOO_LARGE, 503: Problem.STORE_FAILED}
    return by_status.get(status, Problem.BAD_REQUEST).value


async def _may_ask(_request: web.Request) -> web.Response:
    """A browser asks before it sends JSON from the console's own origin (Fetch Standard, CORS preflight)."""
    return web.Response(status=204)
