"""People: passkeys, credentials by an administrator, the root's policy, lists of revoked keys, and who may do what."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from operator_service.rows import Search
from tests.authenticator import Authenticator
from tests.operator.peers import Browser, Console, Home, Json, World
from tillsyn import wire
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Outcome, Role

DAY = 86400
FORBIDDEN = (403, {"error": "forbidden"})


def policy(world: World, number: int = 1, *, browser_keys: bool = True) -> str:
    """The root's policy."""
    return world.root.sign(wire.Policy(number, browser_keys, 43_200, 60, 1, world.clock.now()))


def listed(world: World, *revoked: str, number: int = 1, key: SigningKey | None = None) -> str:
    """A list of revoked keys."""
    return (key or world.root).sign(wire.Revocations(number, revoked, world.clock.now()))


class Person(Console):
    """Somebody with a passkey, at the console's own origin."""

    def __init__(self, world: World, login: str) -> None:
        super().__init__(world, login)
        host = world.url.partition("://")[2].partition(":")[0]
        self.authenticator = Authenticator(login, host, world.url)
        self.passkey = wire.Passkey(**self.authenticator.passkey)
        self.certified: tuple[str, ...] = ()

    async def register(self) -> tuple[int, Json]:
        return await self.post("/api/passkey", **self.authenticator.passkey)

    def credential(self, *roles: Role, days: int = 90, **changes: object) -> wire.Credential:
        """One for this passkey."""
        now = self.world.clock.now()
        found = wire.Credential("", self.name.title(), roles, ("nord",), now, now + days * DAY, self.passkey)
        return replace(found, **changes)  # type: ignore[arg-type]

    def shift(self, hours: int = 12) -> None:
        """A new session key, certified by the passkey."""
        now = self.world.clock.now()
        self.key = SigningKey.generate()
        delegation = wire.Delegation(digest(self.certified[-1]), self.key.public.x, now, now + hours * 3600)
        self.chain = (*self.certified, self.authenticator.token(delegation.payload()))


@pytest.fixture
async def boss(world: World) -> AsyncIterator[Person]:
    """An administrator, certified by the root, in their shift."""
    async with await person(world, "boss", "admin") as found:
        token = world.root.sign(found.credential(Role.ADMIN))
        assert await found.post("/api/people/credential", token=token, chain=[]) == (200, {"login": "boss"})
        found.certified = (token,)
        found.shift()
        yield found


async def person(world: World, login: str, *roles: str) -> Person:
    await world.person(login, *roles)
    found = Person(world, login)
    await found.login()
    assert await found.register() == (200, {"kid": found.authenticator.kid, "status": "waiting"})
    return found


async def certify(boss: Person, found: Person, said: wire.Credential) -> tuple[int, Json]:
    """The administrator signs it with the session key."""
    token = boss.key.sign(said)
    answer = await boss.post("/api/people/credential", token=token, chain=list(boss.chain))
    found.certified = (*boss.chain, token)
    return answer


@pytest.fixture
async def eva(world: World, boss: Person) -> AsyncIterator[Person]:
    """An operator whom the administrator has certified, in her shift, with an open console."""
    async with await person(world, "eva", "operator") as found:
        assert (await certify(boss, found, found.credential(Role.OPERATOR)))[0] == 200
        found.shift()
        await found.listen()
        yield found


def code(answer: tuple[int, Json]) -> tuple[int, object]:
    return answer[0], answer[1]["error"]


async def refused(eva: Person, home: Home) -> str:
    """The code with which the service answers her next prepare."""
    await eva.claim(home)
    prepare = eva.prepare(home)
    await eva.sign(prepare.look, prepare)
    return await eva.refusal()


# ---- passkeys and credentials ---------------------------------------------------------------------------------------


async def test_a_whole_look_with_passkeys_from_root_to_receipt(world: World, home: Home, eva: Person) -> None:
    look = await eva.look(home)
    home.operator = eva.authenticator.kid
    await look.end(Outcome.SEEN)
    await eva.row("seen")
    entries = (await eva.get("/api/log?event=receipt"))[1]["entries"]
    assert isinstance(entries, list)
    assert len(entries) == 1


