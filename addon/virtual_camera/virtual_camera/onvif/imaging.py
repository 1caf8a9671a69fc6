"""The imaging service: the infrared filter."""

from virtual_camera.state import CameraState, IrCutFilter

from .media import SOURCE
from .registry import IMAGING, Operations
from .soap import Call, bad_value


class ImagingService:
    """Answers the imaging service's calls."""

    def __init__(self, state: CameraState) -> None:
        """Set this camera's filter."""
        self._state = state

    def register(self, operations: Operations) -> None:
        """Say which calls there are."""
        operations.add(IMAGING, "GetServiceCapabilities", self._service_capabilities)
        operations.add(IMAGING, "GetImagingSettings", self._settings)
        operations.add(IMAGING, "GetOptions", self._options)
        operations.add(IMAGING, "SetImagingSettings", self._set)

    def _service_capabilities(self, call: Call) -> str:
        return (
            '<timg:GetServiceCapabilitiesResponse><timg:Capabilities ImageStabilization="false"/>'
            "</timg:GetServiceCapabilitiesResponse>"
        )

    def _check_source(self, call: Call) -> None:
        if call.required("timg:VideoSourceToken") != SOURCE:
            raise bad_value("No such video source", "ter:NoSource")

    def _settings(self, call: Call) -> str:
        self._check_source(call)
        return (
            "<timg:GetImagingSettingsResponse><timg:ImagingSettings>"
            f"<tt:IrCutFilter>{self._state.ir_cut}</tt:IrCutFilter>"
            "</timg:ImagingSettings></timg:GetImagingSettingsResponse>"
        )

    def _options(self, call: Call) -> str:
        self._check_source(call)
        modes = "".join(f"<tt:IrCutFilterModes>{mode}</tt:IrCutFilterModes>" for mode in IrCutFilter)
        return f"<timg:GetOptionsResponse><timg:ImagingOptions>{modes}</timg:ImagingOptions></timg:GetOptionsResponse>"

    def _set(self, call: Call) -> str:
        self._check_source(call)
        mode = call.text("timg:ImagingSettings/tt:IrCutFilter")
        if mode is not None:
            try:
                self._state.ir_cut = IrCutFilter(mode)
            except ValueError as error:
                raise bad_value("No such filter mode", "ter:SettingsInvalid") from error
            self._state.notify()
        return "<timg:SetImagingSettingsResponse/>"
