"""What was said of photos as a collection that a model can be trained on: the photos, and the files that tell of them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from core.errors import ImageError, reason_of
from core.files.atomic_file import atomic_write, write_text
from core.images.image_input import load_image
from spinvlm_desktop.captioning.notes.folder_photos import is_another
from spinvlm_desktop.captioning.notes.photo_record import CaptioningError, PhotoRecord
from spinvlm_desktop.system.polled_files import is_file
from spinvlm_desktop.widgets.labels import shortened
from training.data.entities import box_file, sentence_file
from training.data.known_objects import OBJECTS_FILE
from training.data.photo_notes import collection_text as text
from training.data.photo_notes.entity_text import box_annotation, marked_captions
from training.data.photo_notes.notes import PhotoNotes
from training.data.ready_pairs import FILE_NAME as QUESTIONS_FILE

PHOTOS, ENTITIES = "photos", "entities"
FEWEST = 2
"""Photos: one to learn from, and one to see how well."""
LONGEST_NAME = 80
Progress = Callable[[int, int], bool]
"""Takes how many of how many photos are done; False ends the work."""


@dataclass(frozen=True)
class Collection:
    """One that was made."""

    folder: Path
    photos: int
    missing: int
    """Photos that are gone, or of which the file is another one now."""


class StoppedError(CaptioningError):
    """The user has stopped it."""


def make_collection(
    photos: Path, records: Mapping[str, PhotoRecord], parent: Path, *, progress: Progress = lambda _done, _all: True
) -> Collection:
    """Make one in a folder of its own in `parent`; the same again makes no second one. Raises CaptioningError."""
    said = {name: record for name, record in sorted(records.items()) if record.is_done}
    there = {name: record for name, record in said.items() if _is_there(photos / name, record)}
    if len(there) < FEWEST:
        raise CaptioningError(f"Describe at least {FEWEST} photos first; one is kept to see what a model learns from the others.")
    content = repr((str(photos), list(there.items())))
    number = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:8]
    folder = parent / f"captions {photos.name} {number}"
    if not folder.is_dir():
        _write_whole(photos, there, folder, progress)
    return Collection(folder, len(there), len(said) - len(there))


def _is_there(path: Path, record: PhotoRecord) -> bool:
    try:
        return is_file(path) and (record.seen is None or not is_another(path, record.seen))
    except ImageError:
        return False


def _write_whole(photos: Path, records: Mapping[str, PhotoRecord], folder: Path, progress: Progress) -> None:
    """Beside its place first, so that a collection that is there is whole."""
    unfinished = folder.with_name(f"{folder.name} (unfinished)")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        (unfinished / PHOTOS).mkdir(parents=True)
        named: dict[str, PhotoNotes] = {}
        for place, (name, record) in enumerate(records.items(), start=1):
            new = collection_name(photos, name, place)
            _take_photo(photos / name, unfinished / PHOTOS / new)
            questions = tuple(replace(pair, image=new) for pair in record.notes.questions)
            named[new] = replace(record.notes, questions=questions)
            _write_entities(unfinished, new, named[new])
            if not progress(place, len(records)):
                raise StoppedError("Stopped.")
        _write_texts(unfinished, named)
        unfinished.rename(folder)
    except OSError as error:
        raise CaptioningError(f"The collection can't be written to {folder}: {reason_of(error)}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def collection_name(photos: Path, name: str, place: int) -> str:
    """A photo's name in the collection: unlike those of other folders' photos, and with a number that its boxes go by."""
    owner = hashlib.sha256(str(photos).encode("utf-8", "replace")).hexdigest()[:4]
    return f"{owner}-{place:05}_{shortened(PurePosixPath(name).name, LONGEST_NAME)}"


def _take_photo(photo: Path, copy: Path) -> None:
    """A second name of the same file where that can be, which takes no room; else a copy."""
    try:
        os.link(photo, copy)
    except OSError:
        with photo.open("rb") as original, atomic_write(copy) as file:
            shutil.copyfileobj(original, file)


def _write_entities(folder: Path, name: str, notes: PhotoNotes) -> None:
    if not notes.captions or all(thing.box is None for thing in notes.objects):
        return
    try:
        width, height = load_image(folder / PHOTOS / name).size
    except ImageError:
        return  # the check of the collection names it
    for path, content in (
        (sentence_file(folder / ENTITIES, name), marked_captions(notes.captions, notes.objects)),
        (box_file(folder / ENTITIES, name), box_annotation(notes.objects, width=width, height=height)),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, content)


def _write_texts(folder: Path, notes: Mapping[str, PhotoNotes]) -> None:
    """Files that would be empty aren't written, as a reader takes them for damaged ones."""
    for path, head, lines in (
        (QUESTIONS_FILE, "", [text.question_lines(name, said.questions) for name, said in notes.items()]),
        (OBJECTS_FILE, "", [text.object_lines(name, said.objects) for name, said in notes.items()]),
        (text.CAPTIONS_FILE, text.CAPTIONS_HEAD, [text.caption_lines(name, said.captions) for name, said in notes.items()]),
    ):
        if any(lines):
            write_text(folder / path, head + "".join(lines))