async def test_a_receipt_that_names_another_person_shows(world: World, home: Home, eva: Person) -> None:
    look = await eva.look(home)
    home.operator = Authenticator("somebody else").kid
    await look.end(Outcome.SEEN)
    await eva.row("seen")
    entries = (await eva.get("/api/log?event=receipt_fork"))[1]["entries"]
    assert isinstance(entries, list)
    assert len(entries) == 1


async def test_who_waits_is_told_when_they_are_certified(world: World, boss: Person) -> None:
    async with await person(world, "eva", "operator", "patrol") as eva:
        await eva.listen()
        assert (await eva.get("/api/passkeys"))[1]["passkeys"][0]["status"] == "waiting"  # type: ignore[index]
        await certify(boss, eva, eva.credential(Role.PATROL))
        told = await eva.until(lambda one: one["type"] == "credential")
        assert (told["kid"], told["chain"]) == (eva.authenticator.kid, list(eva.certified))
        assert (await eva.get("/api/passkeys"))[1]["passkeys"][0]["chain"] == list(eva.certified)  # type: ignore[index]
        assert (await eva.get("/api/me"))[1]["roles"] == ["patrol"]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        pytest.param("origin", "https://elsewhere.example", (400, "bad_request"), id="rp of another site"),
        pytest.param("x", "short", (400, "bad_request"), id="no key"),
        pytest.param("id", 7, (400, "bad_request"), id="no id"),
    ],
)
async def test_what_is_no_passkey(boss: Person, field: str, value: object, expected: tuple[int, str]) -> None:
    assert code(await boss.post("/api/passkey", **{**boss.authenticator.passkey, field: value})) == expected


async def test_a_passkey_for_another_origin_is_not_taken(boss: Person) -> None:
    other = Authenticator("boss", "tillsyn.example", "https://tillsyn.example")
    assert code(await boss.post("/api/passkey", **other.passkey)) == (403, "bad_origin")


async def test_a_passkey_of_somebody_else_is_not_taken(world: World, boss: Person) -> None:
    async with await person(world, "eva", "operator") as eva:
        assert await eva.post("/api/passkey", **boss.authenticator.passkey) == FORBIDDEN


async def test_nobody_fills_the_administrators_list(world: World, boss: Person) -> None:
    async with await person(world, "eva", "operator") as eva:
        for at in range(9):
            assert (await eva.post("/api/passkey", **Authenticator(f"e{at}", eva.passkey.rp, world.url).passkey))[
                0
            ] == 200
        more = Authenticator("more", eva.passkey.rp, world.url).passkey
        assert code(await eva.post("/api/passkey", **more)) == (429, "too_many_attempts")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"roles": (Role.ADMIN,)}, "role_not_allowed", id="an administrator makes an administrator"),
        pytest.param({"units": ("syd",)}, "unit_not_allowed", id="another unit"),
        pytest.param({"exp": 1_999_999_999}, "credential_expired", id="longer than 90 days"),
        pytest.param({"iat": 1_700_000_000, "exp": 1_700_086_400}, "clock_skew", id="in the past"),
    ],
)
async def test_what_an_administrator_may_not_sign(
    world: World, boss: Person, changes: dict[str, object], expected: str
) -> None:
    assert (await boss.post("/api/trust/revocations", token=listed(world), chain=[]))[0] == 200
    async with await person(world, "eva", "operator") as eva:
        assert code(await certify(boss, eva, eva.credential(Role.OPERATOR, **changes))) == (422, expected)


async def test_who_is_no_administrator_certifies_nobody(world: World, boss: Person, eva: Person) -> None:
    async with await person(world, "nils", "operator") as nils:
        token = eva.key.sign(nils.credential(Role.OPERATOR))
        assert await eva.post("/api/people/credential", token=token, chain=list(eva.chain)) == FORBIDDEN
        # also where somebody who may ask puts an operator's signature in
        answer = await boss.post("/api/people/credential", token=token, chain=list(eva.chain))
        assert answer[0] == 422


async def test_a_passkey_that_nobody_registered_is_not_certified(boss: Person) -> None:
    stranger = Person(boss.world, "eva")
    assert code(await certify(boss, stranger, stranger.credential(Role.OPERATOR))) == (404, "not_found")
    await stranger.close()


