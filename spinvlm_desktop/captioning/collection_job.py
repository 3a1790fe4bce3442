"""Makes a collection beside the window, which can stop it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from spinvlm_desktop.captioning.notes.collection_export import Collection, make_collection
from spinvlm_desktop.captioning.notes.photo_record import PhotoRecord
from spinvlm_desktop.system.background import Background


class CollectionJob(QObject):
    """One at a time."""

    progressed = Signal(int, int)
    made = Signal(object)
    """Collection"""
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._stopped = False
        self.running = False

    def start(self, photos: Path, records: Mapping[str, PhotoRecord], parent: Path) -> None:
        self.running, self._stopped = True, False

        def make() -> Collection:
            return make_collection(photos, records, parent, progress=self._on_photo)

        self._background.do(make, self._on_made, self._on_failed)

    def stop(self) -> None:
        """What was made of it is removed."""
        self._stopped = True

    def _on_photo(self, done: int, total: int) -> bool:
        """In the other thread; the signal comes in the window's."""
        if not self._stopped:
            self.progressed.emit(done, total)
        return not self._stopped

    def _on_made(self, made: Collection) -> None:
        self.running = False
        self.made.emit(made)

    def _on_failed(self, sentence: str) -> None:
        self.running = False
        self.failed.emit("" if self._stopped else sentence)
