"""The fields of a batch: folder, question and output file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFileDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from core.errors import ImageError
from core.images.image_input import find_images
from spinvlm_desktop.answers.answer_files import SUFFIXES
from spinvlm_desktop.batch.batch_request import default_output, photos_in_words, printable, with_suffix
from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION
from spinvlm_desktop.system.start_folder import usual_folder
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label, wrapping_form
from spinvlm_desktop.widgets.layouts import row_of

FILE_KINDS = "Table for spreadsheets (*.csv);;JSON, a line per photo (*.jsonl)"
NO_FOLDER = "Drop a folder here, or choose one."


class BatchForm(QWidget):
    """Counts the photos as soon as a folder is named."""

    folder_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.images: tuple[Path, ...] = ()
        self.complaint: str | None = None
        """Why the folder can't be used."""
        self._output_chosen = False
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
        form.addRow("&Question", self.question)
        self._settings = sentence_label("How it is answered", muted=True)
        self._settings.setToolTip("As the chat has it: the model, SPIN on or off, and how words are chosen")
        form.addRow("Answered by", self._settings)
        _add(form, "Save &as", self._output_row(), field=self.output_field)

    def _folder_row(self) -> QHBoxLayout:
        self._folder = QLineEdit()
        self._folder.setPlaceholderText("Folder of photos")
        self._folder.setToolTip("Folder of the photos to ask about")
        self._folder.setAccessibleName("Folder of photos")
        self._folder.editingFinished.connect(self._on_folder_typed)
        return _row(self._folder, "Choose a folder of photos", self._on_folder_wanted)

    def _output_row(self) -> QHBoxLayout:
        self.output_field = QLineEdit()
        self.output_field.setPlaceholderText("File ending in .csv or .jsonl")
        self.output_field.setToolTip("Answers are written here as they come: .csv for spreadsheets, .jsonl for programs")
        self.output_field.setAccessibleName("File for the answers")
        self.output_field.textEdited.connect(self._on_output_typed)
        return _row(self.output_field, "Choose the file for the answers", self._on_output_wanted)

    def set_folder(self, folder: Path) -> None:
        """Take the photos of this folder, and suggest a file for the answers unless one was chosen."""
        self.folder = folder
        self._folder.setText(printable(folder))
        self._folder.setModified(False)
        if not self._output_chosen and folder.is_dir():
            self.output_field.setText(printable(default_output(folder)))
        self._look()

    def show_settings(self, words: str) -> None:
        """How the photos are answered, for the user to read."""
        self._settings.setText(words)

    def output(self) -> Path | None:
        """File for the answers; None where none is named."""
        text = self.output_field.text().strip()
        return with_suffix(Path(text).expanduser()) if text else None

    def missing(self) -> str | None:
        """What is missing or wrong before the question can be asked, as a sentence."""
        output = self.output()
        if self.folder is None:
            return "Choose a folder of photos first."
        if self.complaint:
            return self.complaint
        if not self.question.text().strip():
            return "Type a question first."
        if output is None:
            return "Name a file for the answers first."
        if output.suffix.lower() not in SUFFIXES:
            return f"The file for the answers must end in .csv or .jsonl, and {printable(Path(output.name))} doesn't."
        return f"{printable(output)} is a folder; name a file." if output.is_dir() else None

    def set_output(self, path: Path) -> None:
        self._output_chosen = True
        self.output_field.setText(str(path))

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

    def _on_output_typed(self, text: str) -> None:
        self._output_chosen = bool(text.strip())

    def _on_output_wanted(self) -> None:
        start = self.output_field.text() or str(usual_folder("documents") / "answers.csv")
        # Asking about an existing file is left to the start, which asks for typed names as well.
        name, kind = QFileDialog.getSaveFileName(
            self, "Save answers as", start, FILE_KINDS, options=QFileDialog.Option.DontConfirmOverwrite
        )
        if name:
            path = Path(name)
            self.set_output(path if path.suffix else path.with_name(path.name + (".jsonl" if "jsonl" in kind else ".csv")))


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
