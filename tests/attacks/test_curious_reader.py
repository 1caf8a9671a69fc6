"""A curious operator at the service: what is not theirs is neither read nor changed, by API or live connection.

Who may ask for which path is said here for every path that the running service answers: one that nobody thought of
fails. What the home does with what gets through: test_curious_operator.py.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest
from aiohttp import WSServerHandshakeError

from tests.operator.conftest import anna, clock, home, world
from tests.operator.peers import OCCURRENCE, Browser, Console, Home, Json, World
from tests.tillsyn.made import STRANGER
from tillsyn import frames, wire
from tillsyn.identity import digest
from tillsyn.model import Outcome, Room

__all__ = ["anna", "clock", "home", "world"]

EVERYBODY = frozenset({"operator", "patrol", "planner", "installer", "auditor", "admin"})
READERS = frozenset({"operator", "patrol", "admin"})
PLANNER = frozenset({"planner"})
PLACING = PLANNER | {"installer"}
ADMIN_ONLY = frozenset({"admin"})
HASH, TOKEN, ID = "A" * 43, f"{'A' * 20}.{'A' * 20}.{'A' * 86}", "0" * 16
ROW = {"hub": HASH, "occurrence": OCCURRENCE}
SIGNED = {"token": TOKEN, "chain": []}

OPEN = frozenset(
    {"POST /api/login", "GET /api/setup", "POST /api/setup/code", "POST /api/setup", "GET /hub", "GET /health", "GET /",
     "GET /{path}"}
)  # fmt: skip
"""Asks for no login: a password, the set-up code or a hub's key instead; files of the console."""

WHO: dict[str, tuple[frozenset[str], dict[str, object]]] = {
    "POST /api/logout": (EVERYBODY, {}),
    "GET /api/me": (EVERYBODY, {}),
    "GET /api/root": (EVERYBODY, {}),
    "GET /api/trust": (EVERYBODY, {}),
    "GET /api/passkeys": (EVERYBODY, {}),
    "POST /api/passkey": (EVERYBODY, {"id": "", "x": "", "y": "", "rp": "", "origin": ""}),
    "POST /api/browser": (EVERYBODY, {"key": STRANGER.public.x}),
    "GET /api/log": (EVERYBODY, {}),
    "GET /api/ice": (frozenset({"operator"}), {}),
    "GET /api/queue": (READERS, {}),
    "GET /api/visits": (READERS, {}),
    "GET /api/live": (READERS, {}),
    "GET /api/night": (EVERYBODY - {"installer"}, {}),
    "GET /api/sleep": (frozenset({"operator", "patrol", "planner"}), {}),
    "POST /api/queue/claim": (frozenset({"operator"}), ROW),
    "POST /api/queue/release": (frozenset({"operator"}), ROW),
    "POST /api/queue/visit": (frozenset({"operator"}), ROW),
    "POST /api/visits/{id}/acknowledge": (frozenset({"operator", "patrol"}), {}),
    "POST /api/visits/{id}/arrive": (frozenset({"operator", "patrol"}), {}),
    "POST /api/visits/{id}/finish": (
        frozenset({"operator", "patrol"}), {"result": "visited", "how": "visit", "note": ""},
    ),
    "GET /api/pairing": (PLACING, {}),
    "POST /api/pairing": (PLACING, {"rendezvous": "B" * 43, "label": "x", "replaces": ""}),
    "GET /api/pairing/{rendezvous}": (PLACING, {}),
    "POST /api/pairing/{rendezvous}/refuse": (PLACING, {}),
    "POST /api/pairing/{rendezvous}/end": (PLACING, {}),
    "POST /api/pairing/{rendezvous}/certify": (PLACING, SIGNED),
    "GET /api/homes": (PLACING | ADMIN_ONLY, {}),
    "POST /api/homes/certify": (PLACING, SIGNED),
    "POST /api/homes/left": (ADMIN_ONLY, {"hub": HASH}),
    "GET /api/plans": (PLANNER, {}),
    "GET /api/plans/{hub}": (PLANNER, {}),
    "POST /api/plans": (PLANNER, SIGNED),
    "GET /api/people": (ADMIN_ONLY, {}),
    "POST /api/people/credential": (ADMIN_ONLY, SIGNED),
    "POST /api/people/remove": (ADMIN_ONLY, {"login": "nobody"}),
    "POST /api/trust/policy": (ADMIN_ONLY, {"token": TOKEN}),
    "POST /api/trust/revocations": (ADMIN_ONLY, SIGNED),
    "POST /api/admin/root": (ADMIN_ONLY, {"root": STRANGER.public.x, "municipality": "x"}),
    "POST /api/admin/pairing": (ADMIN_ONLY, {"rendezvous": "C" * 43, "label": "x", "replaces": ""}),
    "GET /api/admin/pairing/{rendezvous}": (ADMIN_ONLY, {}),
    "POST /api/admin/pairing/{rendezvous}/refuse": (ADMIN_ONLY, {}),
    "POST /api/admin/pairing/{rendezvous}/end": (ADMIN_ONLY, {}),
    "POST /api/admin/hubcert": (ADMIN_ONLY, {"rendezvous": HASH, "token": TOKEN}),
    "GET /api/admin/hubs": (ADMIN_ONLY, {}),
    "GET /api/admin/requests": (ADMIN_ONLY, {}),
    "POST /api/admin/credential": (ADMIN_ONLY, {"token": TOKEN}),
    "POST /api/admin/plan": (ADMIN_ONLY, {"token": TOKEN}),
    "GET /api/admin/service-key": (ADMIN_ONLY, {}),
    "POST /api/admin/service-key": (ADMIN_ONLY, {}),
    "POST /api/admin/service-key/certificate": (ADMIN_ONLY, {"token": TOKEN}),
}  # fmt: skip
"""Who may ask for it, and what to ask so that who asks is looked at."""


