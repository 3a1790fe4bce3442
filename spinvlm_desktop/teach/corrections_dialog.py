"""What the user said of answers, to be seen, deleted, exported and trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QStackedWidget,
    QTableWidgetItem,
    QWidget,
)

from core.errors import SpinVlmError
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.teach.collection import FEWEST_PHOTOS, Lesson, lessons, own_collection, photos_of, write_collection
from spinvlm_desktop.teach.corrections import Correction, Corrections
from spinvlm_desktop.teach.photo_table import PhotoTable
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import error_label, plain_tip, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, row_of

NONE_YET = "Nothing yet. Thumbs up or down beside an answer in the chat says whether it is right."
COLUMNS = ("Photo", "Question", "Model's answer", "Right answer")
RIGHT = COLUMNS.index("Right answer")


class CorrectionsTable(PhotoTable):
    """A row for each correction, the latest first; the right answer can be typed."""

    right_answer_typed = Signal(object, str)
    """A correction, and what would have been right."""

    def __init__(self, corrections: Corrections) -> None:
        super().__init__(COLUMNS, "Corrections; F2 changes the right answer, Delete deletes the chosen ones")
        self._corrections = corrections
        self._rows: Sequence[Correction] = ()
        self.setToolTip("F2 or a double click changes the right answer; Ctrl+click chooses several")
        self.doubleClicked.connect(lambda _index: self._edit_right_answer())
        self.itemChanged.connect(self._on_changed)

    def show_rows(self, rows: Sequence[Correction]) -> None:
        """Replace what is shown; photos come as soon as they are read."""
        self._background.forget()
        self.clearSelection()
        self._rows = ()
        self.setRowCount(len(rows))
        for row, correction in enumerate(rows):
            photo = QTableWidgetItem()
            photo.setData(Qt.ItemDataRole.AccessibleTextRole, correction.photo_name)
            photo.setToolTip(plain_tip(correction.photo_name))
            self._fill_row(row, photo, (correction.question, correction.answer or "none", _right(correction)))
            self._read(photo, correction.photo)
        self._rows = rows

    def _edit_right_answer(self) -> None:
        """Of the current row, whichever its column."""
        if (item := self.item(self.currentRow(), RIGHT)) is not None:
            self.setCurrentItem(item)
            self.editItem(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self._edit_right_answer()
        else:
            super().keyPressEvent(event)

    def _on_changed(self, item: QTableWidgetItem) -> None:
        if self._rows and item.column() == RIGHT:
            self.right_answer_typed.emit(self._rows[item.row()], " ".join(item.text().split()))

    def chosen(self) -> list[Correction]:
        return [self._rows[index.row()] for index in self.selectionModel().selectedRows()]

    def _read(self, item: QTableWidgetItem, photo: str) -> None:
        def show(image: QImage | None) -> None:
            if image is None:
                item.setText("missing")
            else:
                item.setIcon(QIcon(QPixmap.fromImage(image)))

        self._background.do(lambda: self._corrections.thumbnail(photo), show, lambda _sentence: show(None))


class CorrectionsDialog(QDialog):
    """The table, and what can be done with it."""

    changed = Signal()
    training_wanted = Signal(object)
    """Folder of a collection that was made of them."""
    teaching_wanted = Signal()

    def __init__(self, corrections: Corrections, collections: Path, parent: QWidget | None = None) -> None:
        """collections: where those are kept that are trained on."""
        super().__init__(parent)
        self._corrections, self._collections = corrections, collections
        self._lessons: list[Lesson] = []
        self._start = StartFolder()
        self.setWindowTitle("Corrections of answers")
        self.resize(860, 520)
        self.table = CorrectionsTable(corrections)
        none = sentence_label("No corrections", NONE_YET, muted=True)
        none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(none)
        self.summary = sentence_label("What can be learnt from them", muted=True)
        self.problem = error_label("What went wrong")
        self.delete = push_button("&Delete", "Delete the chosen ones, with the copies of their photos (Delete)", self._on_delete)
        self.delete.setShortcut(Qt.Key.Key_Delete)
        self.export = push_button("&Export…", "Write them to a folder, as a collection that can be trained on", self._on_export)
        self.train = push_button("T&rain on them…", "Make a collection of them and show it in the Train tab", self._on_train)
        self.teach = push_button("&Teach…", "Teach them to the model in use, in minutes", self._on_teach, primary=True)
        close = push_button("Close", "Close this window", self.reject)
        for button in (self.delete, self.export, self.train, self.teach, close):
            button.setAutoDefault(False)  # Enter, after an answer is typed, presses none of them
        buttons = row_of(self.delete, self.export, self.train, self.teach, 1, close)
        column_of((self._pages, 1), self.summary, self.problem, buttons, parent=self)
        self.table.itemSelectionChanged.connect(self._on_selection)
        # Not while the field is still being closed: the rows are replaced.
        self.table.right_answer_typed.connect(self._on_typed, Qt.ConnectionType.QueuedConnection)
        self.refresh()

    def refresh(self) -> None:
        """Show what is kept now."""
        rows, self._lessons, problem = [], [], None
        try:
            rows, self._lessons = self._corrections.all()[::-1], lessons(self._corrections)
        except SpinVlmError as error:
            problem = str(error)
        self.table.show_rows(rows)
        self._pages.setCurrentIndex(0 if rows else 1)
        self.summary.setText(_summary(rows, self._lessons))
        show_or_hide(self.problem, problem)
        self.export.setEnabled(bool(self._lessons))
        self.train.setEnabled(len(photos_of(self._lessons)) >= FEWEST_PHOTOS)
        count = len(self._lessons)
        self.teach.setText(f"&Teach ({count:,} correction{'s' * (count != 1)})…")
        self.teach.setEnabled(count > 0)
        self._on_selection()

    def _on_selection(self) -> None:
        self.delete.setEnabled(bool(self.table.chosen()))

    def _on_typed(self, correction: Correction, text: str) -> None:
        self._change(lambda: self._corrections.amend(correction, text))

    def _on_delete(self) -> None:
        for correction in self.table.chosen():
            self._change(lambda correction=correction: self._corrections.delete(correction))

    def _change(self, change: Callable[[], None]) -> None:
        """Change what is kept, and show how it is then; where that fails, why."""
        problem = None
        try:
            change()
        except SpinVlmError as error:
            problem = str(error)
        self.refresh()
        if problem is not None:
            show_or_hide(self.problem, problem)
        self.changed.emit()

    def _on_export(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "An empty folder for the collection", self._start.path())
        if not chosen:
            return
        self._start.remember(Path(chosen))
        try:
            write_collection(self._lessons, Path(chosen))
        except SpinVlmError as error:
            show_or_hide(self.problem, str(error))
            return
        show_or_hide(self.problem, None)
        self.summary.setText(f"Written to {chosen}: {_counted(self._lessons)}.")

    def _on_teach(self) -> None:
        self.accept()
        self.teaching_wanted.emit()

    def _on_train(self) -> None:
        try:
            folder = own_collection(self._lessons, self._collections)
        except SpinVlmError as error:
            show_or_hide(self.problem, str(error))
            return
        self.accept()
        self.training_wanted.emit(folder)


def _right(correction: Correction) -> str:
    return "the same" if correction.was_right else correction.right_answer or "not known yet"


def _counted(made: Sequence[Lesson]) -> str:
    photos = len(photos_of(made))
    return f"{len(made)} question{'s' * (len(made) != 1)} about {photos} photo{'s' * (photos != 1)}"


def _summary(rows: Sequence[Correction], made: Sequence[Lesson]) -> str:
    """What they are good for."""
    if not rows:
        return ""
    if len(photos_of(made)) < FEWEST_PHOTOS:
        return f"They can be trained on as soon as right answers about {FEWEST_PHOTOS} photos are known."
    return f"A model can learn the right answers to {_counted(made)}. What was trained on keeps its own copy."
