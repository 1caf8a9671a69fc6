"""The client's wishes as the home tells them, signed by the hub: other times, absences, visits; how the night was."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from .strict import Check, Shape, bad, day, many, text, whole
from .wire_fields import HASH, LOOK_ID, OCCURRENCE, SECONDS, Statement


@dataclass(frozen=True, slots=True)
class Moved:
    """An agreed window that the client has moved within what the plan allows; ``start`` and ``end`` are seconds UTC."""

    occurrence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Away:
    """A time (seconds UTC) when nobody is to look: away, with guests, or paused until then; why is not told."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class VisitAsked:
    """The client asks for a visit. ``id``: 128 random bits, base64url; ``at``: seconds UTC."""

    id: str
    at: int


_MOVED_SHAPE = Shape({"occurrence": OCCURRENCE, "start": SECONDS, "end": SECONDS})
_AWAY_SHAPE = Shape({"start": SECONDS, "end": SECONDS})
_VISIT_SHAPE = Shape({"id": LOOK_ID, "at": SECONDS})


def _span[T: Moved | Away](kind: type[T], shape: Shape) -> Check[T]:
    def check(value: object) -> T:
        found = kind(**shape.read(value))  # type: ignore[arg-type]
        if found.end <= found.start:
            raise bad("empty time")
        return found

    return check


def _visit(value: object) -> VisitAsked:
    return VisitAsked(**_VISIT_SHAPE.read(value))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Wishes(Statement):
    """All that the client wants otherwise than the plan from now on. Each replaces the one before (by ``iat``), so one
    that is lost is made good by the next; sent at each change and each time the link comes up.
    """

    TYP: ClassVar[str] = "tk-wishes"
    LIMIT: ClassVar[int] = 8192
    SHAPE: ClassVar[Shape] = Shape(
        {
            "hub": HASH,
            "skipped": many(OCCURRENCE, 0, 48),
            "moved": many(_span(Moved, _MOVED_SHAPE), 0, 48),
            "away": many(_span(Away, _AWAY_SHAPE), 0, 16),
            "visits": many(_visit, 0, 8),
            "iat": SECONDS,
        }
    )
    hub: str
    skipped: tuple[str, ...]
    moved: tuple[Moved, ...]
    away: tuple[Away, ...]
    visits: tuple[VisitAsked, ...]
    iat: int


@dataclass(frozen=True, slots=True)
class Sleep(Statement):
    """How the client slept, told because the client wants to. ``night``: local date of its evening; 5 is best."""

    TYP: ClassVar[str] = "tk-sleep"
    SHAPE: ClassVar[Shape] = Shape(
        {"hub": HASH, "night": day, "rating": whole(1, 5), "comment": text(0, 300), "iat": SECONDS}
    )
    hub: str
    night: date
    rating: int
    comment: str
    iat: int
