"""No path in Home Assistant leads to a picture of the room, while the camera looks away and while a look is on."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components import media_source
from homeassistant.components.camera import (
    DOMAIN as CAMERA_DOMAIN,
)
from homeassistant.components.camera import (
    async_get_image,
    async_get_mjpeg_stream,
    async_get_stream_source,
    async_request_stream,
)
from homeassistant.components.camera.prefs import DATA_CAMERA_PREFS
from homeassistant.components.media_player import BrowseMedia
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.trygghetskamera import shield
from custom_components.trygghetskamera.tillsyn.gate_values import Place

from .home import CAMERA, Setup

SHIELD = (Path(shield.__file__).parent / "brand" / "icon.png").read_bytes()
_OFFER = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


@pytest.fixture(params=["looking away", "during a look"])
async def shown(request: pytest.FixtureRequest, home: Setup) -> Setup:
    """The home, with the gate closed and with it open."""
    for component in ("websocket_api", "media_source", "stream"):
        assert await async_setup_component(home.hass, component, {})
    if request.param == "during a look":
        operator = home.bridge.municipality.operator()
        connected = await home.bridge.prepare(operator, home.occurrence)
        await home.bridge.send(home.bridge.click(operator, connected))
        await home.until_place(Place.OPEN)
    return home


@pytest.fixture(autouse=True)
async def _nothing_was_played(shown: Setup) -> Any:
    """Home Assistant never so much as asks the camera for a stream."""
    yield
    assert shown.camera.state.counters.plays == 0
    assert shown.camera.state.sessions == 0


def _films(folder: Path) -> list[Path]:
    return list(folder.glob("film*"))


async def _act(home: Setup, service: str, **data: Any) -> None:
    await home.hass.services.async_call(CAMERA_DOMAIN, service, {"entity_id": CAMERA, **data}, blocking=True)


async def test_a_snapshot_is_the_shield(shown: Setup, tmp_path: Path) -> None:
    shown.hass.config.allowlist_external_dirs.add(str(tmp_path))
    await _act(shown, "snapshot", filename=str(tmp_path / "picture"))
    assert (tmp_path / "picture").read_bytes() == SHIELD


async def test_a_recording_is_refused(shown: Setup, tmp_path: Path) -> None:
    shown.hass.config.allowlist_external_dirs.add(str(tmp_path))
    with pytest.raises(HomeAssistantError):
        await _act(shown, "record", filename=str(tmp_path / "film.mp4"), duration=1)
    assert not _films(tmp_path)


async def test_playing_it_elsewhere_is_refused(shown: Setup) -> None:
    with pytest.raises(HomeAssistantError):
        await _act(shown, "play_stream", media_player="media_player.tv")


async def test_the_camera_proxy_gives_the_shield(shown: Setup, hass_client: ClientSessionGenerator) -> None:
    client = await hass_client()
    answer = await client.get(f"/api/camera_proxy/{CAMERA}")
    assert (answer.status, answer.content_type) == (HTTPStatus.OK, "image/png")
    assert await answer.read() == SHIELD


async def test_the_stream_proxy_gives_nothing(shown: Setup, hass_client: ClientSessionGenerator) -> None:
    answer = await (await hass_client()).get(f"/api/camera_proxy_stream/{CAMERA}")
    assert answer.status == HTTPStatus.BAD_GATEWAY


async def test_the_stills_stream_is_the_shield(shown: Setup, hass_client: ClientSessionGenerator) -> None:
    answer = await (await hass_client()).get(f"/api/camera_proxy_stream/{CAMERA}?interval=0.5")
    part = await answer.content.readuntil(SHIELD[-12:])
    answer.close()
    assert part.endswith(SHIELD)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param({"type": "camera/stream", "format": "hls"}, id="HLS"),
        pytest.param({"type": "camera/webrtc/offer", "offer": _OFFER}, id="WebRTC offer"),
        pytest.param({"type": "camera/webrtc/get_client_config"}, id="WebRTC client"),
        pytest.param(
            {"type": "camera/webrtc/candidate", "session_id": "s", "candidate": {"candidate": ""}},
            id="WebRTC candidate",
        ),
    ],
)
async def test_the_frontend_cannot_watch(
    shown: Setup, hass_ws_client: WebSocketGenerator, command: dict[str, Any]
) -> None:
    client = await hass_ws_client(shown.hass)
    await client.send_json_auto_id({**command, "entity_id": CAMERA})
    answer = await client.receive_json()
    assert not answer["success"]


async def test_the_frontend_is_told_that_there_is_no_stream(shown: Setup, hass_ws_client: WebSocketGenerator) -> None:
    client = await hass_ws_client(shown.hass)
    await client.send_json_auto_id({"type": "camera/capabilities", "entity_id": CAMERA})
    assert (await client.receive_json())["result"]["frontend_stream_types"] == []


async def test_what_media_sources_play_is_empty(shown: Setup, hass_client: ClientSessionGenerator) -> None:
    """Home Assistant points a camera without a stream to its stream proxy, where there is nothing."""
    found = await media_source.async_resolve_media(shown.hass, f"media-source://camera/{CAMERA}", None)
    answer = await (await hass_client()).get(found.url)
    assert answer.status == HTTPStatus.BAD_GATEWAY


async def test_media_sources_show_no_preview_of_the_room(shown: Setup) -> None:
    found = await media_source.async_browse_media(shown.hass, "media-source://camera")
    children: list[BrowseMedia] = list(found.children or [])
    assert all("token" not in (child.thumbnail or "") for child in children)


async def test_other_integrations_get_the_shield_for_a_still(shown: Setup) -> None:
    """HomeKit, Google Assistant, Alexa, image processing, notifications and AI tasks ask this way."""
    image = await async_get_image(shown.hass, CAMERA)
    assert (image.content, image.content_type) == (SHIELD, "image/png")


async def test_other_integrations_get_no_stream(shown: Setup) -> None:
    assert await async_get_stream_source(shown.hass, CAMERA) is None
    with pytest.raises(HomeAssistantError):
        await async_request_stream(shown.hass, CAMERA, "hls")


async def test_other_integrations_get_no_moving_picture(shown: Setup) -> None:
    assert await async_get_mjpeg_stream(shown.hass, None, CAMERA) is None  # type: ignore[arg-type]


async def test_preloading_starts_no_stream(shown: Setup) -> None:
    await shown.hass.data[DATA_CAMERA_PREFS].async_update(CAMERA, preload_stream=True)
    entity = shown.hass.data["camera"].get_entity(CAMERA)
    assert entity is not None
    assert await entity.async_create_stream() is None


async def test_the_state_gives_away_no_address_of_a_picture(shown: Setup) -> None:
    state = shown.hass.states.get(CAMERA)
    assert state is not None
    assert state.attributes["entity_picture"].startswith("data:image/svg+xml;base64,")
    assert state.attributes["supported_features"] == 0
