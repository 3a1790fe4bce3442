"""The photos of a folder, by the names that their collection gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.images.image_input import content_hash, find_images
from spinvlm_desktop.captioning.notes.photo_record import CaptioningError, PhotoRecord, SeenFile
from spinvlm_desktop.system.polled_files import is_folder
from training.data.photo_notes.notes import can_be_named


@dataclass(frozen=True)
class FolderPhotos:
    """What is there."""

    names: tuple[str, ...]
    left_out: int
    """Photos whose names no captions file can hold."""
    replaced: frozenset[str]
    """Photos that were described before, but are other photos now."""


def find_photos(folder: Path, records: Mapping[str, PhotoRecord]) -> FolderPhotos:
    """Of the folder and of those within it. Raises CaptioningError or ImageError."""
    found = [path.relative_to(folder).as_posix() for path in find_images(folder, recursive=True)]
    names = tuple(name for name in found if can_be_named(name))
    if not names:
        raise CaptioningError(f"There are no photos in {folder}.")
    replaced = frozenset(
        name for name in names
        if (record := records.get(name)) is not None and record.seen is not None and is_another(folder / name, record.seen)
    )
    return FolderPhotos(names, len(found) - len(names), replaced)


def look_at(path: Path, hashed: str) -> SeenFile | None:
    """hashed: of its content. None where it has gone meanwhile."""
    try:
        state = path.stat()
    except OSError:
        return None
    return SeenFile(state.st_size, state.st_mtime_ns, hashed)


def is_another(path: Path, seen: SeenFile) -> bool:
    """Whether the file holds another photo than the one that was seen. Raises ImageError where it can't be read."""
    try:
        state = path.stat()
    except OSError:
        return False  # gone, which whoever opens it is told
    if (state.st_size, state.st_mtime_ns) == (seen.size, seen.changed_ns):
        return False
    return content_hash(path) != seen.content_hash


def why_unreadable(folder: Path, sentence: str) -> str:
    """Why a photo can't be opened: the whole folder may be gone. sentence: of the photo alone."""
    if is_folder(folder):
        return sentence
    return f"The folder {folder} is gone. What you said is kept; connect the drive again, or go on later."


def in_words(found: FolderPhotos) -> list[str]:
    """What the user should know of the photos."""
    told: list[str] = []
    if found.left_out:
        photos = "1 photo is" if found.left_out == 1 else f"{found.left_out:,} photos are"
        told.append(f"{photos} left out, because a captions file can't hold their names.")
    if found.replaced:
        photos = "1 photo was" if len(found.replaced) == 1 else f"{len(found.replaced):,} photos were"
        told.append(f"{photos} replaced by another one since you described it, and comes first.")
    return told
