"""Makes a collection beside the window, to be taught or trained on; the button that asked for it stops it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton

from spinvlm_desktop.captioning.desk import Desk
from spinvlm_desktop.captioning.notes.collection_export import Collection, make_collection
from spinvlm_desktop.system.background import Background


class CollectionJob(QObject):
    """One at a time."""

    told = Signal(str)
    failed = Signal(str)
    """Why there is none; nothing where the user stopped it."""

    def __init__(self, desk: Desk, photos: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._photos = desk, photos
        self._background = Background(self)
        self._stopped = False
        self._button: QPushButton | None = None
        self._text = ""

    @property
    def running(self) -> bool:
        return self._button is not None

    def start(self, button: QPushButton, made: Callable[[Collection], None], parent: Path) -> None:
        """Make one of all that was said in a folder of its own in `parent`; where one is being made, stop that."""
        if self.running:
            self.stop()
            return
        self._button, self._text, self._stopped = button, button.text(), False
        button.setText("&Stop")
        records = dict(self._desk.records)

        def make() -> Collection:
            return make_collection(self._photos, records, parent, progress=self._on_photo)

        self._background.do(make, lambda collection: self._on_made(collection, made), self._on_failed)

    def stop(self) -> None:
        """What was made of it is removed."""
        self._stopped = True

    def _on_photo(self, done: int, total: int) -> bool:
        """In the other thread; the signal comes in the window's."""
        if not self._stopped:
            self.told.emit(f"Collecting the photos: {done:,} of {total:,}")
        return not self._stopped

    def _on_made(self, collection: Collection, made: Callable[[Collection], None]) -> None:
        self._end()
        made(collection)

    def _on_failed(self, sentence: str) -> None:
        self._end()
        self.failed.emit("" if self._stopped else sentence)

    def _end(self) -> None:
        if self._button is not None:
            self._button.setText(self._text)
        self._button = None
        self.told.emit("")
