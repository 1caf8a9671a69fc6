"""What stands in the drawn bedroom besides the bed."""

from .canvas import Canvas, Colour, mix, oval

_SHADOW: Colour = (28, 24, 30)
_WOOD: Colour = (150, 108, 72)
_WOOD_DARK: Colour = (108, 74, 46)
_WHITE: Colour = (246, 245, 240)
_CURTAIN: Colour = (206, 170, 130)
_CURTAIN_DARK: Colour = (176, 138, 100)
_METAL: Colour = (150, 156, 162)
_BLACK: Colour = (44, 44, 50)


def draw_window(canvas: Canvas, *, is_day: bool) -> None:
    """Draw the window with curtains, a plant on the sill and the radiator below it."""
    canvas.box((420, 990, 850, 1420), _WHITE, 6)
    if is_day:
        canvas.fade((440, 1010, 830, 1400), (150, 198, 236), (220, 236, 244))
        canvas.blob(
            [(440, 1400), (440, 1330), (540, 1290), (640, 1330), (740, 1280), (830, 1320), (830, 1400)], (110, 152, 96)
        )
    else:
        canvas.fade((440, 1010, 830, 1400), (10, 14, 26), (26, 32, 50))
        canvas.ellipse((710, 1050, 770, 1110), (226, 226, 214))
        for x, y in ((500, 1060), (560, 1130), (610, 1050), (790, 1180), (480, 1210)):
            canvas.ellipse((x, y, x + 6, y + 6), (210, 212, 220))
    canvas.box((628, 1000, 642, 1410), _WHITE)
    canvas.box((430, 1196, 840, 1210), _WHITE)
    canvas.box((396, 1414, 874, 1444), _WHITE, 6)
    canvas.shade([(400, 1446), (870, 1446), (870, 1460), (400, 1460)], _SHADOW, 0.35, 8)
    for left, lean in ((336, 1), (812, -1)):
        canvas.shape([(left, 960), (left + 122, 960), (left + 104 + 10 * lean, 1560), (left + 8, 1560)], _CURTAIN)
        for fold in (24, 54, 86):
            canvas.curve(
                [(left + fold, 962), (left + fold - 6 * lean, 1260), (left + fold + 4 * lean, 1556)], _CURTAIN_DARK, 8
            )
    canvas.line([(310, 958), (962, 958)], _WOOD_DARK, 14)
    canvas.blob(
        [(690, 1330), (670, 1280), (700, 1240), (726, 1290), (760, 1250), (772, 1300), (742, 1350)], (74, 120, 72)
    )
    canvas.shape([(696, 1344), (768, 1344), (756, 1416), (708, 1416)], (186, 106, 74))
    canvas.box((470, 1486, 806, 1626), (232, 230, 224), 10)
    for x in range(490, 800, 34):
        canvas.line([(x, 1498), (x, 1614)], (204, 202, 196), 8)


def draw_pictures(canvas: Canvas) -> None:
    """Draw the pictures over the bed and the clock."""
    for left, top, right, bottom, far, near in (
        (1180, 1020, 1410, 1210, (188, 214, 226), (110, 142, 120)),
        (1460, 1050, 1620, 1250, (232, 212, 176), (168, 112, 92)),
    ):
        canvas.shade(
            [(left + 8, top + 12), (right + 10, top + 12), (right + 10, bottom + 14), (left + 8, bottom + 14)],
            _SHADOW,
            0.3,
            8,
        )
        canvas.box((left, top, right, bottom), _WOOD_DARK, 4)
        canvas.box((left + 12, top + 12, right - 12, bottom - 12), _WHITE)
        canvas.fade((left + 28, top + 28, right - 28, bottom - 28), far, mix(far, _WHITE, 0.5))
        canvas.shape(
            [
                (left + 28, bottom - 28),
                (left + 28, bottom - 70),
                ((left + right) / 2, bottom - 100),
                (right - 28, bottom - 60),
                (right - 28, bottom - 28),
            ],
            near,
        )
    canvas.ellipse((1900, 1020, 2040, 1160), _BLACK)
    canvas.ellipse((1910, 1030, 2030, 1150), _WHITE)
    canvas.line([(1970, 1090), (1970, 1046)], _BLACK, 5)
    canvas.line([(1970, 1090), (2002, 1106)], _BLACK, 6)


def draw_wardrobe(canvas: Canvas) -> None:
    """Draw the wardrobe at the far left."""
    canvas.shade([(30, 1000), (300, 1000), (316, 1760), (30, 1760)], _SHADOW, 0.5, 22)
    canvas.box((-20, 980, 290, 1750), _WOOD, 8)
    canvas.box((-20, 968, 300, 1000), _WOOD_DARK, 6)
    canvas.box((0, 1020, 130, 1720), mix(_WOOD, _WHITE, 0.12), 6)
    canvas.box((144, 1020, 276, 1720), mix(_WOOD, _WHITE, 0.12), 6)
    canvas.ellipse((112, 1370, 126, 1398), _METAL)
    canvas.ellipse((150, 1370, 164, 1398), _METAL)


