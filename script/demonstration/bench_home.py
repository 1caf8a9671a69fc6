"""``script/bench home``: what a home with one camera, and with eight, costs Home Assistant.

Each size runs in a process of its own: a real Home Assistant, one entry, the virtual cameras as processes, and the
tests' scripted bridge in a thread. Event-loop time is the processor time of Home Assistant's own thread, without what
it uses before the entry is there.
"""

import asyncio
import gc
import json
import logging
import os
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

from .processes import DemoError, Processes, free_port, say

SIZES = (1, 8)
_SETUPS = 5
_LOOKS = 3
_LOOK_SECONDS = 10
_SETTLED = 45.0
"""Seconds after the start in which the cameras are looked over once; after that it is done each hour."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one size costs: seconds of set-up, MB resident, ms of event loop per look and per idle hour."""

    setup: list[float]
    memory: float
    look: list[float]
    idle: float


def _resident() -> float:
    """MB of this process that are in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 1e6


class _Elsewhere:
    """A loop in a thread of its own, so that what runs there is not counted as Home Assistant's."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def do[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run it there, wait for it here."""
        async with asyncio.timeout(_PATIENCE):
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


async def _home_assistant(folder: Path) -> Any:
    """A Home Assistant with nothing in its configuration but where it listens."""
    from homeassistant import bootstrap, runner

    logging.disable(logging.WARNING)
    text = f"homeassistant:\n  name: Bench\nhttp:\n  server_host: 127.0.0.1\n  server_port: {free_port()}\n"
    await asyncio.to_thread((folder / "configuration.yaml").write_text, text)
    hass = await bootstrap.async_setup_hass(
        runner.RuntimeConfig(config_dir=str(folder), skip_pip=True, log_no_color=True, log_file=str(folder / "log"))
    )
    if hass is None:
        raise DemoError("Home Assistant did not start")
    await hass.async_start()
    await hass.async_block_till_done()
    return hass


async def _until(home: Any, test: Callable[[], bool]) -> None:
    """Wait until the home has changed so that the test holds."""
    changed = asyncio.Event()
    stop = home.listen(changed.set)
    try:
        async with asyncio.timeout(_PATIENCE):
            while not test():
                await changed.wait()
                changed.clear()
    finally:
        stop()


@asynccontextmanager
async def _cameras(number: int, folder: Path) -> AsyncIterator[list[SimpleNamespace]]:
    """So many virtual cameras, each a process."""
    from tests.integration.home import PASSWORD, USER

    processes, found = Processes(folder / "cameras"), []
    command = [sys.executable, "-m", "virtual_camera", "--user", USER, "--password-env", "BENCH_PASSWORD"]
    try:
        for one in range(number):
            ports = await processes.start(
                f"camera-{one}", [*command, "--motor-speed", "20", "--start", "ceiling"], {"BENCH_PASSWORD": PASSWORD}
            )
            found.append(SimpleNamespace(**ports))
        yield found
    finally:
        await processes.stop()


def _entry(bridge: Any, cameras: list[SimpleNamespace]) -> Any:
    """The entry that set-up makes, with each camera as a subentry."""
    from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigSubentryData

    from custom_components.trygghetskamera.const import CONF_ROOM, DOMAIN
    from custom_components.trygghetskamera.migration import VERSION
    from custom_components.trygghetskamera.tillsyn.model import Room
    from tests.integration.home import camera_data, entry_data

    rooms = list(Room)
    return ConfigEntry(
        version=VERSION,
        minor_version=1,
        domain=DOMAIN,
        title="Bench",
        data=entry_data(bridge),
        options={},
        source=SOURCE_USER,
        unique_id=secrets.token_hex(8),
        discovery_keys=MappingProxyType({}),
        subentries_data=[
            ConfigSubentryData(
                data=camera_data(camera) | {CONF_ROOM: rooms[number % len(rooms)]},  # type: ignore[arg-type]
                subentry_type="camera",
                title=f"Camera {number + 1}",
                unique_id=None,
            )
            for number, camera in enumerate(cameras)
        ],
    )


async def _set_up(hass: Any, entry: Any) -> list[float]:
    """Seconds from the start of the set-up until all entities are there, again and again."""
    from homeassistant.setup import async_setup_component

    await async_setup_component(hass, entry.domain, {})
    times = []
    for number in range(_SETUPS):
        began = time.perf_counter()
        if number == 0:
            await hass.config_entries.async_add(entry)
        else:
            await hass.config_entries.async_setup(entry.entry_id)
        times.append(time.perf_counter() - began)
        await hass.async_block_till_done()
        if number < _SETUPS - 1:
            await hass.config_entries.async_unload(entry.entry_id)
    return times


async def _spent(seconds: float) -> float:
    """Processor seconds of this thread, for each second that passes."""
    began, at = time.thread_time(), time.monotonic()
    await asyncio.sleep(seconds)
    return (time.thread_time() - began) / (time.monotonic() - at)


