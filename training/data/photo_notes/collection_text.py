"""Notes as the lines of captions.txt, questions.jsonl and objects.jsonl, and back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from core.errors import DataError
from training.data.caption_layouts import read_caption_file
from training.data.entities import Box
from training.data.json_lines import read_json_lines
from training.data.known_objects import COMPLETE
from training.data.photo_notes.notes import MarkedObject, clean_text
from training.data.qa_pair import QaPair
from training.data.ready_pairs import read_ready_pairs

CAPTIONS_FILE = "captions.txt"
CAPTIONS_HEAD = "image,caption\n"
DIGITS = 5
"""Of a box's edge, in parts of the photo's side: finer than a pixel of any photo."""


def caption_lines(name: str, captions: Sequence[str]) -> str:
    """A photo's rows of captions.txt."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows((name, caption) for caption in captions)
    return text.getvalue()


def question_lines(name: str, questions: Sequence[QaPair]) -> str:
    """A photo's lines of questions.jsonl."""
    return "".join(json.dumps({**pair.to_dict(), "image": name}, ensure_ascii=False) + "\n" for pair in questions)


def object_lines(name: str, objects: Sequence[MarkedObject]) -> str:
    """A photo's line of objects.jsonl. What isn't marked may be in the photo all the same, and the line says so."""
    if not objects:
        return ""
    entries = [
        {"name": thing.name} if thing.box is None else {"name": thing.name, "box": [round(edge, DIGITS) for edge in thing.box]}
        for thing in objects
    ]
    return json.dumps({"image": name, "objects": entries, COMPLETE: False}, ensure_ascii=False) + "\n"


def read_captions(path: Path) -> dict[str, tuple[str, ...]]:
    """Captions by photo. Raises DataError where a row of the file can't be used, as it would be lost in the next writing."""
    found = read_caption_file(path)
    if found is None:
        raise DataError(f"{path.name} holds no captions")
    if found.rows_skipped:
        raise DataError(found.rows_skipped[0])
    return {name: tuple(clean_text(text) for text in texts) for name, texts in found.texts.items()}


def read_questions(path: Path) -> dict[str, tuple[QaPair, ...]]:
    """Questions by photo. Raises DataError."""
    return {name: tuple(pairs) for name, pairs in read_ready_pairs(path).items()}


def read_objects(path: Path) -> dict[str, tuple[MarkedObject, ...]]:
    """Marked things by photo. Raises DataError."""
    found: dict[str, tuple[MarkedObject, ...]] = {}
    for number, values in read_json_lines(path):
        image, objects = values.get("image"), values.get("objects")
        if not isinstance(image, str) or not isinstance(objects, list):
            raise DataError(f'line {number} of {path.name} needs an "image" and a list of "objects"')
        marked = tuple(_marked(entry, f"line {number} of {path.name}") for entry in cast(list[Any], objects))
        found[image] = (*found.get(image, ()), *marked)
    return found


def _marked(entry: Any, place: str) -> MarkedObject:
    values = cast(dict[str, Any], entry) if isinstance(entry, dict) else {"name": entry}
    name, box = values.get("name"), values.get("box")
    if not isinstance(name, str) or not clean_text(name):
        raise DataError(f"{place} has an object without a name")
    return MarkedObject(clean_text(name), None if box is None else box_of(box, place))


def box_of(edges: Any, place: str) -> Box:
    """Left, top, right and bottom in parts of the photo. Raises DataError where that is no box in it."""
    values = cast(list[Any], edges)
    if not isinstance(edges, list) or len(values) != 4 or not all(type(edge) in (int, float) for edge in values):
        raise DataError(f"{place} has a box that isn't four numbers")
    box = Box(*(round(float(edge), DIGITS) for edge in values))
    if not (0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1):
        raise DataError(f"{place} has a box that doesn't lie in its photo")
    return box
