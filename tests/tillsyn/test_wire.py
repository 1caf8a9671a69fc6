"""The signed statements, field by field."""

import json
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from tests.tillsyn.made import (
    CANDIDATE,
    HUB,
    NOW,
    OCCURRENCE,
    OPERATOR,
    PHONE,
    connection,
    look_id,
    plan_statement,
    talk,
)
from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.frames import LIMIT
from tillsyn.identity import digest
from tillsyn.model import Fallback, Limits, Outcome, Plan, Role, Room, Window
from tillsyn.strict import dump
from tillsyn.wire import (
    STATEMENTS,
    Answer,
    Away,
    Checkpoint,
    Close,
    Connection,
    ConsoleFile,
    ConsoleFiles,
    Credential,
    Delegation,
    HubCertificate,
    Log,
    Login,
    Look,
    Moved,
    Offer,
    Opened,
    Passkey,
    PlanAck,
    PlanStatement,
    Policy,
    Prepare,
    Receipt,
    ReceiptAck,
    Refuse,
    Revocations,
    ServiceKey,
    Sleep,
    Statement,
    Turn,
    VisitAsked,
    Wishes,
)
from tillsyn.wire_people import MAX_REVOKED, NUMBERS_BEGIN

LOOK, HASH, KID = look_id("look"), digest("something"), HUB.public.kid
EXAMPLES: tuple[Statement, ...] = (
    Credential(OPERATOR.public.x, "Åsa Öberg", (Role.OPERATOR, Role.PATROL), ("natt", "natt-2"), NOW, NOW + 9),
    HubCertificate(HUB.public.x, "Storgatan 1", "Kungsbacka", NOW, NOW + 9, 4),
    Login(KID, HASH, NOW),
    plan_statement(),
    PlanAck(KID, 3, HASH, "accepted", NOW),
    Prepare(LOOK, KID, 3, OCCURRENCE, NOW, NOW + 30),
    Offer(LOOK, HASH, HASH, connection(), NOW),
    Answer(LOOK, HASH, connection("active"), NOW),
    talk().asked,
    Opened(LOOK, HASH, NOW * 1000, 30),
    Refuse(LOOK, HASH, Refusal.PAUSED, NOW),
    Close(LOOK, Outcome.SEEN, NOW),
    Receipt(KID, 1, "A" * 43, LOOK, OCCURRENCE, HASH, "Nilla", NOW * 1000, NOW * 1000 + 9, CloseReason.SEEN),
    Turn(LOOK, Room.KITCHEN, 1, NOW),
    Wishes(
        KID,
        (OCCURRENCE,),
        (Moved("night/2026-11-23", NOW + 60, NOW + 3600),),
        (Away(NOW, NOW + 86400),),
        (VisitAsked(LOOK, NOW),),
        NOW,
    ),
    Sleep(KID, date(2026, 11, 22), 4, "Vaknade en gång", NOW),
    Log(KID, 1, 42, HASH, 7, HASH, NOW),
    ServiceKey(HASH, NOW, NOW + 86_400),
    Checkpoint(date(2026, 11, 22), 12, HASH, NOW),
    ConsoleFiles(HASH, (ConsoleFile("vendor/lit.js", HASH),), NOW),
    Policy(3, False, 28_800, 60, 1, NOW),
    Revocations(3, (HASH, KID), NOW),
    ReceiptAck(LOOK, HASH, NOW),
)
PASSKEY = Passkey(**PHONE.passkey)
BY_PASSKEY = Credential("", "Åsa Öberg", (Role.OPERATOR,), ("natt",), NOW, NOW + 9, PASSKEY)
ALL = (*EXAMPLES, BY_PASSKEY, Delegation(HASH, OPERATOR.public.x, NOW, NOW + 9))
ABSENT = {"rooms", "contact", "keep_days", "move_minutes", "policy"}
"""What a plan of version 1 does not have, and a hub's certificate of version 2."""
MAY_BE = {"contact": ("", "å" * 90), "comment": ("", "å" * 90), "skipped": ([],), "moved": ([],), "away": ([],),
          "visits": ([],), "browser_keys": (True,), "revoked": ([],)}  # fmt: skip
