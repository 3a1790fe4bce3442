"""Finds a dataset's photos on disk and refuses names that would lead out of the folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from core.images.image_input import IMAGE_SUFFIXES

KNOWN_FOLDERS = (
    "Images", "images", "Flicker8k_Dataset", "Flickr8k_Dataset", "Flickr8k_Dataset/Flicker8k_Dataset",
    "Flicker8k_Dataset/Flicker8k_Dataset", "flickr30k_images", "Images/Images", "photos", "imgs",
)
SAMPLE = 50
"""Names that are tried in each candidate folder before one is chosen."""


@dataclass(frozen=True)
class ImageFolder:
    """A folder that holds a dataset's photos."""

    path: Path
    _resolved: Path = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_resolved", self.path.resolve())

    def leaves_folder(self, name: str) -> bool:
        """Whether a name is absolute, climbs with `..`, or goes out through a link."""
        windows, posix = PureWindowsPath(name), PurePosixPath(name)
        if windows.drive or windows.root or posix.is_absolute() or ".." in windows.parts or "\0" in name:
            return True
        path = self.path / name
        return path.is_symlink() and not path.resolve().is_relative_to(self._resolved)

    def find(self, name: str) -> Path | None:
        """The photo's path, or None where there is no such file. `name` must not leave the folder."""
        try:
            path = self.path / name
            if not path.is_file():
                return None
            inside = path.parent == self.path or path.resolve().is_relative_to(self._resolved)
            return path if inside else None
        except OSError:  # a name too long for the file system
            return None

    def files(self) -> Iterator[tuple[str, Path]]:
        """Photos directly in the folder, as (name, path)."""
        for path in sorted(self.path.iterdir()):
            if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file() and not self.leaves_folder(path.name):
                yield path.name, path


def find_image_folder(root: Path, names: Collection[str]) -> ImageFolder:
    """The folder under `root` in which most of the named photos lie; `root` itself where none is found."""
    sample = sorted(names)[:: max(1, len(names) // SAMPLE)]
    candidates = [root, *(root / name for name in KNOWN_FOLDERS)]
    candidates += sorted(path for path in root.iterdir() if path.is_dir() and path not in candidates)
    best, most = ImageFolder(root), 0
    for path in candidates:
        if not path.is_dir():
            continue
        folder = ImageFolder(path)
        found = sum(not folder.leaves_folder(name) and folder.find(name) is not None for name in sample)
        if found > most:
            best, most = folder, found
    return best
