"""The camera as a process, as the demonstration and the app start it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.virtual_camera.rtsp_probe import RtspProbe


@asynccontextmanager
async def process(*arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "virtual_camera",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def test_it_tells_its_ports_serves_and_stops(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("secret\n", encoding="utf-8")
    async with process("--user", "viewer", "--password-file", str(password), "--control-port", "0") as started:
        assert started.stdout is not None
        async with asyncio.timeout(20):
            told = json.loads(await started.stdout.readline())
        assert told.keys() == {"host", "http_port", "rtsp_port", "control_port"}
        async with RtspProbe(told["host"], told["rtsp_port"]) as probe:
            uri = f"rtsp://{told['host']}:{told['rtsp_port']}/live/profile_720p15"
            assert (await probe.log_in(uri)).status == 200
        started.send_signal(signal.SIGTERM)
        output, errors = await started.communicate()
    assert started.returncode == 0
    assert (output, errors) == (b"", b"")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--password-env", "NO_SUCH_PASSWORD"), "NO_SUCH_PASSWORD is empty"),
        (("--password-file", "no/such/file"), "cannot be read"),
        (("--password-env", "CAMERA_PASSWORD", "--profiles", "480p"), "no profile 480p"),
        (("--password-env", "CAMERA_PASSWORD", "--host", "192.0.2.1"), "cannot listen"),
    ],
)
async def test_a_wrong_start_says_why_in_one_line(arguments: tuple[str, ...], message: str) -> None:
    async with process("--user", "viewer", *arguments, CAMERA_PASSWORD="hidden") as started:
        output, errors = await started.communicate()
    assert started.returncode == 2
    assert output == b""
    assert message in errors.decode()
    assert errors.count(b"\n") == 1
    assert b"hidden" not in errors
