"""The service stands for the receipts it has kept: one checkpoint a night, and homes are shown that they are in it."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from operator_service import keeper
from operator_service.keeper import Keeper
from operator_service.rows import KeeperKey
from tests.operator.peers import PASSWORD, SOON, START, Browser, Home, World, eventually, serve
from tests.operator.test_root_trust import Town, town
from tillsyn import frames, wire
from tillsyn.chain import Trust
from tillsyn.checkpoints import check_checkpoint, check_included
from tillsyn.errors import CloseReason
from tillsyn.identity import SigningKey, digest, parse
from tillsyn.strict import b64u_encode

__all__ = ["town"]
NOON = START + 14 * 3600
"""After the night of START."""
TONIGHT = date(2026, 11, 22)
DAY = 86_400


class Kept:
    """A home that follows what it is told of its receipts, and checks it as a real one does."""

    def __init__(self, world: World, label: str = "Rosen 1", key: SigningKey | None = None) -> None:
        self.home = Home(world, label, key)
        self.receipts: list[str] = []
        self.told: list[tuple[str, str]] = []
        """Checkpoint's token and receipt's hash, in the order told."""

    async def connect(self) -> None:
        await self.home.connect()

    async def looked(self, times: int = 1) -> None:
        """Somebody has looked in."""
        for _ in range(times):
            look = b64u_encode(secrets.token_bytes(16))
            self.receipts.append(digest(await self.home.receipt(look, CloseReason.SEEN)))
        await self.home.settled()

    async def hear(self, *, notes: bool = True) -> frames.Kept:
        """What the service shows next, checked; what is shown must hold."""
        async with asyncio.timeout(SOON):
            while not isinstance(frame := await self.home.hear(), frames.Kept):
                pass
        world = self.home.world
        made = check_checkpoint(world.root.public, Trust(), frame.key, frame.checkpoint, world.clock.now()).statement
        for one in frame.receipts:
            check_included(made, one)
            self.told.append((frame.checkpoint, one.receipt))
        if notes:
            await self.note(*(one.receipt for one in frame.receipts))
        return frame

    async def note(self, *receipts: str) -> None:
        await self.home.send(frames.Noted(receipts))

    async def hears_nothing(self) -> None:
        """Nothing of receipts comes before what is said after all that was to be done."""
        await self.home.settled()
        last = frames.Signed("", self.home.world.root.sign(wire.Policy(1, True, 60, 60, 1, START)))
        self.home.world.service.links.send(self.home.hub, last)
        async with asyncio.timeout(SOON):
            while (frame := await self.home.hear()) != last:
                assert not isinstance(frame, frames.Kept)


async def certify(world: World, days: int = 300, **changes: Any) -> tuple[int, dict[str, object]]:
    """The root certifies the service's key."""
    await world.person("boss", "admin")
    async with Browser(world) as admin:
        await admin.post("/api/login", login="boss", password=PASSWORD)
        _, asked = await admin.post("/api/admin/service-key")
        now = world.clock.now()
        values = {"key": str(asked["key"]), "iat": now, "exp": now + days * DAY} | changes
        root = values.pop("by", world.root)
        token = root.sign(wire.ServiceKey(**values))
        return await admin.post("/api/admin/service-key/certificate", token=token)


async def state(world: World) -> object:
    return (await world.service.keeper.state()).state


async def noon(world: World, days: int = 0) -> None:
    """It becomes noon, and the service has done what it does then."""
    before = await world.store.uncovered()
    await world.clock.forward(NOON + days * DAY - world.clock.now())
    if before and await state(world) == "":
        for _ in range(1000):
            if not await world.store.uncovered():
                return
            await asyncio.sleep(0.005)  # no socket tells of it
        raise TimeoutError


@pytest.fixture
async def elsa(world: World) -> AsyncIterator[Kept]:
    found = Kept(world)
    await found.connect()
    yield found
    await found.home.close()


async def test_without_a_certified_key_nothing_is_shown(world: World, elsa: Kept) -> None:
    assert await state(world) == "none"
    await elsa.looked()
    await noon(world)
    await elsa.hears_nothing()
    assert await world.store.checkpoint("2026-11-22") is None


async def test_each_home_is_shown_that_all_its_receipts_are_kept(world: World, elsa: Kept) -> None:
    assert (await certify(world))[0] == 200
    assert await state(world) == ""
    bo = Kept(world, "Rosen 2")
    await bo.connect()
    await elsa.looked(3)
    await bo.looked(2)
    await noon(world)
    for home in (elsa, bo):
        await home.hear()
        assert [receipt for _, receipt in home.told] == home.receipts
    one, other = elsa.told[0][0], bo.told[0][0]
    assert one == other
    made = parse(wire.Checkpoint, one).statement
    assert (made.night, made.size) == (TONIGHT, 5)
    await bo.home.close()


