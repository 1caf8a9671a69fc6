"""A look from claim to end, over the sockets that browsers and homes use."""

import asyncio

import pytest

from operator_service.rows import Search
from tests.operator.peers import OCCURRENCE, Console, Home, OpenLook, World
from tillsyn import frames, wire
from tillsyn.errors import CloseReason, Refusal
from tillsyn.identity import SigningKey, digest, parse
from tillsyn.model import Outcome, Room


async def test_a_look_that_is_seen_ends_the_row(anna: Console, home: Home, world: World) -> None:
    look = await anna.look(home)
    await look.end(Outcome.SEEN)
    await anna.row("seen")
    receipt = await anna.from_home(wire.Receipt.TYP)
    ack = wire.ReceiptAck(look.look, digest(str(receipt["token"])), world.clock.now())
    await anna.sign(look.look, ack)
    assert (await home.got(wire.ReceiptAck.TYP)).look == look.look
    await home.settled()
    events = [one.event for one in await world.store.entries(Search(look=look.look))]
    assert set(events) == {"prepared", "looked", "opened", "outcome", "receipt", "receipt_ack"}


async def test_two_operators_never_take_the_same_look(anna: Console, bo: Console, home: Home) -> None:
    answers = await asyncio.gather(*(one.claim(home) for one in (anna, bo, anna, bo)))
    assert sorted(status for status, _ in answers) == [200, 200, 409, 409]
    assert [found["error"] for status, found in answers if status == 409] == ["taken", "taken"]


async def test_a_dead_operators_claim_returns_in_30_seconds(
    anna: Console, bo: Console, home: Home, world: World
) -> None:
    await anna.claim(home)
    await bo.row("claimed")
    await anna.close()
    await world.clock.forward(29)
    assert (await bo.claim(home))[0] == 409
    await world.clock.forward(1)
    await bo.row("planned")
    assert (await bo.claim(home))[0] == 200


async def test_a_living_operator_keeps_the_claim(anna: Console, bo: Console, home: Home, world: World) -> None:
    await anna.claim(home)
    for _ in range(3):
        await world.clock.forward(20)
        await anna.alive()
        await _held_until(world, home, world.clock.now() + 30)
    assert (await bo.claim(home))[1] == {"error": "taken"}


async def test_a_dead_operators_open_look_returns_and_can_be_taken(
    anna: Console, bo: Console, home: Home, world: World
) -> None:
    look = await anna.look(home)
    await anna.close()
    await home.receipt(look.look, CloseReason.OPERATOR_GONE)
    await home.settled()
    await world.clock.forward(30)
    await bo.row("planned")
    assert (await bo.claim(home))[0] == 200


async def test_not_seen_comes_back_by_itself_and_then_becomes_a_visit(anna: Console, home: Home, world: World) -> None:
    await (await anna.look(home)).end(Outcome.NOT_SEEN)
    row = await anna.row("retry_at")
    assert world.clock.now() < int(str(row["retry_at"])) < world.clock.now() + 20 * 60
    await world.clock.forward(10 * 60)
    row = await anna.row("planned")
    assert (row["looks"], row["deadline"]) == (1, world.clock.now() + 10 * 60)
    await (await anna.look(home)).end(Outcome.NOT_SEEN)
    row = await anna.row("visit")
    assert (row["cause"], row["fallback"]) == ("not_seen", ["call_client", "visit"])


async def test_a_retry_that_nobody_makes_becomes_a_visit(anna: Console, home: Home, world: World) -> None:
    await (await anna.look(home)).end(Outcome.NOT_SEEN)
    await anna.row("retry_at")
    await world.clock.forward(20 * 60)
    assert (await anna.row("visit"))["cause"] == "not_seen"


async def test_needs_help_is_a_visit_at_once(anna: Console, home: Home) -> None:
    await (await anna.look(home)).end(Outcome.NEEDS_HELP)
    assert (await anna.row("visit"))["cause"] == "needs_help"
    visit = (await anna.until(lambda one: one["type"] == "visit"))["visit"]
    assert isinstance(visit, dict)
    status, _ = await anna.post(f"/api/visits/{visit['id']}/acknowledge")
    assert status == 200
    done = await anna.post(f"/api/visits/{visit['id']}/finish", result="visited", how="visit", note="sov gott")
    assert (done[0], done[1]["state"], done[1]["note"]) == (200, "finished", "sov gott")
    await anna.row("visited")
    again = await anna.post(f"/api/visits/{visit['id']}/finish", result="visited", how="visit", note="")
    assert again == (409, {"error": "wrong_state"})


