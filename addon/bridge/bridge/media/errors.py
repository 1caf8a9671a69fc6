"""Everything that can go wrong with media, as types.

Each class has a stable `code` that the control half can put in a message or a translation key.
The text of an error never holds a password, and never an address of the home.
"""

from typing import ClassVar


class MediaError(Exception):
    """Any fault in the media half of the bridge."""

    code: ClassVar[str] = "media_error"


class CameraError(MediaError):
    """The camera cannot give the picture."""

    code: ClassVar[str] = "camera_error"


class RtspError(CameraError):
    """The RTSP conversation with the camera failed."""

    code: ClassVar[str] = "rtsp_error"


class Unauthorized(RtspError):
    """The camera does not take the user name or password (or offers no digest). Not retried: cameras lock accounts."""

    code: ClassVar[str] = "camera_unauthorized"


class NoH264Video(RtspError):
    """The stream has no H.264 video track. `codec` is what it has instead (such as "H265"), or None for no video."""

    code: ClassVar[str] = "camera_no_h264"

    def __init__(self, codec: str | None) -> None:
        """`codec` is the encoding name of the first video track, upper case, or None."""
        super().__init__(f"no H.264 video, the camera offers {codec or 'no video'}")
        self.codec = codec


class Unreachable(RtspError):
    """Nothing answers at the camera's address, or not in time."""

    code: ClassVar[str] = "camera_unreachable"


class ProtocolError(RtspError):
    """The camera said something that RTSP, SDP or our limits do not allow."""

    code: ClassVar[str] = "camera_protocol"


class Closed(RtspError):
    """The camera ended the stream, or it fell silent."""

    code: ClassVar[str] = "camera_closed"


class PeerError(MediaError):
    """The connection to the viewer failed."""

    code: ClassVar[str] = "peer_error"


class FieldsError(PeerError):
    """Connection fields that break the rules in docs/decisions/001-signed-connection-fields.md."""

    code: ClassVar[str] = "peer_fields"


class NoRelay(PeerError):
    """No TURN server gave an allocation, and only relayed connections are allowed."""

    code: ClassVar[str] = "peer_no_relay"


class ConnectFailed(PeerError):
    """ICE or DTLS with the viewer did not finish in time."""

    code: ClassVar[str] = "peer_connect"


class IdentityMismatch(PeerError):
    """The viewer's certificate is not the one in the signed fields: somebody sits in between."""

    code: ClassVar[str] = "peer_identity"
