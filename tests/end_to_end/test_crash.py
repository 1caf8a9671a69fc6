"""Home Assistant is killed in the middle of a look: every part a process of its own, nothing of it simulated."""

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from demonstration.browser import chromium
from demonstration.check import open_next, sign_in, until
from demonstration.system import System, demo_system

from tillsyn.errors import CloseReason
from tillsyn.identity import PublicKey
from tillsyn.journal import replay
from tillsyn.receipts import Head, verify
from tillsyn.record import Record
from virtual_camera import BED, CEILING, Position

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is missing")


async def _aims_at(system: System, wanted: Position) -> bool:
    state = await system.camera_state()
    where = state["position"]
    assert isinstance(where, dict)
    near = all(abs(float(where[one]) - getattr(wanted, one)) < 0.02 for one in ("pan", "tilt", "zoom"))
    return near and (wanted is BED or not state["playing"])


def _kill(system: System) -> None:
    os.killpg(system.processes.pid("home-assistant"), signal.SIGKILL)


async def _start_again(system: System) -> None:
    await system.processes.stop_one("home-assistant")
    command = [sys.executable, "-m", "homeassistant", "-c", system.home.folder, "--skip-pip"]
    await system.processes.start("home-assistant", command, ready=False)


async def _record(system: System) -> Record:
    return replay(await asyncio.to_thread(system.home.journal().read_bytes))


def _secrets(system: System, folder: Path) -> dict[str, str]:
    """What no log may hold: where it is from, and the text."""
    found = {f"{one.login}'s password": one.password for one in system.municipality.staff.values()}
    found |= {f"{one.login}'s name": one.name for one in system.municipality.staff.values()}
    found |= {"the home's password": system.home_password, "the client's name": "Astrid", "the address": "Storgatan"}
    found |= {f"Home Assistant's {kind}": system.home.tokens[kind] for kind in ("access_token", "refresh_token")}
    for name in ("camera-password", "turn-secret", "municipality/root-passphrase", "bridge/access_key"):
        if (folder / name).exists():
            found[name] = (folder / name).read_text().strip().split(".")[-1]
    return found


async def test_a_kill_in_the_middle_of_a_look_leaves_a_private_camera_and_a_signed_receipt(tmp_path: Path) -> None:
    (tmp_path / "system").mkdir()
    async with demo_system(tmp_path / "system", tmp_path / "logs", fixed_ports=False) as system:
        async with chromium() as browser:
            page = await sign_in(browser, system)
            await open_next(page)
            assert await _aims_at(system, BED)
            began = await _record(system)
            assert began.interrupted is not None  # on disk before the camera moved
            _kill(system)
            # The bridge alone has to see to it: nobody else is left.
            assert await until(lambda: _aims_at(system, CEILING), bool, 8)
            await _start_again(system)
            record = await until(lambda: _record(system), lambda found: len(found.receipts) == 1, 60)
        hub = PublicKey((await system.home.entry_data())["hub"])
        _, receipts = verify(Head(), hub, record.receipts)
        assert [one.reason for one in receipts] == [CloseReason.INTERRUPTED]
        assert receipts[0].look == began.interrupted.started.look
        assert receipts[0].name == system.municipality.staff["operator"].name
        assert await _aims_at(system, CEILING)
        log = (await system.municipality.as_admin("/api/log?limit=100"))["entries"]
        assert [one["code"] for one in log if one["event"] == "receipt"] == [CloseReason.INTERRUPTED.value]
        secrets = _secrets(system, tmp_path / "system")
    for path in sorted((tmp_path / "logs").glob("*.log")):
        text = path.read_text(errors="replace")
        assert not [what for what, secret in secrets.items() if secret in text], path.name
