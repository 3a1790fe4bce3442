"""Mushrooms that are drawn, of three kinds: classes for the pictures of the pages, which must not show anybody's photos."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from core.files.atomic_file import atomic_write

KINDS = ("Fly agaric", "Porcini", "Chanterelle")
SIDE = 480
_CAPS = {"Fly agaric": (196, 38, 30), "Porcini": (122, 78, 44), "Chanterelle": (236, 172, 52)}
_STEMS = {"Fly agaric": (240, 234, 220), "Porcini": (214, 190, 150), "Chanterelle": (228, 160, 60)}
Colour = tuple[int, int, int]


def draw_mushrooms(folder: Path, *, each: int = 15) -> None:
    """A folder for each kind, with so many drawings."""
    for kind in KINDS:
        (folder / kind).mkdir(parents=True)
        for number in range(each):
            with atomic_write(folder / kind / f"{kind.lower().replace(' ', '-')}-{number + 1:02}.jpg") as file:
                draw_mushroom(kind, seed=number).save(file, "JPEG", quality=88)


def draw_mushroom(kind: str, *, seed: int) -> Image.Image:
    """One or two of a kind on the ground of a wood; the same seed draws the same."""
    chance = random.Random(f"{kind} {seed}")
    image = Image.new("RGB", (SIDE, SIDE))
    draw = ImageDraw.Draw(image)
    green = chance.randrange(50, 110)
    for y in range(SIDE):
        draw.line((0, y, SIDE, y), fill=(60 + y // 9, green + y // 12, 40 + y // 16))
    for _ in range(260):
        x, y, length = chance.randrange(SIDE), chance.randrange(SIDE), chance.randrange(10, 40)
        shade = chance.randrange(-25, 35)
        draw.line((x, y, x + chance.randrange(-12, 12), y - length), fill=(80 + shade, 100 + shade, 50 + shade), width=3)
    for _ in range(chance.choice((1, 1, 2))):
        size = chance.uniform(0.8, 1.3)
        _draw_one(draw, kind, (chance.randrange(150, SIDE - 150), chance.randrange(300, SIDE - 60)), size, chance)
    return image.filter(ImageFilter.GaussianBlur(1.2))


def _draw_one(draw: ImageDraw.ImageDraw, kind: str, foot: tuple[int, int], size: float, chance: random.Random) -> None:
    x, y = foot
    wide, high = chance.uniform(75, 95) * size, chance.uniform(110, 140) * size
    cap, stem = (_varied(colours[kind], chance) for colours in (_CAPS, _STEMS))
    thick = {"Fly agaric": 15, "Porcini": 34, "Chanterelle": 14}[kind] * size
    draw.polygon([(x - thick, y), (x + thick, y), (x + thick * 0.8, y - high), (x - thick * 0.8, y - high)], fill=stem)
    if kind == "Chanterelle":
        low = y - high * 0.35
        draw.polygon([(x - wide, y - high), (x + wide, y - high), (x + thick, low), (x - thick, low)], fill=cap)
        draw.ellipse((x - wide, y - high - 22 * size, x + wide, y - high + 20 * size), fill=_varied(cap, chance))
        return
    draw.chord((x - wide, y - high - 62 * size, x + wide, y - high + 62 * size), 180, 360, fill=cap)
    for _ in range(9 if kind == "Fly agaric" else 0):
        across, dot = chance.uniform(-0.75, 0.75) * wide, chance.uniform(5, 10) * size
        middle = y - high - chance.uniform(8, 42) * size * (1 - abs(across / wide))
        draw.ellipse((x + across - dot, middle - dot, x + across + dot, middle + dot), fill=(245, 240, 230))


def _varied(colour: Colour, chance: random.Random) -> Colour:
    by = chance.randrange(-18, 18)
    red, green, blue = (max(0, min(255, part + by)) for part in colour)
    return red, green, blue
