"""Looks, end to end between a scripted bridge with real keys and a camera on the wire."""

from custom_components.trygghetskamera.tillsyn import frames
from custom_components.trygghetskamera.tillsyn.errors import CloseReason
from custom_components.trygghetskamera.tillsyn.gate_values import Place
from custom_components.trygghetskamera.tillsyn.model import Outcome
from custom_components.trygghetskamera.tillsyn.receipts import Head, verify

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
