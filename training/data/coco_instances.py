"""COCO's files of objects (Lin et al. 2014, arXiv:1405.0312), instances_*.json or .json.xz: as people drew them, or as a detector
found them.

A detector's annotations have a "score", as in COCO's format of results. What it is sure of is seen, what it isn't sure of is
neither seen nor absent, and all else is absent: so let it write down what it is unsure of.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, cast

from training.data.entities import Box
from training.data.json_files import entries_of, find_json_files, read_object
from training.data.seen_objects import SeenObject, SeenObjects

SURE_SCORE = 0.4
"""From which a detector's object counts as seen."""
SHORTER_NAMES = {"dining table": "table", "potted plant": "plant", "sports ball": "ball", "hair drier": "hair dryer"}
"""As people call them."""


def read_instances(folder: Path) -> dict[str, SeenObjects]:
    """What is seen in each photo, by the photo's name; nothing where there is no such file.

    Entries that lack something are passed over. Raises DataError for a file that can't be read.
    """
    found: dict[str, SeenObjects] = {}
    for pattern in ("instances_*.json", "instances_*.json.xz"):
        for path in find_json_files(folder, pattern):
            found |= _seen(read_object(path))
    return found


def _seen(content: dict[str, Any]) -> dict[str, SeenObjects]:
    names = {number: _name(entry) for entry in entries_of(content, "categories") if (number := _number(entry, "id")) is not None}
    by_image: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries_of(content, "annotations"):
        category = _number(entry, "category_id")
        if category is not None and names.get(category):
            by_image[_number(entry, "image_id")].append(entry)
    images = [
        entry for entry in entries_of(content, "images")
        if isinstance(entry.get("file_name"), str) and _number(entry, "id") is not None
    ]
    found: dict[str, SeenObjects] = {}
    for image in images:
        marked = [(names[entry["category_id"]], entry) for entry in by_image[image["id"]]]
        objects = tuple(SeenObject(name, _box(entry, image)) for name, entry in marked if _is_sure(entry))
        uncounted = {name for name, entry in marked if entry.get("iscrowd") or not _is_sure(entry)}
        counts = Counter(seen.name for seen in objects)
        found[image["file_name"].replace("\\", "/")] = SeenObjects(
            objects, absent=frozenset(names.values()) - {name for name, _ in marked} - {""},
            counts={name: number for name, number in sorted(counts.items()) if name not in uncounted},
        )
    return found


def _number(entry: dict[str, Any], key: str) -> int | None:
    number = entry.get(key)
    return number if isinstance(number, int) else None


def _name(category: dict[str, Any]) -> str:
    name = category.get("name")
    return SHORTER_NAMES.get(name, name) if isinstance(name, str) else ""


def _is_sure(entry: dict[str, Any]) -> bool:
    score = entry.get("score", 1.0)
    return isinstance(score, int | float) and score >= SURE_SCORE


def _box(entry: dict[str, Any], image: dict[str, Any]) -> Box | None:
    """COCO's left, top, width and height in pixels, in parts of the photo."""
    box = entry.get("bbox")
    given = [*cast(list[Any], box), image.get("width"), image.get("height")] if isinstance(box, list) else []
    numbers = [float(number) for number in given if isinstance(number, int | float)]
    if not len(numbers) == len(given) == 6 or min(numbers[4:]) <= 0:
        return None
    left, top, wide, high, width, height = numbers
    return Box(left / width, top / height, (left + wide) / width, (top + high) / height)
