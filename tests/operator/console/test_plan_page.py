"""The planner's page in a real Chromium: a plan is written, looked over, signed in a shift, and answered at home."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator

from tests.operator.console.conftest import WAIT_MS, Screen
from tests.operator.console.planned import PlannedHome
from tests.operator.console.test_shift import authenticator, certify, log_in, root_says
from tests.operator.peers import World
from tillsyn.chain import plan_signer
from tillsyn.identity import parse
from tillsyn.model import Fallback, Role, Room
from tillsyn.wire import PlanStatement

pytestmark = pytest.mark.asyncio(loop_scope="module")

PICTURES = os.environ.get("TILLSYN_PICTURES")
"""A folder for pictures of the pages, for whoever wants to look at them."""


@pytest_asyncio.fixture(loop_scope="module")
async def home(world: World) -> AsyncIterator[PlannedHome]:
    """A home with an agreed plan of the root's: 22 to 23 every night."""
    await root_says(world)
    found = PlannedHome(world)
    await found.move_in(replace(found.plan(), look_seconds=60))
    yield found
    await found.move_out()


async def picture(screen: Screen, name: str) -> None:
    if PICTURES:
        await screen.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


async def pictures(screen: Screen, name: str) -> None:
    """On a desk and in a hand, in the dark and in the light; nothing is wider than the screen."""
    for theme in ("dark", "light"):
        await screen.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        for size, width in (("desktop", 1280), ("phone", 390)):
            await screen.page.set_viewport_size({"width": width, "height": 844})
            assert await screen.overflows() <= 0
            await picture(screen, f"{name}-{size}-{theme}")
        assert await screen.axe() == []
    await screen.page.set_viewport_size({"width": 1280, "height": 800})


async def planner(screen: Screen, *roles: Role) -> None:
    """In their shift, at the list of homes."""
    page = screen.page
    await authenticator(page)
    await screen.world.person("pia", *(one.value for one in roles or (Role.PLANNER,)))
    await page.goto(screen.world.url)
    await log_in(screen, "pia")
    await page.get_by_role("button", name="Lägg till passnyckel").click()
    await screen.sees("Läs upp koden för administratören")
    await certify(screen.world, "pia", *(roles or (Role.PLANNER,)))
    await page.get_by_role("button", name="Börja passet").click()
    await page.get_by_role("button", name="Börja passet").wait_for(state="detached")


async def write(screen: Screen, button: str = "Ändra planen") -> Locator:
    """Open the form of the home."""
    await screen.page.get_by_role("link", name="Elsa, Storgatan 4").click()
    await screen.page.get_by_role("button", name=button).click()
    form = screen.page.locator("tk-plan-form")
    await form.wait_for()
    return form


async def look_over_and_sign(screen: Screen) -> None:
    await screen.page.get_by_role("button", name="Granska").click()
    await screen.sees("Det här ändras")
    await screen.page.get_by_role("button", name="Signera och skicka").click()


async def state(screen: Screen, wanted: str) -> None:
    await screen.page.locator(f'[data-state="{wanted}"]').wait_for(timeout=WAIT_MS)


async def test_wider_plan_is_signed_shown_at_home_and_accepted_there(
    screen: Screen, world: World, home: PlannedHome
) -> None:
    page = screen.page
    await planner(screen)
    await screen.sees("Plan 1")
    await pictures(screen, "plan-homes")
    form = await write(screen)
    await form.get_by_role("button", name="Lägg till en titt-in").click()
    added = form.get_by_role("group", name="Titt-in 2")
    await added.get_by_label("Från").fill("2")
    await added.get_by_label("Till").fill("0330")
    await form.get_by_label("Brukaren får flytta en titt-in").fill("30")
    await pictures(screen, "plan-form")
    await page.get_by_role("button", name="Granska").click()
    await screen.sees("Två titt-in i stället för en")
    await screen.sees("Ny: 02:00–03:30 (varje dag)")
    await screen.sees("Titt-in får flyttas, högst 30 minuter")
    await screen.sees("Sammantaget låter den mer synas.")
    await screen.sees("Den gäller först när någon hemma har godkänt den.")
    await pictures(screen, "plan-review")
    await page.get_by_role("button", name="Signera och skicka").click()
    await state(screen, "sent")
    await pictures(screen, "plan-sent")
    plan = await home.plan_shown(2)
    assert [f"{one.start:%H:%M}-{one.end:%H:%M}" for one in plan.windows] == ["22:00-23:00", "02:00-03:30"]
    assert plan.move_minutes == 30
    ((_, chain),) = home.seen
    who = plan_signer(world.root.public, home.trust, chain, plan, plan.iat)
    assert (who.operator.name, who.roles) == ("Pia", (Role.PLANNER,))
    assert home.in_force is not None
    assert home.in_force.number == 1

    await home.answer(accepted=True)
    await page.locator('[data-in-force="2"]').wait_for()
    await screen.sees("Signerad av Pia.")
    await pictures(screen, "plan-accepted")
    row = await world.store.newest_plan(home.hub, "accepted")
    assert row is not None
    assert (row.number, row.chain) == (2, chain)


