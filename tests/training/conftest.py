"""A small captioned data set that is drawn, not photographed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

COLOURS = {"red": (200, 30, 30), "blue": (30, 60, 200), "green": (20, 150, 60), "yellow": (230, 210, 40)}
THINGS = ("ball", "box")


def draw_scene(path: Path, *, colour: str, thing: str, corner: tuple[int, int]) -> None:
    """One coloured thing on a grey ground."""
    image = Image.new("RGB", (96, 72), (128, 128, 128))
    x, y = corner
    draw = ImageDraw.Draw(image)
    (draw.ellipse if thing == "ball" else draw.rectangle)((x, y, x + 30, y + 30), fill=COLOURS[colour])
    image.save(path)


def make_dataset(folder: Path, *, photos: int, seed: int = 0) -> Path:
    """`photos` scenes with two captions each, in Flickr8k's layout with official split lists (a quarter is dev)."""
    draw = random.Random(seed)
    (folder / "Images").mkdir(parents=True)
    lines = ["image,caption"]
    names: list[str] = []
    for number in range(photos):
        colour, thing = draw.choice(list(COLOURS)), draw.choice(THINGS)
        name = f"scene{number:03}.png"
        draw_scene(folder / "Images" / name, colour=colour, thing=thing, corner=(draw.randrange(60), draw.randrange(40)))
        lines += [f"{name},A {colour} {thing} on the floor .", f'{name},"The {thing} is {colour}, and a child plays with it ."']
        names.append(name)
    (folder / "captions.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    dev = max(2, photos // 4)
    (folder / "Flickr_8k.devImages.txt").write_text("\n".join(names[:dev]) + "\n", encoding="utf-8")
    (folder / "Flickr_8k.trainImages.txt").write_text("\n".join(names[dev:]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of 16 drawn scenes."""
    return make_dataset(tmp_path_factory.mktemp("data") / "scenes", photos=16)