def paths(world: World) -> set[str]:
    """Every path that the running service answers, as method and pattern."""
    app = world.runner.app
    assert app is not None
    return {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }


def test_every_path_of_the_service_is_thought_of(world: World) -> None:
    """A new one is added above with who may ask for it."""
    assert paths(world) - OPEN - WHO.keys() == set()


async def _asked(browser: Browser, path: str) -> int:
    method, _, where = path.partition(" ")
    where = where.replace("{id}", ID).replace("{rendezvous}", HASH).replace("{hub}", HASH)
    status, _ = await (browser.get(where) if method == "GET" else browser.post(where, **WHO[path][1]))
    return status


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_each_role_gets_no_further_than_its_own(world: World, home: Home, role: str) -> None:
    await world.person("eva", role)
    async with Console(world, "eva") as eva, Browser(world) as nobody:
        await eva.login()
        for path in sorted(paths(world) & WHO.keys(), key=lambda one: (one == "POST /api/logout", one)):
            assert await _asked(nobody, path) == 401, path
            status = await _asked(eva, path)
            assert (status == 403) == (role not in WHO[path][0]), (path, status)
            assert status not in (401, 500), path


@pytest.fixture
async def other(world: World) -> AsyncIterator[Home]:
    """A home of another unit."""
    found = Home(world, "Tallen 9")
    await found.connect()
    await found.status()
    await found.agree(replace(found.plan(), unit="syd"))
    yield found
    await found.close()


async def test_other_unit_does_not_exist_for_the_operator(world: World, anna: Console, home: Home, other: Home) -> None:
    """Neither in queue, log, sleep, account nor live; nor can it be taken, prepared or sent a visit."""
    await other.sign("", wire.Sleep(other.hub, date(2026, 11, 21), 1, "vaken hela natten", world.clock.now()))
    await other.wish(visits=(wire.VisitAsked("V" * 22, world.clock.now()),))
    heard: list[object] = []
    for path in (
        "/api/queue",
        "/api/visits",
        "/api/log?limit=200",
        "/api/sleep",
        "/api/night",
        "/api/trust",
        "/api/me",
    ):
        status, found = await anna.get(path)
        told = json.dumps(found)
        assert status == 200
        assert not [one for one in (other.hub, "Tallen", "vaken", "syd") if one in told], path
    for act in ("claim", "release", "visit"):
        assert (await anna.post(f"/api/queue/{act}", hub=other.hub, occurrence=OCCURRENCE))[0] == 404
    (visit,) = [one for one in await world.store.visits(0) if one.hub == other.hub]
    for act, told in (("acknowledge", {}), ("arrive", {}), ("finish", WHO["POST /api/visits/{id}/finish"][1])):
        assert (await anna.post(f"/api/visits/{visit.id}/{act}", **told))[0] == 404
    prepare = anna.prepare(other)
    await anna.sign(prepare.look, prepare)
    assert await anna.refusal() == "unit_not_allowed"
    await other.status(paused=True)
    await home.status(paused=True)

    def is_paused(one: Json) -> bool:
        heard.append(one)
        return (one["type"], one.get("hub"), one.get("paused")) == ("home", home.hub, True)

    await anna.until(is_paused)
    assert not [one for one in heard if other.hub in json.dumps(one)]
    assert await nothing_came(other)


