"""One agreed look from plan to end, as pure rules: facts and an event in, new facts out.

Times are whole seconds since 1970 UTC. A look ends as seen, visited, paused or declined. What the home itself allows
(window, budget, consent) is the gate's; this only keeps staff from missing anybody.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from tillsyn.errors import CloseReason, Refusal
from tillsyn.model import Outcome

from .problems import Failed, Problem

CLAIM_SECONDS: Final = 30
"""A claim whose holder has been silent for this long returns to the queue."""
CLAIM_AHEAD: Final = 300
"""How early before its window a look may be taken, to be prepared."""
OUTCOME_SECONDS: Final = 120
"""How long after a look that ended by itself the holder may still say what was seen."""
VISIT_USEFUL: Final = 12 * 3600
"""A look missed longer ago than this (the service was down) makes no visit; it stays missed, in red."""


class State(StrEnum):
    """Where an agreed look stands; see ``state``."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    LOOKING = "looking"
    RETRY_AT = "retry_at"
    VISIT = "visit"
    VISITED = "visited"
    SEEN = "seen"
    PAUSED = "paused"
    DECLINED = "declined"
    MISSED = "missed"


class Cause(StrEnum):
    """Why there is a visit; a code of errors.Refusal where the home refused a look. ``ASKED``: by the client."""

    NOT_SEEN = "not_seen"
    NEEDS_HELP = "needs_help"
    MISSED = "missed"
    FAILED = "failed"
    OPERATOR = "operator"
    ASKED = "asked"
    PLAN_DECLINED = "plan_declined"


ABOUT_THE_HOME: Final = frozenset(
    {
        Refusal.NO_CONSENT,
        Refusal.PRIVATE,
        Refusal.NO_PLAN,
        Refusal.BUDGET_USED,
        Refusal.CAMERA_NOT_READY,
        Refusal.JOURNAL_FAILED,
        Refusal.NO_RELAY,
        Refusal.NO_HOME_ASSISTANT,
        Refusal.HOME_OFFLINE,
        Refusal.TIMEOUT,
    }
)
"""Refusals that another try by the operator does not mend: somebody must go there. The rest are about the request, or,
for a plan that is just being replaced, mend themselves; the deadline catches them if not."""

LOOK_AGAIN: Final = frozenset(
    {
        "",
        CloseReason.TIME_LIMIT,
        CloseReason.WINDOW_ENDED,
        CloseReason.OPERATOR_GONE,
        CloseReason.LINK_LOST,
        CloseReason.STOPPED,
        CloseReason.INTERRUPTED,
    }
)
"""Ends of a look without an outcome where the camera is not at fault: a retry is worth it, if one is left."""


BROKEN_OFF: Final = frozenset({CloseReason.PAUSED, CloseReason.SKIPPED})
"""Ends of a look by the client's own wish: no fault, and no reason to go there."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The facts of one occurrence of an agreed window. Zero or '' means "none".

    ``first``: when the first look opened. ``look``: the look being prepared or open now; ``opened``, ``seconds``,
    ``closed`` and ``reason`` belong to it. ``outcome``: the last that counted. ``cause``: why it became a visit.
    ``ended``: final state. ``skipped``: the client does without this look; ``away``: until when nobody is to look
    because the client is away (0: not away); see wished.py. ``version`` grows with each change, so that two writers
    cannot both win.
    """

    hub: str
    occurrence: str
    plan: int
    unit: str
    start: int
    end: int
    retry_seconds: int
    max_retries: int
    looks: int = 0
    first: int = 0
    retry_at: int = 0
    claimed_by: str = ""
    claim_until: int = 0
    look: str = ""
    opened: int = 0
    seconds: int = 0
    closed: int = 0
    reason: str = ""
    outcome: str = ""
    cause: str = ""
    ended: str = ""
    skipped: bool = False
    away: int = 0
    version: int = 0


def deadline(row: Planned) -> int:
    """When a look must have begun: the window's end, or the retry time counted from the first look."""
    return row.first + row.retry_seconds if row.looks else row.end


