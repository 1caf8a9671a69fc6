"""The homes that are paired, for those who pair and plan them, and for administrators.

GET /api/homes -> {now, homes: [HOME]}: those of the person's units; all, for an administrator
    HOME = {hub, key, label, unit, paired, paired_by, certificate, chain, online, seen, plan, replaces, left}; unit: of
    the newest plan that was not declined, or ''; plan: number of the one that is accepted, or 0; replaces: the hub
    that was there before, or ''. The console judges certificate and chain itself.
POST /api/homes/certify {token, chain} -> {hub}: a newer certificate for a hub that is known, by another shift
POST /api/homes/left {hub} -> {}: the home has left; for administrators, once its key is in the list of revoked keys
"""

from dataclasses import replace

from aiohttp import web

from tillsyn.errors import Refusal, Refused
from tillsyn.identity import PublicKey, parse
from tillsyn.wire import HASH, HubCertificate

from .certified import check_hub_certificate
from .pairing_api import ROLES, require_signer
from .planner import has_left
from .problems import Failed, Problem
from .requests import TOKEN, body, service, signed_in, viewer
from .rows import Entry, Hub, Search
from .service import Service
from .views import Json
from .whose import concerns, deciding


def routes() -> list[web.RouteDef]:
    """Every path about the homes."""
    return [
        web.get("/api/homes", get_homes),
        web.post("/api/homes/certify", certify),
        web.post("/api/homes/left", leave),
    ]


async def get_homes(request: web.Request) -> web.Response:
    """GET /api/homes."""
    who, parts = await viewer(request, *ROLES, "admin"), service(request)
    all_of_them = "admin" in who.user.roles
    hubs = [one for one in await parts.store.hubs() if all_of_them or await concerns(parts, one, who.user.units)]
    return web.json_response({"now": parts.clock.now(), "homes": [await _home(parts, one) for one in hubs]})


async def _home(parts: Service, hub: Hub) -> Json:
    deciding_plan = await deciding(parts.store, hub.hub)
    accepted = await parts.store.newest_plan(hub.hub, "accepted")
    paired = await parts.store.entries(Search(limit=1, event="paired", hub=hub.hub))
    by = paired[0].login if paired else ""
    online = parts.homes.get(hub.hub).online
    return {
        "hub": hub.hub,
        "key": hub.key,
        "label": hub.label,
        "unit": deciding_plan.unit if deciding_plan else "",
        "paired": hub.paired,
        "paired_by": parts.screens.names.get(by, by),
        "certificate": hub.certificate,
        "chain": list(hub.chain),
        "online": online,
        "seen": parts.clock.now() if online else hub.seen or None,
        "plan": accepted.number if accepted else 0,
        "left": await has_left(parts.store, hub.hub),
        "replaces": hub.replaces,
    }


async def certify(request: web.Request) -> web.Response:
    """POST /api/homes/certify."""
    token, chain = await signed_in(request, TOKEN)
    who, parts = await viewer(request, *ROLES), service(request)
    key, now = PublicKey(parse(HubCertificate, token).statement.key), parts.clock.now()
    hub = await parts.store.hub(key.kid)
    person = await require_signer(request, who, chain)
    if hub is None or not await concerns(parts, hub, who.user.units) or not await concerns(parts, hub, person.units):
        raise Failed(Problem.NOT_FOUND)
    made = check_hub_certificate(await parts.meetings.root(), parts.will.trust(), token, chain, key, now)
    if made.label != hub.label:
        raise Refused(Refusal.WRONG_HUB, "another label")
    if made.iat <= parse(HubCertificate, hub.certificate).statement.iat:
        raise Refused(Refusal.REPLAYED)
    await parts.store.save_hub(replace(hub, certificate=token, chain=chain))
    await parts.store.log(Entry(now, "renewed", who.user.login, hub.hub))
    await parts.desk.show_home(hub.hub)
    return web.json_response({"hub": hub.hub})


async def leave(request: web.Request) -> web.Response:
    """POST /api/homes/left."""
    name = str((await body(request, hub=HASH))["hub"])
    who, parts = await viewer(request, "admin"), service(request)
    hub = await parts.store.hub(name)
    if hub is None:
        raise Failed(Problem.NOT_FOUND)
    await parts.plans.end(hub, who.user.login)
    return web.json_response({})