"""Values that would be wrong in other fields."""
MAY_BE_NONE = {
    "grace_seconds",
    "retry_within_minutes",
    "max_retries",
    "move_minutes",
    "first",
    "lines",
    "receipts",
    "policy",
}
"""Numbers that may be 0."""
PARTS = [
    pytest.param(example, name, id=f"{example.TYP} {name}") for example in ALL for name in json.loads(example.payload())
]
NEEDED = [part for part in PARTS if part.values[1] not in ABSENT]


def raw(example: Statement) -> dict[str, Any]:
    """The payload as JSON values."""
    found: dict[str, Any] = json.loads(example.payload())
    return found


def refused(kind: type[Statement], value: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        kind.parse(dump(value))
    assert caught.value.code is Refusal.BAD_MESSAGE


def raw_passkey(**changes: Any) -> dict[str, Any]:
    """A passkey as JSON values; None leaves a field out."""
    return {name: value for name, value in (PHONE.passkey | changes).items() if value is not None}


def test_there_is_an_example_of_every_statement() -> None:
    assert {type(one) for one in EXAMPLES} == set(STATEMENTS.values())
    assert {one.TYP for one in EXAMPLES} == set(STATEMENTS)


@pytest.mark.parametrize("example", ALL, ids=lambda one: one.TYP)
def test_what_is_written_is_read_back(example: Statement) -> None:
    assert type(example).parse(example.payload()) == example


@pytest.mark.parametrize(("example", "name"), NEEDED)
def test_a_missing_field_is_refused(example: Statement, name: str) -> None:
    value = raw(example)
    del value[name]
    refused(type(example), value)


@pytest.mark.parametrize("example", ALL, ids=lambda one: one.TYP)
def test_an_unknown_field_is_refused(example: Statement) -> None:
    refused(type(example), raw(example) | {"admin": True})


@pytest.mark.parametrize(("example", "name"), PARTS)
def test_a_field_with_another_value_is_refused(example: Statement, name: str) -> None:
    wrong = (None, True, -1, 2**53 - 1, "", "x\n", "å" * 90, [], ["a"] * 30, {"a": 1}, -1 if name in MAY_BE_NONE else 0)
    for value in wrong:
        if value not in MAY_BE.get(name, ()):
            refused(type(example), raw(example) | {name: value})


@pytest.mark.parametrize("example", ALL, ids=lambda one: one.TYP)
def test_an_oversize_statement_is_refused(example: Statement) -> None:
    with pytest.raises(Refused):
        type(example).parse(example.payload() + b" " * type(example).LIMIT)


@pytest.mark.parametrize(
    "candidate",
    [
        pytest.param(CANDIDATE + "\r\na=ice-lite", id="smuggles an SDP line"),
        pytest.param(CANDIDATE + "\na=candidate:2", id="smuggles a second candidate"),
        pytest.param(CANDIDATE + "\n", id="ends with a newline"),
        pytest.param("a=" + CANDIDATE, id="has the attribute's prefix"),
        pytest.param(CANDIDATE.replace(" 1 udp", " 2 udp"), id="is for RTCP"),
        pytest.param(CANDIDATE.replace("udp", "sctp"), id="uses another transport"),
        pytest.param(CANDIDATE.replace("host", "prflx"), id="is of another type"),
        pytest.param(CANDIDATE + " x evil", id="has an unknown extension"),
        pytest.param(CANDIDATE.replace("192.0.2.7", "192.0.2.7 50000 typ host"), id="has a second address"),
        pytest.param(CANDIDATE.replace("50000", "500000"), id="has a port too long"),
        pytest.param(CANDIDATE.replace("50000", "٥٠٠٠٠"), id="has digits that are not ASCII"),
        pytest.param(CANDIDATE.replace("192.0.2.7", "a/../b"), id="has a path as address"),
        pytest.param(CANDIDATE.replace("192.0.2.7", "x" * 65), id="has a long address"),
    ],
)
def test_candidate_that_smuggles_is_refused(candidate: str) -> None:
    for example in (EXAMPLES[6], EXAMPLES[7]):
        value = raw(example)
        value["connection"]["candidates"] = [candidate]
        refused(type(example), value)


@pytest.mark.parametrize(
    "candidate",
    [
        "candidate:842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx raddr 10.0.0.7 rport 46154 ufrag EsAw",
        "candidate:1 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active generation 0 ufrag EsAw network-id 1",
        "candidate:0 1 UDP 2122252543 0b3c7ab9-31ab-4e7e-b1c7-5d1f0ea4a111.local 50004 typ host",
        "candidate:7 1 udp 41885439 2001:db8::7 50000 typ relay raddr :: rport 0",
    ],
    ids=["Chrome, server reflexive", "Chrome, TCP", "Firefox, mDNS", "relayed, IPv6"],
)
def test_candidates_of_browsers_are_accepted(candidate: str) -> None:
    offer = Offer(LOOK, HASH, HASH, connection(candidates=(candidate,)), NOW)
    assert Offer.parse(offer.payload()) == offer


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"fingerprint": ":".join(["ab"] * 32)}, id="a fingerprint in small letters"),
        pytest.param({"fingerprint": ":".join(["AB"] * 20)}, id="a SHA-1 fingerprint"),
        pytest.param({"fingerprint": "sha-256 " + ":".join(["AB"] * 32)}, id="a fingerprint with its algorithm"),
        pytest.param({"fingerprint": ":".join(["AB"] * 32) + "\r\na=x"}, id="a fingerprint that smuggles"),
        pytest.param({"ufrag": "abc"}, id="a short ufrag"),
        pytest.param({"ufrag": "abcd\r\na=x"}, id="a ufrag that smuggles"),
        pytest.param({"password": "p" * 21}, id="a short password"),
        pytest.param({"setup": "holdconn"}, id="no role"),
        pytest.param({"candidates": []}, id="no candidate"),
        pytest.param({"candidates": [CANDIDATE] * 2}, id="a candidate twice"),
        pytest.param({"candidates": [CANDIDATE + f" generation {n}" for n in range(9)]}, id="nine candidates"),
        pytest.param({"sdp": "v=0"}, id="an SDP of its own"),
    ],
)
def test_other_connection_is_refused(change: dict[str, Any]) -> None:
    value = raw(EXAMPLES[6])
    value["connection"] |= change
    refused(Offer, value)


