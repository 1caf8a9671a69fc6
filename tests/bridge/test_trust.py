"""trust.py: the bridge judges by what the root has said, keeps it, and goes back to nothing older."""

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from bridge.events import (
    EndPicture,
    FromHome,
    FromService,
    HomeDown,
    HomeUp,
    KeepSaid,
    ToHome,
    WatchCamera,
)
from bridge.keep import SAID, Damaged, Keep
from bridge.trust import Said, Trust
from tests.authenticator import Authenticator
from tests.bridge.conftest import Home
from tests.bridge.peers import CAMERA, Municipality, Person, connected, now, random_id, warmed
from tests.bridge.test_session import Desk, refusals
from tillsyn import frames, wire
from tillsyn.errors import Refusal, Refused
from tillsyn.frames import Signed
from tillsyn.identity import SigningKey, digest
from tillsyn.model import Fallback, Role, Window

DAY = 86_400


@pytest.fixture
def desk() -> Desk:
    return Desk()


def hear(desk: Desk, said: Signed) -> tuple[object, ...]:
    return tuple(desk.on(FromService(said)))


def strict(desk: Desk) -> Signed:
    """A policy that asks for passkeys."""
    return desk.municipality.policy(2, browser_keys=False)


def listing(desk: Desk, key: SigningKey) -> Signed:
    """A list with this key in it."""
    return desk.municipality.revocations(key.public.kid)


def shift(town: Municipality, phone: Authenticator, seconds: int = 3600) -> Person:
    """Somebody with a passkey, whose session key may sign for so long."""
    key = SigningKey.generate()
    credential = town.root.sign(
        wire.Credential("", "Åsa", (Role.OPERATOR,), ("natt",), now() - 60, now() + DAY, wire.Passkey(**phone.passkey))
    )
    delegation = wire.Delegation(digest(credential), key.public.x, now() - 60, now() - 60 + seconds)
    return Person(key, (credential, phone.token(delegation.payload())))


# ---- before the integration is asked --------------------------------------------------------------------------------


def test_a_passkeys_session_key_is_believed(desk: Desk) -> None:
    strict = desk.municipality.policy(2, browser_keys=False)
    assert hear(desk, strict) == (KeepSaid(desk.sessions.trust.said), ToHome(strict))  # type: ignore[union-attr]
    asked = desk.prepare(random_id(), shift(desk.municipality, Authenticator("Åsa")))
    assert tuple(desk.on(FromService(asked))) == (ToHome(asked),)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(Refusal.BROWSER_KEY_NOT_ALLOWED, strict, id="no passkey"),
        pytest.param(Refusal.REVOKED, lambda desk: listing(desk, desk.person.key), id="revoked"),
        pytest.param(Refusal.REVOKED, lambda desk: listing(desk, desk.hub), id="at a revoked hub"),
        pytest.param(
            Refusal.REVOCATIONS_STALE, lambda desk: desk.municipality.revocations(age=DAY + 60), id="under an old list"
        ),
    ],
)
def test_prepare_is_refused_before_the_home_is_asked(desk: Desk, code: Refusal, said: object) -> None:
    hear(desk, said(desk))  # type: ignore[operator]
    asked = desk.prepare(random_id())
    assert refusals(desk.on(FromService(asked))) == [(code, digest(asked.token))]


def test_prepare_without_a_list_or_policy_is_refused(desk: Desk) -> None:
    desk.sessions.trust = Trust(desk.municipality.root.public, desk.hub.public)
    phone = shift(desk.municipality, Authenticator("Åsa"))
    assert [code for code, _ in refusals(desk.on(FromService(desk.prepare(random_id()))))] == [
        Refusal.BROWSER_KEY_NOT_ALLOWED
    ]
    assert [code for code, _ in refusals(desk.on(FromService(desk.prepare(random_id(), phone))))] == [
        Refusal.REVOCATIONS_STALE
    ]


def test_click_after_a_revocation_is_refused(desk: Desk) -> None:
    look, prepare, click = desk.connected()
    told = desk.municipality.revocations(desk.person.key.public.kid)
    effects = hear(desk, told)
    assert refusals(effects) == [(Refusal.REVOKED, prepare)]  # type: ignore[arg-type]
    assert ToHome(frames.Session(look, "operator_gone")) in effects
    assert [code for code, _ in refusals(desk.on(FromService(click)))] == [Refusal.REVOKED]


def test_look_that_runs_ends_at_once_when_its_key_is_revoked(desk: Desk) -> None:
    look = desk.opened()
    effects = hear(desk, desk.municipality.revocations(desk.person.key.public.kid))
    assert effects[-2:] == (EndPicture(look), WatchCamera(CAMERA))
    # The home, which ends it too, is answered as ever.
    assert EndPicture(look) in desk.on(FromHome(frames.StopPicture(look, "revoked")))  # type: ignore[arg-type]


