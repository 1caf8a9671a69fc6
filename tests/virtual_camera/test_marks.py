"""The marks survive coding and scaling, and are never read wrong."""

from collections.abc import Iterator
from dataclasses import replace

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from virtual_camera import BED, CEILING, Look, Marks, Person, Position, profile_720p15, profile_1080p25, read_marks
from virtual_camera.encoder import Encoder
from virtual_camera.scene import Scene, View
from virtual_camera.settings import Profile

MARKS = Marks(0x1234ABCD, 0xFEDC0123, Look.INFRARED, Person.ON_FLOOR, True, Position(-0.25, 0.75, 0.5))


def picture(marks: Marks, width: int = 1280, height: int = 720) -> NDArray[np.uint8]:
    frame = View(width, height).picture(Scene(marks.look, marks.person), marks)
    return frame.to_ndarray(format="rgb24")


def assert_same(read: Marks | None, written: Marks) -> None:
    assert read is not None
    assert read.position.distance(written.position) < 1e-4
    assert (read.counter, read.clock, read.look) == (written.counter, written.clock, written.look)
    assert (read.person, read.is_moving) == (written.person, written.is_moving)


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize("person", Person)
def test_marks_tell_the_scene(look: Look, person: Person) -> None:
    marks = Marks(1, 2, look, person, False, BED)
    assert_same(read_marks(picture(marks)), marks)


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (853, 480), (1000, 700), (1920, 1080), (320, 180)])
def test_marks_survive_scaling_to_another_canvas(size: tuple[int, int]) -> None:
    scaled = Image.fromarray(picture(MARKS)).resize(size, Image.Resampling.BILINEAR)
    assert_same(read_marks(np.asarray(scaled)), MARKS)


def decoded(profile: Profile, views: list[Marks]) -> Iterator[NDArray[np.uint8]]:
    encoder, view = Encoder(profile), View(profile.width, profile.height)
    decoder = av.CodecContext.create("h264", "r")
    for number, marks in enumerate(views):
        frame = view.picture(Scene(marks.look, marks.person), marks)
        coded = encoder.encode(frame, number, is_key=number == 0)
        data = b"".join(b"\0\0\0\1" + unit for unit in coded.nal_units)
        yield from (got.to_ndarray(format="rgb24") for got in decoder.decode(av.Packet(data)))
    yield from (got.to_ndarray(format="rgb24") for got in decoder.decode(None))


@pytest.mark.parametrize("profile", [profile_720p15(bitrate=1_500_000), profile_1080p25(bitrate=1_500_000)])
def test_marks_survive_coding_while_the_camera_sweeps(profile: Profile) -> None:
    sweep = [
        Marks(
            number * 7_919_777,
            4_000_000_000 + number * 67,
            Look.DAY,
            Person.IN_BED,
            True,
            Position(number / 20, 1 - number / 10, 0),
        )
        for number in range(20)
    ]
    pictures = list(decoded(profile, sweep))
    assert len(pictures) == len(sweep)
    for pixels, marks in zip(pictures, sweep, strict=True):
        assert_same(read_marks(pixels), marks)


@pytest.mark.parametrize("cell", range(160))
def test_one_wrong_cell_makes_the_marks_unreadable(cell: int) -> None:
    pixels = picture(MARKS).copy()
    row, column = divmod(cell, 80)
    area = pixels[688 + row * 16 : 704 + row * 16, column * 16 : column * 16 + 16]
    area[:] = 255 - area
    assert read_marks(pixels) is None


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(np.zeros((720, 1280, 3), np.uint8), id="black"),
        pytest.param(np.full((720, 1280), 255, np.uint8), id="white"),
        pytest.param(np.zeros((10, 10, 3), np.uint8), id="far too small"),
        pytest.param(np.zeros((5,), np.uint8), id="not a picture"),
    ],
)
def test_a_picture_without_marks_is_not_read(pixels: NDArray[np.uint8]) -> None:
    assert read_marks(pixels) is None


def test_rows_of_two_pictures_do_not_mix() -> None:
    first, second = picture(MARKS).copy(), picture(replace(MARKS, counter=MARKS.counter + 1))
    first[704:] = second[704:]
    assert read_marks(first) is None


def test_marks_have_no_colour() -> None:
    cells = picture(Marks(1, 2, Look.DAY, Person.IN_BED, False, BED))[688:].astype(int)
    assert np.abs(cells[..., 0] - cells[..., 2]).max() <= 2


def test_the_ceiling_shows_nothing_of_the_room() -> None:
    """At the privacy position the picture is the same whoever is in the room."""
    views = [picture(Marks(1, 2, Look.DAY, person, False, CEILING))[:688] for person in Person]
    assert all(np.array_equal(views[0], view) for view in views[1:])


def test_the_bed_is_seen_from_the_bed_preset() -> None:
    views = [picture(Marks(1, 2, Look.DAY, person, False, BED))[:688] for person in Person]
    changed = [np.abs(views[0].astype(int) - view).max(axis=2).mean() for view in views[1:]]
    assert min(changed) > 3
