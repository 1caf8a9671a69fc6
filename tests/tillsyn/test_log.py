"""The log: each entry with what it refers to, also where that was said long ago or is no longer kept."""

import pytest

from tests.tillsyn.made import ADMIN, HUB, NIGHT, NOW, OPERATOR, ROOT, admin_shift, credential, look_id, shift
from tests.tillsyn.story import (
    ANNA,
    AT,
    AWAY,
    BO,
    CONSENT,
    MOVED,
    PAUSE,
    YES,
    accepted,
    declined,
    ended,
    proposed,
    receipt,
    started,
    written,
)
from tillsyn.agreement import Away
from tillsyn.entries import (
    AwayRemoved,
    ConsentWithdrawn,
    Entry,
    LookKept,
    LookMissed,
    LookSkipped,
    LookTurned,
    Paired,
    PersonChanged,
    PersonRemoved,
    ReceiptAcknowledged,
)
from tillsyn.identity import digest
from tillsyn.journal import purge
from tillsyn.log import Row, rows
from tillsyn.model import Room
from tillsyn.wire import HubCertificate, ReceiptAck

GONE = AwayRemoved("away0001", "anna")
TRAVEL = Away("away0001", AWAY.kind, AWAY.start_ms, AWAY.end_ms, "anna")
SKIPPED = LookSkipped("night/2026-11-24", "anna")


def told(*entries: Entry) -> list[Row]:
    return list(rows(written(*entries).splitlines(keepends=True)))


def test_every_entry_is_a_row_with_its_number_and_time() -> None:
    assert told(CONSENT, PAUSE) == [Row(1, AT, CONSENT), Row(2, AT + 1000, PAUSE)]


@pytest.mark.parametrize(
    ("entries", "name"),
    [
        pytest.param((ANNA, YES), "Anna", id="who consents"),
        pytest.param((ANNA, BO, ConsentWithdrawn("bobo0001", "")), "Bo", id="who withdraws"),
        pytest.param((ANNA, ConsentWithdrawn("", "")), "", id="somebody withdraws"),
        pytest.param((ANNA, BO, PersonRemoved("bobo0001", "anna")), "Bo", id="who moves out"),
        pytest.param((ANNA, PersonChanged("anna0001", "Anni", "", "")), "Anna", id="who is renamed"),
        pytest.param((ANNA, PersonChanged("anna0001", "Anni", "", ""), YES), "Anni", id="who has been renamed"),
        pytest.param((ConsentWithdrawn("anna0001", ""),), "", id="somebody nobody has heard of"),
        pytest.param((started(), LookTurned(look_id("look"), Room.HALL)), "Nilla Natt", id="who turns"),
        pytest.param((started(), ended()), "Nilla Natt", id="whose look ends"),
        pytest.param((started(), ended(), receipt()), "Nilla Natt", id="whose receipt it is"),
        pytest.param((started(), ended(), PAUSE), "", id="a pause is nobody's look"),
    ],
)
def test_the_log_knows_who_it_is_about(entries: tuple[Entry, ...], name: str) -> None:
    assert told(*entries)[-1].name == name


def test_an_absence_that_is_removed_is_the_one_that_was_added() -> None:
    assert [one.away for one in told(AWAY, GONE)] == [None, TRAVEL]
    assert told(GONE)[0].away is None


@pytest.mark.parametrize("entry", [SKIPPED, LookKept(SKIPPED.occurrence, ""), MOVED, LookMissed(SKIPPED.occurrence)])
def test_a_look_has_the_hours_of_the_plan_that_held(entry: Entry) -> None:
    assert told(entry)[-1].window is None
    assert told(proposed(), entry)[-1].window is None
    assert told(proposed(), declined(), entry)[-1].window is None
    assert told(proposed(), accepted(4), entry)[-1].window is None
    assert told(proposed(), accepted(), entry)[-1].window == NIGHT
    assert told(proposed(), accepted(), proposed(4), declined(4), entry)[-1].window == NIGHT


def test_a_look_that_begins_has_them_too() -> None:
    assert told(proposed(), accepted(), started())[-1].window == NIGHT


def test_what_is_no_longer_kept_is_still_known_by_name() -> None:
    whole = written(ANNA, AWAY, proposed(), accepted(), YES, GONE, SKIPPED, proposed(4), accepted(4))
    after = list(rows(purge(whole, AT + 4000).splitlines()))
    assert after == list(rows(whole.splitlines()))[4:]
    assert (after[0].name, after[1].away, after[2].window) == ("Anna", TRAVEL, NIGHT)


def test_a_plan_that_waited_when_the_rest_was_purged_can_be_accepted() -> None:
    after = list(rows(purge(written(proposed(), accepted(), SKIPPED), AT + 1000).splitlines()))
    assert after[1].window == NIGHT


@pytest.mark.parametrize(
    ("chain", "name"),
    [
        pytest.param((credential(),), "Nilla Natt", id="a browser's key"),
        pytest.param((*admin_shift(), *shift(by=ADMIN)), "Nilla Natt", id="a shift, certified by an administrator"),
        pytest.param((), "", id="nobody"),
    ],
)
def test_an_acknowledgement_is_of_whoever_made_it(chain: tuple[str, ...], name: str) -> None:
    one = receipt()
    ack = OPERATOR.sign(ReceiptAck(look_id("look"), digest(one.token), NOW))
    entries = (started(), ended(), one, started("next", "night/2026-11-23"), ReceiptAcknowledged(ack, chain))
    lines = written(*entries).splitlines(keepends=True)
    assert list(rows(lines))[-1].name == name
    assert [row.acknowledged for row in rows(lines, {digest(one.token)})] == [False, False, True, False, False]
    assert not any(row.acknowledged for row in rows(lines))


def test_a_pairing_knows_which_one_it_takes_the_place_of() -> None:
    token = ROOT.sign(HubCertificate(HUB.public.x, "Rosen 1", "Exempelkommun", 0, 1))
    first, again = (Paired(ROOT.public.x, HUB.public.x, token, (), by) for by in ("", "anna"))
    data = written(CONSENT, first, PAUSE, again)
    assert [one.before for one in rows(data.splitlines(keepends=True))] == [None, None, None, first]
    short = purge(data, AT + 3000)
    assert [one.before for one in rows(short.splitlines(keepends=True))] == [first]
