"""A home moves to another municipality with the real bridge as a process: nobody of the old one is left on any wire."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import pytest
from aiohttp import WSMsgType, web
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.bridge_link import BridgeConnection
from custom_components.trygghetskamera.config import BridgeAddress, dump_pairing
from custom_components.trygghetskamera.const import CONF_SET_UP, DOMAIN
from custom_components.trygghetskamera.migration import VERSION as ENTRY_VERSION
from custom_components.trygghetskamera.pairing import alone_with_bridge, pair_again
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.identity import PairingCode, PublicKey, parse, typ_of
from custom_components.trygghetskamera.tillsyn.model import Role
from custom_components.trygghetskamera.tillsyn.pairing import check_pairing
from custom_components.trygghetskamera.tillsyn.strict import b64u_encode
from custom_components.trygghetskamera.tillsyn.wire import HubCertificate, Prepare, Refuse
from virtual_camera import VirtualCamera

from .home import Setup, camera_data, entry_data
from .peers import MINIMUM_VERSION, VERSION, Municipality, ScriptedBridge, now, random_id

BRIDGE_PYTHON = Path(__file__).parents[2] / ".venv/bin/python"
"""The apps have an environment of their own, also where Home Assistant is an older one."""

SOON = 15.0


class Town(Municipality):
    """A municipality and its service; an installer certifies whatever hub asks with one of its codes."""

    def __init__(self) -> None:
        super().__init__()
        self.installer = super().operator("Ines", Role.INSTALLER)
        self.link: web.WebSocketResponse | None = None
        self.is_linked, self.is_left = asyncio.Event(), asyncio.Event()
        self.heard: asyncio.Queue[frames.Signed] = asyncio.Queue()
        self.logins: list[frames.LinkLogin] = []
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def serve(cls) -> AsyncIterator[Self]:
        town, application = cls(), web.Application()
        application.router.add_get("/hub", town._hub)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        town.port = runner.addresses[0][1]
        yield town
        if town.link is not None:
            await town.link.close()
        await runner.cleanup()

    def code(self) -> PairingCode:
        return PairingCode(f"ws://127.0.0.1:{self.port}/hub", self.root.public.kid, random_id(), "Hemmet", 3)

    async def _hub(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=frames.LIMIT)
        await socket.prepare(request)
        await socket.send_str(frames.Hello(VERSION, MINIMUM_VERSION, b64u_encode(secrets.token_bytes(32))).encode())
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._take(socket, frames.decode(frames.BRIDGE_TO_SERVICE, message.data))
        if self.link is socket:
            self.link = None
            self.is_left.set()
        return socket

    async def _take(self, socket: web.WebSocketResponse, frame: frames.Frame) -> None:
        match frame:
            case frames.Pair(key=key):
                made = HubCertificate(key, "Hemmet", "Ankeborg", now(), now() + 86_400, 3)
                token = self.installer.key.sign(made)
                await socket.send_str(frames.Paired(self.root.public.x, token, self.installer.chain).encode())
            case frames.LinkLogin():
                self.logins.append(frame)
                self.link = socket
                for one in (frames.Welcome((), "", ""), self.policy(3), self.revocations()):
                    await socket.send_str(one.encode())
                self.is_linked.set()
            case frames.Signed():
                await self.heard.put(frame)

    async def send(self, frame: frames.Signed) -> None:
        assert self.link is not None
        await self.link.send_str(frame.encode())

    async def refusal(self, look: str) -> Refusal:
        """Why the home or its bridge says no to this look."""
        async with asyncio.timeout(SOON):
            while True:
                frame = await self.heard.get()
                if frame.look == look and typ_of(frame.token) == Refuse.TYP:
                    return parse(Refuse, frame.token).verified(self.hub_key).code

    @property
    def hub_key(self) -> PublicKey:
        return PublicKey(parse(HubCertificate, self.logins[-1].certificate).statement.key)


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[dict[str, object]]:
    """Where the real bridge is, and its access key."""
    process = await asyncio.create_subprocess_exec(
        BRIDGE_PYTHON, "-m", "bridge", "--data", str(tmp_path / "bridge"), "--listen", "127.0.0.1:0",
        "--no-relay-only", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(20):
        line = json.loads(await process.stdout.readline())
    key = await asyncio.to_thread(Path(line["access_key_file"]).read_text)
    yield {"host": "127.0.0.1", "port": line["port"], "access_key": key.strip()}
    process.terminate()
    await process.wait()


async def _pair(hass: HomeAssistant, address: dict[str, object], code: PairingCode) -> e.Paired:
    """As the flow does: over a link of its own, and everything checked again."""
    connection = await BridgeConnection.open(async_get_clientsession(hass), BridgeAddress.read(address))
    try:
        hub = PublicKey(connection.bridge.key)
        result = await connection.pair(code.encode())
    finally:
        await connection.close()
    check_pairing(code, PublicKey(result.root), result.certificate, result.chain, hub, now())
    return e.Paired(result.root, hub.x, result.certificate, result.chain, "anna")


async def _ask(town: Town, signed_by: Town, occurrence: str) -> Refusal:
    """Somebody of ``signed_by`` asks to look in, over the line of ``town``."""
    prepare = Prepare(random_id(16), town.hub_key.kid, 1, occurrence, now(), now() + 30)
    await town.send(signed_by.operator().sign(prepare.look, prepare))
    return await town.refusal(prepare.look)


def _plan(town: Town) -> frames.Signed:
    return town.plan(hub=town.hub_key.kid)


async def _living_with(
    town: Town, hass: HomeAssistant, address: dict[str, object], camera: VirtualCamera, bridge: ScriptedBridge
) -> Setup:
    """A home that is paired with ``town`` and has accepted its plan, as far as looks. Its bridge is the real one."""
    paired = await _pair(hass, address, town.code())
    # What the home agreed to at set-up is as in every other test.
    said = {CONF_SET_UP: entry_data(bridge)[CONF_SET_UP]}
    theirs = ConfigSubentryData(data=camera_data(camera), subentry_type="camera", title="Camera", unique_id=None)
    entry = MockConfigEntry(
        domain=DOMAIN, title="Hemmet", version=ENTRY_VERSION, unique_id=PublicKey(paired.hub).kid,
        data={**address, **dump_pairing(paired), **said}, subentries_data=[theirs],
    )  # fmt: skip
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    home = Setup(hass, entry, bridge, camera)
    await asyncio.wait_for(town.is_linked.wait(), SOON)
    await home.until(lambda: home.home.link.is_connected and home.home.trust.policy.number == 3)
    await _accepts_plan_of(town, home)
    await home.until_place(Place.CLOSED)
    return home


async def _accepts_plan_of(town: Town, home: Setup) -> None:
    await town.send(_plan(town))
    await home.until(lambda: home.home.plans.waiting is not None)
    assert home.home.trust.policy.number == 3
    await home.home.plans.answer(1, accepted=True, by="anna")


async def test_a_home_moves_and_the_old_municipality_is_out_on_every_wire(
    hass: HomeAssistant, address: dict[str, object], camera: VirtualCamera, bridge: ScriptedBridge
) -> None:
    async with Town.serve() as old, Town.serve() as new:
        home = await _living_with(old, hass, address, camera, bridge)
        assert old.logins[-1].chain == old.installer.chain
        assert await _ask(old, new, home.occurrence) is Refusal.UNKNOWN_SIGNER

        async with alone_with_bridge(home.entry):
            moved = await _pair(hass, address, new.code())
        await asyncio.wait_for(asyncio.gather(new.is_linked.wait(), old.is_left.wait()), SOON)
        assert old.link is None
        # Before anybody at home has said yes, the home and its bridge are of two minds, and nothing opens.
        assert await _ask(new, new, home.occurrence) is not None
        await pair_again(hass, home.entry, moved)
        await home.until(lambda: home.home.link.is_connected and home.home.gate.journal)
        assert home.home.config.pinned.root == new.root.public
        record = home.home.journal.record
        assert record is not None
        assert (record.accepted, record.consent) == (None, False)
        assert await _ask(new, old, home.occurrence) is Refusal.UNKNOWN_SIGNER
        assert await _ask(new, new, home.occurrence) is Refusal.NO_PLAN
        for one in (old.policy(9), old.revocations(), _plan(old)):
            await new.send(one)
        await _accepts_plan_of(new, home)
        assert await _ask(new, new, home.occurrence) is Refusal.NO_CONSENT
        assert home.is_looking_away()
        await hass.config_entries.async_unload(home.entry.entry_id)