@pytest.mark.parametrize("code", [Refusal.CAMERA_NOT_READY, Refusal.NO_HOME_ASSISTANT, Refusal.PRIVATE])
async def test_a_refusal_about_the_home_is_a_visit(anna: Console, home: Home, code: Refusal) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    token = await anna.sign(prepare.look, prepare)
    await home.got(wire.Prepare.TYP)
    await home.refuse(prepare.look, digest(token), code)
    await anna.from_home(wire.Refuse.TYP)
    assert (await anna.row("visit"))["cause"] == code.value


async def test_a_refusal_about_the_request_leaves_the_claim(anna: Console, home: Home) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    token = await anna.sign(prepare.look, prepare)
    await home.got(wire.Prepare.TYP)
    await home.refuse(prepare.look, digest(token), Refusal.BUSY)
    await anna.from_home(wire.Refuse.TYP)
    await home.settled()
    row = await anna.state()
    assert (row["state"], row["mine"], row["look"]) == ("claimed", True, "")


async def test_a_paused_home_is_paused_and_gets_no_visit(anna: Console, home: Home, world: World) -> None:
    await home.status(paused=True)
    await anna.row("paused")
    assert (await anna.claim(home))[1] == {"error": "wrong_state"}
    await world.clock.forward(3600)
    row = await anna.row("paused")
    assert row["visit"] is None
    stored = await world.store.planned(home.hub, OCCURRENCE)
    assert stored is not None
    assert stored.ended == "paused"


async def test_a_home_that_resumes_in_time_is_planned_again(anna: Console, home: Home) -> None:
    await home.status(paused=True)
    await anna.row("paused")
    await home.status(paused=False)
    await anna.row("planned")


async def test_a_signed_refusal_paused_counts_as_the_pause(anna: Console, home: Home) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    token = await anna.sign(prepare.look, prepare)
    await home.got(wire.Prepare.TYP)
    await home.refuse(prepare.look, digest(token), Refusal.PAUSED)
    await anna.row("paused")


async def test_pause_does_not_hide_somebody_who_was_not_seen(anna: Console, home: Home, world: World) -> None:
    await (await anna.look(home)).end(Outcome.NOT_SEEN)
    await anna.row("retry_at")
    await home.status(paused=True)
    await world.clock.forward(20 * 60)
    await anna.row("visit")


async def test_after_the_time_limit_the_operator_still_says_what_was_seen(anna: Console, home: Home) -> None:
    look = await anna.look(home)
    await home.receipt(look.look, CloseReason.TIME_LIMIT)
    await anna.from_home(wire.Receipt.TYP)
    await anna.sign(look.look, anna.close_look(look.look, Outcome.SEEN))
    await anna.row("seen")


async def test_no_word_after_the_time_limit_is_a_retry(anna: Console, home: Home, world: World) -> None:
    look = await anna.look(home)
    await home.receipt(look.look, CloseReason.TIME_LIMIT)
    await anna.from_home(wire.Receipt.TYP)
    await home.settled()
    await world.clock.forward(30)
    await anna.row("planned")


async def test_a_camera_that_fails_during_the_look_is_a_visit(anna: Console, home: Home, world: World) -> None:
    look = await anna.look(home)
    await home.receipt(look.look, CloseReason.MOVE_FAILED)
    await anna.from_home(wire.Receipt.TYP)
    await home.settled()
    await anna.release(home)
    assert (await anna.row("visit"))["cause"] == "failed"


async def test_closing_a_preparation_is_no_outcome(anna: Console, home: Home) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    await anna.sign(prepare.look, prepare)
    await home.got(wire.Prepare.TYP)
    await anna.sign(prepare.look, anna.close_look(prepare.look, Outcome.SEEN))
    await home.got(wire.Close.TYP)
    await anna.alive()
    await anna.release(home)
    assert (await anna.state())["state"] == "planned"


async def test_the_service_refuses_a_foreign_key_and_writes_it_down(anna: Console, home: Home, world: World) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    anna.key = SigningKey.generate()
    await anna.sign(prepare.look, prepare)
    assert await anna.refusal() == "unknown_signer"
    await anna.sign(prepare.look, prepare)
    assert await anna.refusal() == "unknown_signer"
    logged = await world.store.entries(Search(event="refused", login="anna"))
    assert (logged[-1].code, logged[-1].look) == ("unknown_signer", prepare.look)


