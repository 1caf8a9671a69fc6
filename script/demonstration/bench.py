"""``script/bench look``: click to first frame, pause to last packet, the bridge's size and the home's set-up time.
``script/bench home``: see bench_home. ``script/bench trust``: see bench_trust.
"""

import argparse
import asyncio
import os
import random
import secrets
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from virtual_camera import BED, CEILING

from . import bench_added, bench_home, bench_trust
from .bench_looks import connected, one_look, until_closed
from .browser import chromium, shown_frames
from .check import open_next, ready, sign_in, until
from .processes import DemoError, say
from .system import MOTOR_SPEED, System, demo_system
from .timeline import last_packet

_MOVE_MS = BED.distance(CEILING) / MOTOR_SPEED * 1000
_TICKS = os.sysconf("SC_CLK_TCK")
_PICTURE_SECONDS = 15
"""How long the bridge's share of a core is measured."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what, the numbers, their unit and the most that is wanted (0: as low as can be)."""

    what: str
    values: Sequence[float]
    unit: str
    most: float

    def text(self) -> str:
        """The line."""
        if not self.values:
            return f"| {self.what} | not measured | | |"
        middle = statistics.median(self.values)
        spread = f"{min(self.values):.3g}-{max(self.values):.3g}" if len(self.values) > 1 else ""
        held = "yes" if middle <= self.most else "NO"
        return f"| {self.what} | {middle:.3g} {self.unit} | {spread} ({len(self.values)}) | {self.most:g}: {held} |"


async def _to_first_frame(page: Page, *, settle: float) -> float:
    """Perform a look; ms from click to first frame without the camera's own move."""
    marks = await one_look(page, settle=settle)
    return marks["first_frame"] - marks["click"] - _MOVE_MS


async def _prepared_clicks(page: Page, system: System, clicks: int, gop_ms: float) -> list[float]:
    """Clicks on looks that were connected during the look before, spread over the key-frame interval."""
    times = []
    await _to_first_frame(page, settle=2.5)
    for number in range(clicks):
        await connected(page)
        await until_closed(system)
        await asyncio.sleep((number / clicks + random.random() / clicks) * gop_ms / 1000)
        times.append(await _to_first_frame(page, settle=2.5))
        print(f"  prepared {number + 1}/{clicks}: {times[-1]:.0f} ms", file=sys.stderr, flush=True)
    return times


async def _cold_clicks(page: Page, system: System, clicks: int) -> list[float]:
    """Clicks on a page that has just been loaded: nothing is prepared."""
    times = []
    for number in range(clicks):
        await page.reload()
        await ready(page)
        await until_closed(system)
        times.append(await _to_first_frame(page, settle=0.3))
        print(f"  cold {number + 1}/{clicks}: {times[-1]:.0f} ms", file=sys.stderr, flush=True)
    return times


async def _pauses(page: Page, system: System, times: int) -> list[float]:
    """Pause in the middle of the picture: ms from the switch to the last packet that left, 0 where it left before."""
    pause, found = await system.home.entity("pause", "switch"), []
    for number in range(times):
        await until_closed(system)
        await open_next(page)
        await asyncio.sleep(1 + random.random() / 10)
        pressed = time.time() * 1000
        await system.home.call("switch", "turn_on", {"entity_id": pause})
        await until_closed(system)
        found.append(max(0.0, last_packet(system.processes.folder / "bridge.log") - pressed))
        print(f"  pause {number + 1}/{times}: {found[-1]:.0f} ms", file=sys.stderr, flush=True)
        await page.keyboard.press("1")  # what was seen before the pause still counts
        await system.home.call("switch", "turn_off", {"entity_id": pause})
        await until(lambda: system.municipality.hub(system.hub), lambda hub: not hub["paused"])
        await page.reload()
        await ready(page)
    return found


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


