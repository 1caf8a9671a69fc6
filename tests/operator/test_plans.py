"""Plans that a planner signs in the console: who may propose and read them, and how they find their way to the home."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from operator_service.rows import Search
from tests.operator.peers import Browser, Console, Home, Json, World, eventually
from tests.operator.test_people import DAY, FORBIDDEN, Person, boss, code, listed, person, policy
from tillsyn import frames, wire
from tillsyn.admission import Home as Pinned
from tillsyn.admission import check_plan
from tillsyn.chain import PLAN_SECONDS
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Role

__all__ = ["boss"]
NOT_FOUND = (404, {"error": "not_found"})


@pytest.fixture
async def pia(world: World, boss: Person) -> AsyncIterator[Person]:
    """A planner whom the administrator has certified, in her shift."""
    assert (await boss.post("/api/trust/policy", token=policy(world, browser_keys=False)))[0] == 200
    assert (await boss.post("/api/trust/revocations", token=listed(world), chain=[]))[0] == 200
    async with await planner(world, boss, "pia") as found:
        yield found


async def planner(world: World, boss: Person, login: str, *roles: Role, unit: str = "nord") -> Person:
    found = await person(world, login, *(one.value for one in roles or (Role.PLANNER,)))
    user = await world.store.user(login)
    assert user is not None
    said = replace(found.credential(*(roles or (Role.PLANNER,))), units=(unit,))
    by_root = world.root.sign(said)  # an administrator certifies in their own units only
    assert (await boss.post("/api/people/credential", token=by_root, chain=[]))[0] == 200
    found.certified = (by_root,)
    found.shift()
    return found


@pytest.fixture
async def fresh(world: World, pia: Person) -> AsyncIterator[Home]:
    """A home that is paired and has no plan yet."""
    found = Home(world, "Rosen 2")
    await found.connect()
    await found.status()
    await found.settled()
    yield found
    await found.close()


async def propose(who: Person, plan: wire.PlanStatement, key: SigningKey | None = None) -> tuple[int, Json]:
    return await who.post("/api/plans", token=(key or who.key).sign(plan), chain=list(who.chain))


async def told(who: Person, home: Home, more: str = "") -> Json:
    status, found = await who.get(f"/api/plans/{home.hub}{more}")
    assert status == 200, found
    return found


def state(found: Json, which: str = "newest") -> tuple[Any, Any] | None:
    plan = found[which]
    return (plan["number"], plan["fault"] or plan["state"]) if isinstance(plan, dict) else None


async def test_a_plan_goes_to_the_home_with_its_chain_and_its_answer_comes_back(
    world: World, pia: Person, fresh: Home
) -> None:
    assert (state(await told(pia, fresh)), (await told(pia, fresh))["in_force"]) == (None, None)
    plan = fresh.plan()
    assert await propose(pia, plan) == (200, {"number": 1})
    frame = await fresh.got(wire.PlanStatement.TYP)
    assert frame.chain == pia.chain
    home = Pinned(world.root.public, fresh.key.public)
    assert check_plan(home, world.service.will.known(), 0, frame.token, frame.chain, world.clock.now()) == plan
    shown = await told(pia, fresh)
    assert state(shown) == (1, "sent")
    assert shown["newest"]["sent"] == world.clock.now()  # type: ignore[index,call-overload]
    assert shown["newest"]["chain"] == list(pia.chain)  # type: ignore[index,call-overload]
    await fresh.answer_plan(plan, digest(frame.token), "accepted")
    await fresh.settled()
    shown = await told(pia, fresh)
    assert (state(shown), state(shown, "in_force")) == ((1, "accepted"), (1, "accepted"))
    assert shown["newest"]["decided"] == world.clock.now()  # type: ignore[index,call-overload]
    await world.service.planner.round()
    assert {one.hub for one in await world.store.unended()} == {fresh.hub}
    entries = await world.store.entries(Search(event="plan_proposed", hub=fresh.hub))
    assert [(one.login, one.code) for one in entries] == [("pia", "1")]


async def test_a_plan_waits_with_its_chain_for_a_home_that_is_away_for_days(
    world: World, pia: Person, fresh: Home
) -> None:
    await fresh.close()
    assert (await propose(pia, fresh.plan()))[0] == 200
    assert state(await told(pia, fresh)) == (1, "waiting")
    await world.clock.forward(3 * DAY)
    await pia.login()
    assert state(await told(pia, fresh)) == (1, "revocations_stale")
    await world.service.will.set_revocations(world.root.public, listed(world, number=2), (), "boss")
    await fresh.connect()
    await fresh.status()
    assert (await fresh.got(wire.PlanStatement.TYP)).chain == pia.chain
    assert state(await told(pia, fresh)) == (1, "sent")


async def test_a_plan_that_waits_for_a_list_goes_out_when_it_is_renewed(
    world: World, boss: Person, pia: Person, fresh: Home
) -> None:
    assert (await propose(pia, fresh.plan()))[0] == 200
    await fresh.got(wire.PlanStatement.TYP)
    await fresh.close()
    await world.clock.forward(2 * DAY)
    await fresh.connect()
    await fresh.status()
    await fresh.settled()
    for one in (boss, pia):
        await one.login()
    assert state(await told(pia, fresh)) == (1, "revocations_stale")
    assert (await boss.post("/api/trust/revocations", token=listed(world, number=2), chain=[]))[0] == 200
    assert (await fresh.got(wire.PlanStatement.TYP)).chain == pia.chain


async def test_a_plan_whose_planner_is_revoked_on_its_way_is_not_sent(world: World, pia: Person, fresh: Home) -> None:
    await fresh.close()
    assert (await propose(pia, fresh.plan()))[0] == 200
    revoked = listed(world, pia.key.public.kid, number=2)
    await world.service.will.set_revocations(world.root.public, revoked, (), "boss")
    assert state(await told(pia, fresh)) == (1, "revoked")
    await fresh.connect()
    await fresh.status()
    await fresh.settled()
    pia.shift()
    assert await propose(pia, fresh.plan(number=2)) == (200, {"number": 2})
    assert (await fresh.got(wire.PlanStatement.TYP)).token == pia.key.sign(fresh.plan(number=2))


async def test_a_plan_that_was_sent_before_its_planner_was_revoked_may_still_be_answered(
    world: World, pia: Person, fresh: Home
) -> None:
    plan = fresh.plan()
    assert (await propose(pia, plan))[0] == 200
    frame = await fresh.got(wire.PlanStatement.TYP)
    revoked = listed(world, pia.key.public.kid, number=2)
    await world.service.will.set_revocations(world.root.public, revoked, (), "boss")
    newest = (await told(pia, fresh))["newest"]
    assert (newest["state"], newest["fault"]) == ("sent", "revoked")  # type: ignore[index,call-overload]
    await fresh.answer_plan(plan, digest(frame.token), "accepted")
    await fresh.settled()
    assert state(await told(pia, fresh), "in_force") == (1, "accepted")


async def accepted(world: World, pia: Person, home: Home) -> wire.PlanStatement:
    """A planner's plan in force."""
    plan = home.plan()
    assert (await propose(pia, plan))[0] == 200
    frame = await home.got(wire.PlanStatement.TYP)
    await home.answer_plan(plan, digest(frame.token), "accepted")
    await home.settled()
    assert state(await told(pia, home)) == (1, "accepted")
    return plan


