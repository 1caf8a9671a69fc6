"""The administrator's interface, used by the command `tillsyn-root`. The root key itself never comes here.

POST /api/admin/root {root, municipality} -> {root, kid}
POST /api/admin/pairing {rendezvous, label, replaces} -> {expires}
GET /api/admin/pairing/{rendezvous}?wait=0..25 -> {state: waiting | asked | certified, key, mac, expires}
POST /api/admin/pairing/{rendezvous}/refuse {}: the proof is wrong; .../end {}: the code is thrown away
POST /api/admin/hubcert {rendezvous, token} -> {hub}
GET /api/admin/hubs -> {hubs: [{hub, key, label, online, ready, paused, problem, plan, proposed, last_seen}]}
    proposed = {number, decision, rooms, contact, keep_days, move_minutes} or null: the newest plan
GET /api/admin/requests?wait=0..25 -> {requests: [{login, name, roles, units, key, passkey, kid, asked}]}:
    browsers and passkeys; a passkey's credential goes to POST /api/people/credential
POST /api/admin/credential {token} -> {login}; POST /api/admin/plan {token} -> {hub, number}; where a field of the plan
    is not one that may be agreed on, status 422 and {error: bad_message, field, may_be}
"""

from aiohttp import web

from tillsyn.chain import signer
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import PublicKey, parse
from tillsyn.wire import HASH, NAME, Credential

from . import plan_fields
from .desk import read_plan
from .login import Viewer
from .pairing_api import HUB_OR_NONE, awaited
from .problems import Failed, Problem, status_of
from .requests import MAX_WAIT, PLAN_TOKEN, RENDEZVOUS, body, number, query, service, viewer
from .rows import Entry, Hub, Municipality, PlanRow
from .service import Service
from .sockets import rung
from .will import as_before


def routes() -> list[web.RouteDef]:
    """Every path of the administrator."""
    return [
        web.post("/api/admin/root", publish),
        web.post("/api/admin/pairing", start_pairing),
        web.get(f"/api/admin/pairing/{RENDEZVOUS}", get_pairing),
        web.post(f"/api/admin/pairing/{RENDEZVOUS}/refuse", refuse_pairing),
        web.post(f"/api/admin/pairing/{RENDEZVOUS}/end", end_pairing),
        web.post("/api/admin/hubcert", certify_hub),
        web.get("/api/admin/hubs", get_hubs),
        web.get("/api/admin/requests", get_requests),
        web.post("/api/admin/credential", certify_browser),
        web.post("/api/admin/plan", propose_plan),
    ]


async def _admin(request: web.Request) -> Viewer:
    return await viewer(request, "admin")


async def publish(request: web.Request) -> web.Response:
    """POST /api/admin/root: pin the root of a fresh service; another one is never taken."""
    told = await body(request, root=HASH, municipality=NAME)
    who, parts = await _admin(request), service(request)
    root, now = PublicKey(str(told["root"])), parts.clock.now()
    fresh = await parts.store.municipality() is None
    if not await parts.store.pin(Municipality(root.x, str(told["municipality"]), now)):
        raise Failed(Problem.ALREADY_SET)
    if fresh:
        await parts.store.log(Entry(now, "root", who.user.login))
    return web.json_response({"root": root.x, "kid": root.kid})


async def start_pairing(request: web.Request) -> web.Response:
    """POST /api/admin/pairing."""
    told = await body(request, rendezvous=HASH, label=NAME, replaces=HUB_OR_NONE)
    who = await _admin(request)
    rendezvous, label, replaces = (str(told[name]) for name in ("rendezvous", "label", "replaces"))
    started = await service(request).meetings.start(rendezvous, label, who.user.login, replaces)
    return web.json_response({"expires": started.expires})


async def get_pairing(request: web.Request) -> web.Response:
    """GET /api/admin/pairing/{rendezvous}: what the hub sent; waits for it up to ``wait`` seconds."""
    await _admin(request)
    return await awaited(request, await service(request).meetings.get(request.match_info["rendezvous"]))


async def refuse_pairing(request: web.Request) -> web.Response:
    """POST /api/admin/pairing/{rendezvous}/refuse."""
    await body(request)
    await _admin(request)
    await service(request).meetings.refuse(request.match_info["rendezvous"])
    return web.json_response({})


async def end_pairing(request: web.Request) -> web.Response:
    """POST /api/admin/pairing/{rendezvous}/end."""
    await body(request)
    await _admin(request)
    await service(request).meetings.end(request.match_info["rendezvous"])
    return web.json_response({})


async def certify_hub(request: web.Request) -> web.Response:
    """POST /api/admin/hubcert."""
    told = await body(request, rendezvous=HASH, token=PLAN_TOKEN)
    who = await _admin(request)
    hub = await service(request).meetings.certify(str(told["rendezvous"]), str(told["token"]), (), who.user.login)
    return web.json_response({"hub": hub})