def test_a_connection_is_read_to_its_type() -> None:
    offer = Offer.parse(EXAMPLES[6].payload())
    assert isinstance(offer, Offer) and isinstance(offer.connection, Connection)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"look_seconds": 9}, id="a look shorter than ten seconds"),
        pytest.param({"look_seconds": 121}, id="a look longer than two minutes"),
        pytest.param({"grace_seconds": 121}, id="more than two minutes of grace"),
        pytest.param({"max_retries": 4}, id="four retries"),
        pytest.param({"retry_within_minutes": 61}, id="a retry after more than an hour"),
        pytest.param({"roles": []}, id="nobody who may look"),
        pytest.param({"windows": [{"id": "n", "start": "22:00", "end": "22:00", "days": [1]}]}, id="an empty window"),
        pytest.param({"windows": [{"id": "n", "start": "22:00", "end": "07:00", "days": []}]}, id="a window on no day"),
        pytest.param({"windows": [{"id": "n", "start": "22:00", "end": "07:00", "days": [0]}]}, id="weekday 0"),
        pytest.param(
            {"windows": [{"id": "n/x", "start": "22:00", "end": "07:00", "days": [1]}]}, id="an id with a slash"
        ),
        pytest.param({"windows": [{"id": "n", "start": "22:00", "end": "24:00", "days": [1]}]}, id="24 o'clock"),
        pytest.param({"review": "2027-02-30"}, id="a review on no day"),
        pytest.param({"number": 0}, id="plan 0"),
    ],
)
def test_plan_beyond_what_may_be_agreed_is_refused(change: dict[str, Any]) -> None:
    refused(PlanStatement, raw(plan_statement()) | change)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"key": OPERATOR.public.x}, id="a key beside the passkey"),
        pytest.param({"passkey": None}, id="no passkey"),
        pytest.param({"passkey": raw_passkey(y=None)}, id="half a point"),
        pytest.param({"passkey": raw_passkey(alg="ES256")}, id="an algorithm"),
        pytest.param({"passkey": raw_passkey(id="short")}, id="a short id"),
        pytest.param({"passkey": raw_passkey(id="A" * 513)}, id="a long id"),
        pytest.param({"passkey": raw_passkey(rp="evil.example")}, id="an rp of another site"),
        pytest.param({"passkey": raw_passkey(rp="llsyn.example")}, id="an rp that is the end of a label"),
        pytest.param({"passkey": raw_passkey(rp="natt.tillsyn.example")}, id="an rp below the site"),
        pytest.param({"passkey": raw_passkey(rp=".example")}, id="an rp with a dot in front"),
        pytest.param({"passkey": raw_passkey(origin="http://tillsyn.example")}, id="a site without TLS"),
        pytest.param({"passkey": raw_passkey(origin="https://tillsyn.example/")}, id="a site with a path"),
        pytest.param({"passkey": raw_passkey(origin="https://me@tillsyn.example")}, id="a site with a login"),
        pytest.param({"passkey": raw_passkey(origin="https://Tillsyn.example")}, id="a site in capitals"),
        pytest.param({"passkey": raw_passkey(origin="http://localhost.tillsyn.example")}, id="another localhost"),
    ],
)
def test_credential_of_another_passkey_is_refused(change: dict[str, Any]) -> None:
    refused(Credential, raw(BY_PASSKEY) | change)


