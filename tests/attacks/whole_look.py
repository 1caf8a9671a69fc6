"""A whole look: camera, bridge, TURN, service and console in Chromium are the real ones, and somebody listens on every
wire between them. Only the gate is scripted: it says yes, as it would to a right look.
"""

import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
from OpenSSL import SSL
from playwright.async_api import Browser, async_playwright

from bridge.app import Bridge
from bridge.keep import Keep
from operator_service.sockets import rung
from operator_service.turn import FixedTurn, Ice
from tests.attacks.taps import Leg, ServiceTap, StreamTap, TurnTap
from tests.bridge.conftest import PASSWORD as CAMERA_PASSWORD
from tests.bridge.conftest import QUICK, access
from tests.bridge.conftest import USER as CAMERA_USER
from tests.bridge.media.conftest import PASSWORD as TURN_PASSWORD
from tests.bridge.media.conftest import USER as TURN_USER
from tests.bridge.media.conftest import run_turn
from tests.bridge.peers import FakeIntegration, random_id
from tests.operator.console.conftest import FLAGS, Screen
from tests.operator.console.household import serve_console, window_now
from tests.operator.peers import World, eventually
from tillsyn import frames, wire
from tillsyn.frames import HomeStatus, Signed
from tillsyn.identity import PairingCode, digest, typ_of
from tillsyn.model import Fallback, Role
from virtual_camera import BED, CEILING, Settings, VirtualCamera
from virtual_camera.stream import LivePicture

LABEL = "Elsa, Storgatan 4"

# The keys that the console makes are taken out for the test, which is to look for them; what the console gets is made
# as it asked for it.
TAKE_KEYS = """
(() => {
  const generate = crypto.subtle.generateKey.bind(crypto.subtle);
  window.takenKeys = [];
  crypto.subtle.generateKey = async (how, extractable, uses) => {
    const pair = await generate(how, true, uses);
    window.takenKeys.push((await crypto.subtle.exportKey("jwk", pair.privateKey)).d);
    const bytes = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
    const privateKey = await crypto.subtle.importKey("pkcs8", bytes, how, extractable, ["sign"]);
    return { publicKey: pair.publicKey, privateKey };
  };
})();
"""


@dataclass
class Seen:
    """What only the ends of a look may know, taken from the ends themselves."""

    pictures: list[LivePicture] = field(default_factory=list)
    keying: list[bytes] = field(default_factory=list)
    """What DTLS gave the bridge to make SRTP keys of."""

    @property
    def units(self) -> list[bytes]:
        """All NAL units that the camera made, parameter sets among them."""
        return [unit for one in self.pictures for unit in one.nal_units]


