"""Plans, for planners in their shift. A plan counts when it has been accepted at home; here it is kept and carried.

GET /api/plans -> {homes: [{hub, label, unit, online, number, state, fault}]}: homes whose plan is of the planner's
    units (the newest that was not declined), and those without one; of the newest plan, 0 and '' before the first
GET /api/plans/{hub}?after=STAMP&wait=0..25 -> {now, hub, key, label, certificate, chain, online, ready, seen,
    stamp, newest: PLAN | null, in_force: PLAN | null}: waits for something other than ``stamp``; in_force: the one that
    is accepted, also where it is lost. The console judges certificate and chain itself
    PLAN = {token, chain, number, proposed, sent, decided, state, fault}; times 0 where it has not happened
    state: waiting (for the home's link) | sent | accepted | lost (accepted, and the home tells of an older one or none)
    | declined | replaced
    fault: of one that is lost or not answered, the code of errors.Refusal with which the home would refuse it if it
    came now, or ''; what has been shown there before stays
POST /api/plans {token, chain} -> {number}: a new plan, by the session key of who asks
"""

from typing import Final

from aiohttp import web

from tillsyn.chain import MAX_SKEW
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import parse
from tillsyn.strict import matching
from tillsyn.wire import PlanStatement

from .login import Viewer
from .pairing_api import require_signer
from .problems import Failed, Problem
from .requests import MAX_WAIT, PLAN_TOKEN, number, query, service, signed_in, viewer
from .rows import Hub, PlanRow
from .service import Service
from .sockets import rung
from .views import Json
from .whose import deciding

_STAMP: Final = matching(r"[0-9a-z_.-]{1,100}")


def routes() -> list[web.RouteDef]:
    """Every path about plans."""
    return [
        web.get("/api/plans", get_homes),
        web.get("/api/plans/{hub:[A-Za-z0-9_-]{43}}", get_plan),
        web.post("/api/plans", propose),
    ]


async def get_homes(request: web.Request) -> web.Response:
    """GET /api/plans."""
    who, parts = await viewer(request, "planner"), service(request)
    found: list[Json] = []
    for hub in await parts.store.hubs():
        newest, decides = await parts.store.newest_plan(hub.hub), await deciding(parts.store, hub.hub)
        if not _concerns(decides, who):
            continue
        home = {"hub": hub.hub, "label": hub.label, "online": parts.homes.get(hub.hub).online}
        plan = {"unit": decides.unit if decides else "", "number": newest.number if newest else 0}
        found.append({**home, **plan, **await _stand(parts, hub, newest)})
    return web.json_response({"homes": found})


def _concerns(newest: PlanRow | None, who: Viewer) -> bool:
    """Whether a home is this planner's: by its newest plan, and before the first any planner's. None that has left."""
    return newest is None or (newest.unit in who.user.units and newest.decision != "ended")


async def _hub(parts: Service, name: str, who: Viewer) -> Hub:
    hub = await parts.store.hub(name)
    if hub is None or not _concerns(await deciding(parts.store, name), who):
        raise Failed(Problem.NOT_FOUND)
    return hub


async def get_plan(request: web.Request) -> web.Response:
    """GET /api/plans/{hub}."""
    who, parts = await viewer(request, "planner"), service(request)
    asked = query(request, after=_STAMP, wait=number(0, MAX_WAIT))
    hub = await _hub(parts, request.match_info["hub"], who)
    news = parts.plans.bell.listen()
    found, wait = await _shown(parts, hub), asked.get("wait", 0)
    if found["stamp"] == asked.get("after") and isinstance(wait, int):
        await rung(news, wait)
        hub = await _hub(parts, hub.hub, who)
        found = await _shown(parts, hub)
    return web.json_response(found)


async def _shown(parts: Service, hub: Hub) -> Json:
    newest, in_force = await parts.store.newest_plan(hub.hub), await parts.store.newest_plan(hub.hub, "accepted")
    home, now = parts.homes.get(hub.hub), parts.clock.now()
    shown = None if newest is None else await _plan(parts, hub, newest)
    named = "none" if shown is None else ".".join(str(shown[one]) for one in ("number", "state", "fault", "sent"))
    held = None if in_force is None else await _plan(parts, hub, in_force)
    agreed = "0" if held is None else f"{held['number']}.{held['state']}.{held['fault']}"
    return {
        "now": now,
        "hub": hub.hub,
        "key": hub.key,
        "label": hub.label,
        "certificate": hub.certificate,
        "chain": list(hub.chain),
        "online": home.online,
        "ready": home.ready,
        "seen": now if home.online else hub.seen or None,
        "stamp": f"{named}.{agreed}.{int(home.online)}{int(home.ready)}",
        "newest": shown,
        "in_force": held,
    }


async def _plan(parts: Service, hub: Hub, row: PlanRow) -> Json:
    times = {"proposed": row.proposed, "sent": row.sent, "decided": row.decided}
    stand = await _stand(parts, hub, row)
    return {"token": row.token, "chain": list(row.chain), "number": row.number, **times, **stand}


async def _stand(parts: Service, hub: Hub, row: PlanRow | None) -> dict[str, str]:
    if row is None:
        return {"state": "", "fault": ""}
    if parts.plans.is_lost(row):
        return {"state": "lost", "fault": await parts.plans.fault(hub, row)}
    if row.decision != "proposed":
        return {"state": row.decision, "fault": ""}
    return {"state": "sent" if row.sent else "waiting", "fault": await parts.plans.fault(hub, row)}


async def propose(request: web.Request) -> web.Response:
    """POST /api/plans: sent to the home now, or when it connects."""
    token, chain = await signed_in(request, PLAN_TOKEN)
    who, parts = await viewer(request, "planner"), service(request)
    made = parse(PlanStatement, token).statement
    await _hub(parts, made.hub, who)
    root, now = await parts.meetings.root(), parts.clock.now()
    # Homes take a plan that is days old, and so one that an old shift's key dates into it; here it is made now.
    if abs(made.iat - now) > MAX_SKEW:
        raise Refused(Refusal.CLOCK_SKEW if made.iat > now else Refusal.EXPIRED)
    await require_signer(request, who, chain)
    plan = await parts.plans.propose(root, token, who.user.login, chain)
    if (link := parts.links.get(plan.hub)) is not None:
        await parts.plans.offer(link, parts.homes.get(plan.hub).plan)
    return web.json_response({"number": plan.number})