@pytest.mark.parametrize(
    ("rp", "origin"),
    [
        ("tillsyn.example", "https://natt.tillsyn.example:8443"),
        ("localhost", "http://localhost:8123"),
        ("127.0.0.1", "http://127.0.0.1:8123"),
    ],
)
def test_the_site_of_a_passkey(rp: str, origin: str) -> None:
    made = replace(BY_PASSKEY, passkey=replace(PASSKEY, rp=rp, origin=origin))
    assert Credential.parse(made.payload()) == made


def test_nobody_uses_up_the_numbers_of_the_lists() -> None:
    last = Revocations(NOW - NUMBERS_BEGIN, (), NOW)
    assert Revocations.parse(last.payload()) == last
    refused(Revocations, raw(last) | {"number": last.number + 1})


def test_a_full_list_can_be_read_and_sent() -> None:
    full = Revocations(1, tuple(digest(str(one)) for one in range(MAX_REVOKED)), NOW)
    assert Revocations.parse(full.payload()) == full
    longest = len(OPERATOR.sign(full)) + 6000
    assert longest < LIMIT
    refused(Revocations, raw(full) | {"revoked": [*full.revoked, HASH]})


def test_a_plan_of_version_1_has_what_it_meant() -> None:
    old = {name: value for name, value in raw(plan_statement()).items() if name not in ABSENT}
    plan = PlanStatement.parse(dump(old)).plan()
    assert (plan.rooms, plan.contact, plan.keep_days, plan.move_minutes) == ((Room.BEDROOM,), "", 365, 0)


@pytest.mark.parametrize("change", [{"start": NOW + 86400}, {"end": NOW}, {"extra": 1}])
def test_a_time_that_is_none_is_refused(change: dict[str, Any]) -> None:
    wishes = raw(next(one for one in EXAMPLES if isinstance(one, Wishes)))
    refused(Wishes, wishes | {"away": [{"start": NOW, "end": NOW + 86400} | change]})


def test_a_plan_with_two_windows_of_one_name_is_refused() -> None:
    twins = (Window("n", time(22), time(23)), Window("n", time(1), time(2)))
    with pytest.raises(Refused):
        plan_statement(windows=twins).plan()


def test_the_plan_is_what_the_statement_says() -> None:
    windows = (Window("a", time(22), time(23)), Window("b", time(1), time(2), (6, 7)))
    statement = plan_statement(windows=windows, look_seconds=60, max_retries=2)
    assert statement.plan() == Plan(
        KID, 3, "natt", windows, Limits(60, 30, 20, 2), (Role.OPERATOR,), (Fallback.CALL_CLIENT, Fallback.VISIT),
        date(2027, 2, 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    "occurrence",
    [
        "night",
        "night/",
        "/2026-11-22",
        "night/2026-11-22/x",
        "Night/2026-11-22",
        "night/2026-W47-7",
        "night/20261122",
        "../2026-11-22",
    ],
)
def test_occurrence_in_another_form_is_refused(occurrence: str) -> None:
    refused(Look, raw(talk().asked) | {"occurrence": occurrence})


def test_signed_fields_come_in_a_fixed_order_without_blanks() -> None:
    ack = replace(EXAMPLES[-1], iat=NOW + 1)  # type: ignore[type-var]
    assert ack.payload() == f'{{"look":"{LOOK}","receipt":"{HASH}","iat":{NOW + 1}}}'.encode()


def test_a_console_file_that_is_listed_twice_is_refused() -> None:
    file = ConsoleFile("app.js", "A" * 43)
    with pytest.raises(Refused):
        ConsoleFiles("A" * 43, (file, file), 1_795_000_000).check_names()
    ConsoleFiles("A" * 43, (file,), 1_795_000_000).check_names()
