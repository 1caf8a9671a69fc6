"""The log as a page to read and search, as CSV and as a signed file: for whoever is signed in, and for nobody else."""

import asyncio
import csv
import io
import json
import os
import re
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera import log_links
from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import CloseReason, Refusal
from custom_components.trygghetskamera.tillsyn.identity import PublicKey, digest, parse
from custom_components.trygghetskamera.tillsyn.journal import purge, replay
from custom_components.trygghetskamera.tillsyn.model import Outcome
from custom_components.trygghetskamera.tillsyn.receipts import Head, verify
from custom_components.trygghetskamera.tillsyn.wire import HubCertificate, Log, Receipt, ReceiptAck

from .home import Setup
from .peers import now
from .test_kept_receipts import kept
from .test_log import add, look

ROOT = Path(__file__).parents[2]
EVIL = '=HYPERLINK("x"),<script>alert(1)</script>'


@pytest.fixture(autouse=True)
async def _http(hass: HomeAssistant) -> None:
    """Home Assistant serves something before the home is there."""
    assert await async_setup_component(hass, "http", {})


@pytest.fixture
def path(home: Setup) -> str:
    return f"/api/trygghetskamera/log/{home.entry.entry_id}"


@pytest.fixture
async def reader(
    hass: HomeAssistant, path: str, hass_client: ClientSessionGenerator, hass_read_only_access_token: str
) -> Any:
    """Somebody who may only look at things."""
    return await hass_client(hass_read_only_access_token)


def links(page: str) -> dict[str, str]:
    """Where the page's links lead, by their words."""
    return {text: unescape(to) for to, text in re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', page)}


async def fetch(client: Any, path: str, status: int = 200, **query: str) -> str:
    async with client.get(path, params=query or None) as answer:
        assert answer.status == status
        text: str = await answer.text()
        return text


# ---- the page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "sentence", "kept"),
    [
        ("sv", "Alva Natt började titta in: Sovrum.", "äldre än 365 dagar"),
        ("en", "Alva Natt began to look in: Bedroom.", "older than 365 days"),
    ],
)
async def test_whoever_is_signed_in_reads_it(
    home: Setup, path: str, reader: Any, language: str, sentence: str, kept: str
) -> None:
    await look(home)
    async with reader.get(path, params={"language": language}) as answer:
        page = await answer.text()
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store, private"
    assert f'<html lang="{language}">' in page
    assert sentence in page
    assert kept in page
    assert "<script" not in page


async def test_nobody_else_does(path: str, hass_client_no_auth: ClientSessionGenerator) -> None:
    browser = await hass_client_no_auth()
    await fetch(browser, path, 401)
    await fetch(browser, path, 401, kind="csv")
    await fetch(browser, path.replace("/log/", "/log_search/"), 403, key="guess", q="Alva")


async def test_what_others_are_called_is_not_taken_for_html(home: Setup, path: str, reader: Any) -> None:
    await home.home.journal.add(e.LookRefused(EVIL, Refusal.BUSY))
    home.hass.config_entries.async_update_entry(home.entry, title=EVIL)
    page = await fetch(reader, path, q='hyperlink "')
    assert "<script>" not in page
    assert 'value="hyperlink &quot;"' in page


async def test_older_pages_follow_by_links(
    home: Setup, path: str, reader: Any, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await add(home, 120)
    browser = await hass_client_no_auth()
    seen, page = list[str](), await fetch(reader, path, language="en", q="nummer")
    while True:
        seen += re.findall(r"Nummer (\d+) asked", page)
        older = links(page).get("Older")
        if older is None:
            break
        page = await fetch(browser, older)
        assert "Newest" in links(page)
    assert seen == [str(number) for number in reversed(range(120))]


async def test_the_search_needs_no_script_and_no_sign_in_of_its_own(
    home: Setup, path: str, reader: Any, hass_client_no_auth: ClientSessionGenerator
) -> None:
    await add(home, 3)
    page = await fetch(reader, path, language="sv")
    form = re.search(r'<form role="search" action="([^"]+)" method="get">(.*?)</form>', page)
    assert form is not None
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[2]))
    browser = await hass_client_no_auth()
    found = await fetch(browser, unescape(form[1]), **hidden, q="nummer 1")
    assert "Nummer 1 ville titta in" in found
    assert "Nummer 2" not in found
    assert 'value="nummer 1"' in found
    everything = await fetch(browser, links(found)["Visa allt"])
    assert "Nummer 2" in everything
    assert "Inget i loggen passar" in await fetch(browser, unescape(form[1]), **hidden, q="nummer 9")


