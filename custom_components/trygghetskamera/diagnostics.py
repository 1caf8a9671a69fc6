"""Diagnostics, by allow-list: states and counts; no names, addresses, keys, positions or times of looks."""

from typing import Any

from homeassistant.core import HomeAssistant

from .coordinator import TrygghetskameraConfigEntry
from .tillsyn.wire import VERSION


async def async_get_config_entry_diagnostics(_hass: HomeAssistant, entry: TrygghetskameraConfigEntry) -> dict[str, Any]:
    """What helps to find a fault and tells nothing about anybody."""
    home = entry.runtime_data
    gate, record, camera = home.gate, home.journal.record, home.camera_config
    return {
        "protocol": VERSION,
        "gate": {
            "place": gate.place,
            "journal": gate.journal,
            "consent": gate.consent,
            "paused": gate.paused,
            "private": gate.private,
            "plan": None if gate.plan is None else gate.plan.number,
            "attempts": gate.attempts,
        },
        "problems": sorted(home.problems),
        "bridge": {
            "linked": home.connection.is_up,
            "service": home.link.service.connected,
            "service_code": home.link.service.code,
        },
        "camera": None
        if camera is None
        else {
            "model": camera.services.model,
            "reachable": home.camera.is_reachable,
            "absolute_moves": camera.services.absolute,
            "privacy_is_preset": bool(camera.privacy.preset),
            "power_switch": bool(camera.power_switch),
        },
        "journal": None
        if record is None
        else {
            "lines": record.lines,
            "looks": len(record.past),
            "receipts": len(record.receipts),
            "waiting": len(record.waiting),
        },
    }
