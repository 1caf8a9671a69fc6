"""Where a request comes from: the address, for patience with guessers; the origin, against other sites."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from .problems import Failed, Problem

_SAFE: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Front:
    """``public_url``: the address people use, '' to go by the Host header. ``proxies``: whose word we take.
    ``console_origin``: where the console comes from, '' where we serve it ourselves. ``hub_url``: where homes find us,
    '' for /hub at our own origin.
    """

    public_url: str = ""
    proxies: frozenset[str] = frozenset()
    console_origin: str = ""
    hub_url: str = ""


FRONT: web.AppKey[Front] = web.AppKey("front", Front)


def address(request: web.Request) -> str:
    """The peer's address, as told by a proxy that we trust."""
    remote = request.remote or ""
    told = request.headers.get("X-Forwarded-For", "")
    return told.rpartition(",")[2].strip() if told and remote in request.app[FRONT].proxies else remote


def origin(request: web.Request) -> str:
    """Our own origin as this browser knows it."""
    public = request.app[FRONT].public_url
    return public or f"{request.scheme}://{request.host}"


def hub_url(request: web.Request) -> str:
    """Where homes find us: what a pairing code names."""
    return request.app[FRONT].hub_url or f"ws{origin(request).removeprefix('http')}/hub"


def console_origin(request: web.Request) -> str:
    """Where the console's page comes from."""
    return request.app[FRONT].console_origin or origin(request)


def secure(request: web.Request) -> bool:
    """Whether browsers reach us by https."""
    return origin(request).startswith("https://")


def require_own_origin(request: web.Request) -> None:
    """Raises Failed(BAD_ORIGIN) for anything that could do or read more than a plain GET, from another site."""
    if request.path == "/hub" and "Origin" not in request.headers:
        return  # homes are not browsers; they prove a key
    if request.method in _SAFE and request.path not in ("/api/live", "/hub"):
        return
    if request.headers.get("Origin") != console_origin(request):
        raise Failed(Problem.BAD_ORIGIN)


def cross_origin(request: web.Request) -> dict[str, str]:
    """The headers by which a browser lets the console's own origin, and no other, read our answers."""
    console = request.app[FRONT].console_origin
    if not console:
        return {}
    allowed = {"Vary": "Origin"}
    if request.headers.get("Origin") == console:
        allowed["Access-Control-Allow-Origin"] = console
        allowed["Access-Control-Allow-Credentials"] = "true"
    if request.method == "OPTIONS":
        allowed |= {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Content-Type"}
    return allowed
