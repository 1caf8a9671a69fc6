"""An operator's acknowledgement of a receipt is kept at home and shown; one that does not come shows too."""

from dataclasses import replace

import pytest

from custom_components.trygghetskamera.log import Wanted, async_log_page
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.identity import digest, parse, typ_of
from custom_components.trygghetskamera.tillsyn.model import Outcome
from custom_components.trygghetskamera.tillsyn.wire import Receipt, ReceiptAck

from .home import Setup
from .peers import Operator, now


def acknowledge(operator: Operator, receipt: str) -> frames.Signed:
    """The operator has seen it."""
    look = parse(Receipt, receipt).statement.look
    return operator.sign(look, ReceiptAck(look, digest(receipt), now()))


def dated(operator: Operator, receipt: str, at: int) -> frames.Signed:
    """As if it had been another time (s, UTC)."""
    look = parse(Receipt, receipt).statement.look
    return operator.sign(look, ReceiptAck(look, digest(receipt), at))


async def texts(home: Setup) -> list[str]:
    """The newest of the log."""
    return [one.text for one in (await async_log_page(home.home, Wanted(), 2, "sv")).rows]


def acknowledged(home: Setup) -> frozenset[str]:
    """What the journal says."""
    record = home.home.journal.record
    return frozenset() if record is None else record.keeping.acknowledged


async def test_an_acknowledgement_is_kept_and_told(home: Setup) -> None:
    operator, receipt = await home.looked()
    assert (await texts(home))[0].startswith(
        "Kvitto 1 på titt-in av Alva Natt skrevs under för kommunen. Alva Natt har inte"
    )
    await home.bridge.send(acknowledge(operator, receipt))
    await home.until(lambda: acknowledged(home) == {digest(receipt)})
    assert await texts(home) == [
        "Alva Natt bekräftade att kvittot på titt-in kom fram.",
        "Kvitto 1 på titt-in av Alva Natt skrevs under för kommunen.",
    ]


async def test_an_acknowledgement_that_is_quicker_than_the_disk_is_kept(home: Setup) -> None:
    operator, connected = await home.open_look()
    await home.bridge.close_look(operator, connected.look)
    await home.bridge.heard(frames.Sign, lambda one: one.typ == Receipt.TYP)
    token = next(one for one in reversed(home.bridge.signed) if typ_of(one) == Receipt.TYP)
    await home.bridge.send(acknowledge(operator, token))
    await home.until(lambda: acknowledged(home) == {digest(token)})


async def test_an_acknowledgement_outlives_a_restart_and_is_kept_once(home: Setup) -> None:
    operator, receipt = await home.looked()
    ack = acknowledge(operator, receipt)
    await home.bridge.send(ack)
    await home.until(lambda: bool(acknowledged(home)))
    await home.bridge.send(ack)
    await home.hass.async_block_till_done()
    assert home.entry_journal().count('"kind":"receipt_ack"') == 1
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.until(lambda: acknowledged(home) == {digest(receipt)})


ATTACKS = ["another person", "another receipt", "another's chain", "no chain", "an old date", "a date to come"]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_acknowledgement_that_is_not_of_whoever_looked_is_refused(home: Setup, attack: str) -> None:
    operator, receipt = await home.looked()
    other = home.bridge.municipality.operator("Kim Annan")
    honest = acknowledge(operator, receipt)
    await home.bridge.send(
        {
            "another person": acknowledge(other, receipt),
            "another receipt": replace(
                honest, token=operator.key.sign(ReceiptAck(honest.look, digest("something else"), now()))
            ),
            "another's chain": replace(honest, chain=other.chain),
            "no chain": replace(honest, chain=()),
            "an old date": dated(operator, receipt, now() - 86_400),
            "a date to come": dated(operator, receipt, now() + 86_400),
        }[attack]
    )
    await home.bridge.ask(other, home.occurrence)  # frames are taken in order
    await home.bridge.heard(frames.Refuse)
    await home.hass.async_block_till_done()
    assert acknowledged(home) == frozenset()


async def test_an_acknowledgement_that_cannot_be_written_opens_nothing(home: Setup, disk: object) -> None:
    operator, receipt = await home.looked()
    disk(True)  # type: ignore[operator]
    await home.bridge.send(acknowledge(operator, receipt))
    await home.until(lambda: home.has_issue("journal_failed"))
    disk(False)  # type: ignore[operator]
    assert acknowledged(home) == frozenset()


async def test_nobody_acknowledges_the_receipt_of_another_look_under_their_own(home: Setup) -> None:
    """Whoever looked then could not, and the home's log would not hold before others."""
    first, before = await home.looked(Outcome.NOT_SEEN)
    second, receipt = await home.looked()
    look = parse(Receipt, receipt).statement.look
    await home.bridge.send(second.sign(look, ReceiptAck(look, digest(before), now())))
    await home.bridge.send(acknowledge(second, receipt))
    await home.until(lambda: digest(receipt) in acknowledged(home))
    assert acknowledged(home) == {digest(receipt)}
    await home.bridge.send(acknowledge(first, before))
    await home.until(lambda: acknowledged(home) == {digest(receipt), digest(before)})