async def test_a_home_that_has_lost_its_plan_is_told_of_and_gets_one_that_is_signed_anew(
    world: World, pia: Person, fresh: Home
) -> None:
    await accepted(world, pia, fresh)
    revoked = listed(world, pia.key.public.kid, number=2)
    await world.service.will.set_revocations(world.root.public, revoked, (), "boss")
    stamp = (await told(pia, fresh))["stamp"]
    await fresh.close()
    fresh.number = 0  # put back from a backup, or set up anew
    await fresh.connect()
    assert state(await told(pia, fresh)) == (1, "accepted")  # it has not told yet
    await fresh.status()
    await fresh.settled()
    found = await told(pia, fresh, f"?after={stamp}")
    lost = {"state": "lost", "fault": "revoked"}
    assert found["stamp"] != stamp
    for which in ("newest", "in_force"):
        assert {name: found[which][name] for name in lost} == lost  # type: ignore[index,call-overload]
    _, homes = await pia.get("/api/plans")
    assert homes["homes"][0].items() >= lost.items()  # type: ignore[index,union-attr,call-overload]
    pia.shift()
    plan = fresh.plan(number=2)
    assert (await propose(pia, plan))[0] == 200
    frame = await fresh.got(wire.PlanStatement.TYP)
    await fresh.answer_plan(plan, digest(frame.token), "accepted")
    await fresh.settled()
    assert state(await told(pia, fresh), "in_force") == (2, "accepted")


