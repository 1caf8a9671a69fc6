"""The page of the homes that are paired: certificates that run out or rest on somebody revoked, and hubs replaced."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import override

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bridge.app import Bridge
from bridge.keep import Keep
from operator_service.certified import HUB_SECONDS
from operator_service.rows import Hub, PlanRow
from tests.authenticator import Authenticator
from tests.bridge.conftest import QUICK
from tests.bridge.media.scripted_camera import ScriptedCamera
from tests.bridge.peers import FakeIntegration
from tests.operator.console.checked import CheckedHousehold
from tests.operator.console.conftest import payload
from tests.operator.console.household import window_now
from tests.operator.console.installer import LABEL, Installer, Open, opener
from tests.operator.console.test_shift import root_says
from tests.operator.peers import World
from tillsyn import frames, wire
from tillsyn.identity import PublicKey, SigningKey, digest
from tillsyn.model import Role, Room
from tillsyn.pairing import check_pairing
from tillsyn.words import SWEDISH

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = 86_400
HEARD = "Hemmen som är uppkopplade vet det redan."


@pytest_asyncio.fixture(loop_scope="module")
async def opened(chromium: Browser, world: World) -> AsyncIterator[Open]:
    """Browsers of people in their shift, at the page for pairing."""
    async with AsyncExitStack() as stack:
        yield opener(chromium, stack, world)


class Colleague:
    """An installer of before, with a passkey, who has certified homes."""

    def __init__(self, world: World, name: str = "Ivar") -> None:
        self.world, self.key = world, SigningKey.generate()
        authenticator = Authenticator(name, "localhost", world.url)
        self.kid = authenticator.kid
        now = int(time.time())
        passkey = wire.Passkey(**authenticator.passkey)
        said = wire.Credential("", name, (Role.INSTALLER,), ("nord",), now - 60, now + DAY, passkey)
        credential = world.root.sign(said)
        shift = wire.Delegation(digest(credential), self.key.public.x, now - 60, now + 3600)
        self.chain = (credential, authenticator.token(shift.payload()))

    def certificate(self, key: SigningKey, label: str = LABEL, days: int = HUB_SECONDS // DAY) -> str:
        now = int(time.time())
        made = wire.HubCertificate(key.public.x, label, "Exempelkommun", now - 30, now - 30 + days * DAY, 1)
        return self.key.sign(made)

    async def paired(self, label: str = LABEL, days: int = HUB_SECONDS // DAY, ago: int = 30) -> Hub:
        key = SigningKey.generate()
        token = self.certificate(key, label, days)
        hub = Hub(key.public.kid, key.public.x, label, token, int(time.time()) - ago, chain=self.chain)
        await self.world.store.save_hub(hub)
        return hub


class Certified(CheckedHousehold):
    """A home whose hub a colleague has certified."""

    by: Colleague

    @override
    def login(self, nonce: str = "", certificate: str = "", signer: SigningKey | None = None) -> frames.LinkLogin:
        found = super().login(nonce, certificate or self.by.certificate(self.key, self.label), signer)
        return replace(found, chain=self.by.chain)


async def at_homes(opened: Open, *roles: Role, login: str = "ines") -> Installer:
    screen = await opened(login, *roles, at="homes")
    await screen.page.get_by_role("heading", name="Hem", exact=True).wait_for()
    return screen


async def test_homes_of_a_revoked_installer_are_certified_again_from_here_once_somebody_vouches(
    world: World, opened: Open
) -> None:
    ivar = Colleague(world)
    elsa, bosse = await ivar.paired(), await ivar.paired("Bosse, Lillgatan 1")
    await root_says(world)
    await root_says(world, revoked=(ivar.kid,), number=2)
    paula = await at_homes(opened, Role.PLANNER)
    row = paula.page.locator("li", has_text="Elsa")
    await row.get_by_text("Den som certifierade, eller godkände den personen, är spärrad").wait_for()
    await row.get_by_text("Ingen kan titta in här").wait_for()
    await paula.keep("homes-revoked")
    await row.get_by_role("button", name="Certifiera på nytt").click()
    await paula.sees("Certifiera på nytt bara om du vet att det är rätt hemhubb")
    await row.get_by_role("button", name="Avbryt").click()
    assert await world.store.hub(elsa.hub) == elsa
    await paula.page.get_by_role("button", name="Certifiera alla på nytt (2)").click()
    await paula.sees("Certifiera på nytt: Bosse, Lillgatan 1, Elsa, Storgatan 4.")
    assert await paula.axe() == []
    await paula.page.get_by_role("button", name="Certifiera alla på nytt (2)").click()
    await paula.sees("2 hem är certifierade på nytt.")
    for hub in (elsa, bosse):
        kept = await world.store.hub(hub.hub)
        assert kept is not None
        assert kept.paired == hub.paired
        made = payload(kept.certificate)
        assert (made["key"], made["label"], made["policy"]) == (hub.key, hub.label, 1)
        assert payload(kept.chain[0])["name"] == "Ines"
    await row.get_by_text("Certifierat", exact=True).wait_for()


async def test_a_certificate_that_runs_out_within_a_month_is_made_anew_by_one_press(world: World, opened: Open) -> None:
    ivar = Colleague(world)
    hub = await ivar.paired(days=29)
    ines = await at_homes(opened, Role.INSTALLER)
    row = ines.page.locator("li", has_text="Elsa")
    await row.get_by_text("Går ut").wait_for()
    await row.get_by_role("button", name="Certifiera på nytt").click()
    await ines.sees(f"{LABEL} är certifierat på nytt. Ingen behöver åka dit.")
    kept = await world.store.hub(hub.hub)
    assert kept is not None
    assert payload(kept.certificate)["exp"] > time.time() + HUB_SECONDS - DAY


async def test_a_hub_that_the_service_has_made_up_is_not_certified(world: World, opened: Open) -> None:
    evil = Colleague(World(SigningKey.generate(), *(getattr(world, one) for one in REST)))
    made_up = await evil.paired()
    right = await Colleague(world).paired("Bosse")
    await world.store.save_hub(replace(right, label="Elsa, Storgatan 4"))  # and one whose name it has changed
    ines = await at_homes(opened, Role.INSTALLER)
    row = ines.page.locator(f"li[data-hub='{made_up.hub}']")
    await row.get_by_text("Certifikatet stämmer inte").wait_for()
    await row.get_by_text("Parkoppla hemmet på nytt.").wait_for()
    assert await row.get_by_role("button").count() == 0
    await ines.page.locator(f"li[data-hub='{right.hub}']").get_by_role("button", name="Certifiera på nytt").click()
    await ines.page.locator(".notice.bad").wait_for()
    kept = await world.store.hub(right.hub)
    assert kept is not None
    assert payload(kept.certificate)["label"] == "Bosse"


REST = ("clock", "store", "service", "runner", "url")


async def test_the_old_hub_of_a_home_is_revoked_by_an_administrator(world: World, opened: Open) -> None:
    ivar = Colleague(world)
    old, new = await ivar.paired(ago=9 * DAY), await ivar.paired(ago=60)
    row_of_new = await world.store.hub(new.hub)
    assert row_of_new is not None
    await world.store.save_hub(replace(row_of_new, replaces=old.hub))
    ines = await at_homes(opened, Role.INSTALLER)
    row = ines.page.locator(f"li[data-hub='{old.hub}']")
    await row.get_by_text("be en administratör spärra den här").wait_for()
    assert await row.get_by_role("button", name="Hemhubben är utbytt").count() == 0

    boss = await at_homes(opened, Role.ADMIN, Role.OPERATOR, login="boss")
    for width in (390, 700, 1024, 1280):
        await boss.page.set_viewport_size({"width": width, "height": 900})
        assert await boss.overflows() <= 0
        await boss.keep(f"homes-admin-{width}")
    row = boss.page.locator(f"li[data-hub='{old.hub}']")
    await row.get_by_role("button", name="Hemhubben är utbytt").wait_for()
    assert await boss.page.get_by_role("button", name="Hemhubben är utbytt").count() == 1
    assert await boss.page.get_by_role("button", name="Certifiera på nytt").count() == 0
    await row.get_by_role("button", name="Hemhubben är utbytt").click()
    await boss.sees("Den kan aldrig användas igen.")
    await boss.keep("homes-replaced")
    await row.get_by_role("button", name="Spärra den gamla hemhubben").click()
    await row.get_by_text("Hemhubben är spärrad").wait_for()
    assert world.service.will.known().revoked == {old.hub}
    fresh = boss.page.locator(f"li[data-hub='{new.hub}']")
    await fresh.get_by_text("Certifierat", exact=True).wait_for()


async def test_an_operator_is_told_why_a_home_whose_installer_is_revoked_cannot_be_looked_at(
    world: World, opened: Open
) -> None:
    ivar = Colleague(world)
    async with ScriptedCamera() as camera:
        await root_says(world)
        home = Certified(world, {Room.BEDROOM: camera}, LABEL)
        home.by = ivar
        await home.move_in(window_now(30))
        anna = await opened("anna", Role.OPERATOR, at="queue")
        await anna.prepared()
        await root_says(world, revoked=(ivar.kid,), number=2)
        await anna.press("Enter")
        await anna.page.locator(".result.refused[data-code=home_not_certified]").wait_for()
        await anna.sees("Hemmets certifikat gäller inte längre.")
        await anna.no_picture()
        await anna.keep("look-not-certified")
        assert home.grants == []

        paula = await at_homes(opened, Role.PLANNER, login="paula")
        row = paula.page.locator("li", has_text="Elsa")
        await row.get_by_role("button", name="Certifiera på nytt").click()
        await row.get_by_role("button", name="Certifiera på nytt").click()
        await paula.sees(f"{LABEL} är certifierat på nytt.")
        await anna.press("Escape")
        await anna.sees("Tillsyn i natt")
        await anna.press("Enter")
        await anna.picture()
        await anna.press("1")
        await home.heard(wire.ReceiptAck)
        assert len(home.grants) == 1
        await home.move_out()


async def test_the_real_bridge_is_paired_loses_its_installer_and_is_certified_again_by_another(
    world: World, opened: Open, tmp_path: Path
) -> None:
    keep = Keep(tmp_path / "bridge")
    hub = keep.hub.public
    async with aiohttp.ClientSession() as session:
        bridge = Bridge(keep, session, QUICK)
        home = await FakeIntegration.connect(session, await bridge.start("127.0.0.1", 0), keep.access_key)

        async def link(code: str) -> None:
            await home.expect(frames.ServiceLink, lambda one: one.connected == (code == "") and one.code == code)

        ines = await opened()
        code = await ines.make_code()
        await home.send(frames.StartPairing(await ines.read()))
        assert await ines.words() == [SWEDISH[place] for place in code.words(hub)]
        await ines.page.get_by_role("button", name="Samma ord", exact=True).click()
        found = await home.expect(frames.PairingResult)
        check_pairing(code, PublicKey(found.root), found.certificate, found.chain, hub, int(time.time()))
        await link("")

        boss = await at_homes(opened, Role.ADMIN, login="boss")
        await boss.page.locator("li", has_text=LABEL).get_by_text("Kontakt med hemmet", exact=True).wait_for()
        await boss.page.get_by_role("link", name="Personer").click()
        row = boss.page.locator("li.person", has_text="Ines")
        await row.get_by_role("button", name="Spärra").click()
        await boss.sees("Hem som personen har certifierat nås inte förrän")
        await row.get_by_role("button", name="Spärra nu").click()
        await boss.sees(HEARD)
        await link("revoked")

        paula = await at_homes(opened, Role.PLANNER, login="paula")
        card = paula.page.locator("li", has_text=LABEL)
        for _ in range(2):
            await card.get_by_role("button", name="Certifiera på nytt").click()
        await paula.sees(f"{LABEL} är certifierat på nytt.")
        await link("")
        await home.close()
        await bridge.stop()


async def test_a_home_that_has_left_is_ended_by_an_administrator(world: World, opened: Open) -> None:
    elsa = await Colleague(world).paired()
    await world.store.propose(PlanRow(elsa.hub, 1, "no look is made of it", "h", "nord", 1))
    boss = await at_homes(opened, Role.ADMIN, Role.OPERATOR, login="boss")
    row = boss.page.locator(f"li[data-hub='{elsa.hub}']")
    await row.get_by_role("button", name="Hemmet har lämnat oss").click()
    await boss.sees(f"Har {LABEL} lämnat oss?")
    assert await boss.axe() == []
    await boss.keep("homes-leave")
    await row.get_by_role("button", name="Avbryt").click()
    assert world.service.will.known().revoked == set()
    # The service fails between the two: the key is revoked, and what is left to do can be done.
    await boss.page.route("**/api/homes/left", lambda route: route.abort(), times=1)
    await row.get_by_role("button", name="Hemmet har lämnat oss").press("Enter")
    await row.get_by_role("button", name="Avsluta hemmet").press("Enter")
    await row.get_by_text("Hemhubben är spärrad").wait_for()
    assert world.service.will.known().revoked == {elsa.hub}
    boss.faults.clear()
    await row.get_by_role("button", name="Hemmet har lämnat oss").click()
    await row.get_by_role("button", name="Avsluta hemmet").click()
    await boss.sees(f"{LABEL} har lämnat oss. Hemhubben är spärrad och planen avslutad.")
    await row.get_by_text("Har lämnat oss", exact=True).wait_for()
    assert await row.get_by_role("button").count() == 0
    await boss.keep("homes-left")
    assert await world.store.newest_plan(elsa.hub, "ended") is not None


async def test_a_hub_that_was_stolen_is_revoked_also_before_there_is_a_newer_one(world: World, opened: Open) -> None:
    elsa = await Colleague(world).paired()
    await root_says(world)
    ines = await at_homes(opened, Role.INSTALLER)
    row = ines.page.locator(f"li[data-hub='{elsa.hub}']")
    await row.get_by_text("Certifierat", exact=True).wait_for()
    for name in ("Spärra hemhubben", "Hemmet har lämnat oss"):
        assert await row.get_by_role("button", name=name).count() == 0
    boss = await at_homes(opened, Role.ADMIN, Role.OPERATOR, login="boss")
    row = boss.page.locator(f"li[data-hub='{elsa.hub}']")
    await row.get_by_role("button", name="Spärra hemhubben").click()
    await boss.sees("Tillsynen i planen blir besök")
    await row.get_by_role("button", name="Spärra hemhubben").click()
    await row.get_by_text("Hemhubben är spärrad").wait_for()
    assert world.service.will.known().revoked == {elsa.hub}
