"""Pairing by an installer's or planner's browser, the homes they see, and certificates that are made anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from operator_service.certified import HUB_SECONDS
from operator_service.pairing import PAIRING_SECONDS
from operator_service.rows import Search
from operator_service.settings import read_settings
from tests.operator.peers import SOON, Console, Home, Json, MovedClock, World
from tests.operator.test_people import FORBIDDEN, code, listed, policy
from tillsyn import frames, wire
from tillsyn.identity import PairingCode, SigningKey, digest
from tillsyn.strict import b64u_encode

GONE = (404, {"error": "not_found"})
LABEL = "Elsa, Storgatan 4"


class Installer(Console):
    """Somebody's browser that makes pairing codes."""

    code: PairingCode

    async def start(self, label: str = LABEL, replaces: str = "") -> tuple[int, Json]:
        url = str((await self.get("/api/pairing"))[1].get("hub_url", "ws://x/hub"))
        secret = digest(f"{self.name} {label} {self.world.clock.now()}")
        self.code = PairingCode(url, self.world.root.public.kid, secret, label)
        return await self.post("/api/pairing", rendezvous=self.code.rendezvous, label=label, replaces=replaces)

    async def at(self, act: str, **told: object) -> tuple[int, Json]:
        return await self.post(f"/api/pairing/{self.code.rendezvous}/{act}", **told)

    async def asked(self) -> tuple[int, Json]:
        return await self.get(f"/api/pairing/{self.code.rendezvous}?wait=5")

    def signed(self, home: Home, **changes: object) -> str:
        """A certificate for this home's hub by the session key."""
        now = self.world.clock.now()
        made = wire.HubCertificate(home.key.public.x, home.label, "Exempelkommun", now, now + HUB_SECONDS)
        return self.key.sign(replace(made, **changes))  # type: ignore[arg-type]

    async def certify(self, token: str) -> tuple[int, Json]:
        return await self.at("certify", token=token, chain=list(self.chain))

    async def renew(self, token: str) -> tuple[int, Json]:
        return await self.post("/api/homes/certify", token=token, chain=list(self.chain))

    async def homes(self) -> dict[str, Json]:
        status, found = await self.get("/api/homes")
        assert status == 200
        homes = found["homes"]
        assert isinstance(homes, list)
        return {one["label"]: one for one in homes}


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as found:
        yield found


async def person(stack: AsyncExitStack, world: World, login: str, *roles: str, unit: str = "nord") -> Installer:
    """Logged in, with a session key that the root has certified."""
    await world.person(login, *roles, unit=unit)
    found = await stack.enter_async_context(Installer(world, login))
    await found.login()
    await found.approve()
    return found


@pytest.fixture
async def ines(stack: AsyncExitStack, world: World) -> Installer:
    return await person(stack, world, "ines", "installer")


@pytest.fixture
async def hub(stack: AsyncExitStack, world: World) -> Home:
    """A hub that nobody knows."""
    found = Home(world, LABEL)
    stack.push_async_callback(found.close)
    return found


async def ask(hub: Home, pairing: PairingCode, mac: str = "") -> None:
    """The hub holds the code and shows its key."""
    await hub.dial()
    await hub.send(frames.Pair(pairing.rendezvous, hub.key.public.x, mac or pairing.mac(hub.key.public)))


async def pair(installer: Installer, hub: Home, replaces: str = "") -> tuple[int, Json]:
    """From the code to the certificate."""
    assert (await installer.start(hub.label, replaces))[0] == 200
    await ask(hub, installer.code)
    assert (await installer.asked())[1]["state"] == "asked"
    return await installer.certify(installer.signed(hub))


async def come_back(hub: Home, certificate: str, chain: tuple[str, ...]) -> str:
    """The home's link comes up again: the code of the refusal, or ''."""
    await hub.close()
    await hub.dial()
    await hub.send(replace(hub.login(certificate=certificate), chain=chain))
    answer = await hub.hear()
    return answer.code if isinstance(answer, frames.Rejected) else ""


