"""What is agreed and wished, and how it has been for the last days. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from .model import AwayKind

_KEPT_MS: Final = 4 * 86_400_000
"""A look is judged within a day after it, and its window may have begun more than a day before."""


@dataclass(frozen=True, slots=True)
class Paused:
    """A pause: since when, until when (0: until resumed), and the id of the user who asked for it.

    ``asked_ms``: when a person last asked for it, or said that it is still to be; 0 where only ``since_ms`` is known.
    """

    since_ms: int
    until_ms: int
    by: str
    asked_ms: int = 0


@dataclass(frozen=True, slots=True)
class Away:
    """A time when nobody is to look."""

    id: str
    kind: AwayKind
    start_ms: int
    end_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed and wished from a moment (milliseconds UTC) on, to judge afterwards what could have happened."""

    since_ms: int
    consent: bool
    pause: Paused | None
    away: tuple[Away, ...]
    private: Mapping[str, bool]
    accepted: str | None
    skipped: frozenset[str]
    moved: Mapping[str, tuple[datetime, datetime]]

    def is_paused(self, at_ms: int) -> bool:
        """Whether nobody was to look at this moment (milliseconds UTC): paused, or away."""
        paused = self.pause is not None and (self.pause.until_ms == 0 or at_ms < self.pause.until_ms)
        return paused or any(one.start_ms <= at_ms < one.end_ms for one in self.away)

    def is_private(self, camera: str) -> bool:
        """Whether this camera's privacy switch was on."""
        return self.private.get(camera, self.private.get("", False))


def as_known(known: Sequence[Agreement], now: Agreement) -> tuple[Agreement, ...]:
    """How it has been, oldest first: with what is agreed from now on, and without what is too old to be asked about."""
    # What is dated later was written while the clock was ahead.
    found = [one for one in known if one.since_ms < now.since_ms]
    if not found or replace(found[-1], since_ms=now.since_ms) != now:
        found.append(now)
    while len(found) > 1 and found[1].since_ms <= now.since_ms - _KEPT_MS:
        del found[0]
    return tuple(found)
