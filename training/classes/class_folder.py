"""Photos sorted into folders by class, read and written. What is read is never changed; imports no torch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import DataError, ImageError, reason_of
from core.files.atomic_file import write_bytes
from core.images.image_input import find_images

FEWEST_PHOTOS = 3
"""Of a class: two to learn from while the third is held out."""
ENOUGH_PHOTOS = 15
"""Of a class, from which it is worth judging."""
MOST_PHOTOS = 5000
"""Of all classes together."""
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f/\\:*?"<>|]+')


def read_class_folder(folder: Path) -> dict[str, list[Path]]:
    """Each folder in it that holds photos, also in folders of its own, is a class of its name.

    Raises DataError for one that can't be read or where there aren't two such folders.
    """
    try:
        if not folder.is_dir():
            raise DataError(f"There is no folder {folder}.")
        inside = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        found = {path.name: find_images(path, recursive=True) for path in inside}
    except ImageError as error:
        raise DataError(str(error)) from error
    except OSError as error:
        raise DataError(f"The folder {folder} can't be read: {reason_of(error)}.") from error
    classes = {name: photos for name, photos in found.items() if photos}
    if len(classes) < 2:
        one = f" besides “{next(iter(classes))}”" if classes else ""
        raise DataError(
            f"The folder {folder} holds no two folders with photos{one}; put those of each class in a folder of its name."
        )
    return classes


def check_counts(counts: Mapping[str, int]) -> None:
    """counts: photos of each class that can be used. Raises DataError where there are too few or too many."""
    if len(counts) < 2:
        only = f" “{next(iter(counts))}” is the only one." if counts else ""
        raise DataError(f"A class question needs at least two classes.{only}")
    few = [f"“{name}” has {count}" for name, count in counts.items() if count < FEWEST_PHOTOS]
    if few:
        raise DataError(f"Each class needs at least {FEWEST_PHOTOS} photos that can be used: {_listed(few)}.")
    total = sum(counts.values())
    if total > MOST_PHOTOS:
        raise DataError(f"{total:,} photos are too many: classes are learnt from at most {MOST_PHOTOS:,}.")


def counsel(counts: Mapping[str, int]) -> str:
    """What would help, in a sentence; empty where there are enough photos."""
    few = [f"“{name}”" for name, count in counts.items() if count < ENOUGH_PHOTOS]
    if not few:
        return ""
    who = "every class has" if len(few) == len(counts) else f"{_listed(few)} {'has' if len(few) == 1 else 'have'}"
    return f"{ENOUGH_PHOTOS} photos or more of each class are better; {who} fewer."


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def write_class_folder(classes: Mapping[str, Sequence[Path]], folder: Path) -> int:
    """Copies of the photos, in a folder for each class. Returns how many photos couldn't be read.

    Raises DataError where the folder isn't empty or can't be written.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise DataError(f"The folder {folder} isn't empty; choose one that is.")
        targets = _folder_names(classes)
        for name in classes:
            (folder / targets[name]).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"The folder {folder} can't be written: {reason_of(error)}.") from error
    missing = 0
    for name, photos in classes.items():
        for photo in photos:
            missing += not _copy(photo, folder / targets[name])
    return missing


def _folder_names(classes: Mapping[str, Sequence[Path]]) -> dict[str, str]:
    """A name for each class's folder that every system takes; no two alike."""
    names: dict[str, str] = {}
    for index, name in enumerate(classes):
        plain = _NOT_IN_NAMES.sub("-", name).strip(" .") or f"class {index + 1}"
        taken = {taken.casefold() for taken in names.values()}
        names[name] = plain if plain.casefold() not in taken else f"{plain} {index + 1}"
    return names


def _copy(photo: Path, folder: Path) -> bool:
    """Whether it could be read. Raises DataError where the copy can't be written."""
    try:
        content = photo.read_bytes()
    except OSError:
        return False
    target, number = folder / photo.name, 2
    while target.exists():
        target, number = folder / f"{photo.stem}-{number}{photo.suffix}", number + 1
    try:
        write_bytes(target, content)
    except OSError as error:
        raise DataError(f"{target} can't be written: {reason_of(error)}.") from error
    return True
