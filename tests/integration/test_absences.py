"""Absences: everybody may add one, by the action or in the calendar; only those who may lower privacy delete one."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import probatio as vol
import pytest
from homeassistant.auth.models import User
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.trygghetskamera.const import CONF_AUTOMATIONS_MAY_END_PRIVACY, CONF_MAY_END_PRIVACY
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import AwayKind
from custom_components.trygghetskamera.tillsyn.schedule import STOCKHOLM

from .home import ABSENCES, PAUSE, Setup

type Page = Callable[..., Awaitable[dict[str, Any]]]
"""Home Assistant's calendar page as a user has it: sends one command and gives the answer."""


@pytest.fixture
async def page(home: Setup, hass_ws_client: WebSocketGenerator) -> Callable[[User], Awaitable[Page]]:
    async def open_page(user: User) -> Page:
        token = await home.hass.auth.async_create_refresh_token(user, "http://localhost:8123/")
        client = await hass_ws_client(home.hass, home.hass.auth.async_create_access_token(token))

        async def ask(command: str, **data: Any) -> dict[str, Any]:
            await client.send_json_auto_id({"type": f"calendar/event/{command}", "entity_id": ABSENCES, **data})
            return await client.receive_json()  # type: ignore[no-any-return]

        return ask

    return open_page


@pytest.fixture
async def trusted(home: Setup, relative: User) -> User:
    """A relative who is named in the options."""
    home.hass.config_entries.async_update_entry(home.entry, options={CONF_MAY_END_PRIVACY: [relative.id]})
    await home.hass.async_block_till_done()
    return relative


@pytest.fixture
async def stranger(home: Setup, hass_admin_user: MockUser) -> User:
    """A user whom nobody has named."""
    return await home.hass.auth.async_create_user("Gäst", group_ids=["system-users"])


def soon(**time: int) -> datetime:
    return (dt_util.utcnow() + timedelta(**time)).replace(microsecond=0)


def event(summary: str = "Resa", start: int = 1, end: int = 5, **more: Any) -> dict[str, Any]:
    """What the page sends for an event from one hour to another."""
    times = {"dtstart": soon(hours=start).isoformat(), "dtend": soon(hours=end).isoformat()}
    return {"event": {"summary": summary, **times, **more}}


async def add(home: Setup, start: datetime, end: datetime, kind: str = "travel", by: str | None = None) -> str:
    answer = await home.act("add_absence", by, kind=kind, start=start.isoformat(), end=end.isoformat())
    return str(answer["absence"])


async def shown(home: Setup, **ahead: int) -> list[dict[str, Any]]:
    """The events of the calendar from now on."""
    answer = await home.hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": ABSENCES, "end_date_time": (dt_util.utcnow() + timedelta(**ahead or {"days": 400})).isoformat()},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    return answer[ABSENCES]["events"]  # type: ignore[index, call-overload, return-value]


# ---- what an absence does -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_person", [True, False], ids=["a relative", "an automation"])
async def test_nobody_looks_while_somebody_is_away(home: Setup, relative: User, by_person: bool) -> None:
    by = relative.id if by_person else None
    absence = await add(home, soon(hours=-1), soon(hours=4), "hospital", by)
    assert home.home.gate.paused
    assert (home.state(PAUSE), home.state(ABSENCES)) == ("on", "on")
    await home.bridge.heard(frames.HomeStatus, lambda one: one.paused)
    assert f'"away":"{absence}","kind":"hospital"' in home.entry_journal()
    assert f'"by":"{by or ""}"' in home.entry_journal().splitlines()[-1]


async def test_an_absence_that_begins_ends_the_look_that_goes_on(home: Setup) -> None:
    await home.open_look()
    await add(home, dt_util.utcnow() + timedelta(seconds=1), soon(hours=1))
    assert home.home.gate.place is Place.OPEN
    stop = await home.bridge.heard(frames.StopPicture)
    assert stop.reason is CloseReason.PAUSED
    await home.until_place(Place.CLOSED)
    await home.bridge.heard(frames.HomeStatus, lambda one: one.paused)


