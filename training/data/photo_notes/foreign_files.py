"""What other programs' files say of photos, and such files made of what was said here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from core.errors import DataError
from training.data.json_lines import read_json_lines
from training.data.known_objects import OBJECTS_FILE
from training.data.photo_notes.coco_files import Size, coco_captions, coco_instances, read_coco
from training.data.photo_notes.collection_text import read_captions, read_objects, read_questions
from training.data.photo_notes.labelme_files import labelme_name, labelme_text, read_labelme
from training.data.photo_notes.name_index import NameIndex
from training.data.photo_notes.notes import PhotoNotes
from training.data.photo_notes.vqa_pairs_files import read_vqa_pair, vqa_files
from training.data.text_file import read_text

QUESTIONS, ANNOTATIONS = "questions", "annotations"
COCO_CAPTIONS, COCO_INSTANCES = "captions_photos.json", "instances_photos.json"
VQA_QUESTIONS, VQA_ANNOTATIONS = "vqa_photos_questions.json", "vqa_photos_annotations.json"


@dataclass(frozen=True)
class Foreign:
    """What was read."""

    notes: dict[str, PhotoNotes]
    """By the photos that are there."""
    astray: int
    """Entries about photos that aren't there, or that can't be used."""


def read_foreign(path: Path, names: Iterable[str]) -> Foreign:
    """A file of labelme's, COCO's, VQA's or of a collection; of a folder, all labelme files in it and in those within.

    names: of the photos that are there. Raises DataError with a sentence where it is none of these.
    """
    photos = NameIndex(names)
    if path.is_dir():
        return _read_folder(path, photos)
    if path.suffix.lower() == ".jsonl" and path.name != "captions.jsonl":
        return _read_lines(path, photos)
    if path.suffix.lower() != ".json":
        return _by_photo({name: PhotoNotes(captions) for name, captions in read_captions(path).items()}, photos)
    values = _content(path)
    if "shapes" in values:
        return _read_shapes(path, values, photos)
    if QUESTIONS in values or any("question_id" in entry for entry in _some(values.get(ANNOTATIONS))):
        return Foreign(*read_vqa_pair(*_both_vqa_files(path, values), photos))
    if "images" in values and ANNOTATIONS in values:
        return Foreign(*read_coco(values, photos))
    return _by_photo({name: PhotoNotes(captions) for name, captions in read_captions(path).items()}, photos)


def labelme_texts(
    notes: Mapping[str, PhotoNotes], sizes: Mapping[str, Size], path_of: Callable[[str, str], str]
) -> dict[str, str]:
    """Names and contents of labelme's files. path_of: takes a photo's name and its file's, and gives the photo's path."""
    found: dict[str, str] = {}
    for name, said in notes.items():
        if name in sizes and any(thing.box is not None for thing in said.objects):
            file, (width, height) = labelme_name(name, set(found)), sizes[name]
            found[file] = labelme_text(path_of(name, file), said.objects, width=width, height=height)
    return found


def coco_texts(notes: Mapping[str, PhotoNotes], sizes: Mapping[str, Size]) -> dict[str, str]:
    """Names and contents of COCO's and VQA's files. sizes: of the photos that have boxes."""
    questions, annotations = vqa_files(notes)
    contents = {
        COCO_CAPTIONS: coco_captions(notes, sizes), COCO_INSTANCES: coco_instances(notes, sizes), VQA_QUESTIONS: questions,
        VQA_ANNOTATIONS: annotations,
    }
    return {name: json.dumps(content, ensure_ascii=False, indent=1) + "\n" for name, content in contents.items()}


def _read_folder(folder: Path, photos: NameIndex) -> Foreign:
    notes: dict[str, PhotoNotes] = {}
    astray = files = 0
    for path in sorted(folder.rglob("*.json")):
        try:
            values = _content(path)
        except DataError:
            continue
        if "shapes" not in values:
            continue
        files += 1
        found = _read_shapes(path, values, photos)
        notes.update(found.notes)
        astray += found.astray
    if not files:
        raise DataError(f"There are no labelme files in {folder}.")
    return Foreign(notes, astray)


def _read_shapes(path: Path, values: Mapping[str, Any], photos: NameIndex) -> Foreign:
    try:
        image, objects = read_labelme(values)
    except DataError as error:
        raise DataError(f"{path.name} can't be used: {error}.") from error
    name = photos.find(image)
    return Foreign({}, 1) if name is None else Foreign({name: PhotoNotes(objects=objects)} if objects else {}, 0)


def _read_lines(path: Path, photos: NameIndex) -> Foreign:
    keys = next((values.keys() for _, values in read_json_lines(path)), set[str]())
    if "question" in keys:
        asked = read_questions(path)
        return _by_photo({name: PhotoNotes(questions=pairs) for name, pairs in asked.items()}, photos)
    if "objects" in keys or path.name == OBJECTS_FILE:
        return _by_photo({name: PhotoNotes(objects=objects) for name, objects in read_objects(path).items()}, photos)
    return _by_photo({name: PhotoNotes(captions) for name, captions in read_captions(path).items()}, photos)


def _by_photo(given: Mapping[str, PhotoNotes], photos: NameIndex) -> Foreign:
    """By the names of the photos that are there."""
    found: dict[str, PhotoNotes] = {}
    for name, said in given.items():
        if (photo := photos.find(name)) is not None:
            found[photo] = replace(said, questions=tuple(replace(pair, image=photo) for pair in said.questions))
    return Foreign(found, len(given) - len(found))


def _both_vqa_files(path: Path, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Questions and annotations, of which one was chosen; the other has the same name but for that word."""
    is_questions = QUESTIONS in values
    mine, other = (QUESTIONS, ANNOTATIONS) if is_questions else (ANNOTATIONS, QUESTIONS)
    beside = [file for file in path.parent.glob(f"*{other}*.json") if file.name.replace(other, mine) == path.name]
    # VQA v2's own two files differ in more than that word: "OpenEnded" stands in one only.
    beside += sorted(file for file in path.parent.glob(f"*{other}.json") if file not in beside)
    if not beside:
        raise DataError(f"The file with the {other} that belong to {path.name} isn't beside it.")
    found = _content(beside[0])
    return (values, found) if is_questions else (found, values)


def _content(path: Path) -> dict[str, Any]:
    try:
        values: Any = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path.name} holds no JSON.") from error
    return cast(dict[str, Any], values) if isinstance(values, dict) else {}


def _some(values: Any) -> list[dict[str, Any]]:
    return [entry for entry in cast(list[Any], values)[:1] if isinstance(entry, dict)] if isinstance(values, list) else []
