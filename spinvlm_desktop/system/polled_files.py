"""Looks at files that may go at any moment, or can't be looked at: what the system refuses to show isn't there."""

from __future__ import annotations

from pathlib import Path

from core.images.image_input import IMAGE_SUFFIXES


def is_file(path: Path) -> bool:
    """Whether there is such a file; also False where its folder can't be read or its name is too long."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """The same of a folder."""
    try:
        return path.is_dir()
    except OSError:
        return False


def holds_photos(folder: Path) -> bool:
    """Whether a folder, or one directly in it, has a file with a photo's ending. Ends with the first that is found."""
    try:
        entries = list(folder.iterdir())
        return any(_is_photo(path) for path in entries) or any(
            _is_photo(path) for inner in entries if inner.is_dir() for path in inner.iterdir()
        )
    except OSError:
        return False


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


def exists(path: Path) -> bool:
    """The same of anything."""
    return changed_ns(path) is not None


def changed_ns(path: Path) -> int | None:
    """When it was changed last, in nanoseconds since the epoch; None where it isn't there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def last_bytes(path: Path, most: int) -> bytes:
    """A file's end; nothing where it can't be read."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - most))
            return file.read()
    except OSError:
        return b""