async def test_a_bridge_that_is_alone_says_nothing_of_a_lost_plan(world: World, pia: Person, fresh: Home) -> None:
    await accepted(world, pia, fresh)
    await fresh.send(frames.HomeStatus(False, False, 0, "no_home_assistant"))
    await eventually(lambda: world.desk.homes.get(fresh.hub).problem != "")
    assert state(await told(pia, fresh)) == (1, "accepted")


async def test_a_home_whose_answer_was_lost_is_asked_again_though_its_planner_has_left(
    world: World, pia: Person, fresh: Home
) -> None:
    plan = fresh.plan()
    assert (await propose(pia, plan))[0] == 200
    frame = await fresh.got(wire.PlanStatement.TYP)
    await fresh.close()
    revoked = listed(world, pia.key.public.kid, number=2)
    await world.service.will.set_revocations(world.root.public, revoked, (), "boss")
    fresh.number = 1  # it accepted, and said so to nobody
    await fresh.connect()
    await fresh.status()
    assert (await fresh.got(wire.PlanStatement.TYP)).token == frame.token
    await fresh.answer_plan(plan, digest(frame.token), "accepted")
    await fresh.settled()
    assert state(await told(pia, fresh), "in_force") == (1, "accepted")


async def test_a_plan_that_waits_for_a_policy_goes_out_when_it_allows_it(
    world: World, boss: Person, pia: Person, fresh: Home
) -> None:
    await fresh.close()
    assert (await propose(pia, fresh.plan()))[0] == 200
    strict = world.root.sign(wire.Policy(2, False, 12 * 3600, 10, 1, world.clock.now()))
    assert (await boss.post("/api/trust/policy", token=strict))[0] == 200
    assert state(await told(pia, fresh)) == (1, "policy")
    await fresh.connect()
    await fresh.status()
    await fresh.settled()
    wide = world.root.sign(wire.Policy(3, False, 12 * 3600, 60, 1, world.clock.now()))
    assert (await boss.post("/api/trust/policy", token=wide))[0] == 200
    assert (await fresh.got(wire.PlanStatement.TYP)).chain == pia.chain


async def test_a_plan_that_has_waited_for_a_month_is_to_be_signed_anew(world: World, pia: Person, fresh: Home) -> None:
    await fresh.close()
    assert (await propose(pia, fresh.plan()))[0] == 200
    await world.clock.forward(PLAN_SECONDS + 1)
    await world.service.will.set_revocations(world.root.public, listed(world, number=2), (), "boss")
    await pia.login()
    assert state(await told(pia, fresh)) == (1, "expired")


async def test_who_waits_for_news_hears_the_answer(world: World, pia: Person, fresh: Home) -> None:
    plan = fresh.plan()
    assert (await propose(pia, plan))[0] == 200
    frame = await fresh.got(wire.PlanStatement.TYP)
    stamp = (await told(pia, fresh))["stamp"]
    await fresh.answer_plan(plan, digest(frame.token), "declined")
    found = await told(pia, fresh, f"?after={stamp}&wait=20")
    assert state(found) == (1, "declined")
    assert found["stamp"] != stamp
    assert state(await told(pia, fresh, f"?after={stamp}&wait=20")) == (1, "declined")  # at once


async def test_homes_of_a_planners_unit_and_homes_without_a_plan_are_listed(
    world: World, home: Home, boss: Person, pia: Person, fresh: Home
) -> None:
    _, found = await pia.get("/api/plans")
    agreed = {"online": True, "fault": ""}
    assert found["homes"] == [
        agreed | {"hub": home.hub, "label": "Rosen 1", "unit": "nord", "number": 1, "state": "accepted"},
        agreed | {"hub": fresh.hub, "label": "Rosen 2", "unit": "", "number": 0, "state": ""},
    ]
    await world.person("sune", "planner", unit="syd")
    async with Browser(world) as sune:
        assert (await sune.post("/api/login", login="sune", password="a long enough password"))[0] == 200
        _, found = await sune.get("/api/plans")
        assert [one["label"] for one in found["homes"]] == ["Rosen 2"]  # type: ignore[index,union-attr,call-overload]
        assert await sune.get(f"/api/plans/{home.hub}") == NOT_FOUND
        assert (await sune.get(f"/api/plans/{fresh.hub}"))[0] == 200
    assert await pia.get(f"/api/plans/{'A' * 43}") == NOT_FOUND


