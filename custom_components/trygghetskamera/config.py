"""What is stored about the home and its camera, as values rather than dictionaries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME

from .const import CONF_ACCESS_KEY, CONF_HUB, CONF_POWER_SWITCH, CONF_ROOT
from .tillsyn.admission import Home as Pinned
from .tillsyn.errors import Refused
from .tillsyn.frames import CameraAccess, Configure, Position, decode, kinds
from .tillsyn.identity import PublicKey
from .tillsyn.strict import b64u_decode

_KEY_PREFIX = "TKB1"


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
    """The home: its bridge, and the keys pinned when it was paired."""

    bridge: BridgeAddress
    pinned: Pinned

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From a config entry's data."""
        return cls(BridgeAddress.read(data), Pinned(PublicKey(data[CONF_ROOT]), PublicKey(data[CONF_HUB])))


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

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From stored data."""
        return cls(**{name: data[name] for name in cls.__slots__})

    def dump(self) -> dict[str, Any]:
        """To store."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """One camera as set up."""

    login: CameraLogin
    services: CameraServices
    view: Spot
    privacy: Spot
    power_switch: str
    """Entity id of a switch that feeds the camera, '' where there is none."""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From a subentry's data."""
        return cls(
            CameraLogin.read(data),
            CameraServices.read(data),
            Spot.read(data["view"]),
            Spot.read(data["privacy"]),
            data[CONF_POWER_SWITCH],
        )

    def dump(self) -> dict[str, Any]:
        """To store."""
        return {
            **self.login.dump(),
            **self.services.dump(),
            "view": self.view.dump(),
            "privacy": self.privacy.dump(),
            CONF_POWER_SWITCH: self.power_switch,
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
