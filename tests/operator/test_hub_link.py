"""Homes on the service link: versions, login, pairing, and what is not accepted there."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from operator_service.turn import TURN_SECONDS
from tests.operator.peers import Browser, Console, Home, MovedClock, World
from tillsyn import frames, wire
from tillsyn.identity import PairingCode, PublicKey, SigningKey
from tillsyn.strict import b64u_encode


@pytest.fixture
async def stranger(world: World) -> Home:
    found = Home(world)
    yield found  # type: ignore[misc]
    await found.close()


async def test_a_home_that_proves_its_key_is_welcome(stranger: Home, clock: MovedClock) -> None:
    welcome = await stranger.connect()
    assert welcome.urls == ("turn:127.0.0.1:3478?transport=udp",)
    assert welcome.username.startswith(f"{clock.now() + TURN_SECONDS}:")


async def test_turn_credentials_are_renewed_on_a_live_link(stranger: Home, clock: MovedClock) -> None:
    first = await stranger.connect()
    await clock.forward(TURN_SECONDS // 2)
    again = await stranger.hear()
    assert isinstance(again, frames.Welcome)
    assert again.username != first.username


@pytest.mark.parametrize(
    ("version", "minimum", "code"),
    [
        pytest.param(wire.VERSION + 5, wire.VERSION + 1, "update_service", id="the home is too new"),
        pytest.param(wire.VERSION + 1, wire.VERSION, "", id="a newer home that still speaks ours"),
    ],
)
async def test_versions(stranger: Home, version: int, minimum: int, code: str) -> None:
    await stranger.dial(frames.Hello(version, minimum, "A" * 43))
    await stranger.send(stranger.login())
    answer = await stranger.hear()
    assert (answer.code if isinstance(answer, frames.Rejected) else "") == code


async def test_an_old_home_is_told_to_update(stranger: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operator_service.hubs.MINIMUM_VERSION", wire.VERSION + 1)
    await stranger.dial()
    assert await stranger.rejection() == "update_home"


async def test_a_replayed_login_is_refused(stranger: Home) -> None:
    await stranger.dial()
    old = stranger.login()
    await stranger.close()
    await stranger.dial()
    await stranger.send(old)
    assert await stranger.rejection() == "replayed"


async def test_a_foreign_root_is_refused(stranger: Home) -> None:
    await stranger.dial()
    await stranger.send(stranger.login(certificate=stranger.certificate(SigningKey.generate())))
    assert await stranger.rejection() == "unknown_signer"


async def test_somebody_elses_certificate_is_refused(stranger: Home) -> None:
    await stranger.dial()
    other = SigningKey.generate()
    await stranger.send(stranger.login(certificate=stranger.certificate(key=other.public.x)))
    assert await stranger.rejection() == "unknown_signer"


async def test_a_login_from_a_wrong_clock_is_refused(stranger: Home, clock: MovedClock) -> None:
    await stranger.dial()
    login = stranger.login()
    await clock.forward(121)
    await stranger.send(login)
    assert await stranger.rejection() == "clock_skew"


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "{}",
        "[]",
        '{"type":"hello"}',
        '{"type":"signed","look":"","token":"a.b.c","chain":[]}',
        '{"type":"pair","x":1}',
    ],
)
async def test_garbage_instead_of_a_login_is_refused(stranger: Home, garbage: str) -> None:
    await stranger.dial()
    assert stranger.ws is not None
    await stranger.ws.send_str(garbage)
    assert await stranger.rejection() == "bad_message"


@pytest.mark.parametrize("garbage", ["{}", '{"type":"welcome"}', '{"type":"pair"}', "\x00", '{"type":"home_status"}'])
async def test_garbage_from_a_known_home_ends_the_link(home: Home, garbage: str) -> None:
    assert home.ws is not None
    await home.ws.send_str(garbage)
    assert await home.rejection() == "bad_message"
    await home.closed()


async def test_an_oversize_frame_ends_the_link(home: Home) -> None:
    assert home.ws is not None
    await home.ws.send_str("x" * (frames.LIMIT + 1))
    assert await home.closed() == 1009


async def test_binary_frames_end_the_link(home: Home) -> None:
    assert home.ws is not None
    await home.ws.send_bytes(b"{}")
    await home.closed()


async def test_a_new_connection_takes_the_place_of_the_old(home: Home, world: World) -> None:
    again = Home(world, home.label, home.key)
    await again.connect()
    assert await home.closed() == 4408
    assert world.desk.homes.get(home.hub).online
    await again.close()


async def test_a_plan_waits_for_a_home_that_is_offline(world: World, stranger: Home) -> None:
    await stranger.connect()
    await stranger.close()
    plan = stranger.plan()
    token = world.root.sign(plan)
    await world.service.plans.propose(world.root.public, token, "admin")
    await stranger.connect()
    await stranger.status()
    assert (await stranger.got(wire.PlanStatement.TYP)).token == token


async def test_a_declined_plan_makes_no_looks(world: World, stranger: Home) -> None:
    await stranger.connect()
    plan = stranger.plan()
    row = await world.service.plans.propose(world.root.public, world.root.sign(plan), "admin")
    await stranger.answer_plan(plan, row.hash, "declined")
    await stranger.settled()
    assert await world.store.unended() == []
    await stranger.answer_plan(plan, "D" * 43, "accepted")  # of another plan with the same number
    await stranger.settled()
    await world.service.planner.round()
    assert await world.store.unended() == []


# ---- pairing --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def admin(world: World) -> Browser:
    await world.person("admin", "admin")
    async with Console(world, "admin") as browser:
        await browser.login()
        yield browser  # type: ignore[misc]


def _code(world: World) -> PairingCode:
    return PairingCode("ws://127.0.0.1/hub", world.root.public.kid, b64u_encode(bytes(32)), "Rosen 1")


async def _start(admin: Browser, code: PairingCode) -> None:
    status, _ = await admin.post("/api/admin/pairing", rendezvous=code.rendezvous, label=code.label, replaces="")
    assert status == 200


async def _ask(stranger: Home, code: PairingCode) -> None:
    await stranger.dial()
    key = stranger.key.public
    await stranger.send(frames.Pair(code.rendezvous, key.x, code.mac(key)))


async def test_a_hub_is_paired_and_logs_in_on_the_same_connection(admin: Browser, stranger: Home, world: World) -> None:
    code = _code(world)
    await _start(admin, code)
    asking = asyncio.create_task(admin.get(f"/api/admin/pairing/{code.rendezvous}?wait=20"))
    await _ask(stranger, code)
    _, found = await asking
    assert found["state"] == "asked"
    assert code.accepts(PublicKey(str(found["key"])), str(found["mac"]))
    token = stranger.certificate()
    status, done = await admin.post("/api/admin/hubcert", rendezvous=code.rendezvous, token=token)
    assert (status, done) == (200, {"hub": stranger.hub})
    assert await stranger.hear() == frames.Paired(world.root.public.x, token)
    await stranger.send(stranger.login(certificate=token))
    assert isinstance(await stranger.hear(), frames.Welcome)


async def test_a_wrong_code_is_unknown_and_guessing_is_slowed(admin: Browser, stranger: Home, world: World) -> None:
    await _ask(stranger, _code(world))
    assert await stranger.rejection() == "unknown_pairing"


async def test_a_code_runs_out(admin: Browser, stranger: Home, world: World, clock: MovedClock) -> None:
    code = _code(world)
    await _start(admin, code)
    await clock.forward(600)
    await _ask(stranger, code)
    assert await stranger.rejection() == "unknown_pairing"


async def test_a_refused_proof_leaves_the_pairing_open(admin: Browser, stranger: Home, world: World) -> None:
    code = _code(world)
    await _start(admin, code)
    await _ask(stranger, code)
    await admin.get(f"/api/admin/pairing/{code.rendezvous}?wait=20")
    await admin.post(f"/api/admin/pairing/{code.rendezvous}/refuse")
    assert await stranger.rejection() == "bad_signature"
    _, found = await admin.get(f"/api/admin/pairing/{code.rendezvous}")
    assert (found["state"], found["key"]) == ("waiting", "")


async def test_a_second_hub_waits_its_turn(admin: Browser, stranger: Home, world: World) -> None:
    code = _code(world)
    await _start(admin, code)
    await _ask(stranger, code)
    await admin.get(f"/api/admin/pairing/{code.rendezvous}?wait=20")
    other = Home(world)
    await _ask(other, code)
    assert await other.rejection() == "busy"
    await other.close()


async def test_a_certificate_for_another_key_or_by_another_root_is_refused(
    admin: Browser, stranger: Home, world: World
) -> None:
    code = _code(world)
    await _start(admin, code)
    await _ask(stranger, code)
    await admin.get(f"/api/admin/pairing/{code.rendezvous}?wait=20")
    foreign = stranger.certificate(SigningKey.generate())
    assert await admin.post("/api/admin/hubcert", rendezvous=code.rendezvous, token=foreign) == (
        422,
        {"error": "unknown_signer"},
    )
    other = stranger.certificate(key=SigningKey.generate().public.x)
    assert await admin.post("/api/admin/hubcert", rendezvous=code.rendezvous, token=other) == (
        422,
        {"error": "wrong_hub"},
    )


async def test_the_pinned_root_is_never_changed(admin: Browser, world: World) -> None:
    same = await admin.post("/api/admin/root", root=world.root.public.x, municipality="Exempelkommun")
    other = await admin.post("/api/admin/root", root=SigningKey.generate().public.x, municipality="Annan")
    assert (same[0], other) == (200, (409, {"error": "already_set"}))


# ---- a certificate that an installer has signed ---------------------------------------------------------------------


async def _person(world: World, login: str, role: str) -> Console:
    """With a session key that the root has certified."""
    await world.person(login, role)
    console = Console(world, login)
    await console.login()
    await console.approve()
    return console


def _signed(installer: Console, home: Home) -> frames.LinkLogin:
    """The home's login with a certificate that this person has signed."""
    return replace(home.login(certificate=home.certificate(installer.key)), chain=installer.chain)


