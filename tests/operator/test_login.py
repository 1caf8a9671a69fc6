"""Who gets in, and who does not."""

import pytest

from operator_service.login import Attempts
from operator_service.rows import Search
from tests.operator.peers import PASSWORD, Browser, Console, Home, MovedClock, World


@pytest.fixture
async def anna(world: World) -> Browser:
    await world.person("anna", "operator")
    async with Browser(world) as browser:
        yield browser  # type: ignore[misc]


async def test_the_right_password_gives_a_strict_cookie(anna: Browser) -> None:
    async with anna.http.post(anna.world.url + "/api/login", json={"login": "anna", "password": PASSWORD}) as response:
        cookie = response.cookies["tk_session"]
        found = await response.json()
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Strict", "")
    assert found == {
        "login": "anna", "name": "Anna", "roles": ["operator"], "units": ["nord"], "language": "sv",
        "municipality": "Exempelkommun",
    }  # fmt: skip


@pytest.mark.parametrize("login", ["anna", "nobody"])
async def test_a_wrong_password_and_an_unknown_login_look_the_same(anna: Browser, login: str) -> None:
    assert await anna.post("/api/login", login=login, password="wrong password") == (401, {"error": "wrong_login"})
    assert (await anna.get("/api/me"))[0] == 401


async def test_guessing_is_slowed_down_and_forgiven_later(anna: Browser, clock: MovedClock) -> None:
    for _ in range(5):
        await anna.post("/api/login", login="anna", password="wrong password")
    assert await anna.post("/api/login", login="anna", password=PASSWORD) == (429, {"error": "too_many_attempts"})
    await clock.forward(900)
    assert (await anna.post("/api/login", login="anna", password=PASSWORD))[0] == 200


def test_attempts_remember_a_bounded_number_of_keys() -> None:
    attempts = Attempts(1, 900, keys=2)
    for key in ("a", "b", "c"):
        attempts.failed(key, 1000)
    assert [attempts.wait(key, 1000) for key in ("a", "b", "c")] == [0, 900, 900]


@pytest.mark.parametrize("seconds", [3600, 12 * 3600])
async def test_a_session_ends_when_it_is_idle_or_old(anna: Browser, clock: MovedClock, seconds: int) -> None:
    await anna.post("/api/login", login="anna", password=PASSWORD)
    await clock.forward(seconds - 1)
    used = (await anna.get("/api/me"))[0]
    await clock.forward(1)
    assert (used, (await anna.get("/api/me"))[0]) == ((200, 200) if seconds == 3600 else (401, 401))


async def test_logout_ends_session_and_live_connection(world: World) -> None:
    console = await world.console("anna")
    assert (await console.post("/api/logout"))[0] == 200
    assert console.ws is not None
    assert (await console.ws.receive(5)).data == 4401
    assert (await console.get("/api/me"))[1] == {"error": "login_required"}
    await console.close()


async def test_a_removed_person_is_out_at_once(world: World) -> None:
    console = await world.console("anna")
    await world.store.remove_user("anna")
    await console.alive()
    assert console.ws is not None
    assert (await console.ws.receive(5)).data == 4401
    assert (await console.get("/api/me"))[0] == 401
    await console.close()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_another_site_can_neither_post_nor_listen(anna: Browser, origin: str) -> None:
    await anna.post("/api/login", login="anna", password=PASSWORD)
    async with anna.http.post(anna.world.url + "/api/logout", json={}, headers={"Origin": origin}) as response:
        assert (response.status, await response.json()) == (403, {"error": "bad_origin"})
    async with anna.http.get(anna.world.url + "/api/live", headers={"Origin": origin}) as response:
        assert response.status == 403


async def test_secrets_are_neither_in_the_log_nor_in_the_store(anna: Browser, world: World) -> None:
    await anna.post("/api/login", login="anna", password=PASSWORD)
    await anna.post("/api/login", login="anna", password="wrong password")
    cookie = next(iter(anna.http.cookie_jar)).value
    kept = b"".join(one.read_bytes() for one in world.store._path.parent.glob("operator.db*"))
    assert cookie.encode() not in kept
    assert PASSWORD.encode() not in kept
    assert {one.event for one in await world.store.entries(Search())} == {"login", "login_failed"}


async def test_a_key_belongs_to_the_person_who_made_it(world: World, home: Home) -> None:
    anna = await world.console("anna")
    await world.person("bo", "operator")
    async with Console(world, "bo") as bo:
        await bo.login()
        assert await bo.post("/api/browser", key=anna.key.public.x) == (403, {"error": "forbidden"})
    await anna.close()