async def get_hubs(request: web.Request) -> web.Response:
    """GET /api/admin/hubs."""
    await _admin(request)
    return web.json_response({"hubs": [await _hub(request, one) for one in await service(request).store.hubs()]})


async def _hub(request: web.Request, hub: Hub) -> dict[str, object]:
    parts = service(request)
    home, plan = parts.homes.get(hub.hub), await parts.store.newest_plan(hub.hub)
    return {
        "hub": hub.hub,
        "key": hub.key,
        "label": hub.label,
        "online": home.online,
        "ready": home.ready,
        "paused": home.is_paused(parts.clock.now()),
        "problem": home.problem,
        "plan": home.plan or 0,
        "proposed": _proposed(plan) if plan else None,
        "last_seen": parts.clock.now() if home.online else hub.seen or None,
    }


def _proposed(row: PlanRow) -> dict[str, object]:
    """The newest plan, and what the home has answered."""
    plan = read_plan(row.token)
    return {
        "number": row.number,
        "decision": row.decision,
        "rooms": [room.value for room in plan.rooms],
        "contact": plan.contact,
        "keep_days": plan.keep_days,
        "move_minutes": plan.move_minutes,
    }


async def get_requests(request: web.Request) -> web.Response:
    """GET /api/admin/requests: browsers that wait for a credential; waits for one up to ``wait`` seconds."""
    await _admin(request)
    parts = service(request)
    wait = query(request, wait=number(0, MAX_WAIT)).get("wait", 0)
    news = parts.asked.listen()
    found = await _requests(request)
    if not found and isinstance(wait, int):
        await rung(news, wait)
        found = await _requests(request)
    return web.json_response({"requests": found})


async def _requests(request: web.Request) -> list[dict[str, object]]:
    parts = service(request)
    found: list[dict[str, object]] = []
    for one in await parts.store.waiting_browsers(parts.clock.now()):
        user = await parts.store.user(one.login)
        if user is not None:
            who = {"login": user.login, "name": user.name, "roles": list(user.roles), "units": list(user.units)}
            found.append({**who, "key": one.key, "passkey": None, "kid": one.kid, "asked": one.asked})
    return [*found, *await _passkeys(parts)]


async def _passkeys(parts: Service) -> list[dict[str, object]]:
    """Those that nobody has certified yet. Once they were, renewing is for the administrators' page."""
    revoked = parts.will.known().revoked
    found: list[dict[str, object]] = []
    for one in await parts.store.passkeys():
        user = await parts.store.user(one.login)
        if user is not None and not one.chain and one.kid not in revoked:
            who = {"login": user.login, "name": user.name, "roles": list(user.roles), "units": list(user.units)}
            passkey = {name: getattr(one, name) for name in ("id", "x", "y", "rp", "origin")}
            found.append({**who, "key": "", "passkey": passkey, "kid": one.kid, "asked": one.asked})
    return found


async def certify_browser(request: web.Request) -> web.Response:
    """POST /api/admin/credential: the root's answer to a browser, signed by the pinned root and valid now."""
    told = await body(request, token=PLAN_TOKEN)
    who, parts = await _admin(request), service(request)
    token, now = str(told["token"]), parts.clock.now()
    root = await parts.meetings.root()
    who_signs = signer(root, as_before(now), (token,), now)
    credential = parse(Credential, token).statement
    browser = await parts.store.browser(who_signs.key.x)
    if browser is None:
        raise Failed(Problem.NOT_FOUND)
    user = await parts.store.user(browser.login)
    if user is None or set(credential.roles) - set(user.roles) or set(credential.units) - set(user.units):
        raise Refused(Refusal.ROLE_NOT_ALLOWED)
    await parts.store.certify_browser(browser.key, token, credential.exp)
    await parts.store.log(Entry(now, "credential", who.user.login, code=browser.login))
    parts.screens.show_credential(browser.login, browser.kid, (token,))
    return web.json_response({"login": browser.login})


async def propose_plan(request: web.Request) -> web.Response:
    """POST /api/admin/plan: sent to the home now, or when it connects."""
    told = await body(request, token=PLAN_TOKEN)
    who, parts = await _admin(request), service(request)
    root = await parts.meetings.root()
    token = str(told["token"])
    try:
        plan = await parts.plans.propose(root, token, who.user.login)
    except Refused as err:
        if err.code is not Refusal.BAD_MESSAGE or not (field := plan_fields.wrong_in(token)):
            raise
        said = {"error": err.code.value, "field": field, "may_be": plan_fields.MAY_BE.get(field, "")}
        return web.json_response(said, status=status_of(err))
    if (link := parts.links.get(plan.hub)) is not None:
        await parts.plans.offer(link, parts.homes.get(plan.hub).plan)
    return web.json_response({"hub": plan.hub, "number": plan.number})
