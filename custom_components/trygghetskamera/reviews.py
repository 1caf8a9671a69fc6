"""The day when the plan is to be reviewed: asked about from then on, until another plan says a later one."""

import time
from typing import TYPE_CHECKING, Final

from .issues import Issue, clear_issue, raise_issue
from .tillsyn.terms import is_review_due

if TYPE_CHECKING:
    from .coordinator import Home

AGAIN_SECONDS: Final = 7 * 86_400.0
"""How long after somebody has read it it is asked about again."""
_EACH_SECONDS: Final = 60.0


class Reviews:
    """The review of one home's plan."""

    def __init__(self, home: Home) -> None:
        """The plan says when."""
        self._home = home
        self._look_at = 0.0
        self._quiet_until = 0.0

    def tick(self) -> None:
        """See whether the day has come."""
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + _EACH_SECONDS
        plan = self._home.gate.plan
        if plan is None or not is_review_due(plan, self._home.now().wall):
            clear_issue(self._home.hass, self._home.entry.entry_id, Issue.PLAN_REVIEW)
            self._quiet_until = 0.0
        elif time.monotonic() >= self._quiet_until:
            raise_issue(self._home.hass, self._home.entry.entry_id, Issue.PLAN_REVIEW, review=plan.review.isoformat())

    def read(self) -> None:
        """Somebody has read it, and will speak to the care contact."""
        self._quiet_until = time.monotonic() + AGAIN_SECONDS
