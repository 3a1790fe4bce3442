"""Draws a scene with Pillow. Edges are smooth: it is drawn larger and then made smaller."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from training.scenes.scene import Box, Scene, Shape

SIDE = 256
"""Of a picture, in pixels."""
SCALE = 4
SHAPE_COLOURS = {
    "red": (208, 38, 42), "orange": (242, 134, 24), "yellow": (248, 220, 50), "green": (40, 140, 62), "blue": (40, 78, 200),
    "purple": (128, 52, 160), "black": (26, 26, 30), "white": (250, 250, 250),
}
GROUND_COLOURS = {"grey": (140, 142, 146), "pink": (236, 168, 190), "beige": (216, 198, 160), "turquoise": (92, 194, 190)}
RING = 0.42
"""Width of a ring's band, as a part of its radius."""

Point = tuple[float, float]
Colour = tuple[int, int, int]


def draw_scene(scene: Scene, *, seed: int) -> Image.Image:
    """The picture, SIDE pixels square, RGB; the same for the same scene and seed."""
    rng = random.Random(f"{seed} picture {scene.name}")
    ground = _varied(GROUND_COLOURS[scene.background], rng, by=8)
    plain = Image.fromarray(_background(scene.pattern, ground, rng))
    image = plain.resize((SIDE * SCALE, SIDE * SCALE), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    for _ in range(scene.stray_marks):
        _draw_stray_mark(draw, ground, rng)
    for shape in scene.shapes:
        _draw_shape(draw, shape, _varied(SHAPE_COLOURS[shape.colour], rng, by=10))
    return image.resize((SIDE, SIDE), Image.Resampling.BOX)


def box_of(shape: Shape) -> Box:
    """Left, top, right and bottom of what is drawn, as parts of the picture's side."""
    if shape.kind in ("circle", "ring"):
        (x, y), radius = shape.centre, shape.radius
        return x - radius, y - radius, x + radius, y + radius
    points = outline(shape)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def outline(shape: Shape) -> list[Point]:
    """The corners of a shape that isn't round, as parts of the picture's side."""
    turn = math.radians(shape.angle)
    cosine, sine = math.cos(turn), math.sin(turn)
    (x, y), radius = shape.centre, shape.radius
    return [
        (x + radius * (cosine * px - sine * py), y + radius * (sine * px + cosine * py))
        for px, py in OUTLINES[shape.kind]()
    ]


def _regular(corners: int, inner: float | None = None) -> list[Point]:
    """Corners on a circle of radius 1, the first one on top; with `inner`, as many corners on that radius between them."""
    radii = [1.0] if inner is None else [1.0, inner]
    total = corners * len(radii)
    angles = [2 * math.pi * number / total - math.pi / 2 for number in range(total)]
    return [
        (radii[number % len(radii)] * math.cos(angle), radii[number % len(radii)] * math.sin(angle))
        for number, angle in enumerate(angles)
    ]


def _square() -> list[Point]:
    side = math.sqrt(0.5)
    return [(-side, -side), (side, -side), (side, side), (-side, side)]


def _cross() -> list[Point]:
    arm, end = 0.32, 0.94
    quarter = [(arm, -end), (arm, -arm), (end, -arm)]
    turned: list[Point] = []
    for _ in range(4):
        turned += quarter
        quarter = [(-y, x) for x, y in quarter]
    return turned


def _heart() -> list[Point]:
    """A curve known as the heart curve, made to fit into the circle."""
    angles = [2 * math.pi * number / 60 for number in range(60)]
    return [
        (
            math.sin(a) ** 3 * 0.95,
            -(13 * math.cos(a) - 5 * math.cos(2 * a) - 2 * math.cos(3 * a) - math.cos(4 * a)) / 17.5,
        )
        for a in angles
    ]


OUTLINES: dict[str, Callable[[], list[Point]]] = {
    "square": _square,
    "triangle": lambda: _regular(3),
    "star": lambda: _regular(5, inner=0.42),
    "heart": _heart,
    "cross": _cross,
    "diamond": lambda: [(0, -1), (0.62, 0), (0, 1), (-0.62, 0)],
}


def _draw_shape(draw: ImageDraw.ImageDraw, shape: Shape, colour: Colour) -> None:
    pixels = SIDE * SCALE
    if shape.kind in ("circle", "ring"):
        box = [pixels * value for value in box_of(shape)]
        if shape.kind == "circle":
            draw.ellipse(box, fill=colour)
        else:
            draw.ellipse(box, outline=colour, width=round(RING * shape.radius * pixels))
        return
    draw.polygon([(pixels * x, pixels * y) for x, y in outline(shape)], fill=colour)


def _draw_stray_mark(draw: ImageDraw.ImageDraw, ground: Colour, rng: random.Random) -> None:
    """A thin stroke, a thin arc or a few dots, a little darker or lighter than the ground."""
    pixels = SIDE * SCALE
    colour = _lighter(ground, rng.choice((-34, 34)))
    x, y, length = (pixels * rng.uniform(low, high) for low, high in ((0.02, 0.98), (0.02, 0.98), (0.05, 0.3)))
    mark = rng.choice(("stroke", "arc", "dots"))
    if mark == "stroke":
        turn = rng.uniform(0, math.pi)
        draw.line((x, y, x + length * math.cos(turn), y + length * math.sin(turn)), fill=colour, width=SCALE)
    elif mark == "arc":
        start = rng.uniform(0, 360)
        draw.arc((x, y, x + length, y + length), start, start + rng.uniform(40, 110), fill=colour, width=SCALE)
    else:
        for _ in range(rng.randint(2, 6)):
            px, py = x + rng.gauss(0, length / 4), y + rng.gauss(0, length / 4)
            draw.ellipse((px - SCALE, py - SCALE, px + SCALE, py + SCALE), fill=colour)


def _background(pattern: str, ground: Colour, rng: random.Random) -> NDArray[np.uint8]:
    """[SIDE, SIDE, 3]: the ground colour, a little lighter in some places and darker in others."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    width = rng.randint(8, 28)
    turn = rng.uniform(0, 2 * math.pi)
    along = (math.cos(turn) * columns + math.sin(turn) * rows) / SIDE
    noise = np.random.default_rng(rng.getrandbits(32))
    lighter = {
        "plain": lambda: np.zeros((SIDE, SIDE)),
        "gradient": lambda: 26 * (along - along.mean()),
        "stripes": lambda: np.where(np.floor(along * SIDE / width) % 2, 9, -9),
        "checks": lambda: np.where((rows // width + columns // width) % 2, 8, -8),
        "noise": lambda: np.kron(noise.normal(0, 9, (SIDE // 4, SIDE // 4)), np.ones((4, 4))),
    }[pattern]()
    colours = np.array(ground, dtype=np.float64) + lighter[..., None]  # [SIDE, SIDE, 3]
    return np.clip(np.round(colours), 0, 255).astype(np.uint8)


def _varied(colour: Colour, rng: random.Random, *, by: int) -> Colour:
    red, green, blue = (min(255, max(0, part + rng.randint(-by, by))) for part in colour)
    return red, green, blue


def _lighter(colour: Colour, by: int) -> Colour:
    red, green, blue = (min(255, max(0, part + by)) for part in colour)
    return red, green, blue
