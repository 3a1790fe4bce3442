"""What the check of a folder of captioned photos found, as its process prints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class PreviewPhoto:
    """A photo and what would be learnt from it."""

    path: str
    captions: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    """Questions and their answers."""


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
    words: int
    """Different words in the training captions."""
    pairs: int
    """Question-answer pairs for training."""
    problems: dict[str, list[str]]
    """What is wrong -> names of photos, or rows of the captions file."""
    photos: tuple[PreviewPhoto, ...]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """As `spinvlm check --json` writes it. Raises KeyError, TypeError or ValueError for anything else."""
        preview = values["preview"]
        return cls(
            layout=str(values["layout"]), usable=bool(values["usable"]), images=dict(values["images"]),
            captions=dict(values["captions"]), words=int(preview["words"]), pairs=int(preview["pairs"]),
            problems=dict(values["problems"]),
            photos=tuple(
                PreviewPhoto(photo["path"], tuple(photo["captions"]), tuple((ask, say) for ask, say in photo["pairs"]))
                for photo in preview["photos"]
            ),
        )
