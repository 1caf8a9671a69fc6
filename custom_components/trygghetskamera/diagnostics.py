"""Diagnostics, by allow-list: states and counts; no names, addresses, keys, positions or times of looks."""

from typing import Any

from homeassistant.core import HomeAssistant

from .camera_side import CameraSide
from .coordinator import Home, TrygghetskameraConfigEntry
from .tillsyn.wire import VERSION


def _camera(side: CameraSide) -> dict[str, Any]:
    services = None if side.known is None else side.known.services
    return {
        "place": side.gate.place,
        "attempts": side.gate.attempts,
        "private": side.gate.private,
        "power": side.gate.power,
        "room": side.room,
        "installed": side.config is not None,
        "reachable": side.camera.is_reachable,
        "problems": sorted(side.problems),
        "model": None if services is None else services.model,
        "firmware": None if services is None else services.firmware,
        "absolute_moves": None if services is None else services.absolute,
        "privacy_is_preset": None if side.config is None else bool(side.config.privacy.preset),
        "privacy_entity": side.config is not None and bool(side.config.privacy_entity),
        "power_switch": bool(side.power_switch),
    }


def _trust(home: Home) -> dict[str, Any]:
    """What the root has said, and how old (hours) its newest word on who is revoked is."""
    known, now = home.trust, int(home.now().wall.timestamp())
    listed = known.revocations
    return {
        "policy": known.policy.number,
        "browser_keys": known.policy.browser_keys,
        "list": None if listed is None else listed.number,
        "list_age_hours": None if listed is None else round((now - listed.iat) / 3600, 1),
        "revoked": len(known.revoked),
        "fresh": known.is_fresh(now),
        "clock_right": now >= known.floor,
    }


async def async_get_config_entry_diagnostics(_hass: HomeAssistant, entry: TrygghetskameraConfigEntry) -> dict[str, Any]:
    """What helps to find a fault and tells nothing about anybody."""
    home = entry.runtime_data
    gate, record = home.gate, home.journal.record
    return {
        "protocol": VERSION,
        "terms": {
            "journal": gate.journal,
            "consent": gate.consent,
            "paused": gate.paused,
            "plan": None if gate.plan is None else gate.plan.number,
        },
        "trust": _trust(home),
        "bridge": {
            "linked": home.connection.is_up,
            "service": home.link.service.connected,
            "service_code": home.link.service.code,
        },
        "cameras": [_camera(side) for side in home.shown.values()],
        "journal": None
        if record is None
        else {
            "lines": record.lines,
            "looks": len(record.past),
            "receipts": len(record.receipts),
            "waiting": len(record.waiting),
        },
    }
