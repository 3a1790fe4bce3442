"""The collection on the disk: captions.txt, questions.jsonl and objects.jsonl beside a list of the photos.

It lies in a folder of the program's own unless the user wants it elsewhere. One window writes it at a time.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from core.errors import reason_of
from spinvlm_desktop.captioning.notes.kept_place import PHOTOS_FILE, KeptPlace, PlaceGoneError
from spinvlm_desktop.captioning.notes.merged_file import MergedFile
from spinvlm_desktop.captioning.notes.photo_record import CaptioningError, PhotoRecord, SeenFile
from training.data.json_lines import read_json_lines
from training.data.known_objects import OBJECTS_FILE
from training.data.photo_notes import collection_text as text
from training.data.photo_notes.notes import PhotoNotes
from training.data.ready_pairs import FILE_NAME as QUESTIONS_FILE

LOCK_FILE = "captioning.lock"
Value = TypeVar("Value")
PhotoState = tuple[str, bool, SeenFile | None]
"""Draft, whether it was skipped, and its file when it was seen."""


@dataclass(frozen=True)
class Saved:
    """What came of a writing."""

    changed: Mapping[str, PhotoRecord]
    """Photos of which another program has said something meanwhile, as they are now."""
    told: Sequence[str]
    """Sentences for the user."""


class NotesStore:
    """Of the photos of one folder. Every call may come from another thread."""

    def __init__(self, parent: Path, photos: Path) -> None:
        """parent: of all such collections; photos: the folder that is captioned."""
        self.photos = photos.absolute()
        number = hashlib.sha256(str(self.photos).encode("utf-8", "replace")).hexdigest()[:8]
        self.home = parent / f"{self.photos.name or 'photos'} {number}"
        """The program's own folder for it."""
        self.folder = self.home
        """Where it is kept, once it is open."""
        self.place_is_gone = False
        """Whether it couldn't be opened because it is kept on a drive that isn't there."""
        self._place = KeptPlace(self.home, self.photos)
        self._lock = FileLock(self.home / LOCK_FILE, thread_local=False)
        self._turn = threading.Lock()
        self._outside: set[str] = set()
        """Photos of which another program has said something that nobody was told yet, as the writing failed."""
        self._captions = MergedFile[tuple[str, ...]](
            self.folder / text.CAPTIONS_FILE, empty=(), read=text.read_captions, lines=text.caption_lines, both=_union,
            head=text.CAPTIONS_HEAD,
        )
        self._questions = MergedFile(
            self.folder / QUESTIONS_FILE, empty=(), read=text.read_questions, lines=text.question_lines, both=_union
        )
        self._objects = MergedFile(
            self.folder / OBJECTS_FILE, empty=(), read=text.read_objects, lines=text.object_lines, both=_union
        )
        self._states = MergedFile[PhotoState](
            self.folder / PHOTOS_FILE, empty=("", False, None), read=_read_states, lines=_state_lines, both=lambda ours, _: ours
        )

    def open(self) -> tuple[dict[str, PhotoRecord], Sequence[str]]:
        """All that is kept, which no other window changes until `close`, and sentences for the user. Raises CaptioningError."""
        with self._turn, self._errors("The captions in {} can't be kept"):
            self.home.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            try:
                self._use(self._find_place())
                told = [sentence for part in self._parts for sentence in [self._take_over(part)] if sentence]
            except BaseException:
                self._lock.release()
                raise
            return {name: self._record(name) for name in self._names()}, told

    def save(self, changes: Mapping[str, PhotoRecord]) -> Saved:
        """Write what has changed; what other programs wrote meanwhile is kept too. Raises CaptioningError: nothing is lost then,
        and the same changes can be saved again."""
        with self._turn, self._errors("The captions can't be written to {}; they are kept in this window until they can be"):
            told: list[str] = []
            records = changes.items()
            self._outside |= self._captions.save({name: record.notes.captions for name, record in records}, told)
            self._outside |= self._questions.save({name: record.notes.questions for name, record in records}, told)
            self._outside |= self._objects.save({name: record.notes.objects for name, record in records}, told)
            states = {name: (record.draft, record.skipped, record.seen) for name, record in records}
            self._outside |= self._states.save(states, told)
            outside, self._outside = self._outside, set()
            return Saved({name: self._record(name) for name in outside}, told)

    def move_to(self, folder: Path) -> None:
        """Keep it there from now on. Raises CaptioningError; it stays where it is then."""
        with self._turn, self._errors("It can't be moved from {}"):
            self._place.move(self.folder, folder)
            self._use(folder)

    def forget_place(self) -> None:
        """Keep it in the program's own folder again; what lies elsewhere stays there. Raises CaptioningError."""
        with self._errors("The captions in {} can't be kept"):
            self._place.forget()

    def close(self) -> None:
        """Another window may have it."""
        with self._turn:
            self._lock.release()

    @property
    def _parts(self) -> tuple[MergedFile[Any], ...]:
        return self._captions, self._questions, self._objects, self._states

    def _find_place(self) -> Path:
        try:
            return self._place.find()
        except PlaceGoneError:
            self.place_is_gone = True
            raise

    def _use(self, folder: Path) -> None:
        self.folder = folder
        for part in self._parts:
            part.path = folder / part.path.name

    def _take_over(self, part: MergedFile[Value]) -> str:
        theirs, told = part.look()
        part.take(theirs)
        return told

    def _names(self) -> list[str]:
        return list(dict.fromkeys(chain.from_iterable(part.known for part in self._parts)))

    def _record(self, name: str) -> PhotoRecord:
        draft, skipped, seen = self._states.value(name)
        notes = PhotoNotes(self._captions.value(name), self._questions.value(name), self._objects.value(name))
        return PhotoRecord(notes, draft, skipped, seen)

    @contextmanager
    def _errors(self, sentence: str) -> Iterator[None]:
        try:
            yield
        except Timeout as error:
            raise CaptioningError("These photos are captioned in another window now; go on there, or close it first.") from error
        except OSError as error:
            raise CaptioningError(f"{sentence.format(self.folder)}: {reason_of(error)}.") from error


def _union(ours: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))


def _read_states(path: Path) -> dict[str, PhotoState]:
    found: dict[str, PhotoState] = {}
    for _, values in read_json_lines(path):
        name, draft = values.get("image"), values.get("draft", "")
        if isinstance(name, str) and isinstance(draft, str):
            found[name] = draft, values.get("skipped") is True, SeenFile.from_dict(values.get("file"))
    return found


def _state_lines(name: str, state: PhotoState) -> str:
    draft, skipped, seen = state
    values: dict[str, Any] = {"image": name}
    if draft:
        values["draft"] = draft
    if skipped:
        values["skipped"] = True
    if seen is not None:
        values["file"] = seen.to_dict()
    return json.dumps(values, ensure_ascii=True) + "\n" if len(values) > 1 else ""