async def test_a_search_key_opens_nothing_else(
    home: Setup,
    path: str,
    reader: Any,
    hass_client_no_auth: ClientSessionGenerator,
    hass_read_only_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = await fetch(reader, path, language="sv")
    key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    browser = await hass_client_no_auth()
    search = path.replace("/log/", "/log_search/")
    await fetch(browser, search, key=key)
    assert "för gammal" in await fetch(browser, f"{search}x", 403, key=key, language="sv")
    await fetch(browser, path, 401, key=key)
    monkeypatch.setattr(log_links, "_KEYS_KEPT", 2)
    for _ in range(3):
        await fetch(reader, path)
    await fetch(browser, search, 403, key=key)

    key = re.findall(r'name="key" value="([^"]+)"', await fetch(reader, path))[0]
    token = home.hass.auth.async_validate_access_token(hass_read_only_access_token)
    assert token is not None
    home.hass.auth.async_remove_refresh_token(token)
    await fetch(browser, search, 401, key=key)


async def test_an_old_key_says_so(
    path: str, reader: Any, hass_client_no_auth: ClientSessionGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_links, "LINK_SECONDS", -1)
    key = re.findall(r'name="key" value="([^"]+)"', await fetch(reader, path))[0]
    browser = await hass_client_no_auth()
    assert "too old" in await fetch(browser, path.replace("/log/", "/log_search/"), 403, key=key)
    await fetch(reader, path)


@pytest.mark.parametrize(
    "query",
    [{"kind": "xml"}, {"q": "a" * 201}, {"before": "x"}, {"start": "22/11"}, {"end": "9999-12-31"}],
    ids=lambda one: next(iter(one)),
)
async def test_what_is_no_question_is_refused(path: str, reader: Any, query: dict[str, str]) -> None:
    await fetch(reader, path, 400, **query)


async def test_days_can_be_asked_for(home: Setup, path: str, reader: Any) -> None:
    await add(home, 1)
    assert "Nummer 0" in await fetch(reader, path, start="2026-01-01", end="2099-01-01")
    page = await fetch(reader, path, language="en", end="2026-01-01")
    assert "Nothing has happened yet" in page
    assert "end=2026-01-01" in links(page)["Svenska"]


async def test_another_entry_has_no_log(path: str, reader: Any) -> None:
    await fetch(reader, "/api/trygghetskamera/log/nothing", 404)


async def test_a_log_that_cannot_be_read_says_so(home: Setup, path: str, reader: Any) -> None:
    journal = journal_path(home.hass, home.entry.entry_id)
    whole = journal.read_bytes()
    journal.write_bytes(b"x" * len(whole))
    for kind in ("html", "csv", "signed"):
        assert "går inte att läsa" in await fetch(reader, path, 503, kind=kind, language="sv")
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert "inte igång" in await fetch(reader, path, 503, language="sv")


# ---- CSV ------------------------------------------------------------------------------------------------------------


async def test_a_spreadsheet_reads_it(home: Setup, path: str, reader: Any) -> None:
    await add(home, 250)
    async with reader.get(path, params={"kind": "csv", "language": "sv"}) as answer:
        raw = await answer.read()
        assert answer.headers["Content-Disposition"] == 'attachment; filename="trygghetskamera-log.csv"'
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    first, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert first == ["Nummer", "När", "Tid (UTC)", "Slag", "Vad som hände"]
    assert [int(row[0]) for row in rows] == list(range(1, len(rows) + 1))
    assert rows[-1][3:] == ["refused", "Nummer 249 ville titta in och nekades: en annan titt-in pågick."]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_nothing_in_it_is_a_formula(start: str) -> None:
    from custom_components.trygghetskamera.log_files import _row

    assert _row([f'{start}cmd|"x"']) == f'"\'{start}cmd|""x"""\r\n'


async def test_what_is_searched_for_is_what_is_taken_away(home: Setup, path: str, reader: Any) -> None:
    await add(home, 3)
    page = await fetch(reader, path, language="en", q="Nummer 2")
    text = await fetch(reader, links(page)["Download for a spreadsheet (CSV)"])
    assert text.count("\r\n") == 2


async def test_a_file_that_breaks_off_does_not_pass_for_whole(home: Setup, path: str, reader: Any) -> None:
    await add(home, 300)
    journal = journal_path(home.hass, home.entry.entry_id)
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-1] + b"x")
    with pytest.raises(Exception, match=r"payload|disconnected|closed"):
        await fetch(reader, path, kind="csv")


# ---- the signed file ------------------------------------------------------------------------------------------------


def verified(home: Setup, text: str) -> tuple[Log, dict[str, Any]]:
    """The file, checked with nothing but what is in it and the root key."""
    file = json.loads(text)
    assert (file["format"], file["version"]) == ("trygghetskamera-log", 2)
    assert file["root"] == home.bridge.municipality.root.public.x
    hub = PublicKey(parse(HubCertificate, file["certificate"]).verified(PublicKey(file["root"])).key)
    assert hub.x == file["hub"]
    statement = parse(Log, file["statement"]).verified(hub)
    assert statement.hub == hub.kid
    assert statement.lines == len(file["lines"])
    assert statement.hash == digest("".join(f"{line}\n" for line in file["lines"]))
    assert statement.receipts == len(file["receipts"])
    return statement, file


