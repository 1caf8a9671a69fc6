"""The municipality's side of the demo: its root key, its staff, its operator service, the pairing and the plan."""

import asyncio
import json
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp

from .processes import DemoError, Processes, run, say
from .relay import Relay

MUNICIPALITY = "Demokommunen"
CLIENT = "Astrid, Storgatan 1"
UNIT = "natt-norr"


@dataclass(frozen=True, slots=True)
class Staff:
    """A login of the demo."""

    login: str
    name: str
    roles: tuple[str, ...]
    password: str


@dataclass
class Municipality:
    """A running operator service with a root key beside it, and the commands that the municipality's people run."""

    folder: Path
    url: str
    staff: dict[str, Staff]
    root: str = ""
    """The root key's thumbprint."""
    at_work: list[asyncio.subprocess.Process] = field(default_factory=list)
    """The commands that go on until the demo stops."""

    def _command(self, command: str, file: str, *more: str | Path) -> list[str | Path]:
        admin = self.folder / "admin-password"
        where = ["--service", self.url, "--login", "admin", "--password-file", str(admin)]
        return [sys.executable, "-m", "operator_service.root", command, self.folder / file, *where, "--json", *more]

    def _root(self, command: str, *more: str | Path) -> list[str | Path]:
        return self._command(command, "root.pem", "--passphrase-file", self.folder / "root-passphrase", *more)

    async def publish(self, *, browser_keys: bool) -> None:
        """Make the root key, let the service know its public half, what it allows, and that nobody is revoked."""
        secret = self.folder / "root-passphrase"
        _write_secret(secret, secrets.token_urlsafe(18))
        new = [sys.executable, "-m", "operator_service.root", "new", self.folder / "root.pem"]
        await run([*new, "--municipality", MUNICIPALITY, "--passphrase-file", secret])
        self.root = str(json.loads(await run(self._root("publish")))["kid"])
        await run(self._root("policy", *(["--browser-keys"] if browser_keys else [])))
        made = [sys.executable, "-m", "operator_service.root", "list-key", self.folder / "root.pem"]
        await run([*made, self.folder / "list-key", "--passphrase-file", secret])
        await run(self._command("keep-fresh", "list-key", "--once"))
        await self._keep_at(self._command("keep-fresh", "list-key"))

    async def begin_pairing(self) -> tuple[str, asyncio.Task[str]]:
        """Print a pairing code; the task ends with the hub's id when the home has used the code and is certified."""
        process = await asyncio.create_subprocess_exec(
            *map(str, self._root("pair", "--yes", "--label", CLIENT)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), 30)
        if not first:
            raise DemoError("tillsyn-root pair gave no pairing code")

        async def finish() -> str:
            async with asyncio.timeout(120):
                out, _ = await process.communicate()
            if process.returncode:
                raise DemoError("tillsyn-root pair: the home did not complete the pairing")
            return str(json.loads(out.decode().strip().splitlines()[-1])["hub"])

        return str(json.loads(first)["code"]), asyncio.create_task(finish())

    async def approve_browsers(self) -> None:
        """Let every browser of the demo's staff in as soon as it asks, until the demo stops."""
        await self._keep_at(self._root("approve", "--all", "--watch"))

    async def _keep_at(self, command: Sequence[str | Path]) -> None:
        none = asyncio.subprocess.DEVNULL
        self.at_work.append(
            await asyncio.create_subprocess_exec(*map(str, command), stdin=none, stdout=none, stderr=none)
        )

    async def propose_plan(self, hub: str, windows: int, nightly: Sequence[str] = ()) -> int:
        """A plan with so many windows, all opened a minute ago and four hours long, and these others ("23:00-23:30");
        its number.
        """
        now = datetime.now(ZoneInfo("Europe/Stockholm"))
        start, end = now - timedelta(minutes=1), now + timedelta(hours=4)
        tag = f"{now:%H%M%S}"  # occurrences of an earlier plan are used up; these are others
        times = [*[f"{start:%H:%M}-{end:%H:%M}"] * windows, *nightly]
        each = [f"natt-{tag}-{number:02}={span}" for number, span in enumerate(times)]
        chosen = [part for window in each for part in ("--window", window)]
        out = await run(self._root("plan", f"--hub={hub}", *chosen, "--unit", UNIT, "--look-seconds", "30"))
        return int(json.loads(out.strip().splitlines()[-1])["number"])

    async def stand_for_receipts(self) -> None:
        """The root certifies the key with which the service stands for the receipts that it has kept."""
        await run(self._root("service-key"))

    async def verify_log(self, signed: bytes) -> dict[str, Any]:
        """What anybody who has the root's thumbprint finds in a home's signed log."""
        file = self.folder / "home.log.json"
        await asyncio.to_thread(file.write_bytes, signed)
        command = [sys.executable, "-m", "operator_service.verify", "log", file, "--root", self.root, "--json"]
        return dict(json.loads(await run(command)))

    async def as_admin(self, path: str) -> Any:
        """What the operator service tells its administrator."""
        admin = self.staff["admin"]
        jar = aiohttp.CookieJar(unsafe=True)  # its address is a number here
        async with aiohttp.ClientSession(self.url, headers={"Origin": self.url}, cookie_jar=jar) as session:
            async with session.post("/api/login", json={"login": admin.login, "password": admin.password}) as answer:
                answer.raise_for_status()
            async with session.get(path) as answer:
                answer.raise_for_status()
                return await answer.json()

    async def hub(self, hub: str) -> dict[str, Any]:
        """How this home is, as the operator service sees it."""
        hubs = (await self.as_admin("/api/admin/hubs"))["hubs"]
        return dict(next(one for one in hubs if one["hub"] == hub))

    async def stop(self) -> None:
        """Stop what goes on."""
        for process in self.at_work:
            if process.returncode is None:
                process.terminate()
                await process.wait()


def _write_secret(path: Path, secret: str) -> None:
    path.touch(mode=0o600)
    path.write_text(secret)


async def start_municipality(
    processes: Processes,
    folder: Path,
    relay: Relay | None,
    listen: str,
    passwords: dict[str, str],
    *,
    browser_keys: bool,
) -> Municipality:
    """Add the staff, start the service, publish the root. ``browser_keys``: people need no passkey."""
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "service"
    data.mkdir()
    staff = {
        "operator": Staff("operator", "Olle Operatör", ("operator", "patrol"), passwords["operator"]),
        "admin": Staff("admin", "Anna Administratör", ("admin", "planner", "auditor"), passwords["admin"]),
    }
    say("Operator service: staff and root key")
    for person in staff.values():
        secret = folder / f"{person.login}-password"
        _write_secret(secret, person.password)
        roles = [part for role in person.roles for part in ("--role", role)]
        await run(
            [
                sys.executable, "-m", "operator_service.users", "--data", data, "add", person.login,
                "--name", person.name, *roles, "--unit", UNIT, "--password-file", secret, "--language", "sv",
            ]
        )  # fmt: skip
    turn = ["--turn-url", relay.url, "--turn-secret-file", str(relay.secret_file)] if relay else []
    command = [sys.executable, "-m", "operator_service", "--data", data, "--listen", listen, *turn]
    ready = await processes.start("service", command)
    municipality = Municipality(folder, str(ready["url"]), staff)
    await municipality.publish(browser_keys=browser_keys)
    return municipality
