"""Captioned photos on disk: Flickr8k in its common layouts, and any folder with a captions file or with questions."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import DataError
from training.data.caption_layouts import CaptionFile, SplitName, find_caption_file, read_split_lists
from training.data.coco_instances import read_instances
from training.data.image_folder import ImageFolder, find_image_folder
from training.data.qa_pair import QaPair
from training.data.ready_pairs import find_questions
from training.data.seen_objects import SeenObjects, read_seen_objects


@dataclass(frozen=True)
class CaptionedImage:
    """One photo with its captions and questions."""

    name: str
    """As the file has it that names it, with forward slashes; unique in the dataset."""
    path: Path
    captions: tuple[str, ...]
    """In the file's order; empty for a photo that no caption names."""
    split: SplitName
    questions: tuple[QaPair, ...] = ()
    """Questions that come with the photo, with their answers; in the file's order."""
    seen: SeenObjects | None = None
    """What is known to be in the photo; None where nobody noted it."""

    @property
    def asked_by_people(self) -> bool:
        """Whether it comes with a question that several people answered."""
        return any(pair.answers for pair in self.questions)

    @property
    def teaches(self) -> bool:
        """Whether there is something to learn from it."""
        return bool(self.captions or self.questions or self.teaches_objects)

    @property
    def asked_by_captions(self) -> bool:
        """Whether questions are made of its captions: where none came with it."""
        return bool(self.captions) and not self.questions

    @property
    def trains_untold(self) -> bool:
        """Whether it is a training photo without captions, of which questions and objects have to say what is in it."""
        return self.split == "train" and not self.captions

    @property
    def teaches_objects(self) -> bool:
        """Whether questions are made of what is seen: captions would tell it better."""
        return self.trains_untold and self.seen is not None and bool(self.seen.objects)


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
    questions_astray: tuple[str, ...] = ()
    """Names that have questions but no file."""
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
    Raises DataError where there is no folder, neither a captions file nor questions that can be read, or no photo to go with
    them.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder")
    if not 0 <= dev_fraction < 1:
        raise DataError(f"the dev fraction must be in [0, 1), got {dev_fraction}")
    asked = find_questions(folder)
    captions = find_caption_file(folder, needed=not asked.pairs) or CaptionFile(asked.layout, {}, asked.splits, (), ())
    names = dict.fromkeys((*captions.texts, *asked.pairs))
    photos = find_image_folder(folder, names)
    paths, missing, refused = _place(names, photos)
    if not paths:
        raise _no_photos(folder, missing, refused)
    splits, unlisted = _assign_splits(folder, sorted(paths), captions, seed=seed, dev_fraction=dev_fraction)
    for name, path in photos.files():
        paths.setdefault(name, path)
    seen = {**read_instances(folder), **read_seen_objects(folder)}
    images = tuple(
        CaptionedImage(
            name, paths[name], tuple(captions.texts.get(name, ())), splits.get(name, "train"), tuple(asked.pairs.get(name, ())),
            seen.get(name),
        )
        for name in sorted(paths)
    )
    entities = folder / "entities"
    return CaptionDataset(
        root=folder, layout=captions.layout, images=images, rows_skipped=captions.rows_skipped,
        stray_quotes=captions.stray_quotes,
        entities=entities if (entities / "Sentences").is_dir() else None,
        questions_astray=tuple(sorted(asked.pairs.keys() - paths.keys())),
        missing=tuple(sorted(captions.texts.keys() & missing)), refused=tuple(sorted(refused)), unlisted=tuple(sorted(unlisted)),
    )


def _place(names: Collection[str], photos: ImageFolder) -> tuple[dict[str, Path], list[str], list[str]]:
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
        return DataError(f"every photo that {folder} names lies outside of it, as {refused[0]} does")
    example = f", {min(missing)} for one" if missing else ""
    return DataError(f"none of the photos that {folder} names is there{example}")


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