async def test_an_absence_that_ends_lets_agreed_looks_happen(home: Setup) -> None:
    await add(home, soon(hours=-1), dt_util.utcnow() + timedelta(seconds=1))
    assert home.home.gate.paused
    await home.until(lambda: not home.home.gate.paused)
    await home.bridge.heard(frames.HomeStatus, lambda one: not one.paused)
    await home.open_look()


async def test_absences_are_there_after_a_restart(home: Setup) -> None:
    ids = {await add(home, soon(hours=-1), soon(hours=4)), await add(home, soon(days=3), soon(days=4))}
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert home.home.gate.paused
    assert {one["uid"] for one in await all_events(home)} == ids


async def all_events(home: Setup) -> list[dict[str, Any]]:
    """With their ids, which the action does not tell in every version."""
    calendar = home.hass.data["calendar"].get_entity(ABSENCES)
    found = await calendar.async_get_events(home.hass, dt_util.utcnow(), soon(days=400))
    return [one.as_dict() for one in found]


async def test_an_absence_works_while_bridge_and_disk_are_gone(home: Setup, disk: Callable[[bool], None]) -> None:
    await home.bridge.stop()
    disk(True)
    absence = await add(home, soon(hours=-1), soon(hours=4))
    assert home.home.gate.paused
    assert [one["uid"] for one in await all_events(home)] == [absence]
    disk(False)
    await home.home.memory.open()
    assert f'"away":"{absence}"' in home.entry_journal()
    assert home.home.gate.paused


async def test_the_next_absence_is_the_state_of_the_calendar(home: Setup) -> None:
    await add(home, soon(days=5), soon(days=6), "guests")
    await add(home, soon(days=2), soon(days=3), "other")
    state = home.hass.states.get(ABSENCES)
    assert state is not None
    assert (state.state, state.attributes["message"]) == ("off", "Other")
    assert [one["summary"] for one in await shown(home)] == ["Other", "Guests"]
    assert await shown(home, days=1) == []


