"""Signed messages that must not work: each is refused early, by its code, and moves nothing."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, time

import aiohttp
import pytest

from tests.bridge.conftest import Home
from tests.bridge.peers import CAMERA, FakeIntegration, Operator, connected, now, random_id, requested, warmed
from tillsyn import frames, wire
from tillsyn.errors import CloseReason, Refusal
from tillsyn.frames import Signed
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Fallback, Outcome, Role, Window


@pytest.fixture
async def operator(home: Home) -> AsyncIterator[Operator]:
    found = home.operator()
    yield found
    await found.leave()
    assert home.camera.state.counters.move_commands == 0
    assert home.camera.state.counters.plays == 0


async def refused(home: Home, look: str) -> Refusal:
    return (await home.service.statement(wire.Refuse, look)).code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hub": "B" * 43}, Refusal.WRONG_HUB),
        ({"iat": now() - 300, "exp": now() - 270}, Refusal.EXPIRED),
        ({"iat": now() + 300, "exp": now() + 330}, Refusal.CLOCK_SKEW),
        ({"exp": now() + 600}, Refusal.EXPIRED),
        ({"exp": now() - 600}, Refusal.EXPIRED),
    ],
    ids=["for another home", "old", "from the future", "that lives too long", "that ends before it begins"],
)
async def test_a_prepare_is_refused(home: Home, operator: Operator, changes: dict[str, object], code: Refusal) -> None:
    await operator.ask(**changes)
    assert await refused(home, operator.look) is code


def _foreign(home: Home, operator: Operator) -> None:
    """A person certified by another municipality's root."""
    operator.person = type(home.service.municipality)().person()


def _expired(home: Home, operator: Operator) -> None:
    operator.person = home.service.municipality.person(hours=0)


def _uncertified(home: Home, operator: Operator) -> None:
    operator.person = replace(operator.person, chain=())


def _stolen_chain(home: Home, operator: Operator) -> None:
    operator.person = replace(operator.person, key=SigningKey.generate())


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (_foreign, Refusal.UNKNOWN_SIGNER),
        (_expired, Refusal.CREDENTIAL_EXPIRED),
        (_uncertified, Refusal.UNKNOWN_SIGNER),
        (_stolen_chain, Refusal.UNKNOWN_SIGNER),
    ],
    ids=["another root", "expired", "without a credential", "with somebody else's credential"],
)
async def test_a_person_is_refused(
    home: Home, operator: Operator, person: Callable[[Home, Operator], None], code: Refusal
) -> None:
    person(home, operator)
    await operator.ask()
    assert await refused(home, operator.look) is code


async def test_a_changed_signature_is_refused(home: Home, operator: Operator) -> None:
    signed = operator.person.signed(
        wire.Prepare(operator.look, home.keep.hub.public.kid, 1, "natt/2026-11-22", now(), now())
    )
    head, payload, signature = signed.token.split(".")
    await home.service.send(replace(signed, token=f"{head}.{payload}.{signature[:10]}{'A' * 76}"))
    assert await refused(home, operator.look) is Refusal.BAD_SIGNATURE


async def test_another_look_on_the_envelope_is_refused(home: Home, operator: Operator) -> None:
    other = random_id()
    signed = operator.person.signed(
        wire.Prepare(operator.look, home.keep.hub.public.kid, 1, "natt/2026-11-22", now(), now() + 30)
    )
    await home.service.send(replace(signed, look=other))
    assert await refused(home, other) is Refusal.BAD_MESSAGE


async def test_a_statement_of_the_hub_is_not_taken_from_people(home: Home, operator: Operator) -> None:
    await home.service.send(operator.person.signed(wire.Refuse(operator.look, "A" * 43, Refusal.BUSY, now())))
    assert await refused(home, operator.look) is Refusal.BAD_MESSAGE


