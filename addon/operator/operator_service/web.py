"""The web application: routes, static files, the headers that every answer carries, and errors as codes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from tillsyn.errors import Refused

from . import admin, api, planner
from .origin import FRONT, Front, require_own_origin, secure
from .problems import Failed, Problem, StoreFailed, code_of, status_of
from .requests import BODY_LIMIT
from .service import SERVICE, Service

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOG = logging.getLogger(__name__)
_TYPES: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".json": "application/json",
}
"""What is served at all; everything else in the folder is not."""
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "media-src 'self' blob: mediastream:; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html"
)
HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), usb=()",
}
_FOLDER: web.AppKey[Path] = web.AppKey("folder", Path)


def application(service: Service, front: Front, folder: Path) -> web.Application:
    """The service behind HTTP; ``folder`` holds the console's files."""
    app = web.Application(middlewares=[_answers], client_max_size=BODY_LIMIT)
    app[SERVICE], app[FRONT], app[_FOLDER] = service, front, folder.resolve()
    app.add_routes(api.routes())
    app.add_routes(admin.routes())
    app.add_routes([web.get("/", _index), web.get("/static/{path:.+}", _file), web.get("/{path:.+}", _file)])
    app.cleanup_ctx.append(_running)
    app.on_shutdown.append(_goodbye)
    app.on_response_prepare.append(_headers)
    return app


async def _running(app: web.Application) -> AsyncIterator[None]:
    service = app[SERVICE]
    service.homes.load(await service.store.hubs(), service.clock.now())
    service.screens.know(await service.store.users())
    task = asyncio.create_task(service.planner.run())
    yield
    await service.hub_door.stop()
    await planner.stop(task)


async def _goodbye(app: web.Application) -> None:
    """Close all sockets, so that nobody waits for a time-out."""
    app[SERVICE].screens.close()
    for link in app[SERVICE].links.all():
        link.outbox.close(1001)


async def _headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.pop("Server", None)
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


async def _index(request: web.Request) -> web.StreamResponse:
    return _send(request.app[_FOLDER], "index.html")


async def _file(request: web.Request) -> web.StreamResponse:
    if request.path.startswith("/api/"):
        raise Failed(Problem.NOT_FOUND)
    return _send(request.app[_FOLDER], request.match_info["path"])


def _send(folder: Path, name: str) -> web.FileResponse:
    """A file of the console; nothing hidden, nothing outside the folder, no other kind of file."""
    parts = name.split("/")
    if any(part in ("", "..") or part.startswith(".") or part == "node_modules" for part in parts):
        raise Failed(Problem.NOT_FOUND)
    path = folder.joinpath(*parts)
    if name.endswith((".test.js", ".d.ts", "package.json", "package-lock.json", "tsconfig.json")):
        raise Failed(Problem.NOT_FOUND)
    kind = _TYPES.get(path.suffix)
    if kind is None or not path.is_file() or folder not in path.resolve().parents:
        raise Failed(Problem.NOT_FOUND)
    return web.FileResponse(path, headers={"Content-Type": f"{kind}; charset=utf-8", "Cache-Control": "no-cache"})
