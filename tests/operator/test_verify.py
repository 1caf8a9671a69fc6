"""tillsyn-verify: a log that was taken out of a home holds, and no change of it does; likewise a served console."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from operator_service.host import application
from operator_service.root.sign_console import sign_console
from operator_service.verify.console import NotTheSame, check_console
from operator_service.verify.log import NotVerified, Verified, verify_log
from tests.tillsyn.made import HUB, NOW, ROOT, STRANGER, credential
from tests.tillsyn.story import AT, PAUSE, ended, receipt, started, written
from tillsyn.entries import Paired, ReceiptSigned
from tillsyn.identity import SigningKey, digest, parse
from tillsyn.journal import Line, history, purge
from tillsyn.model import Role
from tillsyn.receipts import FIRST, Head
from tillsyn.record import Record
from tillsyn.wire import Credential, HubCertificate, Log, Receipt

ONE = receipt("one")
TWO = receipt("two", Head(1, digest(ONE.token)))
NIGHT = written(started("one"), ended("one"), ONE, PAUSE, started("two", "night/2026-11-23"), ended("two"), TWO)
CERTIFICATE = HubCertificate(HUB.public.x, "Elsa, Storgatan 4", "Exempelkommun", NOW - 60, NOW + 86_400)


def taken(journal: bytes = NIGHT, skip: int = 0, key: SigningKey = HUB, **changes: Any) -> dict[str, Any]:
    """The file as a home writes it, without its first ``skip`` lines."""
    lines = journal.splitlines(keepends=True)
    told = list(history(lines))
    tokens = [one.entry.token for one in told if isinstance(one, Line) and one.entry.KIND == "receipt"]
    part = lines[skip:]
    first = told[skip] if part else None
    number = 0 if first is None else first.lines if isinstance(first, Record) else first.number
    head = digest(tokens[-1]) if tokens else told[0].head.hash if isinstance(told[0], Record) else FIRST
    statement = Log(HUB.public.kid, number, len(part), digest(b"".join(part)), len(tokens), head, NOW)
    return {
        "format": "trygghetskamera-log",
        "version": 2,
        "root": ROOT.public.x,
        "hub": HUB.public.x,
        "certificate": ROOT.sign(CERTIFICATE),
        "chain": [],
        "statement": key.sign(statement),
        "receipts": tokens,
        "acknowledgements": [],
        "checkpoints": [],
        "lines": [line.decode().rstrip("\n") for line in part],
        **changes,
    }


def verified(file: dict[str, Any], root: str = ROOT.public.kid) -> Verified:
    return verify_log(json.dumps(file).encode(), root)


def test_a_log_from_a_home_holds() -> None:
    assert verified(taken()) == Verified("Exempelkommun", "Elsa, Storgatan 4", NOW, 7, 1, False, 2, 0, 2, 0)


def test_a_part_of_a_log_holds() -> None:
    found = verified(taken(skip=3))
    assert (found.first, found.lines, found.looks, found.receipts) == (4, 4, 1, 2)


def test_an_empty_part_holds() -> None:
    assert verified(taken(skip=7)).lines == 0


def test_a_look_without_a_receipt_is_counted() -> None:
    found = verified(taken(written(started("one"), ended("one"))))
    assert (found.looks, found.unsigned, found.receipts) == (1, 1, 0)


@pytest.mark.parametrize("seconds", [4, 8], ids=["the first look is gone", "all is gone"])
def test_what_was_purged_is_told(seconds: int) -> None:
    found = verified(taken(purge(NIGHT, AT + seconds * 1000)))
    assert found.purged
    assert found.lines < 7


def test_a_journal_with_a_summary_that_is_left_out_holds() -> None:
    assert not verified(taken(purge(NIGHT, AT + 4000), skip=1)).purged


def test_a_file_of_the_first_version_still_holds() -> None:
    file = taken(version=1)
    for name in ("chain", "acknowledgements", "checkpoints"):
        del file[name]
    assert verified(file) == verified(taken())


def test_a_hub_that_an_installer_certified_long_ago_holds() -> None:
    installer = SigningKey.generate()
    person = Credential(installer.public.x, "Ines", (Role.INSTALLER,), ("nord",), NOW - 90, NOW - 30)
    file = taken(certificate=installer.sign(CERTIFICATE), chain=[ROOT.sign(person)])
    assert verified(file).municipality == "Exempelkommun"


OLD_HUB = SigningKey.generate()
OLD_RECEIPT = replace(parse(Receipt, ONE.token).statement, hub=OLD_HUB.public.kid)
OLD = (started("one"), ended("one"), ReceiptSigned(OLD_HUB.sign(OLD_RECEIPT)))
NEW = (started("two", "night/2026-11-23"), ended("two"), receipt("two", occurrence="night/2026-11-23"))


def _pairing(hub: SigningKey) -> Paired:
    return Paired(ROOT.public.x, hub.public.x, ROOT.sign(replace(CERTIFICATE, key=hub.public.x)), (), "")


REPLACED = written(*OLD, _pairing(OLD_HUB), _pairing(HUB), *NEW)
"""The hub was replaced after the first look."""


def across(journal: bytes = REPLACED, skip: int = 0, tokens: tuple[str, ...] = (NEW[2].token,)) -> dict[str, Any]:
    """As the new hub signs it: only its own receipts are beside the lines."""
    file = taken(journal, skip)
    file["receipts"] = list(tokens)
    first = parse(Log, file["statement"]).statement
    head = digest(tokens[-1]) if tokens else FIRST
    return {**file, "statement": HUB.sign(replace(first, receipts=len(tokens), head=head))}


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        pytest.param(across(), (2, 0, 1, 1), id="all of it"),
        pytest.param(across(skip=4), (1, 0, 1, 0), id="from the replacement on"),
        pytest.param(across(skip=5), (1, 0, 1, 0), id="what came after"),
        pytest.param(across(written(*OLD)), (1, 0, 1, 1), id="what came before"),
        pytest.param(across(written(*OLD, *map(_pairing, (OLD_HUB, HUB))), tokens=()), (1, 0, 0, 1), id="no look yet"),
        pytest.param(across(purge(REPLACED, AT + 4000)), (1, 0, 1, 0), id="purged before the replacement"),
    ],
)
def test_a_log_holds_across_a_hub_that_was_replaced(file: dict[str, Any], expected: tuple[int, ...]) -> None:
    found = verified(file)
    assert (found.looks, found.unsigned, found.receipts, found.older) == expected


def test_a_receipt_of_the_new_hub_that_is_left_out_shows_across_a_replacement() -> None:
    more = (started("three", "night/2026-11-24"), ended("three"))
    third = receipt("three", Head(1, digest(NEW[2].token)), occurrence="night/2026-11-24")
    journal = written(*OLD, _pairing(OLD_HUB), _pairing(HUB), *NEW, *more, third)
    assert verified(across(journal, tokens=(NEW[2].token, third.token))).receipts == 2
    for tokens in ((NEW[2].token,), (third.token,)):
        with pytest.raises(NotVerified):
            verified(across(journal, tokens=tokens))


def _without(name: str, at: int) -> Callable[[dict[str, Any]], None]:
    return lambda file: file[name].pop(at)


def _swap(file: dict[str, Any]) -> None:
    file["receipts"].reverse()


def _line(file: dict[str, Any], old: str, new: str) -> None:
    assert any(old in one for one in file["lines"])
    file["lines"] = [one.replace(old, new) for one in file["lines"]]


def _resigned(key: SigningKey, **changes: Any) -> Callable[[dict[str, Any]], None]:
    """The statement as someone else would write it for changed lines."""

    def change(file: dict[str, Any]) -> None:
        lines = "".join(f"{line}\n" for line in file["lines"])
        fields = {
            "hub": HUB.public.kid, "first": 1, "lines": len(file["lines"]), "hash": digest(lines),
            "receipts": len(file["receipts"]), "head": digest(TWO.token), "iat": NOW, **changes,
        }  # fmt: skip
        file["statement"] = key.sign(Log(**fields))

    return change


def _both(*changes: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], None]:
    def change(file: dict[str, Any]) -> None:
        for one in changes:
            one(file)

    return change


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another name for who looked": (lambda file: _line(file, "Nilla Natt", "Bo Natt"), "not those"),
    "a line left out": (_without("lines", 3), "not those"),
    "the end cut off": (_without("lines", -1), "not those"),
    "a line left out, signed by somebody": (_both(_without("lines", 3), _resigned(STRANGER)), "signature"),
    "a line left out, signed by a hub that lies": (_both(_without("lines", 3), _resigned(HUB)), "line 4"),
    "a name changed by a hub that lies": (
        _both(lambda file: _line(file, "Nilla Natt", "Bo Natt"), _resigned(HUB)), "line 2",
    ),
    "begins elsewhere": (_resigned(HUB, first=2), "begins at another line"),
    "statement of another home": (_resigned(HUB, hub=STRANGER.public.kid), "another home"),
    "a receipt left out": (_without("receipts", 0), "missing"),
    "the last receipt left out, and counted so": (_both(_without("receipts", 1), _resigned(HUB)), "end before"),
    "the last receipt left out by a hub that lies": (
        _both(_without("receipts", 1), _resigned(HUB, head=digest(ONE.token))), "not in the chain",
    ),
    "receipts in another order": (_swap, "changed, left out"),
    "a receipt changed": (
        lambda file: file["receipts"].__setitem__(1, STRANGER.sign(CERTIFICATE)), "changed, left out",
    ),
    "another hub": (lambda file: file.update(hub=STRANGER.public.x), "signature"),
    "another certificate": (lambda file: file.update(certificate=STRANGER.sign(CERTIFICATE)), "signature"),
    "another root": (lambda file: file.update(root=STRANGER.public.x), "another municipality"),
    "another version": (lambda file: file.update(version=3), "version"),
    "a version that is no number": (lambda file: file.update(version=True), "version"),
    "fields of two versions": (lambda file: file.update(version=1), "a field"),
    "a chain of an operator": (lambda file: file.update(chain=[credential()]), "signature"),
    "a chain that is no text": (lambda file: file.update(chain=[1]), "no text"),
    "another format": (lambda file: file.update(format="x"), "no log"),
    "a field too many": (lambda file: file.update(extra=1), "field"),
    "a field of another kind": (lambda file: file.update(lines="x"), "field"),
    "a line that is no text": (lambda file: file["lines"].append(1), "no text"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_log_does_not_hold(name: str) -> None:
    file = taken()
    change, reason = CHANGES[name]
    change(file)
    with pytest.raises(NotVerified, match=reason):
        verified(file)


def test_receipts_missing_after_a_purge_show() -> None:
    journal = purge(written(*(one for one in _three()), PAUSE), AT + 3000)
    file = taken(journal)
    _without("receipts", 0)(file)
    lines = "".join(f"{line}\n" for line in file["lines"])
    first = json.loads(file["lines"][0])["summary"]["lines"]
    told = Log(HUB.public.kid, first, len(file["lines"]), digest(lines), 1, digest(file["receipts"][-1]), NOW)
    file["statement"] = HUB.sign(told)
    with pytest.raises(NotVerified, match="between what was purged"):
        verified(file)


def _three() -> Iterator[Any]:
    three = receipt("three", Head(2, digest(TWO.token)))
    for name, entry in (("one", ONE), ("two", TWO), ("three", three)):
        yield from (started(name, f"night/2026-11-2{len(name)}"), ended(name), entry)


@pytest.mark.parametrize("raw", [b"", b"[]", b"x", b"{", b"[" * 100_000, b'{"format":1,"format":1}', b"\xff"])
def test_what_is_no_log_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(NotVerified):
        verify_log(raw, ROOT.public.kid)


# ---- the command ----------------------------------------------------------------------------------------------------


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "operator_service.verify", *arguments], capture_output=True, text=True, check=False
    )


def test_the_command_tells_people_and_programs(tmp_path: Path) -> None:
    file = tmp_path / "log.json"
    file.write_text(json.dumps(taken()))
    told = run("log", str(file), "--root", ROOT.public.kid)
    assert told.returncode == 0
    assert "Elsa, Storgatan 4, Exempelkommun" in told.stdout
    assert json.loads(run("log", str(file), "--root", ROOT.public.kid, "--json").stdout)["looks"] == 2
    wrong = run("log", str(file), "--root", STRANGER.public.kid)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "DOES NOT HOLD" in wrong.stderr
    assert run("log", str(tmp_path / "none"), "--root", ROOT.public.kid).returncode == 2


def test_a_thumbprint_may_begin_with_a_hyphen(tmp_path: Path) -> None:
    file = tmp_path / "log.json"
    file.write_text(json.dumps(taken()))
    wrong = run("log", str(file), "--root", "-" + ROOT.public.kid[1:])
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "another municipality" in wrong.stderr
    assert "not a thumbprint" in run("log", str(file), "--root", "short").stderr


def test_the_command_imports_nothing_that_speaks_to_a_network_for_a_log(tmp_path: Path) -> None:
    file = tmp_path / "log.json"
    file.write_text(json.dumps(taken()))
    code = (
        "import socket, sys; socket.socket = None; from operator_service.verify.log import verify_log;"
        f"print(verify_log(open({str(file)!r}, 'rb').read(), {ROOT.public.kid!r}).looks)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "2\n"


# ---- the console ----------------------------------------------------------------------------------------------------

type Hosting = Callable[[], Any]


@pytest.fixture
async def hosted(tmp_path: Path) -> AsyncIterator[tuple[Path, Callable[[], Any]]]:
    """A folder with a small console, and how to serve it as it is then."""
    folder = tmp_path / "console"
    folder.mkdir()
    (folder / "index.html").write_text('<title>x</title><script type="module" src="/app.js"></script>')
    (folder / "app.js").write_text("export {};")
    runners: list[web.AppRunner] = []

    async def serve() -> str:
        runner = web.AppRunner(application(folder, ""))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield folder, serve
    for one in runners:
        await one.cleanup()


def sign(folder: Path, key: SigningKey = ROOT) -> None:
    assert sign_console(key, folder, "") == 2


async def check(url: str, root: SigningKey = ROOT) -> list[str]:
    return await asyncio.to_thread(check_console, url, root.public.kid)


async def test_a_console_that_is_as_signed_holds(hosted: tuple[Path, Hosting]) -> None:
    folder, serve = hosted
    sign(folder)
    assert await check(await serve()) == ["app.js", "index.html"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: (folder / "app.js").write_text("evil();"), "app.js is not the file"),
        (lambda folder: (folder / "index.html").write_text("<title>y</title>"), "index.html is not the file"),
        (lambda folder: (folder / "app.js").unlink(), "app.js is not served"),
        (lambda folder: (folder / "console.jws").unlink(), "console.jws is not served"),
        (lambda folder: (folder / "console.jws").write_text("x"), "does not hold"),
        (lambda folder: sign(folder, STRANGER), "another root key"),
    ],
    ids=["script", "page", "gone", "no list", "no list that can be read", "another root"],
)
async def test_a_changed_console_does_not_hold(
    hosted: tuple[Path, Hosting], change: Callable[[Path], object], reason: str
) -> None:
    folder, serve = hosted
    sign(folder)
    change(folder)
    with pytest.raises(NotTheSame, match=reason):
        await check(await serve())


@pytest.mark.parametrize("url", ["ftp://x.invalid", "file:///etc/passwd", "http://x.invalid/path", "x"])
def test_an_address_that_is_none_of_a_host_is_refused(url: str) -> None:
    with pytest.raises(NotTheSame, match="address"):
        check_console(url, ROOT.public.kid)
