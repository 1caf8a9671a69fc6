"""The blueprints as files, and how an administrator makes automations of them."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint import Blueprint
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from .home import PATIENCE

FOLDER = Path(__file__).parents[2] / "blueprints" / "automation" / "trygghetskamera"
FILES = sorted(FOLDER.glob("*.yaml"))

SEND = [{"event": "sent", "event_data": {"title": "{{ title }}", "message": "{{ message }}"}}]
"""What to choose as *send* to see in a test what is sent."""


def load(file: Path) -> Blueprint:
    """The blueprint, checked by Home Assistant."""
    return Blueprint(
        load_yaml_dict(str(file)), expected_domain="automation", path=file.name, schema=AUTOMATION_BLUEPRINT_SCHEMA
    )


async def automate(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Import the blueprint and make an automation of it."""
    target = Path(hass.config.path("blueprints/automation/trygghetskamera"))
    await hass.async_add_executor_job(_copy, FOLDER / f"{name}.yaml", target)
    automation = {"id": name, "alias": name, "use_blueprint": {"path": f"trygghetskamera/{name}.yaml", "input": inputs}}
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()
    state = hass.states.get(f"automation.{name}")
    assert state is not None
    assert state.state == "on"


def _copy(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, folder)


async def end_automations(hass: HomeAssistant) -> None:
    """No automation outlives its home, and none waits on."""
    if hass.services.has_service("automation", "turn_off"):
        await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


class Sent:
    """The messages that are sent."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.messages: list[str] = []
        self._more = asyncio.Event()
        hass.bus.async_listen("sent", self._hear)

    @callback
    def _hear(self, event: Event) -> None:
        assert event.data["title"]
        self.messages.append(event.data["message"])
        self._more.set()

    async def until(self, number: int) -> list[str]:
        """All of them, once there are so many. An automation that waits keeps Home Assistant from being done."""
        async with asyncio.timeout(PATIENCE):
            while len(self.messages) < number:
                await self._more.wait()
                self._more.clear()
        return self.messages