@dataclass
class WholeLook:
    """Everything that runs, and who listens."""

    world: World
    keep: Keep
    camera: VirtualCamera
    integration: FakeIntegration
    screen: Screen
    code: PairingCode
    seen: Seen
    at_camera: StreamTap
    at_turn: TurnTap
    at_service: ServiceTap
    folder: Path

    async def allowed(self) -> str:
        """The home allows the next look that is prepared; its id."""
        asked = await self.integration.expect(Signed, lambda one: typ_of(one.token) == wire.Prepare.TYP)
        await self.integration.send(frames.Allow(asked.look))
        return asked.look

    async def opened(self, look: str) -> frames.LookRequest:
        """The gate opens for the click, and the first lease is given."""
        request = await self.integration.expect(frames.LookRequest, lambda one: one.look == look)
        await self.integration.send(frames.Warm(look, "camera-1"))
        await self.integration.session(look, "playing")
        self.camera.move_by_hand(BED)
        return request

    async def told(self, look: str, request: frames.LookRequest) -> None:
        """The operator hears that it is open."""
        await self.integration.sign(wire.Opened(look, digest(request.token), time.time_ns() // 1_000_000, 30))

    async def session_keys(self) -> list[str]:
        """Secret halves of the keys that the console has made."""
        return list(await self.screen.page.evaluate("window.takenKeys"))


async def _pair(world: World, at_service: ServiceTap, integration: FakeIntegration) -> PairingCode:
    """With a code, as the root tool does."""
    url = f"ws://localhost:{at_service.port}/hub"
    code = PairingCode(url, world.root.public.kid, random_id(32), LABEL)
    meetings = world.service.meetings
    await meetings.start(code.rendezvous, LABEL, "admin")
    await integration.send(frames.StartPairing(code.encode()))

    key = ""
    while not key:
        rings = meetings.bell.listen()
        key = (await meetings.get(code.rendezvous)).key or key
        if not key:
            await rung(rings, 8)
    now = int(time.time())
    certificate = wire.HubCertificate(key, LABEL, "Exempelkommun", now, now + 86_400)
    await meetings.certify(code.rendezvous, world.root.sign(certificate), (), "admin")
    await integration.expect(frames.PairingResult)
    return code


async def _root_says(world: World) -> None:
    """Keys in browsers count, and nobody is revoked."""
    now, root = int(time.time()), world.root
    policy = wire.Policy(1, True, 43_200, 60, 2, now - 60)
    await world.service.will.set_policy(root.public, root.sign(policy), "admin")
    nobody = wire.Revocations(1, (), now)
    await world.service.will.set_revocations(root.public, root.sign(nobody), (), "admin")


async def _agree(world: World, keep: Keep, integration: FakeIntegration) -> None:
    """The root's word, and a plan whose window is open, proposed and accepted."""
    now, hub = int(time.time()), keep.hub.public.kid
    await integration.send(HomeStatus(ready=True, paused=False, plan=0, problem=""))
    plan = wire.PlanStatement(
        hub, 1, "nord", (window_now(),), 30, 30, 20, 1, (Role.OPERATOR,), (Fallback.VISIT,),
        date(2030, 1, 1), now,
    )  # fmt: skip
    row = await world.service.plans.propose(world.root.public, world.root.sign(plan), "admin")
    await eventually(lambda: world.service.links.get(hub) is not None)
    link = world.service.links.get(hub)
    assert link is not None
    await world.service.plans.offer(link, 0)
    await integration.expect(Signed, lambda one: typ_of(one.token) == wire.PlanStatement.TYP)
    await integration.sign(wire.PlanAck(hub, 1, row.hash, "accepted", now))
    await integration.send(HomeStatus(ready=True, paused=False, plan=1, problem=""))
    await eventually(lambda: world.service.homes.get(hub).plan == 1)
    await world.service.planner.round()


def _notes_keying(seen: Seen) -> AsyncExitStack:
    """Listen to what OpenSSL hands out for SRTP, in the bridge's own process."""
    real = SSL.Connection.export_keying_material

    def export(self: SSL.Connection, *wanted: Any) -> bytes:
        found: bytes = real(self, *wanted)
        seen.keying.append(found)
        return found

    stack = AsyncExitStack()
    SSL.Connection.export_keying_material = export
    stack.callback(setattr, SSL.Connection, "export_keying_material", real)
    return stack


@asynccontextmanager
async def _operator(browser: Browser, world: World) -> AsyncIterator[Screen]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    await context.add_init_script(TAKE_KEYS)
    page = await context.new_page()
    page.set_default_timeout(15_000)
    try:
        yield Screen(page, world)
    finally:
        await context.close()


@asynccontextmanager
async def _bridge(keep: Keep, session: aiohttp.ClientSession) -> AsyncIterator[tuple[Bridge, FakeIntegration]]:
    bridge = Bridge(keep, session, replace(QUICK, relay_only=True))
    port = await bridge.start("127.0.0.1", 0)
    integration = await FakeIntegration.connect(session, port, keep.access_key)
    try:
        await integration.expect(frames.Bridge)
        yield bridge, integration
    finally:
        await integration.close()
        await bridge.stop()


@asynccontextmanager
async def whole_look(
    folder: Path, meddle: Callable[[TurnTap, Leg, bytes], bool] | None = None
) -> AsyncIterator[WholeLook]:
    """Everything up to an operator who may sign in. ``meddle``: what sits at the TURN server."""
    seen = Seen()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(_notes_keying(seen))
        settings = Settings(user=CAMERA_USER, password=CAMERA_PASSWORD, motor_speed=50, zoom_speed=50, start=CEILING)
        camera = await enter(VirtualCamera(settings))
        at_camera = await enter(StreamTap(camera.rtsp_port))
        turn = await enter(run_turn(folder))
        at_turn = await enter(TurnTap(turn.port, meddle))
        ice = Ice((f"turn:127.0.0.1:{at_turn.port}?transport=udp",), TURN_USER, TURN_PASSWORD)
        world = await serve_console(folder, turn=FixedTurn(ice))
        stack.push_async_callback(world.stop)
        at_service = await enter(ServiceTap(world.url))
        world = replace(world, url=at_service.url)
        await world.person("anna", "operator", "patrol")
        await _root_says(world)
        keep, session = Keep(folder / "bridge"), await enter(aiohttp.ClientSession())
        _, integration = await enter(_bridge(keep, session))
        told = replace(access(camera), rtsp_port=at_camera.port)
        await integration.send(frames.Configure((told,)))
        code = await _pair(world, at_service, integration)
        await _agree(world, keep, integration)
        playwright = await enter(async_playwright())
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        stack.push_async_callback(browser.close)
        screen = await enter(_operator(browser, world))
        camera.streams["profile_720p15"].add(seen.pictures.append)
        yield WholeLook(world, keep, camera, integration, screen, code, seen, at_camera, at_turn, at_service, folder)