async def test_narrower_plan_applies_at_once(screen: Screen, home: PlannedHome) -> None:
    await planner(screen)
    form = await write(screen)
    await form.get_by_label("Längsta tid för en titt-in").fill("20")
    await form.get_by_label("Till").fill("22:45")
    await screen.page.get_by_role("button", name="Granska").click()
    await screen.sees("Sammantaget låter den mindre synas.")
    await screen.sees("Den gäller genast när den kommer fram")
    await picture(screen, "plan-narrower")
    await screen.page.get_by_role("button", name="Signera och skicka").click()
    await screen.page.locator('[data-in-force="2"]').wait_for()
    assert home.in_force is not None
    assert (home.in_force.number, home.in_force.limits.look_seconds) == (2, 20)


async def test_declined_plan_is_told_and_can_be_changed(screen: Screen, home: PlannedHome) -> None:
    await planner(screen)
    form = await write(screen)
    await form.get_by_label("Fast omsorgskontakt").fill("Sara Berg, 0123-456 78")
    await form.get_by_role("button", name="Flytta ner Ring brukaren").click()
    await look_over_and_sign(screen)
    await home.plan_shown(2)
    await home.answer(accepted=False)
    await state(screen, "declined")
    await picture(screen, "plan-declined")
    await screen.page.get_by_role("button", name="Utgå från plan 2").click()
    await look_over_and_sign(screen)
    plan = await home.plan_shown(3)
    assert plan.fallback == (Fallback.VISIT, Fallback.CALL_CLIENT)


async def test_first_plan_of_a_home_that_is_away(screen: Screen, world: World) -> None:
    await root_says(world)
    home = PlannedHome(world)
    await home.move_in()
    await home.move_out()
    await planner(screen)
    form = await write(screen, "Skriv en första plan")
    await form.get_by_label("Från").fill("22.30")
    await form.get_by_label("Till").fill("2315")
    await form.get_by_role("checkbox", name="Kök").check()
    await form.get_by_role("button", name="Flytta upp Kök").click()
    await screen.page.get_by_role("button", name="Granska").click()
    await screen.sees("Det här är den första planen.")
    await screen.page.get_by_role("button", name="Signera och skicka").click()
    await state(screen, "waiting")
    await screen.sees("Väntar på att hemmet kopplar upp sig.")
    await picture(screen, "plan-waiting")
    await home.connect()
    await home.status()
    await home.go_on()
    plan = await home.plan_shown(1)
    assert plan.rooms == (Room.KITCHEN, Room.BEDROOM)
    await state(screen, "sent")
    await home.answer(accepted=True)
    await screen.page.locator('[data-in-force="1"]').wait_for()
    await home.move_out()


