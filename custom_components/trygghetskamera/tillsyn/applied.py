"""What each entry of the journal makes of the record. Pure: the same entries always make the same record."""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from . import entries as e
from .agreement import Away, Paused, as_known
from .errors import CloseReason
from .identity import parse
from .model import Spent
from .pairing import after_pairing
from .people import LOST_KEPT, MOST, Lost, Person
from .receipts import Head
from .record import VISITS_KEPT, Contradiction, Past, Record, Visit, moment, number_of, read_plan
from .restored import used_up
from .wire import Policy, Receipt, Revocations

_NIGHTS_KEPT: Final = 14
_DAY_MS: Final = 86_400_000


def applied(record: Record, entry: e.Entry, at_ms: int) -> Record:
    """The record after this entry. Raises Contradiction, or Refused where a token in it is none."""
    after = _applied(record, entry, at_ms)
    agreements = as_known(after.agreements, after.agreement(at_ms))
    return after if agreements == after.agreements else replace(after, agreements=agreements)


def _applied(record: Record, entry: e.Entry, at_ms: int) -> Record:
    match entry:
        case e.LookStarted() | e.LookTurned() | e.LookEnded() | e.ReceiptSigned() | e.LookMissed():
            return _looked(record, entry, at_ms)
        case e.ReceiptAcknowledged() | e.ReceiptsKept() | e.CheckpointsDiffer():
            return replace(record, keeping=record.keeping.told(entry, at_ms))
        case e.AimingStarted() | e.AimingEnded():
            return replace(record, aiming=entry.camera if isinstance(entry, e.AimingStarted) else None)
        case e.CameraLost() | e.GoOn():
            lost = (*record.lost, Lost(entry.camera, at_ms))[-LOST_KEPT:] if isinstance(entry, e.CameraLost) else ()
            return replace(record, lost=lost)
        case e.Pause() | e.PauseShortened() | e.JournalRestored() | e.AwayAdded() | e.AwayRemoved() | e.Privacy():
            return _left_alone(record, entry, at_ms)
        case e.PlanProposed() | e.PlanAnswered():
            return _planned(record, entry)
        case e.LookSkipped() | e.LookKept() | e.LookMoved() | e.VisitAsked():
            return _wished(record, entry, at_ms)
        case e.Paired() | e.PolicyAdopted() | e.RevocationsAdopted():
            return _trusted(record, entry)
        case e.SleepRated() | e.SleepTold() | e.SleepSharing():
            return _slept(record, entry)
        case _:
            return _consented(record, entry, at_ms)


def _trusted(record: Record, entry: e.Paired | e.PolicyAdopted | e.RevocationsAdopted) -> Record:
    """Numbers only grow, within what one root says; what another has said is nothing to it."""
    if isinstance(entry, e.Paired):
        return after_pairing(record, entry)
    if isinstance(entry, e.PolicyAdopted):
        before, after = None if record.policy is None else parse(Policy, record.policy), parse(Policy, entry.token)
        if before is not None and before.kid != after.kid:
            return replace(record, policy=entry.token, revocations=None)
        if before is not None and after.statement.number <= before.statement.number:
            raise Contradiction
        return replace(record, policy=entry.token)
    if record.revocations is not None and entry.number <= record.revocations.number:
        raise Contradiction
    return replace(record, revocations=Revocations(entry.number, entry.revoked, entry.iat))


def _consented(record: Record, entry: e.Entry, at_ms: int) -> Record:
    people = record.people
    match entry:
        case e.HomeSetUp():
            return replace(record, set_up=True)
        case e.Consent(given):
            # From the first name on, only what persons have said counts.
            if given:
                return replace(record, old_consent=not people)
            return replace(record, old_consent=False, people=tuple(one.withdrawn() for one in people))
        case e.PersonAdded():
            # Also when they have moved out: what was said without names does not come back.
            return replace(record, people=_with(people, entry), old_consent=False)
        case e.PersonRemoved(person):
            return replace(record, people=tuple(one for one in people if one.id != person))
        case e.ConsentWithdrawn(person):
            after = tuple(one.withdrawn() if person in ("", one.id) else one for one in people)
            return replace(record, people=after, old_consent=False, lost=())
        case e.PersonChanged() | e.ConsentGiven():
            return replace(record, people=tuple(_told(one, entry, at_ms) for one in people))
        case _:
            return record


