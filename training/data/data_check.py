"""Looks a dataset over before training: what is there, what is missing, what is broken."""

from __future__ import annotations

import hashlib
from collections import defaultdict
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
    """What a check of a dataset found, beside what the dataset says of itself."""

    dataset: CaptionDataset
    broken: tuple[BrokenImage, ...]
    """Empty where the photos weren't opened."""
    duplicates: tuple[tuple[str, ...], ...]
    """Groups of photos with the same bytes."""
    duplicates_across_splits: tuple[tuple[str, ...], ...]
    """Those of the groups above that stand in more than one split, which spoils the measurement."""
    decoded: bool
    """Whether the photos were opened."""

    @property
    def images_per_split(self) -> dict[str, int]:
        """For each split that has images."""
        return {name: len(images) for name in SPLIT_NAMES if (images := self.dataset.split(name))}

    @property
    def captions_per_split(self) -> dict[str, int]:
        return {name: sum(len(image.captions) for image in self.dataset.split(name)) for name in self.images_per_split}

    @property
    def questions(self) -> int:
        """Ready-made questions about the photos."""
        return sum(len(image.questions) for image in self.dataset.images)

    @property
    def with_objects(self) -> int:
        """Photos without captions that are learnt from by what is noted to be in them."""
        return sum(image.teaches_objects for image in self.dataset.images)

    @property
    def without_captions(self) -> list[str]:
        """Photos of which nothing is said; they aren't trained on."""
        return [image.name for image in self.dataset.images if not image.teaches]

    @property
    def usable(self) -> bool:
        """Whether something is left to train on."""
        return len(self.dataset.images) > len(self.broken) + len(self.without_captions)

    def problems(self) -> dict[str, list[str]]:
        """What is wrong, in words -> names it is true of, or groups of names; what is in order is left out."""
        data = self.dataset
        listed: dict[str, Sequence[str]] = {
            "missing images": data.missing, "paths that leave the folder, refused": data.refused,
            "images without captions or questions": self.without_captions,
            "broken images": [f"{image.name} ({image.reason})" for image in self.broken],
            "groups of identical images": [" = ".join(group) for group in self.duplicates],
            "identical images in different splits": [" = ".join(group) for group in self.duplicates_across_splits],
            "images in no split list, used for training": data.unlisted,
            "images with ready-made questions but without a file": data.questions_astray,
            "rows without an image or a caption, skipped": data.rows_skipped,
            "rows with a quotation mark that isn't closed": data.stray_quotes,
        }
        return {what: list(names) for what, names in listed.items() if names}

    def lines(self) -> list[str]:
        """The report as sentences for a reader, the counts first."""
        splits = ", ".join(f"{number} {name}" for name, number in self.images_per_split.items())
        asked = f", {self.questions} ready-made questions" if self.questions else ""
        seen = f", {self.with_objects} images with noted objects" if self.with_objects else ""
        captions = sum(self.captions_per_split.values())
        found = [f"{self.dataset.layout}: {len(self.dataset.images)} images ({splits}), {captions} captions{asked}{seen}"]
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
    return DataReport(
        dataset, tuple(broken), _names(groups),
        _names([group for group in groups if len({image.split for image in group}) > 1]), decoded=decode,
    )


def _names(groups: Sequence[Sequence[CaptionedImage]]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(tuple(sorted(image.name for image in group)) for group in groups))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