async def test_a_first_plan_that_is_declined_says_of_no_home_whose_it_is(
    world: World, boss: Person, pia: Person, fresh: Home
) -> None:
    async with await planner(world, boss, "sune", unit="syd") as sune:
        plan = replace(fresh.plan(), unit="syd")
        assert (await propose(sune, plan))[0] == 200
        assert await pia.get(f"/api/plans/{fresh.hub}") == NOT_FOUND
        frame = await fresh.got(wire.PlanStatement.TYP)
        await fresh.answer_plan(plan, digest(frame.token), "declined")
        await fresh.settled()
    assert state(await told(pia, fresh)) == (1, "declined")
    _, found = await pia.get("/api/plans")
    assert [(one["label"], one["unit"]) for one in found["homes"]] == [("Rosen 2", "")]  # type: ignore[index,union-attr,call-overload]
    _, found = await pia.get("/api/homes")
    assert [(one["label"], one["unit"]) for one in found["homes"]] == [("Rosen 2", "")]  # type: ignore[index,union-attr,call-overload]
    assert (await propose(pia, fresh.plan(number=2)))[0] == 200


@pytest.mark.parametrize("role", ["operator", "patrol", "installer", "admin", "auditor"])
async def test_others_neither_read_nor_propose_plans(world: World, home: Home, role: str) -> None:
    async with await person(world, "nils", role) as nils:
        assert await nils.get("/api/plans") == FORBIDDEN
        assert await nils.get(f"/api/plans/{home.hub}") == FORBIDDEN
        plan = home.plan(number=2)
        assert await nils.post("/api/plans", token=nils.key.sign(plan), chain=[]) == FORBIDDEN


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        pytest.param((422, "unit_not_allowed"), {"unit": "syd"}, id="for another unit"),
        pytest.param((404, "not_found"), {"hub": "A" * 43}, id="for no home"),
        pytest.param((409, "already_set"), {"number": 1}, id="with a number that was there"),
        pytest.param((422, "policy"), {"look_seconds": 61}, id="longer than the root allows"),
        pytest.param((422, "policy"), {"max_retries": 2}, id="oftener than the root allows"),
        pytest.param((422, "expired"), {"iat": -121}, id="backdated"),
        pytest.param((422, "clock_skew"), {"iat": 121}, id="dated ahead"),
    ],
)
async def test_what_no_planner_may_propose(
    world: World, home: Home, pia: Person, expected: tuple[int, str], changes: dict[str, Any]
) -> None:
    if "iat" in changes:
        changes = {"iat": world.clock.now() + changes["iat"]}
    assert code(await propose(pia, replace(home.plan(number=2), **changes))) == expected
    assert state(await told(pia, home)) == (1, "accepted")


async def test_a_plan_by_another_than_who_is_logged_in_is_refused(
    world: World, home: Home, boss: Person, pia: Person
) -> None:
    async with await planner(world, boss, "per") as per:
        plan = home.plan(number=2)
        token = per.key.sign(plan)
        assert code(await pia.post("/api/plans", token=token, chain=list(per.chain))) == (422, "unknown_signer")
        assert code(await pia.post("/api/plans", token=token, chain=list(pia.chain))) == (422, "unknown_signer")
        assert code(await pia.post("/api/plans", token=token, chain=[])) == (422, "unknown_signer")
        assert code(await pia.post("/api/plans", token=world.root.sign(plan), chain=[])) == (422, "unknown_signer")
        assert (await propose(per, plan))[0] == 200


async def test_a_planner_whose_shift_has_ended_proposes_nothing(world: World, home: Home, pia: Person) -> None:
    await world.clock.forward(13 * 3600)
    await pia.login()
    assert code(await propose(pia, home.plan(number=2))) == (422, "delegation_expired")


async def test_a_planner_in_the_roster_whose_credential_says_operator_proposes_nothing(
    world: World, home: Home, boss: Person, pia: Person
) -> None:
    async with await planner(world, boss, "olle", Role.OPERATOR) as olle:
        await world.person("olle", "planner")
        assert code(await propose(olle, home.plan(number=2))) == (422, "role_not_allowed")


async def test_a_browser_key_is_not_enough_where_the_root_asks_for_passkeys(
    world: World, home: Home, pia: Person
) -> None:
    await pia.approve()
    assert code(await propose(pia, home.plan(number=2))) == (422, "browser_key_not_allowed")


async def test_a_browser_key_is_enough_where_the_root_says_so(world: World, home: Home) -> None:
    await world.person("per", "planner")
    async with Console(world, "per") as per:
        await per.login()
        await per.approve()
        plan = home.plan(number=2)
        assert await per.post("/api/plans", token=per.key.sign(plan), chain=list(per.chain)) == (200, {"number": 2})
        frame = await home.got(wire.PlanStatement.TYP)
        assert (frame.token, frame.chain) == (per.key.sign(plan), per.chain)
