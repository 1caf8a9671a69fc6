"""The drawn bedroom: a room three views high and two wide, with the ceiling above and the floor below."""

import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas, Colour, mix, oval
from .furniture import (
    draw_chair,
    draw_door,
    draw_night_table,
    draw_pictures,
    draw_rug,
    draw_walker,
    draw_wardrobe,
    draw_window,
)
from .marks import Look, Person
from .person import draw_fallen, draw_sleeper, draw_sleepers_arm, draw_standing

ROOM_WIDTH, ROOM_HEIGHT = 2880, 2430
VIEW_WIDTH, VIEW_HEIGHT = 1440, 810
"""What is in view at zoom 0."""
CEILING_BOTTOM = 880
FLOOR_TOP = 1660

_CEILING: Colour = (232, 230, 224)
_WALL_TOP: Colour = (198, 208, 200)
_WALL_BOTTOM: Colour = (178, 192, 184)
_FLOOR_BACK: Colour = (176, 136, 98)
_FLOOR_FRONT: Colour = (144, 106, 72)
_SHADOW: Colour = (28, 24, 30)
_WOOD: Colour = (142, 98, 62)
_WOOD_DARK: Colour = (106, 70, 42)
_SHEET: Colour = (240, 238, 232)
_BLANKET: Colour = (92, 122, 150)
_BLANKET_LIGHT: Colour = (122, 150, 176)
_BLANKET_DARK: Colour = (70, 96, 122)


def draw_room(look: Look, person: Person) -> NDArray[np.uint8]:
    """Draw the room as an RGB array, ROOM_HEIGHT x ROOM_WIDTH x 3."""
    is_day = look is Look.DAY
    canvas = Canvas(ROOM_WIDTH, ROOM_HEIGHT, _CEILING)
    _draw_shell(canvas)
    draw_window(canvas, is_day=is_day)
    draw_pictures(canvas)
    draw_wardrobe(canvas)
    draw_door(canvas)
    if is_day:
        canvas.shade([(560, 1700), (960, 1700), (1120, 2100), (620, 2140)], (255, 240, 200), 0.3, 30)
    draw_rug(canvas)
    draw_night_table(canvas, 985, is_lamp_lit=False)
    draw_night_table(canvas, 1895, is_lamp_lit=False)
    draw_chair(canvas)
    _draw_bed(canvas, person)
    draw_walker(canvas)
    if person is Person.OUT_OF_BED:
        draw_standing(canvas)
    if person is Person.ON_FLOOR:
        draw_fallen(canvas)
    picture = np.asarray(canvas.finished())
    return picture if is_day else _in_infrared(picture)


def _draw_shell(canvas: Canvas) -> None:
    """Draw ceiling, wall and floor."""
    canvas.fade((0, 0, ROOM_WIDTH, CEILING_BOTTOM), mix(_CEILING, (255, 255, 255), 0.3), mix(_CEILING, _SHADOW, 0.12))
    for x in range(-400, ROOM_WIDTH + 800, 360):
        canvas.line([(x * 1.3 - 430, 0), (x, CEILING_BOTTOM)], mix(_CEILING, _SHADOW, 0.08), 3)
    canvas.shade(oval((1290, 380, 1610, 500)), _SHADOW, 0.16, 26)
    canvas.ellipse((1300, 340, 1580, 470), (222, 220, 214))
    canvas.ellipse((1316, 338, 1564, 448), (250, 249, 244))
    canvas.shade(oval((2000, 322, 2140, 380)), _SHADOW, 0.25, 10)
    canvas.ellipse((1996, 300, 2124, 366), (214, 212, 206))
    canvas.ellipse((2008, 300, 2112, 350), (246, 245, 240))
    canvas.ellipse((2054, 318, 2066, 326), (204, 60, 52))
    canvas.fade((0, CEILING_BOTTOM, ROOM_WIDTH, FLOOR_TOP), _WALL_TOP, _WALL_BOTTOM)
    for x in range(0, ROOM_WIDTH, 96):
        canvas.line([(x, CEILING_BOTTOM), (x, FLOOR_TOP)], mix(_WALL_TOP, (255, 255, 255), 0.10), 22)
    canvas.box((0, CEILING_BOTTOM - 14, ROOM_WIDTH, CEILING_BOTTOM + 20), (242, 240, 234))
    canvas.shade([(0, 902), (ROOM_WIDTH, 902), (ROOM_WIDTH, 930), (0, 930)], _SHADOW, 0.25, 14)
    canvas.fade((0, FLOOR_TOP, ROOM_WIDTH, ROOM_HEIGHT), _FLOOR_BACK, _FLOOR_FRONT)
    for x in range(-2400, ROOM_WIDTH + 2400, 120):
        foot = ROOM_WIDTH / 2 + (x - ROOM_WIDTH / 2) * 2.1
        canvas.line([(x, FLOOR_TOP), (foot, ROOM_HEIGHT)], mix(_FLOOR_BACK, _WOOD_DARK, 0.45), 3)
    canvas.box((0, FLOOR_TOP - 34, ROOM_WIDTH, FLOOR_TOP + 4), (244, 242, 236))
    canvas.shade(
        [(0, FLOOR_TOP + 6), (ROOM_WIDTH, FLOOR_TOP + 6), (ROOM_WIDTH, FLOOR_TOP + 22), (0, FLOOR_TOP + 22)],
        _SHADOW,
        0.35,
        10,
    )


