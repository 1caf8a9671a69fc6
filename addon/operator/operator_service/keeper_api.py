"""The administrator's API for the key of checkpoints. JSON in and out; errors are ``{"error": CODE}``.

GET /api/admin/service-key -> {state: '' | none | asked | over | revoked, kid, expires}
POST /api/admin/service-key {} -> {key}: the public key for the root to certify; a new one where the present is revoked
POST /api/admin/service-key/certificate {token} -> {expires}: the root's tk-service-key
"""

from dataclasses import asdict

from aiohttp import web

from .requests import TOKEN, body, service, viewer


def routes() -> list[web.RouteDef]:
    """Every path."""
    return [
        web.get("/api/admin/service-key", state),
        web.post("/api/admin/service-key", ask),
        web.post("/api/admin/service-key/certificate", certify),
    ]


async def state(request: web.Request) -> web.Response:
    """GET /api/admin/service-key."""
    await viewer(request, "admin")
    return web.json_response(asdict(await service(request).keeper.state()))


async def ask(request: web.Request) -> web.Response:
    """POST /api/admin/service-key."""
    await body(request)
    await viewer(request, "admin")
    return web.json_response({"key": (await service(request).keeper.key()).x})


async def certify(request: web.Request) -> web.Response:
    """POST /api/admin/service-key/certificate."""
    told = await body(request, token=TOKEN)
    who, parts = await viewer(request, "admin"), service(request)
    said = await parts.keeper.certify(await parts.meetings.root(), str(told["token"]), who.user.login)
    return web.json_response({"expires": said.exp})
