"""The console in a real Chromium, against the real service and a scripted home with a real connection."""

import asyncio
import json
import re
import time
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Page, Route, WebSocketRoute

from bridge.media import ConnectionFields
from tests.operator.console.conftest import KITCHEN_SHADE, Build, Screen, payload
from tests.operator.console.household import OTHER, approve
from tests.operator.peers import CONTACT, World
from tillsyn import wire
from tillsyn.errors import CloseReason, Refusal
from tillsyn.identity import SigningKey
from tillsyn.model import Outcome, Room
from tillsyn.schedule import STOCKHOLM
from tillsyn.strict import b64u_encode

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_wrong_password_says_so(screen: Screen) -> None:
    await screen.login("not the password")
    await screen.sees("Fel användarnamn eller lösenord.")


async def test_a_browser_waits_until_the_root_has_signed_for_it(screen: Screen, build: Build, world: World) -> None:
    home = await build()
    await screen.login()
    await screen.sees("Väntar på godkännande")
    code = await screen.page.locator(".whole").inner_text()
    await screen.press("Enter")
    assert "/api/queue/claim" not in screen.posted
    await approve(world, "anna")
    await screen.sees("Elsa, Storgatan 4")
    prepare = await home.heard(wire.Prepare)
    assert isinstance(prepare, wire.Prepare)
    assert len(code) == 43


async def test_a_look_from_the_queue_to_the_receipt_by_keyboard(screen: Screen, build: Build) -> None:
    home = await build()
    await screen.ready()
    await screen.prepared()
    assert not any(isinstance(one, wire.Look) for one in home.script.heard)
    await screen.no_picture()
    await screen.press("Enter")
    await screen.picture()
    assert await screen.page.locator("[data-secure]").is_visible()
    await screen.press("1")
    await screen.sees("Kameran har vänt sig bort.")
    await screen.sees("Ditt svar: Sedd")
    await screen.no_picture()
    close = await home.heard(wire.Close)
    assert isinstance(close, wire.Close)
    assert close.outcome is Outcome.SEEN
    await home.heard(wire.ReceiptAck)
    marks = await screen.marks()
    order = ["prepare", "offer", "answer", "connected", "click", "opened", "close", "receipt"]
    assert [marks[one] for one in order] == sorted(marks[one] for one in order)
    assert marks["click"] < marks["first_frame"] < marks["close"]
    await screen.press("Enter")
    await screen.sees("Inget att titta till just nu")


async def test_the_picture_moves(screen: Screen, build: Build) -> None:
    await build()
    await screen.ready()
    await screen.press("Enter")
    await screen.picture()
    video = screen.page.locator("video")
    frames = await video.evaluate(
        "(video) => new Promise((done) => { const seen = new Set(); const next = (_now, frame) => {"
        " seen.add(frame.rtpTimestamp); seen.size < 5 ? video.requestVideoFrameCallback(next) : done(seen.size); };"
        " video.requestVideoFrameCallback(next); })"
    )
    assert frames == 5
    await screen.press("1")
    await screen.sees("Kameran har vänt sig bort.")


async def test_the_next_is_prepared_while_one_runs_and_nothing_moves_there(screen: Screen, build: Build) -> None:
    first, second = await build("Elsa", 10), await build("Nils", 20)
    await screen.ready()
    await screen.prepared()
    await screen.press("Enter")
    await screen.picture()
    await second.heard(wire.Answer)
    assert not any(isinstance(one, wire.Look) for one in second.script.heard)
    await screen.press("1")
    await screen.sees("Nästa: Nils")
    await screen.press("Enter")
    await screen.picture()
    assert await screen.page.get_by_role("heading", level=1).inner_text() == "Tillsyn hos\nNils"
    await second.heard(wire.Look)
    assert len([one for one in first.script.heard if isinstance(one, wire.Look)]) == 1
    await screen.press("3")
    await screen.sees("Nattpatrullen har fått ett besök.")


