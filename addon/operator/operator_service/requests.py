"""Reading a request strictly, and knowing whose it is."""

from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web

from tillsyn.errors import Refused
from tillsyn.frames import CHAIN
from tillsyn.strict import Check, Shape, bad, load, matching

from .login import COOKIE, MAX_PASSWORD, Viewer
from .problems import Failed, Problem
from .service import SERVICE, Service

BODY_LIMIT: Final = 16 * 1024
LONGEST_BODY: Final = 48 * 1024
"""A list of revoked keys with the chain of its signer."""
TOKEN: Final = matching(r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,4000}\.[A-Za-z0-9_-]{86}")
"""A signed statement (identity.py); a longer one has its own."""
PLAN_TOKEN: Final = matching(r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,12000}\.[A-Za-z0-9_-]{86}")
RENDEZVOUS: Final = "{rendezvous:[A-Za-z0-9_-]{43}}"
"""Of a pairing, in a path."""
MAX_WAIT: Final = 25
"""How long a request may wait for news, s."""


def service(request: web.Request) -> Service:
    """The service behind this request."""
    return request.app[SERVICE]


async def viewer(request: web.Request, *roles: str) -> Viewer:
    """Who asks, with one of ``roles`` (any, if none named). Raises Failed(LOGIN_REQUIRED or FORBIDDEN)."""
    cookie = request.cookies.get(COOKIE, "")
    if not cookie or len(cookie) > 100:
        raise Failed(Problem.LOGIN_REQUIRED)
    who = await service(request).door.viewer(cookie)
    if roles:
        who.require(*roles)
    return who


async def body(request: web.Request, limit: int = BODY_LIMIT, /, **fields: Check[object]) -> dict[str, object]:
    """The JSON body with exactly these fields. Raises Failed(BAD_REQUEST or TOO_LARGE)."""
    if request.content_type != "application/json":
        raise Failed(Problem.BAD_REQUEST)
    if (request.content_length or 0) > limit:
        raise Failed(Problem.TOO_LARGE)
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as err:
        raise Failed(Problem.TOO_LARGE) from err
    if len(raw) > limit:
        raise Failed(Problem.TOO_LARGE)
    try:
        return Shape(fields).read(load(raw, limit))
    except Refused as err:
        raise Failed(Problem.BAD_REQUEST) from err


async def signed_in(request: web.Request, token: Check[object], limit: int = BODY_LIMIT) -> tuple[str, tuple[str, ...]]:
    """A statement and its signer's chain, as the whole body. Raises Failed(BAD_REQUEST or TOO_LARGE)."""
    told = await body(request, limit, token=token, chain=CHAIN)
    chain = told["chain"]
    return str(told["token"]), tuple(map(str, chain)) if isinstance(chain, tuple) else ()


def query(request: web.Request, **fields: Callable[[str], object]) -> Mapping[str, object]:
    """The query's fields that are there, read by ``fields``; no other is allowed. Raises Failed(BAD_REQUEST)."""
    found: dict[str, object] = {}
    for name, value in request.query.items():
        if name not in fields or name in found:
            raise Failed(Problem.BAD_REQUEST)
        try:
            found[name] = fields[name](value)
        except (Refused, ValueError) as err:
            raise Failed(Problem.BAD_REQUEST) from err
    return found


def number(least: int, most: int) -> Callable[[str], int]:
    """A whole number in a query."""

    def check(text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > 16 or not least <= int(text) <= most:
            raise bad("number")
        return int(text)

    return check


def password(value: object) -> str:
    """Any text that may be a password; how good it is was judged when it was set."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_PASSWORD:
        raise bad("password")
    return value