def test_look_goes_on_when_others_are_revoked(desk: Desk) -> None:
    look = desk.opened()
    told = desk.municipality.revocations("A" * 43)
    assert hear(desk, told) == (KeepSaid(desk.sessions.trust.said), ToHome(told))  # type: ignore[union-attr]
    held = ToHome(frames.LeaseHeld(look, 2))
    assert desk.on(FromHome(frames.Lease(look, CAMERA, 2, 3000))) == (held,)


def test_old_list_is_refused(desk: Desk) -> None:
    old = desk.municipality.revocations()
    hear(desk, desk.municipality.revocations(desk.person.key.public.kid))
    assert hear(desk, old) == ()
    assert [code for code, _ in refusals(desk.on(FromService(desk.prepare(random_id()))))] == [Refusal.REVOKED]


def test_list_of_a_stranger_is_dropped(desk: Desk) -> None:
    assert hear(desk, Municipality(number=40).revocations(desk.person.key.public.kid)) == ()
    assert hear(desk, Signed("", "rubbish" * 30, ())) == ()
    assert hear(desk, Municipality().policy(9, look_seconds=120)) == ()


def test_list_by_an_administrator_is_believed_with_its_chain(desk: Desk) -> None:
    admin = desk.municipality.person("Admin", (Role.ADMIN,))
    told = admin.signed(wire.Revocations(50, (desk.person.key.public.kid,), desk.now))
    assert ToHome(told) in hear(desk, told)


def test_an_integration_that_comes_is_told_what_was_said_while_it_was_away(desk: Desk) -> None:
    desk.on(HomeDown())
    told = desk.municipality.revocations("A" * 43)
    assert hear(desk, told) == (KeepSaid(desk.sessions.trust.said),)  # type: ignore[union-attr]
    assert tuple(desk.on(HomeUp()))[-1] == ToHome(told)


# ---- plans ----------------------------------------------------------------------------------------------------------


def planned(desk: Desk, made: int, ended: int = 0) -> tuple[Person, Signed]:
    """A planner whose shift ended so long (s) ago, and their plan of ``made``."""
    key, phone = SigningKey.generate(), Authenticator("Pia")
    credential = desk.municipality.root.sign(
        wire.Credential("", "Pia", (Role.PLANNER,), ("natt",), now() - 9 * DAY, now(), wire.Passkey(**phone.passkey))
    )
    end = now() - ended
    delegation = wire.Delegation(digest(credential), key.public.x, end - 3600, end)
    planner = Person(key, (credential, phone.token(delegation.payload())))
    windows = (Window("natt", time(22), time(6)),)
    plan = wire.PlanStatement(
        desk.hub.public.kid, 2, "natt", windows, 30, 30, 20, 1, (Role.OPERATOR,), (Fallback.VISIT,),
        date(2027, 1, 1), made,
    )  # fmt: skip
    return planner, planner.signed(plan)


def test_plan_is_judged_by_when_it_was_made(desk: Desk) -> None:
    _, plan = planned(desk, now() - 3 * DAY - 60, ended=3 * DAY)
    assert hear(desk, plan) == (ToHome(plan),)
    for made in (now() - 3 * DAY + 60, now() - 3 * DAY - 3800, now() - 31 * DAY, now() + 130):
        assert hear(desk, planned(desk, made, ended=3 * DAY)[1]) == ()


def test_plan_of_a_planner_who_is_revoked_on_its_way_is_dropped(desk: Desk) -> None:
    planner, plan = planned(desk, now() - 3 * DAY - 60, ended=3 * DAY)
    hear(desk, listing(desk, planner.key))
    assert hear(desk, plan) == ()


@pytest.mark.parametrize(("in_force", "passes"), [(2, True), (1, False), (3, False)])
def test_plan_in_force_is_passed_on_when_it_comes_again(desk: Desk, in_force: int, passes: bool) -> None:
    """The integration answers once more, if it is that very plan."""
    planner, plan = planned(desk, now() - 3 * DAY - 60, ended=3 * DAY)
    hear(desk, listing(desk, planner.key))
    desk.sessions.in_force = in_force
    assert hear(desk, plan) == ((ToHome(plan),) if passes else ())
    assert hear(desk, replace(plan, chain=desk.municipality.person().chain)) == ()


