"""What the home has agreed to, put to the question: may this look be prepared, or begin, at this moment?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from .admission import Prepared
from .errors import Refusal
from .gate_values import Gate, Place
from .model import Plan, Spent
from .schedule import STOCKHOLM, Occurrence, as_moved, as_wished, find

PREPARE_AHEAD: Final = timedelta(minutes=10)
"""How long before its window a connection may be made ready."""


def latest(plan: Plan, window: Occurrence, spent: Spent | None) -> datetime:
    """When (UTC) a look in this occurrence must have begun: the window's end, or the retry time after a first look."""
    if spent is None:
        return window.end
    return spent.first + timedelta(minutes=plan.limits.retry_within_minutes)


def closes(plan: Plan, window: Occurrence, spent: Spent | None) -> datetime:
    """When (UTC) the last look that this window allows must be over, retry time and grace included."""
    return max(window.end, latest(plan, window, spent)) + timedelta(seconds=plan.limits.grace_seconds)


def is_review_due(plan: Plan, now: datetime) -> bool:
    """Whether the day by which the plan is to be reviewed has come at home."""
    return now.astimezone(STOCKHOLM).date() >= plan.review


def is_used(plan: Plan, spent: Spent) -> bool:
    """Whether nobody may look in this window any more: the client has been seen, or no retry is left."""
    return spent.seen or spent.looks > plan.limits.max_retries


def refusal(
    gate: Gate, plan_number: int, occurrence: str, now: datetime, ahead: timedelta = timedelta()
) -> Refusal | None:
    """Why the home does not let a look happen, or None. ``ahead``: how long before the window is not too early."""
    if not gate.journal:
        return Refusal.JOURNAL_FAILED
    if not gate.consent:
        return Refusal.NO_CONSENT
    if gate.paused:
        return Refusal.PAUSED
    if gate.private:
        return Refusal.PRIVATE
    if gate.plan is None:
        return Refusal.NO_PLAN
    if gate.plan.number != plan_number:
        return Refusal.WRONG_PLAN
    return _window_refusal(gate, gate.plan, occurrence, (now, now + ahead))


def _window_refusal(gate: Gate, plan: Plan, occurrence: str, between: tuple[datetime, datetime]) -> Refusal | None:
    """Why this window is not one for a look that begins between these moments, or None."""
    found = find(plan.windows, occurrence)
    if found is None:
        return Refusal.WRONG_WINDOW
    if occurrence in gate.skipped:
        return Refusal.SKIPPED
    window, spent = as_moved(found, gate.moved), gate.spent.get(occurrence)
    if spent is not None and is_used(plan, spent):
        return Refusal.BUDGET_USED
    now, soon = between
    if soon < window.start or now >= latest(plan, window, spent):
        return Refusal.OUTSIDE_WINDOW if spent is None else Refusal.BUDGET_USED
    return None


def prepare_refusal(gate: Gate, prepared: Prepared, now: datetime) -> Refusal | None:
    """Why no connection is made ready for this look, or None. Another look may be under way meanwhile."""
    if prepared.look in gate.used:
        return Refusal.REPLAYED
    # A camera that has not come to rest where it was sent is not likely to at the click either.
    if gate.stopping or gate.attempts or gate.place in (Place.FAULT, Place.AIMING, Place.DARK):
        return Refusal.CAMERA_NOT_READY
    return refusal(gate, prepared.plan, prepared.occurrence, now, PREPARE_AHEAD)


def coming_looks(gate: Gate, now: datetime, until: datetime) -> Iterator[Occurrence]:
    """The windows that a look may still begin in before ``until``, first to last, where the client has put them.

    Each ends when a look must have begun, retry time included. None where no look can happen as things are.
    """
    plan = gate.plan
    if plan is None or not gate.consent or gate.paused:
        return
    after = now - timedelta(minutes=plan.limits.retry_within_minutes)
    for window in as_wished(plan.windows, (after, until), gate.skipped, gate.moved):
        spent = gate.spent.get(window.id)
        if spent is not None and is_used(plan, spent):
            continue
        last = latest(plan, window, spent)
        if now < last:
            yield replace(window, end=max(window.end, last))


def is_look_near(gate: Gate, now: datetime) -> bool:
    """Whether somebody may look now, or within the time that a connection is made ready ahead."""
    return next(coming_looks(gate, now, now + PREPARE_AHEAD), None) is not None
