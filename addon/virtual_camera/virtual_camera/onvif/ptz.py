"""The PTZ service: moves, presets, home, status."""

import re
import time
from xml.etree.ElementTree import Element

from virtual_camera.faults import PresetFault, StatusFault
from virtual_camera.motor import Position, Speed
from virtual_camera.settings import Preset
from virtual_camera.state import CameraState

from . import ptz_configuration as conf
from .registry import PTZ, Operations
from .soap import NAMESPACES, Call, SoapFault, bad_value, escape, number, quoteattr

_DURATION = re.compile(r"PT(?:(\d{1,4})M)?(?:(\d{1,6}(?:\.\d{1,9})?)S)?")
_DEFAULT_TIMEOUT = 5.0


class PtzService:
    """Answers the PTZ service's calls by moving the camera."""

    def __init__(self, state: CameraState) -> None:
        """Move this camera."""
        self._state = state

    def register(self, operations: Operations) -> None:
        """Say which calls there are."""
        for name, handler in {
            "GetServiceCapabilities": self._service_capabilities,
            "GetNodes": self._nodes,
            "GetNode": self._node,
            "GetConfigurations": self._configurations,
            "GetConfiguration": self._configuration,
            "GetConfigurationOptions": self._configuration_options,
            "GetPresets": self._presets,
            "SetPreset": self._set_preset,
            "RemovePreset": self._remove_preset,
            "GotoPreset": self._goto_preset,
            "GotoHomePosition": self._goto_home,
            "SetHomePosition": self._set_home,
            "AbsoluteMove": self._absolute_move,
            "RelativeMove": self._relative_move,
            "ContinuousMove": self._continuous_move,
            "Stop": self._stop,
            "GetStatus": self._status,
        }.items():
            operations.add(PTZ, name, handler)

    def _service_capabilities(self, call: Call) -> str:
        return (
            '<tptz:GetServiceCapabilitiesResponse><tptz:Capabilities EFlip="false" Reverse="false" '
            'GetCompatibleConfigurations="false" MoveStatus="true" StatusPosition="true"/>'
            "</tptz:GetServiceCapabilitiesResponse>"
        )

    def _spaces(self) -> str:
        return conf.spaces(has_absolute=self._state.settings.has_absolute_moves)

    def _configuration_xml(self) -> str:
        return conf.ptz_configuration("tptz:PTZConfiguration", has_absolute=self._state.settings.has_absolute_moves)

    def _node_xml(self, tag: str) -> str:
        return (
            f'<tptz:{tag} token="{conf.NODE}" FixedHomePosition="false"><tt:Name>PTZ</tt:Name>'
            f"<tt:SupportedPTZSpaces>{self._spaces()}</tt:SupportedPTZSpaces>"
            f"<tt:MaximumNumberOfPresets>{conf.MAX_PRESETS}</tt:MaximumNumberOfPresets>"
            f"<tt:HomeSupported>true</tt:HomeSupported></tptz:{tag}>"
        )

    def _nodes(self, call: Call) -> str:
        return f"<tptz:GetNodesResponse>{self._node_xml('PTZNode')}</tptz:GetNodesResponse>"

    def _node(self, call: Call) -> str:
        if call.required("tptz:NodeToken") != conf.NODE:
            raise bad_value("No such PTZ node", "ter:NoEntity")
        return f"<tptz:GetNodeResponse>{self._node_xml('PTZNode')}</tptz:GetNodeResponse>"

    def _configurations(self, call: Call) -> str:
        configuration = self._configuration_xml()
        return f"<tptz:GetConfigurationsResponse>{configuration}</tptz:GetConfigurationsResponse>"

    def _configuration(self, call: Call) -> str:
        self._check_configuration(call.required("tptz:PTZConfigurationToken"))
        configuration = self._configuration_xml()
        return f"<tptz:GetConfigurationResponse>{configuration}</tptz:GetConfigurationResponse>"

    def _configuration_options(self, call: Call) -> str:
        self._check_configuration(call.required("tptz:ConfigurationToken"))
        return (
            f"<tptz:GetConfigurationOptionsResponse><tptz:PTZConfigurationOptions><tt:Spaces>{self._spaces()}</tt:Spaces>"
            f"<tt:PTZTimeout><tt:Min>PT0S</tt:Min><tt:Max>PT{conf.MAX_TIMEOUT:g}S</tt:Max></tt:PTZTimeout>"
            "</tptz:PTZConfigurationOptions></tptz:GetConfigurationOptionsResponse>"
        )

    def _check_configuration(self, token: str) -> None:
        if token != conf.CONFIGURATION:
            raise bad_value("No such configuration", "ter:NoConfig")

    def _check_profile(self, call: Call) -> None:
        token = call.required("tptz:ProfileToken")
        if all(profile.token != token for profile in self._state.settings.profiles):
            raise bad_value("No such profile", "ter:NoProfile")

    def _presets(self, call: Call) -> str:
        self._check_profile(call)
        parts = "".join(
            f"<tptz:Preset token={quoteattr(preset.token)}><tt:Name>{escape(preset.name)}</tt:Name>"
            f"<tt:PTZPosition>{_position_xml(preset.position)}</tt:PTZPosition></tptz:Preset>"
            for preset in self._state.presets.values()
        )
        return f"<tptz:GetPresetsResponse>{parts}</tptz:GetPresetsResponse>"

    def _set_preset(self, call: Call) -> str:
        self._check_profile(call)
        if not self._state.settings.keeps_presets:
            raise SoapFault("Action not supported", "ter:ActionNotSupported", is_sender=False)
        presets = self._state.presets
        token, name = call.text("tptz:PresetToken"), call.text("tptz:PresetName")
        if token is not None and token not in presets:
            raise bad_value("No such preset", "ter:NoToken")
        if token is None and len(presets) >= conf.MAX_PRESETS:
            raise SoapFault("No more presets", "ter:Action", "ter:TooManyPresets", is_sender=False)
        if token is None:
            token = next(free for index in range(1, 1000) if (free := f"preset_{index}") not in presets)
        if name is None:
            name = presets[token].name if token in presets else token
        if len(name) > 64:
            raise bad_value("The name is too long", "ter:InvalidPresetName")
        if any(preset.name == name and preset.token != token for preset in presets.values()):
            raise bad_value("The name is taken", "ter:PresetExist")
        presets[token] = Preset(token, name, self._state.position)
        self._state.notify()
        return f"<tptz:SetPresetResponse><tptz:PresetToken>{escape(token)}</tptz:PresetToken></tptz:SetPresetResponse>"

    def _preset(self, call: Call) -> Preset:
        preset = self._state.presets.get(call.required("tptz:PresetToken"))
        if preset is None:
            raise bad_value("No such preset", "ter:NoToken")
        return preset

    def _remove_preset(self, call: Call) -> str:
        self._check_profile(call)
        del self._state.presets[self._preset(call).token]
        self._state.notify()
        return "<tptz:RemovePresetResponse/>"

    def _goto_preset(self, call: Call) -> str:
        self._check_profile(call)
        preset, speed = self._preset(call), _speed(call.body.find("tptz:Speed", NAMESPACES))
        if self._state.faults.presets is PresetFault.OBEYED:
            self._state.mechanism.move_to(time.monotonic(), preset.position, speed)
        self._count()
        return "<tptz:GotoPresetResponse/>"

    def _goto_home(self, call: Call) -> str:
        self._check_profile(call)
        speed = _speed(call.body.find("tptz:Speed", NAMESPACES))
        self._state.mechanism.move_to(time.monotonic(), self._state.home, speed)
        self._count()
        return "<tptz:GotoHomePositionResponse/>"

    def _set_home(self, call: Call) -> str:
        self._check_profile(call)
        self._state.home = self._state.position
        self._state.notify()
        return "<tptz:SetHomePositionResponse/>"

    def _absolute_move(self, call: Call) -> str:
        self._check_profile(call)
        if not self._state.settings.has_absolute_moves:
            raise SoapFault("Action not supported", "ter:ActionNotSupported", is_sender=False)
        here = self._state.position
        pan, tilt, zoom = _vector(call.body.find("tptz:Position", NAMESPACES))
        if pan is None and zoom is None:
            raise bad_value("A position is needed", "ter:InvalidPosition")
        target = Position(
            here.pan if pan is None else pan, here.tilt if tilt is None else tilt, here.zoom if zoom is None else zoom
        )
        if not target.is_within_limits():
            raise bad_value("The position is out of bounds", "ter:InvalidPosition")
        speed = _speed(call.body.find("tptz:Speed", NAMESPACES))
        self._state.mechanism.move_to(time.monotonic(), target, speed)
        self._count()
        return "<tptz:AbsoluteMoveResponse/>"

    def _relative_move(self, call: Call) -> str:
        self._check_profile(call)
        here = self._state.position
        pan, tilt, zoom = _vector(call.body.find("tptz:Translation", NAMESPACES))
        target = Position(here.pan + (pan or 0), here.tilt + (tilt or 0), here.zoom + (zoom or 0))
        speed = _speed(call.body.find("tptz:Speed", NAMESPACES))
        self._state.mechanism.move_to(time.monotonic(), target, speed)
        self._count()
        return "<tptz:RelativeMoveResponse/>"

    def _continuous_move(self, call: Call) -> str:
        self._check_profile(call)
        pan, tilt, zoom = _vector(call.body.find("tptz:Velocity", NAMESPACES))
        velocity = Speed(pan or 0.0, tilt or 0.0, zoom or 0.0)
        if max(abs(velocity.pan), abs(velocity.tilt), abs(velocity.zoom)) > 1:
            raise bad_value("The velocity is out of bounds", "ter:InvalidVelocity")
        timeout = _seconds(call.text("tptz:Timeout"))
        self._state.mechanism.move_on(time.monotonic(), velocity, timeout)
        self._count()
        return "<tptz:ContinuousMoveResponse/>"

    def _stop(self, call: Call) -> str:
        self._check_profile(call)
        self._state.mechanism.stop(
            time.monotonic(),
            pan_tilt=_flag(call.text("tptz:PanTilt")),
            zoom=_flag(call.text("tptz:Zoom")),
        )
        self._state.notify()
        return "<tptz:StopResponse/>"

    def _status(self, call: Call) -> str:
        self._check_profile(call)
        if self._state.faults.status is StatusFault.FAILING:
            raise SoapFault("No status available", "ter:Action", "ter:NoStatus", is_sender=False)
        status = self._state.reported_status()
        move = "MOVING" if status.is_moving else "IDLE"
        position = f"<tt:Position>{_position_xml(status.position)}</tt:Position>" if status.position else ""
        clock = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._state.wall_clock()))
        return (
            f"<tptz:GetStatusResponse><tptz:PTZStatus>{position}<tt:MoveStatus><tt:PanTilt>{move}</tt:PanTilt>"
            f"<tt:Zoom>{move}</tt:Zoom></tt:MoveStatus><tt:UtcTime>{clock}</tt:UtcTime></tptz:PTZStatus>"
            "</tptz:GetStatusResponse>"
        )

    def _count(self) -> None:
        self._state.counters.move_commands += 1
        self._state.notify()


