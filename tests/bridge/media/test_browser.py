"""A real Chromium sees the camera's picture through TURN, and only from the end that signed."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from bridge.media import (
    CameraSource,
    IceConfig,
    IdentityMismatch,
    Peer,
    PeerError,
    PeerTimeouts,
    RtspTarget,
)

from .browser import open_browser
from .conftest import Turn
from .scripted_camera import PASSWORD, USER, ScriptedCamera

LOOPBACK = IceConfig(relay_only=False, allow_loopback=True)
OTHER = ":".join(["AB"] * 32)


def advancing(counters: list[int]) -> bool:
    """True if every picture is new, allowing for the loop of the clip and dropped pictures."""
    steps = [(b - a) % 60 for a, b in pairwise(counters)]
    return all(0 < step < 30 for step in steps)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_operator_sees_the_picture_through_turn(camera: ScriptedCamera, turn: Turn, transport: str) -> None:
    peer = await Peer.prepare(turn.config(transport), on_key_frame_wanted=camera.key_frame)
    source = CameraSource(RtspTarget(camera.uri, USER, PASSWORD), peer.forwarder)
    async with open_browser() as browser:
        theirs = await browser.look(peer.fields, turn.config(transport))
        assert all(c.endswith(" typ relay") for c in theirs.candidates)
        await peer.connect(theirs)
        assert await browser.verified()
        source.start()
        peer.forwarder.open(lambda: True)
        counters = await browser.frames(20)
        assert advancing(counters)
        (inbound,) = await browser.stats("inbound-rtp")
        assert inbound["framesDecoded"] >= 20
        assert inbound["packetsLost"] == 0
        await peer.close()
        await source.stop()
        await peer.wait_closed()


async def test_a_swapped_fingerprint_in_the_answer_is_refused_by_the_hub() -> None:
    peer = await Peer.prepare(LOOPBACK, timeouts=PeerTimeouts(ice=3, dtls=3, close=1))
    async with open_browser() as browser:
        theirs = await browser.look(peer.fields, LOOPBACK, relayOnly=False)
        with pytest.raises(IdentityMismatch):
            await peer.connect(replace(theirs, fingerprint=OTHER))
        assert peer.forwarder.packets_sent == 0
        await peer.wait_closed()


async def test_a_swapped_fingerprint_in_the_offer_is_refused_by_the_browser(camera: ScriptedCamera) -> None:
    peer = await Peer.prepare(LOOPBACK, timeouts=PeerTimeouts(ice=3, dtls=2, close=1))
    async with open_browser() as browser:
        theirs = await browser.look(replace(peer.fields, fingerprint=OTHER), LOOPBACK, relayOnly=False)
        connecting = asyncio.create_task(peer.connect(theirs))
        assert not await browser.verified()
        # Depending on who is first, the hub has connected and is left, or never gets that far.
        await asyncio.wait([connecting])
        await asyncio.wait_for(peer.wait_lost(), 2)
        assert not peer.connected
        assert connecting.exception() is None or isinstance(connecting.exception(), PeerError)
        await peer.close()
        await peer.wait_closed()


async def test_the_browser_notices_a_look_that_ends() -> None:
    peer = await Peer.prepare(LOOPBACK)
    async with open_browser() as browser:
        await peer.connect(await browser.look(peer.fields, LOOPBACK, relayOnly=False))
        assert await browser.verified()
        await peer.close()
        await peer.wait_closed()
        await browser.page.wait_for_function("() => window.ended", timeout=5000)


async def test_a_key_frame_every_ten_seconds_is_not_waited_for(camera: ScriptedCamera) -> None:
    """The camera starts in the middle of a group of pictures; asking brings the key frame at once."""
    peer = await Peer.prepare(LOOPBACK, on_key_frame_wanted=camera.key_frame)
    source = CameraSource(RtspTarget(camera.uri, USER, PASSWORD), peer.forwarder)
    camera.skip(1)
    async with open_browser() as browser:
        await peer.connect(await browser.look(peer.fields, LOOPBACK, relayOnly=False))
        source.start()
        peer.forwarder.open(lambda: True)
        assert (await browser.frames(1))[0] % 15 < 3
        assert camera.key_frames_forced >= 1
        await peer.close()
        await source.stop()
        await peer.wait_closed()


async def test_lost_packets_are_repaired_without_a_new_key_frame(
    camera: ScriptedCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every 33rd packet never arrives; the browser asks for it by NACK and gets it as RTX."""
    peer = await Peer.prepare(LOOPBACK)
    source = CameraSource(RtspTarget(camera.uri, USER, PASSWORD), peer.forwarder)
    send, count = peer._dtls._send_rtp, 0

    async def lossy(packet: bytes) -> None:
        nonlocal count
        count += 1
        if count % 33:
            await send(packet)

    monkeypatch.setattr(peer._dtls, "_send_rtp", lossy)
    async with open_browser() as browser:
        await peer.connect(await browser.look(peer.fields, LOOPBACK, relayOnly=False))
        source.start()
        peer.forwarder.open(lambda: True)
        assert advancing(await browser.frames(45))
        (inbound,) = await browser.stats("inbound-rtp")
        assert inbound["nackCount"] > 5
        assert inbound["retransmittedPacketsReceived"] > 5
        assert inbound["pliCount"] == 0
        await peer.close()
        await source.stop()
        await peer.wait_closed()


async def test_a_field_that_would_write_sdp_of_its_own_is_refused() -> None:
    good = {
        "fingerprint": OTHER,
        "ufrag": "abcd",
        "password": "p" * 22,
        "candidates": ["candidate:1 1 udp 1 192.0.2.1 9 typ relay"],
        "setup": "actpass",
    }
    line = "\r\na=fingerprint:sha-256 " + ":".join(["CD"] * 32)
    bad = [
        {**good, "fingerprint": OTHER + line},
        {**good, "fingerprint": OTHER.lower()},
        {**good, "ufrag": "abcd" + line},
        {**good, "password": "p" * 22 + line},
        {**good, "candidates": [good["candidates"][0] + line]},
        {**good, "candidates": list(good["candidates"]) * 9},
        {**good, "candidates": good["candidates"][0]},
        {**good, "setup": "active"},
    ]
    async with open_browser() as browser:
        refused = await browser.page.evaluate("(all) => all.map((fields) => window.refuses(fields))", [good, *bad])
    assert refused == [False, *[True] * len(bad)]
