"""The record of an installation: what was installed, how it was tested, by whom, and what is left to do. No secrets.

As JSON, and as a page to print whose first side is the sign for the home (the camera surveillance act asks for a sign
or other effective notice).
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, Final

from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .assurance import assurance_of
from .camera_steps import Done, done_steps, left_steps, report_of
from .camera_words import Words
from .config import CameraConfig, HomeConfig, InstallingCamera, Spot
from .consent_words import said
from .const import DOMAIN, SUBENTRY_CAMERA
from .coordinator import Home, TrygghetskameraConfigEntry
from .tillsyn.chain import hub_certificate
from .tillsyn.errors import Refused
from .tillsyn.identity import parse
from .tillsyn.record import Record
from .tillsyn.wire import HubCertificate, PlanStatement

PATH: Final = f"/api/{DOMAIN}/installation/{{entry_id}}"
LINK_SECONDS: Final = 3600


def installation_path(hass: HomeAssistant, entry_id: str, kind: str = "html", language: str = "") -> str:
    """A link to the record for whoever makes the present request, good for an hour. ``kind``: html or json."""
    path = f"{PATH.format(entry_id=entry_id)}?kind={kind}" + (f"&language={language}" if language else "")
    return async_sign_path(hass, path, timedelta(seconds=LINK_SECONDS))


async def async_installation_links(hass: HomeAssistant, entry_id: str) -> str:
    """Links to the record for a text in Home Assistant's pages, which would take a plain link for one of their own."""
    words = await Words.load(hass)
    paths = {
        "in_sv": installation_path(hass, entry_id, language="sv"),
        "in_en": installation_path(hass, entry_id, language="en"),
        "download": installation_path(hass, entry_id, "json"),
    }
    return " · ".join(
        f'<a href="{escape(path)}" target="_blank">{escape(words.word("record", name))}</a>'
        for name, path in paths.items()
    )


async def async_installation_record(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
    """The record as plain values. Codes, not words: the page and whoever reads it translate them."""
    home = _running(entry)
    record = home.journal.record if home is not None else None
    certificate = _certificate(entry)
    people = await _people(hass, entry)
    cameras = [_camera(one, home, people) for one in entry.get_subentries_of_type(SUBENTRY_CAMERA)]
    plan = _plan(record)
    return {
        "made": dt_util.utcnow().isoformat(timespec="seconds"),
        "home": entry.title,
        "pairing": {
            "municipality": certificate.municipality if certificate else "",
            "label": certificate.label if certificate else "",
            "since": _iso(certificate.iat) if certificate else "",
            "until": _iso(certificate.exp) if certificate else "",
            "bridge": HomeConfig.read(entry.data).pinned.hub.kid,
            "linked": home is not None and home.connection.is_up,
        },
        "plan": plan,
        "consent": _consent(record),
        "cameras": cameras,
        "left": _left(record, cameras, is_paired=certificate is not None),
    }


def _running(entry: TrygghetskameraConfigEntry) -> Home | None:
    return entry.runtime_data if entry.state is ConfigEntryState.LOADED else None


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _certificate(entry: ConfigEntry) -> HubCertificate | None:
    """What the municipality certified at pairing; None where it is not good any more."""
    config = HomeConfig.read(entry.data)
    root, hub, paired = config.pinned.root, config.pinned.hub, config.paired
    try:
        return hub_certificate(root, None, paired.certificate, paired.chain, hub, int(time.time()))
    except Refused:
        return None


def _plan(record: Record | None) -> dict[str, Any] | None:
    if record is None or record.accepted is None:
        return None
    plan = parse(PlanStatement, record.accepted).statement
    return {
        "number": plan.number,
        "review": plan.review.isoformat(),
        "contact": plan.contact,
        "rooms": [one.value for one in plan.rooms],
        "windows": [f"{one.start:%H:%M}–{one.end:%H:%M}" for one in plan.windows],
        "look_seconds": plan.look_seconds,
    }


def _consent(record: Record | None) -> dict[str, Any]:
    """Whether it is complete, and what each person has said, how and when; names stay in the home's journal."""
    people = () if record is None else record.people
    return {"given": record is not None and record.consent, "people": [said(one) for one in people]}


async def _people(hass: HomeAssistant, entry: ConfigEntry) -> Mapping[str, str]:
    """The names of those who did the steps."""
    users = {
        one.by: await hass.auth.async_get_user(one.by)
        for subentry in entry.get_subentries_of_type(SUBENTRY_CAMERA)
        for one in done_steps(subentry.data).values()
        if one is not None and one.by
    }
    return {user_id: (user.name or "") for user_id, user in users.items() if user is not None}


def _who(done: Done | None, people: Mapping[str, str]) -> dict[str, str]:
    return {"by": "", "at": ""} if done is None else {"by": people.get(done.by, ""), "at": done.at}


def _camera(subentry: ConfigSubentry, home: Home | None, people: Mapping[str, str]) -> dict[str, Any]:
    data = subentry.data
    known, config, report = InstallingCamera.read(data), CameraConfig.find(data), report_of(data)
    has_bridge = home is not None and home.connection.is_up
    return {
        "title": subentry.title,
        "room": known.room.value,
        "model": known.services.model,
        "serial": known.services.serial,
        "firmware": known.services.firmware,
        "installed": config is not None,
        "positions": None
        if config is None
        else {
            "view": _kept(config.view),
            "privacy": _kept(config.privacy),
            "absolute_moves": known.services.absolute,
        },
        "layers": [] if config is None else _layers(config),
        "class": "" if config is None else assurance_of(config, has_bridge=has_bridge).value,
        "test": None
        if report is None
        else {
            **_who(report.done, people),
            "seconds_there": report.there,
            "seconds_back": report.back,
            "brightness": report.brightness,
            "infrared": report.infrared,
        },
        "warnings": [] if report is None else sorted(report.findings),
        "steps": [{"step": step.value, **_who(done, people)} for step, done in done_steps(data).items()],
        "left": [step.value for step in left_steps(data)],
    }


def _kept(spot: Spot) -> str:
    return "preset" if spot.preset else "position"


def _layers(config: CameraConfig) -> list[str]:
    layers = {"look_away": True, "privacy_entity": config.privacy_entity, "power_switch": config.power_switch}
    return [name for name, is_there in layers.items() if is_there]


def _left(record: Record | None, cameras: list[dict[str, Any]], *, is_paired: bool) -> list[str]:
    """What must be done before a look can be made, and what should be."""
    things = {
        "home_not_loaded": record is None,
        "pairing": not is_paired,
        "camera": not any(one["installed"] for one in cameras),
        "plan": record is None or record.accepted is None,
        "consent": record is None or not record.consent,
        "steps": any(one["left"] for one in cameras),
        "warnings": any(one["warnings"] for one in cameras),
    }
    return [name for name, is_left in things.items() if is_left]
