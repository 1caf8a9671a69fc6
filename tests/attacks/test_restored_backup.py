"""Somebody puts an older backup of the home back, to have again what has been taken away since. The bridge, outside the
backups, remembers how far the journal had come and which plans had been shown and accepted.

The real journal, disk and restart, and the root's policy and list: tests/integration/test_restored.py; the bridge's
memory: tests/bridge/test_reached.py and test_trust.py.
"""

from dataclasses import replace
from datetime import time

from tests.attacks.besieged import PLAN, SAID, Besieged, not_seen, right
from tests.tillsyn.made import ROOT
from tillsyn.entries import Pause, PlanAnswered
from tillsyn.errors import Refusal
from tillsyn.model import Window

WIDE = replace(PLAN, number=4, windows=(*PLAN.windows, Window("day", time(0, 30), time(12))))
NARROW = replace(PLAN, number=5, look_seconds=20)


def put_back(home: Besieged, backup: bytes) -> Besieged:
    """The home starts on the older journal, and a person has looked it over and ended the pause."""
    home.data = backup
    home.start()
    assert home.record.is_restored
    home.write(Pause(False, "anna"))
    home.load()
    return home


def test_restored_backup_opens_nothing() -> None:
    """A journal from before the look and the pause."""
    home = Besieged()
    backup = home.data
    not_seen(home, "first")
    home.data = backup
    home.start()
    before = home.openings
    fresh = right("after the backup", now=home.at)
    assert home.look(fresh) is Refusal.PAUSED
    home.write(Pause(False, "anna"))
    home.load()
    # What of this night was used is not known any more, so all of it is.
    assert home.look(fresh) is Refusal.BUDGET_USED
    assert home.openings == before
    # A journal that has not gone back opens after the same restart.
    same = Besieged()
    same.start()
    assert same.look(SAID) is None


def test_restored_plan_opens_nothing() -> None:
    """From a backup with the wider plan, which a narrower one has replaced: nor can it, or one before, be accepted."""
    home = Besieged(statement=WIDE)
    backup, said = home.data, right("wide", "day/2026-11-23", 4)
    assert home.propose(ROOT.sign(NARROW)) is None
    assert home.plan == NARROW.plan()
    assert home.look(said) is Refusal.WRONG_PLAN
    put_back(home, backup)
    before = home.openings
    assert home.look(said) is Refusal.NO_PLAN
    assert home.propose(ROOT.sign(WIDE)) is Refusal.WRONG_PLAN
    home.accept(4)
    assert home.look(said) is Refusal.NO_PLAN
    assert home.openings == before
    # The newest is the municipality's to show again, and a person's to accept again.
    assert home.propose(ROOT.sign(NARROW)) is None
    assert home.plan is None
    home.accept(5)
    assert home.plan == NARROW.plan()
    assert home.look(right("newest", number=5)) is Refusal.BUDGET_USED  # of tonight, as nobody knows what was used


def test_restored_proposal_opens_nothing() -> None:
    """The backup has a wider plan that waits; it was declined since, and another was agreed on."""
    home = Besieged()
    assert home.propose(ROOT.sign(WIDE)) is None
    backup = home.data
    home.write(PlanAnswered(4, False, "anna"))
    assert home.propose(ROOT.sign(NARROW)) is None
    put_back(home, backup)
    home.accept(4)
    assert home.look(right("wide", "day/2026-11-23", 4)) is Refusal.NO_PLAN
    assert home.plan is None


def test_backup_that_is_restored_twice_opens_nothing() -> None:
    home = Besieged(statement=WIDE)
    backup = home.data
    assert home.propose(ROOT.sign(NARROW)) is None
    for _ in range(2):
        put_back(home, backup)
        assert home.propose(ROOT.sign(WIDE)) is Refusal.WRONG_PLAN
        assert home.look(right("wide", "day/2026-11-23", 4)) is Refusal.NO_PLAN