@pytest.mark.parametrize(
    ("start", "end", "key"),
    [
        pytest.param({"hours": 2}, {"hours": 1}, "absence_ends_first", id="the wrong way round"),
        pytest.param({"hours": -2}, {"hours": -1}, "absence_over", id="over"),
        pytest.param({"hours": 1}, {"days": 367}, "absence_too_long", id="longer than a year"),
        pytest.param({"days": 367}, {"days": 368}, "absence_too_far", id="in more than a year"),
    ],
)
async def test_a_time_that_cannot_be_is_refused(
    home: Setup, start: dict[str, int], end: dict[str, int], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await add(home, soon(**start), soon(**end))
    assert refused.value.translation_key == key
    assert not home.home.pauses.absences


async def test_there_is_room_for_64_to_come(home: Setup) -> None:
    for _ in range(64):
        await add(home, soon(days=1), soon(days=2))
    with pytest.raises(ServiceValidationError) as refused:
        await add(home, soon(days=1), soon(days=2))
    assert refused.value.translation_key == "absence_too_many"


async def test_a_kind_that_is_none_is_refused(home: Setup) -> None:
    with pytest.raises(vol.Invalid):
        await add(home, soon(hours=1), soon(hours=2), "prison")


# ---- removing -------------------------------------------------------------------------------------------------------


async def test_those_who_may_remove_an_absence(
    home: Setup, stranger: User, trusted: User, hass_admin_user: MockUser
) -> None:
    going_on, to_come = await add(home, soon(hours=-1), soon(hours=4)), await add(home, soon(days=3), soon(days=4))
    with pytest.raises(ServiceValidationError) as refused:
        await home.act("remove_absence", stranger.id, absence=going_on)
    assert refused.value.translation_key == "user_not_allowed"
    await home.act("remove_absence", trusted.id, absence=going_on)
    assert home.state(PAUSE) == "off"
    await home.act("remove_absence", hass_admin_user.id, absence=to_come)
    assert not home.home.pauses.absences
    for absence, by in ((going_on, trusted.id), (to_come, hass_admin_user.id)):
        assert f'"away":"{absence}","by":"{by}"' in home.entry_journal()


async def test_no_automation_removes_an_absence_whatever_is_allowed(home: Setup) -> None:
    home.hass.config_entries.async_update_entry(home.entry, options={CONF_AUTOMATIONS_MAY_END_PRIVACY: True})
    await home.hass.async_block_till_done()
    absence = await add(home, soon(hours=1), soon(hours=2))
    with pytest.raises(ServiceValidationError) as refused:
        await home.act("remove_absence", absence=absence)
    assert refused.value.translation_key == "person_required"


async def test_an_absence_is_not_removed_while_that_cannot_be_written(
    home: Setup, disk: Callable[[bool], None], hass_admin_user: MockUser
) -> None:
    absence = await add(home, soon(hours=-1), soon(hours=2))
    disk(True)
    with pytest.raises(HomeAssistantError) as failed:
        await home.act("remove_absence", hass_admin_user.id, absence=absence)
    assert failed.value.translation_key == "journal_failed"
    assert home.home.gate.paused


async def test_what_is_not_there_cannot_be_removed(home: Setup, hass_admin_user: MockUser) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await home.act("remove_absence", hass_admin_user.id, absence="away0001")
    assert refused.value.translation_key == "no_such_absence"


# ---- the calendar page ----------------------------------------------------------------------------------------------


async def test_everybody_adds_one_in_the_calendar(
    home: Setup, page: Callable[[User], Awaitable[Page]], stranger: User
) -> None:
    ask = await page(stranger)
    answer = await ask("create", **event("Gäster", start=-1))
    assert answer["success"], answer
    assert [(one.kind, one.by) for one in home.home.pauses.absences] == [(AwayKind.GUESTS, stranger.id)]
    assert home.home.gate.paused


async def test_those_who_may_delete_one_in_the_calendar(
    home: Setup, page: Callable[[User], Awaitable[Page]], stranger: User, trusted: User, hass_admin_user: MockUser
) -> None:
    ids = [await add(home, soon(hours=n - 1), soon(hours=n + 4)) for n in range(2)]
    answer = await (await page(stranger))("delete", uid=ids[0])
    assert (answer["success"], answer["error"]["message"][:8]) == (False, "You may ")
    assert len(home.home.pauses.absences) == 2
    for user, uid in zip((trusted, hass_admin_user), ids, strict=True):
        answer = await (await page(user))("delete", uid=uid)  # type: ignore[arg-type]
        assert answer["success"], answer
        assert f'"away":"{uid}","by":"{user.id}"' in home.entry_journal()
    assert not home.home.gate.paused


async def test_an_action_before_does_not_lend_its_user_to_the_calendar_page(
    home: Setup, page: Callable[[User], Awaitable[Page]], stranger: User, hass_admin_user: MockUser
) -> None:
    data = {"entity_id": ABSENCES, "summary": "Travel", "start_date": "2027-01-01", "end_date": "2027-01-02"}
    ask = await page(stranger)
    await home.hass.services.async_call(
        "calendar", "create_event", data, blocking=True, context=Context(user_id=hass_admin_user.id)
    )
    await ask("create", **event())
    assert {one.by for one in home.home.pauses.absences} == {hass_admin_user.id, stranger.id}
    answer = await ask("delete", uid=home.home.pauses.absences[0].id)
    assert not answer["success"]


async def test_nobody_deletes_outside_a_connection(home: Setup, hass_admin_user: MockUser) -> None:
    absence = await add(home, soon(hours=1), soon(hours=2))
    calendar = home.hass.data["calendar"].get_entity(ABSENCES)
    calendar.async_set_context(Context(user_id=hass_admin_user.id))
    with pytest.raises(ServiceValidationError) as refused:
        await calendar.async_delete_event(absence)
    assert refused.value.translation_key == "person_required"


async def test_an_automation_adds_one_in_the_calendar(home: Setup) -> None:
    data = {"entity_id": ABSENCES, "summary": "hospital", "in": {"days": 2}}
    await home.hass.services.async_call("calendar", "create_event", data, blocking=True)
    assert [(one.kind, one.by) for one in home.home.pauses.absences] == [(AwayKind.HOSPITAL, "")]


@pytest.mark.parametrize(
    ("summary", "kind"),
    [
        ("Sjukhus", AwayKind.HOSPITAL),
        ("HOSPITAL", AwayKind.HOSPITAL),
        ("Ligger på sjukhuset", AwayKind.HOSPITAL),
        ("Resa till Lund", AwayKind.TRAVEL),
        ("travelling", AwayKind.TRAVEL),
        ("Gäster: Karin och Bo", AwayKind.GUESTS),
        ("Annat", AwayKind.OTHER),
        ("Höftoperation", AwayKind.OTHER),
        ("…", AwayKind.OTHER),
    ],
)
async def test_of_what_is_written_only_the_kind_is_kept(
    home: Setup, page: Callable[[User], Awaitable[Page]], stranger: User, summary: str, kind: AwayKind
) -> None:
    ask = await page(stranger)
    more = {"description": "Falkdotter Berguv", "location": "Falkdotter Berguv"}
    assert (await ask("create", **event(f"{summary}", **more)))["success"]
    assert [one.kind for one in home.home.pauses.absences] == [kind]
    everything = home.entry_journal() + str(home.hass.states.async_all()) + str(await all_events(home))
    for text in ("Falkdotter", "Lund", "Karin", "Höft"):
        assert text not in everything


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2027, 3, 28), 23, id="the clock goes forward"),
        pytest.param(date(2027, 10, 31), 25, id="the clock goes back"),
        pytest.param(date(2027, 7, 1), 24, id="an ordinary day"),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Stockholm", "US/Pacific"])
