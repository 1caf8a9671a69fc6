"""How the client slept: which night is rated, and what the municipality is still to be told. Pure."""

import unicodedata
from datetime import date, datetime, timedelta
from typing import Final

from .entries import SleepRated
from .errors import Refused
from .record import Record
from .schedule import STOCKHOLM
from .strict import text

LONGEST_COMMENT: Final = 300
"""Characters."""
_OVER: Final = timedelta(hours=4)
"""Nobody rates a night before this hour of its morning; until then the night before is the last one."""
_visible: Final = text(1, 1)


def slept_night(now: datetime) -> date:
    """The last night that is over: the local date of its evening."""
    return (now.astimezone(STOCKHOLM).replace(tzinfo=None) - _OVER).date() - timedelta(days=1)


def rating_of(record: Record, night: date) -> SleepRated | None:
    """How this night was rated, if it was."""
    return record.sleep if record.sleep is not None and record.sleep.night == night else None


def as_said(comment: str) -> str:
    """A comment as people read it, in one line: without what cannot be seen, or would change how the rest is seen."""
    seen = "".join(filter(_can_be_seen, " ".join(comment.split())))
    return unicodedata.normalize("NFC", " ".join(seen.split()))[:LONGEST_COMMENT].strip()


def _can_be_seen(letter: str) -> bool:
    try:
        return letter == " " or bool(_visible(unicodedata.normalize("NFC", letter)[:1]))
    except Refused:
        return False


def untold(record: Record) -> SleepRated | None:
    """What the municipality is to be told next: a night that was rated while that was allowed, and only while the
    client lets anybody look in at all.
    """
    return record.untold[0] if record.untold and record.consent else None
