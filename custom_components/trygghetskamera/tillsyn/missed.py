"""How each agreed look ended, once it is over: made, or done without, or missed. Pure.

A look is missed where somebody could have been let in and nobody said what they saw: whatever it was that was not there
(operator, link, bridge, camera, Home Assistant itself) is no excuse. Only the client's own wishes are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from .agreement import Agreement
from .errors import CloseReason
from .house import camera_for
from .model import Instant, Plan, Room
from .record import Record, moment, read_plan
from .schedule import Occurrence, as_moved, as_wished, find
from .terms import closes, is_used

MARGIN: Final = timedelta(seconds=60)
"""How long after the last moment that a look may take its end may still be on its way into the journal."""
ENOUGH: Final = timedelta(seconds=60)
"""Time in which a look could have been made. Less, between two wishes to be left alone, is no chance."""
LOOK_BACK: Final = timedelta(hours=24)
"""How far back it is seen what was missed while Home Assistant was off."""
STEADY: Final = timedelta(seconds=120)
"""How long the clock must have gone on steadily before anything is judged by it."""
TOLERANCE: Final = timedelta(seconds=2)
"""How far wall clock and monotonic clock may part between two looks at them."""
_LAST_CLOSE: Final = timedelta(hours=2)
"""No look is over later than this after its window: the longest retry time, grace and margin."""
_FOREVER: Final = datetime.max.replace(tzinfo=UTC)


class Ending(StrEnum):
    """How an agreed look ended. Each ends in exactly one of these ways."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    NEEDS_HELP = "needs_help"
    SKIPPED = "skipped"
    PAUSED = "paused"
    DECLINED = "declined"
    """By consent that was not there, or a privacy switch."""
    MISSED = "missed"


class Coming(StrEnum):
    """How it stands with a look that is not over."""

    PLANNED = "planned"
    MOVED = "moved"


type State = Ending | Coming
type Cameras = Mapping[str, Room]
"""The installed cameras of the home, and where they are."""


@dataclass(frozen=True, slots=True)
class Look:
    """An agreed look where the client has put it, and how it stands with it or how it ended."""

    window: Occurrence
    state: State


@dataclass(frozen=True, slots=True)
class _Span:
    """An agreement, and from when until when it held."""

    start: datetime
    end: datetime
    agreement: Agreement
    plan: Plan | None


def _spans(record: Record) -> list[_Span]:
    starts = [moment(one.since_ms) for one in record.agreements]
    return [
        _Span(start, end, one, None if one.accepted is None else read_plan(one.accepted).plan())
        for one, (start, end) in zip(record.agreements, pairwise((*starts, _FOREVER)), strict=True)
    ]


# ---- what is over ---------------------------------------------------------------------------------------------------


def endings(record: Record, cameras: Cameras, between: tuple[datetime, datetime]) -> Iterator[Look]:
    """How each look ended that came to be over between these moments (the first not included, the second included),
    by the plan that was in force then. A look that was not agreed during its window, as the plan was, is none.
    """
    spans = _spans(record)
    for span in spans:
        after, until = max(between[0], span.start), min(between[1], span.end)
        if span.plan is None or after >= until:
            continue
        for window in as_wished(span.plan.windows, (after - _LAST_CLOSE, until), (), span.agreement.moved):
            over = closes(span.plan, window, record.spent.get(window.id)) + MARGIN
            ending = _ending(record, spans, span, window, cameras) if after < over <= until else None
            if ending is not None:
                yield Look(window, ending)


def _ending(record: Record, spans: list[_Span], last: _Span, window: Occurrence, cameras: Cameras) -> Ending | None:
    """``last``: how it was when it was over."""
    said = _said(record, window.id)
    if said is not None:
        return said
    agreed = allowed = paused = timedelta()
    for start, end, span in _pieces(spans, window):
        agreed += end - start
        if span.agreement.is_paused(_ms(start)):
            paused += end - start
        elif window.id not in span.agreement.skipped and _lets_in(span, cameras):
            allowed += end - start
    if agreed < ENOUGH:
        return None
    if window.id in last.agreement.skipped:
        return Ending.SKIPPED
    if allowed >= ENOUGH:
        return Ending.MISSED
    return Ending.PAUSED if paused else Ending.DECLINED


