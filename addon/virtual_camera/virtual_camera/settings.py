"""What this camera is: address, login, streams, motor and presets. Fixed for as long as it runs."""

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from .marks import Look, Person
from .motor import Position


class Codec(StrEnum):
    """Video coding of a stream."""

    H264 = "h264"
    H265 = "h265"


@dataclass(frozen=True, slots=True)
class Profile:
    """One video stream, with its ONVIF token.

    `bitrate` is in bit/s, `gop` is the distance between key frames in frames. The picture's width must be a
    multiple of 80 and its height of 45, so that the marks (marks.py) fall on whole pixels.
    """

    token: str
    name: str
    width: int
    height: int
    fps: int
    bitrate: int
    gop: int
    codec: Codec = Codec.H264

    def __post_init__(self) -> None:
        """Refuse sizes that the marks cannot be drawn in."""
        if self.width % 80 or self.height % 90 or self.width < 960:
            raise ValueError("the width must be a multiple of 80 from 960 up, the height a multiple of 90")
        if not 1 <= self.fps <= 60 or not 1 <= self.gop <= 600 or not 100_000 <= self.bitrate <= 20_000_000:
            raise ValueError("frame rate, key-frame distance or bit rate out of range")


def profile_720p15(gop: int = 15, bitrate: int = 1_500_000, codec: Codec = Codec.H264) -> Profile:
    """Give the stream that the bridge normally forwards."""
    return Profile("profile_720p15", "720p15", 1280, 720, 15, bitrate, gop, codec)


def profile_1080p25(gop: int = 25, bitrate: int = 4_000_000, codec: Codec = Codec.H264) -> Profile:
    """Give the large stream."""
    return Profile("profile_1080p25", "1080p25", 1920, 1080, 25, bitrate, gop, codec)


@dataclass(frozen=True, slots=True)
class Preset:
    """A named position, as ONVIF GetPresets gives it."""

    token: str
    name: str
    position: Position


CEILING = Position(0.0, 1.0, 0.0)
"""Where the camera sees nothing but the ceiling."""
BED = Position(0.0, -0.5, 0.0)
"""Where the camera sees the whole bed."""
CENTRE = Position(0.0, 0.0, 0.0)
"""Where a camera from the factory aims after a restart: at the room."""

DEFAULT_NAME = "Trygghetskamera virtual"
DEFAULT_SERIAL = "TKV-0001"
FIRMWARE = "0.1.0"
DEFAULT_PRESETS = (Preset("preset_rest", "Viloläge", CEILING), Preset("preset_bed", "Säng", BED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that is chosen before the camera starts.

    A port of 0 means any free port; `control_port` None means no control endpoint. `motor_speed` is in generic
    units (the whole pan range is 2) per second at full speed, `zoom_speed` in zoom units (the whole range is 1).
    `clock_offset` is how many seconds the camera's clock is ahead. Without `keeps_presets` SetPreset is refused, and
    without `has_absolute_moves` it can only be sent to presets and in a direction. `start` None means the home
    position. `session_timeout` is how long a silent UDP viewer is kept, `reboot_seconds` how long a SystemReboot takes.
    """

    user: str
    password: str = field(repr=False)
    host: str = "127.0.0.1"
    http_port: int = 0
    rtsp_port: int = 0
    control_port: int | None = 0
    name: str = DEFAULT_NAME
    serial: str = DEFAULT_SERIAL
    firmware: str = FIRMWARE
    mac: str = "02:54:4b:56:00:01"
    profiles: tuple[Profile, ...] = (profile_720p15(), profile_1080p25())
    motor_speed: float = 1.0
    zoom_speed: float = 0.5
    presets: tuple[Preset, ...] = DEFAULT_PRESETS
    home: Position = CENTRE
    start: Position | None = None
    look: Look = Look.INFRARED
    person: Person = Person.IN_BED
    has_ptz: bool = True
    has_absolute_moves: bool = True
    keeps_presets: bool = True
    has_snapshots: bool = True
    has_discovery: bool = False
    has_parameter_sets_in_band: bool = True
    has_aggregation: bool = True
    has_digest_qop: bool = False
    clock_offset: float = 0.0
    session_timeout: float = 60
    reboot_seconds: float = 2.0
    max_payload: int = 1400

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not self.user or not self.password:
            raise ValueError("a user and a password are needed")
        if not self.profiles or len({profile.token for profile in self.profiles}) != len(self.profiles):
            raise ValueError("at least one profile, each with its own token, is needed")
        if not self.motor_speed > 0 or not self.zoom_speed > 0:
            raise ValueError("motor speeds must be above zero")

    @property
    def uuid(self) -> uuid.UUID:
        """The device's lasting identity in WS-Discovery."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:trygghetskamera:virtual:{self.serial}")