async def test_the_signed_file_can_be_verified_without_the_home(home: Setup, path: str, reader: Any) -> None:
    await look(home, outcome=Outcome.NOT_SEEN)
    await look(home, "Åsa Öberg")
    async with reader.get(path, params={"kind": "signed"}) as answer:
        text = await answer.text()
        assert answer.headers["Content-Disposition"] == 'attachment; filename="trygghetskamera-log.json"'
    statement, file = verified(home, text)
    assert statement.first == 1
    assert "".join(f"{line}\n" for line in file["lines"]) == home.entry_journal()
    head, receipts = verify(Head(), home.bridge.municipality.hub.public, file["receipts"])
    assert statement.head == head.hash
    assert [(one.name, one.reason) for one in receipts] == [
        ("Alva Natt", CloseReason.NOT_SEEN),
        ("Åsa Öberg", CloseReason.SEEN),
    ]


async def test_the_municipality_s_own_tool_finds_it_true(home: Setup, path: str, reader: Any, tmp_path: Path) -> None:
    await look(home)
    file = tmp_path / "log.json"
    root = home.bridge.municipality.root.public
    (tmp_path / "tillsyn").symlink_to(ROOT / "custom_components/trygghetskamera/tillsyn")
    for text, found in (((await fetch(reader, path, kind="signed")), 0), (file.read_text, 1)):
        file.write_text(text if isinstance(text, str) else text().replace("Alva", "Olga"))
        tool = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "operator_service.verify", "log", str(file), f"--root={root.kid}",
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'addon/operator'}:{tmp_path}"},
        )  # fmt: skip
        assert await tool.wait() == found


async def test_who_has_the_receipts_is_in_it_and_found_true(
    home: Setup, path: str, reader: Any, tmp_path: Path
) -> None:
    town = home.bridge.municipality
    operator, receipt = await home.looked()
    name = parse(Receipt, receipt).statement.look
    await home.bridge.send(operator.sign(name, ReceiptAck(name, digest(receipt), now())))
    await home.bridge.send(kept(town, receipt))
    await home.bridge.heard(frames.Noted)
    await home.bridge.send(kept(town, receipt, others=()))
    await home.until(lambda: home.has_issue("checkpoints_differ"))
    file = tmp_path / "log.json"
    (tmp_path / "tillsyn").symlink_to(ROOT / "custom_components/trygghetskamera/tillsyn")
    file.write_text(await fetch(reader, path, kind="signed", start="2099-01-01"))
    tool = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "operator_service.verify", "log", str(file), "--json", f"--root={town.root.public.kid}",
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'addon/operator'}:{tmp_path}"}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    found = json.loads((await tool.communicate())[0])
    assert (found["receipts"], found["acknowledged"], found["kept"], found["nights"]) == (1, 1, 1, 1)
    assert len(found["differing"]) == 1


async def test_a_part_of_it_is_bound_to_its_place(home: Setup, path: str, reader: Any) -> None:
    await look(home)
    statement, file = verified(home, await fetch(reader, path, kind="signed", start="2099-01-01"))
    assert (statement.first, statement.lines, file["lines"]) == (0, 0, [])
    assert len(file["receipts"]) == 1
    statement, file = verified(home, await fetch(reader, path, kind="signed", start="2026-01-01"))
    assert (statement.first, json.loads(file["lines"][0])["n"]) == (1, 1)


async def test_what_is_no_longer_kept_is_summed_up_in_it(home: Setup, path: str, reader: Any) -> None:
    await look(home)
    journal = journal_path(home.hass, home.entry.entry_id)
    record = replay(journal.read_bytes())
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    journal.write_bytes(purge(journal.read_bytes(), 9_999_999_999_999))
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.until(lambda: home.home.connection.is_up)
    statement, file = verified(home, await fetch(reader, path, kind="signed"))
    assert (statement.first, statement.lines) == (record.lines, 1)
    assert (statement.receipts, statement.head) == (0, record.head.hash)
    assert file["lines"][0].startswith('{"summary":')
    statement, file = verified(home, await fetch(reader, path, kind="signed", start="2026-01-01"))
    assert statement.lines == 0


async def test_without_the_bridge_there_is_a_spreadsheet_but_no_signature(home: Setup, path: str, reader: Any) -> None:
    await home.bridge.stop()
    await home.until(lambda: not home.home.connection.is_up)
    assert "bryggan inte svarar" in await fetch(reader, path, 503, kind="signed", language="sv")
    assert await fetch(reader, path, kind="csv")


# ---- where it is found ----------------------------------------------------------------------------------------------


async def test_it_is_found_under_the_homes_options(
    home: Setup, path: str, hass_client: ClientSessionGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    assert await async_setup_component(home.hass, "config", {})
    client = await hass_client()
    flows = "/api/config/config_entries/options/flow"
    async with client.post(flows, json={"handler": home.entry.entry_id}) as answer:
        flow = (await answer.json())["flow_id"]
    async with client.post(f"{flows}/{flow}", json={"next_step_id": "log"}) as answer:
        text = (await answer.json())["description_placeholders"]["links"]
    browser = await hass_client_no_auth()
    found = [unescape(one) for one in re.findall(r'href="([^"]+)" target="_blank"', text)]
    assert len(found) == 4
    for one in found:
        await fetch(browser, one)
    async with client.post(f"{flows}/{flow}", json={}) as answer:
        assert (await answer.json())["type"] == "create_entry"
