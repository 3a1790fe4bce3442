"""Flickr30k Entities beside a dataset: captions with typed, linked noun phrases (Plummer et al., 2015)."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from training.caption_layouts import read_text
from training.caption_parser import ParsedCaption, parse_entity_sentence


def sentence_file(folder: Path, image_name: str) -> Path:
    """Where an image's marked captions lie: the file is named after the number before the `_` of the photo's name."""
    stem = PurePosixPath(image_name).stem
    return folder / "Sentences" / f"{stem.split('_')[0]}.txt"


def read_entities(folder: Path, image_name: str) -> tuple[ParsedCaption, ...]:
    """An image's marked captions; none where the folder has no file for it."""
    path = sentence_file(folder, image_name)
    if not path.is_file():
        return ()
    return tuple(parse_entity_sentence(line) for line in read_text(path).splitlines() if line.strip())