async def test_a_browser_key_is_certified_by_an_administrator_where_the_policy_allows(
    world: World, home: Home, boss: Person
) -> None:
    async with await person(world, "eva", "operator") as eva:
        key = SigningKey.generate()
        await eva.post("/api/browser", key=key.public.x)
        said = eva.credential(Role.OPERATOR, key=key.public.x, passkey=None)
        await certify(boss, eva, said)
        eva.key, eva.chain = key, eva.certified
        assert (await eva.post("/api/browser", key=key.public.x))[1]["chain"] == list(eva.chain)
        await eva.listen()
        await (await eva.look(home)).end(Outcome.SEEN)
        await boss.post("/api/trust/policy", token=policy(world, browser_keys=False))
        assert await refused(eva, home) == "browser_key_not_allowed"
        assert code(await certify(boss, eva, said)) == (422, "browser_key_not_allowed")


@pytest.mark.parametrize(
    "path",
    ["/api/people", "/api/people/credential", "/api/people/remove", "/api/trust/policy", "/api/trust/revocations"],
)
async def test_an_operator_does_nothing_of_this(eva: Person, path: str) -> None:
    token = eva.key.sign(wire.Revocations(1, (), eva.world.clock.now()))
    bodies: dict[str, dict[str, object]] = {
        "/api/people/remove": {"login": "boss"},
        "/api/trust/policy": {"token": token},
    }
    if path == "/api/people":
        assert await eva.get(path) == FORBIDDEN
    else:
        assert await eva.post(path, **bodies.get(path, {"token": token, "chain": []})) == FORBIDDEN


@pytest.mark.parametrize("path", ["/api/trust", "/api/passkeys", "/api/people"])
async def test_nobody_reads_it_without_a_login(world: World, path: str) -> None:
    async with Browser(world) as browser:
        assert await browser.get(path) == (401, {"error": "login_required"})


async def test_the_root_tool_hears_of_passkeys_that_wait(world: World, boss: Person) -> None:
    async with await person(world, "eva", "operator") as eva:
        (one,) = (await boss.get("/api/admin/requests"))[1]["requests"]  # type: ignore[misc]
        assert (one["login"], one["kid"], one["passkey"]) == ("eva", eva.authenticator.kid, eva.authenticator.passkey)
        await boss.post("/api/trust/revocations", token=listed(world, eva.authenticator.kid), chain=[])
        assert (await boss.get("/api/admin/requests"))[1]["requests"] == []


# ---- policy and revocations -----------------------------------------------------------------------------------------


async def test_a_home_hears_the_policy_and_the_list_at_once_and_when_it_comes_back(
    world: World, home: Home, boss: Person
) -> None:
    told, newer = policy(world), listed(world, key=boss.key)
    assert await boss.post("/api/trust/policy", token=told) == (200, {"number": 1})
    assert (await home.got(wire.Policy.TYP)).token == told
    assert await boss.post("/api/trust/revocations", token=newer, chain=list(boss.chain)) == (200, {"number": 1})
    frame = await home.got(wire.Revocations.TYP)
    assert (frame.token, frame.chain) == (newer, boss.chain)
    await home.close()
    await home.connect()
    assert (await home.got(wire.Policy.TYP)).token == told
    assert (await home.got(wire.Revocations.TYP)).chain == boss.chain
    _, found = await boss.get("/api/trust")
    assert found["policy"] == told
    assert found["revocations"] == {"token": newer, "chain": list(boss.chain)}
    assert found["root"] == world.root.public.x


async def test_who_is_revoked_in_the_shift_is_refused_at_the_next_prepare(
    world: World, home: Home, boss: Person, eva: Person
) -> None:
    await (await eva.look(home)).end(Outcome.NOT_SEEN)
    token = listed(world, eva.authenticator.kid, key=boss.key)
    await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain))
    told = await eva.until(lambda one: one["type"] == "trust")
    assert told["revocations"] == {"token": token, "chain": list(boss.chain)}
    await world.clock.forward(300)
    assert await refused(eva, home) == "revoked"
    (found,) = [one for one in (await people(boss)) if one["login"] == "eva"]
    assert [one["state"] for one in found["keys"]] == ["revoked"]  # type: ignore[attr-defined,index,union-attr]
    assert (await eva.get("/api/passkeys"))[1]["passkeys"] == []


