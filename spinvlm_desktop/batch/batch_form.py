"""The fields of a batch: folder and question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFileDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from core.errors import ImageError
from core.images.image_input import find_images
from spinvlm_desktop.batch.batch_request import photos_in_words
from spinvlm_desktop.batch.photo_result import printable
from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION
from spinvlm_desktop.system.start_folder import usual_folder
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label, wrapping_form
from spinvlm_desktop.widgets.layouts import row_of

NO_FOLDER = "Drop a folder here, or choose one."


class BatchForm(QWidget):
    """Counts the photos as soon as a folder is named."""

    folder_changed = Signal()
    question_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.images: tuple[Path, ...] = ()
        self.complaint: str | None = None
        """Why the folder can't be used."""
        form = wrapping_form(self)
        form.setContentsMargins(0, 0, 0, 0)
        _add(form, "&Folder", self._folder_row(), field=self._folder)
        self._count = QLabel(NO_FOLDER)
        self._count.setProperty("muted", True)
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setAccessibleName("Photos found")
        self.recursive = QCheckBox("Folders &within it too")
        self.recursive.setToolTip("Take the photos of all folders within the folder as well")
        self.recursive.setAccessibleName("Folders within it too")
        self.recursive.toggled.connect(lambda _: self._look())
        form.addRow("", row_of((self._count, 1), self.recursive))
        self.question = QLineEdit(DEFAULT_QUESTION)
        self.question.setToolTip("Asked about every photo")
        self.question.setAccessibleName("Question")
        self.question.editingFinished.connect(self.question_changed)
        form.addRow("&Question", self.question)
        self._settings = sentence_label("How it is answered", muted=True)
        self._settings.setToolTip("As the chat has it: the model, SPIN on or off, and how words are chosen")
        form.addRow("Answered by", self._settings)

    def _folder_row(self) -> QHBoxLayout:
        self._folder = QLineEdit()
        self._folder.setPlaceholderText("Folder of photos")
        self._folder.setToolTip("Folder of the photos to ask about")
        self._folder.setAccessibleName("Folder of photos")
        self._folder.editingFinished.connect(self._on_folder_typed)
        return _row(self._folder, "Choose a folder of photos", self._on_folder_wanted)

    def set_folder(self, folder: Path) -> None:
        """Take the photos of this folder."""
        self.folder = folder
        self._folder.setText(printable(folder))
        self._folder.setModified(False)
        self._look()

    def show_settings(self, words: str) -> None:
        """How the photos are answered, for the user to read."""
        self._settings.setText(words)

    def missing(self) -> str | None:
        """What is missing or wrong before the question can be asked, as a sentence."""
        if self.folder is None:
            return "Choose a folder of photos first."
        if self.complaint:
            return self.complaint
        return None if self.text() else "Type a question first."

    def text(self) -> str:
        """The question."""
        return self.question.text().strip()

    def _look(self) -> None:
        if self.folder is None:
            return
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            self.images = tuple(find_images(self.folder, recursive=self.recursive.isChecked()))
            self.complaint = None if self.images else f"There are no photos in {printable(self.folder)}."
        except ImageError as error:
            self.images, self.complaint = (), str(error)
        finally:
            QGuiApplication.restoreOverrideCursor()
        self._count.setText(photos_in_words(len(self.images)) if self.images else "No photos")
        self.folder_changed.emit()

    def _on_folder_typed(self) -> None:
        text = self._folder.text().strip()
        if text and self._folder.isModified():
            self.set_folder(Path(text).expanduser())

    def _on_folder_wanted(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Choose a folder of photos", str(self.folder or usual_folder("pictures")))
        if name:
            self.set_folder(Path(name))


def _add(form: QFormLayout, text: str, row: QHBoxLayout, *, field: QWidget) -> None:
    """A row of the form, whose label leads to the field."""
    label = QLabel(text)
    label.setBuddy(field)
    form.addRow(label, row)


def _row(field: QLineEdit, tip: str, slot: Callable[[], object]) -> QHBoxLayout:
    button = push_button("Choose…", tip, slot)
    button.setAccessibleName(tip)
    button.setAutoDefault(False)
    return row_of((field, 1), button)