def _draw_bed(canvas: Canvas, person: Person) -> None:
    """Draw the bed from its foot end, with whoever is in it."""
    canvas.shade([(1060, 1640), (1820, 1640), (1900, 1960), (980, 1960)], _SHADOW, 0.6, 26)
    canvas.box((1130, 1352, 1750, 1700), _WOOD_DARK, 26)
    canvas.box((1142, 1362, 1738, 1690), _WOOD, 22)
    for x in range(1190, 1720, 104):
        canvas.line([(x, 1400), (x, 1600)], mix(_WOOD, _WOOD_DARK, 0.6), 8)
    canvas.shape([(1150, 1590), (1730, 1590), (1826, 1880), (1054, 1880)], _SHEET)
    for left in (1220, 1470):
        canvas.shade(oval((left - 8, 1566, left + 258, 1668)), _SHADOW, 0.3, 10)
        canvas.blob(
            [
                (left, 1600),
                (left + 30, 1524),
                (left + 125, 1512),
                (left + 220, 1524),
                (left + 250, 1600),
                (left + 220, 1650),
                (left + 125, 1662),
                (left + 30, 1650),
            ],
            (250, 248, 243),
        )
        canvas.curve([(left + 60, 1634), (left + 120, 1620), (left + 190, 1634)], (222, 219, 212), 4)
    if person is Person.IN_BED:
        draw_sleeper(canvas)
    _draw_blanket(canvas, person)
    canvas.box((1034, 1872, 1846, 1964), _WOOD_DARK, 20)
    canvas.box((1040, 1876, 1840, 1946), _WOOD, 18)
    canvas.box((1052, 1884, 1828, 1896), mix(_WOOD, (255, 255, 255), 0.18), 6)


def _draw_blanket(canvas: Canvas, person: Person) -> None:
    """Draw the blanket: over the sleeper, thrown aside, or made."""
    if person in (Person.IN_BED, Person.GONE):
        canvas.shade([(1130, 1666), (1752, 1666), (1760, 1700), (1120, 1700)], _SHADOW, 0.35, 10)
        canvas.shape([(1128, 1684), (1752, 1684), (1846, 1886), (1034, 1886)], _BLANKET)
        canvas.blob(
            [
                (1120, 1694),
                (1130, 1666),
                (1440, 1656),
                (1750, 1666),
                (1760, 1694),
                (1756, 1722),
                (1440, 1714),
                (1124, 1722),
            ],
            _SHEET,
        )
    if person is Person.IN_BED:
        canvas.blob(
            [(1250, 1700), (1370, 1676), (1486, 1700), (1560, 1800), (1520, 1880), (1240, 1880), (1216, 1800)],
            _BLANKET_LIGHT,
        )
        canvas.shade([(1490, 1716), (1540, 1730), (1610, 1880), (1540, 1880)], _BLANKET_DARK, 0.9, 14)
        canvas.shade([(1230, 1740), (1250, 1740), (1240, 1880), (1190, 1880)], _BLANKET_DARK, 0.7, 12)
        canvas.curve([(1330, 1740), (1350, 1800), (1330, 1876)], _BLANKET, 7)
        canvas.curve([(1420, 1760), (1416, 1820), (1440, 1876)], _BLANKET, 7)
        draw_sleepers_arm(canvas)
    elif person is Person.GONE:
        for share in (0.25, 0.5, 0.75):
            canvas.line([(1128 + 624 * share, 1724), (1034 + 812 * share, 1880)], _BLANKET_LIGHT, 10)
    else:
        canvas.blob(
            [(1104, 1760), (1150, 1720), (1300, 1742), (1420, 1776), (1390, 1830), (1400, 1884), (1044, 1884)], _BLANKET
        )
        canvas.blob(
            [(1150, 1720), (1300, 1742), (1420, 1776), (1396, 1812), (1280, 1790), (1140, 1756)], _BLANKET_LIGHT
        )
        canvas.curve([(1200, 1800), (1260, 1830), (1250, 1876)], _BLANKET_DARK, 8)
        canvas.curve([(1500, 1740), (1600, 1752), (1690, 1736)], mix(_SHEET, _SHADOW, 0.1), 5)
        canvas.curve([(1520, 1800), (1610, 1790), (1700, 1812)], mix(_SHEET, _SHADOW, 0.1), 5)


def _in_infrared(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give the picture as lit by the camera's own lamps at night: grey, brightest ahead, with a little grain."""
    grey: NDArray[np.float32] = picture.astype(np.float32) @ np.array([0.25, 0.35, 0.40], np.float32)
    grey = np.float32(14) + np.float32(250) * (grey / np.float32(255)) ** np.float32(1.2)
    x = (np.arange(ROOM_WIDTH, dtype=np.float32) - ROOM_WIDTH / 2) / (ROOM_WIDTH * 0.52)
    y = (np.arange(ROOM_HEIGHT, dtype=np.float32) - 1620) / (ROOM_HEIGHT * 0.62)
    grey *= 0.22 + 0.76 * np.exp(-1.5 * (x[None, :] ** 2 + y[:, None] ** 2))
    grain = np.random.default_rng(7).normal(0, 1.4, (ROOM_HEIGHT // 2, ROOM_WIDTH // 2)).astype(np.float32)
    grey += grain.repeat(2, axis=0).repeat(2, axis=1)
    night = np.clip(grey, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(night[:, :, None].repeat(3, axis=2))
