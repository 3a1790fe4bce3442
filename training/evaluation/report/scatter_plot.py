"""Draws a scatter of measured settings with intervals, reference lines and a numbered legend, as PNG.

Pillow alone, with the font that comes with it: a plotting library would weigh more than the program's own code.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from training.evaluation.metrics.bootstrap import Interval

SCALE = 2
"""Everything is drawn this many times as large and then made smaller, which smooths edges."""
WIDTH, PLOT_RIGHT, TOP, BOTTOM, LEFT = 1560, 1010, 165, 90, 100
ROW = 34
INK, MUTED, RULE, PAPER = "#1f2933", "#66727f", "#e3e7ec", "#ffffff"
FRONT = "#d9a400"
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8c6d1f")
"""Okabe and Ito's colours, distinct also for colour-blind people."""
SMALL, NORMAL, TITLE = 17, 19, 28
Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Mark:
    """One setting's place, numbered in the legend."""

    name: str
    note: str
    """Its figures, in the legend."""
    x: Interval
    y: Interval
    group: str
    """Marks of one group have one colour."""
    front: bool = False
    """No other mark is better both ways."""


@dataclass(frozen=True)
class Line:
    """A dashed line across the plot, with its name."""

    label: str
    y: float | None = None
    x: float | None = None


@dataclass(frozen=True)
class PlotWords:
    """What is written around the plot."""

    title: str
    subtitle: str
    x: str
    y: str
    notes: str
    """What the notes of the marks are."""


class _Axes:
    """Places on the picture of what is measured, unscaled pixels."""

    def __init__(self, marks: Sequence[Mark], lines: Sequence[Line], *, height: int) -> None:
        xs = [value for mark in marks for value in (mark.x.low, mark.x.high)]
        ys = [value for mark in marks for value in (mark.y.low, mark.y.high)] + [line.y for line in lines if line.y is not None]
        self.x_ticks, self.y_ticks = nice_ticks(min(xs), max(xs)), nice_ticks(0.0, max(ys))
        self.top, self.bottom = TOP, height - BOTTOM

    def x(self, value: float) -> float:
        low, high = self.x_ticks[0], self.x_ticks[-1]
        return LEFT + (value - low) / (high - low) * (PLOT_RIGHT - LEFT)

    def y(self, value: float) -> float:
        low, high = self.y_ticks[0], self.y_ticks[-1]
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)


def nice_ticks(low: float, high: float, *, about: int = 7) -> list[float]:
    """Round numbers a round step apart, from at most `low` to at least `high`."""
    rough = max(high - low, 1e-6) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(step * number, 10) for number in range(first, max(last, first + 1) + 1)]


def draw_scatter(marks: Sequence[Mark], lines: Sequence[Line], words: PlotWords) -> bytes:
    """The picture as PNG. marks: at least one."""
    height = max(900, TOP + BOTTOM + ROW * len(marks))
    image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
    pen = _Pen(ImageDraw.Draw(image))
    axes = _Axes(marks, lines, height=height)
    colours = {group: PALETTE[n % len(PALETTE)] for n, group in enumerate(dict.fromkeys(m.group for m in marks if m.group))}
    colours[""] = INK
    _draw_frame(pen, axes, words)
    _draw_lines(pen, axes, lines)
    _draw_marks(pen, axes, marks, colours)
    _draw_line_names(pen, axes, marks, lines)
    _draw_legend(pen, marks, words, colours)
    content = io.BytesIO()
    image.reduce(SCALE).save(content, "PNG", optimize=True)
    return content.getvalue()