# ---- pairing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["installer", "planner"])
async def test_a_home_is_paired_with_the_chain_of_who_made_the_code(
    stack: AsyncExitStack, world: World, hub: Home, role: str
) -> None:
    ines = await person(stack, world, "ines", role)
    status, started = await ines.start()
    assert (status, started) == (200, {"now": world.clock.now(), "expires": world.clock.now() + PAIRING_SECONDS})
    assert ines.code.url == f"ws{world.url.removeprefix('http')}/hub"
    assert (await ines.get(f"/api/pairing/{ines.code.rendezvous}"))[1]["state"] == "waiting"
    await ask(hub, ines.code)
    shown = (await ines.asked())[1]
    assert (shown["state"], shown["key"]) == ("asked", hub.key.public.x)
    assert ines.code.accepts(hub.key.public, str(shown["mac"]))
    token = ines.signed(hub)
    assert await ines.certify(token) == (200, {"hub": hub.hub})
    assert await hub.hear() == frames.Paired(world.root.public.x, token, ines.chain)
    await hub.send(replace(hub.login(certificate=token), chain=ines.chain))
    assert isinstance(await hub.hear(), frames.Welcome)
    kept = await world.store.hub(hub.hub)
    assert kept is not None
    assert (kept.label, kept.certificate, kept.chain) == (LABEL, token, ines.chain)
    told = [(one.event, one.login, one.hub) for one in await world.store.entries(Search(login="ines"))]
    assert told[:2] == [("paired", "ines", hub.hub), ("pairing", "ines", "")]
    assert ines.code.secret not in str(await world.store.pairing(ines.code.rendezvous))


@pytest.mark.parametrize("roles", [("operator",), ("patrol",), ("auditor",), ("admin",), ("operator", "patrol")])
async def test_others_pair_nothing_and_see_no_pairing(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, roles: tuple[str, ...]
) -> None:
    other = await person(stack, world, "other", *roles)
    assert await other.get("/api/pairing") == FORBIDDEN
    assert await other.start() == FORBIDDEN
    await ines.start()
    await ask(hub, ines.code)
    await ines.asked()
    other.code = ines.code
    assert await other.asked() == FORBIDDEN
    for act in ("refuse", "end"):
        assert await other.at(act) == FORBIDDEN
    assert await other.certify(other.signed(hub)) == FORBIDDEN
    assert await other.renew(other.signed(hub)) == FORBIDDEN
    # Nor do they sign for somebody who may.
    assert code(await ines.at("certify", token=other.signed(hub), chain=list(other.chain))) == (422, "unknown_signer")
    assert await world.store.hub(hub.hub) is None


@pytest.mark.parametrize("roles", [("operator",), ("patrol",), ("auditor",)])
async def test_others_see_no_homes(stack: AsyncExitStack, world: World, roles: tuple[str, ...]) -> None:
    other = await person(stack, world, "other", *roles)
    assert await other.get("/api/homes") == FORBIDDEN


async def test_another_installers_pairing_does_not_exist(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home
) -> None:
    ivar = await person(stack, world, "ivar", "installer", unit="syd")
    await ines.start()
    await ask(hub, ines.code)
    await ines.asked()
    ivar.code = ines.code
    assert await ivar.asked() == GONE
    for act in ("refuse", "end"):
        assert await ivar.at(act) == GONE
    assert await ivar.certify(ivar.signed(hub)) == GONE


async def test_a_code_is_made_once(ines: Installer) -> None:
    await ines.start()
    again = await ines.post("/api/pairing", rendezvous=ines.code.rendezvous, label=LABEL, replaces="")
    assert again == (409, {"error": "already_set"})


async def test_a_wrong_proof_is_refused_and_the_code_lives_on(world: World, ines: Installer, hub: Home) -> None:
    await ines.start()
    evil = Home(world)
    await ask(evil, ines.code, mac=b64u_encode(bytes(32)))
    assert (await ines.asked())[1]["key"] == evil.key.public.x
    assert await ines.at("refuse") == (200, {})
    assert await evil.rejection() == "bad_signature"
    await evil.close()
    await ask(hub, ines.code)
    await ines.asked()
    assert await ines.certify(ines.signed(hub)) == (200, {"hub": hub.hub})


async def test_a_code_that_is_thrown_away_lets_nobody_in(world: World, ines: Installer, hub: Home) -> None:
    await ines.start()
    await ask(hub, ines.code)
    await ines.asked()
    assert await ines.at("end") == (200, {})
    assert await hub.rejection() == "unknown_pairing"
    assert await ines.certify(ines.signed(hub)) == GONE
    again = Home(world)
    await ask(again, ines.code)
    assert await again.rejection() == "unknown_pairing"
    await again.close()


async def test_what_is_paired_is_not_thrown_away(ines: Installer, hub: Home) -> None:
    assert (await pair(ines, hub))[0] == 200
    assert await ines.at("end") == (409, {"error": "wrong_state"})


