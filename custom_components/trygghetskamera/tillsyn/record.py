"""What a home's journal says, added up: what is agreed, what is wished otherwise, and what has happened. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from . import entries as e
from .agreement import Agreement, Away, Paused
from .chain import Trust
from .identity import parse
from .keeping import Keeping
from .model import Plan, Spent
from .people import Lost, Person, all_consent, is_lost_again
from .receipts import FIRST, Head
from .wire import PlanStatement, Policy, Revocations
from .wire_people import STRICTEST

KEEP_DAYS: Final = 365
_NO_RECEIPT: Final = Head()
_NOTHING_KEPT: Final = Keeping()
VISITS_KEPT: Final = 8
AWAY_KEPT: Final = 64
"""How many absences that are not over a home may have."""
_DAY_MS: Final = 86_400_000
_FORGOTTEN_MS: Final = 3 * _DAY_MS
"""Longer than a weekend with guests, and short enough that few nights go by if nobody remembers it."""
_FAR_MS: Final = 14 * _DAY_MS
"""A pause that ends by itself within this time needs nobody to remember it."""


class Contradiction(Exception):
    """An entry that cannot follow what is recorded: the journal is not to be trusted."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that the client has asked for."""

    id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Past:
    """A look as the journal tells it, for the log at home. Times are milliseconds UTC; ``ended`` None while it runs."""

    started_ms: int
    started: e.LookStarted
    ended: e.LookEnded | None = None


