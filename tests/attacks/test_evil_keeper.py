"""A service that loses, changes, moves or denies receipts: the running service, made dishonest in its own store, and a
home that judges what it is shown as the integration does.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from operator_service.verify.log import NotVerified, verify_log
from tests.operator.peers import SOON, Home, MovedClock, World, serve
from tests.operator.test_verify_answers import acknowledged, file
from tests.tillsyn.made import HUB, NOW, ROOT, STRANGER, revoked
from tests.tillsyn.nights import NIGHT_ENDS
from tests.tillsyn.story import ended, receipt, said, started, written
from tillsyn import frames
from tillsyn.chain import Trust
from tillsyn.checkpoints import judge
from tillsyn.entries import CheckpointsDiffer, ReceiptSigned, ReceiptsKept
from tillsyn.errors import Refusal, Refused
from tillsyn.frames import Kept
from tillsyn.identity import SigningKey, digest, parse
from tillsyn.journal import apply, encode, replay
from tillsyn.receipts import Head
from tillsyn.record import Record
from tillsyn.wire import Receipt, ServiceKey

ONE = receipt("one")
TWO = receipt("two", Head(1, digest(ONE.token)))
LOOKS = (started("one"), ended("one"), ONE, started("two", "night/2026-11-23"), ended("two"), TWO)
FIRST, SECOND = digest(ONE.token), digest(TWO.token)
AT = NIGHT_ENDS + 60
HOURS = 3600


@dataclass
class House:
    """A home that looked twice tonight, and what it makes of what it is shown."""

    record: Record = field(default_factory=lambda: replay(written(*LOOKS)))
    trust: Trust = field(default_factory=Trust)

    def shown(self, frame: Kept, now: int = AT) -> Refusal | None:
        try:
            entry = judge(ROOT.public, self.trust, self.record.keeping, frame, now)
        except Refused as err:
            return err.code
        if entry is not None:
            self.record = apply(self.record, encode(self.record, entry, now * 1000)[:-1])
        return None

    @property
    def unkept(self) -> list[str]:
        return [one.receipt for one in self.record.keeping.unkept]

    def missed(self, hours: int) -> int:
        """How many receipts people at home are told of, so long after it was shown the first."""
        reachable_since = dict.fromkeys((FIRST, SECOND), NOW * 1000)
        return self.record.keeping.overdue((), reachable_since, (AT + hours * HOURS) * 1000)


@dataclass
class Service:
    """The operator service with its key, linked to the home and to another."""

    world: World
    home: Home
    path: Path

    def spoil(self, statement: str, *values: str) -> None:
        """Somebody changes the store behind its back."""
        with closing(sqlite3.connect(self.path, timeout=5)) as db, db:
            db.execute(statement, values)

    async def noon(self) -> None:
        await self.world.clock.forward(max(0, AT - self.world.clock.now()))

    async def shows(self) -> Kept:
        async with asyncio.timeout(SOON):
            while not isinstance(frame := await self.home.hear(), Kept):
                pass
        return frame


async def _linked(world: World, key: SigningKey, *receipts: ReceiptSigned) -> Home:
    home = Home(world, "Rosen", key)
    await home.connect()
    for one in receipts:
        await home.send(frames.Signed(parse(Receipt, one.token).statement.look, one.token))
    await home.settled()
    return home


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    world = await serve(tmp_path, ROOT, MovedClock(NOW))
    key = await world.service.keeper.key()
    certificate = ROOT.sign(ServiceKey(key.x, NOW, NOW + 300 * 86_400))
    await world.service.keeper.certify(ROOT.public, certificate, "boss")
    home = await _linked(world, HUB, ONE, TWO)
    yield Service(world, home, tmp_path / "operator.db")
    await home.close()
    await world.stop()


async def test_honest_service_is_believed_and_nothing_is_missed(service: Service) -> None:
    await service.noon()
    house = House()
    assert house.shown(await service.shows()) is None
    assert (house.unkept, house.missed(100)) == ([], 0)


async def test_receipt_that_is_left_out_of_the_tree_is_missed(service: Service) -> None:
    service.spoil("DELETE FROM receipt WHERE hash = ?", SECOND)
    await service.noon()
    house = House()
    assert house.shown(await service.shows()) is None
    assert house.unkept == [SECOND]
    assert (house.missed(36), house.missed(37)) == (0, 1)


async def test_changed_receipt_is_in_no_tree(service: Service) -> None:
    """The service says that somebody else looked. The home's own receipt is then in no tree, whatever it is called."""
    other = HUB.sign(replace(parse(Receipt, TWO.token).statement, name="Kim Annan"))
    service.spoil("UPDATE receipt SET hash = ?, token = ? WHERE hash = ?", digest(other), other, SECOND)
    await service.noon()
    frame = await service.shows()
    house = House()
    assert house.shown(frame) is None
    assert house.unkept == [SECOND]
    lied = tuple(replace(one, receipt=SECOND) if one.receipt == digest(other) else one for one in frame.receipts)
    assert House().shown(replace(frame, receipts=lied)) is Refusal.BAD_MESSAGE