async def test_a_code_lives_ten_minutes(ines: Installer, hub: Home, clock: MovedClock) -> None:
    await ines.start()
    await clock.forward(PAIRING_SECONDS)
    await ask(hub, ines.code)
    assert await hub.rejection() == "unknown_pairing"
    assert await ines.asked() == GONE


async def test_nothing_is_certified_before_a_hub_has_asked(ines: Installer, hub: Home) -> None:
    await ines.start()
    assert await ines.certify(ines.signed(hub)) == (409, {"error": "wrong_state"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"key": SigningKey.from_seed(bytes(32)).public.x}, "wrong_hub", id="another hub's key"),
        pytest.param({"label": "Bosse"}, "wrong_hub", id="another label"),
        pytest.param({"exp": 2_000_000_000 + HUB_SECONDS}, "credential_expired", id="for longer than five years"),
    ],
)
async def test_another_certificate_is_refused(
    ines: Installer, hub: Home, changes: dict[str, object], expected: str
) -> None:
    await ines.start()
    await ask(hub, ines.code)
    await ines.asked()
    assert code(await ines.certify(ines.signed(hub, **changes))) == (422, expected)


async def test_the_roster_alone_makes_no_installer(stack: AsyncExitStack, world: World, hub: Home) -> None:
    anna = await person(stack, world, "anna", "operator")
    await world.person("anna", "installer")
    assert code(await pair(anna, hub)) == (422, "role_not_allowed")


async def test_a_revoked_installer_pairs_nothing(world: World, ines: Installer, hub: Home) -> None:
    await say(world, listed(world, ines.key.public.kid))
    assert code(await pair(ines, hub)) == (422, "revoked")
    assert await world.store.hub(hub.hub) is None


async def test_a_revoked_hub_is_not_paired_again(world: World, ines: Installer, hub: Home) -> None:
    await say(world, listed(world, hub.hub))
    assert code(await pair(ines, hub)) == (422, "revoked")


async def test_nobody_pairs_on_a_list_that_is_old(world: World, ines: Installer, hub: Home, clock: MovedClock) -> None:
    await say(world, listed(world))
    await clock.forward(86_401)
    await ines.approve()
    await ines.login()
    assert code(await pair(ines, hub)) == (422, "revocations_stale")
    await say(world, listed(world, number=2))
    assert (await pair_again(ines, hub))[0] == 200