async def test_what_a_home_has_noted_is_not_said_again(world: World, elsa: Kept) -> None:
    await certify(world)
    await elsa.looked()
    await noon(world)
    await elsa.hear()
    await elsa.home.settled()
    await elsa.home.close()
    await elsa.connect()
    await elsa.hears_nothing()
    await noon(world, 1)
    await elsa.hears_nothing()


@pytest.mark.parametrize("is_restarted", [False, True], ids=["the link was lost", "the service was restarted"])
async def test_what_a_home_has_not_noted_is_said_again(
    world: World, elsa: Kept, tmp_path: Path, is_restarted: bool
) -> None:
    await certify(world)
    await elsa.looked()
    await noon(world)
    first = await elsa.hear(notes=False)
    await elsa.home.close()
    again = world
    if is_restarted:
        await world.stop()
        again = elsa.home.world = await serve(tmp_path, world.root, world.clock)
    await elsa.connect()
    assert await elsa.hear() == first
    if is_restarted:
        await elsa.home.close()
        await again.stop()


async def test_it_is_said_again_each_noon_on_a_link_that_stays(world: World, elsa: Kept) -> None:
    await certify(world)
    await elsa.looked()
    await noon(world)
    first = await elsa.hear(notes=False)
    await world.clock.forward(DAY)
    assert await elsa.hear() == first


async def test_a_receipt_that_comes_late_is_in_the_tree_of_the_next_night(world: World, elsa: Kept) -> None:
    await certify(world)
    await elsa.looked()
    await noon(world)
    await elsa.hear()
    await elsa.looked()
    await elsa.hears_nothing()
    await noon(world, 1)
    await elsa.hear()
    nights = [parse(wire.Checkpoint, token).statement.night for token, _ in elsa.told]
    assert nights == [TONIGHT, date(2026, 11, 23)]
    assert [receipt for _, receipt in elsa.told] == elsa.receipts


async def test_there_are_never_two_for_a_night(world: World, elsa: Kept) -> None:
    await certify(world)
    await elsa.looked()
    await noon(world)
    first = await elsa.hear()
    await elsa.looked()
    parts = world.service
    await parts.keeper.round()
    await Keeper(world.store, world.clock, parts.links, parts.will).round()
    await elsa.hears_nothing()
    found = await world.store.checkpoint("2026-11-22")
    assert found is not None
    assert found.token == first.checkpoint
    other = replace(found, token="another")
    assert not await world.store.add_checkpoint(other, elsa.receipts[1:])
    assert await world.store.uncovered() == elsa.receipts[1:]


async def test_a_key_that_is_replaced_while_a_night_is_signed_leaves_nothing_uncovered(
    world: World, elsa: Kept
) -> None:
    await certify(world)
    await elsa.looked()
    key = await world.store.keeper_key()
    assert key is not None
    other = SigningKey.generate()
    await world.store.save_keeper_key(KeeperKey(other.public.kid, other.public.x, "", "", world.clock.now()))
    await world.service.keeper._sign(key, TONIGHT)
    assert await world.store.checkpoint(TONIGHT.isoformat()) is None
    assert await world.store.uncovered() == elsa.receipts


async def test_two_processes_that_sign_at_once_show_one(world: World, elsa: Kept) -> None:
    await certify(world)
    await elsa.looked(2)
    parts = world.service
    others = [Keeper(world.store, world.clock, parts.links, parts.will) for _ in range(3)]
    await asyncio.gather(*(one.round() for one in others))
    found = await world.store.checkpoint("2026-11-21")
    assert found is not None
    assert (await elsa.hear()).checkpoint == found.token


async def test_a_night_with_very_many_receipts_is_shown_bit_by_bit(
    world: World, elsa: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "KEPT_AT_ONCE", 3)
    monkeypatch.setattr(keeper, "_FRAMES_AT_ONCE", 2)
    await certify(world)
    await elsa.looked(11)
    await noon(world)
    assert [len((await elsa.hear()).receipts) for _ in range(4)] == [3, 3, 3, 2]
    assert [receipt for _, receipt in elsa.told] == elsa.receipts
    await elsa.hears_nothing()


async def test_a_home_notes_only_its_own(world: World, elsa: Kept) -> None:
    await certify(world)
    await elsa.looked()
    bo = Kept(world, "Rosen 2")
    await bo.connect()
    await noon(world)
    await elsa.hear(notes=False)
    await bo.note(*elsa.receipts)
    await bo.home.settled()
    assert [one.receipt for one in await world.store.untold(elsa.home.hub, 9)] == elsa.receipts
    await bo.home.close()


