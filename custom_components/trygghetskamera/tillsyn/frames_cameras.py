"""What the integration tells the bridge of its cameras, so that it can relay one and drive it private on its own."""

from dataclasses import dataclass, field
from typing import ClassVar

from .frame import CAMERA_ID, Frame
from .strict import Shape, many, matching, text, whole

_HOST = matching(r"[A-Za-z0-9.\-\[\]:]{1,253}")
_COORDINATE = whole(-1_000_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Position:
    """A place of the camera in millionths of its generic ONVIF spaces: pan and tilt -1..1, zoom 0..1."""

    pan: int
    tilt: int
    zoom: int


_POSITION = Shape({"pan": _COORDINATE, "tilt": _COORDINATE, "zoom": _COORDINATE})


def position(value: object) -> Position:
    """Check a position."""
    return Position(**_POSITION.read(value))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class CameraAccess:
    """What the bridge needs to relay one camera and to drive it private on its own.

    ``ptz_path``/``media_path``: ONVIF service paths on ``host:port``. ``rtsp_port``/``rtsp_path``: the stream, without
    credentials. ``profile``: ONVIF media profile token. ``privacy_preset``: token, or '' to use ``privacy`` as
    absolute move.
    """

    camera: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ptz_path: str
    media_path: str
    rtsp_port: int
    rtsp_path: str
    profile: str
    privacy_preset: str
    privacy: Position


_ACCESS = Shape(
    {
        "camera": CAMERA_ID,
        "host": _HOST,
        "port": whole(1, 65535),
        "user": text(0, 64),
        "password": text(0, 128),
        "ptz_path": matching(r"/[!-~]{0,200}"),
        "media_path": matching(r"/[!-~]{0,200}"),
        "rtsp_port": whole(1, 65535),
        "rtsp_path": matching(r"/[!-~]{0,300}"),
        "profile": matching(r"[!-~]{1,64}"),
        "privacy_preset": matching(r"[!-~]{0,64}"),
        "privacy": position,
    }
)


def camera_access(value: object) -> CameraAccess:
    """Check what is told about one camera."""
    return CameraAccess(**_ACCESS.read(value))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Configure(Frame):
    """The cameras of the home, each once; replaces what was told before. Kept in memory only."""

    TYPE: ClassVar[str] = "configure"
    SHAPE: ClassVar[Shape] = Shape({"cameras": many(camera_access, 0, 8)})
    cameras: tuple[CameraAccess, ...]