async def people(boss: Person) -> list[Json]:
    found = (await boss.get("/api/people"))[1]["people"]
    assert isinstance(found, list)
    return found


async def test_nobody_is_let_through_on_a_list_of_yesterday(
    world: World, home: Home, boss: Person, eva: Person
) -> None:
    await boss.post("/api/trust/revocations", token=listed(world), chain=[])
    await world.clock.forward(DAY + 1)
    eva.shift()
    await eva.login()
    await eva.listen()
    prepare = eva.prepare(home)
    await eva.sign(prepare.look, prepare)
    assert await eva.refusal() == "revocations_stale"


async def test_a_shift_that_is_over_is_refused(world: World, home: Home, boss: Person, eva: Person) -> None:
    eva.shift(hours=1)
    for _ in range(3):
        await world.clock.forward(1201)
        await eva.alive()
        await eva.get("/api/me")
    assert await refused(eva, home) == "delegation_expired"


async def test_an_older_list_and_an_older_policy_are_not_taken(world: World, boss: Person) -> None:
    await boss.post("/api/trust/revocations", token=listed(world, number=5), chain=[])
    await boss.post("/api/trust/policy", token=policy(world, 5))
    assert code(await boss.post("/api/trust/revocations", token=listed(world, number=5), chain=[])) == (422, "replayed")
    assert code(await boss.post("/api/trust/policy", token=policy(world, 4))) == (422, "replayed")


async def test_only_the_root_says_the_policy(world: World, boss: Person) -> None:
    forged = boss.key.sign(wire.Policy(1, True, 43_200, 60, 1, world.clock.now()))
    assert code(await boss.post("/api/trust/policy", token=forged)) == (422, "unknown_signer")


async def test_a_revoked_administrator_signs_no_list(world: World, boss: Person) -> None:
    await boss.post("/api/trust/revocations", token=listed(world, boss.authenticator.kid), chain=[])
    token = listed(world, number=2, key=boss.key)
    assert code(await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain))) == (422, "revoked")


async def test_the_longest_list_there_is_can_be_sent(world: World, boss: Person) -> None:
    kids = tuple(digest(str(at)) for at in range(350))
    token = listed(world, *kids, key=boss.key)
    assert (await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain)))[0] == 200


# ---- the list of people ---------------------------------------------------------------------------------------------


async def test_the_list_tells_who_has_what(world: World, boss: Person, eva: Person) -> None:
    async with await person(world, "nils", "operator"):
        found = {str(one["login"]): one for one in await people(boss)}
    (key,) = found["eva"]["keys"]  # type: ignore[misc]
    assert (key["kind"], key["state"], key["chain"]) == ("passkey", "certified", list(eva.certified))
    (waiting,) = found["nils"]["keys"]  # type: ignore[misc]
    assert (waiting["state"], waiting["kid"]) == ("waiting", Authenticator("nils").kid)
    assert (await boss.get("/api/people"))[1]["units"] == ["nord"]


async def test_who_has_left_is_removed_once_their_keys_are_revoked(world: World, boss: Person, eva: Person) -> None:
    assert code(await boss.post("/api/people/remove", login="eva")) == (409, "wrong_state")
    await boss.post("/api/trust/revocations", token=listed(world, eva.authenticator.kid), chain=[])
    assert await boss.post("/api/people/remove", login="eva") == (200, {})
    assert await boss.post("/api/people/remove", login="eva") == (404, {"error": "not_found"})
    assert await boss.post("/api/people/remove", login="boss") == FORBIDDEN
    assert [one["login"] for one in await people(boss)] == ["boss"]
    assert (await eva.get("/api/me"))[0] == 401


async def test_the_log_tells_what_administrators_did(world: World, boss: Person, eva: Person) -> None:
    await boss.post("/api/trust/revocations", token=listed(world), chain=[])
    await boss.post("/api/trust/revocations", token=listed(world, number=2), chain=[])
    await boss.post("/api/trust/policy", token=policy(world))
    entries = await world.store.entries(Search())
    told = [(one.event, one.login, one.code) for one in entries]
    for line in (
        ("credential", "boss", "eva"), ("passkey", "eva", ""), ("revoked", "boss", ""), ("list_renewed", "boss", ""),
        ("policy", "boss", ""),
    ):  # fmt: skip
        assert line in told
