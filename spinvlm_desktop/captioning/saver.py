"""Writes what has changed after each pause, beside the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from spinvlm_desktop.captioning.desk import Desk
from spinvlm_desktop.captioning.notes.notes_store import NotesStore, Saved
from spinvlm_desktop.captioning.notes.photo_record import CaptioningError, PhotoRecord
from spinvlm_desktop.system.background import Background

PAUSE_MS = 400
AGAIN_MS = 5000
"""After a writing that failed."""


class Saver(QObject):
    """One writing at a time."""

    saved = Signal(object)
    """Saved"""
    failed = Signal(str)

    def __init__(self, store: NotesStore, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._desk = store, desk
        self._writing: dict[str, PhotoRecord] | None = None
        self._background = Background(self)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._save)

    def note_change(self) -> None:
        """Something has changed, and more may follow."""
        self._timer.start(PAUSE_MS)

    def finish(self) -> None:
        """Write what is left, at once, and give the collection back. Raises CaptioningError where it can't be written."""
        self._timer.stop()
        self._background.forget()
        changes = {**(self._writing or {}), **self._desk.take_changes()}
        self._writing = None
        try:
            if changes:
                self._store.save(changes)  # after the one that is under way
        except CaptioningError:
            self._desk.give_back(changes)
            self._timer.start(AGAIN_MS)
            raise
        self._store.close()

    def _save(self) -> None:
        if self._writing is not None:
            self._timer.start(PAUSE_MS)
            return
        changes = self._desk.take_changes()
        if changes:
            self._writing = changes
            self._background.do(lambda: self._store.save(changes), self._on_saved, self._on_failed)

    def _on_saved(self, saved: Saved) -> None:
        self._writing = None
        self._desk.hear(saved.changed)
        self.saved.emit(saved)

    def _on_failed(self, sentence: str) -> None:
        self._desk.give_back(self._writing or ())
        self._writing = None
        self._timer.start(AGAIN_MS)
        self.failed.emit(sentence)
