"""What is stored about the home and its camera, as values rather than dictionaries."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Final, Self

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME

from .const import (
    CONF_ACCESS_KEY,
    CONF_CERTIFICATE,
    CONF_CHAIN,
    CONF_HUB,
    CONF_POWER_SWITCH,
    CONF_PRIVACY_ENTITY,
    CONF_ROOM,
    CONF_ROOT,
)
from .tillsyn.admission import Home as Pinned
from .tillsyn.entries import Paired
from .tillsyn.errors import Refused
from .tillsyn.frames import CameraAccess, Configure, Position, decode, kinds
from .tillsyn.identity import PublicKey
from .tillsyn.model import Room
from .tillsyn.strict import b64u_decode

MAX_CAMERAS: Final = 8
"""As many as the bridge can be told of."""
_KEY_PREFIX = "TKB1"
TOLERANCE: Final = 20_000
"""Millionths of the generic spaces: 1 % of the whole range of pan or tilt, 2 % of zoom."""


def is_near(position: Position, wanted: Position) -> bool:
    """Whether two positions are the same to within the tolerance."""
    return all(
        abs(one - other) <= TOLERANCE
        for one, other in (
            (position.pan, wanted.pan),
            (position.tilt, wanted.tilt),
            (position.zoom, wanted.zoom),
        )
    )


@dataclass(frozen=True, slots=True)
class AccessKey:
    """What the bridge shows once: the token it asks for and the SHA-256 of its TLS certificate."""

    token: str = field(repr=False)
    fingerprint: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 'TKB1.<token>.<fingerprint>'; white space is forgiven. Raises ValueError."""
        parts = "".join(text.split()).split(".")
        if len(parts) != 3 or parts[0] != _KEY_PREFIX:
            raise ValueError("not an access key")
        try:
            token, fingerprint = (b64u_decode(part) for part in parts[1:])
        except Refused as err:
            raise ValueError("not an access key") from err
        if (len(token), len(fingerprint)) != (32, 32):
            raise ValueError("not an access key")
        return cls(parts[1], fingerprint)


@dataclass(frozen=True, slots=True)
class BridgeAddress:
    """Where the bridge is and how each side knows the other."""

    host: str
    port: int
    key: AccessKey

    @property
    def url(self) -> str:
        """The home link."""
        host = f"[{self.host}]" if ":" in self.host and not self.host.startswith("[") else self.host
        return f"wss://{host}:{self.port}/home"

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From stored or typed data. Raises ValueError where the access key is not one."""
        return cls(data[CONF_HOST], int(data[CONF_PORT]), AccessKey.parse(data[CONF_ACCESS_KEY]))


@dataclass(frozen=True, slots=True)
class HomeConfig:
    """The home: its bridge, and the municipality that it is paired with, whose root and whose name for the hub are
    pinned.
    """

    bridge: BridgeAddress
    paired: Paired
    pinned: Pinned

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From a config entry's data."""
        paired = read_pairing(data)
        return cls(BridgeAddress.read(data), paired, Pinned(PublicKey(paired.root), PublicKey(paired.hub)))


def read_pairing(data: Mapping[str, Any]) -> Paired:
    """The pairing in an entry's data; ``by`` is not kept there and is ''."""
    chain = tuple(data.get(CONF_CHAIN, ()))
    return Paired(data[CONF_ROOT], data[CONF_HUB], data.get(CONF_CERTIFICATE, ""), chain, "")


def dump_pairing(paired: Paired) -> dict[str, Any]:
    """To store."""
    return {
        CONF_ROOT: paired.root,
        CONF_HUB: paired.hub,
        CONF_CERTIFICATE: paired.certificate,
        CONF_CHAIN: list(paired.chain),
    }


@dataclass(frozen=True, slots=True)
class CameraLogin:
    """Where the camera's ONVIF service is, and the login to it."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From stored or typed data."""
        return cls(data[CONF_HOST], int(data[CONF_PORT]), data[CONF_USERNAME], data[CONF_PASSWORD])

    def dump(self) -> dict[str, Any]:
        """To store."""
        return {
            CONF_HOST: self.host,
            CONF_PORT: self.port,
            CONF_USERNAME: self.username,
            CONF_PASSWORD: self.password,
        }