def _position_xml(position: Position) -> str:
    return (
        f'<tt:PanTilt x="{position.pan:.6f}" y="{position.tilt:.6f}" space="{conf.POSITION}"/>'
        f'<tt:Zoom x="{position.zoom:.6f}" space="{conf.ZOOM_POSITION}"/>'
    )


def _vector(element: Element | None) -> tuple[float | None, float | None, float | None]:
    """Read pan, tilt and zoom; those that the client left out are None."""
    if element is None:
        return None, None, None
    pan_tilt, zoom = element.find("tt:PanTilt", NAMESPACES), element.find("tt:Zoom", NAMESPACES)
    return (
        None if pan_tilt is None else number(pan_tilt.get("x")),
        None if pan_tilt is None else number(pan_tilt.get("y")),
        None if zoom is None else number(zoom.get("x")),
    )


def _speed(element: Element | None) -> Speed:
    pan, tilt, zoom = _vector(element)
    speed = Speed(1.0 if pan is None else pan, 1.0 if tilt is None else tilt, 1.0 if zoom is None else zoom)
    if not all(0 <= share <= 1 for share in (speed.pan, speed.tilt, speed.zoom)):
        raise bad_value("The speed is out of bounds", "ter:InvalidSpeed")
    return speed


def _seconds(duration: str | None) -> float:
    """Read a duration such as PT2.5S; without one the configuration's own time-out holds."""
    if duration is None:
        return _DEFAULT_TIMEOUT
    parts = _DURATION.fullmatch(duration)
    if parts is None or duration == "PT":
        raise bad_value("The time-out is malformed", "ter:TimeoutNotSupported")
    seconds = int(parts[1] or 0) * 60 + float(parts[2] or 0)
    if not 0 < seconds <= conf.MAX_TIMEOUT:
        raise bad_value("The time-out is out of bounds", "ter:TimeoutNotSupported")
    return seconds


def _flag(text: str | None) -> bool:
    """Read what to stop: everything that the client does not exclude."""
    return text not in ("false", "0")
