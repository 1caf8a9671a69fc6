"""A camera whose power is taken and given."""

from virtual_camera import BED, Settings, VirtualCamera


async def test_a_camera_without_power_is_gone_and_comes_back_at_its_home_position() -> None:
    async with VirtualCamera(Settings(user="viewer", password="secret", motor_speed=20)) as camera:
        port, home = camera.http_port, camera.position
        camera.move_by_hand(BED)
        await camera.unplug()
        assert not camera.state.is_up
        await camera.plug_in()
        assert camera.state.is_up
        assert (camera.http_port, camera.position) == (port, home)
