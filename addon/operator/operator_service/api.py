"""The console's HTTP interface; admin.py has the administrator's, live.py the WebSocket, hubs.py the homes' link.

JSON both ways; an unknown, missing or wrong field is refused (16 KiB at most). Times are whole seconds since 1970 UTC.
``hub`` is the thumbprint of a hub's key, ``hub_key`` the key. A POST needs our own Origin and Content-Type
application/json. Errors: ``{"error": code}`` with a code of problems.py, or status 422 and a code of errors.Refusal.

POST /api/login {login, password} -> ME and the session cookie; POST /api/logout {}; GET /api/me -> ME
    ME = {login, name, roles, units, language, municipality}
GET /api/root -> {root}; GET /api/ice -> {urls, username, credential}: fresh TURN credentials
POST /api/browser {key} -> {status: approved | waiting | no_root, chain, root}: certify this browser's key
GET /api/queue -> {now, rows: [ROW], visits: [VISIT]}: rows not ended, or ended within 12 h, of the person's units
    ROW = {hub, occurrence, label, unit, start, end, deadline, state, cause, plan, hub_key, hub_certificate,
    hub_chain, online, ready, paused, problem, claimed_by, mine, retry_at, looks, look, fallback, contact, wish, away,
    visit}; states and causes: queue.py; wish: skipped | moved | away or ''; away: until when the client is away or null
POST /api/queue/claim | release | visit {hub, occurrence} -> ROW: take it, give it back, send the patrol instead
GET /api/visits -> {visits: [VISIT]}; POST /api/visits/{id}/acknowledge | arrive {} -> VISIT
POST /api/visits/{id}/finish {result: visited | declined, how: a Fallback, note} -> VISIT
    VISIT = {id, hub, label, unit, occurrence, cause, fallback, contact, created, state: open | acknowledged | arrived |
    finished, by, acknowledged, arrived, finished, result, how, note}; occurrence '' where the client asked for it
GET /api/log?before=&limit=&hub=&occurrence=&look=&login=&event= -> {entries, more}: newest first; administrators and
    auditors see all, others their own lines
GET /api/night?date=YYYY-MM-DD -> {date, planned, seen, visited, paused, declined, open, missed, receipts_missing,
    chain_gaps, adds_up, red}: noon to noon, local time
GET /api/sleep?nights=1..90 -> {first, last, homes: [{label, nights: [{night, rating: 1-5, comment}]}]}: what clients of
    the person's units have told of their sleep, for those who follow up the care
GET /health -> {status: ok}, without login
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from aiohttp import web

from tillsyn.identity import PublicKey
from tillsyn.model import Fallback
from tillsyn.schedule import STOCKHOLM
from tillsyn.strict import day, matching, one_of, text
from tillsyn.wire import HASH, LOOK_ID, OCCURRENCE

from . import queue, views
from .login import COOKIE, SESSION_SECONDS, Viewer
from .origin import address, secure
from .problems import Failed, Problem
from .queue import Planned
from .requests import body, number, password, query, service, viewer
from .rows import Browser, Entry, Search, SleepRow, Visit

LOGIN: Final = matching(r"[a-z0-9][a-z0-9._-]{0,31}")
MAX_WAITING_KEYS: Final = 10
"""Browsers of one person that may wait for approval at once."""
READERS: Final = ("operator", "patrol", "admin")
_EVENT: Final = matching(r"[a-z_]{1,30}")
_NOON: Final = time(12)


def routes() -> list[web.RouteDef]:
    """Every path of the console."""
    return [
        web.post("/api/login", login),
        web.post("/api/logout", logout),
        web.get("/api/me", get_me),
        web.get("/api/root", get_root),
        web.get("/api/ice", get_ice),
        web.post("/api/browser", ask_credential),
        web.get("/api/queue", get_queue),
        web.post("/api/queue/claim", claim),
        web.post("/api/queue/release", release),
        web.post("/api/queue/visit", send_visit),
        web.get("/api/visits", get_visits),
        web.post("/api/visits/{id:[0-9a-f]{16}}/acknowledge", acknowledge),
        web.post("/api/visits/{id:[0-9a-f]{16}}/arrive", arrive),
        web.post("/api/visits/{id:[0-9a-f]{16}}/finish", finish),
        web.get("/api/log", get_log),
        web.get("/api/night", get_night),
        web.get("/api/sleep", get_sleep),
        web.get("/api/live", live),
        web.get("/hub", hub),
        web.get("/health", health),
    ]


# ---- session --------------------------------------------------------------------------------------------------------


async def _me(request: web.Request, who: Viewer) -> web.Response:
    found = await service(request).store.municipality()
    return web.json_response(views.me(who.user, found.name if found else ""))


async def login(request: web.Request) -> web.Response:
    """POST /api/login."""
    asked = await body(request, login=LOGIN, password=password)
    cookie, who = await service(request).door.login(str(asked["login"]), str(asked["password"]), address(request))
    service(request).screens.know([who.user])
    response = await _me(request, who)
    response.set_cookie(
        COOKIE, cookie, max_age=SESSION_SECONDS, httponly=True, samesite="Strict", secure=secure(request), path="/"
    )
    return response


async def logout(request: web.Request) -> web.Response:
    """POST /api/logout."""
    await body(request)
    who = await viewer(request)
    await service(request).door.logout(who)
    service(request).screens.end_session(who.session)
    response = web.json_response({})
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict", secure=secure(request))
    return response


async def get_me(request: web.Request) -> web.Response:
    """GET /api/me."""
    return await _me(request, await viewer(request))


async def get_root(request: web.Request) -> web.Response:
    """GET /api/root."""
    await viewer(request)
    found = await service(request).store.municipality()
    return web.json_response({"root": found.root if found else None})


async def get_ice(request: web.Request) -> web.Response:
    """GET /api/ice."""
    who, parts = await viewer(request, "operator"), service(request)
    return web.json_response(views.ice(parts.turn.ice(who.session, parts.clock.now())))


async def ask_credential(request: web.Request) -> web.Response:
    """POST /api/browser."""
    key = str((await body(request, key=HASH))["key"])
    who, parts = await viewer(request), service(request)
    pinned = await parts.store.municipality()
    now = parts.clock.now()
    known = await parts.store.browser(key)
    if known is None or now >= known.expires:
        mine = [one for one in await parts.store.waiting_browsers(now) if one.login == who.user.login]
        if len(mine) >= MAX_WAITING_KEYS:
            raise Failed(Problem.TOO_MANY_ATTEMPTS, 3600)
        asking = Browser(key, PublicKey(key).kid, who.user.login, now)
        if not await parts.store.ask_browser(asking):
            raise Failed(Problem.FORBIDDEN)
        parts.asked.ring()
        parts.screens.show_people()
        known = known or asking
    if known.login != who.user.login:
        raise Failed(Problem.FORBIDDEN)
    valid = pinned is not None and now < known.expires
    status = "no_root" if pinned is None else "approved" if valid else "waiting"
    chain = known.credential.split() if valid else None
    return web.json_response({"status": status, "chain": chain, "root": pinned.root if pinned else None})


# ---- queue ----------------------------------------------------------------------------------------------------------


async def get_queue(request: web.Request) -> web.Response:
    """GET /api/queue."""
    who, parts = await viewer(request, *READERS), service(request)
    lines, tasks = await parts.desk.lines(), await parts.desk.tasks()
    return web.json_response(
        {
            "now": parts.clock.now(),
            "rows": [parts.screens.line(one, who) for one in lines if who.sees(one.row.unit)],
            "visits": [parts.screens.task(one) for one in tasks if who.sees(one.visit.unit)],
        }
    )


async def _asked(request: web.Request) -> tuple[Viewer, Planned]:
    """The row that an operator speaks of; one of another unit does not exist for them."""
    asked = await body(request, hub=HASH, occurrence=OCCURRENCE)
    who = await viewer(request, "operator")
    row = await service(request).store.planned(str(asked["hub"]), str(asked["occurrence"]))
    if row is None or not who.sees(row.unit):
        raise Failed(Problem.NOT_FOUND)
    return who, row


async def _row(request: web.Request, who: Viewer, row: Planned) -> web.Response:
    parts = service(request)
    return web.json_response(parts.screens.line(await parts.desk.line(row), who))


async def claim(request: web.Request) -> web.Response:
    """POST /api/queue/claim."""
    who, row = await _asked(request)
    line = await service(request).desk.line(row)
    if not {role.value for role in line.plan.roles} & set(who.user.roles):
        raise Failed(Problem.FORBIDDEN)
    name = who.user.login
    taken = await service(request).desk.claim(
        row.hub, row.occurrence, name, lambda row, paused, now: queue.claim(row, paused, now, name)
    )
    return await _row(request, who, taken)


async def release(request: web.Request) -> web.Response:
    """POST /api/queue/release."""
    who, row = await _asked(request)
    parts, name = service(request), who.user.login
    said = Entry(parts.clock.now(), "released", name, row.hub, row.occurrence, row.look)
    freed = await parts.desk.change(
        row.hub, row.occurrence, lambda row, _paused, now: queue.release(row, now, name), said
    )
    return await _row(request, who, freed)


async def send_visit(request: web.Request) -> web.Response:
    """POST /api/queue/visit."""
    who, row = await _asked(request)
    parts, name = service(request), who.user.login
    said = Entry(parts.clock.now(), "released", name, row.hub, row.occurrence, row.look, "operator")
    sent = await parts.desk.change(
        row.hub, row.occurrence, lambda row, paused, now: queue.send_visit(row, paused, now, name), said
    )
    return await _row(request, who, sent)


# ---- visits ---------------------------------------------------------------------------------------------------------


async def get_visits(request: web.Request) -> web.Response:
    """GET /api/visits."""
    who, parts = await viewer(request, *READERS), service(request)
    tasks = [one for one in await parts.desk.tasks() if who.sees(one.visit.unit)]
    return web.json_response({"visits": [parts.screens.task(one) for one in tasks]})


async def _visit(request: web.Request) -> tuple[Viewer, Visit]:
    who = await viewer(request, "operator", "patrol")
    visit = await service(request).store.visit(request.match_info["id"])
    if visit is None or not who.sees(visit.unit):
        raise Failed(Problem.NOT_FOUND)
    if visit.finished:
        raise Failed(Problem.WRONG_STATE)
    return who, visit


async def acknowledge(request: web.Request) -> web.Response:
    """POST /api/visits/{id}/acknowledge."""
    await body(request)
    who, visit = await _visit(request)
    parts, now = service(request), service(request).clock.now()
    if visit.acknowledged:
        raise Failed(Problem.WRONG_STATE)
    taken = replace(visit, by=who.user.login, acknowledged=now)
    said = Entry(now, "visit_acknowledged", who.user.login, visit.hub, visit.occurrence)
    return web.json_response(parts.screens.task(await parts.desk.visit(visit, taken, said)))


async def arrive(request: web.Request) -> web.Response:
    """POST /api/visits/{id}/arrive."""
    await body(request)
    who, visit = await _visit(request)
    parts, now = service(request), service(request).clock.now()
    if visit.arrived:
        raise Failed(Problem.WRONG_STATE)
    there = replace(visit, by=who.user.login, acknowledged=visit.acknowledged or now, arrived=now)
    said = Entry(now, "visit_arrived", who.user.login, visit.hub, visit.occurrence)
    return web.json_response(parts.screens.task(await parts.desk.visit(visit, there, said)))


async def finish(request: web.Request) -> web.Response:
    """POST /api/visits/{id}/finish."""
    told = await body(request, result=matching("visited|declined"), how=one_of(Fallback), note=text(0, 500))
    who, visit = await _visit(request)
    parts, now = service(request), service(request).clock.now()
    result, how, note = str(told["result"]), str(told["how"]), str(told["note"])
    by, acknowledged = who.user.login, visit.acknowledged or now
    done = replace(visit, by=by, acknowledged=acknowledged, finished=now, result=result, how=how, note=note)
    return web.json_response(parts.screens.task(await parts.desk.finish(visit, done, by)))


# ---- log and account ------------------------------------------------------------------------------------------------


async def get_log(request: web.Request) -> web.Response:
    """GET /api/log."""
    who, parts = await viewer(request), service(request)
    wanted = query(
        request, before=number(1, 2**53), limit=number(1, 200), hub=HASH, occurrence=OCCURRENCE, look=LOOK_ID,
        login=LOGIN, event=_EVENT,
    )  # fmt: skip
    search = replace(Search(), **wanted)  # type: ignore[arg-type]
    if not {"admin", "auditor"} & set(who.user.roles):
        if search.login not in ("", who.user.login):
            raise Failed(Problem.FORBIDDEN)
        search = replace(search, login=who.user.login)
    found = await parts.store.entries(replace(search, limit=search.limit + 1))
    labels = {one.hub: one.label for one in await parts.store.hubs()}
    shown = [views.entry(one, parts.screens.names, labels) for one in found[: search.limit]]
    return web.json_response({"entries": shown, "more": len(found) > search.limit})


async def get_night(request: web.Request) -> web.Response:
    """GET /api/night."""
    who, parts = await viewer(request, *READERS, "planner", "auditor"), service(request)
    now = parts.clock.now()
    present = _present(now)
    which = query(request, date=day).get("date", present)
    first = which if isinstance(which, date) else present
    start, end = (_noon(first), _noon(first + timedelta(days=1)))
    rows = [one for one in await parts.store.starting(start, end) if who.sees(one.unit)]
    states = [queue.state(one, parts.homes.get(one.hub).is_paused(now), now) for one in rows]
    bare = await parts.store.looks_without_receipt(start, min(end, now - queue.OUTCOME_SECONDS - 120))
    broken = await parts.store.broken_receipts(start, end)
    return web.json_response(views.account(first.isoformat(), states, bare, broken, over=now >= end))


async def get_sleep(request: web.Request) -> web.Response:
    """GET /api/sleep."""
    who, parts = await viewer(request, "operator", "patrol", "planner"), service(request)
    nights = query(request, nights=number(1, 90)).get("nights", 14)
    last = _present(parts.clock.now())
    first = last - timedelta(days=int(str(nights)) - 1)
    told: dict[str, list[SleepRow]] = {}
    for one in await parts.store.sleep(first.isoformat()):
        told.setdefault(one.hub, []).append(one)
    homes = []
    for hub in await parts.store.hubs():
        plan = await parts.store.newest_plan(hub.hub, "accepted") if hub.hub in told else None
        if plan is not None and who.sees(plan.unit):
            homes.append(views.sleep(hub, told[hub.hub]))
    return web.json_response({"first": first.isoformat(), "last": last.isoformat(), "homes": homes})


def _present(now: int) -> date:
    """The night that is now, or the one before in the afternoon: by the date of its evening."""
    return (datetime.fromtimestamp(now, STOCKHOLM) - timedelta(hours=12)).date()


def _noon(day: date) -> int:
    return int(datetime.combine(day, _NOON, STOCKHOLM).astimezone(UTC).timestamp())


# ---- links ----------------------------------------------------------------------------------------------------------


async def live(request: web.Request) -> web.WebSocketResponse:
    """GET /api/live."""
    return await service(request).live.handle(request, await viewer(request, *READERS))


async def hub(request: web.Request) -> web.WebSocketResponse:
    """GET /hub: the service link of homes."""
    return await service(request).hub_door.handle(request)


async def health(request: web.Request) -> web.Response:
    """GET /health."""
    await service(request).store.check()
    return web.json_response({"status": "ok"})
