"""Corrections as a collection that a model can be trained on: `questions.jsonl`, and the photos in `photos`."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import reason_of
from core.files.atomic_file import atomic_write, write_text
from spinvlm_desktop.teach.corrections import Correction, CorrectionError, Corrections
from training.data.qa_pair import QaPair, kind_of

PHOTOS = "photos"
FEWEST_PHOTOS = 2
"""One to learn from, and one to see how well."""


@dataclass(frozen=True)
class Lesson:
    """What a model can learn from a correction."""

    photo: Path
    pair: QaPair


def lessons(corrections: Corrections) -> list[Lesson]:
    """Of each photo and question what was said last; what nobody knows the right answer of is left out.

    Raises CorrectionError.
    """
    latest: dict[tuple[str, str], Correction] = {}
    for correction in corrections.all():
        if " ".join(correction.lesson.split()):
            latest[correction.photo, correction.question] = correction
    return [lesson for correction in latest.values() if (lesson := _lesson(corrections, correction)) is not None]


def _lesson(corrections: Corrections, correction: Correction) -> Lesson | None:
    """None where the photo is missing."""
    photo = _reading(corrections, correction)
    if photo is None:
        return None
    question, answer = (" ".join(text.split()) for text in (correction.question, correction.lesson))
    name = f"{correction.photo[:16]}{photo.suffix}"
    return Lesson(photo, QaPair(name, question, answer, kind_of(question, answer)))


def _reading(corrections: Corrections, correction: Correction) -> Path | None:
    try:
        return corrections.photo(correction.photo)
    except OSError as error:
        raise CorrectionError(f"The corrections in {corrections.folder} can't be read: {reason_of(error)}.") from error


def photos_of(made: Sequence[Lesson]) -> dict[str, Path]:
    """Each photo once, by its name in the collection."""
    return {lesson.pair.image: lesson.photo for lesson in made}


def write_collection(made: Sequence[Lesson], folder: Path) -> None:
    """Write a collection into a folder that is empty or isn't there yet. Raises CorrectionError."""
    try:
        if folder.exists() and any(folder.iterdir()):
            raise CorrectionError(f"{folder} isn't empty; choose an empty folder.")
        (folder / PHOTOS).mkdir(parents=True)
        for name, photo in photos_of(made).items():
            with photo.open("rb") as original, atomic_write(folder / PHOTOS / name) as copy:
                shutil.copyfileobj(original, copy)
        write_text(_questions_file(folder), _lines(made))  # last: a folder that has it is complete
    except OSError as error:
        raise CorrectionError(f"The collection can't be written to {folder}: {reason_of(error)}.") from error


def own_collection(made: Sequence[Lesson], parent: Path) -> Path:
    """The folder of a collection of the program's own, which is written unless there is one with the same content.

    Raises CorrectionError.
    """
    content = hashlib.sha256(_lines(made).encode()).hexdigest()
    folder = parent / f"corrections {content[:8]}"
    if not _questions_file(folder).is_file():
        shutil.rmtree(folder, ignore_errors=True)  # one that was cut off while it was written
        write_collection(made, folder)
    return folder


def _questions_file(folder: Path) -> Path:
    from training.data.ready_pairs import FILE_NAME  # not needed to show the window

    return folder / FILE_NAME


def _lines(made: Sequence[Lesson]) -> str:
    return "".join(json.dumps(lesson.pair.to_dict(), ensure_ascii=False) + "\n" for lesson in made)