@pytest.mark.parametrize(
    ("language", "code", "text"),
    [
        ("sv", Refusal.PAUSED, "Tillsynen är pausad hemma."),
        ("sv", Refusal.CAMERA_NOT_READY, "Kameran svarar inte eller är inte redo."),
        ("en", Refusal.NO_CONSENT, "Consent is missing. Make a visit instead."),
        ("en", Refusal.OUTSIDE_WINDOW, "It is outside the agreed hours."),
    ],
)
async def test_a_refused_look_says_why_and_shows_nothing(
    screen: Screen, build: Build, language: str, code: Refusal, text: str
) -> None:
    home = await build()
    home.script.refuse_look = code
    await screen.ready()
    if language == "en":
        await screen.page.get_by_role("button", name="English").click()
        await screen.page.locator("body").click()
    await screen.page.get_by_text(re.compile("^(Förberedd|Prepared)$")).wait_for()
    await screen.press("Enter")
    await screen.sees(text)
    await screen.no_picture()


async def test_a_refused_prepare_says_why(screen: Screen, build: Build) -> None:
    home = await build()
    home.script.refuse_prepare = Refusal.BUSY
    await screen.ready()
    await screen.sees("Titta in")
    await home.heard(wire.Prepare)
    await screen.press("Enter")
    await screen.sees("Hemmet håller på med en annan tillsyn.")
    await screen.no_picture()


async def test_a_connection_that_is_not_the_signed_one_is_refused(screen: Screen, build: Build) -> None:
    """The home signs one certificate and another answers: nobody may look through that."""

    def swapped(fields: ConnectionFields) -> ConnectionFields:
        return ConnectionFields(OTHER, fields.ufrag, fields.password, fields.candidates, fields.setup)

    home = await build()
    home.script.tell = swapped
    await screen.ready()
    await screen.sees("Titta in")
    await screen.press("Enter")
    # Which of the two ends notices first decides the words; the other then sees a connection that is gone.
    codes = ("wrong_connection", "not_connected")
    refused = ", ".join(f".result.refused[data-code={code}]" for code in codes)
    await screen.page.locator(refused).wait_for(timeout=10_000)
    await screen.no_picture()
    assert not any(isinstance(one, wire.Look) for one in home.script.heard)


async def between(page: Page, change: str) -> None:
    """A service that changes what the home signed."""

    def tampered(message: str | bytes) -> str | bytes:
        frame = json.loads(message)
        if frame["type"] != "signed" or "connection" not in (said := payload(frame["token"])):
            return message
        header, _, signature = frame["token"].split(".")
        said["connection"][change] = OTHER if change == "fingerprint" else "x" * 24
        body = b64u_encode(json.dumps(said, separators=(",", ":")).encode())
        return json.dumps({**frame, "token": f"{header}.{body}.{signature}"})

    def through(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda message: socket.send(tampered(message)))

    await page.route_web_socket(re.compile("/api/live$"), through)


@pytest.mark.parametrize("change", ["fingerprint", "password"])
async def test_an_offer_changed_by_the_service_is_refused(screen: Screen, build: Build, change: str) -> None:
    home = await build()
    await between(screen.page, change)
    await screen.ready()
    await screen.sees("Titta in")
    await screen.press("Enter")
    await screen.sees("En underskrift stämmer inte")
    await screen.no_picture()
    assert not any(isinstance(one, wire.Answer | wire.Look) for one in home.script.heard)


async def test_another_root_than_the_pinned_one_stops_everything(screen: Screen, build: Build) -> None:
    await build()
    await screen.ready()
    await screen.prepared()
    other = SigningKey.generate().public.x

    async def lie(route: Route) -> None:
        found = await (await route.fetch()).json()
        await route.fulfill(json={**found, "root": other})

    await screen.page.route("**/api/trust", lie)
    screen.posted.clear()
    await screen.page.reload()
    await screen.sees("Kommunens nyckel stämmer inte")
    await screen.press("Enter")
    assert "/api/queue/claim" not in screen.posted


