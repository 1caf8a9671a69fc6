"""RTP to pictures and back: what goes in comes out, in pieces that fit, and damage never passes as whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.media.h264 import (
    AccessUnit,
    BadPacket,
    Depacketizer,
    ParameterSets,
    nal_type,
    packetize,
    parameter_sets,
    parse_rtp,
)

from .scripted_camera import fragments, rtp

SPS, PPS, IDR, SLICE, SEI = b"\x67sps", b"\x68pps", b"\x65idr", b"\x41slice", b"\x06camera serial number"
nal_units = st.builds(
    lambda head, body: bytes((head,)) + body,
    st.sampled_from([0x65, 0x41, 0x67, 0x68]),
    st.binary(min_size=1, max_size=9000),
)


def push(depacketizer: Depacketizer, payloads: list[bytes], timestamp: int, start: int = 0) -> list[AccessUnit]:
    units = []
    for index, payload in enumerate(payloads):
        data = rtp(payload, (start + index) & 0xFFFF, timestamp, marker=index == len(payloads) - 1)
        units += depacketizer.push(parse_rtp(data))
    return units


@given(nal_units, st.integers(100, 1500))
def test_a_nal_unit_survives_being_cut_up(nal: bytes, limit: int) -> None:
    payloads = packetize(nal, limit)
    assert max(map(len, payloads)) <= limit
    (unit,) = push(Depacketizer(), payloads, 5)
    assert unit.nals == (nal,)


@given(st.lists(nal_units, min_size=1, max_size=5), st.integers(50, 1500), st.integers(0, 0xFFFF))
def test_a_picture_survives_any_camera_fragmenting(nals: list[bytes], limit: int, start: int) -> None:
    payloads = [p for nal in nals for p in fragments(nal, limit)]
    (unit,) = push(Depacketizer(), payloads, 7, start)
    assert unit.nals == tuple(nals)
    assert unit.key == any(nal_type(nal) == 5 for nal in nals)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
def test_noise_never_raises(payloads: list[bytes], markers: list[bool]) -> None:
    depacketizer = Depacketizer()
    for index, payload in enumerate(payloads):
        depacketizer.push(parse_rtp(rtp(payload, index, index // 3, marker=markers[index])))


@given(st.binary(max_size=60))
def test_a_packet_is_read_or_refused(data: bytes) -> None:
    try:
        packet = parse_rtp(data)
    except BadPacket:
        return
    assert packet.payload


@pytest.mark.parametrize("lost", range(6), ids=lambda n: f"packet {n} lost")
def test_a_hole_loses_the_picture_and_says_so(lost: int) -> None:
    depacketizer = Depacketizer()
    push(depacketizer, [SLICE], 1, 99)
    payloads = [*fragments(IDR * 30, 20)[:5], fragments(IDR * 30, 20)[-1]]
    packets = [rtp(p, 100 + i, 2, marker=i == 5) for i, p in enumerate(payloads)]
    units = [u for i, p in enumerate(packets) if i != lost for u in depacketizer.push(parse_rtp(p))]
    units += push(depacketizer, [SLICE], 3, 106)
    assert [u.timestamp for u in units if u.key] == []
    assert depacketizer.broken


def test_a_camera_without_markers_is_cut_by_timestamps() -> None:
    depacketizer = Depacketizer()
    units = [
        unit
        for number in range(3)
        for unit in depacketizer.push(parse_rtp(rtp(SLICE, number, number * 3000, marker=False)))
    ]
    assert [unit.timestamp for unit in units] == [0, 3000]


def test_an_aggregate_is_taken_apart_and_camera_metadata_dropped() -> None:
    parts = b"".join(len(n).to_bytes(2) + n for n in (SPS, PPS, SEI, IDR))
    (unit,) = push(Depacketizer(), [b"\x78" + parts], 1)
    assert unit.nals == (SPS, PPS, IDR)


def test_an_endless_picture_is_given_up() -> None:
    depacketizer = Depacketizer()
    pieces = [b"\x7c\x85" + bytes(60_000)] + [b"\x7c\x05" + bytes(60_000)] * 80
    for index, piece in enumerate(pieces):
        depacketizer.push(parse_rtp(rtp(piece, index, 1, marker=False)))
    assert depacketizer.broken
    (unit,) = push(depacketizer, [IDR], 2, len(pieces))
    assert unit.nals == (IDR,)


def test_parameter_sets_are_put_before_a_key_frame_that_lacks_them() -> None:
    sets = ParameterSets()
    assert sets.complete(AccessUnit(1, (IDR,), key=True)) is None
    sets.learn((SPS, PPS))
    complete = sets.complete(AccessUnit(2, (IDR,), key=True))
    assert complete is not None
    assert complete.nals == (SPS, PPS, IDR)
    newer = sets.complete(AccessUnit(3, (b"\x67new", b"\x68new", IDR), key=True))
    assert newer is not None
    assert newer.nals == (b"\x67new", b"\x68new", IDR)
    slices = AccessUnit(4, (SLICE,), key=False)
    assert sets.complete(slices) == slices


@pytest.mark.parametrize("text", ["!!!", "Z0=", "A" * 9000], ids=["not base64", "bad padding", "too long"])
def test_a_malformed_sprop_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="sprop"):
        parameter_sets(text)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x80\x62" + bytes(9), id="too short"),
        pytest.param(b"\x00\x62" + bytes(20), id="wrong version"),
        pytest.param(b"\x8f\x62" + bytes(20), id="more sources than bytes"),
        pytest.param(b"\x90\x62" + bytes(10), id="no room for the extension"),
        pytest.param(b"\x90\x62" + bytes(12) + b"\xff\xff", id="extension longer than the packet"),
        pytest.param(b"\xa0\x62" + bytes(11) + b"\x09", id="padding longer than the packet"),
        pytest.param(b"\xa0\x62" + bytes(12), id="padding of nothing"),
    ],
)
def test_a_malformed_packet_is_refused(data: bytes) -> None:
    with pytest.raises(BadPacket):
        parse_rtp(data)


def test_extension_sources_and_padding_are_taken_off() -> None:
    head = bytearray(rtp(b"", 1, 2, marker=True))
    head[0] = 0xB1
    packet = parse_rtp(bytes(head) + b"csrc" + b"\xbe\xde\x00\x01exte" + b"payload" + b"\x00\x02")
    assert packet.payload == b"payload"
    assert packet.marker
