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


class Room(StrEnum):
    """Where a camera is, as the plan names it and people read it."""

    BEDROOM = "bedroom"
    LIVING_ROOM = "living_room"
    KITCHEN = "kitchen"
    HALL = "hall"
    OTHER = "other"


class Relation(StrEnum):
    """Whose consent it is: both are needed (socialtjänstdataregisterlagen asks for everyone who lives there)."""

    CLIENT = "client"
    COHABITANT = "cohabitant"


class How(StrEnum):
    """How consent was given."""

    WRITTEN = "written"
    SPOKEN = "spoken"
    REPRESENTATIVE = "representative"


class AwayKind(StrEnum):
    """Why nobody is to look for a while."""

    HOSPITAL = "hospital"
    TRAVEL = "travel"
    GUESTS = "guests"
    OTHER = "other"


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
    rooms: tuple[Room, ...] = (Room.BEDROOM,)
    """Which rooms' cameras a look may use; it begins in the first."""
    contact: str = ""
    """The client's care contact, for people at home to read."""
    keep_days: int = 365
    """Days that the log at home is kept."""
    move_minutes: int = 0
    """How far (minutes) the client may move an agreed window, earlier or later."""


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
