"""Captioned photos on disk: Flickr8k in its common layouts, and any folder with a captions file."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import DataError
from training.data.caption_layouts import CaptionFile, SplitName, find_caption_file, read_split_lists
from training.data.image_folder import ImageFolder, find_image_folder
from training.data.ready_pairs import FILE_NAME as QUESTIONS_FILE

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CaptionedImage:
    """One photo with its captions."""

    name: str
    """As the captions file has it, with forward slashes; unique in the dataset."""
    path: Path
    captions: tuple[str, ...]
    """In the file's order; empty for a photo that no caption names."""
    split: SplitName


@dataclass(frozen=True)
class CaptionDataset:
    """A folder of captioned photos. Every image in it exists; what was left out is listed beside."""

    root: Path
    layout: str
    """Which layout was recognised, in words for the user."""
    images: tuple[CaptionedImage, ...]
    """Sorted by name."""
    entities: Path | None
    """Folder in Flickr30k Entities layout, with Sentences/ in it."""
    questions: Path | None = None
    """File of ready-made questions and answers about the photos."""
    missing: tuple[str, ...] = ()
    """Names that have captions but no file."""
    refused: tuple[str, ...] = ()
    """Names whose path leaves the image folder; never opened."""
    unlisted: tuple[str, ...] = ()
    """Names with captions that no split list names; they are in the train split."""
    rows_skipped: tuple[str, ...] = ()
    """Rows of the captions file without a name or a caption, and why."""
    stray_quotes: tuple[str, ...] = ()
    """Rows with a quotation mark that isn't closed."""

    def split(self, name: str) -> tuple[CaptionedImage, ...]:
        """The images of one split, sorted by name; empty where the dataset has no such split."""
        return tuple(image for image in self.images if image.split == name)


def load_captions(folder: Path, *, seed: int = 0, dev_fraction: float = 0.1) -> CaptionDataset:
    """Read the captions, splits and photos of a folder; no photo is opened.

    Official split lists or the file's own split column are used where present; else `dev_fraction` of the photos
    become the dev split, chosen by `seed`, whole photos at a time.
    Raises DataError where there is no folder, no captions file that can be read, or no photo to go with it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder")
    if not 0 <= dev_fraction < 1:
        raise DataError(f"the dev fraction must be in [0, 1), got {dev_fraction}")
    captions = find_caption_file(folder)
    photos = find_image_folder(folder, captions.texts)
    paths, missing, refused = _place(captions.texts, photos)
    if not paths:
        raise _no_photos(folder, missing, refused)
    splits, unlisted = _assign_splits(folder, sorted(paths), captions, seed=seed, dev_fraction=dev_fraction)
    for name, path in photos.files():
        paths.setdefault(name, path)
    images = tuple(
        CaptionedImage(name, paths[name], tuple(captions.texts.get(name, ())), splits.get(name, "train"))
        for name in sorted(paths)
    )
    entities, questions = folder / "entities", folder / QUESTIONS_FILE
    return CaptionDataset(
        root=folder, layout=captions.layout, images=images, rows_skipped=captions.rows_skipped,
        stray_quotes=captions.stray_quotes,
        entities=entities if (entities / "Sentences").is_dir() else None,
        questions=questions if questions.is_file() else None,
        missing=tuple(sorted(missing)), refused=tuple(sorted(refused)), unlisted=tuple(sorted(unlisted)),
    )


def _place(names: Mapping[str, Sequence[str]], photos: ImageFolder) -> tuple[dict[str, Path], list[str], list[str]]:
    """Where each named photo lies, which are missing, and which point out of the folder."""
    paths: dict[str, Path] = {}
    missing: list[str] = []
    refused: list[str] = []
    for name in names:
        if photos.leaves_folder(name):
            refused.append(name)
        elif (path := photos.find(name)) is None:
            missing.append(name)
        else:
            paths[name] = path
    return paths, missing, refused


def _no_photos(folder: Path, missing: list[str], refused: list[str]) -> DataError:
    if refused and not missing:
        return DataError(f"every photo named in the captions of {folder} lies outside of it, as {refused[0]} does")
    example = f", {min(missing)} for one" if missing else ""
    return DataError(f"none of the photos named in the captions of {folder} is there{example}")


def _assign_splits(
    folder: Path, names: Sequence[str], captions: CaptionFile, *, seed: int, dev_fraction: float
) -> tuple[dict[str, SplitName], list[str]]:
    """Each photo's split, and the photos that the dataset's own split lists leave out."""
    given = read_split_lists(folder) or captions.splits
    present = {given[name] for name in names if name in given}
    splits: dict[str, SplitName] = {}
    unlisted: list[str] = []
    for name in names:
        value = given.get(name, "train")
        splits[name] = value
        if given and name not in given:
            unlisted.append(name)
    if "dev" not in present:
        train = [name for name in names if splits[name] == "train"]
        for name in seeded_choice(train, dev_fraction, seed=seed):
            splits[name] = "dev"
    return splits, unlisted


def seeded_choice(names: Sequence[str], fraction: float, *, seed: int) -> list[str]:
    """A part of the names, whatever their order; where the fraction isn't 0, at least one and never all of them."""
    if fraction <= 0 or len(names) < 2:
        return []
    shuffled = sorted(names)
    random.Random(seed).shuffle(shuffled)
    return shuffled[: min(max(1, round(fraction * len(shuffled))), len(shuffled) - 1)]
