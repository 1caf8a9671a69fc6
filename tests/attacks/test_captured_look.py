"""Somebody listens at the TURN server and at the service, keeps every byte of a whole look, has the service's store and
logs as well, and finds no picture and no key. Somebody else sits in the middle at the TURN server, and gets no frame.
"""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiortc import RTCCertificate
from OpenSSL import SSL

from tests.attacks.taps import Capture, Leg, TurnTap, is_dtls, is_media, runs
from tests.attacks.whole_look import WholeLook, whole_look
from tests.bridge.conftest import PASSWORD as CAMERA_PASSWORD
from tests.bridge.peers import CAMERA, stopped
from tillsyn import frames, wire
from tillsyn.frames import Signed
from tillsyn.identity import typ_of
from tillsyn.strict import b64u_decode

pytestmark = [
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is missing"),
    pytest.mark.timeout(90),
]


def at_rest(folder: Path, logged: str) -> Capture:
    """All that the service has stored or written: its database with what belongs to it, and the log."""
    found = Capture([path.read_bytes() for path in sorted(folder.glob("operator.db*"))])
    found.keep(logged)
    return found


async def secrets_of(all_of_it: WholeLook) -> dict[str, bytes]:
    """What nobody between the ends may have, each from the end that has it."""
    found = {
        "the hub's key": all_of_it.keep.hub.seed(),
        "the root's key": all_of_it.world.root.seed(),
        "the home link's token": all_of_it.keep.token,
        "the camera's password": CAMERA_PASSWORD.encode(),
        "the pairing secret": b64u_decode(all_of_it.code.secret),
    }
    found |= {f"session key {n}": b64u_decode(key) for n, key in enumerate(await all_of_it.session_keys())}
    for number, keying in enumerate(all_of_it.seen.keying):
        # Two keys of 16 bytes and what is left for salts: any half is one too many.
        found |= {f"SRTP key {number}.{at}": keying[at : at + 16] for at in (0, 16)}
    return found


THIRTY_FRAMES = """(video) => new Promise((done) => {
  let left = 30;
  const count = () => (--left > 0 ? video.requestVideoFrameCallback(count) : done());
  video.requestVideoFrameCallback(count);
})"""


async def looked_at(everything: WholeLook) -> None:
    """A look from the key that begins it to the key that ends it, with seconds of picture between."""
    integration, screen = everything.integration, everything.screen
    await screen.ready()
    look = await everything.allowed()
    await screen.prepared()
    await screen.press("Enter")
    request = await everything.opened(look)
    async with integration.lease(look):
        await everything.told(look, request)
        await screen.picture()
        assert await screen.page.locator("[data-secure]").is_visible()
        await integration.session(look, "first_packet")
        await screen.page.locator(".frame.live video").evaluate(THIRTY_FRAMES)
        await screen.press("1")
        close = await integration.expect(Signed, lambda one: typ_of(one.token) == wire.Close.TYP)
        assert close.look == look
        end = await stopped(integration, look)
    assert end.packets > 50


async def test_a_captured_look_holds_no_picture_and_no_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with whole_look(tmp_path) as everything:
        await looked_at(everything)

        secrets, units = await secrets_of(everything), everything.seen.units
        picture = set[bytes]().union(*(runs(unit) for unit in units))
        sets = set[bytes]().union(*(runs(unit) for unit in units if unit[0] & 31 in (7, 8)))
        assert len(everything.seen.keying) == 1
        assert len([name for name in secrets if name.startswith("session key")]) == 1

        # The same search finds the picture where it is in clear, and keys where they are.
        assert everything.at_camera.capture.known(picture) > 10_000
        assert everything.at_camera.capture.known(sets) > 0
        hub = {"the hub": b64u_decode(everything.keep.hub.public.x)}
        stored = at_rest(tmp_path, caplog.text)
        assert everything.at_service.capture.held(hub)
        assert stored.held(hub)

        # All of the picture went by the TURN server.
        assert everything.at_turn.capture.size > everything.at_camera.capture.size
        for where, capture in (
            ("TURN", everything.at_turn.capture),
            ("service", everything.at_service.capture),
            ("store and logs", stored),
        ):
            assert capture.known(picture) == 0, where
            assert capture.held(secrets) == set(), where


