"""What the municipality's service shows that it has kept: believed where it holds, written down once, and missed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.log import Wanted, async_log_page
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.checkpoints import last_night, night_over
from custom_components.trygghetskamera.tillsyn.identity import SigningKey, digest
from custom_components.trygghetskamera.tillsyn.keeping import Keeping
from custom_components.trygghetskamera.tillsyn.model import Outcome
from custom_components.trygghetskamera.tillsyn.wire import Checkpoint, ServiceKey

from .home import Setup
from .peers import Municipality, now

DAY = 86_400
KEEPER = SigningKey.generate()
OTHERS = tuple(digest(f"of another home {number}") for number in range(4))
UNANSWERED, DIFFER = "receipts_unanswered", "checkpoints_differ"


def certified(town: Municipality, by: SigningKey | None = None, key: SigningKey = KEEPER, **changes: int) -> str:
    """The tk-service-key."""
    values = {"iat": now() - DAY, "exp": now() + 100 * DAY} | changes
    return (by or town.root).sign(ServiceKey(key.public.x, **values))


def kept(
    town: Municipality, *receipts: str, others: tuple[str, ...] = OTHERS, by: SigningKey = KEEPER, **changes: object
) -> frames.Kept:
    """What the service shows of these receipts."""
    names = [digest(one) for one in receipts]
    night = night_over([*others, *names])
    values = {"night": last_night(now()), "size": len(night.receipts), "root": night.root, "iat": now()} | changes
    proofs = tuple(one for one in night.receipts if one.receipt in names)
    return frames.Kept(certified(town), by.sign(Checkpoint(**values)), proofs)  # type: ignore[arg-type]


def keeping(home: Setup) -> Keeping:
    """What the journal says."""
    assert home.home.journal.record is not None
    return home.home.journal.record.keeping


async def noted(home: Setup) -> tuple[str, ...]:
    """What the home has told the service that it knows."""
    return (await home.bridge.heard(frames.Noted)).receipts


async def settled(home: Setup) -> None:
    """What was sent has been taken in."""
    await home.bridge.ask(home.bridge.municipality.operator(), home.occurrence, plan=9)
    await home.bridge.heard(frames.Refuse)
    await home.hass.async_block_till_done()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is looked for each second."""
    monkeypatch.setattr("custom_components.trygghetskamera.kept_receipts.EACH_SECONDS", 0.0)


@pytest.fixture
def later(clock: Callable[[str], datetime]) -> Callable[[float], None]:
    """So many hours pass."""

    def pass_hours(hours: float) -> None:
        clock((dt_util.utcnow() + timedelta(hours=hours)).isoformat())

    return pass_hours


async def test_what_is_shown_is_written_down_once_and_noted(home: Setup) -> None:
    town = home.bridge.municipality
    _, receipt = await home.looked()
    said = kept(town, receipt)
    for _ in range(2):
        await home.bridge.send(said)
        assert await noted(home) == (digest(receipt),)
    assert keeping(home).unkept == ()
    assert home.entry_journal().count('"kind":"receipts_kept"') == 1
    text = (await async_log_page(home.home, Wanted(), 1, "sv")).rows[0].text
    assert text == f"Kommunen visade att den har sparat kvitton härifrån, natten {last_night(now())}: 1."


async def test_it_outlives_a_restart(home: Setup) -> None:
    _, receipt = await home.looked()
    await home.bridge.send(said := kept(home.bridge.municipality, receipt))
    await noted(home)
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until(lambda: home.home.journal.record is not None)
    assert keeping(home).unkept == ()
    assert keeping(home).began is not None
    assert [one.token for one in keeping(home).stated.values()] == [said.checkpoint]


async def test_what_this_home_never_signed_is_noted_and_left_out(home: Setup) -> None:
    """It is of a journal that a backup has taken the place of."""
    await home.bridge.send(kept(home.bridge.municipality, "of a journal that is no more"))
    assert await noted(home) == (digest("of a journal that is no more"),)
    assert keeping(home).began is None