async def _answer(home: Home, login: Callable[[], frames.LinkLogin]) -> str:
    """The code with which the service answers on a new connection, '' where the home is welcome."""
    await home.close()
    await home.dial()
    await home.send(login())
    answer = await home.hear()
    return answer.code if isinstance(answer, frames.Rejected) else ""


async def test_a_hub_that_an_installer_certified_is_welcome_and_its_chain_kept(stranger: Home, world: World) -> None:
    installer = await _person(world, "ines", "installer")
    login = _signed(installer, stranger)
    assert await _answer(stranger, lambda: replace(stranger.login(), certificate=login.certificate)) != ""
    assert await _answer(stranger, lambda: _signed(installer, stranger)) == ""
    kept = await world.store.hub(stranger.hub)
    assert kept is not None and kept.chain == installer.chain
    await installer.close()


async def test_a_hub_that_an_operator_certified_is_refused(stranger: Home, world: World) -> None:
    operator = await _person(world, "anna", "operator")
    assert await _answer(stranger, lambda: _signed(operator, stranger)) == "role_not_allowed"
    await operator.close()


async def test_a_hub_whose_installer_is_revoked_is_refused_until_another_has_certified_it(
    stranger: Home, world: World, clock: MovedClock
) -> None:
    installer = await _person(world, "ines", "installer")
    before = _signed(installer, stranger)
    again = lambda: replace(stranger.login(certificate=before.certificate), chain=before.chain)  # noqa: E731
    assert await _answer(stranger, again) == ""
    listed = wire.Revocations(1, (installer.key.public.kid,), clock.now())
    await world.service.will.set_revocations(world.root.public, world.root.sign(listed), (), "admin")
    assert await _answer(stranger, again) == "revoked"
    kept = await world.store.hub(stranger.hub)
    assert kept is not None
    await clock.forward(1)
    await world.store.save_hub(replace(kept, certificate=stranger.certificate(), chain=()))
    assert await _answer(stranger, again) == "", "renewed in the console; the home need not know"
    await installer.close()
