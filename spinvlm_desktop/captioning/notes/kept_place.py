"""Where what was said of a folder's photos is kept: in a folder of the program's own, or where the user wants to have it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import reason_of
from core.files.atomic_file import write_bytes, write_text
from spinvlm_desktop.captioning.notes.photo_record import CaptioningError
from spinvlm_desktop.system.polled_files import exists, is_file
from training.data.known_objects import OBJECTS_FILE
from training.data.photo_notes.collection_text import CAPTIONS_FILE
from training.data.ready_pairs import FILE_NAME as QUESTIONS_FILE

PHOTOS_FILE, ABOUT_FILE = "photos.jsonl", "collection.json"
NOTES_FILES = (CAPTIONS_FILE, QUESTIONS_FILE, OBJECTS_FILE, PHOTOS_FILE)
VERSION = 1


class PlaceGoneError(CaptioningError):
    """It is kept where the user wanted it, and that isn't there now."""


class KeptPlace:
    """`collection.json` in the program's own folder says where it is, and in the other place that it is there."""

    def __init__(self, home: Path, photos: Path) -> None:
        """home: the program's own folder for these photos, which must be there before anything is asked."""
        self.home, self._photos = home, photos

    def find(self) -> Path:
        """Raises PlaceGoneError, and OSError where it can't be noted down."""
        named = _about(self.home).get("kept_in")
        if isinstance(named, str):
            place = Path(named)
            if not _is_ours(place):
                raise PlaceGoneError(
                    f"What you said of these photos is kept in {place}, which isn't there now; connect its drive and open the "
                    "photos again."
                )
            return place
        # Kept beside the photos it goes with them, to another place or another computer.
        beside = _is_ours(self._photos) and not any(is_file(self.home / name) for name in NOTES_FILES)
        place = self._photos if beside else self.home
        self._note(place)
        return place

    def forget(self) -> None:
        """The program's own folder from now on; what lies elsewhere stays there. Raises OSError."""
        self._note(self.home)

    def move(self, old: Path, new: Path) -> None:
        """Move it to another folder. Whatever goes wrong, it is whole in one of both. Raises CaptioningError."""
        if new == old:
            return
        if not _is_ours(old):
            raise CaptioningError(f"It can't be moved while {old} isn't there.")
        # What lies in the program's own folder while it is kept elsewhere is left over from a move that was cut off.
        wanted = () if new == self.home else (*NOTES_FILES, ABOUT_FILE)
        taken = next((name for name in wanted if exists(new / name)), None)
        if taken is not None:
            raise CaptioningError(f"There is a file {taken} in {new} already; choose another folder.")
        there = exists(new)
        try:
            new.mkdir(parents=True, exist_ok=True)
            for name in NOTES_FILES:
                _copy(old / name, new / name)
            self._note(new)
        except OSError as error:
            _remove(new / name for name in wanted)
            if not there:
                with suppress(OSError):
                    new.rmdir()
            raise CaptioningError(f"It can't be moved to {new}: {reason_of(error)}. It stays in {old}.") from error
        _remove(old / name for name in (NOTES_FILES if old == self.home else (*NOTES_FILES, ABOUT_FILE)))
        if old not in (self.home, self._photos):
            with suppress(OSError):  # something else is in it
                old.rmdir()

    def _note(self, place: Path) -> None:
        about: dict[str, Any] = {"version": VERSION, "photos": str(self._photos)}
        if place != self.home:
            _write(place / ABOUT_FILE, {**about, "photos": "." if place == self._photos else str(self._photos)})
            about["kept_in"] = str(place)
        _write(self.home / ABOUT_FILE, about)


def place_in(chosen: Path, photos: Path) -> Path:
    """Where it goes in a folder that the user chose: one that holds other files gets a folder for it. Raises CaptioningError."""
    try:
        is_free = chosen == photos or not any(chosen.iterdir())
    except OSError as error:
        raise CaptioningError(f"{chosen} can't be read: {reason_of(error)}.") from error
    return chosen if is_free else chosen / f"captions of {photos.name or 'photos'}"


def _copy(source: Path, target: Path) -> None:
    """Raises OSError, also where the copy isn't what was copied. A file that isn't there is none in the copy either."""
    if not exists(source):
        target.unlink(missing_ok=True)
        return
    content = source.read_bytes()
    write_bytes(target, content)
    if target.read_bytes() != content:
        raise OSError(f"the copy of {source.name} isn't the same")


def _remove(files: Iterable[Path]) -> None:
    for path in files:
        with suppress(OSError):
            path.unlink()


def _write(path: Path, about: dict[str, Any]) -> None:
    write_text(path, json.dumps(about, ensure_ascii=True, indent=1) + "\n")


def _about(folder: Path) -> dict[str, Any]:
    """What is said of the collection in a folder; nothing where that isn't one of ours."""
    try:
        content = json.loads((folder / ABOUT_FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) and content.get("version") == VERSION and "photos" in content else {}


def _is_ours(folder: Path) -> bool:
    return bool(_about(folder))
