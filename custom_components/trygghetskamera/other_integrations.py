"""The same camera in Home Assistant a second time: whoever can open it there passes all that is agreed.

Of another integration only what shows a picture counts: an entry about the same device, with a camera entity that is
not disabled. It is told as a repair issue, and cleared when it is gone. Another home of ours, with its own
municipality, never gets it (``home_with``); one that has it all the same is told of likewise.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .config import InstallingCamera
from .const import DOMAIN, SUBENTRY_CAMERA
from .issues import clear_camera_issue, raise_camera_issue

ISSUE: Final = "camera_elsewhere"
_DEPTH: Final = 6
_MAC: Final = re.compile(r"(?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Marks:
    """What a camera is known by."""

    host: str
    mac: str
    serial: str

    def are_in(self, text: str) -> bool:
        """Whether a text is, or holds as an address, one of them."""
        if text in (self.host, self.serial) and text:
            return True
        if self.mac and _MAC.fullmatch(text) and dr.format_mac(text) == self.mac:
            return True
        if "://" in text:
            try:
                return urlsplit(text).hostname == self.host
            except ValueError:
                return False
        return False


@callback
def async_watch_other_integrations(hass: HomeAssistant, entry: ConfigEntry) -> CALLBACK_TYPE:
    """Look now, and whenever an entry or a camera entity changes. Returns how to stop, which also clears the issues."""
    told: set[str] = set()

    @callback
    def look() -> None:
        for subentry in entry.get_subentries_of_type(SUBENTRY_CAMERA):
            told.add(subentry.subentry_id)
            _tell(hass, entry, subentry)

    @callback
    def entry_changed(_change: ConfigEntryChange, changed: ConfigEntry) -> None:
        if changed is not entry:
            look()

    @callback
    def is_camera(data: er.EventEntityRegistryUpdatedData) -> bool:
        return data["entity_id"].startswith("camera.")

    @callback
    def entity_changed(_event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        look()

    stops = (
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, entry_changed),
        hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, entity_changed, event_filter=is_camera),
    )

    @callback
    def stop() -> None:
        for one in stops:
            one()
        # Also of a camera that is no longer there.
        for camera in told:
            clear_camera_issue(hass, camera, ISSUE)

    look()
    return stop


def _tell(hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry) -> None:
    """Raise or clear the issue of one camera."""
    camera = InstallingCamera.read(subentry.data)
    home = home_with(hass, entry, camera)
    others = [*others_with(hass, camera), *(() if home is None else (home,))]
    if not others:
        clear_camera_issue(hass, subentry.subentry_id, ISSUE)
        return
    names = ", ".join(f"{one.title} ({one.domain})" for one in others)
    raise_camera_issue(hass, entry.entry_id, subentry.subentry_id, ISSUE, camera=subentry.title, others=names)


def home_with(hass: HomeAssistant, entry: ConfigEntry, camera: InstallingCamera) -> ConfigEntry | None:
    """Another home of ours that has this camera, whether or not it runs."""
    for one in hass.config_entries.async_entries(DOMAIN):
        if one is not entry and any(
            _is_same(camera, InstallingCamera.read(other.data)) for other in one.get_subentries_of_type(SUBENTRY_CAMERA)
        ):
            return one
    return None


def _is_same(one: InstallingCamera, other: InstallingCamera) -> bool:
    """By what it says of itself, or because it answers at the same place."""
    if one.services.serial and one.services.serial == other.services.serial:
        return True
    if one.services.mac and one.services.mac == other.services.mac:
        return True
    return (one.login.host, one.login.port) == (other.login.host, other.login.port)


def others_with(hass: HomeAssistant, camera: InstallingCamera) -> list[ConfigEntry]:
    """Entries of other integrations that show this camera's picture."""
    marks = _Marks(camera.login.host, camera.services.mac, camera.services.serial)
    return [
        one
        for one in hass.config_entries.async_entries(include_ignore=False, include_disabled=False)
        if one.domain != DOMAIN and _is_about(hass, one, marks) and _shows_pictures(hass, one)
    ]


def _is_about(hass: HomeAssistant, entry: ConfigEntry, marks: _Marks) -> bool:
    told = (entry.unique_id or "", *_texts(entry.data), *_texts(entry.options))
    if any(marks.are_in(one) for one in told):
        return True
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
        names = (device.serial_number or "", *(value for _, value in device.connections))
        if any(marks.are_in(one) for one in names):
            return True
    return False


def _shows_pictures(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return any(one.domain == "camera" and one.disabled_by is None for one in entities)


def _texts(data: Any, depth: int = _DEPTH) -> Iterator[str]:
    """Every text in stored data."""
    if isinstance(data, str):
        yield data
    elif depth and isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value, depth - 1)
    elif depth and isinstance(data, list | tuple | set | frozenset):
        for value in data:
            yield from _texts(value, depth - 1)
