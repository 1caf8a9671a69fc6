"""The envelopes on the two links."""

import gc
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tillsyn.made import ADMIN, HUB, NOW, ROOT, admin_shift, look_id, shift, talk
from tests.tillsyn.nights import checkpoint, key_token
from tillsyn import frames
from tillsyn.checkpoints import Night
from tillsyn.entries import ReceiptsKept
from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.frames import Frame, decode, kinds
from tillsyn.identity import PairingCode, digest
from tillsyn.journal import LIMIT, encode
from tillsyn.record import Record
from tillsyn.wire import Included, Revocations
from tillsyn.wire_people import MAX_REVOKED

LOOK, HASH, TOKEN, CHAIN = look_id("look"), digest("something"), talk().look, talk().chain
FULL = Revocations(1, tuple(digest(str(one)) for one in range(MAX_REVOKED)), NOW)
CODE = PairingCode("wss://tillsyn.example", HASH, HASH, "Kungsbacka").encode()
ELSEWHERE = frames.Position(-1_000_000, 5, 0)
CAMERA = "01HOVRUM-1"
CONFIGURE = frames.Configure(
    tuple(
        frames.CameraAccess(
            name, "192.0.2.9", 80, "anna", "hemligt", "/onvif/ptz", "/onvif/media", 554, "/live?x=1", "profile_1", "",
            ELSEWHERE,
        )
        for name in (CAMERA, "2")
    )
)  # fmt: skip


def configured(**change: Any) -> dict[str, Any]:
    """The change that makes the first camera another."""
    first, second = json.loads(CONFIGURE.encode())["cameras"]
    return {"cameras": [first | change, second]}


EXAMPLES: tuple[Frame, ...] = (
    frames.Hello(1, 1, HASH),
    frames.Rejected("update_home"),
    frames.Signed(LOOK, TOKEN, CHAIN),
    frames.Signed(LOOK, TOKEN, (*admin_shift(), *shift(by=ADMIN))),
    frames.Signed("", ROOT.sign(FULL)),
    frames.Signed("", TOKEN),
    frames.LinkLogin(TOKEN, TOKEN),
    frames.Pair(HASH, HUB.public.x, HASH),
    frames.HomeStatus(ready=True, paused=False, plan=3, problem=""),
    frames.Paired(HASH, TOKEN),
    frames.Welcome(("turn:turn.example:3478?transport=udp", "turns:turn.example:5349"), "user", "secret"),
    frames.Welcome((), "", ""),
    frames.StartPairing(CODE),
    CONFIGURE,
    frames.Allow(LOOK),
    frames.Warm(LOOK, CAMERA),
    frames.Lease(LOOK, CAMERA, 1, 3000),
    frames.StopPicture(LOOK, CloseReason.PAUSED),
    frames.Sign(1, LOOK, "tk-receipt", '{"look":"x"}'),
    frames.Bridge(HUB.public.x, "", ""),
    frames.PairingResult(HASH, TOKEN),
    frames.ServiceLink(connected=False, code="home_offline"),
    frames.LookRequest(LOOK, TOKEN, CHAIN, TOKEN, TOKEN),
    frames.Session(LOOK, "first_packet"),
    frames.LeaseHeld(LOOK, 1),
    frames.Stopped(LOOK, 900, 0),
    frames.DroveAway(CAMERA, done=True),
    frames.Signature(1, TOKEN),
    frames.Refuse(LOOK, HASH, Refusal.PAUSED),
    frames.Hold(LOOK, CAMERA),
    frames.Reached("home", 7, HASH, 3, 2),
    frames.Kept(TOKEN, TOKEN, (Included(HASH, 0, ()), Included(digest("other"), 2**31, (HASH,)))),
    frames.Noted((HASH,)),
)
ALL = kinds(*{type(one) for one in EXAMPLES})
DIRECTIONS = {
    "service to bridge": frames.SERVICE_TO_BRIDGE,
    "bridge to service": frames.BRIDGE_TO_SERVICE,
    "home to bridge": frames.HOME_TO_BRIDGE,
    "bridge to home": frames.BRIDGE_TO_HOME,
}


def refused(raw: str | bytes) -> None:
    with pytest.raises(Refused) as caught:
        decode(ALL, raw)
    assert caught.value.code is Refusal.BAD_MESSAGE


def test_there_is_an_example_of_every_frame() -> None:
    used = {kind for direction in DIRECTIONS.values() for kind in direction.values()}
    gc.collect()  # each class with slots has had another in its place for a moment
    ours = {kind for kind in Frame.__subclasses__() if kind.__module__.startswith("tillsyn.")}
    assert used == set(ALL.values()) == ours


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.TYPE)
def test_what_is_sent_is_read_back(example: Frame) -> None:
    assert decode(ALL, example.encode()) == example
    assert decode(ALL, example.encode().encode()) == example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.TYPE)
def test_frame_with_other_fields_is_refused(example: Frame) -> None:
    body = json.loads(example.encode())
    refused(json.dumps(body | {"extra": 1}))
    for name in body:
        refused(json.dumps({other: value for other, value in body.items() if other != name}))
        refused(json.dumps(body | {name: None}))
        refused(json.dumps(body | {name: [[1]]}))
        refused(json.dumps(body | {name: "a\nb" * 9000}))


@pytest.mark.parametrize("name", ["", "HELLO", "admin", 1, None, ["hello"], {"a": 1}, "\ud800"])
def test_frame_of_no_known_type_is_refused(name: object) -> None:
    refused(json.dumps({"type": name, "look": LOOK}))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_frame_for_the_other_direction_is_refused(direction: str) -> None:
    accepted = DIRECTIONS[direction]
    for example in EXAMPLES:
        if example.TYPE not in accepted:
            with pytest.raises(Refused):
                decode(accepted, example.encode())