def _empty[T]() -> Mapping[str, T]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Record:
    """What the journal says. A new home has no consent and no plan. ``lines`` and ``last`` (hash) are where the file
    ends.

    ``set_up``: all that was said at set-up is in the journal. ``old_consent``: given without names, by version 1.
    ``is_restored``: an older journal took its place, and nobody has ended the pause that followed.
    ``private``: by camera, '' for those not named; ``private_by``: by whose wish (user's id, '' an automation).
    ``moved``: by occurrence, from when until when (UTC).
    ``proposed``/``accepted``: tk-plan tokens. ``highest_plan``: number of the newest that was proposed; ``lost_shown``
    and ``lost_agreed``: of the newest that was proposed and accepted in a journal that is lost. ``aiming``: the camera.
    ``lost``: cameras that disappeared, since the last answer to whether the client wants to stop. ``sleep``: the night
    that was rated last; ``untold``: nights that the municipality is to be told of. ``missed``: occurrences that have
    been told as missed.
    ``paired``: with whom, None before the first entry that says so. ``receipts``: of the present hub, which has none to
    sign for the ``earlier`` ones of ``past``. ``policy``: the tk-policy token, None before the first. ``at_ms``: when
    the last line was written.
    ``agreements``: how it has been for the last days, oldest first.
    """

    lines: int = 0
    last: str = FIRST
    set_up: bool = False
    people: tuple[Person, ...] = ()
    old_consent: bool = False
    pause: Paused | None = None
    is_restored: bool = False
    away: tuple[Away, ...] = ()
    private: Mapping[str, bool] = field(default_factory=_empty)
    private_by: Mapping[str, str] = field(default_factory=_empty)
    proposed: str | None = None
    accepted: str | None = None
    highest_plan: int = 0
    lost_shown: int = 0
    lost_agreed: int = 0
    skipped: frozenset[str] = frozenset()
    moved: Mapping[str, tuple[datetime, datetime]] = field(default_factory=_empty)
    visits: tuple[Visit, ...] = ()
    shares_sleep: bool = False
    sleep: e.SleepRated | None = None
    untold: tuple[e.SleepRated, ...] = ()
    spent: Mapping[str, Spent] = field(default_factory=_empty)
    used: frozenset[str] = frozenset()
    past: tuple[Past, ...] = ()
    receipts: tuple[str, ...] = ()
    head: Head = _NO_RECEIPT
    keeping: Keeping = _NOTHING_KEPT
    earlier: int = 0
    missed: frozenset[str] = frozenset()
    lost: tuple[Lost, ...] = ()
    aiming: str | None = None
    paired: e.Paired | None = None
    policy: str | None = None
    revocations: Revocations | None = None
    at_ms: int = 0

    @property
    def trust(self) -> Trust:
        """What the journal knows of the root's will."""
        policy = STRICTEST if self.policy is None else parse(Policy, self.policy).statement
        return Trust(policy, self.revocations, self.at_ms // 1000)

    agreements: tuple[Agreement, ...] = ()

    @property
    def consent(self) -> bool:
        """Whether the client and every cohabitant have consented. Version 1 recorded it without names."""
        return all_consent(self.people) if self.people else self.old_consent

    @property
    def may_want_to_stop(self) -> bool:
        """Whether cameras have been taken down twice in a short time, and nobody has asked the client why."""
        return is_lost_again(self.lost)

    def is_paused(self, at_ms: int) -> bool:
        """Whether nobody is to look at this moment (milliseconds UTC): paused, or away."""
        return self.agreement(at_ms).is_paused(at_ms)

    def is_pause_forgotten(self, at_ms: int) -> bool:
        """Whether to ask if the pause is still wanted: it has lasted for long, and does not end before long."""
        pause = self.pause
        if pause is None or at_ms - max(pause.since_ms, pause.asked_ms) < _FORGOTTEN_MS:
            return False
        return pause.until_ms == 0 or pause.until_ms - at_ms > _FAR_MS

    def is_private(self, camera: str) -> bool:
        """Whether this camera's privacy switch is on."""
        return self.agreement(0).is_private(camera)

    def agreement(self, since_ms: int) -> Agreement:
        """What is agreed and wished, as from this moment."""
        return Agreement(
            since_ms, self.consent, self.pause, self.away, self.private, self.accepted, self.skipped, self.moved
        )

    def privacy_by(self, camera: str) -> str:
        """The id of the user who wished this camera to be private, '' where only automations have, or nobody."""
        return self.private_by.get(camera if camera in self.private else "", "")

    @property
    def plan(self) -> Plan | None:
        """The accepted plan."""
        return None if self.accepted is None else read_plan(self.accepted).plan()

    @property
    def old_plans(self) -> int:
        """Plans up to this number are not shown again. The newest one of a journal that is lost is: nobody knows here
        what it said.
        """
        return max(self.highest_plan, self.lost_shown - 1)

    @property
    def shown_plan(self) -> int:
        """Number of the newest plan that the home has ever been shown, 0 before the first."""
        return max(self.highest_plan, self.lost_shown)

    @property
    def agreed_plan(self) -> int:
        """Number of the newest plan that the home has ever accepted, 0 before the first."""
        return max(number_of(self.accepted), self.lost_agreed)

    @property
    def keep_days(self) -> int:
        """Days that the log is kept: as the accepted plan says, a year without one."""
        return KEEP_DAYS if self.plan is None else self.plan.keep_days

    @property
    def waiting(self) -> tuple[Past, ...]:
        """Looks that have ended without a signed receipt, in order."""
        done = len(self.past) - (self.interrupted is not None)
        return self.past[self.earlier + len(self.receipts) : done]

    @property
    def interrupted(self) -> Past | None:
        """A look that started and never ended: Home Assistant died in the middle of it. End it before anything else."""
        return self.past[-1] if self.past and self.past[-1].ended is None else None


def number_of(plan: str | None) -> int:
    """The number in a tk-plan token; 0 where there is none."""
    return 0 if plan is None else read_plan(plan).number


@lru_cache(maxsize=16)
def read_plan(token: str) -> PlanStatement:
    """A plan that the journal holds. Entities ask for it at every change, so it is read once."""
    return parse(PlanStatement, token).statement


def moment(at_ms: int) -> datetime:
    """Milliseconds UTC as an aware datetime."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
