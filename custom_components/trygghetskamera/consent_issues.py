"""What is asked about consent: names, where an earlier version asked for none; whether it still holds, when its day has
come; whether the client wants to stop, where cameras are taken down again. A reminder ends nothing by itself.
"""

from typing import TYPE_CHECKING, Final

from .issues import Issue, clear_issue, raise_issue
from .tillsyn.people import to_ask_again
from .tillsyn.receipts import milliseconds
from .tillsyn.record import Record
from .tillsyn.schedule import local_day

if TYPE_CHECKING:
    from .coordinator import Home

_ISSUES: Final = (Issue.CONSENT_NAMES, Issue.CONSENT_REVIEW, Issue.WANTS_TO_STOP)


class ConsentIssues:
    """The issues of one home."""

    def __init__(self, home: Home) -> None:
        """Nothing is shown before the first tick."""
        self._home = home
        self._shown: frozenset[Issue] | None = None

    def tick(self) -> None:
        """Show what is to be asked now, and no longer what is not."""
        record = self._home.journal.record
        if record is None:
            return
        asked = self._asked(record)
        if asked == self._shown:
            return
        self._shown = asked
        for issue in _ISSUES:
            if issue in asked:
                raise_issue(self._home.hass, self._home.entry.entry_id, issue)
            else:
                clear_issue(self._home.hass, self._home.entry.entry_id, issue)
        self._home.changed()

    def _asked(self, record: Record) -> frozenset[Issue]:
        now = self._home.now()
        # Whoever pauses is left alone, and asked when somebody resumes.
        may_ask = record.consent and not record.is_paused(milliseconds(now))
        asked = {
            Issue.CONSENT_NAMES: record.old_consent,
            Issue.CONSENT_REVIEW: bool(to_ask_again(record.people, local_day(now.wall))),
            Issue.WANTS_TO_STOP: may_ask and record.may_want_to_stop,
        }
        return frozenset(issue for issue, is_asked in asked.items() if is_asked)
