"""The client as drawn: asleep in bed, standing beside it, or lying on the floor."""

from .canvas import Canvas, Colour, oval

_SKIN: Colour = (232, 190, 164)
_SKIN_SHADE: Colour = (206, 158, 134)
_HAIR: Colour = (226, 224, 222)
_LINE: Colour = (120, 84, 72)
_NIGHTGOWN: Colour = (152, 176, 204)
_NIGHTGOWN_SHADE: Colour = (122, 146, 178)
_SHADOW: Colour = (30, 22, 26)


def draw_sleeper(canvas: Canvas) -> None:
    """Draw head, shoulders and arm of somebody asleep on the left pillow; the blanket comes over it."""
    x, y = 1368, 1580
    canvas.shade(oval((x - 78, y - 64, x + 84, y + 84)), _SHADOW, 0.35, 14)
    canvas.blob([(x - 120, y + 150), (x - 96, y + 78), (x, y + 54), (x + 98, y + 78), (x + 120, y + 150)], _NIGHTGOWN)
    canvas.blob([(x - 30, y + 40), (x - 26, y + 84), (x + 28, y + 84), (x + 30, y + 40)], _SKIN_SHADE)
    canvas.ellipse((x - 66, y - 72, x + 66, y + 60), _HAIR)
    canvas.blob(
        [
            (x - 50, y - 14),
            (x - 30, y - 48),
            (x + 22, y - 50),
            (x + 52, y - 14),
            (x + 42, y + 46),
            (x, y + 72),
            (x - 42, y + 46),
        ],
        _SKIN,
    )
    canvas.blob(
        [(x - 58, y - 8), (x - 40, y - 62), (x + 24, y - 66), (x + 58, y - 18), (x + 20, y - 42), (x - 28, y - 36)],
        _HAIR,
    )
    canvas.curve([(x - 34, y + 4), (x - 22, y + 10), (x - 10, y + 4)], _LINE, 4)
    canvas.curve([(x + 10, y + 4), (x + 22, y + 10), (x + 34, y + 4)], _LINE, 4)
    canvas.curve([(x - 2, y + 4), (x - 6, y + 24), (x + 4, y + 28)], _SKIN_SHADE, 4)
    canvas.curve([(x - 14, y + 46), (x, y + 50), (x + 14, y + 45)], (178, 104, 98), 5)
    canvas.shade(oval((x - 44, y + 14, x - 18, y + 36)), (226, 140, 124), 0.4, 6)
    canvas.shade(oval((x + 18, y + 14, x + 44, y + 36)), (226, 140, 124), 0.4, 6)


def draw_sleepers_arm(canvas: Canvas) -> None:
    """Draw the arm that rests on the blanket."""
    canvas.shade(oval((1424, 1690, 1560, 1800)), _SHADOW, 0.3, 12)
    canvas.curve([(1468, 1668), (1510, 1716), (1486, 1760)], _NIGHTGOWN, 46)
    canvas.curve([(1486, 1760), (1450, 1784), (1416, 1782)], _SKIN, 30)
    canvas.ellipse((1390, 1764, 1430, 1800), _SKIN)


def draw_standing(canvas: Canvas) -> None:
    """Draw somebody standing to the right of the bed, with a hand on the walker."""
    x, ground = 1965, 1900
    canvas.shade(oval((x - 110, ground - 30, x + 130, ground + 26)), _SHADOW, 0.5, 14)
    for side in (-1, 1):
        canvas.box((x + side * 30 - 17, ground - 130, x + side * 30 + 17, ground - 12), _SKIN, 14)
        canvas.ellipse((x + side * 34 - 32, ground - 30, x + side * 34 + 32, ground + 6), (130, 70, 78))
    canvas.blob(
        [
            (x - 62, ground - 440),
            (x, ground - 462),
            (x + 62, ground - 440),
            (x + 88, ground - 250),
            (x + 96, ground - 96),
            (x, ground - 84),
            (x - 96, ground - 96),
            (x - 88, ground - 250),
        ],
        _NIGHTGOWN,
    )
    canvas.curve([(x - 30, ground - 320), (x - 40, ground - 200), (x - 34, ground - 100)], _NIGHTGOWN_SHADE, 5)
    canvas.curve([(x + 34, ground - 300), (x + 42, ground - 200), (x + 40, ground - 100)], _NIGHTGOWN_SHADE, 5)
    canvas.curve([(x - 66, ground - 420), (x - 106, ground - 330), (x - 92, ground - 252)], _NIGHTGOWN, 42)
    canvas.curve([(x + 66, ground - 420), (x + 108, ground - 340), (x + 128, ground - 280)], _NIGHTGOWN, 42)
    canvas.ellipse((x - 110, ground - 264, x - 74, ground - 222), _SKIN)
    canvas.ellipse((x + 110, ground - 292, x + 148, ground - 254), _SKIN)
    head = ground - 530
    canvas.box((x - 22, head + 34, x + 22, head + 96), _SKIN_SHADE, 12)
    canvas.ellipse((x - 62, head - 74, x + 62, head + 52), _HAIR)
    canvas.blob(
        [
            (x - 46, head - 16),
            (x - 26, head - 46),
            (x + 26, head - 46),
            (x + 46, head - 16),
            (x + 36, head + 40),
            (x, head + 62),
            (x - 36, head + 40),
        ],
        _SKIN,
    )
    canvas.ellipse((x - 25, head - 4, x - 13, head + 8), (60, 52, 56))
    canvas.ellipse((x + 13, head - 4, x + 25, head + 8), (60, 52, 56))
    canvas.curve([(x - 14, head + 36), (x, head + 40), (x + 14, head + 36)], (178, 104, 98), 4)


def draw_fallen(canvas: Canvas) -> None:
    """Draw somebody lying on the floor to the left of the bed."""
    canvas.shade(oval((742, 1846, 1096, 1972)), _SHADOW, 0.55, 16)
    canvas.curve([(990, 1916), (1042, 1902), (1090, 1934)], _SKIN, 28)
    canvas.curve([(980, 1938), (1034, 1950), (1080, 1962)], _SKIN, 28)
    canvas.blob(
        [(834, 1862), (912, 1846), (1000, 1882), (1016, 1930), (994, 1964), (906, 1966), (838, 1936)], _NIGHTGOWN
    )
    canvas.curve([(900, 1872), (930, 1912), (990, 1928)], _NIGHTGOWN_SHADE, 5)
    canvas.curve([(850, 1900), (806, 1946), (846, 1968)], _NIGHTGOWN, 32)
    canvas.ellipse((842, 1954, 874, 1982), _SKIN)
    canvas.ellipse((750, 1842, 846, 1936), _HAIR)
    canvas.blob([(778, 1880), (810, 1862), (838, 1884), (836, 1918), (806, 1934), (782, 1916)], _SKIN)
    canvas.curve([(800, 1890), (808, 1896), (816, 1892)], _LINE, 4)
    canvas.curve([(804, 1918), (814, 1920), (822, 1914)], (178, 104, 98), 4)
