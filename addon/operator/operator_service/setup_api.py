"""The first-run wizard's interface. It asks for no login: there may be nobody yet. It asks for the set-up code.

GET /api/setup -> {open, people}: whether no root is pinned yet, and whether the roster has anybody
POST /api/setup/code {code} -> {units}: is this the code; the units that are known
POST /api/setup {code, login, name, password, language, municipality, root, policy, revocations, key, credential} -> {}
"""

from aiohttp import web

from tillsyn.strict import matching, text
from tillsyn.wire import HASH, NAME

from .api import LOGIN
from .login import MAX_PASSWORD, MIN_PASSWORD
from .origin import address
from .requests import TOKEN, body, service
from .setup import Wish

_CODE = text(1, 40)


def routes() -> list[web.RouteDef]:
    """Every path of the wizard."""
    return [
        web.get("/api/setup", get_setup),
        web.post("/api/setup/code", check_code),
        web.post("/api/setup", finish),
    ]


async def get_setup(request: web.Request) -> web.Response:
    """GET /api/setup."""
    parts = service(request)
    return web.json_response({"open": await parts.setup.is_open(), "people": bool(await parts.store.users())})


async def check_code(request: web.Request) -> web.Response:
    """POST /api/setup/code."""
    told = await body(request, code=_CODE)
    parts = service(request)
    await parts.setup.check(str(told["code"]), address(request))
    units = sorted({unit for one in await parts.store.users() for unit in one.units})
    return web.json_response({"units": units})


async def finish(request: web.Request) -> web.Response:
    """POST /api/setup."""
    told = await body(
        request, code=_CODE, login=LOGIN, name=NAME, password=text(MIN_PASSWORD, MAX_PASSWORD),
        language=matching("sv|en"), municipality=NAME, root=HASH, policy=TOKEN, revocations=TOKEN, key=HASH,
        credential=TOKEN,
    )  # fmt: skip
    parts = service(request)
    await parts.setup.check(str(told.pop("code")), address(request))
    user = await parts.setup.finish(Wish(**{name: str(value) for name, value in told.items()}))
    parts.screens.know([user])
    return web.json_response({})
