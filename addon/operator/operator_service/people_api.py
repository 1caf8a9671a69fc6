"""People and their keys: what the root's will is, passkeys that are registered, and what administrators do with them.

Everything here that counts is signed by the root or an administrator's own session key, and checked again by each home.

GET /api/trust -> {root, municipality, policy, revocations: {token, chain} | null}: for everybody signed in
GET /api/passkeys -> {passkeys: [{kid, id, status: waiting | certified, chain}]}: one's own
POST /api/passkey {id, x, y, rp, origin} -> {kid, status}: a new passkey, to be certified
GET /api/people -> {now, units, people: [{login, name, roles, units, keys: [KEY]}]}: administrators
    KEY = {kid, kind: passkey | browser, key, passkey, state: waiting | certified | expired | revoked, asked, expires,
    chain}; ``key`` or ``passkey`` is what a credential names
POST /api/people/credential {token, chain} -> {login}: a credential for a key that waits; the roster follows it
POST /api/people/remove {login} -> {}: out of the roster, with sessions and keys (revoke these first)
POST /api/trust/revocations {token, chain} -> {number}; POST /api/trust/policy {token} -> {number}
"""

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from tillsyn.errors import Refused
from tillsyn.identity import PublicKey
from tillsyn.model import Role
from tillsyn.passkey import thumbprint
from tillsyn.strict import matching
from tillsyn.wire import Credential, Passkey
from tillsyn.wire_people import passkey as read_passkey

from .api import LOGIN
from .certified import check_credential
from .login import Viewer
from .origin import console_origin
from .problems import Failed, Problem
from .requests import LONGEST_BODY, body, service, signed_in, viewer
from .rows import Browser, Entry, PasskeyRow, User
from .service import Service
from .views import Json

MAX_PASSKEYS: Final = 10
"""Passkeys that one person may have waiting at once."""
_TOKEN: Final = matching(r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,23000}\.[A-Za-z0-9_-]{86}")


def routes() -> list[web.RouteDef]:
    """Every path about people."""
    return [
        web.get("/api/trust", get_trust),
        web.post("/api/trust/policy", set_policy),
        web.post("/api/trust/revocations", set_revocations),
        web.get("/api/passkeys", get_passkeys),
        web.post("/api/passkey", register),
        web.get("/api/people", get_people),
        web.post("/api/people/credential", certify),
        web.post("/api/people/remove", remove),
    ]


# ---- for everybody --------------------------------------------------------------------------------------------------


async def get_trust(request: web.Request) -> web.Response:
    """GET /api/trust."""
    await viewer(request)
    parts = service(request)
    pinned = await parts.store.municipality()
    root = {"root": pinned.root if pinned else None, "municipality": pinned.name if pinned else ""}
    return web.json_response({**root, **parts.will.shown()})


async def get_passkeys(request: web.Request) -> web.Response:
    """GET /api/passkeys."""
    who, parts = await viewer(request), service(request)
    now, revoked = parts.clock.now(), parts.will.known().revoked
    mine = [one for one in await parts.store.passkeys(who.user.login) if one.kid not in revoked]
    return web.json_response({"passkeys": [_mine(one, now) for one in mine]})


def _mine(one: PasskeyRow, now: int) -> Json:
    chain = list(one.chain) if now < one.expires else []
    return {"kid": one.kid, "id": one.id, "status": "certified" if chain else "waiting", "chain": chain}


async def register(request: web.Request) -> web.Response:
    """POST /api/passkey."""
    told = await body(request, id=_part, x=_part, y=_part, rp=_part, origin=_part)
    who, parts = await viewer(request), service(request)
    try:
        passkey = read_passkey(told)
    except Refused as err:
        raise Failed(Problem.BAD_REQUEST) from err
    if passkey.origin != console_origin(request):
        raise Failed(Problem.BAD_ORIGIN)
    now = parts.clock.now()
    waiting = [one for one in await parts.store.passkeys(who.user.login) if now >= one.expires]
    if len(waiting) >= MAX_PASSKEYS:
        raise Failed(Problem.TOO_MANY_ATTEMPTS, 3600)
    kid = thumbprint(passkey)
    fields = {name: getattr(passkey, name) for name in ("id", "x", "y", "rp", "origin")}
    if not await parts.store.ask_passkey(PasskeyRow(kid, who.user.login, **fields, asked=now)):
        raise Failed(Problem.FORBIDDEN)
    await parts.store.log(Entry(now, "passkey", who.user.login))
    parts.asked.ring()
    parts.screens.show_people()
    return web.json_response({"kid": kid, "status": "waiting"})


def _part(value: object) -> object:
    return value  # read together, by wire_people.passkey


# ---- for administrators ---------------------------------------------------------------------------------------------


async def get_people(request: web.Request) -> web.Response:
    """GET /api/people."""
    await viewer(request, "admin")
    parts = service(request)
    store, now, revoked = parts.store, parts.clock.now(), parts.will.known().revoked
    keys: dict[str, list[Json]] = {}
    rows: Iterable[PasskeyRow | Browser] = (*await store.passkeys(), *await store.browsers())
    for one in rows:
        keys.setdefault(one.login, []).append(_key(one, now, one.kid in revoked))
    people = [_person(one, keys.get(one.login, [])) for one in await store.users()]
    units = {unit for one in await store.users() for unit in one.units}
    for hub in await store.hubs():
        if (plan := await store.newest_plan(hub.hub)) is not None:
            units.add(plan.unit)
    return web.json_response({"now": now, "units": sorted(units), "people": people})