async def test_a_replayed_prepare_is_refused(home: Home, operator: Operator) -> None:
    await operator.ask()
    signed = await home.integration.expect(Signed)
    await home.integration.send(frames.Refuse(operator.look, digest(signed.token), Refusal.PAUSED))
    assert await refused(home, operator.look) is Refusal.PAUSED
    await home.service.send(signed)
    assert await refused(home, operator.look) is Refusal.REPLAYED


async def test_without_an_integration_a_prepare_is_refused(home: Home, operator: Operator) -> None:
    await home.integration.close()
    await home.service.inbox.next(frames.HomeStatus, lambda one: one.problem == "no_home_assistant")
    await operator.ask()
    assert await refused(home, operator.look) is Refusal.NO_HOME_ASSISTANT


async def offered(home: Home, operator: Operator) -> None:
    await operator.ask()
    await home.integration.expect(Signed)
    await home.integration.send(frames.Allow(operator.look))
    await operator.take_offer()


async def test_an_answer_before_the_offer_is_refused(home: Home, operator: Operator) -> None:
    await operator.ask()
    await home.integration.expect(Signed)
    await operator.answer()
    assert await refused(home, operator.look) is Refusal.NOT_PREPARED


async def test_an_answer_for_another_look_is_refused(home: Home, operator: Operator) -> None:
    await offered(home, operator)
    other = random_id()
    await operator.answer(look=other)
    assert await refused(home, other) is Refusal.NOT_PREPARED


async def test_an_answer_by_another_signer_is_refused(home: Home, operator: Operator) -> None:
    await offered(home, operator)
    await operator.answer(home.service.municipality.person("Somebody Else"))
    assert await refused(home, operator.look) is Refusal.UNKNOWN_SIGNER


async def test_an_answer_to_another_offer_is_refused(home: Home, operator: Operator) -> None:
    await offered(home, operator)
    await operator.answer(offer="C" * 43)
    assert await refused(home, operator.look) is Refusal.WRONG_CONNECTION


async def test_a_second_answer_is_refused(home: Home, operator: Operator) -> None:
    await connected(operator, home.integration)
    await operator.answer()
    assert await refused(home, operator.look) is Refusal.REPLAYED


async def test_a_swapped_fingerprint_is_refused(home: Home, operator: Operator) -> None:
    """The other end of DTLS holds another certificate than the one that the operator signed."""
    await offered(home, operator)
    await operator.answer(fingerprint=":".join(["AB"] * 32))
    with contextlib.suppress(ConnectionError):
        await operator.connect()
    assert await refused(home, operator.look) is Refusal.WRONG_CONNECTION
    await home.integration.session(operator.look, "operator_gone")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"challenge": "D" * 43}, Refusal.WRONG_CONNECTION),
        ({"offer": "D" * 43}, Refusal.WRONG_CONNECTION),
        ({"answer": "D" * 43}, Refusal.WRONG_CONNECTION),
        ({"hub": "D" * 43}, Refusal.WRONG_HUB),
        ({"look": "D" * 22}, Refusal.NOT_PREPARED),
        ({"iat": now() - 200, "exp": now() - 190}, Refusal.EXPIRED),
    ],
    ids=["challenge", "offer", "answer", "hub", "look id", "time"],
)
async def test_a_look_with_a_wrong_part_is_refused(
    home: Home, operator: Operator, changes: dict[str, object], code: Refusal
) -> None:
    await connected(operator, home.integration)
    click = operator.click(**changes)
    await home.service.send(click)
    assert await refused(home, click.look) is code
    assert not [one for one in home.integration.inbox.frames if isinstance(one, frames.LookRequest)]
    await requested(operator, home.integration)  # the right one still works


async def test_a_look_before_the_connection_is_refused(home: Home, operator: Operator) -> None:
    await offered(home, operator)
    await home.service.send(operator.click())
    assert await refused(home, operator.look) is Refusal.NOT_PREPARED


