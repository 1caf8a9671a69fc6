"""The console in a real Chromium, against the real service and a scripted home with a real connection."""

import asyncio
import json
import re

import pytest
from playwright.async_api import Page, Route, WebSocketRoute

from bridge.media import ConnectionFields
from tests.operator.console.conftest import Build, Screen, payload
from tests.operator.console.household import OTHER, approve
from tests.operator.peers import World
from tillsyn import wire
from tillsyn.errors import CloseReason, Refusal
from tillsyn.identity import SigningKey
from tillsyn.model import Outcome
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

    await screen.page.route("**/api/browser", lie)
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
    await build("Elsa", 10)
    await build("Nils", 20)
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
    await screen.press("3")
    await screen.sees("Nattpatrullen har fått ett besök.")
    await look_at("done")
    await screen.press("Escape")
    await page.goto(f"{screen.world.url}/#visits")
    await screen.sees("Överenskommet")
    await look_at("visits")
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
