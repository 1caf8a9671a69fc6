"""All parts together: camera, TURN, operator service, bridge, Home Assistant; paired, consented, with a plan in
force.
"""

import asyncio
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from .home_assistant import HomeAssistant, start_home_assistant
from .municipality import Municipality, start_municipality
from .processes import Processes, free_port, say
from .relay import start_relay

_CAMERA_USER = "tillsyn"
MOTOR_SPEED = 3.0
"""How fast the virtual camera turns, in generic ONVIF units a second; a real one needs 0.5-3 s from ceiling to bed."""


@dataclass
class System:
    """Everything that runs, for the person at the terminal and for the check."""

    processes: Processes
    municipality: Municipality
    home: HomeAssistant
    home_password: str
    hub: str
    camera_control: int
    session: aiohttp.ClientSession
    relayed: bool

    async def camera_state(self) -> dict[str, object]:
        """What the virtual camera says of itself."""
        async with self.session.get(f"http://127.0.0.1:{self.camera_control}/state") as answer:
            return dict(await answer.json())

    async def renew_plan(self, windows: int, nightly: Sequence[str] = ()) -> None:
        """Another plan with fresh windows, accepted at home."""
        await _agree(self.municipality, self.home, self.hub, windows, nightly)


def _word() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(3))


def _port(fixed: bool, number: int) -> int:
    """The usual port where it is free, so that bookmarks work between demos."""
    if fixed:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)):
                return number
    return free_port()


@asynccontextmanager
async def demo_system(
    folder: Path, logs: Path, *, fixed_ports: bool, windows: int = 1, browser_keys: bool = True
) -> AsyncIterator[System]:
    """Start and connect everything; stop it all on the way out. Without ``browser_keys`` people sign by passkey."""
    processes = Processes(logs)
    municipality: Municipality | None = None
    async with aiohttp.ClientSession() as session:
        try:
            camera_password = secrets.token_urlsafe(12)
            say("Virtual camera")
            camera = await _start_camera(processes, folder, camera_password)
            relay = await start_relay(processes, folder)
            passwords = {"operator": _word(), "admin": _word(), "home": _word()}
            listen = f"127.0.0.1:{_port(fixed_ports, 8780)}"
            municipality = await start_municipality(
                processes, folder / "municipality", relay, listen, passwords, browser_keys=browser_keys
            )
            say("Bridge")
            bridge_data = folder / "bridge"
            bridge_data.mkdir()
            mode = "--relay-only" if relay else "--no-relay-only"
            bridge = await processes.start(
                "bridge", [sys.executable, "-m", "bridge", "--data", bridge_data, "--listen", "127.0.0.1:0", mode]
            )
            home = await start_home_assistant(
                processes, folder / "home", _port(fixed_ports, 8123), passwords["home"], session
            )
            hub = await _pair(municipality, home, bridge)
            await _add_camera(home, camera, camera_password)
            await _agree(municipality, home, hub, windows)
            await municipality.approve_browsers()
            control = int(str(camera["control_port"]))
            yield System(
                processes, municipality, home, passwords["home"], hub, control, session, relayed=relay is not None
            )
        finally:
            say("Stopping all parts")
            if municipality is not None:
                await municipality.stop()
            await processes.stop()


async def _start_camera(processes: Processes, folder: Path, password: str) -> dict[str, object]:
    secret = folder / "camera-password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    return await processes.start(
        "camera",
        [
            sys.executable, "-m", "virtual_camera", "--host", "127.0.0.1", "--http-port", "0", "--rtsp-port", "0",
            "--control-port", "0", "--motor-speed", str(MOTOR_SPEED), "--user", _CAMERA_USER, "--password-file", secret,
        ],
    )  # fmt: skip


async def _pair(municipality: Municipality, home: HomeAssistant, bridge: dict[str, object]) -> str:
    say("Pairing the home with the municipality")
    code, paired = await municipality.begin_pairing()
    key = Path(str(bridge["access_key_file"])).read_text().strip()
    await home.flow(
        "trygghetskamera",
        {
            "user": {"host": "127.0.0.1", "port": bridge["port"], "access_key": key},
            "pairing_code": {"pairing_code": code},
            "consent": [{"next_step_id": "person_add"}, {"next_step_id": "consent_done"}],
            "person_add": {"person_name": "Astrid", "how": "spoken"},
        },
    )
    return await paired


async def _add_camera(home: HomeAssistant, camera: dict[str, object], password: str) -> None:
    say("Setting up the camera: it moves to the bed and back")
    entry = await home.get("/api/config/config_entries/entry?domain=trygghetskamera")
    login = {"host": "127.0.0.1", "port": camera["http_port"], "username": _CAMERA_USER, "password": password}
    aim = ("aim_preset", "aim_is_view", "aim_preset", "aim_is_privacy", "aim_done")
    await home.flow(
        [entry[0]["entry_id"], "camera"],
        {
            "user": {"next_step_id": "sign_in"},
            "sign_in": login,
            "room": {"room": "bedroom"},
            "aim_picture": [{"next_step_id": one} for one in aim],
            "aim_preset": [{"position": "preset_bed"}, {"position": "preset_rest"}],
            "test": {"next_step_id": "testing"},
            "result": {"next_step_id": "finish"},
        },
        kind="subentries/flow",
        end="installed",
    )


async def _agree(
    municipality: Municipality, home: HomeAssistant, hub: str, windows: int, nightly: Sequence[str] = ()
) -> None:
    say("Plan: proposed by the municipality, accepted at home")
    number = await municipality.propose_plan(hub, windows, nightly)
    entry = await home.get("/api/config/config_entries/entry?domain=trygghetskamera")
    data = {"config_entry_id": entry[0]["entry_id"], "number": number}
    async with asyncio.timeout(30):
        while not await _waiting_plan(home):
            await asyncio.sleep(0.2)
    await home.call("trygghetskamera", "accept_plan", data)
    async with asyncio.timeout(30):
        while (await municipality.hub(hub))["plan"] != number:
            await asyncio.sleep(0.1)


async def _waiting_plan(home: HomeAssistant) -> bool:
    issues = (await home.command("repairs/list_issues"))["issues"]
    return any("plan" in one["issue_id"] and one["domain"] == "trygghetskamera" for one in issues)
