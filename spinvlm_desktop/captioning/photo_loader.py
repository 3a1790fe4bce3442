"""Reads photos before they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from spinvlm_desktop.captioning.notes.folder_photos import look_at, why_unreadable
from spinvlm_desktop.captioning.notes.photo_record import CaptioningError, SeenFile
from spinvlm_desktop.image.opened_image import OpenedImage, open_image
from spinvlm_desktop.system.background import Background


@dataclass(frozen=True)
class LoadedPhoto:
    """Ready to be shown, or why it can't be."""

    name: str
    opened: OpenedImage | None
    seen: SeenFile | None
    wrong: str = ""


class PhotoLoader(QObject):
    """Keeps those that were wanted last; a photo that is read ahead is shown at once."""

    loaded = Signal(object)
    """LoadedPhoto"""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self._kept: dict[str, LoadedPhoto] = {}
        self._reading: set[str] = set()
        self._wanted: Sequence[str] = ()
        self._background = Background(self)

    def want(self, names: Sequence[str]) -> None:
        """These and no others, the first one first. What couldn't be read is tried again: its drive may be back."""
        self._wanted = tuple(names)
        self._kept = {name: photo for name, photo in self._kept.items() if name in names and photo.opened is not None}
        self._read_next()

    def get(self, name: str) -> LoadedPhoto | None:
        """None while it is being read."""
        return self._kept.get(name)

    def forget(self, name: str) -> None:
        """It is to be read again, as its file may be another one."""
        self._kept.pop(name, None)

    def close(self) -> None:
        self._background.forget()

    def _read_next(self) -> None:
        name = next((name for name in self._wanted if name not in self._kept and name not in self._reading), None)
        if name is None or len(self._reading) > 1:
            return
        self._reading.add(name)
        self._background.do(
            lambda: _load(self.folder, name), self._on_loaded,
            lambda sentence: self._on_loaded(LoadedPhoto(name, None, None, sentence)),
        )

    def _on_loaded(self, photo: LoadedPhoto) -> None:
        self._reading.discard(photo.name)
        if photo.name in self._wanted:
            self._kept[photo.name] = photo
            self.loaded.emit(photo)
        self._read_next()


def _load(folder: Path, name: str) -> LoadedPhoto:
    path = folder / name
    try:
        opened = open_image(path)
    except Exception as error:
        if not path.exists():
            raise CaptioningError(why_unreadable(folder, str(error))) from error
        raise
    return LoadedPhoto(name, opened, look_at(path, opened.content_hash))
