"""What a person says of one photo: descriptions, questions with their answers, things with their boxes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from training.data.entities import Box
from training.data.qa_pair import QaPair


@dataclass(frozen=True)
class MarkedObject:
    """Something that is in the photo."""

    name: str
    box: Box | None = None
    """None where nobody said where it is."""


@dataclass(frozen=True)
class PhotoNotes:
    """All that was said of a photo."""

    captions: tuple[str, ...] = ()
    questions: tuple[QaPair, ...] = ()
    objects: tuple[MarkedObject, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.captions or self.questions or self.objects)


def clean_text(text: str) -> str:
    """On one line, in single spaces, without what a file of text can't hold."""
    return " ".join(text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8").split())


def can_be_named(name: str) -> bool:
    """Whether collections can name a photo so: what a captions file would read differently can't be told from others."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:  # a name that isn't text in the system's encoding
        return False
    return name == clean_text(name) and "\\" not in name and ".." not in PurePosixPath(name).parts
