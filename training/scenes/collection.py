"""Writes a folder of scenes: pictures, captions, split lists, questions, and the truth about every picture."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.config import require
from core.errors import DataError, reason_of
from core.files.atomic_file import atomic_write, write_text
from training.data.caption_layouts import SPLIT_NAMES, SplitName
from training.data.captions import seeded_choice
from training.data.known_objects import LEXICON_FILE, OBJECTS_FILE
from training.data.ready_pairs import FILE_NAME as QUESTIONS_FILE
from training.scenes.picture import SIDE, box_of, draw_scene
from training.scenes.scene import COLOURS, KINDS, Scene, Shape, scene_by_number
from training.scenes.scene_captions import scene_captions
from training.scenes.scene_questions import scene_questions

FORMAT = 1
"""Of the recipe: raised where the same numbers give other scenes."""
FEWEST, MOST = 10, 1_000_000
DEV_PART, TEST_PART = 0.15, 0.1
RECIPE_FILE = "recipe.json"
IMAGES = "Images"
QUALITY = 92


@dataclass(frozen=True)
class ScenesRecipe:
    """What a collection is made from."""

    photos: int
    seed: int = 0
    format: int = FORMAT

    def __post_init__(self) -> None:
        require(FEWEST <= self.photos <= MOST, f"photos must be from {FEWEST} to {MOST:,}, got {self.photos}")
        require(self.seed >= 0, f"seed must be at least 0, got {self.seed}")


def make_scenes(folder: Path, recipe: ScenesRecipe, *, progress: Callable[[int, int], None] | None = None) -> int:
    """Write the collection; pictures that are there already are kept, so that one that was cut off goes on.

    progress: called with (pictures done, pictures in all) after each one. Returns how many pictures were drawn.
    Raises DataError for a folder that holds something else, and where it can't be written.
    """
    try:
        _claim(folder, recipe)
        scenes = [scene_by_number(number, seed=recipe.seed) for number in range(recipe.photos)]
        drawn = _draw_pictures(scenes, folder / IMAGES, recipe, progress)
        for name, content in _texts(scenes, recipe):
            write_text(folder / name, content)
    except OSError as error:
        raise DataError(f"The scenes can't be written to {folder}: {reason_of(error)}.") from error
    return drawn


def _claim(folder: Path, recipe: ScenesRecipe) -> None:
    """Make the folder the recipe's, before anything else is written. Raises DataError where it's another's."""
    wanted = json.dumps(asdict(recipe), indent=1)
    path = folder / RECIPE_FILE
    if path.is_file():
        if path.read_text(encoding="utf-8", errors="replace") != wanted:
            raise DataError(f"{folder} holds scenes of another recipe: choose a new folder.")
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder} is not empty: choose a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, wanted)


def _draw_pictures(
    scenes: list[Scene], folder: Path, recipe: ScenesRecipe, progress: Callable[[int, int], None] | None
) -> int:
    folder.mkdir(exist_ok=True)
    drawn = 0
    for number, scene in enumerate(scenes, start=1):
        if not (folder / scene.name).is_file():
            with atomic_write(folder / scene.name) as file:
                draw_scene(scene, seed=recipe.seed).save(file, format="JPEG", quality=QUALITY)
            drawn += 1
        if progress is not None:
            progress(number, len(scenes))
    return drawn


def _texts(scenes: list[Scene], recipe: ScenesRecipe) -> Iterator[tuple[str, str]]:
    """Name and content of every file beside the pictures."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["image", "caption"])
    for scene in scenes:
        writer.writerows([scene.name, caption] for caption in scene_captions(scene, seed=recipe.seed))
    yield "captions.txt", table.getvalue()
    splits = _splits(scenes, recipe)
    for split in SPLIT_NAMES:
        yield f"Flickr_8k.{split}Images.txt", "".join(f"{scene.name}\n" for scene in splits[split])
    pairs = [pair for split in SPLIT_NAMES for pair in scene_questions(splits[split], seed=recipe.seed)]
    yield QUESTIONS_FILE, _json_lines([pair.to_dict() for pair in sorted(pairs, key=lambda pair: pair.image)])
    yield OBJECTS_FILE, _json_lines([truth_of(scene) for scene in scenes])
    yield LEXICON_FILE, lexicon_text()


def _splits(scenes: list[Scene], recipe: ScenesRecipe) -> dict[SplitName, list[Scene]]:
    names = [scene.name for scene in scenes]
    dev = set(seeded_choice(names, DEV_PART, seed=recipe.seed))
    test = set(seeded_choice([name for name in names if name not in dev], TEST_PART / (1 - DEV_PART), seed=recipe.seed))
    return {
        "train": [scene for scene in scenes if scene.name not in dev | test],
        "dev": [scene for scene in scenes if scene.name in dev],
        "test": [scene for scene in scenes if scene.name in test],
    }


def _json_lines(entries: list[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)


def truth_of(scene: Scene) -> dict[str, Any]:
    """All that there is to know of a picture. Boxes (left, top, right, bottom) and centres are in pixels."""
    return {
        "image": scene.name, "side": SIDE, "background": scene.background, "pattern": scene.pattern,
        "objects": [_truth_of_shape(shape) for shape in scene.shapes], "counts": dict(scene.counts),
    }


def _truth_of_shape(shape: Shape) -> dict[str, Any]:
    return {
        "name": shape.name, "colour": shape.colour, "kind": shape.kind, "size": shape.size, "place": shape.place,
        "box": [round(SIDE * value, 1) for value in box_of(shape)],
        "centre": [round(SIDE * value, 1) for value in shape.centre],
    }


def lexicon_text() -> str:
    """Shapes as objects: a red circle is a circle, and a circle a shape. In the format of the program's lexicon."""
    lines = ["# name | type | parents | other words for it | words that make its absence unsure | flags"]
    lines += ["shape | other | | | | ask", *(f"{kind} | other | shape | | | ask" for kind in KINDS)]
    lines += [f"{colour} {kind} | other | {kind} | | | ask" for kind in KINDS for colour in COLOURS]
    return "\n".join(lines) + "\n"