async def test_an_old_shift_makes_no_certificate_for_when_it_was_new(
    world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    then = world.clock.now()
    await clock.forward(13 * 3600)
    await ines.login()
    assert code(await pair(ines, hub)) == (422, "credential_expired")
    assert code(await ines.certify(ines.signed(hub, iat=then))) == (422, "credential_expired")
    await ines.approve()
    assert code(await ines.certify(ines.signed(hub, iat=world.clock.now() - 121))) == (422, "clock_skew")


async def say(world: World, token: str) -> None:
    """A newer list of the root's."""
    await world.service.will.set_revocations(world.root.public, token, (), "")


async def pair_again(installer: Installer, hub: Home) -> tuple[int, Json]:
    return await installer.certify(installer.signed(hub))


def test_where_homes_find_the_service_can_be_set() -> None:
    assert read_settings(["--data", "x", "--hub-url", "wss://hem.example/hub"]).front.hub_url == "wss://hem.example/hub"
    for wrong in ("https://hem.example/hub", "wss://hem.example", "wss:///hub", "wss://a b/hub"):
        with pytest.raises(SystemExit):
            read_settings(["--data", "x", "--hub-url", wrong])


# ---- one home, one name ---------------------------------------------------------------------------------------------

IN_USE = (409, {"error": "label_in_use"})


async def test_a_label_that_a_home_has_is_refused_unless_somebody_says_that_it_is_the_same_home(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await pair(ines, hub)
    await clock.forward(60)
    for label in (LABEL, LABEL.upper()):
        assert await ines.start(label) == IN_USE
    new = Home(world, LABEL)
    stack.push_async_callback(new.close)
    assert await pair(ines, new, hub.hub) == (200, {"hub": new.hub})
    assert (await world.store.hub(new.hub)).replaces == hub.hub  # type: ignore[union-attr]
    assert (await ines.homes())[LABEL]["replaces"] in ("", hub.hub)
    await clock.forward(60)
    assert await ines.start() == IN_USE  # the new one has it now
    assert (await ines.start(LABEL, new.hub))[0] == 200


async def test_a_hub_that_is_paired_anew_replaces_what_it_did_before(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await pair(ines, hub)
    new = Home(world, LABEL)
    stack.push_async_callback(new.close)
    for old in (hub, new):
        await clock.forward(60)
        assert (await pair(ines, new, old.hub))[0] == 200
        assert (await world.store.hub(new.hub)).replaces == hub.hub  # type: ignore[union-attr]
        await new.close()


async def test_another_homes_hub_is_not_replaced(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home
) -> None:
    await pair(ines, hub)
    ivar = await person(stack, world, "ivar", "installer", unit="syd")
    assert await ivar.start() == IN_USE
    assert await ivar.start(LABEL, hub.hub) == GONE
    assert await ines.start("Bosse", hub.hub) == GONE
    assert await ines.start(LABEL, "A" * 43) == GONE


async def test_a_home_of_the_same_name_takes_nobodys_looks_away(
    stack: AsyncExitStack, world: World, clock: MovedClock
) -> None:
    old = await world.home("Rosen 1")
    stack.push_async_callback(old.close)
    boss = await person(stack, world, "boss", "admin")
    await clock.forward(60)
    other = await world.home("Rosen 1")  # certified outside this service
    stack.push_async_callback(other.close)
    token = boss.key.sign(wire.Revocations(1, (old.hub,), clock.now()))
    assert (await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain)))[0] == 200
    await world.service.planner.round()
    assert {one.hub for one in await world.store.unended()} == {old.hub, other.hub}


# ---- the homes ------------------------------------------------------------------------------------------------------


async def test_the_homes_of_ones_own_units(stack: AsyncExitStack, world: World, ines: Installer, hub: Home) -> None:
    await pair(ines, hub)
    other, planned = Home(world, "Bosse"), await world.home("Rosen 1")
    stack.push_async_callback(other.close)
    stack.push_async_callback(planned.close)
    await other.connect()  # certified by the root, without a plan: for everybody
    found = await ines.homes()
    assert sorted(found) == ["Bosse", LABEL, "Rosen 1"]
    told = found[LABEL]
    assert (told["paired"], told["paired_by"], told["unit"], told["plan"]) == (world.clock.now(), "Ines", "", 0)
    assert (told["key"], told["chain"]) == (hub.key.public.x, list(ines.chain))
    assert (found["Rosen 1"]["unit"], found["Rosen 1"]["plan"], found["Rosen 1"]["online"]) == ("nord", 1, True)
    ivar = await person(stack, world, "ivar", "installer", unit="syd")
    assert list(await ivar.homes()) == ["Bosse"]
    boss = await person(stack, world, "boss", "admin", unit="syd")
    assert len(await boss.homes()) == 3


async def test_a_certificate_is_renewed_without_a_visit(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await pair(ines, hub)
    first = await world.store.hub(hub.hub)
    assert first is not None
    paula = await person(stack, world, "paula", "planner")
    assert code(await paula.renew(paula.signed(hub))) == (422, "replayed")
    await clock.forward(60)
    token = paula.signed(hub)
    assert await paula.renew(token) == (200, {"hub": hub.hub})
    kept = await world.store.hub(hub.hub)
    assert kept is not None
    assert (kept.certificate, kept.chain, kept.paired) == (token, paula.chain, first.paired)
    told = (await paula.homes())[LABEL]
    assert (told["paired_by"], told["certificate"]) == ("Ines", token)
    assert (await world.store.entries(Search(event="renewed", hub=hub.hub)))[0].login == "paula"
    assert await come_back(hub, first.certificate, first.chain) == ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"label": "Bosse"}, (422, "wrong_hub"), id="another label"),
        pytest.param({"key": SigningKey.from_seed(bytes(32)).public.x}, (404, "not_found"), id="a hub nobody paired"),
    ],
)
async def test_what_is_no_renewal_is_refused(
    ines: Installer, hub: Home, clock: MovedClock, changes: dict[str, object], expected: tuple[int, str]
) -> None:
    await pair(ines, hub)
    await clock.forward(60)
    assert code(await ines.renew(ines.signed(hub, **changes))) == expected