async def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    screen: Screen, world: World, home: PlannedHome
) -> None:
    page = screen.page
    await planner(screen)
    form = await write(screen)
    typed = {"Från": "25:00", "Längsta tid för en titt-in": "61", "Nya försök inom": "snart", "Loggen sparas": "7"}
    for label, value in typed.items():
        await form.get_by_label(label).fill(value)
    await form.get_by_label("Följs upp senast").fill("2020-01-01")
    await form.get_by_role("checkbox", name="larmoperatör").uncheck()
    await page.keyboard.press("Tab")
    await form.get_by_role("button", name="Granska").click()
    await screen.sees("6 uppgifter behöver rättas.")
    for text in (
        "Skriv ett klockslag, till exempel 22:30.",
        "Skriv ett helt tal från 10 till 60.",
        "Skriv ett helt tal från 0 till 60.",
        "Skriv ett helt tal från 30 till 3650.",
        "Dagen har varit.",
        "Välj minst en.",
    ):
        await screen.sees(text)
    assert await page.evaluate("() => { let at = document.activeElement; while (at.shadowRoot?.activeElement)"
                               " at = at.shadowRoot.activeElement; return at.value; }") == "25:00"  # fmt: skip
    for label, value in typed.items():
        assert await form.get_by_label(label).input_value() == value
    await pictures(screen, "plan-wrong")
    await page.get_by_role("link", name="Logg").click()  # another page, and back
    await page.get_by_role("link", name="Planer").click()
    await page.get_by_role("link", name="Elsa, Storgatan 4").click()
    assert await form.get_by_label("Nya försök inom").input_value() == "snart"
    assert (await world.store.newest_plan(home.hub)).number == 1  # type: ignore[union-attr]


async def test_it_all_goes_by_keyboard(screen: Screen, home: PlannedHome) -> None:
    page = screen.page
    await planner(screen)
    await page.get_by_role("link", name="Elsa, Storgatan 4").focus()
    await screen.press("Enter")
    await page.get_by_role("button", name="Ändra planen").focus()
    await screen.press("Enter")
    await page.locator("tk-plan-form").wait_for()
    await screen.press("Tab")  # from the first field, which has the focus, to the next: Till
    await page.keyboard.press("Control+A")
    await page.keyboard.type("2230")
    await screen.press("Enter")
    await screen.sees("22:00–23:00 (varje dag) blir 22:00–22:30 (varje dag)")
    await page.get_by_role("button", name="Signera och skicka").focus()
    await screen.press("Enter")
    await page.locator('[data-in-force="2"]').wait_for()


async def test_planner_who_is_revoked_on_the_way_is_told_to_have_it_signed_anew(
    screen: Screen, world: World, home: PlannedHome
) -> None:
    await home.move_out()
    await planner(screen)
    form = await write(screen)
    await form.get_by_label("Brukaren får flytta en titt-in").fill("60")
    await look_over_and_sign(screen)
    await state(screen, "waiting")
    row = await world.store.newest_plan(home.hub)
    assert row is not None
    plan = parse(PlanStatement, row.token).statement
    kid = plan_signer(world.root.public, world.service.will.known(), row.chain, plan, plan.iat).key.kid
    await root_says(world, revoked=(kid,), number=2)
    world.service.plans.bell.ring()
    await state(screen, "refused")
    await screen.sees("Den som signerade, eller godkände den personen, är spärrad.")
    await picture(screen, "plan-revoked")
    await home.connect()
    await home.status()
    await home.settled()
    assert home.seen == []


async def test_home_that_no_longer_has_its_plan_is_told_of_and_asked_again(
    screen: Screen, world: World, home: PlannedHome
) -> None:
    page = screen.page
    await planner(screen)
    await page.get_by_role("link", name="Elsa, Storgatan 4").click()
    await page.locator('[data-in-force="1"]').wait_for()
    await home.move_out()
    home.number, home.newest, home.in_force = 0, 0, None  # set up anew
    await home.connect()
    await home.status()
    await state(screen, "lost")
    await screen.sees("Hemmet har inte längre den här planen")
    await screen.sees("Den skickas till hemmet igen och måste godkännas där.")
    await pictures(screen, "plan-lost")
    await page.get_by_role("button", name="Signera plan 1 på nytt").click()
    await page.get_by_role("button", name="Granska").click()
    await screen.sees("Hemmet har inte längre planen som godkändes där.")
    await home.go_on()
    await home.plan_shown(1)
    await home.answer(accepted=True)
    await screen.sees("Ingenting ändras.")


