"""Every parser of what a peer sends, fed with changed copies of what is right and with anything at all.

Each may refuse in its own documented way and do nothing else: another exception ends a link, or worse. A parser that a
module gets has its row in PARSERS.
"""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge import soap
from bridge.media import h264, rtsp_auth, rtsp_wire, sdp
from bridge.media.errors import FieldsError, ProtocolError, RtspError
from bridge.media.fields import parse_candidate
from operator_service.will import as_before
from tillsyn import entries, frames, journal, summary
from tillsyn.chain import parse_delegation, signer
from tillsyn.errors import Refused
from tillsyn.identity import PairingCode, PublicKey, parse
from tillsyn.record import Record
from tillsyn.strict import b64u_encode
from tillsyn.wire import STATEMENTS

type Made = object

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/statements.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Parser:
    """``samples``: things that are right; ``read`` may raise ``refusals`` and nothing else."""

    read: Callable[[bytes], Made]
    samples: tuple[bytes, ...]
    refusals: tuple[type[Exception], ...]


def _text(read: Callable[[str], Made]) -> Callable[[bytes], Made]:
    return lambda raw: read(raw.decode("utf-8", "replace"))


def _any_statement(token: str) -> None:
    for kind in STATEMENTS.values():
        with contextlib.suppress(Refused):
            parse(kind, token)


def _any_frame(raw: bytes) -> None:
    for kinds in (frames.SERVICE_TO_BRIDGE, frames.BRIDGE_TO_SERVICE, frames.HOME_TO_BRIDGE, frames.BRIDGE_TO_HOME):
        with contextlib.suppress(Refused):
            frames.decode(kinds, raw)


def _chain(raw: bytes) -> None:
    words = raw.decode("utf-8", "replace").split()
    signer(PublicKey(VECTORS["root"]), as_before(VECTORS["now"]), words, VECTORS["now"])


def _rtp(raw: bytes) -> None:
    packet = h264.parse_rtp(raw)
    for unit in h264.Depacketizer().push(packet):
        for nal in unit.nals:
            h264.packetize(nal, 1100)


def _rtsp(raw: bytes) -> None:
    parser = rtsp_wire.Parser(lambda _channel, _data: None, lambda _response: None)
    half = len(raw) // 2
    parser.feed(raw[:half])
    parser.feed(raw[half:])


def _sdp(raw: bytes) -> None:
    sdp.parse(raw, "rtsp://camera.invalid/stream")


TOKEN = ".".join(("e30", "e30", "A" * 86))
JOURNAL = b"".join(
    (
        first := journal.encode(Record(), entries.Pause(True, "somebody", 0), 1_795_000_000_000),
        journal.encode(journal.replay(first), entries.Privacy(True, "", "camera"), 1_795_000_001_000),
    )
)
SDP = (
    b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    b"a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAH9kA,aMuBcsg=\r\na=control:rtsp://camera.invalid/video\r\n"
)
SOAP = soap.envelope("<p:GetStatusResponse><t:Position><t:PanTilt x='0.1' y='0.2'/></t:Position></p:GetStatusResponse>")
RESPONSE = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nbody$\x00\x00\x02ab"
CHALLENGE = b'Digest realm="camera", nonce="abc", algorithm=SHA-256, qop="auth", stale=TRUE'
RTP = bytes.fromhex("80e0000100000001000000015c81") + b"\x01\x02\x03"
STAP = bytes.fromhex("80600002000000010000000118") + b"\x00\x03\x67\x42\xc0\x00\x02\x68\xce"
FRAMES = (
    frames.Hello(2, 2, "A" * 43).encode().encode(),
    frames.Signed("", TOKEN).encode().encode(),
    frames.HomeStatus(True, False, 3, "").encode().encode(),
)

PARSERS = {
    "signed statement": Parser(_text(_any_statement), tuple(one["token"].encode() for one in VECTORS["good"]), ()),
    "delegation by a passkey": Parser(
        _text(parse_delegation),
        (VECTORS["delegations"][0]["token"].encode(),),
        (Refused,),
    ),
    "chain to the root": Parser(
        _chain, tuple(" ".join(one["chain"]).encode() for one in VECTORS["chains"] if not one["code"]), (Refused,)
    ),
    "frame of a link": Parser(_any_frame, FRAMES, ()),
    "pairing code": Parser(
        _text(PairingCode.decode),
        (PairingCode("wss://tillsyn.invalid/hub", "A" * 43, "A" * 43, "Elsa").encode().encode(),),
        (Refused,),
    ),
    "public key": Parser(_text(PublicKey), (b64u_encode(b"\x07" * 32).encode(),), (Refused,)),
    "journal": Parser(journal.replay, (JOURNAL,), (journal.Corrupt,)),
    "summary of a journal": Parser(summary.restore, (summary.encode(journal.replay(JOURNAL), 1),), (Refused,)),
    "SDP of a camera": Parser(_sdp, (SDP,), (RtspError,)),
    "RTSP of a camera": Parser(_rtsp, (RESPONSE,), (RtspError,)),
    "RTSP challenge of a camera": Parser(_text(lambda text: rtsp_auth.choose([text])), (CHALLENGE,), (RtspError,)),
    "RTP of a camera": Parser(_rtp, (RTP, STAP), (h264.BadPacket,)),
    "SOAP of a camera": Parser(lambda raw: soap.fault_codes(soap.body(soap.parse(raw))), (SOAP,), (soap.BadXml,)),
    "candidate": Parser(
        _text(parse_candidate), (b"candidate:1 1 udp 16777215 192.0.2.7 40000 typ relay",), (FieldsError,)
    ),
}


@st.composite
def changed(draw: st.DrawFn, sample: bytes) -> bytes:
    """The sample with pieces cut out, doubled, swapped for others or for anything."""
    raw = sample
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 40)))
        piece = draw(
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from(
                    (
                        b"", raw[start:end] * 2, b"\r\n", b"\x00", b"\xff\xfe", "ÅÄÖ\u202e".encode(), b"[" * 200,
                        b"{" * 60, b"-1", b"1e999", b"NaN", b"9" * 400, b'"', b"\\u0000", b"://[", b"<!DOCTYPE a>",
                    )
                ),
            )
        )  # fmt: skip
        raw = raw[:start] + piece + raw[end:]
    return raw


def fed(name: str, raw: bytes) -> None:
    parser = PARSERS[name]
    try:
        parser.read(raw)
    except parser.refusals:
        return


@pytest.mark.parametrize("name", PARSERS)
def test_what_is_right_is_read(name: str) -> None:
    for sample in PARSERS[name].samples:
        PARSERS[name].read(sample)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_changed_input_is_read_or_refused(name: str, data: st.DataObject) -> None:
    fed(name, data.draw(st.sampled_from(PARSERS[name].samples).flatmap(changed)))


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=300))
@example(b"")
@example(b"[" * 100_000)
@example(b'{"a":' * 20_000)
@example(b"<a>" * 20_000)
@example(b"9" * 50_000)
@example("\ud800".encode("utf-16-le", "surrogatepass"))
def test_any_input_is_read_or_refused(name: str, raw: bytes) -> None:
    fed(name, raw)


@pytest.mark.parametrize("address", [b"rtsp://[", b"rtsp://[x]/video"])
def test_a_control_attribute_that_is_no_address_is_refused(address: bytes) -> None:
    with pytest.raises(ProtocolError):
        _sdp(SDP.replace(b"rtsp://camera.invalid/video", address))
