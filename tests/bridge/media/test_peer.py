"""One peer over real sockets: who it connects to, what leaves and when it stops."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bridge.media import (
    CameraSource,
    ConnectFailed,
    ConnectionFields,
    FieldsError,
    IceConfig,
    IdentityMismatch,
    NoRelay,
    Peer,
    PeerTimeouts,
    RtspTarget,
    probe_turn,
)
from bridge.media.ice import unsent_bytes

from .conftest import PASSWORD as TURN_PASSWORD
from .conftest import USER as TURN_USER
from .conftest import Turn, free_port
from .scripted_camera import PASSWORD, USER, ScriptedCamera
from .viewer import Viewer

LOOPBACK = IceConfig(relay_only=False, allow_loopback=True)
QUICK = PeerTimeouts(ice=1.0, dtls=1.0, close=1.0)
OTHER = ":".join(["AB"] * 32)


@asynccontextmanager
async def connected(config: IceConfig) -> AsyncIterator[tuple[Peer, Viewer]]:
    """A peer and a viewer, connected, nothing open."""
    peer = await Peer.prepare(config, timeouts=PeerTimeouts(close=1.0))
    viewer = Viewer(config)
    try:
        theirs = await viewer.fields()
        await asyncio.gather(peer.connect(theirs), viewer.connect(peer.fields))
        yield peer, viewer
    finally:
        await peer.close()
        await viewer.close()
        await peer.wait_closed()


@asynccontextmanager
async def showing(camera: ScriptedCamera, peer: Peer) -> AsyncIterator[CameraSource]:
    """The camera playing into the peer's forwarder."""
    source = CameraSource(RtspTarget(camera.uri, USER, PASSWORD), peer.forwarder)
    source.start()
    try:
        yield source
    finally:
        await source.stop()


async def test_the_picture_reaches_the_viewer_only_after_open(camera: ScriptedCamera) -> None:
    async with connected(LOOPBACK) as (peer, viewer), showing(camera, peer):
        await camera.asked("PLAY")
        assert peer.connected
        assert not viewer.inbox.packets
        peer.forwarder.open(lambda: True)
        await viewer.inbox.until(100)
    first = viewer.inbox.packets[0]
    assert first.payload[0] & 31 == 7
    assert first.timestamp == 0
    assert [p.sequence_number for p in viewer.inbox.packets] == list(range(len(viewer.inbox.packets)))
    assert max(len(p.payload) for p in viewer.inbox.packets) <= 1186


async def test_the_picture_passes_through_turn_alone(camera: ScriptedCamera, turn: Turn) -> None:
    async with connected(turn.config()) as (peer, viewer), showing(camera, peer):
        assert all(" typ relay" in c for c in peer.fields.candidates)
        peer.forwarder.open(lambda: True)
        await viewer.inbox.until(100)


async def test_relay_only_tells_no_address_of_the_home(turn: Turn) -> None:
    peer = await Peer.prepare(turn.config())
    (candidate,) = peer.fields.candidates
    assert "raddr" not in candidate
    assert candidate.endswith(" typ relay")
    await peer.close()
    await peer.wait_closed()


async def test_a_stopped_look_sends_nothing_more(camera: ScriptedCamera) -> None:
    camera.script.rate = 200
    allowed = True
    async with connected(LOOPBACK) as (peer, viewer), showing(camera, peer):
        peer.forwarder.open(lambda: allowed)
        await viewer.inbox.until(50)
        allowed, ended = False, time.monotonic()
        await viewer.nack(*range(40))
        await camera.asked("PLAY")
        await asyncio.sleep(0.2)
        assert viewer.inbox.last_at - ended < 0.1
        assert not viewer.resent()
        last = peer.forwarder.last_packet_at
        assert last is not None
        assert last <= ended
        assert not peer.forwarder.is_open


async def test_a_lost_packet_is_sent_again(camera: ScriptedCamera) -> None:
    async with connected(LOOPBACK) as (peer, viewer), showing(camera, peer):
        peer.forwarder.open(lambda: True)
        await viewer.inbox.until(60)
        await viewer.nack(7)
        async with asyncio.timeout(2):
            while not viewer.resent():
                viewer.inbox.news.clear()
                await viewer.inbox.news.wait()
    again, original = viewer.resent()[0], viewer.inbox.packets[7]
    assert again.payload_type == 97
    assert int.from_bytes(again.payload[:2]) == 7
    assert again.payload[2:] == original.payload
    assert peer.heard_at is not None


async def test_a_lost_picture_asks_the_camera_for_a_key_frame(camera: ScriptedCamera) -> None:
    asked = asyncio.Event()
    peer = await Peer.prepare(LOOPBACK, on_key_frame_wanted=asked.set)
    viewer = Viewer(LOOPBACK)
    theirs = await viewer.fields()
    await asyncio.gather(peer.connect(theirs), viewer.connect(peer.fields))
    async with showing(camera, peer):
        peer.forwarder.open(lambda: True)
        await viewer.inbox.until(60)
        asked.clear()
        async with asyncio.timeout(3):
            while not asked.is_set():  # within 500 ms of the last request nothing is asked
                await viewer.pli()
                await asyncio.sleep(0.05)
    await peer.close()
    await viewer.close()
    await peer.wait_closed()