async def test_the_service_refuses_another_persons_credential(anna: Console, bo: Console, home: Home) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    anna.key, anna.chain = bo.key, bo.chain
    await anna.sign(prepare.look, prepare)
    assert await anna.refusal() == "unknown_signer"


async def test_the_service_refuses_a_look_without_a_claim(anna: Console, home: Home) -> None:
    prepare = anna.prepare(home)
    await anna.sign(prepare.look, prepare)
    assert await anna.refusal() == "not_claimed"


async def test_the_service_refuses_a_used_look_id(anna: Console, home: Home) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    await anna.sign(prepare.look, prepare)
    await home.got(wire.Prepare.TYP)
    await anna.sign(prepare.look, prepare)
    assert await anna.refusal() == "replayed"


async def test_a_click_after_the_claim_ran_out_is_refused(anna: Console, home: Home, world: World) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    await anna.sign(prepare.look, prepare)
    await home.got(wire.Prepare.TYP)
    await world.clock.forward(31)
    await anna.row("planned")
    now = world.clock.now()
    click = wire.Look(prepare.look, home.hub, 1, OCCURRENCE, "B" * 43, "C" * 43, "D" * 43, now, now + 30)
    await anna.sign(prepare.look, click)
    assert await anna.refusal() == "not_claimed"


async def test_an_offline_home_is_told_at_once_and_a_visit_only_after_a_minute(
    anna: Console, home: Home, world: World
) -> None:
    await home.close()
    await anna.until(lambda one: one["type"] == "home" and one["online"] is False)
    await anna.claim(home)
    prepare = anna.prepare(home)
    await anna.sign(prepare.look, prepare)
    assert await anna.refusal() == "home_offline"
    assert (await anna.state())["state"] == "claimed"
    for _ in range(3):
        await world.clock.forward(20)
        await anna.alive()
        await _held_until(world, home, world.clock.now() + 30)
    prepare = anna.prepare(home)
    await anna.sign(prepare.look, prepare)
    assert (await anna.row("visit"))["cause"] == "home_offline"


async def test_a_statement_of_another_home_is_dropped(anna: Console, home: Home, world: World) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    token = await anna.sign(prepare.look, prepare)
    await home.got(wire.Prepare.TYP)
    other = await world.home("Rosen 2")
    await other.refuse(prepare.look, digest(token), Refusal.PRIVATE)
    await other.settled()
    assert (await anna.state())["state"] == "claimed"
    assert [one.code for one in await world.store.entries(Search(event="frame_refused"))] == ["wrong_hub"]
    await other.close()


async def test_a_refusal_of_something_else_changes_nothing(anna: Console, home: Home, world: World) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    await anna.sign(prepare.look, prepare)
    await home.got(wire.Prepare.TYP)
    await home.refuse(prepare.look, "D" * 43, Refusal.PRIVATE)
    await home.sign(prepare.look, wire.Opened(prepare.look, "D" * 43, world.clock.now() * 1000, 30))
    await home.settled()
    assert (await anna.state())["state"] == "claimed"
    refused = await world.store.entries(Search(event="frame_refused"))
    assert [one.code for one in refused] == ["not_prepared", "not_prepared"]


def _turn(look: OpenLook, room: Room = Room.KITCHEN, number: int = 1) -> wire.Turn:
    return wire.Turn(look.look, room, number, look.console.world.clock.now())


async def test_another_room_is_the_same_look(anna: Console, home: Home, world: World) -> None:
    look = await anna.look(home)
    token = await anna.sign(look.look, _turn(look))
    assert (await home.got(wire.Turn.TYP)).token == token
    await home.sign(look.look, wire.Opened(look.look, digest(token), (world.clock.now() + 6) * 1000, 24))
    assert parse(wire.Opened, str((await anna.from_home(wire.Opened.TYP))["token"])).statement.request == digest(token)
    await look.end(Outcome.SEEN)
    assert (await anna.row("seen"))["looks"] == 1
    await home.settled()
    entries = await world.store.entries(Search(look=look.look))
    assert [(one.event, one.code) for one in entries if one.event == "turn"] == [("turn", "kitchen")]
    assert len([one for one in entries if one.event == "opened"]) == 1
    assert await world.store.entries(Search(event="frame_refused")) == []


