"""The command `tillsyn-root` and the roster command, run as a person or a script runs them, against a real service."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

import aiohttp
import pytest

from operator_service.clock import SystemClock
from operator_service.plan_fields import MAY_BE
from operator_service.root import keyfile
from operator_service.root.actions import plan_statement, window_fields
from operator_service.root.client import ServiceError
from tests.authenticator import Authenticator
from tests.operator.peers import CONTACT, PASSWORD, Home, MovedClock, World
from tillsyn import frames, wire
from tillsyn.identity import PairingCode, SigningKey, parse
from tillsyn.model import Role, Room
from tillsyn.words import ENGLISH, SWEDISH

PHRASE = "one two three four five"


class Process:
    """The service and its commands as processes."""

    def __init__(self, folder: Path, service: asyncio.subprocess.Process, url: str) -> None:
        self.folder, self.service, self.url = folder, service, url

    @classmethod
    async def start(cls, folder: Path, listen: str = "127.0.0.1:0") -> Self:
        (folder / "password").write_text(PASSWORD)
        (folder / "phrase").write_text(PHRASE)
        service = await run_module("operator_service", "--data", str(folder / "data"), "--listen", listen)
        assert service.stdout is not None
        return cls(folder, service, json.loads(await service.stdout.readline())["url"])

    async def stop(self) -> None:
        self.service.terminate()
        assert await self.service.wait() == 0

    async def roster(self, login: str, role: str) -> None:
        command = await run_module(
            "operator_service.users", "--data", str(self.folder / "data"), "add", login, "--name", login.title(),
            "--role", role, "--unit", "nord", "--password-file", str(self.folder / "password"),
        )  # fmt: skip
        assert (await command.communicate())[1] == b""

    async def root_command(self, name: str, *arguments: str, service: bool = True) -> asyncio.subprocess.Process:
        login = ("--service", self.url, "--login", "admin", "--password-file", str(self.folder / "password"))
        phrase = ("--passphrase-file", str(self.folder / "phrase"))
        key = str(self.folder / "root.key")
        return await run_module("operator_service.root", name, key, *arguments, *phrase, *(login if service else ()))

    async def root(self, name: str, *arguments: str, service: bool = True) -> list[str]:
        command = await self.root_command(name, *arguments, service=service)
        out, err = await command.communicate()
        assert (command.returncode, err) == (0, b"")
        return out.decode().splitlines()

    async def person(self, login: str, stack: AsyncExitStack) -> aiohttp.ClientSession:
        jar = aiohttp.CookieJar(unsafe=True)
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar, headers={"Origin": self.url}))
        async with http.post(self.url + "/api/login", json={"login": login, "password": PASSWORD}) as response:
            assert response.status == 200
        return http


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    found = await Process.start(tmp_path)
    yield found
    await found.stop()


async def test_new_publish_pair_plan_and_approve(process: Process) -> None:
    await process.roster("admin", "admin")
    await process.roster("anna", "operator")
    new = await process.root("new", "--municipality", "Exempelkommun", service=False)
    published = json.loads((await process.root("publish", "--json"))[0])
    assert new == [published["kid"]]

    home, hub = await _pair(process)
    plan = ("plan", "--json", "--hub", "Rosen 1", "--window", "22:00-06:00", "--unit", "nord")
    more = ("--room", "kitchen", "--room", "bedroom", "--contact", CONTACT, "--keep-days", "90", "--move-minutes", "60")
    assert json.loads((await process.root(*plan, *more))[0]) == {"hub": hub, "number": 1}
    frame = await home.got(wire.PlanStatement.TYP)
    said = parse(wire.PlanStatement, frame.token).statement
    assert frame.chain == ()
    assert (said.rooms, said.contact) == ((Room.KITCHEN, Room.BEDROOM), CONTACT)
    assert (said.keep_days, said.move_minutes) == (90, 60)

    key = SigningKey.generate().public
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_listening(home))
        anna = await process.person("anna", stack)
        async with anna.post(process.url + "/api/browser", json={"key": key.x}) as response:
            assert (await response.json())["status"] == "waiting"
        approved = await process.root("approve", "--all", "--json")
        assert json.loads(approved[0]) == {"login": "anna", "kid": key.kid}
        async with anna.post(process.url + "/api/browser", json={"key": key.x}) as response:
            assert (await response.json())["status"] == "approved"
        status = json.loads((await process.root("status", "--json"))[0])
        assert (status["hubs"][0]["online"], status["requests"]) == (True, [])
    assert status["hubs"][0]["proposed"] == {
        "number": 1, "decision": "proposed", "rooms": ["kitchen", "bedroom"], "contact": CONTACT, "keep_days": 90,
        "move_minutes": 60,
    }  # fmt: skip
    await home.close()


async def test_a_passkey_is_approved_for_days(process: Process) -> None:
    await process.roster("admin", "admin")
    await process.root("new", "--municipality", "Exempelkommun", service=False)
    await process.root("publish", "--json")
    async with AsyncExitStack() as stack:
        admin = await process.person("admin", stack)
        passkey = Authenticator("admin", "127.0.0.1", process.url)
        async with admin.post(process.url + "/api/passkey", json=passkey.passkey) as response:
            assert response.status == 200
        approved = await process.root("approve", "--all", "--days", "90", "--json")
        assert json.loads(approved[0]) == {"login": "admin", "kid": passkey.kid}
        async with admin.get(process.url + "/api/passkeys") as response:
            (found,) = (await response.json())["passkeys"]
    said = parse(wire.Credential, found["chain"][-1]).statement
    assert said.roles == (Role.ADMIN,)
    assert said.exp - said.iat == 90 * 86400


async def _pair(process: Process) -> tuple[Home, str]:
    """Pair a home through the command, first with one that does not have the code's secret."""
    command = await process.root_command("pair", "--json", "--yes", "--label", "Rosen 1")
    assert command.stdout is not None
    code = PairingCode.decode(json.loads(await command.stdout.readline())["code"])
    assert code.url == process.url.replace("http", "ws") + "/hub"
    clock = MovedClock(SystemClock().now())
    world = World(SigningKey.generate(), clock, None, None, None, process.url)  # type: ignore[arg-type]
    thief = Home(world)
    await thief.dial()
    await thief.send(frames.Pair(code.rendezvous, thief.key.public.x, "A" * 43))
    assert await thief.rejection() == "bad_signature"
    await thief.close()
    home = Home(world)
    await home.dial()
    await home.send(frames.Pair(code.rendezvous, home.key.public.x, code.mac(home.key.public)))
    paired = await home.hear()
    assert isinstance(paired, frames.Paired)
    words = json.loads(await command.stdout.readline())["words"]
    places = code.words(home.key.public)
    assert words == {"sv": [SWEDISH[one] for one in places], "en": [ENGLISH[one] for one in places]}
    hub = str(json.loads(await command.stdout.readline())["hub"])
    assert await command.wait() == 0
    await home.send(home.login(certificate=paired.certificate))
    assert isinstance(await home.hear(), frames.Welcome)
    await home.status()
    return home, hub


