"""Looks, end to end between a scripted bridge with real keys and a camera on the wire."""

from dataclasses import replace

from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Outcome
from custom_components.trygghetskamera.tillsyn.receipts import Head, verify
from custom_components.trygghetskamera.tillsyn.wire import Receipt

from .home import CAMERA, EVENT, GATE, LAST_LOOK, Setup


async def test_a_look_opens_and_ends_with_the_camera_away_and_a_signed_receipt(home: Setup) -> None:
    bridge, operator = home.bridge, home.bridge.municipality.operator("Alva Natt")
    connected = await bridge.prepare(operator, home.occurrence)
    assert home.is_looking_away()

    await bridge.send(bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await bridge.heard(frames.Warm)
    lease = await bridge.heard(frames.Lease)
    assert (lease.look, lease.counter) == (connected.look, 1)
    await bridge.heard(frames.Sign, lambda one: one.typ == "tk-opened")
    assert home.camera.position.tilt < 0
    assert (home.state(GATE), home.state(CAMERA)) == ("open", "streaming")

    await bridge.close_look(operator, connected.look, Outcome.SEEN)
    await bridge.heard(frames.StopPicture)
    receipt = await bridge.receipt(connected.look)
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()

    assert home.is_looking_away()
    assert (receipt.name, receipt.reason, receipt.sequence) == ("Alva Natt", CloseReason.SEEN, 1)
    assert home.home.journal.record is not None
    verify(Head(), bridge.municipality.hub.public, home.home.journal.record.receipts)
    assert (home.state(GATE), home.state(CAMERA)) == ("closed", "idle")
    last = home.hass.states.get(LAST_LOOK)
    assert last is not None
    assert last.attributes["who"] == "Alva Natt"
    assert last.attributes["reason"] == "seen"
    event = home.hass.states.get(EVENT)
    assert event is not None
    assert event.attributes["event_type"] == "look_ended"


async def test_a_receipt_that_says_something_else_is_not_kept(home: Setup) -> None:
    """The bridge holds the hub key, but what it signs must be what happened."""
    bridge, operator = home.bridge, home.bridge.municipality.operator("Alva Natt")
    connected = await bridge.prepare(operator, home.occurrence)
    await bridge.send(bridge.click(operator, connected))
    await home.until_place(Place.OPEN)
    await bridge.heard(frames.Sign, lambda one: one.typ == "tk-opened")
    bridge.signs = False
    await bridge.close_look(operator, connected.look)
    asked = await bridge.heard(frames.Sign, lambda one: one.typ == "tk-receipt")
    forged = replace(Receipt.parse(asked.payload.encode()), name="Någon annan")
    await bridge.send(frames.Signature(asked.id, bridge.municipality.hub.sign(forged)))
    await home.until_place(Place.CLOSED)
    await home.hass.async_block_till_done()
    record = home.home.journal.record
    assert record is not None
    assert (record.receipts, len(record.waiting)) == ((), 1)

    bridge.signs = True
    await home.home.memory.sign_receipts()
    assert (await bridge.receipt(connected.look)).name == "Alva Natt"
