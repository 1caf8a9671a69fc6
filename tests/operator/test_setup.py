"""The first-run wizard: nobody but who has the code from the service's log makes the municipality's root."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from operator_service.login import hash_password
from operator_service.rows import User
from tests.operator.peers import PASSWORD, Browser, Console, Home, MovedClock, World, serve
from tests.operator.test_root import run_module
from tillsyn import wire
from tillsyn.identity import SigningKey
from tillsyn.model import Outcome, Role


@pytest.fixture
async def fresh(tmp_path: Path, clock: MovedClock) -> AsyncIterator[World]:
    """A service that nobody has set up."""
    found = await serve(tmp_path, SigningKey.generate(), clock, pinned=False)
    yield found
    await found.stop()


def wish(world: World, key: SigningKey, /, **changes: object) -> dict[str, object]:
    """What the wizard sends."""
    now, root = world.clock.now(), world.root
    roles = (Role.OPERATOR, Role.PATROL, Role.PLANNER, Role.INSTALLER, Role.ADMIN, Role.AUDITOR)
    credential = wire.Credential(key.public.x, "Ada", roles, ("hemma",), now, now + 90 * 86400)
    told: dict[str, object] = {
        "code": world.service.setup.code,
        "login": "ada",
        "name": "Ada",
        "password": PASSWORD,
        "language": "sv",
        "municipality": "Hemma hos Ada",
        "root": root.public.x,
        "policy": root.sign(wire.Policy(1, True, 43_200, 60, 1, now)),
        "revocations": root.sign(wire.Revocations(1, (), now)),
        "key": key.public.x,
        "credential": root.sign(credential),
    }
    return told | changes


async def test_from_nothing_to_a_look(fresh: World) -> None:
    key = SigningKey.generate()
    async with Console(fresh, "ada") as ada:
        assert await ada.get("/api/setup") == (200, {"open": True, "people": False})
        assert await ada.post("/api/setup/code", code=fresh.service.setup.code.lower()) == (200, {"units": []})
        assert await ada.post("/api/setup", **wish(fresh, key)) == (200, {})
        await ada.login()
        _, browser = await ada.post("/api/browser", key=key.public.x)
        assert browser["status"] == "approved"
        assert isinstance(browser["chain"], list)
        ada.key, ada.chain = key, tuple(browser["chain"])
        home = Home(fresh)
        await home.connect()
        await home.status()
        assert (await home.got(wire.Policy.TYP)).chain == ()
        plan = home.plan()
        await home.agree(wire.PlanStatement(**{**{one: getattr(plan, one) for one in plan.__slots__}, "unit": "hemma"}))
        await ada.listen()
        await (await ada.look(home)).end(Outcome.SEEN)
        await ada.row("seen")
        await home.close()


async def test_it_is_done_once(fresh: World) -> None:
    key = SigningKey.generate()
    async with Browser(fresh) as browser:
        assert (await browser.post("/api/setup", **wish(fresh, key)))[0] == 200
        assert await browser.get("/api/setup") == (200, {"open": False, "people": True})
        again = await browser.post("/api/setup", **wish(fresh, key))
        assert again == (409, {"error": "already_set"})


async def test_nobody_guesses_the_code(fresh: World) -> None:
    key = SigningKey.generate()
    async with Browser(fresh) as browser:
        for _ in range(10):
            assert await browser.post("/api/setup/code", code="AAAA-AAAA-AAAA") == (403, {"error": "wrong_code"})
        assert (await browser.post("/api/setup", **wish(fresh, key)))[0] == 429
    assert await fresh.store.municipality() is None


@pytest.mark.parametrize(
    ("field", "expected"),
    [("policy", "unknown_signer"), ("revocations", "unknown_signer"), ("credential", "unknown_signer")],
)
async def test_what_another_root_signed_is_refused(fresh: World, field: str, expected: str) -> None:
    key = SigningKey.generate()
    other = World(SigningKey.generate(), fresh.clock, fresh.store, fresh.service, fresh.runner, fresh.url)
    async with Browser(fresh) as browser:
        answer = await browser.post("/api/setup", **wish(fresh, key, **{field: wish(other, key)[field]}))
        assert answer == (422, {"error": expected})
    assert await fresh.store.municipality() is None
    assert await fresh.store.users() == []


async def test_the_first_is_an_administrator_with_the_key_of_this_browser(fresh: World) -> None:
    key, now = SigningKey.generate(), fresh.clock.now()
    plain = wire.Credential(key.public.x, "Ada", (Role.OPERATOR,), ("hemma",), now, now + 86400)
    async with Browser(fresh) as browser:
        for wrong in ({"credential": fresh.root.sign(plain)}, {"key": SigningKey.generate().public.x}):
            answer = await browser.post("/api/setup", **wish(fresh, key, **wrong))
            assert answer == (422, {"error": "role_not_allowed"})


@pytest.mark.parametrize(
    ("login", "roles", "password"),
    [
        pytest.param("ada", ("operator",), PASSWORD, id="not an administrator"),
        pytest.param("ada", ("admin",), "another long password", id="another password"),
        pytest.param("bo", ("admin",), PASSWORD, id="not on the roster"),
    ],
)
async def test_where_there_is_a_roster_the_first_is_an_administrator_of_it(
    fresh: World, login: str, roles: tuple[str, ...], password: str
) -> None:
    await fresh.store.save_user(User(login, "Ada", roles, ("nord",), "sv", hash_password(password)))
    async with Browser(fresh) as browser:
        answer = await browser.post("/api/setup", **wish(fresh, SigningKey.generate()))
        assert answer == (401, {"error": "wrong_login"})
    assert await fresh.store.municipality() is None


async def test_an_administrator_of_the_roster_keeps_their_password(fresh: World) -> None:
    await fresh.person("ada", "admin")
    async with Console(fresh, "ada") as ada:
        assert (await ada.post("/api/setup", **wish(fresh, SigningKey.generate())))[0] == 200
        await ada.login()
        assert (await ada.get("/api/me"))[1]["units"] == ["hemma"]


async def test_the_service_prints_the_code_at_its_first_start(tmp_path: Path) -> None:
    process = await run_module("operator_service", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0")
    assert process.stdout is not None
    assert process.stderr is not None
    json.loads(await process.stdout.readline())
    line = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()
    assert re.search(r"Set-up code for the first-run wizard: [A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}$", line.strip())
    process.terminate()
    await process.wait()