def _with(people: tuple[Person, ...], entry: e.PersonAdded) -> tuple[Person, ...]:
    known = next((one for one in people if one.id == entry.person), None)
    if known is None and len(people) < MOST:
        return (*people, Person(entry.person, entry.name, entry.relation, entry.user))
    if known is None or (known.name, known.relation, known.user) != (entry.name, entry.relation, entry.user):
        raise Contradiction
    return people  # told twice


def _told(one: Person, entry: e.PersonChanged | e.ConsentGiven, at_ms: int) -> Person:
    if one.id != entry.person:
        return one
    if isinstance(entry, e.PersonChanged):
        return replace(one, name=entry.name, user=entry.user)
    return replace(one, given_ms=at_ms, how=entry.how, review=entry.review)


def _paused(before: Paused | None, after: Paused) -> Paused:
    """What one person asks for does not take from what another has asked for."""
    if before is None or 0 < before.until_ms <= after.since_ms:
        return after
    until_ms = 0 if 0 in (before.until_ms, after.until_ms) else max(before.until_ms, after.until_ms)
    # An automation that pauses each evening does not say that anybody remembers it.
    return replace(before, until_ms=until_ms, asked_ms=after.asked_ms if after.by else before.asked_ms)


def _left_alone(
    record: Record,
    entry: e.Pause | e.PauseShortened | e.JournalRestored | e.AwayAdded | e.AwayRemoved | e.Privacy,
    at_ms: int,
) -> Record:
    match entry:
        case e.Pause(paused, by, until_ms):
            if not paused:
                return replace(record, pause=None, is_restored=False)
            return replace(record, pause=_paused(record.pause, Paused(at_ms, until_ms, by, at_ms)))
        case e.JournalRestored():
            spent = used_up(record.plan, record.spent, record.moved, moment(at_ms))
            pause = _paused(record.pause, Paused(at_ms, 0, "", at_ms))
            return _without_old_plans(replace(record, pause=pause, is_restored=True, spent=spent), entry)
        case e.PauseShortened(until_ms):
            return replace(record, pause=record.pause and replace(record.pause, until_ms=until_ms, asked_ms=at_ms))
        case e.AwayAdded(away, kind, start_ms, end_ms, by):
            if any(one.id == away for one in record.away):
                return record
            # Those that were over long before this one was added are of no use to anybody any more.
            still = (one for one in record.away if one.end_ms > at_ms - _DAY_MS)
            return replace(record, away=(*still, Away(away, kind, start_ms, end_ms, by)))
        case e.AwayRemoved(away):
            return replace(record, away=tuple(one for one in record.away if one.id != away))
        case _:
            return _made_private(record, entry)


def _without_old_plans(record: Record, entry: e.JournalRestored) -> Record:
    """What has been replaced since, as far as is known, neither holds nor can be accepted."""
    record = replace(
        record,
        lost_shown=max(record.lost_shown, entry.shown_plan),
        lost_agreed=max(record.lost_agreed, entry.agreed_plan),
    )
    if number_of(record.proposed) < record.shown_plan:
        record = replace(record, proposed=None)
    return (
        record
        if number_of(record.accepted) == record.agreed_plan
        else replace(record, accepted=None, moved=MappingProxyType({}))
    )


def _made_private(record: Record, entry: e.Privacy) -> Record:
    """An automation that wishes the same does not make a person's wish its own."""
    camera, private = entry.camera, entry.private
    by = (entry.by or record.privacy_by(camera)) if private else ""
    others, theirs = (record.private, record.private_by) if camera else ({}, {})
    return replace(
        record,
        private=MappingProxyType({**others, camera: private}),
        private_by=MappingProxyType({**theirs, camera: by}),
    )