@dataclass(frozen=True, slots=True)
class Spot:
    """An agreed position: the camera's preset ('' where it has none for it) and where that is."""

    preset: str
    position: Position

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From stored data."""
        return cls(data["preset"], Position(data["pan"], data["tilt"], data["zoom"]))

    def dump(self) -> dict[str, Any]:
        """To store."""
        where = self.position
        return {"preset": self.preset, "pan": where.pan, "tilt": where.tilt, "zoom": where.zoom}


@dataclass(frozen=True, slots=True)
class CameraServices:
    """What the camera told at set-up: its model, the chosen profile and where its services and stream are."""

    model: str
    serial: str
    profile: str
    ptz_path: str
    media_path: str
    rtsp_port: int
    rtsp_path: str
    absolute: bool
    """Whether it can be sent to a position that is not a preset."""
    relative: bool = False
    """Whether it can be sent a step from where it is."""
    keeps_presets: bool = True
    """Whether it has kept a position that we saved as a preset."""
    firmware: str = ""
    mac: str = ""
    """Of its network interface, in small letters with colons; '' where it does not tell."""
    snapshot: str = ""
    """Where it gives a still, '' where it gives none. Its host is the login's, whatever it says itself."""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From stored data; what an earlier version did not store has its default."""
        return cls(**{one.name: data[one.name] for one in fields(cls) if one.name in data or one.default is MISSING})

    def dump(self) -> dict[str, Any]:
        """To store."""
        return {name: getattr(self, name) for name in self.__slots__}


class NotInstalled(ValueError):
    """The camera has no view, no place to look away to, or they are the same: nothing may open it."""


@dataclass(frozen=True, slots=True)
class InstallingCamera:
    """A camera that has been found and signed in to, and has no positions yet. It can be aimed, never looked with."""

    login: CameraLogin
    services: CameraServices
    room: Room

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From a subentry's data, whether or not its installation is finished."""
        return cls(CameraLogin.read(data), CameraServices.read(data), Room(data.get(CONF_ROOM, Room.BEDROOM)))

    def dump(self) -> dict[str, Any]:
        """To store."""
        return {**self.login.dump(), **self.services.dump(), CONF_ROOM: self.room}


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """One camera as set up."""

    login: CameraLogin
    services: CameraServices
    view: Spot
    privacy: Spot
    power_switch: str
    """Entity id of a switch that feeds the camera, '' where there is none."""
    privacy_entity: str = ""
    """Entity id of a switch that makes the camera private by its own means, '' where there is none."""
    room: Room = Room.BEDROOM

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From a subentry's data. Raises NotInstalled where its positions are not both there and different."""
        if "view" not in data or "privacy" not in data:
            raise NotInstalled
        found = cls(
            CameraLogin.read(data),
            CameraServices.read(data),
            Spot.read(data["view"]),
            Spot.read(data["privacy"]),
            data.get(CONF_POWER_SWITCH, ""),
            data.get(CONF_PRIVACY_ENTITY, ""),
            Room(data.get(CONF_ROOM, Room.BEDROOM)),
        )
        if is_near(found.view.position, found.privacy.position):
            raise NotInstalled
        return found

    @classmethod
    def find(cls, data: Mapping[str, Any]) -> Self | None:
        """The same, or None where it is not installed."""
        try:
            return cls.read(data)
        except NotInstalled:
            return None

    def dump(self) -> dict[str, Any]:
        """To store."""
        return {
            **self.login.dump(),
            **self.services.dump(),
            "view": self.view.dump(),
            "privacy": self.privacy.dump(),
            CONF_POWER_SWITCH: self.power_switch,
            CONF_PRIVACY_ENTITY: self.privacy_entity,
            CONF_ROOM: self.room,
        }

    @property
    def is_usable(self) -> bool:
        """Whether the bridge will understand it: names and addresses within what the link allows."""
        try:
            decode(kinds(Configure), Configure((self.access("camera"),)).encode())
        except Refused:
            return False
        return True

    def access(self, camera: str) -> CameraAccess:
        """What the bridge needs to relay, and to drive the camera private by itself."""
        return CameraAccess(
            camera=camera,
            host=self.login.host,
            port=self.login.port,
            user=self.login.username,
            password=self.login.password,
            ptz_path=self.services.ptz_path,
            media_path=self.services.media_path,
            rtsp_port=self.services.rtsp_port,
            rtsp_path=self.services.rtsp_path,
            profile=self.services.profile,
            privacy_preset=self.privacy.preset,
            privacy=self.privacy.position,
        )
