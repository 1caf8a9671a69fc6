"""Finding ONVIF cameras on the home's own network, and finding a known one again that has got another address.

WS-Discovery is one small datagram to a group and answers from whoever likes to answer: each answer is checked for
size, shape and meaning, and nothing in it is believed but what the sender says about itself.
"""

import asyncio
import logging
import re
import socket
import struct
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address
from typing import Final, override
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError, fromstring

from homeassistant.components import network
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.event import async_track_time_interval

from .camera_control import CameraError
from .camera_setup import read_identity
from .config import CameraLogin, InstallingCamera
from .const import DOMAIN, SUBENTRY_CAMERA

_LOGGER = logging.getLogger(__name__)

SEARCH_SECONDS: Final = 3.0
FIND_AGAIN_EVERY: Final = timedelta(minutes=5)
GROUP: Final = ("239.255.255.250", 3702)
_MAX_ANSWER: Final = 16 * 1024
_MAX_FOUND: Final = 64
_MAC: Final = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_CAMERA_TYPE: Final = "NetworkVideoTransmitter"
_NAMES: Final = {
    "e": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "d": "http://schemas.xmlsoap.org/ws/2005/04/discovery",
}
_DECLARATIONS: Final = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMES.items())


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera that answered. Everything but ``host`` is what it says about itself; '' where it does not say."""

    host: str
    port: int
    name: str
    hardware: str
    mac: str


def probe(message_id: str) -> bytes:
    """The question: which cameras are there?"""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><e:Envelope{_DECLARATIONS}'
        ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header>'
        f"<a:MessageID>{message_id}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
        f"<a:Action>{_NAMES['d']}/Probe</a:Action></e:Header><e:Body><d:Probe><d:Types>dn:{_CAMERA_TYPE}</d:Types>"
        "</d:Probe></e:Body></e:Envelope>"
    ).encode()


def read_answer(data: bytes, sender: str, message_id: str) -> FoundCamera | None:
    """The camera that this answer tells of, None where it is not an answer to our question."""
    root = _parse(data)
    if root is None or root.findtext("e:Header/a:RelatesTo", "", _NAMES).strip() != message_id:
        return None
    match = root.find("e:Body/d:ProbeMatches/d:ProbeMatch", _NAMES)
    if match is None:
        return None
    types = match.findtext("d:Types", "", _NAMES).split()
    if not any(one.rpartition(":")[2] == _CAMERA_TYPE for one in types):
        return None
    port = _port(match.findtext("d:XAddrs", "", _NAMES).split(), sender)
    if port is None:
        return None
    scopes = match.findtext("d:Scopes", "", _NAMES).split()
    mac = format_mac(_scope(scopes, "mac").replace("%3A", ":"))
    return FoundCamera(
        sender, port, _scope(scopes, "name"), _scope(scopes, "hardware"), mac if _MAC.fullmatch(mac) else ""
    )


def _parse(data: bytes) -> Element | None:
    # Without a document type there are no entities, so none can grow or reach out; a zero byte means an encoding in
    # which these words would not be found.
    if len(data) > _MAX_ANSWER or b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data:
        return None
    try:
        return fromstring(data)  # noqa: S314
    except ParseError, ValueError:
        return None


def _port(addresses: list[str], sender: str) -> int | None:
    """The port of the service at the sender's own address; an address somewhere else is nothing it can answer for."""
    for address in addresses:
        try:
            parts = urlsplit(address)
            if parts.scheme == "http" and parts.hostname == sender:
                return parts.port or 80
        except ValueError:
            continue
    return None


def _scope(scopes: list[str], kind: str) -> str:
    start = f"onvif://www.onvif.org/{kind}/"
    for scope in scopes:
        if scope.lower().startswith(start):
            text = unquote(scope[len(start) :]).replace("_", " ").strip("/ ")
            return text[:64] if text.isprintable() else ""
    return ""


class _Asker(asyncio.DatagramProtocol):
    """Collects answers; one camera may answer more than once."""

    def __init__(self, message_id: str, found: dict[tuple[str, int], FoundCamera]) -> None:
        self._message_id = message_id
        self._found = found

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        camera = read_answer(data, addr[0], self._message_id)
        if camera is not None and len(self._found) < _MAX_FOUND:
            self._found[camera.host, camera.port] = camera


