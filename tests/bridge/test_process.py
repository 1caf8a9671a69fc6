"""The bridge as a process: it serves, it ends well, and it ends when it hangs."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bridge.keep import Keep, Pairing
from tests.bridge.conftest import LOOPBACK, PASSWORD, USER, configure
from tests.bridge.peers import FakeIntegration, FakeService, Operator, connected, warmed
from tillsyn import frames
from virtual_camera import BED, CEILING, VirtualCamera


@dataclass
class Process:
    """A running bridge."""

    process: asyncio.subprocess.Process
    port: int
    access_key: str

    async def end(self, number: signal.Signals = signal.SIGTERM) -> str:
        """Stop it; gives its log. Fails unless it ended well and in time."""
        self.process.send_signal(number)
        async with asyncio.timeout(25):
            _, errors = await self.process.communicate()
        assert self.process.returncode == 0, errors.decode()
        return errors.decode()


@asynccontextmanager
async def running(folder: Path, *arguments: str, **environment: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge", "--data", str(folder), "--listen", "127.0.0.1:0", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, **environment},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            line = json.loads(await process.stdout.readline())
        assert line.keys() == {"port", "access_key_file"}
        key = await asyncio.to_thread(Path(line["access_key_file"]).read_text)
        yield Process(process, line["port"], key)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_sigterm_in_a_look_stops_the_picture_and_drives_the_camera_away(
    tmp_path: Path, service: FakeService, camera: VirtualCamera, session: aiohttp.ClientSession
) -> None:
    keep, municipality = Keep(tmp_path), service.municipality
    keep.store_pairing(Pairing(service.url, municipality.root.public, municipality.certificate(keep.hub.public)))
    async with running(tmp_path, "--no-relay-only") as bridge:
        integration = await FakeIntegration.connect(session, bridge.port, bridge.access_key)
        await integration.send(configure(camera))
        await integration.expect(frames.ServiceLink, lambda one: one.connected)
        operator = Operator(service, municipality.person("Erika Testsson"), keep.hub.public, LOOPBACK)
        await connected(operator, integration)
        await warmed(operator, integration)
        camera.move_by_hand(BED)
        async with integration.lease(operator.look):
            await integration.session(operator.look, "first_packet")
            log = await bridge.end()
        assert (await integration.expect(frames.Stopped)).packets > 0
        assert operator.viewer is not None
        before = len(operator.viewer.inbox.packets)
        assert camera.position.distance(CEILING) < 0.02
        await asyncio.sleep(0.1)
        assert len(operator.viewer.inbox.packets) == before
        await operator.leave()
    for secret in (PASSWORD, USER, "127.0.0.1", "Erika", bridge.access_key, service.url, operator.look):
        assert secret not in log
    assert {"look open", "driving the camera away", "camera driven away"} <= {
        json.loads(line)["event"] for line in log.splitlines()
    }


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_idle_bridge_ends_at_once_and_moves_nothing(
    tmp_path: Path, camera: VirtualCamera, session: aiohttp.ClientSession, number: signal.Signals
) -> None:
    async with running(tmp_path) as bridge:
        integration = await FakeIntegration.connect(session, bridge.port, bridge.access_key)
        await integration.expect(frames.Bridge)
        await integration.send(configure(camera))
        async with session.get(f"https://127.0.0.1:{bridge.port}/health", ssl=False) as answer:
            assert answer.status == 200
        await bridge.end(number)
        await integration.inbox.until_closed()
    assert camera.state.counters.move_commands == 0


async def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    async with running(tmp_path) as bridge:
        second = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge", "--data", str(tmp_path), "--listen", f"127.0.0.1:{bridge.port}",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, errors = await second.communicate()
        assert (second.returncode, out) == (1, b"")
        assert "--listen" in json.loads(errors)["event"]
        await bridge.end()