async def test_colleague_who_was_first_is_told_and_what_is_written_is_kept(
    screen: Screen, world: World, home: PlannedHome
) -> None:
    await planner(screen)
    form = await write(screen)
    await form.get_by_label("Brukaren får flytta en titt-in").fill("45")
    other = replace(home.plan(number=2), look_seconds=30)
    await world.service.plans.propose(world.root.public, world.root.sign(other), "boss")
    await screen.sees("En nyare plan, nummer 2, har kommit medan du skrev.")
    await look_over_and_sign(screen)
    plan = await home.plan_shown(3)
    assert plan.move_minutes == 45


async def test_number_that_a_colleague_has_just_taken_is_told(screen: Screen, world: World, home: PlannedHome) -> None:
    page = screen.page
    await planner(screen)
    await page.route("**/api/plans/*after=*", lambda _route: None)  # the news does not get here in time
    form = await write(screen)
    await form.get_by_label("Brukaren får flytta en titt-in").fill("45")
    await page.get_by_role("button", name="Granska").click()
    await screen.sees("Granska plan 2")
    await world.service.plans.propose(world.root.public, world.root.sign(home.plan(number=2)), "boss")
    await page.get_by_role("button", name="Signera och skicka").click()
    await screen.sees("En kollega hann före med en plan.")
    await screen.sees("Granska plan 3")
    await page.get_by_role("button", name="Signera och skicka").click()
    assert (await home.plan_shown(3)).move_minutes == 45


async def test_plan_that_nobody_signed_rightly_is_not_built_on(screen: Screen, world: World, home: PlannedHome) -> None:
    row = await world.store.newest_plan(home.hub)
    assert row is not None
    forged = home.key.sign(replace(home.plan(), move_minutes=240))
    await world.store.decide(replace(row, token=forged))
    await planner(screen)
    await screen.page.get_by_role("link", name="Elsa, Storgatan 4").click()
    await screen.sees("Planen som tjänsten visar är inte rätt signerad.")
    assert await screen.page.get_by_role("button", name="Ändra planen").count() == 0


async def test_home_under_another_homes_name_gets_no_plan(screen: Screen, world: World, home: PlannedHome) -> None:
    hub = await world.store.hub(home.hub)
    assert hub is not None
    await world.store.save_hub(replace(hub, label="Bertil, Lillgatan 2"))
    await planner(screen)
    await screen.page.get_by_role("link", name="Bertil, Lillgatan 2").click()
    await screen.sees("Signera ingen plan.")
    assert await screen.page.get_by_role("button", name="Ändra planen").count() == 0


async def test_in_english_and_from_the_list_of_homes(screen: Screen, home: PlannedHome) -> None:
    page = screen.page
    await planner(screen)
    await page.get_by_role("button", name="English").click()
    await page.get_by_role("link", name="Homes").click()
    await page.get_by_role("link", name="The plan Elsa, Storgatan 4").click()
    await page.get_by_role("button", name="Change the plan").click()
    await page.locator("tk-plan-form").wait_for()
    await picture(screen, "plan-english")
    await page.get_by_role("button", name="Look it over").click()
    await screen.sees("Nothing changes. The home is asked anew all the same.")
    assert await screen.axe() == []


async def test_who_does_not_plan_has_no_page_for_it(screen: Screen, home: PlannedHome) -> None:
    await screen.page.goto(f"{screen.world.url}/#plans/{home.hub}")
    await log_in(screen, "anna")
    await screen.page.get_by_role("button", name="Lägg till passnyckel").wait_for()
    assert await screen.page.locator("tk-plans").count() == 0
    assert await screen.page.get_by_role("link", name="Planer").count() == 0


async def test_revoked_planners_browser_signs_nothing(screen: Screen, world: World, home: PlannedHome) -> None:
    await planner(screen)
    form = await write(screen)
    await form.get_by_label("Brukaren får flytta en titt-in").fill("60")
    await screen.page.get_by_role("button", name="Granska").click()
    (row,) = await world.store.passkeys("pia")
    await root_says(world, revoked=(row.kid,), number=2)
    await screen.page.get_by_role("button", name="Signera och skicka").click()
    await screen.sees("Den här nyckeln är spärrad.")
    assert (await world.store.newest_plan(home.hub)).number == 1  # type: ignore[union-attr]
    assert home.seen == []
