"""Passkeys in a real Chromium with a virtual authenticator: from the registration to a look, and the next person."""

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route

from tests.bridge.media.scripted_camera import ScriptedCamera
from tests.operator.console.checked import CheckedHousehold
from tests.operator.console.conftest import WAIT_MS, Screen
from tests.operator.console.household import window_now
from tests.operator.peers import PASSWORD, World
from tillsyn import wire
from tillsyn.model import Role, Room

pytestmark = pytest.mark.asyncio(loop_scope="module")

SWITCH_SECONDS = 10
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def authenticator(page: Page) -> None:
    """A phone's own passkeys, opened without asking."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


async def root_says(
    world: World, *, browser_keys: bool = False, revoked: tuple[str, ...] = (), number: int = 1
) -> None:
    """The root's policy and list, as the service gets them."""
    now, root, will = int(time.time()), world.root, world.service.will
    if number == 1:
        policy = wire.Policy(1, browser_keys, 43_200, 60, 1, now)
        await will.set_policy(root.public, root.sign(policy), "")
    await will.set_revocations(root.public, root.sign(wire.Revocations(number, revoked, now)), (), "")


async def certify(world: World, login: str, *roles: Role) -> str:
    """The root signs for the passkey that waits; the browser hears of it."""
    now = int(time.time())
    row = (await world.store.passkeys(login))[-1]
    passkey = wire.Passkey(row.id, row.x, row.y, row.rp, row.origin)
    said = wire.Credential("", login.title(), roles, ("nord",), now, now + 86400, passkey)
    chain = (world.root.sign(said),)
    await world.store.certify_passkey(row.kid, chain, said.exp)
    world.service.screens.show_credential(login, row.kid, chain)
    return row.kid


@pytest_asyncio.fixture(loop_scope="module")
async def home(world: World) -> AsyncIterator[CheckedHousehold]:
    """A home whose window is open, and that checks everything."""
    async with ScriptedCamera() as camera:
        await root_says(world)
        found = CheckedHousehold(world, {Room.BEDROOM: camera}, "Elsa, Storgatan 4")
        await found.move_in(window_now(30))
        yield found
        await found.move_out()


async def log_in(screen: Screen, login: str) -> None:
    await screen.page.get_by_label("Användarnamn").fill(login)
    await screen.page.get_by_label("Lösenord").fill(PASSWORD)
    await screen.press("Enter")


async def register(screen: Screen, login: str, *roles: Role) -> str:
    """From the login to the button that begins the shift."""
    await screen.page.goto(screen.world.url)
    await log_in(screen, login)
    await screen.page.get_by_role("button", name="Lägg till passnyckel").click()
    await screen.sees("Läs upp koden för administratören")
    kid = await certify(screen.world, login, *roles)
    await screen.page.get_by_role("button", name="Börja passet").wait_for(timeout=WAIT_MS)
    return kid


async def kept(page: Page) -> list[str]:
    """What the page keeps in the browser."""
    found: list[str] = await page.evaluate(
        "() => new Promise((done) => { const asked = indexedDB.open('trygghetskamera', 1); asked.onsuccess = () => {"
        " const keys = asked.result.transaction('kept').objectStore('kept').getAllKeys();"
        " keys.onsuccess = () => { asked.result.close(); done(keys.result); }; }; })"
    )
    return found


async def test_registered_certified_a_shift_a_whole_look_and_the_next_person(
    screen: Screen, world: World, home: CheckedHousehold
) -> None:
    page = screen.page
    await authenticator(page)
    await world.person("bo", "operator")
    await register(screen, "bo", Role.OPERATOR)
    await page.get_by_role("button", name="Byt person").click()
    await screen.sees("Nattlig tillsyn")
    kid = await register(screen, "anna", Role.OPERATOR)
    await page.get_by_role("button", name="Börja passet").click()
    await screen.prepared()
    assert "shift" in await kept(page)

    await screen.press("Enter")
    await screen.picture()
    await screen.press("1")
    await screen.sees("Kameran har vänt sig bort.")
    await home.heard(wire.ReceiptAck)
    (grant,) = home.grants
    assert (grant.operator.kid, grant.operator.name) == (kid, "Anna")
    assert grant.key.kid != kid

    await screen.press("Escape")
    begun = time.monotonic()
    await page.get_by_role("button", name="Byt person").click()
    await page.get_by_label("Användarnamn").wait_for()
    assert await kept(page) == ["list", "root"]  # what is known of the municipality, nothing of Anna
    assert "Elsa" not in await page.locator("body").inner_text()
    await screen.no_picture()
    await log_in(screen, "bo")
    await screen.sees("Tillsyn i natt")
    await page.get_by_text("Bo", exact=True).wait_for()
    assert time.monotonic() - begun < SWITCH_SECONDS
    assert "shift" in await kept(page)


