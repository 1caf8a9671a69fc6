"""The recording service: whether the camera records by itself."""

from virtual_camera.state import CameraState

from .registry import RECORDING, Operations
from .soap import Call


class RecordingService:
    """Answers the recording service's calls. There is nothing to record on; a fault makes it say that it does."""

    def __init__(self, state: CameraState) -> None:
        """Tell about this camera."""
        self._state = state

    def register(self, operations: Operations) -> None:
        """Say which calls there are."""
        operations.add(RECORDING, "GetServiceCapabilities", self._service_capabilities)
        operations.add(RECORDING, "GetRecordingJobs", self._jobs)

    def _service_capabilities(self, call: Call) -> str:
        return (
            '<trc:GetServiceCapabilitiesResponse><trc:Capabilities DynamicRecordings="false"/>'
            "</trc:GetServiceCapabilitiesResponse>"
        )

    def _jobs(self, call: Call) -> str:
        jobs = (
            "<trc:JobItem><tt:JobToken>job_1</tt:JobToken><tt:JobConfiguration>"
            "<tt:RecordingToken>recording_1</tt:RecordingToken><tt:Mode>Active</tt:Mode><tt:Priority>1</tt:Priority>"
            "</tt:JobConfiguration></trc:JobItem>"
        )
        present = jobs if self._state.faults.recording else ""
        return f"<trc:GetRecordingJobsResponse>{present}</trc:GetRecordingJobsResponse>"
