"""Pause: for everybody and at once, until a time, until tomorrow or until resumed. Only some may make it shorter."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import probatio as vol
import pytest
from homeassistant.auth.models import User
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.trygghetskamera.const import CONF_AUTOMATIONS_MAY_END_PRIVACY, CONF_MAY_END_PRIVACY
from custom_components.trygghetskamera.journal_store import Journal
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place

from .home import PAUSE, PAUSE_UNTIL, Setup

HOUR = timedelta(hours=1)


async def set_end(home: Setup, at: datetime, by: str | None = None) -> None:
    """Somebody sets the entity."""
    await home.hass.services.async_call(
        "datetime",
        "set_value",
        {"entity_id": PAUSE_UNTIL, "datetime": at.isoformat()},
        blocking=True,
        context=Context(user_id=by),
    )


def end(home: Setup) -> datetime | None:
    """What the entity shows."""
    return dt_util.parse_datetime(home.state(PAUSE_UNTIL))


def soon(**time: int) -> datetime:
    return (dt_util.utcnow() + timedelta(**time)).replace(microsecond=0)


# ---- more private: everybody ----------------------------------------------------------------------------------------


async def test_everybody_pauses_until_a_time(home: Setup, relative: User) -> None:
    until = soon(hours=3)
    answer = await home.act("pause", relative.id, until=until.isoformat())
    assert dt_util.parse_datetime(answer["until"]) == until
    assert (home.state(PAUSE), end(home)) == ("on", until)
    assert home.home.gate.paused
    assert f'"by":"{relative.id}","until_ms":{int(until.timestamp() * 1000)}' in home.entry_journal()


async def test_everybody_pauses_until_resumed(home: Setup, relative: User) -> None:
    assert await home.act("pause", relative.id) == {"until": None}
    assert (home.state(PAUSE), home.state(PAUSE_UNTIL)) == ("on", "unknown")


async def test_an_automation_pauses(home: Setup) -> None:
    await home.act("pause", until=soon(hours=1).isoformat())
    assert home.state(PAUSE) == "on"
    assert '"paused":true,"by":""' in home.entry_journal()


async def test_the_answer_is_the_end_that_counts(home: Setup, relative: User) -> None:
    late, early = soon(hours=3), soon(hours=1)
    await home.act("pause", until=late.isoformat())
    answer = await home.act("pause", relative.id, until=early.isoformat())
    assert dt_util.parse_datetime(answer["until"]) == end(home) == late
    assert await home.act("pause") == {"until": None}
    assert await home.act("pause", until=late.isoformat()) == {"until": None}
    assert home.state(PAUSE_UNTIL) == "unknown"


async def test_the_later_of_two_ends_counts(home: Setup) -> None:
    answer = await home.act("pause", until=soon(hours=1).isoformat(), until_tomorrow=True)
    ends = dt_util.parse_datetime(answer["until"])
    assert ends is not None
    assert ends > soon(hours=5)
    late = soon(hours=72)
    answer = await home.act("pause", until=late.isoformat(), until_tomorrow=True)
    assert dt_util.parse_datetime(answer["until"]) == late


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        pytest.param("2027-03-27T22:00+01:00", "2027-03-28T12:00+02:00", id="an hour less to sleep"),
        pytest.param("2027-03-28T03:30+02:00", "2027-03-28T12:00+02:00", id="just after the clock went forward"),
        pytest.param("2027-10-30T22:00+02:00", "2027-10-31T12:00+01:00", id="an hour more to sleep"),
        pytest.param("2027-10-31T02:30+01:00", "2027-10-31T12:00+01:00", id="just after the clock went back"),
        pytest.param("2027-06-01T09:00+02:00", "2027-06-02T12:00+02:00", id="in the morning it is the night to come"),
    ],
)
async def test_until_tomorrow(home: Setup, clock: Callable[[str], datetime], now: str, ends: str) -> None:
    clock(now)
    answer = await home.act("pause", until_tomorrow=True)
    assert dt_util.parse_datetime(answer["until"]) == end(home) == datetime.fromisoformat(ends)


async def test_an_end_in_the_hour_that_comes_twice_is_the_later(home: Setup, clock: Callable[[str], datetime]) -> None:
    await home.hass.config.async_set_time_zone("Europe/Stockholm")
    clock("2027-10-30T22:00+02:00")
    await home.act("pause", until="2027-10-31 02:30:00")
    assert end(home) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


async def test_a_pause_works_while_bridge_and_disk_are_gone(
    home: Setup, disk: Callable[[bool], None], relative: User
) -> None:
    await home.bridge.stop()
    disk(True)
    until = soon(hours=2)
    answer = await home.act("pause", relative.id, until=until.isoformat())
    assert dt_util.parse_datetime(answer["until"]) == end(home) == until
    assert home.home.gate.paused
    await set_end(home, until + HOUR)
    assert end(home) == until + HOUR

    disk(False)
    await home.home.memory.open()
    assert end(home) == until + HOUR
    assert home.entry_journal().count('"kind":"pause"') == 2


async def test_a_pause_works_before_the_journal_has_been_read(home: Setup) -> None:
    home.home.journal.record = None
    assert await home.act("pause") == {"until": None}
    await home.home.memory.open()
    assert home.home.gate.paused


async def test_a_pause_with_an_end_ends_the_look_that_goes_on(home: Setup) -> None:
    await home.open_look()
    await home.act("pause", until=soon(hours=1).isoformat())
    stop = await home.bridge.heard(frames.StopPicture)
    assert stop.reason is CloseReason.PAUSED
    await home.until_place(Place.CLOSED)


async def test_a_pause_ends_by_itself_because_that_was_asked_for(home: Setup) -> None:
    until = dt_util.utcnow() + timedelta(seconds=1)
    await home.act("pause", until=until.isoformat())
    assert home.state(PAUSE) == "on"
    await home.bridge.heard(frames.HomeStatus, lambda one: one.paused)
    await home.until(lambda: not home.home.gate.paused)
    assert timedelta() <= dt_util.utcnow() - until < timedelta(seconds=3)
    await home.bridge.heard(frames.HomeStatus, lambda one: not one.paused)
    await home.until(lambda: home.home.pauses.until is None)
    await home.hass.async_block_till_done()
    assert (home.state(PAUSE), home.state(PAUSE_UNTIL)) == ("off", "unknown")
    await home.open_look()


async def test_a_pause_is_there_after_a_restart(home: Setup) -> None:
    until = soon(hours=5)
    await home.act("pause", until=until.isoformat())
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert (home.state(PAUSE), end(home)) == ("on", until)
    assert home.home.gate.paused


@pytest.mark.parametrize(
    ("until", "key"),
    [
        pytest.param(lambda: soon(seconds=-5), "pause_over", id="in the past"),
        pytest.param(lambda: soon(days=367), "pause_too_long", id="in more than a year"),
        pytest.param(lambda: datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "pause_too_long", id="at the end of time"),
    ],
)
async def test_an_end_that_is_none_is_refused(
    home: Setup, relative: User, until: Callable[[], datetime], key: str
) -> None:
    for ask in (lambda: home.act("pause", relative.id, until=until().isoformat()), lambda: set_end(home, until())):
        with pytest.raises(ServiceValidationError) as refused:
            await ask()
        assert refused.value.translation_key == key
    assert home.state(PAUSE) == "off"


async def test_what_is_no_time_is_refused(home: Setup) -> None:
    with pytest.raises(vol.Invalid):
        await home.act("pause", until="i morgon")
    with pytest.raises(ServiceValidationError) as refused:
        await home.act("pause", until="9999-12-31 23:59:00")
    assert refused.value.translation_key == "time_too_far"


# ---- the entity -----------------------------------------------------------------------------------------------------


async def test_setting_the_end_pauses(home: Setup, relative: User) -> None:
    until = soon(hours=1)
    await set_end(home, until, relative.id)
    assert (home.state(PAUSE), end(home)) == ("on", until)
    await set_end(home, until + HOUR, relative.id)
    assert end(home) == until + HOUR


@pytest.mark.parametrize("first", [None, 5])
async def test_an_earlier_end_is_for_those_who_may(home: Setup, relative: User, first: int | None) -> None:
    await home.act("pause", **({} if first is None else {"until": soon(hours=first).isoformat()}))
    before, sooner = home.state(PAUSE_UNTIL), soon(hours=1)
    for by, key in ((relative.id, "user_not_allowed"), (None, "person_required")):
        with pytest.raises(ServiceValidationError) as refused:
            await set_end(home, sooner, by)
        assert refused.value.translation_key == key
    assert home.state(PAUSE_UNTIL) == before

    home.hass.config_entries.async_update_entry(home.entry, options={CONF_MAY_END_PRIVACY: [relative.id]})
    await home.hass.async_block_till_done()
    await set_end(home, sooner, relative.id)
    assert (home.state(PAUSE), end(home)) == ("on", sooner)
    assert f'"until_ms":{int(sooner.timestamp() * 1000)},"by":"{relative.id}"' in home.entry_journal()


async def test_no_automation_shortens_a_pause_whatever_is_allowed(home: Setup) -> None:
    home.hass.config_entries.async_update_entry(home.entry, options={CONF_AUTOMATIONS_MAY_END_PRIVACY: True})
    await home.hass.async_block_till_done()
    await home.act("pause")
    for ask in (lambda: home.act("resume"), lambda: set_end(home, soon(hours=1))):
        with pytest.raises(ServiceValidationError) as refused:
            await ask()
        assert refused.value.translation_key == "person_required"


async def test_a_pause_is_not_shortened_while_that_cannot_be_written(
    home: Setup, disk: Callable[[bool], None], hass_admin_user: MockUser
) -> None:
    await home.act("pause")
    disk(True)
    for ask in (
        lambda: home.act("resume", hass_admin_user.id),
        lambda: set_end(home, soon(hours=1), hass_admin_user.id),
    ):
        with pytest.raises(HomeAssistantError) as failed:
            await ask()
        assert failed.value.translation_key == "journal_failed"
    assert (home.state(PAUSE), home.state(PAUSE_UNTIL)) == ("on", "unknown")


# ---- resuming -------------------------------------------------------------------------------------------------------


async def test_those_who_may_resume(home: Setup, relative: User, hass_admin_user: MockUser) -> None:
    await home.act("pause", until=soon(hours=3).isoformat())
    with pytest.raises(ServiceValidationError) as refused:
        await home.act("resume", relative.id)
    assert refused.value.translation_key == "user_not_allowed"
    await home.act("resume", hass_admin_user.id)
    assert (home.state(PAUSE), home.state(PAUSE_UNTIL)) == ("off", "unknown")
    assert f'"paused":false,"by":"{hass_admin_user.id}"' in home.entry_journal()


@pytest.mark.parametrize("how", ["action", "switch"])
async def test_resuming_ends_the_absence_that_goes_on_and_no_other(
    home: Setup, hass_admin_user: MockUser, how: str
) -> None:
    times = {"on": (-1, 5), "to come": (10, 20)}
    ids = {
        name: (await home.act("add_absence", kind="travel", start=soon(hours=a), end=soon(hours=b)))["absence"]
        for name, (a, b) in times.items()
    }
    assert home.state(PAUSE) == "on"
    by = hass_admin_user.id
    off: dict[str, Callable[[], Any]] = {
        "action": lambda: home.act("resume", by),
        "switch": lambda: home.hass.services.async_call(
            "switch", "turn_off", {"entity_id": PAUSE}, blocking=True, context=Context(user_id=by)
        ),
    }
    await off[how]()
    assert home.state(PAUSE) == "off"
    assert [one.id for one in home.home.pauses.absences] == [ids["to come"]]


async def test_an_old_journal_still_says_that_the_home_is_paused(home: Setup) -> None:
    """As version 1 wrote it: without an end."""
    path = home.home.journal.path
    await home.pause(True, by="u")
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    lines = path.read_text().splitlines(keepends=True)
    assert ',"until_ms":0' in lines[-1]
    path.write_text("".join([*lines[:-1], lines[-1].replace(',"until_ms":0', "")]))
    journal = Journal(path, home.hass.async_add_executor_job)
    assert (await journal.load()).is_paused(0)
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    assert (home.state(PAUSE), home.state(PAUSE_UNTIL)) == ("on", "unknown")
