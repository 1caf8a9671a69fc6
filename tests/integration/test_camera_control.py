"""The camera's commands over the wire."""

import asyncio

import pytest
from homeassistant.core import HomeAssistant

from custom_components.trygghetskamera.camera_control import OnvifCamera
from custom_components.trygghetskamera.config import CameraConfig
from custom_components.trygghetskamera.tillsyn.gate_values import Target
from virtual_camera import VirtualCamera

from .home import camera_data


@pytest.mark.parametrize("turns", [2, 10, 20, 40], ids=lambda turns: f"after {turns} turns of the loop")
async def test_what_goes_wrong_after_a_move_was_given_up_is_not_written_down(
    hass: HomeAssistant, camera: VirtualCamera, caplog: pytest.LogCaptureFixture, turns: int
) -> None:
    """A move is replaced by a newer one, and the older command fails: its fault holds the camera's address.

    Nor is a connection left open, wherever it was given up: the test's own end would say so.
    """
    known = OnvifCamera(CameraConfig.read(camera_data(camera)))
    await known.is_at(Target.PRIVACY)
    camera.faults.password_changed = True
    move = asyncio.create_task(known.move(Target.PRIVACY, 0))
    for _ in range(turns):
        await asyncio.sleep(0)
    move.cancel()
    await asyncio.wait([move])
    await known.close()
    await hass.async_block_till_done()
    assert "shielded" not in caplog.text
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
