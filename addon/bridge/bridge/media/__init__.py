"""The picture's way through the bridge: camera RTSP in, one WebRTC viewer out, never decoded.

Nothing here knows about plans, people or windows. Every packet that leaves asks a `permit`
first; the control half of the bridge owns that answer.
"""

from .errors import (
    CameraError,
    Closed,
    ConnectFailed,
    FieldsError,
    IdentityMismatch,
    MediaError,
    NoH264Video,
    NoRelay,
    PeerError,
    ProtocolError,
    RtspError,
    Unauthorized,
    Unreachable,
)
from .fields import ConnectionFields
from .forwarder import Forwarder, ForwarderLimits
from .ice import IceConfig, probe_turn
from .peer import Peer, PeerTimeouts
from .rtsp import RtspClient, RtspTarget, RtspTimeouts
from .sdp import VideoTrack
from .source import CameraSource, SourceState

__all__ = [
    "CameraError",
    "CameraSource",
    "Closed",
    "ConnectFailed",
    "ConnectionFields",
    "FieldsError",
    "Forwarder",
    "ForwarderLimits",
    "IceConfig",
    "IdentityMismatch",
    "MediaError",
    "NoH264Video",
    "NoRelay",
    "Peer",
    "PeerError",
    "PeerTimeouts",
    "ProtocolError",
    "RtspClient",
    "RtspError",
    "RtspTarget",
    "RtspTimeouts",
    "SourceState",
    "Unauthorized",
    "Unreachable",
    "VideoTrack",
    "probe_turn",
]