async def test_planner_reads_no_plan_of_another_unit(world: World, home: Home, other: Home) -> None:
    await world.person("pia", "planner")
    async with Console(world, "pia") as pia:
        await pia.login()
        assert (await pia.get(f"/api/plans/{home.hub}"))[0] == 200
        assert (await pia.get(f"/api/plans/{other.hub}"))[0] == 404
        _, found = await pia.get("/api/plans")
    assert home.hub in json.dumps(found)
    assert other.hub not in json.dumps(found)


async def nothing_came(home: Home) -> bool:
    """No statement of a person has reached the home."""
    marker = home.world.root.sign(wire.Revocations(1, (), home.world.clock.now()))
    await home.world.service.will.set_revocations(home.world.root.public, marker, (), "")
    while True:
        frame = await home.hear()
        if isinstance(frame, frames.Signed):
            return frame.token == marker


@pytest.fixture
async def bo(world: World, home: Home) -> AsyncIterator[Console]:
    """Another operator of the same unit, as curious."""
    found = await world.console("bo")
    yield found
    await found.close()


async def test_look_of_another_is_neither_seen_nor_touched(
    world: World, anna: Console, bo: Console, home: Home
) -> None:
    """Bo knows its name and all that was said in it, and signs with a key that is right for looks of his own."""
    look = await anna.look(home)
    now = world.clock.now()
    for statement in (
        wire.Answer(look.look, HASH, home.connection(), now),
        wire.Look(look.look, home.hub, home.number, OCCURRENCE, HASH, HASH, HASH, now, now + 30),
        wire.Turn(look.look, Room.BEDROOM, 1, now),
        wire.Close(look.look, Outcome.SEEN, now),
    ):
        await bo.sign(look.look, statement)
        assert await bo.refusal() == "not_prepared", statement
    assert (await bo.claim(home))[0] == (await bo.release(home))[0] == 409
    await look.end(Outcome.SEEN)
    receipt = (await anna.from_home(wire.Receipt.TYP))["token"]
    await bo.sign(look.look, wire.ReceiptAck(look.look, digest(str(receipt)), now))
    assert await bo.refusal() == "not_prepared"
    assert await nothing_came(home)
    assert not bo.statements
    assert await bo.get("/api/log?login=anna") == (403, {"error": "forbidden"})
    _, told = await bo.get("/api/log?limit=200")
    assert {one["login"] for one in told["entries"]} == {"bo"}  # type: ignore[index, attr-defined]


async def test_second_browser_of_the_same_person_gets_nothing_of_the_look(
    world: World, anna: Console, home: Home
) -> None:
    """It takes no part in what the first has opened, and hears nothing of it."""
    look = await anna.look(home)
    async with Console(world, "anna") as second:
        await second.login()
        await second.approve()
        await second.listen()
        prepare = second.prepare(home)
        await second.sign(prepare.look, prepare)
        assert await second.refusal() == "wrong_state"
        await second.sign(look.look, wire.Turn(look.look, Room.BEDROOM, 1, world.clock.now()))
        assert await second.refusal() == "not_prepared"
        assert not second.statements
    await look.end(Outcome.SEEN)


@pytest.mark.parametrize("role", sorted(EVERYBODY - {"operator"}))
async def test_other_role_prepares_nothing(world: World, home: Home, role: str) -> None:
    """Not even past the paths: a statement on the live connection, where the role has one."""
    await world.person("eva", role)
    async with Console(world, "eva") as eva:
        await eva.login()
        await eva.approve()
        if role not in READERS:
            with pytest.raises(WSServerHandshakeError):
                await eva.listen()
            return
        await eva.listen()
        prepare = eva.prepare(home)
        await eva.sign(prepare.look, prepare)
        assert await eva.refusal() == "role_not_allowed"
    assert await nothing_came(home)
