"""Makes the sample photos that the empty window offers: `python -m spinvlm_desktop.pictures.sample_photos`.

Sky, sea, rock and snow are fractal noise, which a model that learnt from photos takes for a photo; flat colors it does not.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 800, 600
QUALITY = 86
Plane = NDArray[np.floating[Any]]
"""[H, W], or [H, W, 3] with colors from 0 to 255."""

X: Plane = np.broadcast_to(np.linspace(0, 1, WIDTH), (HEIGHT, WIDTH))
Y: Plane = np.broadcast_to(np.linspace(0, 1, HEIGHT)[:, None], (HEIGHT, WIDTH))
"""Where a pixel lies, from the left and from the top."""


def draw_samples(folder: Path) -> list[Path]:
    """Two people at the sea, a skier and a surfer, as small JPEG files."""
    folder.mkdir(parents=True, exist_ok=True)
    scenes = {"beach": _beach(), "snow": _snow(), "surf": _surf()}
    return [_save(image, folder / f"{name}.jpg") for name, image in scenes.items()]


def _save(image: Image.Image, path: Path) -> Path:
    grain = np.random.default_rng(0).normal(size=(HEIGHT, WIDTH, 3)) * 3
    _image(np.asarray(image) + grain).filter(ImageFilter.GaussianBlur(0.8)).save(path, quality=QUALITY, optimize=True)
    return path


def _image(colors: Plane) -> Image.Image:
    return Image.fromarray(colors.clip(0, 255).astype(np.uint8))


def _noise(seed: int, *, octaves: int, cells: int, rough: float, stretch: float = 1.0, height: int = HEIGHT) -> Plane:
    """Fractal noise of mean 0 and deviation 1. cells: of the coarsest octave, across; rough: what the next finer one counts;
    stretch: how much flatter than wide its grains are."""
    draw = np.random.default_rng(seed)
    total = np.zeros((height, WIDTH))
    for octave in range(octaves):
        across = cells * 2**octave
        grains = draw.normal(size=(max(2, int(across * stretch)), across)).astype(np.float32)
        total += rough**octave * np.asarray(Image.fromarray(grains).resize((WIDTH, height), Image.Resampling.BICUBIC))
    return (total - total.mean()) / total.std()


def _colors(red: Plane, green: Plane, blue: Plane) -> Plane:
    return np.stack([red, green, blue], -1)


def _mixed(below: Plane, above: Plane | tuple[int, int, int], share: Plane) -> Plane:
    """above: a plane of colors or one color; share: how much of it is seen, 0 to 1."""
    return below * (1 - share[..., None]) + share[..., None] * np.asarray(above)


def _beach() -> Image.Image:
    """Two people walk along the sea while the sun sets."""
    high = (0.5 - Y).clip(0)
    sky = _colors(255 - 96 * high, 150 + 96 * Y - 220 * (0.45 - Y).clip(0), 90 + 180 * high)
    distance = np.hypot((X - 0.35) * WIDTH / HEIGHT, Y - 0.42)
    sky = 0.75 * sky + np.exp(-((distance / 0.25) ** 2))[..., None] * np.array([120, 110, 60])
    sky = _mixed(sky, (255, 245, 210), (distance < 0.045) * 1.0)
    sky = _mixed(sky, (120, 60, 70), 0.2 * (_noise(1, octaves=6, cells=3, rough=0.6, stretch=3) - 0.2).clip(0, 2))
    ripples = _noise(2, octaves=7, cells=6, rough=0.7, stretch=6)
    glitter = np.exp(-(((X - 0.35) / (0.05 + 0.25 * (Y - 0.5).clip(0))) ** 2)) * (ripples > 0.1)
    sea = _colors(*(level * (1.2 - 0.3 * Y) + 14 * ripples for level in (90, 70, 80)))
    sea += glitter[..., None] * np.array([150, 110, 50])
    sand = (60 + 12 * _noise(3, octaves=8, cells=8, rough=0.8))[..., None] * np.array([1.0, 0.8, 0.7])
    scene = _mixed(sky, sea, (Y > 0.5) * 1.0)
    image = _image(_mixed(scene, sand, (0.78 + 0.02 * np.sin(9 * X) + 0.01 * np.sin(31 * X) < Y) * 1.0))
    draw = ImageDraw.Draw(image)
    _draw_walker(draw, x=520, size=1.0, step=1)
    _draw_walker(draw, x=600, size=0.92, step=-1)
    return image


def _draw_walker(draw: ImageDraw.ImageDraw, *, x: int, size: float, step: int) -> None:
    """A figure against the light. step: which leg is in front, 1 or -1."""
    color, ground = (18, 14, 18), 500

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x + size * right, ground - size * up) for right, up in points]

    draw.ellipse(at((-13, 185), (13, 155)), fill=color)
    draw.polygon(at((-22, 150), (20, 150), (15, 80), (-15, 80)), fill=color)
    for arm in (at((-20, 146), (-32 * step, 90)), at((18, 146), (30 * step, 92))):
        draw.line(arm, fill=color, width=int(10 * size))
    for leg in (at((-7, 85), (-22 * step, 40), (-30 * step, 0)), at((7, 85), (16 * step, 42), (14 * step, 0))):
        draw.line(leg, fill=color, width=int(15 * size))


def _snow() -> Image.Image:
    """A skier in a red jacket on a slope, below mountains."""
    scene = _colors(90 + 90 * Y, 140 + 70 * Y, 215 + 25 * Y)
    scene = _mixed(scene, (250, 250, 250), 0.5 * (_noise(5, octaves=7, cells=3, rough=0.6, stretch=2) - 0.4).clip(0, 1.5))
    for seed, base, height, light in ((7, 0.42, 0.06, 0.75), (9, 0.55, 0.054, 0.95)):
        ridge = base + height * _noise(seed, octaves=8, cells=4, rough=0.55, height=1)
        grain = _noise(seed + 20, octaves=8, cells=8, rough=0.75)
        bare = (grain + 6 * (ridge - Y) + 36 * np.gradient(grain, axis=1) > 0.3) * 1.0
        white = np.array([228, 234, 244]) * (1 + 0.03 * grain[..., None])
        mountain = _mixed(white, np.array([95, 100, 112]) * (1 + 0.12 * grain[..., None]), bare)
        scene = _mixed(scene, light * mountain + (1 - light) * np.array([170, 195, 225]), (ridge < Y) * 1.0)
    hollows = _noise(33, octaves=3, cells=2, rough=0.5).clip(0, 1.2)
    snow = np.array([236, 241, 249]) + (6 * _noise(31, octaves=8, cells=6, rough=0.7, stretch=2) - 12 * hollows)[..., None]
    image = _image(_mixed(scene, snow, (0.70 + 0.10 * (X - 0.5) + 0.015 * np.sin(5 * X) < Y) * 1.0))
    draw = ImageDraw.Draw(image)
    jacket, trousers, dark, pole = (190, 35, 40), (30, 32, 42), (40, 40, 55), (60, 60, 60)
    draw.line((335, 494, 500, 522), fill=dark, width=5)
    draw.line((355, 508, 522, 534), fill=dark, width=5)
    draw.polygon([(408, 422), (450, 422), (464, 464), (448, 514), (432, 514), (438, 464), (416, 464), (408, 504), (392, 502),
                  (398, 460)], fill=trousers)
    draw.polygon([(406, 358), (452, 354), (456, 428), (404, 428)], fill=jacket)
    draw.line((410, 364, 378, 396, 390, 420), fill=jacket, width=14)
    draw.line((450, 362, 484, 392, 476, 416), fill=jacket, width=14)
    draw.line((390, 418, 338, 492), fill=pole, width=3)
    draw.line((476, 414, 542, 506), fill=pole, width=3)
    draw.ellipse((415, 324, 445, 356), fill=dark)
    draw.rectangle((418, 336, 444, 345), fill=(210, 150, 60))
    return image


def _surf() -> Image.Image:
    """A surfer in a black wetsuit on a wave."""
    swell = _noise(41, octaves=8, cells=5, rough=0.65, stretch=3)
    scene = _colors(35 + 30 * Y + 10 * swell, 105 + 25 * Y + 16 * swell, 130 + 20 * Y + 18 * swell)
    crest = 0.52 - 0.10 * np.cos(3.6 * (X - 0.45)) + 0.012 * _noise(43, octaves=6, cells=6, rough=0.55, height=1)
    below = Y - crest
    face = np.array([40, 130, 140]) + (14 * swell - 200 * below)[..., None]
    scene = _mixed(scene, face, ((below > 0) & (below < 0.26)) * 1.0)
    broken = 1 / (1 + np.exp(-(X - 0.68) / 0.03))  # the wave has broken on the right
    foam = np.exp(-((below / 0.035) ** 2)) + 1.1 * np.exp(-(((below - 0.30) / 0.06) ** 2))
    foam += broken * np.exp(-(((below - 0.12) / 0.13) ** 2))
    foam *= (0.75 + 0.5 * _noise(44, octaves=8, cells=10, rough=0.8)).clip(0)
    scene = _mixed(scene, (245, 245, 245), foam.clip(0, 1))
    image = _image(_mixed(scene, _colors(190 + 30 * Y, 210 + 20 * Y, 225 + 0 * Y), (Y < 0.28) * 1.0))
    draw = ImageDraw.Draw(image)
    wetsuit, skin = (22, 24, 30), (150, 105, 75)
    draw.polygon([(275, 408), (310, 396), (440, 398), (480, 410), (430, 420), (300, 420)], fill=(240, 238, 225))
    for leg in ((340, 400, 332, 360, 364, 334), (404, 400, 398, 360, 368, 334)):
        draw.line(leg, fill=wetsuit, width=17)
    draw.line((366, 334, 386, 282), fill=wetsuit, width=28)
    for arm in ((382, 288, 330, 296, 300, 276), (388, 288, 432, 304, 462, 288)):
        draw.line(arm, fill=wetsuit, width=11)
    draw.ellipse((378, 250, 406, 280), fill=skin)
    draw.chord((376, 248, 408, 278), 160, 340, fill=(60, 40, 25))
    return image


if __name__ == "__main__":
    for written in draw_samples(Path(__file__).parents[2] / "resources" / "samples"):
        sys.stdout.write(f"{written}: {written.stat().st_size:,} bytes\n")