def _person(user: User, keys: list[Json]) -> Json:
    who = {"login": user.login, "name": user.name, "roles": list(user.roles), "units": list(user.units)}
    return {**who, "keys": keys}


def _key(one: PasskeyRow | Browser, now: int, revoked: bool) -> Json:
    chain = one.chain if isinstance(one, PasskeyRow) else one.credential.split()
    state = "revoked" if revoked else "waiting" if not chain else "certified" if now < one.expires else "expired"
    passkey = None
    if isinstance(one, PasskeyRow):
        passkey = {name: getattr(one, name) for name in ("id", "x", "y", "rp", "origin")}
    return {
        "kid": one.kid,
        "kind": "passkey" if passkey else "browser",
        "key": one.key if isinstance(one, Browser) else "",
        "passkey": passkey,
        "state": state,
        "asked": one.asked,
        "expires": one.expires or None,
        "chain": list(chain),
    }


async def certify(request: web.Request) -> web.Response:
    """POST /api/people/credential."""
    token, chain = await signed_in(request, _TOKEN)
    who, parts = await viewer(request, "admin"), service(request)
    now = parts.clock.now()
    said = check_credential(await parts.meetings.root(), parts.will.trust(), token, chain, now)
    login, kid = await _keep(request, said, (*chain, token))
    user = await parts.store.user(login)
    if user is None:
        raise Failed(Problem.NOT_FOUND)
    await parts.store.save_user(_as_certified(user, said, by_root=not chain))
    parts.screens.know([User(login, said.name, user.roles, user.units, user.language, "")])
    await parts.store.log(Entry(now, "credential", who.user.login, code=login))
    parts.screens.show_credential(login, kid, (*chain, token))
    parts.screens.show_people()
    return web.json_response({"login": login})


async def _keep(request: web.Request, said: Credential, chain: tuple[str, ...]) -> tuple[str, str]:
    """Store it with the key that it names: whose that is, and its thumbprint."""
    store = service(request).store
    if said.passkey is not None:
        passkey = await store.passkey(thumbprint(said.passkey))
        if passkey is None or _differs(passkey, said.passkey):
            raise Failed(Problem.NOT_FOUND)
        await store.certify_passkey(passkey.kid, chain, said.exp)
        return passkey.login, passkey.kid
    browser = await store.browser(PublicKey(said.key).x)
    if browser is None:
        raise Failed(Problem.NOT_FOUND)
    await store.certify_browser(browser.key, " ".join(chain), said.exp)
    return browser.login, browser.kid


def _differs(row: PasskeyRow, said: Passkey) -> bool:
    return any(getattr(row, name) != getattr(said, name) for name in ("id", "x", "y", "rp", "origin"))


def _as_certified(user: User, said: Credential, *, by_root: bool) -> User:
    """What the roster says of a person from now on. Only the root makes administrators, and it alone unmakes them."""
    roles = {role.value for role in said.roles}
    if not by_root:
        roles |= {Role.ADMIN.value} & set(user.roles)
    order = tuple(role.value for role in Role if role.value in roles)
    return User(user.login, said.name, order, said.units, user.language, user.secret)


async def remove(request: web.Request) -> web.Response:
    """POST /api/people/remove: one who has left. Nobody removes themselves."""
    login = str((await body(request, login=LOGIN))["login"])
    who, parts = await viewer(request, "admin"), service(request)
    if login == who.user.login:
        raise Failed(Problem.FORBIDDEN)
    now, revoked = parts.clock.now(), parts.will.known().revoked
    browsers = [one for one in await parts.store.browsers() if one.login == login]
    keys: list[PasskeyRow | Browser] = [*await parts.store.passkeys(login), *browsers]
    if any(now < one.expires and one.kid not in revoked for one in keys):
        raise Failed(Problem.WRONG_STATE)  # homes would still believe them
    if not await parts.store.remove_user(login):
        raise Failed(Problem.NOT_FOUND)
    await parts.store.log(Entry(now, "removed", who.user.login, code=login))
    parts.screens.show_people()
    return web.json_response({})


# ---- the root's will ------------------------------------------------------------------------------------------------


async def _admin(request: web.Request) -> tuple[Viewer, PublicKey]:
    who = await viewer(request, "admin")
    return who, await service(request).meetings.root()


async def set_policy(request: web.Request) -> web.Response:
    """POST /api/trust/policy."""
    token = str((await body(request, token=_TOKEN))["token"])
    who, root = await _admin(request)
    policy = await service(request).will.set_policy(root, token, who.user.login)
    await _plans_again(service(request))
    await service(request).hub_door.judge_again()
    return web.json_response({"number": policy.number})


async def _plans_again(parts: Service) -> None:
    """A plan may have waited for a policy that allows it, or for a list that is new enough."""
    for link in parts.links.all():
        await parts.plans.offer(link, parts.homes.get(link.hub.hub).plan)
    parts.plans.bell.ring()


async def set_revocations(request: web.Request) -> web.Response:
    """POST /api/trust/revocations."""
    token, chain = await signed_in(request, _TOKEN, LONGEST_BODY)
    who, root = await _admin(request)
    parts = service(request)
    listed = await parts.will.set_revocations(root, token, chain, who.user.login)
    parts.screens.show_people()
    await _plans_again(parts)
    await service(request).hub_door.judge_again()
    service(request).planner.again()
    return web.json_response({"number": listed.number})
