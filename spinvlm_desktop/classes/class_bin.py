"""One class: its name, its photos, and where more of them can be dropped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QLineEdit, QWidget

from core.classes.class_question import LONGEST_NAME, is_none
from spinvlm_desktop.batch.photo_thumbnails import PhotoThumbnails
from spinvlm_desktop.classes.photo_list import PhotoList
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.widgets.controls import flat_button
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of, row_of
from spinvlm_desktop.widgets.list_action import add_list_action
from training.classes.class_folder import ENOUGH_PHOTOS, FEWEST_PHOTOS
from training.classes.class_project import PhotoClass

PHOTOS = "Photos (*.jpg *.jpeg *.png *.webp *.bmp *.tif *.tiff *.gif *.heic *.heif *.avif);;All files (*)"
WIDTH, HEIGHT = 250, 260
"""Pixels at least, so that bins stand side by side and show a few rows."""


class ClassBin(QFrame):
    """Says what is wanted; the editor does it."""

    renamed = Signal(str, str)
    """Old and new name"""
    removal_wanted = Signal(str)
    files_dropped = Signal(str, object, object)
    """The class, list[Path] of files and folders, and the ClassBin they were dragged from or None"""
    photos_removed = Signal(str, object)
    """The class, list[Path]"""
    photo_opened = Signal(object)

    def __init__(self, thumbnails: PhotoThumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.setAcceptDrops(True)
        self.setMinimumSize(WIDTH, HEIGHT)
        self._name, self._start = "", StartFolder()
        self.field = QLineEdit()
        self.field.setMaxLength(LONGEST_NAME)
        self.field.editingFinished.connect(self._on_edited)
        self.count = sentence_label("Photos of this class", muted=True)
        self.photos = PhotoList("Photos of this class", thumbnails)
        self.photos.photo_opened.connect(self.photo_opened)
        self.photos.set_hint("Drop photos or a folder here")
        add_list_action(self.photos, "Remove from this class", Qt.Key.Key_Delete, self._on_delete)
        self.photos.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        add = flat_button("Add photos…", "Add photos to this class", self._on_add)
        remove = flat_button("Remove class", "Remove this class; its photos stay where they are", self._on_remove)
        column_of(
            self.field, (self.photos, 1), self.count, row_of(add, 1, remove), parent=self, margins=(8, 8, 8, 6), spacing=4
        )

    @property
    def name(self) -> str:
        return self._name

    def show_class(self, shown: PhotoClass) -> None:
        """The class as it is now."""
        self._name = shown.name
        if self.field.text() != shown.name:
            self.field.setText(shown.name)
        self.field.setAccessibleName(f"Name of the class {shown.name}")
        self.field.setToolTip("The class's name; the name of another class makes both one")
        if self.photos.photos() != list(shown.photos):
            self.photos.show_photos(shown.photos)
        self.photos.setAccessibleName(f"Photos of {shown.name}; Delete removes the chosen ones, Enter opens one")
        self.count.setText(count_sentence(shown))

    def _on_edited(self) -> None:
        if self.field.text() != self._name:
            self.renamed.emit(self._name, self.field.text())

    def _on_delete(self) -> None:
        if chosen := self.photos.chosen():
            self.photos_removed.emit(self._name, chosen)

    def _on_remove(self) -> None:
        self.removal_wanted.emit(self._name)

    def _on_add(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, f"Photos of {self._name}", self._start.path(), PHOTOS)
        if names:
            self._start.remember(Path(names[0]))
            self.files_dropped.emit(self._name, list(map(Path, names)), None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self._mark(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._mark(False)
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        source = event.source()
        origin = source.parent() if isinstance(source, PhotoList) else None
        if files:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.files_dropped.emit(self._name, files, origin if isinstance(origin, ClassBin) else None)

    def _mark(self, wanted: bool) -> None:
        self.setProperty("dropping", wanted)
        self.style().unpolish(self)
        self.style().polish(self)


def count_sentence(shown: PhotoClass) -> str:
    """How many photos, and whether they are enough."""
    count = len(shown.photos)
    what = f"{count} photo{'s' * (count != 1)}"
    if is_none(shown.name):
        what += " of other things: photos like them are declined"
    if count < FEWEST_PHOTOS:
        return f"{what}; at least {FEWEST_PHOTOS} are needed."
    return f"{what}; {ENOUGH_PHOTOS} or more are better." if count < ENOUGH_PHOTOS else f"{what}."


def dropped_photos(files: Sequence[Path]) -> list[Path]:
    """Files as they are, and the photos of folders, also those deeper inside. Raises ImageError."""
    from core.images.image_input import find_images

    found: list[Path] = []
    for path in files:
        found.extend(find_images(path, recursive=True) if path.is_dir() else [path])
    return found
