"""Bad input gets a code, and every answer carries the headers that protect the console."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from operator_service.problems import STATUS, Problem
from tests.operator.peers import CONTACT, OCCURRENCE, WINDOW, Browser, Console, Home, World
from tillsyn.identity import SigningKey
from tillsyn.model import Outcome

X = "A" * 43


@pytest.fixture
async def boss(world: World) -> Console:
    """An administrator."""
    await world.person("boss", "admin", "operator", "auditor")
    async with Console(world, "boss") as found:
        await found.login()
        yield found  # type: ignore[misc]


def test_every_problem_has_a_status() -> None:
    assert set(STATUS) == set(Problem)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(b"", 400, "bad_request", id="nothing"),
        pytest.param(b"[]", 400, "bad_request", id="a list"),
        pytest.param(b"{", 400, "bad_request", id="half an object"),
        pytest.param(b'{"hub":"x","occurrence":"y"}', 400, "bad_request", id="wrong patterns"),
        pytest.param(b'{"hub":"%s"}' % X.encode(), 400, "bad_request", id="a missing field"),
        pytest.param(
            b'{"hub":"%s","occurrence":"natt/2026-11-22","x":1}' % X.encode(), 400, "bad_request", id="an unknown field"
        ),
        pytest.param(b'{"hub":"%s","occurrence":"natt/2026-11-22"}' % X.encode(), 404, "not_found", id="no such row"),
        pytest.param(b"\xff\xfe", 400, "bad_request", id="not UTF-8"),
        pytest.param(b'{"hub":"' + b"x" * 20_000 + b'"}', 413, "too_large", id="too large"),
        pytest.param(b"[" * 5000, 400, "bad_request", id="deep nesting"),
    ],
)
async def test_bad_bodies(boss: Console, body: bytes, status: int, code: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with boss.http.post(boss.world.url + "/api/queue/claim", data=body, headers=headers) as response:
        assert (response.status, await response.json()) == (status, {"error": code})


async def test_a_form_is_not_accepted(boss: Console) -> None:
    async with boss.http.post(boss.world.url + "/api/logout", data={"a": "b"}) as response:
        assert (response.status, await response.json()) == (400, {"error": "bad_request"})


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/nothing", 404),
        ("/api/admin/nothing", 404),
        ("/nothing.js", 404),
        ("/../operator.db", 404),
        ("/static/../../operator.db", 404),
        ("/%2e%2e/operator.db", 404),
        ("/.hidden.js", 404),
        ("/package.json", 404),
        ("/secret.txt", 404),
        ("/link.js", 404),
        ("/api/log?limit=201", 400),
        ("/api/log?limit=x", 400),
        ("/api/log?what=x", 400),
        ("/api/log?hub=x", 400),
        ("/api/night?date=2026-02-30", 400),
        ("/api/admin/pairing/" + X, 404),
        ("/api/admin/requests?wait=26", 400),
        ("/api/visits/0123456789abcdef/finish", 404),
    ],
)
async def test_bad_paths_and_queries(boss: Console, tmp_path: Path, path: str, status: int) -> None:
    folder = tmp_path / "console"
    for name in (".hidden.js", "package.json", "secret.txt"):
        (folder / name).write_text("{}")
    (folder / "link.js").symlink_to(tmp_path / "operator.db")
    answer = await boss.get(path)
    assert answer[0] == status
    assert list(answer[1]) == ["error"]


async def test_a_wrong_method_is_a_bad_request(boss: Console) -> None:
    assert await boss.get("/api/login") == (404, {"error": "not_found"})
    async with boss.http.delete(boss.world.url + "/api/me") as response:
        assert (response.status, await response.json()) == (405, {"error": "bad_request"})


@pytest.mark.parametrize("path", ["/", "/index.html", "/static/index.html", "/api/me", "/nothing"])
async def test_every_answer_carries_the_protecting_headers(world: World, path: str) -> None:
    async with Browser(world) as browser, browser.http.get(world.url + path) as response:
        headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert "Server" not in headers


@pytest.mark.parametrize(
    "path",
    ["/api/me", "/api/root", "/api/ice", "/api/queue", "/api/visits", "/api/log", "/api/night", "/api/live",
     "/api/admin/hubs", "/api/admin/requests"],
)  # fmt: skip
async def test_nothing_is_shown_without_login(world: World, path: str) -> None:
    async with Browser(world) as browser:
        assert await browser.get(path) == (401, {"error": "login_required"})


@pytest.mark.parametrize("path", ["/api/admin/hubs", "/api/admin/requests", "/api/admin/pairing/" + X])
async def test_an_operator_is_no_administrator(anna: Console, path: str) -> None:
    assert await anna.get(path) == (403, {"error": "forbidden"})


async def test_a_patrol_may_not_take_looks(world: World, home: Home) -> None:
    await world.person("pia", "patrol")
    async with Console(world, "pia") as pia:
        await pia.login()
        assert (await pia.get("/api/queue"))[0] == 200
        assert await pia.claim(home) == (403, {"error": "forbidden"})


async def test_at_most_three_claims(world: World, anna: Console) -> None:
    homes = [await world.home(f"Rosen {number}") for number in range(2, 6)]
    answers = [(await anna.claim(one))[0] for one in homes]
    assert answers == [200, 200, 200, 409]
    assert (await anna.claim(homes[3]))[1] == {"error": "too_many_claims"}
    assert (await anna.claim(homes[0]))[0] == 200
    for one in homes:
        await one.close()


async def test_a_row_says_all_that_the_console_needs(anna: Console, home: Home) -> None:
    await anna.claim(home)
    row = await anna.state()
    assert (row["label"], row["mine"], row["claimed_by"], row["online"]) == ("Rosen 1", True, "Anna", True)
    assert row["plan"] == {
        "number": 1, "look_seconds": 30, "grace_seconds": 30, "retry_within_minutes": 20, "max_retries": 1,
        "roles": ["operator"], "rooms": ["bedroom"],
    }  # fmt: skip
    assert (row["contact"], row["wish"], row["away"]) == (CONTACT, "", None)
    assert (row["hub"], row["hub_key"]) == (home.hub, home.key.public.x)


async def test_an_operator_sends_the_patrol_instead(anna: Console, bo: Console, home: Home) -> None:
    await anna.claim(home)
    assert (await bo.post("/api/queue/visit", hub=home.hub, occurrence=OCCURRENCE))[1] == {"error": "taken"}
    _, row = await anna.post("/api/queue/visit", hub=home.hub, occurrence=OCCURRENCE)
    assert (row["state"], row["cause"]) == ("visit", "operator")
    _, found = await bo.get("/api/visits")
    assert found["visits"][0]["id"] == row["visit"]  # type: ignore[index]
    _, done = await bo.post(f"/api/visits/{row['visit']}/finish", result="declined", how="call_client", note="")
    assert (done["state"], done["by"], done["result"]) == ("finished", "Bo", "declined")
    assert (await anna.state())["state"] == "declined"


async def test_the_log_can_be_searched_and_paged(boss: Console, anna: Console, home: Home) -> None:
    look = await anna.look(home)
    await look.end(Outcome.SEEN)
    await anna.row("seen")
    await home.settled()
    _, found = await boss.get(f"/api/log?look={look.look}&limit=2")
    entries = found["entries"]
    assert isinstance(entries, list)
    assert (len(entries), found["more"]) == (2, True)
    _, older = await boss.get(f"/api/log?look={look.look}&before={entries[-1]['id']}")
    assert "prepared" in [one["event"] for one in older["entries"]]  # type: ignore[union-attr,index,call-overload]
    assert entries[0]["label"] == "Rosen 1"
    _, mine = await anna.get("/api/log")
    assert {one["login"] for one in mine["entries"]} == {"anna"}  # type: ignore[union-attr,index,call-overload]
    assert await anna.get("/api/log?login=boss") == (403, {"error": "forbidden"})


async def test_the_log_holds_no_secret(boss: Console, anna: Console, home: Home) -> None:
    await (await anna.look(home)).end(Outcome.SEEN)
    await anna.row("seen")
    _, found = await boss.get("/api/log")
    told = json.dumps(found)
    assert anna.chain[0] not in told
    assert "password" not in told


async def test_turn_credentials_are_the_same_kind_as_the_homes_get(anna: Console) -> None:
    status, found = await anna.get("/api/ice")
    assert (status, found["urls"]) == (200, ["turn:127.0.0.1:3478?transport=udp"])
    assert str(found["username"]).partition(":")[0].isdigit()


@pytest.mark.parametrize("message", ["{}", '{"type":"alive","x":1}', '{"type":"queue"}', "hello"])
async def test_a_bad_live_frame_ends_the_connection(anna: Console, message: str) -> None:
    assert anna.ws is not None
    await anna.ws.send_str(message)
    assert (await anna.ws.receive(5)).data == 4400


async def test_credentials_and_plans_must_be_signed_by_the_root(boss: Console, home: Home) -> None:
    key = SigningKey.generate()
    await boss.post("/api/browser", key=boss.key.public.x)
    forged = key.sign(home.plan(number=2))
    assert await boss.post("/api/admin/plan", token=forged) == (422, {"error": "unknown_signer"})
    wrong = boss.world.root.sign(replace(home.plan(number=2), keep_days=29))
    assert await boss.post("/api/admin/plan", token=wrong) == (
        422,
        {"error": "bad_message", "field": "keep_days", "may_be": "30 to 3650 days that the home keeps its log"},
    )
    twice = boss.world.root.sign(home.plan(WINDOW, WINDOW, number=2))
    assert await boss.post("/api/admin/plan", token=twice) == (
        422,
        {
            "error": "bad_message",
            "field": "windows",
            "may_be": "1 to 24 windows, each with an id of its own and not empty",
        },
    )
    old = boss.world.root.sign(home.plan(number=1))
    assert await boss.post("/api/admin/plan", token=old) == (409, {"error": "already_set"})
    assert (await boss.post("/api/admin/credential", token=forged))[0] == 422
