"""`tillsyn-root policy`, `list-key`, `revoke` and `keep-fresh` as a person or a script runs them; a real service."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from operator_service.clock import SystemClock
from operator_service.root import __main__ as command
from operator_service.root import keyfile, listfile
from operator_service.root.client import ServiceError
from operator_service.root.keyfile import KeyFileError
from tests.operator.peers import PASSWORD, Browser, Home, MovedClock, World, serve
from tillsyn import frames, wire
from tillsyn.chain import Trust, check_policy, check_revocations
from tillsyn.identity import PairingCode, SigningKey, parse
from tillsyn.model import Role

PHRASE = "one two three four five"
KIDS = ("-" * 43, "B" * 43)
"""The first might be taken for an option."""


@dataclass
class Town:
    """A municipality: its service, its root key's file, and the command in this process."""

    world: World
    folder: Path
    typed: Callable[..., None]
    told: Callable[[], tuple[str, str]]

    async def run(self, name: str, file: str, *arguments: str) -> list[str]:
        """What the command says. Raises what it ends with."""
        self.told()
        self.typed("tillsyn-root", name, str(self.folder / file), *arguments)
        await command._run(command._arguments())
        return self.told()[0].splitlines()

    def at_service(self) -> tuple[str, ...]:
        return ("--service", self.world.url, "--login", "admin", "--password-file", str(self.folder / "password"))

    def phrase(self) -> tuple[str, ...]:
        return ("--passphrase-file", str(self.folder / "phrase"))

    async def policy(self, *arguments: str) -> dict[str, Any]:
        said = await self.run("policy", "root.key", "--json", *arguments, *self.at_service(), *self.phrase())
        found: dict[str, Any] = json.loads(said[0])
        return found

    async def list_key(self) -> None:
        await self.run("list-key", "root.key", str(self.folder / "list.key"), *self.phrase())

    async def revoke(self, *arguments: str) -> dict[str, int]:
        found: dict[str, int] = json.loads(
            (await self.run("revoke", "list.key", "--json", *arguments, *self.at_service()))[0]
        )
        return found

    async def stamp(self) -> str:
        """Sign the list anew; what it complains of."""
        self.told()
        self.typed("tillsyn-root", "keep-fresh", str(self.folder / "list.key"), "--once", *self.at_service())
        await command._run(command._arguments())
        return self.told()[1]

    async def trust(self) -> dict[str, Any]:
        async with Browser(self.world) as admin:
            await admin.post("/api/login", login="admin", password=PASSWORD)
            _, found = await admin.get("/api/trust")
            return found

    async def listed(self) -> wire.Revocations:
        """The service's list, as a home would judge it."""
        said = (await self.trust())["revocations"]
        return check_revocations(self.world.root.public, Trust(), said["token"], said["chain"], int(time.time()))


@pytest.fixture
async def town(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Town]:
    root = keyfile.create(tmp_path / "root.key", "Exempelkommun", PHRASE, cost=14)
    (tmp_path / "phrase").write_text(PHRASE)
    (tmp_path / "password").write_text(PASSWORD)
    world = await serve(tmp_path, root.key, MovedClock(SystemClock().now()))
    await world.person("admin", "admin")
    yield Town(
        world,
        tmp_path,
        lambda *words: monkeypatch.setattr("sys.argv", list(words)),
        lambda: tuple(capsys.readouterr()),  # type: ignore[arg-type, return-value]
    )
    await world.stop()


async def test_a_policy_is_signed_and_the_next_has_the_next_number(town: Town) -> None:
    first = await town.policy("--browser-keys", "--shift-hours", "8")
    assert (first["number"], first["browser_keys"], first["delegation_seconds"]) == (1, True, 28_800)
    await town.policy("--look-seconds", "30", "--retries", "0")
    token = (await town.trust())["policy"]
    policy = check_policy(town.world.root.public, Trust(), 0, token, int(time.time()))
    assert (policy.number, policy.browser_keys, policy.look_seconds, policy.max_retries) == (2, False, 30, 0)


