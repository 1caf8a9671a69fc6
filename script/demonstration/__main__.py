"""``script/demo``: set everything up, then wait for Ctrl-C or, with --check, perform one look and judge it, or, with
--pictures, make the pictures of the documentation.
"""

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
from pathlib import Path

from playwright.async_api import Error as BrowserError

from .check import check
from .dashboard import CLIENT, save_dashboard
from .guide import guide_pictures
from .processes import DemoError, say
from .system import System, demo_system


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument(
        "--check", metavar="DIR", type=Path, help="perform one look without a person; pictures and timeline go to DIR"
    )
    parser.add_argument(
        "--pictures", metavar="DIR", type=Path, help="make the pictures of docs/ without a person, in DIR"
    )
    parser.add_argument("--logs", metavar="DIR", type=Path, help="keep the parts' logs here")
    return parser.parse_args()


def _show(system: System) -> None:
    staff = system.municipality.staff
    print(
        f"""
  Tillsynscentral (console)   {system.municipality.url}
      {staff["operator"].login} / {staff["operator"].password}   looks in at night
      {staff["admin"].login} / {staff["admin"].password}   log and account of the night
  Home Assistant              {system.home.url}
      hemma / {system.home_password}   the client's home; its screen is {CLIENT}
  Virtual camera              http://127.0.0.1:{system.camera_control}   (POST /scene, /fault)
  Logs                        {system.processes.folder}

  Sign in at the console and press Enter on the first row. Ctrl-C stops everything.
""",
        flush=True,
    )


async def _main(arguments: argparse.Namespace) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    root = Path(__file__).parent.parent.parent
    folder = root / ".cache" / "demo" / secrets.token_hex(4)
    logs = (arguments.logs or folder / "logs").resolve()
    folder.mkdir(parents=True)
    work = asyncio.create_task(_run(arguments, folder, logs, stop))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not work.done():
        say("Stopping")
        work.cancel()
    try:
        result = await work
    except asyncio.CancelledError:
        result = 130 if arguments.check or arguments.pictures else 0
    if result == 0:  # after a failure the logs stay to be read
        shutil.rmtree(folder, ignore_errors=True)
    return result


async def _run(arguments: argparse.Namespace, folder: Path, logs: Path, stop: asyncio.Event) -> int:
    by_hand = arguments.check is None and arguments.pictures is None
    # The operator takes one look; the client has another to do without.
    async with demo_system(folder, logs, fixed_ports=by_hand, windows=2 if arguments.check else 1) as system:
        await save_dashboard(system.home)
        if arguments.check:
            return await check(system, arguments.check)
        if arguments.pictures:
            return await guide_pictures(system, arguments.pictures)
        _show(system)
        while not stop.is_set():
            await asyncio.sleep(1)
            if dead := system.processes.dead():
                raise DemoError(f"{dead} stopped by itself; its log is {logs / dead}.log")
        return 0


def main() -> int:
    """Run the demo; a fault is one clear line."""
    try:
        return asyncio.run(_main(_arguments()))
    except DemoError as err:
        print(f"✗ {err}", file=sys.stderr)
    except BrowserError as err:
        print(f"✗ in the browser: {err.message.splitlines()[0]}", file=sys.stderr)
    return 1


sys.exit(main())
