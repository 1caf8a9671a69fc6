"""The administrator's pages and the first-run wizard in a real Chromium."""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from operator_service.root.words import seed_of
from tests.bridge.media.scripted_camera import ScriptedCamera
from tests.operator.console.checked import CheckedHousehold
from tests.operator.console.conftest import WAIT_MS, Screen
from tests.operator.console.household import serve_console, window_now
from tests.operator.console.test_shift import authenticator, certify, kept, log_in, root_says
from tests.operator.peers import PASSWORD, World
from tests.operator.test_people import Person
from tillsyn import wire
from tillsyn.identity import SigningKey
from tillsyn.model import Role, Room

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUR = 3600
PICTURES = os.environ.get("TILLSYN_PICTURES")
"""A folder for pictures of the pages, for whoever wants to look at them."""

type Open = Callable[[World], Awaitable[Screen]]


@pytest_asyncio.fixture(loop_scope="module")
async def opened(chromium: Browser) -> AsyncIterator[Open]:
    """Browsers of several people at once, each with an authenticator."""
    async with AsyncExitStack() as stack:

        async def make(world: World) -> Screen:
            context = await chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(WAIT_MS)
            await authenticator(page)
            return Screen(page, world)

        yield make


async def picture(screen: Screen, name: str) -> None:
    if PICTURES:
        await screen.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


async def administrator(world: World, opened: Open) -> Screen:
    """In their shift, at the list of people."""
    await world.person("boss", "admin")
    screen = await opened(world)
    await screen.page.goto(f"{world.url}/#people")
    await log_in(screen, "boss")
    await screen.page.get_by_role("link", name="Personer").click()
    await screen.page.get_by_role("button", name="Lägg till passnyckel").click()
    await screen.sees("Läs upp koden för administratören")
    await certify(world, "boss", Role.ADMIN)
    await screen.page.get_by_role("button", name="Börja passet").click()
    await screen.sees("Vilka som får göra vad")
    await screen.page.get_by_role("button", name="Börja passet").wait_for(state="detached")
    return screen


async def test_an_administrator_certifies_by_comparing_codes_revokes_and_removes(world: World, opened: Open) -> None:
    await root_says(world)
    await world.person("eva", "operator")
    boss, eva = await administrator(world, opened), await opened(world)
    async with ScriptedCamera() as camera:
        home = CheckedHousehold(world, {Room.BEDROOM: camera}, "Elsa, Storgatan 4")
        await home.move_in(window_now(30))
        await eva.page.goto(world.url)
        await log_in(eva, "eva")
        await eva.page.get_by_role("button", name="Lägg till passnyckel").click()
        read = await eva.page.locator(".code").inner_text()
        waiting = boss.page.locator(".waits")
        assert await waiting.locator(".code").inner_text() == read
        await picture(boss, "people-waiting")
        await waiting.get_by_role("button", name="Godkänn").click()  # not before the codes have been compared
        assert await world.store.passkeys("eva") == [row for row in await world.store.passkeys("eva") if not row.chain]
        await waiting.get_by_label("Jag har jämfört koden").check()
        await waiting.get_by_label("Gäller i antal dagar").fill("30")
        await waiting.get_by_role("button", name="Godkänn").click()
        await boss.sees("Eva är godkänd.")

        await eva.page.get_by_role("button", name="Börja passet").click()
        await eva.prepared()
        await eva.press("Enter")
        await eva.picture()
        await eva.press("1")
        await home.heard(wire.ReceiptAck)
        (grant,) = home.grants
        assert grant.operator.name == "Eva"
        assert len(grant.kids) == 4  # both passkeys, both session keys
        await picture(boss, "people-list")

        row = boss.page.locator("li.person", has_text="Eva")
        await row.get_by_role("button", name="Spärra").click()
        await boss.sees("Den slutar gälla genast")
        await picture(boss, "people-revoke")
        await row.get_by_role("button", name="Spärra nu").click()
        await boss.sees("Hemmen som är uppkopplade vet det redan.")
        assert world.service.will.known().revoked == {grant.operator.kid}
        assert home.trust.revoked == {grant.operator.kid}

        await row.get_by_role("button", name="Har slutat").click()
        await row.get_by_role("button", name="Spärra och ta bort").click()
        await boss.sees("Eva är spärrad och borttagen.")
        assert await world.store.user("eva") is None
        await home.move_out()


async def test_the_list_is_signed_again_while_an_administrator_is_here(world: World, opened: Open) -> None:
    await root_says(world)
    now = int(time.time())
    world.service.will._said.clear()  # as if it had been made this morning
    policy = world.root.sign(wire.Policy(2, False, 43_200, 60, 1, now - 7 * HOUR))
    await world.service.will.set_policy(world.root.public, policy, "")
    old = world.root.sign(wire.Revocations(2, ("K" * 43,), now - 7 * HOUR))
    await world.service.will.set_revocations(world.root.public, old, (), "")
    boss = await administrator(world, opened)
    await boss.sees("Spärrlistan förnyades för 0 timmar sedan.")
    renewed = world.service.will.revocations
    assert renewed is not None
    assert (renewed.number, renewed.revoked) == (3, ("K" * 43,))
    assert renewed.iat >= now


