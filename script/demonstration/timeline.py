"""When each step of a look happened, gathered from the browser, the home's journal, the bridge's log and the gate's
history.
"""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tillsyn.journal import replay

from .system import System


@dataclass(frozen=True, slots=True)
class Step:
    """One step: where it was seen, and when (ms since 1970, 0 if it was not seen)."""

    name: str
    where: str
    at: float


async def steps(system: System, marks: dict[str, float]) -> list[Step]:
    """The steps of the look that was just performed, in order."""
    past = replay(await asyncio.to_thread(system.home.journal().read_bytes)).past[-1]
    ended = past.ended
    found = [
        Step(name.replace("_", " "), "console", marks.get(name, 0.0))
        for name in ("prepare", "offer", "answer", "connected", "click", "first_frame", "close")
    ]
    found += [
        Step("gate open", "home", past.started_ms),
        Step("position confirmed", "home", ended.opened_ms if ended else 0),
        Step("last packet", "bridge", last_packet(system.processes.folder / "bridge.log")),
        Step("position closed", "home", await _closed(system)),
    ]
    return sorted(found, key=lambda one: one.at)


def last_packet(log: Path) -> float:
    """When the last packet of the latest look left the bridge, ms since 1970; 0 if its log does not tell."""
    entries = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return max((float(one.get("last_ms", 0)) for one in entries if one["event"] == "look ended"), default=0)


async def _closed(system: System) -> float:
    gate = await system.home.entity("gate", "sensor")
    state = (await system.home.states())[gate]
    return datetime.fromisoformat(state["last_changed"]).timestamp() * 1000 if state["state"] == "closed" else 0


def show(timeline: list[Step]) -> None:
    """A picture of the look: one row a step, ms from the first."""
    start = min((one.at for one in timeline if one.at), default=0)
    whole = max(one.at for one in timeline) - start or 1
    print("\n      ms  step")
    for one in timeline:
        bar = " " * round((one.at - start) / whole * 50) + "▏" if one.at else "not seen"
        print(f"{max(0, one.at - start):8.0f}  {one.name:<20}{one.where:<9}{bar}")
    print()