async def test_a_page_loaded_again_goes_on_with_the_shift(screen: Screen, home: CheckedHousehold) -> None:
    await authenticator(screen.page)
    await register(screen, "anna", Role.OPERATOR)
    await screen.page.get_by_role("button", name="Börja passet").click()
    await screen.prepared()
    await screen.page.reload()
    await screen.prepared()


async def test_who_is_revoked_in_the_shift_is_refused_in_words(
    screen: Screen, world: World, home: CheckedHousehold
) -> None:
    await authenticator(screen.page)
    kid = await register(screen, "anna", Role.OPERATOR)
    await screen.page.get_by_role("button", name="Börja passet").click()
    await screen.prepared()
    await root_says(world, revoked=(kid,), number=2)
    await screen.press("Enter")
    await screen.page.locator(".result.refused[data-code=revoked]").wait_for()
    await screen.no_picture()
    assert home.grants == []


async def test_after_twelve_hours_the_passkey_is_asked_again(screen: Screen, home: CheckedHousehold) -> None:
    page = screen.page
    await authenticator(page)
    await register(screen, "anna", Role.OPERATOR)
    await page.get_by_role("button", name="Börja passet").click()
    await screen.prepared()
    await page.clock.set_system_time(time.time() + 12 * 3600 + 1)
    await page.get_by_role("button", name="Börja passet").wait_for()
    assert "shift" not in await kept(page)


async def test_a_page_at_another_origin_cannot_use_the_passkey(
    screen: Screen, world: World, home: CheckedHousehold
) -> None:
    page = screen.page
    await authenticator(page)
    await register(screen, "anna", Role.OPERATOR)
    (row,) = await world.store.passkeys("anna")
    ask = (
        "(id) => { const text = atob(id.replaceAll('-', '+').replaceAll('_', '/'));"
        " const raw = Uint8Array.from(text, (one) => one.charCodeAt(0));"
        " return navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), rpId: '%s', timeout: 2000,"
        " userVerification: 'required', allowCredentials: [{type: 'public-key', id: raw}]}})"
        ".then(() => 'signed', (error) => error.name); }"
    )
    assert await page.evaluate(ask % "localhost", row.id) == "signed"

    async def evil(route: Route) -> None:
        await route.fulfill(body="<!doctype html>", content_type="text/html")

    await page.route("http://evil.localhost:9/*", evil)
    await page.goto("http://evil.localhost:9/")
    assert await page.evaluate(ask % "evil.localhost", row.id) == "NotAllowedError"
    assert await page.evaluate(ask % "example.com", row.id) == "SecurityError"


async def test_where_the_policy_allows_them_browser_keys_go_on_as_before(screen: Screen, world: World) -> None:
    await root_says(world, browser_keys=True)
    await screen.ready()
    await screen.sees("Tillsyn i natt")
    assert "shift" not in await kept(screen.page)


async def test_who_has_a_browser_key_adds_a_passkey_without_a_break(screen: Screen, world: World) -> None:
    await root_says(world, browser_keys=True)
    page = screen.page
    await authenticator(page)
    await screen.ready()
    await page.get_by_role("button", name="Lägg till passnyckel").click()
    await screen.sees("Din passnyckel väntar på godkännande.")
    await page.reload()
    await screen.sees("Tillsyn i natt")
    await screen.sees("Din passnyckel väntar på godkännande.")
    await certify(world, "anna", Role.OPERATOR)
    await page.reload()
    await page.get_by_role("button", name="Börja passet").click()
    await screen.sees("Tillsyn i natt")
    assert "shift" in await kept(page)
