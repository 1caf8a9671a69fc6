"""The log at home: who looked, when, how long and why it ended, what was refused, and who has changed what."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import Refusal
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Outcome

from .home import PAUSE, Setup


async def look(home: Setup, name: str = "Alva Natt", outcome: Outcome = Outcome.SEEN) -> None:
    """Somebody looks in."""
    operator = home.bridge.municipality.operator(name)
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await home.bridge.close_look(operator, connected.look, outcome)
    await home.bridge.receipt(connected.look)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()


async def get_log(home: Setup, **asked: Any) -> list[dict[str, Any]]:
    """What the action answers."""
    data = {"config_entry_id": home.entry.entry_id, **asked}
    found: Any = await home.hass.services.async_call(
        "trygghetskamera", "get_log", data, blocking=True, return_response=True
    )
    entries: list[dict[str, Any]] = found["entries"]
    return entries


async def add(home: Setup, count: int) -> None:
    """So many things happen."""
    for number in range(count):
        await home.home.journal.add(e.LookRefused(f"Nummer {number}", Refusal.BUSY))


async def test_a_look_is_told_from_beginning_to_receipt(home: Setup) -> None:
    await look(home)
    texts = [one["text"] for one in await get_log(home, limit=3)]
    assert texts == [
        (
            "Receipt 1, for the look by Alva Natt, was signed for the municipality. "
            "Alva Natt has not confirmed that it arrived."
        ),
        next(one for one in texts if one.startswith("Alva Natt looked in for ") and one.endswith(" seconds. Seen.")),
        "Alva Natt began to look in: Bedroom.",
    ]


@pytest.mark.parametrize(
    ("plan", "paused", "text"),
    [
        pytest.param(1, True, "Alva Natt asked to look in and was refused: the home was paused.", id="who and why"),
        pytest.param(2, False, "Somebody asked to look in and was refused: it was for another plan", id="why"),
    ],
)
async def test_a_refusal_says_why_and_who_where_that_is_certain(
    home: Setup, plan: int, paused: bool, text: str
) -> None:
    if paused:
        await home.pause(True, by="")
    await home.bridge.ask(home.bridge.municipality.operator("Alva Natt"), home.occurrence, plan)
    await home.bridge.heard(frames.Refuse)
    await home.hass.async_block_till_done()
    (found,) = await get_log(home, query="refused")
    assert found["kind"] == "refused"
    assert found["text"].startswith(text)


async def test_every_change_says_who_made_it(home: Setup, hass_admin_user: MockUser) -> None:
    relative: Any = await home.hass.auth.async_create_user("Kajsa Anka", group_ids=["system-users"])
    for service, user in (("turn_on", relative), ("turn_off", hass_admin_user), ("turn_on", None)):
        await home.hass.services.async_call(
            "switch", service, {"entity_id": PAUSE}, blocking=True, context=Context(user_id=user and user.id)
        )
    last, then, first = await get_log(home, limit=3)
    assert first["text"].startswith("Kajsa Anka paused")
    assert then["text"] == f"{hass_admin_user.name} ended the pause."
    assert last["text"].startswith("Home Assistant itself paused")
    await home.hass.auth.async_remove_user(relative)
    assert (await get_log(home, limit=3))[2]["text"].startswith("Someone who is not here any more paused")


async def test_every_word_that_is_sought_must_be_there_in_any_case(home: Setup) -> None:
    await home.home.journal.add(e.LookRefused("Åsa Öberg", Refusal.PAUSED))
    await home.home.journal.add(e.LookRefused("Åsa Ek", Refusal.BUSY))
    assert len(await get_log(home, query="ÅSA")) == 2
    assert [one["text"][:8] for one in await get_log(home, query="refused  öberg")] == ["Åsa Öber"]
    assert await get_log(home, query="Åsa Ek paused") == []


async def test_a_time_can_be_asked_for(home: Setup) -> None:
    now = dt_util.utcnow()
    whole = await get_log(home)
    assert whole
    assert await get_log(home, end=now + timedelta(hours=1)) == whole
    assert await get_log(home, start=now + timedelta(hours=1)) == []
    assert await get_log(home, end=now - timedelta(hours=1)) == []
    assert await get_log(home, start=(now - timedelta(hours=1)).isoformat()) == whole


async def test_pages_follow_each_other_without_a_gap(home: Setup, hass_ws_client: WebSocketGenerator) -> None:
    await add(home, 7)
    assert await async_setup_component(home.hass, "websocket_api", {})
    client = await hass_ws_client(home.hass)
    asked = {"type": "trygghetskamera/log", "config_entry_id": home.entry.entry_id, "query": "Nummer", "limit": 3}
    pages: list[Any] = []
    more: dict[str, Any] = {}
    while True:
        await client.send_json_auto_id({**asked, **more})
        answer = await client.receive_json()
        pages.append([one["text"].split()[1] for one in answer["result"]["entries"]])
        if not answer["result"]["more"]:
            break
        more = {"before": answer["result"]["entries"][-1]["id"]}
    assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


async def test_the_caller_chooses_the_language_and_may_page_by_time(
    home: Setup, hass_ws_client: WebSocketGenerator
) -> None:
    await add(home, 1)
    client = await hass_ws_client(home.hass)
    asked = {"type": "trygghetskamera/log", "config_entry_id": home.entry.entry_id, "limit": 1}
    await client.send_json_auto_id({**asked, "language": "sv"})
    (found,) = (await client.receive_json())["result"]["entries"]
    assert found["text"] == "Nummer 0 ville titta in och nekades: en annan titt-in pågick."
    assert dt_util.parse_datetime(found["at"]) is not None
    await client.send_json_auto_id({**asked, "before": "2026-01-01T00:00:00+00:00"})
    assert (await client.receive_json())["result"] == {"entries": [], "more": False}


async def test_whoever_is_signed_in_may_read(
    home: Setup, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    client = await hass_ws_client(home.hass, hass_read_only_access_token)
    await client.send_json_auto_id({"type": "trygghetskamera/log", "config_entry_id": home.entry.entry_id})
    assert (await client.receive_json())["result"]["entries"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param({"config_entry_id": "nothing"}, "home_assistant_error", id="no such home"),
        pytest.param({"limit": 501}, "invalid_format", id="too much"),
        pytest.param({"query": "a" * 201}, "invalid_format", id="too long a search"),
        pytest.param({"before": -1}, "invalid_format", id="before the first"),
        pytest.param({"language": "fi"}, "invalid_format", id="a language without words"),
    ],
)
async def test_what_cannot_be_asked_for_is_refused(
    home: Setup, hass_ws_client: WebSocketGenerator, asked: dict[str, Any], code: str
) -> None:
    client = await hass_ws_client(home.hass)
    await client.send_json_auto_id({"type": "trygghetskamera/log", "config_entry_id": home.entry.entry_id, **asked})
    assert (await client.receive_json())["error"]["code"] == code


async def test_a_log_that_cannot_be_read_says_so(home: Setup) -> None:
    path = journal_path(home.hass, home.entry.entry_id)
    whole = path.read_bytes()
    for damage in (lambda: path.write_bytes(whole[:50] + b"x" + whole[51:]), path.unlink):
        damage()
        with pytest.raises(HomeAssistantError) as refused:
            await get_log(home)
        assert refused.value.translation_key == "journal_unreadable"
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    with pytest.raises(ServiceValidationError) as not_there:
        await get_log(home)
    assert not_there.value.translation_key == "home_not_loaded"


async def test_what_is_written_while_it_is_read_waits_for_nothing_and_is_not_in_it(home: Setup) -> None:
    snapshot = await home.home.journal.snapshot()
    await add(home, 1)
    assert b"".join(snapshot.lines()).count(b"\n") == home.entry_journal().count("\n") - 1
    assert list(snapshot.lines()) == list(snapshot.lines())
    snapshot.close()