async def test_a_service_that_shows_an_older_list_does_not_get_it_signed_anew(world: World, opened: Open) -> None:
    await root_says(world)
    boss = await administrator(world, opened)
    before = world.service.will._said[wire.Revocations.TYP]  # an evil service keeps what it likes
    lost = "K" * 43
    await root_says(world, revoked=(lost,), number=2)
    await boss.page.wait_for_function(
        "() => new Promise((done) => { const asked = indexedDB.open('trygghetskamera', 1); asked.onsuccess = () => {"
        " const got = asked.result.transaction('kept').objectStore('kept').get('list');"
        " got.onsuccess = () => { asked.result.close(); done(got.result?.revoked.length === 1); }; }; })"
    )
    await world.service.will.keep(before)
    await boss.page.reload()
    await boss.sees("Vilka som får göra vad")
    await world.person("eva", "operator")
    async with Person(world, "eva") as eva:
        await eva.login()
        await eva.register()
    row = boss.page.locator("li.person", has_text="Eva")
    await row.get_by_role("button", name="Har slutat").wait_for()
    await certify(world, "eva", Role.OPERATOR)
    world.service.screens.show_people()
    await row.get_by_role("button", name="Spärra").click()
    await row.get_by_role("button", name="Spärra nu").click()
    await boss.sees("Hemmen som är uppkopplade vet det redan.")
    listed = world.service.will.revocations
    assert listed is not None
    assert (listed.number, listed.revoked[0], len(listed.revoked)) == (3, lost, 2)


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (19, "Spärrlistan är 19 timmar gammal. När den är 24 timmar"),
        (25, "Ingen kan titta in; gör tillsynen som besök."),
    ],
)
async def test_everybody_is_told_when_the_list_grows_old(world: World, opened: Open, hours: int, text: str) -> None:
    at = int(time.time()) - hours * HOUR
    root, will = world.root, world.service.will
    await will.set_policy(root.public, root.sign(wire.Policy(1, True, 43_200, 60, 1, at)), "")
    await will.set_revocations(root.public, root.sign(wire.Revocations(1, (), at)), (), "")
    screen = await opened(world)
    await screen.page.goto(world.url)
    await log_in(screen, "anna")
    await screen.sees(text)
    await screen.sees("Be en administratör logga in")


# ---- the wizard and the root key's page -----------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(tmp_path: Path) -> AsyncIterator[World]:
    """A service that nobody has set up."""
    found = await serve_console(tmp_path, pinned=False)
    yield found
    await found.stop()


async def through_the_wizard(screen: Screen) -> str:
    """From the login page to the queue; the words that were written down."""
    world, page = screen.world, screen.page
    await page.goto(world.url)
    await page.get_by_role("link", name="Ny installation: sätt upp här").click()
    await page.get_by_label("Startkod").fill("AAAA-AAAA-AAAA")
    await screen.press("Enter")
    await screen.sees("Fel startkod.")
    await picture(screen, "setup-code")
    await page.get_by_label("Startkod").fill(world.service.setup.code)
    await screen.press("Enter")
    await page.get_by_label("Namn som hemmen visar").fill("Hemma hos Ada")
    await page.get_by_label("Enhet (a–z och siffror)").fill("nord")
    await page.get_by_label("Ditt namn").fill("Ada")
    await page.get_by_label("Användarnamn").fill("ada")
    await page.get_by_label("Lösenord").fill(PASSWORD)
    await picture(screen, "setup-who")
    await screen.press("Enter")
    await screen.sees("Skriv ner de 24 orden")
    await picture(screen, "setup-words")
    written = (await page.locator("ol.words").inner_text()).split()
    words = [one for one in written if one.isalpha()]
    assert len(words) == 24
    await page.get_by_role("button", name="Jag har skrivit ner dem").click()
    asked = page.locator("input[name^=w]")
    for at in range(await asked.count()):
        await asked.nth(at).fill("abandon")
    await screen.press("Enter")
    await screen.sees("Ett av orden stämmer inte.")
    await picture(screen, "setup-check")
    for at in range(await asked.count()):
        name = await asked.nth(at).get_attribute("name") or ""
        await asked.nth(at).fill(words[int(name[1:])])
    await screen.press("Enter")
    await screen.sees("Spärrlistan förnyades för 0 timmar sedan.")
    return " ".join(words)