async def test_a_home_that_the_root_has_not_certified_is_not_asked(screen: Screen, build: Build, world: World) -> None:
    home = await build()
    foreign = home.certificate(SigningKey.generate())

    def through(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        right = home.certificate().split(".")[0]
        server.on_message(lambda message: socket.send(re.sub(rf'"{right}[^"]*"', f'"{foreign}"', str(message))))

    async def lie(route: Route) -> None:
        found = await (await route.fetch()).json()
        await route.fulfill(json={**found, "hub_certificate": foreign})

    await screen.page.route_web_socket(re.compile("/api/live$"), through)
    await screen.page.route("**/api/queue/claim", lie)
    await screen.ready()
    await screen.sees("Titta in")
    await screen.press("Enter")
    await screen.sees("Hemmets nyckel är inte godkänd av kommunen.")
    assert home.script.heard == []


@pytest.mark.parametrize(
    ("key", "outcome"), [("2", Outcome.NOT_SEEN), ("3", Outcome.NEEDS_HELP), ("Escape", Outcome.NOT_SEEN)]
)
async def test_a_key_ends_the_look(screen: Screen, build: Build, key: str, outcome: Outcome) -> None:
    home = await build()
    await screen.ready()
    await screen.press("Enter")
    await screen.picture()
    await screen.press(key)
    close = await home.heard(wire.Close)
    assert isinstance(close, wire.Close)
    assert close.outcome is outcome
    await screen.no_picture()


async def test_single_keys_can_be_turned_off(screen: Screen, build: Build) -> None:
    home = await build()
    await screen.ready()
    await screen.page.get_by_role("button", name="Snabbtangenter").click()
    await screen.page.get_by_role("button", name="Titta in hos Elsa").click()
    await screen.picture()
    await screen.press("1")
    await screen.page.get_by_role("button", name="Behöver hjälp").click()
    close = await home.heard(wire.Close)
    assert isinstance(close, wire.Close)
    assert close.outcome is Outcome.NEEDS_HELP


async def test_another_room_within_the_look_by_keyboard(screen: Screen, build: Build) -> None:
    home = await build(rooms=(Room.BEDROOM, Room.KITCHEN))
    page = screen.page
    await screen.ready()
    await screen.press("Enter")
    await screen.picture()
    bedroom = await screen.shade()
    await screen.press("5")
    turn = await home.heard(wire.Turn)
    assert isinstance(turn, wire.Turn)
    assert (turn.room, turn.number) == (Room.KITCHEN, 1)
    await page.get_by_role("status").get_by_text("Byter rum: kameran i köket vänder sig fram.").wait_for()
    assert await page.locator("video:visible").count() == 0
    assert await page.locator(".curtain").is_visible()
    home.script.may_turn.set()
    await page.get_by_role("status").get_by_text("Bilden visas, från kameran i köket").wait_for()
    await screen.picture()
    assert abs(await screen.shade() - KITCHEN_SHADE) < 12
    assert abs(bedroom - KITCHEN_SHADE) > 50
    assert await page.get_by_role("button", name="Kök").get_attribute("aria-pressed") == "true"
    assert await page.get_by_role("img", name="Bild från kameran i köket hos Elsa").is_visible()
    await page.get_by_role("button", name="Sovrum").click()
    await page.get_by_role("status").get_by_text("Bilden visas, från kameran i sovrummet").wait_for()
    await screen.picture()
    assert abs(await screen.shade() - bedroom) < 12
    assert [one.number for one in home.script.heard if isinstance(one, wire.Turn)] == [1, 2]
    await screen.press("1")
    await screen.sees("Kameran har vänt sig bort.")
    await screen.no_picture()


async def test_a_room_that_cannot_be_shown_leaves_the_look_where_it_is(screen: Screen, build: Build) -> None:
    home = await build(rooms=(Room.BEDROOM, Room.KITCHEN))
    home.script.refuse_turn = Refusal.PRIVATE
    await screen.ready()
    await screen.press("Enter")
    await screen.picture()
    await screen.press("5")
    said = "Rummet kunde inte bytas: Kameran är avstängd hemma."
    await screen.page.get_by_role("status").get_by_text(said).wait_for()
    await screen.picture()
    assert await screen.page.get_by_role("button", name="Sovrum").get_attribute("aria-pressed") == "true"
    await screen.press("2")
    close = await home.heard(wire.Close)
    assert isinstance(close, wire.Close)
    assert close.outcome is Outcome.NOT_SEEN
    await screen.sees(f"Fast omsorgskontakt: {CONTACT}")
    await screen.sees("Överenskommet: Ring brukaren → Besök")


@pytest.mark.parametrize("how", ["left", "hidden"])
async def test_a_page_that_nobody_sees_ends_the_look(screen: Screen, build: Build, how: str) -> None:
    home = await build()
    await screen.ready()
    await screen.press("Enter")
    await screen.picture()
    if how == "left":
        await screen.page.goto("about:blank")
    else:
        await screen.page.evaluate(
            "Object.defineProperty(document, 'visibilityState', {value: 'hidden'});"
            " document.dispatchEvent(new Event('visibilitychange'))"
        )
    close = await home.heard(wire.Close)
    assert isinstance(close, wire.Close)
    assert close.outcome is Outcome.NOT_SEEN
    await screen.no_picture()


async def test_the_operator_still_says_what_was_seen_when_time_runs_out(screen: Screen, build: Build) -> None:
    home = await build()
    await screen.ready()
    await screen.press("Enter")
    await screen.picture()
    ((look, one),) = home.open.items()
    await home.end(one, CloseReason.TIME_LIMIT)
    del home.open[look]
    await screen.sees("Den överenskomna tiden tog slut.")
    await screen.no_picture()
    await screen.press("1")
    close = await home.heard(wire.Close)
    assert isinstance(close, wire.Close)
    assert close.outcome is Outcome.SEEN
    await screen.sees("Ditt svar: Sedd")


async def test_what_the_client_wishes_is_said_in_the_queue_and_nothing_is_prepared(
    screen: Screen, build: Build, world: World
) -> None:
    home = await build()
    start, end = int(home.window.start.timestamp()), int(home.window.end.timestamp())
    await screen.ready()
    await screen.prepared()
    await home.wish(home.occurrence)
    await screen.sees("Brukaren avstår")
    await screen.sees("Inget att titta till just nu")
    await home.heard(wire.Close)  # the connection made ready is let go
    await home.wish(away=(wire.Away(start, end + 60),))
    until = datetime.fromtimestamp(end + 60, STOCKHOLM).strftime("%H:%M")
    await screen.sees(f"Pausad hemma till {until}")
    await home.wish(moved=(wire.Moved(home.occurrence, start + 60, end + 60),))
    await screen.sees("Flyttad av brukaren")
    await screen.prepared()
    assert await screen.axe() == []


async def test_a_visit_asked_for_is_taken_by_the_patrol_who_arrives_and_finishes(screen: Screen, build: Build) -> None:
    home = await build()
    await screen.ready()
    await home.wish(visits=(wire.VisitAsked("V" * 22, int(time.time()) - 60),))
    await screen.page.get_by_role("link", name="Besök 1").click()
    await screen.sees("Orsak: brukaren har bett om besök")
    await screen.sees(f"Fast omsorgskontakt: {CONTACT}")
    await screen.page.get_by_role("button", name="Jag åker").click()
    await screen.page.get_by_role("button", name="Framme").click()
    await screen.sees("Anna är framme")
    assert await screen.axe() == []
    await screen.page.get_by_role("button", name="Klart").click()
    await screen.page.get_by_role("button", name="Spara").click()
    await screen.sees("Brukaren är sedd")


async def test_the_night_shows_how_clients_slept_as_a_picture_with_words_for_those_who_cannot_see_it(
    screen: Screen, build: Build
) -> None:
    home, other = await build(), await build("Nils")
    present = (datetime.now(STOCKHOLM) - timedelta(hours=12)).date()
    for days, rating, comment in ((3, 5, ""), (2, 2, "Vaknade av ljuset"), (1, 4, "")):
        night = present - timedelta(days=days)
        await home.sign("", wire.Sleep(home.hub, night, rating, comment, int(time.time())))
    await home.settled()
    await screen.ready()
    await screen.page.get_by_role("link", name="Natten").click()
    picture = screen.page.get_by_role("img", name=f"{home.label}: 3 nätter, i genomsnitt 3,7 av 5, senast 4.")
    await picture.wait_for()
    assert await picture.locator("rect.rating").count() == 3
    heights = await picture.locator("rect.rating").evaluate_all("(all) => all.map((one) => one.getAttribute('height'))")
    assert heights == ["50", "20", "40"]
    await screen.page.get_by_text("Natt för natt").click()
    await screen.sees("Vaknade av ljuset")
    assert await screen.page.locator("tk-sleep").get_by_text(other.label).count() == 0
    assert await screen.axe() == []


async def test_a_planner_follows_up_the_nights_without_the_queue(screen: Screen, build: Build, world: World) -> None:
    home = await build()
    await home.sign("", wire.Sleep(home.hub, datetime.now(STOCKHOLM).date(), 3, "", int(time.time())))
    await home.settled()
    await world.person("anna", "planner")
    await screen.login()
    await screen.page.get_by_role("link", name="Natten").click()
    await screen.sees("Så har brukarna sovit")
    assert await screen.page.get_by_role("link", name="Tillsyn").count() == 0


async def test_a_visit_is_taken_and_finished_by_the_patrol(screen: Screen, build: Build) -> None:
    await build()
    await screen.ready()
    await screen.page.get_by_role("button", name="Skicka besök till Elsa").click()
    await screen.page.get_by_role("link", name="Besök").click()
    await screen.page.get_by_role("button", name="Jag åker").click()
    await screen.page.get_by_role("button", name="Klart").click()
    await screen.page.get_by_label("Anteckning").fill("Sov gott, lappen lagd")
    await screen.page.get_by_role("button", name="Spara").click()
    await screen.sees("Sov gott, lappen lagd")
    await screen.page.get_by_role("link", name="Logg").click()
    await screen.sees("Besöket klart")


async def test_the_link_is_found_again(screen: Screen, build: Build) -> None:
    await build()
    sockets: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    await screen.page.route_web_socket(re.compile("/api/live$"), through)
    await screen.ready()
    await sockets[0].close(code=1001)
    await screen.sees("Kontakten med tillsynscentralen är bruten.")
    await screen.page.get_by_text("Kontakten med tillsynscentralen är bruten.").wait_for(state="detached")
    assert len(sockets) == 2


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_every_view_passes_axe_and_fits_a_phone(screen: Screen, build: Build, theme: str) -> None:
    elsa = await build("Elsa", 10, (Room.BEDROOM, Room.KITCHEN))
    await build("Nils", 20)
    await elsa.sign("", wire.Sleep(elsa.hub, datetime.now(STOCKHOLM).date() - timedelta(1), 3, "", int(time.time())))
    page = screen.page
    await page.add_init_script(f"localStorage.setItem('tillsyn-theme', '{theme}')")
    found: dict[str, object] = {}

    async def look_at(name: str) -> None:
        for width, height in ((1280, 800), (390, 844)):
            await page.set_viewport_size({"width": width, "height": height})
            if problems := [*await screen.axe(), *(["too wide"] if await screen.overflows() > 0 else [])]:
                found[f"{name} {width}"] = problems

    await page.goto(screen.world.url)
    await screen.sees("Nattlig tillsyn")
    await look_at("login")
    await screen.login()
    await screen.sees("Väntar på godkännande")
    await look_at("waiting")
    await approve(screen.world, "anna")
    await screen.prepared()
    await look_at("queue")
    await screen.press("Enter")
    await screen.picture()
    await look_at("look")
    await screen.press("5")
    await screen.page.get_by_role("status").get_by_text("Byter rum").wait_for()
    await look_at("turning")
    await screen.press("3")
    await screen.sees("Nattpatrullen har fått ett besök.")
    await look_at("done")
    await screen.press("Escape")
    await page.goto(f"{screen.world.url}/#visits")
    await screen.sees("Överenskommet")
    await look_at("visits")
    await page.goto(f"{screen.world.url}/#night")
    await screen.sees("Så har brukarna sovit")
    await look_at("night")
    await page.goto(f"{screen.world.url}/#log")
    await screen.sees("Behöver hjälp")
    await look_at("log")
    assert found == {}


async def test_two_fast_presses_take_one_look(screen: Screen, build: Build) -> None:
    home = await build("Elsa", 10)
    await build("Nils", 20)
    await screen.ready()
    await screen.prepared()
    await asyncio.gather(screen.press("Enter"), screen.press("Enter"), screen.press("Enter"))
    await screen.picture()
    assert len([one for one in home.script.heard if isinstance(one, wire.Look)]) == 1
    assert await screen.page.get_by_role("heading", level=1).inner_text() == "Tillsyn hos\nElsa"
