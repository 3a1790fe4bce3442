"""A small captioned data set that is drawn, not photographed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

from core.config import ModelConfig
from core.files.checkpoint import save_model
from core.model.vlm import VisionLanguageModel
from core.text.prompt import tokenizer_texts
from core.text.tokenizer import Tokenizer

COLOURS = {"red": (200, 30, 30), "blue": (30, 60, 200), "green": (20, 150, 60), "yellow": (230, 210, 40)}
THINGS, MARKED_THINGS = ("ball", "box"), ("ball", "boat")


def draw_scene(path: Path, *, colour: str, thing: str, corner: tuple[int, int]) -> None:
    """One coloured thing on a grey ground."""
    image = Image.new("RGB", (96, 72), (128, 128, 128))
    x, y = corner
    draw = ImageDraw.Draw(image)
    (draw.ellipse if thing == "ball" else draw.rectangle)((x, y, x + 30, y + 30), fill=COLOURS[colour])
    image.save(path)


def mark_scene(folder: Path, number: int, *, colour: str, thing: str, corner: tuple[int, int]) -> None:
    """A scene's captions with marked phrases and the thing's box, in Flickr30k Entities' layout."""
    x, y = corner
    (folder / "Sentences" / f"scene{number:03}.txt").write_text(
        f"[/EN#1/other A {colour} {thing}] on [/EN#2/scene the floor] .\n"
        f"[/EN#1/other The {thing}] is {colour} , and [/EN#0/people a child] plays with it .\n", encoding="utf-8"
    )
    (folder / "Annotations" / f"scene{number:03}.xml").write_text(
        "<annotation><size><width>96</width><height>72</height></size><object><name>1</name><bndbox>"
        f"<xmin>{x + 1}</xmin><ymin>{y + 1}</ymin><xmax>{x + 30}</xmax><ymax>{y + 30}</ymax></bndbox></object></annotation>",
        encoding="utf-8",
    )


def make_dataset(folder: Path, *, photos: int, seed: int = 0, marked: bool = False) -> Path:
    """`photos` scenes with two captions each, in Flickr8k's layout with official split lists (a quarter is dev).

    marked: with phrases and boxes, and with things that are asked for.
    """
    draw = random.Random(seed)
    (folder / "Images").mkdir(parents=True)
    for name in ("Sentences", "Annotations") if marked else ():
        (folder / "entities" / name).mkdir(parents=True)
    lines = ["image,caption"]
    names: list[str] = []
    for number in range(photos):
        colour, thing = draw.choice(list(COLOURS)), draw.choice(MARKED_THINGS if marked else THINGS)
        name, corner = f"scene{number:03}.png", (draw.randrange(60), draw.randrange(40))
        draw_scene(folder / "Images" / name, colour=colour, thing=thing, corner=corner)
        if marked:
            mark_scene(folder / "entities", number, colour=colour, thing=thing, corner=corner)
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


@pytest.fixture(scope="session")
def untrained_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model that has learnt nothing, with words for the scenes."""
    answers = [f"a {colour} ball on the floor" for colour in COLOURS]
    texts = tokenizer_texts(questions=["What color is the box?"], answers=answers)
    tokenizer = Tokenizer.train_bpe(list(texts), vocabulary_size=290)
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(1)
        model = VisionLanguageModel(ModelConfig(
            vocabulary_size=tokenizer.vocabulary_size, encoder_name="test_vit", encoder_width=64, image_size=32, width=32,
            layers=2, heads=4, feed_forward_width=64,
        ))
    path = tmp_path_factory.mktemp("untrained") / "untrained.safetensors"
    save_model(path, model.eval(), tokenizer, metrics={}, recipe={})
    return path
