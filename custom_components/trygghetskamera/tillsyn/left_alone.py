"""What a pause and an absence can be. They make the home more private, so little is asked of them. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from .record import AWAY_KEPT, Record

LONGEST: Final = timedelta(days=366)


class Unfit(StrEnum):
    """Why a pause or an absence cannot be as asked for."""

    OVER = "over"
    """It would end before it is asked for."""
    ENDS_FIRST = "ends_first"
    """It would end before it starts."""
    TOO_LONG = "too_long"
    TOO_FAR = "too_far"
    TOO_MANY = "too_many"


def pause_unfit(until: datetime, now: datetime) -> Unfit | None:
    """Why a pause cannot end then; None where it can."""
    if until <= now:
        return Unfit.OVER
    return Unfit.TOO_LONG if until - now > LONGEST else None


def absence_unfit(record: Record, start: datetime, end: datetime, now: datetime) -> Unfit | None:
    """Why there cannot be this absence; None where there can. It may have begun already."""
    if end <= start:
        return Unfit.ENDS_FIRST
    if end <= now:
        return Unfit.OVER
    if end - start > LONGEST:
        return Unfit.TOO_LONG
    if start - now > LONGEST:
        return Unfit.TOO_FAR
    to_come = sum(one.end_ms > now.timestamp() * 1000 for one in record.away)
    return Unfit.TOO_MANY if to_come >= AWAY_KEPT else None


def shortens(record: Record, until_ms: int, now_ms: int) -> bool:
    """Whether a pause that ends then would end before the one that is now."""
    pause = record.pause
    if pause is None or 0 < pause.until_ms <= now_ms:
        return False
    return pause.until_ms == 0 or until_ms < pause.until_ms