def held(row: Planned, now: int) -> bool:
    """Whether somebody who is alive holds it."""
    return bool(row.claimed_by) and now < row.claim_until


def state(row: Planned, paused: bool, now: int) -> State:
    """Where the look stands. No wish and no pause hides a person who was looked for and not seen."""
    if row.ended:
        return State(row.ended)
    if row.cause:
        return State.VISIT
    if row.opened:
        return State.LOOKING
    if row.skipped and not row.outcome:
        return State.DECLINED
    if (paused or row.away) and not row.outcome:
        return State.PAUSED
    if now >= deadline(row):
        return State.MISSED
    if held(row, now):
        return State.CLAIMED
    return State.RETRY_AT if row.retry_at > now else State.PLANNED


# ---- what people do -------------------------------------------------------------------------------------------------


def claim(row: Planned, paused: bool, now: int, login: str) -> Planned:
    """Take a look. Raises Failed(TAKEN) where somebody else holds it, WRONG_STATE where it is not to be taken now."""
    where = state(row, paused, now)
    if where in (State.CLAIMED, State.LOOKING) and row.claimed_by != login:
        raise Failed(Problem.TAKEN)
    if where not in (State.PLANNED, State.RETRY_AT, State.CLAIMED) or now < row.start - CLAIM_AHEAD:
        raise Failed(Problem.WRONG_STATE)
    look = row.look if row.claimed_by == login else ""  # what somebody else prepared is not this person's
    return replace(row, claimed_by=login, claim_until=now + CLAIM_SECONDS, look=look)


def require_held(row: Planned, now: int, login: str) -> None:
    """Raises Failed(NOT_CLAIMED) unless ``login`` holds it."""
    if not held(row, now) or row.claimed_by != login:
        raise Failed(Problem.NOT_CLAIMED)


def release(row: Planned, now: int, login: str) -> Planned:
    """Give a look back. While a picture may be flowing it cannot be given back; close it first."""
    require_held(row, now, login)
    if row.opened and not row.closed:
        raise Failed(Problem.WRONG_STATE)
    return settle(row, now) if row.opened else freed(row)


def send_visit(row: Planned, paused: bool, now: int, login: str) -> Planned:
    """The operator sends the patrol instead of looking."""
    if held(row, now) and row.claimed_by != login:
        raise Failed(Problem.TAKEN)
    if state(row, paused, now) not in (State.PLANNED, State.CLAIMED, State.RETRY_AT, State.PAUSED, State.MISSED):
        raise Failed(Problem.WRONG_STATE)
    return _visit(row, Cause.OPERATOR)


def finish_visit(row: Planned, result: State) -> Planned:
    """The patrol is done: visited, or declined by the client."""
    if row.ended or not row.cause:
        raise Failed(Problem.WRONG_STATE)
    return replace(row, ended=result.value)


def prepare(row: Planned, paused: bool, now: int, login: str, look: str) -> Planned:
    """A tk-prepare goes to the home. It takes the place of one that was prepared before and never opened."""
    require_held(row, now, login)
    if state(row, paused, now) not in (State.CLAIMED, State.PAUSED) or now < row.start - CLAIM_AHEAD:
        raise Failed(Problem.WRONG_STATE)
    return replace(row, look=look, claim_until=now + CLAIM_SECONDS)


# ---- what the home says ---------------------------------------------------------------------------------------------


def opened(row: Planned, look: str, at: int, seconds: int) -> Planned:
    """The picture flows. A look that this row no longer follows still counts as used at home."""
    if row.look == look and row.opened:
        return row
    used = replace(row, looks=row.looks + 1, first=row.first or at)
    if row.look != look or row.ended or row.cause:
        return used
    return replace(used, opened=at, seconds=seconds, closed=0, reason="", retry_at=0)