@pytest.mark.parametrize(
    "forbidden",
    [frames.Lease, frames.Warm, frames.Hold, frames.Allow, frames.Configure, frames.Sign, frames.LookRequest],
    ids=lambda one: one.TYPE,
)
def test_the_service_cannot_send_what_opens_a_camera(forbidden: type[Frame]) -> None:
    assert forbidden.TYPE not in frames.SERVICE_TO_BRIDGE


def test_oversize_frame_is_refused() -> None:
    refused(frames.Allow(LOOK).encode() + " " * frames.LIMIT)


@pytest.mark.parametrize(
    ("example", "change"),
    [
        pytest.param(frames.Lease(LOOK, CAMERA, 1, 3000), {"ttl_ms": 3001}, id="a lease of more than three seconds"),
        pytest.param(frames.Lease(LOOK, CAMERA, 1, 3000), {"counter": 0}, id="lease 0"),
        pytest.param(frames.Lease(LOOK, CAMERA, 1, 3000), {"camera": ""}, id="a lease for no camera"),
        pytest.param(frames.Warm(LOOK, CAMERA), {"camera": "a b"}, id="a camera whose name is none"),
        pytest.param(EXAMPLES[16], {"typ": "tk-look"}, id="the hub asked to sign a look"),
        pytest.param(EXAMPLES[16], {"typ": "tk-offer"}, id="the home signing an offer"),
        pytest.param(EXAMPLES[16], {"typ": "tk-opened\n"}, id="a type with a newline"),
        pytest.param(EXAMPLES[8], {"urls": ["turn:a.example:1@b.example:2"]}, id="a relay with a login in it"),
        pytest.param(EXAMPLES[8], {"urls": ["stun:a.example:1"]}, id="no relay"),
        pytest.param(CONFIGURE, configured(host="camera/evil"), id="a host with a path"),
        pytest.param(CONFIGURE, configured(host="a@b"), id="a host with a login"),
        pytest.param(CONFIGURE, configured(rtsp_path="live"), id="a path without its slash"),
        pytest.param(CONFIGURE, configured(rtsp_path="/live\r\nRequire: x"), id="a path that smuggles a header"),
        pytest.param(CONFIGURE, configured(privacy={"pan": 0, "tilt": 0}), id="a position without zoom"),
        pytest.param(
            CONFIGURE, configured(privacy={"pan": 0, "tilt": 1_000_001, "zoom": 0}), id="a position beyond the end"
        ),
        pytest.param(CONFIGURE, configured(camera="x" * 33), id="a camera's name too long"),
        pytest.param(CONFIGURE, configured(extra=1), id="a camera with a field too many"),
        pytest.param(CONFIGURE, {"cameras": json.loads(CONFIGURE.encode())["cameras"] * 5}, id="ten cameras"),
        pytest.param(frames.Session(LOOK, "connected"), {"state": "open"}, id="a session that says it is open"),
        pytest.param(frames.Signed(LOOK, TOKEN), {"chain": [TOKEN] * 2}, id="a credential twice"),
        pytest.param(frames.Signed(LOOK, TOKEN), {"token": TOKEN[:-1]}, id="a token cut off"),
        pytest.param(frames.Signed(LOOK, TOKEN), {"token": shift()[1]}, id="a delegation as a token"),
        pytest.param(frames.Signed(LOOK, TOKEN), {"chain": [shift()[1] + "."]}, id="a delegation with an end"),
        pytest.param(frames.StartPairing(CODE), {"code": CODE + "\n"}, id="a code with a newline"),
    ],
)
def test_frame_with_a_meaning_beyond_the_agreed_is_refused(example: Frame, change: dict[str, Any]) -> None:
    refused(json.dumps(json.loads(example.encode()) | change))


def test_there_is_no_field_for_sound() -> None:
    for example in EXAMPLES:
        assert not {"audio", "sound", "microphone"} & set(json.loads(example.encode()))


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_anything_as_a_frame_is_refused(raw: bytes | str) -> None:
    refused(raw)


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=50) | st.lists(st.text(max_size=5), max_size=3)


@given(st.sampled_from(EXAMPLES), st.data())
def test_a_changed_frame_is_read_whole_or_refused(example: Frame, data: st.DataObject) -> None:
    body = json.loads(example.encode())
    body[data.draw(st.sampled_from(sorted(body)))] = data.draw(VALUES)
    with suppress(Refused):
        assert json.loads(decode(ALL, json.dumps(body)).encode()) == body


@given(st.sampled_from(EXAMPLES), st.data())
def test_a_frame_with_changed_bytes_never_breaks_the_reader(example: Frame, data: st.DataObject) -> None:
    raw = example.encode().encode()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 4)))
    with suppress(Refused):
        decode(ALL, raw[:start] + data.draw(st.binary(max_size=4)) + raw[end:])


def test_a_full_frame_of_kept_receipts_with_the_longest_proofs_fits_in_a_frame_and_in_a_line_of_the_journal() -> None:
    path = tuple(digest(f"node {number}") for number in range(31))
    receipts = tuple(Included(digest(str(one)), 2**31 - one, path) for one in range(frames.KEPT_AT_ONCE))
    keeper = key_token()
    said = checkpoint(Night(HASH, receipts))
    longest = said.replace(".", "." + "x" * 2600, 1)  # as much as white space could make of it
    frame = frames.Kept(keeper, longest, receipts)
    assert len(frame.encode()) < frames.LIMIT
    assert decode(ALL, frame.encode()) == frame
    assert len(encode(Record(), ReceiptsKept(keeper, longest, receipts), NOW * 1000)) < LIMIT