async def test_another_units_installer_renews_nothing(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await pair(ines, hub)
    ivar = await person(stack, world, "ivar", "installer", unit="syd")
    await clock.forward(60)
    assert await ivar.renew(ivar.signed(hub)) == GONE
    await world.person("ivar", "installer", unit="nord")  # what the roster says is not what the root has said
    assert await ivar.renew(ivar.signed(hub)) == GONE


async def test_an_operators_renewal_is_refused(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    await pair(ines, hub)
    await clock.forward(60)
    anna = await person(stack, world, "anna", "operator")
    await world.person("anna", "installer")
    assert code(await anna.renew(anna.signed(hub))) == (422, "role_not_allowed")


async def test_homes_of_a_revoked_installer_go_and_come_back_when_another_has_certified_them(
    stack: AsyncExitStack, world: World, ines: Installer, hub: Home, clock: MovedClock
) -> None:
    boss = await person(stack, world, "boss", "admin")
    await world.service.will.set_policy(world.root.public, policy(world), "")
    await say(world, listed(world))
    await pair(ines, hub)
    first = await world.store.hub(hub.hub)
    assert first is not None
    assert await come_back(hub, first.certificate, first.chain) == ""
    other = await world.home("Rosen 1")
    stack.push_async_callback(other.close)
    token = boss.key.sign(wire.Revocations(2, (ines.key.public.kid,), clock.now()))
    assert (await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain)))[0] == 200
    async with asyncio.timeout(SOON):
        while not isinstance(frame := await hub.hear(), frames.Rejected):
            pass
    assert frame.code == "revoked"
    await other.settled()  # nobody else's link was cut
    assert await come_back(hub, first.certificate, first.chain) == "revoked"
    await clock.forward(60)
    paula = await person(stack, world, "paula", "planner")
    assert (await paula.renew(paula.signed(hub)))[0] == 200
    assert await come_back(hub, first.certificate, first.chain) == ""


async def test_a_revoked_hub_is_told_and_stays_out(stack: AsyncExitStack, world: World, clock: MovedClock) -> None:
    boss = await person(stack, world, "boss", "admin")
    home = await world.home("Rosen 1")
    stack.push_async_callback(home.close)
    certificate = home.certificate()
    token = boss.key.sign(wire.Revocations(1, (home.hub,), clock.now()))
    assert (await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain)))[0] == 200
    async with asyncio.timeout(SOON):
        while not isinstance(frame := await home.hear(), frames.Rejected):
            pass
    assert frame.code == "revoked"
    assert await come_back(home, certificate, ()) == "revoked"


async def test_looks_of_a_hub_that_was_replaced_end_when_the_new_one_has_its_plan_and_not_before(
    stack: AsyncExitStack, world: World, clock: MovedClock
) -> None:
    anna = await stack.enter_async_context(await world.console("anna"))
    old = await world.home("Rosen 1")
    stack.push_async_callback(old.close)
    boss = await person(stack, world, "boss", "admin")
    await clock.forward(60)
    new = Home(world, "Rosen 1")
    stack.push_async_callback(new.close)
    await new.connect()
    await says_replaced(world, old, new)
    await new.status()
    token = boss.key.sign(wire.Revocations(1, (old.hub,), clock.now()))
    assert (await boss.post("/api/trust/revocations", token=token, chain=list(boss.chain)))[0] == 200
    await world.service.planner.round()
    assert [one.hub for one in await world.store.unended()] == [old.hub]  # nobody looks: it becomes a visit
    await new.agree(new.plan())
    await anna.until(lambda one: one["type"] == "row_gone" and one["hub"] == old.hub)
    assert {one.hub for one in await world.store.unended()} == {new.hub}
    await clock.forward(86_400)
    await world.service.planner.round()
    assert {one.hub for one in await world.store.unended()} == {new.hub}


async def says_replaced(world: World, old: Home, new: Home) -> None:
    """What whoever paired the new one said."""
    row = await world.store.hub(new.hub)
    assert row is not None
    await world.store.save_hub(replace(row, replaces=old.hub))


async def test_looks_of_a_hub_whose_successor_was_replaced_too_do_not_come_back(
    stack: AsyncExitStack, world: World, clock: MovedClock
) -> None:
    homes = [await world.home("Rosen 1")]
    for number in (1, 2):
        await clock.forward(60)
        new = Home(world, "Rosen 1")
        await new.connect()
        await says_replaced(world, homes[-1], new)
        await new.status()
        await new.agree(new.plan())
        homes.append(new)
        revoked = tuple(one.hub for one in homes[:-1])
        await say(world, world.root.sign(wire.Revocations(number, revoked, clock.now())))
    for one in homes:
        stack.push_async_callback(one.close)
    world.service.planner.again()
    await world.service.planner.round()
    assert {one.hub for one in await world.store.unended()} == {homes[-1].hub}
