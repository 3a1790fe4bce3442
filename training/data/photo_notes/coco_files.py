"""Captions and boxes as COCO keeps them: images with numbers, annotations that name those (https://cocodataset.org)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from training.data.photo_notes.labelme_files import box_within
from training.data.photo_notes.name_index import NameIndex, number_in
from training.data.photo_notes.notes import MarkedObject, PhotoNotes, clean_text

Size = tuple[int, int]
"""Width and height in pixels."""


def read_coco(values: Mapping[str, Any], photos: NameIndex) -> tuple[dict[str, PhotoNotes], int]:
    """Captions and boxes by photo, and how many entries are about photos that aren't there or can't be used."""
    images = {image.get("id"): image for image in _entries(values.get("images"))}
    categories = {entry.get("id"): entry.get("name") for entry in _entries(values.get("categories"))}
    found: dict[str, PhotoNotes] = {}
    astray = 0
    for entry in _entries(values.get("annotations")):
        image = images.get(entry.get("image_id"), {})
        given = image.get("file_name")
        name = photos.find(given) if isinstance(given, str) else None
        caption, thing = _caption(entry), _object(entry, image, categories)
        if name is None or (not caption and thing is None):
            astray += 1
            continue
        notes = found.get(name, PhotoNotes())
        found[name] = PhotoNotes(
            (*notes.captions, *((caption,) if caption else ())), notes.questions,
            (*notes.objects, *((thing,) if thing is not None else ())),
        )
    return found, astray


def image_numbers(names: Mapping[str, object]) -> dict[str, int]:
    """A number for each photo: the one that its name ends in where no other's does, else one that none has."""
    numbers = {name: number_in(name) for name in names}
    taken: set[int] = set()
    chosen: dict[str, int] = {}
    for name, number in numbers.items():
        if number is not None and number not in taken:
            taken.add(number)
            chosen[name] = number
    following = max(taken, default=0) + 1
    for name in numbers.keys() - chosen.keys() if len(chosen) < len(numbers) else ():
        chosen[name] = following
        following += 1
    return {name: chosen[name] for name in names}


def coco_captions(notes: Mapping[str, PhotoNotes], sizes: Mapping[str, Size]) -> dict[str, Any]:
    """The content of a captions file."""
    numbers = image_numbers(notes)
    captions = [(numbers[name], caption) for name, said in notes.items() for caption in said.captions]
    return {
        "images": _images(notes, sizes),
        "annotations": [
            {"id": place, "image_id": image, "caption": caption} for place, (image, caption) in enumerate(captions, start=1)
        ],
    }


def coco_instances(notes: Mapping[str, PhotoNotes], sizes: Mapping[str, Size]) -> dict[str, Any]:
    """The content of an instances file. sizes: of all photos that have boxes."""
    numbers = image_numbers(notes)
    kinds = sorted({thing.name for said in notes.values() for thing in said.objects})
    categories = {name: place for place, name in enumerate(kinds, start=1)}
    annotations: list[dict[str, Any]] = []
    for name, said in notes.items():
        for thing in said.objects:
            if thing.box is None or name not in sizes:
                continue
            width, height = sizes[name]
            left, top = thing.box.left * width, thing.box.top * height
            box = [left, top, thing.box.right * width - left, thing.box.bottom * height - top]
            annotations.append({
                "id": len(annotations) + 1, "image_id": numbers[name], "category_id": categories[thing.name],
                "bbox": [round(side, 2) for side in box], "area": round(box[2] * box[3], 2), "iscrowd": 0,
            })
    return {
        "images": _images(notes, sizes), "annotations": annotations,
        "categories": [{"id": place, "name": name} for name, place in categories.items()],
    }


def _images(notes: Mapping[str, PhotoNotes], sizes: Mapping[str, Size]) -> list[dict[str, Any]]:
    return [
        {"id": number, "file_name": name, **(dict(zip(("width", "height"), sizes[name], strict=True)) if name in sizes else {})}
        for name, number in image_numbers(notes).items()
    ]


def _caption(entry: Mapping[str, Any]) -> str:
    caption = entry.get("caption")
    return clean_text(caption) if isinstance(caption, str) else ""


def _object(entry: Mapping[str, Any], image: Mapping[str, Any], categories: Mapping[Any, Any]) -> MarkedObject | None:
    name = categories.get(entry.get("category_id"))
    try:
        left, top, wide, high = (float(side) for side in cast(list[Any], entry.get("bbox")))
        width, height = float(image["width"]), float(image["height"])
        box = box_within([(left / width, top / height), ((left + wide) / width, (top + high) / height)])
    except (TypeError, ValueError, KeyError, ZeroDivisionError):
        return None
    return MarkedObject(clean_text(name), box) if box is not None and isinstance(name, str) and clean_text(name) else None


def _entries(values: Any) -> list[dict[str, Any]]:
    return [entry for entry in cast(list[Any], values) if isinstance(entry, dict)] if isinstance(values, list) else []
