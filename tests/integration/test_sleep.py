"""How the client slept is noted at home, and told to the municipality only for as long as the client lets it know."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed

from custom_components.trygghetskamera import sleep as telling
from custom_components.trygghetskamera.const import CONF_MAY_END_PRIVACY
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn.model import How, Instant, Relation
from custom_components.trygghetskamera.tillsyn.sleep import slept_night
from custom_components.trygghetskamera.tillsyn.wire import Sleep

from .home import Setup
from .test_log import get_log

RATING = "select.night_supervision_sleep_last_night"
SHARE = "switch.night_supervision_tell_the_municipality_how_i_slept"


@pytest.fixture
async def client(home: Setup, hass_admin_user: MockUser) -> Any:
    """The client, who has a user of their own, and may not lower anybody else's privacy."""
    user = await home.hass.auth.async_create_user("Elsa", group_ids=["system-users"])
    night = dt_util.utcnow().date()
    await home.home.memory.add(e.PersonAdded("elsa0001", "Elsa", Relation.CLIENT, user.id, ""))
    await home.home.memory.add(e.ConsentGiven("elsa0001", How.SPOKEN, night + timedelta(days=300), ""))
    return user


@pytest.fixture
async def relative(home: Setup, hass_admin_user: MockUser) -> Any:
    """Another user, who may only do what everybody may."""
    return await home.hass.auth.async_create_user("Kajsa", group_ids=["system-users"])


async def share(home: Setup, service: str, user: Any = None) -> None:
    context = Context(user_id=user and user.id)
    await home.hass.services.async_call("switch", service, {"entity_id": SHARE}, blocking=True, context=context)


async def rate(home: Setup, **data: Any) -> Any:
    data = {"config_entry_id": home.entry.entry_id, **data}
    found = await home.hass.services.async_call(
        "trygghetskamera", "rate_sleep", data, blocking=True, return_response=True
    )
    await home.hass.async_block_till_done()
    return found


def told(home: Setup) -> list[tuple[int, str]]:
    """What the municipality has been told, in order."""
    return [(one.rating, one.comment) for one in home.bridge.signed_as(Sleep)]


async def test_a_night_is_rated_and_seen_in_the_log(home: Setup, relative: Any) -> None:
    assert home.state(RATING) == "unknown"
    await home.hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": RATING, "option": "4"},
        blocking=True,
        context=Context(user_id=relative.id),
    )
    assert home.state(RATING) == "4"
    assert await rate(home, rating=2, comment=" Vaknade\u200b\ntidigt ") == {
        "night": str(slept_night(dt_util.utcnow()))
    }
    assert home.state(RATING) == "2"
    last, first = await get_log(home, query="sleep")
    assert first["text"].startswith("Kajsa noted how sleep was")
    assert last["text"].endswith(": poor. “Vaknade tidigt”")
    assert told(home) == []


async def test_what_was_said_about_it_stays_until_something_else_is_said(home: Setup) -> None:
    await rate(home, rating=2, comment="Vaknade tidigt")
    await home.hass.services.async_call("select", "select_option", {"entity_id": RATING, "option": "3"}, blocking=True)
    assert home.home.sleep.last == e.SleepRated(slept_night(dt_util.utcnow()), 3, "Vaknade tidigt", "")
    await rate(home, rating=3, comment="")
    assert home.home.sleep.last is not None
    assert home.home.sleep.last.comment == ""


