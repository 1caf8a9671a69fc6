"""discovery.py against a stand-in for the Supervisor's /discovery."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bridge import discovery
from bridge.discovery import Supervisor, announce
from tests.bridge.test_process import running

TOKEN = "supervisor-token"


class FakeSupervisor:
    """Takes announcements, after as many errors as told."""

    def __init__(self) -> None:
        self.url = ""
        self.failures: list[int] = []
        self.asked: asyncio.Queue[tuple[str, object]] = asyncio.Queue()

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.put_nowait((request.headers.get("Authorization", ""), await request.json()))
        return web.json_response({"result": "ok"}, status=self.failures.pop(0) if self.failures else 200)


@pytest.fixture
async def supervisor() -> AsyncIterator[FakeSupervisor]:
    found = FakeSupervisor()
    app = web.Application()
    app.router.add_post("/discovery", found.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def test_the_bridge_announces_itself(tmp_path: Path, supervisor: FakeSupervisor) -> None:
    async with running(tmp_path, "--supervisor", supervisor.url, SUPERVISOR_TOKEN=TOKEN) as bridge:
        authorization, message = await asyncio.wait_for(supervisor.asked.get(), 5)
        log = await bridge.end()
    assert authorization == f"Bearer {TOKEN}"
    assert message == {
        "service": "trygghetskamera",
        "config": {"host": socket.gethostname(), "port": bridge.port, "access_key": bridge.access_key},
    }
    assert TOKEN not in log
    assert bridge.access_key not in json.dumps(log)


async def test_it_is_repeated_until_taken(supervisor: FakeSupervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "jitter", lambda _: 0.0)
    supervisor.failures = [502, 503]
    await announce(Supervisor(TOKEN, supervisor.url), "bridge", 1, "key")
    assert supervisor.asked.qsize() == 3


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_clear_no_ends_it(supervisor: FakeSupervisor, status: int) -> None:
    supervisor.failures = [status]
    await announce(Supervisor(TOKEN, supervisor.url), "bridge", 1, "key")
    assert supervisor.asked.qsize() == 1
