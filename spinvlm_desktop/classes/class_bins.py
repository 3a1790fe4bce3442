"""All bins side by side, kept as the project is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.batch.photo_thumbnails import PhotoThumbnails
from spinvlm_desktop.classes.class_bin import ClassBin, dropped_photos
from spinvlm_desktop.classes.class_editor import ClassEditor
from spinvlm_desktop.system.background import Background
from spinvlm_desktop.widgets.flow_layout import FlowLayout


class ClassBins(QWidget):
    """A bin stays the same widget as long as its class is in the same place, so that the focus stays too."""

    photo_opened = Signal(object)
    """Path"""

    def __init__(self, editor: ClassEditor, thumbnails: PhotoThumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor, self._thumbnails = editor, thumbnails
        self._background = Background(self)
        self._row = FlowLayout(self, spacing=10)
        self._bins: list[ClassBin] = []
        editor.changed.connect(self.refresh)
        self.refresh()

    @property
    def bins(self) -> tuple[ClassBin, ...]:
        return tuple(self._bins)

    def refresh(self) -> None:
        """Show the classes as they are now."""
        classes = self._editor.project.classes
        while len(self._bins) > len(classes):
            gone = self._bins.pop()
            self._row.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self._bins) < len(classes):
            self._bins.append(self._make_bin())
            self._row.addWidget(self._bins[-1])
        for shown, each in zip(self._bins, classes, strict=True):
            shown.show_class(each)
        self.updateGeometry()

    def _make_bin(self) -> ClassBin:
        made = ClassBin(self._thumbnails)
        made.renamed.connect(self._editor.rename)
        made.removal_wanted.connect(self._editor.remove_class)
        made.photos_removed.connect(self._editor.remove_photos)
        made.files_dropped.connect(self._on_dropped)
        made.photo_opened.connect(self.photo_opened)
        return made

    def _on_dropped(self, name: str, files: list[Path], origin: ClassBin | None) -> None:
        """Folders may hold thousands of photos on a slow disk: they are looked through beside the window."""
        if origin is not None:
            self._editor.move_photos(origin.name, name, files)
            return

        def add(photos: list[Path]) -> None:
            if not photos:
                self._editor.problem.emit("There are no photos in what was dropped.")
            elif name in self._editor.project.photos:
                self._editor.add_photos(name, photos)

        def read() -> list[Path]:
            try:
                return dropped_photos(files)
            except OSError as error:
                raise SpinVlmError(f"What was dropped can't be read: {error.strerror}.") from error

        self._background.do(read, add, self._editor.problem.emit)
