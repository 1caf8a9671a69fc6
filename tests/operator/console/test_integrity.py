"""What runs in the operator's browser is what was listed: changed, added or foreign scripts are refused by Chromium."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, ConsoleMessage, Page, Route

from operator_service import host
from operator_service.clock import SystemClock
from operator_service.origin import Front
from operator_service.rows import Municipality
from operator_service.service import build
from operator_service.sql_work import SqlStore
from operator_service.turn import FixedTurn
from operator_service.web import application
from tests.operator.console.conftest import WAIT_MS
from tests.operator.console.household import STATIC
from tests.operator.peers import PASSWORD, World
from tillsyn.identity import SigningKey

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """An empty tab in a profile of its own."""
    context = await chromium.new_context()
    yield await context.new_page()
    await context.close()


def said(page: Page) -> list[str]:
    """What the browser writes to its console."""
    found: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        found.append(message.text)

    page.on("console", hear)
    return found


async def _is_running(page: Page) -> bool:
    return bool(await page.evaluate("customElements.get('tk-app') !== undefined"))


async def test_the_listed_files_run(page: Page, world: World) -> None:
    await page.goto(world.url)
    await page.get_by_label("Användarnamn").wait_for(timeout=WAIT_MS)
    assert await _is_running(page)


@pytest.mark.parametrize("name", ["app.js", "jws.js", "vendor/lit.js"])
async def test_a_script_changed_on_the_way_does_not_run(page: Page, world: World, name: str) -> None:
    heard = said(page)

    async def change(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=(await answer.text()) + "\nwindow.evil = true;")

    await page.route(f"**/{name}", change)
    await page.goto(world.url, wait_until="networkidle")
    assert not await _is_running(page)
    assert await page.evaluate("window.evil") is None
    assert any("integrity" in one for one in heard)


async def test_a_script_that_is_not_listed_does_not_run(page: Page, world: World) -> None:
    """Also where it comes from our own origin: what was put beside the console's files later is none of them."""

    async def add(route: Route) -> None:
        await route.fulfill(body="window.evil = true;", content_type="text/javascript")

    await page.route("**/evil.js", add)
    await page.goto(world.url)
    await page.get_by_label("Användarnamn").wait_for(timeout=WAIT_MS)
    refused = await page.evaluate("import('/evil.js').then(() => 'ran', () => 'refused')")
    assert (refused, await page.evaluate("window.evil")) == ("refused", None)


@pytest.mark.parametrize(
    "attack",
    [
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.evil = true'}))",
        "document.body.innerHTML = '<img src=x onerror=\"window.evil = true\">'",
        "document.body.setAttribute('onclick', 'window.evil = true') ?? document.body.click()",
        "setTimeout('window.evil = true')",
        "trustedTypes.createPolicy('evil', {createScript: (text) => text}) && (window.evil = true)",
    ],
    ids=["script element", "innerHTML", "handler", "text as code", "a policy of its own"],
)
async def test_text_does_not_become_code(page: Page, world: World, attack: str) -> None:
    await page.goto(world.url)
    await page.get_by_label("Användarnamn").wait_for(timeout=WAIT_MS)
    await page.evaluate(
        f"(async () => {{ try {{ {attack} }} catch {{}} await new Promise(requestAnimationFrame); }})()"
    )
    assert await page.evaluate("window.evil") is None


# ---- a console with a host of its own -------------------------------------------------------------------------------


async def _serve(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0).start()
    return runner, f"http://localhost:{runner.addresses[0][1]}"


@pytest_asyncio.fixture(loop_scope="module")
async def apart(tmp_path: Path) -> AsyncIterator[tuple[World, str]]:
    """A service that shows no page of its own, and the console at another origin of the same site."""
    root = SigningKey.generate()
    store = SqlStore(tmp_path / "operator.db")
    await store.open()
    clock = SystemClock()
    await store.pin(Municipality(root.public.x, "Exempelkommun", clock.now()))
    probe, console = await _serve(host.application(STATIC, "http://localhost:1"))
    await probe.cleanup()
    service = build(store, clock, FixedTurn())
    runner, url = await _serve(application(service, Front(console_origin=console), STATIC))
    hosting = web.AppRunner(host.application(STATIC, url), shutdown_timeout=1)
    await hosting.setup()
    await web.TCPSite(hosting, "localhost", int(console.rpartition(":")[2])).start()
    found = World(root, clock, store, service, runner, url)  # type: ignore[arg-type]
    await found.person("anna", "operator", "patrol")
    yield found, console
    await hosting.cleanup()
    await found.stop()


async def test_a_console_hosted_apart_works_with_its_service(page: Page, apart: tuple[World, str]) -> None:
    heard = said(page)
    await page.goto(apart[1])
    await page.get_by_label("Användarnamn").fill("anna")
    await page.get_by_label("Lösenord").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_text("Väntar på godkännande").first.wait_for(timeout=WAIT_MS)
    assert [one for one in heard if "Failed to load resource" not in one] == []


async def test_its_service_shows_no_page_of_its_own(page: Page, apart: tuple[World, str]) -> None:
    answer = await page.goto(apart[0].url)
    assert answer is not None
    assert answer.status == 404


async def test_no_other_origin_reads_what_the_service_says(page: Page, apart: tuple[World, str], world: World) -> None:
    await page.goto(world.url)  # a page of the same site at another origin
    asked = f"fetch('{apart[0].url}/api/me', {{credentials: 'include'}}).then(() => 'read', () => 'refused')"
    assert await page.evaluate(asked) == "refused"
