"""What is known of each home right now: whether it is connected, and what it told last. Proof of nothing."""

from dataclasses import dataclass, replace

from tillsyn.frames import HomeStatus

from .rows import Hub


@dataclass(frozen=True, slots=True)
class Home:
    """``since``: when ``online`` last changed. ``plan``: number in force at home."""

    online: bool = False
    ready: bool = False
    paused: bool = False
    problem: str = ""
    plan: int = 0
    since: int = 0


class Homes:
    """The present state of all homes, in memory; a pause is also in the store, so it outlives a restart."""

    def __init__(self) -> None:
        """Nothing known."""
        self._homes: dict[str, Home] = {}

    def load(self, hubs: list[Hub], now: int) -> None:
        """After a start: all offline since now, as it is our link that broke; paused as they last told."""
        self._homes = {one.hub: Home(paused=one.paused, since=now) for one in hubs}

    def get(self, hub: str) -> Home:
        """A home; one never heard of is offline."""
        return self._homes.get(hub, Home())

    def connected(self, hub: str, now: int) -> None:
        """Its link is up."""
        self._homes[hub] = replace(self.get(hub), online=True, since=now)

    def gone(self, hub: str, now: int) -> None:
        """Its link is down; the pause it told of stays."""
        self._homes[hub] = replace(self.get(hub), online=False, ready=False, since=now)

    def told(self, hub: str, status: HomeStatus) -> None:
        """It told how it is."""
        self._homes[hub] = replace(
            self.get(hub), ready=status.ready, paused=status.paused, problem=status.problem, plan=status.plan
        )

    def paused(self, hub: str) -> None:
        """It refused, signed, because it is paused."""
        self._homes[hub] = replace(self.get(hub), paused=True)
