"""The view: which part of the drawn room the camera shows, cropped and scaled in YUV 4:2:0 planes.

The room is drawn once per look and person (bedroom.py) and kept as planes, so that a picture costs a crop, one
scaling by FFmpeg and the marks. A view that stands still is kept too.
"""

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from .bedroom import ROOM_HEIGHT, ROOM_WIDTH, VIEW_HEIGHT, VIEW_WIDTH, draw_room
from .marks import COLUMNS, MARK_ROWS, Look, Marks, Person, mark_cells
from .motor import Position

MAX_MAGNIFICATION = 4.0
"""How much larger things are at zoom 1 than at zoom 0."""
_BLACK, _WHITE, _GREY = 16, 235, 128
_DARKER = 24
"""How many times darker a night without lamps is."""

type Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to see."""

    look: Look = Look.INFRARED
    person: Person = Person.IN_BED
    is_dark: bool = False
    """Night, without the infrared lamps."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the room that is in view, in whole even pixels of the drawing."""

    left: int
    top: int
    width: int
    height: int


def window_of(position: Position) -> Window:
    """Give the part of the room that is in view from a position. Tilt 1 shows only the ceiling."""
    magnification = MAX_MAGNIFICATION**position.zoom
    width, height = _even(VIEW_WIDTH / magnification), _even(VIEW_HEIGHT / magnification)
    centre_x = VIEW_WIDTH / 2 + (position.pan + 1) / 2 * (ROOM_WIDTH - VIEW_WIDTH)
    centre_y = VIEW_HEIGHT / 2 + (1 - position.tilt) / 2 * (ROOM_HEIGHT - VIEW_HEIGHT)
    return Window(_even(centre_x - width / 2), _even(centre_y - height / 2), width, height)


def _even(value: float) -> int:
    return max(0, 2 * round(value / 2))


@lru_cache(maxsize=4)
def _drawn(scene: Scene) -> tuple[Plane, Plane, Plane]:
    room = draw_room(scene.look, scene.person)
    if scene.is_dark:
        room = room // np.uint8(_DARKER)
    picture = av.VideoFrame.from_ndarray(room, format="rgb24")
    frame = picture.reformat(format="yuv420p")
    return _plane(frame, 0), _plane(frame, 1), _plane(frame, 2)


_drawing = Lock()


def room_planes(scene: Scene) -> tuple[Plane, Plane, Plane]:
    """Give the whole room as Y, U and V planes, from any thread. Takes half a second the first time."""
    with _drawing:
        return _drawn(scene)


def _plane(frame: av.VideoFrame, index: int) -> Plane:
    """Copy a plane of a frame without its padding."""
    plane = frame.planes[index]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width].copy()


class View:
    """Makes the pictures of one stream. Use it from one thread."""

    def __init__(self, width: int, height: int) -> None:
        """Make pictures of this size."""
        self._width = width
        self._height = height
        self._reformatter = VideoReformatter()
        self._seen: tuple[Scene, Window] | None = None
        self._planes: tuple[Plane, Plane, Plane] | None = None

    def picture(self, scene: Scene, marks: Marks) -> av.VideoFrame:
        """Give the picture of a scene from the position that the marks tell, with the marks burnt in."""
        window = window_of(marks.position)
        if self._planes is None or self._seen != (scene, window):
            self._planes = self._look(scene, window)
            self._seen = (scene, window)
        frame = av.VideoFrame(self._width, self._height, "yuv420p")
        for index, pixels in enumerate(self._planes):
            plane = frame.planes[index]
            rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
            rows[: plane.height, : plane.width] = pixels
            if index == 0:
                self._burn(rows, marks)
        return frame

    def _look(self, scene: Scene, window: Window) -> tuple[Plane, Plane, Plane]:
        parts = []
        for index, plane in enumerate(room_planes(scene)):
            scale = 1 if index == 0 else 2
            top, left = window.top // scale, window.left // scale
            part = plane[top : top + window.height // scale, left : left + window.width // scale]
            parts.append(part.ravel())
        crop = av.VideoFrame.from_ndarray(np.concatenate(parts).reshape(-1, window.width), format="yuv420p")
        scaled = self._reformatter.reformat(
            crop, self._width, self._height, "yuv420p", interpolation=Interpolation.BICUBIC
        )
        view = (_plane(scaled, 0), _plane(scaled, 1), _plane(scaled, 2))
        rows = self._height // 45 * MARK_ROWS // 2
        view[1][-rows:] = _GREY
        view[2][-rows:] = _GREY
        return view

    def _burn(self, rows: Plane, marks: Marks) -> None:
        size = self._width // COLUMNS
        cells = np.where(mark_cells(marks), _WHITE, _BLACK).astype(np.uint8)
        tall = self._height // 45
        block = np.repeat(np.repeat(cells, tall, axis=0), size, axis=1)
        rows[self._height - block.shape[0] : self._height, : self._width] = block