async def async_find_cameras(hass: HomeAssistant) -> tuple[FoundCamera, ...]:
    """Ask on every network that Home Assistant may use, and wait SEARCH_SECONDS for answers."""
    found: dict[tuple[str, int], FoundCamera] = {}
    sources = [one for one in await network.async_get_enabled_source_ips(hass) if isinstance(one, IPv4Address)]
    transports = [one for source in sources if (one := await _ask(str(source), found)) is not None]
    try:
        await asyncio.sleep(SEARCH_SECONDS)
    finally:
        for transport in transports:
            transport.close()
    return tuple(sorted(found.values(), key=lambda one: ip_address(one.host).packed))


async def _ask(source: str, found: dict[tuple[str, int], FoundCamera]) -> asyncio.DatagramTransport | None:
    """Send the question from this address of ours; None where that network takes no such thing."""
    message_id = f"urn:uuid:{uuid.uuid4()}"
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("b", 1))
        sock.bind((source, 0))
    except OSError:
        sock.close()
        return None
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Asker(message_id, found), sock=sock)
    transport.sendto(probe(message_id), GROUP)
    return transport


# ---- a known camera at another address ------------------------------------------------------------------------------


def cameras_of(entry: ConfigEntry) -> list[ConfigSubentry]:
    """The home's cameras, installed or not."""
    return list(entry.get_subentries_of_type(SUBENTRY_CAMERA))


async def async_follow_mac(hass: HomeAssistant, mac: str, host: str) -> None:
    """The network has given this address to the interface with this MAC: follow, where it is a camera of ours."""
    wanted = format_mac(mac)
    for entry in hass.config_entries.async_entries(DOMAIN):
        for subentry in cameras_of(entry):
            camera = InstallingCamera.read(subentry.data)
            if camera.services.mac == wanted and camera.login.host != host:
                await _move_to(hass, entry, subentry, host, camera.login.port)


async def async_find_again(hass: HomeAssistant, entry: ConfigEntry, subentry_id: str) -> bool:
    """A camera does not answer at its address: look for it on the network; whether it was found at another."""
    subentry = entry.subentries.get(subentry_id)
    if subentry is None:
        return False
    camera = InstallingCamera.read(subentry.data)
    for found in await async_find_cameras(hass):
        is_same_address = (found.host, found.port) == (camera.login.host, camera.login.port)
        # The login is shown only to what says that it is this camera, or one of its kind.
        says_so = found.mac == camera.services.mac if found.mac else found.hardware in camera.services.model
        is_likely = says_so and bool(found.mac or found.hardware)
        if is_likely and not is_same_address and await _move_to(hass, entry, subentry, found.host, found.port):
            return True
    return False


async def _move_to(hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry, host: str, port: int) -> bool:
    """Store the address, once the camera there has proved to be the same by its serial number."""
    camera = InstallingCamera.read(subentry.data)
    login = CameraLogin(host, port, camera.login.username, camera.login.password)
    try:
        identity = await read_identity(login)
    except CameraError as err:
        _LOGGER.debug("What may be a known camera at another address did not answer as one: %s", err.code)
        return False
    current = entry.subentries.get(subentry.subentry_id)
    if current is None or not identity.serial or identity.serial != camera.services.serial:
        return False
    hass.config_entries.async_update_subentry(entry, current, data={**current.data, CONF_HOST: host, CONF_PORT: port})
    _LOGGER.info("A camera has got another address and was found there")
    return True


@callback
def async_watch_addresses(
    hass: HomeAssistant, entry: ConfigEntry, unreachable: Callable[[], Iterable[str]]
) -> CALLBACK_TYPE:
    """Look now and then for the cameras (subentry ids) that do not answer where they were. Returns how to stop."""

    async def look(_now: datetime) -> None:
        for subentry_id in list(unreachable()):
            await async_find_again(hass, entry, subentry_id)

    return async_track_time_interval(hass, look, FIND_AGAIN_EVERY, cancel_on_shutdown=True)