async def test_a_whole_day_is_a_day_at_home(
    home: Setup, page: Callable[[User], Awaitable[Page]], stranger: User, day: date, hours: int, zone: str
) -> None:
    await home.hass.config.async_set_time_zone(zone)
    ask = await page(stranger)
    times = {"dtstart": day.isoformat(), "dtend": (day + timedelta(days=1)).isoformat()}
    assert (await ask("create", event={"summary": "Resa", **times}))["success"]
    (one,) = home.home.pauses.absences
    start = datetime.fromtimestamp(one.start_ms / 1000, UTC).astimezone(STOCKHOLM)
    assert (start.date(), start.hour, one.end_ms - one.start_ms) == (day, 0, hours * 3_600_000)
    (found,) = await all_events(home)
    if zone == "Europe/Stockholm":
        assert (found["all_day"], found["start"], found["end"]) == (True, *times.values())
    else:
        assert (found["all_day"], dt_util.parse_datetime(found["start"])) == (False, start)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        pytest.param(
            event(rrule="FREQ=DAILY"), "En frånvaro kan inte upprepas. Lägg in varje gång för sig.", id="again"
        ),
        pytest.param(event(start=-5, end=-1), "Den tiden har redan varit.", id="over"),
        pytest.param(event(end=24 * 400), "En frånvaro kan vara i högst ett år.", id="long"),
        pytest.param(
            {"event": {"summary": "x", "dtstart": "0001-01-01", "dtend": "0001-01-02"}},
            "Den tiden är för långt bort.",
            id="at the beginning of time",
        ),
    ],
)
async def test_the_calendar_says_why_not_in_the_language_of_the_home(
    home: Setup, page: Callable[[User], Awaitable[Page]], stranger: User, asked: dict[str, Any], text: str
) -> None:
    home.hass.config.language = "sv"
    answer = await (await page(stranger))("create", **asked)
    assert (answer["success"], answer["error"]["message"]) == (False, text)
    assert not home.home.pauses.absences


async def test_absences_have_swedish_names_in_a_swedish_home(home: Setup) -> None:
    home.hass.config.language = "sv"
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    for kind in AwayKind:
        await add(home, soon(days=1), soon(days=2), kind)
    calendar = next(one for one in home.hass.data["calendar"].entities if one.unique_id.endswith("-absences"))
    found = await calendar.async_get_events(home.hass, dt_util.utcnow(), soon(days=400))
    assert sorted(one.summary for one in found) == ["Annat", "Gäster", "Resa", "Sjukhus"]


async def test_an_event_is_not_changed_in_the_calendar(
    home: Setup, page: Callable[[User], Awaitable[Page]], hass_admin_user: MockUser
) -> None:
    """Making it shorter would be lowering, and making it longer is adding one."""
    absence = await add(home, soon(hours=1), soon(hours=2))
    answer = await (await page(hass_admin_user))("update", uid=absence, **event())  # type: ignore[arg-type]
    assert answer["error"]["code"] == "not_supported"