def _said(record: Record, occurrence: str) -> Ending | None:
    """What the operator has said about it: that the client was seen counts most, then what was said last."""
    reasons = [
        one.ended.reason for one in record.past if one.ended is not None and one.started.occurrence == occurrence
    ]
    if CloseReason.SEEN in reasons:
        return Ending.SEEN
    said = [one for one in reasons if one in (CloseReason.NOT_SEEN, CloseReason.NEEDS_HELP)]
    return Ending(said[-1].value) if said else None


def _pieces(spans: list[_Span], window: Occurrence) -> Iterator[tuple[datetime, datetime, _Span]]:
    """The window, while it was there, in pieces: in each, one agreement held and no pause or absence began or ended."""
    for span in spans:
        found = None if span.plan is None else find(span.plan.windows, window.id)
        if found is None:
            continue
        there = as_moved(found, span.agreement.moved)
        start, end = max(span.start, window.start, there.start), min(span.end, window.end, there.end)
        if start >= end:
            continue
        pause, away = span.agreement.pause, span.agreement.away
        edges = {one for absence in away for one in (absence.start_ms, absence.end_ms)}
        edges |= set() if pause is None else {pause.until_ms}
        inner = sorted(at for at in map(moment, edges) if start < at < end)
        for piece in pairwise((start, *inner, end)):
            yield *piece, span


def _lets_in(span: _Span, cameras: Cameras) -> bool:
    """Whether a look would have been let happen, had all been there that it takes."""
    camera = None if span.plan is None else camera_for(span.plan.rooms, cameras)
    return span.agreement.consent and (camera is None or not span.agreement.is_private(camera))


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


# ---- a night --------------------------------------------------------------------------------------------------------


def looks_of(
    record: Record, plan: Plan | None, cameras: Cameras, night: tuple[datetime, datetime], now: datetime
) -> list[Look]:
    """Each look whose window begins in these hours, by ``plan``, the one in force; first to last."""
    over = {one.window.id: one for one in endings(record, cameras, (night[0], now))}
    found = [one for one in over.values() if night[0] <= one.window.start < night[1]]
    if plan is None or not record.consent:
        return found
    for window in as_wished(plan.windows, night, (), record.moved):
        is_over = now >= closes(plan, window, record.spent.get(window.id)) + MARGIN
        if window.id not in over and not is_over and window.start >= night[0]:
            found.append(Look(window, _standing(record, plan, window)))
    return sorted(found, key=lambda one: (one.window.start, one.window.id))


def _standing(record: Record, plan: Plan, window: Occurrence) -> State:
    said, spent = _said(record, window.id), record.spent.get(window.id)
    if said is not None and (said is Ending.NEEDS_HELP or (spent is not None and is_used(plan, spent))):
        return said
    if window.id in record.skipped:
        return Ending.SKIPPED
    return Coming.MOVED if window.id in record.moved else Coming.PLANNED


# ---- when it may be judged ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Watch:
    """Up to when (UTC) all looks have been judged, how the clocks were last, and since when they have gone steadily.

    A clock that jumps ahead would make windows look passed that nobody has lived through. So nothing is judged until it
    has gone on for a while; if it stays where it jumped, the looks in between are judged too: a home whose clock is
    wrong refuses every look, and one that slept or was off has missed them.
    """

    judged: datetime
    last: Instant
    since: float

    @classmethod
    def begin(cls, now: Instant) -> Watch:
        """Nothing is known of what happened before."""
        return cls(now.wall - LOOK_BACK, now, now.mono)

    def seen(self, now: Instant) -> Watch:
        """With the clocks as they are now; what has been judged ahead of them is to be judged again."""
        parted = (now.wall - self.last.wall) - timedelta(seconds=now.mono - self.last.mono)
        since = now.mono if abs(parted) > TOLERANCE else self.since
        return Watch(min(self.judged, now.wall), now, since)

    def due(self) -> tuple[datetime, datetime] | None:
        """Between which moments looks are to be judged now; None while the clock is not to be trusted."""
        if timedelta(seconds=self.last.mono - self.since) < STEADY:
            return None
        return max(self.judged, self.last.wall - LOOK_BACK), self.last.wall

    def done(self) -> Watch:
        """All that was due has been judged."""
        return replace(self, judged=self.last.wall)