@dataclass(eq=False)
class End:
    """One end of DTLS with a certificate of the attacker's own, which it shows to whom it speaks with."""

    say: Callable[[bytes], None]
    is_server: bool
    stands: bool = False

    def __post_init__(self) -> None:
        own = RTCCertificate.generateCertificate()
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.use_certificate(own._cert)
        context.use_privatekey(own._key)
        context.set_tlsext_use_srtp(b"SRTP_AES128_CM_SHA1_80")
        self.ssl = SSL.Connection(context)
        self.ssl.set_ciphertext_mtu(1200)
        if self.is_server:
            self.ssl.set_accept_state()
        else:
            self.ssl.set_connect_state()

    def hear(self, data: bytes = b"") -> None:
        """Go on with the handshake."""
        if data:
            self.ssl.bio_write(data)
        with contextlib.suppress(SSL.Error):
            if not self.stands:
                self.ssl.do_handshake()
                self.stands = True
        with contextlib.suppress(SSL.Error):
            while True:
                self.say(self.ssl.bio_read(1500))


@dataclass(eq=False)
class InTheMiddle:
    """At the TURN server: it ends DTLS with each of the two, and would pass on what it decrypts."""

    ends: dict[Leg, End] = field(default_factory=dict)
    others: dict[Leg, Leg] = field(default_factory=dict)
    held: list[bytes] = field(default_factory=list)

    def __call__(self, tap: TurnTap, leg: Leg, data: bytes) -> bool:
        """Nothing of DTLS passes as it is; what finds the way (ICE) does."""
        if not is_dtls(data):
            return True
        if leg not in self.ends and (bridge := tap.other(leg)) is not None:  # the browser speaks first
            self.ends[leg] = End(leg.inject, is_server=True)
            self.ends[bridge] = End(bridge.inject, is_server=False)
            self.others |= {leg: bridge, bridge: leg}
            self.ends[bridge].hear()
        if leg in self.ends:
            self._hear(leg, data)
        return False

    def _hear(self, leg: Leg, data: bytes) -> None:
        """The browser is answered when the bridge has gone through with it, so that both are tried."""
        end, other = self.ends[leg], self.others[leg]
        if end.is_server and not self.ends[other].stands:
            self.held.append(data)
            return
        end.hear(data)
        if end.stands and not end.is_server:
            held, self.held = self.held, []
            for one in held:
                self.ends[other].hear(one)


async def test_a_man_in_the_middle_at_turn_gets_no_frame(tmp_path: Path) -> None:
    middle = InTheMiddle()
    async with whole_look(tmp_path, middle) as everything:
        integration, screen = everything.integration, everything.screen
        await screen.ready()
        looks = [await everything.allowed()]
        ended = await integration.expect(frames.Session)
        assert (ended.look, ended.state) == (looks[0], "operator_gone")
        await screen.press("Enter")  # tries again
        looks.append(await everything.allowed())
        # Which of the two ends notices first decides the words.
        codes = ", ".join(f".result.refused[data-code={code}]" for code in ("wrong_connection", "not_connected"))
        await screen.page.locator(codes).wait_for()
        await screen.no_picture()
        # Not even where the gate would open for it.
        for look in looks:
            await integration.send(frames.Warm(look, CAMERA))
            async with integration.lease(look):
                await asyncio.sleep(0.5)
            assert (await stopped(integration, look)).packets == 0
        assert everything.at_camera.capture.size == 0

        # The bridge went through with it and then looked at the certificate; the browser looked at once.
        assert [(one.is_server, one.stands) for one in middle.ends.values()] == [(True, False), (False, True)] * 2
        assert not any(is_media(one) for leg in everything.at_turn.legs for one in leg.sent)