async def test_a_policy_that_may_not_be_is_not_signed(town: Town) -> None:
    with pytest.raises(ServiceError, match="not one that may be"):
        await town.policy("--look-seconds", "500")
    assert (await town.trust())["policy"] is None


async def test_a_home_hears_policy_and_list_and_each_change(town: Town) -> None:
    await town.policy("--browser-keys")
    await town.list_key()
    await town.stamp()
    home = Home(town.world)
    await home.connect()
    assert parse(wire.Policy, (await home.got(wire.Policy.TYP)).token).statement.number == 1
    frame = await home.got(wire.Revocations.TYP)
    assert (parse(wire.Revocations, frame.token).statement.revoked, len(frame.chain)) == ((), 1)
    await town.revoke(KIDS[0])
    assert parse(wire.Revocations, (await home.got(wire.Revocations.TYP)).token).statement.revoked == KIDS[:1]
    await home.close()


async def _begun(town: Town, *arguments: str) -> tuple[asyncio.Task[list[str]], PairingCode]:
    """`tillsyn-root pair` at work, and its code."""
    more = ("--label", "Rosen 1", *arguments, *town.at_service(), *town.phrase())
    pairing = asyncio.create_task(town.run("pair", "root.key", "--json", *more))
    said = ""
    async with asyncio.timeout(20):
        while not said:
            await asyncio.sleep(0.05)
            said = town.told()[0]
    return pairing, PairingCode.decode(json.loads(said)["code"])


async def _asking(town: Town, code: PairingCode) -> Home:
    """A hub with this code."""
    home = Home(town.world)
    await home.dial()
    await home.send(frames.Pair(code.rendezvous, home.key.public.x, code.mac(home.key.public)))
    return home