async def test_a_look_by_another_signer_is_refused(home: Home, operator: Operator) -> None:
    await connected(operator, home.integration)
    other = home.operator()
    for name in ("look", "offer", "offer_token", "answer_token"):
        setattr(other, name, getattr(operator, name))
    await home.service.send(other.click())
    assert await refused(home, operator.look) is Refusal.UNKNOWN_SIGNER


async def test_a_replayed_look_is_refused(home: Home) -> None:
    operator = home.operator()
    await connected(operator, home.integration)
    click = await warmed(operator, home.integration)
    await home.service.send(click)
    assert await refused(home, operator.look) is Refusal.REPLAYED
    await home.integration.send(frames.StopPicture(operator.look, "seen"))  # type: ignore[arg-type]
    await home.integration.expect(frames.Stopped)
    await home.service.send(click)
    assert await refused(home, operator.look) is Refusal.REPLAYED
    assert home.camera.state.counters.plays == 1
    await operator.leave()


async def test_the_integration_cannot_warm_or_open_what_nobody_asked_for(home: Home, operator: Operator) -> None:
    await connected(operator, home.integration)
    await home.integration.send(frames.Warm(operator.look, CAMERA))
    await home.integration.send(frames.Lease(operator.look, CAMERA, 1, 3000))
    await home.integration.send(frames.Warm(random_id(), CAMERA))
    end = frames.StopPicture(operator.look, CloseReason.STOPPED)
    await home.integration.send(end)
    assert (await home.integration.expect(frames.Stopped)).packets == 0
    assert not [one for one in home.integration.inbox.frames if isinstance(one, frames.LeaseHeld)]


async def test_a_close_and_a_plan_go_to_the_integration_whole(home: Home, operator: Operator) -> None:
    close = operator.person.signed(wire.Close(operator.look, Outcome.SEEN, now()))
    await home.service.send(close)
    assert await home.integration.expect(Signed) == close


async def test_a_plan_that_the_root_did_not_sign_is_dropped(home: Home, operator: Operator) -> None:
    plan = _plan(home)
    await home.service.send(Signed("", SigningKey.generate().sign(plan), ()))
    good = Signed("", home.service.municipality.root.sign(plan), ())
    await home.service.send(good)
    assert await home.integration.expect(Signed) == good


async def test_a_plan_waits_for_the_integration(home: Home, operator: Operator) -> None:
    await home.integration.close()
    await home.service.inbox.next(frames.HomeStatus, lambda one: not one.ready)
    good = Signed("", home.service.municipality.root.sign(_plan(home)), ())
    await home.service.send(good)
    await home.service.send(operator.person.signed(wire.Close(operator.look, Outcome.SEEN, now())))
    await operator.ask()  # refused, so the two before it have been heard
    assert await refused(home, operator.look) is Refusal.NO_HOME_ASSISTANT
    await home.connect()
    assert await home.integration.expect(Signed) == good


async def test_who_only_asks_over_the_home_link_takes_nothing_that_is_for_the_home(
    home: Home, operator: Operator, session: aiohttp.ClientSession
) -> None:
    """Home Assistant's setup takes the integration's place while it pairs, and has no use for a plan."""
    plan = Signed("", home.service.municipality.root.sign(_plan(home)), ())
    setup = await FakeIntegration.connect(session, home.port, home.keep.access_key)
    await setup.expect(frames.ServiceLink)
    await home.service.send(plan)
    await operator.ask()
    assert await refused(home, operator.look) is Refusal.NO_HOME_ASSISTANT
    assert not [one for one in (*setup.inbox.frames, *setup.said.frames) if isinstance(one, Signed)]
    await home.connect()
    assert await home.integration.expect(Signed) == plan
    for one in home.service.said:
        await home.integration.told(one)


def _plan(home: Home) -> wire.PlanStatement:
    return wire.PlanStatement(
        home.keep.hub.public.kid, 2, "natt", (Window("natt", time(22), time(6)),), 30, 30, 20, 1, (Role.OPERATOR,),
        (Fallback.VISIT,), date(2027, 1, 1), now(),
    )  # fmt: skip
