"""Drawn photos, and teachers whose weights are chance."""

from __future__ import annotations

import json
import random
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw
from safetensors.torch import save_file

from training.distillation.lessons import LessonBook, LessonSettings
from training.distillation.photo_pack import PhotoSet, load_photos, pack_photos, read_captions
from training.distillation.teachers import Teacher, load_teacher

CPU = torch.device("cpu")
COLOURS = {"red": (200, 30, 30), "blue": (30, 60, 200), "green": (20, 150, 60), "yellow": (230, 210, 40)}
SIDE = 64
CHANNELS, CLASSES = 24, 5


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Generator[None]:
    """Two threads wait for one another at each of many small steps, for minutes where others compute too."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@dataclass(frozen=True)
class Drawn:
    """Where the photos are."""

    folder: Path
    captions: Path
    without_captions: tuple[str, ...]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """24 photos of a coloured ball or box; all but the last four have two captions."""
    folder = tmp_path_factory.mktemp("photos")
    draw, lines, bare = random.Random(0), ["image,caption"], list[str]()
    for number in range(24):
        colour, thing = list(COLOURS)[number % 4], ("ball", "box")[number // 4 % 2]
        image = Image.new("RGB", (80, 60), (128, 128, 128))
        x, y, pen = draw.randrange(40), draw.randrange(20), ImageDraw.Draw(image)
        (pen.ellipse if thing == "ball" else pen.rectangle)((x, y, x + 36, y + 36), fill=COLOURS[colour])
        name = f"{number:02}.png"
        image.save(folder / name)
        if number < 20:
            lines += [f"{name},A {colour} {thing} on the floor .", f"{name},There is a {thing} ."]
        else:
            bare.append(name)
    captions = folder.parent / f"{folder.name}.csv"
    captions.write_text("\n".join(lines), encoding="utf-8")
    return Drawn(folder, captions, tuple(bare))


@pytest.fixture(scope="session")
def packed(drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All photos in one file."""
    path = tmp_path_factory.mktemp("pack") / "photos.npz"
    pack_photos([drawn.folder], path, size=SIDE, quality=92, captions=read_captions([drawn.captions]))
    return path


@pytest.fixture(scope="session")
def photos(packed: Path) -> PhotoSet:
    return load_photos(packed, size=SIDE)


def write_mobilenet(path: Path, *, seed: int = 0) -> Path:
    """Five convolutions that each halve the photo, two of them side by side added up, and five classes."""
    generator = torch.Generator().manual_seed(seed)
    program: list[list[object]] = []
    weights: dict[str, torch.Tensor] = {}

    def convolution(source: int, target: int, shape: tuple[int, ...], *, stride: int, depthwise: bool, relu6: bool) -> None:
        spread = (shape[1] * shape[2] * shape[3]) ** -0.5
        weights[f"w{target}"] = torch.randn(shape, generator=generator) * spread
        weights[f"b{target}"] = torch.randn(shape[0], generator=generator) * 0.1
        program.append(["conv", source, target, stride, depthwise, relu6])

    convolution(0, 1, (8, 3, 3, 3), stride=2, depthwise=False, relu6=True)
    for number in (2, 3, 4):
        convolution(number - 1, number, (8, 1, 3, 3), stride=2, depthwise=True, relu6=True)
    convolution(4, 5, (8, 8, 1, 1), stride=1, depthwise=False, relu6=False)
    program.append(["add", 4, 5, 6])
    convolution(6, 7, (CHANNELS, 8, 3, 3), stride=2, depthwise=False, relu6=True)
    program.append(["mean", 7, 8])
    convolution(8, 9, (CLASSES, CHANNELS, 1, 1), stride=1, depthwise=False, relu6=False)
    save_file(weights, path, {"program": json.dumps(program)})
    return path


@pytest.fixture(scope="session")
def mobilenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mobilenet(tmp_path_factory.mktemp("teacher") / "mobilenet.safetensors")


@pytest.fixture(scope="session")
def teachers(mobilenet: Path) -> dict[str, Teacher]:
    return {"mobilenet_v2": load_teacher("mobilenet_v2", mobilenet, device=CPU)}


def lesson_settings(*, capacity: int = 60, components: int = 8, seed: int = 0) -> LessonSettings:
    return LessonSettings(("mobilenet_v2",), photos=24, capacity=capacity, side=96, components=components, seed=seed)


@pytest.fixture(scope="session")
def book(photos: PhotoSet, teachers: dict[str, Teacher], tmp_path_factory: pytest.TempPathFactory) -> LessonBook:
    """Lessons of all photos, and some more of parts of them."""
    made = LessonBook(tmp_path_factory.mktemp("lessons"), lesson_settings(), photos, teachers, device=CPU)
    made.judge_until(60)
    return made