async def test_a_room_that_the_home_refuses_leaves_the_look_open(anna: Console, home: Home, world: World) -> None:
    look = await anna.look(home)
    token = await anna.sign(look.look, _turn(look))
    await home.got(wire.Turn.TYP)
    await home.refuse(look.look, digest(token), Refusal.WRONG_ROOM)
    await anna.from_home(wire.Refuse.TYP)
    await home.settled()
    assert (await anna.state())["state"] == "looking"
    refused = await world.store.entries(Search(event="turn_refused"))
    assert [(one.code, one.look) for one in refused] == [("wrong_room", look.look)]


async def test_another_room_is_asked_for_only_within_a_look_by_the_one_who_looks(
    anna: Console, bo: Console, home: Home, world: World
) -> None:
    await anna.claim(home)
    prepare = anna.prepare(home)
    await anna.sign(prepare.look, prepare)
    await home.got(wire.Prepare.TYP)
    early = wire.Turn(prepare.look, Room.KITCHEN, 1, world.clock.now())
    await anna.sign(prepare.look, early)
    assert await anna.refusal() == "not_prepared"
    await anna.sign(prepare.look, anna.close_look(prepare.look, Outcome.NOT_SEEN))
    look = await anna.look(home)
    await bo.sign(look.look, _turn(look))
    assert await bo.refusal() in ("bad_signature", "not_prepared", "unknown_signer")
    await look.end(Outcome.SEEN)
    await anna.row("seen")
    await anna.sign(look.look, _turn(look))
    assert await anna.refusal() == "not_prepared"


async def test_an_answer_to_a_turn_that_nobody_asked_for_changes_nothing(
    anna: Console, home: Home, world: World
) -> None:
    look = await anna.look(home)
    await home.sign(look.look, wire.Opened(look.look, "T" * 43, world.clock.now() * 1000, 24))
    await home.refuse(look.look, "T" * 43, Refusal.WRONG_ROOM)
    await home.settled()
    assert (await anna.state())["state"] == "looking"
    refused = await world.store.entries(Search(event="frame_refused"))
    assert [one.code for one in refused] == ["not_prepared", "not_prepared"]


async def test_a_gap_in_the_receipts_is_noticed(anna: Console, home: Home, world: World) -> None:
    look = await anna.look(home)
    await home.lose_receipt(look.look, CloseReason.SEEN)
    await look.end(Outcome.NOT_SEEN)
    await anna.row("retry_at")
    await home.settled()
    assert [one.code for one in await world.store.entries(Search(event="receipt_gap"))] == ["not_seen"]
    _, night = await anna.get("/api/night")
    assert (night["chain_gaps"], night["red"]) == (1, True)


async def test_a_receipt_in_the_place_of_another_is_noticed(anna: Console, home: Home, world: World) -> None:
    look = await anna.look(home)
    await home.receipt(look.look, CloseReason.TIME_LIMIT)
    home.sequence, home.previous = 0, "A" * 43
    await home.receipt(look.look, CloseReason.SEEN)
    await home.settled()
    assert len(await world.store.entries(Search(event="receipt_fork"))) == 1


async def test_a_receipt_that_names_another_operator_is_noticed(anna: Console, home: Home, world: World) -> None:
    look = await anna.look(home)
    home.operator = "C" * 43
    await look.end(Outcome.SEEN)
    await anna.row("seen")
    await home.settled()
    assert len(await world.store.entries(Search(event="receipt_fork"))) == 1
    assert (await anna.get("/api/night"))[1]["red"] is True


async def test_the_same_receipt_twice_counts_once(anna: Console, home: Home, world: World) -> None:
    look = await anna.look(home)
    token = await home.receipt(look.look, CloseReason.SEEN)
    await home.send(frames.Signed(look.look, token))
    await home.settled()
    assert len(await world.store.entries(Search(event="receipt"))) == 1


async def test_a_browser_that_logs_in_sees_nothing_of_another_unit(world: World, anna: Console, home: Home) -> None:
    await world.person("eva", "operator", unit="syd")
    async with Console(world, "eva") as eva:
        await eva.login()
        assert (await eva.get("/api/queue"))[1]["rows"] == []
        assert (await eva.claim(home))[1] == {"error": "not_found"}


async def _held_until(world: World, home: Home, moment: int) -> None:
    """Wait until the service has taken in that the holder is alive."""
    async with asyncio.timeout(5):
        while True:
            row = await world.store.planned(home.hub, OCCURRENCE)
            if row is not None and row.claim_until == moment:
                return
            await asyncio.sleep(0.005)
