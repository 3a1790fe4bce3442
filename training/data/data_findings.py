"""What the check of a folder of captioned photos found, as `spinvlm check --json` prints it. Torch-free, for whoever shows it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class PreviewPhoto:
    """A photo and all that would be learnt from it."""

    path: str
    captions: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    """Questions and their answers, without those whose answer is a caption."""


@dataclass(frozen=True)
class DataPreview:
    """Some training photos, and counts over all of them."""

    words: int
    """Different words in the captions of the training photos, and in the questions and answers that come with them."""
    pairs: int
    """Question-answer pairs of the train split, captions included."""
    photos: tuple[PreviewPhoto, ...]


@dataclass(frozen=True)
class DataFindings:
    """Counts, problems and a few photos."""

    layout: str
    """Which layout was recognised."""
    usable: bool
    """Whether there is something to train on."""
    images: dict[str, int]
    """By split."""
    captions: dict[str, int]
    """By split."""
    problems: dict[str, list[str]]
    """What is wrong -> names of photos, or rows of the captions file."""
    preview: DataPreview

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError for anything else than `to_dict` makes."""
        preview = values["preview"]
        photos = tuple(
            PreviewPhoto(photo["path"], tuple(photo["captions"]), tuple((ask, say) for ask, say in photo["pairs"]))
            for photo in preview["photos"]
        )
        return cls(
            str(values["layout"]), bool(values["usable"]), dict(values["images"]), dict(values["captions"]),
            dict(values["problems"]), DataPreview(int(preview["words"]), int(preview["pairs"]), photos),
        )
