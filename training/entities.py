"""Flickr30k Entities beside a dataset: captions with typed, linked noun phrases, and their boxes (Plummer et al., 2015)."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path, PurePosixPath

from core.errors import DataError, reason_of
from training.caption_layouts import read_text
from training.caption_parser import ParsedCaption, parse_entity_sentence

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as parts of the photo's width and height."""


def sentence_file(folder: Path, image_name: str) -> Path:
    """Where an image's marked captions lie: the file is named after the number before the `_` of the photo's name."""
    return folder / "Sentences" / f"{_entity_id(image_name)}.txt"


def read_entities(folder: Path, image_name: str) -> tuple[ParsedCaption, ...]:
    """An image's marked captions; none where the folder has no file for it."""
    path = sentence_file(folder, image_name)
    if not path.is_file():
        return ()
    return tuple(parse_entity_sentence(line) for line in read_text(path).splitlines() if line.strip())


def read_boxes(folder: Path, image_name: str) -> dict[str, list[Box]]:
    """The boxes of each chain; none where the folder has no file for the image. Raises DataError for a damaged file."""
    path = folder / "Annotations" / f"{_entity_id(image_name)}.xml"
    if not path.is_file():
        return {}
    try:
        root = ElementTree.parse(path).getroot()
        width, height = (_number(root, f"size/{side}") for side in ("width", "height"))
        boxes: dict[str, list[Box]] = {}
        for thing in root.iter("object"):
            if thing.find("bndbox") is None:
                continue
            left, top, right, bottom = (_number(thing, f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax"))
            box = (left / width, top / height, right / width, bottom / height)
            for name in thing.iter("name"):
                boxes.setdefault((name.text or "").strip(), []).append(box)
    except OSError as error:
        raise DataError(f"{path} can't be read: {reason_of(error)}.") from error
    except (ElementTree.ParseError, ValueError, ZeroDivisionError) as error:
        raise DataError(f"{path} holds no boxes that can be read ({error}).") from error
    return boxes


def _entity_id(image_name: str) -> str:
    return PurePosixPath(image_name).stem.split("_")[0]


def _number(element: ElementTree.Element, path: str) -> float:
    text = element.findtext(path)
    if text is None:
        raise ValueError(f"{path} is missing")
    return float(text)
