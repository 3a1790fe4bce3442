"""The photos of a folder and their answers as a table."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from spinvlm_desktop.batch.result_gallery import answer_editor
from spinvlm_desktop.batch.result_model import ERROR_ROLE
from spinvlm_desktop.widgets.theme import colours

PADDING = 12
NAME_LETTERS, WIDEST = 12, "Certainty"
"""Of a photo's name, at first; of the column of certainties."""


class ErrorDelegate(QStyledItemDelegate):
    """Draws errors in their colour; asks for the colour at each painting, so that a change of theme is followed."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /) -> None:
        super().initStyleOption(option, index)
        if index.data(ERROR_ROLE):
            palette: QPalette = option.palette  # type: ignore[attr-defined]  # the stubs leave it out
            palette.setColor(QPalette.ColorRole.Text, QColor(colours().error))
            option.palette = palette  # type: ignore[attr-defined]

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        return answer_editor(parent)


class ResultTable(QTableView):
    """A click on a column's title sorts by it; F2 or a second click on an answer corrects it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Answers")
        self.setAccessibleDescription("Enter opens a photo in the chat, F2 corrects its answer")
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setItemDelegate(ErrorDelegate(self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        titles = self.horizontalHeader()
        titles.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        titles.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        titles.setHighlightSections(False)

    def fit_columns(self) -> None:
        """The answer takes what the others leave."""
        titles = self.horizontalHeader()
        titles.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self._fit_font()

    def _fit_font(self) -> None:
        metrics = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(metrics.height() + PADDING)
        self.setColumnWidth(0, NAME_LETTERS * metrics.averageCharWidth() + PADDING)
        self.setColumnWidth(2, metrics.horizontalAdvance(WIDEST) + 3 * PADDING)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_font()