async def test_the_next_night_is_unknown_again(home: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    await rate(home, rating=5)
    now = home.home.now()
    monkeypatch.setattr(home.home, "now", lambda: Instant(now.wall + timedelta(days=1), now.mono))
    async_fire_time_changed(home.hass, dt_util.utcnow() + timedelta(minutes=1))
    await home.hass.async_block_till_done()
    assert home.state(RATING) == "unknown"


async def test_a_dashboard_notes_it_past_the_recorder(home: Setup, relative: Any, hass_ws_client: Any) -> None:
    calls: list[Any] = []
    home.hass.bus.async_listen("call_service", calls.append)
    token = await home.hass.auth.async_create_refresh_token(relative, "http://dashboard/")
    client = await hass_ws_client(home.hass, home.hass.auth.async_create_access_token(token))
    asked = {"type": "trygghetskamera/rate_sleep", "config_entry_id": home.entry.entry_id, "rating": 4}
    await client.send_json_auto_id({**asked, "comment": "Sov gott"})
    assert (await client.receive_json())["result"] == {"night": slept_night(dt_util.utcnow()).isoformat()}
    assert (await get_log(home))[0]["text"].startswith("Kajsa noted how sleep was")
    assert [one for one in calls if "Sov gott" in repr(one.data)] == []
    await client.send_json_auto_id({**asked, "rating": 9})
    assert not (await client.receive_json())["success"]


@pytest.mark.parametrize("data", [{"rating": 0}, {"rating": 6}, {"rating": 3, "comment": "å" * 301}])
async def test_what_is_no_rating_is_refused(home: Setup, data: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"value|length"):
        await rate(home, **data)


async def test_the_client_lets_the_municipality_know(home: Setup, client: Any) -> None:
    assert home.state(SHARE) == "off"
    await share(home, "turn_on", client)
    assert home.state(SHARE) == "on"
    await rate(home, rating=4, comment="Sov gott")
    assert told(home) == [(4, "Sov gott")]
    (found,) = home.bridge.signed_as(Sleep)
    assert (found.hub, found.night) == (home.bridge.municipality.hub.public.kid, slept_night(dt_util.utcnow()))
    home.home.sleep.tick()
    await home.hass.async_block_till_done()
    assert len(told(home)) == 1
    assert (await get_log(home))[0]["text"].startswith("The municipality was told how sleep was")
    await rate(home, rating=1)
    assert told(home) == [(4, "Sov gott"), (1, "Sov gott")]


async def test_what_was_rated_before_is_never_told(home: Setup, client: Any) -> None:
    await rate(home, rating=1)
    await share(home, "turn_on", client)
    await home.hass.async_block_till_done()
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until(lambda: home.home.connection.is_up)
    home.home.sleep.tick()
    await home.hass.async_block_till_done()
    assert told(home) == []


async def test_a_night_is_told_once_the_bridge_is_there(
    home: Setup, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "TELL_AGAIN_SECONDS", 0.0)
    await share(home, "turn_on", client)
    home.bridge.signs = False
    monkeypatch.setattr("custom_components.trygghetskamera.signing.SIGN_SECONDS", 0.05)
    await rate(home, rating=3)
    assert told(home) == []
    await home.bridge.stop()
    await home.until(lambda: not home.home.connection.is_up)
    home.home.sleep.tick()
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    home.bridge.signs = True
    await home.bridge.start()
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.until(lambda: home.home.connection.is_up)
    home.home.sleep.tick()
    await home.hass.async_block_till_done()
    assert told(home) == [(3, "")]


async def test_everybody_may_stop_it_and_what_was_not_told_is_not(
    home: Setup, client: Any, relative: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "TELL_AGAIN_SECONDS", 0.0)
    await share(home, "turn_on", client)
    await home.bridge.stop()
    await home.until(lambda: not home.home.connection.is_up)
    await rate(home, rating=3)
    await share(home, "turn_off", relative)
    assert home.state(SHARE) == "off"
    await home.bridge.start()
    await home.until(lambda: home.home.connection.is_up)
    home.home.sleep.tick()
    await home.hass.async_block_till_done()
    assert told(home) == []
    await share(home, "turn_on", client)
    home.home.sleep.tick()
    await home.hass.async_block_till_done()
    assert told(home) == []


async def test_a_night_that_is_rated_again_meanwhile_is_told_again(home: Setup, client: Any) -> None:
    await share(home, "turn_on", client)
    sign = home.home.signing.sign

    async def rated_again(look: str, statement: Any) -> str:
        token = await sign(look, statement)
        if isinstance(statement, Sleep) and statement.rating == 3:
            await home.home.memory.add(e.SleepRated(statement.night, 4, "", ""))
        return token

    home.home.signing.sign = rated_again  # type: ignore[method-assign]
    await rate(home, rating=3)
    assert told(home) == [(3, ""), (4, "")]
    assert home.home.journal.record is not None
    assert home.home.journal.record.untold == ()


async def test_others_cannot_allow_it(home: Setup, client: Any, relative: Any, hass_admin_user: MockUser) -> None:
    for user, key in ((relative, "user_not_allowed"), (None, "person_required")):
        with pytest.raises(ServiceValidationError) as refused:
            await share(home, "turn_on", user)
        assert refused.value.translation_key == key
    assert home.state(SHARE) == "off"
    await share(home, "turn_on", hass_admin_user)
    assert home.state(SHARE) == "on"
    before = home.entry_journal()
    await share(home, "turn_on", hass_admin_user)
    assert home.entry_journal() == before


async def test_whoever_is_named_may_allow_it(home: Setup, relative: Any) -> None:
    home.hass.config_entries.async_update_entry(home.entry, options={CONF_MAY_END_PRIVACY: [relative.id]})
    await share(home, "turn_on", relative)
    assert home.state(SHARE) == "on"


async def test_without_a_journal_nothing_is_rated(home: Setup) -> None:
    await home.home.journal.close()
    assert (home.home.sleep.is_shared, home.home.sleep.last) == (False, None)
    with pytest.raises(HomeAssistantError) as refused:
        await rate(home, rating=3)
    assert refused.value.translation_key == "journal_failed"
    home.home.sleep.tick()
