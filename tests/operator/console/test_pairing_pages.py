"""A home is paired in the installer's browser: a real Chromium, the real service, and a scripted hub."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from operator_service.certified import HUB_SECONDS
from tests.operator.console.household import serve_console
from tests.operator.console.installer import LABEL, Open, ask, opener
from tests.operator.console.test_shift import root_says
from tests.operator.peers import Home, World
from tillsyn import frames, wire
from tillsyn.chain import hub_certificate
from tillsyn.identity import PairingCode, SigningKey
from tillsyn.model import Role
from tillsyn.strict import b64u_encode
from tillsyn.words import ENGLISH, SWEDISH

pytestmark = pytest.mark.asyncio(loop_scope="module")

OVER = "Parkopplingen är avbruten"
FOCUSED = (
    "(() => { let at = document.activeElement; while (at?.shadowRoot) at = at.shadowRoot.activeElement;"
    " return at; })()."
)


@pytest_asyncio.fixture(loop_scope="module")
async def opened(chromium: Browser, world: World) -> AsyncIterator[Open]:
    """Browsers of people in their shift, at the page for pairing."""
    async with AsyncExitStack() as stack:
        yield opener(chromium, stack, world)


@pytest_asyncio.fixture(loop_scope="module")
async def hub(world: World) -> AsyncIterator[Home]:
    """A hub that nobody knows."""
    found = Home(world, LABEL)
    yield found
    await found.close()


async def test_a_name_that_a_home_has_is_asked_about(world: World, opened: Open, hub: Home) -> None:
    await hub.connect()  # certified before
    ines = await opened()
    await ines.page.get_by_label("Vad hemmet ska heta").fill(LABEL)
    await ines.press("Enter")
    await ines.sees("Är det samma hem?")
    await ines.keep("pair-same-home")
    assert await ines.axe() == []
    await ines.page.get_by_role("button", name="Nej, ett annat hem").click()
    await ines.sees("Ett annat hem har det namnet.")
    await ines.press("Enter")
    await ines.page.get_by_role("button", name="Ja, samma hem").click()
    code = await ines.code()
    pairing = await world.store.pairing(code.rendezvous)
    assert pairing is not None
    assert (pairing.label, pairing.replaces) == (LABEL, hub.hub)


async def test_a_home_is_paired_by_the_code_in_the_picture_and_the_service_never_has_the_secret(
    world: World, opened: Open, hub: Home
) -> None:
    ines = await opened()
    await ines.sees("Hemmet kommer att ringa upp")
    code = await ines.make_code()
    assert await ines.read() == code.encode()
    assert code.url == f"ws{world.url.removeprefix('http')}/hub"
    assert (code.root, code.label, code.policy) == (world.root.public.kid, LABEL, 1)
    await ask(hub, code)
    places = code.words(hub.key.public)
    assert await ines.words() == [SWEDISH[place] for place in places]
    assert await ines.page.locator("ol.five span").all_inner_texts() == [ENGLISH[place] for place in places]
    assert await ines.page.locator("svg.qr").count() == 0
    assert await world.store.hub(hub.hub) is None
    await ines.page.get_by_role("button", name="Samma ord", exact=True).click()
    await ines.sees(f"{LABEL} är parkopplat")

    paired = await hub.hear()
    assert isinstance(paired, frames.Paired)
    now = int(time.time())
    made = hub_certificate(world.root.public, None, paired.certificate, paired.chain, hub.key.public, now)
    assert (made.label, made.municipality, made.policy) == (LABEL, "Exempelkommun", 1)
    assert made.exp - made.iat == HUB_SECONDS
    assert len(paired.chain) == 2  # the root's credential for the passkey, and the shift
    await hub.send(replace(hub.login(certificate=paired.certificate), chain=paired.chain))
    assert isinstance(await hub.hear(), frames.Welcome)

    told = "\n".join(ines.sent)
    assert code.rendezvous in told
    assert code.secret not in told
    assert code.encode()[4:40] not in told
    assert ines.faults == []
    await ines.page.get_by_role("link", name="Till hemmen").click()
    row = ines.page.locator("li", has_text=LABEL)
    await row.get_by_text("Certifierat", exact=True).wait_for()
    assert "av Ines" in await row.inner_text()
    await row.get_by_text("Ingen plan än").wait_for()


async def test_a_hub_without_the_code_is_refused_and_told_of_and_the_right_one_still_comes(
    world: World, opened: Open, hub: Home
) -> None:
    ines = await opened()
    code = await ines.make_code()
    for evil in (Home(world), Home(world)):
        await ask(evil, code, mac=b64u_encode(bytes(32)))
        assert await evil.rejection() == "bad_signature"
        await evil.close()
    await ines.sees("En hemhubb som inte har koden försökte svara och avvisades. Antal: 2.")
    await ines.keep("pair-stranger")
    assert await world.store.hubs() == []
    await ask(hub, code)
    assert await ines.words() == [SWEDISH[place] for place in code.words(hub.key.public)]
    await ines.page.get_by_role("button", name="Samma ord", exact=True).click()
    assert isinstance(await hub.hear(), frames.Paired)


async def test_a_key_that_anybody_could_sign_for_is_no_hub(world: World, opened: Open) -> None:
    ines = await opened()
    code = await ines.make_code()
    async with asyncio.timeout(10):
        no_key = Home(world)
        await no_key.dial()
        await no_key.send(frames.Pair(code.rendezvous, b64u_encode(b"\x01" + bytes(31)), b64u_encode(bytes(32))))
        assert await no_key.rejection() == "bad_message"
        await no_key.close()
    await ines.sees("Väntar på hemmet")


async def test_where_the_words_differ_nothing_is_signed(world: World, opened: Open, hub: Home) -> None:
    ines = await opened()
    code = await ines.make_code()
    await ask(hub, code)
    await ines.words()
    await ines.page.get_by_role("button", name="Inte samma ord").click()
    await ines.sees("Orden var olika")
    await ines.keep("pair-differed")
    assert await hub.rejection() == "unknown_pairing"
    assert await world.store.hubs() == []
    assert not [one for one in ines.sent if "/certify " in one]
    again = Home(world)
    await ask(again, code)
    assert await again.rejection() == "unknown_pairing"
    await again.close()
    await ines.page.get_by_role("button", name="Börja om").click()
    assert (await ines.make_code()).secret != code.secret


@pytest.mark.parametrize("leave", ["reload", "another page", "words shown"])
async def test_leaving_in_the_middle_throws_the_code_away_and_says_so(
    world: World, opened: Open, hub: Home, leave: str
) -> None:
    ines = await opened()
    code = await ines.make_code()
    if leave == "another page":
        await ines.page.get_by_role("link", name="Logg").click()
        await ines.page.get_by_role("link", name="Hem", exact=True).click()
        await ines.page.get_by_role("link", name="Parkoppla ett hem").click()
    else:
        if leave == "words shown":
            await ask(hub, code)
            await ines.words()
        await ines.page.reload()
    await ines.sees("Sidan lämnades mitt i parkopplingen.")
    if leave == "words shown":
        assert await hub.rejection() == "unknown_pairing"
        await hub.close()
    again = Home(world)
    await ask(again, code)
    assert await again.rejection() == "unknown_pairing"
    await again.close()
    assert await world.store.hubs() == []
    assert code.secret not in await ines.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert (await ines.make_code()).secret != code.secret
    await ines.page.get_by_text("Sidan lämnades mitt i parkopplingen.").wait_for(state="detached")


async def test_a_code_that_has_run_out_is_gone(
    world: World, opened: Open, hub: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operator_service.pairing.PAIRING_SECONDS", 3)
    ines = await opened()
    code = await ines.make_code()
    await ask(hub, code)
    await ines.words()
    await ines.sees(OVER)
    await ines.sees("Koden har gått ut")
    assert await ines.page.locator("ol.five, textarea").count() == 0
    assert await world.store.hubs() == []


async def test_a_person_throws_the_code_away(world: World, opened: Open, hub: Home) -> None:
    ines = await opened()
    code = await ines.make_code()
    await ines.page.get_by_role("button", name="Kasta koden").click()
    await ines.sees("Koden är kastad och gäller inte längre.")
    await ask(hub, code)
    assert await hub.rejection() == "unknown_pairing"


async def test_a_planner_goes_on_to_the_plan(world: World, opened: Open, hub: Home) -> None:
    paula = await opened("paula", Role.PLANNER)
    await ask(hub, await paula.make_code())
    await paula.words()
    await paula.page.get_by_role("button", name="Samma ord", exact=True).click()
    await paula.page.get_by_role("link", name="Planen").click()
    await paula.page.get_by_role("heading", name=LABEL).wait_for()
    assert paula.page.url.endswith(f"#plans/{hub.hub}")


async def test_all_of_it_by_keyboard(world: World, opened: Open, hub: Home) -> None:
    ines = await opened()
    page = ines.page
    await page.get_by_label("Vad hemmet ska heta").focus()
    await page.keyboard.type(LABEL)
    await page.keyboard.press("Enter")
    await page.wait_for_function(
        "() => { let at = document.activeElement; while (at?.shadowRoot) at = at.shadowRoot.activeElement;"
        " return at?.tagName === 'H2'; }"
    )
    await page.keyboard.press("Tab")
    code = PairingCode.decode(await page.evaluate(FOCUSED + "value"))
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED + "innerText") == "Kopiera koden"
    await ask(hub, code)
    await ines.words()
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED + "innerText") == "Samma ord"
    await page.keyboard.press("Enter")
    await ines.sees(f"{LABEL} är parkopplat")
    assert isinstance(await hub.hear(), frames.Paired)


async def test_another_address_than_the_services_own_is_used_only_once_a_person_has_said_so(
    tmp_path: Path, opened: Open
) -> None:
    elsewhere = "wss://hem.tillsyn.example/hub"
    folder = tmp_path / "other"
    folder.mkdir()
    world = await serve_console(folder, hub_url=elsewhere)
    try:
        ines = await opened(where=world)
        await ines.sees("Det är en annan adress än tillsynscentralens")
        await ines.keep("pair-address")
        await ines.page.get_by_label("Vad hemmet ska heta").fill(LABEL)
        await ines.press("Enter")
        await ines.page.get_by_label("Adressen är rätt").check()
        assert await ines.page.locator("textarea").count() == 0
        await ines.page.get_by_role("button", name="Gör en kod").click()
        assert (await ines.code()).url == elsewhere
        await ines.page.reload()
        await ines.sees("Det är en annan adress än tillsynscentralens")
        assert await ines.page.get_by_label("Adressen är rätt").count() == 0
    finally:
        await world.stop()


async def test_a_service_that_shows_another_certificate_policy_gets_no_code(world: World, opened: Open) -> None:
    """The policy in the code is one that the console has checked itself."""
    await root_says(world)
    ines = await opened()
    evil = world.service.will._said["tk-policy"]
    forged = SigningKey.generate().sign(wire.Policy(2, True, 43_200, 120, 3, int(time.time())))
    world.service.will._said["tk-policy"] = replace(evil, token=forged)
    await ines.page.get_by_label("Vad hemmet ska heta").fill(LABEL)
    await ines.press("Enter")
    await ines.sees(OVER)
    assert not [one for one in ines.sent if "/api/pairing " in one and one.startswith("POST")]


async def test_a_name_that_no_home_can_have_makes_no_code(world: World, opened: Open) -> None:
    ines = await opened()
    for wrong in ("   ", "Elsa\u202e"):
        await ines.page.get_by_label("Vad hemmet ska heta").fill(wrong)
        await ines.press("Enter")
        await ines.sees("Skriv ett namn på hemmet")
        assert await ines.page.get_by_label("Vad hemmet ska heta").is_visible()
    assert not [one for one in ines.sent if one.startswith("POST") and "/api/pairing " in one]


async def test_who_is_no_installer_has_no_page_for_it(world: World, opened: Open) -> None:
    anna = await opened("anna", Role.OPERATOR)
    await anna.sees("Tillsyn i natt")
    assert await anna.page.get_by_role("link", name="Hem", exact=True).count() == 0
    assert await anna.page.locator("tk-pair").count() == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_the_pages_pass_axe_fit_a_phone_and_the_code_can_be_read_there(
    world: World, opened: Open, hub: Home, theme: str
) -> None:
    found: dict[str, object] = {}
    ines = await opened(theme=theme)

    async def look_at(name: str) -> None:
        for language in ("sv", "en"):
            for width, height in ((1280, 900), (390, 844)):
                await ines.page.set_viewport_size({"width": width, "height": height})
                if problems := [*await ines.axe(), *(["too wide"] if await ines.overflows() > 0 else [])]:
                    found[f"{name} {language} {width}"] = problems
                await ines.keep(f"{name}-{theme}-{language}-{width}")
            await ines.page.locator(".tools button[lang]").click()

    await ines.sees("Hemmet kommer att ringa upp")
    await look_at("pair-form")
    code = await ines.make_code()
    await look_at("pair-code")
    for width, height in ((390, 844), (1280, 900)):
        await ines.page.set_viewport_size({"width": width, "height": height})
        assert await ines.read() == code.encode()
    await ask(hub, code)
    await ines.words()
    await look_at("pair-words")
    await ines.page.get_by_role("button", name="Samma ord", exact=True).click()
    await ines.sees(f"{LABEL} är parkopplat")
    await look_at("pair-done")
    await ines.page.get_by_role("link", name="Till hemmen").click()
    await ines.page.locator("li", has_text=LABEL).wait_for()
    await look_at("homes")
    await ines.page.get_by_role("link", name="Parkoppla ett hem").click()
    await ines.make_code("x" * 80)
    await ines.page.get_by_role("button", name="Kasta koden").click()
    await ines.sees(OVER)
    await look_at("pair-over")
    assert found == {}
    assert re.search(r"\bwss?://", await ines.page.locator("body").inner_text()) is None