class _Pen:
    """Draws in unscaled pixels."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw
        self._fonts = {size: ImageFont.load_default(size * SCALE) for size in (SMALL, NORMAL, TITLE)}

    def text(self, at: Point, text: str, *, size: int = SMALL, fill: str = MUTED, anchor: str = "lm") -> None:
        # The rim of paper keeps letters apart from the lines that they stand on.
        self._draw.text(
            (at[0] * SCALE, at[1] * SCALE), text, fill=fill, font=self._fonts[size], anchor=anchor, stroke_width=2 * SCALE,
            stroke_fill=PAPER,
        )

    def text_width(self, text: str, *, size: int = SMALL) -> float:
        return self._draw.textlength(text, font=self._fonts[size]) / SCALE

    def line(self, start: Point, end: Point, *, fill: str, width: float = 1.0) -> None:
        points = [value * SCALE for value in (*start, *end)]
        self._draw.line(points, fill=fill, width=round(width * SCALE))

    def dashes(self, start: Point, end: Point, *, fill: str) -> None:
        length = math.dist(start, end)
        for done in range(0, int(length), 12):
            parts = done / length, min(1.0, (done + 7) / length)
            first, last = ((start[0] + (end[0] - start[0]) * p, start[1] + (end[1] - start[1]) * p) for p in parts)
            self.line(first, last, fill=fill, width=1.5)

    def dot(self, at: Point, radius: float, *, fill: str, outline: str = PAPER, width: float = 1.5) -> None:
        box = [(at[0] - radius) * SCALE, (at[1] - radius) * SCALE, (at[0] + radius) * SCALE, (at[1] + radius) * SCALE]
        self._draw.ellipse(box, fill=fill, outline=outline, width=round(width * SCALE))


def _draw_frame(pen: _Pen, axes: _Axes, words: PlotWords) -> None:
    pen.text((LEFT - 60, 45), words.title, size=TITLE, fill=INK)
    pen.text((LEFT - 60, 82), words.subtitle, size=NORMAL)
    for value in axes.y_ticks:
        pen.line((LEFT, axes.y(value)), (PLOT_RIGHT, axes.y(value)), fill=RULE)
        pen.text((LEFT - 12, axes.y(value)), f"{value:g}", anchor="rm")
    for value in axes.x_ticks:
        pen.line((axes.x(value), axes.top), (axes.x(value), axes.bottom), fill=RULE)
        pen.text((axes.x(value), axes.bottom + 22), f"{value:g}", anchor="mm")
    pen.text(((LEFT + PLOT_RIGHT) / 2, axes.bottom + 58), words.x, size=NORMAL, fill=INK, anchor="mm")
    pen.text((LEFT - 60, axes.top - 40), words.y, size=NORMAL, fill=INK)


def _draw_lines(pen: _Pen, axes: _Axes, lines: Sequence[Line]) -> None:
    for line in lines:
        if line.y is not None:
            pen.dashes((LEFT, axes.y(line.y)), (PLOT_RIGHT, axes.y(line.y)), fill=MUTED)
        if line.x is not None:
            pen.dashes((axes.x(line.x), axes.top), (axes.x(line.x), axes.bottom), fill=MUTED)


def _draw_marks(pen: _Pen, axes: _Axes, marks: Sequence[Mark], colours: dict[str, str]) -> None:
    places = [(axes.x(mark.x.value), axes.y(mark.y.value)) for mark in marks]
    for mark, (x, y) in zip(marks, places, strict=True):
        faint = _mixed(colours[mark.group], 0.4)
        pen.line((axes.x(mark.x.low), y), (axes.x(mark.x.high), y), fill=faint, width=1.2)
        pen.line((x, axes.y(mark.y.low)), (x, axes.y(mark.y.high)), fill=faint, width=1.2)
    front = sorted(place for mark, place in zip(marks, places, strict=True) if mark.front)
    for start, end in pairwise(front):
        pen.line(start, end, fill=FRONT, width=3)
    for mark, place in reversed(list(zip(marks, places, strict=True))):  # the first one stays in sight
        if mark.front:
            pen.dot(place, 11, fill=FRONT)
        pen.dot(place, 7, fill=colours[mark.group])
    for number, (place, label) in enumerate(zip(places, place_labels(places), strict=True), start=1):
        if math.dist(place, label) > 24:
            pen.line(place, label, fill=MUTED)
        pen.dot(label, 11, fill=PAPER, outline=PAPER)
        pen.text(label, str(number), fill=INK, anchor="mm")


def _draw_line_names(pen: _Pen, axes: _Axes, marks: Sequence[Mark], lines: Sequence[Line]) -> None:
    taken: list[Box] = []
    places = [(axes.x(mark.x.value), axes.y(mark.y.value)) for mark in marks]
    for mark, (x, y), (left, top) in zip(marks, places, place_labels(places), strict=True):
        taken += [
            (axes.x(mark.x.low), y - 8, axes.x(mark.x.high), y + 8), (x - 8, axes.y(mark.y.high), x + 8, axes.y(mark.y.low)),
            (left - 12, top - 12, left + 12, top + 12),
        ]
    taken += [(axes.x(line.x) - 3, axes.top, axes.x(line.x) + 3, axes.bottom) for line in lines if line.x is not None]
    for line in lines:
        if line.y is not None:
            width = pen.text_width(line.label)
            pen.text(place_name(axes.y(line.y), width, taken), line.label)


def place_name(y: float, width: float, taken: Sequence[Box]) -> Point:
    """Where a name of this width starts above a line at y: as far left as nothing else is in its way."""
    height = y - 13
    for x in range(LEFT + 10, int(PLOT_RIGHT - width) - 10, 10):
        if not any(left < x + width and x < right and top < height + 11 and height - 11 < bottom
                   for left, top, right, bottom in taken):
            return x, height
    return LEFT + 10, height


def place_labels(places: Sequence[Point]) -> list[Point]:
    """A free place near each mark for its number: no number on another one or on a mark."""
    labels: list[Point] = []
    for x, y in places:
        rings = ((x + r * math.cos(a), y - r * math.sin(a))
                 for r in (20, 34, 50, 68, 88, 110) for a in (math.pi / 4 + turn * math.pi / 8 for turn in range(16)))
        free = (spot for spot in rings if all(math.dist(spot, label) > 23 for label in labels)
                and all(math.dist(spot, other) > 18 for other in places))
        labels.append(next(free, (x + 20, y - 20)))
    return labels


def _draw_legend(pen: _Pen, marks: Sequence[Mark], words: PlotWords, colours: dict[str, str]) -> None:
    left = PLOT_RIGHT + 50
    pen.text((WIDTH - 30, TOP - 40), words.notes, anchor="rm")
    for number, mark in enumerate(marks, start=1):
        y = TOP + ROW * (number - 0.5)
        if mark.front:
            pen.dot((left + 34, y), 11, fill=FRONT)
        pen.text((left + 12, y), str(number), fill=INK, anchor="rm")
        pen.dot((left + 34, y), 7, fill=colours[mark.group])
        pen.text((left + 54, y), mark.name, fill=INK)
        pen.text((WIDTH - 30, y), mark.note, anchor="rm")


def _mixed(colour: str, part: float) -> str:
    """The colour on paper, that much of it."""
    values = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + (value - 255) * part):02x}" for value in values)
