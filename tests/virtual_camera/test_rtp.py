"""Packets of coded pictures, taken apart again by the tests' own rules."""

import struct

import av
import pytest

from virtual_camera import BED, Codec, Look, Marks, Person, profile_720p15
from virtual_camera.encoder import Encoder, is_parameter_set, parameter_sets, split_nal_units
from virtual_camera.rtp import RtpSender, payloads
from virtual_camera.scene import Scene, View

LARGE = bytes([0x65]) + bytes(range(256)) * 20
SMALL = bytes([0x41, 1, 2, 3])
SETS = (bytes([0x67, 0x42, 0xC0, 0x1F]), bytes([0x68, 0xCE]))


def test_a_small_unit_travels_alone() -> None:
    assert payloads(Codec.H264, (SMALL,), 1400, is_aggregating=True) == [SMALL]


def test_a_large_unit_is_split_and_can_be_put_together() -> None:
    parts = payloads(Codec.H264, (LARGE,), 1000, is_aggregating=True)
    assert max(len(part) for part in parts) <= 1000
    assert [part[0] for part in parts] == [0x7C] * len(parts)
    assert [part[1] for part in parts] == [0x85, *[0x05] * (len(parts) - 2), 0x45]
    assert bytes([0x65]) + b"".join(part[2:] for part in parts) == LARGE


def test_parameter_sets_travel_together_or_apart() -> None:
    together = payloads(Codec.H264, (*SETS, SMALL), 1400, is_aggregating=True)
    assert together == [b"\x78" + b"".join(struct.pack("!H", len(unit)) + unit for unit in SETS), SMALL]
    assert payloads(Codec.H264, (*SETS, SMALL), 1400, is_aggregating=False) == [*SETS, SMALL]


def test_h265_units_are_split_with_their_two_byte_header() -> None:
    unit = bytes([19 << 1, 1]) + bytes(3000)
    parts = payloads(Codec.H265, (unit,), 1000, is_aggregating=True)
    assert all(part[0] >> 1 == 49 and part[1] == 1 for part in parts)
    assert [part[2] & 0x3F for part in parts] == [19] * len(parts)
    assert parts[0][2] & 0xC0 == 0x80
    assert parts[-1][2] & 0xC0 == 0x40
    assert b"".join(part[3:] for part in parts) == unit[2:]


def test_packets_count_on_and_reports_tie_them_to_the_clock() -> None:
    sender = RtpSender(96, 90_000)
    first = struct.unpack("!BBHII", sender.packet(b"abc", 2**32 + 5, is_last=False)[:12])
    second = struct.unpack("!BBHII", sender.packet(b"de", 7, is_last=True)[:12])
    assert first == (0x80, 96, first[2], 5, sender.ssrc)
    assert second == (0x80, 0x80 | 96, (first[2] + 1) % 65536, 7, sender.ssrc)
    report = sender.sender_report(1_000_000.5, 90_000)
    fields = struct.unpack("!BBHIIIIII", report[:28])
    assert fields == (0x80, 200, 6, sender.ssrc, 1_000_000 + 2_208_988_800, 2**31, 90_000, 2, 5)
    assert len(report) % 4 == 0
    assert struct.unpack("!BBH", report[28:32])[2] * 4 + 4 == len(report) - 28


@pytest.mark.parametrize("data", [b"", b"no start code", b"\0\0\1", b"\0\0\1\0\0\1"])
def test_a_stream_without_units_gives_none(data: bytes) -> None:
    assert split_nal_units(data) == ()


@pytest.mark.parametrize("codec", Codec)
def test_key_frames_come_only_when_asked_for_and_there_are_no_b_frames(codec: Codec) -> None:
    profile = profile_720p15(codec=codec)
    encoder, view = Encoder(profile), View(1280, 720)
    frame = [
        encoder.encode(view.picture(Scene(), Marks(n, n, Look.INFRARED, Person.IN_BED, False, BED)), n, is_key=n == 7)
        for n in range(12)
    ]
    assert [n for n, coded in enumerate(frame) if coded.is_key] == [0, 7]
    assert all(coded.nal_units for coded in frame)
    assert [unit for unit in frame[7].nal_units if is_parameter_set(codec, unit)] == list(parameter_sets(profile))
    decoder = av.CodecContext.create("h264" if codec is Codec.H264 else "hevc", "r")
    pictures = 0
    for coded in frame[7:]:
        data = b"".join(b"\0\0\0\1" + unit for unit in coded.nal_units)
        pictures += len(decoder.decode(av.Packet(data)))
    assert pictures + len(decoder.decode(None)) == 5


def test_h264_decodes_under_constrained_baseline_level_3_1() -> None:
    sps = parameter_sets(profile_720p15())[0]
    profile, constraints, level = sps[1:4]
    assert profile == 0x42
    assert constraints & 0x40
    assert level <= 0x1F
