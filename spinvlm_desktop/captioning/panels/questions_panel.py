"""Questions about the photo on show, and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTableWidget, QTableWidgetItem, QWidget

from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import plain_tip
from spinvlm_desktop.widgets.layouts import column_of, row_of
from training.data.photo_notes.notes import clean_text
from training.data.qa_pair import QaPair, kind_of

COLUMNS = ("Question", "Answer")
MOST_ROWS = 5
"""Seen at once."""


class QuestionsPanel(QWidget):
    """A row for each; new ones are typed below."""

    changed = Signal(object)
    """tuple[QaPair, ...]: all questions of the photo as they are to be"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photo = ""
        self._pairs: tuple[QaPair, ...] = ()
        self.table = _QuestionTable()
        self.table.delete_wanted.connect(self._on_delete)
        self.table.itemChanged.connect(self._on_edited)
        self.question = _line("Your own question", "Which flag is up?", "Enter goes on to its answer")
        self.answer = _line("Its answer", "red", "Enter adds the question and its answer")
        self.question.returnPressed.connect(self.answer.setFocus)
        self.answer.returnPressed.connect(self._on_add)
        add = push_button("A&dd", "Add the question and its answer (Enter)", self._on_add)
        add.setAutoDefault(False)
        column_of(self.table, row_of((self.question, 3), (self.answer, 2), add), parent=self, margins=())
        self.show_questions("", ())

    def show_questions(self, photo: str, pairs: Sequence[QaPair]) -> None:
        """Those of a photo. What was typed stays while the photo does."""
        if photo != self._photo:
            self.question.clear()
            self.answer.clear()
        self._photo, self._pairs = photo, ()
        self.table.setRowCount(len(pairs))
        for row, pair in enumerate(pairs):
            for column, text in enumerate((pair.question, pair.answer)):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self.table.setItem(row, column, item)
        self._pairs = tuple(pairs)
        self.table.fit_rows()
        self.table.setVisible(bool(pairs))

    def _on_add(self) -> None:
        question, answer = clean_text(self.question.text()), clean_text(self.answer.text())
        if not question or not answer:
            (self.answer if question else self.question).setFocus()
            return
        self.question.clear()
        self.answer.clear()
        self.question.setFocus()
        self.changed.emit((*self._pairs, QaPair(self._photo, question, answer, kind_of(question, answer))))

    def _on_edited(self, item: QTableWidgetItem) -> None:
        row = item.row()
        if row >= len(self._pairs):
            return  # it is being filled
        text, before = clean_text(item.text()), self._pairs[row]
        if not text:
            item.setText(before.answer if item.column() else before.question)
            return
        edited = replace(before, answer=text, answers=()) if item.column() else replace(before, question=text)
        edited = replace(edited, kind=kind_of(edited.question, edited.answer))
        if edited != before:
            self.changed.emit((*self._pairs[:row], edited, *self._pairs[row + 1 :]))

    def _on_delete(self, rows: list[int]) -> None:
        self.changed.emit(tuple(pair for row, pair in enumerate(self._pairs) if row not in rows))


class _QuestionTable(QTableWidget):
    """F2 changes a cell, Delete takes rows out."""

    delete_wanted = Signal(object)
    """list[int]"""

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self.setHorizontalHeaderLabels(list(COLUMNS))
        self.setAccessibleName("Questions and answers; F2 changes one, Delete takes it out")
        self.setToolTip("F2 or a double click changes a question or an answer, Delete takes it out")
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 12)

    def fit_rows(self) -> None:
        """As high as its rows, up to some; more are scrolled."""
        rows = min(MOST_ROWS, self.rowCount()) * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows + 2 * self.frameWidth() + 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit([index.row() for index in self.selectionModel().selectedRows()])
        else:
            super().keyPressEvent(event)


def _line(name: str, example: str, tip: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    line.setPlaceholderText(example)
    line.setToolTip(tip)
    return line
