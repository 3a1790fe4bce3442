"""Boxes as labelme keeps them: a JSON file for each photo (https://github.com/wkentaro/labelme)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, cast

from core.errors import DataError
from training.data.entities import Box
from training.data.photo_notes.notes import MarkedObject, clean_text

VERSION = "5.5.0"
"""Of labelme, whose files these are like."""


def read_labelme(values: Mapping[str, Any]) -> tuple[str, tuple[MarkedObject, ...]]:
    """The photo's path as the file has it, and what is marked. Points and lines have no box and are left out.

    Raises DataError for what is no such file.
    """
    image, shapes = values.get("imagePath"), values.get("shapes")
    width, height = values.get("imageWidth"), values.get("imageHeight")
    if not isinstance(image, str) or not isinstance(shapes, list) or not _is_side(width) or not _is_side(height):
        raise DataError('it needs "imagePath", "shapes", "imageWidth" and "imageHeight"')
    found = (_marked(shape, cast(float, width), cast(float, height)) for shape in cast(list[Any], shapes))
    return image, tuple(thing for thing in found if thing is not None)


def labelme_text(image: str, objects: Sequence[MarkedObject], *, width: int, height: int) -> str:
    """A photo's file. image: its path, as seen from the file's folder."""
    shapes = [
        {
            "label": thing.name, "points": [
                [round(thing.box.left * width, 2), round(thing.box.top * height, 2)],
                [round(thing.box.right * width, 2), round(thing.box.bottom * height, 2)],
            ],
            "group_id": None, "description": "", "shape_type": "rectangle", "flags": {},
        }
        for thing in objects if thing.box is not None
    ]
    content = {
        "version": VERSION, "flags": {}, "shapes": shapes, "imagePath": image, "imageData": None, "imageHeight": height,
        "imageWidth": width,
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def labelme_name(photo: str, taken: set[str]) -> str:
    """The file's name for a photo: as labelme has it, unless another photo's has that already."""
    path = PurePosixPath(photo)
    name = path.with_suffix(".json").as_posix()
    return name if name not in taken else f"{photo}.json"


def _marked(shape: Any, width: float, height: float) -> MarkedObject | None:
    if not isinstance(shape, dict):
        return None
    values = cast(dict[str, Any], shape)
    name, points = values.get("label"), values.get("points")
    kind = values.get("shape_type") or "polygon"
    try:
        pairs = [(float(x) / width, float(y) / height) for x, y in cast(list[Any], points)]
    except (TypeError, ValueError):
        return None
    if not isinstance(name, str) or not clean_text(name) or kind in ("point", "points", "line", "linestrip"):
        return None
    if kind == "circle" and len(pairs) == 2:
        (x, y), (edge_x, edge_y) = pairs
        reach = (((edge_x - x) * width) ** 2 + ((edge_y - y) * height) ** 2) ** 0.5
        pairs = [(x - reach / width, y - reach / height), (x + reach / width, y + reach / height)]
    box = box_within(pairs)
    return None if box is None else MarkedObject(clean_text(name), box)


def box_within(corners: Sequence[tuple[float, float]]) -> Box | None:
    """The box around points in parts of the photo, as far as it lies in the photo; None where nothing of it does."""
    if not corners:
        return None
    xs, ys = [min(1.0, max(0.0, x)) for x, _ in corners], [min(1.0, max(0.0, y)) for _, y in corners]
    box = Box(*(round(edge, 5) for edge in (min(xs), min(ys), max(xs), max(ys))))
    return box if box.left < box.right and box.top < box.bottom else None


def _is_side(value: Any) -> bool:
    return type(value) in (int, float) and value > 0
