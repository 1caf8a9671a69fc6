"""A drawing surface with smooth edges and soft shadows, on top of Pillow."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter

type Colour = tuple[int, int, int]
type Point = tuple[float, float]
type Box = tuple[float, float, float, float]

_OVERSAMPLING = 2
_SOFT_SCALE = 4
"""Soft things are drawn this much smaller than the result: nobody can see it, and blurring costs little."""


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Give the colour that has `share` of the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Canvas:
    """Draws in the result's coordinates, at twice its size, so that edges come out smooth."""

    def __init__(self, width: int, height: int, colour: Colour) -> None:
        """Begin with one colour all over."""
        self._size = width, height
        self._image = Image.new("RGB", (width * _OVERSAMPLING, height * _OVERSAMPLING), colour)
        self._draw = ImageDraw.Draw(self._image)

    def finished(self) -> Image.Image:
        """Give the result at its real size."""
        return self._image.reduce(_OVERSAMPLING)

    def box(self, box: Box, colour: Colour, radius: float = 0) -> None:
        """Fill a rectangle given as left, top, right, bottom; with round corners if wanted."""
        self._draw.rounded_rectangle(_scaled(box), radius * _OVERSAMPLING, fill=colour)

    def ellipse(self, box: Box, colour: Colour) -> None:
        """Fill an ellipse inside a rectangle."""
        self._draw.ellipse(_scaled(box), fill=colour)

    def pie(self, box: Box, start: float, end: float, colour: Colour) -> None:
        """Fill a sector of an ellipse; degrees clockwise from the right."""
        self._draw.chord(_scaled(box), start, end, fill=colour)

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        self._draw.polygon(_scaled([part for point in points for part in point]), fill=colour)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """Draw a line with round joints and ends."""
        flat = _scaled([part for point in points for part in point])
        self._draw.line(flat, fill=colour, width=round(width * _OVERSAMPLING), joint="curve")
        radius = width / 2
        if width >= 4:
            for x, y in (points[0], points[-1]):
                self.ellipse((x - radius, y - radius, x + radius, y + radius), colour)

    def curve(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """Draw a smooth line through points (Catmull-Rom)."""
        path = smooth(points)
        self.line(path, colour, width)
        radius = width / 2
        if width >= 20:
            for x, y in path:
                self.ellipse((x - radius, y - radius, x + radius, y + radius), colour)

    def blob(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a smooth closed shape through points."""
        self.shape(smooth([points[-1], *points, points[0], points[1]])[8:-8], colour)

    def fade(self, box: Box, top: Colour, bottom: Colour) -> None:
        """Fill a rectangle with a colour that changes downwards."""
        left, first, right, last = (round(value) for value in _scaled(box))
        for y in range(first, last):
            self._draw.line((left, y, right, y), fill=mix(top, bottom, (y - first) / (last - first)))

    def shade(self, points: Sequence[Point], colour: Colour, strength: float, blur: float) -> None:
        """Lay a soft shadow or light of a colour over a shape: `strength` 0..1, `blur` in pixels."""
        left = min(x for x, _ in points) - 3 * blur
        top = min(y for _, y in points) - 3 * blur
        width = max(x for x, _ in points) + 3 * blur - left
        height = max(y for _, y in points) + 3 * blur - top
        small = max(1, round(width / _SOFT_SCALE)), max(1, round(height / _SOFT_SCALE))
        mask = Image.new("L", small, 0)
        outline = [((x - left) / _SOFT_SCALE, (y - top) / _SOFT_SCALE) for x, y in points]
        ImageDraw.Draw(mask).polygon(outline, fill=round(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(blur / _SOFT_SCALE))
        mask = mask.resize((round(width * _OVERSAMPLING), round(height * _OVERSAMPLING)), Image.Resampling.BILINEAR)
        self._image.paste(colour, (round(left * _OVERSAMPLING), round(top * _OVERSAMPLING)), mask)


def _scaled(values: Sequence[float]) -> list[float]:
    return [value * _OVERSAMPLING for value in values]


def smooth(points: Sequence[Point]) -> list[Point]:
    """Give a smooth line through points, eight steps for each."""
    padded = [points[0], *points, points[-1]]
    result: list[Point] = []
    for (x0, y0), (x1, y1), (x2, y2), (x3, y3) in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(8):
            t = step / 8
            result.append(
                (
                    x1 + t / 2 * (x2 - x0 + t * (2 * x0 - 5 * x1 + 4 * x2 - x3 + t * (3 * (x1 - x2) + x3 - x0))),
                    y1 + t / 2 * (y2 - y0 + t * (2 * y0 - 5 * y1 + 4 * y2 - y3 + t * (3 * (y1 - y2) + y3 - y0))),
                )
            )
    result.append(points[-1])
    return result


def oval(box: Box) -> list[Point]:
    """Give an ellipse as a polygon, for shades."""
    left, top, right, bottom = box
    x, y, a, b = (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2
    corner = 0.707
    sides = (
        (1, 0),
        (corner, corner),
        (0, 1),
        (-corner, corner),
        (-1, 0),
        (-corner, -corner),
        (0, -1),
        (corner, -corner),
    )
    return [(x + a * across, y + b * down) for across, down in sides]