async def _bridge(page: Page, system: System) -> tuple[float, float]:
    """The bridge's share of a core (%) while it forwards 720p15, and its memory (MB)."""
    pid = system.processes.pid("bridge")
    await until_closed(system)
    await open_next(page)
    await asyncio.sleep(1)
    began, used, frames = time.monotonic(), _cpu_seconds(pid), len(await shown_frames(page))
    await asyncio.sleep(_PICTURE_SECONDS)
    share = (_cpu_seconds(pid) - used) / (time.monotonic() - began) * 100
    if len(await shown_frames(page)) - frames < _PICTURE_SECONDS * 10:
        raise DemoError("the picture did not run while the bridge was measured")
    memory = _memory_mb(pid)
    await page.keyboard.press("1")
    return share, memory


async def _entry_set_up(system: System, times: int) -> list[float]:
    """Seconds from enabling the disabled entry until it is loaded."""
    entry = (await system.home.get("/api/config/config_entries/entry?domain=trygghetskamera"))[0]["entry_id"]
    found = []
    for _ in range(times):
        await system.home.command("config_entries/disable", entry_id=entry, disabled_by="user")
        began = time.monotonic()
        await system.home.command("config_entries/disable", entry_id=entry, disabled_by=None)
        found.append(time.monotonic() - began)
    return found


async def _look(clicks: int, cold: int, folder: Path) -> list[Row]:
    rows: list[Row] = []
    async with demo_system(folder, folder / "logs", fixed_ports=False, windows=24) as system, chromium() as browser:
        if not system.relayed:
            raise DemoError(
                "coturn is missing: clicks are measured through a TURN relay (Debian: apt-get install coturn)"
            )
        page = await sign_in(browser, system)
        say(f"{clicks} prepared clicks")
        prepared = await _prepared_clicks(page, system, clicks, gop_ms=1000)
        say("Bridge")
        share, memory = await _bridge(page, system)
        await system.renew_plan(windows=24)
        await asyncio.sleep(5)  # the service takes the looks of the old plan away, one by one
        say(f"{cold} cold clicks")
        colds = await _cold_clicks(page, system, cold)
        say("Pauses")
        pauses = await _pauses(page, system, 5)
        say("Set-up of the entry")
        there = await _entry_set_up(system, 5)
        await system.processes.stop_one("camera")
        gone = await _entry_set_up(system, 3)
        blocking = (system.processes.folder / "home-assistant.log").read_text().count("blocking call")
        rows += [
            Row("click to first frame over the camera's move, prepared, TURN only", prepared, "ms", 250),
            Row("the same, cold", colds, "ms", 600),
            Row("pause to last packet", pauses, "ms", 100),
            Row("bridge at 720p15, share of one core", [share], "%", 3),
            Row("bridge, memory", [memory], "MB", 120),
            Row("set-up of the entry, camera there", there, "s", 2),
            Row("set-up of the entry, camera gone", gone, "s", 1),
            Row("blocking call warnings in Home Assistant", [blocking], "", 0),
        ]
    return rows


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("what", choices=["look", "home", "trust"])
    parser.add_argument("--clicks", type=int, default=20, help="prepared clicks (default 20)")
    parser.add_argument("--cold", type=int, default=10, help="cold clicks (default 10)")
    parser.add_argument("--seconds", type=float, default=60, help="home: how long it is watched idle (default 60)")
    parser.add_argument("--times", type=int, default=300, help="trust: how often each step is made (default 300)")
    arguments = parser.parse_args()
    if arguments.what == "home":
        asyncio.run(bench_home.bench(arguments.seconds))
        return 0
    folder = Path(__file__).parent.parent.parent / ".cache" / "bench" / secrets.token_hex(4)
    folder.mkdir(parents=True)
    try:
        if arguments.what == "trust":
            return 0 if bench_trust.bench(arguments.times, asyncio.run(bench_added.added(folder))) else 1
        rows = asyncio.run(_look(arguments.clicks, arguments.cold, folder))
    except DemoError as err:
        print(f"✗ {err}", file=sys.stderr)
        return 1
    print(
        f"\n| measured (the camera's own move, {_MOVE_MS:.0f} ms, taken off) | median | range (number) | most wanted |"
    )
    print("|---|---|---|---|")
    for row in rows:
        print(row.text())
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
