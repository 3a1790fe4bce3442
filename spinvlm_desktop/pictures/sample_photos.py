"""Draws the sample photos that the empty window offers: `python -m spinvlm_desktop.pictures.sample_photos`."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from spinvlm_desktop.pictures.drawn_photos import draw_photo

SIZE = (800, 600)
QUALITY = 82


def draw_samples(folder: Path) -> list[Path]:
    """A beach, a meadow and a snowy slope, as small JPEG files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.jpg" for name in ("beach", "meadow", "snow")]
    draw_photo(paths[0])
    with Image.open(paths[0]) as beach:
        _save(beach.resize(SIZE), paths[0])
    _save(_meadow(), paths[1])
    _save(_snow(), paths[2])
    return paths


def _save(image: Image.Image, path: Path) -> None:
    image.filter(ImageFilter.GaussianBlur(1)).save(path, quality=QUALITY, optimize=True)


def _graded(top: tuple[int, int, int], bottom: tuple[int, int, int], *, horizon: int, ground: int) -> Image.Image:
    """A sky down to the horizon and a plain below it. ground: how much lighter the plain is at the horizon than in front."""
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    for y in range(SIZE[1]):
        if y < horizon:
            colour = tuple(min(255, part + (255 - part) * y // (2 * horizon)) for part in top)
        else:
            colour = tuple(min(255, part + ground * (SIZE[1] - y) // (SIZE[1] - horizon)) for part in bottom)
        draw.line((0, y, SIZE[0], y), fill=colour)
    return image


def _meadow() -> Image.Image:
    """A running dog, brown and white."""
    image = _graded((95, 155, 225), (62, 120, 40), horizon=210, ground=60)
    draw = ImageDraw.Draw(image)
    for x in range(-40, SIZE[0], 90):
        draw.ellipse((x, 120 + x % 40, x + 150, 260), fill=(38 + x % 22, 88 + x % 17, 42))
    for x in range(0, SIZE[0], 9):
        y = 260 + (x * x * 7) % 330
        draw.line((x, y, x + 3, y - 11), fill=(50, 105, 34), width=2)
    brown, dark, white = (150, 95, 50), (110, 68, 36), (238, 232, 222)
    draw.line((270, 355, 190, 300), fill=brown, width=18)
    draw.rounded_rectangle((250, 330, 500, 430), 48, fill=brown)
    draw.ellipse((400, 350, 500, 440), fill=white)
    draw.ellipse((470, 270, 580, 370), fill=brown)
    draw.ellipse((550, 315, 620, 358), fill=white)
    draw.ellipse((606, 322, 624, 340), fill=(25, 22, 22))
    draw.ellipse((538, 302, 550, 314), fill=(20, 18, 18))
    draw.polygon([(480, 285), (515, 275), (490, 360), (462, 340)], fill=dark)
    for x, bend in ((285, -55), (320, -30), (440, 45), (475, 70)):
        draw.line((x, 410, x + bend, 500), fill=dark if x in (320, 440) else brown, width=26)
    return image


def _snow() -> Image.Image:
    """A skier in a blue jacket on a slope, below mountains."""
    image = _graded((70, 130, 215), (222, 232, 245), horizon=250, ground=28)
    draw = ImageDraw.Draw(image)
    for left, peak, right, top in ((-120, 120, 380, 70), (240, 430, 640, 110), (470, 680, 960, 50)):
        draw.polygon([(left, 300), (peak, top), (right, 300)], fill=(120, 135, 160))
        draw.polygon([(peak - 55, top + 62), (peak, top), (peak + 55, top + 62), (peak + 15, top + 48), (peak - 15, top + 70)],
                     fill=(245, 248, 252))
    draw.polygon([(0, 330), (SIZE[0], 430), (SIZE[0], SIZE[1]), (0, SIZE[1])], fill=(240, 245, 252))
    for y in (470, 500):
        draw.line((0, y - 70, 420, y), fill=(205, 217, 235), width=5)
    draw.line((300, 478, 560, 528), fill=(200, 40, 40), width=9)
    draw.line((320, 500, 580, 548), fill=(200, 40, 40), width=9)
    draw.line((400, 390, 380, 450, 410, 495), fill=(35, 35, 45), width=34)
    draw.line((425, 390, 440, 450, 455, 512), fill=(35, 35, 45), width=34)
    draw.rounded_rectangle((370, 250, 465, 400), 34, fill=(30, 90, 200))
    draw.line((385, 285, 320, 350, 350, 380), fill=(30, 90, 200), width=26)
    draw.line((450, 285, 515, 345, 500, 375), fill=(30, 90, 200), width=26)
    draw.line((350, 380, 250, 470), fill=(60, 60, 70), width=5)
    draw.line((500, 375, 620, 500), fill=(60, 60, 70), width=5)
    draw.ellipse((385, 180, 455, 255), fill=(220, 175, 140))
    draw.chord((380, 170, 460, 255), 180, 360, fill=(205, 40, 45))
    draw.rounded_rectangle((392, 205, 448, 222), 8, fill=(30, 30, 40))
    return image


if __name__ == "__main__":
    for written in draw_samples(Path(__file__).parents[2] / "resources" / "samples"):
        sys.stdout.write(f"{written}: {written.stat().st_size:,} bytes\n")