async def test_a_receipt_that_is_not_shown_in_time_is_told_until_it_is(
    home: Setup, later: Callable[[float], None]
) -> None:
    town = home.bridge.municipality
    _, first = await home.looked(Outcome.NOT_SEEN)
    await home.bridge.send(kept(town, first))
    await noted(home)
    _, second = await home.looked()
    home.home.kept_receipts.tick()
    later(35)
    home.home.kept_receipts.tick()
    assert not home.has_issue(UNANSWERED)
    later(2)
    home.home.kept_receipts.tick()
    assert home.has_issue(UNANSWERED)
    issue = ir.async_get(home.hass).async_get_issue(DOMAIN, f"{UNANSWERED}_{home.entry.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders == {"count": "1"}
    await home.bridge.send(kept(town, second, night=date(2026, 1, 2)))
    await noted(home)
    await home.until(lambda: not home.has_issue(UNANSWERED))


async def test_a_service_that_has_never_shown_anything_is_not_complained_of(
    home: Setup, later: Callable[[float], None]
) -> None:
    await home.looked()
    home.home.kept_receipts.tick()
    later(100)
    home.home.kept_receipts.tick()
    assert not home.has_issue(UNANSWERED)


async def test_what_is_older_than_the_first_that_is_shown_is_not_missed(
    home: Setup, later: Callable[[float], None]
) -> None:
    """The service has learnt to show what it keeps; it may never have been sent what was signed long before."""
    await home.looked(Outcome.NOT_SEEN)
    _, receipt = await home.looked()
    home.home.kept_receipts.tick()
    later(14 * 24)
    at = int(dt_util.utcnow().timestamp())
    await home.bridge.send(kept(home.bridge.municipality, receipt, night=last_night(at), iat=at))
    await noted(home)
    later(100)
    home.home.kept_receipts.tick()
    assert len(keeping(home).unkept) == 1
    assert not home.has_issue(UNANSWERED)


async def test_a_service_that_cannot_be_reached_is_given_time(home: Setup, later: Callable[[float], None]) -> None:
    town = home.bridge.municipality
    _, first = await home.looked(Outcome.NOT_SEEN)
    await home.bridge.send(kept(town, first))
    await noted(home)
    _, connected = await home.open_look()
    await home.bridge.send(frames.ServiceLink(False, "service_unreachable"))
    await home.bridge.send(frames.Session(connected.look, "operator_gone"))
    await home.until(lambda: bool(keeping(home).unkept))
    later(100)
    home.home.kept_receipts.tick()
    assert not home.has_issue(UNANSWERED)
    await home.bridge.send(frames.ServiceLink(True, ""))
    await home.until(lambda: home.home.link.is_connected)
    home.home.kept_receipts.tick()
    later(35)
    home.home.kept_receipts.tick()
    assert not home.has_issue(UNANSWERED)
    later(2)
    home.home.kept_receipts.tick()
    assert home.has_issue(UNANSWERED)


@pytest.mark.parametrize(
    "attack",
    [
        "a wrong proof", "another's receipt in the proof's place", "a foreign key", "a foreign root",
        "a key that is over", "a revoked key", "from the future", "a night that is not over",
    ],
)  # fmt: skip
async def test_what_does_not_hold_is_refused_and_logged_without_names(
    home: Setup, attack: str, caplog: pytest.LogCaptureFixture
) -> None:
    town, stranger = home.bridge.municipality, SigningKey.generate()
    _, receipt = await home.looked()
    honest = kept(town, receipt)
    proof = honest.receipts[0]
    if attack == "a revoked key":
        await home.bridge.send(town.revocations(KEEPER.public.kid))
    await home.bridge.send(
        {
            "a wrong proof": lambda: replace(honest, receipts=(replace(proof, path=proof.path[:-1]),)),
            "another's receipt in the proof's place": lambda: replace(
                honest, receipts=(replace(proof, receipt=OTHERS[0]),)
            ),
            "a foreign key": lambda: kept(town, receipt, by=stranger),
            "a foreign root": lambda: replace(honest, key=certified(town, stranger)),
            "a key that is over": lambda: replace(honest, key=certified(town, exp=now() - 1)),
            "a revoked key": lambda: honest,
            "from the future": lambda: kept(town, receipt, iat=now() + 300),
            "a night that is not over": lambda: kept(town, receipt, night=last_night(now()) + timedelta(days=1)),
        }[attack]()
    )
    await settled(home)
    assert [one.receipt for one in keeping(home).unkept] == [digest(receipt)]
    assert not home.bridge.has_heard(frames.Noted)
    told = [one.getMessage() for one in caplog.records if "says of receipts was refused" in one.getMessage()]
    assert len(told) == 1
    assert "Alva" not in told[0]


async def test_two_checkpoints_for_one_night_are_both_kept_and_told(home: Setup) -> None:
    town = home.bridge.municipality
    _, first = await home.looked(Outcome.NOT_SEEN)
    one, other = kept(town, first), kept(town, first, others=OTHERS[:2])
    await home.bridge.send(one)
    await noted(home)
    for _ in range(2):
        await home.bridge.send(other)
        await home.until(lambda: home.has_issue(DIFFER))
    await settled(home)
    journal = home.entry_journal()
    assert journal.count('"kind":"checkpoints_differ"') == 1
    line = next(line for line in journal.splitlines() if '"kind":"checkpoints_differ"' in line)
    assert one.checkpoint in line
    assert other.checkpoint in line
    assert not home.bridge.has_heard(frames.Noted)
    _, second = await home.looked()
    await home.bridge.send(kept(town, second, others=OTHERS[:1]))
    await settled(home)
    assert [one.receipt for one in keeping(home).unkept] == [digest(second)]


async def test_somebody_reads_that_two_checkpoints_differ(home: Setup, hass_client: ClientSessionGenerator) -> None:
    assert await async_setup_component(home.hass, "repairs", {})
    town = home.bridge.municipality
    _, first = await home.looked()
    await home.bridge.send(kept(town, first))
    await noted(home)
    await home.bridge.send(kept(town, first, others=OTHERS[:2]))
    await home.until(lambda: home.has_issue(DIFFER))
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert home.has_issue(DIFFER)
    client = await hass_client()
    issue = f"{DIFFER}_{home.entry.entry_id}"
    answer = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue})
    flow = await answer.json()
    assert (flow["type"], flow["description_placeholders"]["night"]) == ("form", last_night(now()).isoformat())
    answer = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={})
    assert (await answer.json())["type"] == "create_entry"
    assert not home.has_issue(DIFFER)


async def test_what_cannot_be_written_is_not_noted_and_tried_again(
    home: Setup, disk: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.trygghetskamera.kept_receipts.AGAIN_SECONDS", 0.0)
    monkeypatch.setattr("custom_components.trygghetskamera.memory.RECOVER_SECONDS", 0.0)
    _, receipt = await home.looked()
    disk(True)
    await home.bridge.send(kept(home.bridge.municipality, receipt))
    await home.until(lambda: home.has_issue("journal_failed"))
    assert not home.bridge.has_heard(frames.Noted)
    disk(False)
    assert await noted(home) == (digest(receipt),)
    assert keeping(home).unkept == ()
