"""Where what is said of the photos is kept: shows it, and moves it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu

from core.errors import SpinVlmError
from spinvlm_desktop.captioning.notes.kept_place import place_in
from spinvlm_desktop.captioning.notes.notes_store import NotesStore
from spinvlm_desktop.system.background import Background
from spinvlm_desktop.widgets.controls import open_folder


class PlaceMenu(QObject):
    """Entries of a menu; files are moved beside the window."""

    told = Signal(str)
    failed = Signal(str)

    def __init__(self, menu: QMenu, store: NotesStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._menu, self._store = menu, store
        self._background = Background(self)
        self.elsewhere = menu.addAction("&Keep the captions in another folder…")
        self.elsewhere.triggered.connect(lambda: self._choose())
        self.beside = menu.addAction("Keep them &beside the photos")
        self.beside.triggered.connect(lambda: self.move_to(store.photos))
        self.home = menu.addAction("Keep them in the &program's folder")
        self.home.triggered.connect(lambda: self.move_to(store.home))
        menu.addAction("&Show where they are kept").triggered.connect(lambda: open_folder(store.folder))
        menu.aboutToShow.connect(self._on_about_to_show)

    def move_to(self, folder: Path) -> None:
        """Move it there; `told` or `failed` says what came of it."""
        self._background.do(lambda: self._store.move_to(folder), lambda _: self._on_moved(folder), self.failed.emit)

    def close(self) -> None:
        """Tell no more."""
        self._background.forget()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._menu, "Folder to keep the captions in", str(self._store.folder.parent))
        if not chosen:
            return
        try:
            self.move_to(place_in(Path(chosen).absolute(), self._store.photos))
        except SpinVlmError as error:
            self.failed.emit(str(error))

    def _on_moved(self, folder: Path) -> None:
        self.failed.emit("")
        self.told.emit(f"What you say of these photos is kept in {folder} from now on.")

    def _on_about_to_show(self) -> None:
        self.beside.setEnabled(self._store.folder != self._store.photos)
        self.home.setEnabled(self._store.folder != self._store.home)