async def _look_over(home: Any) -> float:
    """Processor seconds of this thread for what is done once an hour: every camera is looked over."""
    from custom_components.trygghetskamera.camera_health import CameraHealth

    health, began = CameraHealth(home), time.thread_time()
    for camera in home.cameras:
        await health.look_over(camera)
    return time.thread_time() - began


async def _one_look(home: Any, bridge: Any, elsewhere: _Elsewhere, operator: Any, occurrence: str) -> float:
    """Processor seconds of this thread from the operator's first word until the camera is away again.

    The client was not seen, so that another look may follow.
    """
    from custom_components.trygghetskamera.tillsyn.gate_values import Place
    from custom_components.trygghetskamera.tillsyn.model import Outcome

    began = time.thread_time()
    connected = await elsewhere.do(bridge.prepare(operator, occurrence))
    await elsewhere.do(bridge.send(bridge.click(operator, connected)))
    await _until(home, lambda: home.gate.place is Place.OPEN)
    await asyncio.sleep(_LOOK_SECONDS)
    await elsewhere.do(bridge.close_look(operator, connected.look, Outcome.NOT_SEEN))
    await elsewhere.do(bridge.receipt(connected.look))
    await _until(home, lambda: home.gate.place is Place.CLOSED)
    return time.thread_time() - began


async def _accept_plan(home: Any, bridge: Any, elsewhere: _Elsewhere) -> None:
    from custom_components.trygghetskamera.tillsyn.gate_values import Place

    await _until(home, lambda: home.connection.is_up)
    await elsewhere.do(bridge.send(bridge.municipality.plan(max_retries=_LOOKS - 1)))
    await _until(home, lambda: home.plans.waiting is not None)
    await home.plans.answer(1, accepted=True, by="bench")
    await _until(home, lambda: home.gate.place is Place.CLOSED and home.link.is_connected)


async def measure(number: int, seconds: float) -> Cost:
    """Everything about a home with so many cameras."""
    from tests import early_ha  # noqa: F401 - before Home Assistant's test helpers, which tests.integration uses
    from tests.integration.peers import Municipality, ScriptedBridge, occurrence_of, open_window

    with tempfile.TemporaryDirectory() as name:
        folder, elsewhere = Path(name), _Elsewhere()
        hass = await _home_assistant(folder)
        async with _cameras(number, folder) as cameras:
            before = await _spent(seconds / 2)
            bridge = ScriptedBridge(Municipality(), folder)
            await elsewhere.do(bridge.start())
            entry = _entry(bridge, cameras)
            setup = await _set_up(hass, entry)
            home = entry.runtime_data
            await _accept_plan(home, bridge, elsewhere)
            await asyncio.sleep(_SETTLED)
            idle = await _spent(seconds) - before
            hour = idle * 3600 + await _look_over(home)
            operator, occurrence = bridge.municipality.operator(), occurrence_of(open_window())
            looks = [await _one_look(home, bridge, elsewhere, operator, occurrence) for _ in range(_LOOKS)]
            memory = _resident()
            await hass.config_entries.async_unload(entry.entry_id)
            await elsewhere.do(bridge.stop())
            await hass.async_stop()
    return Cost(setup, memory, [(look - (before + idle) * _LOOK_SECONDS) * 1000 for look in looks], hour * 1000)


async def _in_a_process(number: int, seconds: float) -> Cost:
    """A size of its own process, so that its memory is its own."""
    say(f"A home with {number} camera{'s' * (number > 1)}")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, str(number), str(seconds), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise DemoError(f"the measurement with {number} cameras failed")
    return Cost(**json.loads(output))


def table(one: Cost, many: Cost) -> str:
    """The table, one camera beside eight."""
    middle = statistics.median
    rows = [
        ("set-up of the entry, median", middle(one.setup), middle(many.setup), "s"),
        (f"event loop per look of {_LOOK_SECONDS} s, median", middle(one.look), middle(many.look), "ms"),
        ("event loop per idle hour", one.idle / 1000, many.idle / 1000, "s"),
    ]
    lines = [
        f"| Home Assistant, {SIZES[0]} and {SIZES[1]} cameras | {SIZES[0]} | {SIZES[1]} | ratio |",
        "|---|---|---|---|",
        *(f"| {what} | {few:.3g} {unit} | {more:.3g} {unit} | {more / few:.2g} |" for what, few, more, unit in rows),
        f"| memory per camera | | {(many.memory - one.memory) / (SIZES[1] - SIZES[0]):.3g} MB | |",
    ]
    return "\n".join(lines)


async def bench(seconds: float) -> None:
    """Measure both sizes and print the table; the idle home is watched for so many seconds."""
    one, many = [await _in_a_process(number, seconds) for number in SIZES]
    print(table(one, many))


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(measure(int(sys.argv[1]), float(sys.argv[2]))))))
