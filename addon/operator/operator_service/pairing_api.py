"""Pairing a home, for installers and planners in their shift. The pairing code's secret never comes here.

GET /api/pairing -> {hub_url}: the address by which homes find the service, which the code names
POST /api/pairing {rendezvous, label, replaces} -> {now, expires}: a code has been made in the browser; replaces: the
    hub of that label whose place the new one takes, or ''. Without it label_in_use, where a home has that label
GET /api/pairing/{rendezvous}?wait=0..25 -> {state: waiting | asked | certified, key, mac, expires}: what the hub sent
POST /api/pairing/{rendezvous}/refuse {} -> {}: its proof is wrong; wait on for the right hub
POST /api/pairing/{rendezvous}/end {} -> {}: the code is thrown away
POST /api/pairing/{rendezvous}/certify {token, chain} -> {hub}: the hub's certificate, by the session key of who made
    the code
Somebody else's pairing does not exist.
"""

from typing import Final

from aiohttp import web

from tillsyn.chain import Signer, signer
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import parse
from tillsyn.strict import matching
from tillsyn.wire import HASH, NAME, HubCertificate

from .login import Viewer
from .origin import hub_url
from .problems import Failed, Problem
from .requests import MAX_WAIT, RENDEZVOUS, TOKEN, body, number, query, service, signed_in, viewer
from .rows import Pairing
from .sockets import rung
from .whose import concerns

ROLES: Final = ("installer", "planner")
HUB_OR_NONE: Final = matching(r"([A-Za-z0-9_-]{43})?")


def routes() -> list[web.RouteDef]:
    """Every path about pairing."""
    return [
        web.get("/api/pairing", get_address),
        web.post("/api/pairing", start),
        web.get(f"/api/pairing/{RENDEZVOUS}", get_pairing),
        web.post(f"/api/pairing/{RENDEZVOUS}/refuse", refuse),
        web.post(f"/api/pairing/{RENDEZVOUS}/end", end),
        web.post(f"/api/pairing/{RENDEZVOUS}/certify", certify),
    ]


async def get_address(request: web.Request) -> web.Response:
    """GET /api/pairing."""
    await viewer(request, *ROLES)
    return web.json_response({"hub_url": hub_url(request)})


async def start(request: web.Request) -> web.Response:
    """POST /api/pairing."""
    told = await body(request, rendezvous=HASH, label=NAME, replaces=HUB_OR_NONE)
    who, parts, replaces = await viewer(request, *ROLES), service(request), str(told["replaces"])
    old = await parts.store.hub(replaces)
    if replaces and (old is None or not await concerns(parts, old, who.user.units)):
        raise Failed(Problem.NOT_FOUND)
    started = await parts.meetings.start(str(told["rendezvous"]), str(told["label"]), who.user.login, replaces)
    return web.json_response({"now": parts.clock.now(), "expires": started.expires})


def stage(pairing: Pairing) -> str:
    """How far a pairing has come."""
    return "certified" if pairing.certificate else "asked" if pairing.key else "waiting"


async def awaited(request: web.Request, pairing: Pairing) -> web.Response:
    """What the hub sent, once it has, or after as long as the request wants to wait."""
    wait = query(request, wait=number(0, MAX_WAIT)).get("wait", 0)
    meetings = service(request).meetings
    news, found = meetings.bell.listen(), await meetings.get(pairing.rendezvous)
    if stage(found) == "waiting" and isinstance(wait, int):
        await rung(news, wait)
        found = await meetings.get(pairing.rendezvous)
    return web.json_response({"state": stage(found), "key": found.key, "mac": found.mac, "expires": found.expires})


async def _mine(request: web.Request) -> tuple[Viewer, Pairing]:
    who = await viewer(request, *ROLES)
    found = await service(request).meetings.get(request.match_info["rendezvous"])
    if found.login != who.user.login:
        raise Failed(Problem.NOT_FOUND)
    return who, found


async def get_pairing(request: web.Request) -> web.Response:
    """GET /api/pairing/{rendezvous}."""
    return await awaited(request, (await _mine(request))[1])


async def refuse(request: web.Request) -> web.Response:
    """POST /api/pairing/{rendezvous}/refuse."""
    await body(request)
    _, pairing = await _mine(request)
    await service(request).meetings.refuse(pairing.rendezvous)
    return web.json_response({})


async def end(request: web.Request) -> web.Response:
    """POST /api/pairing/{rendezvous}/end."""
    await body(request)
    _, pairing = await _mine(request)
    await service(request).meetings.end(pairing.rendezvous)
    return web.json_response({})


async def certify(request: web.Request) -> web.Response:
    """POST /api/pairing/{rendezvous}/certify."""
    token, chain = await signed_in(request, TOKEN)
    who, pairing = await _mine(request)
    await require_signer(request, who, chain)
    if parse(HubCertificate, token).statement.label != pairing.label:
        raise Refused(Refusal.WRONG_HUB, "another label")
    hub = await service(request).meetings.certify(pairing.rendezvous, token, chain, who.user.login)
    return web.json_response({"hub": hub})


async def require_signer(request: web.Request, who: Viewer, chain: tuple[str, ...]) -> Signer:
    """The person at the end of the chain, in their shift now, who must be the one who is logged in. Raises Refused.

    The key of a shift that is over could else make a certificate for the time when it was not.
    """
    parts = service(request)
    found = signer(await parts.meetings.root(), parts.will.trust(), chain, parts.clock.now())
    known = await parts.store.passkey(found.operator.kid) or await parts.store.browser(found.key.x)
    if known is None or known.login != who.user.login:
        raise Refused(Refusal.UNKNOWN_SIGNER)
    return found