async def test_the_wizard_makes_a_root_that_is_only_on_paper(fresh: World, opened: Open) -> None:
    screen = await opened(fresh)
    words = await through_the_wizard(screen)
    root = SigningKey.from_seed(seed_of(words))
    pinned = await fresh.store.municipality()
    assert pinned is not None
    assert (pinned.root, pinned.name) == (root.public.x, "Hemma hos Ada")
    assert await kept(screen.page) == ["key:ada", "list", "root"]
    user = await fresh.store.user("ada")
    assert user is not None
    assert set(user.roles) == {role.value for role in Role}
    policy = fresh.service.will.policy
    assert policy is not None
    assert policy.browser_keys
    fresh.root = root
    async with ScriptedCamera() as camera:
        home = CheckedHousehold(fresh, {Room.BEDROOM: camera}, "Mormor")
        await home.move_in(window_now(30))
        await screen.prepared()
        await screen.press("Enter")
        await screen.picture()
        await screen.press("1")
        await home.heard(wire.ReceiptAck)
        await home.move_out()


async def test_the_words_open_the_root_key_for_administrators_and_rules(fresh: World, opened: Open) -> None:
    ada, bo = await opened(fresh), await opened(fresh)
    words = await through_the_wizard(ada)
    await fresh.person("bo", "operator")
    await bo.page.goto(fresh.url)
    await log_in(bo, "bo")
    await bo.sees("Väntar på godkännande")
    page = ada.page
    await page.get_by_role("link", name="Personer").click()
    await page.get_by_role("link", name="Rotnyckel").click()
    await page.get_by_label("De 24 orden").fill(words.replace(" ", " \n").replace(words.split()[0], "zoo", 1))
    await page.get_by_role("button", name="Öppna rotnyckeln").click()
    await ada.sees("Orden stämmer inte")
    await page.get_by_label("De 24 orden").fill(words.upper())
    await page.get_by_role("button", name="Öppna rotnyckeln").click()
    await ada.sees("Rotnyckeln är öppen.")
    waiting = page.locator(".waits")
    await waiting.get_by_label("administratör").check()
    await waiting.get_by_label("larmoperatör").check()
    await waiting.get_by_label("nord").check()
    await waiting.get_by_label("Jag har jämfört koden").check()
    await picture(ada, "root-open")
    await waiting.get_by_role("button", name="Godkänn").click()
    await ada.sees("Bo är godkänd.")
    await bo.page.get_by_role("heading", name="Väntar på godkännande").wait_for(state="detached")
    user = await fresh.store.user("bo")
    assert user is not None
    assert "admin" in user.roles
    await page.get_by_label("Längsta titt (sekunder)").fill("20")
    await page.get_by_label("Webbläsarens egen nyckel duger").uncheck()
    await page.get_by_role("button", name="Signera reglerna").click()
    await ada.sees("Reglerna är ändrade.")
    policy = fresh.service.will.policy
    assert policy is not None
    assert (policy.number, policy.look_seconds, policy.browser_keys) == (2, 20, False)
    await page.get_by_role("button", name="Klart: glöm rotnyckeln").click()
    await page.get_by_label("De 24 orden").wait_for()
    assert await page.get_by_label("De 24 orden").input_value() == ""


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_the_pages_pass_axe_and_fit_a_phone(world: World, fresh: World, opened: Open, theme: str) -> None:
    found: dict[str, object] = {}

    async def look_at(screen: Screen, name: str) -> None:
        for width, height in ((1280, 900), (390, 844)):
            await screen.page.set_viewport_size({"width": width, "height": height})
            if problems := [*await screen.axe(), *(["too wide"] if await screen.overflows() > 0 else [])]:
                found[f"{name} {width}"] = problems
            await picture(screen, f"{name}-{theme}-{width}")

    await root_says(world)
    eva = await opened(world)
    await eva.page.add_init_script(f"localStorage.setItem('tillsyn-theme', '{theme}')")
    await eva.page.goto(world.url)
    await log_in(eva, "anna")
    await eva.sees("Lägg till din passnyckel")
    await look_at(eva, "register")
    await eva.page.get_by_role("button", name="Lägg till passnyckel").click()
    await eva.sees("Läs upp koden")
    await look_at(eva, "waiting-passkey")
    boss = await administrator(world, opened)
    await boss.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    await look_at(boss, "people")
    await certify(world, "anna", Role.OPERATOR)
    world.service.screens.show_people()
    row = boss.page.locator("li.person", has_text="Anna")
    await row.get_by_role("button", name="Förnya").click()
    await look_at(boss, "people-renew")
    await boss.page.goto(f"{world.url}/#root")
    await boss.page.get_by_label("De 24 orden").wait_for()
    await look_at(boss, "root")
    await eva.page.get_by_role("button", name="Börja passet").wait_for()
    await look_at(eva, "shift")
    ada = await opened(fresh)
    await ada.page.add_init_script(f"localStorage.setItem('tillsyn-theme', '{theme}')")
    await ada.page.goto(f"{fresh.url}/#setup")
    await ada.page.get_by_label("Startkod").wait_for()
    await look_at(ada, "setup")
    assert found == {}