async def test_the_integration_says_which_plan_is_in_force(home: Home) -> None:
    town = home.service.municipality
    planner = town.person("Pia", (Role.PLANNER,))
    windows = (Window("natt", time(22), time(6)),)
    newer, agreed = (
        planner.signed(
            wire.PlanStatement(
                home.keep.hub.public.kid, number, "natt", windows, 30, 30, 20, 1, (Role.OPERATOR,),
                (Fallback.VISIT,), date(2027, 1, 1), now(),
            )
        )
        for number in (2, 1)
    )  # fmt: skip
    await home.service.send(town.revocations(planner.key.public.kid))
    await home.service.send(newer)
    await home.service.send(agreed)
    assert await home.integration.expect(Signed) == agreed


# ---- what is kept ---------------------------------------------------------------------------------------------------


def test_first_policy_of_a_fresh_hub_may_not_be_an_old_one() -> None:
    town, hub = Municipality(), SigningKey.generate()
    certificate = town.root.sign(wire.HubCertificate(hub.public.x, "Hemmet", "Kommunen", now(), now() + DAY, 3))
    trust = Trust(town.root.public, hub.public, certificate)
    with pytest.raises(Refused) as caught:
        trust.hear(town.policy(2), now())
    assert caught.value.code is Refusal.POLICY
    trust.hear(town.policy(3), now())


def test_what_was_said_outlives_a_restart(tmp_path: Path) -> None:
    town, keep = Municipality(), Keep(tmp_path)
    trust = Trust(town.root.public, keep.hub.public)
    old, admin = town.revocations(), town.person("Admin", (Role.ADMIN,))
    for said in (town.policy(), admin.signed(wire.Revocations(7, ("A" * 43,), now()))):
        trust.hear(said, now())
        keep.store_said(trust.said)
    again = Trust(town.root.public, keep.hub.public, "", Keep(tmp_path).said)
    assert (again.said, again.known) == (trust.said, trust.known)
    with pytest.raises(Refused) as caught:
        again.hear(old, now())
    assert caught.value.code is Refusal.REPLAYED


def test_what_another_root_said_is_nothing_to_this_one(tmp_path: Path) -> None:
    town, other, keep = Municipality(), Municipality(), Keep(tmp_path)
    trust = Trust(town.root.public, keep.hub.public)
    trust.hear(town.revocations(), now())
    keep.store_said(trust.said)
    fresh = Trust(other.root.public, keep.hub.public, "", keep.said)
    assert fresh.said == Said(other.root.public.x)
    assert fresh.known.revocations is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"root":"%s","policy":["a.b.%s"],"revocations":[],"chain":[]}' % (b"A" * 43, b"A" * 86),
        b'{"root":"%s","policy":[],"revocations":["a.b.%s"],"chain":[]}' % (b"A" * 43, b"A" * 86),
        b"x" * 70_000,
    ],
)
def test_damaged_memory_of_what_was_said_stops_the_bridge(tmp_path: Path, content: bytes) -> None:
    Keep(tmp_path)
    (tmp_path / SAID).write_bytes(content)
    with pytest.raises(Damaged, match=SAID):
        Keep(tmp_path)


def test_an_empty_memory_is_kept_too(tmp_path: Path) -> None:
    keep = Keep(tmp_path)
    keep.store_said(Said("A" * 43))
    assert Keep(tmp_path).said == Said("A" * 43)


# ---- on real wires --------------------------------------------------------------------------------------------------


async def test_a_revocation_ends_the_picture_and_is_told_and_kept(home: Home) -> None:
    operator = home.operator()
    await connected(operator, home.integration)
    await warmed(operator, home.integration)
    async with home.integration.lease(operator.look):
        await home.integration.session(operator.look, "first_packet")
        told = home.service.municipality.revocations(operator.person.key.public.kid)
        await home.service.send(told)
        await home.integration.expect(frames.Stopped, lambda one: one.look == operator.look)
        await home.integration.told(told)
    assert home.keep.said is not None
    assert home.keep.said.revocations == told
    await operator.leave()


async def test_a_disk_that_is_full_does_not_keep_a_revocation_from_counting(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_said: Said) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(home.keep, "store_said", full)
    operator = home.operator()
    told = home.service.municipality.revocations(operator.person.key.public.kid)
    await home.service.send(told)
    await home.integration.told(told)
    await operator.ask()
    refused = await home.service.statement(wire.Refuse, operator.look)
    assert (refused.code, refused.request) == (Refusal.REVOKED, operator.request)


async def test_the_integration_hears_what_the_root_said_when_it_comes_back(home: Home) -> None:
    await home.integration.close()
    said = home.service.municipality.revocations("A" * 43)
    await home.service.send(said)
    integration = await home.connect()
    await integration.told(said)
