"""Being left alone: the pause and the absences of a home, and asking about a pause that may have been forgotten."""

import secrets
import string
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from .faults import refusal
from .issues import Issue, clear_issue, raise_issue
from .tillsyn import entries as e
from .tillsyn import left_alone
from .tillsyn.agreement import Away, Paused
from .tillsyn.left_alone import Unfit
from .tillsyn.model import AwayKind
from .tillsyn.record import Record, moment
from .tillsyn.schedule import STOCKHOLM, midnight

if TYPE_CHECKING:
    from .coordinator import Home

_ID_LETTERS: Final = string.ascii_lowercase + string.digits
_PAUSE_WORDS: Final = {Unfit.OVER: "pause_over", Unfit.TOO_LONG: "pause_too_long"}
_ABSENCE_WORDS: Final = {
    Unfit.ENDS_FIRST: "absence_ends_first",
    Unfit.OVER: "absence_over",
    Unfit.TOO_LONG: "absence_too_long",
    Unfit.TOO_FAR: "absence_too_far",
    Unfit.TOO_MANY: "absence_too_many",
}


class Pauses:
    """Pause and absences of one home. What makes it more private raises nothing but that it cannot be as asked for."""

    def __init__(self, home: Home) -> None:
        """What is asked for is in the journal."""
        self._home = home
        self._shown: tuple[object, ...] = ()

    @property
    def record(self) -> Record:
        """What has been asked for, also what is not written yet."""
        return self._home.memory.heard or Record()

    @property
    def pause(self) -> Paused | None:
        """The pause that is now."""
        pause = self.record.pause
        return None if pause is None or 0 < pause.until_ms <= self._now_ms else pause

    @property
    def until(self) -> datetime | None:
        """When it ends by itself; None where it does not, or there is none."""
        pause = self.pause
        return moment(pause.until_ms) if pause is not None and pause.until_ms else None

    @property
    def absences(self) -> list[Away]:
        """Those that are kept, first to last."""
        return sorted(self.record.away, key=lambda one: (one.start_ms, one.end_ms, one.id))

    @property
    def _now(self) -> datetime:
        return self._home.now().wall

    @property
    def _now_ms(self) -> int:
        return _ms(self._now)

    # ---- more private: for everybody --------------------------------------------------------------------------------

    async def begin(self, until: datetime | None, by: str) -> None:
        """Pause until then, or until somebody resumes. Does not shorten a pause that is."""
        if until is not None:
            self.check_end(until)
        await self._home.memory.away(e.Pause(True, by, 0 if until is None else _ms(until)))
        self.tick()

    async def still(self, by: str) -> None:
        """Someone says that the pause is to go on as it is."""
        pause = self.pause
        if pause is not None:
            await self._home.memory.away(e.Pause(True, by, pause.until_ms))
            self.tick()

    async def add_absence(self, kind: AwayKind, start: datetime, end: datetime, by: str) -> str:
        """The id of a new absence."""
        unfit = left_alone.absence_unfit(self.record, start, end, self._now)
        if unfit is not None:
            raise refusal(_ABSENCE_WORDS[unfit])
        absence = "".join(secrets.choice(_ID_LETTERS) for _ in range(8))
        await self._home.memory.away(e.AwayAdded(absence, kind, max(0, _ms(start)), _ms(end), by))
        self.tick()
        return absence

    # ---- less private: for those who may; raises JournalError -------------------------------------------------------

    def shortens(self, until: datetime) -> bool:
        """Whether a pause that ends then would end before the one that is now."""
        return left_alone.shortens(self.record, _ms(until), self._now_ms)

    async def shorten(self, until: datetime, by: str) -> None:
        """Let the pause end then."""
        self.check_end(until)
        await self._home.memory.add(e.PauseShortened(_ms(until), by))
        self.tick()

    async def resume(self, by: str) -> None:
        """Looks may happen again: the pause is over, and so is an absence that goes on."""
        now_ms = self._now_ms
        going_on = [one for one in self.record.away if one.start_ms <= now_ms < one.end_ms]
        await self._home.memory.add(*(e.AwayRemoved(one.id, by) for one in going_on), e.Pause(False, by))
        self.tick()

    async def remove_absence(self, absence: str, by: str) -> None:
        """It is over, or was a mistake."""
        if all(one.id != absence for one in self.record.away):
            raise refusal("no_such_absence")
        await self._home.memory.add(e.AwayRemoved(absence, by))
        self.tick()

    # ---- each second ------------------------------------------------------------------------------------------------

    def check_end(self, until: datetime) -> None:
        """Raises ServiceValidationError where a pause cannot end then."""
        unfit = left_alone.pause_unfit(until, self._now)
        if unfit is not None:
            raise refusal(_PAUSE_WORDS[unfit])

    def tick(self) -> None:
        """Show what has changed, by a wish or because time has passed, and ask about a pause that may be forgotten."""
        record = self.record
        is_forgotten = record.is_pause_forgotten(self._now_ms)
        shown = (self.until, record.away, is_forgotten)
        if shown == self._shown:
            return
        self._shown = shown
        self._ask(record.pause if is_forgotten else None)
        self._home.changed()

    def _ask(self, pause: Paused | None) -> None:
        hass, entry_id = self._home.hass, self._home.entry.entry_id
        if pause is None:
            clear_issue(hass, entry_id, Issue.PAUSE_FORGOTTEN)
        else:
            raise_issue(hass, entry_id, Issue.PAUSE_FORGOTTEN, since=since(pause))


def since(pause: Paused) -> str:
    """The local date when it began."""
    return moment(pause.since_ms).astimezone(STOCKHOLM).date().isoformat()


def earliest(when: date) -> datetime:
    """The moment that is named as a beginning. A date is a whole day at home; an hour that comes twice is the first."""
    return min(_moments(when))


def latest(when: date) -> datetime:
    """The same as an end: a date is the day after the last, an hour that comes twice is the second."""
    return max(_moments(when))


def _moments(when: date) -> tuple[datetime, ...]:
    try:
        if not isinstance(when, datetime):
            return (midnight(when),)
        return tuple(dt_util.as_utc(when.replace(fold=fold)) for fold in (0, 1))
    except OverflowError as err:
        raise refusal("time_too_far") from err


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