def _planned(record: Record, entry: e.PlanProposed | e.PlanAnswered) -> Record:
    match entry:
        case e.PlanProposed(token):
            number = read_plan(token).plan().number  # a plan that does not hold together is refused here
            return replace(record, proposed=token, highest_plan=max(record.highest_plan, number))
        case _:
            number, accepted = entry.number, entry.accepted
            proposed = record.proposed
            # An answer to a plan that is no longer the proposed one says nothing about this one.
            if proposed is None or number_of(proposed) != number:
                return record
            record = replace(record, accepted=proposed if accepted else record.accepted, proposed=None)
            # What was moved was moved within the plan before; what was skipped stays skipped.
            return replace(record, moved=MappingProxyType({})) if accepted else record


def _wished(record: Record, entry: e.LookSkipped | e.LookKept | e.LookMoved | e.VisitAsked, at_ms: int) -> Record:
    match entry:
        case e.LookSkipped(occurrence):
            return replace(record, skipped=record.skipped | {occurrence})
        case e.LookKept(occurrence):
            moved = {name: one for name, one in record.moved.items() if name != occurrence}
            return replace(record, skipped=record.skipped - {occurrence}, moved=MappingProxyType(moved))
        case e.LookMoved(occurrence, start_ms, end_ms):
            moved = {**record.moved, occurrence: (moment(start_ms), moment(end_ms))}
            return replace(record, moved=MappingProxyType(moved))
        case _:
            return replace(record, visits=(*record.visits, Visit(entry.visit, at_ms))[-VISITS_KEPT:])


def _slept(record: Record, entry: e.SleepRated | e.SleepTold | e.SleepSharing) -> Record:
    """Only what was rated while it might be told is ever told, and nothing once it may not any more."""
    match entry:
        case e.SleepSharing(shared):
            return replace(record, shares_sleep=shared, untold=record.untold if shared else ())
        case e.SleepTold(night):
            return replace(record, untold=tuple(one for one in record.untold if one.night != night))
        case _:
            other = (one for one in record.untold if one.night != entry.night)
            untold = (*other, entry)[-_NIGHTS_KEPT:] if record.shares_sleep else ()
            return replace(record, sleep=entry, untold=untold)


def _looked(
    record: Record, entry: e.LookStarted | e.LookTurned | e.LookEnded | e.ReceiptSigned | e.LookMissed, at_ms: int
) -> Record:
    match entry:
        case e.LookStarted():
            return _look_started(record, entry, at_ms)
        case e.LookTurned(look):
            if record.interrupted is None or record.interrupted.started.look != look:
                raise Contradiction
            return record
        case e.LookEnded():
            return _look_ended(record, entry)
        case e.ReceiptSigned(token):
            return _receipt_signed(record, token, at_ms)
        case _:
            return replace(record, missed=record.missed | {entry.occurrence})


def _receipt_signed(record: Record, token: str, at_ms: int) -> Record:
    """The chain with one receipt more: that of the oldest look without one."""
    parsed = parse(Receipt, token)
    receipt = parsed.statement
    follows = (receipt.sequence, receipt.previous) == (record.head.sequence + 1, record.head.hash)
    if not follows or not record.waiting or record.waiting[0].started.look != receipt.look:
        raise Contradiction
    return replace(
        record,
        receipts=(*record.receipts, token),
        head=Head(receipt.sequence, parsed.hash),
        keeping=record.keeping.signed(parsed.hash, at_ms),
    )


def _look_started(record: Record, entry: e.LookStarted, at_ms: int) -> Record:
    if record.interrupted is not None or entry.look in record.used:
        raise Contradiction
    before = record.spent.get(entry.occurrence)
    after = Spent(moment(at_ms), 1, seen=False) if before is None else replace(before, looks=before.looks + 1)
    return replace(
        record,
        spent=MappingProxyType({**record.spent, entry.occurrence: after}),
        used=record.used | {entry.look},
        past=(*record.past, Past(at_ms, entry)),
    )


def _look_ended(record: Record, entry: e.LookEnded) -> Record:
    running = record.interrupted
    if running is None or running.started.look != entry.look:
        raise Contradiction
    spent = record.spent
    if entry.reason is CloseReason.SEEN:
        occurrence = running.started.occurrence
        spent = MappingProxyType({**spent, occurrence: replace(spent[occurrence], seen=True)})
    return replace(record, spent=spent, past=(*record.past[:-1], replace(running, ended=entry)))