def outcome(row: Planned, look: str, what: Outcome, now: int) -> Planned:
    """What the operator saw; it counts for the look that was opened, once, also after it has ended by itself. Nobody
    was looked for and not seen where the home broke it off.
    """
    if row.look != look or not row.opened or row.ended or row.cause:
        return row
    if what is Outcome.NOT_SEEN and row.reason in BROKEN_OFF:
        return freed(row)
    told = replace(row, outcome=what.value)
    match what:
        case Outcome.SEEN:
            return replace(freed(told), ended=State.SEEN.value)
        case Outcome.NEEDS_HELP:
            return _visit(told, Cause.NEEDS_HELP)
        case Outcome.NOT_SEEN:
            return _again(told, now, (deadline(told) - now) // 2, Cause.NOT_SEEN)


def closed(row: Planned, look: str, reason: CloseReason, at: int, now: int) -> Planned:
    """The receipt came; ``at`` is when the picture began (also where tk-opened was lost on the way)."""
    if row.look != look or row.ended or row.cause:
        return row
    if not row.opened:
        row = opened(row, look, at, 0)
    if reason.value in Outcome:
        return outcome(row, look, Outcome(reason.value), now)
    return replace(row, closed=row.closed or now, reason=reason.value)


def let_go(row: Planned, look: str) -> Planned:
    """The operator drops a look that was prepared and never opened; the claim stays."""
    return replace(row, look="") if row.look == look and not row.opened else row


def refused(row: Planned, look: str, code: Refusal) -> Planned:
    """The home (or the service for it) said no before anything opened."""
    if row.look != look or row.opened or row.ended or row.cause:
        return row
    return _visit(row, code) if code in ABOUT_THE_HOME else replace(row, look="")


# ---- what time does -------------------------------------------------------------------------------------------------


def due(row: Planned, paused: bool, now: int) -> Planned:
    """What must have happened by ``now`` with nobody doing anything; the same row where nothing is due."""
    if row.ended or row.cause:
        return row
    if row.claimed_by and not held(row, now):
        row = settle(row, now) if row.opened else freed(row)
    if row.opened and now >= _outcome_by(row):
        row = settle(row, now)
    where = state(row, paused, now)
    if where in (State.PAUSED, State.DECLINED) and now >= deadline(row):
        return replace(freed(row), ended=where.value)
    if where is State.MISSED:
        if now - deadline(row) > VISIT_USEFUL:
            return replace(freed(row), ended=State.MISSED.value)
        return _visit(row, Cause.NOT_SEEN if row.outcome else Cause.MISSED)
    if row.retry_at and now >= row.retry_at:
        return replace(row, retry_at=0)
    return row


def wake(row: Planned) -> int | None:
    """The next moment when ``due`` may change the row; None for one that has ended or awaits the patrol."""
    if row.ended or row.cause:
        return None
    moments = [_outcome_by(row) if row.opened else deadline(row)]
    if row.claimed_by:
        moments.append(row.claim_until)
    if row.retry_at:
        moments.append(row.retry_at)
    return min(moments)


def settle(row: Planned, now: int) -> Planned:
    """Opened and ended without an outcome: look again if that can help and a retry is left, else a visit. One that the
    home broke off itself waits as the home wants it.
    """
    if row.reason in BROKEN_OFF:
        return freed(row)
    if row.reason in LOOK_AGAIN:
        return _again(row, now, 0, Cause.FAILED)
    return _visit(row, Cause.FAILED)


def _outcome_by(row: Planned) -> int:
    return row.closed + OUTCOME_SECONDS if row.closed else row.opened + row.seconds + OUTCOME_SECONDS


def _again(row: Planned, now: int, wait: int, otherwise: Cause) -> Planned:
    if row.looks > row.max_retries or now >= deadline(row):
        return _visit(row, otherwise)
    return replace(freed(row), retry_at=now + wait if wait > 0 else 0)


def _visit(row: Planned, cause: Cause | Refusal) -> Planned:
    return replace(freed(row), cause=cause.value)


def freed(row: Planned) -> Planned:
    """Nobody holds it and nothing of a look under way is left."""
    return replace(row, claimed_by="", claim_until=0, look="", opened=0, seconds=0, closed=0, reason="", retry_at=0)
