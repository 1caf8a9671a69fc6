"""The camera entity. It never has a picture of the room: not live, not still, not for anybody in Home Assistant.

Every path to pixels ends here (camera proxy, snapshot, record, play stream, WebRTC, media source, voice assistants):
stills are the shield, there is no stream, and a WebRTC offer is always refused. A look goes from bridge to operator.
"""

from typing import override

from aiohttp import web
from homeassistant.components.camera import Camera, CameraEntityDescription, WebRTCSendMessage
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from webrtc_models import RTCIceCandidateInit

from . import shield
from .camera_side import CameraSide
from .const import DOMAIN
from .coordinator import TrygghetskameraConfigEntry
from .entity import CameraDeviceEntity
from .tillsyn.gate_values import Place

PARALLEL_UPDATES = 0

_CAMERA = CameraEntityDescription(key="camera", translation_key="camera", name=None)


async def async_setup_entry(
    hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add each camera."""
    home = entry.runtime_data
    png = await hass.async_add_executor_job(shield.png)
    for camera_id, side in home.shown.items():
        async_add_entities([ShieldedCamera(side, png)], config_subentry_id=camera_id)


class ShieldedCamera(CameraDeviceEntity, Camera):
    """A camera without pictures. Its state tells whether a look is on: 'streaming' or 'idle'."""

    _attr_entity_picture = shield.ENTITY_PICTURE

    def __init__(self, side: CameraSide, png: bytes) -> None:
        Camera.__init__(self)
        CameraDeviceEntity.__init__(self, side, _CAMERA)
        self.content_type = shield.CONTENT_TYPE
        self._png = png
        self._show()

    def _show(self) -> None:
        self._attr_is_streaming = self.side.gate.place in (Place.OPEN, Place.AIMING)

    @override
    def _home_changed(self) -> None:
        self._show()
        super()._home_changed()

    @override
    async def stream_source(self) -> str | None:
        return None

    @override
    async def async_camera_image(self, width: int | None = None, height: int | None = None) -> bytes | None:
        return self._png

    @override
    async def handle_async_mjpeg_stream(self, request: web.Request) -> web.StreamResponse | None:
        return None

    @override
    async def async_handle_async_webrtc_offer(
        self, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="no_local_view")

    @override
    async def async_on_webrtc_candidate(self, session_id: str, candidate: RTCIceCandidateInit) -> None:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="no_local_view")
