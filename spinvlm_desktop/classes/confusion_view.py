"""What the classes were taken for: a table whose cells hold their photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from core.classes.class_question import ClassSummary, HeldOutPhoto
from core.classes.class_results import confusion, recall
from spinvlm_desktop.answers.certainty_words import chip_text
from spinvlm_desktop.batch.photo_thumbnails import PhotoThumbnails
from spinvlm_desktop.classes.photo_list import SIDE, PhotoList
from spinvlm_desktop.widgets.labels import plain_tip, sentence_label
from spinvlm_desktop.widgets.layouts import column_of
from spinvlm_desktop.widgets.theme import colours

CHOOSE = "Each row is a class, each column what its photos were taken for. Click a cell for its photos; Enter opens one."
ROW_HEIGHT = 30
MOST_ROWS = 9
"""Classes that are seen without scrolling."""
LEAST_TINT, MOST_TINT = 40, 170
"""Opacity of a cell's ground, of 255."""


class ConfusionTable(QTableWidget):
    """Right answers stand on the diagonal, on the accent's ground; wrong ones beside it, on the ground of errors."""

    cell_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What each class was taken for")
        self.setToolTip("Rows: the classes; columns: what their photos were taken for")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setMinimumSectionSize(self.fontMetrics().horizontalAdvance("100%") + 24)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.horizontalHeader().setSectionsClickable(False)
        self.verticalHeader().setSectionsClickable(False)
        self.currentCellChanged.connect(lambda row, column, *_: self.cell_chosen.emit(row, column))

    def show_counts(self, names: Sequence[str], cells: Sequence[Sequence[Sequence[HeldOutPhoto]]]) -> None:
        """names: of the classes; cells: photos by class and by what they were taken for."""
        self.blockSignals(True)
        self.clear()
        self.setRowCount(len(names))
        self.setColumnCount(len(names) + 1)
        self.setHorizontalHeaderLabels([*names, "right"])
        self.setVerticalHeaderLabels(list(names))
        for row, line in enumerate(cells):
            for column, photos in enumerate(line):
                self.setItem(row, column, _cell(len(photos), names[row], names[column]))
            share = recall(line, row)
            item = QTableWidgetItem("" if share is None else f"{share:.0%}")
            item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.setItem(row, len(names), item)
        self.blockSignals(False)
        rows = min(len(names), MOST_ROWS)
        self.setFixedHeight(
            self.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT + self.horizontalScrollBar().sizeHint().height() + 4
        )
        self.paint_grounds()

    def paint_grounds(self) -> None:
        """In the colours in force: the stronger, the more of its class a cell holds."""
        chosen, classes = colours(), self.rowCount()
        for row in range(classes):
            cells = [item for column in range(classes) if (item := self.item(row, column)) is not None]
            counts = [int(item.text() or 0) for item in cells]
            for column, (item, count) in enumerate(zip(cells, counts, strict=True)):
                ground = QColor(chosen.accent if row == column else chosen.error)
                part = count / max(1, sum(counts))
                ground.setAlpha(0 if not count else round(LEAST_TINT + (MOST_TINT - LEAST_TINT) * part * (row == column)))
                item.setBackground(ground)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.rowCount():
            self.paint_grounds()


def _cell(count: int, own: str, said: str) -> QTableWidgetItem:
    item = QTableWidgetItem(str(count) if count else "")
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    words = f"{count} photo{'s' * (count != 1)} of {own}, {'recognised' if own == said else f'taken for {said}'}"
    item.setToolTip(plain_tip(words))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
    return item


class ConfusionView(QWidget):
    """The table, and below it the photos of the cell that is chosen."""

    photo_opened = Signal(object)
    """Path"""

    def __init__(self, thumbnails: PhotoThumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: list[list[list[HeldOutPhoto]]] = []
        self._names: Sequence[str] = ()
        self.table = ConfusionTable()
        self.table.cell_chosen.connect(self._on_cell)
        self.heading = sentence_label("Photos of the chosen cell", CHOOSE, muted=True)
        self.photos = PhotoList("Photos of the chosen cell", thumbnails)
        self.photos.setFixedHeight(SIDE + 30)
        self.photos.setWrapping(False)
        self.photos.photo_opened.connect(self.photo_opened)
        column_of(self.table, self.heading, self.photos, parent=self, margins=())

    def show_summary(self, summary: ClassSummary) -> None:
        """At first with the most frequent mistake, which is what is worth looking at."""
        self._names, self._cells = summary.classes, confusion(summary)
        self.table.show_counts(self._names, self._cells)
        wrong = [
            (len(photos), row, column)
            for row, line in enumerate(self._cells) for column, photos in enumerate(line) if row != column and photos
        ]
        self.photos.show_photos([])
        self.heading.setText(CHOOSE)
        if wrong:
            _, row, column = max(wrong)
            self.table.setCurrentCell(row, column)
            self._on_cell(row, column)

    def _on_cell(self, row: int, column: int) -> None:
        if not (0 <= row < len(self._cells) and 0 <= column < len(self._cells)):
            return
        found = self._cells[row][column]
        said = "recognised" if row == column else f"taken for “{self._names[column]}”"
        self.heading.setText(f"“{self._names[row]}”, {said}: {len(found)}" if found else f"“{self._names[row]}”, {said}: none")
        self.photos.show_photos([Path(photo.path) for photo in found], [_tip(photo) for photo in found])


def _tip(photo: HeldOutPhoto) -> str:
    sure = "" if photo.certainty is None else f"{chip_text(photo.certainty).removesuffix(': perhaps')} ({photo.certainty:.0%})"
    return ", ".join(filter(None, (sure, "" if photo.fits else "unlike every class, so it would be declined")))
