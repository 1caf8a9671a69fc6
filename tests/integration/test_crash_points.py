"""A power cut at any byte of a look's journal: the camera looks away, and the look has exactly one signed receipt."""

import pytest

from custom_components.trygghetskamera.coordinator import journal_path
from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.identity import typ_of
from custom_components.trygghetskamera.tillsyn.journal import replay
from custom_components.trygghetskamera.tillsyn.wire import Receipt
from virtual_camera import BED

from .home import Setup
from .peers import NOTHING_YET


async def _whole_look(home: Setup) -> tuple[str, str, bytes]:
    """Its id, its receipt and the journal after it; Home Assistant is then gone."""
    operator = home.bridge.municipality.operator()
    connected = await home.bridge.prepare(operator, home.occurrence)
    await home.bridge.send(home.bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await home.bridge.close_look(operator, connected.look)
    await home.bridge.receipt(connected.look)
    await home.hass.async_block_till_done()
    await home.until_place(Place.CLOSED)
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    home.bridge.received.clear()
    # Something else may have been signed after it, such as wishes.
    receipts = [one for one in home.bridge.signed if typ_of(one) == Receipt.TYP]
    return connected.look, receipts[-1], home.entry_journal().encode()


@pytest.mark.parametrize(
    ("lines", "torn", "reason"),
    [
        pytest.param(0, 60, None, id="the start is half written: nothing has moved, nothing happened"),
        pytest.param(1, 0, CloseReason.INTERRUPTED, id="the start is written"),
        pytest.param(1, 60, CloseReason.INTERRUPTED, id="the end is half written"),
        pytest.param(2, 0, CloseReason.SEEN, id="the end is written"),
        pytest.param(2, 60, CloseReason.SEEN, id="the receipt is half written"),
        pytest.param(3, 0, CloseReason.SEEN, id="the receipt is written"),
    ],
)
async def test_a_power_cut(home: Setup, lines: int, torn: int, reason: CloseReason | None) -> None:
    """``lines``: how many of the look's own are whole."""
    look, receipt, journal = await _whole_look(home)
    whole = journal.splitlines(keepends=True)
    begun = [b'"kind":"look_started"' in one for one in whole].index(True)
    cut = begun + lines
    path = journal_path(home.hass, home.entry.entry_id)
    path.write_bytes(b"".join(whole[:cut]) + (whole[cut][:torn] if torn else b""))
    # The bridge is told of nothing that is not on disk.
    home.bridge.reached = NOTHING_YET
    home.camera.move_by_hand(BED)

    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    if reason is not None and lines < 3:
        assert (await home.bridge.receipt(look)).reason is reason
    else:
        await home.bridge.heard(frames.HomeStatus, lambda one: one.plan == 1)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    assert home.is_looking_away()
    record = replay(home.entry_journal().encode())
    assert [one.ended.reason for one in record.past if one.ended] == ([] if reason is None else [reason])
    assert len(record.receipts) == len(record.past)
    assert (look in home.home.gate.used) is (reason is not None)
    if reason is CloseReason.SEEN:
        # The bridge may have sent the first one on already: another with its number would be a fork of the chain.
        assert record.receipts == (receipt,)