async def test_a_swapped_fingerprint_is_refused() -> None:
    peer = await Peer.prepare(LOOPBACK, timeouts=QUICK)
    viewer = Viewer(LOOPBACK)
    theirs = await viewer.fields()
    swapped = ConnectionFields(OTHER, theirs.ufrag, theirs.password, theirs.candidates, "active")
    other = asyncio.create_task(viewer.connect(peer.fields))
    with pytest.raises(IdentityMismatch):
        await peer.connect(swapped)
    assert not peer.connected
    with pytest.raises(RuntimeError):
        peer.forwarder.open(lambda: True)
    await other
    await viewer.close()
    await peer.wait_closed()


async def test_a_viewer_that_distrusts_us_gets_nothing() -> None:
    peer = await Peer.prepare(LOOPBACK, timeouts=QUICK)
    viewer = Viewer(LOOPBACK)
    theirs = await viewer.fields()
    await asyncio.gather(peer.connect(theirs), viewer.connect(peer.fields, OTHER))
    assert viewer.dtls.state == "failed"
    await peer.close()
    await viewer.close()
    await peer.wait_closed()


async def test_a_viewer_that_is_not_there_fails_in_time() -> None:
    peer = await Peer.prepare(LOOPBACK, timeouts=QUICK)
    fields = ConnectionFields(
        OTHER, "abcd", "x" * 22, (f"candidate:1 1 udp 1 127.0.0.1 {free_port()} typ host",), "active"
    )
    with pytest.raises(ConnectFailed):
        await peer.connect(fields)
    await asyncio.wait_for(peer.wait_lost(), 1)
    await peer.wait_closed()


async def test_a_viewer_that_ends_is_noticed() -> None:
    async with connected(LOOPBACK) as (peer, viewer):
        await viewer.close()
        await asyncio.wait_for(peer.wait_lost(), 2)
        assert not peer.forwarder.is_open


async def test_the_viewer_must_take_the_active_role() -> None:
    peer = await Peer.prepare(LOOPBACK)
    mine = peer.fields
    with pytest.raises(FieldsError):
        await peer.connect(mine)
    await peer.wait_closed()


async def test_every_look_has_its_own_certificate() -> None:
    one, two = await Peer.prepare(LOOPBACK), await Peer.prepare(LOOPBACK)
    assert one.fields.fingerprint != two.fields.fingerprint
    assert one.fields.password not in repr(one.fields)
    for peer in (one, two):
        await peer.close()
        await peer.wait_closed()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_close_does_not_wait_for_a_relay_that_is_gone(turn: Turn, transport: str) -> None:
    async with connected(turn.config(transport)) as (peer, _):
        peer.forwarder.open(lambda: True)
        turn.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        await peer.close()
        assert time.monotonic() - began < 0.05
        await peer.wait_closed()
        assert time.monotonic() - began < 1.5
        turn.process.send_signal(signal.SIGCONT)


async def test_a_relay_that_is_too_slow_is_seen_and_what_it_holds_is_thrown_away(turn: Turn) -> None:
    """Through TURN over TCP, pictures would pile up in the socket and leave after the look."""
    async with connected(turn.config("tcp")) as (peer, _):
        turn.process.send_signal(signal.SIGSTOP)
        for number in range(8000):
            peer._send(b"\x80\x60" + number.to_bytes(2) + bytes(1196))
            if number % 100 == 0:
                await asyncio.sleep(0)
        assert unsent_bytes(peer._wires) > 256 * 1024
        await peer.close()
        assert unsent_bytes(peer._wires) == 0
        turn.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_each_kind_of_turn_gives_an_allocation(
    turn: Turn, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(turn.certificate))
    config = turn.config(transport)
    assert await probe_turn(config) == config


async def test_the_first_turn_that_works_is_taken(turn: Turn) -> None:
    dead = f"turn:127.0.0.1:{free_port()}?transport=udp"
    config = IceConfig((dead, turn.url("tcp"), turn.url("udp")), TURN_USER, TURN_PASSWORD)
    assert (await probe_turn(config)).turn_urls == (turn.url("tcp"),)


async def test_without_a_relay_nobody_is_reached(turn: Turn) -> None:
    with pytest.raises(NoRelay):
        await Peer.prepare(IceConfig())
    with pytest.raises(NoRelay):
        await Peer.prepare(IceConfig((turn.url(),), TURN_USER, "wrong"))
    with pytest.raises(NoRelay):
        await probe_turn(IceConfig((turn.url(), turn.url("tcp")), TURN_USER, "wrong"))