async def test_a_key_that_has_run_out_signs_nothing_until_it_is_renewed(world: World, elsa: Kept) -> None:
    await certify(world, days=0, exp=NOON)
    await elsa.looked()
    await noon(world)
    assert await state(world) == "over"
    await elsa.hears_nothing()
    kid = (await world.service.keeper.state()).kid
    await certify(world)
    await elsa.hear()
    assert (await world.service.keeper.state()).kid == kid


async def test_a_revoked_key_signs_nothing_and_what_nobody_has_noted_is_covered_by_the_next(
    world: World, elsa: Kept
) -> None:
    await certify(world)
    await elsa.looked(2)
    await noon(world)
    first = await elsa.hear(notes=False)
    await elsa.note(elsa.receipts[0])
    await elsa.home.settled()
    old = str((await world.service.keeper.state()).kid)
    now = world.clock.now()
    listed = world.root.sign(wire.Revocations(1, (old,), now))
    await world.service.will.set_revocations(world.root.public, listed, (), "boss")
    assert await state(world) == "revoked"
    await noon(world, 1)
    await certify(world)
    assert (await world.service.keeper.state()).kid != old
    second = await elsa.hear()
    assert second.key != first.key
    assert [one.receipt for one in second.receipts] == elsa.receipts[1:]
    assert parse(wire.Checkpoint, second.checkpoint).statement.night == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"by": SigningKey.generate()}, "unknown_signer", id="by another root"),
        pytest.param({"key": SigningKey.generate().public.x}, "unknown_signer", id="of another key"),
        pytest.param({"exp": START + 401 * DAY}, "credential_expired", id="for too long"),
        pytest.param({"iat": START - 2, "exp": START - 1}, "credential_expired", id="over"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_refused(world: World, changes: dict[str, Any], code: str) -> None:
    assert await certify(world, **changes) == (422, {"error": code})
    assert await state(world) == "asked"


async def test_only_an_administrator_asks_for_the_key(world: World) -> None:
    await world.person("anna", "operator")
    async with Browser(world) as anna:
        assert (await anna.post("/api/admin/service-key"))[0] == 401
        await anna.post("/api/login", login="anna", password=PASSWORD)
        assert (await anna.post("/api/admin/service-key"))[0] == 403
        assert (await anna.get("/api/admin/service-key"))[0] == 403
        assert (await anna.post("/api/admin/service-key/certificate", token="a.b." + "c" * 86))[0] == 403
    assert await state(world) == "none"


async def test_the_secret_is_told_to_nobody(world: World) -> None:
    await certify(world)
    key = await world.store.keeper_key()
    assert key is not None
    assert key.seed not in repr(key)
    async with Browser(world) as admin:
        await admin.post("/api/login", login="boss", password=PASSWORD)
        said = [await admin.get("/api/admin/service-key"), await admin.post("/api/admin/service-key")]
    assert key.seed not in json.dumps(said)
    assert said[0][1]["kid"] == key.kid


async def test_a_store_that_fails_at_noon_is_tried_again(
    world: World, elsa: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    await certify(world)
    await elsa.looked()
    path = world.store._path
    hidden = path.with_suffix(".away")
    await world.store.close()
    path.rename(hidden)
    path.mkdir()
    await world.clock.forward(NOON - world.clock.now())
    await eventually(lambda: "the checkpoint of the night waits" in caplog.text)
    path.rmdir()
    hidden.rename(path)
    await world.clock.forward(5)
    await elsa.hear()


async def test_what_cannot_be_read_stops_no_later_night(
    world: World, elsa: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    await certify(world)
    key = await world.store.keeper_key()
    assert key is not None
    await world.store.certify_keeper_key(key.kid, "no certificate")
    await elsa.looked()
    await world.clock.forward(NOON - START)
    await eventually(lambda: "the checkpoint of the night failed: Refused" in caplog.text)
    await world.store.certify_keeper_key(key.kid, key.certificate)
    await world.clock.forward(DAY)
    await elsa.hear()


async def test_the_root_certifies_the_key_from_the_command_line(town: Town) -> None:
    said = await town.run("status", "root.key", *town.at_service(), *town.phrase())
    assert said[-1].startswith("The service's key for checkpoints is not certified: homes do not see")
    said = await town.run("service-key", "root.key", "--json", "--days", "30", *town.at_service(), *town.phrase())
    found = json.loads(said[0])
    assert found["expires"] <= town.world.clock.now() + 30 * DAY
    status = json.loads((await town.run("status", "root.key", "--json", *town.at_service(), *town.phrase()))[0])
    assert status["service_key"] == {"state": "", "kid": found["kid"], "expires": found["expires"]}
    assert await town.run("status", "root.key", *town.at_service(), *town.phrase()) == []
