"""Flickr30k Entities beside a dataset: captions with typed, linked noun phrases, and boxes (Plummer et al., 2015)."""

from __future__ import annotations

import logging
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from xml.etree import ElementTree

from training.data.text_file import read_text, text_lines
from training.language.caption_parser import ParsedCaption, parse_entity_sentence

log = logging.getLogger(__name__)


class Box(NamedTuple):
    """A rectangle in parts of the photo's width and height, from its left upper corner."""

    left: float
    top: float
    right: float
    bottom: float


def sentence_file(folder: Path, image_name: str) -> Path:
    """Where an image's marked captions lie: the file is named after the number before the `_` of the photo's name."""
    return folder / "Sentences" / f"{_number(image_name)}.txt"


def box_file(folder: Path, image_name: str) -> Path:
    """Where the boxes of an image's phrases lie."""
    return folder / "Annotations" / f"{_number(image_name)}.xml"


def _number(image_name: str) -> str:
    return PurePosixPath(image_name).stem.split("_")[0]


def read_entities(folder: Path, image_name: str) -> tuple[ParsedCaption, ...]:
    """An image's marked captions; none where the folder has no file for it."""
    path = sentence_file(folder, image_name)
    if not path.is_file():
        return ()
    return tuple(parse_entity_sentence(line) for line in text_lines(read_text(path)) if line.strip())


def read_boxes(folder: Path, image_name: str) -> dict[str, tuple[Box, ...]]:
    """The boxes of each chain of an image's phrases; none where the folder has no file for it, or a damaged one."""
    path = box_file(folder, image_name)
    if not path.is_file():
        return {}
    try:
        return parse_boxes(read_text(path))
    except (ElementTree.ParseError, ValueError, ZeroDivisionError) as error:
        log.warning("The boxes in %s can't be read and are left out: %s", path, error)
        return {}


def parse_boxes(text: str) -> dict[str, tuple[Box, ...]]:
    """Boxes by chain from an annotation file, whose corners are pixels of the original photo, counted from 1.

    Raises ElementTree.ParseError or ValueError for what is no such file.
    """
    root = ElementTree.fromstring(text)
    width, height = (_number_in(root, f"size/{side}") for side in ("width", "height"))
    boxes: dict[str, list[Box]] = defaultdict(list)
    for item in root.iter("object"):
        if item.find("bndbox") is None:  # a chain that is the whole scene, or isn't in the photo
            continue
        left, top, right, bottom = (_number_in(item, f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax"))
        box = Box((left - 1) / width, (top - 1) / height, right / width, bottom / height)
        for name in item.findall("name"):
            boxes[name.text or ""].append(box)
    return {chain: tuple(found) for chain, found in boxes.items()}


def _number_in(parent: ElementTree.Element, path: str) -> float:
    return float(parent.findtext(path, default=""))