@pytest.mark.parametrize("answer", ["n\n", "\n", ""], ids=["no", "only Enter", "nobody is there"])
async def test_other_words_at_home_are_not_signed(town: Town, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Somebody else has the code: their hub answers, and the one at home shows other words."""
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    pairing, code = await _begun(town)
    thief = await _asking(town, code)
    with pytest.raises(ServiceError, match="not the same words"):
        await pairing
    assert await thief.rejection() == "unknown_pairing"
    assert await town.world.store.hubs() == []
    await thief.close()
    again = await _asking(town, code)  # the code is of no use any more
    assert await again.rejection() == "unknown_pairing"
    await again.close()


async def test_the_same_words_at_home_are_signed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ja\n"))
    pairing, code = await _begun(town)
    home = await _asking(town, code)
    assert isinstance(await home.hear(), frames.Paired)
    await pairing
    await home.close()


async def test_a_hub_that_is_paired_gets_no_older_policy(town: Town) -> None:
    await town.policy("--browser-keys")
    await town.policy()
    pairing, code = await _begun(town, "--yes")
    assert code.policy == 2
    home = await _asking(town, code)
    paired = await home.hear()
    assert isinstance(paired, frames.Paired)
    assert parse(wire.HubCertificate, paired.certificate).statement.policy == 2
    await pairing
    await home.close()


async def test_keys_are_revoked_and_restored_and_the_list_is_kept_fresh(town: Town) -> None:
    await town.list_key()
    assert await town.revoke(*KIDS) == {"number": 1, "revoked": 2}
    await town.revoke("--restore", KIDS[0])
    before = await town.listed()
    assert (before.number, before.revoked) == (2, KIDS[1:])
    await town.stamp()
    after = await town.listed()
    assert (after.number, after.revoked) == (3, KIDS[1:])


async def test_an_administrators_newer_list_is_what_is_kept_fresh(town: Town) -> None:
    await town.list_key()
    await town.revoke(KIDS[0])
    now = int(time.time())
    await town.world.service.will.set_revocations(
        town.world.root.public, town.world.root.sign(wire.Revocations(9, KIDS, now)), (), "admin"
    )
    await town.stamp()
    assert (await town.listed()).revoked == KIDS
    assert listfile.read(town.folder / "list.key").number == 10


async def test_service_that_shows_an_old_list_does_not_get_it_signed_anew(town: Town) -> None:
    """The list is in the key's own file too. What the service shows is older, and has a key less."""
    await town.list_key()
    await town.revoke(KIDS[0])
    listfile.read(town.folder / "list.key").knows(41, KIDS)
    await town.stamp()
    found = await town.listed()
    assert (found.number, found.revoked) == (42, KIDS)


async def test_the_root_signs_a_list_where_the_list_key_may_not(town: Town) -> None:
    await town.list_key()
    kid = listfile.read(town.folder / "list.key").key.public.kid
    await town.revoke(kid, "--root", str(town.folder / "root.key"), *town.phrase())
    with pytest.raises(ServiceError, match="revoked"):
        await town.stamp()
    await town.list_key()
    await town.stamp()
    assert (await town.listed()).revoked == (kid,)


async def test_the_list_is_signed_until_stopped_and_after_the_service_was_away(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operator_service.root.trust._AGAIN_SECONDS", 0.05)
    await town.list_key()
    town.typed("tillsyn-root", "keep-fresh", str(town.folder / "list.key"), "--json", *town.at_service())
    real = town.world.service.will.set_revocations
    failed = asyncio.Event()

    async def away(*_: object) -> wire.Revocations:
        failed.set()
        monkeypatch.setattr(town.world.service.will, "set_revocations", real)
        raise RuntimeError

    monkeypatch.setattr(town.world.service.will, "set_revocations", away)
    going = asyncio.create_task(command._run(command._arguments()))
    await asyncio.wait_for(failed.wait(), 20)
    async with asyncio.timeout(20):
        while town.world.service.will.revocations is None:  # noqa: ASYNC110 - another process would be waited for so too
            await asyncio.sleep(0.05)
    assert not going.done()
    going.cancel()
    await asyncio.wait([going])


async def test_a_list_key_that_runs_out_is_told(town: Town) -> None:
    root = keyfile.read(town.folder / "root.key", PHRASE)
    listfile.make(town.folder / "list.key", root, int(time.time()) - 80 * 86_400)
    assert "Make a new one with: tillsyn-root list-key" in await town.stamp()


async def test_a_key_that_is_none_is_not_revoked(town: Town) -> None:
    await town.list_key()
    with pytest.raises(SystemExit):
        await town.revoke("short")
    assert "not a thumbprint" in town.told()[1]


async def test_a_list_holds_no_more_than_fits(town: Town) -> None:
    await town.list_key()
    kids = [SigningKey.generate().public.kid for _ in range(351)]
    with pytest.raises(ServiceError, match="350"):
        await town.revoke(*kids)


# ---- the file -------------------------------------------------------------------------------------------------------


def test_a_list_key_certifies_nobody_for_any_home(tmp_path: Path) -> None:
    root = keyfile.RootKey("Exempelkommun", SigningKey.generate())
    made = listfile.make(tmp_path / "list.key", root, int(time.time()))
    credential = parse(wire.Credential, made.credential).verified(root.key.public)
    assert (credential.roles, credential.units) == ((Role.ADMIN,), (listfile.UNIT,))
    assert made.path.stat().st_mode & 0o077 == 0
    found = listfile.read(made.path)
    assert (found.key.public, found.credential) == (made.key.public, made.credential)


def test_the_list_goes_on_with_a_new_key(tmp_path: Path) -> None:
    root, now = keyfile.RootKey("Exempelkommun", SigningKey.generate()), int(time.time())
    path = tmp_path / "list.key"
    first = listfile.make(path, root, now).knows(7, KIDS)
    second = listfile.make(path, root, now)
    assert second.key.public != first.key.public
    assert (second.number, second.revoked) == (7, KIDS)
    with pytest.raises(KeyFileError, match="another root"):
        listfile.make(path, keyfile.RootKey("Annan", SigningKey.generate()), now)


@pytest.mark.parametrize("content", ["", "{}", "nonsense", '{"what":"trygghetskamera list key"}'])
def test_what_is_no_list_key_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "list.key").write_text(content)
    with pytest.raises(KeyFileError, match="not a list key file"):
        listfile.read(tmp_path / "list.key")
    with pytest.raises(KeyFileError, match="cannot be read"):
        listfile.read(tmp_path / "nowhere")
