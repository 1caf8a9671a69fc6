"""What is known of each home right now: whether it is connected, and what it told last. Proof of nothing."""

from dataclasses import dataclass, replace

from tillsyn.errors import Refusal
from tillsyn.frames import HomeStatus
from tillsyn.wire import Away

from .rows import Hub


@dataclass(frozen=True, slots=True)
class Home:
    """``since``: when ``online`` last changed. ``plan``: number in force at home as it last told, 0 for none; None
    before it has told. ``told_paused``: what it last said, at ``heard`` where it is offline. ``away``: the times that
    its newest wishes tell of.
    """

    online: bool = False
    ready: bool = False
    told_paused: bool = False
    problem: str = ""
    plan: int | None = None
    since: int = 0
    heard: int = 0
    away: tuple[Away, ...] = ()

    def is_paused(self, now: int) -> bool:
        """Whether it is paused until it says otherwise. A pause whose end is known is a time away, which ends by itself
        also while the home is offline.
        """
        known = now if self.online else self.heard
        return self.told_paused and not any(one.start <= known < one.end for one in self.away)


class Homes:
    """The present state of all homes, in memory; a pause is also in the store, so it outlives a restart."""

    def __init__(self) -> None:
        """Nothing known."""
        self._homes: dict[str, Home] = {}

    def load(self, hubs: list[Hub], now: int) -> None:
        """After a start: all offline since now, as it is our link that broke; paused as they last told."""
        self._homes = {one.hub: Home(told_paused=one.paused, since=now, heard=one.seen) for one in hubs}

    def get(self, hub: str) -> Home:
        """A home; one never heard of is offline."""
        return self._homes.get(hub, Home())

    def connected(self, hub: str, now: int) -> None:
        """Its link is up."""
        self._homes[hub] = replace(self.get(hub), online=True, since=now)

    def gone(self, hub: str, now: int) -> None:
        """Its link is down; the pause it told of stays."""
        self._homes[hub] = replace(self.get(hub), online=False, ready=False, since=now, heard=now)

    def told(self, hub: str, status: HomeStatus) -> None:
        """It told how it is."""
        before = self.get(hub)
        # A bridge alone does not know the plan.
        plan = before.plan if status.problem == Refusal.NO_HOME_ASSISTANT.value else status.plan
        told = replace(before, ready=status.ready, told_paused=status.paused, problem=status.problem)
        self._homes[hub] = replace(told, plan=plan)

    def agreed(self, hub: str, number: int) -> None:
        """It signed that this plan is in force. What it tells next counts, also where that is another."""
        before = self.get(hub)
        self._homes[hub] = replace(before, plan=max(before.plan or 0, number))

    def paused(self, hub: str) -> None:
        """It refused, signed, because it is paused."""
        self._homes[hub] = replace(self.get(hub), told_paused=True)

    def wished(self, hub: str, away: tuple[Away, ...]) -> None:
        """Its newest wishes."""
        self._homes[hub] = replace(self.get(hub), away=away)