@asynccontextmanager
async def _listening(home: Home) -> AsyncIterator[None]:
    """It reads what comes, and so answers pings, for as long as the commands take."""
    assert home.ws is not None
    ws = home.ws

    async def read() -> None:
        while (await ws.receive()).type is aiohttp.WSMsgType.TEXT:
            pass

    reader = asyncio.create_task(read())
    yield
    reader.cancel()


async def _approved(anna: aiohttp.ClientSession, url: str, approver: asyncio.subprocess.Process) -> None:
    """A new browser asks, and the command approves it by itself."""
    key = SigningKey.generate().public
    async with anna.post(url + "/api/browser", json={"key": key.x}) as response:
        assert response.status == 200
    assert approver.stdout is not None
    assert json.loads(await approver.stdout.readline()) == {"login": "anna", "kid": key.kid}


async def test_the_approver_goes_on_after_the_service_was_started_again(tmp_path: Path) -> None:
    first = await Process.start(tmp_path)
    await first.roster("admin", "admin")
    await first.roster("anna", "operator")
    await first.root("new", "--municipality", "Exempelkommun", service=False)
    await first.root("publish", "--json")
    approver = await first.root_command("approve", "--all", "--watch", "--json")
    async with AsyncExitStack() as stack:
        anna = await first.person("anna", stack)
        await _approved(anna, first.url, approver)
        await first.stop()
        second = await Process.start(tmp_path, first.url.removeprefix("http://"))
        await _approved(anna, first.url, approver)
    approver.terminate()
    await approver.wait()
    await second.stop()


def test_the_key_file_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    made = keyfile.create(path, "Exempelkommun", PHRASE, cost=14)
    assert path.stat().st_mode & 0o077 == 0
    assert keyfile.read(path, PHRASE).key.public == made.key.public
    with pytest.raises(keyfile.KeyFileError, match="passphrase is wrong"):
        keyfile.read(path, "another passphrase")


