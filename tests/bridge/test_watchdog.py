"""watchdog.py: a loop that stands still ends the process, a busy one does not."""

import asyncio
import subprocess
import sys
import threading
import time

from bridge.watchdog import EXIT_STALLED, Watchdog


async def test_a_stalled_loop_is_ended() -> None:
    ended = threading.Event()
    watchdog = Watchdog(0.1, ended.set)
    watchdog.start()
    await asyncio.sleep(0.05)
    until = time.monotonic() + 2
    while not ended.is_set() and time.monotonic() < until:
        time.sleep(0.01)  # noqa: ASYNC251 - the stall
    assert ended.is_set()
    watchdog.stop()


async def test_a_running_loop_is_left_alone() -> None:
    ended = threading.Event()
    watchdog = Watchdog(0.2, ended.set)
    watchdog.start()
    for _ in range(25):
        await asyncio.sleep(0.01)
    watchdog.stop()
    assert not ended.is_set()


def test_the_process_ends_with_its_own_code() -> None:
    program = (
        "import asyncio, time\nfrom bridge.watchdog import Watchdog\n"
        "async def hang():\n    Watchdog(0.1).start()\n    time.sleep(20)\n"
        "asyncio.run(hang())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=15, check=False)
    assert done.returncode == EXIT_STALLED
    assert b"stalled" in done.stderr
