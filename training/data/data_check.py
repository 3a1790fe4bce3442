"""Looks a dataset over before training: what is there, what is missing, what is broken."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import ImageError
from core.images.image_input import load_image
from training.data.caption_layouts import SPLIT_NAMES
from training.data.captions import CaptionDataset, CaptionedImage

NAMES_SHOWN = 3


@dataclass(frozen=True)
class BrokenImage:
    """A photo that can't be opened."""

    name: str
    reason: str


@dataclass(frozen=True)
class DataReport:
    """What a check of a dataset found."""

    layout: str
    images: int
    captions: int
    images_per_split: dict[str, int]
    """For each split that has images."""
    captions_per_split: dict[str, int]
    missing: tuple[str, ...]
    """Photos that have captions but no file."""
    refused: tuple[str, ...]
    """Names whose path leaves the folder; these files were never opened."""
    without_captions: tuple[str, ...]
    """Photos with neither captions nor questions; they aren't trained on."""
    broken: tuple[BrokenImage, ...]
    """Empty where the photos weren't opened."""
    duplicates: tuple[tuple[str, ...], ...]
    """Groups of photos with the same bytes."""
    duplicates_across_splits: tuple[tuple[str, ...], ...]
    """Those of the groups above that stand in more than one split, which spoils the measurement."""
    unlisted: tuple[str, ...]
    """Photos that the split lists leave out; they train."""
    questions: int
    """Ready-made questions about the photos."""
    questions_astray: tuple[str, ...]
    """Names that have ready-made questions but no file."""
    rows_skipped: tuple[str, ...]
    """Rows of the captions file without a photo or a caption."""
    stray_quotes: tuple[str, ...]
    """Rows with a quotation mark that isn't closed; it became part of the caption."""
    decoded: bool
    """Whether the photos were opened."""

    @property
    def usable(self) -> bool:
        """Whether something is left to train on."""
        return self.captions + self.questions > 0 and self.images > len(self.broken) + len(self.without_captions)

    def problems(self) -> dict[str, list[str]]:
        """What is wrong, in words -> names it is true of, or groups of names; what is in order is left out."""
        listed: dict[str, Sequence[str]] = {
            "missing images": self.missing, "paths that leave the folder, refused": self.refused,
            "images without captions or questions": self.without_captions,
            "broken images": [f"{image.name} ({image.reason})" for image in self.broken],
            "groups of identical images": [" = ".join(group) for group in self.duplicates],
            "identical images in different splits": [" = ".join(group) for group in self.duplicates_across_splits],
            "images in no split list, used for training": self.unlisted,
            "images with ready-made questions but without a file": self.questions_astray,
            "rows without an image or a caption, skipped": self.rows_skipped,
            "rows with a quotation mark that isn't closed": self.stray_quotes,
        }
        return {what: list(names) for what, names in listed.items() if names}

    def lines(self) -> list[str]:
        """The report as sentences for a reader, the counts first."""
        splits = ", ".join(f"{number} {name}" for name, number in self.images_per_split.items())
        asked = f", {self.questions} ready-made questions" if self.questions else ""
        found = [f"{self.layout}: {self.images} images ({splits}), {self.captions} captions{asked}"]
        found += [_count_line(what, names) for what, names in self.problems().items()]
        if not self.decoded:
            found.append("the images were not opened")
        return found


def _count_line(what: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
    return f"{len(names)} {what}: {shown}"


def check_dataset(
    dataset: CaptionDataset, *, decode: bool = True, progress: Callable[[int, int], None] | None = None
) -> DataReport:
    """Count, look for duplicates and, with `decode`, open every photo.

    progress: called with (photos done, photos in all) after each one.
    """
    broken: list[BrokenImage] = []
    same_bytes: dict[str, list[CaptionedImage]] = defaultdict(list)
    for number, image in enumerate(dataset.images, start=1):
        try:
            same_bytes[_digest(image.path)].append(image)
            if decode:
                load_image(image.path)
        except ImageError as error:
            broken.append(BrokenImage(image.name, str(error)))
        except OSError as error:
            broken.append(BrokenImage(image.name, f"can't be read: {error.strerror or error}"))
        if progress is not None:
            progress(number, len(dataset.images))
    groups = [group for group in same_bytes.values() if len(group) > 1]
    splits, texts = Counter[str](), Counter[str]()
    for image in dataset.images:
        splits[image.split] += 1
        texts[image.split] += len(image.captions)
    return DataReport(
        layout=dataset.layout, images=len(dataset.images),
        captions=sum(len(image.captions) for image in dataset.images),
        images_per_split={name: splits[name] for name in SPLIT_NAMES if splits[name]},
        captions_per_split={name: texts[name] for name in SPLIT_NAMES if splits[name]},
        missing=dataset.missing, refused=dataset.refused, broken=tuple(broken), decoded=decode,
        without_captions=tuple(image.name for image in dataset.images if not image.teaches),
        duplicates=_names(groups),
        duplicates_across_splits=_names([group for group in groups if len({image.split for image in group}) > 1]),
        questions=sum(len(image.questions) for image in dataset.images),
        questions_astray=dataset.questions_astray, unlisted=dataset.unlisted,
        rows_skipped=dataset.rows_skipped, stray_quotes=dataset.stray_quotes,
    )


def _names(groups: Sequence[Sequence[CaptionedImage]]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(tuple(sorted(image.name for image in group)) for group in groups))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