async def test_proof_of_another_receipt_proves_nothing(service: Service) -> None:
    await service.noon()
    frame = await service.shows()
    one, other = frame.receipts
    house = House()
    for lie in (
        replace(other, receipt=one.receipt),
        replace(one, index=other.index),
        replace(one, path=other.path),
        replace(one, path=()),
    ):
        assert house.shown(replace(frame, receipts=(lie,))) is Refusal.BAD_MESSAGE
    assert house.unkept == [FIRST, SECOND]


async def test_checkpoint_by_another_key_proves_nothing(service: Service) -> None:
    await service.noon()
    frame = await service.shows()
    foreign = STRANGER.sign(parse(ServiceKey, frame.key).statement)
    of_another = ROOT.sign(ServiceKey(STRANGER.public.x, NOW, NOW + 86_400))
    house = House()
    assert house.shown(replace(frame, key=foreign)) is Refusal.UNKNOWN_SIGNER
    assert house.shown(replace(frame, key=of_another)) is Refusal.UNKNOWN_SIGNER
    assert house.unkept == [FIRST, SECOND]


async def test_revoked_key_proves_nothing(service: Service) -> None:
    await service.noon()
    frame = await service.shows()
    kid = str((await service.world.service.keeper.state()).kid)
    house = House(trust=Trust(revocations=revoked(kid)))
    assert house.shown(frame) is Refusal.REVOKED
    assert house.unkept == [FIRST, SECOND]


async def test_old_key_writes_no_old_date(service: Service) -> None:
    """Whoever finds the key when its certificate has run out signs for a night in which it held."""
    await service.noon()
    frame = await service.shows()
    house = House()
    assert house.shown(frame, NOW + 300 * 86_400) is Refusal.CREDENTIAL_EXPIRED
    assert house.shown(frame, NOW + 300 * 86_400 - 1) is None


async def test_second_checkpoint_for_a_night_is_kept_beside_the_first(service: Service) -> None:
    """The store is made to forget what was signed, and one of the receipts."""
    await service.noon()
    first = await service.shows()
    house = House()
    assert house.shown(replace(first, receipts=first.receipts[:1])) is None
    for table in ("kept", "checkpoint"):
        service.spoil(f"DELETE FROM {table}")
    service.spoil("DELETE FROM receipt WHERE hash = ?", FIRST)
    await service.world.service.keeper.round()
    second = await service.shows()
    assert house.shown(second) is None
    assert house.unkept == [SECOND]
    night = parse(Receipt, ONE.token).statement.occurrence.partition("/")[2]
    assert [one.isoformat() for one in house.record.keeping.differing] == [night]
    assert house.shown(second) is Refusal.BAD_MESSAGE
    kept_there = CheckpointsDiffer(first.key, first.checkpoint, second.key, second.checkpoint)
    journal = (*LOOKS, ReceiptsKept(first.key, first.checkpoint, first.receipts[:1]), kept_there)
    assert replace(said(*journal).keeping, began=house.record.keeping.began) == house.record.keeping


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda found: found["receipts"].pop(0), id="dropped"),
        pytest.param(lambda found: found["receipts"].reverse(), id="moved"),
        pytest.param(lambda found: found["receipts"].append(found["receipts"][0]), id="twice"),
        pytest.param(lambda found: (found["lines"].pop(), found["receipts"].pop()), id="the end is cut off"),
        pytest.param(lambda found: found["lines"].pop(0), id="the beginning is cut off"),
    ],
)
def test_dropped_moved_or_truncated_log_does_not_hold(spoil: Callable[[dict[str, Any]], object]) -> None:
    found = file()
    spoil(found)
    with pytest.raises(NotVerified):
        verify_log(json.dumps(found).encode(), ROOT.public.kid)


def test_acknowledgement_of_another_receipt_counts_for_nothing() -> None:
    """The operator was shown a receipt that the home never wrote."""
    invented = HUB.sign(replace(parse(Receipt, ONE.token).statement, name="Kim Annan"))
    found = verify_log(json.dumps(file(acknowledged(receipt=invented))).encode(), ROOT.public.kid)
    assert (found.receipts, found.acknowledged) == (2, 0)


def test_operator_cannot_make_a_homes_log_worthless_by_a_false_acknowledgement() -> None:
    """By whoever looked the second time: of the first receipt, which is another's look."""
    found = verify_log(json.dumps(file(acknowledged("two", ONE.token), acknowledged())).encode(), ROOT.public.kid)
    assert (found.receipts, found.acknowledged, found.unfounded) == (2, 1, 1)
