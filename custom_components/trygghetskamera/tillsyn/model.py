"""The words of the trade as plain values: plan, window, limits, roles, outcome."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


class Role(StrEnum):
    """What a certified person may do."""

    OPERATOR = "operator"
    PATROL = "patrol"
    PLANNER = "planner"
    INSTALLER = "installer"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Outcome(StrEnum):
    """What the operator saw."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    NEEDS_HELP = "needs_help"


class Fallback(StrEnum):
    """What staff do when a look cannot be completed, in the agreed order."""

    CALL_CLIENT = "call_client"
    CALL_RELATIVE = "call_relative"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on both clocks: ``wall`` is aware UTC, ``mono`` is seconds on a clock that only runs forward."""

    wall: datetime
    mono: float


@dataclass(frozen=True, slots=True)
class Window:
    """Agreed hours in local time (Europe/Stockholm). ``end`` <= ``start`` means the next day. ``days``: ISO weekdays
    of the start.
    """

    id: str
    start: time
    end: time
    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be seen: seconds a look (10-120), grace after the window's end, retries and their time."""

    look_seconds: int = 30
    grace_seconds: int = 30
    retry_within_minutes: int = 20
    max_retries: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What was agreed: a numbered set of windows and limits for one hub, who may look, and what happens otherwise."""

    hub: str
    number: int
    unit: str
    windows: tuple[Window, ...]
    limits: Limits
    roles: tuple[Role, ...]
    fallback: tuple[Fallback, ...]
    review: date


@dataclass(frozen=True, slots=True)
class Operator:
    """The person behind a verified statement: key thumbprint and the name that the home shows."""

    kid: str
    name: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What has been used of one window occurrence: when the first look opened (UTC), how many, and whether the client
    was seen.
    """

    first: datetime
    looks: int
    seen: bool