def draw_door(canvas: Canvas) -> None:
    """Draw the door at the right and the light switch."""
    canvas.box((2330, 1010, 2700, 1668), (236, 234, 228), 4)
    canvas.box((2356, 1036, 2674, 1668), (222, 218, 208), 4)
    for top, bottom in ((1070, 1310), (1350, 1620)):
        canvas.box((2400, top, 2630, bottom), (206, 202, 192), 4)
        canvas.box((2408, top + 8, 2622, bottom - 8), (226, 222, 212), 4)
    canvas.box((2372, 1350, 2430, 1366), _METAL, 8)
    canvas.box((2250, 1330, 2290, 1386), _WHITE, 5)
    canvas.box((2262, 1344, 2278, 1372), (226, 224, 218), 3)


def draw_night_table(canvas: Canvas, x: float, *, is_lamp_lit: bool) -> None:
    """Draw a night table, centred at `x`, with a lamp, a glass of water and glasses."""
    canvas.shade([(x - 100, 1700), (x + 100, 1700), (x + 116, 1830), (x - 116, 1830)], _SHADOW, 0.5, 16)
    canvas.box((x - 88, 1600, x + 88, 1810), _WOOD, 8)
    canvas.box((x - 98, 1588, x + 98, 1614), _WOOD_DARK, 6)
    for top in (1632, 1722):
        canvas.box((x - 72, top, x + 72, top + 74), mix(_WOOD, _WHITE, 0.14), 6)
        canvas.ellipse((x - 9, top + 28, x + 9, top + 46), _METAL)
    canvas.box((x - 40, 1576, x + 24, 1592), _METAL, 8)
    canvas.line([(x - 8, 1580), (x - 8, 1500)], _METAL, 10)
    shade = (252, 236, 196) if is_lamp_lit else (226, 216, 196)
    canvas.shape([(x - 44, 1410), (x + 28, 1410), (x + 62, 1512), (x - 78, 1512)], shade)
    canvas.shade([(x - 40, 1480), (x + 30, 1480), (x + 56, 1510), (x - 70, 1510)], _SHADOW, 0.2, 8)
    canvas.box((x + 46, 1540, x + 78, 1590), (206, 222, 230), 5)
    canvas.box((x + 49, 1560, x + 75, 1587), (170, 202, 220), 4)


def draw_chair(canvas: Canvas) -> None:
    """Draw the armchair below the window, with a cardigan over its back."""
    canvas.shade([(480, 1700), (790, 1700), (820, 1900), (450, 1900)], _SHADOW, 0.55, 20)
    canvas.box((500, 1470, 770, 1790), (128, 88, 92), 46)
    canvas.box((520, 1488, 750, 1700), (150, 106, 108), 36)
    canvas.blob([(512, 1480), (600, 1462), (650, 1500), (640, 1620), (560, 1640), (506, 1580)], (96, 112, 88))
    canvas.box((506, 1690, 764, 1800), (158, 114, 114), 26)
    canvas.box((462, 1610, 530, 1840), (118, 80, 84), 30)
    canvas.box((742, 1610, 810, 1840), (118, 80, 84), 30)
    for x in (486, 772):
        canvas.box((x, 1836, x + 20, 1880), _WOOD_DARK, 4)


def draw_rug(canvas: Canvas) -> None:
    """Draw the rug that the bed stands on, and the slippers."""
    canvas.shape([(900, 1790), (1980, 1790), (2150, 2100), (730, 2100)], (146, 92, 84))
    canvas.shape([(926, 1806), (1954, 1806), (2104, 2080), (776, 2080)], (196, 160, 128))
    canvas.shape([(946, 1818), (1934, 1818), (2070, 2062), (810, 2062)], (160, 106, 94))
    for x in (1868, 1916):
        canvas.shade(oval((x - 4, 1930, x + 44, 2000)), _SHADOW, 0.4, 6)
        canvas.ellipse((x, 1912, x + 38, 1984), (196, 176, 150))
        canvas.pie((x, 1912, x + 38, 1984), 200, 340, (130, 70, 78))
        canvas.ellipse((x + 2, 1912, x + 36, 1950), (130, 70, 78))


def draw_walker(canvas: Canvas) -> None:
    """Draw the wheeled walker to the right of the bed."""
    canvas.shade(oval((2050, 1850, 2280, 1930)), _SHADOW, 0.45, 12)
    for x in (2076, 2246):
        canvas.curve([(x, 1530), (x + 4, 1700), (x, 1880)], _METAL, 14)
        canvas.line([(x - 20, 1528), (x + 16, 1528)], _BLACK, 22)
        canvas.ellipse((x - 30, 1850, x + 30, 1912), _BLACK)
        canvas.ellipse((x - 14, 1868, x + 14, 1896), _METAL)
    canvas.line([(2080, 1640), (2246, 1640)], _METAL, 12)
    canvas.box((2088, 1690, 2240, 1720), _BLACK, 8)
    canvas.box((2100, 1724, 2228, 1800), (92, 98, 108), 10)
