"""Home Assistant's own ONVIF integration takes the virtual camera for a camera."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from homeassistant.components.camera import async_get_stream_source
from homeassistant.components.onvif.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PASSWORD, CONF_PORT, CONF_USERNAME, STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util.dt import utcnow
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from yarl import URL

from virtual_camera import CEILING, Codec, Person, Settings, VirtualCamera, profile_720p15

SETTINGS = Settings(user="viewer", password="secret", motor_speed=20)


@pytest.fixture
async def camera(hass: HomeAssistant, socket_enabled: None) -> AsyncIterator[VirtualCamera]:
    assert await async_setup_component(hass, "homeassistant", {})
    # Home Assistant offers its own address for events; this camera has pull points only, and says so.
    await hass.config.async_update(internal_url="http://127.0.0.1:8123")
    async with VirtualCamera(SETTINGS) as running:
        yield running


async def configure(hass: HomeAssistant, camera: VirtualCamera, password: str = "secret") -> dict[str, object]:
    """Go through the config flow as a person does who types in the address."""
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"auto": False})
    answers = {
        CONF_NAME: "Sovrum",
        CONF_HOST: camera.host,
        CONF_PORT: camera.http_port,
        CONF_USERNAME: "viewer",
        CONF_PASSWORD: password,
    }
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], answers)
    await hass.async_block_till_done()
    return dict(result)


@pytest.fixture
async def entry(hass: HomeAssistant, camera: VirtualCamera) -> AsyncIterator[ConfigEntry]:
    result = await configure(hass, camera)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (created,) = hass.config_entries.async_entries(DOMAIN)
    yield created
    await hass.config_entries.async_unload(created.entry_id)


async def test_it_is_set_up_with_its_identity(hass: HomeAssistant, camera: VirtualCamera, entry: ConfigEntry) -> None:
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == camera.settings.mac
    cameras = [state.entity_id for state in hass.states.async_all("camera")]
    assert len(cameras) == 1, "the profile with the largest picture is enabled, the other is there but disabled"
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert len([one for one in registered if one.domain == "camera"]) == 2


async def test_its_stream_address_is_the_cameras(
    hass: HomeAssistant, camera: VirtualCamera, entry: ConfigEntry
) -> None:
    (state,) = hass.states.async_all("camera")
    source = await async_get_stream_source(hass, state.entity_id)
    assert source is not None
    assert str(URL(source).with_user(None)) == camera.stream_uri("profile_1080p25")


async def test_a_preset_is_reached(hass: HomeAssistant, camera: VirtualCamera, entry: ConfigEntry) -> None:
    (state,) = hass.states.async_all("camera")
    call = {"entity_id": state.entity_id, "move_mode": "GotoPreset", "preset": "preset_rest"}
    await hass.services.async_call(DOMAIN, "ptz", call, blocking=True)
    await camera.state.wait_for(lambda now: now.position == CEILING)


async def test_movement_in_the_room_is_a_binary_sensor(
    hass: HomeAssistant, camera: VirtualCamera, entry: ConfigEntry
) -> None:
    def motion() -> list[str]:
        return [state.state for state in hass.states.async_all("binary_sensor") if "motion" in state.entity_id]

    # Home Assistant rests between two pulls; its clock is moved on instead.
    async_fire_time_changed(hass, utcnow() + timedelta(seconds=2))
    await camera.state.wait_for(lambda _: motion() == [STATE_OFF])
    await camera.set_scene(person=Person.OUT_OF_BED)
    async_fire_time_changed(hass, utcnow() + timedelta(seconds=4))
    await camera.state.wait_for(lambda _: motion() == [STATE_ON])


async def test_a_wrong_password_is_told_in_the_form(hass: HomeAssistant, camera: VirtualCamera) -> None:
    result = await configure(hass, camera, password="wrong")
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {CONF_PASSWORD: "auth_failed"}


async def test_a_camera_with_only_h265_is_refused(hass: HomeAssistant, socket_enabled: None) -> None:
    settings = replace(SETTINGS, profiles=(profile_720p15(codec=Codec.H265),))
    async with VirtualCamera(settings) as camera:
        result = await configure(hass, camera)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_h264")