def test_a_changed_name_in_the_key_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    keyfile.create(path, "Exempelkommun", PHRASE, cost=14)
    path.write_text(path.read_text().replace("Exempelkommun", "Exempelkommum"))
    with pytest.raises(keyfile.KeyFileError, match="changed"):
        keyfile.read(path, PHRASE)


def test_a_root_key_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    keyfile.create(path, "Exempelkommun", PHRASE, cost=14)
    with pytest.raises(keyfile.KeyFileError, match="cannot be made"):
        keyfile.create(path, "Exempelkommun", PHRASE, cost=14)


@pytest.mark.parametrize(
    ("name", "phrase"), [("", PHRASE), ("Exempel\u202ekommun", PHRASE), ("Exempelkommun", "short")]
)
def test_bad_names_and_short_passphrases_make_no_key(tmp_path: Path, name: str, phrase: str) -> None:
    with pytest.raises(keyfile.KeyFileError):
        keyfile.create(tmp_path / "root.key", name, phrase, cost=14)
    assert not (tmp_path / "root.key").exists()


@pytest.mark.parametrize("content", ["", "{}", "nonsense", '{"what":"trygghetskamera root key"}'])
def test_what_is_not_a_key_file_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "root.key").write_text(content)
    with pytest.raises(keyfile.KeyFileError, match="not a root key file"):
        keyfile.read(tmp_path / "root.key", PHRASE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00-06:00", ("w1", "22:00", "06:00", [1, 2, 3, 4, 5, 6, 7])),
        ("natt=23:00-23:30@6,7", ("natt", "23:00", "23:30", [6, 7])),
    ],
)
def test_windows_as_people_write_them(text: str, expected: tuple[str, str, str, list[int]]) -> None:
    assert tuple(window_fields(text, 1).values()) == expected


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "rooms",
            ["bedroom", "bedroom"],
            "rooms: one or more of bedroom, living_room, kitchen, hall, other, each once",
        ),
        ("rooms", ["attic"], "rooms: one or more of"),
        ("contact", "x" * 121, "contact: at most 120 characters that can be seen"),
        ("contact", "Sara\u202e", "contact: at most 120 characters that can be seen"),
        ("keep_days", 29, "keep_days: 30 to 3650 days that the home keeps its log"),
        ("move_minutes", 241, "move_minutes: 0 to 240 minutes that the client may move a look"),
        ("look_seconds", 5, "look_seconds: 10 to 120 seconds a look"),
        ("review", "2027-02-30", "review: a day that exists"),
    ],
)
def test_a_plan_that_may_not_be_says_which_field_and_what_it_may_be(name: str, value: object, said: str) -> None:
    fields = {**_plan_fields(), name: value}
    with pytest.raises(ServiceError, match=f"^{said}"):
        plan_statement(fields)


def _plan_fields() -> dict[str, object]:
    plan = Home(World(SigningKey.generate(), MovedClock(), None, None, None, "")).plan()  # type: ignore[arg-type]
    found: dict[str, object] = json.loads(plan.payload())
    return found


def test_every_field_of_a_plan_says_what_it_may_be() -> None:
    assert set(MAY_BE) == set(wire.PlanStatement.SHAPE.fields) - {"hub", "number", "iat"}
    assert plan_statement(_plan_fields()).contact == CONTACT
    with pytest.raises(ServiceError, match="window id repeats"):
        plan_statement({**_plan_fields(), "windows": [window_fields(f"natt={one}:00-23:00", 1) for one in (21, 22)]})


def test_a_window_that_is_not_one() -> None:
    with pytest.raises(ServiceError, match="a window is written"):
        window_fields("22-06", 1)


async def test_start_with_a_damaged_store_gives_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "operator.db").write_bytes(b"this is not a database" * 500)
    process = await run_module("operator_service", "--data", str(tmp_path / "d"), "--listen", "127.0.0.1:0")
    _, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode().startswith("store_failed: ")
    assert len(err.decode().splitlines()) == 1


async def test_a_short_password_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("short")
    process = await run_module(
        "operator_service.users", "--data", str(tmp_path), "add", "anna", "--name", "Anna", "--role", "operator",
        "--unit", "nord", "--password-file", str(tmp_path / "pw"),
    )  # fmt: skip
    _, err = await process.communicate()
    assert (process.returncode, err.decode()) == (1, "a password needs 12 to 256 characters\n")


async def run_module(module: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
