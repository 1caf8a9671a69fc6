"""What happens in a home, as entries, to tell stories with; and the journal's bytes after them."""

from dataclasses import replace
from datetime import date
from typing import Any

from tests.tillsyn.made import COLLEAGUE, HUB, NOW, OCCURRENCE, OPERATOR, ROOT, look_id, plan_statement
from tillsyn.entries import (
    AimingEnded,
    AimingStarted,
    AwayAdded,
    Consent,
    ConsentGiven,
    Entry,
    LookEnded,
    LookMoved,
    LookRefused,
    LookStarted,
    Pause,
    PersonAdded,
    PlanAnswered,
    PlanProposed,
    PolicyAdopted,
    Privacy,
    ReceiptSigned,
    RevocationsAdopted,
    SleepRated,
)
from tillsyn.errors import CloseReason, Refusal
from tillsyn.journal import apply, encode, replay
from tillsyn.model import AwayKind, How, Relation
from tillsyn.receipts import Head, next_receipt
from tillsyn.record import Record
from tillsyn.wire import Policy

AT = NOW * 1000
START = Head()


def written(*entries: Entry) -> bytes:
    """The file's bytes after these entries, one a second."""
    record, data = Record(), b""
    for number, entry in enumerate(entries):
        line = encode(record, entry, AT + number * 1000)
        record, data = apply(record, line[:-1]), data + line
    assert replay(data) == record
    return data


def said(*entries: Entry) -> Record:
    return replay(written(*entries))


def started(name: str = "look", occurrence: str = OCCURRENCE) -> LookStarted:
    return LookStarted(look_id(name), occurrence, OPERATOR.public.kid, "Nilla Natt")


def ended(name: str = "look", reason: CloseReason = CloseReason.SEEN) -> LookEnded:
    return LookEnded(look_id(name), AT + 1000, AT + 25_000, reason)


def receipt(name: str = "look", head: Head = START, **changes: Any) -> ReceiptSigned:
    made = next_receipt(head, HUB.public.kid, started(name), ended(name))
    return ReceiptSigned(HUB.sign(replace(made, **changes)))


def proposed(number: int = 3, **changes: Any) -> PlanProposed:
    return PlanProposed(COLLEAGUE.sign(plan_statement(number=number, **changes)))


def accepted(number: int = 3) -> PlanAnswered:
    return PlanAnswered(number, accepted=True, by="anna")


def declined(number: int = 3) -> PlanAnswered:
    return PlanAnswered(number, accepted=False, by="anna")


ANNA = PersonAdded("anna0001", "Anna", Relation.CLIENT, "anna", "anna")
BO = PersonAdded("bobo0001", "Bo", Relation.COHABITANT, "", "anna")
YES = ConsentGiven("anna0001", How.WRITTEN, date(2027, 1, 1), "anna")
BO_YES = ConsentGiven("bobo0001", How.WRITTEN, date(2027, 1, 1), "anna")
AWAY = AwayAdded("away0001", AwayKind.TRAVEL, AT, AT + 9000, "anna")
MOVED = LookMoved(OCCURRENCE, AT + 60_000, AT + 3_600_000, "anna")
SLEPT = SleepRated(date(2026, 11, 22), 4, "Gott", "anna")
POLICIES = [Policy(number, number > 1, 3600, 60, 1, NOW) for number in (1, 2)]
ALLOWED, ALLOWED_MORE = (PolicyAdopted(ROOT.sign(one)) for one in POLICIES)
NONE_REVOKED, ONE_REVOKED = RevocationsAdopted(1, (), NOW), RevocationsAdopted(5, (OPERATOR.public.kid,), NOW + 60)
CONSENT, PAUSE = Consent(given=True, by="anna"), Pause(paused=True, by="anna")
NIGHT: tuple[Entry, ...] = (
    CONSENT,
    proposed(),
    accepted(),
    PAUSE,
    Pause(paused=False, by="anna"),
    Privacy(private=True, by=""),
    Privacy(private=False, by=""),
    AimingStarted("anna"),
    AimingEnded(CloseReason.AIMING_ENDED),
    LookRefused("", Refusal.BAD_SIGNATURE),
    started("one"),
    ended("one", CloseReason.NOT_SEEN),
    receipt("one"),
    started("two"),
    ended("two"),
)
